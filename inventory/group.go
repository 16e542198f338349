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
// each. Inactive ones promise nothing, nor do those that the channel of the snapshot does
// not sell from; its cap holds for the sum. An unknown item is ErrUnknownItem.
func (s *Snapshot) ExplainIn(g Group, item string, ask Ask) (Availability, error) {
	def := s.item(item)
	if def == nil || def.Untracked {
		return s.Explain(item, "", ask.Owner, ask.Now)
	}
	sum := Availability{Item: item}
	for _, l := range g.Locations {
		a := s.uncapped(def, l, ask)
		sum.OnHand += a.OnHand
		sum.ATS = plus(sum.ATS, a.ATS)
		sum.Terms = append(sum.Terms, a.Terms...)
	}
	return s.capped(def, sum), nil
}

// ReserveIn decides holds in a group, all or nothing over the whole of it. The holds name
// no location: their units are bound to the active locations of the group by priority,
// then by id, each giving what it has after the holds before. Of a kit each location gives
// whole ones, so that what is in one kit lies in one place; put kits before single units
// that it could do without. Holds for a channel are bound where it sells from. A soft hold
// replaces the owner's earlier ones for the same item at every location of the group. The
// error lists every short hold.
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
			if h.Qty = left; left == 0 {
				break
			}
			if h.Qty = l.reachable(h); h.Qty > 0 {
				l.take(h)
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
	Item  string // of a kit each component is moved
	Lot   string // at From; empty takes from any lot, in lot order
	From  string
	To    string
	Qty   int64
	State State // Soft (the zero value means it) or Committed

	// Channel is where the units are sold, if its rules matter for what is held at To, like
	// that of a [Hold]: a reservation does not remember it.
	Channel string `json:",omitempty"`
}

// Rebind decides that units are freed at one location and held at another, in one
// posting. Nothing is carried: other units of the item take their place. Where those are
// not available the whole command is refused. Soft units keep their end; where they join
// units that the owner holds softly already, the later end is that of both.
//
// Of a kit all components move, as the kit is defined now. A line that does not hold
// so many units, or whole kits, is *ReservationError.
func Rebind(s Snapshot, owner string, c Rebinding, document string, m Meta) (Changes, error) {
	state, err := oneOf(c.State, Soft, Committed)
	if err != nil {
		return Changes{}, err
	}
	if c.From == c.To {
		return Changes{}, fmt.Errorf("%w: the units of %q are held at %q already", ErrState, c.Item, c.To)
	}
	l := newLedger(s, m, ReasonReserve, document)
	h := Hold{Owner: owner, Line: c.Line, Item: c.Item, Location: c.To, Qty: c.Qty, Channel: c.Channel}
	if err := l.check(h); err != nil {
		return Changes{}, err
	}
	if err := l.holdsWhole(h, c, state); err != nil {
		return Changes{}, err
	}
	for part := range s.parts(h) {
		until, err := l.unbind(owner, HeldUnits{Line: c.Line, Item: part.Item, Lot: c.Lot, Location: c.From, Qty: part.Qty * c.Qty}, state)
		if err != nil {
			return Changes{}, err
		}
		if state == Soft {
			l.expire(part.Item, c.To) // what the owner let expire there does not come back to life
			h.Until = latest(latest(h.Until, until), l.lastEnd(part))
		}
	}
	l.take(h)
	return l.done()
}

// holdsWhole refuses to rebind more than a line holds in a state: of a kit, than it holds
// whole.
func (l *ledger) holdsWhole(h Hold, c Rebinding, state State) error {
	if c.Lot != "" && l.snap.isKit(c.Item) {
		return lotOfKit(c.Item)
	}
	have, found := int64(MaxQty), false
	for part := range l.snap.parts(h) {
		var sum int64
		for i := range l.snap.Reservations {
			r := &l.snap.Reservations[i]
			if r.Owner == h.Owner && r.Line == c.Line && r.Item == part.Item && r.Location == c.From && (c.Lot == "" || r.Lot == c.Lot) {
				sum += r.Of(state)
				found = found || r.Open() > 0
			}
		}
		have = min(have, sum/part.Qty)
	}
	if have >= c.Qty {
		return nil
	}
	err := &ReservationError{Key: ReservationKey{Owner: h.Owner, Line: c.Line, Item: c.Item, Lot: c.Lot, Location: c.From}}
	if found {
		err.Want, err.Have, err.State = c.Qty, have, state
	}
	return err
}

// unbind frees units that an owner holds, and tells when the last of them would have ended.
func (l *ledger) unbind(owner string, units HeldUnits, state State) (until time.Time, err error) {
	err = l.each(owner, units, state, func(key ReservationKey, qty int64) error {
		r := l.reservation(key)
		if r.Expired(l.meta.Now) && state == Soft {
			return &ExpiryError{Until: r.Until, Now: l.meta.Now}
		}
		until = latest(until, r.Until)
		l.loosen(r, state, Free, qty)
		l.book(Movement{Item: key.Item, Lot: key.Lot, From: At(key.Location, state), To: At(key.Location, Free), Qty: qty})
		return nil
	})
	return until, err
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
