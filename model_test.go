package oms_test

import (
	"fmt"
	"maps"
	"slices"
)

// model is the shop as a shopkeeper would keep it on paper: counts in boxes, written
// from the rules of the trade and not from the library. It predicts for every command
// whether it is refused, and what is true afterwards.
type model struct {
	stock   map[box]int64
	orders  []*sale
	work    []*job
	parcels []*parcel
	returns []*rma
}

// box is a place where units lie: an item at a location, in a state.
type box struct{ item, at, state string }

type sale struct {
	state              string
	lines              []*position
	shipping           int64 // in cents
	waived             bool
	captured, refunded int64
	allowed            int64 // no longer asked for
	held               bool
}

type position struct {
	item                                                string
	ordered, total                                      int64 // total in cents
	patient                                             bool
	unreserved, waiting                                 int64
	reserved, picked, packed                            map[string]int64 // by location
	shipped, delivered, cancelled                       int64
	coming, returned, restocked, writtenOff, creditedIn int64
}

type job struct {
	order int
	at    string
	lines map[int]*task
}

type task struct{ open, picked, packed, shipped int64 }

type parcel struct {
	job   int
	units map[int]int64
	state string
}

type rma struct {
	order, line                                       int
	qty, received, restocked, written, rejected, paid int64
	state, at                                         string
}

func newModel() *model { return &model{stock: map[box]int64{}} }

func (m *model) put(item, at, state string, by int64) { m.stock[box{item, at, state}] += by }
func (m *model) has(item, at, state string) int64     { return m.stock[box{item, at, state}] }

// shopLocations in the order in which they are preferred.
var shopLocations = []string{"ber", "muc"}

// take promises up to want units of an item, from the preferred location first.
func (m *model) take(item string, want int64) map[string]int64 {
	got := map[string]int64{}
	for _, at := range shopLocations {
		if q := min(want, m.has(item, at, "free")); q > 0 {
			m.put(item, at, "free", -q)
			m.put(item, at, "committed", q)
			got[at] = q
			want -= q
		}
	}
	return got
}

func sum(by map[string]int64) int64 {
	var n int64
	for _, q := range by {
		n += q
	}
	return n
}

func (p *position) open() int64 { return p.ordered - p.shipped - p.cancelled }

func (m *model) place(lines []*position, shipping int64) bool {
	before := maps.Clone(m.stock)
	for _, p := range lines {
		p.reserved, p.picked, p.packed = m.take(p.item, p.ordered), map[string]int64{}, map[string]int64{}
		if p.waiting = p.ordered - sum(p.reserved); p.waiting > 0 && !p.patient {
			m.stock = before
			return false
		}
	}
	m.orders = append(m.orders, &sale{state: "placed", lines: lines, shipping: shipping})
	return true
}

func (m *model) confirm(o int) bool {
	s := m.orders[o]
	if s.state != "placed" || s.held {
		return false
	}
	s.state = "open"
	fresh := make([]map[string]int64, len(s.lines))
	for i, p := range s.lines {
		fresh[i] = p.reserved
	}
	m.open(o, fresh)
	return true
}

// open gives each location the work on units that were just promised there.
func (m *model) open(o int, fresh []map[string]int64) {
	for _, at := range shopLocations {
		j := &job{order: o, at: at, lines: map[int]*task{}}
		for i, by := range fresh {
			if by[at] > 0 {
				j.lines[i] = &task{open: by[at]}
			}
		}
		if len(j.lines) > 0 {
			m.work = append(m.work, j)
		}
	}
}

// allocate looks for stock for everything that waits.
func (m *model) allocate(o int) bool {
	s := m.orders[o]
	fresh := make([]map[string]int64, len(s.lines))
	for i, p := range s.lines {
		fresh[i] = m.take(p.item, p.unreserved+p.waiting)
		got := sum(fresh[i])
		p.waiting = p.unreserved + p.waiting - got
		p.unreserved = 0
		for at, q := range fresh[i] {
			p.reserved[at] += q
		}
	}
	if s.state == "open" {
		m.open(o, fresh)
	}
	return true
}

func (j *job) live() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(j.lines)), func(t *task) bool { return t.open+t.picked+t.packed > 0 })
}

// free gives q promised or picked units of a line back to the shelf, from its work if
// there is any, oldest first.
func (m *model) free(o, line int, state string, q int64) {
	p := m.orders[o].lines[line]
	by := p.reserved
	if state == "picked" {
		by = p.picked
	}
	give := func(at string, n int64) {
		by[at] -= n
		m.put(p.item, at, state, -n)
		m.put(p.item, at, "free", n)
		q -= n
	}
	for _, j := range m.work {
		t := j.lines[line]
		if j.order != o || t == nil {
			continue
		}
		left := &t.open
		if state == "picked" {
			left = &t.picked
		}
		n := min(q, *left)
		*left -= n
		give(j.at, n)
	}
	for _, at := range shopLocations {
		give(at, min(q, by[at]))
	}
}

