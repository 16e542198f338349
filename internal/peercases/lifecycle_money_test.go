package peercases_test

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
)

func derivePayment(c *peerCase) facts {
	w := when[struct{ Policy string }](c)
	switch w.Policy {
	case "medusa":
		return medusaCollections(c)
	case "solidus":
		return solidusPayment(c)
	case "sylius":
		return syliusPayments(c)
	}
	c.unknown("policy", w.Policy)
	return nil
}

// due is a placed order that owes an amount.
func due(c *peerCase, amount order.Money) *till {
	return ring(c.t, order.Draft{Lines: []order.DraftLine{service(amount.Amount(), 1, dec{})}})
}

// sums is the money of an order, as the peers' words need it.
type sums struct {
	owed, captured, refunded, capturable int64
	waiting, voided                      bool
}

func (b *till) sums() sums {
	k := b.Books()
	n := sums{owed: k.Owed.MinorUnits(), captured: k.Captured.MinorUnits(), refunded: k.Refunded.MinorUnits()}
	for _, op := range b.Payments {
		n.capturable += b.Capturable(op.ID).MinorUnits()
		n.waiting = n.waiting || op.Status == order.Requested
		n.voided = n.voided || op.Kind == order.Void
	}
	return n
}

// part puts a word before a status that does not cover everything.
func part(have, of int64, prefix, status string) string {
	if have < of {
		return prefix + status
	}
	return status
}

// medusaCollections: a collection is an authorization; what is asked of the order is what the collections
// that are not canceled come to.
func medusaCollections(c *peerCase) facts {
	g := given[struct {
		Collections []struct {
			Status   string
			Amount   *dec
			Captured dec `json:"captured_amount"`
			Refunded dec `json:"refunded_amount"`
		}
	}](c)
	total, live := dec{}, dec{}
	for i := range g.Collections {
		x := &g.Collections[i]
		if x.Status == "requires_action" {
			return c.notMapped(noActionNeeded)
		}
		if x.Amount == nil {
			ten := whole(10)
			x.Amount = &ten
		}
		switch x.Status {
		case "not_paid", "awaiting", "authorized", "canceled":
		case "captured":
			x.Captured = *x.Amount
		case "refunded":
			x.Captured, x.Refunded = *x.Amount, *x.Amount
		default:
			c.unknown("status of a collection", x.Status)
		}
		if x.Refunded.GreaterThan(x.Captured) {
			x.Captured = x.Refunded // what is given back was taken before
		}
		total = total.Add(*x.Amount)
		if x.Status != "canceled" {
			live = live.Add(*x.Amount)
		}
	}
	switch {
	case total.IsZero():
		live = whole(10)
	case live.IsZero():
		live = total
	}
	b := due(c, money(c.t, live))
	for i, x := range g.Collections {
		id := string(rune('a' + i))
		authorize := order.Operation{ID: id, Kind: order.Authorize, Amount: money(c.t, *x.Amount)}
		switch x.Status {
		case "not_paid":
			continue
		case "awaiting":
			authorize.Status = order.Requested
		}
		require.NoError(c.t, b.record(authorize))
		if x.Status == "canceled" {
			require.NoError(c.t, b.record(order.Operation{Kind: order.Void, Amount: money(c.t, *x.Amount), Parent: id}))
		}
		if x.Captured.IsPositive() {
			require.NoError(c.t, b.record(order.Operation{ID: id + " captured", Kind: order.Capture, Amount: money(c.t, x.Captured), Parent: id}))
		}
		if x.Refunded.IsPositive() {
			require.NoError(c.t, b.record(order.Operation{Kind: order.Refund, Amount: money(c.t, x.Refunded), Parent: id + " captured"}))
		}
	}
	return facts{"status": medusaPayment(b.sums())}
}

func medusaPayment(n sums) string {
	switch {
	case n.refunded > 0:
		return part(n.refunded, n.owed, "partially_", "refunded")
	case n.captured > 0:
		return part(n.captured, n.owed, "partially_", "captured")
	case n.capturable > 0:
		return part(n.capturable, n.owed, "partially_", "authorized")
	case n.waiting:
		return "awaiting"
	case n.voided:
		return "canceled"
	}
	return "not_paid"
}

