package storagetest

import (
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

var refusals = []rule{
	{
		name: "refuse/not-found", run: refuseNotFound,
		text: "What does not exist is the ErrNotFound of its package; lists of it are empty.",
	},
	{
		name: "refuse/exists", run: refuseExists,
		text: "An order at version 1 whose id or number is taken is order.ErrExists, and changes nothing; a number is free again when its order was rolled back.",
	},
	{
		name: "refuse/stale-order", run: refuseStaleOrder,
		text: "An order at a later version replaces exactly the version before it; anything else is order.ErrStale, and changes nothing.",
	},
	{
		name: "refuse/stale-work", run: refuseStaleWork,
		text: "Fulfillment orders, shipments and returns are added at version 1 and replace exactly the version before theirs; anything else is the ErrStale of the package, and changes nothing.",
	},
	{
		name: "refuse/bytes", run: refuseBytes,
		text: "Ids, numbers, keys and names are compared byte by byte: case, accents, width and trailing space all count.",
	},
}

func refuseNotFound(c *check) {
	c.openShop()
	none := uuid.UUID{15: 1}
	c.view(func(u unit) {
		_, err := u.Orders().Get(u.ctx, order.ID{UUID: none})
		require.ErrorIs(c, err, order.ErrNotFound, "Orders.Get")
		_, err = u.Orders().Get(u.ctx, order.ID{})
		require.ErrorIs(c, err, order.ErrNotFound, "Orders.Get of the zero id")
		_, err = u.Orders().ByNumber(u.ctx, "A-9999")
		require.ErrorIs(c, err, order.ErrNotFound, "Orders.ByNumber")
		_, err = u.Fulfillments().Get(u.ctx, fulfillment.ID{UUID: none})
		require.ErrorIs(c, err, fulfillment.ErrNotFound, "Fulfillments.Get")
		_, err = u.Fulfillments().Shipment(u.ctx, fulfillment.ShipmentID{UUID: none})
		require.ErrorIs(c, err, fulfillment.ErrNotFound, "Fulfillments.Shipment")
		_, err = u.Returns().Get(u.ctx, returns.ID{UUID: none})
		require.ErrorIs(c, err, returns.ErrNotFound, "Returns.Get")
		_, err = u.Stock().Posting(u.ctx, none)
		require.ErrorIs(c, err, inventory.ErrNotFound, "Stock.Posting")

		works, err := u.Fulfillments().OfOrder(u.ctx, order.ID{UUID: none})
		require.NoError(c, err)
		require.Empty(c, works, "Fulfillments.OfOrder")
		shipments, err := u.Fulfillments().ShipmentsOf(u.ctx, order.ID{UUID: none})
		require.NoError(c, err)
		require.Empty(c, shipments, "Fulfillments.ShipmentsOf")
		rs, err := u.Returns().OfOrder(u.ctx, order.ID{UUID: none})
		require.NoError(c, err)
		require.Empty(c, rs, "Returns.OfOrder")
		require.Empty(c, every(u, u.Events().Of(u.ctx, "order/none")), "Events.Of")
		_, found, err := u.Commands().Find(u.ctx, "no such key")
		require.NoError(c, err)
		require.False(c, found, "Commands.Find")
	})
}

func refuseExists(c *check) {
	s, before := c.openShop()
	sameID, sameNumber := c.order(), c.order()
	sameID.ID, sameNumber.Number = s.orders[1].ID, s.orders[1].Number
	both := s.orders[1].Clone()
	for what, o := range map[string]order.Order{"id": sameID, "number": sameNumber, "id and number": both} {
		c.refused(order.ErrExists, func(u unit) error { return u.Orders().Save(u.ctx, o) })
		c.unchanged(home, before, "an order whose "+what+" is taken")
	}
	first := c.order()
	second := c.order()
	second.Number = first.Number
	c.refused(order.ErrExists, func(u unit) error {
		u.save(first)
		return u.Orders().Save(u.ctx, second)
	})
	c.unchanged(home, before, "two new orders of one number in one transaction")
	c.update(func(u unit) { u.save(second) })
	first.Number = "A-other"
	c.update(func(u unit) { u.save(first) })
}

func refuseStaleOrder(c *check) {
	first := c.order()
	stored := next(first, func(o *order.Order) { o.Note = "second" })
	c.update(func(u unit) { u.save(first, c.order()) })
	c.update(func(u unit) { u.save(stored) })
	before := c.look(home)
	unknown := c.order()
	unknown.Version = 2
	for _, wrong := range []int64{2, 4, 1 << 40} {
		o := stored.Clone()
		o.Version, o.Note = wrong, "stale"
		c.refused(order.ErrStale, func(u unit) error { return u.Orders().Save(u.ctx, o) })
		c.unchanged(home, before, "a stale save")
	}
	c.refused(order.ErrStale, func(u unit) error { return u.Orders().Save(u.ctx, unknown) })
	c.refused(order.ErrStale, func(u unit) error { // its own write counts as stored
		u.save(next(stored, func(*order.Order) {}))
		return u.Orders().Save(u.ctx, next(stored, func(*order.Order) {}))
	})
	c.unchanged(home, before, "stale saves")
	third := next(stored, func(o *order.Order) { o.Note = "third" })
	c.update(func(u unit) { u.save(third, next(third, func(o *order.Order) { o.Note = "fourth" })) })
}

func refuseStaleWork(c *check) {
	s, before := c.openShop()
	for _, wrong := range []int64{1, 3} {
		w, p, r := s.works[0].Clone(), s.shipments[0].Clone(), s.returns[0].Clone()
		w.Version, p.Version, r.Version = wrong, wrong, wrong
		c.refused(fulfillment.ErrStale, func(u unit) error { return u.Fulfillments().Save(u.ctx, w) })
		c.refused(fulfillment.ErrStale, func(u unit) error { return u.Fulfillments().SaveShipment(u.ctx, p) })
		c.refused(returns.ErrStale, func(u unit) error { return u.Returns().Save(u.ctx, r) })
	}
	w, p, r := c.work(s.orders[0], "ber"), c.shipment(s.works[0]), c.blind()
	w.Version, p.Version, r.Version = 2, 2, 2
	c.refused(fulfillment.ErrStale, func(u unit) error { return u.Fulfillments().Save(u.ctx, w) })
	c.refused(fulfillment.ErrStale, func(u unit) error { return u.Fulfillments().SaveShipment(u.ctx, p) })
	c.refused(returns.ErrStale, func(u unit) error { return u.Returns().Save(u.ctx, r) })
	c.unchanged(home, before, "stale saves")
}

// lookalikes are different names that a careless comparison takes for the same one.
var lookalikes = []string{"J", "j", "e\u0301", "\u00e9", "e", "ss", "ß", "ﬁ", "fi", "ａ", "a", "İ", "i", "I", "ı", "a\u200b", "_", "%"}

func refuseBytes(c *check) {
	spaced := append([]string{"a ", " a", "\u00a0a", "A"}, lookalikes...)
	var orders []order.Order
	for _, name := range spaced {
		o := c.order("tee-" + name + ".")
		o.Number, o.Customer, o.Channel = "N"+name+".", name, name
		o.Lines[0].Item = name
		orders = append(orders, o)
	}
	metas := make([]inventory.Meta, len(lookalikes))
	for i := range metas {
		metas[i] = c.meta(i)
	}
	c.update(func(u unit) {
		u.save(orders...)
		for i, name := range spaced {
			r := c.blind()
			r.Customer = name
			u.saveReturn(r)
			u.put(storage.Command{Key: name, Hash: name, At: at(i)})
			u.append(c.event(name, "kind"))
		}
		for i, name := range lookalikes {
			u.putItems(item(name))
			u.putLocations(location(name))
			u.decide(inventory.Need{Items: []string{name}, Locations: []string{name}}, func(s inventory.Snapshot) (inventory.Changes, error) {
				return inventory.Receive(s, inventory.Receipt{Item: name, Location: name, Lot: name, Qty: int64(i + 1), Ref: name}, metas[i])
			})
			u.decide(inventory.Need{Items: []string{name}}, func(s inventory.Snapshot) (inventory.Changes, error) {
				m := metas[i]
				m.ID[15]++
				return inventory.Reserve(s, []inventory.Hold{{Owner: name, Item: name, Location: name, Qty: 1}}, "", m)
			})
		}
	})
	c.view(func(u unit) {
		for i, name := range spaced {
			o, err := u.Orders().ByNumber(u.ctx, orders[i].Number)
			u.ok(err)
			c.same("the order of number "+name, orders[i], o)
			for _, f := range []order.Filter{{Customer: name}, {Channel: name}, {Item: name}} {
				c.same("the page of "+name, orders[i:i+1], u.page(f))
			}
			rs, err := u.Returns().Page(u.ctx, returns.Filter{Customer: name})
			u.ok(err)
			c.count(1, len(rs), "the returns of customer %q", name)
			k, found, err := u.Commands().Find(u.ctx, name)
			u.ok(err)
			require.True(c, found && k.Hash == name, "key %q", name)
			c.count(1, len(every(u, u.Events().Of(u.ctx, name))), "the events of aggregate %q", name)
		}
		for i, name := range lookalikes {
			s := u.load(inventory.Need{Items: []string{name}, Owner: name})
			c.count(1, len(s.Items), "item %q", name)
			c.count(1, len(s.Balances), "balances of %q", name)
			require.EqualValues(c, i+1, s.Balances[0].OnHand(), "units of %q", name)
			c.count(1, len(s.Reservations), "reservations of %q", name)
			for _, f := range []inventory.PostingFilter{{Item: name}, {Document: name}} {
				require.NotEmpty(c, every(u, u.Stock().ListPostings(u.ctx, f)), "postings of %q", name)
				require.LessOrEqual(c, len(every(u, u.Stock().ListPostings(u.ctx, f))), 2, "postings of %q", name)
			}
		}
	})
}
