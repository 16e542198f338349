package fulfillment

import (
	"errors"
	"fmt"

	"github.com/orderkit/oms/internal/lifecycle"
)

// WorkState is how far a fulfillment order is.
type WorkState string

// The standard work states. Hosts add their own with [WithState].
const (
	WorkOpen       WorkState = "open"
	WorkInProgress WorkState = "in_progress"
	WorkDone       WorkState = "done"
	WorkCancelled  WorkState = "cancelled"
)

// ShipmentState is how far a shipment is.
type ShipmentState string

// The states of a shipment.
const (
	ShipmentPacked    ShipmentState = "packed"
	ShipmentShipped   ShipmentState = "shipped"
	ShipmentDelivered ShipmentState = "delivered"
	ShipmentVoided    ShipmentState = "voided"
)

// Action names a change of state of a fulfillment order or a shipment.
type Action string

// The actions of the standard flow.
const (
	ActionStart   Action = "start"
	ActionFinish  Action = "finish"
	ActionCancel  Action = "cancel"
	ActionShip    Action = "ship"
	ActionDeliver Action = "deliver"
	ActionVoid    Action = "void"
)

// StateDef declares a work state. Code asks whether work is possible in a state, never
// for its name.
type StateDef struct {
	Name     WorkState
	Workable bool // units may be picked, packed and shipped
	Final    bool // nothing is left to do
}

// Attempt is what a guard judges: a fulfillment order about to take an edge.
type Attempt struct {
	Order  Order
	Action Action
}

// Flow is the lifecycle of fulfillment orders and shipments: validated when built,
// immutable, safe for concurrent use.
type Flow struct {
	work     *lifecycle.Machine[WorkState, Action, Attempt]
	defs     map[WorkState]StateDef
	shipment *lifecycle.Machine[ShipmentState, Action, Shipment]
}

type flowSpec struct {
	spec lifecycle.Spec[WorkState, Action, Attempt]
	defs []StateDef
}

// FlowOption extends the standard flow of fulfillment orders.
type FlowOption func(*flowSpec)

// WithState adds a work state.
func WithState(def StateDef) FlowOption {
	return func(s *flowSpec) { s.defs = append(s.defs, def) }
}

// WithEdge adds an edge for an action from one or several work states.
func WithEdge(a Action, to WorkState, from ...WorkState) FlowOption {
	return func(s *flowSpec) {
		for _, f := range from {
			s.spec.Edges = append(s.spec.Edges, lifecycle.Edge[WorkState, Action]{Event: a, From: f, To: to})
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
		spec: lifecycle.Spec[WorkState, Action, Attempt]{Initial: WorkOpen},
		defs: []StateDef{{WorkOpen, true, false}, {WorkInProgress, true, false}, {WorkDone, false, true}, {WorkCancelled, false, true}},
	}
	WithEdge(ActionStart, WorkInProgress, WorkOpen, WorkInProgress)(&s)
	WithEdge(ActionFinish, WorkDone, WorkOpen, WorkInProgress)(&s)
	WithEdge(ActionCancel, WorkCancelled, WorkOpen, WorkInProgress)(&s)
	for _, o := range options {
		o(&s)
	}
	f := &Flow{defs: make(map[WorkState]StateDef, len(s.defs))}
	for _, d := range s.defs {
		f.defs[d.Name] = d
		s.spec.States = append(s.spec.States, lifecycle.State[WorkState]{Name: d.Name, Final: d.Final})
	}
	var workErr, shipErr error
	f.work, workErr = lifecycle.New(s.spec)
	f.shipment, shipErr = lifecycle.New(shipmentSpec())
	if err := errors.Join(workErr, shipErr); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFlow, err)
	}
	return f, nil
}

func shipmentSpec() lifecycle.Spec[ShipmentState, Action, Shipment] {
	type edge = lifecycle.Edge[ShipmentState, Action]
	type state = lifecycle.State[ShipmentState]
	return lifecycle.Spec[ShipmentState, Action, Shipment]{
		Initial: ShipmentPacked,
		States:  []state{{Name: ShipmentPacked}, {Name: ShipmentShipped}, {Name: ShipmentDelivered, Final: true}, {Name: ShipmentVoided, Final: true}},
		Edges: []edge{
			{Event: ActionShip, From: ShipmentPacked, To: ShipmentShipped},
			{Event: ActionDeliver, From: ShipmentShipped, To: ShipmentDelivered},
			{Event: ActionVoid, From: ShipmentPacked, To: ShipmentVoided},
		},
	}
}

// Workable tells whether units may be picked, packed and shipped in a state.
func (f *Flow) Workable(s WorkState) bool { return f.defs[s].Workable }

// Mermaid draws the work states as a state diagram.
func (f *Flow) Mermaid() string { return f.work.Mermaid() }

// ShipmentMermaid draws the states of a shipment.
func (f *Flow) ShipmentMermaid() string { return f.shipment.Mermaid() }

func (f *Flow) fire(o *Order, a Action) error {
	to, err := f.work.Fire(o.Work, a, Attempt{Order: *o, Action: a})
	if err != nil {
		return transition(o.ID.String(), string(o.Work), a, f.work.Events(o.Work), err)
	}
	o.Work = to
	return nil
}

func (f *Flow) fireShipment(s *Shipment, a Action) error {
	to, err := f.shipment.Fire(s.State, a, *s)
	if err != nil {
		return transition(s.ID.String(), string(s.State), a, f.shipment.Events(s.State), err)
	}
	s.State = to
	return nil
}

func transition(id, from string, a Action, allowed []Action, err error) error {
	if errors.Is(err, lifecycle.ErrTransition) {
		return &TransitionError{ID: id, From: from, Action: a, Allowed: allowed}
	}
	return fmt.Errorf("%w: %w", ErrTransition, err)
}
