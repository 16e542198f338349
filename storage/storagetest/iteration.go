package storagetest

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

var iterations = []rule{
	{
		name: "iterate/break", run: iterateBreak,
		text: "Any iterator may be left early, and run again from the start; the transaction goes on.",
	},
	{
		name: "iterate/write", run: iterateWrite,
		text: "The body of an iteration may read and write through the same Tx: nothing is held while it runs, each element comes once.",
	},
	{
		name: "iterate/within", run: iterateWithin,
		text: "Iterations of one transaction may run inside each other.",
	},
	{
		name: "iterate/error", run: iterateError,
		text: "An iterator yields an error at most once, as the last thing, and ends with its context.",
	},
	{
		name: "iterate/long", run: iterateLong,
		text: "Iterators go through thousands of elements, in order and each once.",
	},
}

// iterators are all that a transaction has, each yielding nothing but its errors.
func (s shop) iterators(ctx context.Context, tx storage.Tx) map[string]iter.Seq[error] {
	stock := tx.Stock()
	return map[string]iter.Seq[error]{
		"ListItems":        errorsOf(stock.ListItems(ctx)),
		"ListLocations":    errorsOf(stock.ListLocations(ctx)),
		"ListBalances":     errorsOf(stock.ListBalances(ctx)),
		"ListPostings":     errorsOf(stock.ListPostings(ctx, inventory.PostingFilter{})),
		"ListMovements":    errorsOf(stock.ListMovements(ctx, inventory.MovementFilter{Item: "tee"})),
		"ListReservations": errorsOf(stock.ListReservations(ctx, inventory.ReservationFilter{})),
		"Of":               errorsOf(tx.Events().Of(ctx, s.events[0].Aggregate)),
		"order.Pages":      errorsOf(allOrders(ctx, tx, 1)),
	}
}

func errorsOf[T any](seq iter.Seq2[T, error]) iter.Seq[error] {
	return func(yield func(error) bool) {
		for _, err := range seq {
			if !yield(err) {
				return
			}
		}
	}
}

func count(seq iter.Seq[error]) int {
	return len(slices.Collect(seq))
}

// leave breaks out of an iteration at its first element.
func leave(seq iter.Seq[error]) { seq(func(error) bool { return false }) }

func iterateBreak(c *check) {
	s, _ := c.openShop()
	c.update(func(u unit) {
		for range 3 {
			for name, seq := range s.iterators(u.ctx, u.Tx) {
				for err := range seq {
					require.NoError(c, err, name)
					break
				}
				u.order(s.orders[0].ID)
				n := count(seq)
				require.Positive(c, n, name)
				require.Equal(c, n, count(seq), "%s, run again", name)
			}
		}
		s.change(u)
		for _, seq := range s.iterators(u.ctx, u.Tx) {
			leave(seq)
		}
	})
	c.view(func(u unit) {
		for _, seq := range s.iterators(u.ctx, u.Tx) {
			leave(seq)
		}
		c.count(3, len(u.look().Orders), "orders")
	})
}

func iterateWrite(c *check) {
	s, before := c.openShop()
	c.update(func(u unit) {
		written := 0
		for name, seq := range s.iterators(u.ctx, u.Tx) {
			want := count(seq)
			n := 0
			for err := range seq {
				require.NoError(c, err, name)
				n++
				written++
				u.put(storage.Command{Key: fmt.Sprint("written-", written)})
				u.saveReturn(c.blind())
				_, found, err := u.Commands().Find(u.ctx, fmt.Sprint("written-", written))
				u.ok(err)
				require.True(c, found, "a key put in the body of %s", name)
			}
			require.Equal(c, want, n, "elements of %s while its body writes", name)
		}
		for i, err := range u.Stock().ListItems(u.ctx) {
			u.ok(err)
			i.Name = "renamed in the body"
			u.putItems(i)
			u.append(c.event("stock/"+i.ID, "stock.item_added"))
		}
		for b, err := range u.Stock().ListBalances(u.ctx) {
			u.ok(err)
			if b.Of(inventory.Free) > 0 {
				mv := out(b.Item, b.Location, 1)
				mv.Lot = b.Lot
				u.apply(c.move(mv))
			}
		}
		for o, err := range u.orders(1) {
			u.ok(err)
			u.save(next(o, func(o *order.Order) { o.Note = "noted in the body" }))
		}
	})
	after := c.look(home)
	for _, o := range after.Orders {
		require.Equal(c, "noted in the body", o.Note)
		require.EqualValues(c, 2, o.Version)
	}
	for _, i := range after.Items {
		require.Equal(c, "renamed in the body", i.Name)
	}
	c.count(len(before.Postings)+2, len(after.Postings), "postings")
	c.count(len(before.Events)+len(before.Items), len(after.Events), "events")
}