func solidusPayment(c *peerCase) facts {
	g := given[struct {
		Total, Paid, Refunded dec
		Cancelled             bool
	}](c)
	b := due(c, money(c.t, g.Total))
	b.pay("p", money(c.t, g.Paid.Add(g.Refunded))) // what is kept, and what was given back
	b.refund(money(c.t, g.Refunded))
	if g.Cancelled {
		var err error
		b.Order, _, _, err = b.flow.Cancel(b.Order, order.CancelCustomer, moment)
		require.NoError(c.t, err)
	}
	k := b.Books()
	status := "paid"
	switch {
	case b.flow.ClassOf(b.State) == order.ClassVoid && k.Captured == k.Refunded:
		status = "void"
	case k.Due.IsPositive():
		status = "balance_due"
	case k.Due.IsNegative():
		status = "credit_owed"
	}
	return facts{"status": status}
}

func syliusPayments(c *peerCase) facts {
	g := given[struct {
		Total    int64
		Payments []struct {
			Amount int64
			State  string
		}
	}](c)
	b := due(c, cents(c.t, g.Total))
	for i, p := range g.Payments {
		id, amount := string(rune('a'+i)), cents(c.t, p.Amount)
		authorized := order.Operation{ID: id, Kind: order.Authorize, Amount: amount}
		switch p.State {
		case "new", "cart":
		case "processing":
			authorized.Status = order.Requested
			require.NoError(c.t, b.record(authorized))
		case "failed":
			authorized.Status = order.Failed
			require.NoError(c.t, b.record(authorized))
		case "authorized":
			require.NoError(c.t, b.record(authorized))
		case "cancelled":
			require.NoError(c.t, b.record(authorized))
			require.NoError(c.t, b.record(order.Operation{Kind: order.Void, Amount: amount, Parent: id}))
		case "completed":
			b.pay(id, amount)
		case "refunded":
			b.pay(id, amount)
			require.NoError(c.t, b.record(order.Operation{Kind: order.Refund, Amount: amount, Parent: id}))
		default:
			c.unknown("state of a payment", p.State)
		}
	}
	n := b.sums()
	status := "awaiting_payment"
	switch {
	case n.refunded > 0:
		status = part(n.refunded, n.owed, "partially_", "refunded")
	case n.captured > 0 || n.owed == 0:
		status = part(n.captured, n.owed, "partially_", "paid")
	case n.capturable > 0:
		status = part(n.capturable, n.owed, "partially_", "authorized")
	}
	return facts{"status": status}
}

// deriveRefund: a granted refund is as far as its operations. One that is taken back is a new capture.
func deriveRefund(c *peerCase) facts {
	g := given[struct {
		Granted dec
		Events  []struct {
			Type   string
			Amount dec
		}
	}](c)
	_ = when[struct{ Op string }](c)
	b := due(c, money(c.t, g.Granted))
	b.payAll()
	var open, last string
	for _, e := range g.Events {
		amount := money(c.t, e.Amount)
		switch e.Type {
		case "refund_request":
			open = "asked"
			require.NoError(c.t, b.record(order.Operation{ID: open, Kind: order.Refund, Status: order.Requested, Amount: amount, Parent: "p"}))
		case "refund_success", "refund_failure":
			outcome := map[string]order.OperationStatus{"refund_success": order.Succeeded, "refund_failure": order.Failed}[e.Type]
			b.settle(open, outcome, amount)
			open, last = "", string(outcome)
		case "refund_reverse": // money that was never given back cannot come in again
			if err := b.record(order.Operation{Kind: order.Capture, Amount: amount}); err != nil {
				require.ErrorIs(c.t, err, order.ErrCap)
			}
			last = ""
		default:
			c.unknown("event", e.Type)
		}
	}
	k := b.Books()
	status := "none"
	switch {
	case k.Captured == k.Refunded || k.Due.IsPositive():
		status = "success"
	case k.Returning.IsPositive():
		status = "pending"
	case last == string(order.Failed):
		status = "failure"
	}
	return facts{"status": status}
}

// settle records the outcome of a refund, which may have been asked for before.
func (b *till) settle(id string, outcome order.OperationStatus, amount order.Money) {
	b.t.Helper()
	if id == "" {
		require.NoError(b.t, b.record(order.Operation{Kind: order.Refund, Status: outcome, Amount: amount, Parent: "p"}))
		return
	}
	o, _, err := b.flow.Settle(b.Order, id, outcome, "", moment)
	require.NoError(b.t, err)
	b.Order = o
}

