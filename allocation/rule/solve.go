package rule

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/exact"
)

// work is one request on its way through the solver.
type work struct {
	Set
	sheet  *Sheet
	r      *allocation.Request
	solver exact.Solver

	whole  task           // the problem as it is
	best   task           // with what is scarce handed out
	bound  exact.Solution // of the first try, before anything was rationed: its bound holds for every plan
	scarce string         // what had to be rationed
	nodes  int
}

// task is a problem with its solution.
type task struct {
	exact.Problem
	lines [][]int // of each line of the problem: the demands it stands for, in their order
	found exact.Solution

	rationed bool // what is scarce was handed out, so that a proof holds for that alone
}

// clone is a task of its own, without solution.
func (t *task) clone() task {
	c := task{Problem: t.Problem, lines: slices.Clone(t.lines)}
	c.Lines, c.Offers = slices.Clone(t.Lines), slices.Clone(t.Offers)
	return c
}

// solve finds the best plan. The solver gives each line stock of its own. Where lines share it, or a capacity,
// the plan may be too good to be true; what is scarce is then handed out until a plan holds.
func (w *work) solve(ctx context.Context, t *task, nodes int) error {
	for {
		t.found.Units = nil
		if err := w.run(ctx, t, nodes); err != nil {
			return err
		}
		if t == &w.best && w.scarce == "" {
			w.bound = t.found
		}
		scarce := w.ration(t)
		if scarce == "" {
			return nil
		}
		t.rationed = true
		if t == &w.best {
			w.scarce = scarce
		}
	}
}

func (w *work) run(ctx context.Context, t *task, nodes int) error {
	if err := w.solver.Solve(&t.Problem, exact.Limits{Nodes: nodes, Spent: spent(ctx)}, &t.found); err != nil {
		return fmt.Errorf("%w: %w", ErrAmount, err)
	}
	w.nodes += t.found.Nodes
	return ctx.Err()
}

// build states the problem that the sheet describes.
func (w *work) build() {
	s, t := w.sheet, &w.whole
	t.Problem = exact.Problem{Objective: exact.FewestShipments, MaxShipments: s.most, ShipComplete: s.complete}
	if w.Objective == LeastCost {
		t.Objective = exact.LeastCost
	}
	for d := range w.r.Demands {
		k := slices.IndexFunc(t.lines, func(line []int) bool { return w.alike(line[0], d) })
		if k < 0 {
			t.lines = append(t.lines, []int{d})
		} else {
			t.lines[k] = append(t.lines[k], d)
		}
	}
	for j := range w.r.Candidates {
		t.Locations = append(t.Locations, exact.Location{Fixed: s.fixed[j]})
	}
	anyCost := w.anyCost()
	groups := make(map[string]int)
	for _, line := range t.lines {
		d := line[0]
		l := exact.Line{NoSplit: s.whole[d]}
		if w.Objective == LeastCost { // penalties play no part in the other
			l.Penalty = cmp.Or(w.r.Demands[d].Penalty, anyCost)
		}
		for _, d := range line {
			l.Qty += w.r.Demands[d].Qty
		}
		if g := s.group[d]; g != "" {
			if groups[g] == 0 {
				groups[g] = len(groups) + 1
			}
			l.Group = groups[g]
		}
		t.Lines = append(t.Lines, l)
	}
	for k, line := range t.lines {
		for j := range w.r.Candidates {
			if units := s.available(j, line[0]); units > 0 {
				t.Offers = append(t.Offers, exact.Offer{
					Line: int32(k), Location: int32(j), Units: min(units, t.Lines[k].Qty), UnitCost: s.unit[s.cell(j, line[0])],
				})
			}
		}
	}
}

// alike reports whether two demands are one line of the problem: the same item on the same terms.
func (w *work) alike(a, b int) bool {
	s := w.sheet
	x, y := &w.r.Demands[a], &w.r.Demands[b]
	if x.Item != y.Item || x.Penalty != y.Penalty || s.whole[a] || s.whole[b] || s.group[a] != "" || s.group[b] != "" {
		return false
	}
	for j := range w.r.Candidates {
		if at, too := s.cell(j, a), s.cell(j, b); s.refused[at] != s.refused[too] || s.unit[at] != s.unit[too] {
			return false
		}
	}
	return true
}

// anyCost is a penalty that outweighs whatever a plan can cost, as far as the solver can count.
func (w *work) anyCost() int64 {
	sum, units := int64(1), int64(0)
	for j, fixed := range w.sheet.fixed {
		sum = min(sum+fixed, exact.MaxMoney)
		for d := range w.r.Demands {
			dearest := max(w.sheet.unit[w.sheet.cell(j, d)], -w.sheet.unit[w.sheet.cell(j, d)])
			sum = min(sum+min(2*dearest, exact.MaxMoney)*min(w.r.Demands[d].Qty, exact.MaxUnits), exact.MaxMoney)
		}
	}
	for d := range w.r.Demands {
		units += min(w.r.Demands[d].Qty, exact.MaxUnits)
	}
	return max(1, min(sum, 1<<42/max(units, 1)))
}

// ration looks for the first stock, then for the first capacity, of which a plan takes more than there is,
// hands it out to the lines, and says what it was.
func (w *work) ration(t *task) (scarce string) {
	for j := range w.r.Candidates {
		c := &w.r.Candidates[j]
		for i, item := range w.r.Items {
			has := max(0, c.Available[i]-w.sheet.keep[j*len(w.r.Items)+i])
			if t.share(j, has, func(k int) bool { return w.r.Demands[t.lines[k][0]].Item == item }) {
				return fmt.Sprintf("lines on different terms share the last units of %s", item)
			}
		}
		if c.Capacity != nil && t.share(j, *c.Capacity, func(int) bool { return true }) {
			return "a location has not the capacity for all it could send"
		}
	}
	return ""
}

// share gives the lines that the plan serves from a location what they get there, in turn, until the limit;
// then the others. It reports false if the plan keeps the limit.
func (t *task) share(location int, limit int64, concerns func(line int) bool) bool {
	var mine []int
	var taken int64
	for at, o := range t.Offers {
		if int(o.Location) == location && concerns(int(o.Line)) {
			mine = append(mine, at)
			taken += t.found.Units[at]
		}
	}
	if taken <= limit {
		return false
	}
	given := make([]int64, len(mine))
	for k, at := range mine {
		given[k] = min(t.found.Units[at], limit)
		limit -= given[k]
	}
	for k, at := range mine {
		more := min(t.Offers[at].Units-given[k], limit)
		given[k] += more
		limit -= more
		t.Offers[at].Units = given[k]
	}
	return true
}

// sent is what each location sends for each demand.
func (w *work) sent(t *task) []int64 {
	out := make([]int64, len(w.r.Candidates)*len(w.r.Demands))
	open := make([]int64, len(w.r.Demands))
	for d := range w.r.Demands {
		open[d] = w.r.Demands[d].Qty
	}
	for at, o := range t.Offers {
		left := t.found.Units[at]
		for _, d := range t.lines[o.Line] {
			qty := min(left, open[d])
			out[w.sheet.cell(int(o.Location), d)] += qty
			open[d] -= qty
			left -= qty
		}
	}
	return out
}
