package peercases_test

import (
	"encoding/json"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// refunds are the kinds of returns.json.
var refunds = mappers{
	"balance.outstanding":    balanceOutstanding,
	"cancel.short_ship":      shortShip,
	"refund.across_payments": refundAcrossPayments,
	"refund.after_edit":      refundAfterEdit,
	"refund.default_amount":  refundDefaultAmount,
	"refund.quote":           refundQuote,
	"refund.store_credit":    refundStoreCredit,
	"refund.unfulfilled":     refundUnfulfilled,
	"refund.validate":        refundValidate,
	"refund.with_tax":        refundWithTax,
	"return.eligibility":     returnEligibility,
	"return.quantities":      returnQuantities,
	"return.restock":         returnRestock,
	"return.stock_effect":    returnStockEffect,
}

func balanceOutstanding(c *peerCase) facts {
	g := given[struct {
		Total      dec
		Items      []dec
		Shipping   dec
		Payments   []dec
		Voided     []dec
		Refunds    []dec
		Reimbursed dec `json:"reimbursed_for_cancelled_units"`
		Cancelled  bool
	}](c)
	_ = when[struct{ Rule string }](c)
	d := order.Draft{}
	rest := g.Total.Sub(g.Shipping)
	for _, i := range g.Items {
		d.Lines = append(d.Lines, service(i, 1, dec{}))
		rest = rest.Sub(i)
	}
	if rest.IsPositive() { // items that the case only counts in its total
		d.Lines = append(d.Lines, service(rest, 1, dec{}))
	}
	if g.Shipping.IsPositive() {
		d.Charges = []order.DraftCharge{shipping(money(c.t, g.Shipping), dec{})}
	}
	b := ring(c.t, d)
	require.Equal(c.t, money(c.t, g.Total), b.Totals().Total)
	for i, p := range g.Payments {
		b.pay(string(rune('a'+i)), money(c.t, p))
	}
	for _, v := range g.Voided {
		require.NoError(c.t, b.record(order.Operation{ID: "v", Kind: order.Authorize, Amount: money(c.t, v)}))
		require.NoError(c.t, b.record(order.Operation{Kind: order.Void, Amount: money(c.t, v), Parent: "v"}))
	}
	left := g.Reimbursed
	for i := range b.Lines {
		if worth := b.Lines[i].Total.Amount(); left.IsPositive() && worth.LessThanOrEqual(left) {
			require.NoError(c.t, b.cancel(i+1, 1))
			left = left.Sub(worth)
		}
	}
	require.True(c.t, left.IsZero(), "the reimbursement is not the price of units")
	if g.Cancelled {
		var err error
		b.Order, _, _, err = b.flow.Cancel(b.Order, order.CancelCustomer, moment)
		require.NoError(c.t, err)
	}
	for _, r := range g.Refunds {
		b.refund(money(c.t, r))
	}
	k := b.Books()
	return facts{
		"outstanding": k.Due, "payment_total": minus(c, k.Captured, k.Refunded), "refund_total": k.Refunded,
		"order_total_unchanged": b.Totals().Total,
	}
}

// shortShip: what the units still on a line are worth, cancelled one by one or together.
func shortShip(c *peerCase) facts {
	g := given[struct {
		LineTotal dec `json:"line_total"`
		Units     int64
		Cancelled int64 `json:"units_cancelled"`
		Tax       dec   `json:"additional_tax_pct"`
		Line      struct {
			UnitPrice dec `json:"unit_price"`
			Qty       int64
		}
		Shipment string `json:"shipment_state"`
	}](c)
	w := when[struct {
		Cancel   int64
		OneByOne int64 `json:"cancel_one_by_one"`
		Short    int64 `json:"short_ship_units"`
	}](c)
	if w.Short > 0 {
		return c.shortShipment(g.Line.Qty, w.Short, g.Shipment)
	}
	live := g.Units - g.Cancelled // line_total is what these cost
	b := ring(c.t, order.Draft{Lines: []order.DraftLine{service(g.LineTotal.DivRound(whole(live), order.MaxPriceDigits), g.Units, g.Tax)}})
	if g.Cancelled > 0 {
		require.NoError(c.t, b.cancel(1, g.Cancelled))
	}
	require.Equal(c.t, money(c.t, g.LineTotal), b.Books().Goods)
	batches := []int64{w.Cancel}
	if w.OneByOne > 0 {
		batches = make([]int64, w.OneByOne)
		for i := range batches {
			batches[i] = 1
		}
	}
	var adjustments []order.Money
	for _, q := range batches {
		before := b.Books().Goods
		require.NoError(c.t, b.cancel(1, q))
		adjustments = append(adjustments, minus(c, b.Books().Goods, before))
	}
	return facts{"adjustment": adjustments[0], "adjustments": adjustments, "line_total_after": b.Books().Goods}
}

func (c *peerCase) shortShipment(qty, short int64, state string) facts {
	s := one(c, qty)
	o, err := s.promise(want("V", qty))
	s.do(err)
	if state == "shipped" {
		c.differs(cancelsShipped, "units_state")
		s.do(s.ship(o, "L", 1, qty))
	}
	err = s.cancelUnits(o, 1, short)
	units, shipment := "canceled", state
	if err != nil {
		require.ErrorIs(c.t, err, order.ErrQuantity)
		units = "shipped"
	}
	work, err := s.Fulfillment.OfOrder(s.ctx, o.ID)
	s.do(err)
	if work[0].Work == fulfillment.WorkCancelled {
		shipment = "canceled"
	}
	return facts{"units_state": units, "shipment_state": shipment}
}

func refundAcrossPayments(c *peerCase) facts {
	if has(c.When, "op") {
		return c.notMapped(noEdits)
	}
	g := given[struct {
		Payments []struct {
			ID               string
			Amount, Refunded int64
		}
	}](c)
	w := when[struct {
		Refund    int64
		StartWith string `json:"start_with"`
		Reimburse int64
	}](c)
	var total int64
	for _, p := range g.Payments {
		total += p.Amount
	}
	b := ring(c.t, order.Draft{Lines: []order.DraftLine{service(price(total), 1, dec{})}})
	for _, p := range g.Payments {
		b.pay(p.ID, cents(c.t, p.Amount))
		if p.Refunded > 0 {
			require.NoError(c.t, b.record(order.Operation{ID: p.ID + " refunded", Kind: order.Refund, Amount: cents(c.t, p.Refunded), Parent: p.ID}))
		}
	}
	var prefer []string
	if w.StartWith != "" {
		prefer = []string{w.StartWith}
	}
	plan, err := b.PlanRefund(cents(c.t, w.Refund+w.Reimburse), prefer...)
	if err != nil {
		var over *order.CapError
		require.ErrorAs(c.t, err, &over)
		return facts{"error": err, "refundable": over.Cap.MinorUnits()}
	}
	refunds := []map[string]any{}
	for _, op := range plan {
		require.NoError(c.t, b.record(op))
		refunds = append(refunds, map[string]any{"payment": op.Parent, "amount": op.Amount.MinorUnits()})
	}
	return facts{"refunds": refunds}
}

// refundAfterEdit: fewer units are a cancellation, cheaper shipping a credit.
func refundAfterEdit(c *peerCase) facts {
	g := given[struct {
		UnitNet       int64 `json:"unit_net"`
		UnitGross     int64 `json:"unit_gross"`
		Tax           dec   `json:"tax_pct"`
		Qty           int64
		Shipping      int64
		Total         int64
		DiscountNet   int64 `json:"order_discount_net"`
		DiscountGross int64 `json:"order_discount_gross"`
		MinOrder      int64 `json:"min_order_gross"`
		Paid          json.RawMessage
	}](c)
	w := when[struct {
		SetQty      *int64 `json:"set_qty"`
		NewShipping *int64 `json:"new_shipping"`
	}](c)
	if g.MinOrder > 0 {
		return c.notMapped(noConditions)
	}
	if w.SetQty != nil && *w.SetQty > g.Qty || w.NewShipping != nil && *w.NewShipping > g.Shipping {
		return c.notMapped(noEdits)
	}
	d := order.Draft{TaxIncluded: g.UnitNet == 0}
	if unit := g.UnitNet + g.UnitGross; unit > 0 {
		d.Lines = []order.DraftLine{service(price(unit), g.Qty, g.Tax)}
	} else {
		d.Lines = []order.DraftLine{service(price(g.Total-g.Shipping), 1, g.Tax)}
	}
	if g.Shipping > 0 {
		d.Charges = []order.DraftCharge{shipping(cents(c.t, g.Shipping), dec{})}
	}
	if off := g.DiscountNet + g.DiscountGross; off > 0 {
		d.Discounts = []order.Discount{{Amount: cents(c.t, off)}}
	}
	b := ring(c.t, d)
	b.payAll()
	if w.SetQty != nil {
		require.NoError(c.t, b.cancel(1, g.Qty-*w.SetQty))
	}
	if w.NewShipping != nil {
		_, err := b.credit(order.CreditNote{Charges: []order.ChargeCredit{{Amount: cents(c.t, g.Shipping-*w.NewShipping)}}})
		require.NoError(c.t, err)
	}
	k := b.Books()
	back := b.owing()
	b.refund(back)
	require.True(c.t, b.Books().Due.IsZero())
	return facts{"refund": back.MinorUnits(), "new_total": k.Owed.MinorUnits(), "new_goods_total": k.Goods.MinorUnits() + k.GoodsTax.MinorUnits()}
}

type pricedLine struct {
	UnitPrice dec `json:"unit_price"`
	Qty       int64
}

func refundDefaultAmount(c *peerCase) facts {
	g := given[struct {
		Line     pricedLine
		OnOrder  []dec `json:"order_adjustments"`
		OnLine   []dec `json:"line_adjustments"`
		OnShip   []dec `json:"shipping_adjustments"`
		Exchange bool
	}](c)
	w := when[struct {
		Qty int64 `json:"return_qty"`
	}](c)
	d := order.Draft{Lines: []order.DraftLine{service(g.Line.UnitPrice, g.Line.Qty, dec{})}}
	for _, a := range append(g.OnOrder, g.OnLine...) {
		d.Discounts = append(d.Discounts, order.Discount{Amount: money(c.t, a.Neg())})
	}
	for _, a := range g.OnShip {
		d.Charges = append(d.Charges, shipping(money(c.t, a.Neg()), dec{}))
		d.Discounts = append(d.Discounts, order.Discount{Amount: money(c.t, a.Neg()), OnCharges: true})
	}
	b := ring(c.t, d)
	b.payAll()
	b.ship(1, g.Line.Qty)
	amount, err := b.credit(order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: w.Qty}}})
	require.NoError(c.t, err)
	if g.Exchange { // what is sent instead is an order of its own, worth the same, which the credit pays
		instead := ring(c.t, order.Draft{Lines: []order.DraftLine{service(amount.Amount(), 1, dec{})}})
		require.NoError(c.t, b.record(order.Operation{Kind: order.Refund, Amount: amount, Parent: "p", Tender: "exchange"}))
		require.NoError(c.t, instead.record(order.Operation{Kind: order.Capture, Amount: amount, Tender: "exchange"}))
		require.True(c.t, instead.Books().Due.IsZero())
		amount = b.owing()
	}
	return facts{"amount": amount}
}

