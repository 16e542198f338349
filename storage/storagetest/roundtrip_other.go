package storagetest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

var otherRoundTrips = []rule{
	{
		name: "fulfillment/round-trip", run: workRoundTrip,
		text: "A fulfillment order is read as it was saved, by id, by order and in pages; a later version replaces all of it.",
	},
	{
		name: "shipment/round-trip", run: shipmentRoundTrip,
		text: "A shipment is read as it was saved, with its parcels in order, by id and by order; a later version replaces all of it.",
	},
	{
		name: "return/round-trip", run: returnRoundTrip,
		text: "A return is read as it was saved, with or without an order, by id, by order and in pages; a later version replaces all of it.",
	},
	{
		name: "stock/definitions", run: definitionsRoundTrip,
		text: "Items and locations are read as they were put, and putting them again replaces the whole definition.",
	},
	{
		name: "stock/levels", run: levelRoundTrip,
		text: "What holds for an item at a location is read as it was saved, with its location, whether there is a balance or not; a later version replaces all of it, and any other is inventory.ErrStale. Changing the item leaves it.",
	},
	{
		name: "stock/postings", run: postingRoundTrip,
		text: "A posting is read as it was applied: its movements in order, with every account, lot and quantity.",
	},
	{
		name: "stock/reservations", run: reservationRoundTrip,
		text: "A reservation is read as it was saved, with every counter, its expiry and its version, and is never dropped for being finished.",
	},
	{
		name: "events/round-trip", run: eventRoundTrip,
		text: "An event is read as it was appended, and its data byte by byte: spaces, order of keys, digits and escapes are the host's.",
	},
	{
		name: "commands/round-trip", run: commandRoundTrip,
		text: "A command is found as it was put.",
	},
}

func workRoundTrip(c *check) {
	o := c.order("tee", "mug")
	plain, full := c.work(o, "ham"), c.fullWork(o)
	full.UpdatedAt = time.Date(2026, 5, 1, 1, 1, 1, 987_654_321, time.FixedZone("x", -3600))
	for i := range full.Lines {
		full.Lines[i].Qty = order.MaxQty
	}
	c.update(func(u unit) {
		u.save(o)
		u.saveWork(plain, full)
	})
	c.sameWorks(o.ID, plain, full)
	plain.Version, full.Version = 2, 2
	plain.Lines, full.Lines = full.Lines, plain.Lines[:1]
	plain.Work, full.Work, full.Location = full.Work, "handed_to_3pl", "Größe 👩🏽‍🚀"
	c.update(func(u unit) { u.saveWork(plain, full) })
	c.sameWorks(o.ID, plain, full)
}

// sameWorks fails unless the fulfillment orders of an order, oldest first, are all there is.
func (c *check) sameWorks(id order.ID, want ...fulfillment.Order) {
	c.Helper()
	c.view(func(u unit) {
		page, err := u.Fulfillments().Page(u.ctx, fulfillment.Filter{})
		u.ok(err)
		c.count(len(want), len(page), "fulfillment orders in a page")
		of, err := u.Fulfillments().OfOrder(u.ctx, id)
		u.ok(err)
		c.same("OfOrder", want, of)
		for i, w := range want {
			got, err := u.Fulfillments().Get(u.ctx, w.ID)
			u.ok(err)
			c.same("Get", w, got)
			c.same("Page", w, page[len(page)-1-i])
		}
	})
}

func shipmentRoundTrip(c *check) {
	o := c.order("tee", "mug")
	w := c.work(o, "ham")
	plain, full := c.shipment(w), c.fullShipment(w)
	c.update(func(u unit) {
		u.save(o)
		u.saveWork(w)
		u.saveShipment(plain, full)
	})
	c.sameShipments(o.ID, plain, full)
	plain.Version, full.Version = 2, 2
	plain.Parcels, full.Parcels = full.Parcels, plain.Parcels
	plain.State, full.State = full.State, plain.State
	plain.ShippedAt, full.ShippedAt = full.ShippedAt, plain.ShippedAt
	c.update(func(u unit) { u.saveShipment(plain, full) })
	c.sameShipments(o.ID, plain, full)
}

func (c *check) sameShipments(id order.ID, want ...fulfillment.Shipment) {
	c.Helper()
	c.view(func(u unit) {
		of, err := u.Fulfillments().ShipmentsOf(u.ctx, id)
		u.ok(err)
		c.same("ShipmentsOf", want, of)
		for _, s := range want {
			got, err := u.Fulfillments().Shipment(u.ctx, s.ID)
			u.ok(err)
			c.same("Shipment", s, got)
		}
	})
}

