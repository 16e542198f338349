package fulfillment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orderkit/oms/order"
)

// Open creates the fulfillment order of a location; lines are sorted by order line.
func Open(id ID, o order.ID, location string, lines []Line, now time.Time) (Order, []Event) {
	fo := Order{ID: id, Order: o, Location: location, Work: WorkOpen, Lines: slices.Clone(lines), CreatedAt: now, UpdatedAt: now}
	opened := Opened{Fulfillment: id, Location: location}
	for _, l := range lines {
		opened.Units = append(opened.Units, order.LineQty{Line: l.Line, Qty: l.Qty})
	}
	return fo, []Event{opened}
}

// Pick records units taken off the shelf: open → picked.
func (f *Flow) Pick(o Order, picked []order.LineQty, now time.Time) (Order, []order.LineDelta, []Event, error) {
	n := o.next(now)
	deltas, err := f.perform(&n, picked, func(l *Line, q int64) order.Counters {
		l.Picked += q
		return order.Counters{Reserved: -q, Picked: q}
	})
	if err != nil {
		return o, nil, nil, err
	}
	return n, deltas, []Event{Picked{Fulfillment: o.ID, Units: fold(picked)}}, nil
}

// ShortPick records units that are not on the shelf: open → short. The order's demand
// for them is open again; allocating it elsewhere, waiting or cancelling is the
// caller's choice.
func (f *Flow) ShortPick(o Order, missing []order.LineQty, now time.Time) (Order, []order.LineDelta, []Event, error) {
	n := o.next(now)
	deltas, err := f.perform(&n, missing, func(l *Line, q int64) order.Counters {
		l.Short += q
		return order.Counters{Reserved: -q, Unreserved: q}
	})
	if err != nil {
		return o, nil, nil, err
	}
	if err := f.finish(&n); err != nil {
		return o, nil, nil, err
	}
	return n, deltas, []Event{ShortPicked{Fulfillment: o.ID, Location: o.Location, Units: fold(missing)}}, nil
}

// Withdraw takes units off the work because their order no longer wants them: some of
// the open, some of the picked ones. The order's counters have already moved.
func (f *Flow) Withdraw(o Order, open, picked []order.LineQty, now time.Time) (Order, []Event, error) {
	all := slices.Concat(open, picked)
	if len(all) == 0 {
		return o, nil, fmt.Errorf("%w: no units named", ErrQuantity)
	}
	n := o.next(now)
	for i, u := range all {
		l, ok := n.Line(u.Line)
		if !ok {
			return o, nil, &LineError{Line: u.Line, Want: u.Qty, Err: ErrUnknownLine}
		}
		fromShelf := i < len(open)
		if u.Qty <= 0 || fromShelf && u.Qty > l.Open() || !fromShelf && u.Qty > l.Picked {
			return o, nil, &LineError{Line: u.Line, Want: u.Qty, Err: ErrQuantity, Facts: *l}
		}
		if !fromShelf {
			l.Picked -= u.Qty
		}
		l.Cancelled += u.Qty
	}
	if err := f.finish(&n); err != nil {
		return o, nil, err
	}
	return n, []Event{Withdrawn{Fulfillment: o.ID, Units: fold(all)}}, nil
}

// perform applies one kind of work to open units, after checking that there are enough.
func (f *Flow) perform(n *Order, us []order.LineQty, apply func(*Line, int64) order.Counters) ([]order.LineDelta, error) {
	if len(us) == 0 {
		return nil, fmt.Errorf("%w: no units named", ErrQuantity)
	}
	if err := f.fire(n, ActionStart); err != nil {
		return nil, err
	}
	var deltas []order.LineDelta
	for _, u := range us {
		l, ok := n.Line(u.Line)
		if !ok {
			return nil, &LineError{Line: u.Line, Want: u.Qty, Err: ErrUnknownLine}
		}
		if u.Qty <= 0 || u.Qty > l.Open() {
			return nil, &LineError{Line: u.Line, Want: u.Qty, Err: ErrQuantity, Facts: *l}
		}
		deltas = append(deltas, order.LineDelta{Line: u.Line, By: apply(l, u.Qty)})
	}
	return deltas, nil
}

// finish ends the work when no unit is open, picked or packed: done if anything
// shipped, cancelled otherwise.
func (f *Flow) finish(n *Order) error {
	shipped := false
	for i := range n.Lines {
		l := &n.Lines[i]
		if l.Open()+l.Picked+l.Packed > 0 {
			return nil
		}
		shipped = shipped || l.Shipped > 0
	}
	if shipped {
		return f.fire(n, ActionFinish)
	}
	return f.fire(n, ActionCancel)
}

// Taken is where a packed unit came from, so that the stock can follow.
type Taken struct {
	Line   int
	Open   int64 // straight from the shelf
	Picked int64
}

