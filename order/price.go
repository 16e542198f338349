package order

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// PriceRules say how amounts are rounded. The zero value is what the library
// recommends; the others exist because merchants bring their books with them. The
// rules are stored with the order, so a later refund uses those of the sale.
type PriceRules struct {
	Rounding  Rounding  // of line amounts, percentages and taxes
	Tax       TaxLevel  // where tax is rounded
	Remainder Remainder // who bears the leftover minor units of an apportioned discount
}

// TaxLevel says on which amount tax is rounded.
type TaxLevel uint8

// The levels at which tax may be rounded.
const (
	TaxPerLine TaxLevel = iota // once, on the line's discounted amount
	TaxPerUnit                 // on each unit's part of it, then summed
)

func (r PriceRules) check() error {
	if r.Rounding > Up || r.Tax > TaxPerUnit || r.Remainder > LastTakesRest {
		return fmt.Errorf("%+v has a value that does not exist", r)
	}
	return nil
}

// price computes every amount of a new order from prices, rates and discounts.
func (o *Order) price(d *Draft, kits map[int][]int) error {
	for i := range d.Lines { // line n of the draft is line n of the order
		l := &o.Lines[i]
		if l.Kit != nil {
			if err := o.priceKit(kits[l.No], &d.Lines[i]); err != nil {
				return err
			}
			continue
		}
		amount, err := o.extend(l.UnitPrice, l.Ordered)
		if err != nil {
			return &DraftError{Line: l.No, Field: "UnitPrice", Problem: err.Error()}
		}
		l.Amount = amount
	}
	for i := range o.Discounts {
		if err := o.discount(i); err != nil {
			return err
		}
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		var err error
		if l.Net, l.Tax, l.Total, err = o.tax(less(l.Amount, l.Shares), l.TaxRate, l.Ordered); err != nil {
			return &DraftError{Line: l.No, Field: "TaxRate", Problem: err.Error()}
		}
	}
	for i := range o.Charges {
		c := &o.Charges[i]
		var err error
		if c.Net, c.Tax, c.Total, err = o.tax(less(c.Price, c.Shares), c.TaxRate, 1); err != nil {
			return &DraftError{Field: fmt.Sprintf("Charges[%d]", i), Problem: err.Error()}
		}
	}
	if err := o.bounded(); err != nil {
		return &DraftError{Field: "Lines", Problem: err.Error()}
	}
	return nil
}

// extend is a unit price times a quantity, rounded once.
func (o *Order) extend(price decimal.Decimal, qty int64) (Money, error) {
	if minor, rest, ok := scale(price, o.Currency); ok && rest == restNone { // nothing to round
		if amount, err := (Money{minor: minor, currency: o.Currency}).Times(qty); err == nil {
			return amount, nil
		}
	}
	return RoundTo(price.Mul(decimal.NewFromInt(qty)), o.Currency, o.Rules.Rounding)
}

// bearer is what a discount is spread over: what is left of a line or charge.
type bearer struct {
	left   Money
	shares *[]Share
}

func (o *Order) discount(i int) error {
	d := &o.Discounts[i]
	bearers := o.bearers(d)
	weights := make([]int64, len(bearers))
	base := Zero(o.Currency)
	for j, b := range bearers {
		weights[j] = b.left.MinorUnits()
		sum, err := base.Add(b.left)
		if err != nil {
			return &DraftError{Field: "Discounts", Problem: err.Error()}
		}
		base = sum
	}
	given := d.Amount
	if d.Amount.IsZero() {
		part, err := RoundTo(base.Amount().Mul(d.Percent).Shift(-2), o.Currency, o.Rules.Rounding)
		if err != nil {
			return &DraftError{Field: "Discounts", Problem: err.Error()}
		}
		given = part
	}
	if given.MinorUnits() > base.MinorUnits() {
		given = base // a voucher never gives money back
	}
	parts, err := ApportionBy(given.MinorUnits(), weights, o.Rules.Remainder)
	if err != nil {
		return &DraftError{Field: "Discounts", Problem: err.Error()}
	}
	for j, b := range bearers {
		if parts[j] != 0 {
			*b.shares = append(*b.shares, Share{Discount: i, Amount: Money{minor: parts[j], currency: o.Currency}})
		}
	}
	d.Given = given
	return nil
}

func (o *Order) bearers(d *Discount) []bearer {
	var out []bearer
	if d.OnCharges {
		for i := range o.Charges {
			c := &o.Charges[i]
			out = append(out, bearer{less(c.Price, c.Shares), &c.Shares})
		}
		return out
	}
	if len(d.Lines) == 0 {
		for i := range o.Lines {
			l := &o.Lines[i]
			out = append(out, bearer{less(l.Amount, l.Shares), &l.Shares})
		}
		return out
	}
	for _, no := range d.Lines {
		l, _ := o.Line(no) // the draft was checked
		out = append(out, bearer{less(l.Amount, l.Shares), &l.Shares})
	}
	return out
}

// less is an amount after its discount shares, which never exceed it.
func less(amount Money, shares []Share) Money {
	for _, s := range shares {
		amount.minor -= s.Amount.minor
	}
	return amount
}

// tax splits a discounted amount of qty units. With exclusive prices tax is
// round(net × rate); with inclusive prices net is round(gross ÷ (1+rate)) and tax is
// the difference, so that the gross never moves.
func (o *Order) tax(amount Money, rate decimal.Decimal, qty int64) (net, tax, total Money, err error) {
	if rate.IsZero() {
		return amount, Zero(o.Currency), amount, nil
	}
	part := func(a decimal.Decimal) decimal.Decimal { return a.Mul(rate) }
	if o.TaxIncluded {
		part = func(a decimal.Decimal) decimal.Decimal {
			return a.DivRound(rate.Add(decimal.New(1, 0)), int32(o.Currency.Exponent())+20)
		}
	}
	var rounded Money
	if o.Rules.Tax == TaxPerUnit {
		rounded, err = o.perUnit(amount, qty, part)
	} else {
		rounded, err = RoundTo(part(amount.Amount()), o.Currency, o.Rules.Rounding)
	}
	if err != nil {
		return net, tax, total, err
	}
	if o.TaxIncluded {
		tax, err = amount.Sub(rounded)
		return rounded, tax, amount, err
	}
	total, err = amount.Add(rounded)
	return amount, rounded, total, err
}

// perUnit rounds the part of each unit. An amount that does not divide evenly leaves
// some units one minor unit dearer than the others: two sizes, however many units.
func (o *Order) perUnit(amount Money, qty int64, part func(decimal.Decimal) decimal.Decimal) (Money, error) {
	small, dearer := amount.minor/qty, amount.minor%qty
	var sum int64
	for _, size := range []struct{ minor, units int64 }{{small, qty - dearer}, {small + 1, dearer}} {
		one, err := RoundTo(part(Money{minor: size.minor, currency: o.Currency}.Amount()), o.Currency, o.Rules.Rounding)
		if err != nil {
			return Money{}, err
		}
		sum += one.minor * size.units
	}
	return Minor(sum, o.Currency)
}
