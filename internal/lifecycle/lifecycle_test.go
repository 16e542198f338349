package lifecycle_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/internal/lifecycle"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type (
	status string
	action string

	// order is the subject of the test guards: each reads one field.
	order struct {
		refuse error  // returned by the guard of place
		inside func() // called by the guard of place
	}

	spec    = lifecycle.Spec[status, action, *order]
	machine = lifecycle.Machine[status, action, *order]
	edge    = lifecycle.Edge[status, action]
	state   = lifecycle.State[status]
	guard   = lifecycle.Guard[action, *order]
)

func orderSpec() spec {
	return spec{
		Initial: "draft",
		States:  []state{{Name: "draft"}, {Name: "placed"}, {Name: "open"}, {Name: "closed", Final: true}, {Name: "cancelled", Final: true}},
		Edges: []edge{
			{"place", "draft", "placed"},
			{"confirm", "placed", "open"},
			{"edit", "open", "open"},
			{"close", "open", "closed"},
			{"reopen", "closed", "open"},
			{"cancel", "draft", "cancelled"},
			{"cancel", "placed", "cancelled"},
			{"cancel", "open", "cancelled"},
		},
		Guards: []guard{{Event: "place", Name: "complete", Check: func(o *order) error {
			if o.inside != nil {
				o.inside()
			}
			return o.refuse
		}}},
	}
}

func mustNew(tb testing.TB, s spec) *machine {
	tb.Helper()
	m, err := lifecycle.New(s)
	require.NoError(tb, err)
	return m
}

func TestFireFollowsTheEdge(t *testing.T) {
	t.Parallel()
	m := mustNew(t, orderSpec())
	at := m.Initial()
	for _, step := range []struct {
		event action
		to    status
	}{{"place", "placed"}, {"confirm", "open"}, {"close", "closed"}, {"reopen", "open"}, {"cancel", "cancelled"}} {
		require.NoError(t, m.Check(at, step.event, &order{}))
		next, err := m.Fire(at, step.event, &order{})
		require.NoError(t, err)
		require.Equal(t, step.to, next)
		at = next
	}
}

func TestAnEventWithoutAnEdgeIsRefusedWithTheOnesThatHaveOne(t *testing.T) {
	t.Parallel()
	m := mustNew(t, orderSpec())
	for name, c := range map[string]struct {
		from    status
		event   action
		allowed []string
		text    string
	}{
		"in another state": {"open", "place", []string{"cancel", "close", "edit"},
			`event "place" is not possible in state "open": use one of cancel, close, edit`},
		"in no state": {"open", "fly", []string{"cancel", "close", "edit"},
			`event "fly" is not possible in state "open": use one of cancel, close, edit`},
		"from a state without edges": {"cancelled", "place", nil,
			`event "place" is not possible in state "cancelled": no event leaves it; check that the stored state is one of this machine`},
		"from an unknown state": {"lost", "place", nil,
			`event "place" is not possible in state "lost": no event leaves it; check that the stored state is one of this machine`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to, err := m.Fire(c.from, c.event, &order{})
			require.Equal(t, c.from, to, "a refused event leaves the state as it was")
			require.ErrorIs(t, err, lifecycle.ErrTransition)
			refused, ok := errors.AsType[*lifecycle.TransitionError](err)
			require.True(t, ok)
			require.Equal(t, &lifecycle.TransitionError{From: string(c.from), Event: string(c.event), Allowed: c.allowed}, refused)
			require.EqualError(t, err, c.text)
			require.Equal(t, err, m.Check(c.from, c.event, &order{}), "Check explains as Fire does")
		})
	}
}

func TestAVetoNamesTheGuardAndKeepsItsError(t *testing.T) {
	t.Parallel()
	reason := errors.New("no lines")
	m := mustNew(t, orderSpec())
	to, err := m.Fire("draft", "place", &order{refuse: reason})
	require.Equal(t, status("draft"), to)
	require.ErrorIs(t, err, reason)
	require.NotErrorIs(t, err, lifecycle.ErrTransition)
	require.EqualError(t, err, `event "place" in state "draft" refused by guard "complete": no lines`)
	require.Equal(t, &lifecycle.VetoError{From: "draft", Event: "place", Guard: "complete", Err: reason}, err)
	require.Equal(t, err, m.Check("draft", "place", &order{refuse: reason}))
}

