package inventory

import (
	"cmp"
	"slices"
)

// Compare orders keys by item, location, lot: the order in which rows are locked.
func (k Key) Compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Item, o.Item), cmp.Compare(k.Location, o.Location), cmp.Compare(k.Lot, o.Lot))
}

func deltas(movements []Movement) []Delta {
	out := make([]Delta, 0, len(movements))
	add := func(m *Movement, a Account, by int64) {
		if !a.State.AtLocation() {
			return
		}
		out = append(out, Delta{Key: Key{Item: m.Item, Lot: m.Lot, Location: a.Location}})
		out[len(out)-1].By[a.State-1] = by
	}
	for i := range movements {
		m := &movements[i]
		add(m, m.From, -m.Qty)
		add(m, m.To, m.Qty)
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
