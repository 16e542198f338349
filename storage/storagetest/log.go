package storagetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

var events = []rule{
	{
		name: "events/order", run: eventsOrder,
		text: "Events with growing ids are read in the order they were appended and committed, at positions that grow from above zero; a rolled back event is never seen.",
	},
	{
		name: "events/of", run: eventsOf,
		text: "Of yields the events of exactly one aggregate, oldest first, also of one whose name begins another's.",
	},
	{
		name: "events/since", run: eventsSince,
		text: "Since reads up to the limit after a position, so that reading on from the last position sees each event exactly once.",
	},
	{
		name: "events/versions", run: eventsVersions,
		text: "In the log the events of an aggregate stand in the order of their versions, whatever their ids say about time.",
	},
	{
		name: "events/kept-position", run: eventsKeptPosition,
		text: "A position that was read stays: in a View, and in every later transaction.",
	},
}

var commands = []rule{
	{
		name: "commands/duplicate", run: commandsDuplicate,
		text: "A key that exists is storage.ErrConflict, in the same transaction and in a later one, and the first record stays; a key that was rolled back is free.",
	},
	{
		name: "commands/repeat", alone: true, run: commandsRepeat,
		text: "Whoever puts a key second runs again and finds it.",
	},
}

func eventsOrder(c *check) {
	var want []storage.Event
	for i := range 12 {
		batch := make([]storage.Event, 2*(i%4))
		for j := range batch {
			batch[j] = c.event(fmt.Sprint("order/", c.rand.IntN(3)), fmt.Sprintf("kind-%d-%d", i, j))
			batch[j].Seq, batch[j].At = int64(1000-i), at(-i) // neither counts
		}
		end := maybe(&c.maker, errPlain)
		err := c.try(home, func(u unit) error {
			u.append(batch[:i%4]...)
			u.append()
			u.append(batch[i%4:]...)
			return end
		})
		require.ErrorIs(c, err, end)
		if end == nil {
			want = append(want, batch...)
		}
	}
	for i := range want {
		want[i].Seq = 0
	}
	c.update(func(u unit) {
		got := u.since(0, 1000)
		c.growing(got)
		c.same("Since", want, noSeq(got))
	})
}

func eventsOf(c *check) {
	names := []string{"order/1", "order/10", "order/", "stock/1", "order/1/x", "Order/1", "order_1", "order/%"}
	want := map[string][]storage.Event{}
	for range 5 {
		for _, name := range names {
			e := c.event(name, "kind")
			want[name] = append(want[name], e)
			c.update(func(u unit) { u.append(e) })
		}
	}
	c.update(func(u unit) { u.since(0, everyEvent) })
	c.view(func(u unit) {
		for _, name := range names {
			got := every(u, u.Events().Of(u.ctx, name))
			c.growing(got)
			c.same("the events of "+name, want[name], noSeq(got))
		}
	})
}

func eventsSince(c *check) {
	var want []storage.Event
	for i := range 10 {
		batch := []storage.Event{c.event("a", "x"), c.event("b", "y"), c.event("a", "z")}[:1+i%3]
		want = append(want, batch...)
		c.update(func(u unit) { u.append(batch...) })
	}
	for _, limit := range []int{1, 2, 5, len(want), len(want) + 1} {
		var got []storage.Event
		last := int64(0)
		c.update(func(u unit) {
			for {
				page := u.since(last, limit)
				require.LessOrEqual(c, len(page), limit)
				if len(page) == 0 {
					return
				}
				got = append(got, page...)
				require.Greater(c, page[len(page)-1].Seq, last)
				last = page[len(page)-1].Seq
			}
		})
		c.growing(got)
		c.same(fmt.Sprintf("all pages of %d", limit), want, noSeq(got))
		c.update(func(u unit) {
			more := c.event("c", "later")
			want = append(want, more)
			u.append(more)
			c.same("its own event after the last position", []storage.Event{more}, noSeq(u.since(last, limit)))
		})
	}
	c.view(func(u unit) { require.Empty(c, u.since(1<<62, 10), "events after a position that is far ahead") })
}

