package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
)

// stock is inventory.Repository in a transaction.
type stock struct{ *tx }

// PutItem adds an item or replaces its definition.
func (x stock) PutItem(ctx context.Context, i inventory.Item) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	if had := x.tables.items.get(x.tx, i.ID); had != nil {
		if err := i.Replaces(had); err != nil && x.posted(i.ID) {
			return err
		}
	}
	x.tables.items.put(x.tx, i.ID, i.Clone())
	return nil
}

// posted tells whether an item has postings.
func (x stock) posted(item string) bool {
	for i := range x.movements.n {
		if x.movements.at(i).of().Item == item {
			return true
		}
	}
	return false
}

// PutLocation adds a location or replaces its definition.
func (x stock) PutLocation(ctx context.Context, l inventory.Location) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	x.tables.locations.put(x.tx, l.ID, cloneLocation(l))
	return nil
}

func cloneLocation(l inventory.Location) inventory.Location {
	if l.At != nil {
		at := *l.At
		l.At = &at
	}
	return l
}

// Load reads what a command needs.
func (x stock) Load(ctx context.Context, n inventory.Need) (inventory.Snapshot, error) {
	var s inventory.Snapshot
	if err := x.reading(ctx); err != nil {
		return s, err
	}
	if len(n.Items) == 1 {
		few := new(struct { // most items lie at few locations
			items     [1]inventory.Item
			balances  [2]inventory.Balance
			locations [2]inventory.Location
		})
		s.Items, s.Balances, s.Locations = few.items[:0], few.balances[:0], few.locations[:0]
	} else {
		s.Items, s.Balances = make([]inventory.Item, 0, len(n.Items)), make([]inventory.Balance, 0, len(n.Items))
	}
	var room [8]string
	places := append(room[:0], n.Locations...)
	places = x.loadItems(&s, distinct(n.Items), n.Now, places)
	if parts := inventory.PartsOf(s.Items); len(parts) > 0 {
		places = x.loadItems(&s, parts, n.Now, places)
		slices.SortFunc(s.Items, func(a, b inventory.Item) int { return strings.Compare(a.ID, b.ID) })
		slices.SortFunc(s.Balances, func(a, b inventory.Balance) int { return a.Compare(b.Key) })
		slices.SortFunc(s.Levels, inventory.CompareLevels)
	}
	places = distinct(places)
	s.Locations = slices.Grow(s.Locations, len(places))
	for _, id := range places {
		if l := x.tables.locations.get(x.tx, id); l != nil {
			s.Locations = append(s.Locations, cloneLocation(*l))
		}
	}
	slices.SortFunc(s.Expired, func(a, b inventory.Reservation) int { return a.Compare(b.ReservationKey) })
	if n.Owner != "" {
		x.tables.reservations.up(x.tx, firstOf(n.Owner), func(h *holder, u *units) bool {
			if h.owner != n.Owner {
				return false
			}
			s.Reservations = append(s.Reservations, h.reservation(u))
			return true
		})
	}
	return s, nil
}

// loadItems reads items with their balances, levels and expired reservations, and adds
// the locations of those to places.
func (x stock) loadItems(s *inventory.Snapshot, ids []string, now time.Time, places []string) []string {
	due := utc(now).UnixMicro()
	for _, id := range ids {
		if item := x.tables.items.get(x.tx, id); item != nil {
			s.Items = append(s.Items, item.Clone())
		}
		x.tables.balances.up(x.tx, inventory.Key{Item: id}, func(k *inventory.Key, b *inventory.Balance) bool {
			if k.Item != id {
				return false
			}
			s.Balances = append(s.Balances, *b)
			if len(places) == 0 || places[len(places)-1] != k.Location {
				places = append(places, k.Location)
			}
			return true
		})
		s.Expired = x.expired(s.Expired, id, due)
		s.Levels, places = x.levels(s.Levels, id, places)
	}
	return places
}

// levels appends the levels of an item, and their locations.
func (x stock) levels(to []inventory.Level, item string, places []string) ([]inventory.Level, []string) {
	if x.tables.levels.empty() {
		return to, places
	}
	x.tables.levels.up(x.tx, levelKey{item: item}, func(k *levelKey, l *inventory.Level) bool {
		if k.item != item {
			return false
		}
		to, places = append(to, l.Clone()), append(places, k.location)
		return true
	})
	return to, places
}

// expired appends the soft reservations of an item that are due.
func (x stock) expired(to []inventory.Reservation, item string, due int64) []inventory.Reservation {
	if x.tables.soft.empty() {
		return to
	}
	x.tables.soft.up(x.tx, firstToExpire(item), func(e *expiry, _ *struct{}) bool {
		if e.item != item || e.until > due {
			return false
		}
		to = append(to, e.holder.reservation(x.tables.reservations.get(x.tx, *e.holder)))
		return true
	})
	return to
}

// Posting reads one posting by its id.
func (x stock) Posting(ctx context.Context, id uuid.UUID) (inventory.Posting, error) {
	if err := x.reading(ctx); err != nil {
		return inventory.Posting{}, err
	}
	i := x.tables.postings.get(x.tx, id)
	if i == nil {
		return inventory.Posting{}, fmt.Errorf("%w: posting %s", inventory.ErrNotFound, id)
	}
	p := x.postings.at(*i)
	return p.posting(p.of("", &x.movements)), nil
}

// distinct is ids sorted and without repeated ones. They may be so already.
func distinct(ids []string) []string {
	for i := 1; i < len(ids); i++ {
		if ids[i-1] >= ids[i] {
			ids = slices.Clone(ids)
			slices.Sort(ids)
			return slices.Compact(ids)
		}
	}
	return ids
}
