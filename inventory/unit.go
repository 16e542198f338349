package inventory

import (
	"errors"
	"fmt"
	"math"
)

// ErrUnit is a quantity in a unit that an item does not have, or that does not come out
// even in it.
var ErrUnit = errors.New("inventory: unit refused")

// UnitError says what is wrong with a quantity in a unit. It matches ErrUnit.
type UnitError struct {
	Item string
	Unit string
	Qty  int64
	Rule string
}

// Error names the item, the quantity, the unit and the rule.
func (e *UnitError) Error() string {
	return fmt.Sprintf("%v: %d %q of item %q: %s", ErrUnit, e.Qty, e.Unit, e.Item, e.Rule)
}

// Is matches ErrUnit.
func (e *UnitError) Is(target error) bool { return target == ErrUnit }

// Base is a quantity of a unit in base units, which every command takes: 3 cases of 12
// are 36. The empty unit is the base unit.
func (i *Item) Base(qty int64, unit string) (int64, error) {
	per, ok := i.per(unit)
	switch {
	case !ok:
		return 0, &UnitError{Item: i.ID, Unit: unit, Qty: qty, Rule: "the item has no such unit; add it to its Units"}
	case per == 1:
		return qty, nil
	case qty > math.MaxInt64/per || qty < -(math.MaxInt64/per):
		return 0, &UnitError{Item: i.ID, Unit: unit, Qty: qty, Rule: fmt.Sprintf("there are %d base units in one; that is too many", per)}
	}
	return qty * per, nil
}

// In is a quantity of base units in a unit. One that is not whole in it is refused: 30
// are no cases of 12.
func (i *Item) In(base int64, unit string) (int64, error) {
	per, ok := i.per(unit)
	switch {
	case !ok:
		return 0, &UnitError{Item: i.ID, Unit: unit, Qty: base, Rule: "the item has no such unit; add it to its Units"}
	case base%per != 0:
		return 0, &UnitError{Item: i.ID, Unit: unit, Qty: base, Rule: fmt.Sprintf("as base units, of which %d make one, they leave %d over", per, base%per)}
	}
	return base / per, nil
}

func (i *Item) per(unit string) (int64, bool) {
	if unit == "" {
		return 1, true
	}
	for _, u := range i.Units {
		if u.Code == unit {
			return u.Qty, true
		}
	}
	return 0, false
}
