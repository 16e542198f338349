package peercases_test

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// eligible is what a case of return.eligibility gives.
type eligible struct {
	Unit          string          `json:"unit_state"`
	Reimbursed    bool            `json:"already_reimbursed"`
	Authorization json.RawMessage `json:"authorization"`
	Required      *bool           `json:"rma_required"`
	Window        int             `json:"window_days"`
	Days          int             `json:"days_since_completed"`
	By            string
}

// returnEligibility asks for one unit of an order that was shipped, unless the case says otherwise.
func returnEligibility(c *peerCase) facts {
	g := given[eligible](c)
	_ = when[struct{ Op string }](c)
	b := ring(c.t, order.Draft{Lines: []order.DraftLine{service(whole(10), 1, dec{})}})
	b.payAll()
	b.confirm()
	if g.Unit == "" || g.Unit == "shipped" || g.Unit == "returned" {
		b.ship(1, 1)
	}
	d := newDesk(b)
	if g.Reimbursed || g.Unit == "returned" {
		require.NoError(c.t, d.request(nil, 0, returns.Wanted{Line: 1, Qty: 1, Reason: returns.Unwanted}))
		require.NoError(c.t, d.approve())
		require.NoError(c.t, d.receive(order.LineQty{Line: 1, Qty: 1}))
		d.refund(order.LineQty{Line: 1, Qty: 1})
	}
	var policy returns.Policy
	if g.Window > 0 {
		rule := returns.WithinDays(g.Window)
		if g.By == "staff" {
			rule = overridable(rule)
		}
		policy = returns.Policy{rule}
	}
	err := d.request(policy, g.Days, returns.Wanted{Line: 1, Qty: 1, Reason: returns.Unwanted})
	if g.Required != nil && err == nil {
		err = d.arrives(string(g.Authorization) != "null" && g.Authorization != nil, *g.Required)
	}
	return facts{"eligible": err == nil, "error": err}
}

// overridable lets a person decide where a rule would refuse.
func overridable(r returns.Rule) returns.Rule {
	return func(o *order.Order, l *order.Line, now time.Time) returns.Verdict {
		v := r(o, l, now)
		if v.Result == returns.Fail {
			v.Result = returns.Manual
		}
		return v
	}
}

// desk takes goods back for a till.
type desk struct {
	*till
	back *returns.Flow
	rma  returns.Return
}

func newDesk(b *till) *desk {
	b.t.Helper()
	flow, err := returns.NewFlow()
	require.NoError(b.t, err)
	return &desk{till: b, back: flow}
}

// took adopts the outcome of a decision, and lets the order follow.
func (d *desk) took(r returns.Return, deltas []order.LineDelta, err error) error {
	d.t.Helper()
	if err == nil {
		d.rma = r
		d.apply(deltas)
	}
	return err
}

func (d *desk) request(p returns.Policy, after int, lines ...returns.Wanted) error {
	d.t.Helper()
	r, deltas, _, err := d.back.Request(d.Order, returns.Request{ID: returns.ID{UUID: uuid.New()}, Lines: lines}, p, moment.AddDate(0, 0, after))
	return d.took(r, deltas, err)
}

func (d *desk) approve() error {
	d.t.Helper()
	r, _, err := d.back.Approve(d.rma, moment)
	return d.took(r, nil, err)
}

func (d *desk) receive(units ...order.LineQty) error {
	d.t.Helper()
	r, deltas, _, err := d.back.Receive(d.rma, "L", units, moment)
	return d.took(r, deltas, err)
}

func (d *desk) inspect(units ...returns.Disposed) {
	d.t.Helper()
	r, deltas, _, err := d.back.Inspect(d.rma, units, moment)
	require.NoError(d.t, d.took(r, deltas, err))
}

// refund takes units of the return off what is owed.
func (d *desk) refund(units ...order.LineQty) {
	d.t.Helper()
	r, lines, _, err := d.back.Refund(d.rma, units, moment)
	require.NoError(d.t, d.took(r, nil, err))
	_, err = d.credit(order.CreditNote{Units: lines})
	require.NoError(d.t, err)
}

// arrives is goods at the door. They need an authorization, or none is asked for and they come without
// an order.
func (d *desk) arrives(authorized, required bool) error {
	d.t.Helper()
	if !required {
		blind := returns.Blind{ID: returns.ID{UUID: uuid.New()}, Currency: euro,
			Lines: []returns.BlindLine{{Item: "thing", Service: true, Qty: 1, Reason: returns.Unwanted, Worth: cents(d.t, 1000)}}}
		r, _, err := d.back.RequestBlind(blind, moment)
		require.NoError(d.t, err)
		d.rma, authorized = r, true
	}
	if authorized {
		require.NoError(d.t, d.approve())
	}
	return d.receive(order.LineQty{Line: 1, Qty: 1})
}

type itemQty struct {
	Item string
	Qty  int64
}

