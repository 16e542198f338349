package exact

import "cmp"

// mostOrderNodes is the most that is spent on one order of a batch.
const mostOrderNodes = 10_000

// batchRun is the work on one batch.
type batchRun struct {
	b      *Batch
	limit  budget
	over   bool
	solver Solver
	sol    Solution
	work   []Problem // the orders, with the stock that is left, and prices added
	steps  int
	nodes  int // most nodes for one order; 0: no limit

	left []int64 // of each pool, in the plan at hand
	room []int64 // of each location
	plan batchPlan
	best batchPlan

	weights weights
	wanted  int64 // units of all orders

	// Prices.
	pool, location []int64 // at hand
	bestPool       []int64 // those of the best bound
	bestLocation   []int64
	bound          int64     // the best bound, of the total or of the sum of tiers
	scarce         []bool    // of each pool: more may be wanted than there is
	busy           []bool    // of each location: more orders may want it than it can ship
	once           [][]int64 // of each order that meets nothing scarce: its units, once known
	onceBound      []int64
	leadPool       []int64 // the prices that lead to plans, of FewestShipments
	leadLocation   []int64
	totalBound     int64     // of the total
	unitBound      int64     // of the units
	tierBound      int64     // of units and shipments, weighed
	leadBound      int64     // of units, shipments and cost, weighed
	tied           []bool    // of each order: it meets something scarce
	open           []int64   // room of each location when nothing is planned
	keep           [][]int64 // units of orders taken out
	pair           [2]int
	asFirst        []bool  // of each order: the plan in turn found all its stock untouched
	asFirstBound   []int64 // of each such order: its bound at the prices zero
	failed         error
}

// batchPlan is units for every order.
type batchPlan struct {
	units  [][]int64
	values []Value
	total  Value
}

func newBatchRun(b *Batch, limits Limits) *batchRun {
	n := len(b.Orders)
	r := &batchRun{b: b, nodes: mostOrderNodes, limit: budget{nodes: limits.Nodes, endless: limits.Nodes == 0, spent: limits.Spent, until: 1}}
	r.work = make([]Problem, n)
	r.plan.units, r.plan.values = make([][]int64, n), make([]Value, n)
	r.best.units, r.best.values = make([][]int64, n), make([]Value, n)
	locations := 0
	for o := range b.Orders {
		p := b.Orders[o]
		locations = len(p.Locations)
		r.plan.units[o] = make([]int64, len(p.Offers))
		r.best.units[o] = make([]int64, len(p.Offers))
		r.work[o] = p
		r.work[o].Lines = append([]Line(nil), p.Lines...)
		r.work[o].Offers = append([]Offer(nil), p.Offers...)
		r.work[o].Locations = append([]Location(nil), p.Locations...)
	}
	r.left = append([]int64(nil), b.Stock...)
	r.room = make([]int64, locations)
	for j := range r.room {
		r.room[j] = maxSum
		if b.Capacity != nil && b.Capacity[j] >= 0 {
			r.room[j] = b.Capacity[j]
		}
	}
	r.open = append([]int64(nil), r.room...)
	r.pool, r.location = make([]int64, len(b.Stock)), make([]int64, locations)
	r.leadPool, r.leadLocation = make([]int64, len(b.Stock)), make([]int64, locations)
	r.bestPool, r.bestLocation = make([]int64, len(b.Stock)), make([]int64, locations)
	for o := range b.Orders {
		r.plan.values[o] = Value{Total: b.Orders[o].unfilled()}
		r.plan.total = plus(r.plan.total, r.plan.values[o])
	}
	r.asFirst, r.asFirstBound = make([]bool, n), make([]int64, n)
	r.keep = make([][]int64, n)
	for o := range r.keep {
		r.keep[o] = make([]int64, len(b.Orders[o].Offers))
	}
	r.weigh()
	return r
}

// spend counts one order and reports whether the budget is gone.
func (r *batchRun) spend(o int) bool {
	r.steps++
	if r.limit.step() || r.limit.gone(100+8*len(r.work[o].Offers)) {
		r.over = true
	}
	return r.over
}

