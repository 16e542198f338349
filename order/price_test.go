package order_test

import (
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// taxed is a line of qty units at a price and a rate in percent.
func taxed(qty int64, price, percent string) order.DraftLine {
	return order.DraftLine{Item: "tee", Qty: qty, UnitPrice: num(price), TaxRate: num(percent).Shift(-2)}
}

func shipping(price, percent string) []order.DraftCharge {
	return []order.DraftCharge{{Kind: order.Shipping, Price: eur(price), TaxRate: num(percent).Shift(-2)}}
}

func off(amount string) order.Discount   { return order.Discount{Amount: eur(amount)} }
func rate(percent string) order.Discount { return order.Discount{Percent: num(percent)} }

func TestAmountsFollowTheRulesOfTheSale(t *testing.T) {
	t.Parallel()
	type want struct{ items, discount, charges, net, tax, total string }
	net, gross := cart(), cart()
	net.TaxIncluded = false
	sale := func(base order.Draft, lines []order.DraftLine, charges []order.DraftCharge, discounts ...order.Discount) order.Draft {
		base.Lines, base.Charges, base.Discounts = lines, charges, discounts
		return base
	}
	lines := func(ls ...order.DraftLine) []order.DraftLine { return ls }
	perUnit := func(d order.Draft) order.Draft { d.Rules.Tax = order.TaxPerUnit; return d }
	first := func(d order.Draft) order.Draft { d.Rules.Remainder = order.FirstTakesRest; return d }

	for name, c := range map[string]struct {
		d order.Draft
		want
	}{
		"tax on top":                          {sale(net, lines(taxed(1, "1.23", "20")), nil), want{"1.23", "0", "0", "1.23", "0.25", "1.48"}},
		"tax within":                          {sale(gross, lines(taxed(1, "19.70", "20")), nil), want{"19.70", "0", "0", "16.42", "3.28", "19.70"}},
		"two units of one line":               {sale(gross, lines(taxed(2, "19.70", "20")), nil), want{"39.40", "0", "0", "32.83", "6.57", "39.40"}},
		"the same units on two lines":         {sale(gross, lines(taxed(1, "19.70", "20"), taxed(1, "19.70", "20")), nil), want{"39.40", "0", "0", "32.84", "6.56", "39.40"}},
		"several rates":                       {sale(net, lines(taxed(3, "100", "23"), taxed(4, "50", "5")), nil), want{"500", "0", "0", "500", "79", "579"}},
		"per line, tax within":                {sale(gross, lines(taxed(3, "3.99", "19")), nil), want{"11.97", "0", "0", "10.06", "1.91", "11.97"}},
		"per unit, tax within":                {perUnit(sale(gross, lines(taxed(3, "3.99", "19")), nil)), want{"11.97", "0", "0", "10.05", "1.92", "11.97"}},
		"per line, tax on top":                {sale(net, lines(taxed(3, "1.08", "19")), nil), want{"3.24", "0", "0", "3.24", "0.62", "3.86"}},
		"per unit, tax on top":                {perUnit(sale(net, lines(taxed(3, "1.08", "19")), nil)), want{"3.24", "0", "0", "3.24", "0.63", "3.87"}},
		"gross never moves":                   {sale(gross, lines(taxed(10, "23.90", "20")), nil, rate("25")), want{"239.00", "59.75", "0", "149.38", "29.87", "179.25"}},
		"fixed discount, tax on top":          {sale(net, lines(taxed(1, "56.04", "10")), nil, off("10.10")), want{"56.04", "10.10", "0", "45.94", "4.59", "50.53"}},
		"fixed discount, tax within":          {sale(gross, lines(taxed(1, "56.95", "10")), nil, off("10")), want{"56.95", "10", "0", "42.68", "4.27", "46.95"}},
		"two fixed discounts":                 {first(sale(net, lines(taxed(1, "56.05", "10"), taxed(1, "10", "23")), nil, off("10.10"), off("5"))), want{"66.05", "15.10", "0", "50.95", "6.09", "57.04"}},
		"percentages see what others left":    {sale(net, lines(taxed(3, "8", "20")), nil, rate("50"), rate("10")), want{"24", "13.20", "0", "10.80", "2.16", "12.96"}},
		"a percentage after a voucher":        {sale(net, lines(taxed(1, "70", "0")), nil, off("10"), rate("50")), want{"70", "40", "0", "30", "0", "30"}},
		"a half rounds up":                    {sale(net, lines(taxed(1, "83.33", "20")), nil, rate("50")), want{"83.33", "41.67", "0", "41.66", "8.33", "49.99"}},
		"shipping has its own tax":            {sale(gross, lines(taxed(1, "1", "20")), shipping("5", "20")), want{"1", "0", "4.17", "5", "1", "6"}},
		"a discount on goods spares shipping": {sale(net, lines(taxed(1, "70", "0")), shipping("10", "0"), rate("50")), want{"70", "35", "10", "45", "0", "45"}},
		"a discount on shipping": {
			sale(net, lines(taxed(1, "10", "0")), shipping("51.04", "10"), order.Discount{Percent: num("10"), OnCharges: true}),
			want{"10", "5.10", "45.94", "55.94", "4.59", "60.53"},
		},
		"free shipping": {
			sale(net, lines(taxed(1, "1", "20")), shipping("5", "20"), order.Discount{Percent: num("100"), OnCharges: true}),
			want{"1", "5", "0", "1", "0.20", "1.20"},
		},
		"a discount on no charges gives nothing": {
			sale(net, lines(taxed(1, "1", "20")), nil, order.Discount{Amount: eur("5"), OnCharges: true}),
			want{"1", "0", "0", "1", "0.20", "1.20"},
		},
		"a voucher never pays out": {sale(gross, lines(taxed(1, "60", "20"), taxed(1, "40", "20")), nil, off("150")), want{"100", "100", "0", "0", "0", "0"}},
		"prices finer than a cent": {sale(net, lines(taxed(1000, "0.0049", "20")), nil), want{"4.90", "0", "0", "4.90", "0.98", "5.88"}},
		"a line is rounded once":   {sale(net, lines(taxed(3, "0.333333", "0")), nil), want{"1.00", "0", "0", "1.00", "0", "1.00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := drafted(t, c.d)
			require.Equal(t, order.Totals{
				Items: eur(c.items), Discount: eur(c.discount), Charges: eur(c.charges), Net: eur(c.net), Tax: eur(c.tax), Total: eur(c.total),
			}, o.Totals())
		})
	}
}

func TestDiscountsAreSpreadByTheRemainderRuleAndStoredPerLine(t *testing.T) {
	t.Parallel()
	lines := func(prices ...string) []order.DraftLine {
		var out []order.DraftLine
		for _, p := range prices {
			out = append(out, taxed(1, p, "0"))
		}
		return out
	}
	tens := make([]string, 10)
	for i := range tens {
		tens[i] = "1"
	}
	for name, c := range map[string]struct {
		prices []string
		amount string
		rule   order.Remainder
		want   []string
	}{
		"to the largest fraction":   {[]string{"43", "14", "23"}, "3", order.LargestRemainder, []string{"1.61", "0.53", "0.86"}},
		"to the first":              {[]string{"43", "14", "23"}, "3", order.FirstTakesRest, []string{"1.62", "0.52", "0.86"}},
		"to the last":               {[]string{"33.33", "33.33", "33.34"}, "10", order.LastTakesRest, []string{"3.33", "3.33", "3.34"}},
		"never a surcharge":         {tens, "0.15", order.LastTakesRest, []string{"0.02", "0.02", "0.02", "0.02", "0.02", "0.02", "0.02", "0.01", "", ""}},
		"never more than a line is": {[]string{"60", "40"}, "150", order.LargestRemainder, []string{"60", "40"}},
		"nothing to a free line":    {[]string{"1", "0", "1"}, "1", order.LargestRemainder, []string{"0.50", "", "0.50"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := cart(lines(c.prices...)...)
			for i := range d.Lines {
				d.Lines[i].Free = d.Lines[i].UnitPrice.IsZero()
			}
			d.Discounts, d.Rules.Remainder = []order.Discount{off(c.amount)}, c.rule
			o := drafted(t, d)
			for i, want := range c.want {
				if want == "" {
					require.Empty(t, o.Lines[i].Shares)
					continue
				}
				require.Equal(t, []order.Share{{Discount: 0, Amount: eur(want)}}, o.Lines[i].Shares, "line %d", i+1)
			}
		})
	}
}

func TestADiscountOnNamedLinesLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	d := cart(taxed(2, "10", "20"), taxed(1, "34.99", "10"), taxed(4, "2.55", "10"))
	d.Discounts = []order.Discount{{Percent: num("15"), Lines: []int{1}}, off("5"), {Amount: eur("1"), Lines: []int{3, 2}}}
	o := drafted(t, d)
	require.Equal(t, []order.Share{{Discount: 0, Amount: eur("3")}, {Discount: 1, Amount: eur("1.37")}}, o.Lines[0].Shares)
	require.Equal(t, eur("3"), o.Discounts[0].Given)
	require.Equal(t, eur("5"), o.Discounts[1].Given)
	require.Equal(t, eur("1"), o.Discounts[2].Given)
	require.Len(t, o.Lines[1].Shares, 2)
	require.Len(t, o.Lines[2].Shares, 2)
}

