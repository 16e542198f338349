package inventory_test

import (
	"math"
	"slices"
	"testing"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAMovementIsDoubleEntry(t *testing.T) {
	t.Parallel()
	free, customer := inventory.At("ber", inventory.Free), inventory.Outside(inventory.Customer)
	for name, c := range map[string]struct {
		m    inventory.Movement
		want error
	}{
		"between two accounts":            {inventory.Movement{Item: "tee", From: free, To: customer, Qty: 1}, nil},
		"at the limit":                    {inventory.Movement{Item: "tee", From: free, To: customer, Qty: inventory.MaxQty}, nil},
		"between two locations":           {inventory.Movement{Item: "tee", From: free, To: inventory.At("ams", inventory.Free), Qty: 1}, nil},
		"of nothing":                      {inventory.Movement{Item: "tee", From: free, To: customer}, inventory.ErrQuantity},
		"of less than nothing":            {inventory.Movement{Item: "tee", From: free, To: customer, Qty: -1}, inventory.ErrQuantity},
		"of the least integer":            {inventory.Movement{Item: "tee", From: free, To: customer, Qty: math.MinInt64}, inventory.ErrQuantity},
		"beyond the limit":                {inventory.Movement{Item: "tee", From: free, To: customer, Qty: inventory.MaxQty + 1}, inventory.ErrQuantity},
		"to itself":                       {inventory.Movement{Item: "tee", From: free, To: free, Qty: 1}, inventory.ErrState},
		"from nowhere":                    {inventory.Movement{Item: "tee", To: free, Qty: 1}, inventory.ErrState},
		"to an unknown state":             {inventory.Movement{Item: "tee", From: free, To: inventory.Outside(99), Qty: 1}, inventory.ErrState},
		"free stock without a location":   {inventory.Movement{Item: "tee", From: inventory.Outside(inventory.Free), To: customer, Qty: 1}, inventory.ErrState},
		"a customer who is at a location": {inventory.Movement{Item: "tee", From: free, To: inventory.At("ber", inventory.Customer), Qty: 1}, inventory.ErrState},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, c.m.Validate(), c.want)
		})
	}
}

func TestABalanceCountsTheUnitsOfItsEightStates(t *testing.T) {
	t.Parallel()
	var b inventory.Balance
	for i, s := range inventory.LocationStates() {
		b.Set(s, int64(1)<<i)
	}
	b.Set(inventory.Customer, 1000)
	require.Equal(t, int64(255), b.OnHand(), "accounts outside a location are not on hand")
	require.Equal(t, int64(4), b.Of(inventory.Committed))
	require.Zero(t, b.Of(inventory.Customer))
	require.Zero(t, b.Of(0))
}

func TestABalanceNeverLeavesItsBounds(t *testing.T) {
	t.Parallel()
	var b inventory.Balance
	b.Set(inventory.Free, 5)
	for name, by := range map[string][]int64{
		"below zero":                    {-6},
		"beyond the limit":              {inventory.MaxQty - 4},
		"one state good, another below": {1, -1},
	} {
		d := inventory.Delta{Key: inventory.Key{Item: "tee", Location: "ber"}}
		copy(d.By[:], by)
		was := b
		require.ErrorIs(t, b.Apply(d), inventory.ErrStale, name)
		require.Equal(t, was, b, "%s: a refused delta changes nothing", name)
	}
	d := inventory.Delta{}
	d.By[0], d.By[7] = -5, inventory.MaxQty
	require.NoError(t, b.Apply(d))
	require.Zero(t, b.Of(inventory.Free))
	require.Equal(t, int64(inventory.MaxQty), b.Of(inventory.Held))
}

func TestDeltasAreInLockOrderOnePerRowAndSumToTheMovements(t *testing.T) {
	t.Parallel()
	id := rapid.SampledFrom([]string{"a", "b", "c"})
	account := rapid.Custom(func(t *rapid.T) inventory.Account {
		s := inventory.State(rapid.Uint8Range(1, 14).Draw(t, "state"))
		if s.AtLocation() {
			return inventory.At(id.Draw(t, "location"), s)
		}
		return inventory.Outside(s)
	})
	rapid.Check(t, func(t *rapid.T) {
		p := inventory.Posting{Movements: rapid.SliceOf(rapid.Custom(func(t *rapid.T) inventory.Movement {
			return inventory.Movement{Item: id.Draw(t, "item"), Lot: rapid.SampledFrom([]string{"", "x"}).Draw(t, "lot"),
				From: account.Draw(t, "from"), To: account.Draw(t, "to"), Qty: rapid.Int64Range(1, 9).Draw(t, "qty")}
		})).Draw(t, "movements")}
		want := map[inventory.Key]*[8]int64{}
		for _, m := range p.Movements {
			for a, q := range map[inventory.Account]int64{m.From: -m.Qty, m.To: m.Qty} {
				if m.From == m.To {
					q = 0
				}
				if k := (inventory.Key{Item: m.Item, Lot: m.Lot, Location: a.Location}); a.State.AtLocation() {
					if want[k] == nil {
						want[k] = new([8]int64)
					}
					want[k][a.State-1] += q
				}
			}
		}
		got := p.Deltas()
		require.Len(t, got, len(want))
		require.True(t, slices.IsSortedFunc(got, func(a, b inventory.Delta) int { return a.Compare(b.Key) }))
		for _, d := range got {
			require.Equal(t, *want[d.Key], d.By)
		}
	})
}

func TestKeysAreLockedByItemThenLocationThenLot(t *testing.T) {
	t.Parallel()
	keys := []inventory.Key{
		{Item: "b", Location: "a"}, {Item: "a", Location: "b"}, {Item: "a", Location: "a", Lot: "2"}, {Item: "a", Location: "a", Lot: "1"},
	}
	slices.SortFunc(keys, inventory.Key.Compare)
	require.Equal(t, []inventory.Key{
		{Item: "a", Location: "a", Lot: "1"}, {Item: "a", Location: "a", Lot: "2"}, {Item: "a", Location: "b"}, {Item: "b", Location: "a"},
	}, keys)
}
