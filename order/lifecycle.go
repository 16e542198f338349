package order

import (
	"fmt"
	"slices"
	"time"
)

// CancelReason says why units were cancelled.
type CancelReason string

// The reasons for cancelling.
const (
	CancelCustomer  CancelReason = "customer"
	CancelFraud     CancelReason = "fraud"
	CancelInventory CancelReason = "inventory"
	CancelDeclined  CancelReason = "payment_declined"
	CancelStaff     CancelReason = "staff"
	CancelOther     CancelReason = "other"
)

func (r CancelReason) check() error {
	switch r {
	case CancelCustomer, CancelFraud, CancelInventory, CancelDeclined, CancelStaff, CancelOther:
		return nil
	}
	return fmt.Errorf("%w: cancel reason %q; give customer, fraud, inventory, payment_declined, staff or other", ErrReason, r)
}

// PaymentPolicy says how much money must be there before an order is confirmed.
type PaymentPolicy uint8

// The payment policies.
const (
	PayAnytime    PaymentPolicy = iota // no money needed
	PayAuthorized                      // authorized or captured in full
	PayCaptured                        // captured in full
)

// Place sells a draft. The Engine takes the stock in the same transaction.
func (f *Flow) Place(o Order, now time.Time) (Order, []Event, error) {
	if err := o.payable(now); err != nil {
		return o, nil, err
	}
	n, err := f.fire(o, ActionPlace, now)
	if err != nil {
		return o, nil, err
	}
	n.PlacedAt = now
	t := n.Totals()
	var units int64
	for i := range n.Lines {
		units += n.Lines[i].Ordered
	}
	return n, []Event{Placed{Number: n.Number, Channel: n.Channel, Customer: n.Customer, Lines: len(n.Lines), Units: units, Total: t.Total}}, nil
}

// payable refuses a draft whose payment deadline has passed before it is sold.
func (o *Order) payable(now time.Time) error {
	if !o.PayBy.IsZero() && !o.PayBy.After(now) {
		return &DraftError{Field: "PayBy", Problem: fmt.Sprintf("%s is not after now", o.PayBy.Format(time.RFC3339))}
	}
	return nil
}

// Confirm opens an order for fulfillment, if no hold stands in the way and the
// payment policy is met.
func (f *Flow) Confirm(o Order, policy PaymentPolicy, now time.Time) (Order, []Event, error) {
	n, err := f.fire(o, ActionConfirm, now)
	if err != nil {
		return o, nil, err
	}
	if reason := policy.missing(&o); reason != "" {
		return o, nil, &BlockedError{Order: o.ID, Action: ActionConfirm, Reasons: []string{reason}}
	}
	n.ConfirmedAt = now
	return n, []Event{Confirmed{}}, nil
}

func (p PaymentPolicy) missing(o *Order) string {
	b := o.Books()
	have := b.Captured.minor - b.Refunded.minor
	if p == PayAuthorized {
		for i := range o.Payments {
			have += o.Capturable(o.Payments[i].ID).minor
		}
	}
	if p != PayAnytime && have < b.Owed.minor {
		return fmt.Sprintf("payment: %s of %s is there", Money{have, o.Currency}, b.Owed)
	}
	return ""
}

// Cut is a number of units of a line that a cancellation takes from one place: what
// the Engine has to undo there.
type Cut struct {
	Line int
	From Place
	Qty  int64
}

// Place is where a unit of an open line can be.
type Place uint8

// The places, from the least advanced: the order in which units are cancelled.
const (
	AtUnreserved Place = iota
	AtBackordered
	AtReserved
	AtPicked
)

func (c *Counters) at(p Place) *int64 {
	return [...]*int64{&c.Unreserved, &c.Backordered, &c.Reserved, &c.Picked}[p]
}

// Cancel cancels every unit of an order of which nothing has shipped. Cancelling a
// cancelled order changes nothing and is no error. Money is not moved: a negative
// Due in the books says what to give back.
func (f *Flow) Cancel(o Order, reason CancelReason, now time.Time) (Order, []Cut, []Event, error) {
	if f.ClassOf(o.State) == ClassVoid {
		return o, nil, nil, nil
	}
	if err := reason.check(); err != nil {
		return o, nil, nil, err
	}
	n, err := f.fire(o, ActionCancel, now)
	if err != nil {
		return o, nil, nil, err
	}
	cuts, units := n.cutAll()
	n.void(now, reason)
	return n, cuts, []Event{Cancelled{Reason: reason, Units: units}}, nil
}

// Expire ends an unpaid order whose payment deadline has passed.
func (f *Flow) Expire(o Order, now time.Time) (Order, []Cut, []Event, error) {
	if o.State == StateExpired {
		return o, nil, nil, nil
	}
	n, err := f.fire(o, ActionExpire, now)
	if err != nil {
		return o, nil, nil, err
	}
	cuts, units := n.cutAll()
	n.void(now, CancelDeclined)
	return n, cuts, []Event{Expired{Units: units}}, nil
}

// cutAll cancels every open unit in place.
func (o *Order) cutAll() ([]Cut, int64) {
	var cuts []Cut
	var units int64
	for i := range o.Lines {
		l := &o.Lines[i]
		units += l.Open()
		cuts = append(cuts, l.cut(l.Open())...)
	}
	return cuts, units
}

// cut cancels q units of a line, the least advanced first.
func (l *Line) cut(q int64) []Cut {
	var cuts []Cut
	l.Cancelled += q
	for p := AtUnreserved; p <= AtPicked && q > 0; p++ {
		take := min(q, *l.at(p))
		if take == 0 {
			continue
		}
		*l.at(p) -= take
		q -= take
		cuts = append(cuts, Cut{Line: l.No, From: p, Qty: take})
	}
	return cuts
}

