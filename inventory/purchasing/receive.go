package purchasing

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// Receipt is goods of a purchase order that arrived together. Its reference, such as the
// number of the delivery note, names it within the order.
type Receipt struct {
	Ref   string        `json:"ref"`
	Lines []ReceiptLine `json:"lines"`
	At    time.Time     `json:"at,omitzero"` // when it was booked; set by the command

	Posting uuid.UUID `json:"posting,omitzero"` // by which accepted units came into the ledger; set by the command
}

// ReceiptLine is units of one line of the order; several may be of the same, for several
// lots or locations.
type ReceiptLine struct {
	Line     int             `json:"line"`
	Item     string          `json:"item,omitempty"`     // of the line; set by the command
	Location string          `json:"location,omitempty"` // empty is where the line is to arrive
	Accepted int64           `json:"accepted,omitempty"`
	Into     inventory.State `json:"into,omitzero"` // Free (the zero value means it), or QC to be inspected first
	Rejected int64           `json:"rejected,omitempty"`
	Reason   RejectReason    `json:"reason,omitempty"` // of the rejected units
	Fate     Fate            `json:"fate,omitempty"`   // of the rejected units: Kept (the zero value means it) or SentBack

	Lot    string    `json:"lot,omitempty"`
	Expiry time.Time `json:"expiry,omitzero"` // of the lot
}

// RejectReason says why units are not wanted.
type RejectReason string

// The reasons for rejecting.
const (
	RejectDamaged   RejectReason = "damaged"
	RejectDefective RejectReason = "defective"
	RejectWrongItem RejectReason = "wrong_item"
	RejectExpired   RejectReason = "expired"
	RejectExcess    RejectReason = "excess" // more than was ordered
	RejectOther     RejectReason = "other"
)

// Fate is what is done with rejected units.
type Fate string

// The fates.
const (
	Kept     Fate = "kept"      // at the location, as damaged, until somebody decides
	SentBack Fate = "sent_back" // never taken in: the ledger does not see them
)

// Inbound is units that the ledger has to book for a receipt.
type Inbound struct {
	inventory.Movement
	Line     int             // of the order
	UnitCost decimal.Decimal // before landed costs
	Expiry   time.Time
}

// Receive books goods that arrived: what the ledger has to take in, and the order with
// every unit accounted for. The same receipt again changes nothing; another one under the
// same reference is *ReceiptError. More units than the tolerance allows are
// *ToleranceError, and nothing of the receipt is booked.
func (f *Flow) Receive(o Order, r Receipt, now time.Time) (Order, []Inbound, []Event, error) {
	r.Lines = slices.Clone(r.Lines)
	for i := range r.Lines {
		if err := r.Lines[i].settle(&o); err != nil {
			return o, nil, nil, err
		}
	}
	if had, ok := o.Receipt(r.Ref); ok {
		if slices.EqualFunc(had.Lines, r.Lines, ReceiptLine.equal) {
			return o, nil, nil, nil
		}
		return o, nil, nil, &ReceiptError{Order: o.ID, Ref: r.Ref, At: had.At}
	}
	if err := f.incoming(&o, ActionReceive); err != nil {
		return o, nil, nil, err
	}
	if err := inventory.CheckID("receipt", r.Ref); err != nil {
		return o, nil, nil, err
	}
	if len(r.Lines) == 0 {
		return o, nil, nil, fmt.Errorf("%w: receipt %q has no lines", ErrQuantity, r.Ref)
	}
	n := o.next(now)
	in, over, err := n.take(r.Lines)
	if err != nil {
		return o, nil, nil, err
	}
	r.At, r.Posting = now, uuid.Nil
	n.Receipts = append(n.Receipts, r)
	action := ActionReceive
	if n.expected() == 0 {
		action = ActionComplete
	}
	if err := f.fire(&n, action, now); err != nil {
		return o, nil, nil, err
	}
	events := []Event{Received{Order: o.ID, Ref: r.Ref, Lines: r.Lines, State: n.State}}
	if len(over) > 0 {
		events = append(events, OverReceived{Order: o.ID, Ref: r.Ref, Units: over})
	}
	return n, in, events, nil
}

