package fulfillment_test

import (
	"errors"
	"testing"

	"github.com/orderkit/oms/fulfillment"
	"github.com/stretchr/testify/require"
)

func TestTheFlowsAreDrawn(t *testing.T) {
	t.Parallel()
	golden(t, "work.mmd", flow(t).Mermaid())
	golden(t, "shipment.mmd", flow(t).ShipmentMermaid())
}

func TestOnlyOpenWorkIsWorkable(t *testing.T) {
	t.Parallel()
	f := flow(t, fulfillment.WithState(fulfillment.StateDef{Name: "recalled"}),
		fulfillment.WithEdge(fulfillment.ActionCancel, "recalled", fulfillment.WorkDone),
		fulfillment.WithEdge(fulfillment.ActionFinish, fulfillment.WorkDone, "recalled"))
	for state, want := range map[fulfillment.WorkState]bool{
		fulfillment.WorkOpen: true, fulfillment.WorkInProgress: true, fulfillment.WorkDone: false, fulfillment.WorkCancelled: false,
		"recalled": false, "lost": false,
	} {
		require.Equal(t, want, f.Workable(state), state)
	}
}

func TestAFlowThatDoesNotWorkIsRefused(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]fulfillment.FlowOption{
		"an unreachable state": fulfillment.WithState(fulfillment.StateDef{Name: "limbo", Workable: true}),
		"an edge to nowhere":   fulfillment.WithEdge("sink", "limbo", fulfillment.WorkOpen),
		"an edge twice":        fulfillment.WithEdge(fulfillment.ActionStart, fulfillment.WorkInProgress, fulfillment.WorkOpen),
		"a guard of nothing":   fulfillment.WithGuard("sink", "g", func(fulfillment.Attempt) error { return nil }),
		"a guard that is none": fulfillment.WithGuard(fulfillment.ActionStart, "g", nil),
	} {
		f, err := fulfillment.NewFlow(option)
		require.ErrorIs(t, err, fulfillment.ErrFlow, name)
		require.Nil(t, f, name)
	}
}

func TestAHostsGuardVetoesTheStartOfWork(t *testing.T) {
	t.Parallel()
	errNight := errors.New("nobody is there at night")
	f := flow(t, fulfillment.WithGuard(fulfillment.ActionStart, "shift", func(a fulfillment.Attempt) error {
		if a.Order.Location == "ber" && a.Action == fulfillment.ActionStart {
			return errNight
		}
		return nil
	}))
	o := opened(t)
	n, deltas, events, err := f.Pick(o, units(1), later)
	require.ErrorIs(t, err, fulfillment.ErrTransition)
	require.ErrorIs(t, err, errNight, "the host's own error can be recognized")
	require.Equal(t, o, n)
	require.Empty(t, deltas)
	require.Empty(t, events)
}
