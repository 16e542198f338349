package purchasing

import (
	"errors"
	"fmt"
	"time"

	"github.com/orderkit/oms/internal/lifecycle"
)

// State is how far a purchase order is.
type State string

// The standard states. Hosts add their own with [WithState].
const (
	StateDraft        State = "draft"
	StateIssued       State = "issued"
	StateAcknowledged State = "acknowledged"
	StatePartial      State = "partially_received"
	StateReceived     State = "received"
	StateClosed       State = "closed"
	StateCancelled    State = "cancelled"
)

// Action names a change of state.
type Action string

// The actions of the standard flow.
const (
	ActionIssue       Action = "issue"
	ActionAcknowledge Action = "acknowledge"
	ActionReceive     Action = "receive"
	ActionComplete    Action = "complete" // nothing more is to come; never given by hand
	ActionClose       Action = "close"
	ActionCloseShort  Action = "close_short"
	ActionCancel      Action = "cancel"
)

// Actions that leave the state alone.
const (
	ActionEdit      Action = "edit"
	ActionChangeDue Action = "change_due"
	ActionAddCost   Action = "add_cost"
)

// StateDef declares a state. Code asks for its permissions, never for its name.
type StateDef struct {
	Name     State
	Editable bool // the draft may be replaced; nothing is expected
	Incoming bool // what is left of the lines is expected, and may be received
	Final    bool // nothing is left to do
}

// Attempt is what a guard judges: an order about to take an edge.
type Attempt struct {
	Order  Order
	Action Action
}

// Flow is the lifecycle of purchase orders: validated when built, immutable, safe for
// concurrent use. Every decision on a purchase order is a method of it.
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
			{StateDraft, true, false, false}, {StateIssued, false, true, false}, {StateAcknowledged, false, true, false},
			{StatePartial, false, true, false}, {StateReceived, false, true, false},
			{StateClosed, false, false, true}, {StateCancelled, false, false, true},
		},
	}
	for _, o := range append([]FlowOption{
		WithEdge(ActionIssue, StateIssued, StateDraft),
		WithEdge(ActionAcknowledge, StateAcknowledged, StateIssued),
		WithEdge(ActionReceive, StatePartial, StateIssued, StateAcknowledged, StatePartial),
		WithEdge(ActionComplete, StateReceived, StateIssued, StateAcknowledged, StatePartial, StateReceived),
		WithEdge(ActionClose, StateClosed, StatePartial, StateReceived),
		WithEdge(ActionCloseShort, StateClosed, StatePartial),
		WithEdge(ActionCancel, StateCancelled, StateDraft, StateIssued, StateAcknowledged),
		WithGuard(ActionClose, "no more is missing than the tolerance allows", guardShort),
		WithGuard(ActionCancel, "nothing was received", guardUnreceived),
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

// Incoming tells whether what is left of an order's lines is expected in a state.
func (f *Flow) Incoming(s State) bool { return f.defs[s].Incoming }

// Final tells whether nothing is left to do in a state.
func (f *Flow) Final(s State) bool { return f.defs[s].Final }

// States lists the declared states, in order of declaration.
func (f *Flow) States() []StateDef {
	var out []StateDef
	for _, s := range f.machine.States() {
		out = append(out, f.defs[s.Name])
	}
	return out
}

// Mermaid draws the flow as a state diagram.
func (f *Flow) Mermaid() string { return f.machine.Mermaid() }

// fire takes an edge after its guards.
func (f *Flow) fire(o *Order, a Action, now time.Time) error {
	to, err := f.machine.Fire(o.State, a, Attempt{Order: *o, Action: a})
	if err != nil {
		if errors.Is(err, lifecycle.ErrTransition) {
			return f.refuse(o, a)
		}
		return fmt.Errorf("%w: %w", ErrTransition, err)
	}
	o.State = to
	if f.defs[to].Final {
		o.EndedAt = now
	}
	return nil
}

// incoming refuses an action on what is expected in a state in which nothing is.
func (f *Flow) incoming(o *Order, a Action) error {
	if f.Incoming(o.State) {
		return nil
	}
	return f.refuse(o, a)
}

func (f *Flow) refuse(o *Order, a Action) error {
	return &TransitionError{Order: o.ID, From: o.State, Action: a, Allowed: f.machine.Events(o.State)}
}

func guardShort(a Attempt) error {
	for i := range a.Order.Lines {
		l := &a.Order.Lines[i]
		if most := of(a.Order.Tolerance.Under, l.Qty-l.Cancelled); l.Expected() > most {
			return fmt.Errorf("line %d: %d of %d units are missing, %s percent is at most %d; close it short, or cancel what is missing",
				l.No, l.Expected(), l.Qty-l.Cancelled, a.Order.Tolerance.Under, most)
		}
	}
	return nil
}

func guardUnreceived(a Attempt) error {
	if q := a.Order.received(); q > 0 {
		return fmt.Errorf("%d units were received; cancel the rest, or close it short", q)
	}
	return nil
}
