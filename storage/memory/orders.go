package memory

import (
	"context"
	"fmt"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// orders is order.Repository in a transaction.
type orders struct{ *tx }

// Get reads an order.
func (x orders) Get(ctx context.Context, id order.ID) (order.Order, error) {
	if err := x.reading(ctx); err != nil {
		return order.Order{}, err
	}
	row := x.tables.orders.get(id.UUID)
	if row == nil {
		return order.Order{}, fmt.Errorf("%w: %s", order.ErrNotFound, id)
	}
	return row.order(), nil
}

// ByNumber reads the order with a number.
func (x orders) ByNumber(ctx context.Context, number string) (order.Order, error) {
	if err := x.reading(ctx); err != nil {
		return order.Order{}, err
	}
	if id, ok := x.numbered(number); ok {
		return x.Get(ctx, id)
	}
	return order.Order{}, fmt.Errorf("%w: number %q", order.ErrNotFound, number)
}

func (x orders) numbered(number string) (order.ID, bool) {
	id, ok := linked(&x.tables.numbers, number)
	return order.ID{UUID: id}, ok
}

// Save stores an order at its version.
func (x orders) Save(ctx context.Context, o order.Order) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	prev := x.tables.orders.get(o.ID.UUID)
	if err := x.admit(&o, prev); err != nil {
		return err
	}
	row := x.tenant.row(o, prev)
	x.tables.orders.put(x.tx, o.ID.UUID, row)
	x.index(prev, row)
	return nil
}

// admit checks version and number of an order that is to replace prev.
func (x orders) admit(o *order.Order, prev *orderRow) error {
	switch {
	case prev == nil && o.Version != 1:
		return storage.Stale(&order.StaleError{Order: o.ID, Want: o.Version - 1})
	case prev != nil && o.Version == 1:
		return fmt.Errorf("%w: id %s", order.ErrExists, o.ID)
	case prev != nil && o.Version != prev.Version+1:
		return storage.Stale(&order.StaleError{Order: o.ID, Want: o.Version - 1, Actual: prev.Version})
	case prev != nil && o.Number == prev.Number:
		return nil
	}
	if _, taken := x.numbered(o.Number); taken {
		return fmt.Errorf("%w: number %q", order.ErrExists, o.Number)
	}
	return nil
}

// index brings the indexes from prev, which may be nil, to row.
func (x orders) index(prev, row *orderRow) {
	var was orderRow
	if prev != nil {
		was = *prev
	}
	id := row.ID.UUID
	relink(x.tx, &x.tables.numbers, was.Number, row.Number, id)
	relink(x.tx, &x.tables.customers, was.Customer, row.Customer, id)
	relink(x.tx, &x.tables.states, string(was.State), string(row.State), id)
}
