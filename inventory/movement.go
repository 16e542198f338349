package inventory

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Reason says why units moved.
type Reason string

// The reasons that commands post with.
const (
	ReasonReceipt  Reason = "receipt"
	ReasonReserve  Reason = "reserve"
	ReasonRelease  Reason = "release"
	ReasonExpire   Reason = "expire"
	ReasonPick     Reason = "pick"
	ReasonPack     Reason = "pack"
	ReasonShip     Reason = "ship"
	ReasonTransfer Reason = "transfer"
	ReasonReturn   Reason = "return"
	ReasonInspect  Reason = "inspect"
	ReasonShort    Reason = "short_pick"
	ReasonRelabel  Reason = "relabel"

	ReasonAssemble    Reason = "assemble"
	ReasonDisassemble Reason = "disassemble"
)

// The reasons that an [Adjustment] may give.
const (
	ReasonOpening  Reason = "opening"   // stock that was there before the ledger
	ReasonCount    Reason = "count"     // a count found more or less
	ReasonFound    Reason = "found"     // units turned up
	ReasonLost     Reason = "lost"      // units are gone
	ReasonDamage   Reason = "damage"    // units broke and are thrown away
	ReasonWriteOff Reason = "write_off" // units are given up for another cause
)

// known tells whether a reason is one of the constants.
func (r Reason) known() bool {
	switch r {
	case ReasonReceipt, ReasonReserve, ReasonRelease, ReasonExpire, ReasonPick, ReasonPack, ReasonShip,
		ReasonTransfer, ReasonReturn, ReasonInspect, ReasonShort, ReasonRelabel, ReasonAssemble, ReasonDisassemble:
		return true
	}
	_, ok := r.counterpart()
	return ok
}

// counterpart is the account that an adjustment for a reason moves against.
func (r Reason) counterpart() (State, bool) {
	switch r {
	case ReasonOpening:
		return Supplier, true
	case ReasonCount, ReasonFound, ReasonLost:
		return Shrink, true
	case ReasonDamage, ReasonWriteOff:
		return Scrap, true
	}
	return 0, false
}

// Movement takes Qty units of an item (and lot) from one account to another.
type Movement struct {
	Item string  `json:"item"`
	Lot  string  `json:"lot,omitempty"` // empty where lots are not kept
	From Account `json:"from"`
	To   Account `json:"to"`
	Qty  int64   `json:"qty"` // base units, 1 to MaxQty
}

// Validate refuses a movement that is not double entry.
func (m Movement) Validate() error {
	if err := checkQty(m.Item, m.Qty); err != nil {
		return err
	}
	if !m.From.valid() || !m.To.valid() {
		return fmt.Errorf("%w: movement of %q from %s to %s", ErrState, m.Item, m.From, m.To)
	}
	if m.From == m.To {
		return fmt.Errorf("%w: movement of %q from %s to itself", ErrState, m.Item, m.From)
	}
	return nil
}

// Posting is a group of movements with one cause, applied whole or not at all. It
// is never changed or deleted.
type Posting struct {
	ID        uuid.UUID
	Reason    Reason
	Document  string // what caused it: a purchase order, an order, a return
	Actor     string
	At        time.Time
	Movements []Movement
}

// Meta is what a posting records beside its movements.
type Meta struct {
	ID    uuid.UUID // id of the posting
	Actor string
	Now   time.Time
}

// Key names a balance row.
type Key struct{ Item, Lot, Location string }

// Balance is the number of units of an item (and lot) at a location, by state.
type Balance struct {
	Key
	qty [locationStates]int64
}

// Of is the number of units in a state; zero for states outside locations.
func (b *Balance) Of(s State) int64 {
	if !s.AtLocation() {
		return 0
	}
	return b.qty[s-1]
}

// Set stores the units of a state; adapters use it when they read a row.
func (b *Balance) Set(s State, qty int64) {
	if s.AtLocation() {
		b.qty[s-1] = qty
	}
}

// OnHand is the sum over the eight states: every unit that is physically here.
func (b *Balance) OnHand() int64 {
	var sum int64
	for _, q := range b.qty {
		sum += q
	}
	return sum
}

// Delta is the change of one balance row by a posting.
type Delta struct {
	Key
	By [locationStates]int64 // indexed like [LocationStates]

	Floor int64 // the fewest free units that have to be left; zero is none
}

// Deltas sums the movements per balance row, in key order (the global lock order).
func (p Posting) Deltas() []Delta {
	return deltas(make([]Delta, 0, len(p.Movements)), p.Movements) // most movements stay within one row
}

// Apply adds a delta and refuses, changing nothing, if any state fell below zero or
// grew beyond MaxQty, or if fewer free units were left than the floor.
func (b *Balance) Apply(d Delta) error {
	next := b.qty
	for i, by := range &d.By {
		next[i] += by
		if next[i] < 0 || next[i] > MaxQty {
			return fmt.Errorf("%w: %s of item %q at %q would become %d", ErrStale, State(i+1), d.Item, d.Location, next[i])
		}
	}
	if free := next[Free-1]; free < d.Floor {
		return fmt.Errorf("%w: of item %q at %q %d free units would be left, not %d", ErrStale, d.Item, d.Location, free, d.Floor)
	}
	b.qty = next
	return nil
}

func checkQty(item string, qty int64) error {
	switch {
	case qty <= 0:
		return &QuantityError{Item: item, Qty: qty, Rule: "must be positive"}
	case qty > MaxQty:
		return &QuantityError{Item: item, Qty: qty, Rule: fmt.Sprintf("at most %d at once", int64(MaxQty))}
	}
	return nil
}
