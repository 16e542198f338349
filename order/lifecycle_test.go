package order_test

import (
	"testing"
	"time"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

func TestPlaceSellsADraft(t *testing.T) {
	t.Parallel()
	d := whole()
	o := drafted(t, d)
	was := o.Clone()
	n, events, err := flow(t).Place(o, noon)
	require.NoError(t, err)
	require.Equal(t, was, o)
	require.Equal(t, []any{order.StatePlaced, noon, noon}, []any{n.State, n.PlacedAt, n.UpdatedAt})
	require.Equal(t, []order.Event{order.Placed{Number: "1001", Channel: "web", Customer: "c-7", Lines: 2, Units: 3, Total: n.Totals().Total}}, events)
	n, events, err = flow(t).Place(n, noon)
	require.ErrorIs(t, err, order.ErrTransition)
	require.Empty(t, events)
	require.Equal(t, order.StatePlaced, n.State)
}

func TestAnOrderCannotBePlacedAfterItsPaymentDeadline(t *testing.T) {
	t.Parallel()
	d := cart(goods(1, "10"))
	d.PayBy = noon
	o := drafted(t, d)
	n, events, err := flow(t).Place(o, noon)
	var draft *order.DraftError
	require.ErrorAs(t, err, &draft)
	require.Equal(t, "PayBy", draft.Field)
	require.Equal(t, o, n)
	require.Empty(t, events)
	ps := possible(t, flow(t), o, order.PayAnytime, noon, order.ActionPlace)
	require.Equal(t, order.Possibility{Action: order.ActionPlace, Reasons: []string{err.Error()}}, ps, "what Place refuses is not promised")
	require.True(t, possible(t, flow(t), o, order.PayAnytime, noon.Add(-1), order.ActionPlace).Allowed)
}

func TestConfirmAsksForTheMoneyThatThePolicyWants(t *testing.T) {
	t.Parallel()
	authorize := order.Operation{ID: "a-1", Kind: order.Authorize, Amount: eur("6")}
	for name, c := range map[string]struct {
		policy order.PaymentPolicy
		ops    []order.Operation
		want   string // what is missing; empty when nothing is
	}{
		"anytime":                            {order.PayAnytime, nil, ""},
		"authorized, nothing there":          {order.PayAuthorized, nil, "payment: 0.00 EUR of 10.00 EUR is there"},
		"authorized in part":                 {order.PayAuthorized, []order.Operation{authorize}, "payment: 6.00 EUR of 10.00 EUR is there"},
		"authorized in part, captured else":  {order.PayAuthorized, []order.Operation{authorize, capture("c-1", "4")}, ""},
		"authorized and captured":            {order.PayAuthorized, []order.Operation{authorize, {ID: "c-1", Kind: order.Capture, Parent: "a-1", Amount: eur("6")}}, "payment: 6.00 EUR of 10.00 EUR is there"},
		"captured, but only authorized":      {order.PayCaptured, []order.Operation{{ID: "a-1", Kind: order.Authorize, Amount: eur("10")}}, "payment: 0.00 EUR of 10.00 EUR is there"},
		"captured":                           {order.PayCaptured, []order.Operation{capture("c-1", "10")}, ""},
		"captured and given back":            {order.PayCaptured, []order.Operation{capture("c-1", "10"), refund("r-1", "c-1", "1")}, "payment: 9.00 EUR of 10.00 EUR is there"},
		"captured, the outcome is not known": {order.PayCaptured, []order.Operation{{ID: "c-1", Kind: order.Capture, Status: order.Unknown, Amount: eur("10")}}, "payment: 0.00 EUR of 10.00 EUR is there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := placed(t, cart(goods(1, "10")))
			for _, op := range c.ops {
				o = paid(t, o, op)
			}
			n, events, err := flow(t).Confirm(o, c.policy, later)
			ps := possible(t, flow(t), o, c.policy, later, order.ActionConfirm)
			if c.want == "" {
				require.NoError(t, err)
				require.Equal(t, []order.Event{order.Confirmed{}}, events)
				require.Equal(t, []any{order.StateOpen, later}, []any{n.State, n.ConfirmedAt})
				require.Equal(t, order.Possibility{Action: order.ActionConfirm, Allowed: true}, ps)
				return
			}
			require.Equal(t, &order.BlockedError{Order: anID, Action: order.ActionConfirm, Reasons: []string{c.want}}, err)
			require.Equal(t, []string{c.want}, ps.Reasons)
			require.Equal(t, o, n)
		})
	}
}

