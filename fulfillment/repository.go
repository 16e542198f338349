package fulfillment

import (
	"context"

	"github.com/orderkit/oms/order"
)

// MaxPage is the largest number of fulfillment orders in a page, and the default.
const MaxPage = 500

// Filter selects fulfillment orders. The zero filter selects all, newest first.
type Filter struct {
	Location string
	Work     []WorkState
	After    ID  // only those older than this one: the last of the page before
	Limit    int // page size, 1 to MaxPage; 0 means MaxPage
}

// Repository reads and writes fulfillment orders and shipments inside one
// transaction. Everything it returns belongs to the caller.
type Repository interface {
	// Get reads a fulfillment order. None is ErrNotFound.
	Get(ctx context.Context, id ID) (Order, error)
	// OfOrder reads the fulfillment orders of an order, oldest first.
	OfOrder(ctx context.Context, id order.ID) ([]Order, error)
	// Page reads up to f.Limit fulfillment orders.
	Page(ctx context.Context, f Filter) ([]Order, error)
	// Save stores a fulfillment order at o.Version. Version 1 adds it; a later one
	// replaces the one before it, else the error is ErrStale.
	Save(ctx context.Context, o Order) error
	// Shipment reads a shipment. None is ErrNotFound.
	Shipment(ctx context.Context, id ShipmentID) (Shipment, error)
	// ShipmentsOf reads the shipments of an order, oldest first.
	ShipmentsOf(ctx context.Context, id order.ID) ([]Shipment, error)
	// SaveShipment stores a shipment at s.Version, like Save.
	SaveShipment(ctx context.Context, s Shipment) error
}
