package oms

import (
	"context"
	"slices"
	"time"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// Fulfillment are the commands and queries on fulfillment orders and shipments.
type Fulfillment struct{ e *Engine }

// workCommand is a command on one fulfillment order and its order.
func workCommand(ctx context.Context, e *Engine, opts []CallOption, name string, id fulfillment.ID, input any,
	run func(*attempt, *edit, fulfillment.Order) (fulfillment.Order, error),
) (fulfillment.Order, error) {
	return do(ctx, e, opts, command[fulfillment.Order]{
		name: name, input: []any{id, input},
		id:   func(fo fulfillment.Order) string { return fo.ID.String() },
		load: func(s *attempt, _ string) (fulfillment.Order, error) { return s.tx.Fulfillments().Get(s, id) },
		run: func(s *attempt) (fulfillment.Order, error) {
			ed, fo, err := s.openWorkOf(id)
			if err != nil {
				return fo, err
			}
			if fo, err = run(s, ed, fo); err != nil {
				return fo, err
			}
			_, err = s.close(ed)
			return fo, err
		},
	})
}

func (s *attempt) openWorkOf(id fulfillment.ID) (*edit, fulfillment.Order, error) {
	fo, err := s.tx.Fulfillments().Get(s, id)
	if err != nil {
		return nil, fo, err
	}
	ed, err := s.open(fo.Order)
	return ed, fo, err
}

// shippable refuses work on lines that a hold or the order's state forbids.
func (s *attempt) shippable(ed *edit, units []order.LineQty) error {
	lines := make([]int, len(units))
	for i, u := range units {
		lines[i] = u.Line
	}
	return s.orders.CanShip(ed.Order, lines...)
}

// Pick records units taken off the shelf of the fulfillment order's location.
func (g Fulfillment) Pick(ctx context.Context, id fulfillment.ID, units []order.LineQty, opts ...CallOption) (fulfillment.Order, error) {
	return workCommand(ctx, g.e, opts, "pick", id, units, func(s *attempt, ed *edit, fo fulfillment.Order) (fulfillment.Order, error) {
		if err := s.shippable(ed, units); err != nil {
			return fo, err
		}
		n, deltas, events, err := s.work.Pick(fo, units, s.now)
		if err != nil {
			return fo, err
		}
		if err := s.move(ed, fo.Location, moving(units, inventory.Committed, inventory.Picked)); err != nil {
			return fo, err
		}
		return s.worked(ed, n, deltas, events)
	})
}

// ShortPick records units that are not on the shelf: the stock there is corrected, and
// the order looks for them elsewhere. What it cannot find waits as backorder.
func (g Fulfillment) ShortPick(ctx context.Context, id fulfillment.ID, missing []order.LineQty, opts ...CallOption) (fulfillment.Order, error) {
	return workCommand(ctx, g.e, opts, "short pick", id, missing, func(s *attempt, ed *edit, fo fulfillment.Order) (fulfillment.Order, error) {
		n, deltas, events, err := s.work.ShortPick(fo, missing, s.now)
		if err != nil {
			return fo, err
		}
		if err := s.move(ed, fo.Location, moving(missing, inventory.Committed, inventory.Shrink)); err != nil {
			return fo, err
		}
		if n, err = s.worked(ed, n, deltas, events); err != nil {
			return fo, err
		}
		snap, err := s.stockFor(ed)
		if err != nil {
			return fo, err
		}
		if err := s.allocate(ed, snap, true); err != nil {
			return fo, err
		}
		return n, s.begin(ed)
	})
}

// Take moves a fulfillment order along an edge that the host added to the flow.
func (g Fulfillment) Take(ctx context.Context, id fulfillment.ID, a fulfillment.Action, opts ...CallOption) (fulfillment.Order, error) {
	return workCommand(ctx, g.e, opts, "take "+string(a), id, a, func(s *attempt, ed *edit, fo fulfillment.Order) (fulfillment.Order, error) {
		n, events, err := s.work.Take(fo, a, s.now)
		if err != nil {
			return fo, err
		}
		return s.worked(ed, n, nil, events)
	})
}

// Actions lists what is possible for a fulfillment order now and, for the rest, why
// not: the order's own state and holds included.
func (g Fulfillment) Actions(ctx context.Context, id fulfillment.ID) ([]fulfillment.Possibility, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]fulfillment.Possibility, error) {
		fo, err := tx.Fulfillments().Get(ctx, id)
		if err != nil {
			return nil, err
		}
		o, err := tx.Orders().Get(ctx, fo.Order)
		if err != nil {
			return nil, err
		}
		return g.e.held(o, g.e.cfg.work.AllowedActions(fo), fulfillment.ActionPick, fulfillment.ActionPack), nil
	})
}

