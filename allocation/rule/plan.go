package rule

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/exact"
)

// plan states what was found in the words of the request.
func (w *work) plan(ctx context.Context) (allocation.Plan, error) {
	sent := w.sent(&w.best)
	plan := allocation.Plan{Strategy: cmp.Or(w.Called, "rules")}
	plan.Explanation.Rule = w.rule()
	rank := w.rank(sent)
	missing := false
	have := sent
	if w.sheet.complete && w.best.found.Value.Units < w.wanted() {
		// Nothing ships. What could have been found is for the explanation.
		missing = true
		partial := w.whole.clone()
		partial.ShipComplete = false
		if err := w.solve(ctx, &partial, w.budget()); err != nil {
			return plan, err
		}
		have = w.sent(&partial)
	}
	for _, j := range rank {
		for d := range w.r.Demands {
			if qty := sent[w.sheet.cell(j, d)]; qty > 0 {
				demand := &w.r.Demands[d]
				plan.Assignments = append(plan.Assignments, allocation.Assignment{
					Line: demand.Line, Item: demand.Item, Location: w.r.Candidates[j].Location, Qty: qty,
				})
			}
		}
	}
	w.settle(&plan, have, missing)
	plan.Proof = w.proof(sent)
	plan.Explanation.Proven = plan.Proof.Optimal
	return plan, w.explain(ctx, &plan, rank, sent, have)
}

func (w *work) rule() string {
	goal := "most units, then fewest shipments, then least cost"
	if w.Objective == LeastCost {
		goal = "least cost"
	}
	switch len(w.Rules) {
	case 0:
		return goal
	case 1:
		return goal + ", by 1 rule"
	}
	return fmt.Sprintf("%s, by %d rules", goal, len(w.Rules))
}

func (w *work) wanted() (units int64) {
	for d := range w.r.Demands {
		units += w.r.Demands[d].Qty
	}
	return units
}

// rank orders the candidates for people: those that send by the cost of what they send per unit, then the
// others, by distance, priority and id.
func (w *work) rank(sent []int64) []int {
	rank := make([]int, len(w.r.Candidates))
	for j := range rank {
		rank[j] = j
	}
	part := func(j int) int {
		var units int64
		for d := range w.r.Demands {
			units += sent[w.sheet.cell(j, d)]
		}
		switch {
		case units > 0:
			return 0
		case w.shut(j):
			return 2
		}
		return 1
	}
	far := func(j int) int64 {
		if meters, known := w.sheet.Meters(j); known {
			return meters
		}
		return math.MaxInt64
	}
	slices.SortFunc(rank, func(a, b int) int { // candidates are sorted by priority and id
		return cmp.Or(cmp.Compare(part(a), part(b)), cmp.Compare(far(a), far(b)), cmp.Compare(a, b))
	})
	return rank
}

// shut tells whether rules forbid a location everything that is demanded.
func (w *work) shut(j int) bool {
	for d := range w.r.Demands {
		if !w.sheet.refused[w.sheet.cell(j, d)] {
			return false
		}
	}
	return len(w.r.Demands) > 0
}

// settle lists the shortages. Of an order that is refused, each line has what could have been found.
func (w *work) settle(plan *allocation.Plan, have []int64, refused bool) {
	var all int64
	for _, units := range have {
		all += units
	}
	if refused && (w.r.AllowPartial || all == w.wanted()) {
		// The set's own wish, or a search that ended early: to the request it is a plan that found nothing.
		have = make([]int64, len(have))
	}
	for d := range w.r.Demands {
		demand := &w.r.Demands[d]
		var found int64
		for j := range w.r.Candidates {
			found += have[w.sheet.cell(j, d)]
		}
		if found < demand.Qty || refused {
			plan.Unassigned = append(plan.Unassigned, allocation.Shortage{Line: demand.Line, Item: demand.Item, Want: demand.Qty, Have: found})
		}
	}
}

// proof says what the plan is worth, in money that the request and the rules name, and how much better any
// could be.
func (w *work) proof(sent []int64) *allocation.Proof {
	got, top := &w.best.found.Value, &w.bound.Bound
	p := &allocation.Proof{Objective: string(cmp.Or(w.Objective, MostUnits)), Nodes: w.nodes}
	p.Value = allocation.Value{Units: got.Units, Shipments: got.Shipments, Cost: got.Cost}
	p.Value.Penalty = w.penalty(sent)
	p.Bound = p.Value
	if w.Objective == LeastCost {
		p.Bound.Cost -= max(0, got.Total-top.Total)
		p.Optimal = w.bound.Proven() && got.Total == top.Total
	} else {
		p.Optimal = w.bound.Proven() && got.Units == top.Units && got.Shipments == top.Shipments && got.Cost == top.Cost
		if !p.Optimal {
			p.Bound.Units, p.Bound.Shipments, p.Bound.Cost = top.Units, top.Shipments, top.Cost
		}
	}
	if !p.Optimal && w.scarce != "" {
		p.Why = w.scarce
	}
	return p
}

