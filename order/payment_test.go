package order_test

import (
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// bought is an open order of 100.00.
func bought(t require.TestingT) order.Order { return opened(t, cart(taxed(2, "50", "20"))) }

func TestPayRecordsAnOperationAndTellsOfIt(t *testing.T) {
	t.Parallel()
	o := bought(t)
	was := o.Clone()
	op := order.Operation{ID: "c-1", Kind: order.Capture, Amount: eur("60"), Tender: "card", Reference: "pi_1", Return: ""}
	n, events, err := flow(t).Pay(o, op, later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	op.Status, op.At, op.SettledAt = order.Succeeded, later, later
	require.Equal(t, []order.Operation{op}, n.Payments, "an operation without a status has succeeded")
	require.Equal(t, []order.Event{order.PaymentRecorded{Operation: "c-1", OpKind: order.Capture, Status: order.Succeeded, Amount: eur("60"), Tender: "card"}}, events)
	got, ok := n.Payment("c-1")
	require.True(t, ok)
	require.Equal(t, op, *got)
	_, ok = n.Payment("c-2")
	require.False(t, ok)
}

func TestRepeatingAnOperationIsHarmlessAndReusingItsIDIsNot(t *testing.T) {
	t.Parallel()
	f := flow(t)
	intent := capture("c-1", "60")
	intent.Status = order.Requested
	o := paid(t, bought(t), intent)
	require.True(t, o.Payments[0].SettledAt.IsZero(), "what is under way is not settled")
	n, events, err := f.Pay(o, intent, later)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, o, n)

	outcome := intent
	outcome.Status = order.Succeeded
	n, _, err = f.Pay(o, outcome, later)
	require.ErrorIs(t, err, order.ErrPayment, "an outcome is never dropped in silence")
	require.ErrorContains(t, err, "Settle")
	require.Equal(t, o, n)

	settled, _, err := f.Settle(o, "c-1", order.Succeeded, "pi_1", later)
	require.NoError(t, err)
	for _, again := range []order.Operation{intent, outcome} {
		n, events, err = f.Pay(settled, again, later)
		require.NoError(t, err)
		require.Empty(t, events)
		require.Equal(t, settled, n)
	}
	for name, other := range map[string]order.Operation{
		"another amount": capture("c-1", "61"), "another kind": {ID: "c-1", Kind: order.Authorize, Amount: eur("60")},
		"another parent": {ID: "c-1", Kind: order.Capture, Amount: eur("60"), Parent: "a-1"},
	} {
		n, _, err = f.Pay(o, other, later)
		require.ErrorIs(t, err, order.ErrPayment, name)
		require.Equal(t, o, n)
	}
}

func TestAnOperationThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	for name, op := range map[string]order.Operation{
		"without an id":           {Kind: order.Capture, Amount: eur("1")},
		"of no kind":              {ID: "x", Amount: eur("1")},
		"of an unknown kind":      {ID: "x", Kind: "sale", Amount: eur("1")},
		"failed, of unknown kind": {ID: "x", Kind: "sale", Status: order.Failed, Amount: eur("1")},
		"of an unknown status":    {ID: "x", Kind: order.Capture, Status: "done", Amount: eur("1")},
		"in other money":          {ID: "x", Kind: order.Capture, Amount: order.MustMoney("1", "USD")},
		"without money":           {ID: "x", Kind: order.Capture},
		"of nothing":              {ID: "x", Kind: order.Capture, Amount: eur("0")},
		"of less than nothing":    {ID: "x", Kind: order.Capture, Amount: eur("-1")},
		"a void of nothing":       {ID: "x", Kind: order.Void, Amount: eur("1")},
		"a refund of nothing":     {ID: "x", Kind: order.Refund, Amount: eur("1")},
		"a chargeback of nothing": {ID: "x", Kind: order.Chargeback, Amount: eur("1")},
		"of an unknown parent":    {ID: "x", Kind: order.Capture, Amount: eur("1"), Parent: "a-9"},
		"refund of unknown":       refund("x", "c-9", "1"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := paid(t, bought(t), capture("c-1", "60"))
			n, events, err := flow(t).Pay(o, op, later)
			require.ErrorIs(t, err, order.ErrPayment)
			require.Equal(t, o, n)
			require.Empty(t, events)
		})
	}
}