// solve plans one order from the stock that is left, at its own costs.
func (r *batchRun) solve(o int, to *Solution) {
	p, work := &r.b.Orders[o], &r.work[o]
	pools := r.b.Pools[o]
	for k := range work.Offers {
		offer := &work.Offers[k]
		*offer = p.Offers[k]
		offer.Units = min(offer.Units, r.left[pools[k]])
		if r.room[offer.Location] == 0 {
			offer.Units = 0
		}
	}
	copy(work.Lines, p.Lines)
	copy(work.Locations, p.Locations)
	work.Objective = p.Objective
	r.ask(work, to)
}

// solvePriced plans one order from the given stock at its own costs and a part of the prices, num/den.
// The value of the solution has the prices in it.
func (r *batchRun) solvePriced(o int, stock, room []int64, num, den int64, to *Solution) {
	p, work := &r.b.Orders[o], &r.work[o]
	pools := r.b.Pools[o]
	for k := range work.Offers {
		offer := &work.Offers[k]
		*offer = p.Offers[k]
		offer.Units = min(offer.Units, stock[pools[k]])
		if r.weights.free {
			offer.UnitCost = 0
		}
		offer.UnitCost += r.pool[pools[k]] * num / den
		if room[offer.Location] == 0 {
			offer.Units = 0
		}
	}
	for j := range work.Locations {
		work.Locations[j].Fixed = r.weights.shipment + r.location[j]*num/den
		if !r.weights.free {
			work.Locations[j].Fixed += p.Locations[j].Fixed
		}
	}
	for i := range work.Lines {
		work.Lines[i] = p.Lines[i]
		if !r.weights.own {
			work.Lines[i].Penalty = r.weights.unit
		}
	}
	work.Objective = LeastCost
	r.ask(work, to)
}

// worth is the value of units of an order at its own costs.
func (r *batchRun) worth(o int, units []int64) Value {
	p := &r.b.Orders[o]
	v := Value{Total: p.unfilled()}
	for k, x := range units {
		if x == 0 {
			continue
		}
		offer := &p.Offers[k]
		v.Units += x
		v.Cost += x * offer.UnitCost
		v.Total -= x * p.Lines[offer.Line].Penalty
		if firstFrom(p, units, k) {
			v.Shipments++
			v.Cost += p.Locations[offer.Location].Fixed
		}
	}
	v.Total += v.Cost
	return v
}

// weights make one sum of the tiers of a value, for the prices to work on.
type weights struct {
	own      bool  // units have the penalties of their lines
	unit     int64 // what a unit that is not filled weighs otherwise
	shipment int64 // added to the fixed cost of a shipment
	free     bool  // costs weigh nothing
}

// sum is what a value weighs.
func (r *batchRun) sum(v Value) int64 {
	w := r.weights
	switch {
	case w.own:
		return v.Total
	case w.free:
		return (r.wanted-v.Units)*w.unit + int64(v.Shipments)*w.shipment
	default:
		return (r.wanted-v.Units)*w.unit + int64(v.Shipments)*w.shipment + v.Cost
	}
}

// weigh finds weights for the objective. With FewestShipments they only lead the search: what is better is
// decided tier by tier. Weights that are too large would drown the prices of everything else.
func (r *batchRun) weigh() {
	r.weights = weights{own: true}
	var fixed int64
	for o := range r.b.Orders {
		p := &r.b.Orders[o]
		for i := range p.Lines {
			r.wanted += p.Lines[i].Qty
		}
		for j := range p.Locations {
			fixed = max(fixed, p.Locations[j].Fixed)
		}
	}
	if r.b.Objective == FewestShipments {
		r.weights = weights{unit: 32 * (fixed + 1), shipment: 8 * (fixed + 1)}
	}
}

// ask solves a problem whose parts are known to be valid.
func (r *batchRun) ask(p *Problem, to *Solution) {
	to.reset(len(p.Offers))
	s := &r.solver
	s.limit = budget{nodes: r.nodes, endless: r.nodes == 0, until: 1}
	if err := s.measure(s.sort(p)); err != nil {
		r.failed = err
		return
	}
	if p.Objective == FewestShipments {
		s.fewestShipments(to)
	} else {
		s.leastCost(to)
	}
}

