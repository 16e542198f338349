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

// tx is a transaction.
type tx struct {
	tenant *tenant
	tables *tables
	state  // as this transaction sees it

	writable bool
	done     bool
	log      []record // what it wrote, in order
}

// record is a write: undone if its transaction fails, and otherwise settled when
// nobody reads what was there before.
type record interface {
	undo()
	settle(oldest int64)
}

func (x *tx) Orders() order.Repository             { return orders{x} }
func (x *tx) Stock() inventory.Repository          { return stock{x} }
func (x *tx) Fulfillments() fulfillment.Repository { return fulfillments{x} }
func (x *tx) Returns() returns.Repository          { return rmas{x} }
func (x *tx) Events() storage.Events               { return eventLog{x} }
func (x *tx) Commands() storage.Commands           { return commands{x} }
func (x *tx) Deliveries() storage.Deliveries       { return deliveries{x} }
func (x *tx) Documents() storage.Documents         { return documents{x} }

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

// undo takes back the writes after the first n, the last one first.
func (x *tx) undo(n int) {
	for i := len(x.log) - 1; i >= n; i-- {
		x.log[i].undo()
	}
	clear(x.log[n:])
	x.log = x.log[:n]
}

// Savepoint undoes what fn wrote if fn fails.
func (x *tx) Savepoint(ctx context.Context, fn func(context.Context) error) error {
	if err := x.reading(ctx); err != nil {
		return err
	}
	before, n, kept := x.state, len(x.log), false
	defer func() {
		if !kept { // also when fn panics and someone above recovers
			x.undo(n)
			x.postings, x.movements, x.events = before.postings, before.movements, before.events
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
