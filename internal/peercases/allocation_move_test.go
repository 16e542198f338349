package peercases_test

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// placement is how many units of each line of an order go to each location.
type placement map[int]map[string]int64

// Plan says what it is told, whether the stock is there or not: the Engine refuses what is not.
func (x *placement) Plan(_ context.Context, r allocation.Request) (allocation.Plan, error) {
	var p allocation.Plan
	for _, d := range r.Demands {
		left := d.Qty
		for _, l := range slices.Sorted(maps.Keys((*x)[d.Line])) {
			if q := (*x)[d.Line][l]; q != 0 {
				p.Assignments = append(p.Assignments, allocation.Assignment{Line: d.Line, Item: d.Item, Location: l, Qty: q})
				left -= q
			}
		}
		if left > 0 {
			p.Unassigned = append(p.Unassigned, allocation.Shortage{Line: d.Line, Item: d.Item, Want: d.Qty, Have: d.Qty - left})
		}
	}
	return p, nil
}

// moveUnits: units of an order are moved to another location by planning it anew. Units that wait are at
// no location, and units that are promised are not given up for some that wait.
func moveUnits(c *peerCase) facts {
	g := given[struct {
		Source struct {
			Location    string
			OnHand      int64 `json:"on_hand_units"`
			Backordered int64 `json:"backordered_units"`
		}
		Stock         map[string]int64
		Backorderable bool  `json:"l2_backorderable"`
		Complete      *bool `json:"order_complete"`
	}](c)
	w := when[struct {
		Move int64
		To   string
	}](c)
	from, wanted := g.Source.Location, g.Source.OnHand+g.Source.Backordered
	to, note, _ := strings.Cut(w.To, " ")
	itself := w.To == "the same shipment"
	if itself {
		to = from
	}
	if to == from && !itself && !strings.Contains(note, "same location") {
		c.unknown("target", w.To)
	}
	complete := g.Complete == nil || *g.Complete
	plan := placement{1: {from: g.Source.OnHand}}
	s := open(c, oms.WithStrategy(&plan))
	s.item(inventory.Item{ID: "V"})
	s.location(from)
	for _, l := range slices.Sorted(maps.Keys(g.Stock)) {
		if l != from {
			s.location(l)
		}
		units := max(0, g.Stock[l])
		if l == from && complete { // stock of an order that is complete has been taken off
			units += g.Source.OnHand
		}
		s.receive("V", l, units)
	}
	draft := order.Draft{Currency: euro, Lines: []order.DraftLine{waits("V", wanted)}}
	var o order.Order
	var err error
	if complete {
		o, err = s.promise(draft.Lines...)
		s.do(err)
	}
	atTarget := int64(0)
	switch {
	case itself: // a plan that changes nothing is one that holds
		c.differs(samePlan, "ok", "error")
	case to == from: // parcels of one location are shipments of one work
		if g.Source.Backordered > 0 {
			c.differs(placedBackorder, "source_units", "target_units")
			break
		}
		fo, found := s.work(o, from, 1)
		s.do(found)
		if _, err = s.Fulfillment.Pack(s.ctx, fo.ID, parcel(1, w.Move)); err == nil {
			atTarget = w.Move
		}
	default:
		if free := max(0, g.Stock[to]); g.Backorderable && w.Move > free {
			c.differs(placedBackorder, "ok", "stock", "source_units", "target_units")
		}
		plan[1] = map[string]int64{from: g.Source.OnHand - w.Move, to: w.Move}
		if complete {
			_, err = s.Orders.Reallocate(s.ctx, o.ID)
			atTarget = s.state("V", to, inventory.Committed)
		} else if _, err = s.Orders.Plan(s.ctx, draft); err == nil {
			atTarget = w.Move
		}
	}
	atSource, waiting := g.Source.OnHand-atTarget, g.Source.Backordered
	if complete {
		n := s.get(o).Lines[0]
		waiting = n.Backordered
		require.Equal(c.t, wanted, n.Reserved+n.Packed+n.Backordered, "no unit is lost or made")
		require.Equal(c.t, atSource, n.Reserved+n.Packed-atTarget)
	}
	stock := map[string]int64{}
	for l := range g.Stock {
		stock[l] = s.state("V", l, inventory.Free)
		if l == from {
			stock[l] -= waiting // a peer's stock goes below zero by what is owed
		}
	}
	return facts{
		"ok": err == nil, "error": err, "stock": stock,
		"source_units": facts{"on_hand": atSource, "backordered": waiting},
		"target_units": facts{"on_hand": atTarget, "backordered": 0},
	}
}

