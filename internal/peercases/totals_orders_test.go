package peercases_test

import (
	"slices"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
)

type orderDiscount struct {
	Scope string // item, order or shipping
	Type  string // percent, fixed or to_price
	Value dec
	Name  string

	OnlyUnitPrice *int64 `json:"only_unit_price"`
	MinAnyQty     int64  `json:"min_any_qty"`
	MinOrder      int64  `json:"min_order"`
}

// vendure builds a draft discount by discount: which apply is the host's promotion engine's question,
// what they come to is the library's.
type vendure struct {
	c           *peerCase
	draft       order.Draft
	unitPrices  []int64
	onOrder     []int // discounts that the whole order bears
	sameWeights bool  // the library's weights for a discount on the order are the peer's
}

func totalsOrder(c *peerCase) facts {
	g := given[struct {
		Gross bool `json:"prices_include_tax"`
		Lines []struct {
			UnitPrice int64 `json:"unit_price"`
			Qty       int64
			Tax       dec `json:"tax_pct"`
		}
		Shipping []struct {
			Price int64
			Tax   dec `json:"tax_pct"`
		}
		Surcharges []struct {
			Price int64
			Gross bool `json:"includes_tax"`
			Tax   dec  `json:"tax_pct"`
		}
		Policy string
	}](c)
	w := when[struct{ Discounts []orderDiscount }](c)
	if len(g.Lines) == 0 { // refused, so there are no answers
		c.differs(emptyOrder, "sub_total", "sub_total_with_tax", "shipping", "shipping_with_tax", "total", "total_with_tax")
		_, err := order.New(order.ID{}, order.Draft{Currency: euro}, moment)
		return facts{"error": err}
	}
	v := &vendure{c: c, draft: order.Draft{TaxIncluded: g.Gross}, sameWeights: true}
	for _, l := range g.Lines {
		v.draft.Lines = append(v.draft.Lines, service(price(l.UnitPrice), l.Qty, l.Tax))
		v.unitPrices = append(v.unitPrices, l.UnitPrice)
		v.sameWeights = v.sameWeights && (g.Gross || l.Tax.Equal(g.Lines[0].Tax))
	}
	for _, s := range g.Shipping {
		v.draft.Charges = append(v.draft.Charges, shipping(cents(c.t, s.Price), s.Tax))
	}
	for _, s := range g.Surcharges {
		var same bool
		if s.Price, same = restated(c, s.Price, s.Tax, s.Gross, g.Gross); !same {
			return c.notMapped(mixedPrices)
		}
		switch {
		case s.Price >= 0:
			v.draft.Charges = append(v.draft.Charges, order.DraftCharge{Kind: order.Fee, Price: cents(c.t, s.Price), TaxRate: percent(s.Tax)})
		default: // the library refuses a negative charge and asks for a discount
			if !v.oneRate(percent(s.Tax)) {
				return c.notMapped(noNegative)
			}
			v.refusesNegativeCharge(s.Price)
			v.draft.Discounts = append(v.draft.Discounts, order.Discount{Amount: cents(c.t, -s.Price)})
		}
	}
	// The peer takes items first, then the order, then shipping.
	scopes := []string{"item", "order", "shipping"}
	slices.SortStableFunc(w.Discounts, func(a, b orderDiscount) int {
		return slices.Index(scopes, a.Scope) - slices.Index(scopes, b.Scope)
	})
	var applied []string
	for _, x := range w.Discounts {
		if x.Scope == "shipping" && len(g.Surcharges) > 0 {
			return c.notMapped(someCharges)
		}
		if v.discount(x) {
			applied = append(applied, x.Name)
		}
	}
	return v.answer(applied)
}

// restated is a price in the form that the order has, net or gross. It is the same price if the tax
// on top of it, or in it, leads back to the one given.
func restated(c *peerCase, minor int64, pct dec, gross, wantGross bool) (int64, bool) {
	c.t.Helper()
	factor := whole(1).Add(percent(pct))
	up := func(minor int64) int64 {
		m, err := order.RoundTo(price(minor).Mul(factor), euro, order.HalfUp)
		require.NoError(c.t, err)
		return m.MinorUnits()
	}
	down := func(minor int64) int64 {
		m, err := order.RoundTo(price(minor).DivRound(factor, order.MaxPriceDigits), euro, order.HalfUp)
		require.NoError(c.t, err)
		return m.MinorUnits()
	}
	switch {
	case gross == wantGross:
		return minor, true
	case wantGross:
		return up(minor), down(up(minor)) == minor
	}
	return down(minor), up(down(minor)) == minor
}

