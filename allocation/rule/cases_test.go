package rule_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/rule"
)

// twoPlaces is an order for 2 tees and 1 mug that either of two places can serve: "near", a shop 111 km away, and "wide", a
// warehouse 334 km away with more of everything.
func twoPlaces() allocation.Request {
	r := allocation.NewRequest(allocation.Demand{Line: 1, Item: "tee", Qty: 2, Grams: 150}, allocation.Demand{Line: 2, Item: "mug", Qty: 1, Grams: 400})
	r.AllowPartial, r.Now, r.NeedBy = true, noon, noon.Add(48*time.Hour)
	r.Destination, r.Channel, r.Country, r.Region = &allocation.Point{}, "web", "DE", "south"
	r.Add(allocation.Candidate{
		Location: "near", Priority: 1, At: &allocation.Point{Lng: 1}, Groups: []string{"shops"}, Country: "FR", Region: "north",
		ArrivesAt: noon.Add(24 * time.Hour), Since: []time.Time{noon, noon},
	}, map[string]int64{"tee": 4, "mug": 1})
	r.Add(allocation.Candidate{
		Location: "wide", Priority: 3, At: &allocation.Point{Lng: 3}, Groups: []string{"warehouses"}, Country: "DE", Region: "south",
		ArrivesAt: noon.Add(60 * time.Hour), Since: []time.Time{noon, noon.Add(-240 * time.Hour)},
	}, map[string]int64{"tee": 40, "mug": 10})
	return r
}

