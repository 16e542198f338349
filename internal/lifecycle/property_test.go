package lifecycle_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/internal/lifecycle"
)

// drawSpec draws a spec over few names, so that good and bad ones are both frequent. The name s9 is never declared.
func drawSpec(t *rapid.T) spec {
	n := rapid.IntRange(1, 5).Draw(t, "states")
	var s spec
	for i := range n {
		s.States = append(s.States, state{Name: name(i), Final: rapid.Bool().Draw(t, "final")})
	}
	target := rapid.Custom(func(t *rapid.T) status {
		if rapid.IntRange(0, 40).Draw(t, "unknown") == 40 {
			return "s9"
		}
		return name(rapid.IntRange(0, n-1).Draw(t, "state"))
	})
	s.Initial = target.Draw(t, "initial")
	for range rapid.IntRange(0, 9).Draw(t, "edges") {
		s.Edges = append(s.Edges, edge{event(rapid.IntRange(0, 3).Draw(t, "event")), target.Draw(t, "from"), target.Draw(t, "to")})
	}
	return s
}

// drawValid draws a spec that New accepts: a tree from the first state, any further edges, and every state final
// that would otherwise be lost.
func drawValid(t *rapid.T) spec {
	n := rapid.IntRange(1, 6).Draw(t, "states")
	s := spec{Initial: name(0)}
	taken := map[string]bool{}
	add := func(e edge) {
		if key := fmt.Sprint(e.Event, e.From); !taken[key] {
			taken[key] = true
			s.Edges = append(s.Edges, e)
		}
	}
	for i := range n {
		s.States = append(s.States, state{Name: name(i), Final: rapid.Bool().Draw(t, "final")})
		if i > 0 {
			add(edge{event(i + 10), name(rapid.IntRange(0, i-1).Draw(t, "parent")), name(i)})
		}
	}
	for range rapid.IntRange(0, 8).Draw(t, "extra") {
		add(edge{event(rapid.IntRange(0, 3).Draw(t, "event")),
			name(rapid.IntRange(0, n-1).Draw(t, "from")), name(rapid.IntRange(0, n-1).Draw(t, "to"))})
	}
	paths := pathsOf(s)
	for i, st := range s.States {
		if !slices.ContainsFunc(s.States, func(to state) bool { return to.Final && paths[st.Name][to.Name] }) {
			s.States[i].Final = true
		}
	}
	return s
}

func name(i int) status  { return status(fmt.Sprintf("s%d", i)) }
func event(i int) action { return action(fmt.Sprintf("e%d", i)) }

// pathsOf is Warshall's closure over all names in use: another algorithm than the one under test.
func pathsOf(s spec) map[status]map[status]bool {
	names := []status{s.Initial}
	for _, st := range s.States {
		names = append(names, st.Name)
	}
	for _, e := range s.Edges {
		names = append(names, e.From, e.To)
	}
	paths := map[status]map[status]bool{}
	for _, at := range names {
		paths[at] = map[status]bool{at: true}
	}
	for _, e := range s.Edges {
		paths[e.From][e.To] = true
	}
	for _, via := range names {
		for _, from := range names {
			for _, to := range names {
				if paths[from][via] && paths[via][to] {
					paths[from][to] = true
				}
			}
		}
	}
	return paths
}

// sound says from first principles whether s is a machine without dead ends.
func sound(s spec) bool {
	declared := func(at status) bool {
		return slices.ContainsFunc(s.States, func(st state) bool { return st.Name == at })
	}
	for i, e := range s.Edges {
		if !declared(e.From) || !declared(e.To) {
			return false
		}
		for _, f := range s.Edges[:i] {
			if f.Event == e.Event && f.From == e.From {
				return false
			}
		}
	}
	paths := pathsOf(s)
	for _, st := range s.States {
		rests := slices.ContainsFunc(s.States, func(to state) bool { return to.Final && paths[st.Name][to.Name] })
		if !paths[s.Initial][st.Name] || !rests {
			return false
		}
	}
	return declared(s.Initial)
}

func TestNewAcceptsExactlyTheSoundSpecs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.Custom(drawSpec), rapid.Custom(drawValid)).Draw(t, "spec")
		_, err := lifecycle.New(s)
		require.Equal(t, sound(s), err == nil, "New said: %v", err)
		if err != nil {
			problems(t, err)
		}
	})
}

func TestRandomWalksStayInDeclaredStates(t *testing.T) {
	t.Parallel()
	refusal := errors.New("no")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.Custom(drawValid).Draw(t, "spec")
		for _, e := range s.Edges {
			s.Guards = append(s.Guards, guard{Event: e.Event, Name: "g", Check: func(o *order) error { return o.refuse }})
		}
		m, err := lifecycle.New(s)
		require.NoError(t, err)

		at := m.Initial()
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			fire := event(rapid.SampledFrom([]int{0, 1, 2, 3, 11, 12, 13, 14, 15, 99}).Draw(t, "event"))
			subject := &order{}
			if rapid.IntRange(0, 3).Draw(t, "refuse") == 3 {
				subject.refuse = refusal
			}
			i := slices.IndexFunc(s.Edges, func(e edge) bool { return e.From == at && e.Event == fire })
			to, err := m.Fire(at, fire, subject)
			require.Equal(t, m.Check(at, fire, subject), err)
			require.Equal(t, i >= 0, slices.Contains(m.Events(at), fire))
			switch {
			case i < 0:
				require.ErrorIs(t, err, lifecycle.ErrTransition)
				require.Equal(t, at, to)
			case subject.refuse != nil:
				require.ErrorIs(t, err, refusal)
				require.Equal(t, at, to)
			default:
				require.NoError(t, err)
				require.Equal(t, s.Edges[i].To, to)
			}
			require.True(t, slices.ContainsFunc(m.States(), func(st state) bool { return st.Name == to }))
			at = to
		}
	})
}