func TestGuardsRunInDeclaredOrderUntilOneRefuses(t *testing.T) {
	t.Parallel()
	var ran []string
	note := func(name string, err error) guard {
		return guard{Event: "cancel", Name: name, Check: func(*order) error { ran = append(ran, name); return err }}
	}
	m := mustNew(t, orderSpec().With(spec{Guards: []guard{
		note("first", nil), note("second", errors.New("no")), note("third", nil),
	}}))
	for _, ask := range []func() error{
		func() error { return m.Check("open", "cancel", nil) },
		func() error { _, err := m.Fire("open", "cancel", nil); return err },
	} {
		ran = nil
		veto, ok := errors.AsType[*lifecycle.VetoError](ask())
		require.True(t, ok)
		require.Equal(t, "second", veto.Guard)
		require.Equal(t, []string{"first", "second"}, ran)
	}
	ran = nil
	require.ErrorIs(t, m.Check("closed", "cancel", nil), lifecycle.ErrTransition)
	_, err := m.Fire("closed", "cancel", nil)
	require.ErrorIs(t, err, lifecycle.ErrTransition)
	require.Empty(t, ran, "no guard is asked about an edge that does not exist")
}

func TestNextIsAPureLookup(t *testing.T) {
	t.Parallel()
	m := mustNew(t, orderSpec())
	to, ok := m.Next("draft", "place")
	require.True(t, ok)
	require.Equal(t, status("placed"), to)
	to, ok = m.Next("draft", "close")
	require.False(t, ok)
	require.Empty(t, to)
}

func TestNextDoesNotAllocate(t *testing.T) {
	m := mustNew(t, orderSpec())
	require.Zero(t, testing.AllocsPerRun(100, func() { m.Next("draft", "place") }))
}

func TestAMachineNeverChanges(t *testing.T) {
	t.Parallel()
	s := orderSpec()
	m := mustNew(t, s)
	want := m.Mermaid()
	s.States[0].Name, s.Edges[0].To, s.Guards[0].Check = "hacked", "hacked", nil
	m.States()[0].Name, m.Edges()[0].To, m.Events("draft")[0] = "hacked", "hacked", "hacked"

	require.Equal(t, want, m.Mermaid())
	require.Equal(t, orderSpec().States, m.States())
	require.Equal(t, orderSpec().Edges, m.Edges())
	require.Equal(t, []action{"cancel", "place"}, m.Events("draft"))
	to, err := m.Fire("draft", "place", &order{})
	require.NoError(t, err)
	require.Equal(t, status("placed"), to)
}

func TestWithMergesWithoutChangingItsArguments(t *testing.T) {
	t.Parallel()
	base := orderSpec()
	base.Edges = slices.Grow(base.Edges, 10) // room that a careless append would write into
	review := spec{Initial: "ignored", States: []state{{Name: "review"}}, Edges: []edge{
		{"flag", "placed", "review"}, {"clear", "review", "placed"},
	}}
	other := spec{Edges: []edge{{"revive", "cancelled", "draft"}}}
	one, two := base.With(review), base.With(other)

	require.Equal(t, []action{"cancel", "confirm", "flag"}, mustNew(t, one).Events("placed"))
	require.Equal(t, []action{"revive"}, mustNew(t, two).Events("cancelled"))
	require.Equal(t, status("draft"), one.Initial)
	require.Equal(t, status("ignored"), spec{}.With(review).Initial)
	require.Len(t, base.Edges, len(orderSpec().Edges))
	require.Len(t, review.Edges, 2)
}

func TestWithRefusesWhatBothDeclare(t *testing.T) {
	t.Parallel()
	s := orderSpec().With(spec{
		States: []state{{Name: "open"}}, Edges: []edge{{"close", "open", "cancelled"}}})
	_, err := lifecycle.New(s)
	require.Equal(t, []lifecycle.DefinitionError{
		{Problem: lifecycle.DuplicateState, State: "open"},
		{Problem: lifecycle.DuplicateEdge, State: "open", Event: "close"},
	}, problems(t, err))
}