func refundQuote(c *peerCase) facts {
	g := given[struct{ Product, Tax, Shipping dec }](c)
	w := when[struct {
		Refund struct {
			Qty      int64 `json:"product_qty"`
			Shipping dec
		}
	}](c)
	rate := g.Tax.DivRound(g.Product, order.MaxPriceDigits).Shift(2)
	b := ring(c.t, order.Draft{
		Lines:   []order.DraftLine{service(g.Product, max(1, w.Refund.Qty), rate)},
		Charges: []order.DraftCharge{shipping(money(c.t, g.Shipping), dec{})},
	})
	b.payAll()
	b.ship(1, max(1, w.Refund.Qty))
	n := order.CreditNote{}
	if w.Refund.Qty > 0 {
		n.Units = []order.LineQty{{Line: 1, Qty: w.Refund.Qty}}
	}
	if w.Refund.Shipping.IsPositive() {
		n.Charges = []order.ChargeCredit{{Amount: money(c.t, w.Refund.Shipping)}}
	}
	before := b.Books()
	total, err := b.credit(n)
	return facts{"total": total, "tax": minus(c, before.GoodsTax, b.Books().GoodsTax), "error": err}
}

// refundStoreCredit: money is whole minor units; which way an amount is rounded to them is the caller's.
func refundStoreCredit(c *peerCase) facts {
	g := given[struct {
		Items []dec `json:"return_items"`
	}](c)
	_ = when[struct{ Rounding string }](c)
	var items []order.Money
	for _, i := range g.Items {
		m, err := order.RoundTo(i, euro, order.Down)
		require.NoError(c.t, err)
		items = append(items, m)
	}
	credit, err := order.Sum(items...)
	require.NoError(c.t, err)
	return facts{"credit": credit}
}