func TestEveryOperationHasItsCapWhateverItsStatus(t *testing.T) {
	t.Parallel()
	with := func(id string, kind order.OperationKind, status order.OperationStatus, amount, parent string) order.Operation {
		return order.Operation{ID: id, Kind: kind, Status: status, Amount: eur(amount), Parent: parent}
	}
	for name, c := range map[string]struct {
		had  []order.Operation
		op   order.Operation
		left string // what the cap allows
	}{
		"a capture of what is owed":                   {nil, with("x", order.Capture, "", "100.01", ""), "100"},
		"captures under way count":                    {[]order.Operation{with("c-1", order.Capture, order.Requested, "30", "")}, with("x", order.Capture, "", "70.01", ""), "70"},
		"captures in doubt count":                     {[]order.Operation{with("c-1", order.Capture, order.Unknown, "30", "")}, with("x", order.Capture, order.Requested, "70.01", ""), "70"},
		"failed captures do not":                      {[]order.Operation{with("c-1", order.Capture, order.Failed, "30", "")}, with("x", order.Capture, "", "100.01", ""), "100"},
		"a capture of an authorization":               {[]order.Operation{with("a-1", order.Authorize, "", "80", ""), with("c-1", order.Capture, "", "30", "a-1")}, with("x", order.Capture, "", "50.01", "a-1"), "50"},
		"of an authorization that has not succeeded":  {[]order.Operation{with("a-1", order.Authorize, order.Requested, "80", "")}, with("x", order.Capture, "", "0.01", "a-1"), "0"},
		"voids count against an authorization":        {[]order.Operation{with("a-1", order.Authorize, "", "80", ""), with("v-1", order.Void, order.Requested, "60", "a-1")}, with("x", order.Capture, "", "20.01", "a-1"), "20"},
		"captures count against a void":               {[]order.Operation{with("a-1", order.Authorize, "", "80", ""), with("c-1", order.Capture, "", "60", "a-1")}, with("x", order.Void, "", "20.01", "a-1"), "20"},
		"a refund of a capture":                       {[]order.Operation{capture("c-1", "60"), refund("r-1", "c-1", "20")}, with("x", order.Refund, "", "40.01", "c-1"), "40"},
		"refunds in doubt count":                      {[]order.Operation{capture("c-1", "60"), with("r-1", order.Refund, order.Unknown, "20", "c-1")}, with("x", order.Refund, "", "40.01", "c-1"), "40"},
		"failed refunds free their amount":            {[]order.Operation{capture("c-1", "60"), with("r-1", order.Refund, order.Failed, "60", "c-1")}, with("x", order.Refund, "", "60.01", "c-1"), "60"},
		"chargebacks count against a refund":          {[]order.Operation{capture("c-1", "60"), with("b-1", order.Chargeback, "", "20", "c-1")}, with("x", order.Refund, "", "40.01", "c-1"), "40"},
		"a refund of a capture that has not settled":  {[]order.Operation{with("c-1", order.Capture, order.Requested, "60", "")}, with("x", order.Refund, "", "0.01", "c-1"), "0"},
		"a refund of an authorization":                {[]order.Operation{with("a-1", order.Authorize, "", "60", "")}, with("x", order.Refund, "", "0.01", "a-1"), "0"},
		"a void of a capture":                         {[]order.Operation{capture("c-1", "60")}, with("x", order.Void, "", "0.01", "c-1"), "0"},
		"a refunded order may be paid again, no more": {[]order.Operation{capture("c-1", "100"), refund("r-1", "c-1", "100")}, with("x", order.Capture, "", "100.01", ""), "100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := bought(t)
			for _, op := range c.had {
				o = paid(t, o, op)
			}
			n, _, err := flow(t).Pay(o, c.op, later)
			var over *order.CapError
			require.ErrorAs(t, err, &over)
			require.ErrorIs(t, err, order.ErrCap)
			require.Equal(t, []order.Money{eur(c.left), c.op.Amount}, []order.Money{over.Cap, over.Want})
			require.Equal(t, o, n)
			if c.op.Amount = eur(c.left); c.op.Amount.IsPositive() {
				paid(t, o, c.op)
			}
		})
	}
}

