package inventory_test

import (
	"testing"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
)

func TestASnapshotFindsWhatItHasAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "b", "ber", 1)
	s.stock(t, "tee", "a", "ber", 1)
	s.stock(t, "tee", "", "ams", 1)
	s.stock(t, "mug", "", "ber", 1)
	snap := s.snapshot("")
	item, ok := snap.Item("mug")
	require.True(t, ok)
	require.Equal(t, int64(2), item.Safety)
	_, ok = snap.Item("")
	require.False(t, ok)
	_, ok = snap.Item("teetotal")
	require.False(t, ok)
	location, ok := snap.Location("old")
	require.True(t, ok)
	require.True(t, location.Inactive)
	_, ok = snap.Location("par")
	require.False(t, ok)
	var rows []inventory.Key
	for _, b := range snap.Of("tee") {
		rows = append(rows, b.Key)
	}
	require.Equal(t, []inventory.Key{
		{Item: "tee", Location: "ams"}, {Item: "tee", Lot: "a", Location: "ber"}, {Item: "tee", Lot: "b", Location: "ber"},
	}, rows)
	require.Empty(t, snap.Of("hat"))
}

func TestADistinctNeedNamesEverythingOnceInOrder(t *testing.T) {
	t.Parallel()
	items := []string{"tee", "mug", "tee"}
	n := inventory.Need{Items: items, Locations: []string{"ber", "ams", "ber"}, Owner: "cart-1", Now: noon}.Distinct()
	require.Equal(t, inventory.Need{Items: []string{"mug", "tee"}, Locations: []string{"ams", "ber"}, Owner: "cart-1", Now: noon}, n)
	require.Equal(t, []string{"tee", "mug", "tee"}, items, "what the caller has is left alone")
}

func TestEventKindsAreStable(t *testing.T) {
	t.Parallel()
	for kind, e := range map[string]inventory.Event{
		"stock.posted": inventory.Posted{}, "stock.item_added": inventory.ItemAdded{}, "stock.location_added": inventory.LocationAdded{},
	} {
		require.Equal(t, kind, e.Kind())
	}
}
