package allocation

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// Fallback plans with the first strategy and hands what that leaves missing to the next, which sees the
// stock that is left; the plan is what they found together. FirstOf, in contrast, takes the whole plan of one.
// Whole lines and groups that the first leaves are whole for the next. The first error ends it: a plan that does
// not pass [Validate] is such an error.
func Fallback(strategies ...Strategy) Strategy { return fallback(slices.Clone(strategies)) }

type fallback []Strategy

func (f fallback) Plan(ctx context.Context, r Request) (Plan, error) {
	return Func(f.plan).Plan(ctx, r)
}

func (f fallback) plan(ctx context.Context, r Request) (Plan, error) {
	if len(f) == 0 {
		return Plan{}, ErrNoStrategy
	}
	p, err := compile(r)
	if err != nil {
		return Plan{}, err
	}
	all := Plan{Strategy: "fallback"}
	rest := r
	rest.AllowPartial = true
	for _, s := range f {
		if s == nil {
			return Plan{}, ErrNoStrategy
		}
		plan, err := s.Plan(ctx, rest)
		if err == nil {
			err = Validate(rest, plan)
		}
		if err != nil {
			return Plan{}, err
		}
		if len(all.Explanation.Tried) == 0 {
			all.Explanation.Rule = plan.Explanation.Rule + ", and others for what that leaves"
		}
		all.Explanation.Tried = append(all.Explanation.Tried, Attempt{Strategy: plan.Strategy, Missing: plan.Missing()})
		all.add(plan)
		if rest = less(rest, plan); len(rest.Demands) == 0 {
			break
		}
	}
	for _, a := range all.Assignments {
		p.open[p.findDemand(a.Line, a.Item)] -= a.Qty
	}
	p.settle(&all)
	return all, nil
}

// add takes over what another plan assigns and what it says about each location.
func (p *Plan) add(more Plan) {
	for _, a := range more.Assignments {
		k := slices.IndexFunc(p.Assignments, func(b Assignment) bool {
			return a.Line == b.Line && a.Item == b.Item && a.Location == b.Location
		})
		if k < 0 {
			p.Assignments = append(p.Assignments, a)
		} else {
			p.Assignments[k].Qty += a.Qty
		}
	}
	for _, seen := range more.Explanation.Considered {
		at := slices.IndexFunc(p.Explanation.Considered, func(c Consideration) bool { return c.Location == seen.Location })
		switch {
		case at < 0:
			p.Explanation.Considered = append(p.Explanation.Considered, seen)
		case seen.Units > 0:
			seen.Units += p.Explanation.Considered[at].Units
			p.Explanation.Considered[at] = seen
		}
	}
}

// less is what a request still asks for after a plan, and what there still is.
func less(r Request, p Plan) Request {
	rest := r
	rest.Demands, rest.Previous = nil, nil
	rest.Candidates = slices.Clone(r.Candidates)
	for j := range rest.Candidates {
		c := &rest.Candidates[j]
		c.Available = slices.Clone(c.Available)
		for _, a := range p.Assignments {
			if a.Location != c.Location {
				continue
			}
			c.Available[slices.Index(r.Items, a.Item)] -= a.Qty
			c.Shipping = true
			if c.Capacity != nil {
				room := *c.Capacity - a.Qty
				c.Capacity = &room
			}
		}
	}
	for _, d := range r.Demands {
		whole := d.Qty
		for _, a := range p.Assignments {
			if a.Line == d.Line && a.Item == d.Item {
				d.Qty -= a.Qty
			}
		}
		if d.Qty > 0 && (!d.NoSplit || d.Qty == whole) { // what is left of a whole line is nobody's any more
			rest.Demands = append(rest.Demands, d)
		}
	}
	return rest
}

// Restrict lets a strategy choose only among the candidates that keep accepts. The explanation lists the
// others as refused.
func Restrict(s Strategy, why string, keep func(Candidate) bool) Strategy {
	return Func(func(ctx context.Context, r Request) (Plan, error) {
		if s == nil || keep == nil {
			return Plan{}, ErrNoStrategy
		}
		var refused []Consideration
		some := r
		some.Candidates = nil
		for _, c := range r.Candidates {
			if keep(c) {
				some.Candidates = append(some.Candidates, c)
			} else {
				refused = append(refused, Consideration{Location: c.Location, Verdict: Refused, Priority: c.Priority, Reason: cmp.Or(why, "not among those allowed")})
			}
		}
		slices.SortFunc(refused, func(a, b Consideration) int { return cmp.Compare(a.Location, b.Location) })
		plan, err := s.Plan(ctx, some)
		if err != nil {
			return Plan{}, err
		}
		plan.Explanation.Considered = append(slices.Clip(plan.Explanation.Considered), refused...)
		return plan, nil
	})
}

// Choose asks the strategy that which names for the request, by channel, by customer, by country or by
// anything else that is in it.
func Choose(which func(Request) Strategy) Strategy {
	return Func(func(ctx context.Context, r Request) (Plan, error) {
		if which == nil {
			return Plan{}, ErrNoStrategy
		}
		s := which(r)
		if s == nil {
			return Plan{}, ErrNoStrategy
		}
		return s.Plan(ctx, r)
	})
}

// ByChannel asks the strategy of the channel that the order was sold in, or another one for the channels
// that have none.
func ByChannel(own map[string]Strategy, others Strategy) Strategy {
	return by(own, others, func(r Request) string { return r.Channel })
}

// ByCustomer asks the strategy of the buyer, or another one for the buyers that have none.
func ByCustomer(own map[string]Strategy, others Strategy) Strategy {
	return by(own, others, func(r Request) string { return r.Customer })
}

func by(own map[string]Strategy, others Strategy, key func(Request) string) Strategy {
	table := maps.Clone(own)
	return Choose(func(r Request) Strategy {
		if s, ok := table[key(r)]; ok {
			return s
		}
		return others
	})
}
