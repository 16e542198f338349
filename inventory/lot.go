package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrLot is a lot that is not what a command says it is, or that nobody may have.
var ErrLot = errors.New("inventory: lot refused")

// LotError says what is wrong with a lot. It matches ErrLot.
type LotError struct {
	Item string
	Lot  string
	Rule string
}

// Error names the item, the lot and the rule.
func (e *LotError) Error() string {
	return fmt.Sprintf("%v: lot %q of item %q: %s", ErrLot, e.Lot, e.Item, e.Rule)
}

// Is matches ErrLot.
func (e *LotError) Is(target error) bool { return target == ErrLot }

// Lot is a batch of an item whose units were made, or came in, together. It is recorded
// when units of it come in, and never goes away. Units whose lot has no record, because
// they came before lots had one, never expire, were received before all others, and are
// promised like units without a lot; the lot is recorded when more of it come in, or when
// it is blocked.
type Lot struct {
	Item     string    `json:"item"`
	ID       string    `json:"id"`
	Expires  time.Time `json:"expires,omitzero"`  // the moment from which it is promised to nobody; zero is never
	Received time.Time `json:"received"`          // when its first units came in; zero if that was before it was recorded
	Blocked  string    `json:"blocked,omitempty"` // why it is promised to nobody; empty when it is not blocked
	Origin   string    `json:"origin,omitempty"`  // the document that its first units came in with
	Version  int64     `json:"version"`           // counts the changes; 1 when first saved
}

// MaxLife is the longest remaining life that a hold may ask for: a hundred years.
const MaxLife = 100 * MaxHold

// Good tells whether units of the lot may be promised at a moment.
func (l *Lot) Good(at time.Time) bool { return l.Blocked == "" && !l.expired(at) }

func (l *Lot) expired(at time.Time) bool { return !l.Expires.IsZero() && !at.Before(l.Expires) }

// Compare orders lots by item and ID.
func (l Lot) Compare(o Lot) int {
	if c := strings.Compare(l.Item, o.Item); c != 0 {
		return c
	}
	return strings.Compare(l.ID, o.ID)
}

// Lot finds a lot among those that were read.
func (s *Snapshot) Lot(item, id string) (Lot, bool) {
	if id == "" || len(s.Lots) == 0 {
		return Lot{}, false
	}
	i, ok := slices.BinarySearchFunc(s.Lots, Lot{Item: item, ID: id}, Lot.Compare)
	if !ok {
		return Lot{}, false
	}
	return s.Lots[i], true
}

// lotState says why units of a lot are promised to nobody: they never are a reason for
// units without a lot.
func (s *Snapshot) lotState(item, id string, at time.Time) (blocked, expired bool) {
	lot, ok := s.Lot(item, id)
	return ok && lot.Blocked != "", ok && lot.expired(at)
}

// good tells whether units of a lot may be promised at a moment.
func (s *Snapshot) good(item, id string, at time.Time) bool {
	blocked, expired := s.lotState(item, id, at)
	return !blocked && !expired
}

// refuseLot is the error of a hold that asks by name for a lot that nobody may have.
func (s *Snapshot) refuseLot(h Hold, now time.Time) error {
	lot, ok := s.Lot(h.Item, h.Lot)
	switch {
	case !ok:
		return nil
	case lot.Blocked != "":
		return &LotError{Item: h.Item, Lot: h.Lot, Rule: fmt.Sprintf("it is blocked (%s); take another lot", lot.Blocked)}
	case lot.expired(now.Add(h.Life)):
		return &LotError{Item: h.Item, Lot: h.Lot, Rule: fmt.Sprintf("it expires at %s, and has to last until after %s; take another lot",
			lot.Expires.Format(time.RFC3339), now.Add(h.Life).Format(time.RFC3339))}
	}
	return nil
}

// pick are the rows that a hold may take from, in the order in which it takes them.
func (l *ledger) pick(h *Hold, rows []Balance) []Balance {
	if len(l.snap.Lots) == 0 { // nothing is known to go by
		return rows
	}
	item, _ := l.snap.Item(h.Item)
	until := l.meta.Now.Add(h.Life)
	out := slices.DeleteFunc(slices.Clone(rows), func(b Balance) bool { return !l.snap.good(b.Item, b.Lot, until) })
	slices.SortStableFunc(out, func(a, b Balance) int { // equal ones stay in the order of their IDs
		x, _ := l.snap.Lot(a.Item, a.Lot)
		y, _ := l.snap.Lot(b.Item, b.Lot)
		switch item.Picking {
		case FEFO:
			if x.Expires.IsZero() != y.Expires.IsZero() {
				return lastIf(x.Expires.IsZero())
			}
			return x.Expires.Compare(y.Expires)
		case FIFO:
			return x.Received.Compare(y.Received)
		case ByLot:
		}
		return 0
	})
	return out
}