func iterateWithin(c *check) {
	s, before := c.openShop()
	for what, run := range map[string]func(func(u unit)){"Update": c.update, "View": c.view} {
		run(func(u unit) {
			pairs := 0
			for i, err := range u.Stock().ListItems(u.ctx) {
				u.ok(err)
				pairs += len(every(u, u.Stock().ListItems(u.ctx)))
				for _, err := range u.Stock().ListPostings(u.ctx, inventory.PostingFilter{Item: i.ID}) {
					u.ok(err)
					for _, err := range u.Events().Of(u.ctx, s.events[0].Aggregate) {
						u.ok(err)
						u.load(inventory.Need{Items: []string{i.ID}})
					}
				}
			}
			require.Equal(c, len(before.Items)*len(before.Items), pairs, "pairs of items in %s", what)
		})
	}
}

func iterateError(c *check) {
	s, _ := c.openShop()
	var names []string
	c.view(func(u unit) { names = slices.Collect(maps.Keys(s.iterators(u.ctx, u.Tx))) })
	for _, name := range names {
		_ = c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			seq := s.iterators(ctx, tx)[name]
			failed := 0
			for err := range seq {
				if err != nil {
					failed++
					require.ErrorIs(c, err, context.Canceled, name)
				} else {
					require.Zero(c, failed, "%s goes on after its error", name)
				}
				cancel()
			}
			require.LessOrEqual(c, failed, 1, "errors of %s", name)
			return errPlain
		})
	}
	c.update(func(u unit) { u.save(c.order()) })
}

func iterateLong(c *check) {
	const n = 1100
	change := c.move()
	var items []inventory.Item
	var locations []inventory.Location
	var events []storage.Event
	for i := range n {
		id := fmt.Sprintf("i-%05d", i)
		items, locations = append(items, item(id)), append(locations, location(id))
		change.Posting.Movements = append(change.Posting.Movements, in("i-00000", id, 1), in(id, "i-00000", 1))
		change.Reservations = append(change.Reservations, inventory.Reservation{
			ReservationKey: inventory.ReservationKey{Owner: "o", Line: i, Item: "i-00000", Location: "i-00000"}, Released: 1, Version: 1,
		})
		events = append(events, c.event("long", fmt.Sprint("kind-", i)))
	}
	c.update(func(u unit) {
		u.putItems(items...)
		u.putLocations(locations...)
		u.apply(change)
		for i := range n {
			u.apply(c.move(in("i-00001", "i-00001", int64(i+1))))
		}
		u.append(events...)
	})
	c.view(func(u unit) {
		c.same("ListItems", items, every(u, u.Stock().ListItems(u.ctx)))
		c.same("ListLocations", locations, every(u, u.Stock().ListLocations(u.ctx)))
		c.same("ListReservations", change.Reservations, every(u, u.Stock().ListReservations(u.ctx, inventory.ReservationFilter{Owner: "o"})))
		c.same("Of", events, noSeq(every(u, u.Events().Of(u.ctx, "long"))))
		c.count(2*n, len(every(u, u.Stock().ListBalances(u.ctx))), "balances")
		postings := every(u, u.Stock().ListPostings(u.ctx, inventory.PostingFilter{}))
		c.count(n+1, len(postings), "postings")
		c.same("the large posting", change.Posting, postings[0])
		for i, p := range postings[1:] {
			require.EqualValues(c, i+1, p.Movements[0].Qty, "the postings come in the order they were applied")
		}
	})
}