// eventsVersions is about clocks that differ: who writes the later version has the
// earlier time.
func eventsVersions(c *check) {
	const versions = 7
	batches := make([][]storage.Event, versions)
	for v := versions - 1; v >= 0; v-- {
		for _, name := range []string{"order/1", "order/2", fmt.Sprint("order/of-", v)} {
			e := c.event(name, fmt.Sprint("kind-", v))
			e.Version = int64(v + 1)
			batches[v] = append(batches[v], e)
		}
	}
	for _, batch := range batches {
		c.update(func(u unit) { u.append(batch...) })
	}
	var seen []storage.Event
	for {
		var page []storage.Event
		c.update(func(u unit) {
			last := int64(0)
			if len(seen) > 0 {
				last = seen[len(seen)-1].Seq
			}
			page = u.since(last, 2)
		})
		if len(page) == 0 {
			break
		}
		seen = append(seen, page...)
	}
	c.growing(seen)
	c.count(3*versions, len(seen), "events")
	reached := map[string]int64{}
	for _, e := range seen {
		require.Greater(c, e.Version, reached[e.Aggregate], "version of %s after version %d", e.Aggregate, reached[e.Aggregate])
		reached[e.Aggregate] = e.Version
	}
	c.view(func(u unit) {
		for i, e := range every(u, u.Events().Of(u.ctx, "order/1")) {
			require.EqualValues(c, i+1, e.Version, "version of event %d of an aggregate", i)
		}
	})
}

func eventsKeptPosition(c *check) {
	var all []storage.Event
	for i := range 6 {
		e := c.event(fmt.Sprint("order/", i%2), "kind")
		c.update(func(u unit) { u.append(e) })
		c.view(func(u unit) { u.since(0, 10) }) // has those that have a position by now
		if i%2 == 1 {
			c.update(func(u unit) { all = u.since(0, 10) })
			c.count(i+1, len(all), "events")
		}
		c.view(func(u unit) { c.same("what a View reads", all, u.since(0, len(all))) })
		c.update(func(u unit) { c.same("the first events, read again", all, u.since(0, len(all))) })
		c.view(func(u unit) {
			for _, e := range every(u, u.Events().Of(u.ctx, "order/0")) {
				require.True(c, e.Seq == 0 || len(all) == 0 || slices.ContainsFunc(all, func(had storage.Event) bool { return had.Seq == e.Seq && had.ID == e.ID }) || e.Seq > all[len(all)-1].Seq,
					"Of gives event %s the position %d", e.ID, e.Seq)
			}
		})
	}
}

func commandsDuplicate(c *check) {
	first := command("key-0")
	again := storage.Command{Key: "key-0", Name: "other", Hash: "other", Result: "other", At: at(9)}
	c.update(func(u unit) { u.put(first) })
	c.refused(storage.ErrConflict, func(u unit) error { return u.Commands().Put(u.ctx, again) })
	c.refused(storage.ErrConflict, func(u unit) error { return u.Commands().Put(u.ctx, first) })
	c.refused(storage.ErrConflict, func(u unit) error {
		u.put(command("key-1"))
		u.save(c.order())
		return u.Commands().Put(u.ctx, command("key-1"))
	})
	require.ErrorIs(c, c.try(home, func(u unit) error { u.put(command("key-2")); return errPlain }), errPlain)
	c.unchanged(home, world{Commands: []storage.Command{first}}, "keys that are taken or rolled back")
	c.update(func(u unit) { u.put(command("key-1")); u.put(command("key-2")) })
	c.unchanged(home, world{Commands: []storage.Command{first, command("key-1"), command("key-2")}}, "new keys")
}

func commandsRepeat(c *check) {
	placed := command("key-0")
	c.update(func(u unit) { u.put(placed) })
	runs := 0
	err := c.try(home, func(u unit) error {
		if runs++; runs == 1 { // it has not looked
			return u.Commands().Put(u.ctx, placed)
		}
		found, ok, err := u.Commands().Find(u.ctx, "key-0")
		u.ok(err)
		require.True(c, ok)
		c.same("the key", placed, found)
		return nil
	})
	require.NoError(c, err)
	require.Equal(c, 2, runs, "runs of fn")
}

