package exact

import "math/rand/v2"

// exchange takes a few orders that want the same scarce thing out of the plan and puts them back in another
// order and at other prices, again and again, and keeps what is better. The draws are the same for every
// batch of the same shape, so a run repeats.
func (r *batchRun) exchange() {
	r.restoreBest()
	rivals := r.rivals()
	if len(rivals) == 0 || r.closed() {
		return
	}
	copy(r.pool, r.bestPool)
	copy(r.location, r.bestLocation)
	draw := rand.New(rand.NewPCG(1, uint64(len(r.work))))
	idle := 0
	for tries := 0; idle < 60*len(r.work) && !r.over && r.failed == nil && !r.closed(); tries++ {
		group := rivals[draw.IntN(len(rivals))]
		n := min(len(group), 2+draw.IntN(4))
		for k := range n { // the first n of a shuffle
			at := k + draw.IntN(len(group)-k)
			group[k], group[at] = group[at], group[k]
		}
		if r.reseat(group[:n], int64(draw.IntN(3))) {
			idle = 0
			r.keepBest()
		} else {
			idle++
		}
	}
	r.reevaluate()
}

// rivals are the lists of wanting with more than one order.
func (r *batchRun) rivals() [][]int {
	var all [][]int
	pools, places := r.wanting()
	for _, group := range append(pools, places...) {
		if len(group) > 1 {
			all = append(all, group)
		}
	}
	return all
}

// wanting lists the orders that have an offer from each scarce pool, and from each busy location.
func (r *batchRun) wanting() (pools, places [][]int) {
	pools, places = make([][]int, len(r.scarce)), make([][]int, len(r.busy))
	for o := range r.b.Orders {
		p := &r.b.Orders[o]
		for k := range p.Offers {
			if pool := r.b.Pools[o][k]; r.scarce[pool] {
				pools[pool] = append(pools[pool], o)
			}
			if j := p.Offers[k].Location; r.busy[j] && (len(places[j]) == 0 || places[j][len(places[j])-1] != o) {
				places[j] = append(places[j], o)
			}
		}
	}
	return pools, places
}

// reseat plans the given orders anew, in this order, at a part of the prices in halves. It reports whether
// the plan got better, and undoes what it did otherwise.
func (r *batchRun) reseat(orders []int, halves int64) bool {
	before := r.plan.total
	for _, o := range orders {
		copy(r.keep[o], r.plan.units[o])
		r.clearOrder(o)
	}
	for _, o := range orders {
		r.spend(o)
		if halves == 0 {
			r.solve(o, &r.sol)
			r.put(o, r.sol.Units, r.sol.Value)
			continue
		}
		r.solvePriced(o, r.left, r.room, halves, 2, &r.sol)
		r.put(o, r.sol.Units, r.worth(o, r.sol.Units))
	}
	if halves > 0 {
		for _, o := range orders {
			r.again(o)
		}
	}
	if compareValues(r.b.Objective, r.plan.total, before) < 0 {
		return true
	}
	if r.plan.total == before {
		return false // as good: stay there, to see other plans
	}
	for _, o := range orders {
		r.clearOrder(o)
	}
	for _, o := range orders {
		r.put(o, r.keep[o], r.worth(o, r.keep[o]))
	}
	return false
}

// yield lets an order that lacks something go before one that holds it, wherever that makes the batch better.
func (r *batchRun) yield() {
	pools, places := r.wanting()
	for changed := true; changed && !r.over; {
		changed = false
		for o := range r.work {
			for k, pool := range r.b.Pools[o] {
				j := r.b.Orders[o].Offers[k].Location
				switch {
				case r.over || !r.tied[o] || r.plan.units[o][k] > 0:
				case r.scarce[pool] && r.left[pool] == 0:
					changed = r.ahead(o, pools[pool], func(h, k int) bool { return r.b.Pools[h][k] == pool }) || changed
				case r.busy[j] && r.room[j] == 0:
					changed = r.ahead(o, places[j], func(h, k int) bool { return r.b.Orders[h].Offers[k].Location == j }) || changed
				}
			}
		}
	}
	r.keepBest()
}

// ahead tries to plan an order before each of its rivals that uses what is meant, until that is better.
func (r *batchRun) ahead(o int, rivals []int, meant func(h, k int) bool) bool {
	for _, h := range rivals {
		if h == o || r.over {
			continue
		}
		uses := false
		for k, x := range r.plan.units[h] {
			uses = uses || x > 0 && meant(h, k)
		}
		if !uses {
			continue
		}
		r.pair[0], r.pair[1] = o, h
		if r.reseat(r.pair[:], 0) {
			return true
		}
	}
	return false
}
