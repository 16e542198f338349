package inventory

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sentinels, for errors.Is. The typed errors below carry the facts.
var (
	// ErrID is a malformed id of an item, location, lot or owner, or a document, actor,
	// SKU or name that could not be kept as it is.
	ErrID = errors.New("inventory: malformed id")
	// ErrNotFound is a posting that does not exist for this tenant.
	ErrNotFound = errors.New("inventory: not found")
	// ErrOwner is a hold for, or a command on, the reservations of someone else.
	ErrOwner = errors.New("inventory: owner refused")
	// ErrUnknownItem is an item that was never added.
	ErrUnknownItem = errors.New("inventory: unknown item")
	// ErrUnknownLocation is a location that was never added.
	ErrUnknownLocation = errors.New("inventory: unknown location")
	// ErrUntracked is a stock command on an item that has no stock by definition.
	ErrUntracked = errors.New("inventory: item is not tracked")
	// ErrItem is a definition of an item that contradicts itself.
	ErrItem = errors.New("inventory: item refused")
	// ErrKit is a stock command on a kit, of which no stock is kept.
	ErrKit = errors.New("inventory: item is a kit")
	// ErrQuantity is a quantity outside the rule that the error names.
	ErrQuantity = errors.New("inventory: quantity refused")
	// ErrState is an unknown state, or one that the command does not allow.
	ErrState = errors.New("inventory: state refused")
	// ErrReason is an unknown reason, or one that the command does not allow.
	ErrReason = errors.New("inventory: reason refused")
	// ErrShortage is demand beyond what is available.
	ErrShortage = errors.New("inventory: not enough stock")
	// ErrReservation is a reservation that cannot do what was asked of it: there is
	// none, or fewer of its units are where the command needs them.
	ErrReservation = errors.New("inventory: reservation refused")
	// ErrExpiry is a soft reservation that would be dead at birth.
	ErrExpiry = errors.New("inventory: expiry refused")
	// ErrStale is a change decided on stock that has moved since. Stores answer it
	// by running the command again, so callers rarely see it.
	ErrStale = errors.New("inventory: stock changed since it was read")
	// ErrUnbalanced is an item whose balances are not the sum of its movements.
	ErrUnbalanced = errors.New("inventory: balances and movements differ")
)

// QuantityError is a quantity that a rule refuses. It matches ErrQuantity.
type QuantityError struct {
	Item string
	Qty  int64
	Rule string
}

// Error names the item, the quantity and the rule.
func (e *QuantityError) Error() string {
	return fmt.Sprintf("%v: %d of item %q: %s", ErrQuantity, e.Qty, e.Item, e.Rule)
}

// Is matches ErrQuantity.
func (e *QuantityError) Is(target error) bool { return target == ErrQuantity }

// ItemError is a field of an item's definition that a rule refuses. It matches ErrItem.
type ItemError struct {
	Item  string
	Field string
	Rule  string
}

// Error names the item, the field and the rule.
func (e *ItemError) Error() string {
	return fmt.Sprintf("%v: %q: %s %s", ErrItem, e.Item, e.Field, e.Rule)
}

// Is matches ErrItem.
func (e *ItemError) Is(target error) bool { return target == ErrItem }

// Shortage is one unmet demand. Line is zero where no order is involved, Location
// empty where every location was asked.
type Shortage struct {
	Line     int
	Item     string
	Kit      string // that the item is a component of; empty if it is wanted by itself
	Location string
	Want     int64
	Have     int64 // in stock

	// Limit is the BackorderLimit of the item where that is in the way, and Room how many
	// of the units that are missing may still wait within it. Both are zero elsewhere.
	Limit int64
	Room  int64
}

// ShortageError lists every unmet demand of a command, not only the first. It
// matches ErrShortage.
type ShortageError struct{ Short []Shortage }

// Error names each item with what was wanted and what there is.
func (e *ShortageError) Error() string {
	var b strings.Builder
	b.WriteString(ErrShortage.Error())
	for i, s := range e.Short {
		sep := ": "
		if i > 0 {
			sep = "; "
		}
		fmt.Fprintf(&b, "%sitem %q", sep, s.Item)
		if s.Kit != "" {
			fmt.Fprintf(&b, " of kit %q", s.Kit)
		}
		if s.Location != "" {
			fmt.Fprintf(&b, " at %q", s.Location)
		}
		if s.Line > 0 {
			fmt.Fprintf(&b, " (line %d)", s.Line)
		}
		fmt.Fprintf(&b, ": want %d, have %d", s.Want, s.Have)
		if s.Limit > 0 {
			fmt.Fprintf(&b, ", and %d may wait (limit %d)", s.Room, s.Limit)
		}
	}
	return b.String()
}

// Is matches ErrShortage.
func (e *ShortageError) Is(target error) bool { return target == ErrShortage }

// ReservationError says what a reservation could not do. It matches ErrReservation.
type ReservationError struct {
	Key   ReservationKey
	Want  int64
	Have  int64
	State State // where the units were needed; zero when there is no such reservation
}

// Error names the reservation, and what was wanted of it.
func (e *ReservationError) Error() string {
	if e.State == 0 {
		return fmt.Sprintf("%v: %s holds no open units", ErrReservation, e.Key)
	}
	return fmt.Sprintf("%v: %s has %d %s, want %d; use exactly what it holds", ErrReservation, e.Key, e.Have, e.State, e.Want)
}

// Is matches ErrReservation.
func (e *ReservationError) Is(target error) bool { return target == ErrReservation }

// ExpiryError is a soft reservation whose end is not after now, or too far. It
// matches ErrExpiry.
type ExpiryError struct{ Until, Now time.Time }

// Error shows both moments.
func (e *ExpiryError) Error() string {
	return fmt.Sprintf("%v: until %s, now %s; it must be after now and within %v",
		ErrExpiry, e.Until.Format(time.RFC3339), e.Now.Format(time.RFC3339), MaxHold)
}

// Is matches ErrExpiry.
func (e *ExpiryError) Is(target error) bool { return target == ErrExpiry }

// OwnerError is a call that mixes owners, or that reaches for the stock of an order,
// a transfer or a channel, which only its own commands may move. It matches ErrOwner.
type OwnerError struct{ First, Other string }

// Error names the owners.
func (e *OwnerError) Error() string {
	if e.Other == "" {
		return fmt.Sprintf("%v: %q belongs to an order, a transfer or a channel; use the commands on that", ErrOwner, e.First)
	}
	return fmt.Sprintf("%v: one call holds for one owner, not for %q and %q", ErrOwner, e.First, e.Other)
}

// Is matches ErrOwner.
func (e *OwnerError) Is(target error) bool { return target == ErrOwner }
