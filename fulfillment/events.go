package fulfillment

import "github.com/orderkit/oms/order"

// Event is something that happened to a fulfillment order or a shipment. It belongs to
// the timeline of its order. Kind is stable and goes on the wire.
type Event interface{ Kind() string }

// Opened: a location was given work.
type Opened struct {
	Fulfillment ID              `json:"fulfillment"`
	Location    string          `json:"location"`
	Units       []order.LineQty `json:"units"`
}

// Picked: units were taken off the shelf.
type Picked struct {
	Fulfillment ID              `json:"fulfillment"`
	Units       []order.LineQty `json:"units"`
}

// ShortPicked: units were not on the shelf.
type ShortPicked struct {
	Fulfillment ID              `json:"fulfillment"`
	Location    string          `json:"location"`
	Units       []order.LineQty `json:"units"`
}

// Withdrawn: units are no longer wanted.
type Withdrawn struct {
	Fulfillment ID              `json:"fulfillment"`
	Units       []order.LineQty `json:"units"`
}

// Packed: units are in parcels.
type Packed struct {
	Shipment    ShipmentID      `json:"shipment"`
	Fulfillment ID              `json:"fulfillment"`
	Parcels     int             `json:"parcels"`
	Units       []order.LineQty `json:"units"`
}

// Shipped: a shipment was handed over.
type Shipped struct {
	Shipment    ShipmentID      `json:"shipment"`
	Fulfillment ID              `json:"fulfillment"`
	Location    string          `json:"location"`
	Units       []order.LineQty `json:"units"`
	Tracking    []string        `json:"tracking,omitempty"` // "carrier number" of each parcel that has one
}

// Voided: a packed shipment was unpacked.
type Voided struct {
	Shipment    ShipmentID `json:"shipment"`
	Fulfillment ID         `json:"fulfillment"`
}

// Delivered: a shipment arrived.
type Delivered struct {
	Shipment ShipmentID `json:"shipment"`
}

// StateChanged: a fulfillment order took an edge of the host's own.
type StateChanged struct {
	Fulfillment ID        `json:"fulfillment"`
	Action      Action    `json:"action"`
	From        WorkState `json:"from"`
	To          WorkState `json:"to"`
}

// Kind is "fulfillment.opened".
func (Opened) Kind() string { return "fulfillment.opened" }

// Kind is "fulfillment.picked".
func (Picked) Kind() string { return "fulfillment.picked" }

// Kind is "fulfillment.short_picked".
func (ShortPicked) Kind() string { return "fulfillment.short_picked" }

// Kind is "fulfillment.withdrawn".
func (Withdrawn) Kind() string { return "fulfillment.withdrawn" }

// Kind is "shipment.packed".
func (Packed) Kind() string { return "shipment.packed" }

// Kind is "shipment.shipped".
func (Shipped) Kind() string { return "shipment.shipped" }

// Kind is "shipment.voided".
func (Voided) Kind() string { return "shipment.voided" }

// Kind is "shipment.delivered".
func (Delivered) Kind() string { return "shipment.delivered" }

// Kind is "fulfillment.state_changed".
func (StateChanged) Kind() string { return "fulfillment.state_changed" }

// Moved: another location does the work.
type Moved struct {
	Fulfillment ID     `json:"fulfillment"`
	From        string `json:"from"`
	To          string `json:"to"`
}

// Kind is "fulfillment.moved".
func (Moved) Kind() string { return "fulfillment.moved" }
