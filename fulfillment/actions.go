package fulfillment

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms/order"
)

// Actions that leave the state alone, or start the work if nobody has.
const (
	ActionPick      Action = "pick"
	ActionShortPick Action = "short_pick"
	ActionPack      Action = "pack"
)

// Possibility tells whether an action is possible now and, where it is not, why.
type Possibility struct {
	Action  Action
	Allowed bool
	Reasons []string // empty exactly when Allowed
}

// Take moves a fulfillment order along an edge that the host added to the flow. The
// standard actions follow from the work itself; Take refuses those.
func (f *Flow) Take(o Order, a Action, now time.Time) (Order, []Event, error) {
	if standard(a) {
		return o, nil, fmt.Errorf("%w: %s has a command of its own", ErrTransition, a)
	}
	n := o.next(now)
	if err := f.fire(&n, a); err != nil {
		return o, nil, err
	}
	return n, []Event{StateChanged{Fulfillment: o.ID, Action: a, From: o.Work, To: n.Work}}, nil
}

func standard(a Action) bool { return a == ActionStart || a == ActionFinish || a == ActionCancel }

// AllowedActions lists every action on a fulfillment order with the reason why it is
// not possible now. It tries the decisions themselves on one unit, so it cannot promise
// what they would refuse. Whether the order's state and holds let it ship is asked of
// [order.Flow.CanShip].
func (f *Flow) AllowedActions(o Order) []Possibility {
	at := o.UpdatedAt // nothing of the outcome is kept
	var one []order.LineQty
	for i := range o.Lines {
		if o.Lines[i].Open() > 0 {
			one = []order.LineQty{{Line: o.Lines[i].Line, Qty: 1}}
		}
	}
	pick, short := refusal(f.Pick(o, one, at)), refusal(f.ShortPick(o, one, at))
	pack := refusal(f.Pack(o, ShipmentID{}, o.OneParcel(), at))
	if f.Workable(o.Work) && len(one) == 0 {
		pick, short = errNoneOpen, errNoneOpen
	}
	if f.Workable(o.Work) && len(o.OneParcel()) == 0 {
		pack = errNothingToPack
	}
	out := []Possibility{possible(ActionPick, pick), possible(ActionShortPick, short), possible(ActionPack, pack)}
	var seen []Action
	for _, e := range f.work.Edges() {
		if !standard(e.Event) && !slices.Contains(seen, e.Event) {
			seen = append(seen, e.Event)
			_, _, err := f.Take(o, e.Event, at)
			out = append(out, possible(e.Event, err))
		}
	}
	return out
}

var (
	errNoneOpen      = errors.New("no unit waits to be picked")
	errNothingToPack = errors.New("no unit is open or picked")
	errDelivered     = errors.New("the shipment is delivered")
)

// ShipmentActions lists every action on a shipment of a fulfillment order with the
// reason why it is not possible now.
func (f *Flow) ShipmentActions(o Order, s Shipment) []Possibility {
	deliver := refusal(f.Deliver(s, s.UpdatedAt))
	if s.State == ShipmentDelivered {
		deliver = errDelivered
	}
	return []Possibility{
		possible(ActionShip, refusal(f.Ship(o, s, s.UpdatedAt))), possible(ActionVoid, refusal(f.Void(o, s, s.UpdatedAt))),
		possible(ActionDeliver, deliver),
	}
}

// refusal is the error of a decision, the last of its results.
func refusal(results ...any) error {
	err, _ := results[len(results)-1].(error)
	return err
}

func possible(a Action, err error) Possibility {
	if err != nil {
		return Possibility{Action: a, Reasons: []string{err.Error()}}
	}
	return Possibility{Action: a, Allowed: true}
}
