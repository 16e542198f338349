package fulfillment_test

import (
	"testing"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

func TestOpenGivesALocationItsWork(t *testing.T) {
	t.Parallel()
	lines := []fulfillment.Line{{Line: 1, Item: "tee", Qty: 4}}
	o, _ := fulfillment.Open(work, sale, "ber", lines, noon)
	require.Equal(t, fulfillment.Order{ID: work, Order: sale, Location: "ber", Work: fulfillment.WorkOpen,
		Lines: []fulfillment.Line{{Line: 1, Item: "tee", Qty: 4}}, CreatedAt: noon, UpdatedAt: noon}, o)
	lines[0].Qty = 9
	require.Equal(t, int64(4), o.Lines[0].Qty, "the work shares nothing with what the caller has")
}

func TestPickTakesOpenUnitsOffTheShelf(t *testing.T) {
	t.Parallel()
	o := opened(t)
	was := o.Clone()
	n, deltas, events, err := flow(t).Pick(o, []order.LineQty{{Line: 2, Qty: 1}, {Line: 1, Qty: 1}, {Line: 1, Qty: 2}}, later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	require.Equal(t, fulfillment.WorkInProgress, n.Work)
	require.Equal(t, later, n.UpdatedAt)
	require.Equal(t, []fulfillment.Line{{Line: 1, Item: "tee", Qty: 4, Picked: 3}, {Line: 2, Item: "mug", Qty: 3, Picked: 1}}, n.Lines)
	require.Equal(t, []order.LineDelta{
		delta(2, order.Counters{Reserved: -1, Picked: 1}), delta(1, order.Counters{Reserved: -1, Picked: 1}), delta(1, order.Counters{Reserved: -2, Picked: 2}),
	}, deltas)
	require.Equal(t, []fulfillment.Event{fulfillment.Picked{Fulfillment: work, Units: units(3, 1)}}, events)
}

func TestPickAndShortPickRefuseWhatIsNotOpen(t *testing.T) {
	t.Parallel()
	o := picked(t, 3)
	for name, c := range map[string]struct {
		units []order.LineQty
		want  error
	}{
		"nothing":                {nil, fulfillment.ErrQuantity},
		"none of a line":         {[]order.LineQty{{Line: 1}}, fulfillment.ErrQuantity},
		"fewer than none":        {units(-1), fulfillment.ErrQuantity},
		"more than is open":      {units(2), fulfillment.ErrQuantity},
		"more in sum":            {append(units(1), units(1)...), fulfillment.ErrQuantity},
		"a line that it has not": {units(0, 0, 1), fulfillment.ErrUnknownLine},
	} {
		n, deltas, events, err := flow(t).Pick(o, c.units, later)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, o, n)
		require.Empty(t, deltas)
		require.Empty(t, events)
		n, deltas, events, err = flow(t).ShortPick(o, c.units, later)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, o, n)
		require.Empty(t, deltas)
		require.Empty(t, events)
	}
	err := errOf(flow(t).Pick(o, units(2), later))
	require.Equal(t, &fulfillment.LineError{Line: 1, Want: 2, Err: fulfillment.ErrQuantity, Facts: o.Lines[0]}, err)
	require.EqualError(t, err, "fulfillment: quantity refused: line 1, want 2 units; of 4 assigned 1 are open, 3 picked, 0 packed, 0 shipped, 0 short, 0 cancelled")
}

func TestShortPickGivesTheDemandBack(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := opened(t)
	n, deltas, events, err := f.ShortPick(o, units(4, 1), later)
	require.NoError(t, err)
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{Reserved: -4, Unreserved: 4}), delta(2, order.Counters{Reserved: -1, Unreserved: 1})}, deltas)
	require.Equal(t, []fulfillment.Event{fulfillment.ShortPicked{Fulfillment: work, Location: "ber", Units: units(4, 1)}}, events)
	require.Equal(t, fulfillment.WorkInProgress, n.Work, "two mugs are still to be picked")
	n, _, _, err = f.ShortPick(n, units(0, 2), later)
	require.NoError(t, err)
	require.Equal(t, fulfillment.WorkCancelled, n.Work, "nothing is left to do, and nothing was sent")
	err = errOf(f.Pick(n, units(1), later))
	require.Equal(t, &fulfillment.TransitionError{ID: work.String(), From: "cancelled", Action: fulfillment.ActionStart}, err)
	require.ErrorIs(t, err, fulfillment.ErrTransition)
}

