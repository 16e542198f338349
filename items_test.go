package oms_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

func TestItemsAndLocationsAreReadAsTheyWereDefined(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		pair := inventory.Item{ID: "pair", SKU: "PAIR", Name: "Two tees", Kit: []inventory.Component{{Item: "tee", Qty: 2}}}
		s.do(s.Stock.AddItem(s.ctx, pair))
		require.Equal(t, pair, must(s.Stock.Item(s.ctx, "pair"))(s))
		require.Contains(t, must(s.Stock.Items(s.ctx))(s), pair)
		shop := inventory.Location{ID: "shop", Name: "The shop", Country: "DE", Priority: 7}
		s.do(s.Stock.AddLocation(s.ctx, shop))
		require.Equal(t, shop, must(s.Stock.Location(s.ctx, "shop"))(s))
		require.Contains(t, must(s.Stock.Locations(s.ctx))(s), shop)
		require.ErrorIs(t, errOf(s.Stock.Item(s.ctx, "hat")), inventory.ErrUnknownItem)
		require.ErrorIs(t, errOf(s.Stock.Location(s.ctx, "moon")), inventory.ErrUnknownLocation)
	})
}

// What an item is may change, but not so that the log would tell of other units.
func TestADefinitionThatWouldChangeWhatWasPostedIsRefused(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) { // of tees there is stock
		for want, change := range map[error]func(*inventory.Item){
			inventory.ErrItem:      func(i *inventory.Item) { i.Scale = 3 },
			inventory.ErrUntracked: func(i *inventory.Item) { i.Untracked = true },
		} {
			tee := must(s.Stock.Item(s.ctx, "tee"))(s)
			change(&tee)
			s.refuses(want, func() error { return s.Stock.AddItem(s.ctx, tee) })
		}
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "flour"}))
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "flour", Scale: 3}))
		require.Equal(t, 3, must(s.Stock.Item(s.ctx, "flour"))(s).Scale, "nothing of it was posted")
	})
}
