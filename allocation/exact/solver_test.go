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
