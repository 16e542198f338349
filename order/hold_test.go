package order_test

import (
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

func held(owner, handle string, line int) order.Hold {
	return order.Hold{Owner: owner, Handle: handle, Reason: order.HoldFraud, Line: line, Note: "look"}
}

func TestHoldsAreASetByOwnerAndHandle(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := placed(t, cart(goods(1, "10"), goods(1, "5")))
	was := o.Clone()
	n, events, err := f.Hold(o, held("radar", "1", 0), later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	require.Equal(t, []order.Event{order.HoldAdded{Owner: "radar", Handle: "1", Reason: order.HoldFraud}}, events)
	want := held("radar", "1", 0)
	want.At = later
	require.Equal(t, []order.Hold{want}, n.Holds)
	require.Equal(t, order.StatePlaced, n.State, "a hold is never a state")
	require.True(t, n.Facets().OnHold)

	again, events, err := f.Hold(n, held("radar", "1", 0), noon)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, n, again, "the same hold again changes nothing")
	for _, other := range []order.Hold{held("radar", "1", 2), {Owner: "radar", Handle: "1", Reason: order.HoldOther}} {
		again, _, err = f.Hold(n, other, noon)
		require.ErrorIs(t, err, order.ErrHold)
		require.ErrorContains(t, err, "radar/1 is taken by fraud_risk by radar/1")
		require.Equal(t, n, again)
	}
	n, _, err = f.Hold(n, held("radar", "2", 2), later)
	require.NoError(t, err)
	n, _, err = f.Hold(n, held("ann", "1", 1), later)
	require.NoError(t, err)
	require.Len(t, n.Holds, 3, "owners do not share their handles")
	require.Equal(t, "fraud_risk by radar/2 on line 2", n.Holds[1].String())
}

func TestAHoldIsRefusedWhereItMakesNoSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		h    order.Hold
		want error
	}{
		"no owner":       {held("", "1", 0), order.ErrHold},
		"no handle":      {held("radar", "", 0), order.ErrHold},
		"no reason":      {order.Hold{Owner: "radar", Handle: "1"}, order.ErrReason},
		"unknown reason": {order.Hold{Owner: "radar", Handle: "1", Reason: "because"}, order.ErrReason},
		"unknown line":   {held("radar", "1", 2), order.ErrUnknownLine},
		"negative line":  {held("radar", "1", -1), order.ErrUnknownLine},
	} {
		o := placed(t, cart(goods(1, "10")))
		n, events, err := flow(t).Hold(o, c.h, later)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, o, n)
		require.Empty(t, events)
	}
	_, _, err := flow(t).Hold(drafted(t, cart(goods(1, "10"))), held("radar", "1", 0), later)
	require.ErrorIs(t, err, order.ErrTransition, "a draft has nothing to stop")
	for _, reason := range []order.HoldReason{order.HoldPayment, order.HoldFraud, order.HoldAddress, order.HoldStock,
		order.HoldReturn, order.HoldReview, order.HoldDispute, order.HoldOther} {
		_, _, err := flow(t).Hold(placed(t, cart(goods(1, "10"))), order.Hold{Owner: "ann", Handle: "1", Reason: reason}, later)
		require.NoError(t, err)
	}
}

func TestReleaseLiftsOneHold(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := placed(t, cart(goods(1, "10")))
	for _, handle := range []string{"1", "2", "3"} {
		o, _, _ = f.Hold(o, held("radar", handle, 0), noon)
	}
	was := o.Clone()
	n, events, err := f.Release(o, "radar", "2", later)
	require.NoError(t, err)
	require.Equal(t, []order.Event{order.HoldReleased{Owner: "radar", Handle: "2"}}, events)
	require.Equal(t, []string{"1", "3"}, []string{n.Holds[0].Handle, n.Holds[1].Handle})
	require.Equal(t, was, o, "the order that it began with stays as it was")
	n, events, err = f.Release(o, "ann", "2", later)
	require.ErrorIs(t, err, order.ErrHold)
	require.Equal(t, was, n)
	require.Empty(t, events)
}

func TestHoldsStopConfirmAndShipByTheirScope(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := placed(t, cart(goods(2, "10"), goods(2, "5")))
	onLine, _, err := f.Hold(o, held("radar", "1", 2), noon)
	require.NoError(t, err)
	n, _, err := f.Confirm(onLine, order.PayAnytime, noon)
	require.Equal(t, &order.BlockedError{Order: anID, Action: order.ActionConfirm,
		Reasons: []string{"hold fraud_risk by radar/1 on line 2"}, Holds: onLine.Holds}, err)
	require.ErrorIs(t, err, order.ErrBlocked)
	require.Equal(t, onLine, n)

	o = opened(t, cart(goods(2, "10"), goods(2, "5")))
	require.NoError(t, f.CanShip(o, 1, 2))
	o, _, err = f.Hold(o, held("radar", "1", 2), noon)
	require.NoError(t, err)
	require.NoError(t, f.CanShip(o, 1), "another line is not stopped")
	require.ErrorIs(t, f.CanShip(o, 1, 2), order.ErrBlocked)
	o, _, err = f.Hold(o, held("ann", "1", 0), noon)
	require.NoError(t, err)
	var blocked *order.BlockedError
	require.ErrorAs(t, f.CanShip(o, 2), &blocked)
	require.Len(t, blocked.Holds, 2, "every hold in the way is named")
	require.ErrorIs(t, f.CanShip(o, 1), order.ErrBlocked, "a hold on the order stops every line")
	require.ErrorIs(t, f.CanShip(placed(t, cart(goods(2, "10")))), order.ErrTransition)
}