func returnQuantities(c *peerCase) facts {
	g := given[struct {
		Items []struct {
			ID                      string
			Qty, Fulfilled, Shipped int64
			UnitTotal               dec `json:"unit_total"`
		}
		Requested, Received, Dismissed map[string]int64
		WrittenOff                     map[string]int64 `json:"written_off"`
	}](c)
	w := when[struct {
		Request, Receive []itemQty
		Totals           bool
	}](c)
	var d order.Draft
	var ids []string
	for _, i := range g.Items {
		d.Lines = append(d.Lines, service(i.UnitTotal, i.Qty, dec{}))
		ids = append(ids, i.ID)
	}
	b := newDesk(ring(c.t, d))
	b.payAll()
	for i, x := range g.Items {
		b.ship(i+1, x.Fulfilled)
	}
	wanted := func(of []itemQty) []returns.Wanted {
		var out []returns.Wanted
		for _, x := range of { // an item that the order does not have is line 0
			out = append(out, returns.Wanted{Line: 1 + slices.Index(ids, x.Item), Qty: x.Qty, Reason: returns.Unwanted})
		}
		return out
	}
	if w.Totals {
		return b.totals(ids, g.Received, g.Dismissed)
	}
	err := error(nil)
	if g.Requested != nil {
		var asked []itemQty
		for _, id := range ids {
			if g.Requested[id] > 0 {
				asked = append(asked, itemQty{id, g.Requested[id]})
			}
		}
		require.NoError(c.t, b.request(nil, 0, wanted(asked)...))
	}
	if w.Request != nil {
		err = b.request(nil, 0, wanted(w.Request)...)
	}
	if w.Receive != nil {
		require.NoError(c.t, b.approve())
		var units []order.LineQty
		for _, x := range w.Receive { // a line that the return does not have is line 0
			at := slices.IndexFunc(b.rma.Lines, func(l returns.Line) bool { return ids[l.Line-1] == x.Item })
			units = append(units, order.LineQty{Line: at + 1, Qty: x.Qty})
		}
		err = b.receive(units...)
	}
	requested, received := map[string]int64{}, map[string]int64{}
	for _, l := range b.rma.Lines {
		requested[ids[l.Line-1]] += l.Qty
		if l.Received > 0 {
			received[ids[l.Line-1]] += l.Received
		}
	}
	return facts{"ok": err == nil, "error": err, "requested": requested, "received": received}
}

// totals: units that are received are restocked, units that are dismissed are received too and written
// off; both are refunded.
func (d *desk) totals(ids []string, received, dismissed map[string]int64) facts {
	d.t.Helper()
	for i, id := range ids {
		units := order.LineQty{Line: 1, Qty: received[id] + dismissed[id]}
		if units.Qty == 0 {
			continue
		}
		require.NoError(d.t, d.request(nil, 0, returns.Wanted{Line: i + 1, Qty: units.Qty, Reason: returns.Unwanted}))
		require.NoError(d.t, d.approve())
		require.NoError(d.t, d.receive(units))
		for as, q := range map[returns.Disposition]int64{returns.Restock: received[id], returns.Damage: dismissed[id]} {
			if q > 0 {
				d.inspect(returns.Disposed{Line: 1, Qty: q, As: as})
			}
		}
		d.refund(units)
	}
	worth := func(units func(l *order.Line) int64) order.Money {
		total := order.Zero(euro)
		for i := range d.Lines {
			l := &d.Lines[i]
			part, err := l.Total.Share(0, units(l), l.Ordered)
			require.NoError(d.t, err)
			total, err = total.Add(part)
			require.NoError(d.t, err)
		}
		return total
	}
	writtenOff := worth(func(l *order.Line) int64 { return l.WrittenOff })
	return facts{
		"refundable_total":       worth(func(l *order.Line) int64 { return l.Shipped - l.RefundedUnits }),
		"fulfilled_total":        worth(func(l *order.Line) int64 { return l.Shipped }),
		"return_received_total":  worth(func(l *order.Line) int64 { return l.Restocked }),
		"return_dismissed_total": writtenOff, "write_off_total": writtenOff,
	}
}

type soldItem struct {
	ID    int
	SKU   string
	Price dec
	Qty   int64
}

