package storagetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// Bench measures what an adapter is asked to do most, so that adapters can be compared:
//
//   - place: one transaction as placing an order runs it: read a key and stock, reserve
//     three items, add an order of three lines, two events and the key;
//   - reserve: one transaction that reserves one unit;
//   - get: one order by its id;
//   - page100: a page of 100 orders of a customer, among 1,000 orders.
//
// Each runs on a store of its own.
func Bench(b *testing.B, open func(testing.TB) storage.Store) {
	b.Helper()
	for _, work := range []struct {
		name string
		run  func(*shelf) error
	}{{"place", (*shelf).place}, {"reserve", (*shelf).reserve}, {"get", (*shelf).get}, {"page100", (*shelf).page}} {
		b.Run(work.name, func(b *testing.B) {
			s := newShelf(b, open(b))
			b.ReportAllocs()
			for b.Loop() {
				if err := work.run(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// shelf is a store with stock and orders to measure.
type shelf struct {
	maker

	ctx    context.Context //nolint:containedctx // that of the benchmark
	store  storage.Store
	orders []order.Order
}

var shelfItems = []string{"cap", "mug", "tee"}

func newShelf(b *testing.B, store storage.Store) *shelf {
	b.Helper()
	s := &shelf{ctx: b.Context(), store: store, maker: maker{rand: newRand(defaultSeed, 0)}}
	for range 1000 {
		o := s.order(shelfItems...)
		o.Customer = fmt.Sprint("c-", len(s.orders)%5)
		s.orders = append(s.orders, o)
	}
	require.NoError(b, store.Update(s.ctx, home, func(ctx context.Context, tx storage.Tx) error {
		if err := tx.Stock().PutLocation(ctx, location("ber")); err != nil {
			return err
		}
		opening := s.move()
		for _, id := range shelfItems {
			if err := tx.Stock().PutItem(ctx, item(id)); err != nil {
				return err
			}
			opening.Posting.Movements = append(opening.Posting.Movements, in(id, "ber", inventory.MaxQty))
		}
		if err := tx.Stock().Apply(ctx, opening); err != nil {
			return err
		}
		for _, o := range s.orders {
			if err := tx.Orders().Save(ctx, o); err != nil {
				return err
			}
		}
		return nil
	}))
	return s
}

func (s *shelf) place() error {
	o := s.order(shelfItems...)
	m, placed, reserved := s.meta(1), s.event("order/"+o.ID.String(), "order.placed"), s.event("order/"+o.ID.String(), "order.allocated")
	return s.store.Update(s.ctx, home, func(ctx context.Context, tx storage.Tx) error {
		if _, taken, err := tx.Commands().Find(ctx, o.Number); err != nil || taken {
			return fmt.Errorf("key %s: taken %t: %w", o.Number, taken, err)
		}
		snap, err := tx.Stock().Load(ctx, inventory.Need{Items: shelfItems, Owner: o.Number, Now: m.Now})
		if err != nil {
			return err
		}
		holds := make([]inventory.Hold, len(o.Lines))
		for i, l := range o.Lines {
			holds[i] = inventory.Hold{Owner: o.Number, Line: l.No, Item: l.Item, Location: "ber", Qty: 1}
		}
		changes, err := inventory.Reserve(snap, holds, o.Number, m)
		if err != nil {
			return err
		}
		if err := tx.Stock().Apply(ctx, changes); err != nil {
			return err
		}
		if err := tx.Orders().Save(ctx, o); err != nil {
			return err
		}
		if err := tx.Events().Append(ctx, []storage.Event{placed, reserved}); err != nil {
			return err
		}
		return tx.Commands().Put(ctx, storage.Command{Key: o.Number, Name: "orders.place", Result: o.ID.String(), At: m.Now})
	})
}

func (s *shelf) reserve() error {
	m := s.meta(1)
	return s.store.Update(s.ctx, home, func(ctx context.Context, tx storage.Tx) error {
		return hold(ctx, tx, fmt.Sprint("cart-", s.made), "tee", "ber", m)
	})
}

func (s *shelf) get() error {
	id := pick(&s.maker, s.orders...).ID
	return s.store.View(s.ctx, home, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.Orders().Get(ctx, id)
		return err
	})
}

func (s *shelf) page() error {
	return s.store.View(s.ctx, home, func(ctx context.Context, tx storage.Tx) error {
		page, err := tx.Orders().Page(ctx, order.Filter{Customer: "c-1", Limit: 100})
		if err == nil && len(page) != 100 {
			err = fmt.Errorf("a page of %d orders", len(page))
		}
		return err
	})
}
