package returns

import (
	"errors"
	"fmt"
	"strings"

	"github.com/orderkit/oms/order"
)

// Sentinels, for errors.Is. The typed errors below carry the facts.
var (
	// ErrNotFound is a return that does not exist for this tenant.
	ErrNotFound = errors.New("returns: not found")
	// ErrStale is one that changed since it was read.
	ErrStale = errors.New("returns: changed since it was read")
	// ErrTransition is an action that the state does not allow.
	ErrTransition = errors.New("returns: not possible in this state")
	// ErrQuantity is a number of units outside what the line has.
	ErrQuantity = errors.New("returns: quantity refused")
	// ErrUnknownLine is a line that the order or the return does not have.
	ErrUnknownLine = errors.New("returns: unknown line")
	// ErrNotShipped is a return of units that never left: they are cancelled instead.
	ErrNotShipped = errors.New("returns: not shipped")
	// ErrReason is an unknown reason or disposition.
	ErrReason = errors.New("returns: unknown reason")
	// ErrPolicy is a request that a rule of the policy fails.
	ErrPolicy = errors.New("returns: refused by policy")
	// ErrLocation is a receipt at no location, or at another than the first.
	ErrLocation = errors.New("returns: wrong location")
	// ErrWorth is a blind return line without a proper worth.
	ErrWorth = errors.New("returns: worth refused")
	// ErrFlow is a definition of states that does not work.
	ErrFlow = errors.New("returns: flow refused")
)

// TransitionError is an action that a state has no edge for. It matches ErrTransition.
type TransitionError struct {
	Return  ID
	From    State
	Action  Action
	Allowed []Action
}

// Error names the state, the action and what is possible instead.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("%v: %s of return %s which is %s; possible now: %v", ErrTransition, e.Action, e.Return, e.From, e.Allowed)
}

// Is matches ErrTransition.
func (e *TransitionError) Is(target error) bool { return target == ErrTransition }

// LineError is a refusal that concerns one line; it unwraps to the cause. Facts is the
// line as it stands, or as it would have become.
type LineError struct {
	Want  int64
	Err   error
	Facts Line
}

// Error shows where the line's units are.
func (e *LineError) Error() string {
	l := e.Facts
	return fmt.Sprintf("%v: line %d, want %d units; of %d announced %d are received, %d missing, %d inspected (%d rejected), %d refunded",
		e.Err, l.No, e.Want, l.Qty, l.Received, l.Missing, l.Inspected(), l.Rejected, l.RefundedUnits)
}

// Unwrap gives the cause.
func (e *LineError) Unwrap() error { return e.Err }

// EligibilityError is a request for more units than may come back. It matches
// ErrNotShipped when too few have shipped.
type EligibilityError struct {
	Order    order.ID
	Line     int
	Want     int64
	Eligible int64 // shipped and neither returned nor announced
}

// Error shows how many units are eligible.
func (e *EligibilityError) Error() string {
	return fmt.Sprintf("%v: order %s line %d: return of %d units, but %d are shipped and not yet returned; cancel units that have not shipped",
		ErrNotShipped, e.Order, e.Line, e.Want, e.Eligible)
}

// Is matches ErrNotShipped.
func (e *EligibilityError) Is(target error) bool { return target == ErrNotShipped }

// PolicyError lists the verdicts of a refused request. It matches ErrPolicy.
type PolicyError struct{ Verdicts []Verdict }

// Error lists the failed rules.
func (e *PolicyError) Error() string {
	var failed []string
	for _, v := range e.Verdicts {
		if v.Result == Fail {
			failed = append(failed, fmt.Sprintf("%s on line %d: %s", v.Rule, v.Line, v.Evidence))
		}
	}
	return fmt.Sprintf("%v: %s", ErrPolicy, strings.Join(failed, "; "))
}

// Is matches ErrPolicy.
func (e *PolicyError) Is(target error) bool { return target == ErrPolicy }
