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
	return b.String()
}

// Unlimited is the availability of untracked items.
const Unlimited = math.MaxInt64

// Available is the one availability rule, for display, placing and allocating alike:
//
//	ATS(item, location) = max(0, free + expired soft + the owner's own soft − safety)
//
// It is zero at an inactive or unknown location and Unlimited for untracked items.
// With an empty location it is the sum over the active ones.
func (s *Snapshot) Available(item, location, owner string, now time.Time) int64 {
	def, ok := s.Item(item)
	switch {
	case !ok:
		return 0
	case def.Untracked:
		return Unlimited
	case location != "":
		return s.measure(def, location, owner, now).ats()
	}
	var sum int64
	s.eachLocation(item, func(location string) {
		sum += s.measure(def, location, owner, now).ats()
	})
	return sum
}

// Explain is Available with its terms. An unknown item is ErrUnknownItem.
func (s *Snapshot) Explain(item, location, owner string, now time.Time) (Availability, error) {
	def, ok := s.Item(item)
	if !ok {
		return Availability{}, fmt.Errorf("%w: %q", ErrUnknownItem, item)
	}
	a := Availability{Item: item, Location: location}
	if def.Untracked {
		a.ATS = Unlimited
		a.Terms = []Term{{Name: "untracked", Qty: Unlimited}}
		return a, nil
	}
	add := func(location string) {
		m := s.measure(def, location, owner, now)
		a.OnHand += m.onHand
		a.ATS += m.ats()
		a.Terms = append(a.Terms, m.terms(location)...)
	}
	if location != "" {
		add(location)
	} else {
		s.eachLocation(item, add)
	}
	return a, nil
}

func (s *Snapshot) eachLocation(item string, visit func(location string)) {
	last := ""
	for _, b := range s.Of(item) {
		if b.Location != last {
			last = b.Location
			visit(last)
		}
	}
}

// measured holds the summands of one (item, location).
type measured struct {
	onHand, free, expired, own, safety int64
	inactive                           bool
}

func (s *Snapshot) measure(def Item, location, owner string, now time.Time) measured {
	m := measured{safety: def.Safety}
	if l, ok := s.Location(location); !ok || l.Inactive {
		m.inactive = true
	}
	rows := s.rows(def.ID, location)
	for i := range rows {
		b := &rows[i]
		m.onHand += b.OnHand()
		m.free += b.Of(Free)
	}
	for i := range s.Expired {
		if r := &s.Expired[i]; r.Item == def.ID && r.Location == location && r.Expired(now) {
			m.expired += r.Soft
		}
	}
	if owner == "" {
		return m
	}
	for i := range s.Reservations {
		r := &s.Reservations[i]
		if r.Owner == owner && r.Item == def.ID && r.Location == location && r.Soft > 0 && !r.Expired(now) {
			m.own += r.Soft
		}
	}
	return m
}

func (m measured) ats() int64 {
	if m.inactive {
		return 0
	}
	return max(0, m.free+m.expired+m.own-m.safety)
}

func (m measured) terms(location string) []Term {
	terms := []Term{{"free", location, m.free}}
	if m.expired != 0 {
		terms = append(terms, Term{"expired holds", location, m.expired})
	}
	if m.own != 0 {
		terms = append(terms, Term{"own holds", location, m.own})
	}
	if m.safety != 0 {
		terms = append(terms, Term{"safety stock", location, -m.safety})
	}
	rest := m.free + m.expired + m.own - m.safety
	if m.inactive {
		terms = append(terms, Term{"inactive location", location, -rest})
	} else if rest < 0 {
		terms = append(terms, Term{"not below zero", location, -rest})
	}
	return terms
}
