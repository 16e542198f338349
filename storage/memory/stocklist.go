package memory

import (
	"context"
	"iter"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
)

// ListItems yields definitions by ID.
func (x stock) ListItems(ctx context.Context) iter.Seq2[inventory.Item, error] {
	return each(ctx, x.tx, x.tables.items, "", func(_ *string, i *inventory.Item, give func(inventory.Item) bool) bool {
		return give(i.Clone())
	})
}

// ListLocations yields definitions by ID.
func (x stock) ListLocations(ctx context.Context) iter.Seq2[inventory.Location, error] {
	return each(ctx, x.tx, x.tables.locations, "", func(_ *string, l *inventory.Location, give func(inventory.Location) bool) bool {
		return give(cloneLocation(*l))
	})
}

// ListBalances yields balance rows by Key.
func (x stock) ListBalances(ctx context.Context) iter.Seq2[inventory.Balance, error] {
	return each(ctx, x.tx, x.tables.balances, inventory.Key{}, func(_ *inventory.Key, b *inventory.Balance, give func(inventory.Balance) bool) bool {
		return give(*b)
	})
}

// ListReservations yields reservations by key.
func (x stock) ListReservations(ctx context.Context, f inventory.ReservationFilter) iter.Seq2[inventory.Reservation, error] {
	return each(ctx, x.tx, x.tables.reservations, firstOf(f.Owner), func(h *holder, u *units, give func(inventory.Reservation) bool) bool {
		switch {
		case f.Owner != "" && f.Owner != h.owner:
			return false
		case f.Item != "" && f.Item != h.of.Item, f.Open && u.open() == 0:
			return true
		}
		return give(h.reservation(u))
	})
}

// ListPostings yields postings by ID.
func (x stock) ListPostings(ctx context.Context, f inventory.PostingFilter) iter.Seq2[inventory.Posting, error] {
	return each(ctx, x.tx, x.tables.postings, uuid.Nil, func(_ *uuid.UUID, i *int, give func(inventory.Posting) bool) bool {
		p := x.postings.at(*i)
		if f.Document != "" && f.Document != p.document || !f.Until.IsZero() && p.at > f.Until.UnixMicro() {
			return true
		}
		moves := p.of(f.Item, &x.movements)
		return len(moves) == 0 || give(p.posting(moves))
	})
}
