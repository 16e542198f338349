package returns

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Possibility tells whether an action is possible now and, where it is not, why.
type Possibility struct {
	Action  Action
	Allowed bool
	Reasons []string // empty exactly when Allowed
}

// Take moves a return along an edge that the host added to the flow. The standard
// actions have commands of their own that do more; Take refuses those.
func (f *Flow) Take(r Return, a Action, now time.Time) (Return, []Event, error) {
	if standard(a) {
		return r, nil, fmt.Errorf("%w: %s has a command of its own", ErrTransition, a)
	}
	n := r.next(now)
	if err := f.fire(&n, a); err != nil {
		return r, nil, err
	}
	return n, []Event{StateChanged{Return: r.ID, Action: a, From: r.State, To: n.State}}, nil
}

func standard(a Action) bool {
	switch a {
	case ActionApprove, ActionDecline, ActionReceive, ActionClose, ActionCancel:
		return true
	}
	return false
}

// AllowedActions lists every action on a return with the reason why it is not possible
// now. It asks the same guards and laws as the commands, so it cannot promise what they
// would refuse.
func (f *Flow) AllowedActions(r Return) []Possibility {
	var out []Possibility
	add := func(a Action, err error) {
		p := Possibility{Action: a, Allowed: err == nil}
		if err != nil {
			p.Reasons = []string{err.Error()}
		}
		out = append(out, p)
	}
	var seen []Action
	for _, e := range f.machine.Edges() {
		if slices.Contains(seen, e.Event) {
			continue
		}
		seen = append(seen, e.Event)
		n := r.Clone()
		err := f.fire(&n, e.Event)
		if err == nil && e.Event == ActionReceive {
			err = r.some("no unit is on its way", func(l *Line) { l.Received++ })
		}
		add(e.Event, err)
	}
	inspect, refund := f.active(&r, ActionInspect), f.active(&r, ActionRefund)
	if inspect == nil {
		inspect = r.some("no received unit waits for inspection", func(l *Line) { l.Restocked++ })
	}
	if refund == nil {
		refund = r.some("every unit is refunded or was rejected", func(l *Line) { l.RefundedUnits++ })
	}
	add(ActionInspect, inspect)
	add(ActionRefund, refund)
	return out
}

// some tells whether one unit of any line can take a change within the law of its line.
func (r *Return) some(none string, change func(*Line)) error {
	for _, l := range r.Lines {
		if change(&l); l.Check() == nil {
			return nil
		}
	}
	return errors.New(none)
}
