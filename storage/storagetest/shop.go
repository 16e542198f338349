package storagetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// shop is the data of a small tenant: a few of everything, related to each other.
type shop struct {
	items     []inventory.Item
	locations []inventory.Location
	levels    []inventory.Level
	orders    []order.Order
	works     []fulfillment.Order
	shipments []fulfillment.Shipment
	returns   []returns.Return
	events    []storage.Event
	commands  []storage.Command
	cursors   []storage.Cursor
	letters   []storage.Letter // in the first shard
	documents []storage.Document
	metas     []inventory.Meta // of the postings to make
	stock     int64            // units to receive of each item
	spare     storage.Event    // not appended by open or change
}

func (m *maker) shop() shop {
	full, small := m.fullOrder(), m.order("tee")
	w := m.fullWork(full)
	s := shop{
		items: []inventory.Item{
			{ID: "mug", SKU: "MUG", Name: "Mug", Safety: 2},
			{ID: "set", SKU: "SET", Kit: []inventory.Component{{Item: "mug", Qty: 2}, {Item: "tee", Qty: 1}}, Units: []inventory.Unit{{Code: "case", Qty: 6}}},
			{ID: "tee", SKU: "TEE", Name: "Tee", Backorder: true},
			{ID: "wrap", SKU: "WRAP", Untracked: true},
		},
		locations: []inventory.Location{{ID: "ber", Name: "Berlin", Priority: 1, At: &inventory.Point{Lat: 52.5, Lng: 13.4}, Country: "DE"}, {ID: "ham"}},
		levels:    []inventory.Level{fullLevel("tee", "ber"), {Item: "tee", Location: "ham", Version: 1}},
		orders:    []order.Order{full, small},
		works:     []fulfillment.Order{w, m.work(small, "ham")},
		shipments: []fulfillment.Shipment{m.fullShipment(w)},
		returns:   []returns.Return{m.fullReturn(full), m.blind()},
		commands:  []storage.Command{command("key-0"), command("key-1")},
		cursors:   []storage.Cursor{{Consumer: consumer, Shards: 2, Position: 2, Letters: 2, Version: 1}, fullCursor()},
		letters:   []storage.Letter{newLetter(0, "order/stuck"), newLetter(0, "stock/tee")},
		documents: []storage.Document{newDocument("po-1", "acme", 3), fullDocument()},
		stock:     40,
		spare:     m.event("order/spare", "order.placed"),
	}
	for _, o := range s.orders {
		s.events = append(s.events, m.event("order/"+o.ID.String(), "order.placed"))
	}
	s.events = append(s.events, m.event("stock/tee", "stock.posted"))
	for n := range 8 {
		s.metas = append(s.metas, m.meta(n))
	}
	return s
}

// open stores the shop of a tenant that has nothing yet.
func (s shop) open(u unit) {
	u.c.Helper()
	u.putItems(s.items...)
	u.putLocations(s.locations...)
	u.putLevels(s.levels...)
	u.decide(inventory.Need{Items: []string{"mug"}, Locations: []string{"ber"}}, func(snap inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Receive(snap, inventory.Receipt{Item: "mug", Lot: "lot-1", Location: "ber", Qty: s.stock, Ref: "po-1"}, s.metas[0])
	})
	u.decide(inventory.Need{Items: []string{"tee"}, Locations: []string{"ham"}}, func(snap inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Receive(snap, inventory.Receipt{Item: "tee", Location: "ham", Qty: s.stock, Ref: "po-1"}, s.metas[1])
	})
	u.decide(inventory.Need{Items: []string{"mug", "tee"}}, func(snap inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Reserve(snap, []inventory.Hold{
			{Owner: s.orders[0].Number, Line: 1, Item: "tee", Location: "ham", Qty: 2},
			{Owner: s.orders[0].Number, Line: 2, Item: "mug", Location: "ber", Qty: 3, Until: s.metas[2].Now.Add(time.Hour)},
		}, s.orders[0].Number, s.metas[2])
	})
	u.save(s.orders...)
	u.saveWork(s.works...)
	u.saveShipment(s.shipments...)
	u.saveReturn(s.returns...)
	u.append(s.events...)
	for _, c := range s.commands {
		u.put(c)
	}
	u.saveCursor(s.cursors...)
	u.saveLetter(s.letters...)
	u.saveDocument(s.documents...)
}