// void waives what is left of the charges: nothing of the order was delivered.
func (o *Order) void(now time.Time, reason CancelReason) {
	for i := range o.Charges {
		o.Charges[i].Credited = o.Charges[i].Total
	}
	o.CancelledAt, o.CancelReason = now, reason
}

// CancelUnits cancels some units that have not shipped, the least advanced first. An
// order of which nothing is left becomes cancelled.
func (f *Flow) CancelUnits(o Order, units []LineQty, reason CancelReason, now time.Time) (Order, []Cut, []Event, error) {
	if !f.Can(o.State, Cancellable) {
		return o, nil, nil, &TransitionError{Order: o.ID, From: o.State, Event: ActionCancelUnits, Allowed: f.events(o.State)}
	}
	if err := reason.check(); err != nil {
		return o, nil, nil, err
	}
	units, err := o.sumUnits(units)
	if err != nil {
		return o, nil, nil, err
	}
	n := o.next(now)
	var cuts []Cut
	for _, u := range units {
		l, _ := n.Line(u.Line)
		if free := l.Open() - l.Packed; u.Qty > free {
			return o, nil, nil, &LineError{Order: o.ID, Line: u.Line, Err: fmt.Errorf(
				"%w: cancel %d units, but only %d are neither packed nor shipped; void the shipment of packed units, take shipped ones back by a return",
				ErrQuantity, u.Qty, free)}
		}
		cuts = append(cuts, l.cut(u.Qty)...)
		if err := l.Check(); err != nil {
			return o, nil, nil, &LineError{Order: o.ID, Line: u.Line, Err: err}
		}
	}
	events := []Event{UnitsCancelled{Reason: reason, Units: units}}
	if !slices.ContainsFunc(n.Lines, func(l Line) bool { return l.Cancelled < l.Ordered }) {
		if gone, err := f.fire(n, ActionCancel, now); err == nil {
			n = gone
			n.void(now, reason)
			events = append(events, Cancelled{Reason: reason})
		}
	}
	return n, cuts, events, nil
}

// Close puts a finished order to rest: every unit shipped or cancelled, the books
// even, no return or hold open.
func (f *Flow) Close(o Order, now time.Time) (Order, []Event, error) {
	if f.ClassOf(o.State) == ClassDone {
		return o, nil, nil
	}
	n, err := f.fire(o, ActionClose, now)
	if err != nil {
		return o, nil, err
	}
	n.ClosedAt = now
	return n, []Event{Closed{}}, nil
}

// Reopen brings a closed order back to work. Reopening an open order changes nothing.
func (f *Flow) Reopen(o Order, now time.Time) (Order, []Event, error) {
	if f.Can(o.State, Fulfillable) {
		return o, nil, nil
	}
	n, err := f.fire(o, ActionReopen, now)
	if err != nil {
		return o, nil, err
	}
	n.ClosedAt = time.Time{}
	return n, []Event{Reopened{}}, nil
}

// CanShip refuses to pick, pack or ship in a state or under a hold that forbids it.
func (f *Flow) CanShip(o Order, lines ...int) error {
	if !f.Can(o.State, Fulfillable) {
		return &TransitionError{Order: o.ID, From: o.State, Event: ActionShip, Allowed: f.events(o.State)}
	}
	return o.blockedBy(ActionShip, func(h Hold) bool { return h.Line == 0 || slices.Contains(lines, h.Line) })
}

func guardUnpaid(a Attempt) error {
	o := &a.Order
	if o.PayBy.IsZero() || a.Now.Before(o.PayBy) {
		return &DeadlineError{Order: o.ID, PayBy: o.PayBy, Now: a.Now}
	}
	if b := o.Books(); !b.Captured.IsZero() || !b.Pending.IsZero() {
		return fmt.Errorf("%s was captured and %s is under way", b.Captured, b.Pending)
	}
	return nil
}

func guardUnshipped(a Attempt) error {
	for i := range a.Order.Lines {
		l := &a.Order.Lines[i]
		if l.Shipped > 0 {
			return fmt.Errorf("%d units of line %d have shipped; cancel the others by CancelUnits, take these back by a return", l.Shipped, l.No)
		}
		if l.Packed > 0 {
			return fmt.Errorf("%d units of line %d are packed; void their shipment first", l.Packed, l.No)
		}
	}
	return nil
}

func guardMoneyKnown(a Attempt) error {
	for i := range a.Order.Payments {
		if op := &a.Order.Payments[i]; op.Status == Unknown {
			return fmt.Errorf("the outcome of %s %q is unknown; settle it first", op.Kind, op.ID)
		}
	}
	return nil
}

func guardSettled(a Attempt) error {
	o := &a.Order
	var reasons []string
	for i := range o.Lines {
		l := &o.Lines[i]
		if l.Open() > 0 {
			reasons = append(reasons, fmt.Sprintf("line %d has %d units neither shipped nor cancelled", l.No, l.Open()))
		}
		if l.ReturnOpen > 0 {
			reasons = append(reasons, fmt.Sprintf("line %d has %d units on their way back", l.No, l.ReturnOpen))
		}
	}
	if b := o.Books(); !b.Due.IsZero() || !b.Pending.IsZero() || !b.Returning.IsZero() {
		reasons = append(reasons, fmt.Sprintf("%s is due, %s of captures and %s of refunds are under way", b.Due, b.Pending, b.Returning))
	}
	for _, h := range o.Holds {
		reasons = append(reasons, "hold "+h.String())
	}
	if len(reasons) > 0 {
		return &BlockedError{Order: o.ID, Action: a.Action, Reasons: reasons, Holds: slices.Clone(o.Holds)}
	}
	return nil
}
