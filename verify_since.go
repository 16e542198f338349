package oms

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// Mark is how far the books have been proven: the end of the event log, and the last
// posting before those that may still get company from transactions that commit late.
// The host keeps it, as JSON, from one [Engine.VerifySince] to the next.
type Mark struct {
	Seq     int64     `json:"seq"`
	Posting uuid.UUID `json:"posting"`
}

// VerifySince proves what has changed since a mark, and returns the next one: every item
// that moved or was told of, from its last checkpoint on, and every order and return that
// was told of, by the laws of [Engine.Verify]. The zero Mark has it prove everything.
//
// It costs as much as what has changed: the events and postings since the mark, and for
// each item the movements since its last checkpoint ([Stock.Checkpoint]). If units were
// reserved or picked, the reservations that are open now are read as well. What was
// changed past the Engine, of something that nobody has touched since the mark, is left
// to Verify: run that at night, and this every minute.
//
// Events have positions of their own that skip nothing; postings are taken in the order
// of their ids, which are to grow with time ([WithIDs]), and those of the last hour again.
func (e *Engine) VerifySince(ctx context.Context, m Mark) ([]Difference, Mark, error) {
	told, seq, err := e.toldSince(ctx, m.Seq)
	if err != nil {
		return nil, m, err
	}
	next := Mark{Seq: seq, Posting: m.Posting}
	found, err := reading(ctx, e, func(ctx context.Context, tx storage.Tx) ([]Difference, error) {
		a := &audit{ctx: ctx, tx: tx, flow: e.cfg.orders, owners: make(map[string]bool)}
		c := changed{items: make(map[string]bool), orders: make(map[order.ID]bool), last: m.Posting}
		if err := c.postings(a, inventory.Pace{}, e); err != nil {
			return nil, err
		}
		next.Posting = c.last
		if m == (Mark{}) {
			return nil, nil
		}
		if err := c.told(a, told); err != nil {
			return nil, err
		}
		if err := c.verifyOrders(a); err != nil {
			return nil, err
		}
		return a.found, c.verifyItems(a, e)
	})
	if err == nil && m == (Mark{}) {
		found, err = e.Verify(ctx)
	}
	if err != nil {
		return nil, m, err
	}
	return found, next, nil
}

// toldSince reads which aggregates events tell of behind a position, and the last one.
func (e *Engine) toldSince(ctx context.Context, seq int64) (map[string]bool, int64, error) {
	var told map[string]bool
	last := seq
	err := e.transact(ctx, func(ctx context.Context, tx storage.Tx) error { // events get their positions
		told, last = make(map[string]bool), seq
		for {
			const page = 500
			events, err := tx.Events().Since(ctx, last, page)
			if err != nil {
				return err
			}
			for i := range events {
				told[events[i].Aggregate], last = true, events[i].Seq
			}
			if len(events) < page {
				return nil
			}
		}
	})
	return told, last, err
}

// changed is what an incremental proof looks at.
type changed struct {
	items  map[string]bool
	orders map[order.ID]bool
	held   bool      // reserved, picked or packed units have moved
	last   uuid.UUID // the last posting that has settled
}

// postings collects the items that have moved.
func (c *changed) postings(a *audit, p inventory.Pace, e *Engine) error {
	p, err := p.Normal()
	if err != nil {
		return err
	}
	settled, open := moment(e.cfg.now()).Add(-p.Settled), false
	for p, err := range a.tx.Stock().ListPostings(a.ctx, inventory.PostingFilter{After: c.last}) {
		if err != nil {
			return err
		}
		for _, m := range p.Movements {
			c.items[m.Item] = true
			c.held = c.held || slices.Contains(heldStates, m.From.State) || slices.Contains(heldStates, m.To.State)
		}
		if open = open || !p.At.Before(settled); !open {
			c.last = p.ID
		}
	}
	return nil
}

// told collects what events tell of.
func (c *changed) told(a *audit, aggregates map[string]bool) error {
	for _, name := range slices.Sorted(maps.Keys(aggregates)) {
		kind, id, _ := strings.Cut(name, "/")
		if kind == "stock" {
			c.items[id] = true
			continue
		}
		parsed, err := uuid.Parse(id)
		switch {
		case err != nil:
		case kind == "order":
			c.orders[order.ID{UUID: parsed}] = true
		case kind == "return":
			r, err := a.tx.Returns().Get(a.ctx, returns.ID{UUID: parsed})
			if errors.Is(err, returns.ErrNotFound) {
				a.note("what events tell of is there", name, "a return", "none")
				continue
			}
			if err != nil {
				return err
			}
			c.orders[r.Order] = true
		}
	}
	return nil
}

// verifyOrders proves the orders, whose items are looked at next.
func (c *changed) verifyOrders(a *audit) error {
	ids := slices.SortedFunc(maps.Keys(c.orders), func(a, b order.ID) int { return strings.Compare(a.String(), b.String()) })
	for _, id := range ids {
		o, err := a.tx.Orders().Get(a.ctx, id)
		if errors.Is(err, order.ErrNotFound) {
			a.note("what events tell of is there", orderAggregate(id), "an order", "none")
			continue
		}
		if err != nil {
			return err
		}
		for i := range o.Lines {
			if o.Lines[i].Stocked {
				c.items[o.Lines[i].Item] = true
			}
		}
		if err := a.order(&o); err != nil {
			return err
		}
	}
	return nil
}

// verifyItems proves the balances of the items.
func (c *changed) verifyItems(a *audit, e *Engine) error {
	held := make(map[string][]inventory.Reservation)
	if c.held || len(c.orders) > 0 {
		var err error
		if held, err = e.heldBy(a.ctx, a.tx, func(item string) bool { return c.items[item] }); err != nil {
			return err
		}
		c.held = true
	}
	for _, item := range slices.Sorted(maps.Keys(c.items)) {
		last, err := nearest(a.ctx, a.tx, item, endOfTime.At.Add(-1), true)
		if err != nil {
			return err
		}
		before := len(a.found)
		if err := c.verifyItem(a, item, last, held[item]); err != nil {
			return err
		}
		if last != nil && len(a.found) > before { // or is it the checkpoint that is wrong?
			a.found = a.found[:before]
			if err := c.verifyItem(a, item, nil, held[item]); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifyItem proves the balances of an item by what moved since a checkpoint, or ever.
func (c *changed) verifyItem(a *audit, item string, last *inventory.Checkpoint, held []inventory.Reservation) error {
	sums := inventory.Tally{}
	span := inventory.Span{Until: endOfTime}
	if last != nil {
		sums, span.After = last.Tally(), inventory.EndOf(last.At)
	}
	flow, err := a.tx.Stock().SumMovements(a.ctx, item, span)
	if err != nil {
		return err
	}
	sums.Forward(flow.Moved)
	snap, err := a.tx.Stock().Load(a.ctx, inventory.Need{Items: []string{item}})
	if err != nil {
		return err
	}
	want := make(map[inventory.Key]*inventory.Balance)
	for _, b := range sums.Balances(item) {
		want[b.Key] = &b
	}
	var reserved map[inventory.Key]*inventory.Balance
	if c.held {
		reserved = make(map[inventory.Key]*inventory.Balance)
		for _, r := range held {
			reserve(reserved, &r)
		}
	}
	for _, b := range snap.Balances {
		a.balance(&b, want, reserved)
	}
	a.homeless("units that moved have a balance", want)
	a.homeless("units that are reserved have a balance", reserved)
	return nil
}
