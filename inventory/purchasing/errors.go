package purchasing

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Sentinels, for errors.Is. The typed errors below carry the facts.
var (
	// ErrNotFound is a purchase order that does not exist for this tenant.
	ErrNotFound = errors.New("purchasing: not found")
	// ErrUnknownSupplier is a supplier that was never added, or another than the draft's.
	ErrUnknownSupplier = errors.New("purchasing: unknown supplier")
	// ErrStale is a purchase order or supplier that changed since it was read.
	ErrStale = errors.New("purchasing: changed since it was read")
	// ErrTransition is an action that the state does not allow.
	ErrTransition = errors.New("purchasing: not possible in this state")
	// ErrQuantity is a number of units outside the rule that the error names.
	ErrQuantity = errors.New("purchasing: quantity refused")
	// ErrUnknownLine is a line that the order does not have.
	ErrUnknownLine = errors.New("purchasing: unknown line")
	// ErrTolerance is more units than the tolerance of an over-receipt allows.
	ErrTolerance = errors.New("purchasing: over tolerance")
	// ErrReceipt is a reference under which something else was received before.
	ErrReceipt = errors.New("purchasing: receipt refused")
	// ErrReason is an unknown reason, kind, basis or fate.
	ErrReason = errors.New("purchasing: unknown reason")
	// ErrAmount is a cost or percentage that could not be kept exactly.
	ErrAmount = errors.New("purchasing: amount refused")
	// ErrApportion is a cost that cannot be spread as its basis says.
	ErrApportion = errors.New("purchasing: cannot apportion")
	// ErrTerms is a quantity that the supplier does not sell.
	ErrTerms = errors.New("purchasing: against the supplier's terms")
	// ErrPriority is a priority of demand outside 0 to MaxPriority.
	ErrPriority = errors.New("purchasing: priority refused")
	// ErrFlow is a definition of states that does not work.
	ErrFlow = errors.New("purchasing: flow refused")
)

// TransitionError is an action that a state does not allow, such as a receipt of a closed
// order. It matches ErrTransition.
type TransitionError struct {
	Order   ID
	From    State
	Action  Action
	Allowed []Action
}

// Error names the state, the action and what is possible instead.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("%v: %s of purchase order %s which is %s; possible now: %v", ErrTransition, e.Action, e.Order, e.From, e.Allowed)
}

// Is matches ErrTransition.
func (e *TransitionError) Is(target error) bool { return target == ErrTransition }

// LineError is a refusal that concerns one line; it unwraps to the cause. Facts is the
// line as it stands, or as it would have become.
type LineError struct {
	Line  int
	Want  int64
	Err   error
	Facts Line
}

// Error shows where the line's units are.
func (e *LineError) Error() string {
	l := e.Facts
	return fmt.Sprintf("%v: line %d, want %d units; of %d ordered %d are accepted, %d rejected, %d cancelled, %d expected",
		e.Err, e.Line, e.Want, l.Qty, l.Accepted, l.Rejected, l.Cancelled, l.Expected())
}

// Unwrap gives the cause.
func (e *LineError) Unwrap() error { return e.Err }

// ToleranceError is more units of a line than may come. It matches ErrTolerance.
type ToleranceError struct {
	Line     int
	Item     string
	Ordered  int64 // less what was cancelled
	Received int64 // all receipts together, with the refused one
	Limit    int64
}

// Error shows the limit.
func (e *ToleranceError) Error() string {
	return fmt.Sprintf("%v: line %d would have %d units of %q received; %d are ordered, the tolerance allows %d",
		ErrTolerance, e.Line, e.Received, e.Item, e.Ordered, e.Limit)
}

// Is matches ErrTolerance.
func (e *ToleranceError) Is(target error) bool { return target == ErrTolerance }

// ReceiptError is a second receipt under the reference of another one. It matches
// ErrReceipt.
type ReceiptError struct {
	Order ID
	Ref   string
	At    time.Time // when the first was booked
}

// Error names the reference and the first use of it.
func (e *ReceiptError) Error() string {
	return fmt.Sprintf("%v: %q of purchase order %s was booked at %s with other lines; give every receipt its own reference",
		ErrReceipt, e.Ref, e.Order, e.At.Format(time.RFC3339))
}

// Is matches ErrReceipt.
func (e *ReceiptError) Is(target error) bool { return target == ErrReceipt }

// AmountError is an amount that a rule refuses. It matches ErrAmount.
type AmountError struct {
	What   string
	Amount decimal.Decimal
	Rule   string
}

// Error names the amount and the rule.
func (e *AmountError) Error() string {
	return fmt.Sprintf("%v: %s %s: %s", ErrAmount, e.What, e.Amount, e.Rule)
}

// Is matches ErrAmount.
func (e *AmountError) Is(target error) bool { return target == ErrAmount }

// TermsError is a quantity that the supplier does not sell. It matches ErrTerms.
type TermsError struct {
	Supplier string
	Line     int
	Item     string
	Qty      int64
	Fit      int64 // the next larger quantity that it does sell
	MinQty   int64
	Multiple int64
}

// Error names the terms and the next quantity that meets them.
func (e *TermsError) Error() string {
	return fmt.Sprintf("%v: line %d, %d of %q; supplier %q sells at least %d, in packs of %d; order %d",
		ErrTerms, e.Line, e.Qty, e.Item, e.Supplier, e.MinQty, max(1, e.Multiple), e.Fit)
}

// Is matches ErrTerms.
func (e *TermsError) Is(target error) bool { return target == ErrTerms }
