package order

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sentinels, for errors.Is. The typed errors below carry the facts.
var (
	// ErrNotFound is an order that does not exist for this tenant.
	ErrNotFound = errors.New("order: not found")
	// ErrExists is an order id or number that is taken.
	ErrExists = errors.New("order: already exists")
	// ErrStale is an order that changed since it was read.
	ErrStale = errors.New("order: changed since it was read")
	// ErrDraft is a draft that cannot become an order; the error lists every problem.
	ErrDraft = errors.New("order: draft refused")
	// ErrUnknownLine is a line number that the order does not have.
	ErrUnknownLine = errors.New("order: unknown line")
	// ErrQuantity is a quantity outside its rule.
	ErrQuantity = errors.New("order: quantity refused")
	// ErrTransition is a command that the order's state does not allow.
	ErrTransition = errors.New("order: not possible in this state")
	// ErrBlocked is a command that a rule or a hold forbids for now; the error lists why.
	ErrBlocked = errors.New("order: blocked")
	// ErrHold is a malformed, duplicate or missing hold.
	ErrHold = errors.New("order: hold refused")
	// ErrPayment is a payment operation that cannot be recorded.
	ErrPayment = errors.New("order: payment refused")
	// ErrCap is money beyond what the record allows.
	ErrCap = errors.New("order: amount exceeds its cap")
	// ErrInvariant is a change that would break the law of the line counters.
	ErrInvariant = errors.New("order: line counters would not add up")
	// ErrFlow is a definition of states that does not work.
	ErrFlow = errors.New("order: flow refused")
	// ErrReason is an unknown typed reason.
	ErrReason = errors.New("order: unknown reason")
)

// DraftError is one problem of a draft. It matches ErrDraft.
type DraftError struct {
	Line    int    // 0 for the draft as a whole
	Field   string // in the draft's own words
	Problem string
}

// Error names the line, the field and what to do.
func (e *DraftError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%v: %s: %s", ErrDraft, e.Field, e.Problem)
	}
	return fmt.Sprintf("%v: line %d: %s: %s", ErrDraft, e.Line, e.Field, e.Problem)
}

// Is matches ErrDraft.
func (e *DraftError) Is(target error) bool { return target == ErrDraft }

// LineError is a refusal that concerns one line. It unwraps to the cause.
type LineError struct {
	Order ID
	Line  int
	Err   error
}

// Error names the order and the line.
func (e *LineError) Error() string {
	return fmt.Sprintf("order %s line %d: %v", e.Order, e.Line, e.Err)
}

// Unwrap gives the cause.
func (e *LineError) Unwrap() error { return e.Err }

// TransitionError is an event that the state has no edge for. It matches ErrTransition.
type TransitionError struct {
	Order   ID
	From    State
	Event   Action
	Allowed []Action // what is possible instead
}

// Error names the state, the event and what is possible instead.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("%v: %s of order %s which is %s; possible now: %v", ErrTransition, e.Event, e.Order, e.From, e.Allowed)
}

// Is matches ErrTransition.
func (e *TransitionError) Is(target error) bool { return target == ErrTransition }

// BlockedError lists every reason why an action is not possible now although the
// state would allow it. It matches ErrBlocked.
type BlockedError struct {
	Order   ID
	Action  Action
	Reasons []string
	Holds   []Hold // those among the reasons
	Err     error  // of the guard that refused, if one did: a host's own guard is found by errors.Is
}

// Error lists the reasons.
func (e *BlockedError) Error() string {
	return fmt.Sprintf("%v: %s of order %s: %s", ErrBlocked, e.Action, e.Order, strings.Join(e.Reasons, "; "))
}

// Is matches ErrBlocked.
func (e *BlockedError) Is(target error) bool { return target == ErrBlocked }

// Unwrap gives the error of the guard.
func (e *BlockedError) Unwrap() error { return e.Err }

// CapError is an amount beyond what a record allows. It matches ErrCap.
type CapError struct {
	What string // the cap, in words
	Cap  Money
	Want Money
}

// Error shows the cap and what was asked.
func (e *CapError) Error() string {
	return fmt.Sprintf("%v: %s is %s, asked %s", ErrCap, e.What, e.Cap, e.Want)
}

// Is matches ErrCap.
func (e *CapError) Is(target error) bool { return target == ErrCap }

// InvariantError is a broken law of the line counters. It matches ErrInvariant.
type InvariantError struct {
	Law      string
	Counters Counters
}

// Error states the law.
func (e *InvariantError) Error() string {
	return fmt.Sprintf("%v: %s must hold, but %+v", ErrInvariant, e.Law, e.Counters)
}

// Is matches ErrInvariant.
func (e *InvariantError) Is(target error) bool { return target == ErrInvariant }

// StaleError is a version that is not the stored one. It matches ErrStale.
type StaleError struct {
	Order  ID
	Want   int64 // the version that the command was made for
	Actual int64 // the stored version
}

// Error shows both versions.
func (e *StaleError) Error() string {
	return fmt.Sprintf("%v: %s is at version %d, not %d; read it again and decide anew", ErrStale, e.Order, e.Actual, e.Want)
}

// Is matches ErrStale.
func (e *StaleError) Is(target error) bool { return target == ErrStale }

// DeadlineError is an expiry before its time. It matches ErrBlocked.
type DeadlineError struct {
	Order ID
	PayBy time.Time
	Now   time.Time
}

// Error shows both moments.
func (e *DeadlineError) Error() string {
	if e.PayBy.IsZero() {
		return fmt.Sprintf("%v: order %s has no payment deadline", ErrBlocked, e.Order)
	}
	return fmt.Sprintf("%v: order %s may be paid until %s, now %s", ErrBlocked, e.Order,
		e.PayBy.Format(time.RFC3339), e.Now.Format(time.RFC3339))
}

// Is matches ErrBlocked.
func (e *DeadlineError) Is(target error) bool { return target == ErrBlocked }