func (m *model) cancelUnits(o, line int, q int64) bool {
	s := m.orders[o]
	p := s.lines[line]
	if s.state != "placed" && s.state != "open" || q > p.open()-sum(p.packed) {
		return false
	}
	m.cut(o, line, q)
	if !slices.ContainsFunc(s.lines, func(p *position) bool { return p.cancelled < p.ordered }) {
		s.state, s.waived = "cancelled", true
	}
	return true
}

func (m *model) cut(o, line int, q int64) {
	p := m.orders[o].lines[line]
	p.cancelled += q
	for _, from := range []*int64{&p.unreserved, &p.waiting} {
		n := min(q, *from)
		*from -= n
		q -= n
	}
	n := min(q, sum(p.reserved))
	m.free(o, line, "committed", n)
	m.free(o, line, "picked", q-n)
}

func (m *model) cancel(o int) bool {
	s := m.orders[o]
	if s.state == "cancelled" {
		return true
	}
	if s.state == "closed" || slices.ContainsFunc(s.lines, func(p *position) bool { return p.shipped+sum(p.packed) > 0 }) {
		return false
	}
	for i, p := range s.lines {
		m.cut(o, i, p.open())
	}
	s.state, s.waived = "cancelled", true
	return true
}

func (m *model) workable(j int) bool {
	return m.work[j].live() && m.orders[m.work[j].order].state == "open"
}

func (m *model) pick(j, line int, q int64) bool {
	w := m.work[j]
	t := w.lines[line]
	if t == nil || !m.workable(j) || m.orders[w.order].held || q > t.open {
		return false
	}
	p := m.orders[w.order].lines[line]
	t.open, t.picked = t.open-q, t.picked+q
	p.reserved[w.at] -= q
	p.picked[w.at] += q
	m.put(p.item, w.at, "committed", -q)
	m.put(p.item, w.at, "picked", q)
	return true
}

func (m *model) pack(j int, units map[int]int64) bool {
	w := m.work[j]
	if !m.workable(j) || m.orders[w.order].held {
		return false
	}
	for line, q := range units {
		if t := w.lines[line]; t == nil || q > t.open+t.picked {
			return false
		}
	}
	for line, q := range units {
		t, p := w.lines[line], m.orders[w.order].lines[line]
		picked := min(q, t.picked)
		t.picked, t.open, t.packed = t.picked-picked, t.open-(q-picked), t.packed+q
		p.picked[w.at] -= picked
		p.reserved[w.at] -= q - picked
		p.packed[w.at] += q
		m.put(p.item, w.at, "picked", -picked)
		m.put(p.item, w.at, "committed", picked-q)
		m.put(p.item, w.at, "packed", q)
	}
	m.parcels = append(m.parcels, &parcel{job: j, units: units, state: "packed"})
	return true
}

func (m *model) handOver(s int) bool {
	x := m.parcels[s]
	w := m.work[x.job]
	if x.state != "packed" || m.orders[w.order].held {
		return false
	}
	x.state = "shipped"
	for line, q := range x.units {
		p := m.orders[w.order].lines[line]
		w.lines[line].packed -= q
		w.lines[line].shipped += q
		p.packed[w.at] -= q
		p.shipped += q
		m.put(p.item, w.at, "packed", -q)
	}
	return true
}

func (m *model) void(s int) bool {
	x := m.parcels[s]
	if x.state != "packed" {
		return false
	}
	w := m.work[x.job]
	x.state = "voided"
	for line, q := range x.units {
		p := m.orders[w.order].lines[line]
		w.lines[line].packed -= q
		w.lines[line].open += q
		p.packed[w.at] -= q
		p.reserved[w.at] += q
		m.put(p.item, w.at, "packed", -q)
		m.put(p.item, w.at, "committed", q)
	}
	return true
}

func (m *model) deliver(s int) bool {
	x := m.parcels[s]
	if x.state == "shipped" {
		x.state = "delivered"
		for line, q := range x.units {
			m.orders[m.work[x.job].order].lines[line].delivered += q
		}
	}
	return x.state == "delivered"
}

// shortPick: the shelf does not have what it should; the order looks elsewhere.
func (m *model) shortPick(j, line int, q int64) bool {
	w := m.work[j]
	t := w.lines[line]
	if t == nil || !w.live() || q > t.open {
		return false
	}
	p := m.orders[w.order].lines[line]
	t.open -= q
	p.reserved[w.at] -= q
	p.unreserved += q
	m.put(p.item, w.at, "committed", -q)
	return m.allocate(w.order)
}

func (m *model) request(o, line int, q int64) bool {
	s := m.orders[o]
	p := s.lines[line]
	if q > p.shipped-p.coming-p.returned {
		return false
	}
	p.coming += q
	if s.state == "closed" {
		s.state = "open"
	}
	m.returns = append(m.returns, &rma{order: o, line: line, qty: q, state: "requested"})
	return true
}

