package peercases_test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// statuses are the kinds of lifecycle.json. The library stores no status: the words of each peer are a
// function here, over counters and books.
var statuses = mappers{
	"derive.fulfillment_status": deriveFulfillment,
	"derive.order_status":       deriveOrder,
	"derive.payment_status":     derivePayment,
	"derive.refund_status":      deriveRefund,
	"derive.shipment_status":    deriveShipment,
	"fulfilment.sequence":       fulfillmentSequence,
	"order_edit.check":          editCheck,
	"payments.covered":          paymentsCovered,
	"transition.check":          transitionCheck,
}

// units sums the counters of an order.
func units(o order.Order) order.Counters {
	var all order.Counters
	for _, l := range o.Lines {
		all.Ordered += l.Ordered
		all.Unreserved += l.Unreserved
		all.Reserved += l.Reserved
		all.Backordered += l.Backordered
		all.Picked += l.Picked
		all.Packed += l.Packed
		all.Shipped += l.Shipped
		all.Cancelled += l.Cancelled
		all.Delivered += l.Delivered
		all.Returned += l.Returned
	}
	return all
}

// separate opens a shop and an order of n units that each ship from a location of their own.
func separate(c *peerCase, n int) (*shop, order.Order) {
	s := open(c)
	var lines []order.DraftLine
	for i := range n {
		item := strconv.Itoa(i)
		s.item(inventory.Item{ID: item})
		s.location(item)
		s.receive(item, item, 1)
		lines = append(lines, want(item, 1))
	}
	o, err := s.promise(lines...)
	s.do(err)
	return s, o
}

func deriveFulfillment(c *peerCase) facts {
	g := given[struct{ Fulfillments []string }](c)
	w := when[struct{ Policy string }](c)
	if w.Policy != "medusa" {
		c.unknown("policy", w.Policy)
	}
	s, o := separate(c, max(1, len(g.Fulfillments)))
	for i, state := range g.Fulfillments {
		s.bring(o, i+1, state)
	}
	return facts{"status": medusaFulfillment(units(s.get(o)))}
}

// bring takes the unit of a line to where a peer's fulfillment is.
func (s *shop) bring(o order.Order, line int, state string) {
	s.t.Helper()
	if state == "canceled" || state == "cancelled" {
		s.do(s.cancelUnits(o, line, 1))
		return
	}
	fo, err := s.work(o, strconv.Itoa(line-1), line)
	s.do(err)
	if slices.Contains([]string{"created", "ready", "pending", "cart"}, state) {
		return
	}
	sh, err := s.Fulfillment.Pack(s.ctx, fo.ID, nil)
	s.do(err)
	if state == "packed" {
		return
	}
	_, err = s.Fulfillment.HandOver(s.ctx, sh.ID)
	s.do(err)
	if state == "shipped" {
		return
	}
	require.Equal(s.t, "delivered", state, "the mapper does not know this state")
	_, err = s.Fulfillment.Deliver(s.ctx, sh.ID)
	s.do(err)
}

// medusaFulfillment: the farthest that any unit is, partially if others are behind; cancelled ones do
// not count.
func medusaFulfillment(n order.Counters) string {
	live := n.Ordered - n.Cancelled
	word := func(units int64, name string) string {
		if units < live {
			return "partially_" + name
		}
		return name
	}
	switch {
	case live == 0:
		return "canceled"
	case n.Delivered > 0:
		return word(n.Delivered, "delivered")
	case n.Shipped > 0:
		return word(n.Shipped, "shipped")
	case n.Packed > 0:
		return word(n.Packed, "fulfilled")
	}
	return "not_fulfilled"
}

func deriveOrder(c *peerCase) facts {
	if w := when[struct{ Policy string }](c); w.Policy == "sylius" {
		return syliusOrder(c)
	}
	g := given[struct {
		Ordered, Fulfilled, Returned, Replaced int64
		Awaiting                               int64 `json:"awaiting_approval"`
	}](c)
	s := one(c, g.Ordered)
	o, err := s.promise(want("V", g.Ordered))
	s.do(err)
	if shipped := g.Fulfilled - g.Awaiting; shipped > 0 {
		s.do(s.ship(o, "L", 1, shipped))
	}
	if g.Awaiting > 0 { // a fulfillment that waits for approval is packed and has not left
		fo, err := s.work(o, "L", 1)
		s.do(err)
		_, err = s.Fulfillment.Pack(s.ctx, fo.ID, parcel(1, g.Awaiting))
		s.do(err)
	}
	if g.Returned > 0 {
		s.sendBack(o, "L", 1, g.Returned, returns.Restock)
	}
	if g.Replaced > 0 { // what is sent instead is an order of its own
		replaced := s.sendBack(o, "L", 1, g.Replaced, returns.Restock)
		instead, err := s.promise(want("V", g.Replaced))
		s.do(err)
		require.Equal(c.t, g.Replaced, s.promised(instead))
		require.Equal(c.t, g.Replaced, replaced.Lines[0].Received)
	}
	n := units(s.get(o))
	n.Ordered, n.Shipped, n.Returned = n.Ordered-g.Replaced, n.Shipped-g.Replaced, n.Returned-g.Replaced
	return facts{"status": saleorOrder(n)}
}

func saleorOrder(n order.Counters) string {
	live := n.Ordered - n.Cancelled
	switch {
	case n.Shipped == 0:
		return "unfulfilled"
	case n.Returned == live:
		return "returned"
	case n.Returned > 0:
		return "partially_returned"
	case n.Shipped < live:
		return "partially_fulfilled"
	}
	return "fulfilled"
}

