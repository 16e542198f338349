package inventory

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Place is where a movement stands in the log of its item: by the moment of its posting,
// then by the posting, then by its number in that. Moments are those at which commands
// decided; of two commands that ran at once, the one that decided first may have been
// applied second.
type Place struct {
	At      time.Time `json:"at"`
	Posting uuid.UUID `json:"posting"`
	N       int       `json:"n"` // from 0
}

// EndOf is the place behind every movement at or before a moment.
func EndOf(t time.Time) Place { return Place{At: t, Posting: uuid.Max, N: int(^uint(0) >> 1)} }

// Compare orders places as the log is.
func (p Place) Compare(o Place) int {
	return cmp.Or(p.At.Compare(o.At), bytes.Compare(p.Posting[:], o.Posting[:]), cmp.Compare(p.N, o.N))
}

// Logged is a movement with its place in the log and what its posting says of it.
type Logged struct {
	Place

	Reason   Reason `json:"reason"`
	Document string `json:"document,omitempty"`
	Actor    string `json:"actor,omitempty"`
	Movement
}

// MovementFilter selects movements of one item. Beside Item every field is optional.
type MovementFilter struct {
	Item     string
	Location string  // one of its ends is at this location
	State    State   // one of its ends is in this state; with a Location the same end
	Lot      *string // exactly this lot; the empty one is that of units without
	Document string
	Reason   Reason
	From     time.Time // at this moment or later
	Before   time.Time // earlier than this

	Last  bool   // backwards, the newest first
	After *Place // those behind this one, the last of the page before
	Limit int    // at most so many; zero is no limit
}

// Touches tells whether one end of a movement lies in the accounts that the filter
// selects.
func (f *MovementFilter) Touches(m *Movement) bool {
	return f.account(m.From) || f.account(m.To)
}

func (f *MovementFilter) account(a Account) bool {
	return (f.Location == "" || a.Location == f.Location) && (f.State == 0 || a.State == f.State)
}

// Match tells whether a filter selects a movement. It does not look at Limit.
func (f *MovementFilter) Match(l *Logged) bool {
	switch {
	case l.Item != f.Item, f.Lot != nil && *f.Lot != l.Lot, !f.Touches(&l.Movement),
		f.Document != "" && f.Document != l.Document, f.Reason != "" && f.Reason != l.Reason,
		!f.From.IsZero() && l.At.Before(f.From), !f.Before.IsZero() && !l.At.Before(f.Before):
		return false
	case f.After == nil:
		return true
	case f.Last:
		return l.Compare(*f.After) < 0
	}
	return l.Compare(*f.After) > 0
}

// Span is a stretch of the log of an item: the movements behind After, up to and with
// Until. The zero After is the beginning of the log.
type Span struct{ After, Until Place }

// Flow is what moved in a span: for each lot and pair of accounts the sum.
type Flow struct {
	Moved []Movement // by Lot, From, To; Qty may be above MaxQty
	Count int64      // how many movements these are the sum of
}

// Sum adds movements to a flow.
func (f *Flow) Sum(moves ...Movement) {
	for _, m := range moves {
		i, ok := slices.BinarySearchFunc(f.Moved, m, compareEnds)
		if !ok {
			f.Moved = slices.Insert(f.Moved, i, m)
			continue
		}
		f.Moved[i].Qty += m.Qty
	}
}

func compareEnds(a, b Movement) int {
	return cmp.Or(strings.Compare(a.Item, b.Item), strings.Compare(a.Lot, b.Lot), a.From.compare(b.From), a.To.compare(b.To))
}

func (a Account) compare(o Account) int {
	return cmp.Or(strings.Compare(a.Location, o.Location), cmp.Compare(a.State, o.State))
}

// Tally is the number of units in every account of an item, as far as it is not zero.
// Accounts outside every location have what came in less what went out.
type Tally map[LotAccount]int64

// LotAccount is an account of a lot of an item.
type LotAccount struct {
	Lot string
	Account
}

// TallyOf are the accounts of balance rows.
func TallyOf(rows []Balance) Tally {
	t := Tally{}
	for i := range rows {
		b := &rows[i]
		for s := Free; s <= Held; s++ {
			t.add(LotAccount{b.Lot, At(b.Location, s)}, b.Of(s))
		}
	}
	return t
}

func (t Tally) add(a LotAccount, by int64) {
	if by == 0 {
		return
	}
	if t[a] += by; t[a] == 0 {
		delete(t, a)
	}
}

// Forward makes movements.
func (t Tally) Forward(moves []Movement) { t.move(moves, 1) }

// Back takes movements back.
func (t Tally) Back(moves []Movement) { t.move(moves, -1) }

func (t Tally) move(moves []Movement, times int64) {
	for i := range moves {
		m := &moves[i]
		t.add(LotAccount{m.Lot, m.From}, -times*m.Qty)
		t.add(LotAccount{m.Lot, m.To}, times*m.Qty)
	}
}

// Of is the number of units in the location accounts that a filter selects.
func (t Tally) Of(f *MovementFilter) int64 {
	var sum int64
	for a, q := range t {
		if a.State.AtLocation() && f.account(a.Account) && (f.Lot == nil || *f.Lot == a.Lot) {
			sum += q
		}
	}
	return sum
}

// Balances are the rows of an item's accounts at locations, by Key; those with no units
// are left out.
func (t Tally) Balances(item string) []Balance {
	var rows []Balance
	for a, q := range t {
		if !a.State.AtLocation() {
			continue
		}
		k := Key{Item: item, Lot: a.Lot, Location: a.Location}
		i, ok := slices.BinarySearchFunc(rows, k, func(b Balance, k Key) int { return b.Compare(k) })
		if !ok {
			rows = slices.Insert(rows, i, Balance{Key: k})
		}
		rows[i].Set(a.State, q)
	}
	return rows
}

// Restated is a balance row that is set to another number of units, because the log says
// so. A row that does not exist has none.
type Restated struct{ Have, Want Balance }

// String reads `item "tee" at "ber": free 3, not 5`.
func (r Restated) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "item %q", r.Want.Item)
	if r.Want.Lot != "" {
		fmt.Fprintf(&b, " lot %q", r.Want.Lot)
	}
	fmt.Fprintf(&b, " at %q", r.Want.Location)
	sep := ": "
	for s := Free; s <= Held; s++ {
		if have, want := r.Have.Of(s), r.Want.Of(s); have != want {
			fmt.Fprintf(&b, "%s%s %d, not %d", sep, s, want, have)
			sep = "; "
		}
	}
	return b.String()
}

// Check refuses a restatement of two different rows, or to numbers that no row may have.
func (r *Restated) Check() error {
	if r.Have.Key != r.Want.Key {
		return fmt.Errorf("%w: a restatement of %v is not one of %v", ErrStale, r.Have.Key, r.Want.Key)
	}
	for s := Free; s <= Held; s++ {
		if q := r.Want.Of(s); q < 0 || q > MaxQty {
			return &QuantityError{Item: r.Want.Item, Qty: q, Rule: fmt.Sprintf("%s at %q must be between 0 and MaxQty", s, r.Want.Location)}
		}
	}
	return nil
}
