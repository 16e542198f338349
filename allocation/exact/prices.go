package exact

import "slices"

// The most rounds of prices where no budget ends them.
const (
	mostRounds      = 400
	mostBoundRounds = 60
)

// price finds prices of scarce stock and of busy locations. At any prices the orders, each solved alone as
// if it owned all stock, cost less together than the best plan of the batch, once the prices of all stock
// are taken off again. That is the bound; good prices make it close. The orders that are solved alone also
// say how much of each pool they would use, and prices follow that.
func (r *batchRun) price(mode Mode) {
	rounds, boundRounds := 1, 1
	if mode == Jointly {
		rounds, boundRounds = mostRounds, mostBoundRounds
	}
	switch {
	case r.b.Objective == LeastCost && mode == InTurn:
		r.totalBound = r.unpriced()
	case r.b.Objective == LeastCost:
		r.limit.until = 0.6
		r.settle(rounds, mode == Jointly)
		r.totalBound = r.bound
	default:
		r.unitBound, r.leadBound = r.mostUnits(), -maxSum
		if mode == Jointly {
			r.limit.until = 0.5
			r.settle(rounds, true)
			r.leadBound = r.bound
			copy(r.leadPool, r.bestPool)
			copy(r.leadLocation, r.bestLocation)
		}
		r.limit.until = 0.7
		r.boundTiers(boundRounds)
	}
	r.over, r.limit.until = false, 1
}

// unpriced is the bound at the prices zero. Orders that were planned as if they were alone are not again.
func (r *batchRun) unpriced() int64 {
	var sum int64
	for o := range r.work {
		if r.asFirst[o] {
			sum += r.asFirstBound[o]
			continue
		}
		r.steps++
		r.solvePriced(o, r.b.Stock, r.open, 1, 1, &r.sol)
		sum += r.sol.Bound.Total
	}
	return sum
}

// tierShipment is what a shipment weighs where costs weigh nothing. A unit weighs two: it takes hardly more
// to fill one.
const (
	tierShipment = 1000
	tierUnit     = 2 * tierShipment
)

// bounds limits all plans that are compared to one of value v.
func (r *batchRun) bounds(v Value) Value {
	if r.b.Objective == LeastCost {
		return Value{Total: min(r.totalBound, v.Total)}
	}
	b := Value{Units: r.unitBound}
	if b.Units > v.Units {
		return b
	}
	short := r.wanted - v.Units
	b.Shipments = min(v.Shipments, int(max(0, ceil(r.tierBound-short*tierUnit, tierShipment))))
	b.Cost = min(v.Cost, max(r.leadBound-short*r.weights.unit-int64(v.Shipments)*r.weights.shipment, -maxExposure))
	return b
}

// boundTiers bounds the units of all plans, and the shipments of those that fill as many units as another.
// Costs weigh nothing then.
func (r *batchRun) boundTiers(rounds int) {
	was := r.weights
	if slices.Contains(r.busy, true) && r.unitBound > r.best.total.Units {
		r.weights = weights{unit: tierUnit, free: true}
		r.reprice(0, 1)
		r.settle(rounds, false)
		r.unitBound = min(r.unitBound, r.wanted-ceil(r.bound, tierUnit))
	}
	r.weights = weights{unit: tierUnit, shipment: tierShipment, free: true}
	r.reprice(tierShipment, was.shipment)
	r.settle(rounds, false)
	r.tierBound = r.bound
	r.weights = was
	copy(r.bestPool, r.leadPool)
	copy(r.bestLocation, r.leadLocation)
	clear(r.once)
}

// reprice starts from the prices that led to plans, times num/den, at new weights.
func (r *batchRun) reprice(num, den int64) {
	for k := range r.pool {
		r.pool[k] = r.leadPool[k] * num / den
	}
	for j := range r.location {
		r.location[j] = r.leadLocation[j] * num / den
	}
	clear(r.once)
	r.over = false
}