// problems returns what New joined, checking that each part is a *DefinitionError.
func problems(tb require.TestingT, err error) []lifecycle.DefinitionError {
	require.ErrorIs(tb, err, lifecycle.ErrDefinition)
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(tb, ok)
	var found []lifecycle.DefinitionError
	for _, part := range joined.Unwrap() {
		d, ok := part.(*lifecycle.DefinitionError)
		require.True(tb, ok, "%T", part)
		found = append(found, *d)
	}
	return found
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	ok := func(*order) error { return nil }
	for name, c := range map[string]struct {
		spec spec
		want []lifecycle.DefinitionError
		text string
	}{
		"an empty spec": {spec{},
			[]lifecycle.DefinitionError{{Problem: lifecycle.UnknownState}},
			`lifecycle: state "": no such state is declared: declare it or correct the name`},
		"an initial state that is not declared, without calling every state unreachable": {
			spec{Initial: "b", States: []state{{"a", true}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.UnknownState, State: "b"}},
			`lifecycle: state "b": no such state is declared: declare it or correct the name`},
		"a state declared twice": {
			spec{Initial: "a", States: []state{{"a", true}, {"a", true}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.DuplicateState, State: "a"}},
			`lifecycle: state "a": declared twice: keep one declaration`},
		"an edge from a state that is not declared": {
			spec{Initial: "a", States: []state{{"a", true}}, Edges: []edge{{"go", "b", "a"}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.UnknownState, State: "b", Event: "go"}},
			`lifecycle: event "go", state "b": no such state is declared: declare it or correct the name`},
		"an edge to a state that is not declared": {
			spec{Initial: "a", States: []state{{"a", true}}, Edges: []edge{{"go", "a", "b"}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.UnknownState, State: "b", Event: "go"}},
			`lifecycle: event "go", state "b": no such state is declared: declare it or correct the name`},
		"a self transition of a state that is not declared, once": {
			spec{Initial: "a", States: []state{{"a", true}}, Edges: []edge{{"go", "b", "b"}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.UnknownState, State: "b", Event: "go"}},
			`lifecycle: event "go", state "b": no such state is declared: declare it or correct the name`},
		"a second edge with the same target": {
			spec{Initial: "a", States: []state{{"a", true}}, Edges: []edge{{"go", "a", "a"}, {"go", "a", "a"}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.DuplicateEdge, State: "a", Event: "go"}},
			`lifecycle: event "go", state "a": a second edge for the same event and state: remove one, so that the target is certain`},
		"a state that cannot be reached": {
			spec{Initial: "a", States: []state{{"a", true}, {"b", true}}, Edges: []edge{{"go", "b", "a"}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.Unreachable, State: "b"}},
			`lifecycle: state "b": cannot be reached from the initial state: add an edge to it or remove it`},
		"a state that is not final and has no way out": {
			spec{Initial: "a", States: []state{{"a", true}, {"b", false}}, Edges: []edge{{"go", "a", "b"}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.NoWayOut, State: "b"}},
			`lifecycle: state "b": not final, and no edge leads to another state: add one or make it final`},
		"a state whose only way out is itself": {
			spec{Initial: "a", States: []state{{"a", false}}, Edges: []edge{{"again", "a", "a"}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.NoWayOut, State: "a"}},
			`lifecycle: state "a": not final, and no edge leads to another state: add one or make it final`},
		"a cycle that leads to no final state": {
			spec{Initial: "a", States: []state{{"a", true}, {"b", false}, {"c", false}},
				Edges: []edge{{"go", "a", "b"}, {"go", "b", "c"}, {"go", "c", "b"}}},
			[]lifecycle.DefinitionError{{Problem: lifecycle.NoFinal, State: "b"}, {Problem: lifecycle.NoFinal, State: "c"}},
			`lifecycle: state "b": not final, and no final state can be reached from it: add an edge that leads to one` + "\n" +
				`lifecycle: state "c": not final, and no final state can be reached from it: add an edge that leads to one`},
		"a guard without name": {
			orderSpec().With(spec{Guards: []guard{{Event: "close", Check: ok}}}),
			[]lifecycle.DefinitionError{{Problem: lifecycle.UnnamedGuard, Event: "close"}},
			`lifecycle: event "close": the guard has no name: name it, so that a refusal can be explained`},
		"a guard without check": {
			orderSpec().With(spec{Guards: []guard{{Event: "close", Name: "g"}}}),
			[]lifecycle.DefinitionError{{Problem: lifecycle.NilCheck, Event: "close", Guard: "g"}},
			`lifecycle: guard "g", event "close": the guard has no Check function: give it one`},
		"everything that is wrong at once": {
			spec{Initial: "", States: []state{{"", true}, {"x y", false}}, Edges: []edge{{"", "", "nowhere"}, {"", "nothing", ""}},
				Guards: []guard{{Event: "nope"}}},
			[]lifecycle.DefinitionError{
				{Problem: lifecycle.BadName}, {Problem: lifecycle.BadName, State: "x y"},
				{Problem: lifecycle.BadName}, {Problem: lifecycle.UnknownState, State: "nowhere"},
				{Problem: lifecycle.UnknownState, State: "nothing"},
				{Problem: lifecycle.UnnamedGuard, Event: "nope"}, {Problem: lifecycle.NilCheck, Event: "nope"},
				{Problem: lifecycle.UnknownEvent, Event: "nope"},
				{Problem: lifecycle.Unreachable, State: "x y"}, {Problem: lifecycle.NoWayOut, State: "x y"},
			}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := lifecycle.New(c.spec)
			require.Nil(t, m)
			require.Equal(t, c.want, problems(t, err))
			if c.text != "" {
				require.EqualError(t, err, c.text)
			}
		})
	}
}