// returnRestock: money goes back for the named items, goods to the shelf for those that the case puts
// there.
func returnRestock(c *peerCase) facts {
	g := given[struct {
		Order struct {
			Items    []soldItem
			Shipping dec
			Total    dec `json:"grand_total"`
		}
	}](c)
	w := when[struct {
		Refund []struct {
			Item int
			Qty  int64
		}
		Shipping dec
		ToStock  []int `json:"return_to_stock"`
	}](c)
	s := open(c)
	s.location("L")
	d := order.Draft{Currency: euro}
	rest := g.Order.Total.Sub(g.Order.Shipping)
	for _, i := range g.Order.Items {
		s.item(inventory.Item{ID: i.SKU})
		s.receive(i.SKU, "L", i.Qty)
		d.Lines = append(d.Lines, order.DraftLine{Item: i.SKU, Qty: i.Qty, UnitPrice: i.Price})
		rest = rest.Sub(i.Price.Mul(whole(i.Qty)))
	}
	if rest.IsPositive() { // items that the case only counts in its total
		d.Lines = append(d.Lines, service(rest, 1, dec{}))
	}
	if g.Order.Shipping.IsPositive() {
		d.Charges = []order.DraftCharge{shipping(money(c.t, g.Order.Shipping), dec{})}
	}
	o, err := s.Orders.Place(s.ctx, d)
	s.do(err)
	_, err = s.Payments.Record(s.ctx, o.ID, order.Operation{Kind: order.Capture, Amount: o.Totals().Total})
	s.do(err)
	_, err = s.Orders.Confirm(s.ctx, o.ID)
	s.do(err)
	for i, x := range g.Order.Items {
		s.do(s.ship(o, "L", i+1, x.Qty))
	}
	restocked := map[string]int64{}
	total := order.Zero(euro)
	left := w.Shipping
	for _, x := range w.Refund {
		at := slices.IndexFunc(g.Order.Items, func(i soldItem) bool { return i.ID == x.Item })
		require.GreaterOrEqual(c.t, at, 0, "item %d is not on the order", x.Item)
		var r returns.Return
		if slices.Contains(w.ToStock, x.Item) {
			before := s.sellable(d.Lines[at].Item, "L")
			r = s.sendBack(o, "L", at+1, x.Qty, returns.Restock)
			restocked[d.Lines[at].Item] = s.sellable(d.Lines[at].Item, "L") - before
		} else {
			r = s.asked(o, at+1, x.Qty)
		}
		p := oms.Payout{Units: []order.LineQty{{Line: 1, Qty: x.Qty}}}
		if left.IsPositive() {
			p.Charges, left = []order.ChargeCredit{{Amount: money(c.t, left)}}, dec{}
		}
		r, err := s.Returns.Refund(s.ctx, r.ID, p)
		s.do(err)
		total, err = total.Add(r.Refunded)
		s.do(err)
	}
	now := s.get(o)
	shippingBack := order.Zero(euro)
	if len(now.Charges) > 0 {
		shippingBack = now.Charges[0].Credited
	}
	return facts{"refund_total": total, "restocked": restocked, "shipping_refunded": shippingBack}
}

// returnStockEffect: what a changed quantity, or returned goods, do to the stock. Numbers are changes of
// what the case gives.
func returnStockEffect(c *peerCase) facts {
	g := given[struct {
		OnHand                    *int64 `json:"on_hand"`
		Allocated, Fulfilled, Qty int64
		Tracked                   *bool
		Restocks                  *bool `json:"location_restocks"`
	}](c)
	w := when[struct {
		SetQty  *int64 `json:"set_qty"`
		Receive int64  `json:"receive_return"`
	}](c)
	if w.SetQty == nil {
		return c.received(g.OnHand, w.Receive, g.Tracked == nil || *g.Tracked, g.Restocks == nil || *g.Restocks)
	}
	if *w.SetQty > g.Qty {
		return c.notMapped(noEdits)
	}
	s := one(c, *g.OnHand+g.Fulfilled)
	o, err := s.promise(want("V", g.Qty))
	s.do(err)
	if g.Fulfilled > 0 {
		s.do(s.ship(o, "L", 1, g.Fulfilled))
	}
	if *w.SetQty < g.Fulfilled {
		c.differs(cancelsShipped, "ok", "error", "on_hand")
	}
	err = s.cancelUnits(o, 1, g.Qty-*w.SetQty)
	return facts{"ok": err == nil, "error": err, "on_hand": s.onHand("V", "L"), "allocated": s.promised(o)}
}

// received returns goods to a location, which may never have carried them.
func (c *peerCase) received(onHand *int64, units int64, tracked, restocks bool) facts {
	s := open(c)
	s.item(inventory.Item{ID: "V", Untracked: !tracked})
	s.location("elsewhere", "L")
	var had int64
	if onHand != nil {
		had = *onHand
	}
	if tracked {
		s.receive("V", "L", had)
		s.receive("V", "elsewhere", units)
	}
	s.only = []string{"elsewhere"}
	o, err := s.promise(want("V", units))
	s.do(err)
	if tracked {
		s.do(s.ship(o, "elsewhere", 1, units))
	}
	as := returns.Restock
	if !restocks {
		as = returns.Scrap
	}
	s.sendBack(o, "L", 1, units, as)
	state := "shipped"
	if s.get(o).Lines[0].Returned == units {
		state = "returned"
	}
	now := had // of an untracked item no number is kept, so none moves
	if tracked {
		now = s.onHand("V", "L")
	} else {
		require.Empty(c.t, s.postings("V"))
	}
	return facts{"on_hand": now, "unit_state": state}
}
