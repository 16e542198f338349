package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
)

// fulfillments is fulfillment.Repository in a transaction.
type fulfillments struct{ *tx }

// fulfillmentBody and shipmentBody are what is stored as JSON; the names are the
// format of stored data.
type fulfillmentBody struct {
	Lines     []fulfillment.Line `json:"lines"`
	CreatedAt *int64             `json:"created_at,omitempty"`
	UpdatedAt *int64             `json:"updated_at,omitempty"`
}

type shipmentBody struct {
	Parcels     []fulfillment.Parcel `json:"parcels"`
	PackedAt    *int64               `json:"packed_at,omitempty"`
	ShippedAt   *int64               `json:"shipped_at,omitempty"`
	DeliveredAt *int64               `json:"delivered_at,omitempty"`
	UpdatedAt   *int64               `json:"updated_at,omitempty"`
}

// live tells whether there may be work left. A state of the host's own counts as live:
// only the host knows when it is over.
func live(w fulfillment.WorkState) bool {
	return w != fulfillment.WorkDone && w != fulfillment.WorkCancelled
}

// Save stores a fulfillment order at its version.
func (x fulfillments) Save(ctx context.Context, o fulfillment.Order) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	body, err := encode(fulfillmentBody{o.Lines, micros(o.CreatedAt), micros(o.UpdatedAt)})
	if err != nil {
		return fmt.Errorf("fulfillment order %s: %w", o.ID, err)
	}
	return x.saveDocument(fulfillmentsTable, []any{
		x.tenant, o.ID.String(), reference(o.Order.UUID), o.Location, string(o.Work), flag(live(o.Work)), o.Version, body,
	})
}

func readFulfillment(c *cells) fulfillment.Order {
	o := fulfillment.Order{ID: fulfillment.ID{UUID: c.uuid()}, Order: order.ID{UUID: c.uuid()}, Location: c.text(), Work: fulfillment.WorkState(c.text())}
	c.at++ // whether it is live follows from the state
	o.Version = c.int()
	var b fulfillmentBody
	c.json(&b)
	o.Lines, o.CreatedAt, o.UpdatedAt = b.Lines, fromMicros(b.CreatedAt), fromMicros(b.UpdatedAt)
	return o
}

var (
	fulfillmentSQL    = "SELECT " + fulfillmentsTable.selected("") + " FROM {fulfillments} WHERE tenant = ? AND id = ?"
	fulfillmentsOfSQL = "SELECT " + fulfillmentsTable.selected("") + " FROM {fulfillments}{@fulfillments_order} WHERE tenant = ? AND order_id = ? ORDER BY id"
	shipmentSQL       = "SELECT " + shipmentsTable.selected("") + " FROM {shipments} WHERE tenant = ? AND id = ?"
	shipmentsOfSQL    = "SELECT " + shipmentsTable.selected("") + " FROM {shipments}{@shipments_order} WHERE tenant = ? AND order_id = ? ORDER BY id"
)

// Get reads a fulfillment order.
func (x fulfillments) Get(ctx context.Context, id fulfillment.ID) (fulfillment.Order, error) {
	return document(ctx, x.tx, fulfillmentsTable, fulfillmentSQL, id.String(), readFulfillment, fulfillment.ErrNotFound)
}

// OfOrder reads the fulfillment orders of an order, oldest first.
func (x fulfillments) OfOrder(ctx context.Context, id order.ID) ([]fulfillment.Order, error) {
	return documents(ctx, x.tx, fulfillmentsTable, x.fixed(fulfillmentsOfSQL), []any{x.tenant, reference(id.UUID)}, readFulfillment)
}

// Page reads the fulfillment orders that a filter selects, newest first.
func (x fulfillments) Page(ctx context.Context, f fulfillment.Filter) ([]fulfillment.Order, error) {
	limit, err := pageSize(f.Limit, fulfillment.MaxPage)
	if err != nil {
		return nil, err
	}
	s := selection{
		table: fulfillmentsTable, from: "{fulfillments}", by: "ORDER BY id DESC", limit: limit,
		where: []string{"tenant = ?"}, args: []any{x.tenant},
	}
	s.and("id < ?", before(f.After.UUID))
	switch {
	case f.Location != "":
		s.from += "{@fulfillments_location}"
		s.and("location = ?", f.Location)
		s.liveness(f.Work)
	case len(f.Work) > 0:
		s.from += "{@fulfillments_live}"
		s.liveness(f.Work)
	}
	in(&s, "work", f.Work)
	text, args := s.build()
	return documents(ctx, x.tx, fulfillmentsTable, x.render(text), args, readFulfillment)
}

// liveness makes branches of the live and of the finished, as far as some states, or
// all, are of either. The index has them apart, so that what is finished costs nothing
// when work is looked for.
func (s *selection) liveness(states []fulfillment.WorkState) {
	s.branch = "live"
	for _, value := range []bool{true, false} {
		if len(states) == 0 || slices.ContainsFunc(states, func(w fulfillment.WorkState) bool { return live(w) == value }) {
			s.branches = append(s.branches, flag(value))
		}
	}
}

// SaveShipment stores a shipment at its version.
func (x fulfillments) SaveShipment(ctx context.Context, s fulfillment.Shipment) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	body, err := encode(shipmentBody{s.Parcels, micros(s.PackedAt), micros(s.ShippedAt), micros(s.DeliveredAt), micros(s.UpdatedAt)})
	if err != nil {
		return fmt.Errorf("shipment %s: %w", s.ID, err)
	}
	return x.saveDocument(shipmentsTable, []any{
		x.tenant, s.ID.String(), reference(s.Order.UUID), reference(s.Fulfillment.UUID), s.Location, string(s.State), s.Version, body,
	})
}

func readShipment(c *cells) fulfillment.Shipment {
	s := fulfillment.Shipment{
		ID: fulfillment.ShipmentID{UUID: c.uuid()}, Order: order.ID{UUID: c.uuid()}, Fulfillment: fulfillment.ID{UUID: c.uuid()},
		Location: c.text(), State: fulfillment.ShipmentState(c.text()), Version: c.int(),
	}
	var b shipmentBody
	c.json(&b)
	s.Parcels, s.PackedAt, s.ShippedAt = b.Parcels, fromMicros(b.PackedAt), fromMicros(b.ShippedAt)
	s.DeliveredAt, s.UpdatedAt = fromMicros(b.DeliveredAt), fromMicros(b.UpdatedAt)
	return s
}

// Shipment reads a shipment.
func (x fulfillments) Shipment(ctx context.Context, id fulfillment.ShipmentID) (fulfillment.Shipment, error) {
	return document(ctx, x.tx, shipmentsTable, shipmentSQL, id.String(), readShipment, fulfillment.ErrNotFound)
}

// ShipmentsOf reads the shipments of an order, oldest first.
func (x fulfillments) ShipmentsOf(ctx context.Context, id order.ID) ([]fulfillment.Shipment, error) {
	return documents(ctx, x.tx, shipmentsTable, x.fixed(shipmentsOfSQL), []any{x.tenant, reference(id.UUID)}, readShipment)
}
