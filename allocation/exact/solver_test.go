package exact_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/allocation/exact"
)

func TestOptimumIsThatOfEnumeration(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		lines, locations int
		constrained      bool
		problems         int
	}{
		{"tiny", 3, 4, false, 6000},
		{"tiny constrained", 4, 4, true, 6000},
		{"small", 7, 8, false, 1500},
		{"small constrained", 6, 6, true, 1500},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s exact.Solver
			var got exact.Solution
			for seed := range c.problems {
				p := tinyProblem(rand.New(rand.NewPCG(uint64(seed), 1)), c.lines, c.locations, c.constrained)
				want := oracle(p)
				require.NoError(t, s.Solve(p, exact.Limits{}, &got), "seed %d", seed)
				require.NoError(t, exact.Check(p, &got), "seed %d: %+v", seed, p)
				require.True(t, got.Proven(), "seed %d: a search without limits ends with a proof", seed)
				if p.Objective == exact.LeastCost {
					require.Equal(t, want.Total, got.Value.Total, "seed %d: %+v", seed, p)
					continue
				}
				require.Equal(t, want, got.Value, "seed %d: %+v", seed, p)
			}
		})
	}
}

// shuffled is the same problem with lines, locations and offers in another order.
func shuffled(r *rand.Rand, p *exact.Problem) *exact.Problem {
	q := *p
	lines, places := r.Perm(len(p.Lines)), r.Perm(len(p.Locations))
	q.Lines, q.Locations = make([]exact.Line, len(lines)), make([]exact.Location, len(places))
	for i, to := range lines {
		q.Lines[to] = p.Lines[i]
	}
	for j, to := range places {
		q.Locations[to] = p.Locations[j]
	}
	q.Offers = make([]exact.Offer, len(p.Offers))
	for k, to := range r.Perm(len(p.Offers)) {
		q.Offers[to] = p.Offers[k]
		q.Offers[to].Line, q.Offers[to].Location = int32(lines[p.Offers[k].Line]), int32(places[p.Offers[k].Location])
	}
	return &q
}

func TestEveryShapeIsProvenWhateverTheOrderOfItsParts(t *testing.T) {
	t.Parallel()
	for _, s := range shapes[:5] {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var solver exact.Solver
			var got, other exact.Solution
			for seed := range uint64(60) {
				r := rand.New(rand.NewPCG(seed, 5))
				p := s.random(r, exact.Objective(seed%2))
				q := shuffled(r, p)
				require.NoError(t, solver.Solve(p, exact.Limits{}, &got))
				require.NoError(t, solver.Solve(q, exact.Limits{}, &other))
				require.NoError(t, exact.Check(p, &got), "seed %d", seed)
				require.NoError(t, exact.Check(q, &other), "seed %d", seed)
				require.True(t, got.Proven() && other.Proven(), "seed %d", seed)
				if p.Objective == exact.LeastCost {
					require.Equal(t, got.Value.Total, other.Value.Total, "seed %d", seed)
				} else {
					require.Equal(t, got.Value, other.Value, "seed %d", seed)
				}
			}
		})
	}
}

func TestALimitedSearchClaimsNoMoreThanHolds(t *testing.T) {
	t.Parallel()
	var s exact.Solver
	var got exact.Solution
	unproven := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 2))
		lines := 9
		if seed%3 == 0 {
			lines = 5 // each line with one source multiplies the work of the oracle
		}
		p := tinyProblem(r, lines, 7, seed%3 == 0)
		want := oracle(p)
		limits := exact.Limits{Nodes: 1 + int(seed%3)}
		if seed%4 == 0 {
			calls := 0.0
			limits = exact.Limits{Spent: func() float64 { calls++; return calls / 3 }}
		}
		require.NoError(t, s.Solve(p, limits, &got))
		require.NoError(t, exact.Check(p, &got), "seed %d", seed)
		require.False(t, better(p.Objective, got.Value, want), "seed %d", seed)
		if got.Proven() {
			require.False(t, better(p.Objective, want, got.Value), "seed %d: claims a proof that is none", seed)
		} else {
			unproven++
		}
		if p.Objective == exact.LeastCost {
			require.LessOrEqual(t, got.Bound.Total, want.Total, "seed %d: the bound is no bound", seed)
			continue
		}
		require.GreaterOrEqual(t, got.Bound.Units, want.Units, "seed %d", seed)
		if got.Value.Units == want.Units {
			require.LessOrEqual(t, got.Bound.Shipments, want.Shipments, "seed %d", seed)
		}
		if got.Value.Units == want.Units && got.Value.Shipments == want.Shipments {
			require.LessOrEqual(t, got.Bound.Cost, want.Cost, "seed %d", seed)
		}
	}
	require.Positive(t, unproven, "the limits must bite for this test to mean anything")
}

