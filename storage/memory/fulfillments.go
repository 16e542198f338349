package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// fulfillments is fulfillment.Repository in a transaction.
type fulfillments struct{ *tx }

// Get reads a fulfillment order.
func (x fulfillments) Get(ctx context.Context, id fulfillment.ID) (fulfillment.Order, error) {
	if err := x.reading(ctx); err != nil {
		return fulfillment.Order{}, err
	}
	row := x.tables.works.get(x.tx, id.UUID)
	if row == nil {
		return fulfillment.Order{}, fmt.Errorf("%w: fulfillment order %s", fulfillment.ErrNotFound, id)
	}
	return row.order(), nil
}

// OfOrder reads the fulfillment orders of an order, oldest first.
func (x fulfillments) OfOrder(ctx context.Context, id order.ID) ([]fulfillment.Order, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	return readAll(x.tx, owned(x.tx, x.tables.orderWorks, id.UUID), x.tables.works, (*workRow).order), nil
}

// Page reads the fulfillment orders that a filter selects, newest first.
func (x fulfillments) Page(ctx context.Context, f fulfillment.Filter) ([]fulfillment.Order, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	limit, err := pageSize(f.Limit, fulfillment.MaxPage)
	if err != nil {
		return nil, err
	}
	q := query[workRow]{x: x.tx, rows: x.tables.works, after: f.After.UUID, limit: limit, match: func(r *workRow) bool {
		return (f.Location == "" || f.Location == r.Location) && (len(f.Work) == 0 || slices.Contains(f.Work, r.Work))
	}}
	if len(f.Work) > 0 {
		by(&q, x.tables.worksIn, f.Work...)
	}
	return readAll(x.tx, q.run(), x.tables.works, (*workRow).order), nil
}

// Save stores a fulfillment order at its version.
func (x fulfillments) Save(ctx context.Context, o fulfillment.Order) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	var was workRow
	prev := x.tables.works.get(x.tx, o.ID.UUID)
	if prev != nil {
		was = *prev
	}
	if o.Version != was.Version+1 {
		return storage.Stale(fmt.Errorf("%w: fulfillment order %s is at version %d, not %d", fulfillment.ErrStale, o.ID, was.Version, o.Version-1))
	}
	x.tables.works.put(x.tx, o.ID.UUID, x.tenant.work(o, prev))
	reown(x.tx, x.tables.orderWorks, was.Order.Order.UUID, o.Order.UUID, o.ID.UUID)
	relink(x.tx, x.tables.worksIn, string(was.Work), string(o.Work), o.ID.UUID)
	return nil
}

// Shipment reads a shipment.
func (x fulfillments) Shipment(ctx context.Context, id fulfillment.ShipmentID) (fulfillment.Shipment, error) {
	if err := x.reading(ctx); err != nil {
		return fulfillment.Shipment{}, err
	}
	row := x.tables.shipments.get(x.tx, id.UUID)
	if row == nil {
		return fulfillment.Shipment{}, fmt.Errorf("%w: shipment %s", fulfillment.ErrNotFound, id)
	}
	return row.Clone(), nil
}

// ShipmentsOf reads the shipments of an order, oldest first.
func (x fulfillments) ShipmentsOf(ctx context.Context, id order.ID) ([]fulfillment.Shipment, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	return readAll(x.tx, owned(x.tx, x.tables.orderShipments, id.UUID), x.tables.shipments, cloneShipment), nil
}

func cloneShipment(s *fulfillment.Shipment) fulfillment.Shipment { return s.Clone() }

// SaveShipment stores a shipment at its version.
func (x fulfillments) SaveShipment(ctx context.Context, s fulfillment.Shipment) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	var was fulfillment.Shipment
	if prev := x.tables.shipments.get(x.tx, s.ID.UUID); prev != nil {
		was = *prev
	}
	if s.Version != was.Version+1 {
		return storage.Stale(fmt.Errorf("%w: shipment %s is at version %d, not %d", fulfillment.ErrStale, s.ID, was.Version, s.Version-1))
	}
	row := s.Clone()
	row.PackedAt, row.ShippedAt, row.DeliveredAt, row.UpdatedAt = utc(s.PackedAt), utc(s.ShippedAt), utc(s.DeliveredAt), utc(s.UpdatedAt)
	x.tables.shipments.put(x.tx, s.ID.UUID, row)
	reown(x.tx, x.tables.orderShipments, was.Order.UUID, s.Order.UUID, s.ID.UUID)
	return nil
}

// readAll copies out the rows under some ids.
func readAll[R, T any](x *tx, ids []uuid.UUID, rows *table[uuid.UUID, R], out func(*R) T) []T {
	all := make([]T, len(ids))
	for i, id := range ids {
		all[i] = out(rows.get(x, id))
	}
	return all
}
