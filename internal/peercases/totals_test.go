package peercases_test

import (
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
)

// totals are the kinds of totals.json: amounts in minor units where they are whole numbers.
var totals = mappers{
	"apportion":                apportion,
	"apportion.decimal":        apportionDecimal,
	"apportion.equal":          apportionEqual,
	"apportion.with_floor":     apportionWithFloor,
	"discount.order":           discountOrder,
	"discount.shipping":        discountShipping,
	"discount.unit":            discountUnit,
	"order_change.summary":     changeSummary,
	"order_edit.totals":        editTotals,
	"tax.additive":             taxAdditive,
	"tax.included_zone_change": taxZoneChange,
	"tax.units_apportioned":    taxUnits,
	"totals.exact":             totalsExact,
	"totals.order":             totalsOrder,
	"totals.order_discounts":   totalsOrderDiscounts,
	"totals.tax_lines":         totalsTaxLines,
}

// changeSummary: an exchange is a return of what was sent, and an order of its own for what is sent instead.
// The buyer owes what both come to.
func changeSummary(c *peerCase) facts {
	g := given[struct {
		Original dec `json:"original_total"`
		Items    []struct {
			ID        string
			UnitPrice dec `json:"unit_price"`
			Qty       int64
		}
		Shipping, Paid dec
	}](c)
	w := when[struct {
		Actions []struct {
			Return *itemQty
			Add    *struct {
				Item      string
				UnitPrice dec `json:"unit_price"`
				Qty       int64
			}
			Shipping *dec `json:"shipping_add"`
		}
	}](c)
	d := order.Draft{}
	var ids []string
	for _, i := range g.Items {
		d.Lines = append(d.Lines, service(i.UnitPrice, i.Qty, dec{}))
		ids = append(ids, i.ID)
	}
	if g.Shipping.IsPositive() {
		d.Charges = []order.DraftCharge{shipping(money(c.t, g.Shipping), dec{})}
	}
	b := ring(c.t, d)
	original := b.Books().Owed
	require.Equal(c.t, money(c.t, g.Original), original)
	b.pay("p", money(c.t, g.Paid))
	for i, x := range g.Items {
		b.ship(i+1, x.Qty)
	}
	var instead order.Draft
	for _, a := range w.Actions {
		switch {
		case a.Return != nil:
			_, err := b.credit(order.CreditNote{Units: []order.LineQty{{Line: 1 + slices.Index(ids, a.Return.Item), Qty: a.Return.Qty}}})
			require.NoError(c.t, err)
		case a.Add != nil:
			instead.Lines = append(instead.Lines, service(a.Add.UnitPrice, a.Add.Qty, dec{}))
		case a.Shipping != nil:
			instead.Charges = append(instead.Charges, shipping(money(c.t, *a.Shipping), dec{}))
		default:
			c.unknown("action", "")
		}
	}
	owed, due := b.Books().Owed, b.Books().Due
	if len(instead.Lines) == 0 && len(instead.Charges) > 0 {
		return c.notMapped(noEdits)
	}
	if len(instead.Lines) > 0 {
		k := ring(c.t, instead).Books()
		var err error
		owed, err = owed.Add(k.Owed)
		require.NoError(c.t, err)
		due, err = due.Add(k.Due)
		require.NoError(c.t, err)
	}
	return facts{"original_total": original, "current_total": owed, "difference": minus(c, owed, original), "pending": due}
}

// remainder is the library's policy for what a peer calls its method.
func (c *peerCase) remainder(method string) order.Remainder {
	switch {
	case strings.HasPrefix(method, "largest_remainder"):
		return order.LargestRemainder
	case strings.HasPrefix(method, "half_down_first"):
		return order.FirstTakesRest
	case strings.HasSuffix(method, "the last line takes the remainder"):
		return order.LastTakesRest
	}
	c.unknown("method", method)
	return 0
}

func sum(parts []int64) int64 {
	var total int64
	for _, p := range parts {
		total += p
	}
	return total
}

