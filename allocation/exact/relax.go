package exact

// The states of a site in the search.
const (
	free int8 = iota
	in        // every plan below this node opens it
	out       // no plan below this node opens it
)

// relaxation bounds the cost of all plans that agree with the states of the sites. Each item gets a
// price; a site is worth opening when the units it can sell at these prices earn more than its fixed
// cost. Prices that sell every unit exactly once would be the optimum; any prices give a lower bound.
type relaxation struct {
	m     *model
	state []int8
	price []int64
	slack []int64 // of each site: how much it costs more than it earns
	open  []bool  // the sites that the bound opens
	order []int32 // scratch of choose
	edge  int64   // what one more site has to undercut, one less gets back: 0 but at a limit of sites

	best      []int64 // the best prices that ascend met
	bestSlack []int64
	bestOpen  []bool
	bestEdge  int64
	dir       []float64
}

func (r *relaxation) reset(m *model) {
	n, sites := len(m.items), len(m.fixed)
	r.m = m
	r.state = zeroed(r.state, sites)
	r.price = sized(r.price, n)
	r.slack = sized(r.slack, sites)
	r.open = sized(r.open, sites)
}

// bound is the bound at the current prices. It leaves slack, open and edge.
func (r *relaxation) bound() int64 {
	m := r.m
	copy(r.slack, m.fixed)
	var sum int64
	slack, cells := r.slack, m.cells
	for i := range m.items {
		it, v := &m.items[i], r.price[i]
		sum += it.units * v
		for k := it.first; k < it.last; k++ {
			c := &cells[k]
			if c.cost >= v {
				break
			}
			slack[c.site] -= c.units * (v - c.cost)
		}
	}
	return sum + r.choose()
}

// choose opens the sites that the bound opens and returns what that adds to it.
func (r *relaxation) choose() int64 {
	if r.m.least > 0 || r.m.most < len(r.slack) {
		return r.chooseWithin(r.m.least, r.m.most)
	}
	var sum int64
	for j, s := range r.slack {
		switch r.state[j] {
		case free:
			r.open[j] = s < 0
			sum += min(s, 0)
		case in:
			r.open[j] = true
			sum += s
		default:
			r.open[j] = false
		}
	}
	r.edge = 0
	return sum
}

// chooseWithin opens at least and at most so many sites, those with the least slack.
func (r *relaxation) chooseWithin(least, most int) int64 {
	var sum int64
	r.order = r.order[:0]
	for j, s := range r.slack {
		r.open[j] = r.state[j] == in
		switch r.state[j] {
		case free:
			r.order = append(r.order, int32(j))
		case in:
			sum += s
			least--
			most--
		}
	}
	least, most = max(least, 0), min(most, len(r.order))
	r.edge = 0
	if most < 0 || least > len(r.order) {
		return maxSum // no plan has so many, or so few
	}
	r.smallest(most)
	taken := 0
	for at, j := range r.order[:most] {
		if at >= least && r.slack[j] >= 0 {
			break
		}
		r.open[j] = true
		sum += r.slack[j]
		taken++
	}
	if taken > 0 {
		last := r.slack[r.order[taken-1]]
		switch taken {
		case most:
			r.edge = last
		case least:
			r.edge = max(last, 0)
		}
	}
	return sum
}

// smallest sorts the n sites of least slack to the front of order, ties by position.
func (r *relaxation) smallest(n int) {
	order, slack := r.order, r.slack
	less := func(a, b int32) bool { return slack[a] < slack[b] || slack[a] == slack[b] && a < b }
	size := 0 // order[:size] is sorted
	for k, j := range order {
		if size == n {
			if size == 0 || !less(j, order[size-1]) {
				continue
			}
			order[k] = order[size-1]
			size--
		} else if k != size {
			order[k] = order[size]
		}
		at := size
		for ; at > 0 && less(j, order[at-1]); at-- {
			order[at] = order[at-1]
		}
		order[at] = j
		size++
	}
}

// climb raises the prices from the cheapest cell of each item, in turns and one break of the bound at a
// time, until every item meets enough sites that could take no higher price. This is the dual ascent of
// Erlenkotter, for stock that may be partial. For most orders its prices are the best there are.
func (r *relaxation) climb() int64 {
	m := r.m
	copy(r.slack, m.fixed)
	for i := range m.items {
		it := &m.items[i]
		r.price[i] = it.penalty
		if it.first < it.last {
			r.price[i] = m.cells[it.first].cost
		}
	}
	return r.lift()
}

