package allocation

import (
	"cmp"
	"context"
	"slices"
)

// Strategy turns a request into a plan. It is a pure function of the request: the same request gives
// the same plan, whatever the order of its candidates. It leaves the request unchanged and is safe for
// concurrent use. Too little stock is no error but a plan with shortages; errors are a request that is
// not valid, a context that ended, or a failure of the strategy itself.
type Strategy interface {
	Plan(ctx context.Context, r Request) (Plan, error)
}

// Func makes a [Strategy] of a function. The function is called with valid requests only. It may
// plan a changed copy of the request (fewer candidates, other priorities) by a standard strategy: Plan
// stamps the result with the fingerprint of the request that was asked.
type Func func(ctx context.Context, r Request) (Plan, error)

// Plan calls f.
func (f Func) Plan(ctx context.Context, r Request) (Plan, error) {
	p, err := compile(r)
	if err != nil {
		return Plan{}, err
	}
	if f == nil {
		return Plan{}, ErrNoStrategy
	}
	plan, err := f(ctx, r)
	if err != nil {
		return Plan{}, err
	}
	plan.Strategy = cmp.Or(plan.Strategy, "custom")
	plan.Fingerprint = p.fingerprint()
	return plan, nil
}

// FirstOf asks the strategies in turn and returns the first plan that fills every demand; if none
// does, the one that leaves the fewest units missing, the earlier one if they are level. The first
// error ends it: a plan that does not pass [Validate] is such an error.
func FirstOf(strategies ...Strategy) Strategy { return firstOf(slices.Clone(strategies)) }

type firstOf []Strategy

func (f firstOf) Plan(ctx context.Context, r Request) (Plan, error) {
	var best Plan
	var tried []Attempt
	for k, s := range f {
		if s == nil {
			return Plan{}, ErrNoStrategy
		}
		plan, err := s.Plan(ctx, r)
		if err == nil {
			err = Validate(r, plan)
		}
		if err != nil {
			return Plan{}, err
		}
		tried = append(tried, Attempt{Strategy: plan.Strategy, Missing: plan.Missing()})
		if k == 0 || plan.Missing() < best.Missing() {
			best = plan
		}
		if best.Complete() {
			break
		}
	}
	if len(tried) == 0 {
		return Plan{}, ErrNoStrategy
	}
	best.Explanation.Tried = tried
	return best, nil
}
