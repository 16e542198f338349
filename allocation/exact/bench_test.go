package exact_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/orderkit/oms/allocation/exact"
)

// oneScan is the floor: the least work that gives any plan. It reads the offers once and takes what is
// still wanted, in the order they are listed.
func oneScan(p *exact.Problem, open []int64, units []int64) int64 {
	for i := range p.Lines {
		open[i] = p.Lines[i].Qty
	}
	var sum int64
	for k := range p.Offers {
		o := &p.Offers[k]
		x := min(open[o.Line], o.Units)
		open[o.Line] -= x
		units[k] = x
		sum += x
	}
	return sum
}

func floorNanoseconds(problems []*exact.Problem) float64 {
	open, units := make([]int64, 1000), make([]int64, 100_000)
	rounds := 1 + 20_000/len(problems)
	began := time.Now()
	var sum int64
	for range rounds {
		for _, p := range problems {
			sum += oneScan(p, open, units)
		}
	}
	return float64(time.Since(began).Nanoseconds()) / float64(min(int64(rounds*len(problems)), sum))
}

func BenchmarkSolve(b *testing.B) {
	for _, s := range shapes {
		for _, objective := range []exact.Objective{exact.LeastCost, exact.FewestShipments} {
			var problems []*exact.Problem
			for seed := range 50 {
				problems = append(problems, s.random(rand.New(rand.NewPCG(uint64(seed), 7)), objective))
			}
			b.Run(fmt.Sprintf("%s/%v", s.name, objective), func(b *testing.B) {
				floor := floorNanoseconds(problems)
				var solver exact.Solver
				var to exact.Solution
				n := 0
				b.ReportAllocs()
				for b.Loop() {
					if err := solver.Solve(problems[n%len(problems)], exact.Limits{Nodes: 2000}, &to); err != nil {
						b.Fatal(err)
					}
					n++
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/floor, "x-floor")
			})
		}
	}
}

func BenchmarkBatch(b *testing.B) {
	batch := randomBatch(rand.New(rand.NewPCG(1, 1)), exact.LeastCost, 200, 15, false)
	var orders []*exact.Problem
	for o := range batch.Orders {
		orders = append(orders, &batch.Orders[o])
	}
	for _, mode := range []exact.Mode{exact.InTurn, exact.Reevaluated} {
		b.Run(mode.String(), func(b *testing.B) {
			floor := floorNanoseconds(orders) * float64(len(orders))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := exact.SolveBatch(batch, mode, exact.Limits{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/floor, "x-floor")
		})
	}
}
