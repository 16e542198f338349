package exact

// search finds the cheapest set of sites of a model: bounds by prices, plans by local search, and branch
// and bound on the sites where the two do not meet. Everything it holds is reused by the next model.
type search struct {
	relaxation
	plan  plan
	limit *budget

	bestOpenSet []bool // the best plan
	value       int64  // what it costs; maxSum: none is known
	lower       int64  // no plan costs less
	stopped     bool
	byPrices    bool // the root prices alone prove the bound
	rootPrice   []int64
	rootBound   int64
	rootEdge    int64
	pending     int64 // the least bound of what a stopped search left open
	nodes       int
	nodeSteps   int // steps of ascend at each node
	saving      []int64
	trail       []int32 // sites whose state was set, in order
	stack       []int64 // prices of the nodes above
}

// budget ends a search early.
type budget struct {
	nodes   int // steps that are left
	endless bool
	spent   func() float64
	until   float64 // the part of the budget after which to stop
	work    int     // cells looked at since spent was asked
}

// gone counts work and asks from time to time whether to stop. Asking costs more than a small order.
func (b *budget) gone(cells int) bool {
	if b.spent == nil {
		return false
	}
	if b.work += cells; b.work < 1<<13 {
		return false
	}
	b.work = 0
	return b.spent() >= b.until
}

// step counts one node and reports whether it was one too many.
func (b *budget) step() bool {
	if b.endless {
		return false
	}
	b.nodes--
	return b.nodes < 0
}

// run searches the model for a plan that costs less than known; maxSum: none is known. It starts from the
// sites of seed, if there is one.
func (s *search) run(m *model, limit *budget, known int64, seed []bool) {
	s.reset(m)
	s.limit = limit
	s.bestOpenSet = zeroed(s.bestOpenSet, len(m.fixed))
	s.value, s.pending, s.stopped, s.byPrices, s.nodes = known, maxSum, false, false, 0
	s.lower = s.climb()
	if seed != nil {
		s.plan.set(m, seed)
		s.offerPlan(s.plan.open, s.plan.value)
	}
	s.root()
}

// unit is the scaled minor unit: two plans differ by at least as much.
func (s *search) unit() int64 { return 1 << s.m.shift }

// cut is the greatest bound below which a better plan can hide.
func (s *search) cut() int64 { return s.value - s.unit() }

// closed reports whether the bound rules out a better plan.
func (s *search) closed() bool { return s.lower > s.cut() }

// offerPlan keeps a plan if it is the best so far.
func (s *search) offerPlan(open []bool, value int64) {
	if value < s.value {
		s.value = value
		copy(s.bestOpenSet, open)
	}
}

// root bounds the whole problem and looks for good plans, then branches if the two do not meet.
func (s *search) root() {
	s.tight()
	if s.closed() {
		s.prove()
		return
	}
	m := s.m
	m.index()
	s.saving = sized(s.saving, len(m.fixed))
	s.polish(s.bestOpenSet)
	if !s.closed() {
		s.improve()
	}
	s.prove()
	if s.closed() || s.stopped {
		return
	}
	s.byPrices = false
	s.branch()
}

// prove remembers the prices of the root.
func (s *search) prove() {
	s.byPrices = s.closed()
	s.rootPrice = append(s.rootPrice[:0], s.price...)
	s.rootBound, s.rootEdge = s.lower, s.edge
}

// tight opens the sites that earn their fixed cost at the prices of climb, without those it can spare.
func (s *search) tight() {
	m := s.m
	for j, slack := range s.slack {
		s.open[j] = slack <= 0
	}
	s.plan.set(m, s.open)
	if s.plan.count > 1 || s.plan.count > m.most {
		m.index()
		s.plan.prune()
	}
	s.offerPlan(s.plan.open, s.plan.value)
}

// polish brings a set of sites to a local optimum.
func (s *search) polish(open []bool) {
	p := &s.plan
	p.set(s.m, open)
	s.settle()
	for tries := 0; tries < 20 && !s.stopped && p.swap(s.state, s.spend); tries++ {
		s.settle()
	}
}

