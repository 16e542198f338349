package inventory_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

func TestABackorderLimitIsOfAnItemThatMayWait(t *testing.T) {
	t.Parallel()
	require.NoError(t, inventory.Item{ID: "a", Backorder: true, BackorderLimit: inventory.MaxQty}.Validate())
	for _, limit := range []int64{-1, inventory.MaxQty + 1, math.MinInt64} {
		var bad *inventory.QuantityError
		require.ErrorAs(t, inventory.Item{ID: "a", Backorder: true, BackorderLimit: limit}.Validate(), &bad)
		require.Equal(t, limit, bad.Qty)
		require.Equal(t, "a", bad.Item)
	}
	for name, i := range map[string]inventory.Item{
		"nothing waits": {}, "untracked": {Backorder: true, Untracked: true},
		"a kit": {Backorder: true, Kit: []inventory.Component{{Item: "b", Qty: 1}}},
	} {
		i.ID, i.BackorderLimit = "a", 1
		var bad *inventory.ItemError
		require.ErrorAs(t, i.Validate(), &bad, name)
		require.Equal(t, "BackorderLimit", bad.Field, name)
	}
}

// preorder is a snapshot of items of which there is little or nothing.
func preorder(items ...inventory.Item) inventory.Snapshot {
	return inventory.Snapshot{
		Items: items, Locations: []inventory.Location{{ID: "ber"}, {ID: "ham"}},
		Balances: []inventory.Balance{inFree("cup", "", "ber", 3), inFree("cup", "", "ham", 2), inFree("jar", "", "ber", 7), inFree("jar", "", "ham", 5)},
	}
}

func TestAvailabilityTellsHowManyMoreMayWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		item    inventory.Item
		waiting int64
		more    int64
		text    string
	}{
		"no backorders": {inventory.Item{}, 0, 0, ""},
		"no limit":      {inventory.Item{Backorder: true}, 90, inventory.Unlimited, "; any number may wait"},
		"nobody waits":  {inventory.Item{Backorder: true, BackorderLimit: 8}, 0, 8, "; 8 more may wait = +8 backorder limit"},
		"some wait":     {inventory.Item{Backorder: true, BackorderLimit: 8}, 6, 2, "; 2 more may wait = +8 backorder limit -6 waiting"},
		"all wait":      {inventory.Item{Backorder: true, BackorderLimit: 8}, 8, 0, "; 0 more may wait = +8 backorder limit -8 waiting"},
		"lowered":       {inventory.Item{Backorder: true, BackorderLimit: 8}, 9, 0, "; 0 more may wait = +8 backorder limit -9 waiting +1 not below zero"},
	} {
		c.item.ID = "cup"
		s := preorder(c.item)
		s.Waiting = map[string]int64{"cup": c.waiting, "jar": 99}
		require.Equal(t, c.more, s.Backorderable("cup"), name)
		a, err := s.Explain("cup", "", "", noon)
		require.NoError(t, err)
		require.Equal(t, c.more, a.Backorder, name)
		require.Equal(t, "cup: 5 available to sell of 5 on hand = +3 free@ber; +2 free@ham"+c.text, a.String(), name)
		var ats, more int64
		for _, term := range a.Terms {
			ats += term.Qty
		}
		for _, term := range a.BackorderTerms {
			more += term.Qty
		}
		require.Equal(t, a.ATS, ats, "%s: the terms of what may wait are their own", name)
		require.Equal(t, a.Backorder, more, name)
		days, err := s.AvailableToPromise("cup", "", noon)
		require.NoError(t, err)
		require.Equal(t, a, days[0].Availability, name)
		a, err = s.Explain("cup", "ber", "", noon)
		require.NoError(t, err)
		require.Zero(t, a.Backorder, "what waits has no location yet")
		require.Empty(t, a.BackorderTerms)
	}
	s := preorder(inventory.Item{ID: "wrap", Untracked: true, Backorder: true})
	require.Zero(t, s.Backorderable("wrap"))
	require.Zero(t, s.Backorderable("hat"), "unknown")
	a, err := s.Explain("wrap", "", "", noon)
	require.NoError(t, err)
	require.Zero(t, a.Backorder, "there are as many as anybody wants")
}

func TestKitsWaitForThoseOfTheirComponentsThatMay(t *testing.T) {
	t.Parallel()
	number := func(n int64) *int64 { return &n }
	for name, c := range map[string]struct {
		cup, jar inventory.Item
		channel  *inventory.Selling
		ats      int64
		more     int64
	}{ // a kit is two cups and a jar: one of them at ber, one at ham
		"neither may":      {ats: 2},
		"jars may":         {jar: inventory.Item{Backorder: true}, ats: 2},
		"cups may":         {cup: inventory.Item{Backorder: true}, ats: 2, more: 10},
		"some cups may":    {cup: inventory.Item{Backorder: true, BackorderLimit: 14}, ats: 2, more: 6}, // 5 + 14 − 3 cups
		"few cups may":     {cup: inventory.Item{Backorder: true, BackorderLimit: 3}, ats: 2},           // as many as wait
		"all may":          {cup: inventory.Item{Backorder: true}, jar: inventory.Item{Backorder: true}, ats: 2, more: inventory.Unlimited},
		"all may, to some": {cup: inventory.Item{Backorder: true, BackorderLimit: 14}, jar: inventory.Item{Backorder: true, BackorderLimit: 1}, ats: 2, more: 6},
		"on a channel":     {cup: inventory.Item{Backorder: true}, channel: &inventory.Selling{Listings: []inventory.Listing{{Item: "set", Cap: number(5)}}}, ats: 2, more: 3},
		"of capped jars":   {cup: inventory.Item{Backorder: true}, channel: &inventory.Selling{Listings: []inventory.Listing{{Item: "jar", Cap: number(4)}}}, ats: 2, more: 2},
	} {
		c.cup.ID, c.jar.ID = "cup", "jar"
		s := preorder(c.cup, c.jar, inventory.Item{ID: "set", Kit: []inventory.Component{{Item: "cup", Qty: 2}, {Item: "jar", Qty: 1}, {Item: "wrap", Qty: 1}}}, inventory.Item{ID: "wrap", Untracked: true})
		s.Waiting, s.Channel = map[string]int64{"cup": 3}, c.channel
		a, err := s.Explain("set", "", "", noon)
		require.NoError(t, err)
		require.Equal(t, c.ats, a.ATS, name)
		require.Equal(t, c.more, a.Backorder, name)
	}
}

func TestAShortageSaysHowManyMayStillWait(t *testing.T) {
	t.Parallel()
	err := &inventory.ShortageError{Short: []inventory.Shortage{
		{Line: 1, Item: "cup", Want: 9, Have: 3, Limit: 5, Room: 2}, {Line: 2, Item: "jar", Want: 2, Have: 1},
	}}
	require.Equal(t, `inventory: not enough stock: item "cup" (line 1): want 9, have 3, and 2 may wait (limit 5); item "jar" (line 2): want 2, have 1`, err.Error())
}
