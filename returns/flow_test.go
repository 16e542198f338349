package returns_test

import (
	"errors"
	"testing"

	"github.com/orderkit/oms/returns"
	"github.com/stretchr/testify/require"
)

func TestTheFlowIsDrawn(t *testing.T) {
	t.Parallel()
	golden(t, "flow.mmd", flow(t).Mermaid())
}

func TestGoodsAndMoneyMoveOnlyInActiveStates(t *testing.T) {
	t.Parallel()
	f := flow(t)
	for state, want := range map[returns.State]bool{
		returns.StateRequested: false, returns.StateApproved: true, returns.StateDeclined: false, returns.StateReceiving: true,
		returns.StateClosed: false, returns.StateCancelled: false, "lost": false,
	} {
		require.Equal(t, want, f.Active(state), state)
	}
}

func TestAFlowThatDoesNotWorkIsRefused(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]returns.FlowOption{
		"an unreachable state": returns.WithState(returns.StateDef{Name: "limbo", Active: true}),
		"an edge to nowhere":   returns.WithEdge("sink", "limbo", returns.StateApproved),
		"an edge twice":        returns.WithEdge(returns.ActionApprove, returns.StateApproved, returns.StateRequested),
		"a guard of nothing":   returns.WithGuard("sink", "g", func(returns.Attempt) error { return nil }),
		"a guard that is none": returns.WithGuard(returns.ActionApprove, "g", nil),
	} {
		f, err := returns.NewFlow(option)
		require.ErrorIs(t, err, returns.ErrFlow, name)
		require.Nil(t, f, name)
	}
}

func TestAHostMayDeclineAfterApproval(t *testing.T) {
	t.Parallel()
	errEarly := errors.New("wait for the carrier")
	f := flow(t,
		returns.WithState(returns.StateDef{Name: "revoked", Final: true}),
		returns.WithEdge(returns.ActionDecline, "revoked", returns.StateApproved),
		returns.WithGuard(returns.ActionDecline, "carrier", func(a returns.Attempt) error {
			if a.Return.State == returns.StateApproved && a.Return.Ref == "cn-1" {
				return errEarly
			}
			return nil
		}))
	r := approved(t, 2)
	n, deltas, events, err := f.Decline(r, "too late", later)
	require.ErrorIs(t, err, returns.ErrTransition)
	require.ErrorIs(t, err, errEarly, "the host's own error can be recognized")
	require.Equal(t, r, n)
	require.Empty(t, deltas)
	require.Empty(t, events)
	r.Ref = "cn-2"
	n, deltas, _, err = f.Decline(r, "too late", later)
	require.NoError(t, err)
	require.Equal(t, returns.State("revoked"), n.State)
	require.Len(t, deltas, 1)
	require.False(t, f.Active(n.State))
}
