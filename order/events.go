package order

import "encoding/json"

// Event is something that happened to an order. Kind is stable and goes on the wire;
// the fields carry ids and amounts, never personal data.
type Event interface{ Kind() string }

// Placed: the order was sold.
type Placed struct {
	Number   string `json:"number"`
	Channel  string `json:"channel,omitempty"`
	Customer string `json:"customer,omitempty"`
	Lines    int    `json:"lines"`
	Units    int64  `json:"units"`
	Total    Money  `json:"total"`
}

// Confirmed: the order may be fulfilled.
type Confirmed struct{}

// Allocated: units were promised stock at locations, or put on backorder.
type Allocated struct {
	Strategy    string       `json:"strategy"`
	Fingerprint string       `json:"fingerprint,omitempty"` // of the stock the plan saw
	Assigned    []Assignment `json:"assigned,omitempty"`
	Backordered []LineQty    `json:"backordered,omitempty"`

	// Record is the allocation.Record of the plan, where the Engine is told to keep them.
	Record json.RawMessage `json:"record,omitempty"`
}

// Assignment is a number of units of a line promised at a location.
type Assignment struct {
	Line     int    `json:"line"`
	Location string `json:"location"`
	Qty      int64  `json:"qty"`
}

// Cancelled: the whole order.
type Cancelled struct {
	Reason CancelReason `json:"reason"`
	Units  int64        `json:"units,omitempty"` // that this command cancelled
}

// UnitsCancelled: some units.
type UnitsCancelled struct {
	Reason CancelReason `json:"reason"`
	Units  []LineQty    `json:"units"`
}

// Expired: not paid in time.
type Expired struct {
	Units int64 `json:"units"`
}

// Closed: nothing is left to do.
type Closed struct{}

// Reopened: there is work again.
type Reopened struct{}

// HoldAdded: the order, or a line, was stopped.
type HoldAdded struct {
	Owner  string     `json:"owner"`
	Handle string     `json:"handle"`
	Reason HoldReason `json:"reason"`
	Line   int        `json:"line,omitempty"`
}

// HoldReleased: one hold was lifted.
type HoldReleased struct {
	Owner  string `json:"owner"`
	Handle string `json:"handle"`
}

// PaymentRecorded: an operation was recorded or its outcome became known.
type PaymentRecorded struct {
	Operation string          `json:"operation"`
	OpKind    OperationKind   `json:"operation_kind"`
	Status    OperationStatus `json:"status"`
	Amount    Money           `json:"amount"`
	Tender    string          `json:"tender,omitempty"`
	Return    string          `json:"return,omitempty"`
}

// Credited: the buyer no longer owes money for units or charges.
type Credited struct {
	Return string    `json:"return,omitempty"`
	Units  []LineQty `json:"units,omitempty"`
	Amount Money     `json:"amount"`
}

// StateChanged: the order took an edge of the host's own.
type StateChanged struct {
	Action Action `json:"action"`
	From   State  `json:"from"`
	To     State  `json:"to"`
}

// Kind is "order.placed".
func (Placed) Kind() string { return "order.placed" }

// Kind is "order.confirmed".
func (Confirmed) Kind() string { return "order.confirmed" }

// Kind is "order.allocated".
func (Allocated) Kind() string { return "order.allocated" }

// Kind is "order.cancelled".
func (Cancelled) Kind() string { return "order.cancelled" }

// Kind is "order.units_cancelled".
func (UnitsCancelled) Kind() string { return "order.units_cancelled" }

// Kind is "order.expired".
func (Expired) Kind() string { return "order.expired" }

// Kind is "order.closed".
func (Closed) Kind() string { return "order.closed" }

// Kind is "order.reopened".
func (Reopened) Kind() string { return "order.reopened" }

// Kind is "order.hold_added".
func (HoldAdded) Kind() string { return "order.hold_added" }

// Kind is "order.hold_released".
func (HoldReleased) Kind() string { return "order.hold_released" }

// Kind is "order.payment_recorded".
func (PaymentRecorded) Kind() string { return "order.payment_recorded" }

// Kind is "order.credited".
func (Credited) Kind() string { return "order.credited" }

// Kind is "order.state_changed".
func (StateChanged) Kind() string { return "order.state_changed" }
