package count

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms/internal/lifecycle"
)

// State is how far a count is.
type State string

// The states.
const (
	StateOpen      State = "open"
	StateCounting  State = "counting"
	StateReview    State = "review"
	StatePosted    State = "posted"
	StateCancelled State = "cancelled"
)

// Action names a command on a count.
type Action string

// The actions. Adding lines and approving leave the state alone.
const (
	ActionAdd     Action = "add"
	ActionRecord  Action = "record"
	ActionSubmit  Action = "submit"
	ActionRecount Action = "recount"
	ActionApprove Action = "approve"
	ActionPost    Action = "post"
	ActionCancel  Action = "cancel"
)

// Flow is the lifecycle of counts: validated when built, immutable, safe for concurrent
// use.
type Flow struct {
	machine *lifecycle.Machine[State, Action, *Count]
}

// NewFlow builds the flow.
func NewFlow() (*Flow, error) {
	type state = lifecycle.State[State]
	spec := lifecycle.Spec[State, Action, *Count]{
		Initial: StateOpen,
		States:  []state{{Name: StateOpen}, {Name: StateCounting}, {Name: StateReview}, {Name: StatePosted, Final: true}, {Name: StateCancelled, Final: true}},
	}
	add := func(a Action, to State, from ...State) {
		for _, f := range from {
			spec.Edges = append(spec.Edges, lifecycle.Edge[State, Action]{Event: a, From: f, To: to})
		}
	}
	add(ActionAdd, StateOpen, StateOpen)
	add(ActionAdd, StateCounting, StateCounting)
	add(ActionRecord, StateCounting, StateOpen, StateCounting)
	add(ActionSubmit, StateReview, StateCounting)
	add(ActionRecount, StateCounting, StateCounting, StateReview)
	add(ActionApprove, StateReview, StateReview)
	add(ActionPost, StatePosted, StateReview)
	add(ActionCancel, StateCancelled, StateOpen, StateCounting, StateReview)
	spec.Guards = []lifecycle.Guard[Action, *Count]{
		{Event: ActionSubmit, Name: "every line is counted", Check: settled},
		{Event: ActionPost, Name: "every variance is allowed", Check: allowed},
	}
	machine, err := lifecycle.New(spec)
	return &Flow{machine: machine}, err
}

// settled refuses a count with lines that nobody counted, or counters disagree on.
func settled(c *Count) error {
	var missing []int
	for i := range c.Lines {
		l := &c.Lines[i]
		all := l.Current()
		if len(all) == 0 {
			missing = append(missing, l.No)
		} else if _, ok := l.Result(); !ok && missing == nil {
			return &DisagreementError{Line: l.No, Entries: all}
		}
	}
	if missing != nil {
		return &UncountedError{Lines: missing}
	}
	return nil
}

// allowed refuses a count with a variance beyond the tolerance that nobody approved.
func allowed(c *Count) error {
	for i := range c.Lines {
		l := &c.Lines[i]
		if e, _ := l.Result(); l.Approved == "" && !c.Tolerance.Allows(e.Variance(), e.Expected) {
			return &ApprovalError{Line: l.No, Key: l.Key(), Expected: e.Expected, Variance: e.Variance()}
		}
	}
	return nil
}

// Mermaid draws the flow as a state diagram.
func (f *Flow) Mermaid() string { return f.machine.Mermaid() }

// fire takes an edge. A count that comes to rest is closed.
func (f *Flow) fire(c *Count, a Action, now time.Time) error {
	to, err := f.machine.Fire(c.State, a, c)
	if err != nil {
		if errors.Is(err, lifecycle.ErrTransition) {
			return &TransitionError{Count: c.ID, From: c.State, Action: a, Allowed: f.machine.Events(c.State)}
		}
		return fmt.Errorf("%w: %w", ErrTransition, err)
	}
	c.State = to
	if to == StatePosted || to == StateCancelled {
		c.ClosedAt = now
	}
	return nil
}

// Possibility tells whether an action is possible now and, where it is not, why.
type Possibility struct {
	Action  Action
	Allowed bool
	Reasons []string // empty exactly when Allowed
}

// AllowedActions lists every action on a count with the reason why it is not possible
// now. Whether the stock has moved since is for Post to say.
func (f *Flow) AllowedActions(c Count) []Possibility {
	var out []Possibility
	var seen []Action
	for _, e := range f.machine.Edges() {
		if slices.Contains(seen, e.Event) {
			continue
		}
		seen = append(seen, e.Event)
		n := c.Clone()
		p := Possibility{Action: e.Event, Allowed: true}
		if err := f.fire(&n, e.Event, c.UpdatedAt); err != nil {
			p.Allowed, p.Reasons = false, []string{err.Error()}
		}
		out = append(out, p)
	}
	return out
}