func TestCancelUndoesEveryUnitFromTheLeastAdvancedPlace(t *testing.T) {
	t.Parallel()
	d := cart(goods(10, "10"), goods(2, "5"))
	d.Charges = shipping("4.90", "19")
	o := opened(t, d)
	o = counted(t, o, 1, order.Counters{Unreserved: -9, Backordered: 2, Reserved: 3, Picked: 4})
	was := o.Clone()
	n, cuts, events, err := flow(t).Cancel(o, order.CancelCustomer, later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	require.Equal(t, []order.Cut{
		{Line: 1, From: order.AtUnreserved, Qty: 1}, {Line: 1, From: order.AtBackordered, Qty: 2}, {Line: 1, From: order.AtReserved, Qty: 3},
		{Line: 1, From: order.AtPicked, Qty: 4}, {Line: 2, From: order.AtUnreserved, Qty: 2},
	}, cuts)
	require.Equal(t, []order.Event{order.Cancelled{Reason: order.CancelCustomer, Units: 12}}, events)
	require.Equal(t, order.Counters{Ordered: 10, Cancelled: 10}, n.Lines[0].Counters)
	require.Equal(t, []any{order.StateCancelled, later, order.CancelCustomer}, []any{n.State, n.CancelledAt, n.CancelReason})
	b := n.Books()
	require.True(t, b.Owed.IsZero(), "nothing is owed, shipping included")

	n, cuts, events, err = flow(t).Cancel(n, "", noon)
	require.NoError(t, err, "cancelling again is harmless")
	require.Empty(t, cuts)
	require.Empty(t, events)
	require.Equal(t, later, n.CancelledAt)
}

func TestCancelIsRefusedOnceGoodsOrMoneyAreOutOfHand(t *testing.T) {
	t.Parallel()
	doubt := capture("c-1", "1")
	doubt.Status = order.Unknown
	for name, c := range map[string]struct {
		o    order.Order
		want string
	}{
		"a unit has shipped":   {shipped(t, opened(t, cart(goods(2, "10"))), 1, 1), "1 units of line 1 have shipped"},
		"a unit is packed":     {counted(t, opened(t, cart(goods(2, "10"))), 1, order.Counters{Unreserved: -2, Packed: 2}), "2 units of line 1 are packed"},
		"a payment in doubt":   {paid(t, opened(t, cart(goods(2, "10"))), doubt), `the outcome of capture "c-1" is unknown`},
		"in the placed state":  {paid(t, placed(t, cart(goods(2, "10"))), doubt), "settle it first"},
		"packed before opened": {counted(t, placed(t, cart(goods(2, "10"))), 1, order.Counters{Unreserved: -1, Packed: 1}), "void their shipment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, cuts, events, err := flow(t).Cancel(c.o, order.CancelCustomer, later)
			require.ErrorIs(t, err, order.ErrBlocked)
			require.ErrorContains(t, err, c.want)
			require.Equal(t, c.o, n)
			require.Empty(t, cuts)
			require.Empty(t, events)
		})
	}
	n, _, _, err := flow(t).Cancel(opened(t, cart(goods(2, "10"))), "because", later)
	require.ErrorIs(t, err, order.ErrReason)
	require.Equal(t, order.StateOpen, n.State)
	_, cuts, _, err := flow(t).Cancel(drafted(t, cart(goods(2, "10"))), order.CancelStaff, later)
	require.ErrorIs(t, err, order.ErrTransition)
	require.Empty(t, cuts)
	for _, reason := range []order.CancelReason{order.CancelCustomer, order.CancelFraud, order.CancelInventory, order.CancelDeclined, order.CancelStaff, order.CancelOther} {
		n, _, _, err = flow(t).Cancel(opened(t, cart(goods(2, "10"))), reason, later)
		require.NoError(t, err)
		require.Equal(t, reason, n.CancelReason)
	}
}

