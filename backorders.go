package oms

import (
	"context"
	"fmt"
	"slices"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// MaxFilled is the most orders that one transaction serves from the queue of an item, and
// maxLooked the most that it looks at.
const (
	MaxFilled = 50
	maxLooked = 500
)

// waited is how many units of the i-th line were backordered when the order was loaded.
func (ed *edit) waited(i int) int64 {
	if i < len(ed.was) {
		return ed.was[i].Backordered
	}
	return 0
}

// demandID names the demand of an order line. Ids sort as lines do.
func demandID(id order.ID, line int) string { return fmt.Sprintf("%s/%06d", id, line) }

// demand keeps the queues in step with an order that is about to be saved: whatever
// command changed how many of its units are backordered. More of them are promised what
// is still open of the supply; fewer give up what they were promised last, which goes to
// those that have no promise yet. Stock is not concerned either way.
func (s *attempt) demand(ed *edit) error {
	var ids, items []string
	for i := range ed.Lines {
		if l := &ed.Lines[i]; l.Backordered != ed.waited(i) {
			ids, items = append(ids, demandID(ed.ID, l.No)), append(items, l.Item)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	items = sorted(items)
	had, err := demands.find(s, s.tx, ids...)
	if err != nil {
		return err
	}
	var supply []inventory.Supply
	if !s.filling { // else all of it is promised anew afterwards
		if supply, err = expected(s, s.tx, items...); err != nil {
			return err
		}
	}
	was, is, err := s.recount(ed, had)
	if err != nil {
		return err
	}
	open := slices.Clone(supply)
	var freed []string
	for i := range is {
		d := &is[i]
		if d.Qty >= was[i].Qty {
			with(supply, d.Item, func(of []inventory.Supply) { purchasing.Extend(of, is[i:i+1]) })
			continue
		}
		qty := d.Qty
		d.Qty = was[i].Qty
		d.Keep(qty, supply)
		if d.Promised() < was[i].Promised() {
			freed = append(freed, d.Item)
		}
	}
	if _, err := s.saveDemand(was, is); err != nil {
		return err
	}
	if !s.filling {
		if err := s.offerFreed(supply, sorted(freed)); err != nil {
			return err
		}
	}
	for i := range supply {
		if supply[i] != open[i] {
			if err := s.saveSupply(supply[i : i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Promises reads what the backordered units of an order wait for, by line: how many have a
// promise, and for which day.
func (g Orders) Promises(ctx context.Context, id order.ID) ([]purchasing.Demand, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]purchasing.Demand, error) {
		o, err := tx.Orders().Get(ctx, id)
		if err != nil {
			return nil, err
		}
		var ids []string
		for i := range o.Lines {
			if o.Lines[i].Backordered > 0 {
				ids = append(ids, demandID(id, o.Lines[i].No))
			}
		}
		if len(ids) == 0 {
			return nil, nil
		}
		return demands.find(ctx, tx, ids...)
	})
}

// recount is the demand of the lines whose backordered units changed, as it was and with
// the new number.
func (s *attempt) recount(ed *edit, had []purchasing.Demand) (was, is []purchasing.Demand, err error) {
	for i := range ed.Lines {
		l := &ed.Lines[i]
		if l.Backordered == ed.waited(i) {
			continue
		}
		d := purchasing.Demand{ID: demandID(ed.ID, l.No), Order: ed.ID.String(), Line: l.No, Item: l.Item}
		if at := slices.IndexFunc(had, func(h purchasing.Demand) bool { return h.ID == d.ID }); at >= 0 {
			d = had[at]
		}
		if d.Qty == 0 {
			d.Since = ed.PlacedAt
			if s.priority != nil {
				d.Priority = s.priority(ed.Order)
				if err := purchasing.CheckPriority(d.Priority); err != nil {
					return nil, nil, err
				}
			}
		}
		was = append(was, d)
		d.Qty = l.Backordered
		is = append(is, d)
	}
	return was, is, nil
}

// with runs a change on the supply of one item, which lies together.
func with(supply []inventory.Supply, item string, change func([]inventory.Supply)) {
	from := slices.IndexFunc(supply, func(s inventory.Supply) bool { return s.Item == item })
	if from < 0 {
		return
	}
	to := from
	for to < len(supply) && supply[to].Item == item {
		to++
	}
	change(supply[from:to])
}

// offerFreed promises units that somebody gave up to the first in the queues that have no
// promise. What others were promised stays theirs.
func (s *attempt) offerFreed(supply []inventory.Supply, items []string) error {
	for _, item := range items {
		queue, err := waiting(s, s.tx, item)
		if err != nil {
			return err
		}
		was := slices.Clone(queue)
		with(supply, item, func(of []inventory.Supply) { purchasing.Extend(of, queue) })
		if _, err := s.saveDemand(was, queue); err != nil {
			return err
		}
	}
	return nil
}

// Filled is what one call served from the queue of an item.
type Filled struct {
	Orders int   // that got units
	Units  int64 // that they got
	More   bool  // units are left and somebody waits behind those who were served: call again

	left int64 // units that are left for them
}

// FillBackorders gives the free stock of an item to the orders that wait for it, by
// priority and then by the time of sale: it reserves for them, opens their work, and counts
// it on their lines, all in one transaction. Purchasing.Receive does this by itself; call it
// when real stock came free in another way. It serves at most MaxFilled orders: while More
// says so, call it again, with another key.
func (g Stock) FillBackorders(ctx context.Context, item string, opts ...CallOption) (Filled, error) {
	return do(ctx, g.e, opts, command[Filled]{
		name: "fill backorders", input: item,
		id: func(f Filled) string { return fmt.Sprintf("%d %d %t", f.Orders, f.Units, f.More) },
		load: func(_ *attempt, id string) (f Filled, err error) {
			_, err = fmt.Sscanf(id, "%d %d %t", &f.Orders, &f.Units, &f.More)
			return f, err
		},
		run: func(s *attempt) (Filled, error) {
			f, err := s.fill(item)
			if err != nil || f.Orders == 0 {
				return f, err
			}
			_, err = s.rebind(item, nil, f.left)
			f.left = 0
			return f, err
		},
	})
}

// fill serves the queue of an item from free stock. Its promises have to be made anew
// afterwards.
func (s *attempt) fill(item string) (Filled, error) {
	s.filling = true
	defer func() { s.filling = false }()
	var f Filled
	queue, err := demands.list(s, s.tx, storage.DocumentFilter{Parents: []string{item}, Live: true, Limit: maxLooked})
	if err != nil {
		return f, err
	}
	for left := int64(1); left > 0 && len(queue) > 0; {
		n := 1 // lines of one order stand together
		for n < len(queue) && queue[n].Order == queue[0].Order {
			n++
		}
		var got int64
		got, left, err = s.serve(item, queue[:n], f.Orders == MaxFilled)
		switch {
		case err != nil:
			return f, err
		case left > 0 && f.Orders == MaxFilled:
			f.More, f.left = true, left
			return f, nil
		case got > 0:
			f.Orders++
			f.Units += got
		}
		queue = queue[n:]
	}
	return f, nil
}

// serve gives one order what it waits for of an item, as far as the strategy finds it, and
// tells what is left for others. Looking only gives nothing.
func (s *attempt) serve(item string, wait []purchasing.Demand, onlyLook bool) (got, left int64, err error) {
	id, err := order.ParseID(wait[0].Order)
	if err != nil {
		return 0, 0, fmt.Errorf("%w: backorder of %q: %w", storage.ErrCorrupt, wait[0].Order, err)
	}
	snap, err := loadStock(s, s.tx, inventory.Need{Items: []string{item}, Owner: owner(id), Now: s.now})
	if err != nil {
		return 0, 0, err
	}
	left = snap.Available(item, "", "", s.now)
	if left == 0 || onlyLook {
		return 0, left, nil
	}
	o, err := s.tx.Orders().Get(s, id)
	if err != nil {
		return 0, 0, err
	}
	ed := &edit{Order: o, loaded: o.Version, was: o.Lines}
	if !s.orders.Can(ed.State, order.HoldsStock) {
		return 0, left, nil
	}
	if err := s.sells(ed.Channel, &snap); err != nil {
		return 0, left, err
	}
	r := s.request(ed, &snap)
	for _, d := range wait {
		if l, ok := ed.Line(d.Line); ok && l.Backordered > 0 {
			r.Demands = append(r.Demands, allocation.Demand{Line: l.No, Item: l.Item, Qty: l.Backordered})
		}
	}
	s.offer(&r, snap, "")
	rec, err := s.ask(ed, r)
	if err != nil || len(rec.Plan.Assignments) == 0 {
		return 0, left, err
	}
	gets := make([]int64, len(ed.Lines))
	for _, a := range rec.Plan.Assignments {
		gets[a.Line-1] += a.Qty
		got += a.Qty
	}
	var deltas []order.LineDelta
	for i, q := range gets {
		if q > 0 {
			deltas = append(deltas, order.LineDelta{Line: i + 1, By: order.Counters{Reserved: q, Backordered: -q}})
		}
	}
	if err := s.assign(ed, snap, rec, unassigned(rec.Plan), deltas); err != nil {
		return 0, 0, err
	}
	if err := s.begin(ed); err != nil {
		return 0, 0, err
	}
	_, err = s.close(ed)
	return got, left - got, err
}

// unassigned is what a plan leaves waiting.
func unassigned(plan allocation.Plan) []order.LineQty {
	var out []order.LineQty
	for _, u := range plan.Unassigned {
		out = append(out, order.LineQty{Line: u.Line, Qty: u.Missing()})
	}
	return out
}
