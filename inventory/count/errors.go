package count

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
)

// Sentinels, for errors.Is. The typed errors below carry the facts.
var (
	// ErrNotFound is a count that does not exist for this tenant.
	ErrNotFound = errors.New("count: not found")
	// ErrTransition is an action that the state does not allow.
	ErrTransition = errors.New("count: not possible in this state")
	// ErrQuantity is a number of lines or units that no count has.
	ErrQuantity = errors.New("count: quantity refused")
	// ErrUnknownLine is a line that the count does not have.
	ErrUnknownLine = errors.New("count: unknown line")
	// ErrDuplicate is a place that is listed twice.
	ErrDuplicate = errors.New("count: place is listed already")
	// ErrScope is an unknown scope, a whole location beside places, or a tolerance that is none.
	ErrScope = errors.New("count: scope or tolerance refused")
	// ErrUncounted is a line that nobody has counted in its round.
	ErrUncounted = errors.New("count: not counted yet")
	// ErrDisagreement is a line whose counters found different variances.
	ErrDisagreement = errors.New("count: counters disagree")
	// ErrStale is a line whose books changed since it was counted.
	ErrStale = errors.New("count: stock moved since it was counted")
	// ErrApproval is a variance beyond the tolerance that nobody approved, or an approval
	// by nobody.
	ErrApproval = errors.New("count: approval needed")
	// ErrReserved is a variance that would take units that are reserved.
	ErrReserved = errors.New("count: fewer units than are reserved")
)

// TransitionError is an action that a state has no edge for. It matches ErrTransition.
type TransitionError struct {
	Count   ID
	From    State
	Action  Action
	Allowed []Action
}

// Error names the state, the action and what is possible instead.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("%v: %s of count %s which is %s; possible now: %v", ErrTransition, e.Action, e.Count, e.From, e.Allowed)
}

// Is matches ErrTransition.
func (e *TransitionError) Is(target error) bool { return target == ErrTransition }

// UncountedError names the lines that nobody has counted. It matches ErrUncounted.
type UncountedError struct{ Lines []int }

// Error lists the lines.
func (e *UncountedError) Error() string {
	return fmt.Sprintf("%v: lines %v; record them first", ErrUncounted, e.Lines)
}

// Is matches ErrUncounted.
func (e *UncountedError) Is(target error) bool { return target == ErrUncounted }

// DisagreementError is a line whose counters found different variances. It matches
// ErrDisagreement.
type DisagreementError struct {
	Line    int
	Entries []Entry
}

// Error shows what each of them found.
func (e *DisagreementError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: line %d", ErrDisagreement, e.Line)
	for _, x := range e.Entries {
		fmt.Fprintf(&b, "; %q found %d of %d", x.By, x.Qty, x.Expected)
	}
	b.WriteString("; request a recount")
	return b.String()
}

// Is matches ErrDisagreement.
func (e *DisagreementError) Is(target error) bool { return target == ErrDisagreement }

// StaleCountError is a line whose books changed between counting and posting. It
// matches ErrStale.
type StaleCountError struct {
	Line     int
	Key      inventory.Key
	Expected int64 // the books when it was counted
	Actual   int64 // the books now

	// Corrected is a posting since that corrected the books itself: not even a rebase can
	// tell whether it is the same error. Zero: none did.
	Corrected uuid.UUID
}

// Error shows both figures.
func (e *StaleCountError) Error() string {
	way := "recount it, or post with Rebase if the counter saw none of that"
	if e.Corrected != uuid.Nil {
		way = fmt.Sprintf("posting %s corrected it meanwhile; recount it", e.Corrected)
	}
	return fmt.Sprintf("%v: line %d, item %q lot %q at %q: the books had %d, now %d; %s",
		ErrStale, e.Line, e.Key.Item, e.Key.Lot, e.Key.Location, e.Expected, e.Actual, way)
}

// Is matches ErrStale.
func (e *StaleCountError) Is(target error) bool { return target == ErrStale }

// ApprovalError is a variance beyond the tolerance that nobody approved. It matches
// ErrApproval.
type ApprovalError struct {
	Line     int
	Key      inventory.Key
	Expected int64
	Variance int64
}

// Error shows the variance.
func (e *ApprovalError) Error() string {
	return fmt.Sprintf("%v: line %d, item %q lot %q at %q: %+d of %d is beyond the tolerance",
		ErrApproval, e.Line, e.Key.Item, e.Key.Lot, e.Key.Location, e.Variance, e.Expected)
}

// Is matches ErrApproval.
func (e *ApprovalError) Is(target error) bool { return target == ErrApproval }

// Holder has units of a place reserved.
type Holder struct {
	Owner string
	Qty   int64
}

// ReservedError is a variance that would take units that are reserved, or set aside in
// another state. Somebody has to decide whose they are before they can be booked as
// lost. It matches ErrReserved.
type ReservedError struct {
	Line    int
	Key     inventory.Key
	Missing int64    // units to book as lost
	Free    int64    // units that nobody has
	Holders []Holder // those who have the others; the Engine names them
}

// Error names the holders.
func (e *ReservedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: line %d, item %q lot %q at %q: %d units are missing and only %d are free",
		ErrReserved, e.Line, e.Key.Item, e.Key.Lot, e.Key.Location, e.Missing, e.Free)
	for _, h := range e.Holders {
		fmt.Fprintf(&b, "; %q has %d", h.Owner, h.Qty)
	}
	b.WriteString("; release some first")
	return b.String()
}

// Is matches ErrReserved.
func (e *ReservedError) Is(target error) bool { return target == ErrReserved }

// Name adds the owners of reservations at the place.
func (e *ReservedError) Name(held []inventory.Reservation) {
	for i := range held {
		r := &held[i]
		if r.Balance() != e.Key || r.Open() == 0 {
			continue
		}
		if n := len(e.Holders); n > 0 && e.Holders[n-1].Owner == r.Owner {
			e.Holders[n-1].Qty += r.Open()
			continue
		}
		e.Holders = append(e.Holders, Holder{Owner: r.Owner, Qty: r.Open()})
	}
}