// ShipmentActions lists what is possible for a shipment now and, for the rest, why not.
func (g Fulfillment) ShipmentActions(ctx context.Context, id fulfillment.ShipmentID) ([]fulfillment.Possibility, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]fulfillment.Possibility, error) {
		sh, err := tx.Fulfillments().Shipment(ctx, id)
		if err != nil {
			return nil, err
		}
		fo, err := tx.Fulfillments().Get(ctx, sh.Fulfillment)
		if err != nil {
			return nil, err
		}
		o, err := tx.Orders().Get(ctx, sh.Order)
		if err != nil {
			return nil, err
		}
		return g.e.held(o, g.e.cfg.work.ShipmentActions(fo, sh), fulfillment.ActionShip), nil
	})
}

// held adds to the possibilities of some actions that the order's state or a hold on
// all of it forbids them.
func (e *Engine) held(o order.Order, all []fulfillment.Possibility, actions ...fulfillment.Action) []fulfillment.Possibility {
	err := e.cfg.orders.CanShip(o)
	if err == nil {
		return all
	}
	for i := range all {
		if slices.Contains(actions, all[i].Action) {
			all[i].Allowed = false
			all[i].Reasons = append(all[i].Reasons, err.Error())
		}
	}
	return all
}

// worked saves a fulfillment order after work on it and counts the work on its order.
func (s *attempt) worked(ed *edit, fo fulfillment.Order, deltas []order.LineDelta, events []fulfillment.Event) (fulfillment.Order, error) {
	if err := s.count(ed, deltas); err != nil {
		return fo, err
	}
	err := s.saveWork(ed, fo, events)
	fo.Version++
	return fo, err
}

// motion is units of an order line that change their stock state at a location.
type motion struct {
	order.LineQty
	from, to inventory.State
}

func moving(units []order.LineQty, from, to inventory.State) []motion {
	out := make([]motion, len(units))
	for i, u := range units {
		out[i] = motion{u, from, to}
	}
	return out
}

// move posts motions of an order's reserved units at a location.
func (s *attempt) move(ed *edit, location string, motions []motion) error {
	held, err := s.reserved(ed)
	if err != nil {
		return err
	}
	todo := make([]inventory.Step, 0, len(motions))
	for _, m := range motions {
		if m.Qty == 0 {
			continue
		}
		if todo, err = steps(todo, held, m.Line, location, m.from, m.to, m.Qty); err != nil {
			return err
		}
	}
	return s.progress(ed, held, todo)
}

// shipmentCommand is a command whose result is a shipment.
func shipmentCommand(ctx context.Context, e *Engine, opts []CallOption, name string, input any, run func(*attempt) (fulfillment.Shipment, error)) (fulfillment.Shipment, error) {
	return do(ctx, e, opts, command[fulfillment.Shipment]{
		name: name, input: input, run: run,
		id: func(sh fulfillment.Shipment) string { return sh.ID.String() },
		load: func(s *attempt, id string) (fulfillment.Shipment, error) {
			parsed, err := fulfillment.ParseShipmentID(id)
			if err != nil {
				return fulfillment.Shipment{}, err
			}
			return s.tx.Fulfillments().Shipment(s, parsed)
		},
	})
}

