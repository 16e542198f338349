package storagetest

import (
	"context"
	"errors"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

var savepoints = []rule{
	{
		name: "savepoint/keep", run: savepointKeep,
		text: "A savepoint whose function returns nil changes nothing about what is written, read and committed.",
	},
	{
		name: "savepoint/undo", run: savepointUndo,
		text: "An error undoes what was written since the savepoint, in every repository, and only that; it is returned as it is, and the transaction stays usable.",
	},
	{
		name: "savepoint/refused", run: savepointRefused,
		text: "A write that is refused inside a savepoint is undone with it: the transaction goes on, or ends with that refusal and keeps nothing.",
	},
	{
		name: "savepoint/nested", run: savepointNested,
		text: "Savepoints nest: an inner error undoes the inner part, an outer error undoes both.",
	},
	{
		name: "savepoint/panic", run: savepointPanic,
		text: "A panic undoes the savepoint and passes through; a host that recovers from it can go on.",
	},
	{
		name: "savepoint/rolled-back", run: savepointRolledBack,
		text: "What a savepoint kept is gone when its transaction is rolled back.",
	},
}

// savepoint runs fn in a savepoint that ends with an error, or with nil.
func (u unit) savepoint(end error, fn func(u unit)) error {
	return u.Savepoint(u.ctx, func(ctx context.Context) error {
		fn(unit{Tx: u.Tx, c: u.c, ctx: ctx})
		return end
	})
}

func savepointKeep(c *check) {
	s := c.shop()
	var inside world
	c.update(func(u unit) {
		u.ok(u.savepoint(nil, s.open))
		before := u.look()
		u.ok(u.savepoint(nil, func(u unit) { c.same("what a savepoint sees", before, u.look()); s.change(u) }))
		inside = u.look()
	})
	c.unchanged(home, inside, "two savepoints")
	require.NotEmpty(c, inside.Orders)
}

func savepointUndo(c *check) {
	s, before := c.openShop()
	early, late := c.order(), c.order()
	c.update(func(u unit) {
		u.save(early)
		u.append(c.event("order/early", "kept"))
		middle := u.look()
		for range 2 {
			require.ErrorIs(c, u.savepoint(errPlain, s.change), errPlain)
			c.same("the data after a savepoint was undone", middle, u.look())
		}
		u.ok(u.savepoint(nil, func(unit) {}))
		u.save(late)
		s.change(u)
	})
	after := c.look(home)
	c.count(len(before.Orders)+3, len(after.Orders), "orders: one before, one after, one changed in between")
	c.count(len(before.Events)+2, len(after.Events), "events")
	c.count(len(before.Postings)+2, len(after.Postings), "postings")

	// Undone before anything else was written, and as the last thing done.
	c.update(func(u unit) {
		require.ErrorIs(c, u.savepoint(errPlain, func(u unit) { u.save(c.order()) }), errPlain)
	})
	c.unchanged(home, after, "a transaction whose only savepoint was undone")
}

func savepointRefused(c *check) {
	s, before := c.openShop()
	taken := c.order()
	taken.Number = s.orders[0].Number
	for what, refuse := range map[string]struct {
		with error
		do   func(u unit) error
	}{
		"a number that is taken": {order.ErrExists, func(u unit) error { return u.Orders().Save(u.ctx, taken) }},
		"a stale order": {order.ErrStale, func(u unit) error {
			o := s.orders[0].Clone()
			o.Version = 9
			return u.Orders().Save(u.ctx, o)
		}},
		"too little stock": {inventory.ErrStale, func(u unit) error { return u.Stock().Apply(u.ctx, c.move(out("mug", "ham", 1))) }},
	} {
		kept, undone := c.order(), c.order()
		var inner error
		ended := c.try(home, func(u unit) error {
			u.save(kept)
			inner = u.Savepoint(u.ctx, func(ctx context.Context) error {
				if err := u.Orders().Save(ctx, undone); err != nil {
					return err
				}
				if err := refuse.do(unit{Tx: u.Tx, c: c, ctx: ctx}); err != nil {
					return err
				}
				return nil
			})
			return nil
		})
		require.ErrorIs(c, errors.Join(inner, ended), refuse.with, what)
		if ended != nil {
			c.unchanged(home, before, what+" that ended the transaction")
			continue
		}
		after := before
		after.Orders = append([]order.Order{kept}, before.Orders...)
		c.unchanged(home, after, what+" in a savepoint")
		before = after
	}
}

func savepointNested(c *check) {
	_, before := c.openShop()
	a, b, d, e := c.order(), c.order(), c.order(), c.order()
	c.update(func(u unit) {
		u.ok(u.savepoint(nil, func(u unit) {
			u.save(a)
			require.ErrorIs(c, u.savepoint(errPlain, func(u unit) {
				u.save(b)
				u.ok(u.savepoint(nil, func(u unit) { u.append(c.event("order/x", "undone with the outer one")) }))
			}), errPlain)
			c.same("orders after the inner error", a, u.page(order.Filter{Limit: 1})[0])
			u.ok(u.savepoint(nil, func(u unit) { u.save(d) }))
		}))
		require.ErrorIs(c, u.savepoint(errPlain, func(u unit) {
			u.ok(u.savepoint(nil, func(u unit) { u.save(e); u.put(command("key-5")) }))
		}), errPlain)
		u.save(next(d, func(o *order.Order) { o.Note = "at the end" }))
	})
	before.Orders = append([]order.Order{next(d, func(o *order.Order) { o.Note = "at the end" }), a}, before.Orders...)
	c.unchanged(home, before, "nested savepoints")
}

func savepointPanic(c *check) {
	s, before := c.openShop()
	kept := c.order()
	c.update(func(u unit) {
		u.save(kept)
		require.PanicsWithValue(c, "boom", func() {
			_ = u.savepoint(nil, func(u unit) { s.change(u); panic("boom") })
		})
		u.put(command("key-4"))
	})
	before.Orders = append([]order.Order{kept}, before.Orders...)
	before.Commands = append(before.Commands, command("key-4"))
	c.unchanged(home, before, "a panic in a savepoint that the host recovered from")
	require.PanicsWithValue(c, "boom", func() {
		_ = c.try(home, func(u unit) error {
			u.put(command("key-5"))
			return u.savepoint(nil, func(unit) { panic("boom") })
		})
	})
	c.unchanged(home, before, "a panic in a savepoint")
}

func savepointRolledBack(c *check) {
	s, before := c.openShop()
	require.ErrorIs(c, c.try(home, func(u unit) error {
		u.ok(u.savepoint(nil, s.change))
		return errPlain
	}), errPlain)
	c.unchanged(home, before, "a rollback")
}
