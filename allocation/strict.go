package allocation

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// takeStrict is take for a request that asks for capabilities, capacities, whole lines or groups.
// Groups and whole lines come first: they leave to the others what they cannot use.
func (p *problem) takeStrict(to []Assignment, j int) (all []Assignment, units int64) {
	p.room = math.MaxInt64
	if limit := p.Candidates[j].Capacity; limit != nil {
		p.room = *limit
	}
	before := len(to)
	for d := range p.Demands {
		switch demand := &p.Demands[d]; {
		case p.open[d] < demand.Qty: // served, or a loose line at work
		case demand.Together != "":
			to = p.takeGroup(to, j, demand.Together)
		case demand.NoSplit && p.usable(d, j) >= demand.Qty:
			to = p.give(to, d, j, demand.Qty)
		}
	}
	for d := range p.Demands {
		if demand := &p.Demands[d]; demand.Together == "" && !demand.NoSplit {
			to = p.give(to, d, j, min(p.open[d], p.usable(d, j)))
		}
	}
	for _, a := range to[before:] {
		units += a.Qty
	}
	return to, units
}

// usable is what candidate j has left for demand d.
func (p *problem) usable(d, j int) int64 {
	if !p.able(d, j) {
		return 0
	}
	return min(p.left[p.column[d]], p.room)
}

func (p *problem) give(to []Assignment, d, j int, qty int64) []Assignment {
	if qty <= 0 {
		return to
	}
	p.open[d] -= qty
	p.left[p.column[d]] -= qty
	p.room -= qty
	return append(to, Assignment{Line: p.Demands[d].Line, Item: p.Demands[d].Item, Location: p.Candidates[j].Location, Qty: qty})
}

// takeGroup takes all demands of a group, or none.
func (p *problem) takeGroup(to []Assignment, j int, group string) []Assignment {
	left, room, before := slices.Clone(p.left), p.room, len(to)
	for d := range p.Demands {
		demand := &p.Demands[d]
		if demand.Together != group {
			continue
		}
		if p.usable(d, j) < demand.Qty {
			copy(p.left, left)
			p.room = room
			for _, a := range to[before:] {
				p.open[p.findDemand(a.Line, a.Item)] += a.Qty
			}
			return to[:before]
		}
		to = p.give(to, d, j, demand.Qty)
	}
	return to
}

// few walks the candidates by what they have, and again without each that can be spared.
func (p *problem) few() Plan {
	const rule = "locations that have most, without those that can be spared"
	p.locate()
	useful := func(j int) (units int64) {
		for i, need := range p.need {
			units += min(need, p.Candidates[j].Available[i])
		}
		return units
	}
	// The rank that locate made decides between equals.
	slices.SortStableFunc(p.rank, func(a, b int) int { return cmp.Compare(useful(b), useful(a)) })
	plan := p.walk("fewest_shipments", rule)
	chosen, others := p.split(plan)
	for k := len(chosen) - 1; k >= 0 && len(chosen) > 1; k-- {
		without := slices.Delete(slices.Clone(chosen), k, k+1)
		again := p.again(slices.Concat(without, others, chosen[k:k+1]))
		if sends, _ := p.split(again); len(sends) < len(chosen) && again.Missing() <= plan.Missing() {
			plan = again
			chosen, others = p.split(plan)
			k = len(chosen)
		}
	}
	return p.again(slices.Concat(chosen, others))
}

// again walks from the start, in the given order.
func (p *problem) again(rank []int) Plan {
	copy(p.rank, rank)
	for d := range p.Demands {
		p.open[d] = p.Demands[d].Qty
	}
	return p.walk("fewest_shipments", "locations that have most, without those that can be spared")
}

// split tells the candidates that send, or could have sent, from the others.
func (p *problem) split(plan Plan) (chosen, others []int) {
	for k, seen := range plan.Explanation.Considered {
		if seen.Units > 0 {
			chosen = append(chosen, p.rank[k])
		} else {
			others = append(others, p.rank[k])
		}
	}
	return chosen, others
}

// checkStrict proves that assignments respect capacities, whole lines and groups. p.open is what they leave.
func (p *problem) checkStrict(assignments []Assignment) error {
	refuse := func(a Assignment, have int64, problem string) error {
		return &PlanError{Line: a.Line, Item: a.Item, Location: a.Location, Want: a.Qty, Have: have, Problem: fmt.Sprintf(
			"it assigns %d of %s from %s to line %d, but %s", a.Qty, a.Item, a.Location, a.Line, problem)}
	}
	sent := make([]int64, len(p.Candidates))
	source := make([]int, len(p.Demands)) // 1 + the candidate that serves it
	groups := make(map[string]int)        // likewise
	for _, a := range assignments {
		d, j := p.findDemand(a.Line, a.Item), p.findLocation(a.Location)
		demand := &p.Demands[d]
		if limit := p.Candidates[j].Capacity; limit != nil && a.Qty > *limit-sent[j] {
			return refuse(a, *limit-sent[j], fmt.Sprintf("the location may send only %d more: respect its capacity", *limit-sent[j]))
		}
		sent[j] += a.Qty
		if demand.NoSplit && source[d] != 0 && source[d] != j+1 {
			return refuse(a, 0, "another location serves the line, which may not be split: choose one")
		}
		source[d] = j + 1
		if g := demand.Together; g != "" {
			if groups[g] != 0 && groups[g] != j+1 {
				return refuse(a, 0, fmt.Sprintf("others of group %q come from another location: choose one for all", g))
			}
			groups[g] = j + 1
		}
	}
	for d := range p.Demands {
		if demand := &p.Demands[d]; demand.Together != "" && groups[demand.Together] != 0 && p.open[d] > 0 {
			return &PlanError{Line: demand.Line, Item: demand.Item, Want: demand.Qty, Have: demand.Qty - p.open[d], Problem: fmt.Sprintf(
				"it serves some of group %q and leaves %d of %s for line %d out: serve the group in full, or not at all", demand.Together, p.open[d], demand.Item, demand.Line)}
		}
	}
	return nil
}
