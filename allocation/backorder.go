package allocation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Promise says when units that are missing now are expected, and where. Nothing is reserved for it: the
// units stay unassigned until they have arrived and the order is planned again.
type Promise struct {
	Line     int       `json:"line"`
	Item     string    `json:"item"`
	Location string    `json:"location"`
	Qty      int64     `json:"qty"`
	At       time.Time `json:"at"`
}

// Backorder lets a strategy plan and promises what it leaves missing from [Candidate.Incoming]: the earliest
// supply first, each unit once, lines in the order of the request. What nobody expects has no promise.
// Locations that the plan refuses are not asked, nor those that lack what a line needs.
func Backorder(s Strategy) Strategy {
	return Func(func(ctx context.Context, r Request) (Plan, error) {
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
		type arrival struct {
			Supply
			from *Candidate
		}
		var coming []arrival
		for j := range r.Candidates {
			c := &r.Candidates[j]
			if plan.refuses(c.Location) {
				continue
			}
			for _, supply := range c.Incoming {
				coming = append(coming, arrival{supply, c})
			}
		}
		slices.SortStableFunc(coming, func(a, b arrival) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.from.Priority, b.from.Priority), cmp.Compare(a.from.Location, b.from.Location))
		})
		for _, short := range plan.Unassigned {
			d := slices.IndexFunc(r.Demands, func(d Demand) bool { return d.Line == short.Line && d.Item == short.Item })
			missing := short.Missing()
			for k := range coming {
				c := &coming[k]
				if c.Item != short.Item || missing == 0 || c.Qty == 0 || !c.from.Can(&r.Demands[d]) {
					continue
				}
				qty := min(missing, c.Qty)
				missing -= qty
				c.Qty -= qty
				plan.Expected = append(plan.Expected, Promise{Line: short.Line, Item: short.Item, Location: c.from.Location, Qty: qty, At: c.At})
			}
		}
		return plan, nil
	})
}

func (p *Plan) refuses(location string) bool {
	return slices.ContainsFunc(p.Explanation.Considered, func(c Consideration) bool {
		return c.Location == location && c.Verdict == Refused
	})
}

// checkPromises proves that no more is promised than is missing, and no more than arrives.
func (p *problem) checkPromises(plan Plan) error {
	missing := make([]int64, len(p.Demands))
	for _, s := range plan.Unassigned {
		if d := p.findDemand(s.Line, s.Item); d >= 0 {
			missing[d] = s.Missing()
		}
	}
	for k, e := range plan.Expected {
		d, j := p.findDemand(e.Line, e.Item), p.findLocation(e.Location)
		var have int64
		if d >= 0 && j >= 0 {
			for _, s := range p.Candidates[j].Incoming {
				if s.Item == e.Item && s.At.Equal(e.At) {
					have += s.Qty
				}
			}
			for _, other := range plan.Expected[:k] {
				if other.Item == e.Item && other.Location == e.Location && other.At.Equal(e.At) {
					have -= other.Qty
				}
			}
			have = min(have, missing[d])
		}
		if e.Qty <= 0 || e.Qty > have {
			return &PlanError{Line: e.Line, Item: e.Item, Location: e.Location, Want: e.Qty, Have: have, Problem: fmt.Sprintf(
				"it promises line %d %d of %s, expected at %s, where %d can be promised: promise what is missing, from what arrives", e.Line, e.Qty, e.Item, e.Location, have)}
		}
		missing[d] -= e.Qty
	}
	return nil
}
