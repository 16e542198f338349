package rule_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/rule"
)

// worth is what a plan comes to under costs of locations alone.
type worth struct {
	missing, penalty, cost int64
	shipments              int
}

func (a worth) better(b worth, o rule.Objective) bool {
	if o == rule.LeastCost {
		return a.cost+a.penalty < b.cost+b.penalty
	}
	return slices.Compare([]int64{a.missing, int64(a.shipments), a.cost}, []int64{b.missing, int64(b.shipments), b.cost}) < 0
}

// enumerate tries every way to fill each demand from each candidate and calls visit with the valid ones.
func enumerate(r allocation.Request, visit func(w worth)) {
	sent := make([][]int64, len(r.Demands)) // of each demand: units of each candidate
	for d := range sent {
		sent[d] = make([]int64, len(r.Candidates))
	}
	var fill func(d, j int, left int64)
	fill = func(d, j int, left int64) {
		if d == len(r.Demands) {
			if w, ok := weigh(r, sent); ok {
				visit(w)
			}
			return
		}
		if j == len(r.Candidates) {
			next := int64(0)
			if d+1 < len(r.Demands) {
				next = r.Demands[d+1].Qty
			}
			fill(d+1, 0, next)
			return
		}
		for q := int64(0); q <= left; q++ {
			sent[d][j] = q
			fill(d, j+1, left-q)
		}
		sent[d][j] = 0
	}
	fill(0, 0, r.Demands[0].Qty)
}

// weigh prices a plan, or finds that it is none.
func weigh(r allocation.Request, sent [][]int64) (w worth, ok bool) {
	group := -1
	for d, demand := range r.Demands {
		got, sources := int64(0), 0
		for j := range r.Candidates {
			if q := sent[d][j]; q > 0 {
				if !r.Candidates[j].Can(&demand) {
					return w, false
				}
				got += q
				sources++
				if demand.Together != "" {
					if group >= 0 && group != j {
						return w, false
					}
					group = j
				}
			}
		}
		if demand.NoSplit && sources > 1 {
			return w, false
		}
		w.missing += demand.Qty - got
		w.penalty += (demand.Qty - got) * demand.Penalty
	}
	for d, demand := range r.Demands {
		if group >= 0 && demand.Together != "" && sent[d][group] < demand.Qty {
			return w, false
		}
	}
	for j, c := range r.Candidates {
		var all int64
		for i, item := range r.Items {
			var units int64
			for d, demand := range r.Demands {
				if demand.Item == item {
					units += sent[d][j]
					if len(c.UnitCosts) > 0 {
						w.cost += sent[d][j] * c.UnitCosts[i]
					}
				}
			}
			if units > c.Available[i] {
				return w, false
			}
			all += units
		}
		if c.Capacity != nil && all > *c.Capacity {
			return w, false
		}
		if all > 0 {
			w.shipments++
			if !c.Shipping {
				w.cost += c.ShipmentCost
			}
		}
	}
	return w, true
}

// What is called proven is as good as the best of all plans, and no bound is better than that, also where lines
// share units and capacities that are scarce.
func TestNoPlanIsBetterThanAProvenOne(t *testing.T) {
	t.Parallel()
	proven, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(3, 3).Draw(t, "request")
		r.AllowPartial = true
		for d := range r.Demands { // a demand without a penalty is wanted at any cost
			r.Demands[d].Penalty = max(r.Demands[d].Penalty, 1)
		}
		set := rule.Exact(rapid.SampledFrom([]rule.Objective{rule.MostUnits, rule.LeastCost}).Draw(t, "objective"))
		plan, err := set.Plan(t.Context(), r)
		require.NoError(t, err)
		var best *worth
		enumerate(r, func(w worth) {
			if best == nil || w.better(*best, set.Objective) {
				best = &w
			}
		})
		got := worth{missing: plan.Missing(), penalty: plan.Proof.Value.Penalty, cost: plan.Proof.Value.Cost, shipments: plan.Proof.Value.Shipments}
		require.False(t, got.better(*best, set.Objective), "better than the best: %+v, %+v", got, *best)
		all++
		if plan.Proof.Optimal {
			proven++
			require.False(t, best.better(got, set.Objective), "not the best: %+v, %+v", got, *best)
			require.Zero(t, plan.Proof.Gap())
			return
		}
		require.NotEmpty(t, plan.Proof.Why)
		bound := plan.Proof.Bound
		if set.Objective == rule.LeastCost {
			require.LessOrEqual(t, bound.Cost+bound.Penalty, best.cost+best.penalty)
		} else {
			require.GreaterOrEqual(t, bound.Units, plan.Proof.Value.Units+got.missing-best.missing)
		}
	})
	require.Greater(t, 2*proven, all, "%d of %d proven", proven, all)
	t.Logf("%d of %d proven", proven, all)
}