// settle follows the subgradients of the bound for so many rounds, and tries plans on the way if asked to.
func (r *batchRun) settle(rounds int, construct bool) {
	n, places := len(r.pool), len(r.location)
	usePool, useLocation := make([]int64, n), make([]int64, places)
	dirPool, dirLocation := make([]float64, n), make([]float64, places)
	exactPool, exactLocation := asFloats(r.pool), asFloats(r.location)
	r.bound = -maxSum
	pace, since := 1.0, 0
	for round := range rounds {
		bound, whole := r.alone(usePool, useLocation)
		if !whole || r.failed != nil {
			break
		}
		if bound > r.bound {
			r.bound, since = bound, 0
			copy(r.bestPool, r.pool)
			copy(r.bestLocation, r.location)
		} else if since++; since > 6 {
			pace, since = pace*0.7, 0
		}
		if construct && (round%4 == 3 || round < 3) {
			r.construct(1 + int64(round%8)/4)
		}
		target := r.sum(r.best.total)
		if r.over || r.bound >= target || pace < 0.01 || round+1 == rounds {
			break
		}
		length := turn(dirPool, r.pool, usePool, r.b.Stock, r.scarce) + turn(dirLocation, r.location, useLocation, r.b.Capacity, r.busy)
		if length == 0 {
			break
		}
		t := float64(pace*float64(target-bound)) / length
		follow(r.pool, exactPool, dirPool, t, r.highest())
		follow(r.location, exactLocation, dirLocation, t, r.highest())
	}
}

func asFloats(s []int64) []float64 {
	to := make([]float64, len(s))
	for k, v := range s {
		to[k] = float64(v)
	}
	return to
}

// highest is a price that nobody pays.
func (r *batchRun) highest() int64 {
	if !r.weights.own {
		return 2 * r.weights.unit
	}
	return 2 * MaxMoney
}

// closed reports whether the bounds rule out a better plan.
func (r *batchRun) closed() bool {
	v := r.best.total
	b := r.bounds(v)
	if r.b.Objective == LeastCost {
		return b.Total == v.Total
	}
	return b.Units == v.Units && b.Shipments == v.Shipments && b.Cost == v.Cost
}

// findScarce finds the pools and locations that more may be wanted of than there is. All others have the
// price zero, and an order that meets nothing scarce is solved once.
func (r *batchRun) findScarce() {
	b := r.b
	wanted, orders := make([]int64, len(b.Stock)), make([]int64, len(r.room))
	seen := make([]int, len(r.room))
	for o := range b.Orders {
		p := &b.Orders[o]
		for k := range p.Offers {
			offer := &p.Offers[k]
			wanted[b.Pools[o][k]] += min(offer.Units, p.Lines[offer.Line].Qty)
			if seen[offer.Location] != o+1 {
				seen[offer.Location] = o + 1
				orders[offer.Location]++
			}
		}
	}
	r.scarce, r.busy = make([]bool, len(b.Stock)), make([]bool, len(r.room))
	for k, units := range wanted {
		r.scarce[k] = units > b.Stock[k]
	}
	for j, n := range orders {
		r.busy[j] = b.Capacity != nil && b.Capacity[j] >= 0 && n > b.Capacity[j]
	}
	r.tied, r.onceBound = make([]bool, len(b.Orders)), make([]int64, len(b.Orders))
	r.once = make([][]int64, len(b.Orders))
	for o := range b.Orders {
		p := &b.Orders[o]
		for k := range p.Offers {
			r.tied[o] = r.tied[o] || r.scarce[b.Pools[o][k]] || r.busy[p.Offers[k].Location]
		}
	}
}