func TestEveryRuleDoesWhatItSays(t *testing.T) {
	t.Parallel()
	warehouses := rule.Where{Groups: []string{"warehouses"}}
	tests := map[string]struct {
		rules  []rule.Rule
		change func(r *allocation.Request)
		from   map[string]int64 // units of each location
		cost   int64
		says   string // in the explanation
	}{
		"no rule: priority decides between equals": {nil, nil, map[string]int64{"near": 3}, 0, "cost: 0; proven"},
		"exclude a group":                          {[]rule.Rule{rule.Exclude{Where: shops}}, nil, map[string]int64{"wide": 3}, 0, "is excluded (exclude)"},
		"exclude a group for an item":              {[]rule.Rule{rule.Exclude{Where: shops, Items: []string{"mug"}}}, nil, map[string]int64{"wide": 3}, 0, "line 2: is excluded for mug (exclude)"},
		"only a group":                             {[]rule.Rule{rule.Only{Where: warehouses}}, nil, map[string]int64{"wide": 3}, 0, "is not among those allowed (only)"},
		"only what is near":                        {[]rule.Rule{rule.Exclude{Where: rule.Where{Locations: []string{"near"}}}, rule.MaxDistance{Km: 200}}, nil, nil, 0, "is 334 km away, at most 200 are allowed (max_distance)"},
		"an unknown distance is too far":           {[]rule.Rule{rule.MaxDistance{Km: 200}}, func(r *allocation.Request) { r.Destination = nil }, nil, 0, "is at an unknown distance"},
		"the same country":                         {[]rule.Rule{rule.SameCountry{}}, nil, map[string]int64{"wide": 3}, 0, "is in FR, not in DE (same_country)"},
		"the same region":                          {[]rule.Rule{rule.SameRegion{}}, nil, map[string]int64{"wide": 3}, 0, "is in north, not in south (same_region)"},
		"nobody knows the country":                 {[]rule.Rule{rule.SameCountry{}}, func(r *allocation.Request) { r.Country = "" }, nil, 0, "the destination's country is unknown"},
		"in time":                                  {[]rule.Rule{rule.InTime{}, rule.Prefer{Where: warehouses, Cost: 900}}, nil, map[string]int64{"near": 3}, 900, "delivers on 2026-03-07, needed by 2026-03-06 (in_time)"},
		"no date, nothing late":                    {[]rule.Rule{rule.InTime{}, rule.Prefer{Where: warehouses, Cost: 900}}, func(r *allocation.Request) { r.NeedBy = time.Time{} }, map[string]int64{"wide": 3}, 0, "proven"},
		"a ring-fenced shop":                       {[]rule.Rule{rule.RingFence{Where: shops, For: rule.Orders{Channels: []string{"pos"}}}}, nil, map[string]int64{"wide": 3}, 0, "keeps its stock for other orders (ring_fence)"},
		"a ring-fenced pool":                       {[]rule.Rule{rule.RingFence{Where: shops, For: rule.Orders{Channels: []string{"pos"}}, Units: 3}}, nil, map[string]int64{"wide": 3}, 0, "3 of 4 tee are not for this order (ring_fence)"},
		"a ring fence lets its own orders in":      {[]rule.Rule{rule.RingFence{Where: shops, For: rule.Orders{Channels: []string{"web"}}}}, nil, map[string]int64{"near": 3}, 0, "proven"},
		"stores protected":                         {[]rule.Rule{rule.KeepBack{Where: shops, Units: 1}}, nil, map[string]int64{"wide": 3}, 0, "1 of 1 mug are not for this order (keep_back)"},
		"at most one shipment":                     {[]rule.Rule{rule.MaxShipments{Most: 1}, rule.KeepBack{Units: 1}}, func(r *allocation.Request) { r.Candidates[1].Available[1] = 1 }, map[string]int64{"near": 2}, 0, "1 missing"},
		"complete, or nothing":                     {[]rule.Rule{rule.Complete{}}, func(r *allocation.Request) { r.Demands[1].Qty = 50 }, nil, 0, "nothing assigned, 52 units missing"},
		"lines are not split":                      {[]rule.Rule{rule.NoSplit{Items: []string{"mug"}}}, func(r *allocation.Request) { r.Demands[1].Qty = 11 }, map[string]int64{"wide": 12}, 0, "1 missing"},
		"lines come together":                      {[]rule.Rule{rule.Together{}, rule.Exclude{Where: shops, Items: []string{"mug"}}, rule.Exclude{Where: warehouses, Items: []string{"tee"}}}, nil, nil, 0, "3 units missing"},
		"a shipment and its units cost":            {[]rule.Rule{rule.Shipment{Where: shops, Cost: 100, Unit: 10}, rule.Shipment{Cost: 50}}, nil, map[string]int64{"wide": 3}, 50, "costs 50 (shipment 50)"},
		"rates by distance and weight":             {[]rule.Rule{rule.Rates{Table: []rule.Rate{{Km: 200, Cost: 390, Kilo: 101}, {Cost: 590, Kilo: 1}}}}, nil, map[string]int64{"near": 3}, 390 + 2*16 + 41, "(rates 463)"},
		"no rate, no shipment":                     {[]rule.Rule{rule.Rates{Table: []rule.Rate{{From: warehouses, To: rule.Orders{Countries: []string{"DE"}}, Cost: 1}}}}, nil, map[string]int64{"wide": 3}, 1, "has no rate to the destination (rates)"},
		"nearest by its cost":                      {[]rule.Rule{rule.Distance{Per100Km: 100}}, nil, map[string]int64{"near": 3}, 112, "distance 112"},
		"an unknown distance is the farthest":      {[]rule.Rule{rule.Distance{Per100Km: 100}}, func(r *allocation.Request) { r.Candidates[0].At = nil }, map[string]int64{"wide": 3}, 334, "distance 334"},
		"priority by its cost":                     {[]rule.Rule{rule.Priority{Cost: 30}, rule.Exclude{Where: shops}}, nil, map[string]int64{"wide": 3}, 60, "priority 60"},
		"highest stock first":                      {[]rule.Rule{rule.HighestStock{Cost: 30}}, nil, map[string]int64{"wide": 3}, 0, "proven"},
		"balance: what is plentiful goes first":    {[]rule.Rule{rule.Balance{Cost: 100}}, nil, map[string]int64{"wide": 3}, 2*5 + 10, "balance 20"},
		"what lies longest goes first":             {[]rule.Rule{rule.OldestFirst{PerDay: 4, MaxDays: 5}}, nil, map[string]int64{"wide": 3}, -2 * 20, "oldest_first -40"},
		"a preferred group":                        {[]rule.Rule{rule.Prefer{Where: warehouses, Cost: 5}}, nil, map[string]int64{"wide": 3}, 0, "proven"},
		"ranked groups":                            {[]rule.Rule{rule.Ranked{Groups: []string{"dark stores", "warehouses"}, Cost: 7}}, nil, map[string]int64{"wide": 3}, 7, "ranked 7"},
		"late days cost":                           {[]rule.Rule{rule.Late{PerDay: 11}, rule.Exclude{Where: shops}}, nil, map[string]int64{"wide": 3}, 11, "late 11"},
		"the earliest arrival":                     {[]rule.Rule{rule.Earliest{PerDay: 11}, rule.Prefer{Where: warehouses, Cost: 20}}, nil, map[string]int64{"near": 3}, 31, "(earliest 11, prefer 20)"},
		"what is planned stays": {[]rule.Rule{rule.Stay{Cost: 3}, rule.Shipment{Where: warehouses, Cost: 8}}, func(r *allocation.Request) {
			r.Previous = []allocation.Assignment{{Line: 1, Item: "tee", Location: "wide", Qty: 2}, {Line: 2, Item: "mug", Location: "wide", Qty: 1}}
		}, map[string]int64{"wide": 3}, 8, "proven"},
		"a change that is worth it": {[]rule.Rule{rule.Stay{Cost: 3}, rule.Shipment{Where: warehouses, Cost: 10}}, func(r *allocation.Request) {
			r.Previous = []allocation.Assignment{{Line: 1, Item: "tee", Location: "wide", Qty: 2}, {Line: 2, Item: "mug", Location: "wide", Qty: 1}}
		}, map[string]int64{"near": 3}, 9, "stay 9"},
		"a soft rule costs":                     {[]rule.Rule{rule.Soft{Rule: rule.SameCountry{}, Cost: 40}, rule.Shipment{Where: warehouses, Cost: 50}}, nil, map[string]int64{"near": 3}, 40, "same_country 40"},
		"a soft rule on a line costs each unit": {[]rule.Rule{rule.Soft{Rule: rule.Exclude{Where: shops, Items: []string{"tee"}}, Cost: 40}, rule.Shipment{Where: warehouses, Cost: 90}}, nil, map[string]int64{"near": 3}, 80, "exclude 80"},
		"a weight scales":                       {[]rule.Rule{rule.Weighted{Rule: rule.Shipment{Cost: 101}, Percent: 50}}, nil, map[string]int64{"near": 3}, 51, "shipment 51"},
		"a weight of nothing":                   {[]rule.Rule{rule.Weighted{Rule: rule.Shipment{Cost: 101}, Percent: 0}}, nil, map[string]int64{"near": 3}, 0, "proven"},
		"a rule for some orders":                {[]rule.Rule{rule.When{Orders: rule.Orders{Channels: []string{"web"}}, Rules: []rule.Rule{rule.Exclude{Where: shops}}}}, nil, map[string]int64{"wide": 3}, 0, "(exclude)"},
		"and not for others":                    {[]rule.Rule{rule.When{Orders: rule.Orders{Channels: []string{"web"}, Not: true}, Rules: []rule.Rule{rule.Exclude{Where: shops}}}}, nil, map[string]int64{"near": 3}, 0, "proven"},
		"costs of the locations count": {nil, func(r *allocation.Request) {
			r.Candidates[0].ShipmentCost, r.Candidates[0].UnitCosts = 10, []int64{1, 2}
		}, map[string]int64{"wide": 3}, 0, "proven"},
		"a shipment that leaves anyhow is free": {[]rule.Rule{rule.Shipment{Cost: 10}}, func(r *allocation.Request) { r.Candidates[1].Shipping = true }, map[string]int64{"wide": 3}, 0, "proven"},
		"a full location":                       {nil, func(r *allocation.Request) { r.Candidates[0].Capacity = new(int64) }, map[string]int64{"wide": 3}, 0, "is full (capacity)"},
		"a capability": {nil, func(r *allocation.Request) {
			r.Demands[0].Needs = []string{"cold"}
			r.Candidates[1].Has = []string{"cold"}
		}, map[string]int64{"wide": 3}, 0, "line 1: has not cold (capability)"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := twoPlaces()
			if test.change != nil {
				test.change(&r)
			}
			plan, err := rule.Exact(rule.MostUnits, test.rules...).Plan(t.Context(), r)
			require.NoError(t, err)
			require.NoError(t, allocation.Validate(r, plan))
			var from map[string]int64
			for _, a := range plan.Assignments {
				if from == nil {
					from = make(map[string]int64)
				}
				from[a.Location] += a.Qty
			}
			require.Equal(t, test.from, from, plan.Explain())
			require.Equal(t, test.cost, plan.Proof.Value.Cost, plan.Explain())
			require.Contains(t, plan.Explain(), test.says)
			require.True(t, plan.Proof.Optimal)
		})
	}
}

