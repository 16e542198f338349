package order_test

import (
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestUnitsAreWorthTheCumulativeDifference(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		d    order.Draft
		want []string // of one unit after the other
		tax  []string
	}{
		"ten over three":          {cart(taxed(3, "3.333333", "0")), []string{"3.33", "3.34", "3.33"}, []string{"0", "0", "0"}},
		"tax within":              {cart(taxed(3, "3.99", "19")), []string{"3.99", "3.99", "3.99"}, []string{"0.64", "0.63", "0.64"}},
		"a free line":             {cart(order.DraftLine{Item: "tee", Qty: 2, Free: true}), []string{"0", "0"}, []string{"0", "0"}},
		"a discount counts":       {order.Draft{Currency: order.MustCurrency("EUR"), Lines: []order.DraftLine{taxed(2, "50", "10")}, Discounts: []order.Discount{off("20")}}, []string{"44", "44"}, []string{"4", "4"}},
		"a share of a cent":       {order.Draft{Currency: order.MustCurrency("EUR"), Lines: []order.DraftLine{taxed(3, "10", "0"), taxed(1, "20", "0")}, Discounts: []order.Discount{off("5")}}, []string{"9", "9", "9"}, []string{"0", "0", "0"}},
		"less than a cent a unit": {cart(taxed(4, "0.005", "0")), []string{"0.01", "0", "0.01", "0"}, []string{"0", "0", "0", "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := shipped(t, opened(t, c.d), 1, c.d.Lines[0].Qty)
			for i := range c.want {
				l, _ := o.Line(1)
				worth, err := l.Credit(1)
				require.NoError(t, err)
				require.Equal(t, []order.Money{eur(c.want[i]), eur(c.tax[i])}, []order.Money{worth.Total, worth.Tax}, "unit %d", i+1)
				sum, err := worth.Net.Add(worth.Tax)
				require.NoError(t, err)
				require.Equal(t, worth.Total, sum)
				var total order.Money
				o, total, _, err = flow(t).Credit(o, order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: 1}}}, noon)
				require.NoError(t, err)
				require.Equal(t, worth.Total, total)
			}
			b := o.Books()
			require.True(t, b.Owed.IsZero() || len(c.d.Lines) > 1, "all units given back, all money given back")
		})
	}
}

func TestCreditOfALineIsBoundedByItsUnits(t *testing.T) {
	t.Parallel()
	o := opened(t, cart(goods(3, "10")))
	l, _ := o.Line(1)
	worth, err := l.Credit(0)
	require.NoError(t, err)
	require.True(t, worth.Total.IsZero())
	for _, qty := range []int64{-1, 4, 1 << 62} {
		_, err := l.Credit(qty)
		require.ErrorIs(t, err, order.ErrApportion)
	}
}

func TestAnyBatchingOfCancelsAndRefundsCreditsExactlyWhatWasPaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := opened(t, anyDraft().Draw(t, "draft"))
		whole := o.Totals()
		line := rapid.IntRange(1, len(o.Lines)).Draw(t, "line")
		l, _ := o.Line(line)
		sent := rapid.Int64Range(0, l.Ordered).Draw(t, "shipped")
		o = shipped(t, o, line, sent)
		var total, tax, credited int64
		take := func(l *order.Line, qty int64) {
			worth, err := l.Credit(qty)
			require.NoError(t, err)
			require.False(t, worth.Total.IsNegative() || worth.Tax.IsNegative())
			total += worth.Total.MinorUnits()
			tax += worth.Tax.MinorUnits()
		}
		f := flow(t)
		for {
			l, _ := o.Line(line)
			refundable, cancellable := l.Shipped-l.RefundedUnits, l.Open()
			if refundable+cancellable == 0 {
				break
			}
			var err error
			if cancellable == 0 || refundable > 0 && rapid.Bool().Draw(t, "refund") {
				qty := rapid.Int64Range(1, refundable).Draw(t, "qty")
				take(l, qty)
				var amount order.Money
				o, amount, _, err = f.Credit(o, order.CreditNote{Units: []order.LineQty{{Line: line, Qty: qty}}}, noon)
				require.NoError(t, err)
				credited += amount.MinorUnits()
			} else {
				qty := rapid.Int64Range(1, cancellable).Draw(t, "qty")
				take(l, qty)
				o, _, _, err = f.CancelUnits(o, []order.LineQty{{Line: line, Qty: qty}}, order.CancelCustomer, noon)
				require.NoError(t, err)
			}
		}
		l, _ = o.Line(line)
		require.Equal(t, l.Total.MinorUnits(), total, "every batching gives back the total")
		require.Equal(t, l.Tax.MinorUnits(), tax, "and its tax")
		require.LessOrEqual(t, credited, total)
		if b := o.Books(); o.State == order.StateOpen {
			require.Equal(t, whole.Total.MinorUnits()-total, b.Owed.MinorUnits(), "the buyer owes the rest")
		} else {
			require.True(t, b.Owed.IsZero(), "a cancelled order owes nothing")
		}
	})
}