func TestAnAllowanceTakesOffWhatTheBuyerOwesAndNoMore(t *testing.T) {
	t.Parallel()
	f := flow(t)
	less := func(id, amount string) order.Operation {
		return order.Operation{ID: id, Kind: order.Allowance, Amount: eur(amount), Reference: "late"}
	}
	o := paid(t, paid(t, bought(t), capture("c-1", "100")), less("g-1", "10"))
	b := o.Books()
	require.Equal(t, []order.Money{eur("10"), eur("90"), eur("-10")}, []order.Money{b.Allowed, b.Owed, b.Due})
	o = paid(t, o, refund("r-1", "c-1", "10"))
	require.True(t, o.Books().Due.IsZero())
	require.Equal(t, order.PaymentPartlyRefunded, o.Facets().Payment)
	for _, op := range []order.Operation{less("g-2", "90.01"), less("g-2", "100")} {
		_, _, err := f.Pay(o, op, later)
		var over *order.CapError
		require.ErrorAs(t, err, &over)
		require.Equal(t, eur("90"), over.Cap)
	}
	for name, op := range map[string]order.Operation{
		"with a parent": {ID: "g-2", Kind: order.Allowance, Amount: eur("1"), Parent: "c-1"},
		"under way":     {ID: "g-2", Kind: order.Allowance, Amount: eur("1"), Status: order.Requested},
		"in doubt":      {ID: "g-2", Kind: order.Allowance, Amount: eur("1"), Status: order.Unknown},
		"failed":        {ID: "g-2", Kind: order.Allowance, Amount: eur("1"), Status: order.Failed},
	} {
		_, _, err := f.Pay(o, op, later)
		require.ErrorIs(t, err, order.ErrPayment, name)
		require.ErrorContains(t, err, "moves no money", name)
	}
	o = paid(t, o, less("g-2", "90"))
	require.True(t, o.Books().Owed.IsZero(), "everything may be let go")
}

func TestAnAllowanceNeverMakesTheShopPayForGoodsTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := flow(t)
		o := shipped(t, shipped(t, opened(t, cart(goods(4, "19.99"), goods(3, "0.07"))), 1, 4), 2, 3)
		o = paid(t, o, order.Operation{ID: "c", Kind: order.Capture, Amount: o.Books().Owed})
		gift, err := order.Minor(rapid.Int64Range(1, o.Books().Owed.MinorUnits()).Draw(t, "allowance"), o.Currency)
		require.NoError(t, err)
		when := rapid.IntRange(0, 7).Draw(t, "after how many returned units")
		for unit := range 7 {
			if unit == when && gift.MinorUnits() <= o.Books().Owed.MinorUnits() {
				o = paid(t, o, order.Operation{ID: "g", Kind: order.Allowance, Amount: gift})
			}
			o, _, _, err = f.Credit(o, order.CreditNote{Units: []order.LineQty{{Line: 1 + unit/4, Qty: 1}}}, later)
			require.NoError(t, err)
			b := o.Books()
			require.False(t, b.Owed.IsNegative(), "the buyer never owes less than nothing")
			require.Equal(t, b.Goods.MinorUnits()+b.GoodsTax.MinorUnits()-b.Allowed.MinorUnits(),
				b.Captured.MinorUnits()-b.Refunded.MinorUnits()+b.Due.MinorUnits())
		}
		require.Equal(t, o.Books().Captured, o.Books().Due.Neg(), "everything came back: exactly what was paid is owed")
	})
}

func TestADraftMayBeAuthorizedAndNothingElse(t *testing.T) {
	t.Parallel()
	o := drafted(t, cart(goods(1, "10")))
	n := paid(t, o, order.Operation{ID: "a-1", Kind: order.Authorize, Amount: eur("10")})
	require.Equal(t, order.PaymentAuthorized, n.Facets().Payment)
	_, _, err := flow(t).Pay(o, capture("c-1", "10"), noon)
	var state *order.TransitionError
	require.ErrorAs(t, err, &state)
	require.Equal(t, &order.TransitionError{Order: anID, From: order.StateDraft, Event: order.ActionPay, Allowed: []order.Action{order.ActionPlace}}, state)
}

func TestSettleRecordsTheOutcomeOnce(t *testing.T) {
	t.Parallel()
	f := flow(t)
	op := capture("c-1", "60")
	op.Status, op.Reference = order.Requested, "pi_1"
	o := paid(t, bought(t), op)

	doubt, events, err := f.Settle(o, "c-1", order.Unknown, "", later)
	require.NoError(t, err)
	require.Equal(t, order.Unknown, doubt.Payments[0].Status)
	require.Equal(t, "pi_1", doubt.Payments[0].Reference)
	require.True(t, doubt.Payments[0].SettledAt.IsZero(), "an unknown outcome settles nothing")
	require.Len(t, events, 1)

	settled, events, err := f.Settle(doubt, "c-1", order.Succeeded, "pi_2", later)
	require.NoError(t, err)
	require.Equal(t, []order.Event{order.PaymentRecorded{Operation: "c-1", OpKind: order.Capture, Status: order.Succeeded, Amount: eur("60")}}, events)
	require.Equal(t, "pi_2", settled.Payments[0].Reference)
	require.Equal(t, later, settled.Payments[0].SettledAt)
	require.Equal(t, order.Requested, o.Payments[0].Status, "the order that it began with stays as it was")

	n, events, err := f.Settle(settled, "c-1", order.Succeeded, "pi_3", later)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, settled, n)
	for name, c := range map[string]struct {
		id      string
		outcome order.OperationStatus
	}{
		"another outcome": {"c-1", order.Failed}, "back into doubt": {"c-1", order.Unknown}, "back to requested": {"c-1", order.Requested},
		"no outcome": {"c-1", ""}, "a made-up outcome": {"c-1", "done"}, "an unknown operation": {"c-2", order.Succeeded},
	} {
		n, events, err = f.Settle(settled, c.id, c.outcome, "", later)
		require.ErrorIs(t, err, order.ErrPayment, name)
		require.Empty(t, events)
		require.Equal(t, settled, n)
	}
}