func TestAUnitMayStayMissingIfThatIsCheaper(t *testing.T) {
	t.Parallel()
	r := twoPlaces()
	r.Demands[0].Penalty, r.Demands[1].Penalty = 40, 500
	set := rule.Exact(rule.LeastCost, rule.Shipment{Cost: 100, Unit: 60})
	plan, err := set.Plan(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, int64(2), plan.Missing(), "a tee is worth 40 and costs 60")
	require.Equal(t, allocation.Value{Units: 1, Shipments: 1, Cost: 160, Penalty: 80}, plan.Proof.Value)
	require.Contains(t, plan.Explain(), "cost: 160, and 80 for what is missing; proven")
	r.AllowPartial = false
	plan, err = set.Plan(t.Context(), r)
	require.NoError(t, err)
	require.True(t, plan.Complete(), "all or nothing: all costs 280, nothing 580")
}

func TestASearchThatEndsEarlySaysHowGoodItIs(t *testing.T) {
	t.Parallel()
	r := allocation.Request{AllowPartial: true}
	for d := range 24 {
		item := string(rune('a' + d))
		r.Items = append(r.Items, item)
		r.Demands = append(r.Demands, allocation.Demand{Line: d + 1, Item: item, Qty: int64(1 + d%5)})
	}
	for j := range 40 {
		c := allocation.Candidate{Location: string(rune('A' + j)), ShipmentCost: int64(300 + j*37%90)}
		for d := range r.Demands {
			c.Available = append(c.Available, int64((j*7+d*11)%3*(d%4)))
			c.UnitCosts = append(c.UnitCosts, int64((j*13+d*17)%41))
		}
		r.Candidates = append(r.Candidates, c)
	}
	for _, objective := range []rule.Objective{rule.LeastCost, rule.MostUnits} {
		set := rule.Set{Objective: objective, Nodes: 1}
		plan, err := set.Plan(t.Context(), r)
		require.NoError(t, err)
		require.NoError(t, allocation.Validate(r, plan))
		full, err := rule.Exact(objective).Plan(t.Context(), r)
		require.NoError(t, err)
		require.LessOrEqual(t, plan.Proof.Nodes, full.Proof.Nodes)
		if !plan.Proof.Optimal {
			require.Contains(t, plan.Explain(), "NOT proven")
			if objective == rule.LeastCost {
				require.Positive(t, plan.Proof.Gap())
				require.LessOrEqual(t, plan.Proof.Bound.Cost, full.Proof.Value.Cost)
			}
		}
		require.LessOrEqual(t, full.Proof.Value.Shipments, max(plan.Proof.Value.Shipments, full.Proof.Value.Shipments))
	}
}

