package inventory_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
)

func ExampleItem_Base() {
	soap := inventory.Item{ID: "soap", Units: []inventory.Unit{{Code: "case", Qty: 12}}}
	pieces, err := soap.Base(3, "case")
	fmt.Println(pieces, err)
	_, err = soap.In(30, "case")
	fmt.Println(err)
	// Output:
	// 36 <nil>
	// inventory: unit refused: 30 "case" of item "soap": as base units, of which 12 make one, they leave 6 over
}

func TestUnitsConvertExactlyOrNotAtAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		per := rapid.Int64Range(1, inventory.MaxQty).Draw(t, "per")
		i := inventory.Item{ID: "soap", Units: []inventory.Unit{{Code: "case", Qty: per}}}
		n := rapid.Int64().Draw(t, "n")
		base, err := i.Base(n, "case")
		if err != nil {
			require.ErrorIs(t, err, inventory.ErrUnit)
			require.Greater(t, math.Abs(float64(n))*float64(per), float64(math.MaxInt64)*0.999)
			return
		}
		back, err := i.In(base, "case")
		require.NoError(t, err)
		require.Equal(t, n, back)
		if per > 1 && base < math.MaxInt64 {
			_, err = i.In(base+1, "case")
			require.ErrorIs(t, err, inventory.ErrUnit)
		}
	})
	i := inventory.Item{ID: "soap"}
	n, err := i.Base(7, "")
	require.NoError(t, err)
	require.EqualValues(t, 7, n)
	for _, ask := range []func(int64, string) (int64, error){i.Base, i.In} {
		_, err := ask(7, "pallet")
		require.ErrorIs(t, err, inventory.ErrUnit)
	}
}

// Holds of kits and of components, whatever they are, take what the same holds of
// components alone would take.
func TestHoldsOfKitsAreHoldsOfTheirComponents(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		needs := []int64{rapid.Int64Range(1, 3).Draw(t, "a each"), rapid.Int64Range(1, 3).Draw(t, "b each")}
		have := []int64{rapid.Int64Range(0, 20).Draw(t, "a"), rapid.Int64Range(0, 20).Draw(t, "b")}
		s := inventory.Snapshot{
			Items:     []inventory.Item{{ID: "a"}, {ID: "b"}, {ID: "kit", Kit: []inventory.Component{{Item: "a", Qty: needs[0]}, {Item: "b", Qty: needs[1]}}}},
			Locations: []inventory.Location{{ID: "ber"}},
			Balances:  []inventory.Balance{{Key: inventory.Key{Item: "a", Location: "ber"}}, {Key: inventory.Key{Item: "b", Location: "ber"}}},
		}
		for i := range have {
			s.Balances[i].Set(inventory.Free, have[i])
		}
		require.Equal(t, min(have[0]/needs[0], have[1]/needs[1]), s.Available("kit", "ber", "", now))
		require.Equal(t, s.Available("kit", "ber", "", now), s.Available("kit", "", "", now))
		var holds []inventory.Hold
		var want [2]int64
		for line := range rapid.IntRange(1, 5).Draw(t, "holds") {
			h := inventory.Hold{Owner: "o", Line: line, Item: rapid.SampledFrom([]string{"a", "b", "kit"}).Draw(t, "item"), Location: "ber", Qty: rapid.Int64Range(1, 6).Draw(t, "qty")}
			holds = append(holds, h)
			switch h.Item {
			case "a":
				want[0] += h.Qty
			case "b":
				want[1] += h.Qty
			default:
				want[0], want[1] = want[0]+h.Qty*needs[0], want[1]+h.Qty*needs[1]
			}
		}
		c, err := inventory.Reserve(s, holds, "", inventory.Meta{Now: now})
		if want[0] > have[0] || want[1] > have[1] {
			require.ErrorIs(t, err, inventory.ErrShortage)
			return
		}
		require.NoError(t, err)
		var got [2]int64
		for _, r := range c.Reservations {
			require.NotEqual(t, "kit", r.Item)
			got[map[string]int{"a": 0, "b": 1}[r.Item]] += r.Committed
		}
		require.Equal(t, want, got)
	})
}
