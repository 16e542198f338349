package returns

import (
	"errors"
	"fmt"

	"github.com/orderkit/oms/internal/lifecycle"
)

// State is how far a return is.
type State string

// The standard states. Hosts add their own with [WithState].
const (
	StateRequested State = "requested"
	StateApproved  State = "approved"
	StateDeclined  State = "declined"
	StateReceiving State = "receiving"
	StateClosed    State = "closed"
	StateCancelled State = "cancelled"
)

// Action names a change of state.
type Action string

// The actions of the standard flow.
const (
	ActionApprove Action = "approve"
	ActionDecline Action = "decline"
	ActionReceive Action = "receive"
	ActionClose   Action = "close"
	ActionCancel  Action = "cancel"
)

// Actions that leave the state alone.
const (
	ActionInspect Action = "inspect"
	ActionRefund  Action = "refund"
)

// StateDef declares a state. Code asks whether goods and money may move in a state,
// never for its name.
type StateDef struct {
	Name   State
	Active bool // goods may be received and inspected, money refunded
	Final  bool // nothing is left to do
}

// Attempt is what a guard judges: a return about to take an edge.
type Attempt struct {
	Return Return
	Action Action
}

// Flow is the lifecycle of returns: validated when built, immutable, safe for
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
		spec: lifecycle.Spec[State, Action, Attempt]{Initial: StateRequested},
		defs: []StateDef{
			{StateRequested, false, false}, {StateApproved, true, false}, {StateDeclined, false, true},
			{StateReceiving, true, false}, {StateClosed, false, true}, {StateCancelled, false, true},
		},
	}
	for _, o := range append([]FlowOption{
		WithEdge(ActionApprove, StateApproved, StateRequested),
		WithEdge(ActionDecline, StateDeclined, StateRequested),
		WithEdge(ActionReceive, StateReceiving, StateApproved, StateReceiving),
		WithEdge(ActionClose, StateClosed, StateApproved, StateReceiving),
		WithEdge(ActionCancel, StateCancelled, StateRequested, StateApproved),
		WithGuard(ActionClose, "every unit has its outcome", guardClose),
		WithGuard(ActionCancel, "no money has gone back", guardCancel),
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

// Active tells whether goods and money may move in a state.
func (f *Flow) Active(s State) bool { return f.defs[s].Active }

// Mermaid draws the flow as a state diagram.
func (f *Flow) Mermaid() string { return f.machine.Mermaid() }

func (f *Flow) fire(r *Return, a Action) error {
	to, err := f.machine.Fire(r.State, a, Attempt{Return: *r, Action: a})
	if err != nil {
		if errors.Is(err, lifecycle.ErrTransition) {
			return f.refuse(r, a)
		}
		return fmt.Errorf("%w: %w", ErrTransition, err)
	}
	r.State = to
	return nil
}

// active refuses an action that moves goods or money in a state that does not let it.
func (f *Flow) active(r *Return, a Action) error {
	if f.Active(r.State) {
		return nil
	}
	return f.refuse(r, a)
}

func (f *Flow) refuse(r *Return, a Action) error {
	return &TransitionError{Return: r.ID, From: r.State, Action: a, Allowed: f.machine.Events(r.State)}
}

func guardClose(a Attempt) error {
	for _, l := range a.Return.Lines {
		if l.Open() > 0 {
			return fmt.Errorf("line %d: %d units neither received nor missing", l.No, l.Open())
		}
		if left := l.Received - l.Inspected(); left > 0 {
			return fmt.Errorf("line %d: %d units wait for inspection", l.No, left)
		}
	}
	return nil
}

func guardCancel(a Attempt) error {
	for _, l := range a.Return.Lines {
		if l.RefundedUnits > 0 {
			return fmt.Errorf("line %d: %d units are refunded", l.No, l.RefundedUnits)
		}
	}
	return nil
}
