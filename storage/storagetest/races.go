package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

var races = []rule{
	{
		name: "race/last-unit", alone: true, run: raceLastUnit,
		text: "Of many buyers of the last unit exactly one gets it, the others are told of a shortage or a conflict, and no balance is ever below zero.",
	},
	{
		name: "race/lost-update", alone: true, run: raceLostUpdate,
		text: "When many goroutines each add one to the same order, none of the additions is lost.",
	},
	{
		name: "race/lock-order", alone: true, run: raceLockOrder,
		text: "Transactions that take the same rows in opposite orders do not wait for each other for ever.",
	},
	{
		name: "race/number", alone: true, run: raceNumber,
		text: "Of many orders that claim one number at the same time exactly one is kept.",
	},
	{
		name: "race/key", alone: true, run: raceKey,
		text: "A command that many run at the same time under one key takes effect exactly once.",
	},
	{
		name: "race/tail", alone: true, run: raceTail,
		text: "A consumer that reads on from the last position sees every event exactly once, also those of transactions that took longer to commit than later ones.",
	},
	{
		name: "race/first-balance", alone: true, run: raceFirstBalance,
		text: "Postings that make a balance row at the same time add up: the first writer of a row is no exception.",
	},
}

// again runs a command anew for as long as it loses against others.
func again(fn func() error) error {
	for {
		if err := fn(); !errors.Is(err, storage.ErrConflict) {
			return err
		}
	}
}

// together runs fn n times at the same moment and returns how each run ended.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// hold loads, decides and applies a reservation of one unit in a running transaction.
func hold(ctx context.Context, tx storage.Tx, owner, item, location string, m inventory.Meta) error {
	s, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{item}, Owner: owner, Now: m.Now})
	if err != nil {
		return err
	}
	changes, err := inventory.Reserve(s, []inventory.Hold{{Owner: owner, Item: item, Location: location, Qty: 1}}, owner, m)
	if err != nil {
		return err
	}
	return tx.Stock().Apply(ctx, changes)
}

func (m *maker) metas(n int) []inventory.Meta {
	out := make([]inventory.Meta, n)
	for i := range out {
		out[i] = m.meta(i)
	}
	return out
}

func raceLastUnit(c *check) {
	const buyers = 32
	for round := range 3 {
		name := fmt.Sprint("tee-", round)
		c.stocked(1, []string{name}, "ber")
		metas := c.metas(buyers)
		errs := together(buyers, func(i int) error {
			return c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
				return hold(ctx, tx, fmt.Sprint("buyer-", i), name, "ber", metas[i])
			})
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.True(c, errors.Is(err, inventory.ErrShortage) || errors.Is(err, storage.ErrConflict), "a buyer who came too late is told: %v", err)
		}
		require.Equal(c, 1, won, "buyers who got the last unit")
		c.view(func(u unit) {
			rows := u.load(inventory.Need{Items: []string{name}}).Balances
			c.count(1, len(rows), "balances of the item")
			require.EqualValues(c, 0, rows[0].Of(inventory.Free), "free units")
			require.EqualValues(c, 1, rows[0].Of(inventory.Committed), "committed units")
			c.count(1, len(every(u, u.Stock().ListReservations(u.ctx, inventory.ReservationFilter{Item: name}))), "reservations of the item")
			c.count(2, len(every(u, u.Stock().ListPostings(u.ctx, inventory.PostingFilter{Item: name}))), "postings of the item")
		})
	}
}

