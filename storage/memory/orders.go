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
	row := x.tables.orders.get(x.tx, id.UUID)
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
	if id := x.tables.numbers.get(x.tx, number); id != nil {
		return x.Get(ctx, *id)
	}
	return order.Order{}, fmt.Errorf("%w: number %q", order.ErrNotFound, number)
}

// Save stores an order at its version.
func (x orders) Save(ctx context.Context, o order.Order) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	prev := x.tables.orders.get(x.tx, o.ID.UUID)
	if err := x.admit(&o, prev); err != nil {
		return err
	}
	x.index(prev, &o)
	x.tables.orders.put(x.tx, o.ID.UUID, x.tenant.row(o, prev))
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
	if o.Number != "" && x.tables.numbers.get(x.tx, o.Number) != nil {
		return fmt.Errorf("%w: number %q", order.ErrExists, o.Number)
	}
	return nil
}

// index brings the indexes from prev, which may be nil, to o.
func (x orders) index(prev *orderRow, o *order.Order) {
	var number, customer, state string
	if prev != nil {
		number, customer, state = prev.Number, prev.Customer, string(prev.State)
	}
	if number != o.Number {
		if number != "" {
			x.tables.numbers.drop(x.tx, number)
		}
		if o.Number != "" {
			x.tables.numbers.put(x.tx, o.Number, o.ID)
		}
	}
	relink(x.tx, x.tables.customers, customer, o.Customer, o.ID.UUID)
	relink(x.tx, x.tables.states, state, string(o.State), o.ID.UUID)
}
