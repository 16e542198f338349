package oms

import (
	"cmp"
	"context"
	"slices"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// Reallocate plans the units of an order anew that nobody has picked yet, with those that wait: after a location
// refused its work, new stock arrived, or facts and rules changed. Units that are picked, packed or shipped stay
// where they are, and their locations count as shipping anyhow. The strategy sees what was promised as
// allocation.Request.Previous, so that a rule such as rule.Stay can keep changes few. Units that move are freed, their
// work is withdrawn and opened at the new location. A plan that would give a line fewer units than it has, or all
// lines what they have, changes nothing.
func (g Orders) Reallocate(ctx context.Context, id order.ID, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "reallocate order", id, nil, func(s *attempt, ed *edit) error {
		if !s.orders.Can(ed.State, order.HoldsStock) {
			return &order.TransitionError{Order: ed.ID, From: ed.State, Event: "reallocate"}
		}
		changed, err := s.reallocate(ed)
		if err != nil || !changed {
			return err
		}
		return s.begin(ed)
	})
}

// promised is a number of units of a line at a location.
type promised struct {
	line     int
	location string
	qty      int64
}

// committed are the promised units of an order that nobody has picked, by line and location.
func committed(held []inventory.Reservation) []promised {
	var out []promised
	for i := range held {
		r := &held[i]
		if n := len(out); n > 0 && out[n-1].line == r.Line && out[n-1].location == r.Location {
			out[n-1].qty += r.Committed // another lot
		} else {
			out = append(out, promised{r.Line, r.Location, r.Committed})
		}
	}
	return slices.DeleteFunc(out, func(p promised) bool { return p.qty == 0 })
}

func (s *attempt) reallocate(ed *edit) (changed bool, err error) {
	held, err := s.reserved(ed)
	if err != nil {
		return false, err
	}
	had := committed(held)
	snap, err := s.stockFor(ed)
	if err != nil {
		return false, err
	}
	r := s.request(ed, &snap)
	for i := range ed.Lines {
		l := &ed.Lines[i]
		if !l.Stocked {
			continue
		}
		qty := l.Unreserved + l.Backordered
		for _, p := range had {
			if p.line == l.No {
				qty += p.qty
				r.Previous = append(r.Previous, allocation.Assignment{Line: l.No, Item: l.Item, Location: p.location, Qty: p.qty})
			}
		}
		if qty > 0 {
			r.Demands = append(r.Demands, wish(l, qty, true))
		}
	}
	if len(r.Demands) == 0 {
		return false, nil
	}
	s.offer(&r, snap, "")
	freed(&r, held)
	rec, err := s.ask(ed, r)
	if err != nil {
		return false, err
	}
	wants := wanted(rec.Plan)
	deltas := ed.rearranged(had, wants)
	if slices.ContainsFunc(deltas, func(d order.LineDelta) bool { return d.By.Reserved < 0 }) {
		return false, nil // what is promised stays promised
	}
	return s.rearrange(ed, had, wants, rec, deltas)
}

// freed adds to the stock of each location what the order itself holds there and could give up.
func freed(r *allocation.Request, held []inventory.Reservation) {
	for j := range r.Candidates {
		c := &r.Candidates[j]
		for i := range held {
			h := &held[i]
			if h.Location != c.Location {
				continue
			}
			if k := slices.Index(r.Items, h.Item); k >= 0 {
				c.Available[k] += h.Committed
			}
			c.Shipping = c.Shipping || h.Picked+h.Packed > 0
		}
	}
}

// rearrange frees what the plan has elsewhere, withdraws its work, and commits the rest of the plan.
func (s *attempt) rearrange(ed *edit, had, wants []promised, rec allocation.Record, deltas []order.LineDelta) (changed bool, err error) {
	gone, added := beyond(had, wants), beyond(wants, had)
	if len(gone) == 0 && len(added) == 0 {
		return false, nil
	}
	var back []taking
	for _, p := range gone {
		back = append(back, taking{order.Cut{Line: p.line, From: order.AtReserved, Qty: p.qty}, p.location})
	}
	if err := s.takeBack(ed, back); err != nil {
		return false, err
	}
	event := order.Allocated{Strategy: rec.Plan.Strategy, Fingerprint: rec.Plan.Fingerprint}
	if event.Record, err = s.record(rec); err != nil {
		return false, err
	}
	var holds []inventory.Hold
	for _, p := range added {
		l, _ := ed.Line(p.line) // a validated plan names lines of the request
		holds = append(holds, inventory.Hold{Owner: ed.ref(), Line: p.line, Item: l.Item, Location: p.location, Qty: p.qty})
		event.Assigned = append(event.Assigned, order.Assignment{Line: p.line, Location: p.location, Qty: p.qty})
	}
	for _, u := range rec.Plan.Unassigned {
		event.Backordered = append(event.Backordered, order.LineQty{Line: u.Line, Qty: u.Missing()})
	}
	if len(holds) > 0 {
		snap, err := s.stockFor(ed) // as it is now that units were given up
		if err != nil {
			return false, err
		}
		for i := range holds {
			holds[i].Channel = snap.SoldOn()
		}
		changes, err := inventory.Reserve(snap, holds, ed.Number, s.meta())
		if err != nil {
			return false, err
		}
		if err := s.post(changes); err != nil {
			return false, err
		}
	}
	if err := s.count(ed, deltas); err != nil {
		return false, err
	}
	return true, emit(s, ed.ref(), ed.loaded+1, []order.Event{event})
}

// wanted is what a plan assigns.
func wanted(plan allocation.Plan) []promised {
	var out []promised
	for _, a := range plan.Assignments {
		out = append(out, promised{a.Line, a.Location, a.Qty})
	}
	return out
}

// beyond is what some promises have beyond others, by line and location.
func beyond(some, others []promised) []promised {
	var out []promised
	for _, p := range some {
		for _, o := range others {
			if o.line == p.line && o.location == p.location {
				p.qty -= o.qty
			}
		}
		if p.qty > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b promised) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.location, b.location))
	})
	return out
}

// rearranged turns what lines had and get into counters: what gets nothing waits as backorder.
func (ed *edit) rearranged(had, wants []promised) []order.LineDelta {
	var out []order.LineDelta
	for i := range ed.Lines {
		l := &ed.Lines[i]
		var more int64
		for _, p := range wants {
			if p.line == l.No {
				more += p.qty
			}
		}
		for _, p := range had {
			if p.line == l.No {
				more -= p.qty
			}
		}
		by := order.Counters{Unreserved: -l.Unreserved, Reserved: more, Backordered: l.Unreserved - more}
		if l.Stocked && by != (order.Counters{}) {
			out = append(out, order.LineDelta{Line: l.No, By: by})
		}
	}
	return out
}