// refundUnfulfilled: units that have not left are cancelled, which frees their stock; those that have
// left are refunded in a return. An amount given by hand is the worth less a fee.
func refundUnfulfilled(c *peerCase) facts {
	g := given[struct {
		Lines []struct {
			ID                        string
			Unit                      dec `json:"unit_gross"`
			Qty, Allocated, Fulfilled int64
		}
		Shipping dec
	}](c)
	w := when[struct {
		Refund          map[string]int64
		Amount          *dec
		IncludeShipping bool `json:"include_shipping"`
	}](c)
	s := open(c)
	s.location("L")
	d := order.Draft{Currency: euro, TaxIncluded: true, Charges: []order.DraftCharge{shipping(money(c.t, g.Shipping), dec{})}}
	for _, l := range g.Lines {
		s.item(inventory.Item{ID: l.ID})
		s.receive(l.ID, "L", l.Qty)
		d.Lines = append(d.Lines, order.DraftLine{Item: l.ID, Qty: l.Qty, UnitPrice: l.Unit})
	}
	o, err := s.Orders.Place(s.ctx, d)
	s.do(err)
	_, err = s.Payments.Record(s.ctx, o.ID, order.Operation{Kind: order.Capture, Amount: o.Totals().Total})
	s.do(err)
	_, err = s.Orders.Confirm(s.ctx, o.ID)
	s.do(err)
	back := order.Zero(euro)
	for i, l := range g.Lines {
		if l.Fulfilled > 0 {
			s.do(s.ship(o, "L", i+1, l.Fulfilled))
		}
		q := w.Refund[l.ID]
		switch {
		case q == 0:
		case q <= l.Qty-l.Fulfilled:
			s.do(s.cancelUnits(o, i+1, q))
		default:
			p := oms.Payout{Units: []order.LineQty{{Line: 1, Qty: q}}}
			if w.Amount != nil {
				p.Fee = money(c.t, l.Unit.Mul(whole(q)).Sub(*w.Amount))
			}
			r, err := s.Returns.Refund(s.ctx, s.asked(o, i+1, q).ID, p)
			s.do(err)
			back = r.Refunded
		}
	}
	return s.refundedUnfulfilled(o, back, w.Amount, w.IncludeShipping)
}