// paymentsCovered: what the captures keep, and what may still be captured. Refunds count when they have
// succeeded.
func paymentsCovered(c *peerCase) facts {
	g := given[struct {
		Payments []struct {
			State   string
			Amount  int64
			Refunds []struct {
				State         string
				Total, Amount int64
			}
		}
	}](c)
	w := when[struct{ States []string }](c)
	var total int64
	for _, p := range g.Payments {
		total += p.Amount
	}
	b := due(c, cents(c.t, max(1, total)))
	for i, p := range g.Payments {
		id, amount := string(rune('a'+i)), cents(c.t, p.Amount)
		switch p.State {
		case "Settled":
			b.pay(id, amount)
		case "Authorized", "Error", "Declined":
			status := order.Succeeded
			if p.State != "Authorized" {
				status = order.Failed
			}
			require.NoError(c.t, b.record(order.Operation{ID: id, Kind: order.Authorize, Status: status, Amount: amount}))
		case "Cancelled":
			require.NoError(c.t, b.record(order.Operation{ID: id, Kind: order.Authorize, Amount: amount}))
			require.NoError(c.t, b.record(order.Operation{Kind: order.Void, Amount: amount, Parent: id}))
		case "Created":
		default:
			c.unknown("state of a payment", p.State)
		}
		for _, r := range p.Refunds {
			status := map[string]order.OperationStatus{"Settled": order.Succeeded, "Pending": order.Requested, "Failed": order.Failed}[r.State]
			require.NotEmpty(c.t, status, "a refund that is %q", r.State)
			require.NoError(c.t, b.record(order.Operation{Kind: order.Refund, Status: status, Amount: cents(c.t, r.Total+r.Amount), Parent: id}))
		}
	}
	n := b.sums()
	var covered int64
	if w.States == nil || slices.Contains(w.States, "Settled") {
		covered += n.captured - n.refunded
	}
	if w.States == nil || slices.Contains(w.States, "Authorized") {
		covered += n.capturable
	}
	return facts{"covered": covered}
}

// vendureState is the peer's one status over everything, from what is stored here.
func vendureState(o order.Order, flow *order.Flow, before string) string {
	n := units(o)
	live := n.Ordered - n.Cancelled
	k := o.Books()
	kept := k.Captured.MinorUnits() - k.Refunded.MinorUnits()
	held := kept
	for _, op := range o.Payments {
		held += o.Capturable(op.ID).MinorUnits()
	}
	switch {
	case flow.ClassOf(o.State) == order.ClassVoid:
		return "Cancelled"
	case flow.ClassOf(o.State) == order.ClassDraft:
		return before
	case n.Delivered > 0:
		return part(n.Delivered, live, "Partially", "Delivered")
	case n.Shipped > 0:
		return part(n.Shipped, live, "Partially", "Shipped")
	case kept >= k.Owed.MinorUnits():
		return "PaymentSettled"
	case held >= k.Owed.MinorUnits():
		return "PaymentAuthorized"
	}
	return before
}

// fulfillmentSequence: a fulfillment is a shipment. Cancelling it before it is handed over unpacks it.
func fulfillmentSequence(c *peerCase) facts {
	g := given[struct {
		State string `json:"order_state"`
		Lines map[string]int64
	}](c)
	w := when[struct {
		Steps []struct {
			Pack                  map[string]int64 `json:"fulfil"` //nolint:misspell // the case's word
			As                    string
			Cancel, Ship, Deliver string
		}
	}](c)
	s := one(c, 0)
	names := slices.Sorted(maps.Keys(g.Lines))
	d := order.Draft{Currency: euro}
	for _, name := range names {
		s.receive("V", "L", g.Lines[name])
		d.Lines = append(d.Lines, order.DraftLine{Item: "V", Qty: g.Lines[name], UnitPrice: whole(10)})
	}
	o, err := s.Orders.Place(s.ctx, d)
	s.do(err)
	kind := order.Capture
	if g.State == "PaymentAuthorized" {
		kind = order.Authorize
	}
	_, err = s.Payments.Record(s.ctx, o.ID, order.Operation{Kind: kind, Amount: o.Totals().Total})
	s.do(err)
	_, err = s.Orders.Confirm(s.ctx, o.ID)
	s.do(err)
	work, err := s.Fulfillment.OfOrder(s.ctx, o.ID)
	s.do(err)
	flow, err := order.NewFlow()
	s.do(err)
	shipments := map[string]fulfillment.ShipmentID{}
	after := []any{}
	for _, x := range w.Steps {
		var sh fulfillment.Shipment
		switch {
		case x.Pack != nil:
			sh, err = s.Fulfillment.Pack(s.ctx, work[0].ID, contents(names, x.Pack))
			shipments[x.As] = sh.ID
		case x.Cancel != "":
			_, err = s.Fulfillment.Void(s.ctx, shipments[x.Cancel])
		case x.Ship != "":
			_, err = s.Fulfillment.HandOver(s.ctx, shipments[x.Ship])
		default:
			_, err = s.Fulfillment.Deliver(s.ctx, shipments[x.Deliver])
		}
		if err != nil {
			after = append(after, facts{"error": err})
			continue
		}
		after = append(after, vendureState(s.get(o), flow, g.State))
	}
	return facts{"after": after}
}

