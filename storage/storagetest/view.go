package storagetest

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

var views = []rule{
	{
		name: "view/read-only", run: viewReadOnly,
		text: "Every write in a View is storage.ErrReadOnly, and nothing of it is kept.",
	},
	{
		name: "view/error", run: viewError,
		text: "View returns the error of fn as it is.",
	},
	{
		name: "view/snapshot", alone: true, run: viewSnapshot,
		text: "All reads of one View see the same moment, whatever is committed meanwhile.",
	},
	{
		name: "view/together", alone: true, run: viewTogether,
		text: "A View sees all of a transaction or none of it, and after a commit it sees the commit.",
	},
}

// goexit ends the goroutine, as t.FailNow does.
func goexit() { runtime.Goexit() }

func viewReadOnly(c *check) {
	s, before := c.openShop()
	for _, p := range s.writeProbes() {
		var refusal error
		err := c.store.View(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
			refusal = p.call(ctx, tx)
			return nil
		})
		require.ErrorIs(c, errors.Join(refusal, err), storage.ErrReadOnly, p.name)
	}
	c.unchanged(home, before, "writes in View")
}

func viewError(c *check) {
	runs := 0
	require.ErrorIs(c, c.store.View(c.ctx, home, func(context.Context, storage.Tx) error { runs++; return errPlain }), errPlain)
	require.Equal(c, 1, runs, "runs of fn")
	c.view(func(u unit) { require.Empty(c, u.look().Orders) })
}

func viewSnapshot(c *check) {
	s, before := c.openShop()
	var written <-chan error
	c.view(func(u unit) {
		// The first read fixes the moment in stores that are lazy.
		c.same("the first read", s.orders[0], u.order(s.orders[0].ID))
		written = async(func() error {
			return c.try(home, func(u unit) error { s.change(u); return nil })
		})
		// With one connection, or under locks, the writer waits for this View to end.
		c.grace(written)
		c.same("what the View sees while a writer commits", before, u.look())
	})
	require.NoError(c, <-written)
	require.NotEmpty(c, difference(before, c.look(home)), "the writer's change is there for the next View")
}

func viewTogether(c *check) {
	const rounds = 25
	a, b := c.order(), c.order()
	c.update(func(u unit) { u.save(a, b) })
	moved := make([]storage.Event, rounds)
	for i := range moved {
		moved[i] = c.event("pair", "moved")
	}
	written := async(func() error {
		for i := range moved {
			err := again(func() error {
				return c.store.Update(c.ctx, home, func(ctx context.Context, tx storage.Tx) error {
					for _, id := range []order.ID{b.ID, a.ID} {
						o, err := tx.Orders().Get(ctx, id)
						if err != nil {
							return err
						}
						if err := tx.Orders().Save(ctx, next(o, func(*order.Order) {})); err != nil {
							return err
						}
					}
					return tx.Events().Append(ctx, moved[i:i+1])
				})
			})
			if err != nil {
				return err
			}
			c.pause(500 * time.Microsecond)
		}
		return nil
	})
	for done := false; !done; {
		select {
		case err := <-written:
			require.NoError(c, err)
			done = true
		default:
		}
		c.view(func(u unit) {
			va, events := u.order(a.ID).Version, len(every(u, u.Events().Of(u.ctx, "pair")))
			c.pause(time.Millisecond) // the writer goes on meanwhile, if the store lets it
			vb := u.order(b.ID).Version
			require.Equal(c, va, vb, "versions of two orders that always change together")
			require.EqualValues(c, va-1, events, "events of as many changes")
			require.True(c, !done || va == rounds+1, "a View after the last commit sees version %d", va)
		})
	}
}

// async runs fn beside the case. If fn ends its goroutine, that is an error as well.
func async(fn func() error) <-chan error {
	done := make(chan error, 1)
	go func() {
		err := errors.New("the goroutine ended early")
		defer func() { done <- err }()
		err = fn()
	}()
	return done
}

// grace gives others the time to end that they would need if nothing held them back.
func (c *check) grace(ended <-chan error) {
	for range 60 {
		if len(ended) > 0 {
			return
		}
		c.pause(5 * time.Millisecond)
	}
}

// pause lets time pass, for others to use.
func (c *check) pause(d time.Duration) {
	soon, cancel := c.within(d)
	defer cancel()
	<-soon.Done()
}
