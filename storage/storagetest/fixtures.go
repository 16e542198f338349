package storagetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// maker makes valid sample data. What it makes later has a greater id.
type maker struct {
	made int64
	rand *rand.Rand
}

// at is a moment n minutes after the start of all samples.
func at(n int) time.Time {
	return time.Date(2026, 3, 1, 9, 0, 0, 123_456_000, time.UTC).Add(time.Duration(n) * time.Minute)
}

func eur(amount string) order.Money { return money(amount, "EUR") }

func money(amount, currency string) order.Money {
	m, err := order.ParseMoney(amount, currency)
	if err != nil {
		panic(err) // a sample of this package is not money
	}
	return m
}

// uuid makes an id that grows with time, like a version 7.
func (m *maker) uuid() uuid.UUID {
	m.made++
	ms := at(0).UnixMilli() + m.made
	var u uuid.UUID
	for i := range 6 {
		u[i] = byte(ms >> (40 - 8*i))
	}
	for i := 6; i < len(u); i++ {
		u[i] = byte(m.rand.Uint32())
	}
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	return u
}

func (m *maker) orderID() order.ID { return order.ID{UUID: m.uuid()} }

func (m *maker) meta(n int) inventory.Meta {
	return inventory.Meta{ID: m.uuid(), Actor: "clerk", Now: at(n)}
}

// order is a placed order of one unit of each item, version 1. Without items it is of
// one tee.
func (m *maker) order(items ...string) order.Order {
	if len(items) == 0 {
		items = []string{"tee"}
	}
	id := m.orderID()
	n := int(m.made)
	o := order.Order{
		ID: id, Number: fmt.Sprintf("A-%04d", n), Version: 1, State: order.StatePlaced, Channel: "web",
		Customer: "c-1", Currency: order.MustCurrency("EUR"), PlacedAt: at(n), UpdatedAt: at(n),
	}
	for i, item := range items {
		o.Lines = append(o.Lines, order.Line{
			No: i + 1, Item: item, SKU: strings.ToUpper(item), UnitPrice: decimal.RequireFromString("19.90"), Stocked: true,
			Amount: eur("19.90"), Net: eur("19.90"), Tax: eur("0.00"), Total: eur("19.90"),
			Counters: order.Counters{Ordered: 1, Reserved: 1},
		})
	}
	return o
}

// smallestOrder has nothing that an order can be without.
func (m *maker) smallestOrder() order.Order {
	o := m.order("tee")
	o.Channel, o.Customer, o.Lines[0].SKU, o.PlacedAt = "", "", "tee", time.Time{}
	o.State = order.StateDraft
	o.Lines[0].Counters = order.Counters{Ordered: 1, Unreserved: 1}
	return o
}

// fullOrder has every field set.
func (m *maker) fullOrder() order.Order {
	o := m.order("tee", "mug")
	o.State, o.Channel, o.Customer = order.StateCancelled, "shop", "c-full"
	o.TaxIncluded = true
	o.Rules = order.PriceRules{Rounding: order.HalfEven, Tax: order.TaxPerUnit, Remainder: order.LastTakesRest}
	for i := range o.Lines {
		o.Lines[i] = fullLine(o.Lines[i])
	}
	o.Charges = []order.Charge{{
		Kind: order.Shipping, Title: "Express", Price: eur("9.90"), TaxRate: decimal.RequireFromString("0.190"),
		Shares: []order.Share{{Discount: 1, Amount: eur("0.99")}},
		Net:    eur("7.49"), Tax: eur("1.42"), Total: eur("8.91"), Credited: eur("8.91"),
	}}
	o.Discounts = []order.Discount{
		{Code: "TEN", Title: "Ten off", Amount: eur("10.00"), Percent: decimal.RequireFromString("0.5"), Lines: []int{2, 1}, OnCharges: true, Given: eur("10.00")},
		{Code: "SHIP", Percent: decimal.RequireFromString("10.00"), OnCharges: true, Given: eur("0.99")},
	}
	o.Payments = []order.Operation{{
		ID: "pay-1", Kind: order.Capture, Status: order.Succeeded, Amount: eur("39.80"), Parent: "auth-1", Tender: "card",
		Reference: "pi_3", Return: "R-1", At: at(3), SettledAt: at(4),
	}, {ID: "pay-2", Kind: order.Refund, Status: order.Unknown, Amount: eur("0.01"), Parent: "pay-1", At: at(5)}}
	o.Holds = []order.Hold{
		{Owner: "radar", Handle: "case-7", Reason: order.HoldFraud, Line: 2, Note: "score 91", At: at(2)},
		{Owner: "clerk", Handle: "h", Reason: order.HoldAddress, At: at(6)},
	}
	o.ShipTo = order.Address{
		Name: "Ada Byron", Company: "Analytical Engines", Street: []string{"12 St James's Square", "2nd floor"}, City: "London",
		Region: "Greater London", PostalCode: "SW1Y 4JH", Country: "GB", Phone: "+44 20 7946 0000", Email: "ada@example.com",
		At: &order.Point{Lat: 51.507351234567891, Lng: -0.127758},
	}
	o.Note, o.Tags = "ring twice", []string{"vip", "b2b", "vip"}
	o.Metadata = map[string]string{"erp": "4711", "empty": ""}
	o.ReserveAt, o.PayBy = order.OnConfirm, at(60)
	o.ConfirmedAt, o.ClosedAt, o.CancelledAt, o.CancelReason = at(20), at(30), at(40), order.CancelStaff
	return o
}