func TestPackTakesPickedUnitsFirst(t *testing.T) {
	t.Parallel()
	o := picked(t, 3)
	was := o.Clone()
	parcels := []fulfillment.Parcel{parcel(units(2, 1)), parcel(units(2))}
	n, s, taken, deltas, events, err := flow(t).Pack(o, box, parcels, later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	require.Equal(t, []fulfillment.Line{{Line: 1, Item: "tee", Qty: 4, Packed: 4}, {Line: 2, Item: "mug", Qty: 3, Packed: 1}}, n.Lines)
	require.Equal(t, []fulfillment.Taken{{Line: 1, Open: 1, Picked: 3}, {Line: 2, Open: 1}}, taken)
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{Reserved: -1, Picked: -3, Packed: 4}), delta(2, order.Counters{Reserved: -1, Packed: 1})}, deltas)
	require.Equal(t, fulfillment.Shipment{ID: box, Fulfillment: work, Order: sale, Location: "ber", State: fulfillment.ShipmentPacked,
		Parcels: []fulfillment.Parcel{parcel(units(2, 1)), parcel(units(2))}, PackedAt: later, UpdatedAt: later}, s)
	require.Equal(t, units(4, 1), s.Units())
	require.Equal(t, []fulfillment.Event{fulfillment.Packed{Shipment: box, Fulfillment: work, Parcels: 2, Units: units(4, 1)}}, events)
	parcels[0].Contents[0].Qty = 9
	require.Equal(t, units(4, 1), s.Units(), "the shipment shares nothing with what the caller has")
}

func TestPackRefusesParcelsThatCannotBe(t *testing.T) {
	t.Parallel()
	o := picked(t, 3)
	heavy := parcel(units(1))
	heavy.Grams = -1
	for name, c := range map[string]struct {
		parcels []fulfillment.Parcel
		want    error
	}{
		"no parcel":              {nil, fulfillment.ErrParcel},
		"an empty parcel":        {[]fulfillment.Parcel{parcel(units(1)), {}}, fulfillment.ErrParcel},
		"a negative weight":      {[]fulfillment.Parcel{heavy}, fulfillment.ErrParcel},
		"none of a line":         {[]fulfillment.Parcel{parcel([]order.LineQty{{Line: 1}})}, fulfillment.ErrParcel},
		"fewer than none":        {[]fulfillment.Parcel{parcel(units(-1))}, fulfillment.ErrParcel},
		"more than can be":       {[]fulfillment.Parcel{parcel(units(order.MaxQty + 1))}, fulfillment.ErrParcel},
		"more than there is":     {[]fulfillment.Parcel{parcel(units(5))}, fulfillment.ErrQuantity},
		"more in sum":            {[]fulfillment.Parcel{parcel(units(4)), parcel(units(1))}, fulfillment.ErrQuantity},
		"a line that it has not": {[]fulfillment.Parcel{parcel(units(1, 0, 1))}, fulfillment.ErrUnknownLine},
	} {
		n, s, taken, deltas, events, err := flow(t).Pack(o, box, c.parcels, later)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, o, n)
		require.Zero(t, s)
		require.Empty(t, taken)
		require.Empty(t, deltas)
		require.Empty(t, events)
	}
}

