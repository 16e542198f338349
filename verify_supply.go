package oms

import (
	"fmt"
	"maps"
	"slices"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// queues reads who waits and what is expected, and proves the promises between them.
func (a *audit) queues() error {
	a.queued, a.given, a.coming = make(map[string]int64), make(map[string]int64), make(map[string]inventory.Supply)
	queue, err := every(a.ctx, a.tx, demands, storage.DocumentFilter{Live: true})
	if err != nil {
		return err
	}
	for i := range queue {
		d := &queue[i]
		a.queued[d.ID] = d.Qty
		if d.Promised() > d.Qty {
			a.note("no more is promised than waits", "backorder "+d.ID, fmt.Sprintf("at most %d", d.Qty), d.Promised())
		}
		for _, p := range d.Promises {
			if p.Supply != "" {
				a.given[p.Supply] += p.Qty
			}
		}
	}
	coming, err := every(a.ctx, a.tx, supplies, storage.DocumentFilter{Live: true})
	if err != nil {
		return err
	}
	for _, s := range coming {
		a.coming[s.ID] = s
		a.check("promised units are those of the demand that waits for them", "supply "+s.ID, a.given[s.ID], s.Promised)
		if s.Promised > s.Qty {
			a.note("no more is promised than is expected", "supply "+s.ID, fmt.Sprintf("at most %d", s.Qty), s.Promised)
		}
		delete(a.given, s.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(a.given)) {
		a.note("units are promised of what is expected", "supply "+id, int64(0), a.given[id])
	}
	return nil
}

// backorders proves that the backordered units of an order wait in the queues.
func (a *audit) backorders(o *order.Order, subject string) {
	for i := range o.Lines {
		l := &o.Lines[i]
		id := demandID(o.ID, l.No)
		a.check("backordered units wait in the queue of their item", fmt.Sprintf("%s line %d", subject, l.No), l.Backordered, a.queued[id])
		delete(a.queued, id)
	}
}

// idle notes the demand of order lines that are not there.
func (a *audit) idle() error {
	for _, id := range slices.Sorted(maps.Keys(a.queued)) {
		a.note("what waits is a line of an order", "backorder "+id, int64(0), a.queued[id])
	}
	return nil
}

// supply proves that of each purchase order is expected what is left of its lines.
func (a *audit) supply() error {
	open, err := every(a.ctx, a.tx, purchases, storage.DocumentFilter{Live: true})
	if err != nil {
		return err
	}
	for i := range open {
		o := &open[i]
		for j, s := range a.buys.Supplies(o) {
			l := &o.Lines[j]
			on := fmt.Sprintf("purchase order %s line %d", o.Name(), l.No)
			if err := l.Check(o.Tolerance); err != nil {
				a.note("the law of purchased lines", on, "units that obey it", err)
			}
			a.check("what is left of a purchase order is expected", on, s.Qty, a.coming[s.ID].Qty)
			delete(a.coming, s.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.coming)) {
		if s := a.coming[id]; len(id) > 3 && id[:3] == "po/" {
			a.note("what is expected is of an open purchase order", "supply "+id, int64(0), s.Qty)
		}
	}
	return nil
}
