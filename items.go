package oms

import (
	"context"
	"fmt"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// AddItem adds an item, or changes its definition. Stock commands refuse items that
// were never added. Once units were posted some of it cannot change any more: see
// [inventory.Item.Replaces].
func (g Stock) AddItem(ctx context.Context, i inventory.Item, opts ...CallOption) error {
	return g.addItem(ctx, "add item", i, nil, opts)
}

// addItem adds an item once the parts of its definition that the caller does not know are filled in.
func (g Stock) addItem(ctx context.Context, name string, given inventory.Item, fill func(*attempt, *inventory.Item) error, opts []CallOption) error {
	_, err := do(ctx, g.e, opts, command[string]{
		name: name, input: given,
		id: func(id string) string { return id }, load: func(_ *attempt, id string) (string, error) { return id, nil },
		run: func(s *attempt) (string, error) {
			i := given
			if fill != nil {
				if err := fill(s, &i); err != nil {
					return "", err
				}
			}
			if err := i.Validate(); err != nil {
				return "", err
			}
			if err := s.checkParts(i); err != nil {
				return "", err
			}
			if err := s.beginCosting(i); err != nil {
				return "", err
			}
			if err := s.beginSerials(i); err != nil {
				return "", err
			}
			if err := s.tx.Stock().PutItem(s, i); err != nil {
				return "", err
			}
			return i.ID, emit(s, "stock/"+i.ID, 0, []inventory.Event{inventory.ItemAdded{Item: i}})
		},
	})
	return err
}

// Item reads the definition of an item. One that was never added is inventory.ErrUnknownItem.
func (g Stock) Item(ctx context.Context, id string) (inventory.Item, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (inventory.Item, error) {
		snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{id}})
		if err != nil {
			return inventory.Item{}, err
		}
		i, ok := snap.Item(id)
		if !ok {
			return i, fmt.Errorf("%w: %q", inventory.ErrUnknownItem, id)
		}
		return i, nil
	})
}

// Items reads the definitions of all items, by ID: the whole catalog at once.
func (g Stock) Items(ctx context.Context) ([]inventory.Item, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Item, error) {
		return collect(tx.Stock().ListItems(ctx))
	})
}
