package lifecycle_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/looplab/fsm"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/internal/lifecycle"
)

// Each test here is named after a trap of looplab/fsm. Where it is cheap it first shows that the bare library has
// the trap: when that part fails after an upgrade, the guard against it may go.

func bare(callbacks fsm.Callbacks) *fsm.FSM {
	return fsm.NewFSM("draft", fsm.Events{
		{Name: "place", Src: []string{"draft"}, Dst: "placed"},
		{Name: "edit", Src: []string{"draft"}, Dst: "draft"},
	}, callbacks)
}

func TestTrapCanceledContextWedgesTheMachine(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	raw := bare(nil)
	require.ErrorIs(t, raw.Event(ctx, "place"), context.Canceled)
	raw.SetState("draft")
	require.Equal(t, fsm.InTransitionError{Event: "place"}, raw.Event(t.Context(), "place"), "not even SetState heals it")

	s := orderSpec()
	s.Guards[0].Check = func(*order) error { return ctx.Err() } // a guard's context comes from outside the machine
	m := mustNew(t, s)
	for range 3 {
		_, err := m.Fire("draft", "place", nil)
		require.ErrorIs(t, err, context.Canceled)
		to, err := m.Fire("draft", "cancel", nil)
		require.NoError(t, err)
		require.Equal(t, status("cancelled"), to)
	}
}

func TestTrapCallbackContextDiesWithTheEvent(t *testing.T) {
	t.Parallel()
	var kept context.Context
	raw := bare(fsm.Callbacks{"before_event": func(ctx context.Context, _ *fsm.Event) { kept = ctx }})
	require.NoError(t, raw.Event(t.Context(), "place"))
	require.ErrorIs(t, kept.Err(), context.Canceled)

	// A guard is handed no context of the machine, only its subject, which keeps what the caller put into it.
	type call struct{ ctx context.Context }
	m, err := lifecycle.New(lifecycle.Spec[string, string, call]{
		Initial: "a", States: []lifecycle.State[string]{{Name: "a", Final: true}},
		Edges: []lifecycle.Edge[string, string]{{Event: "go", From: "a", To: "a"}},
		Guards: []lifecycle.Guard[string, call]{{Event: "go", Name: "keep", Check: func(c call) error {
			kept = c.ctx
			return nil
		}}},
	})
	require.NoError(t, err)
	_, err = m.Fire("a", "go", call{t.Context()})
	require.NoError(t, err)
	require.NoError(t, kept.Err())
}

func TestTrapPanicLeavesABrokenMachine(t *testing.T) {
	t.Parallel()
	raw := bare(fsm.Callbacks{"leave_draft": func(context.Context, *fsm.Event) { panic("boom") }})
	require.Panics(t, func() { _ = raw.Event(t.Context(), "place") })
	require.Equal(t, fsm.InTransitionError{Event: "place"}, raw.Event(t.Context(), "place"))

	m := mustNew(t, orderSpec())
	for range 3 {
		require.PanicsWithValue(t, "boom", func() {
			_, _ = m.Fire("draft", "place", &order{inside: func() { panic("boom") }})
		})
		to, err := m.Fire("draft", "place", &order{})
		require.NoError(t, err)
		require.Equal(t, status("placed"), to)
	}
}

func TestTrapExitingGoroutineLeavesABrokenMachine(t *testing.T) {
	t.Parallel()
	m := mustNew(t, orderSpec())
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = m.Fire("draft", "place", &order{inside: runtime.Goexit}) })
	wg.Wait()
	to, err := m.Fire("draft", "place", &order{})
	require.NoError(t, err)
	require.Equal(t, status("placed"), to)
}

func TestTrapErrorWithoutCancelPasses(t *testing.T) {
	t.Parallel()
	refusal := errors.New("no")
	raw := bare(fsm.Callbacks{"before_event": func(_ context.Context, e *fsm.Event) { e.Err = refusal }})
	require.ErrorIs(t, raw.Event(t.Context(), "place"), refusal)
	require.Equal(t, "placed", raw.Current(), "the error is reported and the state has moved")

	to, err := mustNew(t, orderSpec()).Fire("draft", "place", &order{refuse: refusal})
	require.ErrorIs(t, err, refusal)
	require.Equal(t, status("draft"), to)
}