// alone solves every order as if all stock were its own, at the prices at hand. It sums the bound and what
// is used. It reports false if the budget ended it.
func (r *batchRun) alone(usePool, useLocation []int64) (bound int64, whole bool) {
	b := r.b
	clear(usePool)
	clear(useLocation)
	for o := range b.Orders {
		if !r.tied[o] && r.once[o] != nil {
			bound += r.onceBound[o]
			continue
		}
		if r.spend(o) && r.bound > -maxSum {
			return 0, false
		}
		r.solvePriced(o, b.Stock, r.open, 1, 1, &r.sol)
		bound += r.sol.Bound.Total
		if !r.tied[o] {
			r.once[o], r.onceBound[o] = append([]int64{}, r.sol.Units...), r.sol.Bound.Total
		}
		p := &b.Orders[o]
		for k, x := range r.sol.Units {
			if x == 0 {
				continue
			}
			usePool[b.Pools[o][k]] += x
			if firstFrom(p, r.sol.Units, k) {
				useLocation[p.Offers[k].Location]++
			}
		}
	}
	for k, price := range r.pool {
		bound -= price * b.Stock[k]
	}
	for j, price := range r.location {
		if price > 0 {
			bound -= price * b.Capacity[j]
		}
	}
	return bound, true
}

// turn turns a direction toward more for what is used beyond what there is, and less for what is left over.
func turn(dir []float64, price, use, have []int64, scarce []bool) float64 {
	var length float64
	for k, is := range scarce {
		if !is {
			continue
		}
		g := float64(use[k] - have[k])
		if price[k] == 0 && g < 0 {
			g = 0
		}
		dir[k] = g + float64(0.4*dir[k])
		length += float64(g * g)
	}
	return length
}

// follow moves prices along a direction.
func follow(price []int64, exact, dir []float64, t float64, highest int64) {
	for k, d := range dir {
		if d == 0 {
			continue
		}
		exact[k] = min(max(exact[k]+float64(t*d), 0), float64(highest))
		price[k] = int64(exact[k] + 0.5)
	}
}

// construct plans all orders in turn at a part of the prices, then each anew at its own costs.
func (r *batchRun) construct(den int64) {
	for o := range r.work {
		r.clearOrder(o)
	}
	for o := range r.work {
		if r.spend(o) && r.best.total != (Value{}) {
			r.restoreBest()
			return
		}
		if !r.tied[o] && r.once[o] != nil {
			r.put(o, r.once[o], r.worth(o, r.once[o]))
			continue
		}
		r.solvePriced(o, r.left, r.room, 1, den, &r.sol)
		r.put(o, r.sol.Units, r.worth(o, r.sol.Units))
	}
	r.reevaluate()
}

// clearOrder takes everything back from an order.
func (r *batchRun) clearOrder(o int) {
	r.move(o, r.plan.units[o], 1)
	r.plan.total = minus(r.plan.total, r.plan.values[o])
	clear(r.plan.units[o])
	r.plan.values[o] = Value{Total: r.b.Orders[o].unfilled()}
	r.plan.total = plus(r.plan.total, r.plan.values[o])
}

// solution is the best plan and what is known about all others.
func (r *batchRun) solution() BatchSolution {
	to := BatchSolution{
		Units: r.best.units, Values: r.best.values, Value: r.best.total, Bound: r.bounds(r.best.total), Steps: r.steps,
		Prices: r.bestPool, ShipmentPrices: r.bestLocation,
	}
	if r.closed() {
		to.Proof = BySearch
	}
	return to
}

// untier reads the bound of each tier off a bound of their sum, in which a unit that is not filled weighs
// unit, a shipment weighs shipment, and no plan costs or gains more than cost.
func untier(sum, wanted int64, v Value, unit, shipment, cost int64) (Value, Proof) {
	short := max(0, ceil(sum-(unit-shipment)-cost, unit))
	b := Value{Units: max(wanted-short, v.Units)}
	if b.Units > v.Units {
		return b, Unproven
	}
	sum -= (wanted - v.Units) * unit
	b.Shipments = min(max(0, int(ceil(sum-cost, shipment))), v.Shipments)
	if b.Shipments < v.Shipments {
		b.Cost = -cost
		return b, Unproven
	}
	if b.Cost = min(sum-int64(v.Shipments)*shipment, v.Cost); b.Cost == v.Cost {
		return b, BySearch
	}
	return b, Unproven
}
