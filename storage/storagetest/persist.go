package storagetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// reopenings are the rules about data that outlives its store.
func reopenings(reopen func(testing.TB, storage.Store) storage.Store) []rule {
	return []rule{{
		name: "reopen/keep", alone: true,
		text: "What was committed is there after the store was closed and opened again; what was rolled back is not.",
		run: func(c *check) {
			s, _ := c.openShop()
			c.updateOf("other", s.open)
			require.ErrorIs(c, c.try("other", func(u unit) error { s.change(u); return errPlain }), errPlain)
			c.update(s.change)
			mine, other := c.look(home), c.look("other")
			c.store = reopen(c.TB, c.store)
			c.unchanged(home, mine, "opening the store again")
			c.unchanged("other", other, "opening the store again")
		},
	}, {
		name: "reopen/go-on", alone: true,
		text: "Versions, guards, keys and positions go on where they were after the store was opened again.",
		run: func(c *check) {
			s, before := c.openShop()
			var last int64
			c.update(func(u unit) {
				for _, e := range u.since(0, 100) {
					last = e.Seq
				}
			})
			c.store = reopen(c.TB, c.store)
			c.refused(order.ErrExists, func(u unit) error { return u.Orders().Save(u.ctx, s.orders[0]) })
			c.refused(storage.ErrConflict, func(u unit) error { return u.Commands().Put(u.ctx, s.commands[0]) })
			c.notApplied("taking more than there is", c.move(out("tee", "ham", s.stock)))
			c.unchanged(home, before, "refusals")
			c.update(s.change)
			c.update(func(u unit) {
				more := u.since(last, 100)
				c.count(1, len(more), "events after the last position before")
				c.growing(more)
			})
		},
	}}
}
