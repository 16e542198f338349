package inventory_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

func costing(amount string) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(amount))
}

func TestAReceiptCarriesWhatItsUnitsCost(t *testing.T) {
	t.Parallel()
	s := newShelf()
	c, err := inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "tee", Location: "ber", Qty: 10, UnitCost: costing("4.25")}, s.meta())
	require.NoError(t, err)
	require.Len(t, c.Costs, 1)
	require.Equal(t, 0, c.Costs[0].Movement)
	require.Equal(t, "4.25", c.Costs[0].Cost.String())
	c, err = inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "tee", Location: "ber", Qty: 10}, s.meta())
	require.NoError(t, err)
	require.Nil(t, c.Costs)
	c, err = inventory.Adjust(s.snapshot(""), inventory.Adjustment{Item: "tee", Location: "ber", Delta: 10, Reason: inventory.ReasonOpening, UnitCost: costing("0")}, s.meta())
	require.NoError(t, err)
	require.Len(t, c.Costs, 1)
}

func TestACostThatCouldNotBeKeptIsRefused(t *testing.T) {
	t.Parallel()
	s := newShelf()
	for _, bad := range []string{"-0.01", "0.0000001", "1000000000000.01", "1e101", "1e-200"} {
		_, err := inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "tee", Location: "ber", Qty: 10, UnitCost: costing(bad)}, s.meta())
		require.ErrorIs(t, err, inventory.ErrCost, bad)
		var fact *inventory.CostError
		require.ErrorAs(t, err, &fact)
		require.Equal(t, "tee", fact.Item)
	}
	s.stock(t, "tee", "", "ber", 10)
	_, err := inventory.Adjust(s.snapshot(""), inventory.Adjustment{Item: "tee", Location: "ber", Delta: -1, Reason: inventory.ReasonLost, UnitCost: costing("1")}, s.meta())
	require.ErrorIs(t, err, inventory.ErrCost)
	require.NoError(t, inventory.CheckUnitCost("tee", decimal.RequireFromString("0.1000000000")), "zeros behind the last place say nothing")
}

func TestAMethodThatDoesNotExistIsRefused(t *testing.T) {
	t.Parallel()
	for _, m := range []inventory.CostMethod{inventory.NotCosted, inventory.CostFIFO, inventory.CostAverage} {
		require.NoError(t, m.Validate())
	}
	require.EqualError(t, inventory.CostMethod("lifo").Validate(), `inventory: cost refused: method "lifo"; known: fifo, average, or none`)
}
