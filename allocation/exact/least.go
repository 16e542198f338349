package exact

import "slices"

// terms are what a model is built for.
type terms struct {
	penalty  int64 // of every unit that stays unfilled; 0: the line's own
	shipment int64 // added to the fixed cost of every location
	loose    bool  // a line that may not be split need not get the most it can
}

// leastCost solves the problem for its total.
func (s *Solver) leastCost(to *Solution) {
	p := s.problem
	if !p.ShipComplete {
		s.build(&s.model, terms{}, s.scale(0))
		s.search.run(&s.model, &s.limit, maxSum, nil)
		s.take(to)
		s.certify(to)
		return
	}
	nothing := s.problem.unfilled()
	if !s.fillable() {
		to.Value.Total, to.Bound.Total, to.Proof = nothing, nothing, BySearch
		return
	}
	forced := 2*s.exposure + 1
	s.build(&s.model, terms{penalty: forced}, s.scale(forced))
	s.search.run(&s.model, &s.limit, nothing<<s.model.shift, nil)
	s.take(to)
}

// scale chooses the shift of a model whose units have a penalty, or their own if that is 0.
func (s *Solver) scale(penalty int64) uint {
	return scale(penalty*s.units+s.exposure, s.units, len(s.problem.Locations))
}

// unfilled is the penalty of an order of which nothing ships.
func (p *Problem) unfilled() int64 {
	var sum int64
	for i := range p.Lines {
		sum += p.Lines[i].Qty * p.Lines[i].Penalty
	}
	return sum
}

// fillable reports whether every line can get all it wants.
func (s *Solver) fillable() bool {
	s.demand()
	for i := range s.problem.Lines {
		if s.need[i] < s.problem.Lines[i].Qty {
			return false
		}
	}
	return true
}

// build turns the lines into items.
func (s *Solver) build(m *model, t terms, shift uint) {
	p := s.problem
	m.reset(len(p.Locations), shift)
	for j := range p.Locations {
		m.fixed[j] = (p.Locations[j].Fixed + t.shipment) << shift
	}
	if p.MaxShipments > 0 {
		m.most = min(p.MaxShipments, len(p.Locations))
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		qty, penalty := l.Qty, l.Penalty
		if t.penalty > 0 {
			qty, penalty = s.need[i], t.penalty
		}
		switch {
		case l.Group > 0:
			if s.leads(i) {
				s.buildGroup(m, l.Group, t)
			}
		case l.NoSplit:
			s.buildWhole(m, i, qty, penalty, t)
		default:
			first := len(m.cells)
			for _, k := range s.offers(i) {
				o := &p.Offers[k]
				if o.Units > 0 && qty > 0 && o.UnitCost < penalty {
					m.cells = append(m.cells, cell{
						cost: o.UnitCost << shift, units: min(o.Units, qty), site: o.Location, ref: k,
					})
				}
			}
			m.close(first, qty, penalty<<shift)
		}
	}
}

// buildWhole makes one unit of a line that may not be split: it costs what its units cost from the location
// that gets it, and the penalty of those that this location does not have.
func (s *Solver) buildWhole(m *model, line int, qty, penalty int64, t terms) {
	first := len(m.cells)
	for _, k := range s.offers(line) {
		o := &s.problem.Offers[k]
		units := min(o.Units, qty)
		if units == 0 || o.UnitCost >= penalty || t.penalty > 0 && !t.loose && units < qty {
			continue
		}
		m.cells = append(m.cells, cell{
			cost: (units*o.UnitCost + (qty-units)*penalty) << m.shift, units: 1, site: o.Location, ref: k,
		})
	}
	m.close(first, 1, (qty*penalty)<<m.shift)
}

// buildGroup makes one unit of the lines of a group, from the locations that have all of them in full.
func (s *Solver) buildGroup(m *model, group int, t terms) {
	first := len(m.cells)
	penalty, members := s.gather(group, t.penalty)
	for j, hits := range s.hits {
		if hits == members && s.spend[j] < penalty {
			m.cells = append(m.cells, cell{cost: s.spend[j] << m.shift, units: 1, site: int32(j), ref: int32(-1 - group)})
		}
	}
	if t.penalty > 0 && s.need[s.head[group]-1] == 0 {
		penalty = 0 // no location has the group
	}
	m.close(first, 1, penalty<<m.shift)
}

