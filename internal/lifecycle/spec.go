package lifecycle

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// State is a place an aggregate can be in.
type State[S ~string] struct {
	Name S
	// Final marks a place of rest: an aggregate may stay here for good. Edges may still lead out, as from closed
	// to reopened.
	Final bool
}

// Edge says that Event moves an aggregate from From to To. From and To may be the same state.
type Edge[S, E ~string] struct {
	Event    E
	From, To S
}

// Guard may refuse an event, whatever state it is fired in. The guards of an event run in declared order, before
// the state changes; the first error refuses it. Check must be safe for concurrent use and change nothing.
type Guard[E ~string, T any] struct {
	Event E
	Name  string // Name identifies the guard in a [VetoError].
	Check func(T) error
}

// Spec describes a machine. T is the subject the guards look at.
type Spec[S, E ~string, T any] struct {
	Initial S
	States  []State[S]
	Edges   []Edge[S, E]
	Guards  []Guard[E, T]
}

// With returns a spec with the states, edges and guards of s followed by those of other. Neither of them changes.
// The initial state is that of s, or that of other if s has none. Declarations are not reconciled: what both
// declare is a duplicate, and [New] reports it.
func (s Spec[S, E, T]) With(other Spec[S, E, T]) Spec[S, E, T] {
	return Spec[S, E, T]{
		Initial: cmp.Or(s.Initial, other.Initial),
		States:  slices.Concat(s.States, other.States),
		Edges:   slices.Concat(s.Edges, other.Edges),
		Guards:  slices.Concat(s.Guards, other.Guards),
	}
}

// validate returns every problem of s, joined, each a *DefinitionError.
func (s Spec[S, E, T]) validate() error {
	c := checker[S, E, T]{Spec: s, states: map[S]bool{}, events: map[E]bool{}}
	c.checkStates()
	c.checkEdges()
	c.checkGuards()
	c.checkPaths()
	return errors.Join(c.errs...)
}

// checker collects the problems of a spec. The checks run in the order of its methods: later ones use the names
// that earlier ones found.
type checker[S, E ~string, T any] struct {
	Spec[S, E, T]
	states map[S]bool
	events map[E]bool
	links  []Edge[S, E] // links are the edges between declared states.
	errs   []error
}

func (c *checker[S, E, T]) report(e DefinitionError) { c.errs = append(c.errs, &e) }

func (c *checker[S, E, T]) checkStates() {
	for _, st := range c.States {
		switch {
		case c.states[st.Name]:
			c.report(DefinitionError{Problem: DuplicateState, State: string(st.Name)})
		case !usable(string(st.Name)):
			c.report(DefinitionError{Problem: BadName, State: string(st.Name)})
		}
		c.states[st.Name] = true
	}
	if !c.states[c.Initial] {
		c.report(DefinitionError{Problem: UnknownState, State: string(c.Initial)})
	}
}

func (c *checker[S, E, T]) checkEdges() {
	taken := map[step[S, E]]bool{}
	for _, e := range c.Edges {
		if !c.events[e.Event] && !usable(string(e.Event)) {
			c.report(DefinitionError{Problem: BadName, State: string(e.From), Event: string(e.Event)})
		}
		c.events[e.Event] = true

		key := step[S, E]{e.From, e.Event}
		if taken[key] {
			c.report(DefinitionError{Problem: DuplicateEdge, State: string(e.From), Event: string(e.Event)})
		}
		taken[key] = true

		if !c.states[e.From] {
			c.report(DefinitionError{Problem: UnknownState, State: string(e.From), Event: string(e.Event)})
		}
		if !c.states[e.To] && e.To != e.From {
			c.report(DefinitionError{Problem: UnknownState, State: string(e.To), Event: string(e.Event)})
		}
		if c.states[e.From] && c.states[e.To] {
			c.links = append(c.links, e)
		}
	}
}

func (c *checker[S, E, T]) checkGuards() {
	for _, g := range c.Guards {
		if g.Name == "" {
			c.report(DefinitionError{Problem: UnnamedGuard, Event: string(g.Event)})
		}
		if g.Check == nil {
			c.report(DefinitionError{Problem: NilCheck, Event: string(g.Event), Guard: g.Name})
		}
		if !c.events[g.Event] {
			c.report(DefinitionError{Problem: UnknownEvent, Event: string(g.Event), Guard: g.Name})
		}
	}
}

// checkPaths finds the states nothing leads to and the states that lead nowhere.
func (c *checker[S, E, T]) checkPaths() {
	ahead, back := map[S][]S{}, map[S][]S{}
	for _, e := range c.links {
		if e.From != e.To {
			ahead[e.From] = append(ahead[e.From], e.To)
			back[e.To] = append(back[e.To], e.From)
		}
	}
	var finals []S
	for _, st := range c.States {
		if st.Final {
			finals = append(finals, st.Name)
		}
	}
	reached, saved := closure(ahead, c.Initial), closure(back, finals...)
	for _, st := range c.States {
		// Without a known initial state every state would be unreachable, which says nothing new.
		if c.states[c.Initial] && !reached[st.Name] {
			c.report(DefinitionError{Problem: Unreachable, State: string(st.Name)})
		}
		switch {
		case saved[st.Name]:
		case len(ahead[st.Name]) == 0:
			c.report(DefinitionError{Problem: NoWayOut, State: string(st.Name)})
		default:
			c.report(DefinitionError{Problem: NoFinal, State: string(st.Name)})
		}
	}
}

// closure returns the nodes that can be reached over links from start, start included.
func closure[S ~string](links map[S][]S, start ...S) map[S]bool {
	seen := map[S]bool{}
	for open := slices.Clone(start); len(open) > 0; {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if !seen[at] {
			seen[at] = true
			open = append(open, links[at]...)
		}
	}
	return seen
}

// usable reports whether looplab/fsm can take name for a state or an event without mistaking it for a part of its
// callback grammar, and whether name stays on one line of a diagram.
func usable(name string) bool {
	if name == "" || name == "event" || name == "state" || !utf8.ValidString(name) {
		return false
	}
	for _, prefix := range []string{"before_", "after_", "enter_", "leave_"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	// IsPrint is false for every space but the ASCII one.
	return !strings.ContainsFunc(name, func(r rune) bool { return r == ',' || r == ' ' || !unicode.IsPrint(r) })
}
