package returns

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/order"
)

// ID identifies a return.
type ID struct{ uuid.UUID }

// ParseID reads the canonical form.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	return ID{u}, err
}

// Return is an RMA: what a buyer sends back, and what became of it.
type Return struct {
	ID        ID
	Order     order.ID // zero for a return without an order
	Customer  string
	Ref       string // the host's document, such as a credit note number
	State     State
	Version   int64  // counts the changes; 1 when first saved
	Location  string // where the goods are received; set by the first receipt
	Lines     []Line
	Verdicts  []Verdict // what the policy said when it was requested
	Refunded  order.Money
	CreatedAt time.Time
	UpdatedAt time.Time
	ClosedAt  time.Time
}

// Line is units of one order line, or of an item in a blind return.
type Line struct {
	No      int    `json:"no"`             // 1, 2, … within the return
	Line    int    `json:"line,omitempty"` // number of the order line; zero in a blind return
	Item    string `json:"item"`
	Stocked bool   `json:"stocked"`
	Qty     int64  `json:"qty"`
	Reason  Reason `json:"reason"`

	Received int64 `json:"received,omitempty"`
	Missing  int64 `json:"missing,omitempty"` // will not come back

	Restocked int64 `json:"restocked,omitempty"`
	Damaged   int64 `json:"damaged,omitempty"`
	Scrapped  int64 `json:"scrapped,omitempty"`
	Rejected  int64 `json:"rejected,omitempty"` // not accepted: held to be sent back

	RefundedUnits int64       `json:"refunded_units,omitempty"`
	Worth         order.Money `json:"worth"` // of all Qty units; only in a blind return
}

// Inspected is the number of received units with a disposition.
func (l *Line) Inspected() int64 { return l.Restocked + l.Damaged + l.Scrapped + l.Rejected }

// Open is the number of units neither received nor given up.
func (l *Line) Open() int64 { return l.Qty - l.Received - l.Missing }

// Check is the law of a line:
//
//	received + missing ≤ qty
//	restocked + damaged + scrapped + rejected ≤ received
//	refunded_units + rejected ≤ qty
func (l *Line) Check() error {
	ok := min(l.Qty, l.Received, l.Missing, l.Restocked, l.Damaged, l.Scrapped, l.Rejected, l.RefundedUnits) >= 0 &&
		l.Received+l.Missing <= l.Qty && l.Inspected() <= l.Received && l.RefundedUnits+l.Rejected <= l.Qty
	if !ok {
		return &LineError{Err: ErrQuantity, Facts: *l}
	}
	return nil
}

// Blind tells whether the return belongs to no order.
func (r *Return) Blind() bool { return r.Order == order.ID{} }

// Line finds a line by its number within the return.
func (r *Return) Line(no int) (*Line, bool) {
	if no < 1 || no > len(r.Lines) {
		return nil, false
	}
	return &r.Lines[no-1], true
}

// Clone returns a copy that shares nothing that can change.
func (r Return) Clone() Return {
	r.Lines = slices.Clone(r.Lines)
	r.Verdicts = slices.Clone(r.Verdicts)
	return r
}

func (r Return) next(now time.Time) Return {
	r = r.Clone()
	r.UpdatedAt = now
	return r
}

// Reason is why a buyer sends something back.
type Reason string

// The reasons for returning.
const (
	Unwanted      Reason = "unwanted"
	TooSmall      Reason = "too_small"
	TooLarge      Reason = "too_large"
	Defective     Reason = "defective"
	WrongItem     Reason = "wrong_item"
	NotAsShown    Reason = "not_as_described"
	DamagedAtDoor Reason = "damaged_in_transit"
	OtherReason   Reason = "other"
)

func (r Reason) valid() bool {
	switch r {
	case Unwanted, TooSmall, TooLarge, Defective, WrongItem, NotAsShown, DamagedAtDoor, OtherReason:
		return true
	}
	return false
}

// Disposition is what is done with inspected units.
type Disposition string

// The dispositions.
const (
	Restock Disposition = "restock" // sellable again
	Damage  Disposition = "damaged" // kept, not sellable
	Scrap   Disposition = "scrap"   // destroyed
	Reject  Disposition = "reject"  // not accepted, held to be sent back; no refund
)

// Verdict is what one rule of a policy says about a request.
type Verdict struct {
	Rule     string `json:"rule"`
	Line     int    `json:"line,omitempty"` // number of the order line; zero for the whole request
	Result   Result `json:"result"`
	Evidence string `json:"evidence,omitempty"`
}

// Result is the outcome of a rule.
type Result string

// The results of a rule.
const (
	Pass   Result = "pass"
	Fail   Result = "fail"
	Manual Result = "manual" // a person decides
)

// Rule judges one wanted line of an order at a moment.
type Rule func(o *order.Order, l *order.Line, now time.Time) Verdict

// Policy is the rules that every wanted line has to pass.
type Policy []Rule

// WithinDays passes until the given number of days after the order was confirmed.
// Exactly that many days is outside.
func WithinDays(days int) Rule {
	return func(o *order.Order, l *order.Line, now time.Time) Verdict {
		v := Verdict{Rule: "within_days", Line: l.No, Result: Pass}
		end := o.ConfirmedAt.AddDate(0, 0, days)
		if !now.Before(end) {
			v.Result, v.Evidence = Fail, "the window ended "+end.Format(time.RFC3339)
		}
		return v
	}
}

// OnlyDelivered passes when every unit of the line that shipped has arrived.
func OnlyDelivered() Rule {
	return func(_ *order.Order, l *order.Line, _ time.Time) Verdict {
		v := Verdict{Rule: "only_delivered", Line: l.No, Result: Pass}
		if l.Delivered < l.Shipped {
			v.Result, v.Evidence = Fail, "units are still on their way to the buyer"
		}
		return v
	}
}