func TestAmountsKeepToTheCurrencysMinorUnit(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][3]string{"JPY": {"199", "38", "237"}, "EUR": {"199.00", "37.81", "236.81"}, "KWD": {"199.000", "37.810", "236.810"}, "CLF": {"199.0000", "37.8100", "236.8100"}} {
		d := order.Draft{Currency: order.MustCurrency(code), Lines: []order.DraftLine{taxed(1, "199", "19")}}
		o := drafted(t, d)
		require.Equal(t, []string{want[0] + " " + code, want[1] + " " + code, want[2] + " " + code},
			[]string{o.Lines[0].Net.String(), o.Lines[0].Tax.String(), o.Lines[0].Total.String()})
	}
}

func TestALineCostsItsPriceTimesItsUnitsRoundedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyCurrency().Draw(t, "currency")
		price := decimal.New(rapid.Int64Range(1, 1e16).Draw(t, "price"), rapid.Int32Range(-order.MaxPriceDigits, 2).Draw(t, "exponent"))
		qty := rapid.Int64Range(1, order.MaxQty).Draw(t, "qty")
		rules := order.PriceRules{Rounding: rapid.SampledFrom([]order.Rounding{order.HalfUp, order.HalfEven, order.Down, order.Up}).Draw(t, "rule")}
		want, refusal := order.RoundTo(price.Mul(decimal.NewFromInt(qty)), c, rules.Rounding)
		o, err := order.New(order.ID{}, order.Draft{Currency: c, Rules: rules, Lines: []order.DraftLine{{Item: "tee", Qty: qty, UnitPrice: price}}}, noon)
		if refusal != nil {
			require.ErrorContains(t, err, refusal.Error())
			return
		}
		require.NoError(t, err)
		require.Equal(t, want, o.Lines[0].Amount)
	})
}

