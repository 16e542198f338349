package storagetest

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

var ownership = []rule{
	{
		name: "own/returned", run: ownReturned,
		text: "What a store returns belongs to the caller: changing every slice, map and pointer of it changes nothing that is stored.",
	},
	{
		name: "own/passed", run: ownPassed,
		text: "What is passed to a store stays the caller's: changing it after the call, before or after the commit, changes nothing that is stored.",
	},
	{
		name: "own/kept", run: ownKept,
		text: "A value that was read stays as it is, whatever is written later.",
	},
}

// readAll reads everything there is by every road there is.
func (u unit) readAll(s shop) []any {
	u.c.Helper()
	w := u.look()
	o := u.order(s.orders[0].ID)
	byNumber, err := u.Orders().ByNumber(u.ctx, o.Number)
	u.ok(err)
	page := u.page(order.Filter{Limit: 2})
	works, err := u.Fulfillments().OfOrder(u.ctx, o.ID)
	u.ok(err)
	work, err := u.Fulfillments().Get(u.ctx, s.works[0].ID)
	u.ok(err)
	workPage, err := u.Fulfillments().Page(u.ctx, fulfillment.Filter{Location: s.works[0].Location})
	u.ok(err)
	shipment, err := u.Fulfillments().Shipment(u.ctx, s.shipments[0].ID)
	u.ok(err)
	r, err := u.Returns().Get(u.ctx, s.returns[0].ID)
	u.ok(err)
	rs, err := u.Returns().OfOrder(u.ctx, o.ID)
	u.ok(err)
	returnPage, err := u.Returns().Page(u.ctx, returns.Filter{Customer: s.returns[0].Customer})
	u.ok(err)
	snap := u.load(inventory.Need{Items: []string{"mug", "set", "tee", "wrap"}, Locations: []string{"ber", "ham"}, Owner: o.Number, Now: at(5000)})
	require.NotEmpty(u.c, snap.Expired)
	posting, err := u.Stock().Posting(u.ctx, s.metas[0].ID)
	u.ok(err)
	postings := every(u, u.Stock().ListPostings(u.ctx, inventory.PostingFilter{Item: "tee"}))
	events := noSeq(every(u, u.Events().Of(u.ctx, s.events[0].Aggregate)))
	return []any{&w, &o, &byNumber, &page, &works, &work, &workPage, &shipment, &r, &rs, &returnPage, &snap, &posting, &postings, &events}
}

func ownReturned(c *check) {
	s, before := c.openShop()
	var want []any
	c.view(func(u unit) { want = deepCopy(u.readAll(s)) })
	scribbled := func(u unit) {
		for range 2 {
			for _, v := range u.readAll(s) {
				scribble(v)
			}
			got := u.readAll(s)
			for i := range want {
				c.same("what is read after the host changed what it had read", want[i], got[i])
			}
		}
	}
	c.view(scribbled)
	c.update(scribbled)
	c.unchanged(home, before, "the host changed what it had read")

	c.update(func(u unit) { // own writes, too
		s.change(u)
		mine := u.look()
		inside := deepCopy(mine)
		scribble(&mine)
		c.same("what is read of own writes after the host changed what it had read", inside, u.look())
	})
}

func ownPassed(c *check) {
	s := c.shop()
	mine := s
	mine.orders, mine.works, mine.shipments, mine.returns, mine.events = slices.Clone(s.orders), slices.Clone(s.works), slices.Clone(s.shipments), slices.Clone(s.returns), slices.Clone(s.events)
	for i := range mine.orders {
		mine.orders[i] = mine.orders[i].Clone()
	}
	for i := range mine.works {
		mine.works[i] = mine.works[i].Clone()
	}
	for i := range mine.shipments {
		mine.shipments[i] = mine.shipments[i].Clone()
	}
	for i := range mine.returns {
		mine.returns[i] = mine.returns[i].Clone()
	}
	for i := range mine.events {
		mine.events[i].Data = slices.Clone(mine.events[i].Data)
	}
	mine.items = slices.Clone(s.items)
	for i := range mine.items {
		mine.items[i] = mine.items[i].Clone()
	}
	mine.locations = slices.Clone(s.locations)
	point := *s.locations[0].At
	mine.locations[0].At = &point
	posting := c.move(in("tee", "ham", 3), in("mug", "ber", 3))
	posting.Reservations = []inventory.Reservation{{ReservationKey: inventory.ReservationKey{Owner: "o", Item: "tee", Location: "ham"}, Released: 3, Version: 1}}
	kept := slices.Clone(posting.Posting.Movements)

	c.update(func(u unit) {
		mine.open(u)
		u.apply(posting)
		scribble(&mine.orders)
		scribble(&mine.works)
		scribble(&mine.shipments)
		scribble(&mine.returns)
		scribble(&mine.events)
		scribble(&mine.items)
		scribble(&mine.locations)
		scribble(&posting)
	})
	got := c.look(home)
	c.same("orders", expected(s.orders, order.Filter{}), got.Orders)
	c.same("fulfillment orders", []fulfillment.Order{s.works[1], s.works[0]}, got.Works)
	c.same("shipments", s.shipments, got.Shipments)
	c.same("returns", []returns.Return{s.returns[1], s.returns[0]}, got.Returns)
	c.same("events", s.events, got.Events)
	c.same("items", s.items, got.Items)
	c.same("locations", s.locations, got.Locations)
	c.same("movements", kept, got.Postings[len(got.Postings)-1].Movements)
	require.EqualValues(c, 3, got.Reservations[len(got.Reservations)-1].Released)

	o := next(s.orders[0], func(o *order.Order) { o.Tags = []string{"after"} })
	want := o.Clone()
	c.update(func(u unit) { u.save(o) })
	scribble(&o)
	c.view(func(u unit) { c.same("an order changed after the commit", want, u.order(s.orders[0].ID)) })
}

func ownKept(c *check) {
	s, _ := c.openShop()
	var kept, copied []any
	c.view(func(u unit) { kept = u.readAll(s); copied = deepCopy(kept) })
	c.update(func(u unit) {
		early := u.readAll(s)
		same := deepCopy(early)
		s.change(u)
		u.look()
		for i := range early {
			c.same("a value read before a write of the same transaction", same[i], early[i])
		}
	})
	c.update(func(u unit) {
		u.save(next(u.order(s.orders[0].ID), func(o *order.Order) { o.Tags, o.Lines = nil, o.Lines[:1] }))
	})
	for i := range kept {
		c.same("a value read before later transactions", copied[i], kept[i])
	}
}