// explain adds what is to say about every candidate.
func (w *work) explain(ctx context.Context, plan *allocation.Plan, rank []int, sent, have []int64) error {
	plan.Explanation.Considered = make([]allocation.Consideration, len(rank))
	for at, j := range rank {
		c := &w.r.Candidates[j]
		judgement := &allocation.Judgement{Refusals: w.refusals(j)}
		seen := allocation.Consideration{Location: c.Location, Priority: c.Priority, Judgement: judgement}
		if w.sheet.meters[j] >= 0 {
			meters := float64(w.sheet.meters[j])
			seen.DistanceMeters = &meters
		}
		var sends, could int64
		for d := range w.r.Demands {
			sends += sent[w.sheet.cell(j, d)]
			could += have[w.sheet.cell(j, d)]
		}
		seen.Verdict = w.verdict(j, sends, could)
		switch seen.Verdict {
		case allocation.Chosen:
			seen.Units = sends
		case allocation.Withheld:
			seen.Units, seen.Reason = could, "the order cannot be filled in full"
		case allocation.NoStock:
			seen.Reason = "has none of the items wanted"
		case allocation.NotNeeded:
			seen.Reason = "the chosen plan is as good or better without it"
		}
		basis := sent
		if w.Alternatives && (seen.Verdict == allocation.Chosen || seen.Verdict == allocation.NotNeeded) {
			other, units, err := w.instead(ctx, j, sends > 0)
			if err != nil {
				return err
			}
			if judgement.Instead = other; other != nil && sends == 0 {
				basis = units
				seen.Reason = ""
			}
		}
		judgement.Terms = w.terms(j, basis)
		for _, t := range judgement.Terms {
			judgement.Cost += t.Amount
		}
		plan.Explanation.Considered[at] = seen
	}
	return nil
}

func (w *work) verdict(j int, sends, could int64) allocation.Verdict {
	offers, holds := false, false
	for d := range w.r.Demands {
		offers = offers || w.sheet.available(j, d) > 0
		holds = holds || w.r.Candidates[j].Available[w.sheet.item(d)] > 0
	}
	switch {
	case sends > 0:
		return allocation.Chosen
	case could > 0 && w.sheet.complete:
		return allocation.Withheld
	case w.shut(j) || holds && !offers:
		return allocation.Refused
	case !offers:
		return allocation.NoStock
	}
	return allocation.NotNeeded
}

