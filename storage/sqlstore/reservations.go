package sqlstore

import (
	"context"
	"iter"

	"github.com/orderkit/oms/inventory"
)

const reservationKeys = "owner, line, item, location, lot"

var (
	ownerSQL   = "SELECT " + reservationsTable.selected("") + " FROM {reservations} WHERE tenant = ? AND owner = ? ORDER BY " + reservationKeys
	expiredSQL = "SELECT " + reservationsTable.selected("") + ` FROM {reservations}{@reservations_soft}
		WHERE tenant = ? AND item IN ({list}) AND soft > 0 AND soft_until <= ?`
)

func (t *tx) reservationRow(r *inventory.Reservation) []any {
	until := moment(r.Until)
	if r.Soft > 0 {
		until = r.Until.UnixMicro() // also one that ended before time began
	}
	return append(make([]any, 0, len(reservationsTable.columns)),
		t.tenant, r.Owner, int64(r.Line), r.Item, r.Location, r.Lot,
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

// reservations reads all rows of a query on keys.
func (t *tx) reservations(ctx context.Context, text string, args []any) ([]inventory.Reservation, error) {
	var found []inventory.Reservation
	err := t.lookup(ctx, text, args, len(reservationsTable.columns)-1, func(row []any) error {
		c := cells{row: row, at: 1}
		found = append(found, readReservation(&c))
		return c.err
	})
	return found, err
}

// ListReservations yields reservations by key.
func (x stock) ListReservations(ctx context.Context, f inventory.ReservationFilter) iter.Seq2[inventory.Reservation, error] {
	s := selection{
		table: reservationsTable, from: "{reservations}", by: "ORDER BY " + reservationKeys, limit: pageRows,
		where: []string{"tenant = ?"}, args: []any{x.tenant},
	}
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
	return pages(func(after *inventory.Reservation) ([]inventory.Reservation, error) {
		page := s
		if after != nil {
			page = s.clone()
			page.and("("+reservationKeys+") > (?, ?, ?, ?, ?)", after.Owner, int64(after.Line), after.Item, after.Location, after.Lot)
		}
		text, args := page.build()
		return collect(ctx, x.tx, x.render(text), args, len(reservationsTable.columns)-1, readReservation)
	})
}
