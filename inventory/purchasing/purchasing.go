package purchasing

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// ID identifies a purchase order for ever. People use the Number.
type ID struct{ uuid.UUID }

// ParseID reads the canonical form.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	return ID{u}, err
}

// Order is a purchase order: what is bought from a supplier, and how much of it has come.
// Commands never change an Order in place; they return the next one. Amounts are in
// Currency, which is a label: nothing is converted, and costs reach the valuation of stock
// as they stand.
type Order struct {
	ID        ID              `json:"id"`
	Number    string          `json:"number,omitempty"` // for people; postings name it
	Supplier  string          `json:"supplier"`
	State     State           `json:"state"`
	Version   int64           `json:"version"` // counts the changes; 1 when first saved
	Currency  string          `json:"currency,omitempty"`
	Tolerance Tolerance       `json:"tolerance"`
	Lines     []Line          `json:"lines"`
	Tax       decimal.Decimal `json:"tax"` // on the invoice; not part of what goods are worth
	Costs     []Cost          `json:"costs,omitempty"`
	Receipts  []Receipt       `json:"receipts,omitempty"` // in the order they were booked
	Note      string          `json:"note,omitempty"`
	CreatedAt time.Time       `json:"created_at"`
	UpdatedAt time.Time       `json:"updated_at"`
	IssuedAt  time.Time       `json:"issued_at,omitzero"`
	EndedAt   time.Time       `json:"ended_at,omitzero"` // closed or cancelled
}

// Tolerance says how far a receipt may be from what was ordered, in percent of it.
type Tolerance struct {
	Over  decimal.Decimal `json:"over"`  // what may come beyond it, rounded down to units; at most MaxTolerance
	Under decimal.Decimal `json:"under"` // what may be missing when the order is closed; at most 100
}

// MaxTolerance is the largest tolerance of an over-receipt, in percent.
const MaxTolerance = 1000

// of is a percentage of units, rounded down.
func of(percent decimal.Decimal, qty int64) int64 {
	return percent.Mul(decimal.NewFromInt(qty)).Shift(-2).Floor().IntPart()
}

// Line is one position of a purchase order. Quantities are in the item's base unit.
type Line struct {
	No       int             `json:"no"` // 1, 2, … in the order given
	Item     string          `json:"item"`
	SKU      string          `json:"sku,omitempty"` // the supplier's name for it
	Location string          `json:"location"`      // where it is to arrive
	Qty      int64           `json:"qty"`
	UnitCost decimal.Decimal `json:"unit_cost"`        // of one base unit; at most CostPlaces decimal places
	Weight   int64           `json:"weight,omitempty"` // of one base unit, in any one unit; where costs go by weight
	Due      time.Time       `json:"due"`

	Accepted  int64 `json:"accepted,omitempty"`  // in stock, or in inspection
	Rejected  int64 `json:"rejected,omitempty"`  // came, and was not wanted
	Cancelled int64 `json:"cancelled,omitempty"` // will not come
}

// Received is the number of units that came, wanted or not.
func (l *Line) Received() int64 { return l.Accepted + l.Rejected }

// Expected is the number of units that are still to come.
func (l *Line) Expected() int64 { return max(0, l.Qty-l.Cancelled-l.Received()) }

// Limit is the most units that may come of a line, all receipts together. Of a line that
// was cut short no more may come than was left of it.
func (l *Line) Limit(t Tolerance) int64 {
	if l.Cancelled > 0 {
		return l.Qty - l.Cancelled
	}
	return l.Qty + of(t.Over, l.Qty)
}

// Amount is what the ordered units cost, exactly.
func (l *Line) Amount() decimal.Decimal { return l.UnitCost.Mul(decimal.NewFromInt(l.Qty)) }

// Check is the law of a line:
//
//	received ≤ limit
//	received + cancelled ≤ qty, unless nothing is cancelled
//
// so that accepted + rejected + cancelled + expected = qty, or more by what came over.
func (l *Line) Check(t Tolerance) error {
	switch {
	case min(l.Accepted, l.Rejected, l.Cancelled) < 0 || l.Cancelled > l.Qty:
		return &LineError{Line: l.No, Err: ErrQuantity, Facts: *l}
	case l.Received() > l.Limit(t):
		return &ToleranceError{Line: l.No, Item: l.Item, Ordered: l.Qty - l.Cancelled, Received: l.Received(), Limit: l.Limit(t)}
	}
	return nil
}

// Line finds a line by its number.
func (o *Order) Line(no int) (*Line, bool) {
	if no < 1 || no > len(o.Lines) {
		return nil, false
	}
	return &o.Lines[no-1], true
}

// Receipt finds a receipt by its reference.
func (o *Order) Receipt(ref string) (*Receipt, bool) {
	i := slices.IndexFunc(o.Receipts, func(r Receipt) bool { return r.Ref == ref })
	if i < 0 {
		return nil, false
	}
	return &o.Receipts[i], true
}

// Name is how documents and postings name the order: by its number, or its id.
func (o *Order) Name() string {
	if o.Number != "" {
		return o.Number
	}
	return o.ID.String()
}

// Totals are the sums of a purchase order, exact: nothing is rounded.
type Totals struct {
	Subtotal decimal.Decimal // the lines, as ordered
	Tax      decimal.Decimal
	Freight  decimal.Decimal // the costs of that kind
	Other    decimal.Decimal // all other costs
	Total    decimal.Decimal
}

// Totals sums what was ordered.
func (o *Order) Totals() Totals {
	t := Totals{Tax: o.Tax}
	for i := range o.Lines {
		t.Subtotal = t.Subtotal.Add(o.Lines[i].Amount())
	}
	for i := range o.Costs {
		c := &o.Costs[i]
		if c.Kind == Freight {
			t.Freight = t.Freight.Add(c.Amount)
		} else {
			t.Other = t.Other.Add(c.Amount)
		}
	}
	t.Total = t.Subtotal.Add(t.Tax).Add(t.Freight).Add(t.Other)
	return t
}

// Worth is what the accepted units cost, landed costs included.
func (o *Order) Worth() decimal.Decimal {
	var sum decimal.Decimal
	for i := range o.Lines {
		sum = sum.Add(o.Lines[i].UnitCost.Mul(decimal.NewFromInt(o.Lines[i].Accepted)))
	}
	for i := range o.Costs {
		sum = sum.Add(o.Costs[i].Borne())
	}
	return sum
}

// expected is the number of units of all lines that are still to come.
func (o *Order) expected() int64 {
	var sum int64
	for i := range o.Lines {
		sum += o.Lines[i].Expected()
	}
	return sum
}

func (o *Order) received() int64 {
	var sum int64
	for i := range o.Lines {
		sum += o.Lines[i].Received()
	}
	return sum
}

// Clone returns a copy that shares nothing that commands change.
func (o Order) Clone() Order {
	o.Lines = slices.Clone(o.Lines)
	o.Receipts = slices.Clone(o.Receipts)
	o.Costs = slices.Clone(o.Costs)
	for i := range o.Costs {
		o.Costs[i].Landed = slices.Clone(o.Costs[i].Landed)
	}
	return o
}

func (o Order) next(now time.Time) Order {
	o = o.Clone()
	o.UpdatedAt = now
	return o
}
