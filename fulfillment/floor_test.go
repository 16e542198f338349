package fulfillment_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if the change is meant, run the test with -update and look at the diagram")
}

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later = noon.Add(time.Hour)
	sale  = order.ID{UUID: uuid.MustParse("0195f0a0-0000-7000-8000-000000000001")}
	work  = fulfillment.ID{UUID: uuid.MustParse("0195f0a0-0000-7000-8000-000000000002")}
	box   = fulfillment.ShipmentID{UUID: uuid.MustParse("0195f0a0-0000-7000-8000-000000000003")}
)

func flow(t require.TestingT, options ...fulfillment.FlowOption) *fulfillment.Flow {
	f, err := fulfillment.NewFlow(options...)
	require.NoError(t, err)
	return f
}

// units names a number of units of each line: units(2, 0, 1) is two of line 1 and one
// of line 3.
func units(qty ...int64) []order.LineQty {
	var out []order.LineQty
	for i, q := range qty {
		if q != 0 {
			out = append(out, order.LineQty{Line: i + 1, Qty: q})
		}
	}
	return out
}

// parcel holds units.
func parcel(us []order.LineQty) fulfillment.Parcel {
	return fulfillment.Parcel{Carrier: "DHL", Tracking: "1Z", Grams: 500, Contents: us}
}

// opened is work on four units of line 1 and three of line 2.
func opened(t require.TestingT) fulfillment.Order {
	o, events := fulfillment.Open(work, sale, "ber", []fulfillment.Line{{Line: 1, Item: "tee", Qty: 4}, {Line: 2, Item: "mug", Qty: 3}}, noon)
	require.Equal(t, []fulfillment.Event{fulfillment.Opened{Fulfillment: work, Location: "ber", Units: units(4, 3)}}, events)
	return o
}

// picked is that work with some units picked.
func picked(t require.TestingT, qty ...int64) fulfillment.Order {
	o, _, _, err := flow(t).Pick(opened(t), units(qty...), noon)
	require.NoError(t, err)
	return o
}

// packed is work with a shipment.
func packed(t require.TestingT, o fulfillment.Order, parcels ...fulfillment.Parcel) (fulfillment.Order, fulfillment.Shipment) {
	o, s, taken, deltas, _, err := flow(t).Pack(o, box, parcels, noon)
	require.NoError(t, err)
	require.Len(t, deltas, len(taken))
	return o, s
}

// delta is a change of one order line.
func delta(line int, by order.Counters) order.LineDelta { return order.LineDelta{Line: line, By: by} }

// errOf is the error of a decision of which nothing else is of interest.
func errOf[A, B, C any](_ A, _ B, _ C, err error) error { return err }