func returnRoundTrip(c *check) {
	o := c.order("tee", "mug")
	blind, full := c.blind(), c.fullReturn(o)
	full.Lines[0].Qty, full.Verdicts[0].Evidence, full.Ref = order.MaxQty, strings.Join(texts, "|"), texts[1]
	blind.Lines[0].Worth, blind.Refunded = money("1234567.890", "KWD"), money("0.005", "KWD")
	c.update(func(u unit) {
		u.save(o)
		u.saveReturn(blind, full)
	})
	c.sameReturns(o.ID, blind, full)
	blind.Version, full.Version = 2, 2
	blind.Verdicts, full.Verdicts = full.Verdicts, nil
	blind.Lines, full.Lines = full.Lines, blind.Lines
	full.ClosedAt, full.Location = time.Time{}, ""
	c.update(func(u unit) { u.saveReturn(blind, full) })
	c.sameReturns(o.ID, blind, full)
}

func (c *check) sameReturns(id order.ID, blind, ofOrder returns.Return) {
	c.Helper()
	c.view(func(u unit) {
		page, err := u.Returns().Page(u.ctx, returns.Filter{})
		u.ok(err)
		c.same("Page", []returns.Return{ofOrder, blind}, page)
		of, err := u.Returns().OfOrder(u.ctx, id)
		u.ok(err)
		c.same("OfOrder", []returns.Return{ofOrder}, of)
		for _, r := range page {
			got, err := u.Returns().Get(u.ctx, r.ID)
			u.ok(err)
			c.same("Get", r, got)
		}
	})
}

func definitionsRoundTrip(c *check) {
	items := []inventory.Item{
		fullItem("a"),
		{ID: "b", SKU: texts[7]},
		{ID: strings.Repeat("é", inventory.MaxIDLen/2), SKU: "S"},
	}
	locations := []inventory.Location{
		fullLocation("a"),
		{ID: "b", At: &inventory.Point{}},
		{ID: "c", Priority: 1 << 30},
	}
	put := func() {
		c.Helper()
		c.update(func(u unit) { u.putItems(items...); u.putLocations(locations...) })
		c.view(func(u unit) {
			c.same("ListItems", items, every(u, u.Stock().ListItems(u.ctx)))
			c.same("ListLocations", locations, every(u, u.Stock().ListLocations(u.ctx)))
			s := u.load(inventory.Need{Items: []string{items[2].ID, "b", "a"}, Locations: []string{"c", "a", "b"}})
			c.same("the items of Load", items, s.Items)
			c.same("the locations of Load", locations, s.Locations)
		})
	}
	put()
	items[2].Kit, items[2].Picking = []inventory.Component{{Item: "a", Qty: 3}}, inventory.FIFO
	items[0], items[1] = inventory.Item{ID: "a", SKU: "B"}, inventory.Item{ID: "b", SKU: "A", Scale: 3, Untracked: true}
	locations[0], locations[1] = inventory.Location{ID: "a"}, inventory.Location{ID: "b", At: &inventory.Point{Lat: -90, Lng: 180}}
	put()
}

func postingRoundTrip(c *check) {
	c.update(func(u unit) {
		u.putItems(item("tee"), item("mug"))
		u.putLocations(location("ber"), location("ham"))
	})
	var movements []inventory.Movement
	from := inventory.Outside(inventory.Production)
	for _, state := range inventory.LocationStates() {
		movements = append(movements, inventory.Movement{Item: "tee", Lot: "lot " + state.String(), From: from, To: inventory.At("ham", state), Qty: inventory.MaxQty})
	}
	movements = append(movements,
		inventory.Movement{Item: "mug", From: inventory.Outside(inventory.InTransit), To: inventory.At("ber", inventory.Free), Qty: 7},
		inventory.Movement{Item: "mug", From: inventory.At("ber", inventory.Free), To: inventory.Outside(inventory.Scrap), Qty: 1},
		inventory.Movement{Item: "mug", From: inventory.At("ber", inventory.Free), To: inventory.Outside(inventory.Shrink), Qty: 1},
	)
	postings := []inventory.Posting{
		{ID: c.uuid(), Reason: inventory.ReasonOpening, Document: texts[1], Actor: texts[2], At: at(5), Movements: movements},
		{ID: c.uuid(), Reason: "a reason of the host", At: time.Date(1969, 7, 20, 20, 17, 40, 123_456_789, time.UTC), Movements: movements[8:9]},
	}
	c.update(func(u unit) {
		for _, p := range postings {
			u.apply(inventory.Changes{Posting: p})
			got, err := u.Stock().Posting(u.ctx, p.ID)
			u.ok(err)
			c.same("Posting before the commit", p, got)
		}
	})
	c.view(func(u unit) {
		c.same("ListPostings", postings, every(u, u.Stock().ListPostings(u.ctx, inventory.PostingFilter{})))
		for _, p := range postings {
			got, err := u.Stock().Posting(u.ctx, p.ID)
			u.ok(err)
			c.same("Posting", p, got)
		}
		rows := every(u, u.Stock().ListBalances(u.ctx))
		c.count(1+len(inventory.LocationStates()), len(rows), "balances")
		for _, b := range rows[1:] {
			require.EqualValues(c, inventory.MaxQty, b.OnHand(), "balance of %+v", b.Key)
		}
	})
}