func raceLostUpdate(c *check) {
	const writers, each = 8, 5
	o := c.order()
	o.Metadata = map[string]string{"counter": "0"}
	c.update(func(u unit) { u.save(o) })
	errs := together(writers, func(int) error {
		for range each {
			err := again(func() error {
				return c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
					o, err := tx.Orders().Get(ctx, o.ID)
					if err != nil {
						return err
					}
					n, err := strconv.Atoi(o.Metadata["counter"])
					if err != nil {
						return err
					}
					return tx.Orders().Save(ctx, next(o, func(o *order.Order) { o.Metadata["counter"] = strconv.Itoa(n + 1) }))
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(c, errors.Join(errs...))
	c.view(func(u unit) {
		got := u.order(o.ID)
		require.Equal(c, strconv.Itoa(writers*each), got.Metadata["counter"], "the counter after %d additions", writers*each)
		require.EqualValues(c, writers*each+1, got.Version)
	})
}

func raceLockOrder(c *check) {
	const writers, each = 6, 4
	c.stocked(writers*each, []string{"a", "b"}, "ber")
	metas := c.metas(2 * writers * each)
	errs := together(writers, func(i int) error {
		items := []string{"a", "b"}
		if i%2 == 1 {
			slices.Reverse(items)
		}
		for n := range each {
			err := again(func() error {
				return c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
					for j, item := range items {
						if err := hold(ctx, tx, fmt.Sprintf("%d-%d", i, n), item, "ber", metas[2*(i*each+n)+j]); err != nil {
							return err
						}
					}
					return nil
				})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(c, errors.Join(errs...))
	for _, b := range c.look(home).Balances {
		require.EqualValues(c, 0, b.Of(inventory.Free), "free units of %q", b.Item)
		require.EqualValues(c, writers*each, b.Of(inventory.Committed), "committed units of %q", b.Item)
	}
}

func raceNumber(c *check) {
	const claimants = 8
	orders := make([]order.Order, claimants)
	for i := range orders {
		orders[i] = c.order()
		orders[i].Number = "A-1"
	}
	errs := together(claimants, func(i int) error {
		return again(func() error {
			return c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error { return tx.Orders().Save(ctx, orders[i]) })
		})
	})
	winner := slices.Index(errs, nil)
	require.GreaterOrEqual(c, winner, 0, "somebody gets the number")
	for i, err := range errs {
		if i != winner {
			require.ErrorIs(c, err, order.ErrExists, "the number is taken")
		}
	}
	c.view(func(u unit) {
		c.same("the orders", orders[winner:winner+1], u.page(order.Filter{}))
		got, err := u.Orders().ByNumber(u.ctx, "A-1")
		u.ok(err)
		c.same("the order of the number", orders[winner], got)
	})
}

func raceKey(c *check) {
	const callers = 8
	orders := make([]order.Order, callers)
	for i := range orders {
		orders[i] = c.order()
	}
	results := make([]string, callers)
	errs := together(callers, func(i int) error {
		return again(func() error {
			return c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
				had, ok, err := tx.Commands().Find(ctx, "key-0")
				if err != nil {
					return err
				}
				if ok {
					results[i] = had.Result
					return nil
				}
				results[i] = orders[i].ID.String()
				if err := tx.Orders().Save(ctx, orders[i]); err != nil {
					return err
				}
				return tx.Commands().Put(ctx, storage.Command{Key: "key-0", Result: results[i], At: at(1)})
			})
		})
	})
	require.NoError(c, errors.Join(errs...))
	c.view(func(u unit) {
		page := u.page(order.Filter{})
		c.count(1, len(page), "orders placed under one key")
		for _, r := range results {
			require.Equal(c, page[0].ID.String(), r, "the result that every caller gets")
		}
	})
}

func raceTail(c *check) {
	const writers, each = 4, 10
	batches := make([][]storage.Event, writers*each)
	for i := range batches {
		for j := range 1 + i%3 {
			batches[i] = append(batches[i], c.event(fmt.Sprint("order/", i%writers), fmt.Sprintf("kind-%d-%d", i, j)))
		}
	}
	ended := async(func() error {
		return errors.Join(together(writers, func(w int) error {
			for n := range each {
				err := again(func() error {
					return c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
						if err := tx.Events().Append(ctx, batches[w*each+n]); err != nil {
							return err
						}
						c.pause(time.Duration((w*7+n*3)%5) * time.Millisecond) // others commit meanwhile, if the store lets them
						return nil
					})
				})
				if err != nil {
					return err
				}
			}
			return nil
		})...)
	})
	var seen []storage.Event
	last := int64(0)
	for done := false; ; {
		if !done && len(ended) > 0 {
			require.NoError(c, <-ended)
			done = true
		}
		var page []storage.Event
		c.update(func(u unit) { page = u.since(last, 3) })
		if len(page) == 0 && done {
			break
		}
		if len(page) > 0 {
			require.Greater(c, page[0].Seq, last, "the position of the next event")
			seen = append(seen, page...)
			last = page[len(page)-1].Seq
		}
	}
	c.growing(seen)
	c.view(func(u unit) { c.same("what the consumer saw", u.since(0, 1000), seen) })
	byBatch := map[string]int{}
	for i, e := range seen {
		byBatch[e.Kind] = i
	}
	for i, batch := range batches {
		for j := range batch[1:] {
			require.Greater(c, byBatch[batch[j+1].Kind], byBatch[batch[j].Kind], "the events of transaction %d stay in order", i)
		}
	}
	total := 0
	for _, batch := range batches {
		total += len(batch)
	}
	c.count(total, len(seen), "events that the consumer saw")
}

func raceFirstBalance(c *check) {
	const writers = 8
	c.update(func(u unit) { u.putItems(item("tee")); u.putLocations(location("ber")) })
	changes := make([]inventory.Changes, writers)
	for i := range changes {
		changes[i] = c.move(in("tee", "ber", int64(i+1)))
	}
	errs := together(writers, func(i int) error {
		return again(func() error {
			return c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error { return tx.Stock().Apply(ctx, changes[i]) })
		})
	})
	require.NoError(c, errors.Join(errs...))
	w := c.look(home)
	c.count(writers, len(w.Postings), "postings")
	c.count(1, len(w.Balances), "balances")
	require.EqualValues(c, writers*(writers+1)/2, w.Balances[0].Of(inventory.Free))
}
