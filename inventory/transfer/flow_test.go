package transfer_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory/transfer"
)

func TestTheFlowIsDrawn(t *testing.T) {
	t.Parallel()
	golden(t, "flow.mmd", newYard(t).flow.Mermaid())
}

func TestAPlanChangesOnlyAsADraft(t *testing.T) {
	t.Parallel()
	f := newYard(t).flow
	for state, want := range map[transfer.State]bool{
		transfer.StateDraft: true, transfer.StateReady: false, transfer.StateInTransit: false, transfer.StatePartiallyReceived: false,
		transfer.StateReceived: false, transfer.StateCancelled: false, transfer.StateVariance: false, "lost": false,
	} {
		require.Equal(t, want, f.Editable(state), state)
	}
}

func TestAFlowThatDoesNotWorkIsRefused(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]transfer.FlowOption{
		"an unreachable state": transfer.WithState(transfer.StateDef{Name: "limbo"}),
		"an edge to nowhere":   transfer.WithEdge("sink", "limbo", transfer.StateDraft),
		"an edge twice":        transfer.WithEdge(transfer.ActionReady, transfer.StateReady, transfer.StateDraft),
		"a guard of nothing":   transfer.WithGuard("sink", "g", func(transfer.Attempt) error { return nil }),
	} {
		f, err := transfer.NewFlow(option)
		require.ErrorIs(t, err, transfer.ErrFlow, name)
		require.Nil(t, f, name)
	}
}

func TestAHostsStateAndGuardTakePart(t *testing.T) {
	t.Parallel()
	errUnsigned := errors.New("nobody signed")
	y := newYard(t,
		transfer.WithState(transfer.StateDef{Name: "at_customs"}),
		transfer.WithEdge("declare", "at_customs", transfer.StateInTransit),
		transfer.WithEdge("clear", transfer.StateInTransit, "at_customs"),
		transfer.WithGuard(transfer.ActionShip, "signed", func(a transfer.Attempt) error {
			if a.Transfer.Reference == "t-1" && len(a.Transfer.Lines) == 2 {
				return errUnsigned
			}
			return nil
		}))
	y.stock("tee", "", "ber", 9)
	two := y.draft(transfer.DraftLine{Item: "tee", Qty: 1}, transfer.DraftLine{Item: "tee", Qty: 1})
	two, _ = y.run(two, y.ready)
	err := y.refused(transfer.ErrTransition, two, y.ship())
	require.ErrorIs(t, err, errUnsigned)

	one, _ := y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 2}), y.ready)
	one, _ = y.run(one, y.ship())
	n, events, err := y.flow.Take(one, "declare", noon)
	require.NoError(t, err)
	require.Equal(t, []transfer.Event{transfer.StateChanged{Transfer: one.ID, Action: "declare", From: transfer.StateInTransit, To: "at_customs"}}, events)
	y.refused(transfer.ErrTransition, n, y.receive("", transfer.Arrival{Line: 1, Qty: 1}))
	n, _, err = y.flow.Take(n, "clear", noon)
	require.NoError(t, err)
	n, _ = y.run(n, y.receive("", transfer.Arrival{Line: 1, Qty: 2}))
	require.Equal(t, transfer.StateReceived, n.State)
	_, _, err = y.flow.Take(n, transfer.ActionClose, noon)
	require.ErrorContains(t, err, "command of its own")
	_, _, err = y.flow.Take(n, "declare", noon)
	require.ErrorIs(t, err, transfer.ErrTransition)
}

// can lists the possible actions, after checking that the others have a reason.
func can(t *testing.T, all []transfer.Possibility) []transfer.Action {
	t.Helper()
	var out []transfer.Action
	for _, p := range all {
		require.Equal(t, p.Allowed, len(p.Reasons) == 0, p.Action)
		if p.Allowed {
			out = append(out, p.Action)
		}
	}
	return out
}

func TestAllowedActionsAreThoseOfTheCommands(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "", "ber", 9)
	x := y.draft(transfer.DraftLine{Item: "tee", Qty: 4})
	require.Equal(t, []transfer.Action{transfer.ActionReady, transfer.ActionCancel, transfer.ActionEdit}, can(t, y.flow.AllowedActions(x)))
	x, _ = y.run(x, y.ready)
	require.Equal(t, []transfer.Action{transfer.ActionShip, transfer.ActionCancel}, can(t, y.flow.AllowedActions(x)))
	x, _ = y.run(x, y.ship(transfer.Units{Line: 1, Qty: 3}))
	require.Equal(t, []transfer.Action{transfer.ActionShip, transfer.ActionReceive, transfer.ActionWithdraw}, can(t, y.flow.AllowedActions(x)))
	x, _ = y.run(x, y.withdraw())
	require.Equal(t, []transfer.Action{transfer.ActionReceive, transfer.ActionClose}, can(t, y.flow.AllowedActions(x)))
	x, _ = y.run(x, y.receive("", transfer.Arrival{Line: 1, Qty: 3}))
	require.Empty(t, can(t, y.flow.AllowedActions(x)))
}
