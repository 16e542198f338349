package inventory

import "fmt"

// SetTo makes the units of one state what somebody counted or typed, provided that they
// still are what he saw. There is no way to overwrite stock without saying what it is
// believed to be: whoever sold in between would be undone.
type SetTo struct {
	Item     string
	Lot      string
	Location string
	State    State // Free (the zero value means it), QC, Damaged or Held
	Expect   int64 // units that are believed to be there
	Qty      int64 // units that shall be there
	Reason   Reason
	Ref      string
}

// Set decides a number of units: an adjustment by the difference, for a reason that an
// [Adjustment] takes. Other units than expected are *StaleQuantityError; no difference
// moves nothing.
func Set(s Snapshot, c SetTo, m Meta) (Changes, error) {
	state, err := oneOf(c.State, Free, QC, Damaged, Held)
	if err != nil {
		return Changes{}, err
	}
	for _, q := range []int64{c.Expect, c.Qty} {
		if q < 0 || q > MaxQty {
			return Changes{}, &QuantityError{Item: c.Item, Qty: q, Rule: "a number of units is between 0 and MaxQty"}
		}
	}
	if _, ok := c.Reason.counterpart(); !ok {
		return Changes{}, fmt.Errorf("%w: %q; setting takes the reasons of an adjustment", ErrReason, c.Reason)
	}
	l := newLedger(s, m, c.Reason, c.Ref)
	if err := l.admit(Movement{Item: c.Item, Lot: c.Lot, From: At(c.Location, state), To: Outside(Shrink), Qty: 1}); err != nil {
		return Changes{}, err
	}
	key := Key{Item: c.Item, Lot: c.Lot, Location: c.Location}
	if actual := l.row(key).Of(state); actual != c.Expect {
		return Changes{}, &StaleQuantityError{Key: key, State: state, Expect: c.Expect, Actual: actual}
	}
	if c.Qty == c.Expect {
		return Changes{}, nil
	}
	return Adjust(s, Adjustment{Item: c.Item, Lot: c.Lot, Location: c.Location, State: state, Delta: c.Qty - c.Expect, Reason: c.Reason, Ref: c.Ref}, m)
}

// StaleQuantityError is stock that is not what a command expected it to be. It matches
// ErrQuantity, not ErrStale: running the command again does not help, looking again does.
type StaleQuantityError struct {
	Key    Key
	State  State
	Expect int64
	Actual int64
}

// Error shows both numbers.
func (e *StaleQuantityError) Error() string {
	return fmt.Sprintf("%v: %s of item %q at %q is %d, not %d as expected; look again, then decide",
		ErrQuantity, e.State, e.Key.Item, e.Key.Location, e.Actual, e.Expect)
}

// Is matches ErrQuantity.
func (e *StaleQuantityError) Is(target error) bool { return target == ErrQuantity }

// Relabel says that units lie in another lot than was recorded.
type Relabel struct {
	Item     string
	Location string
	State    State // Free (the zero value means it), QC, Damaged or Held
	From     string
	To       string
	Qty      int64
	Ref      string
}

// ChangeLot decides a relabeling: the units leave one lot and enter the other in one
// posting, through the PRODUCTION account, which ends as it began.
func ChangeLot(s Snapshot, c Relabel, m Meta) (Changes, error) {
	state, err := oneOf(c.State, Free, QC, Damaged, Held)
	if err != nil {
		return Changes{}, err
	}
	if c.From == c.To {
		return Changes{}, fmt.Errorf("%w: the units of %q are in lot %q already", ErrState, c.Item, c.To)
	}
	l := newLedger(s, m, ReasonRelabel, c.Ref)
	l.move(Movement{Item: c.Item, Lot: c.From, From: At(c.Location, state), To: Outside(Production), Qty: c.Qty})
	l.move(Movement{Item: c.Item, Lot: c.To, From: Outside(Production), To: At(c.Location, state), Qty: c.Qty})
	return l.done()
}