func TestCancelUnitsTakesWhatIsNeitherPackedNorShipped(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := counted(t, opened(t, cart(goods(10, "10"))), 1, order.Counters{Unreserved: -9, Reserved: 2, Picked: 2, Packed: 2, Shipped: 3})
	was := o.Clone()
	n, cuts, events, err := f.CancelUnits(o, []order.LineQty{{Line: 1, Qty: 2}, {Line: 1, Qty: 2}}, order.CancelInventory, later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	require.Equal(t, []order.Cut{{Line: 1, From: order.AtUnreserved, Qty: 1}, {Line: 1, From: order.AtReserved, Qty: 2}, {Line: 1, From: order.AtPicked, Qty: 1}}, cuts)
	require.Equal(t, []order.Event{order.UnitsCancelled{Reason: order.CancelInventory, Units: []order.LineQty{{Line: 1, Qty: 4}}}}, events)
	require.Equal(t, order.Counters{Ordered: 10, Picked: 1, Packed: 2, Shipped: 3, Cancelled: 4}, n.Lines[0].Counters)
	require.Equal(t, order.StateOpen, n.State)

	for name, c := range map[string]struct {
		units []order.LineQty
		want  error
	}{
		"one too many":     {[]order.LineQty{{Line: 1, Qty: 6}}, order.ErrQuantity},
		"too many in sum":  {[]order.LineQty{{Line: 1, Qty: 5}, {Line: 1, Qty: 1}}, order.ErrQuantity},
		"none":             {nil, order.ErrQuantity},
		"none of a line":   {[]order.LineQty{{Line: 1}}, order.ErrQuantity},
		"fewer than none":  {[]order.LineQty{{Line: 1, Qty: -1}}, order.ErrQuantity},
		"more than may be": {[]order.LineQty{{Line: 1, Qty: order.MaxQty + 1}}, order.ErrQuantity},
		"an unknown line":  {[]order.LineQty{{Line: 1, Qty: 1}, {Line: 2, Qty: 1}}, order.ErrUnknownLine},
	} {
		n, cuts, events, err = f.CancelUnits(o, c.units, order.CancelInventory, later)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, was, n)
		require.Empty(t, cuts)
		require.Empty(t, events)
	}
	n, _, _, err = f.CancelUnits(o, []order.LineQty{{Line: 1, Qty: 1}}, "", later)
	require.ErrorIs(t, err, order.ErrReason)
	require.Equal(t, was, n)
	_, cuts, _, err = f.CancelUnits(drafted(t, cart(goods(1, "1"))), []order.LineQty{{Line: 1, Qty: 1}}, order.CancelStaff, later)
	require.ErrorIs(t, err, order.ErrTransition)
	require.Empty(t, cuts)
}

func TestTheLastCancelledUnitCancelsTheOrder(t *testing.T) {
	t.Parallel()
	f := flow(t)
	d := cart(goods(1, "10"), goods(1, "10"))
	d.Charges = shipping("4.90", "19")
	o, _, _, err := f.CancelUnits(opened(t, d), []order.LineQty{{Line: 1, Qty: 1}}, order.CancelCustomer, noon)
	require.NoError(t, err)
	n, _, events, err := f.CancelUnits(o, []order.LineQty{{Line: 2, Qty: 1}}, order.CancelStaff, later)
	require.NoError(t, err)
	require.Equal(t, []any{order.StateCancelled, later, order.CancelStaff}, []any{n.State, n.CancelledAt, n.CancelReason})
	require.Equal(t, order.Cancelled{Reason: order.CancelStaff}, events[1])
	b := n.Books()
	require.True(t, b.Owed.IsZero())

	doubt := capture("c-1", "1")
	doubt.Status = order.Unknown
	n, _, events, err = f.CancelUnits(paid(t, o, doubt), []order.LineQty{{Line: 2, Qty: 1}}, order.CancelStaff, later)
	require.NoError(t, err)
	require.Len(t, events, 1)
	require.Equal(t, order.StateOpen, n.State, "while money is in doubt the order waits")
	n, _, err = f.Settle(n, "c-1", order.Failed, "", later)
	require.NoError(t, err)
	n, _, _, err = f.Cancel(n, order.CancelStaff, later)
	require.NoError(t, err)
	require.Equal(t, order.StateCancelled, n.State)
}