func TestPlanRefundSpreadsOverCapturesPreferredOnesFirst(t *testing.T) {
	t.Parallel()
	o := opened(t, cart(taxed(1, "100", "0")))
	card, check, cash := capture("card", "50"), capture("check", "30"), capture("cash", "20")
	card.Tender = "visa"
	for _, op := range []order.Operation{card, check, cash, refund("r-1", "check", "25")} {
		o = paid(t, o, op)
	}
	o, _, err := flow(t).Pay(o, order.Operation{ID: "a-1", Kind: order.Authorize, Amount: eur("100")}, noon)
	require.NoError(t, err)
	part := func(parent, amount string) order.Operation {
		op := order.Operation{Kind: order.Refund, Parent: parent, Amount: eur(amount)}
		if parent == "card" {
			op.Tender = "visa"
		}
		return op
	}
	for name, c := range map[string]struct {
		amount string
		prefer []string
		want   []order.Operation
	}{
		"oldest first":                      {"60", nil, []order.Operation{part("card", "50"), part("check", "5"), part("cash", "5")}},
		"one is enough":                     {"50", nil, []order.Operation{part("card", "50")}},
		"the preferred first":               {"30", []string{"cash"}, []order.Operation{part("cash", "20"), part("card", "10")}},
		"several preferred, in their order": {"30", []string{"cash", "check", "cash"}, []order.Operation{part("cash", "20"), part("check", "5"), part("card", "5")}},
		"everything":                        {"75", []string{"check"}, []order.Operation{part("check", "5"), part("card", "50"), part("cash", "20")}},
		"an authorization bears no refund":  {"1", []string{"a-1"}, []order.Operation{part("card", "1")}},
	} {
		plan, err := o.PlanRefund(eur(c.amount), c.prefer...)
		require.NoError(t, err, name)
		require.Equal(t, c.want, plan, name)
	}
	_, err = o.PlanRefund(eur("75.01"))
	require.Equal(t, &order.CapError{What: "what was captured and not yet refunded", Cap: eur("75"), Want: eur("75.01")}, err)
	for _, amount := range []order.Money{eur("0"), eur("-1"), {}, order.MustMoney("1", "USD")} {
		_, err = o.PlanRefund(amount)
		require.ErrorIs(t, err, order.ErrPayment)
	}
}

func TestAPlannedRefundCanAlwaysBePaidAndIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := opened(t, cart(taxed(1, "100", "0")))
		f := flow(t)
		ids := []string{"c-1", "c-2", "c-3"}
		for i, id := range ids {
			amount, err := order.Minor(rapid.Int64Range(1, 3_000).Draw(t, "amount"), o.Currency)
			require.NoError(t, err)
			o = paid(t, o, order.Operation{ID: id, Kind: order.Capture, Amount: amount,
				Status: rapid.SampledFrom([]order.OperationStatus{order.Succeeded, order.Succeeded, order.Failed, order.Unknown}).Draw(t, "status")})
			if left := o.Refundable(id); left.IsPositive() && i > 0 {
				o = paid(t, o, order.Operation{ID: "r-" + id, Kind: order.Refund, Parent: id, Amount: left,
					Status: rapid.SampledFrom([]order.OperationStatus{order.Requested, order.Failed}).Draw(t, "refund")})
			}
		}
		amount, err := order.Minor(rapid.Int64Range(1, 6_000).Draw(t, "refund"), o.Currency)
		require.NoError(t, err)
		before := o.Books()
		plan, err := o.PlanRefund(amount, rapid.Permutation(ids).Draw(t, "prefer")...)
		if err != nil {
			require.ErrorIs(t, err, order.ErrCap)
			headroom := before.Captured.MinorUnits() - before.Refunded.MinorUnits() - before.Returning.MinorUnits()
			require.Greater(t, amount.MinorUnits(), headroom, "a plan is refused only where the money is not there")
			return
		}
		for i, op := range plan {
			op.ID = "p-" + ids[i]
			o, _, err = f.Pay(o, op, later)
			require.NoError(t, err)
		}
		refunded, err := o.Books().Refunded.Sub(before.Refunded)
		require.NoError(t, err)
		require.Equal(t, amount, refunded)
	})
}