func (m *model) line(r *rma) *position { return m.orders[r.order].lines[r.line] }

func (m *model) approve(i int) bool {
	r := m.returns[i]
	if r.state == "requested" {
		r.state = "approved"
	}
	return r.state == "approved" || r.state == "receiving"
}

func (m *model) drop(i int) bool {
	r := m.returns[i]
	if r.state != "requested" && r.state != "approved" || r.paid > 0 {
		return false
	}
	m.line(r).coming -= r.qty
	r.state = "cancelled"
	return true
}

func (m *model) receive(i int, at string, q int64) bool {
	r := m.returns[i]
	if r.state != "approved" && r.state != "receiving" || r.at != "" && r.at != at || q > r.qty-r.received {
		return false
	}
	r.state, r.at = "receiving", at
	r.received += q
	p := m.line(r)
	p.coming, p.returned = p.coming-q, p.returned+q
	m.put(p.item, at, "qc", q)
	return true
}

func (m *model) inspect(i int, as string, q int64) bool {
	r := m.returns[i]
	if r.state != "approved" && r.state != "receiving" || q > r.received-r.restocked-r.written-r.rejected ||
		as == "reject" && r.rejected+q+r.paid > r.qty {
		return false
	}
	p := m.line(r)
	m.put(p.item, r.at, "qc", -q)
	switch as {
	case "restock":
		r.restocked += q
		p.restocked += q
		m.put(p.item, r.at, "free", q)
	case "damaged":
		r.written += q
		p.writtenOff += q
		m.put(p.item, r.at, "damaged", q)
	case "scrap":
		r.written += q
		p.writtenOff += q
	case "reject":
		r.rejected += q
		m.put(p.item, r.at, "held", q)
	}
	return true
}

func (m *model) refund(i int, q int64) bool {
	r := m.returns[i]
	if r.state != "approved" && r.state != "receiving" || r.paid+q+r.rejected > r.qty {
		return false
	}
	r.paid += q
	m.line(r).creditedIn += q
	s := m.orders[r.order]
	if due := s.due(); due < 0 {
		s.refunded -= due
	}
	return true
}

func (m *model) closeReturn(i int) bool {
	r := m.returns[i]
	if r.state == "closed" {
		return true
	}
	if r.state != "approved" && r.state != "receiving" || r.received < r.qty || r.restocked+r.written+r.rejected < r.received {
		return false
	}
	r.state = "closed"
	return true
}

// kept is what the buyer still pays for a line: the share of the units that were
// neither cancelled nor refunded, rounded half up from the front.
func (p *position) kept() int64 {
	gone := p.cancelled + p.creditedIn
	return p.total - (2*p.total*gone+p.ordered)/(2*p.ordered)
}

func (s *sale) owed() int64 {
	owed := s.shipping
	if s.waived {
		owed = 0
	}
	for _, p := range s.lines {
		owed += p.kept()
	}
	return max(owed-s.allowed, 0)
}

func (m *model) allow(o int, cents int64) bool {
	s := m.orders[o]
	if cents <= 0 || cents > s.owed() {
		return false
	}
	s.allowed += cents
	return true
}

func (s *sale) due() int64 { return s.owed() - s.captured + s.refunded }

func (m *model) capture(o int, cents int64) bool {
	s := m.orders[o]
	if cents <= 0 || cents > s.due() {
		return false
	}
	s.captured += cents
	return true
}

func (m *model) giveBack(o int, cents int64) bool {
	s := m.orders[o]
	if cents <= 0 || cents > s.captured-s.refunded {
		return false
	}
	s.refunded += cents
	return true
}

func (m *model) close(o int) bool {
	s := m.orders[o]
	if s.state == "closed" {
		return true
	}
	if s.state != "open" || s.held || s.due() != 0 ||
		slices.ContainsFunc(s.lines, func(p *position) bool { return p.open() > 0 || p.coming > 0 }) {
		return false
	}
	s.state = "closed"
	return true
}

func (m *model) reopen(o int) bool {
	s := m.orders[o]
	if s.state == "closed" {
		s.state = "open"
	}
	return s.state == "open"
}

func (m *model) hold(o int, on bool) bool {
	s := m.orders[o]
	if on && s.state != "placed" && s.state != "open" || !on && !s.held {
		return false
	}
	s.held = on
	return true
}

// counters of a line, in one string that a failure can show.
func (p *position) String() string {
	return fmt.Sprintf("%s: ordered %d = unreserved %d, reserved %d, waiting %d, picked %d, packed %d, shipped %d, cancelled %d; "+
		"delivered %d, coming %d, returned %d, restocked %d, written off %d, refunded %d",
		p.item, p.ordered, p.unreserved, sum(p.reserved), p.waiting, sum(p.picked), sum(p.packed), p.shipped, p.cancelled,
		p.delivered, p.coming, p.returned, p.restocked, p.writtenOff, p.creditedIn)
}