func apportion(c *peerCase) facts {
	g := given[struct {
		Weights []int64
		Method  string
	}](c)
	w := when[struct{ Amount int64 }](c)
	if sum(g.Weights) == 0 && g.Method == "half_down_first" && w.Amount != 0 {
		c.differs(dropsAmount, "parts", "sum")
	}
	parts, err := order.ApportionBy(w.Amount, g.Weights, c.remainder(g.Method))
	return facts{"parts": parts, "sum": sum(parts), "error": err}
}

func apportionDecimal(c *peerCase) facts {
	g := given[struct {
		Weights []dec
		Method  string
	}](c)
	w := when[struct{ Amount dec }](c)
	weights := make([]int64, len(g.Weights))
	for i, x := range g.Weights {
		weights[i] = money(c.t, x).MinorUnits()
	}
	total := money(c.t, w.Amount)
	if lastTurns(total.MinorUnits(), weights) {
		c.differs(turnsSign, "parts")
	}
	parts, err := order.ApportionBy(total.MinorUnits(), weights, c.remainder(g.Method))
	out := make([]order.Money, len(parts))
	for i, p := range parts {
		out[i] = cents(c.t, p)
	}
	return facts{"parts": out, "sum": cents(c.t, sum(parts)), "error": err}
}

// lastTurns tells whether rounding every share but the last half up leaves a last one that has the
// wrong sign or exceeds its weight.
func lastTurns(total int64, weights []int64) bool {
	all := sum(weights)
	if all == 0 || len(weights) == 0 {
		return false
	}
	last := total
	for _, w := range weights[:len(weights)-1] {
		last -= (2*total*w + all) / (2 * all)
	}
	return last < 0 && total > 0 || last > weights[len(weights)-1] && total <= all
}

func apportionEqual(c *peerCase) facts {
	g := given[struct{ Targets int }](c)
	w := when[struct{ Amount int64 }](c)
	parts, err := order.Apportion(w.Amount, slices.Repeat([]int64{1}, g.Targets))
	return facts{"parts": parts, "sum": sum(parts), "error": err}
}

func apportionWithFloor(c *peerCase) facts {
	g := given[struct {
		Items []struct {
			Total        int64
			Qty          int64
			MinUnitPrice int64 `json:"min_unit_price"`
		}
		Method string
	}](c)
	w := when[struct{ Amount int64 }](c)
	var weights, caps []int64
	for _, i := range g.Items {
		weights = append(weights, i.Total)
		caps = append(caps, i.Total-i.Qty*i.MinUnitPrice)
	}
	total := max(w.Amount, -sum(caps)) // ApportionWithin refuses more than the caps allow; less is acceptable here
	parts, err := order.ApportionWithin(total, weights, caps, c.remainder(g.Method))
	return facts{"parts": parts, "sum": sum(parts), "error": err}
}

func discountOrder(c *peerCase) facts {
	g := given[struct {
		Items []struct {
			Total    int64
			MinTotal int64 `json:"min_total"`
		}
	}](c)
	w := when[struct {
		Discount struct {
			Type       string
			Amount     int64
			Percent    dec
			FloorFirst int64 `json:"floor_first"`
		}
	}](c)
	d := order.Draft{Currency: euro, Rules: order.PriceRules{Remainder: order.FirstTakesRest}}
	var weights, caps []int64
	for i, x := range g.Items {
		d.Lines = append(d.Lines, service(price(x.Total), 1, dec{}))
		weights, caps = append(weights, x.Total), append(caps, x.Total-x.MinTotal)
		if i == 0 {
			caps[0] = min(caps[0], x.Total-w.Discount.FloorFirst)
		}
	}
	switch w.Discount.Type {
	case "fixed":
		d.Discounts = []order.Discount{{Amount: cents(c.t, w.Discount.Amount)}}
	case "percent":
		d.Discounts = []order.Discount{{Percent: w.Discount.Percent}}
	default:
		c.unknown("discount", w.Discount.Type)
	}
	o, err := order.New(order.ID{}, d, moment)
	if err != nil {
		return facts{"applied": false, "error": err}
	}
	parts := lineShares(&o, 0)
	if !slices.Equal(weights, caps) { // prices that must not fall below a floor
		total := -min(o.Discounts[0].Given.MinorUnits(), sum(caps))
		parts, err = order.ApportionWithin(total, weights, caps, order.FirstTakesRest)
		require.NoError(c.t, err)
	}
	return facts{"applied": true, "parts": parts, "sum": sum(parts)}
}