// Pack puts units of a fulfillment order into parcels, picked ones first. Without
// parcels, or with one that names no contents, everything open or picked goes into one.
func (g Fulfillment) Pack(ctx context.Context, id fulfillment.ID, parcels []fulfillment.Parcel, opts ...CallOption) (fulfillment.Shipment, error) {
	return shipmentCommand(ctx, g.e, opts, "pack", []any{id, parcels}, func(s *attempt) (fulfillment.Shipment, error) {
		return s.pack(id, parcels, false)
	})
}

// Ship packs units of a fulfillment order into parcels and hands them over, in one
// command. Without parcels, or with one that names no contents, everything open or
// picked goes into one.
func (g Fulfillment) Ship(ctx context.Context, id fulfillment.ID, parcels []fulfillment.Parcel, opts ...CallOption) (fulfillment.Shipment, error) {
	return shipmentCommand(ctx, g.e, opts, "ship", []any{id, parcels}, func(s *attempt) (fulfillment.Shipment, error) {
		return s.pack(id, parcels, true)
	})
}

func (s *attempt) pack(id fulfillment.ID, parcels []fulfillment.Parcel, handOver bool) (fulfillment.Shipment, error) {
	var none fulfillment.Shipment
	ed, fo, err := s.openWorkOf(id)
	if err != nil {
		return none, err
	}
	parcels = filled(&fo, parcels)
	n, sh, taken, deltas, events, err := s.work.Pack(fo, fulfillment.ShipmentID{UUID: s.newID()}, parcels, s.now)
	if err != nil {
		return none, err
	}
	s.shipment = sh.ID.String()
	if err := s.shippable(ed, sh.Units()); err != nil {
		return none, err
	}
	to := inventory.Packed
	if handOver {
		to = inventory.Customer
		var more []order.LineDelta
		var shipped []fulfillment.Event
		if n, sh, more, shipped, err = s.work.Ship(n, sh, s.now); err != nil {
			return none, err
		}
		deltas, events = append(deltas, more...), append(events, shipped...)
	}
	motions := make([]motion, 0, len(taken))
	for _, t := range taken {
		motions = append(motions,
			motion{order.LineQty{Line: t.Line, Qty: t.Picked}, inventory.Picked, to},
			motion{order.LineQty{Line: t.Line, Qty: t.Open}, inventory.Committed, to})
	}
	return s.shipped(ed, n, sh, motions, deltas, events)
}

// filled puts everything that is left into the one parcel there is, when no contents
// are named.
func filled(fo *fulfillment.Order, parcels []fulfillment.Parcel) []fulfillment.Parcel {
	if len(parcels) > 1 || len(parcels) == 1 && len(parcels[0].Contents) > 0 {
		return parcels
	}
	all := fo.OneParcel()
	if len(all) > 0 && len(parcels) > 0 {
		contents := all[0].Contents
		all[0] = parcels[0]
		all[0].Contents = contents
	}
	return all
}

// shipped saves a shipment with its fulfillment order, its stock and its order.
func (s *attempt) shipped(ed *edit, fo fulfillment.Order, sh fulfillment.Shipment, motions []motion, deltas []order.LineDelta, events []fulfillment.Event) (fulfillment.Shipment, error) {
	if err := s.move(ed, fo.Location, motions); err != nil {
		return sh, err
	}
	if _, err := s.worked(ed, fo, deltas, events); err != nil {
		return sh, err
	}
	sh.Version++
	if err := s.tx.Fulfillments().SaveShipment(s, sh); err != nil {
		return sh, err
	}
	_, err := s.close(ed)
	return sh, err
}

