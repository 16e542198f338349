package inventory

import (
	"slices"
	"strings"
)

// Compare orders keys by item, location, lot: the order in which rows are locked.
func (k Key) Compare(o Key) int { return k.compare(&o) }

func (k *Key) compare(o *Key) int {
	if c := strings.Compare(k.Item, o.Item); c != 0 {
		return c
	}
	if c := strings.Compare(k.Location, o.Location); c != 0 {
		return c
	}
	return strings.Compare(k.Lot, o.Lot)
}

func deltas(to []Delta, movements []Movement) []Delta {
	start := len(to)
	for i := range movements {
		m := &movements[i]
		to = addDelta(to, start, m, &m.From, -m.Qty)
		to = addDelta(to, start, m, &m.To, m.Qty)
	}
	out := to[start:]
	for i := 1; i < len(out); i++ {
		if out[i-1].compare(&out[i].Key) >= 0 {
			return to[:start+merge(out)]
		}
	}
	return to
}

// merge sorts deltas, adds up those of the same row, and tells how many are left.
func merge(out []Delta) int {
	slices.SortStableFunc(out, func(a, b Delta) int { return a.compare(&b.Key) })
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
	return len(merged)
}

// addDelta appends what a movement changes at one of its ends, or adds it to the delta
// before it, from start on, if that is of the same row.
func addDelta(to []Delta, start int, m *Movement, a *Account, by int64) []Delta {
	if !a.State.AtLocation() {
		return to
	}
	key := Key{Item: m.Item, Lot: m.Lot, Location: a.Location}
	if n := len(to); n == start || to[n-1].Key != key {
		to = append(to, Delta{Key: key})
	}
	to[len(to)-1].By[a.State-1] += by
	return to
}