// oneRate tells whether every line is taxed at a rate.
func (v *vendure) oneRate(rate dec) bool {
	for _, l := range v.draft.Lines {
		if !l.TaxRate.Equal(rate) {
			return false
		}
	}
	return true
}

func (v *vendure) refusesNegativeCharge(minor int64) {
	d := v.draft
	d.Currency, d.Charges = euro, []order.DraftCharge{{Kind: order.Fee, Price: cents(v.c.t, minor)}}
	_, err := order.New(order.ID{}, d, moment)
	require.ErrorIs(v.c.t, err, order.ErrDraft)
}

// discount adds a discount to the draft if its conditions hold on what the earlier ones left.
func (v *vendure) discount(x orderDiscount) bool {
	o := priced(v.c.t, v.draft)
	var left, qty int64
	for i := range o.Lines {
		left += o.Lines[i].Amount.MinorUnits() - sum(sharesOf(o.Lines[i].Shares))
		qty = max(qty, o.Lines[i].Ordered)
	}
	if qty < x.MinAnyQty || left < x.MinOrder {
		return false
	}
	switch x.Scope {
	case "item":
		for i, unit := range v.unitPrices {
			if x.OnlyUnitPrice == nil || *x.OnlyUnitPrice == unit {
				v.add(x, unit*v.draft.Lines[i].Qty, order.Discount{Lines: []int{i + 1}})
			}
		}
	case "shipping":
		v.add(x, 0, order.Discount{OnCharges: true})
	case "order":
		v.onTheOrder(x, left, &o)
	default:
		v.c.unknown("scope", x.Scope)
	}
	return true
}

// onTheOrder spreads by prices with tax, as the peer does. Where the library would weigh otherwise, the
// amount is split first and each line gets its own.
func (v *vendure) onTheOrder(x orderDiscount, left int64, o *order.Order) {
	if x.Type == "to_price" {
		x.Type, x.Value = "fixed", whole(left).Sub(x.Value)
	}
	if v.sameWeights {
		v.onOrder = append(v.onOrder, len(v.draft.Discounts))
		v.add(x, left, order.Discount{})
		return
	}
	amount, err := order.RoundTo(x.Value.Shift(-2), euro, order.HalfUp)
	if x.Type == "percent" {
		amount, err = order.RoundTo(price(left).Mul(percent(x.Value)), euro, order.HalfUp)
	}
	require.NoError(v.c.t, err)
	weights := make([]order.Money, len(o.Lines))
	for i := range o.Lines {
		weights[i] = o.Lines[i].Total
	}
	parts, err := order.ApportionMoney(amount, weights)
	require.NoError(v.c.t, err)
	for i, p := range parts {
		if p.IsPositive() {
			v.onOrder = append(v.onOrder, len(v.draft.Discounts))
			v.draft.Discounts = append(v.draft.Discounts, order.Discount{Amount: p, Lines: []int{i + 1}})
		}
	}
}

// add sets the size of a discount; a percentage of base that comes to half a minor unit is where the
// library and the peer part.
func (v *vendure) add(x orderDiscount, base int64, d order.Discount) {
	switch x.Type {
	case "percent":
		d.Percent = x.Value
		if raw := whole(base).Mul(percent(x.Value)); raw.Sub(raw.Floor()).Equal(decimal.New(5, -1)) {
			v.c.differs(halfUnits, "sub_total", "sub_total_with_tax", "total", "total_with_tax", "order_discount_parts", "prorated_line_with_tax")
		}
	case "fixed":
		d.Amount = money(v.c.t, x.Value.Shift(-2))
	default:
		v.c.unknown("discount", x.Type)
	}
	v.draft.Discounts = append(v.draft.Discounts, d)
}

func sharesOf(shares []order.Share) []int64 {
	var out []int64
	for _, s := range shares {
		out = append(out, s.Amount.MinorUnits())
	}
	return out
}