// change touches everything there is, and adds to it, in every repository.
func (s shop) change(u unit) {
	u.c.Helper()
	renamed := s.items[0]
	renamed.Name, renamed.Safety = "Mug, large", 0
	u.putItems(renamed, item("cap"))
	moved := s.locations[0]
	moved.Name, moved.At = "Potsdam", nil
	u.putLocations(moved, location("muc"))
	thawed := s.levels[1]
	thawed.Version, thawed.Frozen = 2, true
	u.putLevels(thawed, inventory.Level{Item: "cap", Location: "muc", Version: 1})
	u.decide(inventory.Need{Items: []string{"tee"}, Locations: []string{"muc"}}, func(snap inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Transfer(snap, inventory.Shift{Item: "tee", From: "ham", To: "muc", Qty: 5, Ref: "shift"}, s.metas[3])
	})
	u.decide(inventory.Need{Owner: s.orders[0].Number}, func(snap inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Release(snap, s.orders[0].Number, s.orders[0].Number, s.metas[4])
	})
	u.save(next(s.orders[0], func(o *order.Order) { o.Holds, o.Note, o.State = nil, "changed", order.StateClosed }))
	added := s.orders[1].Clone()
	added.ID.UUID, added.Number = s.metas[5].ID, "A-added"
	u.save(added)
	w := s.works[0].Clone()
	w.Version, w.Work = 2, fulfillment.WorkDone
	u.saveWork(w)
	p := s.shipments[0].Clone()
	p.Version, p.State = 2, fulfillment.ShipmentVoided
	u.saveShipment(p)
	r := s.returns[1].Clone()
	r.Version, r.State = 2, returns.StateDeclined
	u.saveReturn(r)
	e := s.events[0]
	e.ID, e.Version, e.Kind = s.metas[6].ID, 2, "order.closed"
	u.append(e)
	u.put(command("key-2"))
	cur := s.cursors[0]
	cur.Version, cur.Position, cur.Owner, cur.Until = 2, 3, "me", at(50)
	u.saveCursor(cur)
	l := s.letters[1]
	l.Version, l.Attempts, l.Dead = 2, 2, true
	u.saveLetter(l, newLetter(1, "return/1"))
	u.ok(u.Deliveries().DropLetter(u.ctx, consumer, 0, s.letters[0].Aggregate))
	closed := s.documents[0]
	closed.Version, closed.Live, closed.Body = 2, false, json.RawMessage(`{}`)
	u.saveDocument(closed, newDocument("po-2", "acme", 1))
	u.ok(u.Documents().Drop(u.ctx, paper, s.documents[1].ID))
}

// openShop gives the home tenant a shop and returns it with what can be seen of it.
func (c *check) openShop() (shop, world) {
	c.Helper()
	s := c.shop()
	c.update(s.open)
	return s, c.look(home)
}

// stocked gives the home tenant items and locations, and receives qty of each item at
// the first location.
func (c *check) stocked(qty int64, items []string, locations ...string) {
	c.Helper()
	metas := make([]inventory.Meta, len(items))
	for i := range metas {
		metas[i] = c.meta(0)
	}
	c.update(func(u unit) {
		for _, id := range items {
			u.putItems(item(id))
		}
		for _, id := range locations {
			u.putLocations(location(id))
		}
		for i, id := range items {
			u.decide(inventory.Need{Items: []string{id}, Locations: locations[:1]}, func(s inventory.Snapshot) (inventory.Changes, error) {
				return inventory.Receive(s, inventory.Receipt{Item: id, Location: locations[0], Qty: qty, Ref: "po"}, metas[i])
			})
		}
	})
}

// bigOrder is an order of n lines.
func (m *maker) bigOrder(n int) order.Order {
	o := m.order()
	line := o.Lines[0]
	o.Lines = make([]order.Line, n)
	for i := range o.Lines {
		o.Lines[i] = line
		o.Lines[i].No, o.Lines[i].Item = i+1, fmt.Sprintf("item-%05d", i)
		o.Lines[i].UnitPrice = decimal.New(int64(i), -2)
		o.Lines[i].Metadata = map[string]string{"row": fmt.Sprint(i)}
		o.Lines[i].Shares = []order.Share{{Discount: 0, Amount: order.Zero(o.Currency)}}
	}
	return o
}
