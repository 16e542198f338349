package oms

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// SetLevel says what holds for an item at a location, in place of all that was said
// before.
func (g Stock) SetLevel(ctx context.Context, l inventory.Level, opts ...CallOption) (inventory.Level, error) {
	l = l.Clone()
	return g.changeLevel(ctx, opts, "set level", l, l, func(had *inventory.Level) {
		l.Version = had.Version
		*had = l
	})
}

// Freeze stops promising an item at a location. Its stock stays where it is, and what
// was promised is kept. Freezing it again changes nothing.
func (g Stock) Freeze(ctx context.Context, item, location string, opts ...CallOption) (inventory.Level, error) {
	at := inventory.Level{Item: item, Location: location}
	return g.changeLevel(ctx, opts, "freeze", []string{item, location}, at, func(l *inventory.Level) { l.Frozen = true })
}

// Thaw lets a frozen item be promised again.
func (g Stock) Thaw(ctx context.Context, item, location string, opts ...CallOption) (inventory.Level, error) {
	at := inventory.Level{Item: item, Location: location}
	return g.changeLevel(ctx, opts, "thaw", []string{item, location}, at, func(l *inventory.Level) { l.Frozen = false })
}

// levelID names a level as the result of a command. No id has a control character.
func levelID(l inventory.Level) string { return l.Item + "\x1f" + l.Location }

// changeLevel reads the level of an item at a location, changes it and saves it.
func (g Stock) changeLevel(ctx context.Context, opts []CallOption, name string, input any, at inventory.Level, change func(*inventory.Level)) (inventory.Level, error) {
	return do(ctx, g.e, opts, command[inventory.Level]{
		name: name, input: input, id: levelID,
		load: func(s *attempt, _ string) (inventory.Level, error) {
			snap, err := s.tx.Stock().Load(s, inventory.Need{Items: []string{at.Item}})
			return snap.Level(at.Item, at.Location), err
		},
		run: func(s *attempt) (inventory.Level, error) {
			if err := at.Validate(); err != nil {
				return inventory.Level{}, err
			}
			snap, err := s.tx.Stock().Load(s, inventory.Need{Items: []string{at.Item}, Locations: []string{at.Location}})
			if err != nil {
				return inventory.Level{}, err
			}
			if err := snap.Stocks(at.Item, at.Location); err != nil {
				return inventory.Level{}, err
			}
			l := snap.Level(at.Item, at.Location)
			had := l.Clone()
			if change(&l); sameLevel(l, had) {
				return had, nil
			}
			return l, s.saveLevel(&l)
		},
	})
}

func sameLevel(a, b inventory.Level) bool {
	same := (a.Safety == nil) == (b.Safety == nil) && (a.Safety == nil || *a.Safety == *b.Safety)
	a.Safety, b.Safety = nil, nil
	return same && a == b
}

// saveLevel saves a changed level one version later, and tells of it.
func (s *attempt) saveLevel(l *inventory.Level) error {
	l.Version++
	if err := s.tx.Stock().PutLevel(s, l.Clone()); err != nil {
		return err
	}
	return emit(s, "stock/"+l.Item, 0, []inventory.Event{inventory.LevelSet{Level: *l}})
}

// Level reads what holds for an item at a location.
func (g Stock) Level(ctx context.Context, item, location string) (inventory.Level, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (inventory.Level, error) {
		snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{item}})
		if err != nil {
			return inventory.Level{}, err
		}
		if _, ok := snap.Item(item); !ok {
			return inventory.Level{}, fmt.Errorf("%w: %q", inventory.ErrUnknownItem, item)
		}
		return snap.Level(item, location), nil
	})
}

// Set makes the units of one state what somebody counted, unless they have moved since
// he looked: that is *inventory.StaleQuantityError.
func (g Stock) Set(ctx context.Context, c inventory.SetTo, opts ...CallOption) (inventory.Posting, error) {
	c.State = cmp.Or(c.State, inventory.Free)
	need := inventory.Need{Items: []string{c.Item}, Locations: []string{c.Location}}
	return stockDecision(ctx, g.e, opts, "set stock", c, need, func(s *attempt, snap inventory.Snapshot) (inventory.Changes, error) {
		changes, err := inventory.Set(snap, c, s.meta())
		if err != nil || changes.Empty() {
			return changes, err
		}
		return changes, s.unmoved(&snap, inventory.Key{Item: c.Item, Lot: c.Lot, Location: c.Location})
	})
}

// unmoved refuses to go on unless a balance is still what was read. A posting only asks
// that no state falls below zero, which two forms that saw the same number would both
// pass; so the row is written and written back under the guard of all that it had, and
// whoever comes second runs again and finds another number.
func (s *attempt) unmoved(snap *inventory.Snapshot, key inventory.Key) error {
	have := inventory.Balance{Key: key}
	if i := slices.IndexFunc(snap.Balances, func(b inventory.Balance) bool { return b.Key == key }); i >= 0 {
		have = snap.Balances[i]
	}
	other := have
	if n := have.Of(inventory.Held); n > 0 {
		other.Set(inventory.Held, n-1)
	} else {
		other.Set(inventory.Held, 1)
	}
	if err := s.tx.Stock().Restate(s, []inventory.Restated{{Have: have, Want: other}}); err != nil {
		return err
	}
	return s.tx.Stock().Restate(s, []inventory.Restated{{Have: other, Want: have}})
}

// Relabel moves units from one lot to another.
func (g Stock) Relabel(ctx context.Context, c inventory.Relabel, opts ...CallOption) (inventory.Posting, error) {
	c.State = cmp.Or(c.State, inventory.Free)
	need := inventory.Need{Items: []string{c.Item}, Locations: []string{c.Location}}
	return stockCommand(ctx, g.e, opts, "relabel", c, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return inventory.ChangeLot(snap, c, m)
	})
}
