package transfer

import (
	"errors"
	"fmt"
	"time"
)

// Sentinels, for errors.Is. The typed errors below carry the facts.
var (
	// ErrNotFound is a transfer that does not exist for this tenant.
	ErrNotFound = errors.New("transfer: not found")
	// ErrTransition is an action that the state does not allow.
	ErrTransition = errors.New("transfer: not possible in this state")
	// ErrQuantity is a number of lines or units outside what the transfer has.
	ErrQuantity = errors.New("transfer: quantity refused")
	// ErrOverReceipt is more units than are in transit.
	ErrOverReceipt = errors.New("transfer: more than is in transit")
	// ErrUnknownLine is a line that the transfer does not have.
	ErrUnknownLine = errors.New("transfer: unknown line")
	// ErrLocation is a pair of locations that nothing can be moved between.
	ErrLocation = errors.New("transfer: location refused")
	// ErrLot is a lot that a line does not have, or none where there are several.
	ErrLot = errors.New("transfer: lot refused")
	// ErrReceipt is the name of a receipt used for something else before.
	ErrReceipt = errors.New("transfer: receipt name reused with other content")
	// ErrOutcome is an unknown outcome, or a state that it does not lead to.
	ErrOutcome = errors.New("transfer: outcome refused")
	// ErrDate is an expected arrival outside the calendar.
	ErrDate = errors.New("transfer: date refused")
	// ErrReason is a variance without a reason.
	ErrReason = errors.New("transfer: no reason given")
	// ErrFlow is a definition of states that does not work.
	ErrFlow = errors.New("transfer: flow refused")
)

// TransitionError is an action that a state has no edge for. It matches ErrTransition.
type TransitionError struct {
	Transfer ID
	From     State
	Action   Action
	Allowed  []Action
}

// Error names the state, the action and what is possible instead.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("%v: %s of transfer %s which is %s; possible now: %v", ErrTransition, e.Action, e.Transfer, e.From, e.Allowed)
}

// Is matches ErrTransition.
func (e *TransitionError) Is(target error) bool { return target == ErrTransition }

// LineError is a refusal that concerns one line; it unwraps to the cause. Facts is the
// line as it stands, or as it would have become.
type LineError struct {
	Want  int64
	Have  int64 // at most this many
	Err   error
	Facts Line
}

// Error shows where the line's units are.
func (e *LineError) Error() string {
	l, sum := e.Facts, e.Facts.Sum()
	return fmt.Sprintf("%v: line %d of item %q, want %d units, have %d; of %d units %d are open, %d ready, %d in transit, %d received, %d rejected, %d returned, %d lost, %d cancelled",
		e.Err, l.No, l.Item, e.Want, e.Have, l.Qty, l.Open, sum.Ready, sum.InTransit, sum.Received, sum.Rejected, sum.Returned, sum.Lost, l.Cancelled)
}

// Unwrap gives the cause.
func (e *LineError) Unwrap() error { return e.Err }

// LocationError is a pair of locations that nothing can be moved between. It matches
// ErrLocation.
type LocationError struct {
	From, To string
	Inactive string // the one that is inactive; empty when they are the same
}

// Error names the locations and what is wrong with them.
func (e *LocationError) Error() string {
	if e.Inactive == "" {
		return fmt.Sprintf("%v: from %q to %q: name two different ones", ErrLocation, e.From, e.To)
	}
	return fmt.Sprintf("%v: from %q to %q: %q is inactive", ErrLocation, e.From, e.To, e.Inactive)
}

// Is matches ErrLocation.
func (e *LocationError) Is(target error) bool { return target == ErrLocation }

// LotError is a lot that a line does not have, or none where the units could be of
// several. It matches ErrLot.
type LotError struct {
	Line int
	Lot  string
	Lots []string // those that the line has
}

// Error names the lots to choose from.
func (e *LotError) Error() string {
	if e.Lot == "" {
		return fmt.Sprintf("%v: line %d has units of the lots %q; say of which these are", ErrLot, e.Line, e.Lots)
	}
	return fmt.Sprintf("%v: line %d has no units of lot %q, only of %q", ErrLot, e.Line, e.Lot, e.Lots)
}

// Is matches ErrLot.
func (e *LotError) Is(target error) bool { return target == ErrLot }

// ReceiptError is the name of a receipt used again for other goods. It matches ErrReceipt.
type ReceiptError struct {
	Ref string
	At  time.Time // when it was used
}

// Error tells when the name was used.
func (e *ReceiptError) Error() string {
	return fmt.Sprintf("%v: %q was booked at %s; give every receipt its own name", ErrReceipt, e.Ref, e.At.Format(time.RFC3339))
}

// Is matches ErrReceipt.
func (e *ReceiptError) Is(target error) bool { return target == ErrReceipt }