func TestACreditNoteTakesUnitsChargesAndKeepsAFee(t *testing.T) {
	t.Parallel()
	d := cart(taxed(3, "10", "19"))
	d.Charges = shipping("4.90", "19")
	o := shipped(t, opened(t, d), 1, 3)
	n, amount, events, err := flow(t).Credit(o, order.CreditNote{
		Return: "rma-1", Units: []order.LineQty{{Line: 1, Qty: 1}, {Line: 1, Qty: 1}},
		Charges: []order.ChargeCredit{{Index: 0, Amount: eur("2")}, {Index: 0, Amount: eur("1")}}, Fee: eur("5"), FeeName: "restocking",
	}, later)
	require.NoError(t, err)
	require.Equal(t, eur("18"), amount, "20 for two units, 3 of the shipping, less 5")
	require.Equal(t, []order.Event{order.Credited{Return: "rma-1", Units: []order.LineQty{{Line: 1, Qty: 2}}, Amount: amount}}, events)
	require.Equal(t, int64(2), n.Lines[0].RefundedUnits)
	require.Equal(t, eur("3"), n.Charges[0].Credited)
	require.Equal(t, order.Charge{Kind: order.Fee, Title: "restocking", Price: eur("5"), Net: eur("5"), Tax: eur("0"), Total: eur("5"), Credited: eur("0")}, n.Charges[1])
	b := n.Books()
	require.Equal(t, eur("16.90"), b.Owed)
	require.Equal(t, eur("0.30"), b.ChargesTax, "the tax of the shipping shrinks with it")
}

func TestACreditNoteNeverGivesMoreThanThereIs(t *testing.T) {
	t.Parallel()
	d := cart(taxed(3, "10", "19"), taxed(1, "1", "19"))
	d.Charges = shipping("4.90", "19")
	o := shipped(t, opened(t, d), 1, 2)
	usd := order.MustMoney("1", "USD")
	one := []order.LineQty{{Line: 1, Qty: 1}}
	for name, c := range map[string]struct {
		note order.CreditNote
		want error
	}{
		"more units than were sold":       {order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: 4}}}, order.ErrQuantity},
		"units that have not shipped":     {order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: 2}, {Line: 1, Qty: 1}}}, order.ErrQuantity},
		"a line of which nothing shipped": {order.CreditNote{Units: []order.LineQty{{Line: 2, Qty: 1}}}, order.ErrQuantity},
		"no units of a line":              {order.CreditNote{Units: []order.LineQty{{Line: 1}}}, order.ErrQuantity},
		"negative units":                  {order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: -1}}}, order.ErrQuantity},
		"an unknown line":                 {order.CreditNote{Units: []order.LineQty{{Line: 3, Qty: 1}}}, order.ErrUnknownLine},
		"a fee above the worth":           {order.CreditNote{Units: one, Fee: eur("10.01")}, order.ErrCap},
		"a fee for nothing":               {order.CreditNote{Fee: eur("1"), Charges: []order.ChargeCredit{{Amount: eur("1")}}}, order.ErrCap},
		"a negative fee":                  {order.CreditNote{Units: one, Fee: eur("-1")}, order.ErrPayment},
		"a fee in other money":            {order.CreditNote{Units: one, Fee: usd}, order.ErrPayment},
		"an unknown charge":               {order.CreditNote{Charges: []order.ChargeCredit{{Index: 1, Amount: eur("1")}}}, order.ErrPayment},
		"a charge before the first":       {order.CreditNote{Charges: []order.ChargeCredit{{Index: -1, Amount: eur("1")}}}, order.ErrPayment},
		"more of a charge than is left":   {order.CreditNote{Charges: []order.ChargeCredit{{Amount: eur("4")}, {Amount: eur("0.91")}}}, order.ErrCap},
		"nothing of a charge":             {order.CreditNote{Charges: []order.ChargeCredit{{Amount: eur("0")}}}, order.ErrPayment},
		"of a charge in other money":      {order.CreditNote{Charges: []order.ChargeCredit{{Amount: usd}}}, order.ErrPayment},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			was := o.Clone()
			n, amount, events, err := flow(t).Credit(o, c.note, later)
			require.ErrorIs(t, err, c.want)
			require.Equal(t, was, n)
			require.Equal(t, was, o)
			require.Zero(t, amount)
			require.Empty(t, events)
		})
	}
	_, amount, _, err := flow(t).Credit(o, order.CreditNote{Charges: []order.ChargeCredit{{Amount: eur("5")}}}, later)
	require.Zero(t, amount)
	require.Equal(t, &order.CapError{What: "what is left of charge 0", Cap: eur("4.90"), Want: eur("5")}, err)
}

func TestUnitsRefundedInFullCanStillHaveTheirRestCancelled(t *testing.T) {
	t.Parallel()
	o := shipped(t, opened(t, cart(taxed(3, "10", "0"))), 1, 1)
	o, _, _, err := flow(t).Credit(o, order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: 1}}}, noon)
	require.NoError(t, err)
	o, _, _, err = flow(t).CancelUnits(o, []order.LineQty{{Line: 1, Qty: 2}}, order.CancelCustomer, noon)
	require.NoError(t, err)
	require.NoError(t, o.Lines[0].Check())
	b := o.Books()
	require.True(t, b.Owed.IsZero())
}
