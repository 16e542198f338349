package storagetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// errPlain is a refusal of the host's own.
var errPlain = errors.New("the host changed its mind")

var transactions = []rule{
	{
		name: "update/commit", run: updateCommit,
		text: "What fn wrote is there once Update returned nil, in every repository.",
	},
	{
		name: "update/error", run: updateError,
		text: "An error of fn is returned as it is, fn is not run again for it, and nothing that fn wrote in any repository remains.",
	},
	{
		name: "update/panic", run: updatePanic,
		text: "A panic of fn passes through Update with its value, nothing that fn wrote remains, and the store goes on working.",
	},
	{
		name: "update/goexit", run: updateGoexit,
		text: "If fn ends its goroutine, as t.FailNow does in a test, nothing that fn wrote remains, and the store goes on working.",
	},
	{
		name: "update/cancel", run: updateCancel,
		text: "When the context is cancelled inside fn, Update either returns an error and keeps nothing, or returns nil and keeps everything; and the store goes on working.",
	},
	{
		name: "update/cancelled-before", run: cancelledBefore,
		text: "With a context that is over, Update and View run nothing and return the context's error.",
	},
	{
		name: "update/swallowed", run: updateSwallowed,
		text: "If fn ignores a refused write and returns nil, Update either reports the refusal and keeps nothing, or keeps all the rest; the refused write is never kept.",
	},
	{
		name: "update/own-writes", run: ownWrites,
		text: "A transaction sees its own writes in every way there is to read them, before it commits.",
	},
	{
		name: "update/retry", alone: true, run: updateRetry,
		text: "After a conflict Update runs fn again, on fresh data and without anything that the first run wrote.",
	},
	{
		name: "update/attempts", alone: true, run: updateAttempts,
		text: "Update gives up with storage.ErrConflict after at most storage.Attempts runs.",
	},
	{
		name: "update/deadline", alone: true, run: updateDeadline,
		text: "A deadline ends the wait for another writer, however long that one takes.",
	},
	{
		name: "tx/nested", run: txNested,
		text: "A store called with the context of a running transaction refuses with storage.ErrNested at once, and the transaction goes on.",
	},
	{
		name: "tx/done", run: txDone,
		text: "A Tx whose function has returned answers every read and every write with storage.ErrDone.",
	},
}

func updateCommit(c *check) {
	s, _ := c.openShop()
	var inside world
	c.update(func(u unit) {
		s.change(u)
		inside = u.look()
	})
	c.unchanged(home, inside, "the commit, compared with what the transaction saw,")
}

func updateError(c *check) {
	s, before := c.openShop()
	runs := 0
	err := c.try(home, func(u unit) error {
		runs++
		s.change(u)
		return errPlain
	})
	require.ErrorIs(c, err, errPlain)
	require.NotErrorIs(c, err, storage.ErrConflict)
	require.Equal(c, 1, runs, "runs of fn")
	c.unchanged(home, before, "an error")
	c.update(s.change)
}

func updatePanic(c *check) {
	s, before := c.openShop()
	value := &struct{ why string }{"a value of its own"}
	require.PanicsWithValue(c, value, func() {
		_ = c.try(home, func(u unit) error {
			s.change(u)
			panic(value)
		})
	})
	c.unchanged(home, before, "a panic")
	require.PanicsWithValue(c, value, func() {
		_ = c.store.View(c.ctx, home, func(context.Context, storage.Tx) error { panic(value) })
	})
	c.update(s.change)
}

func updateGoexit(c *check) {
	s, before := c.openShop()
	for _, run := range []func(context.Context, storage.Tenant, func(context.Context, storage.Tx) error) error{c.store.Update, c.store.View} {
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = run(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
				_ = tx.Events().Append(ctx, []storage.Event{s.spare})
				_ = tx.Orders().Save(ctx, next(s.orders[0], func(*order.Order) {}))
				goexit()
				return nil
			})
		})
		wg.Wait()
	}
	c.unchanged(home, before, "the end of the goroutine")
	c.update(s.change)
}

