package inventory_test

import (
	"math"
	"strings"
	"testing"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
)

func TestIDsAreTakenExactlyAsGivenOrRefused(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"J", "j", "tee-m", "a b", "Größe 42", strings.Repeat("x", inventory.MaxIDLen)} {
		require.NoError(t, inventory.Item{ID: id}.Validate(), id)
		require.NoError(t, inventory.Location{ID: id}.Validate(), id)
	}
	for name, id := range map[string]string{
		"empty": "", "leading space": " J", "trailing space": "J ", "only space": " ", "no-break space": "J\u00a0",
		"too long": strings.Repeat("x", inventory.MaxIDLen+1), "too long in bytes": strings.Repeat("ß", inventory.MaxIDLen),
		"not UTF-8": "\xff", "control character": "a\x00b", "new line inside": "a\nb",
	} {
		require.ErrorIs(t, inventory.Item{ID: id}.Validate(), inventory.ErrID, name)
		require.ErrorIs(t, inventory.Location{ID: id}.Validate(), inventory.ErrID, name)
	}
}

func TestAnItemsScaleAndSafetyAreBounded(t *testing.T) {
	t.Parallel()
	for _, i := range []inventory.Item{{ID: "a", Scale: 9}, {ID: "a", Safety: inventory.MaxQty}, {ID: "a", Untracked: true, Backorder: true}} {
		require.NoError(t, i.Validate())
	}
	for _, scale := range []int{-1, 10} {
		require.ErrorIs(t, inventory.Item{ID: "a", Scale: scale}.Validate(), inventory.ErrQuantity)
	}
	for _, safety := range []int64{-1, inventory.MaxQty + 1, math.MinInt64} {
		var bad *inventory.QuantityError
		require.ErrorAs(t, inventory.Item{ID: "a", Safety: safety}.Validate(), &bad)
		require.Equal(t, safety, bad.Qty)
		require.Equal(t, "a", bad.Item)
		require.ErrorIs(t, bad, inventory.ErrQuantity)
	}
}

func TestALocationLiesOnEarth(t *testing.T) {
	t.Parallel()
	for _, at := range []inventory.Point{{Lat: 90, Lng: 180}, {Lat: -90, Lng: -180}, {}} {
		require.NoError(t, inventory.Location{ID: "ber", At: &at}.Validate())
	}
	nan := math.NaN()
	for _, at := range []inventory.Point{{Lat: 90.1}, {Lat: -91}, {Lng: 180.1}, {Lng: -181}, {Lat: nan}, {Lng: nan}, {Lat: math.Inf(1)}} {
		require.ErrorIs(t, inventory.Location{ID: "ber", At: &at}.Validate(), inventory.ErrID, at)
	}
}