func TestShipHandsOverAndFinishesTheWork(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o, s := packed(t, picked(t, 3), parcel(units(4, 2)), fulfillment.Parcel{Contents: units(0, 1)})
	was, wasIn := o.Clone(), s.Clone()
	n, sent, deltas, events, err := f.Ship(o, s, later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	require.Equal(t, wasIn, s)
	require.Equal(t, fulfillment.WorkDone, n.Work)
	require.Equal(t, []any{fulfillment.ShipmentShipped, later, later}, []any{sent.State, sent.ShippedAt, sent.UpdatedAt})
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{Packed: -4, Shipped: 4}), delta(2, order.Counters{Packed: -3, Shipped: 3})}, deltas)
	require.Equal(t, []fulfillment.Event{fulfillment.Shipped{Shipment: box, Fulfillment: work, Location: "ber", Units: units(4, 3), Tracking: []string{"DHL 1Z"}}}, events,
		"a parcel without tracking has none to tell")
	n, again, deltas, events, err := f.Ship(n, sent, later)
	require.Equal(t, &fulfillment.TransitionError{ID: box.String(), From: "shipped", Action: fulfillment.ActionShip, Allowed: []fulfillment.Action{fulfillment.ActionDeliver}}, err)
	require.Equal(t, sent, again)
	require.Equal(t, fulfillment.WorkDone, n.Work)
	require.Empty(t, deltas)
	require.Empty(t, events)
}

func TestWorkThatSentSomethingIsDoneEvenIfTheRestWasShort(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o, s := packed(t, opened(t), parcel(units(4)))
	o, _, _, err := f.ShortPick(o, units(0, 3), noon)
	require.NoError(t, err)
	require.Equal(t, fulfillment.WorkInProgress, o.Work, "the parcel is still here")
	o, s, _, _, err = f.Ship(o, s, noon)
	require.NoError(t, err)
	require.Equal(t, []any{fulfillment.WorkDone, fulfillment.ShipmentShipped}, []any{o.Work, s.State})
}

func TestShipAndVoidTakeOnlyTheirOwnShipment(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o, s := packed(t, opened(t), parcel(units(1)))
	other := s.Clone()
	other.Fulfillment = fulfillment.ID{UUID: sale.UUID}
	for name, decide := range map[string]func(fulfillment.Order, fulfillment.Shipment) (fulfillment.Order, fulfillment.Shipment, error){
		"ship": func(o fulfillment.Order, s fulfillment.Shipment) (fulfillment.Order, fulfillment.Shipment, error) {
			n, s, _, _, err := f.Ship(o, s, later)
			return n, s, err
		},
		"void": func(o fulfillment.Order, s fulfillment.Shipment) (fulfillment.Order, fulfillment.Shipment, error) {
			n, s, _, _, err := f.Void(o, s, later)
			return n, s, err
		},
	} {
		n, same, err := decide(o, other)
		require.ErrorIs(t, err, fulfillment.ErrNotFound, name)
		require.Equal(t, o, n)
		require.Equal(t, other, same)

		foreign := s.Clone()
		foreign.Parcels[0].Contents[0].Line = 3
		_, _, err = decide(o, foreign)
		require.ErrorIs(t, err, fulfillment.ErrUnknownLine, name)
		foreign.Parcels[0].Contents[0] = order.LineQty{Line: 1, Qty: 2}
		_, _, err = decide(o, foreign)
		require.ErrorIs(t, err, fulfillment.ErrQuantity, name)
	}
}

func TestNothingIsShippedInAStateThatIsNotWorkable(t *testing.T) {
	t.Parallel()
	o, s := packed(t, opened(t), parcel(units(1)))
	o.Work = "paused" // a state of a flow that this one is not
	n, same, deltas, events, err := flow(t).Ship(o, s, later)
	require.Equal(t, &fulfillment.TransitionError{ID: work.String(), From: "paused", Action: fulfillment.ActionShip}, err)
	require.Equal(t, o, n)
	require.Equal(t, s, same)
	require.Empty(t, deltas)
	require.Empty(t, events)
}

func TestVoidUnpacksWhatWasNotHandedOver(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o, s := packed(t, picked(t, 3), parcel(units(4, 1)))
	n, void, deltas, events, err := f.Void(o, s, later)
	require.NoError(t, err)
	require.Equal(t, []int64{4, 3}, []int64{n.Lines[0].Open(), n.Lines[1].Open()})
	require.Equal(t, fulfillment.ShipmentVoided, void.State)
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{Packed: -4, Reserved: 4}), delta(2, order.Counters{Packed: -1, Reserved: 1})}, deltas)
	require.Equal(t, []fulfillment.Event{fulfillment.Voided{Shipment: box, Fulfillment: work}}, events)
	n, void, deltas, _, err = f.Void(n, void, later)
	require.ErrorIs(t, err, fulfillment.ErrTransition)
	require.Empty(t, deltas)
	require.Equal(t, fulfillment.ShipmentVoided, void.State)
	n, again := packed(t, n, parcel(units(4, 3)))
	n, again, _, _, err = f.Ship(n, again, later)
	require.NoError(t, err)
	require.Equal(t, []any{fulfillment.WorkDone, fulfillment.ShipmentShipped}, []any{n.Work, again.State})
}