// settle gives a line of a receipt what it leaves open, or refuses it.
func (r *ReceiptLine) settle(o *Order) error {
	l, ok := o.Line(r.Line)
	if !ok {
		return &LineError{Line: r.Line, Want: r.Accepted + r.Rejected, Err: ErrUnknownLine}
	}
	refuse := func(err error, format string, args ...any) error {
		return &LineError{Line: r.Line, Want: r.Accepted, Facts: *l, Err: fmt.Errorf("%w: "+format, append([]any{err}, args...)...)}
	}
	switch {
	case min(r.Accepted, r.Rejected) < 0 || max(r.Accepted, r.Rejected) > inventory.MaxQty || r.Accepted+r.Rejected == 0:
		return refuse(ErrQuantity, "%d accepted and %d rejected units; neither is below zero or above %d, and not both are zero",
			r.Accepted, r.Rejected, int64(inventory.MaxQty))
	case r.Into != 0 && r.Into != inventory.Free && r.Into != inventory.QC:
		return refuse(inventory.ErrState, "into %s; accepted units go into free or qc", r.Into)
	case r.Rejected == 0 && (r.Reason != "" || r.Fate != ""):
		return refuse(ErrReason, "a reason or fate for units that are not rejected")
	case r.Rejected > 0 && !r.Reason.known():
		return refuse(ErrReason, "%q; rejected units are damaged, defective, wrong_item, expired, excess or other", r.Reason)
	case r.Fate != "" && r.Fate != Kept && r.Fate != SentBack:
		return refuse(ErrReason, "fate %q; rejected units are kept or sent_back", r.Fate)
	}
	r.Item = l.Item
	if r.Location == "" {
		r.Location = l.Location
	}
	if r.Into == 0 {
		r.Into = inventory.Free
	}
	if r.Rejected > 0 && r.Fate == "" {
		r.Fate = Kept
	}
	r.Expiry = r.Expiry.UTC().Truncate(time.Microsecond)
	return inventory.CheckLot(r.Lot)
}

func (r RejectReason) known() bool {
	switch r {
	case RejectDamaged, RejectDefective, RejectWrongItem, RejectExpired, RejectExcess, RejectOther:
		return true
	}
	return false
}

func (r ReceiptLine) equal(o ReceiptLine) bool {
	return r.Line == o.Line && r.Location == o.Location && r.Accepted == o.Accepted && r.Into == o.Into && r.Rejected == o.Rejected &&
		r.Reason == o.Reason && r.Fate == o.Fate && r.Lot == o.Lot && r.Expiry.Equal(o.Expiry)
}

// take counts the lines of a receipt on the order, and says what comes in and on which
// lines more came than was ordered.
func (o *Order) take(lines []ReceiptLine) (in []Inbound, over []LineUnits, err error) {
	before := slices.Clone(o.Lines)
	for _, r := range lines {
		l, _ := o.Line(r.Line)
		l.Accepted += r.Accepted
		l.Rejected += r.Rejected
		if err := l.Check(o.Tolerance); err != nil {
			return nil, nil, err
		}
		from := inventory.Outside(inventory.Supplier)
		if r.Accepted > 0 {
			in = append(in, Inbound{Line: r.Line, UnitCost: l.UnitCost, Expiry: r.Expiry, Movement: inventory.Movement{
				Item: l.Item, Lot: r.Lot, From: from, To: inventory.At(r.Location, r.Into), Qty: r.Accepted}})
		}
		if r.Rejected > 0 && r.Fate == Kept {
			in = append(in, Inbound{Line: r.Line, UnitCost: l.UnitCost, Expiry: r.Expiry, Movement: inventory.Movement{
				Item: l.Item, Lot: r.Lot, From: from, To: inventory.At(r.Location, inventory.Damaged), Qty: r.Rejected}})
		}
	}
	for i := range o.Lines {
		l, was := &o.Lines[i], &before[i]
		ordered := l.Qty - l.Cancelled
		if more := max(0, l.Received()-ordered) - max(0, was.Received()-ordered); more > 0 {
			over = append(over, LineUnits{Line: l.No, Item: l.Item, Qty: more})
		}
	}
	return in, over, nil
}
