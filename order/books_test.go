package order_test

import (
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

func TestBooksFollowAnOrderThroughItsLife(t *testing.T) {
	t.Parallel()
	f := flow(t)
	d := cart(taxed(3, "10", "19"), taxed(1, "20", "7"))
	d.Charges, d.Discounts = shipping("4.90", "19"), []order.Discount{off("5")}
	o := opened(t, d)
	// Due, Owed, Captured, Refunded, Pending, Returning
	books := func(due, owed, captured, refunded, pending, returning string) {
		t.Helper()
		b := o.Books()
		require.Equal(t, []order.Money{eur(due), eur(owed), eur(captured), eur(refunded), eur(pending), eur(returning)},
			[]order.Money{b.Due, b.Owed, b.Captured, b.Refunded, b.Pending, b.Returning})
	}
	books("49.90", "49.90", "0", "0", "0", "0")
	b := o.Books()
	require.Equal(t, []order.Money{eur("39.51"), eur("5.49"), eur("4.12"), eur("0.78")}, []order.Money{b.Goods, b.GoodsTax, b.Charges, b.ChargesTax})

	op := capture("c-1", "49.90")
	op.Status = order.Requested
	o = paid(t, o, op)
	books("49.90", "49.90", "0", "0", "49.90", "0")
	o, _, err := f.Settle(o, "c-1", order.Succeeded, "", noon)
	require.NoError(t, err)
	books("0", "49.90", "49.90", "0", "0", "0")

	o, _, _, err = f.CancelUnits(o, []order.LineQty{{Line: 1, Qty: 1}}, order.CancelCustomer, noon)
	require.NoError(t, err)
	books("-9", "40.90", "49.90", "0", "0", "0")
	o = shipped(t, shipped(t, o, 1, 2), 2, 1)
	o, amount, _, err := f.Credit(o, order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: 1}}, Fee: eur("2")}, noon)
	require.NoError(t, err)
	require.Equal(t, eur("7"), amount)
	books("-16", "33.90", "49.90", "0", "0", "0")
	op = refund("r-1", "c-1", "16")
	op.Status = order.Unknown
	o = paid(t, o, op)
	books("-16", "33.90", "49.90", "0", "0", "16")
	o, _, err = f.Settle(o, "r-1", order.Succeeded, "", noon)
	require.NoError(t, err)
	books("0", "33.90", "49.90", "16", "0", "0")
	o = paid(t, o, order.Operation{ID: "b-1", Kind: order.Chargeback, Parent: "c-1", Amount: eur("1")})
	books("1", "33.90", "49.90", "17", "0", "0")
}

func TestWhatIsOutstandingAgreesWithTheSumOfTheRecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		captured, refunded string
		cancelled          bool
		want               string
	}{
		"unpaid":                           {"0", "0", false, "19"},
		"paid":                             {"19", "0", false, "0"},
		"paid and refunded: owed again":    {"19", "19", false, "19"},
		"paid and cancelled: owed back":    {"19", "0", true, "-19"},
		"cancelled and refunded":           {"19", "19", true, "0"},
		"cancelled and refunded in part":   {"19", "6", true, "-13"},
		"paid in part, cancelled, in part": {"10", "6", true, "-4"},
	} {
		d := order.Draft{Currency: order.MustCurrency("EUR"), Lines: []order.DraftLine{taxed(2, "3", "0")}, Charges: shipping("13", "0")}
		o := opened(t, d)
		if c.captured != "0" {
			o = paid(t, o, capture("c-1", c.captured))
		}
		if c.refunded != "0" {
			o = paid(t, o, refund("r-1", "c-1", c.refunded))
		}
		if c.cancelled {
			var err error
			o, _, _, err = flow(t).Cancel(o, order.CancelCustomer, noon)
			require.NoError(t, err)
		}
		b := o.Books()
		require.Equal(t, eur(c.want), b.Due, name)
		require.Equal(t, eur("19"), o.Totals().Total, "what was sold stays on record")
	}
}