func TestWhatCannotBePlannedIsRefused(t *testing.T) {
	t.Parallel()
	plan := func(set rule.Set, change func(r *allocation.Request)) error {
		r := twoPlaces()
		if change != nil {
			change(&r)
		}
		_, err := set.Plan(t.Context(), r)
		return err
	}
	require.ErrorIs(t, plan(rule.Set{Objective: "fast"}, nil), rule.ErrInvalidSet)
	require.ErrorIs(t, plan(rule.Exact("", nil), nil), rule.ErrInvalidSet)
	require.ErrorIs(t, plan(rule.Exact("", rule.MaxShipments{}), nil), rule.ErrInvalidSet)
	require.ErrorIs(t, plan(rule.Exact("", festive{}), func(r *allocation.Request) { r.Demands[0].Qty = 0 }), allocation.ErrInvalidRequest)
	require.ErrorIs(t, plan(rule.Exact(""), func(r *allocation.Request) { r.Demands[0].Qty = math.MaxInt64 / 2 }), rule.ErrAmount)
	require.ErrorIs(t, plan(rule.Exact("", festive{math.MaxInt64}), nil), rule.ErrAmount)
	require.ErrorIs(t, plan(rule.Exact("", festive{-1}), nil), rule.ErrAmount)
	require.ErrorIs(t, plan(rule.Exact("", rule.Soft{Rule: rule.Weighted{Rule: rule.Complete{}, Percent: 100}, Cost: 5}), nil), rule.ErrInvalidSet)
	require.ErrorIs(t, plan(rule.Exact("", rule.Filter{}), nil), rule.ErrInvalidSet)
	require.ErrorContains(t, plan(rule.Exact("", rule.Filter{Called: "mine"}), nil), "rule mine: a Filter needs")
	require.ErrorContains(t, plan(rule.Exact("", rule.Cost{Called: "mine"}), nil), "rule mine: a Cost needs")
	huge := func(r *allocation.Request) { r.Candidates[1].Priority = math.MaxInt }
	require.ErrorIs(t, plan(rule.Exact("", rule.Priority{Cost: 1}), huge), rule.ErrAmount)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := rule.Exact("").Plan(ended, twoPlaces())
	require.ErrorIs(t, err, context.Canceled)
}

func TestAlternativesArePriced(t *testing.T) {
	t.Parallel()
	set := rule.Set{Objective: rule.LeastCost, Alternatives: true, Rules: []rule.Rule{rule.Distance{Per100Km: 100}}}
	plan, err := set.Plan(t.Context(), twoPlaces())
	require.NoError(t, err)
	near, wide := plan.Explanation.Considered[0], plan.Explanation.Considered[1]
	require.Equal(t, &allocation.Difference{Cost: 334 - 112}, near.Judgement.Instead, "without it, all comes from the other")
	require.Equal(t, &allocation.Difference{Cost: 334 - 112}, wide.Judgement.Instead, "if it sends, it had better send all")
	require.Equal(t, []allocation.Term{{Rule: "distance", Amount: 334}}, wide.Judgement.Terms)
	require.Contains(t, plan.Explain(), "with it 222 dearer")
}
