package rule_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/rule"
)

// shelves are what two locations have; every order of a batch sees them.
func shelves(r allocation.Request) allocation.Request {
	r.AllowPartial = true
	r.Add(allocation.Candidate{Location: "ber", ShipmentCost: 400, Groups: []string{"warehouses"}}, map[string]int64{"tee": 1, "mug": 5})
	r.Add(allocation.Candidate{Location: "shop", ShipmentCost: 450, Groups: []string{"shops"}}, map[string]int64{"tee": 1})
	return r
}

// The first order could take its tee anywhere, the second also wants a mug, which only Berlin has.
func ExampleSet_Batch() {
	orders := []allocation.Request{
		shelves(allocation.NewRequest(allocation.Demand{Line: 1, Item: "tee", Qty: 1})),
		shelves(allocation.NewRequest(allocation.Demand{Line: 1, Item: "tee", Qty: 1}, allocation.Demand{Line: 2, Item: "mug", Qty: 1})),
	}
	batch, err := rule.Exact(rule.LeastCost).Batch(context.Background(), orders, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, plan := range batch.Plans {
		fmt.Println(plan.Assignments)
	}
	fmt.Printf("%d shipments for %d, proven: %t\n", batch.Value.Shipments, batch.Value.Cost, batch.Optimal)
	fmt.Printf("one after the other: %d shipment more, %d dearer\n", batch.Gain.Shipments, batch.Gain.Cost)
	// Output:
	// [{1 tee shop 1}]
	// [{1 tee ber 1} {2 mug ber 1}]
	// 2 shipments for 850, proven: true
	// one after the other: 1 shipment more, 400 dearer
}

func TestABatchNeverPromisesAUnitTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		stock := map[string]map[string]int64{}
		for _, id := range []string{"ber", "ham", "shop"} {
			stock[id] = map[string]int64{"a": rapid.Int64Range(0, 4).Draw(t, "a"), "b": rapid.Int64Range(0, 4).Draw(t, "b")}
		}
		var requests []allocation.Request
		for range rapid.IntRange(0, 5).Draw(t, "orders") {
			r := allocation.NewRequest(
				allocation.Demand{Line: 1, Item: "a", Qty: rapid.Int64Range(1, 3).Draw(t, "qty a"), Penalty: rapid.Int64Range(1, 50).Draw(t, "penalty")},
				allocation.Demand{Line: 2, Item: "b", Qty: rapid.Int64Range(1, 3).Draw(t, "qty b"), Penalty: 60})
			r.AllowPartial = rapid.Bool().Draw(t, "partial")
			r.Channel = rapid.SampledFrom([]string{"web", "pos"}).Draw(t, "channel")
			for _, id := range []string{"ber", "ham", "shop"} {
				groups := []string{"warehouses"}
				if id == "shop" {
					groups = []string{"shops"}
				}
				r.Add(allocation.Candidate{Location: id, Groups: groups, ShipmentCost: rapid.Int64Range(0, 40).Draw(t, "cost")}, stock[id])
			}
			requests = append(requests, r)
		}
		capacity := map[string]int64{"ber": rapid.Int64Range(0, 3).Draw(t, "capacity")}
		set := rule.Exact(rapid.SampledFrom([]rule.Objective{rule.MostUnits, rule.LeastCost}).Draw(t, "objective"),
			rule.RingFence{Where: shops, For: rule.Orders{Channels: []string{"pos"}}, Units: rapid.Int64Range(0, 2).Draw(t, "fence")},
			rule.KeepBack{Where: rule.Where{Locations: []string{"ham"}}, Units: 1})
		batch, err := set.Batch(t.Context(), requests, capacity)
		require.NoError(t, err)
		require.Len(t, batch.Plans, len(requests))
		sent, web, shipped := map[string]int64{}, map[string]int64{}, int64(0)
		var units int64
		for k, p := range batch.Plans {
			require.NoError(t, allocation.Validate(requests[k], p))
			fromBerlin := false
			for _, a := range p.Assignments {
				sent[a.Location+a.Item] += a.Qty
				if requests[k].Channel == "web" {
					web[a.Location+a.Item] += a.Qty
				}
				units += a.Qty
				fromBerlin = fromBerlin || a.Location == "ber"
			}
			if fromBerlin {
				shipped++
			}
		}
		require.Equal(t, units, batch.Value.Units)
		require.LessOrEqual(t, shipped, capacity["ber"])
		for id, has := range stock {
			for item, n := range has {
				require.LessOrEqual(t, sent[id+item], n)
			}
		}
		fence := set.Rules[0].(rule.RingFence).Units
		for _, item := range []string{"a", "b"} {
			require.LessOrEqual(t, sent["ham"+item], max(0, stock["ham"][item]-1), "kept back")
			if fence > 0 {
				require.LessOrEqual(t, web["shop"+item], max(0, stock["shop"][item]-fence), "fenced")
			} else {
				require.Zero(t, web["shop"+item])
			}
		}
		require.GreaterOrEqual(t, batch.Gap, int64(0))
		if set.Objective == rule.MostUnits {
			require.GreaterOrEqual(t, batch.Gain.Missing, int64(0))
		} else {
			require.GreaterOrEqual(t, batch.Gain.Cost, int64(0))
		}
	})
}

func TestABatchRefusesWhatItCannotShare(t *testing.T) {
	t.Parallel()
	one := func() allocation.Request {
		return shelves(allocation.NewRequest(allocation.Demand{Line: 1, Item: "tee", Qty: 1}))
	}
	batch := func(set rule.Set, capacity map[string]int64, requests ...allocation.Request) error {
		_, err := set.Batch(t.Context(), requests, capacity)
		return err
	}
	require.NoError(t, batch(rule.Set{}, nil))
	require.NoError(t, batch(rule.Set{}, nil, one(), one()))
	require.ErrorIs(t, batch(rule.Set{Nodes: -1}, nil), rule.ErrInvalidSet)
	require.ErrorIs(t, batch(rule.Set{}, map[string]int64{"ber": -1}, one()), rule.ErrAmount)

	other := one()
	other.Candidates[0].Available[0] = 7
	require.ErrorContains(t, batch(rule.Set{}, nil, one(), other), "request 1: allocation: invalid request: location ber has 7 of tee here and 1 in an earlier request")
	limit := int64(1)
	limited := one()
	limited.Candidates[0].Capacity = &limit
	require.ErrorIs(t, batch(rule.Set{}, nil, limited), allocation.ErrInvalidRequest)
	twice := shelves(allocation.NewRequest(allocation.Demand{Line: 1, Item: "tee", Qty: 1}, allocation.Demand{Line: 2, Item: "tee", Qty: 1, NoSplit: true}))
	require.ErrorContains(t, batch(rule.Set{}, nil, twice), "on different terms")
	wrong := one()
	wrong.Demands[0].Qty = 0
	require.ErrorIs(t, batch(rule.Set{}, nil, wrong), allocation.ErrInvalidRequest)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := rule.Set{}.Batch(ended, []allocation.Request{one()}, nil)
	require.ErrorIs(t, err, context.Canceled)
}
