package exact

import (
	"fmt"
	"math"
)

// Batch is many orders that share scarce stock and the capacity of locations. All orders number the
// locations alike and have the objective of the batch.
type Batch struct {
	Objective Objective

	// Orders in the order of arrival. Offers[].Units is what a rule lets an order have of the pool at
	// most; math.MaxInt64 where there is no such rule.
	Orders []Problem

	Pools    [][]int32 // of each order, of each offer: the pool that it draws on; offers of one order draw on different pools
	Stock    []int64   // of each pool: units
	Capacity []int64   // of each location: orders that it can ship, below zero for no limit; nil: no limits
}

// BatchSolution is the answer to a [Batch].
type BatchSolution struct {
	Units  [][]int64 // of each order, of each offer: units taken
	Values []Value   // of each order
	Value  Value     // their sum

	// Bound limits every plan of the batch as Solution.Bound limits every plan of one order. A tier below
	// one in which the plan does not meet its bound has none.
	Bound Value

	// Prices say what one more unit of a pool, and one more shipment from a location, would save the
	// batch. They are the opportunity costs of stock: added to the costs of the next order they keep
	// scarce stock for those who need it most. With LeastCost they prove Bound; with FewestShipments they
	// are in minor units too, but of a sum in which a shipment weighs eight times what one costs at most.
	Prices         []int64 // of each pool
	ShipmentPrices []int64 // of each location

	Proof Proof
	Steps int // orders solved
}

// Proven reports whether no plan is better.
func (s *BatchSolution) Proven() bool { return s.Proof != Unproven }

// Gap is how far the total lies above its bound, as a fraction of the total.
func (s *BatchSolution) Gap() float64 {
	one := Solution{Value: s.Value, Bound: s.Bound}
	return one.Gap()
}

// Mode is how much work a batch is worth.
type Mode uint8

// The modes. None is ever worse than InTurn.
const (
	InTurn      Mode = iota // each order gets its best plan in the order of arrival
	Reevaluated             // then orders that lack something go before one that holds it, where that is better
	Jointly                 // prices of what is scarce weigh all orders against each other, then small groups change places
)

// String is the name of the mode, such as "jointly".
func (m Mode) String() string {
	switch m {
	case InTurn:
		return "in_turn"
	case Reevaluated:
		return "reevaluated"
	case Jointly:
		return "jointly"
	default:
		return fmt.Sprintf("Mode(%d)", uint8(m))
	}
}

// SolveBatch plans all orders of a batch. An [InvalidError] says what is wrong with it. One step of limits
// is one order solved; with no limits Jointly ends when prices and plan have settled, which takes some
// tenths of a second for 200 orders. Whatever ends it, the plan is allowed, is not worse than that of
// InTurn, and has a bound. The search within one order is cut after 10,000 nodes, so that no order stops
// all others.
func SolveBatch(b *Batch, mode Mode, limits Limits) (BatchSolution, error) {
	if mode > Jointly {
		return BatchSolution{}, invalid("mode", -1, int64(mode), "there is no such mode")
	}
	if err := b.Validate(); err != nil {
		return BatchSolution{}, err
	}
	r := newBatchRun(b, limits)
	r.inTurn()
	r.findScarce()
	if mode == Reevaluated {
		r.reevaluate()
		r.yield()
	}
	r.price(mode)
	if mode == Jointly {
		r.exchange()
	}
	if r.failed != nil {
		return BatchSolution{}, r.failed
	}
	return r.solution(), nil
}

// Validate refuses, with an [InvalidError], what [SolveBatch] would refuse.
func (b *Batch) Validate() error {
	switch {
	case b.Objective > FewestShipments:
		return invalid("Objective", -1, int64(b.Objective), "there is no such objective")
	case len(b.Pools) != len(b.Orders):
		return invalid("Pools", -1, int64(len(b.Pools)), "there is a list of pools for each order")
	case len(b.Orders) > MaxLines:
		return invalid("Orders", -1, int64(len(b.Orders)), "too many orders")
	}
	for k, units := range b.Stock {
		if units < 0 || units > math.MaxInt32 {
			return invalid("Stock", k, units, "stock lies between 0 and 2147483647")
		}
	}
	seen := make([]int, len(b.Stock))
	var s Solver
	for o := range b.Orders {
		p := &b.Orders[o]
		switch {
		case p.Objective != b.Objective:
			return invalid("Orders[].Objective", o, int64(p.Objective), "the orders have the objective of the batch")
		case b.Capacity != nil && len(b.Capacity) != len(p.Locations):
			return invalid("Orders[].Locations", o, int64(len(p.Locations)), "the orders have the locations of the batch")
		case len(p.Locations) != len(b.Orders[0].Locations):
			return invalid("Orders[].Locations", o, int64(len(p.Locations)), "the orders have the same locations")
		case len(b.Pools[o]) != len(p.Offers):
			return invalid("Pools[]", o, int64(len(b.Pools[o])), "there is a pool for each offer")
		}
		if err := s.index(p); err != nil {
			return fmt.Errorf("order %d: %w", o, err)
		}
		for k, pool := range b.Pools[o] {
			switch {
			case pool < 0 || int(pool) >= len(b.Stock):
				return invalid("Pools[][]", k, int64(pool), "the batch has no such pool")
			case seen[pool] == o+1:
				return invalid("Pools[][]", k, int64(pool), "two offers of an order draw on the same pool: merge their lines")
			}
			seen[pool] = o + 1
		}
	}
	return nil
}
