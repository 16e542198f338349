package order_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

// The names of a host's own state and of the ways into and out of it.
const (
	stateReview  order.State  = "fraud_review"
	actionReview order.Action = "review"
	actionClear  order.Action = "clear"
)

var errScore = errors.New("the score is too high")

// reviewed puts a fraud review between placing and confirming: a live state of which
// units may be cancelled, and which a fraud hold keeps the order in.
func reviewed() []order.FlowOption {
	return []order.FlowOption{
		order.WithState(order.StateDef{Name: stateReview, Class: order.ClassLive, Can: order.Cancellable | order.HoldsStock}),
		order.WithEdge(actionReview, stateReview, order.StatePlaced),
		order.WithEdge(actionClear, order.StatePlaced, stateReview),
		order.WithEdge(order.ActionCancel, order.StateCancelled, stateReview),
		order.WithGuard(actionClear, "score", func(a order.Attempt) error {
			for _, h := range a.Order.Holds {
				if h.Reason == order.HoldFraud {
					return errScore
				}
			}
			return nil
		}),
	}
}

func TestTheStandardFlowIsDrawn(t *testing.T) {
	t.Parallel()
	golden(t, "flow.mmd", flow(t).Mermaid())
}

func TestAFlowWithAHostsStateIsDrawn(t *testing.T) {
	t.Parallel()
	golden(t, "flow_review.mmd", flow(t, reviewed()...).Mermaid())
}

func TestEveryStandardStateHasItsClassAndPermissions(t *testing.T) {
	t.Parallel()
	require.Equal(t, []order.StateDef{
		{Name: "draft", Class: order.ClassDraft},
		{Name: "placed", Class: order.ClassLive, Can: order.Cancellable | order.HoldsStock},
		{Name: "open", Class: order.ClassLive, Can: order.Cancellable | order.HoldsStock | order.Fulfillable},
		{Name: "closed", Class: order.ClassDone},
		{Name: "cancelled", Class: order.ClassVoid},
		{Name: "expired", Class: order.ClassVoid},
	}, flow(t).States())
	f := flow(t, reviewed()...)
	require.Equal(t, stateReview, f.States()[6].Name)
	require.Equal(t, order.ClassLive, f.ClassOf(stateReview))
	require.True(t, f.Can(stateReview, order.Cancellable))
	require.False(t, f.Can(stateReview, order.Cancellable|order.Fulfillable), "all permissions asked for are needed")
	require.Zero(t, f.ClassOf("lost"))
	require.False(t, f.Can("lost", order.Cancellable))
}

func TestAFlowThatDoesNotWorkIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	limbo := order.StateDef{Name: "limbo", Class: order.ClassLive}
	into, out := order.WithEdge("sink", "limbo", order.StateOpen), order.WithEdge("rise", order.StateOpen, "limbo")
	for name, c := range map[string]struct {
		options []order.FlowOption
		says    []string
	}{
		"a state without a class":    {[]order.FlowOption{order.WithState(order.StateDef{Name: "limbo"}), into, out}, []string{`"limbo" has no class`}},
		"a state of a made-up class": {[]order.FlowOption{order.WithState(order.StateDef{Name: "limbo", Class: 9}), into, out}, []string{`"limbo" has no class`}},
		"an unreachable state":       {[]order.FlowOption{order.WithState(limbo), out}, []string{"cannot be reached"}},
		"a dead end":                 {[]order.FlowOption{order.WithState(limbo), into}, []string{"no edge leads to another state"}},
		"a state twice":              {[]order.FlowOption{order.WithState(limbo), order.WithState(limbo), into, out}, []string{"declared twice"}},
		"a standard state again":     {[]order.FlowOption{order.WithState(order.StateDef{Name: order.StateOpen, Class: order.ClassLive})}, []string{"declared twice"}},
		"an edge twice":              {[]order.FlowOption{order.WithEdge(order.ActionCancel, order.StateCancelled, order.StatePlaced)}, []string{"second edge"}},
		"an edge to nowhere":         {[]order.FlowOption{order.WithEdge("sink", "limbo", order.StateOpen)}, []string{"no such state"}},
		"a guard of nothing":         {[]order.FlowOption{order.WithGuard("sink", "g", func(order.Attempt) error { return nil })}, []string{"no edge has this event"}},
		"a guard without a name":     {[]order.FlowOption{order.WithGuard(order.ActionPlace, "", func(order.Attempt) error { return nil })}, []string{"name it"}},
		"a guard without a check":    {[]order.FlowOption{order.WithGuard(order.ActionPlace, "g", nil)}, []string{"no Check function"}},
		"several problems":           {[]order.FlowOption{order.WithState(order.StateDef{Name: "limbo"}), order.WithGuard("sink", "g", nil)}, []string{"no class", "cannot be reached", "no edge has this event"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := order.NewFlow(c.options...)
			require.ErrorIs(t, err, order.ErrFlow)
			require.Nil(t, f, "a flow that was refused cannot be used by mistake")
			for _, says := range c.says {
				require.ErrorContains(t, err, says)
			}
		})
	}
}