func (s *shop) refundedUnfulfilled(o order.Order, back order.Money, given *dec, withShipping bool) facts {
	s.t.Helper()
	now := s.get(o)
	var shippingBack any
	if withShipping { // no command of the Engine gives shipping back but the refund of a return
		flow, err := order.NewFlow()
		s.do(err)
		credited, amount, _, err := flow.Credit(now, order.CreditNote{Charges: []order.ChargeCredit{{Amount: now.Charges[0].Total}}}, s.now)
		s.do(err)
		now, shippingBack = credited, amount
	}
	if owing := now.Books().Due.Neg(); owing.IsPositive() {
		back = owing
		if given != nil {
			back = money(s.t, *given)
		}
		_, err := s.Payments.Refund(s.ctx, o.ID, back, nil)
		s.do(err)
	}
	unfulfilled, allocated, fulfilled := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, l := range s.get(o).Lines {
		unfulfilled[l.Item], allocated[l.Item], fulfilled[l.Item] = l.Open(), l.Reserved, l.Shipped-l.RefundedUnits
	}
	return facts{
		"amount": back, "automatic": given == nil, "shipping_refund": shippingBack,
		"unfulfilled_after": unfulfilled, "allocated_after": allocated, "fulfilled_after": fulfilled,
	}
}

func refundWithTax(c *peerCase) facts {
	g := given[struct {
		Line     pricedLine
		Tax      dec `json:"tax_pct"`
		Included bool
	}](c)
	w := when[struct {
		Qty int64 `json:"return_qty"`
	}](c)
	b := ring(c.t, order.Draft{TaxIncluded: g.Included, Lines: []order.DraftLine{service(g.Line.UnitPrice, g.Line.Qty, g.Tax)}})
	b.payAll()
	b.ship(1, g.Line.Qty)
	before := b.Books().GoodsTax
	amount, err := b.credit(order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: w.Qty}}})
	require.NoError(c.t, err)
	return facts{"refund": amount, "tax": minus(c, before, b.Books().GoodsTax)}
}

