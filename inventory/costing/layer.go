package costing

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// Head is the book of one item: what is owned of it and what that is worth.
type Head struct {
	Item   string               `json:"item"`
	Method inventory.CostMethod `json:"method,omitempty"`
	Qty    int64                `json:"qty"`   // units owned
	Value  decimal.Decimal      `json:"value"` // what they are worth together

	// Under the average: what the units that were there after the last receipt were worth.
	Of    int64           `json:"of,omitempty"`
	Total decimal.Decimal `json:"total,omitzero"`

	Last    decimal.NullDecimal `json:"last,omitzero"` // cost of one unit of the last receipt
	Seq     int64               `json:"seq"`           // of the last entry
	Layers  int64               `json:"layers"`        // that have units left
	At      time.Time           `json:"at"`            // of the last entry
	Version int64               `json:"version"`
}

// Unit is the present cost of one unit, rounded, and whether there is one.
func (h *Head) Unit() (decimal.Decimal, bool) {
	if h.Qty > 0 {
		return h.Value.DivRound(decimal.NewFromInt(h.Qty), inventory.CostPlaces), true
	}
	return h.Last.Decimal, h.Last.Valid
}

// add counts units that come or go at a cost.
func (h *Head) add(qty int64, value decimal.Decimal) {
	h.Qty += qty
	h.Value = h.Value.Add(value)
	if h.Method == inventory.CostAverage && qty >= 0 {
		h.Of, h.Total = h.Qty, h.Value
	}
}

// average is what the next units to leave are worth.
func (h *Head) average(qty int64) decimal.Decimal {
	gone := h.Of - h.Qty
	return Share(h.Total, gone, gone+qty, h.Of)
}

// Layer is units that came in together. Those from position From to To are still there,
// of Of that cost Total together. Units that were returned are a layer of their own,
// behind the one that they came from and at the same place in line.
type Layer struct {
	ID      string          `json:"id"`
	Item    string          `json:"item"`
	Root    string          `json:"root"`    // the layer that its units first came in with
	Posting uuid.UUID       `json:"posting"` // what that came in with
	Seq     int64           `json:"seq"`     // place in line: of the entry that first opened it
	Of      int64           `json:"of"`
	Total   decimal.Decimal `json:"total"`
	From    int64           `json:"from"`
	To      int64           `json:"to"`
	At      time.Time       `json:"at"`
	Version int64           `json:"version"`

	changed bool
}

// Left is the number of units that are still there.
func (l *Layer) Left() int64 { return l.To - l.From }

// Value is what those cost.
func (l *Layer) Value() decimal.Decimal { return Share(l.Total, l.From, l.To, l.Of) }

// Compare orders layers as they leave.
func (l *Layer) Compare(o *Layer) int {
	return cmp.Or(cmp.Compare(l.Seq, o.Seq), strings.Compare(l.ID, o.ID))
}

// LayerID names the layer that a movement of a posting opens.
func LayerID(posting uuid.UUID, movement int) string {
	return fmt.Sprintf("%s/%04d", posting, movement)
}

// Slice is units of a layer that left under a document.
type Slice struct {
	Root    string          `json:"root"`
	Posting uuid.UUID       `json:"posting"`
	Seq     int64           `json:"seq"`
	Of      int64           `json:"of"`
	Total   decimal.Decimal `json:"total"`
	From    int64           `json:"from"`
	To      int64           `json:"to"`
	Value   decimal.Decimal `json:"value"`          // what they left at
	Back    int64           `json:"back,omitempty"` // how many of them came back, the first ones first
}

// Sale is what left for a customer under a document: an order, most often.
type Sale struct {
	Item     string          `json:"item"`
	Document string          `json:"document"`
	Qty      int64           `json:"qty"`       // units that left
	Cost     decimal.Decimal `json:"cost"`      // what they cost
	Back     int64           `json:"back"`      // units that came back
	BackCost decimal.Decimal `json:"back_cost"` // what those had cost
	Out      []Slice         `json:"out"`       // the units that are out, the first ones first
	Version  int64           `json:"version"`

	changed bool
}

// SaleID names the sale of an item under a document.
func SaleID(item, document string) string { return item + "\t" + document }

// Share is what the units after the first from up to and including to cost, of all units
// together: round(total × to ÷ of) − round(total × from ÷ of) at six decimal places,
// halves away from zero. Consecutive shares from 0 to of add up to total.
func Share(total decimal.Decimal, from, to, of int64) decimal.Decimal {
	return upTo(total, to, of).Sub(upTo(total, from, of))
}

func upTo(total decimal.Decimal, at, of int64) decimal.Decimal {
	switch at {
	case 0:
		return decimal.Decimal{}
	case of:
		return total
	}
	return total.Mul(decimal.NewFromInt(at)).DivRound(decimal.NewFromInt(of), inventory.CostPlaces)
}

// Valuation is what is owned of an item at a moment.
type Valuation struct {
	Item   string
	Method inventory.CostMethod
	Qty    int64
	Value  decimal.Decimal
}

// Owned is the number of units that movements, all of one item, bring in less those that
// they take out.
func Owned(movements []inventory.Movement) int64 {
	var sum int64
	for i := range movements {
		m := &movements[i]
		if owned(m.To.State) {
			sum += m.Qty
		}
		if owned(m.From.State) {
			sum -= m.Qty
		}
	}
	return sum
}
