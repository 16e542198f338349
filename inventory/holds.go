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

// HeldUnits names some of the units that an owner holds.
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
// many units as are available after the holds before it, down to none. [Taken] tells how
// many those are. Where nothing is available of any hold nothing changes.
func ReserveAvailable(s Snapshot, holds []Hold, document string, m Meta) (Changes, error) {
	l, err := holding(s, holds, document, m)
	if err != nil {
		return Changes{}, err
	}
	taken := false
	for _, h := range holds {
		if h.Qty = l.reachable(h); h.Qty > 0 {
			taken = true
			l.reserve(h)
		}
	}
	if !taken {
		return Changes{}, nil
	}
	return l.done()
}

// reachable is how many units of a hold can be reserved: expired holds in the way are
// released.
func (l *ledger) reachable(h Hold) int64 {
	have := l.available(h)
	if have == Unlimited && h.Lot == "" {
		return h.Qty
	}
	want := min(h.Qty, have)
	if want <= 0 {
		return 0
	}
	if l.free(h) < want {
		l.expire(h.Item, h.Location)
	}
	if l.snap.level(h.Item, h.Location).Untracked { // of a lot that is named, too, it comes as it is promised
		return want
	}
	return min(want, l.free(h)+l.pooled(h))
}

// Taken tells how many units each of some holds took in the posting that was decided on
// them. A movement belongs to the first hold that it fits and that still wants units: a
// hold that took less than it wanted has left none that it could have taken.
func Taken(p Posting, holds []Hold) []int64 {
	taken := make([]int64, len(holds))
	for _, m := range p.Movements {
		if m.From.State != Free || m.From.Location != m.To.Location {
			continue
		}
		for i := range holds {
			if h := &holds[i]; h.takes(m) && taken[i]+m.Qty <= h.Qty {
				taken[i] += m.Qty
				break
			}
		}
	}
	return taken
}

// takes tells whether a movement from free stock is what a hold could have asked for.
func (h *Hold) takes(m Movement) bool {
	to := Committed
	if !h.Until.IsZero() {
		to = Soft
	}
	return h.Item == m.Item && h.Location == m.To.Location && m.To.State == to && (h.Lot == "" || h.Lot == m.Lot)
}