func reservationRoundTrip(c *check) {
	c.stocked(100, []string{"tee"}, "ber")
	key := inventory.ReservationKey{Owner: "order-1", Line: 3, Item: "tee", Lot: "lot-1", Location: "ber"}
	other := inventory.ReservationKey{Owner: "cart 👩🏽‍🚀", Item: "tee", Lot: "lot-9", Location: "ber"}
	versions := [][]inventory.Reservation{
		{{ReservationKey: other, Version: 1, Released: inventory.MaxQty}, fullReservation(key)},
		{{ReservationKey: other, Version: 2, Soft: 1, Until: time.Date(2030, 1, 1, 0, 0, 0, 1999, time.FixedZone("x", 60))}, {ReservationKey: key, Shipped: 15, Released: 6, Version: 2}},
	}
	for n, want := range versions {
		posting := inventory.Posting{ID: c.uuid(), Reason: inventory.ReasonReserve, At: at(n), Movements: []inventory.Movement{
			{Item: "tee", From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Committed), Qty: 1},
		}}
		c.update(func(u unit) { u.apply(inventory.Changes{Posting: posting, Reservations: want}) })
		c.view(func(u unit) {
			c.same("ListReservations", want, every(u, u.Stock().ListReservations(u.ctx, inventory.ReservationFilter{})))
			c.same("the reservations of Load", want[1:], u.load(inventory.Need{Owner: "order-1"}).Reservations)
		})
	}
}

func eventRoundTrip(c *check) {
	var want []storage.Event
	for _, data := range []string{
		`{}`, `null`, `{"b":1,  "a":1.0e+2 , "b": 2}`, `[1.10, 100000000000000000000, -0]`, `"\u00e9 é \/ <&> 👩🏽‍🚀"`, "{\n\t\"a\" :\t\"" + strings.Repeat("x", 70_000) + "\"\n}",
	} {
		e := c.event("order/1", "order.placed")
		e.Data = json.RawMessage(data)
		want = append(want, e)
	}
	for i, text := range texts {
		e := c.event("note/"+text, "kind."+text)
		e.Actor, e.Version, e.At = text, int64(i), at(i).In(time.FixedZone("x", 3600)).Add(789)
		want = append(want, e)
	}
	want[5].Version, want[0].Version, want[0].Actor, want[0].At = 1<<62, 0, "", time.Time{}
	c.update(func(u unit) { u.append(want...) })
	c.update(func(u unit) {
		got := u.since(0, len(want)+1)
		c.growing(got)
		c.same("Since", want, noSeq(got))
		c.same("Of", want[:6], noSeq(every(u, u.Events().Of(u.ctx, "order/1"))))
	})
}

func commandRoundTrip(c *check) {
	var want []storage.Command
	for _, text := range texts {
		want = append(want, storage.Command{Key: "key " + text, Name: text, Hash: text, Result: text, At: at(1).In(time.FixedZone("x", 3600)).Add(789)})
	}
	want = append(want, storage.Command{Key: strings.Repeat("k", 200)})
	c.update(func(u unit) {
		for _, w := range want {
			u.put(w)
		}
	})
	c.view(func(u unit) {
		for _, w := range want {
			got, ok, err := u.Commands().Find(u.ctx, w.Key)
			u.ok(err)
			require.True(c, ok, "key %q is not found", w.Key)
			c.same("key "+w.Key, w, got)
		}
	})
}