func TestASingleFinalStateIsAMachine(t *testing.T) {
	t.Parallel()
	m := mustNew(t, spec{Initial: "done", States: []state{{"done", true}}})
	require.Equal(t, "stateDiagram-v2\n    [*] --> done\n    done --> [*]\n", m.Mermaid())
	require.Empty(t, m.Events("done"))
}

func TestMermaidMatchesTheGoldenFile(t *testing.T) {
	t.Parallel()
	awkward := spec{
		Initial: "note",
		States:  []state{{Name: "note"}, {Name: "on-hold"}, {Name: "state_1"}, {Name: `a"b:c;d#e`}, {Name: "geprüft", Final: true}},
		Edges: []edge{
			{"flag", "note", "on-hold"}, {"a:b;c", "on-hold", "state_1"}, {"::x", "state_1", `a"b:c;d#e`}, {"end", `a"b:c;d#e`, "geprüft"},
		},
	}
	for name, s := range map[string]spec{"order": orderSpec(), "awkward_names": awkward} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustNew(t, s).Mermaid()
			file := filepath.Join("testdata", name+".mmd")
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "run with -update after a change that is meant")
			for range 20 {
				require.Equal(t, got, mustNew(t, s).Mermaid(), "the drawing is the same every time")
			}
		})
	}
}

func TestMermaidGivesKeywordsAnId(t *testing.T) {
	t.Parallel()
	for _, word := range strings.Fields("note NOTE class classDef style click scale default Default href accTitle accDescr State stateDiagram") {
		got := mustNew(t, spec{Initial: status(word), States: []state{{status(word), true}}}).Mermaid()
		require.Equal(t, fmt.Sprintf("stateDiagram-v2\n    state %q as state_0\n    [*] --> state_0\n    state_0 --> [*]\n", word), got)
	}
}

func ExampleMachine_Fire() {
	type parcel struct{ label string }
	m, err := lifecycle.New(lifecycle.Spec[string, string, parcel]{
		Initial: "packed",
		States:  []lifecycle.State[string]{{Name: "packed"}, {Name: "shipped", Final: true}},
		Edges:   []lifecycle.Edge[string, string]{{Event: "ship", From: "packed", To: "shipped"}},
		Guards: []lifecycle.Guard[string, parcel]{{Event: "ship", Name: "labeled", Check: func(p parcel) error {
			if p.label == "" {
				return errors.New("buy a label first")
			}
			return nil
		}}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Fire("packed", "ship", parcel{}))
	fmt.Println(m.Fire("packed", "ship", parcel{label: "1Z"}))
	fmt.Println(m.Fire("shipped", "ship", parcel{label: "1Z"}))
	// Output:
	// packed event "ship" in state "packed" refused by guard "labeled": buy a label first
	// shipped <nil>
	// shipped event "ship" is not possible in state "shipped": no event leaves it; check that the stored state is one of this machine
}

func ExampleNew() {
	_, err := lifecycle.New(lifecycle.Spec[string, string, any]{
		Initial: "open",
		States:  []lifecycle.State[string]{{Name: "open"}, {Name: "closed", Final: true}},
		Edges:   []lifecycle.Edge[string, string]{{Event: "close", From: "open", To: "closd"}},
	})
	fmt.Println(err)
	// Output:
	// lifecycle: event "close", state "closd": no such state is declared: declare it or correct the name
	// lifecycle: state "open": not final, and no edge leads to another state: add one or make it final
	// lifecycle: state "closed": cannot be reached from the initial state: add an edge to it or remove it
}
