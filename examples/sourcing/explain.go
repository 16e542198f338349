package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/orderkit/oms/allocation/exact"
)

// explanation tells why the plan of one order is what it is, by counterfactuals: the best plan without each
// location that ships and the best plan with each that does not.
type explanation struct {
	it     *instance
	p      *exact.Problem
	opt    options
	solver exact.Solver
	best   exact.Solution
}

// alternative is the best plan in which one location does the opposite of what it does in the plan.
type alternative struct {
	location int
	value    exact.Value
	from     []int // the locations that ship in it
	proven   bool
}

// explain prints the explanation of one order.
func explain(w io.Writer, it *instance, opt options) error {
	if it.Kind != "single" {
		return fmt.Errorf("%s is a batch: -explain explains a single order", it.ID)
	}
	p, err := it.single(opt.objective)
	if err != nil {
		return err
	}
	e := explanation{it: it, p: p, opt: opt}
	if err := e.solver.Solve(p, within(opt.budget), &e.best); err != nil {
		return err
	}
	text := &strings.Builder{}
	e.plan(text)
	if err := e.others(text); err != nil {
		return err
	}
	_, err = io.WriteString(w, text.String())
	return err
}

// plan tells who ships what.
func (e *explanation) plan(w io.Writer) {
	v := e.best.Value
	_, _ = fmt.Fprintf(w, "Order %s: %s, %s. Objective %s: %s.\n\n", e.it.ID, count(len(e.it.Lines), "line"),
		count(len(e.it.Locations), "location"), e.opt.letter(), strings.ReplaceAll(e.opt.objective.String(), "_", " "))
	filled := make([]int64, len(e.it.Lines))
	for _, j := range used(e.p, e.best.Units) {
		var parts []string
		sum := e.p.Locations[j].Fixed
		for k, x := range e.best.Units {
			if o := e.p.Offers[k]; x > 0 && int(o.Location) == j {
				parts = append(parts, fmt.Sprintf("%d x %s at %d", x, e.it.Lines[o.Line].SKU, o.UnitCost))
				sum += x * o.UnitCost
				filled[o.Line] += x
			}
		}
		_, _ = fmt.Fprintf(w, "  %s ships %s; with %d for the shipment: %d cents\n", e.it.Locations[j].ID,
			strings.Join(parts, ", "), e.p.Locations[j].Fixed, sum)
	}
	for i, l := range e.it.Lines {
		if short := l.Qty - filled[i]; short > 0 {
			_, _ = fmt.Fprintf(w, "  nobody ships %d x %s: a penalty of %d each\n", short, l.SKU, l.Penalty)
		}
	}
	_, _ = fmt.Fprintf(w, "\n%s in %s, %d cents; with penalties %d cents.\n", count(int(v.Units), "unit"),
		count(v.Shipments, "shipment"), v.Cost, v.Total)
	b := e.best.Bound
	switch {
	case e.best.Proof == exact.ByPrices:
		_, _ = fmt.Fprintf(w, "No plan is better: prices of %s prove it.\n", e.prices())
	case e.best.Proven():
		_, _ = fmt.Fprintln(w, "No plan is better: the search has ruled all others out.")
	case e.p.Objective == exact.LeastCost:
		_, _ = fmt.Fprintf(w, "A better plan is not ruled out, but none costs less than %d cents.\n", b.Total)
	default:
		_, _ = fmt.Fprintf(w, "A better plan is not ruled out, but none fills more than %s, and none that fills as many needs fewer than %s.\n",
			count(int(b.Units), "unit"), count(b.Shipments, "shipment"))
	}
}

// prices lists what one more unit of each line costs.
func (e *explanation) prices() string {
	c := e.best.Certificate
	parts := make([]string, len(c.Prices))
	for i, v := range c.Prices {
		parts[i] = fmt.Sprintf("%.6g for %s", float64(v)/float64(c.Scale), e.it.Lines[i].SKU)
	}
	return strings.Join(parts, ", ")
}