func TestTrapCancelAfterTheMove(t *testing.T) {
	t.Parallel()
	for _, callback := range []string{"enter_state", "after_event"} {
		raw := bare(fsm.Callbacks{callback: func(_ context.Context, e *fsm.Event) { e.Cancel(errors.New("no")) }})
		require.Error(t, raw.Event(t.Context(), "place"))
		require.Equal(t, "placed", raw.Current(), "%s cannot refuse", callback)
	}
	// A guard is asked before the move.
	to, err := mustNew(t, orderSpec()).Fire("draft", "place", &order{refuse: errors.New("no")})
	require.Error(t, err)
	require.Equal(t, status("draft"), to)
}

func TestTrapSelfTransitionIsAnError(t *testing.T) {
	t.Parallel()
	require.Equal(t, fsm.NoTransitionError{}, bare(nil).Event(t.Context(), "edit"))

	m := mustNew(t, orderSpec().With(spec{Guards: []guard{{Event: "edit", Name: "editable", Check: func(o *order) error { return o.refuse }}}}))
	to, err := m.Fire("open", "edit", &order{})
	require.NoError(t, err)
	require.Equal(t, status("open"), to)
	_, err = m.Fire("open", "edit", &order{refuse: errors.New("no")})
	require.EqualError(t, err, `event "edit" in state "open" refused by guard "editable": no`)
}

func TestTrapLastDuplicateEdgeWins(t *testing.T) {
	t.Parallel()
	raw := fsm.NewFSM("a", fsm.Events{
		{Name: "go", Src: []string{"a"}, Dst: "b"}, {Name: "go", Src: []string{"a"}, Dst: "c"},
	}, nil)
	require.NoError(t, raw.Event(t.Context(), "go"))
	require.Equal(t, "c", raw.Current())

	_, err := lifecycle.New(orderSpec().With(spec{Edges: []edge{{"place", "draft", "open"}}}))
	require.Equal(t, []lifecycle.DefinitionError{{Problem: lifecycle.DuplicateEdge, State: "draft", Event: "place"}}, problems(t, err))
}

func TestTrapMisspelledCallbackIsIgnored(t *testing.T) {
	t.Parallel()
	raw := bare(fsm.Callbacks{"before_plaec": func(_ context.Context, e *fsm.Event) { e.Cancel() }})
	require.NoError(t, raw.Event(t.Context(), "place"), "the guard was never asked")

	_, err := lifecycle.New(orderSpec().With(spec{Guards: []guard{
		{Event: "plaec", Name: "g", Check: func(*order) error { return nil }}}}))
	require.Equal(t, []lifecycle.DefinitionError{{Problem: lifecycle.UnknownEvent, Event: "plaec", Guard: "g"}}, problems(t, err))
}

func TestTrapNamesThatAreCallbackGrammar(t *testing.T) {
	t.Parallel()
	raw := fsm.NewFSM("a", fsm.Events{{Name: "event", Src: []string{"a"}, Dst: "b"}, {Name: "go", Src: []string{"a"}, Dst: "b"}},
		fsm.Callbacks{"before_event": func(_ context.Context, e *fsm.Event) { e.Cancel() }})
	require.Equal(t, fsm.CanceledError{}, raw.Event(t.Context(), "go"), "the guard of one event became the guard of all")

	for _, name := range []string{
		"", "event", "state", "before_x", "after_x", "enter_x", "leave_x", "a,b", "a b", "a\tb", "a\n", "a\u00a0b", "a\u200bb", "a\xff",
	} {
		_, err := lifecycle.New(spec{Initial: status(name), States: []state{{status(name), true}}})
		require.Equal(t, []lifecycle.DefinitionError{{Problem: lifecycle.BadName, State: name}}, problems(t, err))
		_, err = lifecycle.New(spec{Initial: "a", States: []state{{"a", true}}, Edges: []edge{{action(name), "a", "a"}}})
		require.Equal(t, []lifecycle.DefinitionError{{Problem: lifecycle.BadName, State: "a", Event: name}}, problems(t, err))
	}
	for _, name := range []string{"on_hold", "on-hold", "before", "events", "leaves_x", "geprüft", "3pl"} {
		_, err := lifecycle.New(spec{Initial: status(name), States: []state{{status(name), true}},
			Edges: []edge{{action(name), status(name), status(name)}}})
		require.NoError(t, err)
	}
}

func TestTrapNoGraphValidation(t *testing.T) {
	t.Parallel()
	raw := fsm.NewFSM("nowhere", fsm.Events{{Name: "go", Src: []string{"a"}, Dst: "b"}}, nil)
	require.Equal(t, "nowhere", raw.Current())

	_, err := lifecycle.New(spec{Initial: "nowhere", Edges: []edge{{"go", "a", "b"}}})
	require.Len(t, problems(t, err), 3)
}

