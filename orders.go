package oms

import (
	"context"
	"iter"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// Orders are the commands and queries on sales.
type Orders struct{ e *Engine }

// edit is a change of one order at work: the version that was loaded, and what the
// order is becoming. It is saved once, one version later.
type edit struct {
	order.Order
	loaded int64
	was    []order.Line // as they were loaded; none of a new order
	name   string       // what ref gives, once it was asked for
}

// ref names the order as the aggregate of its events and as the owner of its stock.
func (ed *edit) ref() string {
	if ed.name == "" {
		ed.name = orderAggregate(ed.ID)
	}
	return ed.name
}

// orderCommand is a command on one existing order.
func orderCommand(ctx context.Context, e *Engine, opts []CallOption, name string, id order.ID, input any, run func(*attempt, *edit) error) (order.Order, error) {
	return do(ctx, e, opts, command[order.Order]{
		name: name, input: []any{id, input}, id: orderName, load: loadOrder,
		reads: storage.Wanted{Order: id},
		run: func(s *attempt) (order.Order, error) {
			ed, err := s.open(id)
			if err != nil {
				return order.Order{}, err
			}
			if err := run(s, ed); err != nil {
				return order.Order{}, err
			}
			return s.close(ed)
		},
	})
}

func orderName(o order.Order) string { return o.ID.String() }

func loadOrder(s *attempt, name string) (order.Order, error) {
	id, err := order.ParseID(name)
	if err != nil {
		return order.Order{}, err
	}
	return s.tx.Orders().Get(s, id)
}

// open loads an order for a change and checks the version that the caller expects.
func (s *attempt) open(id order.ID) (*edit, error) {
	o, err := s.tx.Orders().Get(s, id)
	if err != nil {
		return nil, err
	}
	if v := s.call.version; v != nil && *v != o.Version {
		return nil, &order.StaleError{Order: id, Want: *v, Actual: o.Version}
	}
	return &edit{Order: o, loaded: o.Version, was: o.Lines}, nil
}

// close saves a changed order with its events, and what its backordered units wait for.
// Nothing happened: nothing is saved.
func (s *attempt) close(ed *edit) (order.Order, error) {
	if len(s.events) == 0 {
		return ed.Order, nil
	}
	if err := s.demand(ed); err != nil {
		return order.Order{}, err
	}
	ed.Version = ed.loaded + 1
	return ed.Order, s.tx.Orders().Save(s, ed.Order)
}

// took adopts the outcome of a decision. Its events tell of the order at its next version.
func took[E interface{ Kind() string }](s *attempt, ed *edit, o order.Order, events []E, err error) error {
	if err != nil {
		return err
	}
	ed.Order = o
	return emit(s, ed.ref(), ed.loaded+1, events)
}

func orderAggregate(id order.ID) string { return "order/" + id.String() }

// count applies the counter deltas of another package's decision.
func (s *attempt) count(ed *edit, deltas []order.LineDelta) error {
	if len(deltas) == 0 {
		return nil
	}
	o, err := ed.Count(s.now, deltas...)
	if err == nil {
		ed.Order = o
	}
	return err
}

// Place sells a draft: it prices it, checks and commits the stock (unless the draft
// says OnConfirm), and saves the order, all or nothing. Lines that may be backordered
// wait for what is missing, as far as the BackorderLimit of their item allows it; any other
// shortage refuses the order with *inventory.ShortageError that lists every short line.
// Sales of which units of an item with a limit wait go one after the other.
//
// A kit becomes a line for each of its components ([order.Draft], [order.Order.Kits]),
// which share its price. What the kits of one line consist of leaves from one location.
func (g Orders) Place(ctx context.Context, d order.Draft, opts ...CallOption) (order.Order, error) {
	d.PayBy = moment(d.PayBy)
	var reads storage.Wanted
	if len(opts) > 0 { // there may be a key to ask for, and the stock with it
		reads.Stock.Items = stocked(d)
	}
	return do(ctx, g.e, opts, command[order.Order]{
		name: "place order", input: &d, id: orderName, load: loadOrder, reads: reads,
		run: func(s *attempt) (order.Order, error) {
			if err := notAnOrder(d.Cart); err != nil {
				return order.Order{}, err
			}
			id, d := order.ID{UUID: s.newID()}, d
			if d.Number == "" {
				d.Number = s.number(id)
			}
			ed, snap, err := s.sale(id, d)
			if err != nil {
				return order.Order{}, err
			}
			o, events, err := s.orders.Place(ed.Order, s.now)
			if err := took(s, ed, o, events, err); err != nil {
				return order.Order{}, err
			}
			if d.Cart != "" {
				if snap, err = s.dropCart(ed, d.Cart, snap); err != nil {
					return order.Order{}, err
				}
			}
			if d.ReserveAt == order.OnPlace {
				if err := s.allocate(ed, snap, false); err != nil {
					return order.Order{}, err
				}
			}
			return s.close(ed)
		},
	})
}

// Plan tells how a draft would be allocated now, with the explanation, and changes
// nothing. What it leaves unassigned is what Place would refuse or backorder.
func (g Orders) Plan(ctx context.Context, d order.Draft) (allocation.Plan, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (allocation.Plan, error) {
		s := &attempt{Context: ctx, config: g.e.cfg, tx: tx, now: moment(g.e.cfg.now())}
		if err := notAnOrder(d.Cart); err != nil {
			return allocation.Plan{}, err
		}
		ed, snap, err := s.sale(order.ID{}, d)
		if err != nil {
			return allocation.Plan{}, err
		}
		rec, err := s.plan(ed, snap, d.Cart, false)
		return rec.Plan, err
	})
}

