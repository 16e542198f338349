package memory

import (
	"context"
	"slices"
	"time"
	"unique"

	"github.com/orderkit/oms/order"
)

// Page reads the orders that a filter selects, newest first.
func (x orders) Page(ctx context.Context, f order.Filter) ([]order.Order, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	limit, err := pageSize(f.Limit, order.MaxPage)
	if err != nil {
		return nil, err
	}
	item := unique.Make(f.Item)
	q := query[orderRow]{
		x: x.tx, rows: x.tables.orders,
		match: func(r *orderRow) bool { return r.matches(&f) && (f.Item == "" || r.sells(item)) },
		after: f.After.UUID,
		limit: limit,
	}
	switch {
	case f.Customer != "":
		by(&q, x.tables.customers, f.Customer)
	case len(f.States) > 0:
		by(&q, x.tables.states, f.States...)
	}
	return readAll(x.tx, q.run(), x.tables.orders, (*orderRow).order), nil
}

// matches tells whether a filter selects the row, apart from its item and its place.
func (r *orderRow) matches(f *order.Filter) bool {
	return (len(f.States) == 0 || slices.Contains(f.States, r.State)) &&
		(f.Customer == "" || f.Customer == r.Customer) &&
		(f.Channel == "" || f.Channel == r.Channel) &&
		(f.Payment == "" || f.Payment == r.facets.Payment) &&
		(f.Fulfillment == "" || f.Fulfillment == r.facets.Fulfillment) &&
		(f.Return == "" || f.Return == r.facets.Return) &&
		(!f.OnHold || r.facets.OnHold) &&
		within(r.PlacedAt, f.PlacedFrom, f.PlacedTo) && within(r.PayBy, time.Time{}, f.PayBefore)
}

// within tells whether t is at or after from and before to, where those are set. Only
// a time that is set can be.
func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || !t.IsZero() && t.Before(to))
}

func (r *orderRow) sells(item unique.Handle[string]) bool {
	return slices.ContainsFunc(r.lines, func(l line) bool { return l.item == item })
}
