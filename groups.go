package oms

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

var groupShelf = shelf[inventory.Group]{
	kind: "location_group", none: inventory.ErrUnknownGroup,
	place: func(g *inventory.Group) storage.Document {
		return storage.Document{ID: g.ID, Live: true, Version: g.Version}
	},
}

// PutGroup adds a group of locations, or replaces what is said of it. Its Version is that
// of the engine: a group that already is so is left alone.
func (g Stock) PutGroup(ctx context.Context, group inventory.Group, opts ...CallOption) (inventory.Group, error) {
	group = group.Clone()
	group.Version = 0
	return do(ctx, g.e, opts, command[inventory.Group]{
		name: "put group", input: group,
		id:   func(group inventory.Group) string { return group.ID },
		load: func(s *attempt, id string) (inventory.Group, error) { return groupShelf.get(s, s.tx, id) },
		run: func(s *attempt) (inventory.Group, error) {
			if err := group.Validate(); err != nil {
				return inventory.Group{}, err
			}
			snap, err := s.tx.Stock().Load(s, inventory.Need{Locations: group.Locations}.Distinct())
			if err != nil {
				return inventory.Group{}, err
			}
			if err := snap.Knows(group); err != nil {
				return inventory.Group{}, err
			}
			had, err := groupShelf.find(s, s.tx, group.ID)
			if err != nil {
				return inventory.Group{}, err
			}
			next := group.Clone()
			next.Version = 1
			if len(had) > 0 {
				if had[0].Name == next.Name && slices.Equal(had[0].Locations, next.Locations) {
					return had[0], nil
				}
				next.Version += had[0].Version
			}
			if err := groupShelf.save(s, s.tx, &next); err != nil {
				return inventory.Group{}, err
			}
			return next, emit(s, "group/"+next.ID, next.Version, []inventory.Event{inventory.GroupSet{Group: next}})
		},
	})
}

// Group reads a group of locations. None is inventory.ErrUnknownGroup.
func (g Stock) Group(ctx context.Context, id string) (inventory.Group, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (inventory.Group, error) {
		return groupShelf.get(ctx, tx, id)
	})
}

// Groups reads all groups of locations, by id.
func (g Stock) Groups(ctx context.Context) ([]inventory.Group, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Group, error) {
		return every(ctx, tx, groupShelf, storage.DocumentFilter{})
	})
}

// AvailabilityIn is Availability in a group: the sum over its locations, of a kit of the
// whole ones that each can put together. ReserveIn can hold as many. What may be sold
// beyond it, and wait, is not of a group.
func (g Stock) AvailabilityIn(ctx context.Context, group, item, owner string) (inventory.Availability, error) {
	return availabilityIn(ctx, g.e, group, item, owner, func(context.Context, storage.Tx, *inventory.Snapshot) error { return nil })
}

// AvailabilityIn is Availability in a group, at those of its locations that the channel
// sells from. Stock.ReserveIn can hold as many for the channel, but softly none of its pool.
func (g Channels) AvailabilityIn(ctx context.Context, channel, group, item, owner string) (inventory.Availability, error) {
	return availabilityIn(ctx, g.e, group, item, owner, func(ctx context.Context, tx storage.Tx, snap *inventory.Snapshot) error {
		return soldOn(ctx, tx, channel, snap)
	})
}

// availabilityIn is AvailabilityIn of a snapshot that is first shown to whom it is for.
func availabilityIn(ctx context.Context, e *Engine, group, item, owner string,
	show func(context.Context, storage.Tx, *inventory.Snapshot) error,
) (inventory.Availability, error) {
	now := moment(e.cfg.now())
	return reading(ctx, e, func(ctx context.Context, tx storage.Tx) (inventory.Availability, error) {
		in, err := groupShelf.get(ctx, tx, group)
		if err != nil {
			return inventory.Availability{}, err
		}
		need := inventory.Need{Items: []string{item}, Locations: in.Locations, Owner: owner, Now: now}
		snap, err := loadStock(ctx, tx, need.Distinct())
		if err != nil {
			return inventory.Availability{}, err
		}
		if err := show(ctx, tx, &snap); err != nil {
			return inventory.Availability{}, err
		}
		return snap.ExplainIn(in, item, inventory.Ask{Owner: owner, Now: now})
	})
}

// ReserveIn holds units for an owner in a group, all of them or none. The holds name no
// location: their units are bound to active locations of the group by priority, then by
// id, until Rebind moves them. A kit is bound whole: what is in one lies in one place.
// Holds for a channel are bound where it sells from, by its rules.
func (g Stock) ReserveIn(ctx context.Context, group string, holds []inventory.Hold, opts ...CallOption) (inventory.Posting, error) {
	need, holds, err := held(holds)
	if err != nil {
		return inventory.Posting{}, err
	}
	return do(ctx, g.e, opts, command[inventory.Posting]{
		name: "reserve in group", input: []any{group, holds},
		id: postingName, load: loadPosting,
		run: func(s *attempt) (inventory.Posting, error) {
			in, err := groupShelf.get(s, s.tx, group)
			if err != nil {
				return inventory.Posting{}, err
			}
			snap, err := loadStock(s, s.tx, inventory.Need{Items: need.Items, Locations: in.Locations, Owner: need.Owner, Now: s.now}.Distinct())
			if err != nil {
				return inventory.Posting{}, err
			}
			if err := s.holdsOn(holds, &snap); err != nil {
				return inventory.Posting{}, err
			}
			changes, err := inventory.ReserveIn(snap, in, holds, need.Owner, s.meta())
			return s.posted(changes, err)
		},
	})
}

// loadPosting reads the posting of a command again.
func loadPosting(s *attempt, id string) (inventory.Posting, error) {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed == uuid.Nil { // the command moved nothing
		return inventory.Posting{}, err
	}
	return s.tx.Stock().Posting(s, parsed)
}

// Rebind moves units that an owner holds, softly or committed, to another location: they
// are freed at the one and held at the other in one posting, or all stays as it is. Of a
// kit all components move.
func (g Stock) Rebind(ctx context.Context, owner string, c inventory.Rebinding, opts ...CallOption) (inventory.Posting, error) {
	if err := notAnOrder(owner); err != nil {
		return inventory.Posting{}, err
	}
	if c.State == 0 {
		c.State = inventory.Soft
	}
	need := inventory.Need{Items: []string{c.Item}, Locations: []string{c.From, c.To}, Owner: owner}
	return stockDecision(ctx, g.e, opts, "rebind", []any{owner, c}, need, func(s *attempt, snap inventory.Snapshot) (inventory.Changes, error) {
		if c.Channel != "" {
			if err := soldOn(s, s.tx, c.Channel, &snap); err != nil {
				return inventory.Changes{}, err
			}
		}
		return inventory.Rebind(snap, owner, c, owner, s.meta())
	})
}