func TestTheRoundingOfTheSaleIsThatOfItsRules(t *testing.T) {
	t.Parallel()
	for rounding, want := range map[order.Rounding]string{order.HalfUp: "0.13", order.HalfEven: "0.12", order.HalfDown: "0.12", order.Down: "0.12", order.Up: "0.13"} {
		d := cart(taxed(1, "1.25", "10"))
		d.TaxIncluded, d.Rules.Rounding = false, rounding
		require.Equal(t, eur(want), drafted(t, d).Lines[0].Tax, rounding)
	}
}

// anyDraft draws a draft that is in order.
func anyDraft() *rapid.Generator[order.Draft] {
	percent := rapid.SampledFrom([]string{"0", "0", "5", "7", "19", "20", "8.875", "100", "1000"})
	return rapid.Custom(func(t *rapid.T) order.Draft {
		d := order.Draft{
			Currency: order.MustCurrency(rapid.SampledFrom([]string{"EUR", "EUR", "JPY", "KWD"}).Draw(t, "currency")), TaxIncluded: rapid.Bool().Draw(t, "tax included"),
			Rules: order.PriceRules{
				Rounding: order.Rounding(rapid.Uint8Range(0, 4).Draw(t, "rounding")), Tax: order.TaxLevel(rapid.Uint8Range(0, 1).Draw(t, "tax level")),
				Remainder: order.Remainder(rapid.Uint8Range(0, 2).Draw(t, "remainder")),
			},
		}
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			price := decimal.New(rapid.Int64Range(0, 20_000).Draw(t, "price"), -rapid.Int32Range(0, 4).Draw(t, "places"))
			d.Lines = append(d.Lines, order.DraftLine{Item: "tee", Qty: rapid.Int64Range(1, 6).Draw(t, "qty"), UnitPrice: price, Free: price.IsZero(),
				TaxRate: num(percent.Draw(t, "percent")).Shift(-2), Service: rapid.IntRange(0, 4).Draw(t, "service") == 4})
		}
		for range rapid.IntRange(0, 2).Draw(t, "charges") {
			price, err := order.Minor(rapid.Int64Range(0, 2_000).Draw(t, "price"), d.Currency)
			require.NoError(t, err)
			d.Charges = append(d.Charges, order.DraftCharge{Kind: order.Shipping, Price: price, TaxRate: num(percent.Draw(t, "percent")).Shift(-2)})
		}
		for range rapid.IntRange(0, 3).Draw(t, "discounts") {
			x := order.Discount{OnCharges: rapid.IntRange(0, 3).Draw(t, "on charges") == 3}
			if rapid.Bool().Draw(t, "fixed") {
				amount, err := order.Minor(rapid.Int64Range(1, 3_000).Draw(t, "amount"), d.Currency)
				require.NoError(t, err)
				x.Amount = amount
			} else {
				x.Percent = decimal.New(rapid.Int64Range(1, 10_000).Draw(t, "percent off"), -2)
			}
			if !x.OnCharges && rapid.Bool().Draw(t, "named") {
				x.Lines = []int{rapid.IntRange(1, len(d.Lines)).Draw(t, "line")}
			}
			d.Discounts = append(d.Discounts, x)
		}
		return d
	})
}