// put makes units and value those of an order, and takes or gives back the stock.
func (r *batchRun) put(o int, units []int64, value Value) {
	r.move(o, r.plan.units[o], 1)
	r.plan.total = minus(r.plan.total, r.plan.values[o])
	copy(r.plan.units[o], units)
	r.plan.values[o] = value
	r.plan.total = plus(r.plan.total, value)
	r.move(o, units, -1)
}

// move gives units back, or takes them.
func (r *batchRun) move(o int, units []int64, sign int64) {
	p := &r.b.Orders[o]
	for k, x := range units {
		if x == 0 {
			continue
		}
		r.left[r.b.Pools[o][k]] += sign * x
		if j := p.Offers[k].Location; firstFrom(p, units, k) {
			r.room[j] += sign
		}
	}
}

// firstFrom reports whether offer k is the first of its location that is used.
func firstFrom(p *Problem, units []int64, k int) bool {
	for before := range k {
		if units[before] > 0 && p.Offers[before].Location == p.Offers[k].Location {
			return false
		}
	}
	return true
}

// inTurn gives each order its best plan from what the orders before it left.
func (r *batchRun) inTurn() {
	for o := range r.work {
		r.steps++
		first := r.first(o)
		r.solve(o, &r.sol)
		r.put(o, r.sol.Units, r.sol.Value)
		if first {
			r.asFirst[o], r.asFirstBound[o] = true, r.sol.Bound.Total
		}
	}
	r.keepBest()
}

// first reports whether the orders before one have left it all that it could want.
func (r *batchRun) first(o int) bool {
	p := &r.b.Orders[o]
	for k, pool := range r.b.Pools[o] {
		offer := &p.Offers[k]
		if r.left[pool] < min(offer.Units, p.Lines[offer.Line].Qty, r.b.Stock[pool]) || r.room[offer.Location] == 0 && r.open[offer.Location] > 0 {
			return false
		}
	}
	return true
}

// reevaluate plans each order anew from what all others leave, until none gets better.
func (r *batchRun) reevaluate() {
	for changed := true; changed; {
		changed = false
		for o := range r.work {
			if r.spend(o) {
				r.keepBest()
				return
			}
			if r.again(o) {
				changed = true
			}
		}
	}
	r.keepBest()
}

// again plans one order anew and reports whether that made it better.
func (r *batchRun) again(o int) bool {
	r.move(o, r.plan.units[o], 1)
	r.solve(o, &r.sol)
	r.move(o, r.plan.units[o], -1)
	if compareValues(r.b.Objective, r.sol.Value, r.plan.values[o]) >= 0 {
		return false
	}
	r.put(o, r.sol.Units, r.sol.Value)
	return true
}

// keepBest remembers the plan at hand if it is the best so far.
func (r *batchRun) keepBest() {
	if r.best.total != (Value{}) && compareValues(r.b.Objective, r.plan.total, r.best.total) >= 0 {
		return
	}
	r.best.copy(&r.plan)
}

func (p *batchPlan) copy(from *batchPlan) {
	for o := range from.units {
		copy(p.units[o], from.units[o])
	}
	copy(p.values, from.values)
	p.total = from.total
}

// restoreBest goes back to the best plan.
func (r *batchRun) restoreBest() {
	for o := range r.work {
		r.move(o, r.plan.units[o], 1)
	}
	r.plan.copy(&r.best)
	for o := range r.work {
		r.move(o, r.plan.units[o], -1)
	}
}

// compareValues is below zero if a is better.
func compareValues(objective Objective, a, b Value) int {
	if objective == LeastCost {
		return cmp.Compare(a.Total, b.Total)
	}
	return cmp.Or(cmp.Compare(b.Units, a.Units), cmp.Compare(a.Shipments, b.Shipments), cmp.Compare(a.Cost, b.Cost))
}

func plus(a, b Value) Value {
	return Value{a.Units + b.Units, a.Shipments + b.Shipments, a.Cost + b.Cost, a.Total + b.Total}
}

func minus(a, b Value) Value {
	return Value{a.Units - b.Units, a.Shipments - b.Shipments, a.Cost - b.Cost, a.Total - b.Total}
}
