package lifecycle

import (
	"context"
	"slices"
	"sync"

	"github.com/looplab/fsm"
)

// Machine is a validated state machine. It never changes and is safe for concurrent use.
type Machine[S, E ~string, T any] struct {
	spec   Spec[S, E, T]
	next   map[step[S, E]]S
	events map[S][]E // sorted
	guards map[E][]Guard[E, T]
	pool   sync.Pool // of *runner[T]
}

// step is what a transition is looked up by.
type step[S, E ~string] struct {
	from  S
	event E
}

// runner is a looplab machine on loan to one Fire, with the subject its guards look at. The subject travels here,
// not in the event's arguments, so that it is neither boxed nor asserted.
type runner[T any] struct {
	fsm     *fsm.FSM
	subject T
}

// New validates spec and returns its machine; later changes to spec's slices do not reach it. The error joins all
// problems, each a [*DefinitionError].
func New[S, E ~string, T any](spec Spec[S, E, T]) (*Machine[S, E, T], error) {
	if err := spec.validate(); err != nil {
		return nil, err
	}
	m := &Machine[S, E, T]{
		spec:   spec.With(Spec[S, E, T]{}),
		next:   map[step[S, E]]S{},
		events: map[S][]E{},
		guards: map[E][]Guard[E, T]{},
	}
	for _, e := range spec.Edges {
		m.next[step[S, E]{e.From, e.Event}] = e.To
		m.events[e.From] = append(m.events[e.From], e.Event)
	}
	for _, events := range m.events {
		slices.Sort(events)
	}
	for _, g := range spec.Guards {
		m.guards[g.Event] = append(m.guards[g.Event], g)
	}
	m.pool.New = func() any { return m.newRunner() }
	return m, nil
}

func (m *Machine[S, E, T]) newRunner() *runner[T] {
	table := make(fsm.Events, len(m.spec.Edges))
	for i, e := range m.spec.Edges {
		table[i] = fsm.EventDesc{Name: string(e.Event), Src: []string{string(e.From)}, Dst: string(e.To)}
	}
	r := &runner[T]{}
	r.fsm = fsm.NewFSM(string(m.spec.Initial), table, fsm.Callbacks{
		"before_event": func(_ context.Context, e *fsm.Event) {
			if err := m.veto(S(e.Src), E(e.Event), r.subject); err != nil {
				e.Cancel(err) // setting e.Err alone would let the event pass
			}
		},
	})
	return r
}

// Fire returns the state that event leads to from state from, after the guards of event have agreed. It changes
// nothing but what a guard changes. On error the state returned is from: a [*TransitionError] if no such edge
// exists, a [*VetoError] if a guard refused. A guard may itself call Fire; a panic in a guard reaches the caller.
//
// It takes no context on purpose: one that ends during an event would leave the looplab machine unusable.
func (m *Machine[S, E, T]) Fire(from S, event E, subject T) (S, error) {
	r := m.pool.Get().(*runner[T])
	r.subject = subject
	r.fsm.SetState(string(from))
	err := r.fsm.Event(context.Background(), string(event))
	to := S(r.fsm.Current())

	// Not deferred: after a panic nobody knows what state the machine is in, so it is left to the collector. The
	// subject is cleared so that an idle machine keeps no aggregate alive.
	var none T
	r.subject = none
	m.pool.Put(r)

	switch err := err.(type) {
	case nil, fsm.NoTransitionError: // the latter is a self transition
		return to, nil
	case fsm.CanceledError: // holds the *VetoError of the callback
		return from, err.Err
	default: // an event that is invalid in this state, or unknown in all: nothing else can happen without leave callbacks
		return from, m.refusal(from, event)
	}
}

// Check reports whether [Machine.Fire] with the same arguments would succeed, and if not returns the error it would.
func (m *Machine[S, E, T]) Check(from S, event E, subject T) error {
	if _, ok := m.Next(from, event); !ok {
		return m.refusal(from, event)
	}
	return m.veto(from, event, subject)
}

// veto asks the guards of event and returns the first refusal as a *VetoError.
func (m *Machine[S, E, T]) veto(from S, event E, subject T) error {
	for _, g := range m.guards[event] {
		if err := g.Check(subject); err != nil {
			return &VetoError{From: string(from), Event: string(event), Guard: g.Name, Err: err}
		}
	}
	return nil
}

func (m *Machine[S, E, T]) refusal(from S, event E) error {
	var allowed []string
	for _, e := range m.events[from] {
		allowed = append(allowed, string(e))
	}
	return &TransitionError{From: string(from), Event: string(event), Allowed: allowed}
}

// Next returns the state that event leads to from state from, and false if no such edge exists. Guards are not asked.
func (m *Machine[S, E, T]) Next(from S, event E) (S, bool) {
	to, ok := m.next[step[S, E]{from, event}]
	return to, ok
}

// Events returns the events that have an edge out of from, sorted. Guards are not asked. The caller owns the slice.
func (m *Machine[S, E, T]) Events(from S) []E { return slices.Clone(m.events[from]) }

// States returns the states in declared order. The caller owns the slice.
func (m *Machine[S, E, T]) States() []State[S] { return slices.Clone(m.spec.States) }

// Edges returns the edges in declared order. The caller owns the slice.
func (m *Machine[S, E, T]) Edges() []Edge[S, E] { return slices.Clone(m.spec.Edges) }

// Initial returns the state an aggregate begins in.
func (m *Machine[S, E, T]) Initial() S { return m.spec.Initial }