func (v *vendure) answer(applied []string) facts {
	o := priced(v.c.t, v.draft)
	var subTotal, subTotalWithTax, ship, shipWithTax int64
	var lines []int64
	for i := range o.Lines {
		subTotal += o.Lines[i].Net.MinorUnits()
		subTotalWithTax += o.Lines[i].Total.MinorUnits()
		lines = append(lines, o.Lines[i].Total.MinorUnits())
	}
	for i := range o.Charges {
		if ch := &o.Charges[i]; ch.Kind == order.Shipping {
			ship += ch.Net.MinorUnits()
			shipWithTax += ch.Total.MinorUnits()
		} else {
			subTotal += ch.Net.MinorUnits()
			subTotalWithTax += ch.Total.MinorUnits()
		}
	}
	t := o.Totals()
	return facts{
		"sub_total": subTotal, "sub_total_with_tax": subTotalWithTax, "shipping": ship, "shipping_with_tax": shipWithTax,
		"total": t.Net.MinorUnits(), "total_with_tax": t.Total.MinorUnits(), "applied": applied,
		"order_discount_parts": lineShares(&o, v.onOrder...), "prorated_line_with_tax": lines,
	}
}

// totalsOrderDiscounts: a voucher lowers the goods; a discount given by hand lowers goods and shipping,
// a percentage each of them, an amount both in proportion.
func totalsOrderDiscounts(c *peerCase) facts {
	g := given[struct{ Subtotal, Shipping dec }](c)
	w := when[struct {
		Discounts []struct {
			Kind  string
			Type  string
			Value dec
		} `json:"discounts_in_order"`
	}](c)
	d := order.Draft{Lines: []order.DraftLine{service(g.Subtotal, 1, dec{})}, Charges: []order.DraftCharge{shipping(money(c.t, g.Shipping), dec{})}}
	var of [][]int
	for _, x := range w.Discounts {
		first := len(d.Discounts)
		switch x.Kind + " " + x.Type {
		case "voucher percent":
			d.Discounts = append(d.Discounts, order.Discount{Percent: x.Value})
		case "voucher fixed":
			d.Discounts = append(d.Discounts, order.Discount{Amount: money(c.t, x.Value)})
		case "manual percent":
			d.Discounts = append(d.Discounts, order.Discount{Percent: x.Value}, order.Discount{Percent: x.Value, OnCharges: true})
		case "manual fixed":
			d.Discounts = append(d.Discounts, split(c, d, x.Value)...)
		default:
			c.unknown("discount", x.Kind+" "+x.Type)
		}
		of = append(of, nil)
		for i := first; i < len(d.Discounts); i++ {
			of[len(of)-1] = append(of[len(of)-1], i)
		}
	}
	o := priced(c.t, d)
	amounts := []order.Money{}
	for _, indexes := range of {
		total := order.Zero(euro)
		for _, i := range indexes {
			var err error
			total, err = total.Add(o.Discounts[i].Given)
			require.NoError(c.t, err)
		}
		amounts = append(amounts, total)
	}
	return facts{"total": o.Totals().Total, "amounts": amounts}
}

// split is a fixed amount over goods and shipping, by what earlier discounts left of them.
func split(c *peerCase, d order.Draft, value dec) []order.Discount {
	t := priced(c.t, d)
	left := []order.Money{t.Lines[0].Total, t.Charges[0].Total}
	amount := money(c.t, decimal.Min(value, t.Totals().Total.Amount()))
	parts, err := order.ApportionMoney(amount, left)
	require.NoError(c.t, err)
	var out []order.Discount
	for i, p := range parts {
		if p.IsPositive() {
			out = append(out, order.Discount{Amount: p, OnCharges: i == 1})
		}
	}
	return out
}

