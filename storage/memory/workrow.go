package memory

import (
	"slices"
	"unique"

	"github.com/orderkit/oms/fulfillment"
)

// workRow is a fulfillment order as it is kept: its lines, which are many, are packed.
type workRow struct {
	fulfillment.Order // without lines
	items             []unique.Handle[string]
	counts            counts // of each line: its number and its counters
}

// work copies a fulfillment order in. Prev is the row that it replaces, or nil.
func (t *tenant) work(o fulfillment.Order, prev *workRow) workRow {
	r := workRow{Order: o}
	r.Lines = nil
	r.CreatedAt, r.UpdatedAt = utc(o.CreatedAt), utc(o.UpdatedAt)
	if prev != nil && prev.shares(o.Lines) {
		r.items = prev.items
	} else {
		r.items = make([]unique.Handle[string], len(o.Lines))
		for i := range o.Lines {
			r.items[i] = unique.Make(o.Lines[i].Item)
		}
	}
	packed := t.scratch[:0]
	for i := range o.Lines {
		packed = packed.add(int64(o.Lines[i].Line))
		for _, n := range workCounters(&o.Lines[i]) {
			packed = packed.add(*n)
		}
	}
	r.counts, t.scratch = slices.Clone(packed), packed
	return r
}

// shares tells whether lines have the items of the row.
func (r *workRow) shares(lines []fulfillment.Line) bool {
	return slices.EqualFunc(r.items, lines, func(item unique.Handle[string], l fulfillment.Line) bool {
		return item.Value() == l.Item
	})
}

// order copies the fulfillment order out.
func (r *workRow) order() fulfillment.Order {
	o := r.Order
	o.Lines = make([]fulfillment.Line, len(r.items))
	rest := r.counts
	for i, item := range r.items {
		l := &o.Lines[i]
		var no int64
		no, rest = rest.next()
		l.Line, l.Item = int(no), item.Value()
		for _, n := range workCounters(l) {
			*n, rest = rest.next()
		}
	}
	return o
}

// workCounters lists the counters of a line in the order in which they are packed.
func workCounters(l *fulfillment.Line) [6]*int64 {
	return [...]*int64{&l.Qty, &l.Picked, &l.Packed, &l.Shipped, &l.Short, &l.Cancelled}
}