// lineShares is what each line bears of a discount, as a change of its price.
func lineShares(o *order.Order, discount ...int) []int64 {
	out := make([]int64, len(o.Lines))
	for i := range o.Lines {
		out[i] = -shareOf(o.Lines[i].Shares, discount)
	}
	return out
}

func shareOf(shares []order.Share, discounts []int) int64 {
	var total int64
	for _, s := range shares {
		if slices.Contains(discounts, s.Discount) {
			total += s.Amount.MinorUnits()
		}
	}
	return total
}

func discountShipping(c *peerCase) facts {
	g := given[struct{ Shipments []int64 }](c)
	w := when[struct{ Percent dec }](c)
	d := order.Draft{Currency: euro, Lines: []order.DraftLine{service(price(1000), 1, dec{})},
		Discounts: []order.Discount{{Percent: w.Percent, OnCharges: true}}}
	for _, s := range g.Shipments {
		d.Charges = append(d.Charges, shipping(cents(c.t, s), dec{}))
	}
	o, err := order.New(order.ID{}, d, moment)
	parts := []int64{}
	for i := range o.Charges {
		parts = append(parts, -shareOf(o.Charges[i].Shares, []int{0}))
	}
	return facts{"parts": parts, "applied": err == nil && sum(parts) != 0, "error": err}
}

func discountUnit(c *peerCase) facts {
	g := given[struct{ Units []int64 }](c)
	w := when[struct{ Percent dec }](c)
	d := order.Draft{Currency: euro}
	for i, u := range g.Units {
		d.Lines = append(d.Lines, service(price(u), 1, dec{}))
		d.Discounts = append(d.Discounts, order.Discount{Percent: w.Percent, Lines: []int{i + 1}})
	}
	o, err := order.New(order.ID{}, d, moment)
	parts := []int64{}
	for i := range o.Lines {
		parts = append(parts, -shareOf(o.Lines[i].Shares, []int{i}))
	}
	return facts{"parts": parts, "applied": err == nil && sum(parts) != 0, "error": err}
}

// editTotals: a quantity that goes down is a cancellation of units, cheaper shipping a credit. All other
// edits are not there.
func editTotals(c *peerCase) facts {
	g := given[struct {
		Lines []struct {
			Unit int64 `json:"unit_with_tax"`
			Qty  int64
		}
		Shipping int64 `json:"shipping_with_tax"`
		Total    int64 `json:"total_with_tax"`
	}](c)
	if !has(c.When, "set_qty") && !has(c.When, "new_address_shipping") {
		return c.notMapped(noEdits)
	}
	w := when[struct {
		SetQty      []int64 `json:"set_qty"`
		NewShipping *int64  `json:"new_address_shipping"`
		Recalculate bool    `json:"recalculate_shipping"`
	}](c)
	lowers := w.NewShipping == nil || w.Recalculate && *w.NewShipping < g.Shipping
	for i, q := range w.SetQty {
		lowers = lowers && i < len(g.Lines) && q <= g.Lines[i].Qty
	}
	if !lowers {
		return c.notMapped(noEdits)
	}
	d := order.Draft{TaxIncluded: true}
	rest := g.Total - g.Shipping
	for _, l := range g.Lines {
		d.Lines = append(d.Lines, service(price(l.Unit), l.Qty, dec{}))
		rest -= l.Unit * l.Qty
	}
	if rest > 0 { // goods that the case only counts in its total
		d.Lines = append(d.Lines, service(price(rest), 1, dec{}))
	}
	if g.Shipping > 0 {
		d.Charges = []order.DraftCharge{shipping(cents(c.t, g.Shipping), dec{})}
	}
	b := ring(c.t, d)
	b.payAll()
	before := b.Books().Owed.MinorUnits()
	require.Equal(c.t, g.Total, before)
	for i, q := range w.SetQty {
		if less := g.Lines[i].Qty - q; less > 0 {
			require.NoError(c.t, b.cancel(i+1, less))
		}
	}
	if w.NewShipping != nil {
		_, err := b.credit(order.CreditNote{Charges: []order.ChargeCredit{{Amount: cents(c.t, g.Shipping-*w.NewShipping)}}})
		require.NoError(c.t, err)
	}
	after := b.Books().Owed.MinorUnits()
	return facts{"price_change": after - before, "total_with_tax": after, "refund": b.owing().MinorUnits()}
}

