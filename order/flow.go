package order

import (
	"errors"
	"fmt"
	"time"

	"github.com/orderkit/oms/internal/lifecycle"
)

// State is the stored lifecycle of an order. It is deliberately small: how far
// payment, fulfillment and returns are is derived (see [Order.Facets]), and holds are
// a set of their own.
type State string

// The standard states. Hosts add their own with [WithState].
const (
	StateDraft     State = "draft"
	StatePlaced    State = "placed"
	StateOpen      State = "open"
	StateClosed    State = "closed"
	StateCancelled State = "cancelled"
	StateExpired   State = "expired"
)

// Action names a command on an order. Those with edges in the flow change its state.
type Action string

// The actions of the standard flow.
const (
	ActionPlace   Action = "place"
	ActionConfirm Action = "confirm"
	ActionCancel  Action = "cancel"
	ActionExpire  Action = "expire"
	ActionClose   Action = "close"
	ActionReopen  Action = "reopen"
)

// Actions that leave the state alone.
const (
	ActionCancelUnits Action = "cancel_units"
	ActionHold        Action = "hold"
	ActionRelease     Action = "release"
	ActionPay         Action = "pay"
	ActionShip        Action = "ship"
)

// Class is what a state means to the library. Code asks for the class and the
// permissions of a state, never for its name, so that added states just work.
type Class uint8

// The classes of states.
const (
	ClassDraft Class = iota + 1
	ClassLive        // sold, with work to do
	ClassDone        // nothing left to do
	ClassVoid        // nothing is owed by either side
)

// Permission is what may happen to an order in a state.
type Permission uint8

// The permissions of a state.
const (
	Cancellable Permission = 1 << iota // units may be cancelled
	Fulfillable                        // units may be picked, packed, shipped
	HoldsStock                         // stock is reserved for it
)

// StateDef declares a state.
type StateDef struct {
	Name  State
	Class Class
	Can   Permission
}

// Attempt is what a guard judges: an order about to take an edge.
type Attempt struct {
	Order  Order
	Action Action
	Now    time.Time
}

// Flow is the lifecycle of orders: validated when built, immutable, safe for
// concurrent use. Every decision on an order is a method of it.
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

// NewFlow builds the standard flow with extensions. It refuses, with every problem
// joined, unknown or unreachable states, duplicate edges, and states from which no
// end can be reached.
func NewFlow(options ...FlowOption) (*Flow, error) {
	s := standardFlow()
	for _, o := range options {
		o(&s)
	}
	f := &Flow{defs: make(map[State]StateDef, len(s.defs))}
	var errs []error
	for _, d := range s.defs {
		if d.Class < ClassDraft || d.Class > ClassVoid {
			errs = append(errs, fmt.Errorf("%w: state %q has no class", ErrFlow, d.Name))
		}
		f.defs[d.Name] = d
		s.spec.States = append(s.spec.States, lifecycle.State[State]{Name: d.Name, Final: d.Class == ClassDone || d.Class == ClassVoid})
	}
	machine, err := lifecycle.New(s.spec)
	if err != nil {
		errs = append(errs, fmt.Errorf("%w: %w", ErrFlow, err))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	f.machine = machine
	return f, nil
}

func standardFlow() flowSpec {
	s := flowSpec{
		spec: lifecycle.Spec[State, Action, Attempt]{Initial: StateDraft},
		defs: []StateDef{
			{StateDraft, ClassDraft, 0},
			{StatePlaced, ClassLive, Cancellable | HoldsStock},
			{StateOpen, ClassLive, Cancellable | HoldsStock | Fulfillable},
			{StateClosed, ClassDone, 0},
			{StateCancelled, ClassVoid, 0},
			{StateExpired, ClassVoid, 0},
		},
	}
	for _, o := range []FlowOption{
		WithEdge(ActionPlace, StatePlaced, StateDraft),
		WithEdge(ActionConfirm, StateOpen, StatePlaced),
		WithEdge(ActionExpire, StateExpired, StatePlaced),
		WithEdge(ActionCancel, StateCancelled, StatePlaced, StateOpen),
		WithEdge(ActionClose, StateClosed, StateOpen),
		WithEdge(ActionReopen, StateOpen, StateClosed),
		WithGuard(ActionConfirm, "holds", guardHolds),
		WithGuard(ActionExpire, "unpaid", guardUnpaid),
		WithGuard(ActionExpire, "nothing left the house", guardUnshipped),
		WithGuard(ActionCancel, "nothing left the house", guardUnshipped),
		WithGuard(ActionCancel, "no payment in doubt", guardMoneyKnown),
		WithGuard(ActionClose, "nothing left to do", guardSettled),
	} {
		o(&s)
	}
	return s
}

// ClassOf tells what a state means; zero for a state that the flow does not have.
func (f *Flow) ClassOf(s State) Class { return f.defs[s].Class }

// Can tells whether a state has a permission.
func (f *Flow) Can(s State, p Permission) bool { return f.defs[s].Can&p == p }

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

func (f *Flow) events(s State) []Action { return f.machine.Events(s) }

// Take moves an order along the edge of an action: the way into and out of a host's
// own states. The standard actions have commands of their own that do more than
// change the state; Take refuses those.
func (f *Flow) Take(o Order, a Action, now time.Time) (Order, []Event, error) {
	switch a {
	case ActionPlace, ActionConfirm, ActionCancel, ActionExpire, ActionClose, ActionReopen:
		return o, nil, fmt.Errorf("%w: %s has a command of its own", ErrTransition, a)
	}
	n, err := f.fire(o, a, now)
	if err != nil {
		return o, nil, err
	}
	return n, []Event{StateChanged{Action: a, From: o.State, To: n.State}}, nil
}

// fire takes an edge after its guards and maps refusals to this package's errors.
func (f *Flow) fire(o Order, a Action, now time.Time) (Order, error) {
	to, err := f.machine.Fire(o.State, a, Attempt{Order: o, Action: a, Now: now})
	if err != nil {
		return o, f.refusal(o, a, err)
	}
	n := o.next(now)
	n.State = to
	return n, nil
}

func (f *Flow) refusal(o Order, a Action, err error) error {
	if errors.Is(err, lifecycle.ErrTransition) {
		return &TransitionError{Order: o.ID, From: o.State, Event: a, Allowed: f.events(o.State)}
	}
	if veto, ok := errors.AsType[*lifecycle.VetoError](err); ok {
		if errors.Is(veto.Err, ErrBlocked) {
			return veto.Err
		}
		return &BlockedError{Order: o.ID, Action: a, Reasons: []string{veto.Guard + ": " + veto.Err.Error()}, Err: veto.Err}
	}
	return err
}