// contents is one parcel with units of named lines.
func contents(names []string, of map[string]int64) []fulfillment.Parcel {
	var p fulfillment.Parcel
	for i, name := range names {
		if of[name] > 0 {
			p.Contents = append(p.Contents, order.LineQty{Line: i + 1, Qty: of[name]})
		}
	}
	return []fulfillment.Parcel{p}
}

// editCheck: a quantity goes down by a cancellation, which stops at what has shipped.
func editCheck(c *peerCase) facts {
	g := given[struct {
		Item struct{ Qty, Fulfilled, Delivered int64 }
	}](c)
	w := when[struct {
		Actions []struct {
			Ship    int64 `json:"fulfil"` //nolint:misspell // the case's word
			Deliver int64
			SetQty  *int64 `json:"set_qty"`
		}
	}](c)
	b := ring(c.t, order.Draft{Lines: []order.DraftLine{service(whole(10), g.Item.Qty, dec{})}})
	b.confirm()
	b.count(1, order.Counters{Unreserved: -g.Item.Fulfilled, Shipped: g.Item.Fulfilled, Delivered: g.Item.Delivered})
	var err error
	for _, a := range w.Actions {
		l := &b.Lines[0]
		var n order.Order
		switch {
		case a.SetQty != nil && *a.SetQty > l.Ordered-l.Cancelled:
			return c.notMapped(noEdits)
		case a.SetQty != nil:
			if less := l.Ordered - l.Cancelled - *a.SetQty; less > 0 {
				err = b.cancel(1, less)
			}
		case a.Ship > 0:
			if n, err = b.Count(moment, order.LineDelta{Line: 1, By: order.Counters{Unreserved: -a.Ship, Shipped: a.Ship}}); err == nil {
				b.Order = n
			}
		default:
			if n, err = b.Count(moment, order.LineDelta{Line: 1, By: order.Counters{Delivered: a.Deliver}}); err == nil {
				b.Order = n
			}
		}
		if err != nil {
			break
		}
	}
	l := b.Lines[0]
	return facts{"ok": err == nil, "error": err, "minimum": l.Shipped, "qty": l.Ordered - l.Cancelled}
}

