package fulfillment

import (
	"errors"
	"fmt"
)

// Sentinels, for errors.Is. The typed errors below carry the facts.
var (
	// ErrNotFound is a fulfillment order or shipment that does not exist for this tenant.
	ErrNotFound = errors.New("fulfillment: not found")
	// ErrStale is one that changed since it was read.
	ErrStale = errors.New("fulfillment: changed since it was read")
	// ErrTransition is an action that the state does not allow.
	ErrTransition = errors.New("fulfillment: not possible in this state")
	// ErrQuantity is a number of units outside what the line has.
	ErrQuantity = errors.New("fulfillment: quantity refused")
	// ErrUnknownLine is an order line that the fulfillment order does not have.
	ErrUnknownLine = errors.New("fulfillment: unknown line")
	// ErrParcel is a shipment without parcels, or a parcel without contents.
	ErrParcel = errors.New("fulfillment: parcel refused")
	// ErrFlow is a definition of states that does not work.
	ErrFlow = errors.New("fulfillment: flow refused")
)

// TransitionError is an action that a state has no edge for. It matches ErrTransition.
type TransitionError struct {
	ID      string // of the fulfillment order or shipment
	From    string
	Action  Action
	Allowed []Action
}

// Error names the state, the action and what is possible instead.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("%v: %s of %s which is %s; possible now: %v", ErrTransition, e.Action, e.ID, e.From, e.Allowed)
}

// Is matches ErrTransition.
func (e *TransitionError) Is(target error) bool { return target == ErrTransition }

// LineError is a refusal that concerns one line; it unwraps to the cause. Facts is the
// line as it stands.
type LineError struct {
	Line  int
	Want  int64
	Err   error
	Facts Line
}

// Error shows where the line's units are.
func (e *LineError) Error() string {
	l := e.Facts
	return fmt.Sprintf("%v: line %d, want %d units; of %d assigned %d are open, %d picked, %d packed, %d shipped, %d short, %d cancelled",
		e.Err, e.Line, e.Want, l.Qty, l.Open(), l.Picked, l.Packed, l.Shipped, l.Short, l.Cancelled)
}

// Unwrap gives the cause.
func (e *LineError) Unwrap() error { return e.Err }