// Pack puts units into parcels: picked ones first, then straight from the shelf.
func (f *Flow) Pack(o Order, id ShipmentID, parcels []Parcel, now time.Time) (Order, Shipment, []Taken, []order.LineDelta, []Event, error) {
	fail := func(err error) (Order, Shipment, []Taken, []order.LineDelta, []Event, error) {
		return o, Shipment{}, nil, nil, nil, err
	}
	if err := checkParcels(parcels); err != nil {
		return fail(err)
	}
	n := o.next(now)
	if err := f.fire(&n, ActionStart); err != nil {
		return fail(err)
	}
	var taken []Taken
	var deltas []order.LineDelta
	for _, u := range units(parcels) {
		l, ok := n.Line(u.Line)
		if !ok {
			return fail(&LineError{Line: u.Line, Want: u.Qty, Err: ErrUnknownLine})
		}
		if u.Qty > l.Open()+l.Picked {
			return fail(&LineError{Line: u.Line, Want: u.Qty, Err: ErrQuantity, Facts: *l})
		}
		t := Taken{Line: u.Line, Picked: min(u.Qty, l.Picked)}
		t.Open = u.Qty - t.Picked
		l.Picked -= t.Picked
		l.Packed += u.Qty
		taken = append(taken, t)
		deltas = append(deltas, order.LineDelta{Line: u.Line, By: order.Counters{Reserved: -t.Open, Picked: -t.Picked, Packed: u.Qty}})
	}
	s := Shipment{ID: id, Fulfillment: o.ID, Order: o.Order, Location: o.Location, State: ShipmentPacked, Parcels: parcels, PackedAt: now, UpdatedAt: now}
	s = s.Clone()
	return n, s, taken, deltas, []Event{Packed{Shipment: id, Fulfillment: o.ID, Parcels: len(parcels), Units: s.Units()}}, nil
}

func checkParcels(parcels []Parcel) error {
	if len(parcels) == 0 {
		return fmt.Errorf("%w: a shipment has at least one", ErrParcel)
	}
	for i, p := range parcels {
		if len(p.Contents) == 0 || p.Grams < 0 {
			return fmt.Errorf("%w: parcel %d has no contents or a negative weight", ErrParcel, i+1)
		}
		for _, c := range p.Contents {
			if c.Qty <= 0 || c.Qty > order.MaxQty {
				return fmt.Errorf("%w: parcel %d has %d units of line %d", ErrParcel, i+1, c.Qty, c.Line)
			}
		}
	}
	return nil
}

// Ship hands a packed shipment over: packed → shipped.
func (f *Flow) Ship(o Order, s Shipment, now time.Time) (Order, Shipment, []order.LineDelta, []Event, error) {
	t := s.Clone()
	if err := f.fireShipment(&t, ActionShip); err != nil {
		return o, s, nil, nil, err
	}
	if !f.Workable(o.Work) {
		return o, s, nil, nil, &TransitionError{ID: o.ID.String(), From: string(o.Work), Action: ActionShip, Allowed: f.work.Events(o.Work)}
	}
	n := o.next(now)
	t.ShippedAt, t.UpdatedAt = now, now
	deltas, err := moveUnits(&n, &t, func(l *Line, q int64) order.Counters {
		l.Packed -= q
		l.Shipped += q
		return order.Counters{Packed: -q, Shipped: q}
	})
	if err == nil {
		err = f.finish(&n)
	}
	if err != nil {
		return o, s, nil, nil, err
	}
	e := Shipped{Shipment: s.ID, Fulfillment: o.ID, Location: o.Location, Units: t.Units()}
	for _, p := range t.Parcels {
		if p.Tracking != "" {
			e.Tracking = append(e.Tracking, strings.TrimSpace(p.Carrier+" "+p.Tracking))
		}
	}
	return n, t, deltas, []Event{e}, nil
}

// Void unpacks a shipment that was not handed over: packed → open.
func (f *Flow) Void(o Order, s Shipment, now time.Time) (Order, Shipment, []order.LineDelta, []Event, error) {
	t := s.Clone()
	if err := f.fireShipment(&t, ActionVoid); err != nil {
		return o, s, nil, nil, err
	}
	n := o.next(now)
	t.UpdatedAt = now
	deltas, err := moveUnits(&n, &t, func(l *Line, q int64) order.Counters {
		l.Packed -= q
		return order.Counters{Packed: -q, Reserved: q}
	})
	if err != nil {
		return o, s, nil, nil, err
	}
	return n, t, deltas, []Event{Voided{Shipment: s.ID, Fulfillment: o.ID}}, nil
}

// Deliver records that a shipment arrived. Recording it again changes nothing.
func (f *Flow) Deliver(s Shipment, now time.Time) (Shipment, []order.LineDelta, []Event, error) {
	if s.State == ShipmentDelivered {
		return s, nil, nil, nil
	}
	t := s.Clone()
	if err := f.fireShipment(&t, ActionDeliver); err != nil {
		return s, nil, nil, err
	}
	t.DeliveredAt, t.UpdatedAt = now, now
	var deltas []order.LineDelta
	for _, u := range t.Units() {
		deltas = append(deltas, order.LineDelta{Line: u.Line, By: order.Counters{Delivered: u.Qty}})
	}
	return t, deltas, []Event{Delivered{Shipment: s.ID}}, nil
}

// moveUnits applies one kind of change to the packed units of a shipment.
func moveUnits(n *Order, s *Shipment, apply func(*Line, int64) order.Counters) ([]order.LineDelta, error) {
	if s.Fulfillment != n.ID {
		return nil, fmt.Errorf("%w: shipment %s is not of fulfillment order %s", ErrNotFound, s.ID, n.ID)
	}
	var deltas []order.LineDelta
	for _, u := range s.Units() {
		l, ok := n.Line(u.Line)
		if !ok {
			return nil, &LineError{Line: u.Line, Want: u.Qty, Err: ErrUnknownLine}
		}
		if u.Qty <= 0 || u.Qty > l.Packed {
			return nil, &LineError{Line: u.Line, Want: u.Qty, Err: ErrQuantity, Facts: *l}
		}
		deltas = append(deltas, order.LineDelta{Line: u.Line, By: apply(l, u.Qty)})
	}
	return deltas, nil
}