func updateCancel(c *check) {
	s, before := c.openShop()
	for _, fate := range []error{context.Canceled, nil} {
		ctx, cancel := context.WithCancel(c.ctx)
		err := c.store.Update(ctx, home, func(ctx context.Context, tx storage.Tx) error {
			s.change(unit{Tx: tx, c: c, ctx: ctx})
			cancel()
			_, _ = tx.Orders().Get(ctx, s.orders[0].ID)
			_ = tx.Commands().Put(ctx, command("key-6"))
			return fate
		})
		cancel()
		if fate != nil {
			require.ErrorIs(c, err, context.Canceled)
		}
		if err != nil {
			c.unchanged(home, before, "a cancellation")
			continue
		}
		after := c.look(home)
		require.Equal(c, next(s.orders[0], func(*order.Order) {}).Version, after.Orders[len(after.Orders)-1].Version, "the order's version after Update returned nil")
	}
	c.update(func(u unit) { u.save(c.order()) })
}

func cancelledBefore(c *check) {
	ctx, cancel := context.WithCancel(c.ctx)
	cancel()
	ran := func(context.Context, storage.Tx) error {
		c.Errorf("fn was run")
		return nil
	}
	require.ErrorIs(c, c.store.Update(ctx, home, ran), context.Canceled)
	require.ErrorIs(c, c.store.View(ctx, home, ran), context.Canceled)
	late, cancel := context.WithDeadline(c.ctx, at(0).AddDate(-20, 0, 0))
	defer cancel()
	require.ErrorIs(c, c.store.Update(late, home, ran), context.DeadlineExceeded)
	c.update(func(u unit) { u.save(c.order()) })
}

func updateSwallowed(c *check) {
	s, before := c.openShop()
	sound := c.order()
	stale := s.orders[0].Clone()
	stale.Version, stale.Note = 7, "must not be kept"
	var refusal error
	ended := c.try(home, func(u unit) error {
		if err := u.Orders().Save(u.ctx, sound); err != nil {
			return err
		}
		refusal = u.Orders().Save(u.ctx, stale)
		return nil
	})
	if ended != nil {
		require.ErrorIs(c, ended, order.ErrStale)
		c.unchanged(home, before, "a refusal that ended the transaction")
		return
	}
	require.ErrorIs(c, refusal, order.ErrStale, "a refused write is reported by somebody")
	after := before
	after.Orders = append([]order.Order{sound}, before.Orders...)
	c.unchanged(home, after, "a refusal that fn ignored")
}

