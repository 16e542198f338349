package sqlstore

import (
	"context"
	"iter"

	"github.com/orderkit/oms/inventory"
)

var (
	ownerSQL   = "SELECT " + reservationsTable.selected("") + " FROM {reservations} WHERE tenant = ? AND owner = ? ORDER BY owner, line, item, location, lot"
	expiredSQL = "SELECT " + reservationsTable.selected("") + ` FROM {reservations}{@reservations_soft}
		WHERE tenant = ? AND item IN ({list}) AND soft > 0 AND soft_until <= ?`
)

func (t *tx) appendReservation(rows []any, r *inventory.Reservation) []any {
	until := moment(r.Until)
	if r.Soft > 0 {
		until = r.Until.UnixMicro() // also one that ended before time began
	}
	return append(rows, t.tenant, r.Owner, int64(r.Line), r.Item, r.Location, r.Lot,
		r.Soft, r.Committed, r.Picked, r.Packed, r.Shipped, r.Released, r.Open(), until, r.Version)
}

func readReservation(c *cells) inventory.Reservation {
	var r inventory.Reservation
	r.Owner, r.Line, r.Item, r.Location, r.Lot = c.text(), int(c.int()), c.text(), c.text(), c.text()
	r.Soft, r.Committed, r.Picked, r.Packed, r.Shipped, r.Released = c.int(), c.int(), c.int(), c.int(), c.int(), c.int()
	c.at++ // the open units follow from the others
	r.Until, r.Version = c.time(), c.int()
	return r
}

// ofOwner is the read of what an owner holds and held, without what to do with its rows.
func (x stock) ofOwner(owner string) keyed {
	return keyed{Statement{x.fixed(ownerSQL), []any{x.tenant, owner}}, len(reservationsTable.columns) - 1, nil}
}

// reservations reads all rows of a query on keys.
func (t *tx) reservations(ctx context.Context, read keyed) ([]inventory.Reservation, error) {
	var found []inventory.Reservation
	read.fn = func(row []any) error {
		c := cells{row: row, at: 1}
		found = append(found, readReservation(&c))
		return c.err
	}
	err := t.lookups(ctx, read)
	return found, err
}

// ListReservations yields reservations by key.
func (x stock) ListReservations(ctx context.Context, f inventory.ReservationFilter) iter.Seq2[inventory.Reservation, error] {
	s := x.listing(reservationsTable, "{reservations}", "owner", "line", "item", "location", "lot")
	if f.Owner != "" {
		s.and("owner = ?", f.Owner)
	}
	if f.Item != "" {
		s.and("item = ?", f.Item)
	}
	if f.Open {
		s.and("open_units > 0")
		s.from += "{@reservations_open}"
	}
	return rowsOf(ctx, x.tx, s, readReservation, func(r *inventory.Reservation) []any {
		return []any{r.Owner, int64(r.Line), r.Item, r.Location, r.Lot}
	})
}
