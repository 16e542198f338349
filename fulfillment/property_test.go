package fulfillment_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// floor is a location at work on an order, and the order that follows by its deltas.
type floor struct {
	f     *fulfillment.Flow
	o     order.Order
	fo    fulfillment.Order
	boxes []fulfillment.Shipment
}

func newFloor(t *rapid.T) *floor {
	d := order.Draft{Currency: order.MustCurrency("EUR")}
	var lines []fulfillment.Line
	for i := range rapid.IntRange(1, 3).Draw(t, "lines") {
		qty := rapid.Int64Range(1, 5).Draw(t, "qty")
		d.Lines = append(d.Lines, order.DraftLine{Item: "tee", Qty: qty, UnitPrice: decimal.NewFromInt(1)})
		lines = append(lines, fulfillment.Line{Line: i + 1, Item: "tee", Qty: qty})
	}
	o, err := order.New(sale, d, noon)
	require.NoError(t, err)
	for _, l := range lines {
		o, err = o.Count(noon, delta(l.Line, order.Counters{Unreserved: -l.Qty, Reserved: l.Qty}))
		require.NoError(t, err)
	}
	fo, _ := fulfillment.Open(work, sale, "ber", lines, noon)
	return &floor{f: flow(t), o: o, fo: fo}
}

func TestEveryWayOfWorkKeepsTheLawsOfLinesAndOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newFloor(t)
		t.Repeat(map[string]func(*rapid.T){
			"pick": w.pick, "short pick": w.shortPick, "withdraw": w.withdraw, "pack": w.pack, "pack more": w.pack,
			"ship": w.ship, "void": w.void, "deliver": w.deliver, "": w.check,
		})
	})
}

// try runs a decision and requires that it left its input alone; if it was refused,
// that it decided nothing, and otherwise that the order can follow.
func (w *floor) try(t *rapid.T, decide func(fulfillment.Order) (fulfillment.Order, []order.LineDelta, []fulfillment.Event, error)) bool {
	was := w.fo.Clone()
	n, deltas, events, err := decide(w.fo)
	require.Equal(t, was, w.fo, "a decision never changes what it was given")
	if err != nil {
		require.Equal(t, was, n)
		require.Empty(t, deltas)
		require.Empty(t, events)
		return false
	}
	require.Len(t, events, 1)
	o, err := w.o.Count(later, deltas...)
	require.NoError(t, err, "the order can follow every decision")
	w.o, w.fo = o, n
	return true
}

func (w *floor) units(t *rapid.T) []order.LineQty {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) order.LineQty {
		return order.LineQty{Line: rapid.IntRange(1, len(w.fo.Lines)).Draw(t, "line"), Qty: rapid.SampledFrom([]int64{1, 1, 1, 2, 0}).Draw(t, "qty")}
	}), 1, 3).Draw(t, "units")
}

// sums folds units by line and tells whether each quantity is positive.
func sums(us []order.LineQty) (map[int]int64, bool) {
	out, positive := map[int]int64{}, true
	for _, u := range us {
		out[u.Line] += u.Qty
		positive = positive && u.Qty > 0
	}
	return out, positive
}

// covered tells whether a count of each line covers the units.
func (w *floor) covered(us []order.LineQty, of func(*fulfillment.Line) int64) bool {
	want, positive := sums(us)
	for no, qty := range want {
		if l, _ := w.fo.Line(no); qty > of(l) {
			return false
		}
	}
	return positive
}

func (w *floor) pick(t *rapid.T) {
	us := w.units(t)
	want := w.covered(us, (*fulfillment.Line).Open)
	require.Equal(t, want, w.try(t, func(o fulfillment.Order) (fulfillment.Order, []order.LineDelta, []fulfillment.Event, error) {
		return w.f.Pick(o, us, later)
	}))
}

func (w *floor) shortPick(t *rapid.T) {
	us := w.units(t)
	want := w.covered(us, (*fulfillment.Line).Open)
	require.Equal(t, want, w.try(t, func(o fulfillment.Order) (fulfillment.Order, []order.LineDelta, []fulfillment.Event, error) {
		return w.f.ShortPick(o, us, later)
	}))
}

func (w *floor) withdraw(t *rapid.T) {
	open, picked := w.units(t), []order.LineQty(nil)
	if rapid.Bool().Draw(t, "picked ones") {
		open, picked = nil, open
	}
	want := w.covered(open, (*fulfillment.Line).Open) && w.covered(picked, func(l *fulfillment.Line) int64 { return l.Picked })
	require.Equal(t, want, w.try(t, func(o fulfillment.Order) (fulfillment.Order, []order.LineDelta, []fulfillment.Event, error) {
		n, events, err := w.f.Withdraw(o, open, picked, later)
		if err != nil {
			return n, nil, events, err
		}
		var cancelled []order.LineDelta // the order has cancelled them before it asked for this
		for _, u := range open {
			cancelled = append(cancelled, delta(u.Line, order.Counters{Reserved: -u.Qty, Cancelled: u.Qty}))
		}
		for _, u := range picked {
			cancelled = append(cancelled, delta(u.Line, order.Counters{Picked: -u.Qty, Cancelled: u.Qty}))
		}
		return n, cancelled, events, nil
	}))
}

