package inventory

import (
	"maps"
	"slices"
	"time"
)

// Leg is one movement on the way of some units.
type Leg struct {
	Place

	Reason   Reason  `json:"reason"`
	Document string  `json:"document,omitempty"`
	From     Account `json:"from"`
	To       Account `json:"to"`
}

// Interval is a number of units that have gone the same way, and where they are now: in
// the account that the last leg of their path leads to. A path begins at the account
// outside every location that they came from.
type Interval struct {
	Item string  `json:"item"`
	Lot  string  `json:"lot,omitempty"`
	In   Account `json:"in"`
	Qty  int64   `json:"qty"`
	Path []Leg   `json:"path"`
}

// Whereabouts selects units by where they are, and by what they have passed. The zero
// value selects all units of the item that are at locations or with customers.
type Whereabouts struct {
	Location string
	State    State
	Lot      *string
	Document string    // some leg of their path is under this document
	Until    time.Time // as of this moment; zero is now
}

// Trace follows units without serial numbers through the log of an item. In every
// account the units that came under the same document go first (an order ships what was
// reserved for it), and after them those that came first. SUPPLIER, PRODUCTION and SHRINK
// are where paths begin; units that come back from a customer, from transit or from scrap
// go on with theirs.
//
// Every unit has exactly one path, and the units of an account are as many as its
// balance. The zero Trace is ready; postings are added in the order of the log.
type Trace struct {
	accounts map[LotAccount]*queue
	waiting  [][]Logged // postings that take what has not come yet: they were applied later than they are dated
	item     string
}

// node is the last leg of a path, shared by all that went on from there.
type node struct {
	Leg

	before *node
}

// parcel is units of one path that wait in an account.
type parcel struct {
	qty  int64
	tail *node
}

// queue is an account.
type queue struct {
	all   []*parcel            // the oldest first; those that are used up have no units
	under map[string][]*parcel // by the document they came under
	sum   int64
	debt  int64 // units that left before any had come
}

func (t *Trace) queue(a LotAccount) *queue {
	if t.accounts == nil {
		t.accounts = map[LotAccount]*queue{}
	}
	q := t.accounts[a]
	if q == nil {
		q = &queue{under: map[string][]*parcel{}}
		t.accounts[a] = q
	}
	return q
}

// begins tells whether units that leave an account have no past.
func (s State) begins() bool { return s == Supplier || s == Production || s == Shrink }

// Add follows the movements of one posting.
func (t *Trace) Add(posting []Logged) {
	if len(posting) == 0 {
		return
	}
	t.item = posting[0].Item
	if !t.covers(posting) {
		t.waiting = append(t.waiting, posting)
		return
	}
	t.make(posting)
	for again := true; again && len(t.waiting) > 0; {
		again = false
		for i, p := range t.waiting {
			if t.covers(p) {
				t.waiting = slices.Delete(t.waiting, i, i+1)
				t.make(p)
				again = true
				break
			}
		}
	}
}

// covers tells whether the accounts have what a posting takes from them on balance.
func (t *Trace) covers(posting []Logged) bool {
	net := Tally{}
	for i := range posting {
		net.Forward([]Movement{posting[i].Movement})
	}
	for a, by := range net {
		if a.State.AtLocation() && by < 0 && t.queue(a).sum < -by {
			return false
		}
	}
	return true
}

// make makes the movements of a posting: first those whose units are there.
func (t *Trace) make(posting []Logged) {
	left := slices.Clone(posting)
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(l Logged) bool {
			return !l.From.State.AtLocation() || t.queue(LotAccount{l.Lot, l.From}).sum >= l.Qty
		})
		i = max(i, 0)
		t.follow(&left[i])
		left = slices.Delete(left, i, i+1)
	}
}

// follow takes units out of one account into another.
func (t *Trace) follow(l *Logged) {
	leg := Leg{Place: l.Place, Reason: l.Reason, Document: l.Document, From: l.From, To: l.To}
	to := t.queue(LotAccount{l.Lot, l.To})
	left := l.Qty
	if from := t.queue(LotAccount{l.Lot, l.From}); !l.From.State.begins() {
		for _, p := range from.take(l.Document, l.Qty) {
			to.put(&parcel{p.qty, &node{leg, p.tail}})
			left -= p.qty
		}
		if l.From.State.AtLocation() {
			from.debt += left
		}
	}
	if left > 0 {
		to.put(&parcel{left, &node{Leg: leg}})
	}
}

func (q *queue) put(p *parcel) {
	if paid := min(q.debt, p.qty); paid > 0 {
		q.debt, p.qty = q.debt-paid, p.qty-paid
	}
	if p.qty == 0 {
		return
	}
	q.sum += p.qty
	q.all = append(q.all, p)
	if d := p.tail.Document; d != "" {
		q.under[d] = append(q.under[d], p)
	}
}

// take takes up to some units: those that came under a document, then the oldest.
func (q *queue) take(document string, qty int64) []parcel {
	var out []parcel
	if document != "" {
		out, q.under[document], qty = draw(out, q.under[document], qty)
		if len(q.under[document]) == 0 {
			delete(q.under, document)
		}
	}
	out, q.all, _ = draw(out, q.all, qty)
	for _, p := range out {
		q.sum -= p.qty
	}
	return out
}

func draw(out []parcel, from []*parcel, qty int64) ([]parcel, []*parcel, int64) {
	for len(from) > 0 {
		p := from[0]
		if part := min(qty, p.qty); part > 0 {
			out = append(out, parcel{part, p.tail})
			p.qty, qty = p.qty-part, qty-part
		}
		if p.qty > 0 {
			break
		}
		from = from[1:]
	}
	return out, from, qty
}

// Units are the intervals that are selected, by account and then in the order in which
// they came.
func (t *Trace) Units(w Whereabouts) []Interval {
	for _, p := range t.waiting { // nothing that could come will make them whole
		t.make(p)
	}
	t.waiting = nil
	var out []Interval
	for _, a := range slices.SortedFunc(maps.Keys(t.accounts), compareAccounts) {
		f := MovementFilter{Location: w.Location, State: w.State}
		shown := a.State.AtLocation() || a.State == Customer || a.State == w.State
		if !shown || !f.account(a.Account) || w.Lot != nil && *w.Lot != a.Lot {
			continue
		}
		for _, p := range t.accounts[a].all {
			if p.qty == 0 {
				continue
			}
			if path, ok := p.tail.path(w.Document); ok {
				out = append(out, Interval{Item: t.item, Lot: a.Lot, In: a.Account, Qty: p.qty, Path: path})
			}
		}
	}
	return out
}

// path lists the legs that lead to a node, and tells whether one is under a document.
func (n *node) path(document string) ([]Leg, bool) {
	var legs []Leg
	passed := document == ""
	for ; n != nil; n = n.before {
		legs = append(legs, n.Leg)
		passed = passed || n.Document == document
	}
	if !passed {
		return nil, false
	}
	slices.Reverse(legs)
	return legs, true
}
