package memory

import (
	"context"
	"iter"

	"github.com/orderkit/oms/inventory"
)

// ListItems yields definitions by ID.
func (x stock) ListItems(ctx context.Context) iter.Seq2[inventory.Item, error] {
	return func(yield func(inventory.Item, error) bool) {
		each(ctx, x.tx, &x.tables.items, yield, func(e entry[string, inventory.Item]) inventory.Item { return *e.row })
	}
}

// ListLocations yields definitions by ID.
func (x stock) ListLocations(ctx context.Context) iter.Seq2[inventory.Location, error] {
	return func(yield func(inventory.Location, error) bool) {
		each(ctx, x.tx, &x.tables.locations, yield, func(e entry[string, inventory.Location]) inventory.Location {
			return cloneLocation(*e.row)
		})
	}
}

// ListBalances yields balance rows by Key.
func (x stock) ListBalances(ctx context.Context) iter.Seq2[inventory.Balance, error] {
	return func(yield func(inventory.Balance, error) bool) {
		each(ctx, x.tx, &x.tables.balances, yield, func(e stocked) inventory.Balance { return *e.row })
	}
}

// each yields every row of a table as it is now.
func each[K, V, T any](ctx context.Context, x *tx, t *table[K, V], yield func(T, error) bool, out func(entry[K, V]) T) {
	var none T
	if err := x.reading(ctx); err != nil {
		yield(none, err)
		return
	}
	t.frozen(x).Scan(func(e entry[K, V]) bool {
		if err := x.reading(ctx); err != nil {
			yield(none, err)
			return false
		}
		return yield(out(e), nil)
	})
}

// ListReservations yields reservations by key.
func (x stock) ListReservations(ctx context.Context, f inventory.ReservationFilter) iter.Seq2[inventory.Reservation, error] {
	return func(yield func(inventory.Reservation, error) bool) {
		if err := x.reading(ctx); err != nil {
			yield(inventory.Reservation{}, err)
			return
		}
		x.tables.reservations.frozen(x.tx).Ascend(firstOf(f.Owner), func(e held) bool {
			if err := x.reading(ctx); err != nil {
				yield(inventory.Reservation{}, err)
				return false
			}
			switch {
			case f.Owner != "" && f.Owner != e.key.owner:
				return false
			case f.Item != "" && f.Item != e.key.of.Item, f.Open && e.row.open() == 0:
				return true
			}
			return yield(e.key.reservation(e.row), nil)
		})
	}
}

// ListPostings yields postings in the order they were applied.
func (x stock) ListPostings(ctx context.Context, f inventory.PostingFilter) iter.Seq2[inventory.Posting, error] {
	return func(yield func(inventory.Posting, error) bool) {
		if err := x.reading(ctx); err != nil {
			yield(inventory.Posting{}, err)
			return
		}
		postings, movements := x.tables.postings, x.tables.movements
		for i := range postings.n {
			if err := x.reading(ctx); err != nil {
				yield(inventory.Posting{}, err)
				return
			}
			p := postings.at(i)
			if f.Document != "" && f.Document != p.document || !f.Until.IsZero() && p.at > f.Until.UnixMicro() {
				continue
			}
			moves := p.of(f.Item, &movements)
			if len(moves) > 0 && !yield(p.posting(moves), nil) {
				return
			}
		}
	}
}
