package inventory

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"
)

// CostMethod says how the units of an item are valued. Package costing, below, does it.
type CostMethod string

// The ways to value what is owned.
const (
	NotCosted   CostMethod = ""        // quantities alone are kept
	CostFIFO    CostMethod = "fifo"    // the units that came first leave first, at what they cost
	CostAverage CostMethod = "average" // every unit is worth the moving average
)

// Validate refuses a method that does not exist.
func (m CostMethod) Validate() error {
	switch m {
	case NotCosted, CostFIFO, CostAverage:
		return nil
	}
	return fmt.Errorf("%w: method %q; known: fifo, average, or none", ErrCost, string(m))
}

// CostPlaces is the number of decimal places that costs and values are kept with, in the
// tenant's base currency.
const CostPlaces = 6

// MaxUnitCost is the highest cost of one base unit.
const MaxUnitCost = 1_000_000_000_000

// UnitCost is what each unit of a movement cost, in the tenant's base currency.
type UnitCost struct {
	Movement int // its position in the posting
	Cost     decimal.Decimal
}

// ErrCost is a cost that a rule refuses, or one that is missing.
var ErrCost = errors.New("inventory: cost refused")

// CostError is a cost that a rule refuses. It matches ErrCost.
type CostError struct {
	Item string
	Cost decimal.Decimal // zero where it is the cost that is missing
	Rule string
}

// Error names the item, the cost and the rule.
func (e *CostError) Error() string {
	return fmt.Sprintf("%v: %s of item %q: %s", ErrCost, e.Cost, e.Item, e.Rule)
}

// Is matches ErrCost.
func (e *CostError) Is(target error) bool { return target == ErrCost }

// CheckUnitCost refuses a cost of one unit that could not be kept exactly.
func CheckUnitCost(item string, cost decimal.Decimal) error {
	switch {
	case cost.IsNegative():
		return &CostError{Item: item, Cost: cost, Rule: "a unit costs nothing or more"}
	case cost.Exponent() < -100 || cost.Exponent() > 100 || cost.GreaterThan(decimal.NewFromInt(MaxUnitCost)):
		return &CostError{Item: item, Rule: fmt.Sprintf("a unit costs at most %d, written plainly", int64(MaxUnitCost))}
	case !cost.Equal(cost.Truncate(CostPlaces)):
		return &CostError{Item: item, Cost: cost, Rule: fmt.Sprintf("at most %d decimal places; state the cost of a larger unit, or round it first", CostPlaces)}
	}
	return nil
}

// priced adds to a decision, whose first movement brings units in, what they cost.
func priced(c Changes, item string, cost decimal.NullDecimal) (Changes, error) {
	if !cost.Valid {
		return c, nil
	}
	if err := CheckUnitCost(item, cost.Decimal); err != nil {
		return Changes{}, err
	}
	c.Costs = []UnitCost{{Cost: cost.Decimal}}
	return c, nil
}