// refusals lists what forbids a location: a reason once for all lines, or once for each line that it concerns.
func (w *work) refusals(j int) []allocation.Refusal {
	var out []allocation.Refusal
	for _, f := range w.sheet.refusals {
		if f.candidate != j {
			continue
		}
		r := allocation.Refusal{Rule: f.rule, Reason: f.reason}
		if f.demand >= 0 && !w.concernsAll(f) {
			r.Line = w.r.Demands[f.demand].Line
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	for i, item := range w.r.Items {
		at := j*len(w.r.Items) + i
		if keep, has := w.sheet.keep[at], w.r.Candidates[j].Available[i]; keep > 0 && has > 0 && w.sheet.wants(item) {
			out = append(out, allocation.Refusal{Rule: w.sheet.keeper[at], Reason: fmt.Sprintf("%d of %d %s are not for this order", min(keep, has), has, item)})
		}
	}
	return out
}

// concernsAll tells whether a refusal of one line stands for every line.
func (w *work) concernsAll(f refusal) bool {
	for d := range w.r.Demands {
		f.demand = d
		if !slices.Contains(w.sheet.refusals, f) {
			return false
		}
	}
	return true
}

// terms prices what a location sends.
func (w *work) terms(j int, sent []int64) []allocation.Term {
	var out []allocation.Term
	sends := false
	for d := range w.r.Demands {
		sends = sends || sent[w.sheet.cell(j, d)] > 0
	}
	add := func(rule string, line int, amount int64) {
		at := slices.IndexFunc(out, func(t allocation.Term) bool { return t.Rule == rule && t.Line == line })
		switch {
		case amount == 0:
		case at < 0:
			out = append(out, allocation.Term{Rule: rule, Line: line, Amount: amount})
		default:
			out[at].Amount += amount
		}
	}
	for _, t := range w.sheet.terms {
		switch {
		case t.candidate != j || !sends:
		case t.demand < 0:
			add(t.rule, 0, t.amount)
		default:
			add(t.rule, w.r.Demands[t.demand].Line, t.amount*sent[w.sheet.cell(j, t.demand)])
		}
	}
	return out
}

// instead is the best plan that does without a location, or the best that uses it, less the plan.
func (w *work) instead(ctx context.Context, j int, without bool) (*allocation.Difference, []int64, error) {
	if without {
		t := w.whole.clone()
		t.Offers = slices.DeleteFunc(t.Offers, func(o exact.Offer) bool { return int(o.Location) == j })
		if err := w.solve(ctx, &t, min(alternativeNodes, w.budget())); err != nil {
			return nil, nil, err
		}
		return w.difference(&t), nil, nil
	}
	var best *task
	tries := max(1, alternativeTries/len(w.r.Candidates))
	for at := range w.whole.Offers {
		if o := &w.whole.Offers[at]; int(o.Location) != j || o.Units == 0 {
			continue
		}
		if tries--; tries < 0 {
			break
		}
		t := w.forced(at)
		if err := w.solve(ctx, &t, min(alternativeNodes, w.budget())); err != nil {
			return nil, nil, err
		}
		used := false
		for k, o := range t.Offers {
			used = used || int(o.Location) == j && t.found.Units[k] > 0
		}
		if used && (best == nil || w.better(&t.found.Value, &best.found.Value)) {
			best = &t
		}
	}
	if best == nil {
		return nil, nil, nil
	}
	difference := w.difference(best)
	difference.AtMost = difference.AtMost || tries < 0
	return difference, w.sent(best), nil
}

// forced is the problem in which an offer has to be used. Of a line that may be split one unit is set apart,
// which only this location has. Any other line comes from here as a whole.
func (w *work) forced(at int) task {
	t := w.whole.clone()
	o := t.Offers[at]
	l := &t.Lines[o.Line]
	if l.NoSplit || l.Group > 0 || l.Qty == 1 {
		for k := range t.Offers {
			other := &t.Offers[k]
			same := other.Line == o.Line || l.Group > 0 && t.Lines[other.Line].Group == l.Group
			if same && other.Location != o.Location {
				other.Units = 0
			}
		}
		return t
	}
	l.Qty--
	apart := exact.Line{Qty: 1, Penalty: l.Penalty}
	if w.Objective == LeastCost {
		apart.Penalty = max(l.Penalty, w.anyCost())
	}
	for k := range t.Offers {
		if t.Offers[k].Line == o.Line {
			t.Offers[k].Units = min(t.Offers[k].Units, l.Qty)
		}
	}
	t.Offers[at].Units = min(o.Units-1, l.Qty)
	t.Offers = append(t.Offers, exact.Offer{Line: int32(len(t.Lines)), Location: o.Location, Units: 1, UnitCost: o.UnitCost})
	t.Lines = append(t.Lines, apart)
	t.lines = append(t.lines, t.lines[o.Line])
	return t
}

func (w *work) better(a, b *exact.Value) bool {
	if w.Objective == LeastCost {
		return a.Total < b.Total
	}
	return cmp.Or(cmp.Compare(b.Units, a.Units), cmp.Compare(a.Shipments, b.Shipments), cmp.Compare(a.Cost, b.Cost)) < 0
}

func (w *work) difference(other *task) *allocation.Difference {
	is, was := &other.found.Value, &w.best.found.Value
	return &allocation.Difference{
		Missing: was.Units - is.Units, Shipments: is.Shipments - was.Shipments,
		Cost:   is.Cost + w.penalty(w.sent(other)) - was.Cost - w.penalty(w.sent(&w.best)),
		AtMost: !other.found.Proven() || other.rationed,
	}
}

// penalty is what demands ask for the units that are missing.
func (w *work) penalty(sent []int64) (sum int64) {
	for d := range w.r.Demands {
		missing := w.r.Demands[d].Qty
		for j := range w.r.Candidates {
			missing -= sent[w.sheet.cell(j, d)]
		}
		sum += missing * w.r.Demands[d].Penalty
	}
	return sum
}