// moveWork: all that a fulfillment order has left to do is done elsewhere when the order is planned anew.
func moveWork(c *peerCase) facts {
	type line struct {
		OrderLine int64 `json:"order_line"`
		Qty       int64
	}
	g := given[struct {
		Work struct {
			ID, Location int64
			Status       string
			Lines        []line
		} `json:"fulfillment_order"`
	}](c)
	w := when[struct {
		To int64 `json:"move_all_to"`
	}](c)
	if g.Work.Status != "open" {
		c.unknown("status", g.Work.Status)
	}
	from, to := whole(g.Work.Location).String(), whole(w.To).String()
	plan := placement{}
	s := open(c, oms.WithStrategy(&plan))
	s.location(from, to)
	var lines []order.DraftLine
	for i, l := range g.Work.Lines {
		item := whole(l.OrderLine).String()
		s.item(inventory.Item{ID: item})
		s.receive(item, from, l.Qty)
		s.receive(item, to, l.Qty)
		lines = append(lines, want(item, l.Qty))
		plan[i+1] = map[string]int64{from: l.Qty}
	}
	o, err := s.promise(lines...)
	s.do(err)
	was, err := s.work(o, from, 1)
	s.do(err)
	send := func(to string) {
		for i, l := range g.Work.Lines {
			plan[i+1] = map[string]int64{to: l.Qty}
		}
	}
	send(to)
	_, err = s.Orders.Reallocate(s.ctx, o.ID)
	s.do(err)
	is, err := s.work(o, to, 1)
	s.do(err)
	was, err = s.Fulfillment.Get(s.ctx, was.ID)
	s.do(err)
	id := g.Work.ID
	if is.ID != was.ID {
		id++
	}
	moved := []map[string]any{}
	for _, l := range is.Lines {
		moved = append(moved, map[string]any{"order_line": g.Work.Lines[l.Line-1].OrderLine, "qty": l.Qty, "fulfillable": l.Open()})
	}
	return facts{
		"original": facts{"id": g.Work.ID, "status": s.workStatus(was)},
		"moved":    facts{"id": id, "location": w.To, "status": s.workStatus(is), "lines": moved, "supported": s.supported(is, func() { send(from) })},
	}
}

// workStatus is open while a unit is to be sent.
func (s *shop) workStatus(fo fulfillment.Order) string {
	for i := range fo.Lines {
		if fo.Lines[i].Open() > 0 {
			return "open"
		}
	}
	return "closed"
}

// supported is what can be done with work, in the peer's words. Moving is tried: back to where it was.
func (s *shop) supported(fo fulfillment.Order, move func()) []string {
	s.t.Helper()
	all, err := s.Fulfillment.Actions(s.ctx, fo.ID)
	s.do(err)
	out := []string{}
	if slices.ContainsFunc(all, func(p fulfillment.Possibility) bool { return p.Action == fulfillment.ActionPack && p.Allowed }) {
		out = append(out, "create_fulfillment")
	}
	move()
	before, err := s.Orders.Get(s.ctx, fo.Order)
	s.do(err)
	_, err = s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
		after, err := k.Orders.Reallocate(ctx, fo.Order)
		if err == nil && after.Version > before.Version {
			out = append(out, "move")
		}
		return err
	})
	s.do(err)
	return out
}
