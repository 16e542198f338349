package transfer

import (
	"errors"
	"fmt"
	"time"

	"github.com/orderkit/oms/internal/lifecycle"
)

// State is how far a transfer is.
type State string

// The standard states. Hosts add their own with [WithState].
const (
	StateDraft             State = "draft"
	StateReady             State = "ready"
	StateInTransit         State = "in_transit"
	StatePartiallyReceived State = "partially_received"
	StateReceived          State = "received"
	StateCancelled         State = "cancelled"
	StateVariance          State = "closed_with_variance"
)

// Action names a change of state.
type Action string

// The actions of the standard flow. A transfer completes by itself when the last of its
// units has an outcome.
const (
	ActionReady    Action = "ready"
	ActionShip     Action = "ship"
	ActionReceive  Action = "receive"
	ActionWithdraw Action = "withdraw"
	ActionComplete Action = "complete"
	ActionClose    Action = "close"
	ActionCancel   Action = "cancel"
)

// ActionEdit leaves the state alone.
const ActionEdit Action = "edit"

// StateDef declares a state. Code asks what is allowed in a state, never for its name.
type StateDef struct {
	Name     State
	Editable bool // lines, locations and dates may change
	Final    bool // nothing is left to do
}

// Attempt is what a guard judges: a transfer about to take an edge.
type Attempt struct {
	Transfer Transfer
	Action   Action
}

// Flow is the lifecycle of transfers: validated when built, immutable, safe for
// concurrent use.
type Flow struct {
	machine *lifecycle.Machine[State, Action, Attempt]
	defs    map[State]StateDef
}

type flowSpec struct {
	spec lifecycle.Spec[State, Action, Attempt]
	defs []StateDef
}

// FlowOption extends the standard flow.
type FlowOption func(*flowSpec)

// WithState adds a state.
func WithState(def StateDef) FlowOption {
	return func(s *flowSpec) { s.defs = append(s.defs, def) }
}

// WithEdge adds an edge for an action from one or several states.
func WithEdge(a Action, to State, from ...State) FlowOption {
	return func(s *flowSpec) {
		for _, f := range from {
			s.spec.Edges = append(s.spec.Edges, lifecycle.Edge[State, Action]{Event: a, From: f, To: to})
		}
	}
}

// WithGuard adds a veto: the edge is taken only if check returns nil. Guards run
// inside the transaction of the command, so they look at the attempt and nothing else.
func WithGuard(a Action, name string, check func(Attempt) error) FlowOption {
	return func(s *flowSpec) {
		s.spec.Guards = append(s.spec.Guards, lifecycle.Guard[Action, Attempt]{Event: a, Name: name, Check: check})
	}
}

// NewFlow builds the standard flow with extensions, or refuses with every problem.
func NewFlow(options ...FlowOption) (*Flow, error) {
	s := flowSpec{
		spec: lifecycle.Spec[State, Action, Attempt]{Initial: StateDraft},
		defs: []StateDef{
			{StateDraft, true, false}, {StateReady, false, false}, {StateInTransit, false, false}, {StatePartiallyReceived, false, false},
			{StateReceived, false, true}, {StateCancelled, false, true}, {StateVariance, false, true},
		},
	}
	for _, o := range append([]FlowOption{
		WithEdge(ActionReady, StateReady, StateDraft),
		WithEdge(ActionShip, StateInTransit, StateReady, StateInTransit),
		WithEdge(ActionShip, StatePartiallyReceived, StatePartiallyReceived),
		WithEdge(ActionReceive, StatePartiallyReceived, StateInTransit, StatePartiallyReceived),
		WithEdge(ActionWithdraw, StateInTransit, StateInTransit),
		WithEdge(ActionWithdraw, StatePartiallyReceived, StatePartiallyReceived),
		WithEdge(ActionComplete, StateReceived, StateInTransit, StatePartiallyReceived),
		WithEdge(ActionClose, StateVariance, StateInTransit, StatePartiallyReceived),
		WithEdge(ActionCancel, StateCancelled, StateDraft, StateReady),
		WithGuard(ActionClose, "nothing waits at the origin", guardClose),
	}, options...) {
		o(&s)
	}
	f := &Flow{defs: make(map[State]StateDef, len(s.defs))}
	for _, d := range s.defs {
		f.defs[d.Name] = d
		s.spec.States = append(s.spec.States, lifecycle.State[State]{Name: d.Name, Final: d.Final})
	}
	machine, err := lifecycle.New(s.spec)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFlow, err)
	}
	f.machine = machine
	return f, nil
}

// Editable tells whether the plan may change in a state.
func (f *Flow) Editable(s State) bool { return f.defs[s].Editable }

// Mermaid draws the flow as a state diagram.
func (f *Flow) Mermaid() string { return f.machine.Mermaid() }

// fire takes an edge. A transfer that comes to rest is closed.
func (f *Flow) fire(t *Transfer, a Action, now time.Time) error {
	to, err := f.machine.Fire(t.State, a, Attempt{Transfer: *t, Action: a})
	if err != nil {
		if errors.Is(err, lifecycle.ErrTransition) {
			return f.refuse(t, a)
		}
		return fmt.Errorf("%w: %w", ErrTransition, err)
	}
	t.State = to
	if f.defs[to].Final {
		t.ClosedAt = now
	}
	return nil
}

// editable refuses a change of plan in a state that does not allow it.
func (f *Flow) editable(t *Transfer) error {
	if f.Editable(t.State) {
		return nil
	}
	return f.refuse(t, ActionEdit)
}

func (f *Flow) refuse(t *Transfer, a Action) error {
	return &TransitionError{Transfer: t.ID, From: t.State, Action: a, Allowed: f.machine.Events(t.State)}
}

func guardClose(a Attempt) error {
	for i := range a.Transfer.Lines {
		if ready := a.Transfer.Lines[i].Sum().Ready; ready > 0 {
			return fmt.Errorf("line %d: %d units are ready at the origin; ship or withdraw them first", i+1, ready)
		}
	}
	return nil
}
