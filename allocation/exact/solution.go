package exact

import "fmt"

// Proof says how a solution is known to be optimal.
type Proof uint8

// The kinds of proof.
const (
	Unproven Proof = iota // the search was stopped; Solution.Bound tells how far the optimum can be
	BySearch              // the search ran to its end
	ByPrices              // the certificate proves it alone, and Check repeats that proof
)

// String is the name of the proof: "unproven", "search" or "prices".
func (p Proof) String() string {
	switch p {
	case Unproven:
		return "unproven"
	case BySearch:
		return "search"
	case ByPrices:
		return "prices"
	default:
		return fmt.Sprintf("Proof(%d)", uint8(p))
	}
}

// Value is what a plan is worth, or a bound on what any plan can be worth.
type Value struct {
	Units     int64 // units filled
	Shipments int   // locations used
	Cost      int64 // fixed costs and unit costs
	Total     int64 // Cost and the penalties of what stays unfilled
}

// Certificate holds prices that bound the cost of every plan, however it was found. For any prices of at
// most the penalties, and any price of a shipment that is not below zero
//
//	sum of qty × price − sum over locations of max(0, earned − fixed − shipment) − MaxShipments × shipment
//
// is at most the total of the best plan, where a location earns units × (price − unit cost) on each line that
// it offers below its price. The price of a line says what one more unit of it costs the plan. A location
// that earns less than its fixed cost would have to be cheaper by the difference to be worth opening.
type Certificate struct {
	Prices   []int64 // of each line, in units of 1/Scale of a minor unit; empty where nothing is certified
	Shipment int64   // price of one more shipment, in the same units; above 0 only with MaxShipments
	Scale    int64   // a power of two
	Bound    int64   // the bound that the prices prove, in minor units, rounded up
}

// Solution is the answer to a [Problem]. Reuse one to save its memory.
type Solution struct {
	Units []int64 // of each offer: units taken
	Value Value

	// Bound limits every plan. With LeastCost only Total counts: no plan costs less. With
	// FewestShipments no plan fills more than Bound.Units, none that fills as many as this one uses
	// fewer than Bound.Shipments locations, and none that fills as many from as few costs less than
	// Bound.Cost. A solution is optimal if and only if it meets its bound.
	Bound Value

	Proof       Proof
	Certificate Certificate // of the total; empty with FewestShipments, no-split lines, groups and ShipComplete
	Nodes       int         // steps of the search beyond the root; 0: none was needed
}

// Proven reports whether no plan is better.
func (s *Solution) Proven() bool { return s.Proof != Unproven }

// Gap is how far the total lies above its bound, as a fraction of the total: 0 is proven, 0.01 means that
// no plan is more than 1 % cheaper. It is meaningful with LeastCost.
func (s *Solution) Gap() float64 {
	if s.Value.Total <= s.Bound.Total {
		return 0
	}
	return float64(s.Value.Total-s.Bound.Total) / float64(max(s.Value.Total, 1))
}

func (s *Solution) reset(offers int) {
	s.Units = zeroed(s.Units, offers)
	s.Certificate = Certificate{Prices: s.Certificate.Prices[:0], Scale: 1}
	s.Value, s.Bound, s.Proof, s.Nodes = Value{}, Value{}, Unproven, 0
}

// sized returns a slice of n elements with whatever they hold, in the memory of s if it is large enough.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}

func zeroed[T any](s []T, n int) []T {
	s = sized(s, n)
	clear(s)
	return s
}
