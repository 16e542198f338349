package costing

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

var (
	// ErrUnknown is an item that is not costed, or a receipt that opened no layer of it.
	ErrUnknown = errors.New("costing: unknown")
	// ErrMethod is a method that the books of an item cannot begin with, or change to.
	ErrMethod = errors.New("costing: method refused")
	// ErrStale is a decision on layers that do not fit the head: someone else has changed
	// them since. Whoever reads both again may decide again.
	ErrStale = errors.New("costing: layers and head do not fit")
	// ErrAmount is an amount that a revaluation cannot spread.
	ErrAmount = errors.New("costing: amount refused")
)

// MethodError is a method that an item cannot have. It matches ErrMethod.
type MethodError struct {
	Item   string
	Method inventory.CostMethod // asked for
	Has    inventory.CostMethod
	Owned  int64 // units
	Rule   string
}

// Error names the item, both methods and the rule.
func (e *MethodError) Error() string {
	return fmt.Sprintf("%v: %q for item %q, which has %q and %d units: %s", ErrMethod, e.Method, e.Item, e.Has, e.Owned, e.Rule)
}

// Is matches ErrMethod.
func (e *MethodError) Is(target error) bool { return target == ErrMethod }

// AmountError is an amount that cannot be spread over a receipt. It matches ErrAmount.
type AmountError struct {
	Item   string
	Amount decimal.Decimal
	Rule   string
}

// Error names the item, the amount and the rule.
func (e *AmountError) Error() string {
	return fmt.Sprintf("%v: %s on item %q: %s", ErrAmount, e.Amount, e.Item, e.Rule)
}

// Is matches ErrAmount.
func (e *AmountError) Is(target error) bool { return target == ErrAmount }
