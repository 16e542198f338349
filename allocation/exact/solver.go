package exact

import "slices"

// Limits end a search before it is done. The zero value has none.
type Limits struct {
	// Nodes is the most steps of the search beyond the root, 0 for no limit. A search that only this
	// limits repeats exactly.
	Nodes int

	// Spent says how much of the caller's budget is gone, and the search ends at 1. It is called about
	// every 20 µs of work, so it may read a clock or look at a context; nil: no limit.
	Spent func() float64
}

// Solver solves problems. It keeps its memory from one to the next: after the first few, a problem of
// usual size is solved without an allocation. The zero value is ready; it must not be used by two
// goroutines at a time.
type Solver struct {
	problem *Problem
	limit   budget

	// Of the problem at hand.
	start    []int32 // of each line: its offers are order[start[i]:start[i+1]]
	order    []int32
	stamp    []int32 // of each location: the last line that named it, plus one
	units    int64   // wanted by all lines
	exposure int64   // no plan costs more, or gains more
	plain    bool    // no line comes from one location only
	head     []int32 // of each group: its first line, plus one
	next     []int32 // of each line: the next line of its group, plus one
	served   []int32 // of each group: the location that serves it, -1 for none

	// FewestShipments.
	need  []int64 // the most units that each line can get
	hits  []int32 // of each location: lines that it fills alone
	spend []int64 // of each location: what that costs
	tier  model
	seed  []bool
	cover cover

	model  model
	search search
}

// Solve is the solution of one problem, with memory of its own and no limits. It takes as long as it
// takes: seconds for hundreds of lines. Use a [Solver] for many problems or for a deadline.
func Solve(p *Problem) (Solution, error) {
	var s Solver
	var out Solution
	err := s.Solve(p, Limits{}, &out)
	return out, err
}

// Solve writes the solution into a place of the caller's, whose memory it reuses. An [InvalidError] says
// what is wrong with a problem; the solution is then empty. A search that meets a limit is no error: the
// solution is the best plan found, with Proof Unproven and a bound.
func (s *Solver) Solve(p *Problem, limits Limits, to *Solution) error {
	to.reset(len(p.Offers))
	if err := s.index(p); err != nil {
		return err
	}
	s.limit = budget{nodes: limits.Nodes, endless: limits.Nodes == 0, spent: limits.Spent, until: 1}
	if p.Objective == FewestShipments {
		s.fewestShipments(to)
	} else {
		s.leastCost(to)
	}
	s.problem, s.limit.spent = nil, nil
	return nil
}

// index checks the problem and sorts its offers by line.
func (s *Solver) index(p *Problem) error {
	if err := p.check(); err != nil {
		return err
	}
	for k := range p.Offers {
		if err := p.offer(k); err != nil {
			return err
		}
	}
	dearest := s.sort(p)
	for i := range p.Lines {
		for _, k := range s.offers(i) {
			j := p.Offers[k].Location
			if s.stamp[j] == int32(i)+1 {
				return invalid("Offers[].Location", int(k), int64(j), "the location offers this line twice")
			}
			s.stamp[j] = int32(i) + 1
		}
	}
	return s.measure(dearest)
}

// sort indexes the offers of a valid problem by line and returns the dearest unit cost.
func (s *Solver) sort(p *Problem) (dearest int64) {
	s.problem = p
	s.start = zeroed(s.start, len(p.Lines)+1)
	for k := range p.Offers {
		o := &p.Offers[k]
		s.start[o.Line]++
		dearest = max(dearest, o.UnitCost, -o.UnitCost)
	}
	s.order = sized(s.order, len(p.Offers))
	var at int32
	for i := range s.start {
		at += s.start[i]
		s.start[i] = at
	}
	for k, o := range slices.Backward(p.Offers) {
		s.start[o.Line]--
		s.order[s.start[o.Line]] = int32(k)
	}
	s.stamp = zeroed(s.stamp, len(p.Locations))
	return dearest
}

// offers are the positions of the offers for a line.
func (s *Solver) offers(line int) []int32 { return s.order[s.start[line]:s.start[line+1]] }

// measure bounds the sums of the search and finds the groups.
func (s *Solver) measure(dearest int64) error {
	p := s.problem
	s.units, s.exposure, s.plain = 0, 1, true
	grouped := false
	for j := range p.Locations {
		s.exposure += p.Locations[j].Fixed
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		s.units += l.Qty
		s.exposure += l.Qty * (l.Penalty + dearest)
		s.plain = s.plain && !l.NoSplit && l.Group == 0
		grouped = grouped || l.Group > 0
		if s.exposure > maxExposure {
			return invalid("Lines", i, s.exposure, "the order is worth more than can be computed exactly")
		}
	}
	if p.Objective == FewestShipments || p.ShipComplete {
		shipments := int64(0)
		if p.MaxShipments > 0 {
			shipments = int64(min(p.MaxShipments, len(p.Locations)))
		}
		if s.units > maxSum/4/(2*s.exposure+1)/(shipments+2)/int64(len(p.Locations)+2) {
			return invalid("Lines", -1, s.units, "the order has more units than can be computed exactly at these costs")
		}
	}
	if grouped {
		s.link()
	}
	return nil
}

// link chains the lines of each group.
func (s *Solver) link() {
	lines := s.problem.Lines
	s.head = zeroed(s.head, len(lines)+1)
	s.next = zeroed(s.next, len(lines))
	for i := len(lines) - 1; i >= 0; i-- {
		if g := lines[i].Group; g > 0 {
			s.next[i] = s.head[g]
			s.head[g] = int32(i) + 1
		}
	}
}

// leads reports whether a line is the first of its group.
func (s *Solver) leads(line int) bool {
	return s.head[s.problem.Lines[line].Group] == int32(line)+1
}

// Validate refuses, with an [InvalidError], what [Solver.Solve] would refuse.
func (p *Problem) Validate() error {
	var s Solver
	return s.index(p)
}