func TestSpentEndsALargeSearchAtOnce(t *testing.T) {
	t.Parallel()
	for _, objective := range []exact.Objective{exact.LeastCost, exact.FewestShipments} {
		p := shapes[5].random(rand.New(rand.NewPCG(3, 3)), objective)
		var s exact.Solver
		var got exact.Solution
		asked := 0
		require.NoError(t, s.Solve(p, exact.Limits{Spent: func() float64 { asked++; return 1 }}, &got))
		require.NoError(t, exact.Check(p, &got))
		require.False(t, got.Proven())
		require.Less(t, asked, 200, "a search that is over asks no more")
		require.Positive(t, got.Value.Units)
	}
}

func TestSameNodesSamePlan(t *testing.T) {
	t.Parallel()
	for _, objective := range []exact.Objective{exact.LeastCost, exact.FewestShipments} {
		p := shapes[5].random(rand.New(rand.NewPCG(8, 3)), objective)
		var fresh, used exact.Solver
		var a, b, other exact.Solution
		require.NoError(t, fresh.Solve(p, exact.Limits{Nodes: 40}, &a))
		require.NoError(t, used.Solve(shapes[4].random(rand.New(rand.NewPCG(9, 3)), objective), exact.Limits{}, &other))
		require.NoError(t, used.Solve(p, exact.Limits{Nodes: 40}, &b))
		require.Equal(t, a.Units, b.Units)
		require.Equal(t, a.Value, b.Value)
		require.Equal(t, a.Bound, b.Bound)
	}
}

func TestUsualOrdersNeedNoMemory(t *testing.T) {
	for _, s := range shapes[:2] {
		var problems []*exact.Problem
		for seed := range uint64(40) {
			problems = append(problems, s.random(rand.New(rand.NewPCG(seed, 6)), exact.Objective(seed%2)))
		}
		s.minLines, s.maxLines, s.minPlaces, s.maxPlaces = 8, 8, 20, 20
		for seed := range uint64(10) {
			problems = append(problems, s.random(rand.New(rand.NewPCG(seed, 6)), exact.Objective(seed%2)))
		}
		var solver exact.Solver
		var to exact.Solution
		all := func() {
			for _, p := range problems {
				require.NoError(t, solver.Solve(p, exact.Limits{}, &to))
			}
		}
		all()
		require.Zero(t, testing.AllocsPerRun(20, all), "%s: the memory of a solver is reused", s.name)
	}
}

func TestCoverTrapsAreSolved(t *testing.T) {
	t.Parallel()
	// Two rows cover all columns; greedy takes the widest column first and needs one location for each.
	const width = 5
	p := &exact.Problem{Objective: exact.FewestShipments}
	var at int32
	for b := width; b > 0; b-- {
		j := int32(len(p.Locations))
		p.Locations = append(p.Locations, exact.Location{Fixed: 500})
		for range 1 << b {
			p.Lines = append(p.Lines, exact.Line{Qty: 1, Penalty: 10_000})
			p.Offers = append(p.Offers, exact.Offer{Line: at, Location: j, Units: 1, UnitCost: 10})
			at++
		}
	}
	for row := range int32(2) {
		j := int32(len(p.Locations))
		p.Locations = append(p.Locations, exact.Location{Fixed: 700})
		for i := row; i < at; i += 2 {
			p.Offers = append(p.Offers, exact.Offer{Line: i, Location: j, Units: 1, UnitCost: 10})
		}
	}
	for _, objective := range []exact.Objective{exact.FewestShipments, exact.LeastCost} {
		p.Objective = objective
		got, err := exact.Solve(p)
		require.NoError(t, err)
		require.NoError(t, exact.Check(p, &got))
		require.True(t, got.Proven())
		require.Equal(t, exact.Value{Units: int64(at), Shipments: 2, Cost: 1400 + 10*int64(at), Total: 1400 + 10*int64(at)}, got.Value)
	}
}