// taxAdditive: two rates on one base are their sum on a line; what each of them gets is split in
// proportion.
func taxAdditive(c *peerCase) facts {
	g := given[struct{ Price dec }](c)
	w := when[struct {
		Rates []dec `json:"rates_pct"`
	}](c)
	var rate dec
	var weights []order.Money
	for _, r := range w.Rates {
		rate = rate.Add(r)
		weights = append(weights, money(c.t, r))
	}
	o := priced(c.t, order.Draft{Lines: []order.DraftLine{service(g.Price, 1, rate)}})
	lines, err := order.ApportionMoney(o.Lines[0].Tax, weights)
	require.NoError(c.t, err)
	return facts{"tax": o.Lines[0].Tax, "total": o.Lines[0].Total, "tax_lines": lines}
}

// taxZoneChange: the net price is what a gross price of the home zone leaves, and is sold at the rate of
// the destination.
func taxZoneChange(c *peerCase) facts {
	g := given[struct {
		Price dec `json:"price_incl_home_vat"`
		Home  dec `json:"home_vat_pct"`
	}](c)
	w := when[struct {
		Destination *dec `json:"destination_vat_pct"`
		Included    bool
	}](c)
	home := priced(c.t, order.Draft{TaxIncluded: true, Lines: []order.DraftLine{service(g.Price, 1, g.Home)}}).Lines[0]
	if w.Destination != nil && w.Destination.Equal(g.Home) && w.Included {
		return facts{"price": home.Total, "included_tax": home.Tax, "net": home.Net}
	}
	var rate dec
	if w.Destination != nil {
		rate = *w.Destination
	}
	away := priced(c.t, order.Draft{Lines: []order.DraftLine{service(home.Net.Amount(), 1, rate)}}).Lines[0]
	if !w.Included {
		return facts{"price": away.Net, "included_tax": order.Zero(euro), "additional_tax": away.Tax, "net": away.Net}
	}
	return facts{"price": away.Total, "included_tax": away.Tax, "net": away.Net}
}

// taxUnits: the tax of a line is rounded once, and spread over its units by the floor of each one's own.
func taxUnits(c *peerCase) facts {
	g := given[struct {
		Totals []int64 `json:"unit_totals"`
		Rate   dec
	}](c)
	_ = when[struct{ Rule string }](c)
	n := int64(len(g.Totals))
	l := service(price(sum(g.Totals)).DivRound(whole(n), order.MaxPriceDigits), n, g.Rate.Shift(2))
	tax := priced(c.t, order.Draft{Lines: []order.DraftLine{l}}).Lines[0].Tax.MinorUnits()
	var floors []int64
	for _, u := range g.Totals {
		floor, err := order.RoundTo(price(u).Mul(g.Rate), euro, order.Down)
		require.NoError(c.t, err)
		floors = append(floors, floor.MinorUnits())
	}
	parts, err := order.ApportionBy(tax, floors, order.FirstTakesRest)
	require.NoError(c.t, err)
	return facts{"parts": parts, "sum": tax}
}
