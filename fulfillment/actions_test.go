package fulfillment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
)

const (
	workBlocked   fulfillment.WorkState = "blocked"
	actionBlock   fulfillment.Action    = "block"
	actionUnblock fulfillment.Action    = "unblock"
)

// blockable lets a location set work aside.
func blockable() []fulfillment.FlowOption {
	return []fulfillment.FlowOption{
		fulfillment.WithState(fulfillment.StateDef{Name: workBlocked}),
		fulfillment.WithEdge(actionBlock, workBlocked, fulfillment.WorkOpen),
		fulfillment.WithEdge(actionUnblock, fulfillment.WorkOpen, workBlocked),
		fulfillment.WithEdge(fulfillment.ActionCancel, fulfillment.WorkCancelled, workBlocked),
	}
}

// can lists the possible actions, after checking that the others have a reason.
func can(t *testing.T, all []fulfillment.Possibility) []fulfillment.Action {
	t.Helper()
	var out []fulfillment.Action
	for _, p := range all {
		require.Equal(t, p.Allowed, len(p.Reasons) == 0, p.Action)
		if p.Allowed {
			out = append(out, p.Action)
		}
	}
	return out
}

func TestAHostsWorkStateIsEnteredAndLeft(t *testing.T) {
	t.Parallel()
	f := flow(t, blockable()...)
	o := opened(t)
	was := o.Clone()
	b, events, err := f.Take(o, actionBlock, later)
	require.NoError(t, err)
	require.Equal(t, workBlocked, b.Work)
	require.Equal(t, later, b.UpdatedAt)
	require.Equal(t, was, o)
	require.Equal(t, []fulfillment.Event{fulfillment.StateChanged{Fulfillment: o.ID, Action: actionBlock, From: fulfillment.WorkOpen, To: workBlocked}}, events)
	require.Equal(t, "fulfillment.state_changed", events[0].Kind())

	_, _, _, err = f.Pick(b, units(1), later)
	var refused *fulfillment.TransitionError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []fulfillment.Action{actionUnblock}, can(t, f.AllowedActions(b)))
	b, _, err = f.Take(b, actionUnblock, later)
	require.NoError(t, err)
	require.Equal(t, fulfillment.WorkOpen, b.Work)
	for _, a := range []fulfillment.Action{fulfillment.ActionStart, fulfillment.ActionFinish, fulfillment.ActionCancel} {
		n, events, err := f.Take(b, a, later)
		require.ErrorContains(t, err, "command of its own", a)
		require.Equal(t, b, n)
		require.Empty(t, events)
	}
}

func TestActionsFollowTheWork(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := opened(t)
	require.Equal(t, []fulfillment.Action{fulfillment.ActionPick, fulfillment.ActionShortPick, fulfillment.ActionPack}, can(t, f.AllowedActions(o)))
	for _, l := range o.Lines {
		var err error
		o, _, _, err = f.Pick(o, []order.LineQty{{Line: l.Line, Qty: l.Qty}}, later)
		require.NoError(t, err)
	}
	require.Equal(t, []fulfillment.Action{fulfillment.ActionPack}, can(t, f.AllowedActions(o)))
	require.Equal(t, []string{"no unit waits to be picked"}, f.AllowedActions(o)[0].Reasons)

	o, s, _, _, _, err := f.Pack(o, box, o.OneParcel(), later)
	require.NoError(t, err)
	require.Empty(t, can(t, f.AllowedActions(o)))
	require.Equal(t, []fulfillment.Action{fulfillment.ActionShip, fulfillment.ActionVoid}, can(t, f.ShipmentActions(o, s)))
	o, s, _, _, err = f.Ship(o, s, later)
	require.NoError(t, err)
	require.Equal(t, fulfillment.WorkDone, o.Work)
	require.Empty(t, can(t, f.AllowedActions(o)))
	require.Equal(t, []fulfillment.Action{fulfillment.ActionDeliver}, can(t, f.ShipmentActions(o, s)))
	s, _, _, err = f.Deliver(s, later)
	require.NoError(t, err)
	require.Empty(t, can(t, f.ShipmentActions(o, s)))
	require.Equal(t, []string{"the shipment is delivered"}, f.ShipmentActions(o, s)[2].Reasons)
}
