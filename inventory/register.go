package inventory

import (
	"fmt"
	"maps"
	"slices"
)

// Registering is a posting and the units that it moves, by serial number.
type Registering struct {
	Posting  Posting
	Origin   string       // the document that units which come back from a customer left with; empty where it is unknown
	Shipment string       // that units are packed for, taken out of, or handed over with
	Items    []SerialItem // those of the posting that have a policy
	Known    []Serial     // what the register says of the units named
	Named    []NamedUnit  // in the order in which they are taken
}

// Registered is what is to be saved of it.
type Registered struct {
	Serials []Serial       // Version as it will be after saving
	Steps   []SerialStep   // in the order of the posting's movements
	Moved   []SerialsMoved // the steps of each movement together
	Items   []SerialItem   // of which customers brought back units that nobody had named
	Left    []NamedUnit    // named, but not moved by this posting
}

// SerialItems are the items of movements that may have to be named.
func SerialItems(movements []Movement) []string {
	var items []string
	for i := range movements {
		if m := &movements[i]; placeOf(m.From) != placeOf(m.To) && !slices.Contains(items, m.Item) {
			items = append(items, m.Item)
		}
	}
	return items
}

// placeOf is an account without what a unit is doing at a location: that changes without
// anybody looking at its number.
func placeOf(a Account) Account {
	if a.State.AtLocation() {
		return Account{Location: a.Location}
	}
	return a
}

func (s *Serial) place() Account { return Account{Location: s.Location, State: s.Away} }

// Register decides which units a posting moves. Of an item with a policy it wants a serial
// number for each unit that enters, leaves or changes its location, or, with SerialsAtPack,
// goes to a customer or comes from one; and it refuses one that is not there, in that lot,
// or that is there already. A number is new where units come in; after that it stays.
// Everything else about the posting was decided before.
func Register(r Registering) (Registered, error) {
	w := register{Registering: r, units: make([]namedUnit, len(r.Named)), items: make(map[string]*SerialItem, len(r.Items))}
	for i := range r.Items {
		item := r.Items[i]
		item.Unnamed = maps.Clone(item.Unnamed)
		w.items[item.Item] = &item
	}
	known := make(map[[2]string]Serial, len(r.Known))
	for _, s := range r.Known {
		known[[2]string{s.Item, s.ID}] = s
	}
	for i, u := range r.Named {
		w.units[i] = namedUnit{NamedUnit: u, now: known[[2]string{u.Item, u.Serial}]}
		w.units[i].was = w.units[i].now
	}
	w.flows()
	for i := range w.moves {
		if err := w.serve(&w.moves[i]); err != nil {
			return Registered{}, err
		}
	}
	for i := range w.units {
		u := &w.units[i]
		if !u.moved() {
			w.out.Left = append(w.out.Left, u.NamedUnit)
			continue
		}
		u.now.Version++
		w.out.Serials = append(w.out.Serials, u.now)
	}
	for _, was := range r.Items {
		if now := w.items[was.Item]; !maps.Equal(now.Unnamed, was.Unnamed) {
			now.Version++
			w.out.Items = append(w.out.Items, *now)
		}
	}
	return w.out, nil
}

// register is the workspace of one decision.
type register struct {
	Registering

	items map[string]*SerialItem
	units []namedUnit
	moves []Movement // those whose units are named, alike ones as one
	out   Registered
}

type namedUnit struct {
	NamedUnit

	was, now Serial
}

// moved tells whether the posting has taken the unit already.
func (u *namedUnit) moved() bool { return u.now.Steps > u.was.Steps }

// policy is that of an item.
func (w *register) policy(item string) SerialPolicy {
	if i := w.items[item]; i != nil {
		return i.Policy
	}
	return NoSerials
}

// flows finds the movements whose units have to be named.
func (w *register) flows() {
	for _, m := range w.Posting.Movements {
		if !w.counts(&m) {
			continue
		}
		i := slices.IndexFunc(w.moves, func(o Movement) bool {
			return o.Item == m.Item && o.Lot == m.Lot && placeOf(o.From) == placeOf(m.From) && o.To == m.To
		})
		if i < 0 {
			w.moves = append(w.moves, m)
		} else {
			w.moves[i].Qty += m.Qty
		}
	}
}

func (w *register) counts(m *Movement) bool {
	policy := w.policy(m.Item)
	switch {
	case policy == NoSerials:
		return false
	case placeOf(m.From) == placeOf(m.To): // packed for a shipment, or taken out of it: if somebody looked
		return w.Shipment != "" && (m.From.State == Packed || m.To.State == Packed) &&
			slices.ContainsFunc(w.Named, func(u NamedUnit) bool { return u.Item == m.Item })
	case policy == SerialsAtPack:
		return m.From.State == Customer || m.To.State == Customer
	}
	return true
}

