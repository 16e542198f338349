package fulfillment_test

import (
	"math"
	"testing"

	"github.com/orderkit/oms/fulfillment"
	"github.com/stretchr/testify/require"
)

func TestTheLawOfALine(t *testing.T) {
	t.Parallel()
	good := fulfillment.Line{Line: 1, Item: "tee", Qty: 21, Picked: 1, Packed: 2, Shipped: 3, Short: 4, Cancelled: 5}
	require.NoError(t, good.Check())
	require.Equal(t, int64(6), good.Open())
	for name, spoil := range map[string]func(*fulfillment.Line){
		"more than was assigned": func(l *fulfillment.Line) { l.Qty = 14 },
		"negative quantity":      func(l *fulfillment.Line) { *l = fulfillment.Line{Qty: -1} },
		"negative picked":        func(l *fulfillment.Line) { l.Picked = -1 },
		"negative packed":        func(l *fulfillment.Line) { l.Packed = -1 },
		"negative shipped":       func(l *fulfillment.Line) { l.Shipped = -1 },
		"negative short":         func(l *fulfillment.Line) { l.Short = math.MinInt64 },
		"negative cancelled":     func(l *fulfillment.Line) { l.Cancelled = -1 },
	} {
		l := good
		spoil(&l)
		var broken *fulfillment.LineError
		require.ErrorAs(t, l.Check(), &broken, name)
		require.ErrorIs(t, broken, fulfillment.ErrQuantity)
		require.Equal(t, l, broken.Facts)
	}
}

func TestALineOfWorkIsFoundByItsOrderLine(t *testing.T) {
	t.Parallel()
	o, _ := fulfillment.Open(work, sale, "ber", []fulfillment.Line{{Line: 2, Qty: 1}, {Line: 5, Qty: 2}}, noon)
	l, ok := o.Line(5)
	require.True(t, ok)
	require.Equal(t, int64(2), l.Qty)
	for _, no := range []int{-1, 0, 1, 3, 6} {
		_, ok = o.Line(no)
		require.False(t, ok, no)
	}
}

func TestOneParcelHoldsEverythingThatIsLeft(t *testing.T) {
	t.Parallel()
	o := picked(t, 3)
	require.Equal(t, []fulfillment.Parcel{{Contents: units(4, 3)}}, o.OneParcel())
	o, s := packed(t, o, parcel(units(4, 1)))
	require.Equal(t, []fulfillment.Parcel{{Contents: units(0, 2)}}, o.OneParcel())
	o, _ = packed(t, o, o.OneParcel()...)
	require.Empty(t, o.OneParcel())
	require.Equal(t, fulfillment.ShipmentPacked, s.State)
}

func TestAShipmentSumsItsParcelsByLine(t *testing.T) {
	t.Parallel()
	s := fulfillment.Shipment{Parcels: []fulfillment.Parcel{parcel(units(0, 2, 1)), parcel(units(1, 1)), parcel(units(1))}}
	require.Equal(t, units(2, 3, 1), s.Units())
	n := s.Clone()
	n.Parcels[0].Contents[0].Qty, n.Parcels[1].Carrier = 9, "?"
	require.Equal(t, units(2, 3, 1), s.Units(), "a clone shares nothing")
	require.Equal(t, "DHL", s.Parcels[1].Carrier)
	require.Empty(t, (&fulfillment.Shipment{}).Units())
}

func TestIDsAreReadInTheCanonicalForm(t *testing.T) {
	t.Parallel()
	id, err := fulfillment.ParseID(work.String())
	require.NoError(t, err)
	require.Equal(t, work, id)
	shipment, err := fulfillment.ParseShipmentID(box.String())
	require.NoError(t, err)
	require.Equal(t, box, shipment)
	_, err = fulfillment.ParseID("fo-1")
	require.Error(t, err)
	_, err = fulfillment.ParseShipmentID("")
	require.Error(t, err)
}

func TestEventKindsAreStable(t *testing.T) {
	t.Parallel()
	for kind, e := range map[string]fulfillment.Event{
		"fulfillment.opened": fulfillment.Opened{}, "fulfillment.picked": fulfillment.Picked{}, "fulfillment.short_picked": fulfillment.ShortPicked{},
		"fulfillment.withdrawn": fulfillment.Withdrawn{}, "shipment.packed": fulfillment.Packed{}, "shipment.shipped": fulfillment.Shipped{},
		"shipment.voided": fulfillment.Voided{}, "shipment.delivered": fulfillment.Delivered{},
	} {
		require.Equal(t, kind, e.Kind())
	}
}
