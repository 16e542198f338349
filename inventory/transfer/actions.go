package transfer

import (
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

// Take moves a transfer along an edge that the host added to the flow. The standard
// actions have commands of their own that do more; Take refuses those.
func (f *Flow) Take(t Transfer, a Action, now time.Time) (Transfer, []Event, error) {
	if standard(a) {
		return t, nil, fmt.Errorf("%w: %s has a command of its own", ErrTransition, a)
	}
	n := t.next(now)
	if err := f.fire(&n, a, now); err != nil {
		return t, nil, err
	}
	return n, []Event{StateChanged{Transfer: t.ID, Action: a, From: t.State, To: n.State}}, nil
}

func standard(a Action) bool {
	switch a {
	case ActionReady, ActionShip, ActionReceive, ActionWithdraw, ActionComplete, ActionClose, ActionCancel:
		return true
	}
	return false
}

// AllowedActions lists every action on a transfer with the reason why it is not possible
// now. It asks the same guards and counters as the commands; whether the stock is there
// is for Ready to say. Completing is not listed: it happens by itself.
func (f *Flow) AllowedActions(t Transfer) []Possibility {
	var out []Possibility
	add := func(a Action, err error) {
		p := Possibility{Action: a, Allowed: err == nil}
		if err != nil {
			p.Reasons = []string{err.Error()}
		}
		out = append(out, p)
	}
	seen := []Action{ActionComplete}
	for _, e := range f.machine.Edges() {
		if slices.Contains(seen, e.Event) {
			continue
		}
		seen = append(seen, e.Event)
		n := t.Clone()
		err := f.fire(&n, e.Event, t.UpdatedAt)
		if err == nil {
			switch e.Event {
			case ActionShip, ActionWithdraw:
				_, err = n.take(nil, ErrQuantity, ready)
			case ActionReceive:
				_, err = n.take(nil, ErrOverReceipt, inTransit)
			}
		}
		add(e.Event, err)
	}
	add(ActionEdit, f.editable(&t))
	return out
}
