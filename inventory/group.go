package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Refusals of groups, for errors.Is.
var (
	// ErrGroup is a group of locations that contradicts itself.
	ErrGroup = errors.New("inventory: group refused")
	// ErrUnknownGroup is a group that was never defined.
	ErrUnknownGroup = errors.New("inventory: unknown group")
)

// Group is locations that promise together: the warehouses of a country, the shops of a
// town. Units that are held in a group are bound to one of its locations from the start,
// so that no two owners count on the same unit, and [Rebind] moves them while nobody
// works on them.
type Group struct {
	ID        string   `json:"id"`
	Name      string   `json:"name,omitempty"`
	Locations []string `json:"locations"` // in any order, each once
	Version   int64    `json:"version"`   // counts the changes; 1 when first saved
}

// Clone is a copy that shares nothing.
func (g Group) Clone() Group {
	g.Locations = slices.Clone(g.Locations)
	return g
}

// Validate refuses a group that could not be found, or that names a location twice.
func (g *Group) Validate() error {
	if err := checkID("group", g.ID); err != nil {
		return err
	}
	if p := noteProblem(g.Name); p != "" {
		return fmt.Errorf("%w: name %s", ErrID, p)
	}
	if len(g.Locations) == 0 {
		return fmt.Errorf("%w: %q has no locations; name at least one", ErrGroup, g.ID)
	}
	for i, l := range g.Locations {
		if err := checkID("location", l); err != nil {
			return err
		}
		if slices.Contains(g.Locations[:i], l) {
			return fmt.Errorf("%w: %q names location %q twice", ErrGroup, g.ID, l)
		}
	}
	return nil
}

// Knows refuses a group with a location that was never added.
func (s *Snapshot) Knows(g Group) error {
	for _, l := range g.Locations {
		if err := s.known(l); err != nil {
			return err
		}
	}
	return nil
}

// order is the active locations of a group by priority, then by id.
func (s *Snapshot) order(g Group) []string {
	var all []Location
	for _, id := range g.Locations {
		if l, ok := s.Location(id); ok && !l.Inactive {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b Location) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), strings.Compare(a.ID, b.ID))
	})
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return ids
}

// ExplainIn is the availability in a group: the sum over its locations, with the terms of
// each. Inactive ones promise nothing. An unknown item is ErrUnknownItem.
func (s *Snapshot) ExplainIn(g Group, item string, ask Ask) (Availability, error) {
	if def, ok := s.Item(item); !ok || def.Untracked {
		return s.Explain(item, "", ask.Owner, ask.Now)
	}
	sum := Availability{Item: item}
	for _, l := range g.Locations {
		a, err := s.Explain(item, l, ask.Owner, ask.Now)
		if err != nil {
			return Availability{}, err
		}
		sum.OnHand += a.OnHand
		sum.ATS = plus(sum.ATS, a.ATS)
		sum.Terms = append(sum.Terms, a.Terms...)
	}
	return sum, nil
}

// ReserveIn decides holds in a group, all or nothing over the whole of it. The holds name
// no location: their units are bound to the active locations of the group by priority,
// then by id, each giving what it has. A soft hold replaces the owner's earlier ones for
// the same item at every location of the group. The error lists every short hold.
func ReserveIn(s Snapshot, g Group, holds []Hold, document string, m Meta) (Changes, error) {
	locations := s.order(g)
	var all []Hold
	for _, h := range holds {
		if h.Location != "" {
			return Changes{}, fmt.Errorf("%w: a hold in group %q names location %q; leave it empty", ErrGroup, g.ID, h.Location)
		}
		for _, h.Location = range locations {
			all = append(all, h)
		}
	}
	if len(holds) > 0 && len(all) == 0 {
		return Changes{}, fmt.Errorf("%w: %q has no active location", ErrGroup, g.ID)
	}
	l, err := holding(s, all, document, m)
	if err != nil {
		return Changes{}, err
	}
	for i, h := range holds {
		left := h.Qty
		for _, h := range all[i*len(locations) : (i+1)*len(locations)] {
			if h.Qty = left; left > 0 {
				h.Qty = l.reachable(h)
			}
			if h.Qty > 0 && left > 0 {
				l.reserve(h)
				left -= h.Qty
			}
		}
		if left > 0 {
			l.short = append(l.short, Shortage{Line: h.Line, Item: h.Item, Want: h.Qty, Have: h.Qty - left})
		}
	}
	return l.done()
}

// Rebinding moves units that an owner holds to another location, where they are held as
// they were.
type Rebinding struct {
	Line  int
	Item  string
	Lot   string // at From; empty takes from any lot, in lot order
	From  string
	To    string
	Qty   int64
	State State // Soft (the zero value means it) or Committed
}

// Rebind decides that units are freed at one location and held at another, in one
// posting. Nothing is carried: other units of the item take their place. Where those are
// not available the whole command is refused. Soft units keep their end; where they join
// units that the owner holds softly already, the later end is that of both.
func Rebind(s Snapshot, owner string, c Rebinding, document string, m Meta) (Changes, error) {
	state, err := oneOf(c.State, Soft, Committed)
	if err != nil {
		return Changes{}, err
	}
	if c.From == c.To {
		return Changes{}, fmt.Errorf("%w: the units of %q are held at %q already", ErrState, c.Item, c.To)
	}
	if err := s.Stocks(c.Item, c.To); err != nil {
		return Changes{}, err
	}
	l := newLedger(s, m, ReasonReserve, document)
	h := Hold{Owner: owner, Line: c.Line, Item: c.Item, Location: c.To, Qty: c.Qty}
	units := HeldUnits{Line: c.Line, Item: c.Item, Lot: c.Lot, Location: c.From, Qty: c.Qty}
	if err := l.each(owner, units, state, func(key ReservationKey, qty int64) error {
		r := l.reservation(key)
		if state == Soft {
			if r.Expired(m.Now) {
				return &ExpiryError{Until: r.Until, Now: m.Now}
			}
			h.Until = latest(h.Until, r.Until)
		}
		l.loosen(r, state, Free, qty)
		l.book(Movement{Item: key.Item, Lot: key.Lot, From: At(key.Location, state), To: At(key.Location, Free), Qty: qty})
		return nil
	}); err != nil {
		return Changes{}, err
	}
	if state == Soft {
		l.expire(c.Item, c.To) // what the owner let expire there does not come back to life
		h.Until = l.lastEnd(h)
	}
	l.reserve(h)
	return l.done()
}

// loosen takes units out of a state of a reservation.
func (l *ledger) loosen(r *Reservation, from, to State, qty int64) {
	*r.counter(from) -= qty
	*r.counter(to) += qty
	if r.Soft == 0 {
		r.Until = time.Time{}
	}
}

// lastEnd is the end of a soft hold, or a later one that its owner has there already.
func (l *ledger) lastEnd(h Hold) time.Time {
	until := h.Until
	for _, r := range l.snap.Reservations {
		if r.Owner != h.Owner || r.Line != h.Line || r.Item != h.Item || r.Location != h.Location {
			continue
		}
		if i := l.find(r.ReservationKey); i >= 0 {
			r = l.touched[i]
		}
		until = latest(until, r.Until)
	}
	return until
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
