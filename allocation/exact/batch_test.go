package exact_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/allocation/exact"
)

// tinyBatch is a batch that can be enumerated: at most three orders with few offers of few units.
func tinyBatch(r *rand.Rand) *exact.Batch {
	b := &exact.Batch{Objective: exact.Objective(r.IntN(2))}
	places, items := 1+r.IntN(3), 1+r.IntN(3)
	for range places * items {
		b.Stock = append(b.Stock, int64(r.IntN(3)))
	}
	if r.IntN(2) == 0 {
		for range places {
			b.Capacity = append(b.Capacity, int64(r.IntN(4)-1))
		}
	}
	for range 1 + r.IntN(3) {
		p := exact.Problem{Objective: b.Objective}
		var pools []int32
		for range places {
			p.Locations = append(p.Locations, exact.Location{Fixed: int64(r.IntN(30))})
		}
		for i, item := range r.Perm(items)[:1+r.IntN(min(2, items))] {
			p.Lines = append(p.Lines, exact.Line{Qty: 1 + int64(r.IntN(2)), Penalty: int64(r.IntN(60)), NoSplit: r.IntN(6) == 0})
			for j := range places {
				if r.IntN(4) > 0 {
					p.Offers = append(p.Offers, exact.Offer{Line: int32(i), Location: int32(j), Units: math.MaxInt64, UnitCost: int64(r.IntN(30) - 2)})
					pools = append(pools, int32(item*places+j))
				}
			}
		}
		if r.IntN(5) == 0 {
			p.MaxShipments = 1
		}
		p.ShipComplete = r.IntN(6) == 0
		b.Orders, b.Pools = append(b.Orders, p), append(b.Pools, pools)
	}
	return b
}

// batchOracle tries all units of all offers.
func batchOracle(b *exact.Batch) exact.Value {
	var best exact.Value
	found := false
	left, room := append([]int64(nil), b.Stock...), append([]int64(nil), b.Capacity...)
	var order func(o int, sum exact.Value)
	order = func(o int, sum exact.Value) {
		if o == len(b.Orders) {
			if !found || better(b.Objective, sum, best) {
				best, found = sum, true
			}
			return
		}
		p := &b.Orders[o]
		units := make([]int64, len(p.Offers))
		var offer func(k int)
		offer = func(k int) {
			if k < len(units) {
				for x := int64(0); x <= min(left[b.Pools[o][k]], p.Lines[p.Offers[k].Line].Qty); x++ {
					units[k] = x
					offer(k + 1)
				}
				units[k] = 0
				return
			}
			v, ok := worth(p, units)
			if !ok {
				return
			}
			ships := map[int32]bool{}
			for k, x := range units {
				left[b.Pools[o][k]] -= x
				if x > 0 {
					ships[p.Offers[k].Location] = true
				}
			}
			for j := range ships {
				if room != nil && room[j] == 0 {
					ok = false
				}
			}
			if ok {
				for j := range ships {
					if room != nil {
						room[j]--
					}
				}
				order(o+1, exact.Value{Units: sum.Units + v.Units, Shipments: sum.Shipments + v.Shipments, Cost: sum.Cost + v.Cost, Total: sum.Total + v.Total})
				for j := range ships {
					if room != nil {
						room[j]++
					}
				}
			}
			for k, x := range units {
				left[b.Pools[o][k]] += x
			}
		}
		offer(0)
	}
	order(0, exact.Value{})
	return best
}