var tenants = []rule{
	{
		name: "tenant/apart", run: tenantsApart,
		text: "The same ids, numbers and keys in two tenants never meet: each has its own data, and what one writes, refuses or rolls back the other never sees.",
	},
	{
		name: "tenant/attack", run: tenantsAttack,
		text: "With the ids of another tenant no method finds or changes anything.",
	},
	{
		name: "tenant/names", run: tenantsNames,
		text: "Tenants are told apart byte by byte, and the empty one is a tenant like any other.",
	},
	{
		name: "tenant/positions", run: tenantsPositions,
		text: "The positions of one tenant's events grow whatever other tenants append in between.",
	},
}

func tenantsApart(c *check) {
	s := c.shop()
	twin := s
	twin.stock = 7
	twin.orders, twin.items, twin.returns, twin.works = slices.Clone(s.orders), slices.Clone(s.items), slices.Clone(s.returns), slices.Clone(s.works)
	twin.orders[0] = twin.orders[0].Clone()
	twin.orders[0].Note, twin.orders[0].State, twin.orders[1].Customer = "the twin's", order.StateOpen, "the twin's"
	twin.items[0].Name, twin.returns[1].Customer, twin.works[0].Location = "the twin's", "the twin's", "twin"
	c.updateOf("a", s.open)
	a := c.look("a")
	c.updateOf("b", twin.open)
	b := c.look("b")
	require.NotEmpty(c, difference(a, b))
	c.unchanged("a", a, "another tenant wrote under the same ids")
	c.updateOf("b", twin.change)
	c.unchanged("a", a, "another tenant changed what has the same ids")
	b = c.look("b")
	require.ErrorIs(c, c.try("a", func(u unit) error { s.change(u); return errPlain }), errPlain)
	c.unchanged("b", b, "another tenant rolled back")
	c.updateOf("a", s.change)
	c.unchanged("b", b, "another tenant changed what has the same ids")
}

func tenantsAttack(c *check) {
	s := c.shop()
	c.updateOf("victim", s.open)
	victim := c.look("victim")
	c.viewOf("thief", func(u unit) {
		for _, p := range s.readProbes(func(name string, n int) {
			require.Zero(c, n, "%s finds %d things of another tenant", name, n)
		}) {
			_ = p.call(u.ctx, u.Tx) // not found, or nothing found
		}
	})
	for _, p := range s.writeProbes() {
		_ = c.store.Update(c.ctx, "thief", p.call)
		c.unchanged("victim", victim, p.name+" by another tenant")
	}
	c.viewOf("thief", func(u unit) {
		w := u.look()
		require.Empty(c, w.Orders, "an order at version 2 is stale for who has none at version 1")
		require.Empty(c, w.Works, "a fulfillment order, likewise")
		require.Empty(c, w.Returns, "a return, likewise")
	})
	tee := item("tee")
	tee.Untracked = true
	c.updateOf("freelancer", func(u unit) { u.putItems(tee) }) // no postings of its own
	c.unchanged("victim", victim, "an item of another tenant")
}

func tenantsNames(c *check) {
	names := append([]string{"", " ", "a ", "a%", strings.Repeat("t", 60)}, lookalikes...)
	orders := make([]order.Order, len(names))
	for i, name := range names {
		o := c.order()
		o.Number, o.Note = "N-1", name
		orders[i] = o
		c.updateOf(storage.Tenant(name), func(u unit) { u.save(o); u.put(storage.Command{Key: "k", Hash: name}) })
	}
	for i, name := range names {
		c.viewOf(storage.Tenant(name), func(u unit) {
			c.same(fmt.Sprintf("the orders of tenant %q", name), orders[i:i+1], u.page(order.Filter{}))
			k, ok, err := u.Commands().Find(u.ctx, "k")
			u.ok(err)
			require.True(c, ok && k.Hash == name, "the key of tenant %q", name)
		})
	}
}

func tenantsPositions(c *check) {
	names := []storage.Tenant{"a", "b", ""}
	want := map[storage.Tenant][]storage.Event{}
	for range 20 {
		t := pick(&c.maker, names...)
		e := c.event("order/1", "kind")
		want[t] = append(want[t], e)
		c.updateOf(t, func(u unit) { u.append(e) })
	}
	for _, t := range names {
		c.updateOf(t, func(u unit) {
			got := u.since(0, 100)
			c.growing(got)
			c.same(fmt.Sprintf("the events of tenant %q", t), want[t], noSeq(got))
		})
	}
}
