package exact

// fewestShipments solves the problem tier by tier: units, shipments, cost.
func (s *Solver) fewestShipments(to *Solution) {
	p := s.problem
	s.demand()
	var units int64
	complete := true
	for i := range p.Lines {
		units += s.need[i]
		complete = complete && s.need[i] == p.Lines[i].Qty
	}
	to.Bound.Units = units
	if units == 0 || p.ShipComplete && !complete {
		s.nothing(to)
		return
	}
	if s.single(to) {
		return
	}
	limit := len(p.Locations)
	if p.MaxShipments > 0 {
		limit = min(limit, p.MaxShipments)
	}
	if limit == 1 {
		s.limited(to, limit)
		return
	}
	forced := 2*s.exposure + 1
	s.build(&s.model, terms{penalty: forced}, s.scale(forced))
	s.tiers(to, limit)
}

// nothing is the solution that ships nothing, where nothing can be shipped.
func (s *Solver) nothing(to *Solution) {
	to.Value = Value{Total: s.problem.unfilled()}
	to.Bound = to.Value
	to.Proof = BySearch
}

// single looks for one location that fills all that can be filled: most orders end here.
func (s *Solver) single(to *Solution) bool {
	p := s.problem
	s.hits = zeroed(s.hits, len(p.Locations))
	s.spend = sized(s.spend, len(p.Locations))
	for j := range p.Locations {
		s.spend[j] = p.Locations[j].Fixed
	}
	lines := int32(0)
	for i, need := range s.need {
		if need == 0 {
			continue
		}
		for _, k := range s.offers(i) {
			if o := &p.Offers[k]; o.Units >= need && s.hits[o.Location] == lines {
				s.hits[o.Location]++
				s.spend[o.Location] += need * o.UnitCost
			}
		}
		lines++
	}
	best := int32(-1)
	for j, hits := range s.hits {
		if hits == lines && (best < 0 || s.spend[j] < s.spend[best]) {
			best = int32(j)
		}
	}
	if best < 0 {
		return false
	}
	for k := range p.Offers {
		if o := &p.Offers[k]; o.Location == best {
			to.Units[k] = s.need[o.Line]
		}
	}
	to.Value = s.price(to.Units)
	to.Bound, to.Proof = to.Value, BySearch
	return true
}

// tiers finds the fewest shipments that fill all that can be filled, then the least cost with as many.
func (s *Solver) tiers(to *Solution, limit int) {
	s.tier.count(&s.model)
	s.search.reset(&s.tier)
	up := int64(1)<<s.tier.shift - 1
	least := max(2, int((s.search.climb()+up)>>s.tier.shift))
	for ; least <= limit && s.cover.fits(&s.model, least); least++ {
		found := s.cover.run(&s.model, least, &s.limit)
		to.Nodes += s.cover.nodes
		if s.cover.stopped {
			break
		}
		if found {
			s.write(to, s.cover.best)
			to.Bound.Shipments, to.Bound.Cost, to.Proof = to.Value.Shipments, to.Value.Cost, BySearch
			to.Bound.Total = to.Value.Total
			return
		}
	}
	if least > limit {
		s.limited(to, limit)
		return
	}
	s.limit.until = 0.5
	s.search.run(&s.tier, &s.limit, maxSum, nil)
	s.limit.until = 1
	to.Nodes += s.search.nodes
	least = max(least, int((s.search.lower+up)>>s.tier.shift))
	most := int(s.search.value >> s.tier.shift)
	if most > limit {
		s.limited(to, limit)
		return
	}
	s.cheapest(to, least, most)
}

// cheapest finds the least cost with so many shipments, from the set of sites that the search has found.
func (s *Solver) cheapest(to *Solution, least, most int) {
	s.seed = append(s.seed[:0], s.search.bestOpenSet...)
	s.model.least, s.model.most = least, most
	s.search.run(&s.model, &s.limit, maxSum, s.seed)
	s.write(to, s.search.bestOpenSet)
	to.Nodes += s.search.nodes
	up := int64(1)<<s.model.shift - 1
	to.Bound.Shipments = min(least, to.Value.Shipments)
	to.Bound.Cost = min((s.search.lower+up)>>s.model.shift, to.Value.Cost)
	if to.Bound.Shipments == to.Value.Shipments && to.Bound.Cost == to.Value.Cost {
		to.Proof = BySearch
	}
}

// count makes a model of the same cells in which a plan costs the number of its sites.
func (m *model) count(from *model) {
	sites := len(from.fixed)
	m.reset(sites, 16)
	for j := range m.fixed {
		m.fixed[j] = 1 << m.shift
	}
	m.items = append(m.items, from.items...)
	m.cells = append(m.cells, from.cells...)
	for i := range m.items {
		m.items[i].penalty = int64(sites+1) << m.shift
	}
	for k := range m.cells {
		m.cells[k].cost = 0
	}
}

// limited solves the problem where so few shipments cannot fill all that can be filled: all three tiers in
// one sum, in which a unit outweighs any shipments and a shipment any cost.
func (s *Solver) limited(to *Solution, limit int) {
	if s.problem.ShipComplete {
		s.nothing(to)
		return
	}
	shipment := 2*s.exposure + 1
	unit := shipment * int64(limit+2)
	s.build(&s.model, terms{penalty: unit, shipment: shipment, loose: true}, s.scale(unit))
	s.search.run(&s.model, &s.limit, maxSum, nil)
	s.write(to, s.search.bestOpenSet)
	to.Nodes += s.search.nodes
	up := int64(1)<<s.model.shift - 1
	to.Bound, to.Proof = untier((s.search.lower+up)>>s.model.shift, to.Bound.Units, to.Value, unit, shipment, s.exposure)
}

// ceil is a/b rounded up.
func ceil(a, b int64) int64 {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}