func TestBatchBoundsHoldAndPlansAreNotWorseThanInTurn(t *testing.T) {
	t.Parallel()
	optimal := 0
	const batches = 1500
	for seed := range uint64(batches) {
		b := tinyBatch(rand.New(rand.NewPCG(seed, 3)))
		want := batchOracle(b)
		var inTurn exact.Value
		for mode := exact.InTurn; mode <= exact.Jointly; mode++ {
			got, err := exact.SolveBatch(b, mode, exact.Limits{Nodes: 3000})
			require.NoError(t, err, "seed %d", seed)
			require.NoError(t, exact.CheckBatch(b, &got), "seed %d %v", seed, mode)
			if mode == exact.InTurn {
				inTurn = got.Value
			}
			require.False(t, better(b.Objective, inTurn, got.Value), "seed %d %v: worse than in turn", seed, mode)
			require.False(t, better(b.Objective, got.Value, want), "seed %d %v: better than the optimum", seed, mode)
			if b.Objective == exact.LeastCost {
				require.LessOrEqual(t, got.Bound.Total, want.Total, "seed %d %v: the bound is no bound", seed, mode)
			} else {
				require.GreaterOrEqual(t, got.Bound.Units, want.Units, "seed %d %v", seed, mode)
				if got.Value.Units == want.Units {
					require.LessOrEqual(t, got.Bound.Shipments, want.Shipments, "seed %d %v", seed, mode)
					if got.Value.Shipments == want.Shipments {
						require.LessOrEqual(t, got.Bound.Cost, want.Cost, "seed %d %v", seed, mode)
					}
				}
			}
			if got.Proven() {
				require.False(t, better(b.Objective, want, got.Value), "seed %d %v: claims a proof that is none", seed, mode)
			}
			if mode == exact.Jointly && !better(b.Objective, want, got.Value) {
				optimal++
			}
		}
	}
	require.Greater(t, optimal, batches*97/100, "planned jointly nearly all tiny batches are optimal")
}

func TestBatchesOfUsualShapeKeepStockAndCapacity(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		for _, objective := range []exact.Objective{exact.LeastCost, exact.FewestShipments} {
			b := randomBatch(rand.New(rand.NewPCG(seed, 4)), objective, 40, 6, seed%2 == 1)
			var last exact.BatchSolution
			for mode := exact.InTurn; mode <= exact.Jointly; mode++ {
				got, err := exact.SolveBatch(b, mode, exact.Limits{Nodes: 6000})
				require.NoError(t, err)
				require.NoError(t, exact.CheckBatch(b, &got), "seed %d %v", seed, mode)
				again, err := exact.SolveBatch(b, mode, exact.Limits{Nodes: 6000})
				require.NoError(t, err)
				require.Equal(t, got, again, "the same batch with the same limit has the same plan")
				last = got
			}
			if objective == exact.LeastCost {
				require.Less(t, last.Gap(), 0.1, "prices of what is scarce bound the batch closely")
			}
		}
	}
}

func TestScarceStockGoesToTheOrderThatNeedsItMost(t *testing.T) {
	t.Parallel()
	// One unit at the near location. The first order could as well get it from the far one, the second not.
	order := func(offers ...exact.Offer) exact.Problem {
		return exact.Problem{
			Lines:     []exact.Line{{Qty: 1, Penalty: 5000}},
			Locations: []exact.Location{{Fixed: 500}, {Fixed: 600}},
			Offers:    offers,
		}
	}
	near, far := exact.Offer{Location: 0, Units: 1, UnitCost: 10}, exact.Offer{Location: 1, Units: 1, UnitCost: 10}
	b := &exact.Batch{
		Orders: []exact.Problem{order(near, far), order(near)},
		Pools:  [][]int32{{0, 1}, {0}},
		Stock:  []int64{1, 1},
	}
	inTurn, err := exact.SolveBatch(b, exact.InTurn, exact.Limits{})
	require.NoError(t, err)
	require.Equal(t, int64(510+5000), inTurn.Value.Total)
	for _, mode := range []exact.Mode{exact.Reevaluated, exact.Jointly} {
		got, err := exact.SolveBatch(b, mode, exact.Limits{})
		require.NoError(t, err)
		require.Equal(t, int64(510+610), got.Value.Total, mode)
		require.NoError(t, exact.CheckBatch(b, &got))
	}
	got, err := exact.SolveBatch(b, exact.Jointly, exact.Limits{})
	require.NoError(t, err)
	require.True(t, got.Proven())
	require.GreaterOrEqual(t, got.Prices[0], int64(100), "the near unit is worth at least the detour it saves")
}