func TestExpireEndsAnUnpaidOrderPastItsDeadline(t *testing.T) {
	t.Parallel()
	f := flow(t)
	d := cart(goods(2, "10"))
	d.Charges = shipping("4.90", "19")
	d.PayBy = later
	o := counted(t, placed(t, d), 1, order.Counters{Unreserved: -2, Reserved: 2})
	n, _, _, err := f.Expire(o, later.Add(-time.Nanosecond))
	require.Equal(t, &order.DeadlineError{Order: anID, PayBy: later, Now: later.Add(-time.Nanosecond)}, err)
	require.ErrorIs(t, err, order.ErrBlocked)
	require.ErrorContains(t, err, "may be paid until 2026-03-01T13:00:00Z")
	require.Equal(t, o, n)
	n, cuts, events, err := f.Expire(o, later)
	require.NoError(t, err)
	require.Equal(t, []order.Cut{{Line: 1, From: order.AtReserved, Qty: 2}}, cuts)
	require.Equal(t, []order.Event{order.Expired{Units: 2}}, events)
	require.Equal(t, []any{order.StateExpired, later, order.CancelDeclined}, []any{n.State, n.CancelledAt, n.CancelReason})
	b := n.Books()
	require.True(t, b.Owed.IsZero())
	again, cuts, events, err := f.Expire(n, later)
	require.NoError(t, err)
	require.Empty(t, cuts)
	require.Empty(t, events)
	require.Equal(t, n, again)

	doubt := capture("c-1", "1")
	doubt.Status = order.Unknown
	for name, o := range map[string]order.Order{
		"with a payment":          paid(t, o, capture("c-1", "1")),
		"with a payment in doubt": paid(t, o, doubt),
		"without a deadline":      placed(t, cart(goods(2, "10"))),
		"with units in parcels":   counted(t, o, 1, order.Counters{Reserved: -1, Packed: 1}),
	} {
		n, _, _, err := f.Expire(o, later)
		require.ErrorIs(t, err, order.ErrBlocked, name)
		require.Equal(t, o, n)
	}
	_, cuts, _, err = f.Expire(opened(t, d), later)
	require.ErrorIs(t, err, order.ErrTransition)
	require.Empty(t, cuts)
	_, cuts, _, err = f.Expire(placed(t, cart(goods(2, "10"))), later)
	require.ErrorContains(t, err, "has no payment deadline")
	require.Empty(t, cuts)
}

func TestCloseListsEverythingThatIsLeftToDo(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := shipped(t, opened(t, cart(goods(3, "10"), goods(1, "5"))), 1, 2)
	o = counted(t, o, 1, order.Counters{ReturnOpen: 1})
	o, _, err := f.Hold(o, held("ann", "1", 0), noon)
	require.NoError(t, err)
	n, events, err := f.Close(o, later)
	require.Equal(t, &order.BlockedError{Order: anID, Action: order.ActionClose, Holds: o.Holds, Reasons: []string{
		"line 1 has 1 units neither shipped nor cancelled", "line 1 has 1 units on their way back",
		"line 2 has 1 units neither shipped nor cancelled",
		"35.00 EUR is due, 0.00 EUR of captures and 0.00 EUR of refunds are under way", "hold fraud_risk by ann/1",
	}}, err)
	require.Equal(t, o, n)
	require.Empty(t, events)

	o, _, err = f.Release(o, "ann", "1", noon)
	require.NoError(t, err)
	o = counted(t, o, 1, order.Counters{ReturnOpen: -1, Unreserved: -1, Shipped: 1})
	o = paid(t, shipped(t, o, 2, 1), capture("c-1", "35"))
	returning := refund("r-1", "c-1", "1")
	returning.Status = order.Requested
	_, _, err = f.Close(paid(t, o, returning), later)
	require.ErrorIs(t, err, order.ErrBlocked, "money on its way keeps an order open")

	n, events, err = f.Close(o, later)
	require.NoError(t, err)
	require.Equal(t, []order.Event{order.Closed{}}, events)
	require.Equal(t, []any{order.StateClosed, later}, []any{n.State, n.ClosedAt})
	again, events, err := f.Close(n, noon)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, n, again)

	r, events, err := f.Reopen(n, later)
	require.NoError(t, err)
	require.Equal(t, []order.Event{order.Reopened{}}, events)
	require.Equal(t, order.StateOpen, r.State)
	require.True(t, r.ClosedAt.IsZero())
	again, events, err = f.Reopen(r, later)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, r, again)
	_, _, err = f.Reopen(placed(t, cart(goods(1, "1"))), later)
	require.ErrorIs(t, err, order.ErrTransition)
	_, _, err = f.Close(placed(t, cart(goods(1, "1"))), later)
	require.ErrorIs(t, err, order.ErrTransition)
}