// lift raises the prices from where they are, with slack up to date, until none can be raised with gain.
func (r *relaxation) lift() int64 {
	m := r.m
	for moved := true; moved; {
		moved = false
		for i := range m.items {
			if r.raise(i) {
				moved = true
			}
		}
	}
	var sum int64
	for i := range m.items {
		sum += m.items[i].units * r.price[i]
	}
	return sum + r.choose()
}

// raise moves the price of one item up to the next break of the bound, if the bound gains by it.
func (r *relaxation) raise(i int) bool {
	it, v := &r.m.items[i], r.price[i]
	if v >= it.penalty {
		return false
	}
	cells := r.m.cells[it.first:it.last]
	step, gain, seen := it.penalty-v, it.units, 0
	for k := range cells {
		c := &cells[k]
		if c.cost > v {
			step = min(step, c.cost-v)
			break
		}
		seen++
		if state := r.state[c.site]; state == out {
			continue
		} else if s := r.slack[c.site]; s <= 0 || state == in {
			if gain -= c.units; gain <= 0 {
				return false
			}
		} else if c.units == 1 {
			step = min(step, s)
		} else {
			step = min(step, (s+c.units-1)/c.units)
		}
	}
	for k := range seen {
		r.slack[cells[k].site] -= step * cells[k].units
	}
	r.price[i] = v + step
	return true
}

// ascend follows subgradients of the bound from the current prices, at most so many steps, and ends at
// the best prices it met. It returns early when the bound passes cut. Target is the value of the best
// plan known, which sets the length of a step. Visit is called after each step and ends the climb by true.
//
// Floating point steers here and decides nothing: what the prices prove is summed in integers. Products
// are rounded explicitly, so that every machine takes the same steps.
func (r *relaxation) ascend(steps int, target, cut int64, pace float64, visit func() bool) int64 {
	m := r.m
	n := len(m.items)
	r.dir = zeroed(r.dir, n)
	bound := r.bound()
	best := bound
	r.keep()
	since := 0
	for at := range steps {
		if best > cut {
			break
		}
		length := r.direct()
		if length == 0 {
			break // every unit is sold exactly once: these prices are the best
		}
		t := float64(pace*float64(target-bound)) / length
		r.step(t)
		bound = r.bound()
		if at%4 == 3 {
			bound = r.lift()
		}
		if bound > best {
			best, since = bound, 0
			r.keep()
		} else if since++; since >= 8 {
			pace /= 2
			since = 0
			if pace < 0.002 {
				break
			}
		}
		if visit != nil && visit() {
			break
		}
	}
	r.restore()
	return best
}

// direct turns the direction toward the subgradient: units wanted less units sold. It returns how much
// the bound gains by a step of one along the subgradient.
func (r *relaxation) direct() float64 {
	const keepOld = 0.3
	m := r.m
	var length float64
	for i := range m.items {
		it, v := &m.items[i], r.price[i]
		short := it.units
		for k := it.first; k < it.last; k++ {
			c := &m.cells[k]
			if c.cost >= v {
				break
			}
			if r.open[c.site] {
				short -= c.units
			}
		}
		if v >= it.penalty && short > 0 {
			short = 0 // what is not sold is short, at that price
		}
		g := float64(short)
		d := float64(g/float64(it.units)) + float64(keepOld*r.dir[i])
		r.dir[i] = d
		length += float64(g * d)
	}
	if length < 0 {
		return r.straight()
	}
	return length
}

// straight forgets the old direction.
func (r *relaxation) straight() float64 {
	clear(r.dir)
	return r.direct()
}

func (r *relaxation) step(t float64) {
	for i := range r.m.items {
		it := &r.m.items[i]
		low := int64(0)
		if it.first < it.last {
			low = min(r.m.cells[it.first].cost, it.penalty)
		}
		move := float64(t * r.dir[i])
		limit := float64(it.penalty - low)
		r.price[i] = min(max(r.price[i]+int64(min(max(move, -limit), limit)), low), it.penalty)
	}
}

func (r *relaxation) keep() {
	r.best = append(r.best[:0], r.price...)
	r.bestSlack = append(r.bestSlack[:0], r.slack...)
	r.bestOpen = append(r.bestOpen[:0], r.open...)
	r.bestEdge = r.edge
}

func (r *relaxation) restore() {
	copy(r.price, r.best)
	copy(r.slack, r.bestSlack)
	copy(r.open, r.bestOpen)
	r.edge = r.bestEdge
}
