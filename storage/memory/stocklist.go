package memory

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

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

// ListPostings yields postings by ID, those of an item by moment and ID.
func (x stock) ListPostings(ctx context.Context, f inventory.PostingFilter) iter.Seq2[inventory.Posting, error] {
	match := func(p *posting) bool {
		return (f.Document == "" || f.Document == p.document) && (f.Until.IsZero() || p.at <= f.Until.UnixMicro()) &&
			(f.After == uuid.Nil || compareIDs(&p.id, &f.After) > 0)
	}
	if f.Item != "" {
		return x.postingsOf(ctx, f.Item, match)
	}
	return each(ctx, x.tx, x.tables.postings, f.After, func(_ *uuid.UUID, i *int, give func(inventory.Posting) bool) bool {
		p := x.postings.at(*i)
		return !match(p) || give(p.posting(p.of("", &x.movements)))
	})
}

// postingsOf yields the postings of an item.
func (x stock) postingsOf(ctx context.Context, item string, match func(*posting) bool) iter.Seq2[inventory.Posting, error] {
	return func(yield func(inventory.Posting, error) bool) {
		if err := x.reading(ctx); err != nil {
			yield(inventory.Posting{}, err)
			return
		}
		for _, p := range x.log(item, match) {
			if err := x.reading(ctx); err != nil {
				yield(inventory.Posting{}, err)
				return
			}
			if !yield(p.posting(p.of(item, &x.movements)), nil) {
				return
			}
		}
	}
}

// log finds the postings that move an item, by moment and ID: a walk over all movements.
func (x stock) log(item string, match func(*posting) bool) []*posting {
	var found []*posting
	for i := range x.postings.n {
		p := x.postings.at(i)
		for n := p.first; n < p.first+p.n; n++ {
			if x.movements.at(n).of().Item == item {
				if match(p) {
					found = append(found, p)
				}
				break
			}
		}
	}
	slices.SortFunc(found, func(a, b *posting) int { return cmp.Or(cmp.Compare(a.at, b.at), compareIDs(&a.id, &b.id)) })
	return found
}

// ListMovements yields movements of an item by their Place.
func (x stock) ListMovements(ctx context.Context, f inventory.MovementFilter) iter.Seq2[inventory.Logged, error] {
	return func(yield func(inventory.Logged, error) bool) {
		if err := x.reading(ctx); err != nil {
			yield(inventory.Logged{}, err)
			return
		}
		log, given := x.log(f.Item, func(*posting) bool { return true }), 0
		if f.Last {
			slices.Reverse(log)
		}
		for _, p := range log {
			moves := x.logged(p)
			if f.Last {
				slices.Reverse(moves)
			}
			for i := range moves {
				if !f.Match(&moves[i]) {
					continue
				}
				if err := x.reading(ctx); err != nil {
					yield(inventory.Logged{}, err)
					return
				}
				if !yield(moves[i], nil) {
					return
				}
				if given++; given == f.Limit {
					return
				}
			}
		}
	}
}

// logged copies out the movements of a posting, each with its place.
func (x stock) logged(p *posting) []inventory.Logged {
	head := p.posting(nil)
	out := make([]inventory.Logged, p.n)
	for n := range out {
		out[n] = inventory.Logged{
			Place:  inventory.Place{At: head.At, Posting: head.ID, N: n},
			Reason: head.Reason, Document: head.Document, Actor: head.Actor,
			Movement: x.movements.at(p.first + n).movement(),
		}
	}
	return out
}

// SumMovements sums the movements of an item in a span.
func (x stock) SumMovements(ctx context.Context, item string, s inventory.Span) (inventory.Flow, error) {
	var flow inventory.Flow
	if err := x.reading(ctx); err != nil {
		return flow, err
	}
	first, last := s.After.At.UnixMicro(), s.Until.At.UnixMicro()
	for i := range x.postings.n {
		p := x.postings.at(i)
		if p.at < first || p.at > last {
			continue
		}
		for n := range p.n {
			m := x.movements.at(p.first + n)
			place := inventory.Place{At: time.UnixMicro(p.at).UTC(), Posting: p.id, N: n}
			inside := (s.After == inventory.Place{} || place.Compare(s.After) > 0) && place.Compare(s.Until) <= 0
			if m.of().Item == item && inside {
				flow.Sum(m.movement())
				flow.Count++
			}
		}
	}
	return flow, nil
}
