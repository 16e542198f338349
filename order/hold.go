package order

import (
	"fmt"
	"slices"
	"time"
)

// Hold stops an order, or one of its lines, until it is released. An order may have
// many, of several owners; all must be released. A hold is never a state.
type Hold struct {
	Owner  string // who placed it: a fraud service, a person, an app
	Handle string // unique per owner
	Reason HoldReason
	Line   int // 0 holds the whole order
	Note   string
	At     time.Time
}

// HoldReason says why.
type HoldReason string

// The reasons for holding.
const (
	HoldPayment HoldReason = "awaiting_payment"
	HoldFraud   HoldReason = "fraud_risk"
	HoldAddress HoldReason = "address"
	HoldStock   HoldReason = "stock"
	HoldReturn  HoldReason = "awaiting_return"
	HoldReview  HoldReason = "manual_review"
	HoldDispute HoldReason = "dispute"
	HoldOther   HoldReason = "other"
)

func (r HoldReason) valid() bool {
	switch r {
	case HoldPayment, HoldFraud, HoldAddress, HoldStock, HoldReturn, HoldReview, HoldDispute, HoldOther:
		return true
	}
	return false
}

// String reads "fraud_risk by radar/case-7 on line 2".
func (h Hold) String() string {
	s := fmt.Sprintf("%s by %s/%s", h.Reason, h.Owner, h.Handle)
	if h.Line > 0 {
		s += fmt.Sprintf(" on line %d", h.Line)
	}
	return s
}

// Hold places a hold. Placing the same hold again changes nothing.
func (f *Flow) Hold(o Order, h Hold, now time.Time) (Order, []Event, error) {
	if c := f.ClassOf(o.State); c != ClassLive {
		return o, nil, &TransitionError{Order: o.ID, From: o.State, Event: ActionHold, Allowed: f.events(o.State)}
	}
	if h.Owner == "" || h.Handle == "" {
		return o, nil, fmt.Errorf("%w: give an owner and a handle", ErrHold)
	}
	if p := firstProblem(h.Owner, h.Handle, h.Note); p != "" {
		return o, nil, fmt.Errorf("%w: %s", ErrHold, p)
	}
	if !h.Reason.valid() {
		return o, nil, fmt.Errorf("%w: hold reason %q", ErrReason, h.Reason)
	}
	if _, ok := o.Line(h.Line); !ok && h.Line != 0 {
		return o, nil, &LineError{Order: o.ID, Line: h.Line, Err: ErrUnknownLine}
	}
	if i := o.findHold(h.Owner, h.Handle); i >= 0 {
		if had := o.Holds[i]; had.Reason != h.Reason || had.Line != h.Line {
			return o, nil, fmt.Errorf("%w: %s/%s is taken by %s; use another handle", ErrHold, h.Owner, h.Handle, had)
		}
		return o, nil, nil
	}
	n := o.next(now)
	h.At = now
	n.Holds = append(n.Holds, h)
	return n, []Event{HoldAdded{Owner: h.Owner, Handle: h.Handle, Reason: h.Reason, Line: h.Line}}, nil
}

// Release lifts a hold. Lifting one that is not there is ErrHold.
func (f *Flow) Release(o Order, owner, handle string, now time.Time) (Order, []Event, error) {
	i := o.findHold(owner, handle)
	if i < 0 {
		return o, nil, fmt.Errorf("%w: order %s has no hold %s/%s", ErrHold, o.ID, owner, handle)
	}
	n := o.next(now)
	n.Holds = slices.Delete(n.Holds, i, i+1)
	return n, []Event{HoldReleased{Owner: owner, Handle: handle}}, nil
}

func (o *Order) findHold(owner, handle string) int {
	return slices.IndexFunc(o.Holds, func(h Hold) bool { return h.Owner == owner && h.Handle == handle })
}

// blockedBy returns *BlockedError with the holds that match.
func (o *Order) blockedBy(a Action, match func(Hold) bool) error {
	var err *BlockedError
	for _, h := range o.Holds {
		if !match(h) {
			continue
		}
		if err == nil {
			err = &BlockedError{Order: o.ID, Action: a}
		}
		err.Reasons = append(err.Reasons, "hold "+h.String())
		err.Holds = append(err.Holds, h)
	}
	if err == nil {
		return nil
	}
	return err
}

func guardHolds(a Attempt) error {
	return a.Order.blockedBy(a.Action, func(Hold) bool { return true })
}
