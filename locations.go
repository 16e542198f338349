package oms

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// AddLocation adds a location, or changes its definition.
func (g Stock) AddLocation(ctx context.Context, l inventory.Location, opts ...CallOption) error {
	_, err := do(ctx, g.e, opts, command[string]{
		name: "add location", input: l,
		id: func(id string) string { return id }, load: func(_ *attempt, id string) (string, error) { return id, nil },
		run: func(s *attempt) (string, error) {
			if err := l.Validate(); err != nil {
				return "", err
			}
			if err := s.tx.Stock().PutLocation(s, l); err != nil {
				return "", err
			}
			return l.ID, emit(s, "location/"+l.ID, 0, []inventory.Event{inventory.LocationAdded{Location: l}})
		},
	})
	return err
}

// Location reads the definition of a location. One that was never added is
// inventory.ErrUnknownLocation.
func (g Stock) Location(ctx context.Context, id string) (inventory.Location, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (inventory.Location, error) {
		snap, err := tx.Stock().Load(ctx, inventory.Need{Locations: []string{id}})
		if err != nil {
			return inventory.Location{}, err
		}
		l, ok := snap.Location(id)
		if !ok {
			return l, fmt.Errorf("%w: %q", inventory.ErrUnknownLocation, id)
		}
		return l, nil
	})
}

// Locations reads the definitions of all locations, by ID.
func (g Stock) Locations(ctx context.Context) ([]inventory.Location, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Location, error) {
		return collect(tx.Stock().ListLocations(ctx))
	})
}

// Deactivate takes a location out of use: from now on it is promised to nobody, and all
// that it has moves to the target. Units that are held stay held there, and fulfillment
// orders that are open move with them. Parcels that are packed, transfers, counts and
// returns that are open and purchase orders that are still to arrive there refuse it:
// *inventory.LocationError lists them all. It is for the back office: its cost grows with
// the stock and the open documents of the tenant. On a location that is inactive already
// it moves what has come there since.
func (g Stock) Deactivate(ctx context.Context, location, target string, opts ...CallOption) (inventory.Posting, error) {
	return do(ctx, g.e, opts, command[inventory.Posting]{
		name: "deactivate location", input: []string{location, target},
		id:   func(p inventory.Posting) string { return p.ID.String() },
		load: loadPosting,
		run:  func(s *attempt) (inventory.Posting, error) { return s.deactivate(location, target) },
	})
}

func (s *attempt) deactivate(location, target string) (inventory.Posting, error) {
	none := inventory.Posting{}
	snap, err := s.everythingAt(location, target)
	if err != nil {
		return none, err
	}
	l, ok := snap.Location(location)
	if !ok {
		return none, fmt.Errorf("%w: %q", inventory.ErrUnknownLocation, location)
	}
	changes, moveErr := inventory.Vacate(snap, location, target, "location/"+location, s.meta())
	work, err := s.blocked(location)
	if err != nil {
		return none, err
	}
	if moveErr != nil {
		return none, moveErr
	}
	if !l.Inactive {
		l.Inactive = true
		if err := s.tx.Stock().PutLocation(s, l); err != nil {
			return none, err
		}
		if err := emit(s, "location/"+location, 0, []inventory.Event{inventory.LocationAdded{Location: l}}); err != nil {
			return none, err
		}
	}
	p, err := s.posted(changes, nil)
	if err != nil {
		return none, err
	}
	return p, s.moveWork(work, target)
}

// Activate lets a location promise its stock again.
func (g Stock) Activate(ctx context.Context, location string, opts ...CallOption) error {
	_, err := do(ctx, g.e, opts, command[string]{
		name: "activate location", input: location,
		id: func(id string) string { return id }, load: func(_ *attempt, id string) (string, error) { return id, nil },
		run: func(s *attempt) (string, error) {
			snap, err := s.tx.Stock().Load(s, inventory.Need{Locations: []string{location}})
			if err != nil {
				return "", err
			}
			l, ok := snap.Location(location)
			switch {
			case !ok:
				return "", fmt.Errorf("%w: %q", inventory.ErrUnknownLocation, location)
			case !l.Inactive:
				return location, nil
			}
			l.Inactive = false
			if err := s.tx.Stock().PutLocation(s, l); err != nil {
				return "", err
			}
			return location, emit(s, "location/"+location, 0, []inventory.Event{inventory.LocationAdded{Location: l}})
		},
	})
	return err
}

// itemsAt are the items of which there are units at a location, each once.
func (s *attempt) itemsAt(location string) ([]string, error) {
	var items []string
	for b, err := range s.tx.Stock().ListBalances(s) {
		if err != nil {
			return nil, err
		}
		if b.Location == location && b.OnHand() > 0 && (len(items) == 0 || items[len(items)-1] != b.Item) {
			items = append(items, b.Item)
		}
	}
	return items, nil
}