func TestDeliverIsRecordedOnce(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o, s := packed(t, opened(t), parcel(units(2)), parcel(units(1, 1)))
	same, deltas, events, err := f.Deliver(s, later)
	require.ErrorIs(t, err, fulfillment.ErrTransition, "what has not left cannot arrive")
	require.Equal(t, s, same)
	require.Empty(t, deltas)
	require.Empty(t, events)
	o, s, _, _, err = f.Ship(o, s, noon)
	require.NoError(t, err)
	require.Equal(t, fulfillment.WorkInProgress, o.Work, "three units are still here")
	was := s.Clone()
	there, deltas, events, err := f.Deliver(s, later)
	require.NoError(t, err)
	require.Equal(t, was, s)
	require.Equal(t, []any{fulfillment.ShipmentDelivered, later}, []any{there.State, there.DeliveredAt})
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{Delivered: 3}), delta(2, order.Counters{Delivered: 1})}, deltas)
	require.Equal(t, []fulfillment.Event{fulfillment.Delivered{Shipment: box}}, events)
	again, deltas, events, err := f.Deliver(there, noon)
	require.NoError(t, err)
	require.Equal(t, there, again)
	require.Empty(t, deltas)
	require.Empty(t, events)
}

func TestWithdrawTakesOpenAndPickedUnitsOffTheWork(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := picked(t, 3)
	was := o.Clone()
	open := make([]order.LineQty, 0, 4)
	open = append(open, units(1, 2)...)
	spare := open[:3]
	n, events, err := f.Withdraw(o, open, units(2), later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	require.Zero(t, spare[2], "nothing is written into what the caller has")
	require.Equal(t, []fulfillment.Line{{Line: 1, Item: "tee", Qty: 4, Picked: 1, Cancelled: 3}, {Line: 2, Item: "mug", Qty: 3, Cancelled: 2}}, n.Lines)
	require.Equal(t, []fulfillment.Event{fulfillment.Withdrawn{Fulfillment: work, Units: units(3, 2)}}, events)
	require.Equal(t, fulfillment.WorkInProgress, n.Work)
	n, _, err = f.Withdraw(n, units(0, 1), units(1), later)
	require.NoError(t, err)
	require.Equal(t, fulfillment.WorkCancelled, n.Work)
}

func TestWithdrawRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	o := picked(t, 2)
	o, _, err := flow(t).Withdraw(o, units(1), nil, noon)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		open, picked []order.LineQty
		want         error
	}{
		"more than is open":       {units(2), nil, fulfillment.ErrQuantity},
		"more than is picked":     {nil, units(3), fulfillment.ErrQuantity},
		"fewer than none":         {units(-1), nil, fulfillment.ErrQuantity},
		"fewer than none picked":  {nil, units(-1), fulfillment.ErrQuantity},
		"none of a line":          {[]order.LineQty{{Line: 1}}, nil, fulfillment.ErrQuantity},
		"nothing at all":          {nil, nil, fulfillment.ErrQuantity},
		"a line that it has not":  {units(0, 0, 1), nil, fulfillment.ErrUnknownLine},
		"picked of such a line":   {nil, units(0, 0, 1), fulfillment.ErrUnknownLine},
		"good, then more than is": {units(1), units(3), fulfillment.ErrQuantity},
	} {
		n, events, err := flow(t).Withdraw(o, c.open, c.picked, later)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, o, n)
		require.Empty(t, events)
	}
	_, _, err = flow(t).Withdraw(o, nil, units(3), later)
	require.Equal(t, &fulfillment.LineError{Line: 1, Want: 3, Err: fulfillment.ErrQuantity, Facts: o.Lines[0]}, err, "the facts are those before")
}