func TestTrapSetStateTakesAnything(t *testing.T) {
	t.Parallel()
	raw := bare(nil)
	raw.SetState("nonsense")
	require.Equal(t, "nonsense", raw.Current())

	m := mustNew(t, orderSpec())
	to, err := m.Fire("nonsense", "place", &order{})
	require.Equal(t, &lifecycle.TransitionError{From: "nonsense", Event: "place"}, err)
	require.Equal(t, status("nonsense"), to)
	_, err = m.Fire("draft", "place", &order{})
	require.NoError(t, err, "the pooled machine forgets it")
}

func TestTrapNestedEventDeadlocks(t *testing.T) {
	t.Parallel()
	// Fired inline the inner event would never return; from a goroutine it shows that it waits for the outer one.
	inner := make(chan error, 1)
	raw := bare(fsm.Callbacks{"before_place": func(ctx context.Context, e *fsm.Event) {
		go func() { inner <- e.FSM.Event(context.WithoutCancel(ctx), "edit") }()
		select {
		case <-inner:
			t.Error("the inner event no longer waits for the callback of the outer one")
		case <-time.After(20 * time.Millisecond):
		}
	}})
	require.NoError(t, raw.Event(t.Context(), "place"))
	require.Equal(t, fsm.InvalidEventError{Event: "edit", State: "placed"}, <-inner)

	m := mustNew(t, orderSpec())
	depth := 0
	var nest func()
	nest = func() {
		if depth++; depth < 5 {
			to, err := m.Fire("draft", "place", &order{inside: nest})
			require.NoError(t, err)
			require.Equal(t, status("placed"), to)
		}
		_, err := m.Fire("open", "close", &order{})
		require.NoError(t, err)
	}
	to, err := m.Fire("draft", "place", &order{inside: nest})
	require.NoError(t, err)
	require.Equal(t, status("placed"), to)
	require.Equal(t, 5, depth)
}

func TestTrapAvailableTransitionsAreUnsorted(t *testing.T) {
	t.Parallel()
	m := mustNew(t, orderSpec())
	for range 20 {
		require.Equal(t, []action{"cancel", "close", "edit"}, m.Events("open"))
	}
	require.Nil(t, m.Events("nonsense"))
}

func TestTrapBuildingAMachineIsDear(t *testing.T) {
	s := benchSpec()
	build := testing.AllocsPerRun(200, func() { naive(s.Edges, nil) })

	m, from, event := mustNew(t, s), name(0), event(0)
	fire := testing.AllocsPerRun(200, func() { _, _ = m.Fire(from, event, nil) })
	// Half, because the pool loses a quarter of its machines on purpose under the race detector.
	require.Less(t, fire, build/2, "Fire takes a machine from the pool")
}

// A pool would turn a forgotten argument into a leak.
func TestAnIdleMachineKeepsNoSubjectAlive(t *testing.T) {
	m := mustNew(t, orderSpec())
	fire := func() weak.Pointer[order] {
		o := &order{refuse: errors.New("no")}
		_, err := m.Fire("draft", "place", o)
		require.Error(t, err)
		return weak.Make(o)
	}
	gone := fire()
	runtime.GC() // one collection leaves the pool's machines alive
	require.Nil(t, gone.Value())
	runtime.KeepAlive(m)
}

func TestConcurrentFiresDoNotMix(t *testing.T) {
	t.Parallel()
	m := mustNew(t, orderSpec())
	refusal := errors.New("no")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				switch (g + i) % 5 {
				case 0:
					to, err := m.Fire("draft", "place", &order{})
					check(t, err == nil && to == "placed", to, err)
				case 1:
					to, err := m.Fire("draft", "place", &order{refuse: refusal})
					check(t, errors.Is(err, refusal) && to == "draft", to, err)
				case 2:
					to, err := m.Fire("closed", "place", &order{})
					check(t, errors.Is(err, lifecycle.ErrTransition) && to == "closed", to, err)
				case 3:
					to, err := m.Fire("open", "edit", nil)
					check(t, err == nil && to == "open" && len(m.Events("open")) == 3, to, err)
				case 4:
					func() {
						defer func() { check(t, recover() == "boom", "", nil) }()
						_, _ = m.Fire("draft", "place", &order{inside: func() { panic("boom") }})
					}()
				}
			}
		})
	}
	wg.Wait()
}

// check fails from any goroutine, which require must not.
func check(t *testing.T, ok bool, to status, err error) {
	t.Helper()
	if !ok {
		t.Errorf("unexpected outcome: state %q, error %v", to, err)
	}
}
