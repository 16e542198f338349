package allocation_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/allocation"
)

// usualOrder has three lines and five locations; no single one has everything.
func usualOrder() allocation.Request {
	r := allocation.NewRequest(
		allocation.Demand{Line: 1, Item: "tee-m", Qty: 2},
		allocation.Demand{Line: 2, Item: "mug", Qty: 1},
		allocation.Demand{Line: 3, Item: "cap", Qty: 1},
	)
	r.Destination = &leipzig
	for i, at := range []allocation.Point{paris, munich, berlin, leipzig, munich} {
		stock := map[string]int64{"tee-m": int64(i), "mug": int64(i % 3), "cap": int64((i + 1) % 2)}
		r.Add(allocation.Candidate{Location: fmt.Sprintf("loc-%d", i), Priority: i, At: &at}, stock)
	}
	return r
}

// floor is the least work that answers: the hand-written walk over candidates that are already sorted,
// without checks, explanation or fingerprint.
func floor(r allocation.Request) []allocation.Assignment {
	open := make([]int64, len(r.Demands))
	for d := range r.Demands {
		open[d] = r.Demands[d].Qty
	}
	out := make([]allocation.Assignment, 0, len(r.Demands))
	for _, c := range r.Candidates {
		for d, demand := range r.Demands {
			for i, item := range r.Items {
				if qty := min(open[d], c.Available[i]); item == demand.Item && qty > 0 {
					open[d] -= qty
					out = append(out, allocation.Assignment{Line: demand.Line, Item: item, Location: c.Location, Qty: qty})
				}
			}
		}
	}
	return out
}

func floorNanoseconds(r allocation.Request) float64 {
	const rounds = 50_000
	var units int64
	began := time.Now()
	for range rounds {
		units += floor(r)[0].Qty
	}
	return float64(time.Since(began).Nanoseconds()) / float64(min(rounds, units))
}

func benchmark(b *testing.B, work func(allocation.Request) error) {
	r := usualOrder()
	base := floorNanoseconds(r)
	b.ReportAllocs()
	for b.Loop() {
		if err := work(r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/base, "x-floor")
}

func BenchmarkPlan(b *testing.B) {
	for _, s := range standard() {
		b.Run(s.name, func(b *testing.B) {
			benchmark(b, func(r allocation.Request) error {
				_, err := s.Plan(b.Context(), r)
				return err
			})
		})
	}
}

func BenchmarkValidate(b *testing.B) {
	plan, err := allocation.Nearest().Plan(b.Context(), usualOrder())
	if err != nil {
		b.Fatal(err)
	}
	benchmark(b, func(r allocation.Request) error { return allocation.Validate(r, plan) })
}

func BenchmarkExplain(b *testing.B) {
	plan, err := allocation.FewestShipments().Plan(b.Context(), usualOrder())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = plan.Explain()
	}
}

func TestUsualOrderIsPlannedWithFewAllocations(t *testing.T) {
	r := usualOrder()
	for name, most := range map[string]float64{"priority": 7, "nearest": 8} {
		for _, s := range standard() {
			if s.name != name {
				continue
			}
			got := testing.AllocsPerRun(100, func() {
				_, err := s.Plan(t.Context(), r)
				require.NoError(t, err)
			})
			require.LessOrEqual(t, got, most, "%s: text belongs in Explain, facts in the plan", name)
		}
	}
}

type named struct {
	name string
	allocation.Strategy
}

func standard() []named {
	return []named{
		{"priority", allocation.Priority()},
		{"nearest", allocation.Nearest()},
		{"fewest_shipments", allocation.FewestShipments()},
		{"first_of", allocation.FirstOf(allocation.Priority(), allocation.FewestShipments())},
	}
}