func lastIf(last bool) int {
	if last {
		return 1
	}
	return -1
}

// enter records the lot of units that come to a location, if it is a new one.
func (l *ledger) enter(mv *Movement) {
	if mv.Lot == "" || !mv.To.State.AtLocation() || mv.From.State.AtLocation() {
		return
	}
	if _, ok := l.snap.Lot(mv.Item, mv.Lot); ok {
		return
	}
	for i := range l.born {
		if l.born[i].Item == mv.Item && l.born[i].ID == mv.Lot {
			return
		}
	}
	l.born = append(l.born, Lot{Item: mv.Item, ID: mv.Lot, Received: l.meta.Now, Origin: l.posting.Document, Version: 1})
}

// DateLots says of the lots of a receipt when they expire: one moment for each movement,
// zero or left out where nothing is said. It refuses one that contradicts what is known of its lot, and
// units that have expired before they come in, unless they are damaged: those are promised
// to nobody anyway.
func DateLots(s Snapshot, c Changes, expires []time.Time) (Changes, error) {
	c.Lots = slices.Clone(c.Lots)
	dated := map[int]bool{} // the new lots whose expiry was said
	for i := range c.Posting.Movements {
		mv := &c.Posting.Movements[i]
		refuse := func(format string, args ...any) (Changes, error) {
			return Changes{}, &LotError{Item: mv.Item, Lot: mv.Lot, Rule: fmt.Sprintf(format, args...)}
		}
		lot, _ := s.Lot(mv.Item, mv.Lot)
		var said time.Time
		if i < len(expires) {
			said = expires[i]
		}
		if n := slices.IndexFunc(c.Lots, func(l Lot) bool { return l.Item == mv.Item && l.ID == mv.Lot }); n >= 0 {
			if !said.IsZero() && !dated[n] {
				c.Lots[n].Expires, dated[n] = said, true
			}
			lot = c.Lots[n]
		}
		switch {
		case mv.Lot == "" && !said.IsZero():
			return refuse("units that expire need a lot to be told apart by")
		case !said.IsZero() && !said.Equal(lot.Expires):
			return refuse("it expires %s, the receipt says %s; all units of a lot expire together", until(lot.Expires), until(said))
		case mv.To.State != Damaged && lot.expired(c.Posting.At):
			return refuse("it expired %s, before it came in at %s", until(lot.Expires), c.Posting.At.Format(time.RFC3339))
		}
	}
	return c, nil
}

func until(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return "at " + t.Format(time.RFC3339)
}

// BlockLot decides that units of a lot are promised to nobody, for a stated reason. What
// is held already stays held. A lot that is blocked for that reason changes nothing.
func BlockLot(s Snapshot, item, lot, why string) (Changes, error) {
	if p := noteProblem(why); why == "" || p != "" {
		return Changes{}, &LotError{Item: item, Lot: lot, Rule: strings.TrimSpace("it is blocked for a reason of at most 128 bytes; " + p)}
	}
	return s.blocked(item, lot, why)
}

// UnblockLot decides that a lot may be promised again.
func UnblockLot(s Snapshot, item, lot string) (Changes, error) { return s.blocked(item, lot, "") }

func (s *Snapshot) blocked(item, id, why string) (Changes, error) {
	if err := s.stocked(item); err != nil {
		return Changes{}, err
	}
	lot, ok := s.Lot(item, id)
	if !ok { // it came before it was recorded, or never
		lot = Lot{Item: item, ID: id}
		ok = id != "" && slices.ContainsFunc(s.Of(item), func(b Balance) bool { return b.Lot == id })
	}
	switch {
	case !ok:
		return Changes{}, &LotError{Item: item, Lot: id, Rule: "it is unknown; receive it first"}
	case lot.Blocked == why:
		return Changes{}, nil
	}
	lot.Blocked = why
	lot.Version++
	return Changes{Lots: []Lot{lot}}, nil
}

// LotSet is what holds for a lot from now on: it came in, was blocked, or is so no more.
type LotSet struct {
	Lot Lot `json:"lot"`
}

// Kind is "stock.lot_set".
func (LotSet) Kind() string { return "stock.lot_set" }
