package memory

import (
	"context"
	"slices"

	"github.com/orderkit/oms/inventory"
)

// fewPlaces is how many locations at most are looked for one by one in the rows of an item:
// more are met faster on a walk over all of them.
const fewPlaces = 16

// ScanFree reads how much there is of many items.
func (x stock) ScanFree(ctx context.Context, n inventory.Need, visit func(inventory.FreeUnits)) (inventory.Snapshot, error) {
	var s inventory.Snapshot
	if err := x.reading(ctx); err != nil {
		return s, err
	}
	items, places := distinct(n.Items), distinct(n.Locations)
	s.Items = make([]inventory.Item, 0, len(items))
	due := utc(n.Now).UnixMicro()
	for _, id := range items {
		if err := x.reading(ctx); err != nil {
			return s, err
		}
		if item := x.tables.items.get(x.tx, id); item != nil {
			s.Items = append(s.Items, item.Clone())
		}
		s.Levels, _ = x.levels(s.Levels, id, nil)
		s.Expired = x.expired(s.Expired, id, due)
	}
	var err error
	if len(places) > 0 && len(places) <= fewPlaces {
		err = x.scanPlaces(ctx, items, places, visit)
	} else {
		err = x.scanItems(ctx, items, places, visit)
	}
	if err != nil {
		return s, err
	}
	if len(places) > 0 {
		s.Expired = slices.DeleteFunc(s.Expired, func(r inventory.Reservation) bool {
			_, found := slices.BinarySearch(places, r.Location)
			return !found
		})
	}
	slices.SortFunc(s.Expired, func(a, b inventory.Reservation) int { return a.Compare(b.ReservationKey) })
	s.Locations = x.places(places)
	return s, nil
}

// places are the definitions of some locations, or of all if none is named.
func (x stock) places(ids []string) []inventory.Location {
	var out []inventory.Location
	if len(ids) == 0 {
		x.tables.locations.up(x.tx, "", func(_ *string, l *inventory.Location) bool {
			out = append(out, cloneLocation(*l))
			return true
		})
	}
	for _, id := range ids {
		if l := x.tables.locations.get(x.tx, id); l != nil {
			out = append(out, cloneLocation(*l))
		}
	}
	return out
}

// scanPlaces visits the free units of items at a few locations.
func (x stock) scanPlaces(ctx context.Context, items, places []string, visit func(inventory.FreeUnits)) error {
	for _, item := range items {
		if err := x.reading(ctx); err != nil {
			return err
		}
		for _, place := range places {
			x.tables.balances.up(x.tx, inventory.Key{Item: item, Location: place}, func(k *inventory.Key, b *inventory.Balance) bool {
				if k.Item != item || k.Location != place {
					return false
				}
				give(k, b, visit)
				return true
			})
		}
	}
	return nil
}

func give(k *inventory.Key, b *inventory.Balance, visit func(inventory.FreeUnits)) {
	if qty := b.Of(inventory.Free); qty > 0 {
		visit(inventory.FreeUnits{Key: *k, Qty: qty})
	}
}

// scanItems visits the free units of items at many locations, or at all. Items that follow
// each other in the table are one walk.
func (x stock) scanItems(ctx context.Context, items, places []string, visit func(inventory.FreeUnits)) (err error) {
	at, more := 0, len(items) > 0
	for more {
		more = false
		next := 0 // of the places, which come in the order of the rows
		x.tables.balances.up(x.tx, inventory.Key{Item: items[at]}, func(k *inventory.Key, b *inventory.Balance) bool {
			if k.Item != items[at] {
				if err = x.reading(ctx); err != nil {
					return false
				}
				for at < len(items) && items[at] < k.Item {
					at++
				}
				if next = 0; at == len(items) || items[at] != k.Item {
					more = at < len(items)
					return false
				}
			}
			if len(places) > 0 {
				next = seek(places, next, k.Location)
				if next == len(places) || places[next] != k.Location {
					return true
				}
			}
			give(k, b, visit)
			return true
		})
	}
	return err
}

// seek is the place of an id in a sorted list, or where it would be, from a place before it.
func seek(ids []string, from int, id string) int {
	for from < len(ids) && ids[from] != id && ids[from] < id {
		from++
	}
	return from
}