func ownWrites(c *check) {
	s := c.shop()
	c.update(func(u unit) {
		s.open(u)
		o, w := s.orders[0], s.works[0]
		byNumber, err := u.Orders().ByNumber(u.ctx, o.Number)
		u.ok(err)
		c.same("ByNumber", o, byNumber)
		c.same("Page of a customer", []order.Order{o}, u.page(order.Filter{Customer: "c-full"}))
		works, err := u.Fulfillments().OfOrder(u.ctx, o.ID)
		u.ok(err)
		c.same("OfOrder", s.works[:1], works)
		works, err = u.Fulfillments().Page(u.ctx, fulfillment.Filter{Location: w.Location, Work: []fulfillment.WorkState{w.Work}})
		u.ok(err)
		c.same("Fulfillments.Page", s.works[:1], works)
		shipments, err := u.Fulfillments().ShipmentsOf(u.ctx, o.ID)
		u.ok(err)
		c.same("ShipmentsOf", s.shipments, shipments)
		rs, err := u.Returns().Page(u.ctx, returns.Filter{States: []returns.State{s.returns[0].State}})
		u.ok(err)
		c.same("Returns.Page", s.returns[:1], rs)
		rs, err = u.Returns().OfOrder(u.ctx, o.ID)
		u.ok(err)
		c.same("Returns.OfOrder", s.returns[:1], rs)
		c.same("Of", s.events[:1], noSeq(every(u, u.Events().Of(u.ctx, s.events[0].Aggregate))))
		c.same("Since", s.events, noSeq(u.since(0, 10)))
		snap := u.load(inventory.Need{Items: []string{"mug", "tee"}, Owner: o.Number, Now: at(5000)})
		require.Equal(c, s.stock-2, snap.Available("tee", "", "", at(0)), "tees available")
		c.count(2, len(snap.Reservations), "reservations of the owner")
		c.count(1, len(snap.Expired), "expired reservations")
		c.count(2, len(every(u, u.Stock().ListPostings(u.ctx, inventory.PostingFilter{Item: "tee"}))), "postings of tees")
		_, err = u.Stock().Posting(u.ctx, s.metas[0].ID)
		u.ok(err)
		c.same("orders", expected(s.orders, order.Filter{}), u.look().Orders)

		s.change(u)
		c.same("Page of a state that was left", []order.Order(nil), u.page(order.Filter{States: []order.State{o.State}}))
		c.count(1, len(u.page(order.Filter{States: []order.State{order.StateClosed}, Customer: "c-full"})), "closed orders of the customer")
		works, err = u.Fulfillments().Page(u.ctx, fulfillment.Filter{Work: []fulfillment.WorkState{w.Work}})
		u.ok(err)
		c.same("Fulfillments.Page of a state that was left", []fulfillment.Order(nil), works)
		c.count(2, len(u.load(inventory.Need{Items: []string{"tee"}, Now: at(5000)}).Balances), "balances of tees")
		require.Empty(c, u.load(inventory.Need{Items: []string{"mug"}, Now: at(5000)}).Expired)
	})
}

func updateRetry(c *check) {
	s, _ := c.openShop()
	ghost := c.order()
	for name, conflict := range map[string]func(u unit) error{
		"an error of fn that is storage.ErrConflict": func(unit) error { return storage.Stale(errPlain) },
		"a stale order": func(u unit) error {
			return u.Orders().Save(u.ctx, next(next(s.orders[0], func(*order.Order) {}), func(*order.Order) {}))
		},
		"a stale return": func(u unit) error { return u.Returns().Save(u.ctx, s.returns[0]) },
		"stock that is not there": func(u unit) error {
			return u.Stock().Apply(u.ctx, c.move(out("tee", "ham", inventory.MaxQty)))
		},
		"a key that is taken": func(u unit) error { return u.Commands().Put(u.ctx, command("key-0")) },
	} {
		before := c.look(home)
		runs := 0
		err := c.try(home, func(u unit) error {
			if runs++; runs == 1 {
				u.save(ghost)
				return conflict(u)
			}
			c.same("the data that the second run sees, after "+name, before, u.look())
			u.append(c.event("order/1", name))
			return nil
		})
		require.NoError(c, err, name)
		require.Equal(c, 2, runs, "runs of fn after %s", name)
		after := c.look(home)
		c.count(len(before.Events)+1, len(after.Events), "events after %s", name)
		c.same("the orders after "+name, before.Orders, after.Orders)
	}
}

func updateAttempts(c *check) {
	runs := 0
	err := c.try(home, func(u unit) error {
		runs++
		u.save(c.order())
		return storage.Stale(order.ErrStale)
	})
	require.ErrorIs(c, err, storage.ErrConflict)
	require.ErrorIs(c, err, order.ErrStale)
	require.Greater(c, runs, 1, "runs of fn")
	require.LessOrEqual(c, runs, storage.Attempts, "runs of fn")
	c.unchanged(home, world{}, "giving up")
}

