package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// rmas is returns.Repository in a transaction.
type rmas struct{ *tx }

// Get reads a return.
func (x rmas) Get(ctx context.Context, id returns.ID) (returns.Return, error) {
	if err := x.reading(ctx); err != nil {
		return returns.Return{}, err
	}
	row := x.tables.returns.get(x.tx, id.UUID)
	if row == nil {
		return returns.Return{}, fmt.Errorf("%w: %s", returns.ErrNotFound, id)
	}
	return row.Clone(), nil
}

// OfOrder reads the returns of an order, oldest first.
func (x rmas) OfOrder(ctx context.Context, id order.ID) ([]returns.Return, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	return readAll(x.tx, owned(x.tx, x.tables.orderReturns, id.UUID), x.tables.returns, cloneReturn), nil
}

func cloneReturn(r *returns.Return) returns.Return { return r.Clone() }

// Page reads the returns that a filter selects, newest first.
func (x rmas) Page(ctx context.Context, f returns.Filter) ([]returns.Return, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	limit, err := pageSize(f.Limit, returns.MaxPage)
	if err != nil {
		return nil, err
	}
	q := query[returns.Return]{x: x.tx, rows: x.tables.returns, after: f.After.UUID, limit: limit, match: func(r *returns.Return) bool {
		return (f.Customer == "" || f.Customer == r.Customer) && (len(f.States) == 0 || slices.Contains(f.States, r.State))
	}}
	switch {
	case f.Customer != "":
		by(&q, x.tables.customerReturns, f.Customer)
	case len(f.States) > 0:
		by(&q, x.tables.returnsIn, f.States...)
	}
	return readAll(x.tx, q.run(), x.tables.returns, cloneReturn), nil
}

// Save stores a return at its version.
func (x rmas) Save(ctx context.Context, r returns.Return) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	var was returns.Return
	if prev := x.tables.returns.get(x.tx, r.ID.UUID); prev != nil {
		was = *prev
	}
	if r.Version != was.Version+1 {
		return storage.Stale(fmt.Errorf("%w: %s is at version %d, not %d", returns.ErrStale, r.ID, was.Version, r.Version-1))
	}
	row := r.Clone()
	row.CreatedAt, row.UpdatedAt, row.ClosedAt = utc(r.CreatedAt), utc(r.UpdatedAt), utc(r.ClosedAt)
	x.tables.returns.put(x.tx, r.ID.UUID, row)
	reown(x.tx, x.tables.orderReturns, was.Order.UUID, r.Order.UUID, r.ID.UUID)
	relink(x.tx, x.tables.customerReturns, was.Customer, r.Customer, r.ID.UUID)
	relink(x.tx, x.tables.returnsIn, string(was.State), string(r.State), r.ID.UUID)
	return nil
}
