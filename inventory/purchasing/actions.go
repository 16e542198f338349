package purchasing

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

// Take moves a purchase order along an edge that the host added to the flow. The standard
// actions have commands of their own that do more; Take refuses those.
func (f *Flow) Take(o Order, a Action, now time.Time) (Order, []Event, error) {
	switch a {
	case ActionIssue, ActionAcknowledge, ActionReceive, ActionComplete, ActionClose, ActionCloseShort, ActionCancel:
		return o, nil, fmt.Errorf("%w: %s has a command of its own", ErrTransition, a)
	}
	n := o.next(now)
	if err := f.fire(&n, a, now); err != nil {
		return o, nil, err
	}
	return n, []Event{StateChanged{Order: o.ID, Action: a, From: o.State, To: n.State}}, nil
}

// AllowedActions lists every action on a purchase order with the reason why it is not
// possible now. It asks the same guards and laws as the commands, so it cannot promise
// what they would refuse.
func (f *Flow) AllowedActions(o Order) []Possibility {
	var out []Possibility
	add := func(a Action, err error) {
		p := Possibility{Action: a, Allowed: err == nil}
		if err != nil {
			p.Reasons = []string{err.Error()}
		}
		out = append(out, p)
	}
	seen := []Action{ActionReceive, ActionComplete}
	for _, e := range f.machine.Edges() {
		if slices.Contains(seen, e.Event) {
			continue
		}
		seen = append(seen, e.Event)
		n := o.Clone()
		add(e.Event, f.fire(&n, e.Event, o.UpdatedAt))
	}
	receive := f.incoming(&o, ActionReceive)
	if receive == nil && !slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Received() < l.Limit(o.Tolerance) }) {
		receive = errors.New("as many units came as the tolerance allows")
	}
	due := f.incoming(&o, ActionChangeDue)
	if due == nil && o.expected() == 0 {
		due = errors.New("nothing is expected")
	}
	var edit error
	if !f.defs[o.State].Editable {
		edit = f.refuse(&o, ActionEdit)
	}
	add(ActionReceive, receive)
	add(ActionEdit, edit)
	add(ActionChangeDue, due)
	add(ActionAddCost, f.costable(&o))
	return out
}