// Confirm opens an order for fulfillment: it allocates what has no stock yet, opens a
// fulfillment order for each location, and fulfills service lines. Holds and the
// payment policy can block it, and so can a shortage, as in Place.
func (g Orders) Confirm(ctx context.Context, id order.ID, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "confirm order", id, nil, func(s *attempt, ed *edit) error {
		o, events, err := s.orders.Confirm(ed.Order, s.pay, s.now)
		if err := took(s, ed, o, events, err); err != nil {
			return err
		}
		if ed.wantsStock(false) {
			snap, err := s.stockFor(ed)
			if err != nil {
				return err
			}
			if err := s.allocate(ed, snap, false); err != nil {
				return err
			}
		}
		return s.begin(ed)
	})
}

// Allocate looks for stock for the units of an open order that wait for it, and opens
// the work for what it finds. What stays short goes on waiting, whatever the BackorderLimit
// of its item; nothing found changes nothing.
func (g Orders) Allocate(ctx context.Context, id order.ID, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "allocate order", id, nil, func(s *attempt, ed *edit) error {
		if !ed.wantsStock(true) {
			return s.begin(ed)
		}
		if !s.orders.Can(ed.State, order.HoldsStock) {
			return &order.TransitionError{Order: ed.ID, From: ed.State, Event: "allocate"}
		}
		snap, err := s.stockFor(ed)
		if err != nil {
			return err
		}
		if err := s.allocate(ed, snap, true); err != nil {
			return err
		}
		return s.begin(ed)
	})
}

// Cancel cancels an order of which nothing is packed or shipped and frees its stock.
// Money is not moved: a negative Due in the order's books says what to give back.
// Cancelling a cancelled order changes nothing.
func (g Orders) Cancel(ctx context.Context, id order.ID, reason order.CancelReason, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "cancel order", id, reason, func(s *attempt, ed *edit) error {
		o, cuts, events, err := s.orders.Cancel(ed.Order, reason, s.now)
		if err := took(s, ed, o, events, err); err != nil {
			return err
		}
		return s.undo(ed, cuts)
	})
}

// CancelUnits cancels units that are neither packed nor shipped and frees their stock.
func (g Orders) CancelUnits(ctx context.Context, id order.ID, units []order.LineQty, reason order.CancelReason, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "cancel units", id, []any{units, reason}, func(s *attempt, ed *edit) error {
		o, cuts, events, err := s.orders.CancelUnits(ed.Order, units, reason, s.now)
		if err := took(s, ed, o, events, err); err != nil {
			return err
		}
		return s.undo(ed, cuts)
	})
}

// Expire ends an unpaid order past its payment deadline and frees its stock.
func (g Orders) Expire(ctx context.Context, id order.ID, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "expire order", id, nil, func(s *attempt, ed *edit) error {
		o, cuts, events, err := s.orders.Expire(ed.Order, s.now)
		if err := took(s, ed, o, events, err); err != nil {
			return err
		}
		return s.undo(ed, cuts)
	})
}

// Hold stops an order, or one line of it, until the hold is released.
func (g Orders) Hold(ctx context.Context, id order.ID, h order.Hold, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "hold order", id, h, func(s *attempt, ed *edit) error {
		o, events, err := s.orders.Hold(ed.Order, h, s.now)
		return took(s, ed, o, events, err)
	})
}

