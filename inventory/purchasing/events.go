package purchasing

import (
	"time"

	"github.com/shopspring/decimal"
)

// Event is something that happened to a purchase order or to what is promised of it. Kind
// is stable and goes on the wire.
type Event interface{ Kind() string }

// LineUnits names a number of units of a line.
type LineUnits struct {
	Line int    `json:"line"`
	Item string `json:"item,omitempty"` // told by events; commands need not name it
	Qty  int64  `json:"qty"`
}

// LineMoved is a line with another date.
type LineMoved struct {
	Line int       `json:"line"`
	Item string    `json:"item"`
	Qty  int64     `json:"qty"` // still expected
	Was  time.Time `json:"was"`
	Due  time.Time `json:"due"`
}

// SupplierAdded: a supplier was added or its terms changed.
type SupplierAdded struct {
	Supplier Supplier `json:"supplier"`
}

// Drafted: a purchase order was begun.
type Drafted struct {
	Order    ID              `json:"order"`
	Number   string          `json:"number,omitempty"`
	Supplier string          `json:"supplier"`
	Lines    int             `json:"lines"`
	Total    decimal.Decimal `json:"total"`
}

// Edited: a draft was replaced.
type Edited struct {
	Order    ID              `json:"order"`
	Supplier string          `json:"supplier"`
	Lines    int             `json:"lines"`
	Total    decimal.Decimal `json:"total"`
}

// Issued: the order went to its supplier.
type Issued struct {
	Order    ID              `json:"order"`
	Number   string          `json:"number,omitempty"`
	Supplier string          `json:"supplier"`
	Total    decimal.Decimal `json:"total"`
}

// Acknowledged: the supplier agreed.
type Acknowledged struct {
	Order ID `json:"order"`
}

// Received: goods arrived.
type Received struct {
	Order ID            `json:"order"`
	Ref   string        `json:"ref"`
	Lines []ReceiptLine `json:"lines"`
	State State         `json:"state"`
}

// OverReceived: more came than was ordered.
type OverReceived struct {
	Order ID          `json:"order"`
	Ref   string      `json:"ref"`
	Units []LineUnits `json:"units"` // beyond what was ordered
}

// UnderReceived: the order was closed and these units never came.
type UnderReceived struct {
	Order ID          `json:"order"`
	Units []LineUnits `json:"units"`
	Why   string      `json:"why,omitempty"`
}

// DueChanged: lines have other dates.
type DueChanged struct {
	Order ID          `json:"order"`
	Lines []LineMoved `json:"lines"`
}

// Late: lines will come later than they were promised, and these orders with them.
type Late struct {
	Order    ID               `json:"order"`
	Affected []PromiseChanged `json:"affected"`
}

// CostAdded: a landed cost became known.
type CostAdded struct {
	Order ID  `json:"order"`
	Cost  int `json:"cost"`
	DraftCost
}

// Landed: costs were added to the worth of goods that came.
type Landed struct {
	Order  ID        `json:"order"`
	Shares []Landing `json:"shares"`
}

// Cancelled: units will not come.
type Cancelled struct {
	Order ID          `json:"order"`
	Units []LineUnits `json:"units,omitempty"`
	Why   string      `json:"why,omitempty"`
}

// Closed: nothing is left to do.
type Closed struct {
	Order ID `json:"order"`
}

// StateChanged: the order took an edge of the host's own.
type StateChanged struct {
	Order  ID     `json:"order"`
	Action Action `json:"action"`
	From   State  `json:"from"`
	To     State  `json:"to"`
}

// Kind is "purchase.supplier_added".
func (SupplierAdded) Kind() string { return "purchase.supplier_added" }

// Kind is "purchase.drafted".
func (Drafted) Kind() string { return "purchase.drafted" }

// Kind is "purchase.edited".
func (Edited) Kind() string { return "purchase.edited" }

// Kind is "purchase.issued".
func (Issued) Kind() string { return "purchase.issued" }

// Kind is "purchase.acknowledged".
func (Acknowledged) Kind() string { return "purchase.acknowledged" }

// Kind is "purchase.received".
func (Received) Kind() string { return "purchase.received" }

// Kind is "purchase.over_received".
func (OverReceived) Kind() string { return "purchase.over_received" }

// Kind is "purchase.under_received".
func (UnderReceived) Kind() string { return "purchase.under_received" }

// Kind is "purchase.due_changed".
func (DueChanged) Kind() string { return "purchase.due_changed" }

// Kind is "purchase.late".
func (Late) Kind() string { return "purchase.late" }

// Kind is "purchase.cost_added".
func (CostAdded) Kind() string { return "purchase.cost_added" }

// Kind is "purchase.landed".
func (Landed) Kind() string { return "purchase.landed" }

// Kind is "purchase.cancelled".
func (Cancelled) Kind() string { return "purchase.cancelled" }

// Kind is "purchase.closed".
func (Closed) Kind() string { return "purchase.closed" }

// Kind is "purchase.state_changed".
func (StateChanged) Kind() string { return "purchase.state_changed" }
