package inventory

import (
	"errors"
	"fmt"
	"strings"
)

// ErrLocation is a location that cannot be taken out of use, or the stock of which
// cannot go where it should.
var ErrLocation = errors.New("inventory: location refused")

// Blocker is a document that keeps a location in use.
type Blocker struct {
	Kind string // "fulfillment order", "transfer", "count", "purchase order", "return"
	ID   string
	Why  string
}

// LocationError lists what keeps a location in use: all of it, not only the first. It
// matches ErrLocation.
type LocationError struct {
	Location string
	Blockers []Blocker
}

// Error names every document with the reason.
func (e *LocationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: %q is still in use", ErrLocation, e.Location)
	for i, x := range e.Blockers {
		sep := ": "
		if i > 0 {
			sep = "; "
		}
		fmt.Fprintf(&b, "%s%s %s %s", sep, x.Kind, x.ID, x.Why)
	}
	return b.String()
}

// Is matches ErrLocation.
func (e *LocationError) Is(target error) bool { return target == ErrLocation }

// Vacate decides that everything at a location moves to another one, in one posting: every
// lot in every state. Units that are held stay held, with the end that they have: the
// reservations at the one location are released and the same units held at the other.
// Holds that have expired are released on the way. The reservations of the snapshot are
// those of all owners who hold anything there. Packed units are refused: a parcel is
// where it is.
func Vacate(s Snapshot, from, to, document string, m Meta) (Changes, error) {
	if from == to {
		return Changes{}, fmt.Errorf("%w: the stock of %q cannot move to itself", ErrLocation, from)
	}
	target, ok := s.Location(to)
	if !ok {
		return Changes{}, s.known(to)
	}
	if target.Inactive {
		return Changes{}, fmt.Errorf("%w: %q is not active; nothing that moves there could be promised", ErrLocation, to)
	}
	l := newLedger(s, m, ReasonTransfer, document)
	for _, r := range s.Reservations {
		if r.Location == from && r.Open() > 0 {
			if err := l.carry(r, to); err != nil {
				return Changes{}, err
			}
		}
	}
	for i := range s.Balances {
		if key := s.Balances[i].Key; key.Location == from {
			if err := l.clear(key, to); err != nil {
				return Changes{}, err
			}
		}
	}
	return l.done()
}

// carry moves the units of a reservation to another location, where they are held as they
// were.
func (l *ledger) carry(r Reservation, to string) error {
	if r.Packed > 0 {
		return fmt.Errorf("%w: %s has %d packed units; ship or unpack them first", ErrState, r.ReservationKey, r.Packed)
	}
	there := r.ReservationKey
	there.Location = to
	if r.Expired(l.meta.Now) {
		l.freeSoft(r.ReservationKey)
		r.Soft = 0
	}
	if r.Open() == 0 {
		return nil // nobody holds it any more
	}
	if t := l.reservation(there); t.Expired(l.meta.Now) {
		l.freeSoft(there)
	}
	for _, st := range []State{Soft, Committed, Picked} {
		qty := r.Of(st)
		if qty == 0 {
			continue
		}
		l.loosen(l.reservation(r.ReservationKey), st, Free, qty)
		t := l.reservation(there)
		*t.counter(st) += qty
		if st == Soft {
			t.Until = latest(t.Until, r.Until)
		}
		if err := l.across(r.Balance(), st, to, qty); err != nil {
			return err
		}
	}
	return nil
}

// clear moves what nobody holds of a balance row to another location.
func (l *ledger) clear(key Key, to string) error {
	for _, st := range LocationStates() {
		qty := l.row(key).Of(st)
		if qty == 0 {
			continue
		}
		if st >= Soft && st <= Packed {
			return fmt.Errorf("%w: %d units of %q at %q are %s, and no reservation that was read has them", ErrUnbalanced, qty, key.Item, key.Location, st)
		}
		if err := l.across(key, st, to, qty); err != nil {
			return err
		}
	}
	return l.err
}

// across moves units of a balance row to another location in the state that they are in.
func (l *ledger) across(key Key, st State, to string, qty int64) error {
	mv := Movement{Item: key.Item, Lot: key.Lot, From: At(key.Location, st), To: At(to, st), Qty: qty}
	if err := l.admit(mv); err != nil {
		return err
	}
	l.book(mv)
	return l.err
}
