package rule

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/exact"
)

// Batch is what many orders get that were planned together.
type Batch struct {
	Plans   []allocation.Plan     // of each request, in their order; none has a proof of its own
	Value   allocation.Value      // of all plans
	Optimal bool                  // no plans are better together
	Gap     int64                 // by how much better ones could be cheaper, penalties included; with LeastCost, over the stock as it is parted
	Gain    allocation.Difference // what one plan after the other, in the order of the requests, would have come to, less these
}

// Batch plans orders together that share the stock of their locations, so that what is scarce goes where it is
// worth most. No order gets a unit twice, and all together are never worse off than one after the other.
//
// Every request states the whole stock: a location has the same units of an item in all of them. Capacity is
// how many of the orders a location may ship; one that it does not name has no limit. Where rules keep more
// units back from some orders than from others, each side has its own part of the stock. Two things are refused
// that a plan of one order could have: lines of one item on different terms, and a Candidate.Capacity above zero.
// Alternatives are not priced. The plans hold for the stock they saw: apply them together or not at all, or plan again.
func (s Set) Batch(ctx context.Context, requests []allocation.Request, capacity map[string]int64) (Batch, error) {
	if err := s.Validate(); err != nil {
		return Batch{}, err
	}
	s.Alternatives = false
	b := batch{Set: s, pools: make(map[pool]int32), stock: make(map[shelf]int64), kept: make(map[shelf][]int64)}
	if err := b.state(requests, capacity); err != nil {
		return Batch{}, err
	}
	limits := exact.Limits{Nodes: s.Nodes, Spent: spent(ctx)}
	inTurn, err := exact.SolveBatch(&b.problem, exact.InTurn, limits)
	if err == nil {
		b.found, err = exact.SolveBatch(&b.problem, exact.Jointly, limits)
	}
	if err != nil {
		return Batch{}, fmt.Errorf("%w: %w", ErrAmount, err)
	}
	if err := ctx.Err(); err != nil {
		return Batch{}, err
	}
	return b.result(ctx, requests, &inTurn)
}

// spent ends a search when the context ends.
func spent(ctx context.Context) func() float64 {
	return func() float64 {
		if ctx.Err() != nil {
			return 1
		}
		return 0
	}
}

// batch is many requests on their way through the solver.
type batch struct {
	Set
	orders  []*work
	stock   map[shelf]int64   // what each shelf has
	kept    map[shelf][]int64 // the different numbers of units that rules keep back there, sorted
	pools   map[pool]int32
	parted  bool // a shelf has several pools, so that plans over the whole shelf could be better
	problem exact.Batch
	found   exact.BatchSolution
}

// shelf is an item at a location.
type shelf struct{ location, item string }

// pool is the part of a shelf for those that so many units are kept back from.
type pool struct {
	shelf
	keep int64
}

// state turns the requests into one problem.
func (b *batch) state(requests []allocation.Request, capacity map[string]int64) error {
	places := make(map[string]int32)
	for k := range requests {
		if err := requests[k].Validate(); err != nil {
			return fmt.Errorf("request %d: %w", k, err)
		}
		for j := range requests[k].Candidates {
			places[requests[k].Candidates[j].Location] = 0
		}
	}
	for location, most := range capacity {
		if most < 0 {
			return fmt.Errorf("%w: location %s may ship %d orders: 0 if none, and no entry for no limit", ErrAmount, location, most)
		}
	}
	for at, location := range slices.Sorted(maps.Keys(places)) {
		places[location] = int32(at)
		limit, limited := capacity[location]
		if !limited {
			limit = -1
		}
		b.problem.Capacity = append(b.problem.Capacity, limit)
	}
	for k := range requests {
		if err := b.add(requests[k]); err != nil {
			return fmt.Errorf("request %d: %w", k, err)
		}
	}
	for k, w := range b.orders {
		if err := b.share(w, places); err != nil {
			return fmt.Errorf("request %d: %w", k, err)
		}
	}
	return nil
}

