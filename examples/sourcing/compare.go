package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/orderkit/oms/allocation/exact"
)

// walk is a rule of the kind that most order systems have: it puts locations into an
// order and takes from each what is still wanted.
type walk struct {
	name string
	rank func(o *wanted) []int
}

// wanted is an order as a rule sees it.
type wanted struct {
	*instance
	units [][]int64 // by location and line
}

var walks = []walk{
	{"priority walk", func(o *wanted) []int { return o.by(func(l location) int { return l.Priority }) }},
	{"nearest walk", func(o *wanted) []int { return o.by(func(l location) int { return l.Distance }) }},
	{"complete first, else nearest", completeFirst},
	{"most units first", mostUnits},
}

// by puts the locations into ascending order.
func (o *wanted) by(key func(location) int) []int {
	all := make([]int, len(o.Locations))
	for j := range all {
		all[j] = j
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(key(o.Locations[a]), key(o.Locations[b])) })
	return all
}

// take is how many units a location can add to what is still wanted.
func (o *wanted) take(j int, left []int64) int64 {
	var sum int64
	for i, want := range left {
		sum += min(want, o.units[j][i])
	}
	return sum
}

// all is what is wanted in the beginning.
func (o *wanted) all() []int64 {
	left := make([]int64, len(o.Lines))
	for i, l := range o.Lines {
		left[i] = l.Qty
	}
	return left
}

// completeFirst begins with the nearest location that has everything.
func completeFirst(o *wanted) []int {
	near, left := o.by(func(l location) int { return l.Distance }), o.all()
	var sum int64
	for _, q := range left {
		sum += q
	}
	if i := slices.IndexFunc(near, func(j int) bool { return o.take(j, left) == sum }); i >= 0 {
		return near[i : i+1]
	}
	return near
}

// mostUnits goes on with the location that adds most, the nearest of those that add the same.
func mostUnits(o *wanted) []int {
	near, left := o.by(func(l location) int { return l.Distance }), o.all()
	var chosen []int
	for len(near) > 0 {
		best := slices.MaxFunc(near, func(a, b int) int { return cmp.Compare(o.take(a, left), o.take(b, left)) })
		if o.take(best, left) == 0 {
			break
		}
		chosen = append(chosen, best)
		near = slices.DeleteFunc(near, func(j int) bool { return j == best })
		for i := range left {
			left[i] -= min(left[i], o.units[best][i])
		}
	}
	return chosen
}

// price is what the plan of a rule comes to.
func (w walk) price(it *instance) exact.Value {
	o := &wanted{instance: it, units: make([][]int64, len(it.Locations))}
	cost := make([][]int64, len(it.Locations))
	for j := range it.Locations {
		o.units[j], cost[j] = make([]int64, len(it.Lines)), make([]int64, len(it.Lines))
	}
	for _, f := range it.Offers {
		o.units[f[1]][f[0]], cost[f[1]][f[0]] = f[2], f[3]
	}
	var v exact.Value
	left := o.all()
	for _, j := range w.rank(o) {
		if o.take(j, left) == 0 {
			continue
		}
		v.Shipments++
		v.Cost += it.Locations[j].Fixed
		for i := range left {
			q := min(left[i], o.units[j][i])
			left[i] -= q
			v.Units += q
			v.Cost += q * cost[j][i]
		}
	}
	v.Total = v.Cost
	for i, l := range it.Lines {
		v.Total += left[i] * l.Penalty
	}
	return v
}

// plain tells whether the rules can plan an order: they know no constraints.
func (it *instance) plain() bool {
	return it.Kind != "batch" && it.Constraints == constraints{} &&
		!slices.ContainsFunc(it.Lines, func(l line) bool { return l.NoSplit || l.Group != 0 })
}

// compare prints by class what the plans of the rules cost more than ours.
func compare(all []*instance, opt options, stdout io.Writer) error {
	var s exact.Solver
	var classes []string
	extra := map[string][][]float64{} // by class and rule, in percent
	for _, it := range all {
		if !it.plain() || opt.class != "" && it.Class != opt.class {
			continue
		}
		p, err := it.single(opt.objective)
		if err != nil {
			return fmt.Errorf("%s: %w", it.ID, err)
		}
		var sol exact.Solution
		if err := s.Solve(p, within(opt.budget), &sol); err != nil {
			return fmt.Errorf("%s: %w", it.ID, err)
		}
		if extra[it.Class] == nil {
			classes, extra[it.Class] = append(classes, it.Class), make([][]float64, len(walks))
		}
		for k, w := range walks {
			extra[it.Class][k] = append(extra[it.Class][k], opt.over(w.price(it), sol.Value))
		}
	}
	what := "cost with penalties"
	if opt.objective == exact.FewestShipments {
		what = "shipments"
	}
	if _, err := fmt.Fprintf(stdout, "More %s than the exact plan, in %%: mean / worst\n%-30s", what, ""); err != nil {
		return err
	}
	for _, c := range classes {
		_, _ = fmt.Fprintf(stdout, "%18s", fmt.Sprintf("%s (%d)", c, len(extra[c][0])))
	}
	for k, w := range walks {
		_, _ = fmt.Fprintf(stdout, "\n%-30s", w.name)
		for _, c := range classes {
			var sum float64
			for _, x := range extra[c][k] {
				sum += x
			}
			_, _ = fmt.Fprintf(stdout, "%18s", fmt.Sprintf("%.1f / %.0f", sum/float64(len(extra[c][k])), slices.Max(extra[c][k])))
		}
	}
	_, err := fmt.Fprintln(stdout)
	return err
}

// over is how much more a plan needs than ours, in percent.
func (o options) over(theirs, ours exact.Value) float64 {
	have, best := theirs.Total, ours.Total
	if o.objective == exact.FewestShipments {
		have, best = int64(theirs.Shipments), int64(ours.Shipments)
	}
	if best == 0 {
		return 0
	}
	return 100 * (float64(have)/float64(best) - 1)
}
