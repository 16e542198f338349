package allocation

import "context"

// Nearest walks the candidates by ascending [Distance] from the destination and takes from each what
// is still needed. Candidates at the same distance, to the millimeter, are walked by priority, then
// location id; so are those without a point, which come last. Without a destination it plans as
// [Priority] does, and its explanation says so.
func Nearest() Strategy { return nearest{} }

type nearest struct{}

func (nearest) Plan(ctx context.Context, r Request) (Plan, error) {
	if err := ctx.Err(); err != nil {
		return Plan{}, err
	}
	p, err := compile(r)
	if err != nil {
		return Plan{}, err
	}
	p.locate()
	rule := "locations by distance from the destination, then priority, then location id"
	if p.Destination == nil {
		rule = "the destination is unknown: " + ruleByPriority
	}
	return p.walkRanked("nearest", rule), nil
}