func fullLine(l order.Line) order.Line {
	l.Title, l.Backorder = "Tee, medium", true
	l.UnitPrice, l.TaxRate = decimal.RequireFromString("1.234560"), decimal.RequireFromString("0.1900")
	l.Metadata = map[string]string{"color": "blue"}
	l.Amount, l.Net, l.Tax, l.Total = eur("24.69"), eur("12.34"), eur("2.35"), eur("14.69")
	l.Kit = &order.KitPart{Line: 1, Item: "set", SKU: "SET", Title: "Tee and mugs", UnitPrice: decimal.RequireFromString("49.380"), Per: int64(l.No)}
	l.Shares = []order.Share{{Discount: 1, Amount: eur("0.01")}, {Discount: 0, Amount: eur("9.99")}}
	l.Counters = order.Counters{
		Ordered: 20, Unreserved: 1, Reserved: 2, Backordered: 3, Picked: 1, Packed: 2, Shipped: 8, Cancelled: 3,
		Delivered: 7, ReturnOpen: 1, Returned: 4, Lost: 1, Restocked: 2, WrittenOff: 1, RefundedUnits: 5,
	}
	return l
}

// next is an order as a later command leaves it: one version on, changed by fn.
func next(o order.Order, fn func(o *order.Order)) order.Order {
	o = o.Clone()
	o.Version++
	fn(&o)
	return o
}

func item(id string) inventory.Item { return inventory.Item{ID: id, SKU: strings.ToUpper(id)} }

func location(id string) inventory.Location { return inventory.Location{ID: id} }

func fullItem(id string) inventory.Item {
	return inventory.Item{
		ID: id, SKU: "A", Name: texts[0], Scale: 9, Untracked: true, Backorder: true, Safety: inventory.MaxQty,
		BackorderLimit: inventory.MaxQty,

		Picking: inventory.FEFO,
		Costing: inventory.CostAverage,
		Serials: inventory.SerialsAtPack,
		Kit:     []inventory.Component{{Item: texts[1], Qty: inventory.MaxQty, Share: inventory.MaxQty}, {Item: "b", Qty: 1}},
		Bill:    []inventory.Component{{Item: "c", Qty: 2, Share: 1}},
		Units:   []inventory.Unit{{Code: texts[2], Qty: inventory.MaxQty}, {Code: "case", Qty: 12}},
	}
}

func fullLocation(id string) inventory.Location {
	return inventory.Location{ID: id, Name: texts[1], Priority: -5, At: &inventory.Point{Lat: 52.520008123456789, Lng: -179.999999999}, Country: "DE", Inactive: true}
}

func fullReservation(key inventory.ReservationKey) inventory.Reservation {
	return inventory.Reservation{ReservationKey: key, Soft: 1, Committed: 2, Picked: 3, Packed: 4, Shipped: 5, Released: 6, Until: at(7), Version: 1}
}

// work is open work on every line of an order.
func (m *maker) work(o order.Order, location string) fulfillment.Order {
	w := fulfillment.Order{ID: fulfillment.ID{UUID: m.uuid()}, Order: o.ID, Location: location, Work: fulfillment.WorkOpen,
		Version: 1, CreatedAt: at(10), UpdatedAt: at(10)}
	for _, l := range o.Lines {
		w.Lines = append(w.Lines, fulfillment.Line{Line: l.No, Item: l.Item, Qty: l.Ordered})
	}
	return w
}

