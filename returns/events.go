package returns

import "github.com/orderkit/oms/order"

// Event is something that happened to a return. It belongs to the timeline of its
// order, or of the return itself when there is none. Kind is stable and goes on the
// wire. Units name lines of the return.
type Event interface{ Kind() string }

// Requested: a buyer wants to send units back.
type Requested struct {
	Return ID              `json:"return"`
	Ref    string          `json:"ref,omitempty"`
	Units  []order.LineQty `json:"units"`
}

// Approved: the goods may come.
type Approved struct {
	Return ID `json:"return"`
}

// Declined: the goods are not wanted.
type Declined struct {
	Return ID     `json:"return"`
	Why    string `json:"why,omitempty"`
}

// Cancelled: the request was taken back.
type Cancelled struct {
	Return ID `json:"return"`
}

// Received: goods arrived.
type Received struct {
	Return   ID              `json:"return"`
	Location string          `json:"location"`
	Units    []order.LineQty `json:"units"`
}

// Missed: goods will not come.
type Missed struct {
	Return ID              `json:"return"`
	Units  []order.LineQty `json:"units"`
}

// Inspected: goods have their dispositions.
type Inspected struct {
	Return  ID         `json:"return"`
	Decided []Disposed `json:"decided"`
}

// Refunded: money went back.
type Refunded struct {
	Return ID              `json:"return"`
	Units  []order.LineQty `json:"units,omitempty"`
	Amount order.Money     `json:"amount"`
}

// Closed: nothing is left to do.
type Closed struct {
	Return ID `json:"return"`
}

// StateChanged: a return took an edge of the host's own.
type StateChanged struct {
	Return ID     `json:"return"`
	Action Action `json:"action"`
	From   State  `json:"from"`
	To     State  `json:"to"`
}

// Kind is "return.requested".
func (Requested) Kind() string { return "return.requested" }

// Kind is "return.approved".
func (Approved) Kind() string { return "return.approved" }

// Kind is "return.declined".
func (Declined) Kind() string { return "return.declined" }

// Kind is "return.cancelled".
func (Cancelled) Kind() string { return "return.cancelled" }

// Kind is "return.received".
func (Received) Kind() string { return "return.received" }

// Kind is "return.missing".
func (Missed) Kind() string { return "return.missing" }

// Kind is "return.inspected".
func (Inspected) Kind() string { return "return.inspected" }

// Kind is "return.refunded".
func (Refunded) Kind() string { return "return.refunded" }

// Kind is "return.closed".
func (Closed) Kind() string { return "return.closed" }

// Kind is "return.state_changed".
func (StateChanged) Kind() string { return "return.state_changed" }
