package memory

import (
	"context"
	"time"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// tx is a transaction. A writable one owns its set of tables, though not yet the trees
// in it; see [tree.own].
type tx struct {
	tenant   *tenant // nil unless writable
	tables   *tables
	mark     uint64
	writable bool
	done     bool
}

func (x *tx) Orders() order.Repository             { return orders{x} }
func (x *tx) Stock() inventory.Repository          { return stock{x} }
func (x *tx) Fulfillments() fulfillment.Repository { return fulfillments{x} }
func (x *tx) Returns() returns.Repository          { return rmas{x} }
func (x *tx) Events() storage.Events               { return events{x} }
func (x *tx) Commands() storage.Commands           { return commands{x} }

func (x *tx) close() { x.done = true }

// stamp makes every tree one that has to be copied before it is changed.
func (x *tx) stamp() {
	x.tenant.mark++
	x.mark = x.tenant.mark
}

// reading refuses what can no longer be read.
func (x *tx) reading(ctx context.Context) error {
	if x.done {
		return storage.ErrDone
	}
	return ctx.Err()
}

// writing refuses what cannot be written.
func (x *tx) writing(ctx context.Context) error {
	if err := x.reading(ctx); err != nil {
		return err
	}
	if !x.writable {
		return storage.ErrReadOnly
	}
	return nil
}

// Savepoint keeps the set of tables as it is and goes back to it if fn fails.
func (x *tx) Savepoint(ctx context.Context, fn func(context.Context) error) error {
	if err := x.reading(ctx); err != nil {
		return err
	}
	if !x.writable {
		return fn(ctx)
	}
	before, kept := *x.tables, false
	x.stamp()
	defer func() {
		if !kept { // also when fn panics and someone above recovers
			*x.tables = before
			x.stamp()
		}
	}()
	if err := fn(ctx); err != nil {
		return err
	}
	kept = true
	return nil
}

// utc is a time as it is kept.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