func updateDeadline(c *check) {
	s, _ := c.openShop()
	started, finish := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	var once sync.Once
	go func() {
		first <- c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
			err := tx.Orders().Save(ctx, next(s.orders[0], func(o *order.Order) { o.Note = "slow" }))
			once.Do(func() { close(started) })
			select {
			case <-finish:
			case <-ctx.Done():
			}
			return err
		})
	}()
	<-started
	for range 2 {
		second := make(chan error, 2)
		soon, cancel := c.within(200 * time.Millisecond)
		go func() {
			second <- c.store.Update(soon, home, func(ctx context.Context, tx storage.Tx) error {
				return tx.Orders().Save(ctx, next(s.orders[1], func(o *order.Order) { o.Note = "quick" }))
			})
			second <- c.store.View(soon, home, func(ctx context.Context, tx storage.Tx) error {
				_, err := tx.Orders().Get(ctx, s.orders[0].ID)
				return err
			})
		}()
		long, stop := c.within(20 * time.Second)
		for range 2 {
			select {
			case err := <-second:
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					require.ErrorIs(c, err, storage.ErrConflict)
				}
			case <-long.Done():
				close(finish)
				c.Fatalf("a call with a deadline of 200ms still waits for a writer after 20s")
			}
		}
		cancel()
		stop()
	}
	close(finish)
	require.NoError(c, <-first)
}

func txNested(c *check) {
	s, _ := c.openShop()
	o := c.order()
	refuse := func(ctx context.Context) {
		c.Helper()
		ran := func(context.Context, storage.Tx) error {
			c.Errorf("the nested function was run")
			return nil
		}
		for _, t := range []storage.Tenant{home, "other"} {
			require.ErrorIs(c, c.store.Update(ctx, t, ran), storage.ErrNested)
			require.ErrorIs(c, c.store.View(ctx, t, ran), storage.ErrNested)
		}
	}
	c.update(func(u unit) {
		refuse(u.ctx)
		u.save(o)
		u.ok(u.Savepoint(u.ctx, func(ctx context.Context) error {
			refuse(ctx)
			return nil
		}))
	})
	c.view(func(u unit) {
		refuse(u.ctx)
		c.same("the order", o, u.order(o.ID))
		c.same("another order", s.orders[0], u.order(s.orders[0].ID))
	})
}

func txDone(c *check) {
	s, before := c.openShop()
	leak := func(run func(context.Context, storage.Tenant, func(context.Context, storage.Tx) error) error, end error) (storage.Tx, []func(context.Context) error) {
		var leaked storage.Tx
		var held []func(context.Context) error
		err := run(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
			leaked = tx
			orders, stock, log := tx.Orders(), tx.Stock(), tx.Events()
			list, of := stock.ListItems(ctx), log.Of(ctx, s.events[0].Aggregate)
			held = []func(context.Context) error{
				func(ctx context.Context) error { _, err := orders.Get(ctx, s.orders[0].ID); return err },
				func(ctx context.Context) error { return orders.Save(ctx, c.order()) },
				func(ctx context.Context) error { return log.Append(ctx, []storage.Event{s.spare}) },
				func(context.Context) error { _, err := collect(list); return err },
				func(context.Context) error { _, err := collect(of); return err },
			}
			return end
		})
		require.ErrorIs(c, err, end)
		return leaked, held
	}
	for name, open := range map[string]func() (storage.Tx, []func(context.Context) error){
		"View":              func() (storage.Tx, []func(context.Context) error) { return leak(c.store.View, nil) },
		"Update":            func() (storage.Tx, []func(context.Context) error) { return leak(c.store.Update, nil) },
		"Update that fails": func() (storage.Tx, []func(context.Context) error) { return leak(c.store.Update, errPlain) },
	} {
		tx, held := open()
		for _, p := range s.probes(func(string, int) {}) {
			require.ErrorIs(c, p.call(c.ctx, tx), storage.ErrDone, "%s after %s", p.name, name)
		}
		for i, call := range held {
			require.ErrorIs(c, call(c.ctx), storage.ErrDone, "repository or iterator %d that outlived %s", i, name)
		}
		err := tx.Savepoint(c.ctx, func(context.Context) error { return nil })
		require.ErrorIs(c, err, storage.ErrDone, "Savepoint after %s", name)
	}
	c.unchanged(home, before, "calls on transactions that are over")
}
