package allocation

import (
	"context"
	"slices"
)

// FewestShipments finds the smallest set of locations that covers as many units as all of them
// together could. Among sets of that size it takes the one with the least total [Distance] from the
// destination, if there is one (a location without a point counts as 20,100 km away), then the
// one with the better priorities, compared in ascending order, then the one with the smaller location
// ids. Within the set, units are taken by distance, priority and location id.
//
// It tries single locations, pairs, triples and so on, and the work is bounded. When the bound is
// reached the plan is the best that was found, as complete as any, and Explanation.Proven is false.
//
// Capabilities, capacities, whole lines and groups are beyond this search. For a request that asks for
// them it walks the locations that have most, leaves out what can be spared, and proves nothing; the
// rule sets of package rule do.
func FewestShipments() Strategy { return fewest{} }

type fewest struct{}

func (fewest) Plan(ctx context.Context, r Request) (Plan, error) {
	if err := ctx.Err(); err != nil {
		return Plan{}, err
	}
	p, err := compile(r)
	if err != nil {
		return Plan{}, err
	}
	if p.strict {
		return p.few(), nil
	}
	s := newSearch(p) // orders places by priority, so it comes before locate
	s.locate()
	// An order that will be refused for want of stock needs no search.
	if r.AllowPartial || slices.Equal(s.target, s.need) {
		if err := s.run(ctx); err != nil {
			return Plan{}, err
		}
	}
	s.prefer(s.best)
	rule := "fewest locations that cover the most units, then priority, then location id"
	if s.Destination != nil {
		rule = "fewest locations that cover the most units, then least total distance, then priority, then location id"
	}
	plan := s.walk("fewest_shipments", rule)
	e := &plan.Explanation
	e.TieBreak, e.Proven, e.Nodes, e.AtLeast = s.tieBreak, !s.stopped, s.nodes, s.atLeast
	for k, j := range s.rank {
		switch {
		case len(s.best) == 0: // nothing was chosen, so what walk says stands
		case k < len(s.best) && s.essential(j):
			e.Considered[k].Reason = "no plan covers as much without it"
		case k >= len(s.best) && e.Considered[k].Verdict == NotNeeded:
			e.Considered[k].Reason = "the chosen set covers as much without it"
		}
	}
	return plan, nil
}

// prefer moves the chosen candidates to the front of the ranking; both parts stay in order.
func (p *problem) prefer(chosen []int) {
	part := func(j int) int {
		if slices.Contains(chosen, j) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(p.rank, func(a, b int) int { return part(a) - part(b) })
}
