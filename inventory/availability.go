package inventory

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Availability is how many units of an item may be promised, and why.
type Availability struct {
	Item     string
	Location string // empty: over every location; inactive ones promise nothing
	OnHand   int64  // every unit that is physically there
	ATS      int64  // available to sell: never below zero
	Terms    []Term // what ATS is made of, in order

	// Backorder is how many units beyond ATS may be sold, too, and wait for their stock:
	// zero if none may, Unlimited if any number. They may wait for stock of every location
	// and are told of where none is asked for. BackorderTerms is what the number is made
	// of, apart from those of ATS.
	Backorder      int64
	BackorderTerms []Term
}

// Term is one summand of an availability.
type Term struct {
	Name     string
	Location string
	Qty      int64 // signed as it counts
}

// String shows the number and its terms on one line.
func (a Availability) String() string {
	if a.ATS == Unlimited {
		return a.Item + ": unlimited, its stock is not tracked"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d available to sell of %d on hand", a.Item, a.ATS, a.OnHand)
	for i, t := range a.Terms {
		sep := "; "
		if i == 0 {
			sep = " = "
		}
		fmt.Fprintf(&b, "%s%+d %s@%s", sep, t.Qty, t.Name, t.Location)
	}
	if a.Backorder == Unlimited {
		b.WriteString("; any number may wait")
		return b.String()
	}
	for i, t := range a.BackorderTerms {
		if i == 0 {
			fmt.Fprintf(&b, "; %d more may wait =", a.Backorder)
		}
		fmt.Fprintf(&b, " %+d %s", t.Qty, t.Name)
	}
	return b.String()
}

// Unlimited is the availability of untracked items.
const Unlimited = math.MaxInt64

// Ask says for whom availability is asked, and when.
type Ask struct {
	Owner string // whose soft holds count as available; may be empty
	Now   time.Time

	Life time.Duration // how long units have to last at least

	By time.Time // the day for which units are to be promised; zero is at once
}

// Available is the one availability rule, for display, placing and allocating alike:
//
//	ATS(item, location) = max(0, free + expired soft + the owner's own soft − safety)
//
// Units of lots that are blocked or have expired count for nothing.
// It is zero where stock is frozen, not stocked, or at an inactive or unknown location,
// and Unlimited where it is not tracked. With an empty location it is the sum over the
// active ones. Of a kit there are as many as its scarcest component makes there.
//
// For the channel of the snapshot, if it has one, it is
//
//	ATS(item, location, channel) = min(cap, pool + max(0, free + expired soft + own soft − max(safety, buffer)))
//
// and zero where the channel does not sell from. The cap holds for the sum over the
// locations too.
func (s *Snapshot) Available(item, location, owner string, now time.Time) int64 {
	return s.available(item, location, Ask{Owner: owner, Now: now})
}

func (s *Snapshot) available(item, location string, ask Ask) int64 {
	def := s.item(item)
	switch {
	case def == nil:
		return 0
	case def.Untracked:
		return Unlimited
	case len(def.Kit) > 0:
		return s.most(def, s.availableKits(def, location, ask))
	case location != "":
		m := s.measure(def, location, ask)
		return s.Capped(item, m.ats())
	}
	var sum int64
	s.eachLocation(item, func(location string) {
		m := s.measure(def, location, ask)
		sum = plus(sum, m.ats())
	})
	return s.Capped(item, sum)
}

// plus adds what may be Unlimited.
func plus(a, b int64) int64 {
	if a == Unlimited || b == Unlimited {
		return Unlimited
	}
	return a + b
}

// Explain is Available with its terms, and with what may be sold beyond it where no location
// is named. An unknown item is ErrUnknownItem.
func (s *Snapshot) Explain(item, location, owner string, now time.Time) (Availability, error) {
	def, ok := s.Item(item)
	if !ok {
		return Availability{}, fmt.Errorf("%w: %q", ErrUnknownItem, item)
	}
	ask := Ask{Owner: owner, Now: now}
	a := s.explain(&def, location, ask)
	if location == "" {
		s.explainBackorder(&a, &def, ask)
	}
	return a, nil
}

// explain is Explain of a known item.
func (s *Snapshot) explain(item *Item, location string, ask Ask) Availability {
	return s.capped(item, s.uncapped(item, location, ask))
}

// uncapped is explain without the cap of a channel.
func (s *Snapshot) uncapped(item *Item, location string, ask Ask) Availability {
	def, a := *item, Availability{Item: item.ID, Location: location}
	if def.Untracked {
		a.ATS = Unlimited
		a.Terms = []Term{{Name: "untracked", Qty: Unlimited}}
		return a
	}
	add := func(location string) {
		m := s.measure(&def, location, ask)
		a.OnHand += m.onHand
		a.ATS = plus(a.ATS, m.ats())
		a.Terms = append(a.Terms, m.terms(location)...)
	}
	switch {
	case len(def.Kit) > 0:
		a = s.explainKits(&def, location, ask)
	case location != "":
		add(location)
	default:
		s.eachLocation(def.ID, add)
	}
	return a
}

// capped is what the channel asked for shows at most of what there is.
func (s *Snapshot) capped(item *Item, a Availability) Availability {
	if most := s.most(item, a.ATS); most < a.ATS {
		a.Terms = append(a.Terms, Term{Name: "channel cap", Location: a.Location, Qty: most - a.ATS})
		a.ATS = most
	}
	return a
}

// eachLocation visits the locations that have a balance of an item, or a level, or where it
// is expected, in order.
func (s *Snapshot) eachLocation(item string, visit func(location string)) {
	if len(s.Supply) > 0 {
		for _, location := range s.supplied(item) {
			visit(location)
		}
		return
	}
	s.eachStocked(item, visit)
}

func (s *Snapshot) eachStocked(item string, visit func(location string)) {
	rows, levels := s.Of(item), s.levelsOf(item)
	for len(rows) > 0 || len(levels) > 0 {
		next := ""
		if len(rows) > 0 {
			next = rows[0].Location
		}
		if len(levels) > 0 && (len(rows) == 0 || levels[0].Location < next) {
			next = levels[0].Location
		}
		for len(rows) > 0 && rows[0].Location == next {
			rows = rows[1:]
		}
		if len(levels) > 0 && levels[0].Location == next {
			levels = levels[1:]
		}
		visit(next)
	}
}

// measured holds the summands of one (item, location).
type measured struct {
	onHand, free, expired, own, safety int64

	expected int64 // by the day that was asked for, and promised to nobody

	buffer, pool   int64 // of a channel: what it leaves beyond safety, and what is ring-fenced for it
	stale, blocked int64 // free units of lots that have expired, and of blocked ones

	shut string // why nothing is promised; empty if something may be
	open bool   // any number is
}

func (s *Snapshot) measure(def *Item, location string, ask Ask) measured {
	level := s.level(def.ID, location)
	m := measured{safety: def.Safety}
	if level.Safety != nil {
		m.safety = *level.Safety
	}
	l := s.location(location)
	switch {
	case l == nil || l.Inactive:
		m.shut = "inactive location"
	case level.Frozen:
		m.shut = "frozen"
	case level.Unstocked:
		m.shut = "not stocked"
	case level.Untracked:
		m.open = true
	}
	until := ask.at().Add(ask.Life)
	m.expected = s.expected(def.ID, location, ask)
	if s.Channel != nil {
		s.sold(&m, def.ID, location, until)
	}
	rows := s.rows(def.ID, location)
	for i := range rows {
		b := &rows[i]
		m.onHand += b.OnHand()
		m.free += b.Of(Free)
		switch blocked, expired := s.lotState(def.ID, b.Lot, until); {
		case blocked:
			m.blocked += b.Of(Free)
		case expired:
			m.stale += b.Of(Free)
		}
	}
	for i := range s.Expired {
		if r := &s.Expired[i]; r.Item == def.ID && r.Location == location && r.Expired(ask.Now) && s.good(def.ID, r.Lot, until) {
			m.expired += r.Soft
		}
	}
	if ask.Owner == "" {
		return m
	}
	for i := range s.Reservations {
		r := &s.Reservations[i]
		if r.Owner == ask.Owner && r.Item == def.ID && r.Location == location && r.Soft > 0 && !r.Expired(ask.Now) && s.good(def.ID, r.Lot, until) {
			m.own += r.Soft
		}
	}
	return m
}

// kept is how many free units of an item at a location are promised to nobody: its safety
// stock there, or the buffer of the channel if that is more.
func (s *Snapshot) kept(def *Item, location string) int64 {
	level := s.level(def.ID, location)
	if level.Untracked {
		return 0
	}
	qty := def.Safety
	if level.Safety != nil {
		qty = *level.Safety
	}
	if s.Channel != nil {
		qty = max(qty, s.Channel.listing(def.ID).Buffer)
	}
	return qty
}

// stock is what lies there to be promised, which may be less than nothing.
func (m *measured) stock() int64 {
	return m.free - m.stale - m.blocked + m.expired + m.own + m.expected - m.safety - m.buffer
}

func (m *measured) ats() int64 {
	switch {
	case m.shut != "":
		return 0
	case m.open:
		return Unlimited
	}
	return m.pool + max(0, m.stock())
}

func (m *measured) terms(location string) []Term {
	terms := make([]Term, 0, 8)
	terms = append(terms, Term{"free", location, m.free})
	add := func(name string, qty int64) {
		if qty != 0 {
			terms = append(terms, Term{name, location, qty})
		}
	}
	add("expired lots", -m.stale)
	add("blocked lots", -m.blocked)
	add("expired holds", m.expired)
	add("own holds", m.own)
	add("expected", m.expected)
	add("safety stock", -m.safety)
	add("channel buffer", -m.buffer)
	rest := m.stock()
	switch {
	case m.shut != "":
		terms = append(terms, Term{m.shut, location, -rest})
	case m.open:
		add("not tracked here", Unlimited-rest)
	case rest < 0:
		add("not below zero", -rest)
	}
	if m.shut == "" && !m.open {
		add("ring-fenced", m.pool)
	}
	return terms
}
