package exact

import (
	"errors"
	"fmt"
	"math"
)

// Limits of what a [Problem] may hold. They keep every sum of the search inside an int64.
const (
	MaxLines     = 1 << 14 // lines of one order
	MaxLocations = 1 << 14 // locations that may serve it
	MaxUnits     = 1 << 20 // units of one line
	MaxMoney     = 1 << 31 // minor units of money: a fixed cost, a unit cost, a penalty
)

// Objective says which of two plans is better.
type Objective uint8

// The two objectives.
const (
	// LeastCost is the least sum of fixed costs, unit costs and penalties. A unit whose cheapest way
	// costs more than its penalty stays unfilled.
	LeastCost Objective = iota

	// FewestShipments fills the most units, then uses the fewest locations, then costs the least.
	// Penalties play no part.
	FewestShipments
)

// String is the name of the objective, such as "least_cost".
func (o Objective) String() string {
	switch o {
	case LeastCost:
		return "least_cost"
	case FewestShipments:
		return "fewest_shipments"
	default:
		return fmt.Sprintf("Objective(%d)", uint8(o))
	}
}

// Line is one line of the order. Lines that draw on the same stock must be merged by the caller: units
// of an [Offer] are promised to its line alone.
type Line struct {
	Qty     int64 // units wanted, 1 to MaxUnits
	Penalty int64 // cost of each unit that stays unfilled; 0 to MaxMoney
	NoSplit bool  // at most one location fills this line, in full or in part
	Group   int   // lines of one group, 1 to len(Lines), are filled in full by one location, or not at all; 0: none
}

// Location is a place that can ship.
type Location struct {
	Fixed int64 // cost of a shipment from here, however much is in it; 0 to MaxMoney
}

// Offer says what a location can do for a line. What it does not offer it cannot do: a location that is
// too far, too slow or not allowed has no offer.
type Offer struct {
	Line     int32 // position in Problem.Lines
	Location int32 // position in Problem.Locations
	Units    int64 // units the location can give to the line; more than the line wants is no error
	UnitCost int64 // cost of each unit; below zero is a credit
}

// Problem is one order and the locations that may serve it. Money is in minor units of one currency.
type Problem struct {
	Objective    Objective
	Lines        []Line
	Locations    []Location
	Offers       []Offer // in any order; each pair of a line and a location at most once
	MaxShipments int     // most locations that a plan may use; 0: no limit
	ShipComplete bool    // either every line is filled in full, or nothing ships
}

var (
	// ErrInvalid is matched by every [InvalidError].
	ErrInvalid = errors.New("exact: invalid problem")
	// ErrUnsound is matched by every [UnsoundError].
	ErrUnsound = errors.New("exact: unsound solution")
)

// InvalidError says which number of a problem is refused.
type InvalidError struct {
	Part  string // the field: "Lines[].Qty", "Offers[].Location", ...
	Index int    // the position in its list, or -1 where the field stands alone
	Value int64  // what it is
	Why   string // what it has to be
}

// Error names the number, its place, and what it has to be.
func (e *InvalidError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("%v: %s is %d: %s", ErrInvalid, e.Part, e.Value, e.Why)
	}
	return fmt.Sprintf("%v: %s at %d is %d: %s", ErrInvalid, e.Part, e.Index, e.Value, e.Why)
}

// Is makes the error match [ErrInvalid].
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

func invalid(part string, index int, value int64, why string) error {
	return &InvalidError{Part: part, Index: index, Value: value, Why: why}
}

// check refuses what lies outside the limits. The offers, which need an index to be checked for
// duplicates, are left to Solver.index.
func (p *Problem) check() error {
	switch {
	case p.Objective > FewestShipments:
		return invalid("Objective", -1, int64(p.Objective), "there is no such objective")
	case len(p.Lines) > MaxLines:
		return invalid("Lines", -1, int64(len(p.Lines)), "too many lines")
	case len(p.Locations) > MaxLocations:
		return invalid("Locations", -1, int64(len(p.Locations)), "too many locations")
	case len(p.Offers) > math.MaxInt32:
		return invalid("Offers", -1, int64(len(p.Offers)), "too many offers")
	case p.MaxShipments < 0:
		return invalid("MaxShipments", -1, int64(p.MaxShipments), "it is a number of locations, 0 for no limit")
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		switch {
		case l.Qty < 1 || l.Qty > MaxUnits:
			return invalid("Lines[].Qty", i, l.Qty, "a line wants between 1 and 1048576 units")
		case l.Penalty < 0 || l.Penalty > MaxMoney:
			return invalid("Lines[].Penalty", i, l.Penalty, "a penalty lies between 0 and 2147483648")
		case l.Group < 0 || l.Group > len(p.Lines):
			return invalid("Lines[].Group", i, int64(l.Group), "a group is a number from 1 to the number of lines, 0 for none")
		}
	}
	for j := range p.Locations {
		if f := p.Locations[j].Fixed; f < 0 || f > MaxMoney {
			return invalid("Locations[].Fixed", j, f, "a fixed cost lies between 0 and 2147483648")
		}
	}
	return nil
}

// offer refuses what lies outside the limits in one offer.
func (p *Problem) offer(k int) error {
	o := &p.Offers[k]
	switch {
	case o.Line < 0 || int(o.Line) >= len(p.Lines):
		return invalid("Offers[].Line", k, int64(o.Line), "the problem has no such line")
	case o.Location < 0 || int(o.Location) >= len(p.Locations):
		return invalid("Offers[].Location", k, int64(o.Location), "the problem has no such location")
	case o.Units < 0:
		return invalid("Offers[].Units", k, o.Units, "stock is never below zero")
	case o.UnitCost < -MaxMoney || o.UnitCost > MaxMoney:
		return invalid("Offers[].UnitCost", k, o.UnitCost, "a unit cost lies between -2147483648 and 2147483648")
	}
	return nil
}
