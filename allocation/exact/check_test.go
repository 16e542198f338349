package exact_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/allocation/exact"
)

// pair is a problem of two lines and two locations whose optimum takes one line from each.
func pair() *exact.Problem {
	return &exact.Problem{
		Lines:     []exact.Line{{Qty: 2, Penalty: 1000}, {Qty: 1, Penalty: 1000}},
		Locations: []exact.Location{{Fixed: 50}, {Fixed: 60}},
		Offers: []exact.Offer{
			{Line: 0, Location: 0, Units: 5, UnitCost: 10},
			{Line: 0, Location: 1, Units: 1, UnitCost: 100},
			{Line: 1, Location: 1, Units: 3, UnitCost: 10},
		},
	}
}

func TestInvalidProblemsAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(p *exact.Problem)
		part  string
		index int
		value int64
	}{
		"objective":          {func(p *exact.Problem) { p.Objective = 7 }, "Objective", -1, 7},
		"no units wanted":    {func(p *exact.Problem) { p.Lines[1].Qty = 0 }, "Lines[].Qty", 1, 0},
		"too many wanted":    {func(p *exact.Problem) { p.Lines[0].Qty = exact.MaxUnits + 1 }, "Lines[].Qty", 0, exact.MaxUnits + 1},
		"penalty below zero": {func(p *exact.Problem) { p.Lines[0].Penalty = -1 }, "Lines[].Penalty", 0, -1},
		"penalty too high":   {func(p *exact.Problem) { p.Lines[0].Penalty = math.MaxInt64 }, "Lines[].Penalty", 0, math.MaxInt64},
		"group below zero":   {func(p *exact.Problem) { p.Lines[0].Group = -1 }, "Lines[].Group", 0, -1},
		"group too high":     {func(p *exact.Problem) { p.Lines[1].Group = 3 }, "Lines[].Group", 1, 3},
		"fixed below zero":   {func(p *exact.Problem) { p.Locations[1].Fixed = -5 }, "Locations[].Fixed", 1, -5},
		"fixed too high":     {func(p *exact.Problem) { p.Locations[1].Fixed = exact.MaxMoney + 1 }, "Locations[].Fixed", 1, exact.MaxMoney + 1},
		"line below zero":    {func(p *exact.Problem) { p.Offers[2].Line = -1 }, "Offers[].Line", 2, -1},
		"no such line":       {func(p *exact.Problem) { p.Offers[2].Line = 2 }, "Offers[].Line", 2, 2},
		"no such location":   {func(p *exact.Problem) { p.Offers[2].Location = 2 }, "Offers[].Location", 2, 2},
		"offered twice":      {func(p *exact.Problem) { p.Offers[1].Location = 0 }, "Offers[].Location", 1, 0},
		"stock below zero":   {func(p *exact.Problem) { p.Offers[0].Units = -1 }, "Offers[].Units", 0, -1},
		"cost too high":      {func(p *exact.Problem) { p.Offers[0].UnitCost = exact.MaxMoney + 1 }, "Offers[].UnitCost", 0, exact.MaxMoney + 1},
		"credit too high":    {func(p *exact.Problem) { p.Offers[0].UnitCost = -exact.MaxMoney - 1 }, "Offers[].UnitCost", 0, -exact.MaxMoney - 1},
		"shipments":          {func(p *exact.Problem) { p.MaxShipments = -2 }, "MaxShipments", -1, -2},
		"lines":              {func(p *exact.Problem) { p.Lines = make([]exact.Line, exact.MaxLines+1) }, "Lines", -1, exact.MaxLines + 1},
		"locations":          {func(p *exact.Problem) { p.Locations = make([]exact.Location, exact.MaxLocations+1) }, "Locations", -1, exact.MaxLocations + 1},
	} {
		p := pair()
		c.spoil(p)
		to := exact.Solution{Units: []int64{9, 9, 9, 9}, Proof: exact.BySearch}
		err := new(exact.Solver).Solve(p, exact.Limits{}, &to)
		require.ErrorIs(t, err, exact.ErrInvalid, name)
		var facts *exact.InvalidError
		require.ErrorAs(t, err, &facts, name)
		require.Equal(t, c.part, facts.Part, name)
		require.Equal(t, c.index, facts.Index, name)
		require.Equal(t, c.value, facts.Value, name)
		require.NotEmpty(t, facts.Error(), name)
		require.False(t, to.Proven(), "%s: nothing of an earlier solution is left", name)
		require.Zero(t, to.Value, name)
		require.ErrorIs(t, exact.Check(p, &to), exact.ErrInvalid, name)
	}
}

