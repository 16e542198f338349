package order_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

func TestEveryLawOfTheCountersIsChecked(t *testing.T) {
	t.Parallel()
	good := order.Counters{Ordered: 21, Unreserved: 1, Reserved: 2, Backordered: 3, Picked: 1, Packed: 2, Shipped: 9, Cancelled: 3,
		Delivered: 9, ReturnOpen: 4, Returned: 5, Lost: 1, Restocked: 4, WrittenOff: 2, RefundedUnits: 9}
	require.NoError(t, good.Check())
	require.NoError(t, order.Counters{}.Check())
	for law, spoil := range map[string]func(*order.Counters){
		"unreserved + reserved + backordered + picked + packed + shipped + cancelled = ordered": func(c *order.Counters) { c.Ordered++ },
		"delivered ≤ shipped":                       func(c *order.Counters) { c.Delivered++ },
		"return_open + returned ≤ shipped":          func(c *order.Counters) { c.ReturnOpen++ },
		"restocked + written_off ≤ returned + lost": func(c *order.Counters) { c.WrittenOff++ },
		"refunded_units + cancelled ≤ ordered":      func(c *order.Counters) { c.RefundedUnits = 19 },
	} {
		c := good
		spoil(&c)
		var broken *order.InvariantError
		require.ErrorAs(t, c.Check(), &broken, law)
		require.Equal(t, &order.InvariantError{Law: law, Counters: c}, broken)
		require.ErrorIs(t, broken, order.ErrInvariant)
		require.ErrorContains(t, broken, law)
	}
}

func TestNoCounterLeavesItsBounds(t *testing.T) {
	t.Parallel()
	counters := reflect.TypeFor[order.Counters]()
	require.Equal(t, 15, counters.NumField())
	for i := range counters.NumField() {
		for _, q := range []int64{-1, order.MaxQty + 1, math.MinInt64, math.MaxInt64} {
			var c order.Counters
			reflect.ValueOf(&c).Elem().Field(i).SetInt(q)
			require.ErrorIs(t, c.Check(), order.ErrInvariant, "%s of %d", counters.Field(i).Name, q)
		}
	}
}

func TestOpenAndReturnableFollowFromTheCounters(t *testing.T) {
	t.Parallel()
	c := order.Counters{Ordered: 10, Reserved: 3, Shipped: 5, Cancelled: 2, ReturnOpen: 1, Returned: 2}
	require.Equal(t, int64(3), c.Open())
	require.Equal(t, int64(2), c.Returnable())
}

func TestCountAppliesEveryDeltaOrNone(t *testing.T) {
	t.Parallel()
	o := placed(t, cart(goods(3, "10"), goods(2, "5")))
	was := o.Clone()
	n, err := o.Count(later, order.LineDelta{Line: 1, By: order.Counters{Unreserved: -3, Reserved: 2, Backordered: 1}},
		order.LineDelta{Line: 2, By: order.Counters{Unreserved: -2, Reserved: 2}}, order.LineDelta{Line: 1, By: order.Counters{Reserved: -1, Picked: 1}})
	require.NoError(t, err)
	require.Equal(t, order.Counters{Ordered: 3, Reserved: 1, Backordered: 1, Picked: 1}, n.Lines[0].Counters)
	require.Equal(t, order.Counters{Ordered: 2, Reserved: 2}, n.Lines[1].Counters)
	require.Equal(t, later, n.UpdatedAt)
	require.Equal(t, was, o, "the order that it began with stays as it was")

	n, err = o.Count(later, order.LineDelta{Line: 1, By: order.Counters{Unreserved: -1, Reserved: 1}},
		order.LineDelta{Line: 2, By: order.Counters{Unreserved: -3, Reserved: 3}})
	require.ErrorIs(t, err, order.ErrInvariant)
	var line *order.LineError
	require.ErrorAs(t, err, &line)
	require.Equal(t, 2, line.Line)
	require.Equal(t, o.ID, line.Order)
	require.Equal(t, was, n)
	for _, no := range []int{0, 3, -1} {
		n, err = o.Count(later, order.LineDelta{Line: no})
		require.ErrorIs(t, err, order.ErrUnknownLine)
		require.Equal(t, was, n)
	}
}