// gather counts for each location the lines of a group that it has in full and what they cost there.
// It returns the penalty of the whole group, at a penalty of each unit or at the lines' own if that is 0.
func (s *Solver) gather(group int, each int64) (penalty int64, members int32) {
	p := s.problem
	s.hits = zeroed(s.hits, len(p.Locations))
	s.spend = zeroed(s.spend, len(p.Locations))
	for i := s.head[group]; i > 0; i = s.next[i-1] {
		l := &p.Lines[i-1]
		members++
		if each > 0 {
			penalty += each * l.Qty
		} else {
			penalty += l.Penalty * l.Qty
		}
		for _, k := range s.offers(int(i - 1)) {
			if o := &p.Offers[k]; o.Units >= l.Qty {
				s.hits[o.Location]++
				s.spend[o.Location] += o.UnitCost * l.Qty
			}
		}
	}
	return penalty, members
}

// demand finds the most units that each line can get, whatever else is filled.
func (s *Solver) demand() {
	p := s.problem
	s.need = zeroed(s.need, len(p.Lines))
	for i := range p.Lines {
		l := &p.Lines[i]
		switch {
		case l.Group > 0:
			if !s.leads(i) {
				continue
			}
			_, members := s.gather(l.Group, 0)
			if !slices.Contains(s.hits, members) {
				continue
			}
			for i := s.head[l.Group]; i > 0; i = s.next[i-1] {
				s.need[i-1] = p.Lines[i-1].Qty
			}
		default:
			var sum int64
			for _, k := range s.offers(i) {
				units := min(p.Offers[k].Units, l.Qty)
				if l.NoSplit {
					sum = max(sum, units)
				} else {
					sum = min(sum+units, l.Qty)
				}
			}
			s.need[i] = sum
		}
	}
}

// take writes the plan that the search found, priced anew from the problem, and what the search proved.
func (s *Solver) take(to *Solution) {
	s.write(to, s.search.bestOpenSet)
	m, up := s.search.m, s.search.unit()-1
	to.Bound.Total = min((s.search.lower+up)>>m.shift, to.Value.Total)
	to.Nodes += s.search.nodes
	if to.Bound.Total == to.Value.Total {
		to.Proof = BySearch
	}
}

// write fills every item from the open sites.
func (s *Solver) write(to *Solution, open []bool) {
	m, p := &s.model, s.problem
	grouped := false
	for i := range m.items {
		it := &m.items[i]
		rest := it.units
		for k := it.first; k < it.last && rest > 0; k++ {
			c := &m.cells[k]
			if !open[c.site] {
				continue
			}
			x := min(c.units, rest)
			rest -= x
			if c.ref < 0 {
				if !grouped {
					s.served = sized(s.served, len(p.Lines)+1)
					for g := range s.served {
						s.served[g] = -1
					}
				}
				grouped = true
				s.served[-1-c.ref] = c.site
				continue
			}
			if l := &p.Lines[p.Offers[c.ref].Line]; l.NoSplit {
				x = min(p.Offers[c.ref].Units, l.Qty)
			}
			to.Units[c.ref] = x
		}
	}
	if grouped {
		for k := range p.Offers {
			o := &p.Offers[k]
			if l := &p.Lines[o.Line]; l.Group > 0 && s.served[l.Group] == o.Location {
				to.Units[k] = l.Qty
			}
		}
	}
	s.stamp = zeroed(s.stamp, len(p.Locations))
	to.Value = s.price(to.Units)
}

// price is the value of units taken from the offers.
func (s *Solver) price(units []int64) Value {
	p := s.problem
	v := Value{Total: p.unfilled()}
	clear(s.stamp)
	for k, x := range units {
		if x == 0 {
			continue
		}
		o := &p.Offers[k]
		v.Units += x
		v.Cost += x * o.UnitCost
		v.Total -= x * p.Lines[o.Line].Penalty
		if s.stamp[o.Location] == 0 {
			s.stamp[o.Location] = 1
			v.Shipments++
			v.Cost += p.Locations[o.Location].Fixed
		}
	}
	v.Total += v.Cost
	return v
}

// certify hands out the prices of the root.
func (s *Solver) certify(to *Solution) {
	if !s.plain {
		return
	}
	r := &s.search
	c := &to.Certificate
	c.Prices = append(c.Prices, r.rootPrice...)
	c.Scale = 1 << s.model.shift
	c.Shipment = max(0, -r.rootEdge)
	c.Bound = (r.rootBound + r.unit() - 1) >> s.model.shift
	if r.byPrices && to.Proof == BySearch {
		to.Proof = ByPrices
	}
}