// everythingAt reads all stock of the items that lie at a location, and all reservations
// of those who hold any of it.
func (s *attempt) everythingAt(location, target string) (inventory.Snapshot, error) {
	items, err := s.itemsAt(location)
	if err != nil {
		return inventory.Snapshot{}, err
	}
	need := inventory.Need{Items: items, Locations: []string{location, target}, Now: s.now}.Distinct()
	snap, err := loadStock(s, s.tx, need)
	if err != nil {
		return snap, err
	}
	var owners []string
	for _, item := range need.Items {
		for r, err := range s.tx.Stock().ListReservations(s, inventory.ReservationFilter{Item: item, Open: true}) {
			if err != nil {
				return snap, err
			}
			if r.Location == location {
				owners = append(owners, r.Owner)
			}
		}
	}
	slices.Sort(owners)
	snap.Reservations = nil
	for _, owner := range slices.Compact(owners) {
		held, err := collect(s.tx.Stock().ListReservations(s, inventory.ReservationFilter{Owner: owner}))
		if err != nil {
			return snap, err
		}
		snap.Reservations = append(snap.Reservations, held...)
	}
	slices.SortFunc(snap.Reservations, func(a, b inventory.Reservation) int { return a.Compare(b.ReservationKey) })
	return snap, nil
}

// blocked refuses a location that documents still point to, and gives the fulfillment
// orders that can move.
func (s *attempt) blocked(location string) ([]fulfillment.Order, error) {
	refusal := &inventory.LocationError{Location: location}
	block := func(kind, id, why string) {
		refusal.Blockers = append(refusal.Blockers, inventory.Blocker{Kind: kind, ID: id, Why: why})
	}
	work, err := s.unfinished(location)
	if err != nil {
		return nil, err
	}
	for i := range work {
		if _, _, err := s.work.Move(work[i], "", s.now); err != nil {
			block("fulfillment order", work[i].ID.String(), "has packed parcels; ship or unpack them")
		}
	}
	hauls, err := every(s, s.tx, transferShelf, storage.DocumentFilter{Live: true})
	if err != nil {
		return nil, err
	}
	for i := range hauls {
		if h := &hauls[i]; h.From == location || h.To == location {
			block("transfer", h.ID.String(), "is open")
		}
	}
	counts, err := every(s, s.tx, countShelf, storage.DocumentFilter{Live: true})
	if err != nil {
		return nil, err
	}
	for i := range counts {
		if slices.Contains(counts[i].Locations(), location) {
			block("count", counts[i].ID.String(), "is open")
		}
	}
	if err := s.arriving(location, block); err != nil {
		return nil, err
	}
	if len(refusal.Blockers) > 0 {
		return nil, refusal
	}
	return work, nil
}

// arriving finds purchase orders and returns of which units are still to be dealt with at
// a location.
func (s *attempt) arriving(location string, block func(kind, id, why string)) error {
	buys, err := every(s, s.tx, purchases, storage.DocumentFilter{Live: true})
	if err != nil {
		return err
	}
	for i := range buys {
		for _, l := range buys[i].Lines {
			if l.Location == location && l.Expected() > 0 {
				block("purchase order", buys[i].ID.String(), fmt.Sprintf("is to arrive with line %d", l.No))
			}
		}
	}
	for f := (returns.Filter{}); ; {
		page, err := s.tx.Returns().Page(s, f)
		if err != nil {
			return err
		}
		for i := range page {
			if r := &page[i]; r.Location == location && r.ClosedAt.IsZero() {
				block("return", r.ID.String(), "is received there and not closed")
			}
		}
		if len(page) < returns.MaxPage {
			return nil
		}
		f.After = page[len(page)-1].ID
	}
}

// unfinished are the fulfillment orders of a location that are not at their end, by order.
func (s *attempt) unfinished(location string) ([]fulfillment.Order, error) {
	var all []fulfillment.Order
	for f := (fulfillment.Filter{Location: location, Work: s.work.Unfinished()}); ; {
		page, err := s.tx.Fulfillments().Page(s, f)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < fulfillment.MaxPage {
			break
		}
		f.After = page[len(page)-1].ID
	}
	slices.SortStableFunc(all, func(a, b fulfillment.Order) int { return strings.Compare(a.Order.String(), b.Order.String()) })
	return all, nil
}

// moveWork gives fulfillment orders, sorted by order, to another location.
func (s *attempt) moveWork(work []fulfillment.Order, target string) error {
	for len(work) > 0 {
		id, n := work[0].Order, 1
		for n < len(work) && work[n].Order == id {
			n++
		}
		if err := s.moveWorkOf(id, work[:n], target); err != nil {
			return err
		}
		work = work[n:]
	}
	return nil
}

func (s *attempt) moveWorkOf(id order.ID, work []fulfillment.Order, target string) error {
	ed, err := s.open(id)
	if err != nil {
		return err
	}
	for i := range work {
		fo, events, err := s.work.Move(work[i], target, s.now)
		if err != nil {
			return err
		}
		if err := s.saveWork(ed, fo, events); err != nil {
			return err
		}
	}
	_, err = s.close(ed)
	return err
}