// settle opens and closes sites while that saves.
func (s *search) settle() {
	p := &s.plan
	p.grow(s.state, s.saving, s.spend)
	p.prune()
	s.offerPlan(p.open, p.value)
}

// spend counts cells that were looked at and reports whether the search has to stop.
func (s *search) spend(cells int) bool {
	if s.limit.gone(cells) {
		s.stopped = true
	}
	return s.stopped
}

// improve raises the bound of the root and tries the sites that good bounds open.
func (s *search) improve() {
	steps := 250
	s.nodeSteps = 14
	switch cells := len(s.m.cells); {
	case cells < 60:
		steps, s.nodeSteps = 8, 4 // branching is cheaper than thinking
	case cells < 400:
		steps = 60
	}
	tick := 0
	s.lower = max(s.lower, s.ascend(steps, s.value, s.cut(), 1, func() bool {
		tick++
		if s.spend(3 * len(s.m.cells)) {
			return true
		}
		if tick%10 == 0 {
			s.plan.set(s.m, s.open)
			s.settle()
		}
		return s.stopped
	}))
	if steps > 10 {
		s.polish(s.bestOpenSet)
	}
}

// branch searches below the root. What the search is sure of is lower in the end.
func (s *search) branch() {
	s.trail = s.trail[:0]
	s.explore(0, s.lower)
	s.lower = s.value
	if s.stopped {
		s.lower = min(s.value, s.pending)
	}
}

// explore searches the plans that agree with the states of the sites, none of which costs less than
// inherited.
func (s *search) explore(depth int, inherited int64) {
	s.nodes++
	if s.limit.step() {
		s.stopped = true
	}
	here := s.ascend(s.nodeSteps, s.value, s.cut(), 0.5, nil)
	bound := max(inherited, here)
	s.spend(14 * len(s.m.cells))
	if bound > s.cut() {
		return
	}
	if s.stopped {
		s.pending = min(s.pending, bound)
		return
	}
	mark := len(s.trail)
	s.fix(here)
	s.plan.set(s.m, s.open)
	s.settle()
	j := s.pick()
	if bound > s.cut() {
		s.undo(mark)
		return
	}
	if j < 0 { // every site is decided
		s.plan.set(s.m, s.open)
		if s.plan.count <= s.m.most {
			s.offerPlan(s.plan.open, s.plan.value)
		}
		s.undo(mark)
		return
	}
	n := len(s.price)
	s.stack = append(s.stack[:depth*n], s.price...)
	side := out
	if s.open[j] {
		side = in
	}
	for range 2 {
		if s.stopped || bound > s.cut() {
			if bound <= s.cut() {
				s.pending = min(s.pending, bound)
			}
			break
		}
		at := len(s.trail)
		s.decide(j, side)
		s.explore(depth+1, bound)
		s.undo(at)
		copy(s.price, s.stack[depth*n:(depth+1)*n])
		side = in + out - side
	}
	s.undo(mark)
}

func (s *search) decide(j int32, state int8) {
	s.state[j] = state
	s.trail = append(s.trail, j)
}

func (s *search) undo(mark int) {
	for _, j := range s.trail[mark:] {
		s.state[j] = free
	}
	s.trail = s.trail[:mark]
}

// fix decides the sites whose other state cannot lead to a better plan.
func (s *search) fix(bound int64) {
	cut := s.cut()
	for j, slack := range s.slack {
		if s.state[j] != free {
			continue
		}
		switch d := slack - s.edge; {
		case !s.open[j] && bound+d > cut:
			s.decide(int32(j), out)
		case s.open[j] && bound-d > cut:
			s.decide(int32(j), in)
		}
	}
}

// pick chooses the site to branch on: the one about which the prices are least sure, -1 where all is decided.
func (s *search) pick() int32 {
	site, least := int32(-1), int64(maxSum)
	for j, slack := range s.slack {
		if s.state[j] != free {
			continue
		}
		d := slack - s.edge
		if d < 0 {
			d = -d
		}
		if d < least {
			site, least = int32(j), d
		}
	}
	return site
}
