package allocation

import (
	"errors"
	"fmt"
)

// ErrInvalidRequest is matched by every error about a request that cannot be planned.
var ErrInvalidRequest = errors.New("allocation: invalid request")

// ErrInvalidPlan is matched by every error about a plan that must not be applied.
var ErrInvalidPlan = errors.New("allocation: invalid plan")

// ErrNoStrategy is returned by [FirstOf] without a strategy, and for a strategy or [Func] that is nil.
var ErrNoStrategy = errors.New("allocation: no strategy to ask: give at least one, and none that is nil")

// RequestError says what is wrong with a request and matches [ErrInvalidRequest]. Facts that do not
// apply are zero.
type RequestError struct {
	Problem  string // what is wrong and what to do about it
	Line     int    // the order line
	Item     string
	Location string
	Qty      int64 // the quantity that was refused
}

// Error is one sentence that ends in what to do.
func (e *RequestError) Error() string { return fmt.Sprintf("%v: %s", ErrInvalidRequest, e.Problem) }

// Is matches [ErrInvalidRequest].
func (e *RequestError) Is(target error) bool { return target == ErrInvalidRequest }

// PlanError says which promise of a plan does not hold and matches [ErrInvalidPlan]. Facts that do
// not apply are zero.
type PlanError struct {
	Problem  string // what is wrong and what to do about it
	Line     int    // the order line
	Item     string
	Location string
	Want     int64 // units the plan claims
	Have     int64 // units it may claim
}

// Error is one sentence that ends in what to do.
func (e *PlanError) Error() string { return fmt.Sprintf("%v: %s", ErrInvalidPlan, e.Problem) }

// Is matches [ErrInvalidPlan].
func (e *PlanError) Is(target error) bool { return target == ErrInvalidPlan }
