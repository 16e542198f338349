package order

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// ID identifies an order for ever. People use the Number.
type ID struct{ uuid.UUID }

// ParseID reads the canonical form.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	return ID{u}, err
}

// Order is one sale: what was sold, for how much, to whom, and where each unit and
// each payment is now. Commands never change an Order in place; they return the next
// one.
type Order struct {
	ID       ID
	Number   string // for people; unique within a tenant
	Version  int64  // counts the changes; 1 when first saved
	State    State
	Channel  string // where it was sold
	Customer string // the host's id of the buyer
	Currency Currency

	TaxIncluded bool // unit prices and charges are gross
	Rules       PriceRules
	Lines       []Line
	Charges     []Charge
	Discounts   []Discount
	Payments    []Operation
	Holds       []Hold
	ShipTo      Address
	Note        string
	Tags        []string
	Metadata    map[string]string // the host's own; stored verbatim, never interpreted

	ReserveAt    ReserveAt
	PayBy        time.Time // unpaid past this moment, the order may expire; zero never
	PlacedAt     time.Time
	ConfirmedAt  time.Time
	ClosedAt     time.Time
	CancelledAt  time.Time
	CancelReason CancelReason
	UpdatedAt    time.Time
}

// Line is one position of an order: its frozen price, and where its units are.
type Line struct {
	No        int    // 1, 2, … in the order given, then further components of kits; never reused
	Item      string // immutable item id
	SKU       string // label at the time of sale
	Title     string
	UnitPrice decimal.Decimal // in the order's currency; may be finer than its minor unit
	TaxRate   decimal.Decimal // fraction: 0.19 for 19 %
	Stocked   bool            // units are taken from stock; services have none
	Backorder bool            // demand beyond stock waits instead of being refused
	Metadata  map[string]string
	Kit       *KitPart // of a component of a kit, the kit; nil for what was sold by itself

	// Amount is unit price × ordered units, rounded once. Of a component of a kit it is its
	// part of what the kit costs, exact, and the unit price is what a unit comes to, to
	// MaxPriceDigits.
	Amount Money
	Shares []Share // of each discount that applies to the line
	Net    Money   // what the line costs without tax, after discounts
	Tax    Money
	Total  Money // Net + Tax: what the buyer pays for all ordered units

	Counters
}

// Share is the part of a discount that a line or charge bears.
type Share struct {
	Discount int   `json:"discount"` // index into Order.Discounts
	Amount   Money `json:"amount"`
}

// Charge is money for something that is not goods.
type Charge struct {
	Kind     ChargeKind
	Title    string
	Price    Money // as given: gross when the order's prices include tax
	TaxRate  decimal.Decimal
	Shares   []Share
	Net      Money
	Tax      Money
	Total    Money
	Credited Money // what the buyer no longer pays of it; at most Total
}

// ChargeKind says what a charge is for.
type ChargeKind string

// The kinds of charges.
const (
	Shipping ChargeKind = "shipping"
	Fee      ChargeKind = "fee"
)

// Discount lowers the price of lines, or of charges. Exactly one of Amount and
// Percent is set. Discounts apply in the order given, each to what the earlier ones
// left, and never take more than there is.
type Discount struct {
	Code      string
	Title     string
	Amount    Money           // fixed, apportioned by largest remainder
	Percent   decimal.Decimal // 10 for ten percent; at most MaxPriceDigits decimal places
	Lines     []int           // line numbers; empty means every line
	OnCharges bool            // applies to the charges instead of to lines
	Given     Money           // what it came to
}

// Address is where a shipment goes.
type Address struct {
	Name       string
	Company    string
	Street     []string
	City       string
	Region     string
	PostalCode string
	Country    string // ISO 3166-1 alpha-2
	Phone      string
	Email      string
	At         *Point // position, where distance matters
}

// Point is a position on earth in degrees (WGS 84).
type Point struct{ Lat, Lng float64 }

// ReserveAt says when an order takes its stock.
type ReserveAt uint8

// The moments at which an order may take its stock.
const (
	OnPlace   ReserveAt = iota // placing checks and commits at once; nothing is oversold in between
	OnConfirm                  // placing takes nothing; confirming does
)

// Line finds a line by its number.
func (o *Order) Line(no int) (*Line, bool) {
	if no < 1 || no > len(o.Lines) {
		return nil, false
	}
	return &o.Lines[no-1], true // line n is at index n−1: lines are only ever appended
}

// Clone returns a copy that shares nothing that can change.
func (o Order) Clone() Order {
	o.Lines = slices.Clone(o.Lines)
	for i := range o.Lines {
		o.Lines[i].Shares = slices.Clone(o.Lines[i].Shares)
		o.Lines[i].Metadata = maps.Clone(o.Lines[i].Metadata)
		if k := o.Lines[i].Kit; k != nil {
			part := *k
			o.Lines[i].Kit = &part
		}
	}
	o.Charges = slices.Clone(o.Charges)
	for i := range o.Charges {
		o.Charges[i].Shares = slices.Clone(o.Charges[i].Shares)
	}
	o.Discounts = slices.Clone(o.Discounts)
	for i := range o.Discounts {
		o.Discounts[i].Lines = slices.Clone(o.Discounts[i].Lines)
	}
	o.Payments = slices.Clone(o.Payments)
	o.Holds = slices.Clone(o.Holds)
	o.Tags = slices.Clone(o.Tags)
	o.Metadata = maps.Clone(o.Metadata)
	o.ShipTo = o.ShipTo.clone()
	return o
}

func (a Address) clone() Address {
	a.Street = slices.Clone(a.Street)
	if a.At != nil {
		at := *a.At
		a.At = &at
	}
	return a
}

// next is the working copy of a decision: the parts that commands change are copied,
// the frozen rest is shared.
func (o Order) next(now time.Time) Order {
	o.Lines = slices.Clone(o.Lines)
	o.Charges = slices.Clone(o.Charges)
	o.Payments = slices.Clone(o.Payments)
	o.Holds = slices.Clone(o.Holds)
	o.UpdatedAt = now
	return o
}