// after is an amount less its discount shares, none of which takes what is not there.
func after(t require.TestingT, amount order.Money, shares []order.Share, given []int64) order.Money {
	left := amount.MinorUnits()
	for _, s := range shares {
		require.True(t, s.Amount.IsPositive(), "a share is part of a discount, never a surcharge")
		given[s.Discount] += s.Amount.MinorUnits()
		left -= s.Amount.MinorUnits()
	}
	require.GreaterOrEqual(t, left, int64(0), "discounts never take more than there is")
	m, err := order.Minor(left, amount.Currency())
	require.NoError(t, err)
	return m
}

func TestPricesTaxesAndDiscountsAddUpForEverySale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDraft().Draw(t, "draft")
		o := drafted(t, d)
		given := make([]int64, len(d.Discounts))
		parts := func(price order.Money, shares []order.Share, net, tax, total order.Money) {
			left := after(t, price, shares, given)
			sum, err := net.Add(tax)
			require.NoError(t, err)
			require.Equal(t, total, sum, "net + tax = total")
			require.False(t, net.IsNegative() || tax.IsNegative())
			if d.TaxIncluded {
				require.Equal(t, left, total, "with inclusive prices the gross never moves")
			} else {
				require.Equal(t, left, net, "with exclusive prices the net never moves")
			}
		}
		var items, charges int64
		for i := range o.Lines {
			l := &o.Lines[i]
			parts(l.Amount, l.Shares, l.Net, l.Tax, l.Total)
			items += l.Amount.MinorUnits()
			if d.Rules.Tax == order.TaxPerLine && !l.TaxRate.IsZero() {
				exact := l.Net.Amount().Mul(l.TaxRate)
				if d.TaxIncluded {
					exact = l.Total.Amount().Sub(l.Total.Amount().Div(l.TaxRate.Add(decimal.NewFromInt(1))))
				}
				unit := decimal.New(1, -int32(d.Currency.Exponent()))
				require.True(t, exact.Sub(l.Tax.Amount()).Abs().LessThan(unit), "tax is rounded once: %s of %s", l.Tax, exact)
			}
		}
		for i := range o.Charges {
			c := &o.Charges[i]
			parts(c.Price, c.Shares, c.Net, c.Tax, c.Total)
			charges += c.Price.MinorUnits()
		}
		var sum int64
		for i, x := range o.Discounts {
			require.Equal(t, x.Given.MinorUnits(), given[i], "the shares of a discount sum to what it gives")
			if !x.Amount.IsZero() {
				require.LessOrEqual(t, given[i], x.Amount.MinorUnits())
			}
			sum += given[i]
		}
		totals := o.Totals()
		require.Equal(t, items, totals.Items.MinorUnits())
		require.Equal(t, sum, totals.Discount.MinorUnits())
		require.Equal(t, totals.Total.MinorUnits(), totals.Net.MinorUnits()+totals.Tax.MinorUnits())
		paidFor := totals.Net
		if d.TaxIncluded {
			paidFor = totals.Total
		}
		require.Equal(t, items+charges-sum, paidFor.MinorUnits())
	})
}
