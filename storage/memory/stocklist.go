package memory

import (
	"context"
	"iter"

	"github.com/orderkit/oms/inventory"
)

// ListItems yields definitions by ID.
func (x stock) ListItems(ctx context.Context) iter.Seq2[inventory.Item, error] {
	return each(ctx, x.tx, x.tables.items, "", func(_ *string, i *inventory.Item, give func(inventory.Item) bool) bool {
		return give(*i)
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

// ListPostings yields postings in the order they were applied.
func (x stock) ListPostings(ctx context.Context, f inventory.PostingFilter) iter.Seq2[inventory.Posting, error] {
	return func(yield func(inventory.Posting, error) bool) {
		postings, movements := x.postings, x.movements
		for i := range postings.n {
			if err := x.reading(ctx); err != nil {
				yield(inventory.Posting{}, err)
				return
			}
			p := postings.at(i)
			if f.Document != "" && f.Document != p.document || !f.Until.IsZero() && p.at > f.Until.UnixMicro() {
				continue
			}
			if moves := p.of(f.Item, &movements); len(moves) > 0 && !yield(p.posting(moves), nil) {
				return
			}
		}
	}
}