func TestAHostsStateWorksWithEveryStandardCommand(t *testing.T) {
	t.Parallel()
	f := flow(t, reviewed()...)
	o := placed(t, cart(goods(2, "10")))
	was := o.Clone()
	r, events, err := f.Take(o, actionReview, later)
	require.NoError(t, err)
	require.Equal(t, []order.Event{order.StateChanged{Action: actionReview, From: order.StatePlaced, To: stateReview}}, events)
	require.Equal(t, stateReview, r.State)
	require.Equal(t, later, r.UpdatedAt)
	require.Equal(t, was, o)

	r, _, err = f.Hold(r, held("radar", "1", 0), later)
	require.NoError(t, err)
	r, _, err = f.Pay(r, capture("c-1", "20"), later)
	require.NoError(t, err)
	n, cuts, _, err := f.CancelUnits(r, []order.LineQty{{Line: 1, Qty: 1}}, order.CancelFraud, later)
	require.NoError(t, err)
	require.Len(t, cuts, 1)
	require.Equal(t, stateReview, n.State)
	gone, _, events, err := f.CancelUnits(n, []order.LineQty{{Line: 1, Qty: 1}}, order.CancelFraud, later)
	require.NoError(t, err)
	require.Equal(t, order.StateCancelled, gone.State)
	require.Len(t, events, 2)
	gone, _, _, err = f.Cancel(r, order.CancelFraud, later)
	require.NoError(t, err)
	require.Equal(t, order.StateCancelled, gone.State)

	_, _, err = f.Confirm(r, order.PayAnytime, later)
	require.Equal(t, &order.TransitionError{Order: anID, From: stateReview, Event: order.ActionConfirm, Allowed: []order.Action{order.ActionCancel, actionClear}}, err)
	require.ErrorIs(t, f.CanShip(r), order.ErrTransition)
	_, _, err = f.Take(r, actionClear, later)
	require.Equal(t, &order.BlockedError{Order: anID, Action: actionClear, Reasons: []string{"score: the score is too high"}, Err: errScore}, err)
	require.ErrorIs(t, err, errScore, "the host finds its own error")
	require.ErrorIs(t, err, order.ErrBlocked)
	require.Equal(t, []string{"score: the score is too high"}, possible(t, f, r, order.PayAnytime, later, actionClear).Reasons)

	r, _, err = f.Release(r, "radar", "1", later)
	require.NoError(t, err)
	require.True(t, possible(t, f, r, order.PayAnytime, later, actionClear).Allowed)
	r, _, err = f.Take(r, actionClear, later)
	require.NoError(t, err)
	r, _, err = f.Confirm(r, order.PayCaptured, later)
	require.NoError(t, err)
	require.Equal(t, order.StateOpen, r.State)
}

func TestTakeLeavesTheStandardActionsToTheirCommands(t *testing.T) {
	t.Parallel()
	f := flow(t, reviewed()...)
	o := placed(t, cart(goods(2, "10")))
	for _, a := range []order.Action{order.ActionPlace, order.ActionConfirm, order.ActionCancel,
		order.ActionExpire, order.ActionClose, order.ActionReopen} {
		n, events, err := f.Take(o, a, later)
		require.ErrorIs(t, err, order.ErrTransition, a)
		require.ErrorContains(t, err, "command of its own")
		require.Equal(t, o, n)
		require.Empty(t, events)
	}
	n, _, err := f.Take(o, actionClear, later)
	var state *order.TransitionError
	require.ErrorAs(t, err, &state)
	require.Equal(t, []order.Action{order.ActionCancel, order.ActionConfirm, order.ActionExpire, actionReview}, state.Allowed)
	require.Equal(t, o, n)
}

func TestAFlowIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	f := flow(t, reviewed()...)
	o := placed(t, cart(goods(2, "10")))
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		wg.Go(func() {
			r, _, err := f.Take(o, actionReview, later)
			if err == nil {
				_, _, _, err = f.Cancel(r, order.CancelStaff, later)
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, order.StatePlaced, o.State)
}
