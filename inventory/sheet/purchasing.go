package sheet

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
)

const (
	dayLong = 24 * time.Hour
	maxLead = int64(purchasing.MaxLeadTime / dayLong)
)

// Supplier is a row of the sheet of suppliers. What they sell is in the sheet of terms.
type Supplier struct {
	ID       string
	Name     string
	LeadDays int64
}

// Suppliers is the sheet of suppliers. Rows are told apart by id.
func Suppliers() Sheet[Supplier] {
	return Sheet[Supplier]{columns: []column[Supplier]{
		id("id", func(s *Supplier) *string { return &s.ID }).needed().keyed(),
		text("name", func(s *Supplier) *string { return &s.Name }),
		whole("lead_days", 0, maxLead, func(s *Supplier) *int64 { return &s.LeadDays }),
	}}
}

// Term is a row of the sheet of terms: at what a supplier sells an item.
type Term struct {
	Supplier string
	Item     string
	SKU      string // the supplier's name for it
	Price    decimal.NullDecimal
	MinQty   int64
	Multiple int64 // units of a pack
	LeadDays int64 // zero is that of the supplier
}

// SupplierItem is the term as the supplier keeps it.
func (t Term) SupplierItem() purchasing.SupplierItem {
	return purchasing.SupplierItem{
		Item: t.Item, SKU: t.SKU, Price: t.Price.Decimal, MinQty: t.MinQty, Multiple: t.Multiple, LeadTime: time.Duration(t.LeadDays) * dayLong,
	}
}

// Terms is the sheet of what suppliers sell. Rows are told apart by supplier and item.
func Terms() Sheet[Term] {
	return Sheet[Term]{columns: []column[Term]{
		id("supplier", func(t *Term) *string { return &t.Supplier }).needed().keyed().of("supplier"),
		id("item", func(t *Term) *string { return &t.Item }).needed().keyed().of("item"),
		text("sku", func(t *Term) *string { return &t.SKU }),
		cost("price", func(t *Term) *decimal.NullDecimal { return &t.Price }).needed(),
		whole("min_qty", 0, inventory.MaxQty, func(t *Term) *int64 { return &t.MinQty }),
		whole("multiple", 0, inventory.MaxQty, func(t *Term) *int64 { return &t.Multiple }),
		whole("lead_days", 0, maxLead, func(t *Term) *int64 { return &t.LeadDays }),
	}}
}

// PurchaseLine is a row of the sheet of purchase orders: one line, with what it says of
// its order.
type PurchaseLine struct {
	Number   string // of the purchase order
	Line     int64  // within it
	Supplier string
	Currency string
	Item     string
	Location string
	Qty      int64
	UnitCost decimal.NullDecimal
	Due      time.Time // zero is when the supplier usually delivers
}

// DraftLine is the line as a draft has it.
func (p PurchaseLine) DraftLine() purchasing.DraftLine {
	return purchasing.DraftLine{Item: p.Item, Location: p.Location, Qty: p.Qty, UnitCost: p.UnitCost.Decimal, Due: p.Due}
}

// Purchases is the sheet of purchase orders. Rows are told apart by number and line.
func Purchases() Sheet[PurchaseLine] {
	type line = PurchaseLine
	return Sheet[line]{columns: []column[line]{
		id("number", func(p *line) *string { return &p.Number }).needed().keyed(),
		whole("line", 1, purchasing.MaxLines, func(p *line) *int64 { return &p.Line }).needed().keyed(),
		id("supplier", func(p *line) *string { return &p.Supplier }).needed().of("supplier"),
		text("currency", func(p *line) *string { return &p.Currency }),
		id("item", func(p *line) *string { return &p.Item }).needed().of("item"),
		id("location", func(p *line) *string { return &p.Location }).needed().of("location"),
		whole("qty", 1, inventory.MaxQty, func(p *line) *int64 { return &p.Qty }).needed(),
		cost("unit_cost", func(p *line) *decimal.NullDecimal { return &p.UnitCost }).needed(),
		day("due", func(p *line) *time.Time { return &p.Due }),
	}}
}