// Release lifts a hold.
func (g Orders) Release(ctx context.Context, id order.ID, owner, handle string, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "release hold", id, []string{owner, handle}, func(s *attempt, ed *edit) error {
		o, events, err := s.orders.Release(ed.Order, owner, handle, s.now)
		return took(s, ed, o, events, err)
	})
}

// Close puts a finished order to rest.
func (g Orders) Close(ctx context.Context, id order.ID, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "close order", id, nil, func(s *attempt, ed *edit) error {
		o, events, err := s.orders.Close(ed.Order, s.now)
		return took(s, ed, o, events, err)
	})
}

// Reopen brings a closed order back to work.
func (g Orders) Reopen(ctx context.Context, id order.ID, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "reopen order", id, nil, func(s *attempt, ed *edit) error {
		o, events, err := s.orders.Reopen(ed.Order, s.now)
		return took(s, ed, o, events, err)
	})
}

// Take moves an order along an edge that the host added to the flow. Where that lets it
// be fulfilled, the work for its stock is opened.
func (g Orders) Take(ctx context.Context, id order.ID, a order.Action, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "take "+string(a), id, a, func(s *attempt, ed *edit) error {
		o, events, err := s.orders.Take(ed.Order, a, s.now)
		if err := took(s, ed, o, events, err); err != nil {
			return err
		}
		return s.begin(ed)
	})
}

// Get reads an order.
func (g Orders) Get(ctx context.Context, id order.ID) (order.Order, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (order.Order, error) {
		if p, ok := tx.(storage.Prefetcher); ok && g.e.bound == nil {
			if err := p.Prefetch(ctx, storage.Wanted{Order: id, All: true}); err != nil {
				return order.Order{}, err
			}
		}
		return tx.Orders().Get(ctx, id)
	})
}

// ByNumber reads the order with a number.
func (g Orders) ByNumber(ctx context.Context, number string) (order.Order, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (order.Order, error) {
		return tx.Orders().ByNumber(ctx, number)
	})
}

// Page reads one page of orders, newest first. The next page is after the last order
// of this one.
func (g Orders) Page(ctx context.Context, f order.Filter) ([]order.Order, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]order.Order, error) { return tx.Orders().Page(ctx, f) })
}

// All yields every order that matches, page by page: nothing is locked or held while
// the body runs, and the body may give commands. An error is yielded once, last.
func (g Orders) All(ctx context.Context, f order.Filter) iter.Seq2[order.Order, error] {
	return order.Pages(f, func(f order.Filter) ([]order.Order, error) { return g.Page(ctx, f) })
}

// Timeline reads everything that happened to an order, oldest first: its own events
// and those of its fulfillment orders, shipments and returns.
func (g Orders) Timeline(ctx context.Context, id order.ID) ([]storage.Event, error) {
	return g.e.timeline(ctx, orderAggregate(id))
}

func (e *Engine) timeline(ctx context.Context, aggregate string) ([]storage.Event, error) {
	return reading(ctx, e, func(ctx context.Context, tx storage.Tx) ([]storage.Event, error) {
		var out []storage.Event
		for ev, err := range tx.Events().Of(ctx, aggregate) {
			if err != nil {
				return nil, err
			}
			out = append(out, ev)
		}
		return out, nil
	})
}

// Events reads up to limit events of the tenant after a position, those of an aggregate
// in the order of its versions. Reading on from the last position sees every event once.
func (e *Engine) Events(ctx context.Context, after int64, limit int) ([]storage.Event, error) {
	var out []storage.Event
	err := e.transact(ctx, func(ctx context.Context, tx storage.Tx) (err error) {
		out, err = tx.Events().Since(ctx, after, limit) // in a View, what is new would have no position
		return err
	})
	return out, err
}

// wantsStock tells whether units wait for stock; with backordered ones, or without.
func (ed *edit) wantsStock(backordered bool) bool {
	for i := range ed.Lines {
		l := &ed.Lines[i]
		if l.Stocked && (l.Unreserved > 0 || backordered && l.Backordered > 0) {
			return true
		}
	}
	return false
}

// services fulfills the units of lines that take no stock.
func (ed *edit) services() []order.LineDelta {
	var out []order.LineDelta
	for i := range ed.Lines {
		if l := &ed.Lines[i]; !l.Stocked && l.Unreserved > 0 {
			q := l.Unreserved
			out = append(out, order.LineDelta{Line: l.No, By: order.Counters{Unreserved: -q, Shipped: q, Delivered: q}})
		}
	}
	return out
}

// meta is what stock postings of this command record.
func (s *attempt) meta() inventory.Meta {
	return inventory.Meta{ID: s.newID(), Actor: s.call.actor, Now: s.now}
}
