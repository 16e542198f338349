package purchasing

import (
	"fmt"
	"time"

	"github.com/orderkit/oms/inventory"
)

// Issue sends a draft to its supplier: from now on its lines are expected.
func (f *Flow) Issue(o Order, now time.Time) (Order, []Event, error) {
	n := o.next(now)
	if err := f.fire(&n, ActionIssue, now); err != nil {
		return o, nil, err
	}
	n.IssuedAt = now
	return n, []Event{Issued{Order: o.ID, Number: o.Number, Supplier: o.Supplier, Total: o.Totals().Total}}, nil
}

// Acknowledge records that the supplier agreed, and the dates it gave for some lines.
func (f *Flow) Acknowledge(o Order, dates []LineDue, now time.Time) (Order, []Event, error) {
	n := o.next(now)
	if err := f.fire(&n, ActionAcknowledge, now); err != nil {
		return o, nil, err
	}
	moved, err := n.redate(dates)
	if err != nil {
		return o, nil, err
	}
	events := []Event{Acknowledged{Order: o.ID}}
	if len(moved) > 0 {
		events = append(events, DueChanged{Order: o.ID, Lines: moved})
	}
	return n, events, nil
}

// LineDue is when a line is due.
type LineDue struct {
	Line int       `json:"line"`
	Due  time.Time `json:"due"`
}

// ChangeDue records new dates of lines of which units are still expected. Dates that are
// as they were change nothing.
func (f *Flow) ChangeDue(o Order, dates []LineDue, now time.Time) (Order, []Event, error) {
	if err := f.incoming(&o, ActionChangeDue); err != nil {
		return o, nil, err
	}
	n := o.next(now)
	moved, err := n.redate(dates)
	if err != nil || len(moved) == 0 {
		return o, nil, err
	}
	return n, []Event{DueChanged{Order: o.ID, Lines: moved}}, nil
}

// redate gives lines their new dates and tells which changed.
func (o *Order) redate(dates []LineDue) ([]LineMoved, error) {
	var moved []LineMoved
	for _, d := range dates {
		l, ok := o.Line(d.Line)
		if !ok {
			return nil, &LineError{Line: d.Line, Err: ErrUnknownLine}
		}
		d.Due = d.Due.UTC().Truncate(time.Microsecond)
		switch {
		case d.Due.Before(time.UnixMicro(0)):
			return nil, &LineError{Line: d.Line, Facts: *l, Err: fmt.Errorf("%w: due %s", ErrQuantity, d.Due.Format(time.RFC3339))}
		case l.Expected() == 0:
			return nil, &LineError{Line: d.Line, Facts: *l, Err: fmt.Errorf("%w: nothing of it is expected", ErrQuantity)}
		case !d.Due.Equal(l.Due):
			moved = append(moved, LineMoved{Line: l.No, Item: l.Item, Qty: l.Expected(), Was: l.Due, Due: d.Due})
			l.Due = d.Due
		}
	}
	return moved, nil
}

// Close ends an order of which no more is missing than its tolerance allows. What is
// missing will not come.
func (f *Flow) Close(o Order, now time.Time) (Order, []Event, error) {
	return f.end(o, ActionClose, "", now)
}

// CloseShort ends an order of which goods were received, however much is missing.
func (f *Flow) CloseShort(o Order, why string, now time.Time) (Order, []Event, error) {
	if err := inventory.CheckNote("reason", why); err != nil {
		return o, nil, err
	}
	return f.end(o, ActionCloseShort, why, now)
}

func (f *Flow) end(o Order, a Action, why string, now time.Time) (Order, []Event, error) {
	n := o.next(now)
	if err := f.fire(&n, a, now); err != nil {
		return o, nil, err
	}
	var events []Event
	if missing := n.cutAll(); len(missing) > 0 {
		events = append(events, UnderReceived{Order: o.ID, Units: missing, Why: why})
	}
	return n, append(events, Closed{Order: o.ID}), nil
}

// Cancel ends an order of which nothing was received. Cancelling a cancelled order changes
// nothing.
func (f *Flow) Cancel(o Order, why string, now time.Time) (Order, []Event, error) {
	if o.State == StateCancelled {
		return o, nil, nil
	}
	if err := inventory.CheckNote("reason", why); err != nil {
		return o, nil, err
	}
	n := o.next(now)
	if err := f.fire(&n, ActionCancel, now); err != nil {
		return o, nil, err
	}
	return n, []Event{Cancelled{Order: o.ID, Units: n.cutAll(), Why: why}}, nil
}

// CancelUnits takes back units that are still expected; without any named, all of them. An
// order of which nothing came and nothing is left is cancelled; one of which goods came is
// then received.
func (f *Flow) CancelUnits(o Order, units []LineUnits, why string, now time.Time) (Order, []Event, error) {
	if err := f.incoming(&o, ActionCancel); err != nil {
		return o, nil, err
	}
	if err := inventory.CheckNote("reason", why); err != nil {
		return o, nil, err
	}
	n := o.next(now)
	cut, err := n.cut(units)
	switch {
	case err != nil:
		return o, nil, err
	case len(cut) == 0:
		return o, nil, fmt.Errorf("%w: nothing is expected that could be cancelled", ErrQuantity)
	case n.expected() > 0:
	case n.received() == 0:
		err = f.fire(&n, ActionCancel, now)
	default:
		err = f.fire(&n, ActionComplete, now)
	}
	if err != nil {
		return o, nil, err
	}
	return n, []Event{Cancelled{Order: o.ID, Units: cut, Why: why}}, nil
}

func (o *Order) cut(units []LineUnits) ([]LineUnits, error) {
	if len(units) == 0 {
		return o.cutAll(), nil
	}
	var cut []LineUnits
	for _, u := range units {
		l, ok := o.Line(u.Line)
		switch {
		case !ok:
			return nil, &LineError{Line: u.Line, Want: u.Qty, Err: ErrUnknownLine}
		case u.Qty <= 0 || u.Qty > l.Expected():
			return nil, &LineError{Line: u.Line, Want: u.Qty, Err: ErrQuantity, Facts: *l}
		}
		l.Cancelled += u.Qty
		cut = append(cut, LineUnits{Line: l.No, Item: l.Item, Qty: u.Qty})
	}
	return cut, nil
}

// cutAll cancels every expected unit.
func (o *Order) cutAll() []LineUnits {
	var cut []LineUnits
	for i := range o.Lines {
		l := &o.Lines[i]
		if q := l.Expected(); q > 0 {
			l.Cancelled += q
			cut = append(cut, LineUnits{Line: l.No, Item: l.Item, Qty: q})
		}
	}
	return cut
}