func TestWhatCannotBeComputedExactlyIsRefused(t *testing.T) {
	t.Parallel()
	p := pair()
	p.Lines[0] = exact.Line{Qty: exact.MaxUnits, Penalty: exact.MaxMoney}
	_, err := exact.Solve(p)
	require.ErrorIs(t, err, exact.ErrInvalid)
	p.Lines[0] = exact.Line{Qty: exact.MaxUnits, Penalty: 1 << 20}
	p.Offers[0].Units = exact.MaxUnits
	got, err := exact.Solve(p)
	require.NoError(t, err)
	require.NoError(t, exact.Check(p, &got))
	p.Objective = exact.FewestShipments
	_, err = exact.Solve(p)
	require.ErrorIs(t, err, exact.ErrInvalid)
}

func TestAnEmptyProblemHasAnEmptySolution(t *testing.T) {
	t.Parallel()
	for _, objective := range []exact.Objective{exact.LeastCost, exact.FewestShipments} {
		for _, p := range []*exact.Problem{
			{Objective: objective},
			{Objective: objective, Locations: []exact.Location{{Fixed: 3}}},
			{Objective: objective, Locations: []exact.Location{{Fixed: 3}}, ShipComplete: true},
		} {
			got, err := exact.Solve(p)
			require.NoError(t, err)
			require.True(t, got.Proven())
			require.Zero(t, got.Value)
			require.NoError(t, exact.Check(p, &got))
		}
	}
}

func TestCheckFindsEveryFalseClaim(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(p *exact.Problem, s *exact.Solution){
		"too few units listed":      func(_ *exact.Problem, s *exact.Solution) { s.Units = s.Units[:2] },
		"units below zero":          func(_ *exact.Problem, s *exact.Solution) { s.Units[1] = -1 },
		"more than there is":        func(p *exact.Problem, _ *exact.Solution) { p.Offers[0].Units = 1 },
		"more than wanted":          func(_ *exact.Problem, s *exact.Solution) { s.Units[2] = 2 },
		"too many shipments":        func(p *exact.Problem, _ *exact.Solution) { p.MaxShipments = 1 },
		"not complete":              func(p *exact.Problem, _ *exact.Solution) { p.ShipComplete, p.Lines[1].Qty = true, 2 },
		"split":                     func(p *exact.Problem, s *exact.Solution) { p.Lines[0].NoSplit, s.Units[0], s.Units[1] = true, 1, 1 },
		"group at two":              func(p *exact.Problem, _ *exact.Solution) { p.Lines[0].Group, p.Lines[1].Group = 1, 1 },
		"group in part":             func(p *exact.Problem, s *exact.Solution) { p.Lines[0].Group, s.Units[0] = 1, 1 },
		"units":                     func(_ *exact.Problem, s *exact.Solution) { s.Value.Units++ },
		"shipments":                 func(_ *exact.Problem, s *exact.Solution) { s.Value.Shipments-- },
		"cost":                      func(_ *exact.Problem, s *exact.Solution) { s.Value.Cost-- },
		"total":                     func(_ *exact.Problem, s *exact.Solution) { s.Value.Total-- },
		"bound above the plan":      func(_ *exact.Problem, s *exact.Solution) { s.Bound.Total++ },
		"proof without its bound":   func(_ *exact.Problem, s *exact.Solution) { s.Bound.Total-- },
		"bound without its proof":   func(_ *exact.Problem, s *exact.Solution) { s.Proof = exact.Unproven },
		"unknown proof":             func(_ *exact.Problem, s *exact.Solution) { s.Proof = 9 },
		"proof without prices":      func(_ *exact.Problem, s *exact.Solution) { s.Certificate.Prices = nil },
		"prices of too few lines":   func(_ *exact.Problem, s *exact.Solution) { s.Certificate.Prices = s.Certificate.Prices[:1] },
		"scale":                     func(_ *exact.Problem, s *exact.Solution) { s.Certificate.Scale = 0 },
		"price of a shipment":       func(_ *exact.Problem, s *exact.Solution) { s.Certificate.Shipment = 1 },
		"price above the penalty":   func(_ *exact.Problem, s *exact.Solution) { s.Certificate.Prices[0] = 1001 * s.Certificate.Scale },
		"prices that prove less":    func(_ *exact.Problem, s *exact.Solution) { s.Certificate.Prices[0] -= 8 * s.Certificate.Scale },
		"more than the prices show": func(_ *exact.Problem, s *exact.Solution) { s.Certificate.Bound++ },
	} {
		p := pair()
		s, err := exact.Solve(p)
		require.NoError(t, err)
		require.Equal(t, exact.ByPrices, s.Proof)
		require.Equal(t, int64(140), s.Value.Total)
		require.NoError(t, exact.Check(p, &s))
		spoil(p, &s)
		err = exact.Check(p, &s)
		require.ErrorIs(t, err, exact.ErrUnsound, name)
		var facts *exact.UnsoundError
		require.ErrorAs(t, err, &facts)
		require.NotEmpty(t, facts.Error())
	}
}

func TestInvalidBatchesAreRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(b *exact.Batch){
		"objective":         func(b *exact.Batch) { b.Objective = 5 },
		"other objective":   func(b *exact.Batch) { b.Objective = exact.FewestShipments },
		"pools of orders":   func(b *exact.Batch) { b.Pools = nil },
		"pools of offers":   func(b *exact.Batch) { b.Pools[0] = b.Pools[0][:1] },
		"no such pool":      func(b *exact.Batch) { b.Pools[0][0] = 3 },
		"pool below zero":   func(b *exact.Batch) { b.Pools[0][0] = -1 },
		"pool twice":        func(b *exact.Batch) { b.Pools[0][0] = 1 },
		"stock below zero":  func(b *exact.Batch) { b.Stock[1] = -1 },
		"stock too high":    func(b *exact.Batch) { b.Stock[1] = math.MaxInt64 },
		"capacities":        func(b *exact.Batch) { b.Capacity = []int64{1} },
		"an invalid order":  func(b *exact.Batch) { b.Orders[0].Lines[0].Qty = 0 },
		"too few locations": func(b *exact.Batch) { b.Orders = append(b.Orders, exact.Problem{}); b.Pools = append(b.Pools, nil) },
	} {
		b := &exact.Batch{Orders: []exact.Problem{*pair()}, Pools: [][]int32{{0, 1, 2}}, Stock: []int64{5, 5, 5}}
		_, err := exact.SolveBatch(b, exact.Jointly, exact.Limits{})
		require.NoError(t, err)
		spoil(b)
		_, err = exact.SolveBatch(b, exact.Jointly, exact.Limits{})
		require.ErrorIs(t, err, exact.ErrInvalid, name)
	}
	_, err := exact.SolveBatch(&exact.Batch{}, exact.Jointly+1, exact.Limits{})
	require.ErrorIs(t, err, exact.ErrInvalid)
	empty, err := exact.SolveBatch(&exact.Batch{}, exact.Jointly, exact.Limits{})
	require.NoError(t, err)
	require.Zero(t, empty.Value)
	require.True(t, empty.Proven())
}

func TestCheckBatchFindsFalseClaims(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(b *exact.Batch, s *exact.BatchSolution){
		"orders":    func(_ *exact.Batch, s *exact.BatchSolution) { s.Values = nil },
		"an order":  func(_ *exact.Batch, s *exact.BatchSolution) { s.Values[0].Cost++ },
		"stock":     func(b *exact.Batch, _ *exact.BatchSolution) { b.Stock[0] = 1 },
		"capacity":  func(b *exact.Batch, _ *exact.BatchSolution) { b.Capacity = []int64{0, 5} },
		"value":     func(_ *exact.Batch, s *exact.BatchSolution) { s.Value.Total++ },
		"bound":     func(_ *exact.Batch, s *exact.BatchSolution) { s.Bound.Total-- },
		"no prices": func(_ *exact.Batch, s *exact.BatchSolution) { s.Prices = nil },
		"price":     func(_ *exact.Batch, s *exact.BatchSolution) { s.Prices[0] = -1 },
		"shipment":  func(_ *exact.Batch, s *exact.BatchSolution) { s.ShipmentPrices[0] = 4 },
		"too dear":  func(_ *exact.Batch, s *exact.BatchSolution) { s.Prices[1] = 1000 },
	} {
		b := &exact.Batch{Orders: []exact.Problem{*pair()}, Pools: [][]int32{{0, 1, 2}}, Stock: []int64{5, 5, 5}}
		s, err := exact.SolveBatch(b, exact.Jointly, exact.Limits{})
		require.NoError(t, err)
		require.NoError(t, exact.CheckBatch(b, &s))
		spoil(b, &s)
		require.ErrorIs(t, exact.CheckBatch(b, &s), exact.ErrUnsound, name)
	}
}