// serve takes units for one movement: first those that can only be of it.
func (w *register) serve(m *Movement) error {
	var fixed, open []*namedUnit
	unnamed := w.unnamed(m)
	for i := range w.units {
		u := &w.units[i]
		if !w.fits(u, m) {
			continue
		}
		switch {
		case m.From.State == Customer && u.now.Steps == 0:
			if unnamed--; unnamed >= 0 {
				open = append(open, u)
			}
		case u.moved() || u.Lot != "" || u.now.Steps > 0 && w.policy(m.Item) == SerialsAtReceipt && m.From.State != Production:
			fixed = append(fixed, u)
		default:
			open = append(open, u)
		}
	}
	all := slices.Concat(fixed, open)
	if int64(len(all)) < m.Qty {
		return w.missing(m, len(all))
	}
	if m.Qty < int64(len(all)) && w.ambiguous(all[m.Qty], m) {
		return &SerialError{Item: m.Item, Serial: all[m.Qty].Serial, Known: all[m.Qty].was,
			Rule: "it could be of this or of that movement; name it with its lot, or move the units one command after the other"}
	}
	moved := SerialsMoved{Item: m.Item, Lot: m.Lot, From: m.From, To: m.To, Posting: w.Posting.ID, Document: w.Posting.Document}
	for _, u := range all[:m.Qty] {
		w.step(u, m)
		moved.Serials = append(moved.Serials, u.Serial)
	}
	w.out.Moved = append(w.out.Moved, moved)
	return nil
}

// unnamed is the number of units that customers may bring back by a movement without
// anybody having named them.
func (w *register) unnamed(m *Movement) int64 { return w.items[m.Item].Unnamed[m.Lot] }

// ambiguous tells whether a unit that a movement leaves could be one of another movement.
func (w *register) ambiguous(u *namedUnit, m *Movement) bool {
	for i := range w.moves {
		if o := &w.moves[i]; o != m && w.fits(u, o) {
			return true
		}
	}
	return false
}

// fits tells whether a unit can be one of a movement.
func (w *register) fits(u *namedUnit, m *Movement) bool {
	return u.Item == m.Item && (!u.moved() || m.From.State == Production) && w.refusal(u, m) == ""
}

// refusal says why a unit is none of those that a movement takes.
func (w *register) refusal(u *namedUnit, m *Movement) string {
	if u.Lot != "" && u.Lot != m.Lot && !u.moved() {
		return fmt.Sprintf("it is named with lot %q; the units that move are of lot %q", u.Lot, m.Lot)
	}
	atPack := w.policy(m.Item) == SerialsAtPack
	switch s := &u.now; {
	case s.Steps == 0:
		return firstSeen(m, atPack, w.unnamed(m))
	case s.Shipment != "" && s.Shipment != w.Shipment:
		return "it is packed, and moves with its shipment alone: " + s.String()
	case m.From.State == Packed && m.To.State.AtLocation() && s.Shipment == "":
		return "it is in no parcel of this shipment: " + s.String()
	case atPack && m.From.State != Customer && s.Away != Customer: // nobody followed it in between
		return ""
	case s.place() != placeOf(m.From):
		if m.From.State == Supplier || m.From.State == Shrink || m.From.State == Production {
			return "it exists already: " + s.String()
		}
		return fmt.Sprintf("it is not at %s: it is %s", m.From, s)
	case s.Lot != m.Lot && m.From.State != Production: // what is relabeled or taken apart may enter another lot
		return fmt.Sprintf("it is of lot %q; the units that move are of lot %q", s.Lot, m.Lot)
	case s.Away == Customer && w.Origin != "" && s.Document != w.Origin:
		return fmt.Sprintf("it left with %q, not with %q", s.Document, w.Origin)
	case s.Away == InTransit && s.Document != w.Posting.Document:
		return fmt.Sprintf("it travels with %q, not with %q", s.Document, w.Posting.Document)
	}
	return ""
}

// firstSeen says why a movement cannot take a unit that nobody named before.
func firstSeen(m *Movement, atPack bool, unnamed int64) string {
	switch {
	case m.From.State == Customer && unnamed > 0:
		return ""
	case m.From.State == Customer:
		return "it is unknown; no customer was ever sent it"
	case atPack, m.From.State == Supplier, m.From.State == Shrink, m.From.State == Production:
		return ""
	}
	return "it is unknown; it has to be named when it comes in"
}

func (w *register) step(u *namedUnit, m *Movement) {
	p, s := &w.Posting, &u.now
	if sold := w.items[m.Item].Unnamed; s.Steps == 0 && m.From.State == Customer {
		if sold[m.Lot]--; sold[m.Lot] == 0 {
			delete(sold, m.Lot)
		}
	}
	s.Item, s.ID, s.Lot = m.Item, u.Serial, m.Lot
	s.Location, s.Away, s.Shipment = m.To.Location, 0, ""
	switch {
	case !m.To.State.AtLocation():
		s.Away = m.To.State
	case m.To.State == Packed:
		s.Shipment = w.Shipment
	}
	s.Document, s.Since = p.Document, p.At
	s.Steps++
	w.out.Steps = append(w.out.Steps, SerialStep{
		Item: m.Item, Serial: u.Serial, No: s.Steps, Lot: m.Lot, From: m.From, To: m.To,
		Posting: p.ID, Document: p.Document, Reason: p.Reason, Actor: p.Actor, At: p.At,
	})
}

// missing is the error of a movement that too few units are named for: it tells of a unit
// that is none of its, if there is one.
func (w *register) missing(m *Movement, have int) error {
	for i := range w.units {
		u := &w.units[i]
		if u.Item != m.Item || u.moved() {
			continue
		}
		if why := w.refusal(u, m); why != "" {
			return &SerialError{Item: m.Item, Serial: u.Serial, Rule: why, Known: u.was}
		}
	}
	return &SerialError{Item: m.Item, Rule: fmt.Sprintf("%d units go from %s to %s, and %d are named; name each by its serial number", m.Qty, m.From, m.To, have)}
}