func (w *floor) pack(t *rapid.T) {
	us := w.units(t)
	if rapid.Bool().Draw(t, "everything") && len(w.fo.OneParcel()) > 0 {
		us = w.fo.OneParcel()[0].Contents
	}
	want := w.covered(us, func(l *fulfillment.Line) int64 { return l.Open() + l.Picked })
	id := fulfillment.ShipmentID{UUID: uuid.UUID{15: byte(len(w.boxes) + 1)}}
	var s fulfillment.Shipment
	require.Equal(t, want, w.try(t, func(o fulfillment.Order) (fulfillment.Order, []order.LineDelta, []fulfillment.Event, error) {
		n, box, taken, deltas, events, err := w.f.Pack(o, id, []fulfillment.Parcel{parcel(us)}, later)
		for _, x := range taken {
			l, _ := o.Line(x.Line)
			require.True(t, x.Picked <= l.Picked && x.Open <= l.Open() && (x.Open == 0 || x.Picked == l.Picked), "picked units go first")
		}
		s = box
		return n, deltas, events, err
	}))
	if want {
		w.boxes = append(w.boxes, s)
	}
}

// move runs a decision on a random shipment, which must be in the state named.
func (w *floor) move(t *rapid.T, from fulfillment.ShipmentState, decide func(fulfillment.Order, fulfillment.Shipment) (fulfillment.Order, fulfillment.Shipment, []order.LineDelta, []fulfillment.Event, error)) {
	if len(w.boxes) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.boxes)-1).Draw(t, "shipment")
	s := w.boxes[i]
	if s.State == fulfillment.ShipmentDelivered {
		return
	}
	was := s.Clone()
	require.Equal(t, s.State == from, w.try(t, func(o fulfillment.Order) (fulfillment.Order, []order.LineDelta, []fulfillment.Event, error) {
		n, next, deltas, events, err := decide(o, s)
		require.Equal(t, was, s)
		if err != nil {
			require.Equal(t, was, next)
		}
		w.boxes[i] = next
		return n, deltas, events, err
	}))
}

func (w *floor) ship(t *rapid.T) {
	w.move(t, fulfillment.ShipmentPacked, func(o fulfillment.Order, s fulfillment.Shipment) (fulfillment.Order, fulfillment.Shipment, []order.LineDelta, []fulfillment.Event, error) {
		return w.f.Ship(o, s, later)
	})
}

func (w *floor) void(t *rapid.T) {
	w.move(t, fulfillment.ShipmentPacked, func(o fulfillment.Order, s fulfillment.Shipment) (fulfillment.Order, fulfillment.Shipment, []order.LineDelta, []fulfillment.Event, error) {
		return w.f.Void(o, s, later)
	})
}

func (w *floor) deliver(t *rapid.T) {
	for _, s := range w.boxes {
		if s.State == fulfillment.ShipmentDelivered {
			again, deltas, events, err := w.f.Deliver(s, later)
			require.NoError(t, err)
			require.Equal(t, s, again, "delivered twice is delivered once")
			require.Empty(t, deltas)
			require.Empty(t, events)
		}
	}
	w.move(t, fulfillment.ShipmentShipped, func(o fulfillment.Order, s fulfillment.Shipment) (fulfillment.Order, fulfillment.Shipment, []order.LineDelta, []fulfillment.Event, error) {
		next, deltas, events, err := w.f.Deliver(s, later)
		return o, next, deltas, events, err
	})
}

func (w *floor) check(t *rapid.T) {
	packed, sent := map[int]int64{}, map[int]int64{}
	for i := range w.boxes {
		for _, u := range w.boxes[i].Units() {
			switch w.boxes[i].State {
			case fulfillment.ShipmentPacked:
				packed[u.Line] += u.Qty
			case fulfillment.ShipmentShipped, fulfillment.ShipmentDelivered:
				sent[u.Line] += u.Qty
			case fulfillment.ShipmentVoided:
			}
		}
	}
	var left, shipped int64
	for i := range w.fo.Lines {
		l := &w.fo.Lines[i]
		require.NoError(t, l.Check())
		on, _ := w.o.Line(l.Line)
		require.Equal(t, order.Counters{Ordered: l.Qty, Unreserved: l.Short, Reserved: l.Open(), Picked: l.Picked, Packed: l.Packed, Shipped: l.Shipped,
			Cancelled: l.Cancelled, Delivered: on.Delivered}, on.Counters, "the order says where the location has its units")
		require.Equal(t, packed[l.Line], l.Packed, "packed units lie in packed shipments")
		require.Equal(t, sent[l.Line], l.Shipped, "shipped units lie in shipments that left")
		left += l.Open() + l.Picked + l.Packed
		shipped += l.Shipped
	}
	switch {
	case left > 0:
		require.True(t, w.f.Workable(w.fo.Work), "while units are left, the work goes on")
	case shipped > 0:
		require.Equal(t, fulfillment.WorkDone, w.fo.Work)
	default:
		require.Equal(t, fulfillment.WorkCancelled, w.fo.Work)
	}
}
