package allocation

import "context"

const ruleByPriority = "locations by priority, then location id"

// Priority walks the candidates by ascending priority, then location id, and takes from each what is
// still needed. It fills as many units as any plan can, at any number of shipments.
func Priority() Strategy { return priority{} }

type priority struct{}

func (priority) Plan(ctx context.Context, r Request) (Plan, error) {
	if err := ctx.Err(); err != nil {
		return Plan{}, err
	}
	p, err := compile(r)
	if err != nil {
		return Plan{}, err
	}
	return p.walkRanked("priority", ruleByPriority), nil
}

// walkRanked walks and notes where the leading criterion could not tell two neighbors apart.
func (p *problem) walkRanked(strategy, rule string) Plan {
	plan := p.walk(strategy, rule)
	leading := ByPriority
	if p.meters != nil {
		leading = ByDistance
	}
	for k := 1; k < len(p.rank); k++ {
		if _, by := p.compare(p.rank[k-1], p.rank[k]); by != leading {
			plan.Explanation.Considered[k].TieBreak = by
		}
	}
	return plan
}
