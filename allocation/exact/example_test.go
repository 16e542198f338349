package exact_test

import (
	"context"
	"fmt"

	"github.com/orderkit/oms/allocation/exact"
)

// twoTees is an order of two shirts and a mug. Berlin is near but has one shirt; Paris has all.
func twoTees() *exact.Problem {
	return &exact.Problem{
		Lines: []exact.Line{
			{Qty: 2, Penalty: 1500}, // shirts
			{Qty: 1, Penalty: 900},  // a mug
		},
		Locations: []exact.Location{
			{Fixed: 640}, // Berlin
			{Fixed: 810}, // Munich
			{Fixed: 930}, // Paris
		},
		Offers: []exact.Offer{
			{Line: 0, Location: 0, Units: 1, UnitCost: 30},
			{Line: 0, Location: 1, Units: 5, UnitCost: 45},
			{Line: 0, Location: 2, Units: 9, UnitCost: 60},
			{Line: 1, Location: 0, Units: 3, UnitCost: 55},
			{Line: 1, Location: 2, Units: 2, UnitCost: 80},
		},
	}
}

func ExampleSolve() {
	s, err := exact.Solve(twoTees())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Units, s.Value.Shipments, "shipment,", s.Value.Total, "cents")
	fmt.Println("proven by", s.Proof)
	// Output:
	// [0 0 2 0 1] 1 shipment, 1130 cents
	// proven by prices
}

func ExampleSolver_Solve() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	limits := exact.Limits{Nodes: 10_000, Spent: func() float64 {
		if ctx.Err() != nil {
			return 1
		}
		return 0
	}}
	var solver exact.Solver // keep both for the next order: their memory is reused
	var s exact.Solution
	for _, objective := range []exact.Objective{exact.LeastCost, exact.FewestShipments} {
		p := twoTees()
		p.Objective = objective
		if err := solver.Solve(p, limits, &s); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(objective, s.Units, s.Proven())
	}
	// Output:
	// least_cost [0 0 2 0 1] true
	// fewest_shipments [0 0 2 0 1] true
}

func ExampleCheck() {
	p := twoTees()
	s, err := exact.Solve(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(exact.Check(p, &s))
	p.Offers[2].Units = 1 // Paris sold a shirt in the meantime
	fmt.Println(exact.Check(p, &s))
	// Output:
	// <nil>
	// exact: unsound solution: it claims that an offer gives what it has: at 2 want 1, got 2
}

func ExampleProblem_Validate() {
	p := twoTees()
	p.Lines[1].Qty = 0
	fmt.Println(p.Validate())
	// Output:
	// exact: invalid problem: Lines[].Qty at 1 is 0: a line wants between 1 and 1048576 units
}

func ExampleSolveBatch() {
	// One shirt in Berlin, one in Munich. The first order could have either, the second only Berlin's.
	shirt := []exact.Line{{Qty: 1, Penalty: 5000}}
	places := []exact.Location{{Fixed: 500}, {Fixed: 600}}
	berlin, munich := exact.Offer{Location: 0, Units: 1, UnitCost: 10}, exact.Offer{Location: 1, Units: 1, UnitCost: 10}
	b := &exact.Batch{
		Orders: []exact.Problem{
			{Lines: shirt, Locations: places, Offers: []exact.Offer{berlin, munich}},
			{Lines: shirt, Locations: places, Offers: []exact.Offer{berlin}},
		},
		Pools: [][]int32{{0, 1}, {0}},
		Stock: []int64{1, 1},
	}
	for _, mode := range []exact.Mode{exact.InTurn, exact.Jointly} {
		s, err := exact.SolveBatch(b, mode, exact.Limits{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(mode, s.Units, s.Value.Total, "cents, proven:", s.Proven(), exact.CheckBatch(b, &s))
	}
	// Output:
	// in_turn [[1 0] [0]] 5510 cents, proven: false <nil>
	// jointly [[0 1] [1]] 1120 cents, proven: true <nil>
}