// syliusOrder: fulfilled is what the library lets be closed.
func syliusOrder(c *peerCase) facts {
	g := given[struct {
		Payment  string `json:"payment_status"`
		Shipping string `json:"shipping_status"`
	}](c)
	b := ring(c.t, order.Draft{
		Lines:   []order.DraftLine{service(whole(10), 2, dec{})},
		Charges: []order.DraftCharge{shipping(cents(c.t, 500), dec{})},
	})
	b.confirm()
	switch g.Payment {
	case "awaiting_payment", "cancelled", "failed":
	case "authorized":
		require.NoError(c.t, b.record(order.Operation{ID: "a", Kind: order.Authorize, Amount: b.Books().Owed}))
	case "partially_authorized":
		require.NoError(c.t, b.record(order.Operation{ID: "a", Kind: order.Authorize, Amount: cents(c.t, 100)}))
	case "partially_paid":
		b.pay("p", cents(c.t, 100))
	case "paid", "partially_refunded", "refunded":
		b.payAll()
	default:
		c.unknown("payment status", g.Payment)
	}
	if strings.HasSuffix(g.Payment, "refunded") {
		note := order.CreditNote{Charges: []order.ChargeCredit{{Amount: cents(c.t, 500)}}}
		if g.Payment == "refunded" {
			note.Units = []order.LineQty{{Line: 1, Qty: 2}}
		}
		amount, err := b.credit(note)
		require.NoError(c.t, err)
		b.refund(amount)
	}
	switch g.Shipping {
	case "ready":
	case "shipped":
		b.ship(1, 2)
	case "partially_shipped":
		b.ship(1, 1)
	case "cancelled":
		require.NoError(c.t, b.cancel(1, 2))
	default:
		c.unknown("shipping status", g.Shipping)
	}
	for _, p := range b.flow.AllowedActions(b.Order, order.PayAnytime, moment) {
		if p.Action == order.ActionClose {
			return facts{"fulfilled": p.Allowed}
		}
	}
	return nil
}

// deriveShipment: shipments are units that ship apart.
func deriveShipment(c *peerCase) facts {
	w := when[struct{ Policy, Of string }](c)
	g := given[struct {
		Units     []string
		Shipments []string
		Current   string
		Cancelled bool `json:"order_cancelled"`
		Paid      bool `json:"order_paid"`
	}](c)
	switch w.Policy + " " + w.Of {
	case "sylius order":
		if len(g.Shipments) == 0 { // nothing to ship is a service, which confirming fulfills
			s := open(c)
			o, err := s.promise(service(whole(1), 1, dec{}))
			s.do(err)
			return facts{"status": syliusShipping(units(o), g.Current)}
		}
		s, o := separate(c, len(g.Shipments))
		for i, state := range g.Shipments {
			s.bring(o, i+1, state)
		}
		return facts{"status": syliusShipping(units(s.get(o)), g.Current)}
	case "solidus order":
		return facts{"status": solidusOrder(c.solidusUnits(g.Units, g.Cancelled, slices.Contains(g.Shipments, "ready")))}
	case "solidus shipment":
		return facts{"status": solidusShipment(c.solidusUnits(g.Units, g.Cancelled, g.Paid))}
	}
	c.unknown("policy", w.Policy+" of "+w.Of)
	return nil
}

func syliusShipping(n order.Counters, current string) string {
	switch {
	case n.Shipped == n.Ordered:
		return "shipped"
	case n.Shipped > 0:
		return "partially_shipped"
	case n.Cancelled == n.Ordered:
		return "cancelled"
	}
	return current
}

// solidusUnits is an order with a unit in each of the peer's states. A shipment without units is an
// order that has no stock yet.
func (c *peerCase) solidusUnits(states []string, cancelled, paid bool) order.Order {
	s := one(c, 0)
	d := order.Draft{Currency: euro}
	for _, state := range states {
		l := waits("V", 1)
		l.Free, l.UnitPrice = false, whole(10)
		d.Lines = append(d.Lines, l)
		if state != "backordered" {
			s.receive("V", "L", 1)
		}
	}
	if len(states) == 0 {
		d.ReserveAt = order.OnConfirm
		d.Lines = []order.DraftLine{waits("V", 1)}
	}
	// Stock goes to the first lines, so those that wait are last.
	o, err := s.Orders.Place(s.ctx, d)
	s.do(err)
	if paid && len(states) > 0 {
		_, err = s.Payments.Record(s.ctx, o.ID, order.Operation{Kind: order.Capture, Amount: o.Totals().Total})
		s.do(err)
	}
	if len(states) > 0 {
		_, err = s.Orders.Confirm(s.ctx, o.ID)
		s.do(err)
	}
	line := 0
	for _, state := range states {
		switch state {
		case "on_hand", "backordered":
		case "shipped":
			line++
			s.do(s.ship(o, "L", line, 1))
		default:
			c.unknown("state of a unit", state)
		}
	}
	if cancelled {
		if _, err := s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer); err != nil {
			require.ErrorIs(c.t, err, order.ErrBlocked, "only what has shipped keeps an order from being cancelled")
		}
	}
	return s.get(o)
}

// solidusOrder speaks of all shipments of an order, solidusShipment of one.
func solidusOrder(o order.Order) string {
	if n := units(o); n.Backordered > 0 {
		return "backorder"
	} else if n.Shipped > 0 && n.Shipped < n.Ordered-n.Cancelled {
		return "partial"
	}
	return solidusShipment(o)
}

func solidusShipment(o order.Order) string {
	n := units(o)
	switch {
	case n.Cancelled == n.Ordered:
		return "canceled"
	case n.Shipped == n.Ordered-n.Cancelled:
		return "shipped"
	case n.Reserved == n.Ordered-n.Cancelled && !o.Books().Due.IsPositive():
		return "ready"
	}
	return "pending"
}