// add prepares one order and notes the stock that it sees.
func (b *batch) add(r allocation.Request) error {
	w, err := b.prepare(&r)
	if err != nil {
		return err
	}
	for j := range r.Candidates {
		c := &r.Candidates[j]
		if c.Capacity != nil && *c.Capacity > 0 {
			return fmt.Errorf("%w: location %s has a capacity of units: a batch takes a capacity of orders", allocation.ErrInvalidRequest, c.Location)
		}
		for i, item := range r.Items {
			at := shelf{c.Location, item}
			if had, seen := b.stock[at]; seen && had != c.Available[i] {
				return fmt.Errorf("%w: location %s has %d of %s here and %d in an earlier request: state the whole stock in each",
					allocation.ErrInvalidRequest, c.Location, c.Available[i], item, had)
			}
			b.stock[at] = c.Available[i]
			keep := w.sheet.keep[j*len(r.Items)+i]
			if k, found := slices.BinarySearch(b.kept[at], keep); !found {
				b.kept[at] = slices.Insert(b.kept[at], k, keep)
			}
		}
	}
	b.orders = append(b.orders, w)
	return nil
}

// share states an order over all the locations of the batch, and over the pools that it draws on.
func (b *batch) share(w *work, places map[string]int32) error {
	p := w.whole.Problem
	b.problem.Objective = p.Objective
	p.Offers, p.Locations = slices.Clone(p.Offers), make([]exact.Location, len(places))
	for j := range w.r.Candidates {
		p.Locations[places[w.r.Candidates[j].Location]].Fixed = w.sheet.fixed[j]
	}
	pools := make([]int32, len(p.Offers))
	for at := range p.Offers {
		o := &p.Offers[at]
		location, i := w.r.Candidates[o.Location].Location, w.sheet.item(w.whole.lines[o.Line][0])
		draws := b.pool(shelf{location, w.r.Items[i]}, w.sheet.keep[int(o.Location)*len(w.r.Items)+i])
		if slices.Contains(pools[:at], draws) {
			return fmt.Errorf("%w: lines of %s are wanted on different terms: a batch takes one", allocation.ErrInvalidRequest, w.r.Items[i])
		}
		pools[at] = draws
		o.Location = places[location]
	}
	b.problem.Orders = append(b.problem.Orders, p)
	b.problem.Pools = append(b.problem.Pools, pools)
	return nil
}

// pool is the part of a shelf between what is kept back from some and the next more that is kept back from others.
func (b *batch) pool(at shelf, keep int64) int32 {
	key := pool{at, keep}
	if known, ok := b.pools[key]; ok {
		return known
	}
	top := b.stock[at]
	if next := slices.Index(b.kept[at], keep) + 1; next < len(b.kept[at]) {
		top = min(top, b.kept[at][next])
		b.parted = true
	}
	b.pools[key] = int32(len(b.problem.Stock))
	b.problem.Stock = append(b.problem.Stock, min(max(0, top-keep), 1<<31-1))
	return b.pools[key]
}

// result hands the solution back to the orders.
func (b *batch) result(ctx context.Context, requests []allocation.Request, inTurn *exact.BatchSolution) (Batch, error) {
	out := Batch{Optimal: b.found.Proven() && !b.parted}
	var before int64
	for k, w := range b.orders {
		w.best = w.whole.clone()
		w.best.found = exact.Solution{Units: inTurn.Units[k]}
		before += w.penalty(w.sent(&w.best))
		w.best.found = exact.Solution{Units: b.found.Units[k], Value: b.found.Values[k]}
		plan, err := w.plan(ctx)
		if err != nil {
			return Batch{}, err
		}
		out.Value.Penalty += plan.Proof.Value.Penalty
		plan.Proof, plan.Explanation.Proven = nil, false
		for at := range plan.Explanation.Considered {
			if seen := &plan.Explanation.Considered[at]; seen.Verdict == allocation.NotNeeded {
				seen.Reason = "the plans of the batch are as good or better without it"
			}
		}
		plan.Strategy = cmp.Or(b.Called, "rules") + ", in a batch"
		plan.Fingerprint = requests[k].Fingerprint()
		out.Plans = append(out.Plans, plan)
	}
	is, was := &b.found.Value, &inTurn.Value
	out.Value.Units, out.Value.Shipments, out.Value.Cost = is.Units, is.Shipments, is.Cost
	if b.Objective == LeastCost && !out.Optimal {
		out.Gap = max(0, is.Total-b.found.Bound.Total)
	}
	out.Gain = allocation.Difference{
		Missing: is.Units - was.Units, Shipments: was.Shipments - is.Shipments, Cost: was.Cost + before - is.Cost - out.Value.Penalty,
	}
	return out, nil
}