func (m *maker) fullWork(o order.Order) fulfillment.Order {
	w := m.work(o, "ber")
	w.Work, w.UpdatedAt = fulfillment.WorkInProgress, at(11)
	for i := range w.Lines {
		w.Lines[i] = fulfillment.Line{Line: i + 1, Item: w.Lines[i].Item, Qty: 20, Picked: 1, Packed: 2, Shipped: 3, Short: 4, Cancelled: 5}
	}
	return w
}

// shipment is a packed shipment of the work.
func (m *maker) shipment(w fulfillment.Order) fulfillment.Shipment {
	return fulfillment.Shipment{ID: fulfillment.ShipmentID{UUID: m.uuid()}, Fulfillment: w.ID, Order: w.Order, Location: w.Location,
		State: fulfillment.ShipmentPacked, Version: 1, PackedAt: at(12), UpdatedAt: at(12),
		Parcels: []fulfillment.Parcel{{Contents: []order.LineQty{{Line: 1, Qty: 1}}}}}
}

func (m *maker) fullShipment(w fulfillment.Order) fulfillment.Shipment {
	s := m.shipment(w)
	s.State, s.ShippedAt, s.DeliveredAt, s.UpdatedAt = fulfillment.ShipmentDelivered, at(13), at(14), at(15)
	s.Parcels = []fulfillment.Parcel{
		{Carrier: "DHL", Tracking: "JD014600", URL: "https://track.example/?id=JD014600&l=en", Grams: 1250, Contents: []order.LineQty{{Line: 2, Qty: 1}, {Line: 1, Qty: 2}}},
		{Contents: []order.LineQty{{Line: 1, Qty: order.MaxQty}}},
	}
	return s
}

// blind is a requested return without an order.
func (m *maker) blind() returns.Return {
	return returns.Return{ID: returns.ID{UUID: m.uuid()}, Customer: "c-1", State: returns.StateRequested, Version: 1,
		Refunded: eur("0.00"), CreatedAt: at(20), UpdatedAt: at(20),
		Lines: []returns.Line{{No: 1, Item: "tee", Stocked: true, Qty: 1, Reason: returns.Unwanted, Worth: eur("19.90")}}}
}

// returned is a requested return of the first line of an order.
func (m *maker) returned(o order.Order) returns.Return {
	r := m.blind()
	r.Order, r.Customer, r.Lines[0].Line, r.Lines[0].Worth = o.ID, o.Customer, 1, order.Money{}
	return r
}

func (m *maker) fullReturn(o order.Order) returns.Return {
	r := m.returned(o)
	r.Ref, r.State, r.Location, r.Customer = "CN-9", returns.StateReceiving, "ber", "c-full"
	r.Lines = []returns.Line{{
		No: 1, Line: 2, Item: "mug", Stocked: true, Qty: 20, Reason: returns.DamagedAtDoor, Received: 15, Missing: 2,
		Restocked: 4, Damaged: 3, Scrapped: 2, Rejected: 1, RefundedUnits: 6, Worth: eur("12.00"),
	}, {No: 2, Line: 1, Item: "tee", Qty: 1, Reason: returns.OtherReason}}
	r.Verdicts = []returns.Verdict{{Rule: "within_days", Line: 2, Result: returns.Manual, Evidence: "day 30 of 30"}, {Rule: "b", Result: returns.Pass}}
	r.Refunded, r.UpdatedAt, r.ClosedAt = eur("7.20"), at(21), at(22)
	return r
}

func (m *maker) event(aggregate, kind string) storage.Event {
	id := m.uuid()
	data, err := json.Marshal(map[string]any{"n": m.made})
	if err != nil {
		panic(err) // a map of a number is JSON
	}
	return storage.Event{ID: id, Aggregate: aggregate, Version: 1, Kind: kind, At: at(int(m.made)), Actor: "clerk", Data: data}
}

// commandKeys are the idempotency keys of the samples.
var commandKeys = []string{"key-0", "key-1", "key-2", "key-3", "key-4", "key-5", "key-6", "key-7"}

func command(key string) storage.Command {
	return storage.Command{Key: key, Name: "orders.place", Hash: "9f86d081", Result: "0195a3c0-0000-7000-8000-000000000001", At: at(1)}
}

// texts are strings that stores have been known to damage.
var texts = []string{
	"Größe «M»", "👩🏽‍🚀 emoji", "שלום עולם", "مرحبا", "e\u0301 is not \u00e9", "日本語", "it's", `"quoted" \ back`, "100%_", "a\tb\nc\r\n",
	"null", "NULL", "0", "<b>&amp;</b>", "line\u2028sep", "{}", "$1 ? :x @y", "trailing  ", "--;DROP TABLE orders", "\u202eRTL", "\U0010FFFD",
}