func totalsTaxLines(c *peerCase) facts {
	g := given[struct {
		Lines []struct {
			UnitPrice int64 `json:"unit_price"`
			Qty       int64
			Tax       dec `json:"tax_pct"`
			Included  bool
		}
		Shipping []struct {
			Price    int64
			Tax      dec `json:"tax_pct"`
			Included bool
		}
		Level  string `json:"tax_level"`
		Policy string
	}](c)
	w := when[struct {
		Discounts []struct {
			Fixed    int64
			Percent  dec
			Shipping dec `json:"shipping_percent"`
		}
	}](c)
	d := order.Draft{Rules: order.PriceRules{Remainder: order.FirstTakesRest}}
	switch g.Level {
	case "item":
	case "unit":
		d.Rules.Tax = order.TaxPerUnit
	default:
		c.unknown("tax level", g.Level)
	}
	var gross, net bool
	for _, l := range g.Lines {
		gross, net = gross || l.Included && !l.Tax.IsZero(), net || !l.Included && !l.Tax.IsZero()
	}
	for _, s := range g.Shipping {
		gross, net = gross || s.Included && !s.Tax.IsZero(), net || !s.Included && !s.Tax.IsZero()
	}
	d.TaxIncluded = gross && !net
	if gross && net && (len(w.Discounts) > 0 || g.Level == "unit") { // what each price leaves would have to be restated
		return c.notMapped(mixedPrices)
	}
	for _, l := range g.Lines {
		unit, same := restated(c, l.UnitPrice, l.Tax, l.Included, d.TaxIncluded)
		if !same && !l.Tax.IsZero() || unit != l.UnitPrice && l.Qty > 1 {
			return c.notMapped(mixedPrices)
		}
		d.Lines = append(d.Lines, service(price(unit), l.Qty, l.Tax))
	}
	for _, s := range g.Shipping {
		minor, same := restated(c, s.Price, s.Tax, s.Included, d.TaxIncluded)
		if !same && !s.Tax.IsZero() {
			return c.notMapped(mixedPrices)
		}
		d.Charges = append(d.Charges, shipping(cents(c.t, minor), s.Tax))
	}
	for _, x := range w.Discounts {
		switch {
		case x.Fixed > 0:
			d.Discounts = append(d.Discounts, order.Discount{Amount: cents(c.t, x.Fixed)})
		case x.Shipping.IsPositive():
			d.Discounts = append(d.Discounts, order.Discount{Percent: x.Shipping, OnCharges: true})
		default:
			d.Discounts = append(d.Discounts, order.Discount{Percent: x.Percent})
		}
	}
	o := priced(c.t, d)
	var onTop, included int64
	count := func(in bool, tax order.Money) {
		if in {
			included += tax.MinorUnits()
		} else {
			onTop += tax.MinorUnits()
		}
	}
	for i, l := range g.Lines {
		count(l.Included, o.Lines[i].Tax)
	}
	for i, s := range g.Shipping {
		count(s.Included, o.Charges[i].Tax)
	}
	return facts{"total": o.Totals().Total.MinorUnits(), "tax": onTop, "included_tax": included}
}

// totalsExact: the peer keeps every digit. The library rounds once per line, so only whole minor units
// can agree.
func totalsExact(c *peerCase) facts {
	g := given[struct {
		Items []struct {
			UnitPrice dec `json:"unit_price"`
			Qty       int64
			Tax       dec `json:"tax_pct"`
			Discount  dec
			Gross     bool `json:"tax_inclusive"`
		}
		Shipping []struct {
			Price    dec
			Tax      dec `json:"tax_pct"`
			Discount dec
			Gross    bool `json:"tax_inclusive"`
		}
		Policy string
	}](c)
	_ = when[struct{ Op string }](c)
	var d order.Draft
	var gross, net bool
	for i, l := range g.Items {
		d.Lines = append(d.Lines, service(l.UnitPrice, l.Qty, l.Tax))
		gross, net = gross || l.Gross, net || !l.Gross
		if l.Discount.IsPositive() {
			d.Discounts = append(d.Discounts, order.Discount{Amount: money(c.t, l.Discount), Lines: []int{i + 1}})
		}
	}
	var offShipping dec
	for _, s := range g.Shipping {
		d.Charges = append(d.Charges, shipping(money(c.t, s.Price), s.Tax))
		gross, net = gross || s.Gross, net || !s.Gross
		offShipping = offShipping.Add(s.Discount)
	}
	if gross && net {
		return c.notMapped(mixedPrices)
	}
	d.TaxIncluded = gross
	bare := d
	bare.Discounts = nil
	plain := priced(c.t, bare)
	if offShipping.IsPositive() {
		d.Discounts = append(d.Discounts, order.Discount{Amount: money(c.t, offShipping), OnCharges: true})
	}
	o := priced(c.t, d)
	was, is := plain.Totals(), o.Totals()
	return facts{
		"subtotal": was.Net, "tax_total": is.Tax, "total": is.Total,
		"discount_subtotal": minus(c, was.Net, is.Net), "discount_tax": minus(c, was.Tax, is.Tax), "discount_total": minus(c, was.Total, is.Total),
		"original_total": was.Total, "original_subtotal": was.Net, "original_tax_total": was.Tax,
		"shipping_subtotal": was.Charges,
	}
}

func minus(c *peerCase, a, b order.Money) order.Money {
	m, err := a.Sub(b)
	require.NoError(c.t, err)
	return m
}
