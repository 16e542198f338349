package transfer

import "time"

// Event is something that happened to a transfer. Kind is stable and goes on the wire.
// Units name lines of the transfer, and lots once they are known.
type Event interface{ Kind() string }

// Drafted: a transfer was planned. Nothing has moved.
type Drafted struct {
	Transfer  ID        `json:"transfer"`
	Reference string    `json:"reference,omitempty"`
	From      string    `json:"from"`
	To        string    `json:"to"`
	Expected  time.Time `json:"expected,omitzero"`
	Lines     []Line    `json:"lines"`
}

// Edited: the plan changed. It has the whole new one.
type Edited struct{ Drafted }

// MadeReady: its stock is committed at the origin.
type MadeReady struct {
	Transfer ID      `json:"transfer"`
	From     string  `json:"from"`
	Units    []Units `json:"units"`
}

// Shipped: units left the origin.
type Shipped struct {
	Transfer ID        `json:"transfer"`
	Ref      string    `json:"ref,omitempty"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Expected time.Time `json:"expected,omitzero"`
	Units    []Units   `json:"units"`
}

// Received: units in transit have their outcome.
type Received struct {
	Transfer ID        `json:"transfer"`
	Ref      string    `json:"ref,omitempty"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Arrivals []Arrival `json:"arrivals"`
	Complete bool      `json:"complete"` // nothing is left to do
}

// Withdrawn: units that were ready will not be shipped.
type Withdrawn struct {
	Transfer ID      `json:"transfer"`
	From     string  `json:"from"`
	Units    []Units `json:"units"`
	Complete bool    `json:"complete"` // nothing is left to do
}

// Variance: the transfer was closed, and these units never arrived.
type Variance struct {
	Transfer ID      `json:"transfer"`
	From     string  `json:"from"`
	To       string  `json:"to"`
	Lost     []Units `json:"lost"`
	Why      string  `json:"why"`
}

// Cancelled: nothing will be moved.
type Cancelled struct {
	Transfer ID     `json:"transfer"`
	Why      string `json:"why,omitempty"`
}

// StateChanged: a transfer took an edge of the host's own.
type StateChanged struct {
	Transfer ID     `json:"transfer"`
	Action   Action `json:"action"`
	From     State  `json:"from"`
	To       State  `json:"to"`
}

// Kind is "transfer.drafted".
func (Drafted) Kind() string { return "transfer.drafted" }

// Kind is "transfer.edited".
func (Edited) Kind() string { return "transfer.edited" }

// Kind is "transfer.ready".
func (MadeReady) Kind() string { return "transfer.ready" }

// Kind is "transfer.shipped".
func (Shipped) Kind() string { return "transfer.shipped" }

// Kind is "transfer.received".
func (Received) Kind() string { return "transfer.received" }

// Kind is "transfer.withdrawn".
func (Withdrawn) Kind() string { return "transfer.withdrawn" }

// Kind is "transfer.variance".
func (Variance) Kind() string { return "transfer.variance" }

// Kind is "transfer.cancelled".
func (Cancelled) Kind() string { return "transfer.cancelled" }

// Kind is "transfer.state_changed".
func (StateChanged) Kind() string { return "transfer.state_changed" }
