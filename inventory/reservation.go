package inventory

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// MaxHold is the longest life of a soft reservation.
const MaxHold = 366 * 24 * time.Hour

// ReservationKey names a reservation: which units of what, where, for whom. Owner is
// a cart, an order, or whatever the host holds stock for; Line tells apart the
// order lines of one owner and is zero elsewhere.
type ReservationKey struct {
	Owner    string
	Line     int
	Item     string
	Lot      string
	Location string
}

// String reads "order-8/2 tee-m@ber lot 7"; of an owner alone, the owner.
func (k ReservationKey) String() string {
	switch {
	case k == ReservationKey{Owner: k.Owner}:
		return k.Owner
	case k.Lot == "":
		return fmt.Sprintf("%s/%d %s@%s", k.Owner, k.Line, k.Item, k.Location)
	}
	return fmt.Sprintf("%s/%d %s@%s lot %s", k.Owner, k.Line, k.Item, k.Location, k.Lot)
}

// Compare orders keys by owner, line, item, location, lot.
func (k ReservationKey) Compare(o ReservationKey) int { return k.compare(&o) }

func (k *ReservationKey) compare(o *ReservationKey) int {
	if c := strings.Compare(k.Owner, o.Owner); c != 0 {
		return c
	}
	if c := cmp.Compare(k.Line, o.Line); c != 0 {
		return c
	}
	if c := strings.Compare(k.Item, o.Item); c != 0 {
		return c
	}
	if c := strings.Compare(k.Location, o.Location); c != 0 {
		return c
	}
	return strings.Compare(k.Lot, o.Lot)
}

// Balance is the key of the balance row that the reserved units lie in.
func (k ReservationKey) Balance() Key { return Key{Item: k.Item, Lot: k.Lot, Location: k.Location} }

// Reservation says where each unit that was ever held under its key is now. Its
// soft, committed, picked and packed units are part of the balance of the same name.
type Reservation struct {
	ReservationKey
	Soft      int64
	Committed int64
	Picked    int64
	Packed    int64
	Shipped   int64     // left for the customer, or by a transfer for another location
	Released  int64     // went back to free stock, or was found missing
	Until     time.Time // end of the soft units; zero when there are none
	Version   int64     // counts the changes; 1 when first saved
}

// Open is the number of units still held.
func (r *Reservation) Open() int64 { return r.Soft + r.Committed + r.Picked + r.Packed }

// Expired tells whether the soft units no longer hold anything back.
func (r *Reservation) Expired(now time.Time) bool { return r.Soft > 0 && !now.Before(r.Until) }

// Of is the number of units in one of the four states that a reservation spans.
func (r *Reservation) Of(s State) int64 {
	if p := r.counter(s); p != nil && s.AtLocation() && s != Free {
		return *p
	}
	return 0
}

// counter maps where units are, or where they go, to the counter that has them.
func (r *Reservation) counter(s State) *int64 {
	switch s {
	case Soft:
		return &r.Soft
	case Committed:
		return &r.Committed
	case Picked:
		return &r.Picked
	case Packed:
		return &r.Packed
	case Customer, InTransit:
		return &r.Shipped
	case Free, Shrink:
		return &r.Released
	}
	return nil
}

// Hold asks for units at a location. A second soft hold under the same key replaces
// the first, so that nobody is blocked by their own cart; a committed one adds.
type Hold struct {
	Owner    string
	Line     int
	Item     string // of a kit its components are held; a soft hold of one needs a Line of its own
	Lot      string // empty takes from any lot, in lot order
	Location string
	Qty      int64
	Until    time.Time // end of a soft hold; zero commits at once

	// Channel is where the units are sold, if that matters: its rules hold. What is committed
	// comes out of its pool first.
	Channel string `json:",omitempty"`

	// Life is how long units have to last at least, from now on: a lot that expires before
	// is not taken. Zero takes whatever has not expired.
	Life time.Duration `json:",omitzero"`
}

// Step moves Qty units of a reservation from one state to the next.
type Step struct {
	Key  ReservationKey
	From State
	To   State
	Qty  int64
}

// steps is the whole life of a reserved unit. Undo follows the unit's position: what
// was promised or picked becomes free again where it lies, what has shipped comes
// back only as a return.
var steps = map[[2]State]Reason{
	{Soft, Committed}:      ReasonReserve,
	{Soft, Free}:           ReasonRelease,
	{Committed, Free}:      ReasonRelease,
	{Picked, Free}:         ReasonRelease,
	{Packed, Free}:         ReasonRelease,
	{Picked, Committed}:    ReasonRelease,
	{Packed, Committed}:    ReasonRelease,
	{Committed, Picked}:    ReasonPick,
	{Committed, Packed}:    ReasonPack,
	{Picked, Packed}:       ReasonPack,
	{Committed, Customer}:  ReasonShip,
	{Picked, Customer}:     ReasonShip,
	{Packed, Customer}:     ReasonShip,
	{Committed, InTransit}: ReasonTransfer,
	{Committed, Shrink}:    ReasonShort,
	{Picked, Shrink}:       ReasonShort,
}