// refundValidate: a refund of money, a grant of units or shipping, or a payment of another order.
func refundValidate(c *peerCase) facts {
	g := given[struct {
		Payment, Refunded dec
		Attempts          []struct {
			Refund dec
			Result string
		}
		Line            *pricedLine
		Refunds         []dec
		Granted         int64 `json:"granted_refund_qty"`
		Shipping        dec
		ShippingGranted bool `json:"shipping_already_granted"`
		Charged         dec
		State           string `json:"order_state"`
		PaymentOf       string `json:"payment_of_order"`
		LinesOf         string `json:"lines_of_order"`
	}](c)
	w := when[struct {
		Refund json.RawMessage
		Amount *dec `json:"refund_amount"`
		Grant  *struct {
			Qty      int64
			Shipping bool
		}
	}](c)
	if g.PaymentOf != "" {
		return otherPayment(c, g.PaymentOf, g.LinesOf)
	}
	unit, qty := decimal.NewFromInt(10), int64(1)
	if g.Line != nil {
		qty = max(1, g.Line.Qty)
		if g.Line.UnitPrice.IsPositive() {
			unit = g.Line.UnitPrice
		}
	} else if g.Payment.IsPositive() {
		unit = g.Payment
	}
	d := order.Draft{Lines: []order.DraftLine{service(unit, qty, dec{})}}
	if g.Shipping.IsPositive() {
		d.Charges = []order.DraftCharge{shipping(money(c.t, g.Shipping), dec{})}
	}
	b := ring(c.t, d)
	paid := b.Books().Owed
	for _, p := range []dec{g.Payment, g.Charged} {
		if p.IsPositive() {
			paid = money(c.t, p)
		}
	}
	switch g.State {
	case "", "PaymentSettled":
		b.pay("p", paid)
	case "PaymentAuthorized":
		require.NoError(c.t, b.record(order.Operation{ID: "p", Kind: order.Authorize, Amount: paid}))
	case "AddingItems", "ArrangingPayment": // nothing was paid
	default:
		c.unknown("state of an order", g.State)
	}
	b.ship(1, qty)
	if w.Grant != nil {
		return b.grant(g.Granted, g.ShippingGranted, w.Grant.Qty, w.Grant.Shipping)
	}
	for _, r := range append(g.Refunds, g.Refunded) {
		if r.IsPositive() {
			b.unit(g.Line, r)
			require.NoError(c.t, b.record(order.Operation{Kind: order.Refund, Amount: money(c.t, r), Parent: "p"}))
		}
	}
	for _, a := range g.Attempts {
		status := map[string]order.OperationStatus{"Failed": order.Failed, "Settled": order.Succeeded, "Pending": order.Requested}[a.Result]
		require.NotEmpty(c.t, status, "a refund that is %q", a.Result)
		require.NoError(c.t, b.record(order.Operation{Kind: order.Refund, Status: status, Amount: money(c.t, a.Refund), Parent: "p"}))
	}
	var amount dec
	switch {
	case w.Amount != nil:
		amount = *w.Amount
	case string(w.Refund) == `"lines"`:
		amount = b.Totals().Total.Amount()
	default:
		require.NoError(c.t, json.Unmarshal(w.Refund, &amount))
	}
	b.unit(g.Line, amount)
	err := b.record(order.Operation{Kind: order.Refund, Amount: money(c.t, amount), Parent: "p"})
	return facts{"ok": err == nil, "error": err, "amount": money(c.t, amount), "refundable_after": b.Refundable("p")}
}

// unit credits the units of a line that an amount pays for.
func (b *till) unit(l *pricedLine, amount dec) {
	b.t.Helper()
	if l == nil || !l.UnitPrice.IsPositive() {
		return
	}
	_, err := b.credit(order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: amount.Div(l.UnitPrice).IntPart()}}})
	require.NoError(b.t, err)
}

func otherPayment(c *peerCase, paymentOf, linesOf string) facts {
	draft := order.Draft{Lines: []order.DraftLine{service(whole(10), 1, dec{})}}
	tills := map[string]*till{}
	for _, name := range []string{paymentOf, linesOf} {
		if tills[name] == nil {
			tills[name] = ring(c.t, draft)
			tills[name].pay("payment of "+name, tills[name].Books().Owed)
		}
	}
	err := tills[linesOf].record(order.Operation{Kind: order.Refund, Amount: cents(c.t, 1000), Parent: "payment of " + paymentOf})
	return facts{"ok": err == nil, "error": err}
}

// grant takes units and shipping off what is owed, after what was granted before.
func (b *till) grant(hadUnits int64, hadShipping bool, units int64, withShipping bool) facts {
	b.t.Helper()
	note := func(units int64, withShipping bool) order.CreditNote {
		var n order.CreditNote
		if units > 0 {
			n.Units = []order.LineQty{{Line: 1, Qty: units}}
		}
		if withShipping {
			n.Charges = []order.ChargeCredit{{Amount: b.Charges[0].Total}}
		}
		return n
	}
	_, err := b.credit(note(hadUnits, hadShipping))
	require.NoError(b.t, err)
	amount, err := b.credit(note(units, withShipping))
	return facts{"ok": err == nil, "error": err, "amount": amount}
}
