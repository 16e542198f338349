package rule_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/exact"
	"github.com/orderkit/oms/allocation/rule"
)

// bigger is an order of some lines over some places, with costs that make the choice a question.
func bigger(lines, places int) allocation.Request {
	var demands []allocation.Demand
	for d := range lines {
		demands = append(demands, allocation.Demand{Line: d + 1, Item: fmt.Sprintf("item-%02d", d), Qty: int64(1 + d%3), Grams: 300})
	}
	r := allocation.NewRequest(demands...)
	r.AllowPartial, r.Destination = true, &allocation.Point{}
	for j := range places {
		has := make(map[string]int64)
		for d := range demands {
			has[demands[d].Item] = int64((j*5 + d*3) % 4)
		}
		r.Add(allocation.Candidate{Location: fmt.Sprintf("place-%02d", j), At: &allocation.Point{Lng: float64(j % 9)}, ShipmentCost: int64(300 + j*37%200)}, has)
	}
	return r
}

// numbers is the same order as the bare problem, which is the floor.
func numbers(r allocation.Request) *exact.Problem {
	p := &exact.Problem{Objective: exact.LeastCost}
	for _, d := range r.Demands {
		p.Lines = append(p.Lines, exact.Line{Qty: d.Qty, Penalty: 100_000})
	}
	for j, c := range r.Candidates {
		p.Locations = append(p.Locations, exact.Location{Fixed: c.ShipmentCost})
		for d := range r.Demands {
			if units := min(c.Available[d], r.Demands[d].Qty); units > 0 {
				p.Offers = append(p.Offers, exact.Offer{Line: int32(d), Location: int32(j), Units: units, UnitCost: 12})
			}
		}
	}
	return p
}

// BenchmarkSet plans by rules, with checks, fingerprint and explanation, beside the bare solver.
func BenchmarkSet(b *testing.B) {
	rules := []rule.Rule{rule.Distance{Per100Km: 20}, rule.Shipment{Unit: 10}, rule.Balance{Cost: 5}, rule.MaxDistance{Km: 2000}}
	for _, size := range [][2]int{{1, 5}, {3, 5}, {8, 20}, {20, 60}} {
		for _, alternatives := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dx%d/alternatives=%t", size[0], size[1], alternatives), func(b *testing.B) {
				r := bigger(size[0], size[1])
				set := rule.Set{Objective: rule.LeastCost, Rules: rules, Alternatives: alternatives}
				p := numbers(r)
				var solver exact.Solver
				var found exact.Solution
				const rounds = 50
				began := time.Now()
				for range rounds {
					if err := solver.Solve(p, exact.Limits{Nodes: 20_000}, &found); err != nil {
						b.Fatal(err)
					}
				}
				floor := float64(time.Since(began).Nanoseconds()) / rounds
				b.ReportAllocs()
				for b.Loop() {
					if _, err := set.Plan(b.Context(), r); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/floor, "x-floor")
				b.ReportMetric(floor, "floor-ns/op")
			})
		}
	}
}
