package inventory

import (
	"slices"
	"strings"
)

// Compare orders keys by item, location, lot: the order in which rows are locked.
func (k Key) Compare(o Key) int {
	if c := strings.Compare(k.Item, o.Item); c != 0 {
		return c
	}
	if c := strings.Compare(k.Location, o.Location); c != 0 {
		return c
	}
	return strings.Compare(k.Lot, o.Lot)
}

func deltas(movements []Movement) []Delta {
	out := make([]Delta, 0, len(movements)) // most movements stay within one row
	for i := range movements {
		m := &movements[i]
		out = addDelta(out, m, m.From, -m.Qty)
		out = addDelta(out, m, m.To, m.Qty)
	}
	slices.SortStableFunc(out, func(a, b Delta) int { return a.Compare(b.Key) })
	merged := out[:0]
	for _, d := range out {
		if n := len(merged); n > 0 && merged[n-1].Key == d.Key {
			for i, by := range d.By {
				merged[n-1].By[i] += by
			}
			continue
		}
		merged = append(merged, d)
	}
	return merged
}

// addDelta appends what a movement changes at one of its ends, or adds it to the delta
// before it if that is of the same row.
func addDelta(to []Delta, m *Movement, a Account, by int64) []Delta {
	if !a.State.AtLocation() {
		return to
	}
	key := Key{Item: m.Item, Lot: m.Lot, Location: a.Location}
	if n := len(to); n == 0 || to[n-1].Key != key {
		to = append(to, Delta{Key: key})
	}
	to[len(to)-1].By[a.State-1] += by
	return to
}
