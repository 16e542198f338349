package inventory

import (
	"fmt"
	"time"
)

// Extend decides that everything an owner holds softly ends later. Nothing moves: only
// the reservations change, and those that last as long already stay as they are. Holds
// that have expired are refused with *ExpiryError, since someone else may have been
// promised their units, and so is an end that [Reserve] would not take. An owner without
// soft units is *ReservationError: a committed hold has no end.
func Extend(s Snapshot, owner string, until time.Time, m Meta) (Changes, error) {
	l := newLedger(s, m, ReasonReserve, owner)
	if err := checkUntil(until, m.Now); err != nil {
		return Changes{}, err
	}
	none := &ReservationError{Key: ReservationKey{Owner: owner}}
	softly := false
	for i := range s.Reservations {
		r := &s.Reservations[i]
		switch {
		case r.Owner != owner:
		case r.Expired(m.Now):
			return Changes{}, &ExpiryError{Until: r.Until, Now: m.Now}
		case r.Soft > 0:
			if softly = true; until.After(r.Until) {
				l.reservation(r.ReservationKey).Until = until
			}
		case r.Open() > 0:
			none = &ReservationError{Key: r.ReservationKey, Want: r.Open(), State: Soft}
		}
	}
	if !softly {
		return Changes{}, none
	}
	changes, err := l.done()
	if err != nil || len(changes.Reservations) == 0 {
		return Changes{}, err
	}
	return Changes{Reservations: changes.Reservations}, nil
}

// checkUntil refuses an end of a soft hold that is not after now, or too far.
func checkUntil(until, now time.Time) error {
	if !until.After(now) || until.Sub(now) > MaxHold {
		return &ExpiryError{Until: until, Now: now}
	}
	return nil
}

// HeldUnits names some of the units that an owner holds. Those of a kit are units of its
// components.
type HeldUnits struct {
	Line     int
	Item     string
	Lot      string // empty takes from any lot, in lot order
	Location string
	Qty      int64
}

// CommitUnits decides that some of the units that an owner holds softly become committed.
// The rest stays soft, with the end that it has. More units than are held are
// *ReservationError, expired ones *ExpiryError; then nothing is committed.
func CommitUnits(s Snapshot, owner string, units []HeldUnits, document string, m Meta) (Changes, error) {
	if len(units) == 0 {
		return Changes{}, fmt.Errorf("%w: nothing to commit; name at least one unit", ErrQuantity)
	}
	l := newLedger(s, m, ReasonReserve, document)
	for _, u := range units {
		if err := l.each(owner, u, Soft, func(key ReservationKey, qty int64) error {
			return l.step(Step{Key: key, From: Soft, To: Committed, Qty: qty})
		}); err != nil {
			return Changes{}, err
		}
	}
	return l.done()
}

// each finds units that an owner has in a state, as earlier parts of the decision left
// them, in lot order.
func (l *ledger) each(owner string, u HeldUnits, in State, visit func(ReservationKey, int64) error) error {
	if err := checkQty(u.Item, u.Qty); err != nil {
		return err
	}
	left, found := u.Qty, false
	for _, r := range l.snap.Reservations {
		if r.Owner != owner || r.Line != u.Line || r.Item != u.Item || r.Location != u.Location || u.Lot != "" && r.Lot != u.Lot {
			continue
		}
		if i := l.find(r.ReservationKey); i >= 0 {
			r = l.touched[i]
		}
		found = found || r.Open() > 0
		take := min(left, r.Of(in))
		if take == 0 {
			continue
		}
		if err := visit(r.ReservationKey, take); err != nil {
			return err
		}
		left -= take
	}
	if left > 0 {
		err := &ReservationError{Key: ReservationKey{Owner: owner, Line: u.Line, Item: u.Item, Lot: u.Lot, Location: u.Location}}
		if found {
			err.Want, err.Have, err.State = u.Qty, u.Qty-left, in
		}
		return err
	}
	return nil
}

// ReserveAvailable decides holds like [Reserve], but takes what there is: of each hold as
// many units as are available after the holds before it, down to none, and of a kit as many
// whole ones. It tells how many those are. Where nothing is available of any hold nothing
// changes.
func ReserveAvailable(s Snapshot, holds []Hold, document string, m Meta) (Changes, []int64, error) {
	l, err := holding(s, holds, document, m)
	if err != nil {
		return Changes{}, nil, err
	}
	taken, some := make([]int64, len(holds)), false
	for i, h := range holds {
		if h.Qty = l.reachable(h); h.Qty > 0 {
			taken[i], some = h.Qty, true
			l.take(h)
		}
	}
	if !some {
		return Changes{}, taken, nil
	}
	changes, err := l.done()
	if err != nil {
		return Changes{}, nil, err
	}
	return changes, taken, nil
}

// reachable is how many units of a hold can be taken: of a kit as many as its scarcest
// component makes at the location.
func (l *ledger) reachable(h Hold) int64 {
	most := l.uncapped(h.Item, h.Qty)
	for part := range l.snap.parts(h) {
		if have := l.reach(part); have != Unlimited {
			most = min(most, have/part.Qty)
		}
	}
	return most
}
