package returns_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/returns"
)

const (
	stateAppeal  returns.State  = "appeal"
	actionAppeal returns.Action = "appeal"
	actionHear   returns.Action = "hear"
)

// appealing lets a buyer object before the shop decides.
func appealing() []returns.FlowOption {
	return []returns.FlowOption{
		returns.WithState(returns.StateDef{Name: stateAppeal}),
		returns.WithEdge(actionAppeal, stateAppeal, returns.StateRequested),
		returns.WithEdge(actionHear, returns.StateRequested, stateAppeal),
	}
}

// can lists the possible actions, after checking that the others have a reason.
func can(t *testing.T, all []returns.Possibility) []returns.Action {
	t.Helper()
	var out []returns.Action
	for _, p := range all {
		require.Equal(t, p.Allowed, len(p.Reasons) == 0, p.Action)
		if p.Allowed {
			out = append(out, p.Action)
		}
	}
	return out
}

func TestAHostsStateIsEnteredAndLeft(t *testing.T) {
	t.Parallel()
	f := flow(t, appealing()...)
	r := requested(t, 2)
	was := r.Clone()
	a, events, err := f.Take(r, actionAppeal, later)
	require.NoError(t, err)
	require.Equal(t, stateAppeal, a.State)
	require.Equal(t, was, r)
	require.Equal(t, []returns.Event{returns.StateChanged{Return: r.ID, Action: actionAppeal, From: returns.StateRequested, To: stateAppeal}}, events)
	require.Equal(t, "return.state_changed", events[0].Kind())
	require.Equal(t, []returns.Action{actionHear}, can(t, f.AllowedActions(a)))
	a, _, err = f.Take(a, actionHear, later)
	require.NoError(t, err)
	require.Equal(t, returns.StateRequested, a.State)
	for _, act := range []returns.Action{returns.ActionApprove, returns.ActionDecline, returns.ActionReceive, returns.ActionClose, returns.ActionCancel} {
		n, events, err := f.Take(a, act, later)
		require.ErrorContains(t, err, "command of its own", act)
		require.Equal(t, a, n)
		require.Empty(t, events)
	}
}

func TestActionsFollowTheGoodsAndTheMoney(t *testing.T) {
	t.Parallel()
	f := flow(t)
	r := requested(t, 1)
	require.Equal(t, []returns.Action{returns.ActionApprove, returns.ActionDecline, returns.ActionCancel}, can(t, f.AllowedActions(r)))
	r, _, err := f.Approve(r, later)
	require.NoError(t, err)
	require.Equal(t, []returns.Action{returns.ActionReceive, returns.ActionCancel, returns.ActionRefund}, can(t, f.AllowedActions(r)))
	r, _, _, err = f.Receive(r, "ber", units(1), later)
	require.NoError(t, err)
	require.Equal(t, []returns.Action{returns.ActionInspect, returns.ActionRefund}, can(t, f.AllowedActions(r)))
	r, _, _, err = f.Inspect(r, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Reject}}, later)
	require.NoError(t, err)
	require.Equal(t, []returns.Action{returns.ActionClose}, can(t, f.AllowedActions(r)))
	r, _, err = f.Close(r, later)
	require.NoError(t, err)
	require.Empty(t, can(t, f.AllowedActions(r)))
}