// HandOver gives a packed shipment to its carrier.
func (g Fulfillment) HandOver(ctx context.Context, id fulfillment.ShipmentID, opts ...CallOption) (fulfillment.Shipment, error) {
	return shipmentCommand(ctx, g.e, opts, "hand over", id, func(s *attempt) (fulfillment.Shipment, error) {
		return s.unpack(id, inventory.Customer, s.work.Ship)
	})
}

// Void unpacks a shipment that was not handed over; its units are promised as before.
func (g Fulfillment) Void(ctx context.Context, id fulfillment.ShipmentID, opts ...CallOption) (fulfillment.Shipment, error) {
	return shipmentCommand(ctx, g.e, opts, "void shipment", id, func(s *attempt) (fulfillment.Shipment, error) {
		return s.unpack(id, inventory.Committed, s.work.Void)
	})
}

type shipmentDecision func(fulfillment.Order, fulfillment.Shipment, time.Time) (fulfillment.Order, fulfillment.Shipment, []order.LineDelta, []fulfillment.Event, error)

func (s *attempt) unpack(id fulfillment.ShipmentID, to inventory.State, decide shipmentDecision) (fulfillment.Shipment, error) {
	sh, err := s.tx.Fulfillments().Shipment(s, id)
	if err != nil {
		return sh, err
	}
	ed, fo, err := s.openWorkOf(sh.Fulfillment)
	if err != nil {
		return sh, err
	}
	if to == inventory.Customer {
		if err := s.shippable(ed, sh.Units()); err != nil {
			return sh, err
		}
	}
	fo, next, deltas, events, err := decide(fo, sh, s.now)
	if err != nil {
		return sh, err
	}
	if err := s.unparcel(ed.Number, id); err != nil {
		return sh, err
	}
	return s.shipped(ed, fo, next, moving(next.Units(), inventory.Packed, to), deltas, events)
}

// Deliver records that a shipment arrived. Recording it again changes nothing.
func (g Fulfillment) Deliver(ctx context.Context, id fulfillment.ShipmentID, opts ...CallOption) (fulfillment.Shipment, error) {
	return shipmentCommand(ctx, g.e, opts, "deliver", id, func(s *attempt) (fulfillment.Shipment, error) {
		sh, err := s.tx.Fulfillments().Shipment(s, id)
		if err != nil {
			return sh, err
		}
		n, deltas, events, err := s.work.Deliver(sh, s.now)
		if err != nil || len(events) == 0 {
			return sh, err
		}
		ed, err := s.open(sh.Order)
		if err != nil {
			return sh, err
		}
		if err := s.count(ed, deltas); err != nil {
			return sh, err
		}
		n.Version++
		if err := s.tx.Fulfillments().SaveShipment(s, n); err != nil {
			return sh, err
		}
		if err := emit(s, orderAggregate(ed.ID), ed.loaded+1, events); err != nil {
			return sh, err
		}
		_, err = s.close(ed)
		return n, err
	})
}

// Get reads a fulfillment order.
func (g Fulfillment) Get(ctx context.Context, id fulfillment.ID) (fulfillment.Order, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (fulfillment.Order, error) {
		return tx.Fulfillments().Get(ctx, id)
	})
}

// OfOrder reads the fulfillment orders of an order, oldest first.
func (g Fulfillment) OfOrder(ctx context.Context, id order.ID) ([]fulfillment.Order, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]fulfillment.Order, error) {
		return tx.Fulfillments().OfOrder(ctx, id)
	})
}

// Page reads one page of fulfillment orders, newest first: a location's work list.
func (g Fulfillment) Page(ctx context.Context, f fulfillment.Filter) ([]fulfillment.Order, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]fulfillment.Order, error) {
		return tx.Fulfillments().Page(ctx, f)
	})
}

// Shipments reads the shipments of an order, oldest first.
func (g Fulfillment) Shipments(ctx context.Context, id order.ID) ([]fulfillment.Shipment, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]fulfillment.Shipment, error) {
		return tx.Fulfillments().ShipmentsOf(ctx, id)
	})
}