// others tells what each location would change, the least change first.
func (e *explanation) others(w io.Writer) error {
	chosen := used(e.p, e.best.Units)
	var without, with []alternative
	var idle []string
	for j := range e.p.Locations {
		var err error
		switch {
		case slices.Contains(chosen, j):
			without, err = e.add(without, j, e.without(j))
		case !slices.ContainsFunc(e.p.Offers, func(o exact.Offer) bool { return int(o.Location) == j && o.Units > 0 }):
			idle = append(idle, e.it.Locations[j].ID)
		default:
			with, err = e.add(with, j, e.with(j))
		}
		if err != nil {
			return err
		}
	}
	if len(without) > 0 {
		_, _ = fmt.Fprintln(w, "\nWithout one that ships, the best would be")
	}
	for _, a := range without {
		_, _ = fmt.Fprintf(w, "  no %s: %s, by %s\n", e.it.Locations[a.location].ID, e.difference(a), e.names(a.from))
	}
	if len(with) > 0 {
		_, _ = fmt.Fprintln(w, "\nWith one that does not ship, the best would be")
	}
	for _, a := range with {
		_, _ = fmt.Fprintf(w, "  %s: %s, by %s\n", e.it.Locations[a.location].ID, e.difference(a), e.names(a.from))
	}
	if len(idle) > 0 {
		_, _ = fmt.Fprintf(w, "  nothing the order wants: %s\n", strings.Join(idle, ", "))
	}
	if all := slices.Concat(without, with); len(all) > 0 {
		second := slices.MinFunc(all, e.compare)
		_, _ = fmt.Fprintf(w, "\nSecond best: %s, by %s.\n", e.difference(second), e.names(second.from))
	}
	return nil
}

// add solves the problem of an alternative. Units of a line that was added to the order do not count.
func (e *explanation) add(to []alternative, j int, p *exact.Problem) ([]alternative, error) {
	var s exact.Solution
	if err := e.solver.Solve(p, within(e.opt.budget), &s); err != nil {
		return to, err
	}
	for k, x := range s.Units {
		if int(p.Offers[k].Line) == len(e.it.Lines) {
			s.Value.Units -= x
		}
	}
	to = append(to, alternative{location: j, value: s.Value, from: used(p, s.Units), proven: s.Proven()})
	slices.SortStableFunc(to, e.compare)
	return to, nil
}

// compare sorts alternatives, the better ones first.
func (e *explanation) compare(a, b alternative) int {
	if e.p.Objective == exact.LeastCost {
		return cmp.Compare(a.value.Total, b.value.Total)
	}
	return cmp.Or(cmp.Compare(b.value.Units, a.value.Units), cmp.Compare(a.value.Shipments, b.value.Shipments),
		cmp.Compare(a.value.Cost, b.value.Cost))
}

// without is the problem without the offers of location j.
func (e *explanation) without(j int) *exact.Problem {
	p := *e.p
	p.Offers = slices.DeleteFunc(slices.Clone(p.Offers), func(o exact.Offer) bool { return int(o.Location) == j })
	return &p
}

// with is the problem with one more line that only location j has, for nothing, and that weighs more than the
// whole order: every plan worth anything ships it, so it opens j.
func (e *explanation) with(j int) *exact.Problem {
	p := *e.p
	line := exact.Line{Qty: 1}
	for _, l := range p.Lines {
		line.Qty += l.Qty
		line.Penalty = max(line.Penalty, l.Penalty)
	}
	for _, l := range p.Locations {
		line.Penalty += l.Fixed
	}
	p.Lines = append(slices.Clone(p.Lines), line)
	p.Offers = append(slices.Clone(p.Offers), exact.Offer{
		Line: int32(len(p.Lines) - 1), Location: int32(j), Units: line.Qty,
	})
	return &p
}

// difference tells how much worse an alternative is.
func (e *explanation) difference(a alternative) string {
	var parts []string
	if e.p.Objective == exact.FewestShipments {
		if d := e.best.Value.Units - a.value.Units; d != 0 {
			parts = append(parts, more(-d, "unit"))
		}
		if d := a.value.Shipments - e.best.Value.Shipments; d != 0 {
			parts = append(parts, more(int64(d), "shipment"))
		}
		parts = append(parts, more(a.value.Cost-e.best.Value.Cost, "cent"))
	} else {
		parts = append(parts, more(a.value.Total-e.best.Value.Total, "cent"))
	}
	text := strings.Join(parts, ", ")
	if !a.proven {
		text += " or less"
	}
	return text
}

// names lists locations by their ids.
func (e *explanation) names(from []int) string {
	if len(from) == 0 {
		return "nobody"
	}
	ids := make([]string, len(from))
	for k, j := range from {
		ids[k] = e.it.Locations[j].ID
	}
	return strings.Join(ids, " + ")
}

// used lists the locations that ship, in their order.
func used(p *exact.Problem, units []int64) []int {
	var all []int
	for k, x := range units {
		if j := int(p.Offers[k].Location); x > 0 && !slices.Contains(all, j) {
			all = append(all, j)
		}
	}
	slices.Sort(all)
	return all
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// more says how many more, or fewer.
func more(n int64, of string) string {
	word := "more"
	if n < 0 {
		n, word = -n, "less"
	}
	return count(int(n), of) + " " + word
}