// transitionCheck: a draft is an order that is still being filled or paid for; everything after is placed.
func transitionCheck(c *peerCase) facts {
	g := given[struct {
		State string `json:"order_state"`
		Lines map[string]int64
		Total int64
		Paid  int64
	}](c)
	w := when[struct {
		Pack           json.RawMessage  `json:"fulfil"` //nolint:misspell // the case's word
		CancelLines    map[string]int64 `json:"cancel_lines"`
		CancelShipping bool             `json:"cancel_shipping"`
		Settle         string           `json:"settle_payment"`
		Pay            int64
		To             string
	}](c)
	b, names := c.vendureOrder(g.State, g.Lines, g.Total, w.Pay > 0)
	if g.Paid > 0 {
		b.pay("paid", cents(c.t, g.Paid))
	}
	var err error
	paymentState := ""
	switch {
	case w.Pack != nil:
		err = b.pack(names, w.Pack)
	case w.CancelLines != nil:
		err = b.cancelLines(names, w.CancelLines)
	case w.Settle != "":
		status := order.Succeeded
		if w.Settle != "ok" {
			c.differs(capturesOnce, "payment_state", "error")
			status = order.Failed
		}
		s := b.Books().Owed
		require.NoError(c.t, b.record(order.Operation{Kind: order.Capture, Status: status, Amount: s, Parent: "a"}))
		paymentState = "Settled"
		if b.Capturable("a").IsPositive() {
			paymentState = "Authorized"
		}
	case w.Pay > 0:
		b.pay("p", cents(c.t, w.Pay))
	case w.To == "PaymentSettled":
		_, _, err = b.flow.Confirm(b.Order, order.PayCaptured, moment)
	case w.To == "Cancelled":
		b.Order, _, _, err = b.flow.Cancel(b.Order, order.CancelCustomer, moment)
	default:
		return c.notMapped(noStatus)
	}
	remaining := map[string]int64{}
	for i, name := range names {
		remaining[name] = b.Lines[i].Ordered - b.Lines[i].Cancelled
	}
	return facts{
		"ok": err == nil && (w.Settle == "" || w.Settle == "ok"), "error": err, "payment_state": paymentState, "lines": remaining,
		"state": vendureState(b.Order, b.flow, g.State), "total_with_tax": b.Books().Owed.MinorUnits(),
	}
}

// vendureOrder is an order in a state of the peer: a draft until it is paid for.
func (c *peerCase) vendureOrder(state string, lines map[string]int64, total int64, placed bool) (*till, []string) {
	names := slices.Sorted(maps.Keys(lines))
	d := order.Draft{Currency: euro, Charges: []order.DraftCharge{shipping(cents(c.t, 500), dec{})}}
	for _, name := range names {
		d.Lines = append(d.Lines, service(whole(10), lines[name], dec{}))
	}
	if len(names) == 0 {
		names = []string{"a"}
		d.Lines = []order.DraftLine{service(whole(10), 1, dec{})}
	}
	if total > 0 {
		d.Charges, d.Lines = nil, []order.DraftLine{service(price(total), 1, dec{})}
	}
	switch state {
	case "AddingItems", "ArrangingPayment", "Draft", "Created":
		if !placed {
			flow, err := order.NewFlow()
			require.NoError(c.t, err)
			return &till{t: c.t, flow: flow, Order: priced(c.t, d)}, names
		}
		return ring(c.t, d), names
	case "PaymentAuthorized":
		b := ring(c.t, d)
		require.NoError(c.t, b.record(order.Operation{ID: "a", Kind: order.Authorize, Amount: b.Books().Owed}))
		return b, names
	case "PaymentSettled":
		b := ring(c.t, d)
		b.payAll()
		return b, names
	case "ArrangingAdditionalPayment":
		return ring(c.t, d), names
	}
	c.unknown("state of an order", state)
	return nil, nil
}

// pack packs units of named lines, or none.
func (b *till) pack(names []string, selection json.RawMessage) error {
	b.t.Helper()
	of := map[string]int64{}
	if string(selection) != "[]" {
		require.NoError(b.t, json.Unmarshal(selection, &of))
	}
	if b.flow.ClassOf(b.State) != order.ClassDraft {
		b.confirm()
	}
	if err := b.flow.CanShip(b.Order); err != nil {
		return err
	}
	flow, err := fulfillment.NewFlow()
	require.NoError(b.t, err)
	var lines []fulfillment.Line
	for i := range b.Lines {
		lines = append(lines, fulfillment.Line{Line: i + 1, Item: b.Lines[i].Item, Qty: b.Lines[i].Ordered})
	}
	fo, _ := fulfillment.Open(fulfillment.ID{UUID: uuid.Max}, b.ID, "L", lines, moment)
	_, _, _, _, _, err = flow.Pack( //nolint:dogsled // only the refusal matters
		fo, fulfillment.ShipmentID{UUID: uuid.Max}, contents(names, of), moment)
	return err
}

func (b *till) cancelLines(names []string, of map[string]int64) error {
	var units []order.LineQty
	for i, name := range names {
		if of[name] > 0 {
			units = append(units, order.LineQty{Line: i + 1, Qty: of[name]})
		}
	}
	o, _, _, err := b.flow.CancelUnits(b.Order, units, order.CancelCustomer, moment)
	b.Order = o
	return err
}
