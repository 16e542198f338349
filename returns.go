package oms

import (
	"context"
	"fmt"
	"slices"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// Returns are the commands and queries on goods and money on their way back. Units in
// their commands name lines of the return.
type Returns struct{ e *Engine }

// rma is a return at work, with its order; a blind return has none.
type rma struct {
	returns.Return
	order  *edit
	events int // emitted so far
}

func (r *rma) aggregate() string {
	if r.Blind() {
		return "return/" + r.ID.String()
	}
	return orderAggregate(r.Order)
}

// returnCommand is a command on one existing return.
func returnCommand(ctx context.Context, e *Engine, opts []CallOption, name string, id returns.ID, input any, run func(*attempt, *rma) error) (returns.Return, error) {
	return newReturn(ctx, e, opts, name, []any{id, input}, func(s *attempt) (*rma, error) {
		r, err := s.tx.Returns().Get(s, id)
		if err != nil {
			return nil, err
		}
		w := &rma{Return: r}
		if !r.Blind() {
			if w.order, err = s.open(r.Order); err != nil {
				return nil, err
			}
		}
		return w, run(s, w)
	})
}

// newReturn runs a command that makes or changes a return and saves both it and its
// order.
func newReturn(ctx context.Context, e *Engine, opts []CallOption, name string, input any, run func(*attempt) (*rma, error)) (returns.Return, error) {
	return do(ctx, e, opts, command[returns.Return]{
		name: name, input: input,
		id: func(r returns.Return) string { return r.ID.String() },
		load: func(s *attempt, id string) (returns.Return, error) {
			parsed, err := returns.ParseID(id)
			if err != nil {
				return returns.Return{}, err
			}
			return s.tx.Returns().Get(s, parsed)
		},
		run: func(s *attempt) (returns.Return, error) {
			w, err := run(s)
			if err != nil {
				return returns.Return{}, err
			}
			if w.events == 0 {
				return w.Return, nil
			}
			w.Version++
			if err := s.tx.Returns().Save(s, w.Return); err != nil {
				return returns.Return{}, err
			}
			if w.order != nil {
				_, err = s.close(w.order)
			}
			return w.Return, err
		},
	})
}

// took adopts the outcome of a decision on a return and lets its order follow.
func (w *rma) took(s *attempt, r returns.Return, deltas []order.LineDelta, events []returns.Event, err error) error {
	if err != nil {
		return err
	}
	w.Return = r
	w.events += len(events)
	version := r.Version + 1
	if w.order != nil {
		version = w.order.loaded + 1
		if err := s.count(w.order, deltas); err != nil {
			return err
		}
	}
	return emit(s, w.aggregate(), version, events)
}

// Request opens a return of shipped units of an order. The policy may refuse it. A
// closed order is reopened.
func (g Returns) Request(ctx context.Context, id order.ID, lines []returns.Wanted, ref string, opts ...CallOption) (returns.Return, error) {
	return newReturn(ctx, g.e, opts, "request return", []any{id, lines, ref}, func(s *attempt) (*rma, error) {
		ed, err := s.open(id)
		if err != nil {
			return nil, err
		}
		q := returns.Request{ID: returns.ID{UUID: s.newID()}, Ref: ref, Lines: lines}
		r, deltas, events, err := s.returns.Request(ed.Order, q, s.policy, s.now)
		if err != nil {
			return nil, err
		}
		if s.orders.ClassOf(ed.State) == order.ClassDone {
			o, reopened, err := s.orders.Reopen(ed.Order, s.now)
			if err := took(s, ed, o, reopened, err); err != nil {
				return nil, err
			}
		}
		w := &rma{order: ed}
		return w, w.took(s, r, deltas, events, nil)
	})
}

// RequestBlind opens a return without an order.
func (g Returns) RequestBlind(ctx context.Context, b returns.Blind, opts ...CallOption) (returns.Return, error) {
	return newReturn(ctx, g.e, opts, "request blind return", b, func(s *attempt) (*rma, error) {
		b.ID = returns.ID{UUID: s.newID()}
		if err := s.identify(&b); err != nil {
			return nil, err
		}
		r, events, err := s.returns.RequestBlind(b, s.now)
		if err != nil {
			return nil, err
		}
		w := &rma{}
		return w, w.took(s, r, nil, events, nil)
	})
}

// identify settles each line of a blind return by its item's definition, like a sale
// does: an unknown item is refused, an untracked one comes back into no stock.
func (s *attempt) identify(b *returns.Blind) error {
	need := inventory.Need{Now: s.now}
	for _, l := range b.Lines {
		if !l.Service {
			need.Items = append(need.Items, l.Item)
		}
	}
	if len(need.Items) == 0 {
		return nil
	}
	snap, err := loadStock(s, s.tx, need.Distinct())
	if err != nil {
		return err
	}
	b.Lines = slices.Clone(b.Lines)
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Service {
			continue
		}
		item, ok := snap.Item(l.Item)
		if !ok {
			return fmt.Errorf("%w: %q; add it with Stock.AddItem, or mark the line as a Service", inventory.ErrUnknownItem, l.Item)
		}
		l.Service = item.Untracked
	}
	return nil
}

// Approve lets the goods come.
func (g Returns) Approve(ctx context.Context, id returns.ID, opts ...CallOption) (returns.Return, error) {
	return returnCommand(ctx, g.e, opts, "approve return", id, nil, func(s *attempt, w *rma) error {
		r, events, err := s.returns.Approve(w.Return, s.now)
		return w.took(s, r, nil, events, err)
	})
}

// Decline refuses the goods.
func (g Returns) Decline(ctx context.Context, id returns.ID, why string, opts ...CallOption) (returns.Return, error) {
	return returnCommand(ctx, g.e, opts, "decline return", id, why, func(s *attempt, w *rma) error {
		r, deltas, events, err := s.returns.Decline(w.Return, why, s.now)
		return w.took(s, r, deltas, events, err)
	})
}

// Cancel ends a return of which nothing was received.
func (g Returns) Cancel(ctx context.Context, id returns.ID, opts ...CallOption) (returns.Return, error) {
	return returnCommand(ctx, g.e, opts, "cancel return", id, nil, func(s *attempt, w *rma) error {
		r, deltas, events, err := s.returns.Cancel(w.Return, s.now)
		return w.took(s, r, deltas, events, err)
	})
}

// Receive records goods that arrived at a location. They lie in inspection: nothing is
// sellable, and nothing is paid, until Inspect and Refund say so.
func (g Returns) Receive(ctx context.Context, id returns.ID, location string, units []order.LineQty, opts ...CallOption) (returns.Return, error) {
	return returnCommand(ctx, g.e, opts, "receive return", id, []any{location, units}, func(s *attempt, w *rma) error {
		r, deltas, events, err := s.returns.Receive(w.Return, location, units, s.now)
		if err := w.took(s, r, deltas, events, err); err != nil {
			return err
		}
		var back []inventory.GoodsBack
		var lines []int // of the order
		for _, u := range units {
			if l, _ := r.Line(u.Line); l.Stocked {
				lines = append(lines, l.Line)
				back = append(back, inventory.GoodsBack{Item: l.Item, Location: location, Qty: u.Qty})
			}
		}
		return w.post(s, []string{location}, len(back), func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
			back, err := s.intoLots(w, &snap, back, lines)
			if err != nil {
				return inventory.Changes{}, err
			}
			return inventory.Return(snap, back, w.document(), m)
		})
	})
}

// Missing records units that will not come back.
func (g Returns) Missing(ctx context.Context, id returns.ID, units []order.LineQty, opts ...CallOption) (returns.Return, error) {
	return returnCommand(ctx, g.e, opts, "miss return", id, units, func(s *attempt, w *rma) error {
		r, deltas, events, err := s.returns.Missing(w.Return, units, s.now)
		return w.took(s, r, deltas, events, err)
	})
}

// Inspect decides what becomes of received units.
func (g Returns) Inspect(ctx context.Context, id returns.ID, decided []returns.Disposed, opts ...CallOption) (returns.Return, error) {
	return returnCommand(ctx, g.e, opts, "inspect return", id, decided, func(s *attempt, w *rma) error {
		r, deltas, events, err := s.returns.Inspect(w.Return, decided, s.now)
		if err := w.took(s, r, deltas, events, err); err != nil {
			return err
		}
		locations := []string{r.Location}
		var moves []inventory.Movement
		for _, d := range decided {
			l, _ := r.Line(d.Line)
			if !l.Stocked {
				continue
			}
			if d.To != "" {
				locations = append(locations, d.To)
			}
			moves = append(moves, inventory.Movement{Item: l.Item, From: inventory.At(r.Location, inventory.QC), To: destination(d, r.Location), Qty: d.Qty})
		}
		return w.post(s, locations, len(moves), func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
			moves, err := s.ofLots(w, &snap, moves)
			if err != nil {
				return inventory.Changes{}, err
			}
			return inventory.Move(snap, moves, inventory.ReasonInspect, w.document(), m)
		})
	})
}

// destination is the account that a disposition moves inspected units to.
func destination(d returns.Disposed, location string) inventory.Account {
	switch d.As {
	case returns.Restock:
		if d.To != "" {
			location = d.To
		}
		return inventory.At(location, inventory.Free)
	case returns.Damage:
		return inventory.At(location, inventory.Damaged)
	case returns.Scrap:
		return inventory.Outside(inventory.Scrap)
	case returns.Reject:
	}
	return inventory.At(location, inventory.Held)
}

// post applies a stock decision on the items of a return.
func (w *rma) post(s *attempt, locations []string, moves int, decide func(inventory.Snapshot, inventory.Meta) (inventory.Changes, error)) error {
	if moves == 0 {
		return nil
	}
	need := inventory.Need{Locations: locations, Now: s.now}
	for _, l := range w.Lines {
		need.Items = append(need.Items, l.Item)
	}
	need = need.Distinct()
	snap, err := loadStock(s, s.tx, need)
	if err != nil {
		return err
	}
	changes, err := decide(snap, s.meta())
	if err != nil {
		return err
	}
	if w.order != nil {
		s.origin = w.order.Number
		defer func() { s.origin = "" }()
	}
	if err := s.post(changes); err != nil {
		return err
	}
	return s.keepLots(w, changes.Posting.Movements)
}

func (w *rma) document() string {
	if w.Ref != "" {
		return w.Ref
	}
	return w.ID.String()
}

// Payout says what to refund of a return, and how.
type Payout struct {
	Units   []order.LineQty      // of the return
	Charges []order.ChargeCredit // shipping to give back, for example
	Fee     order.Money          // kept by the shop: restocking, return shipping
	FeeName string
	Prefer  []string              // captures to refund first
	Status  order.OperationStatus // of the refund operations: succeeded (the default), or requested
}

// Refund takes units of a return off what the buyer owes, and pays out what the shop
// then owes: for an order paid in full that is the value of the units and charges, less
// the fee. A blind return is valued by what it was said to be worth.
func (g Returns) Refund(ctx context.Context, id returns.ID, p Payout, opts ...CallOption) (returns.Return, error) {
	return returnCommand(ctx, g.e, opts, "refund return", id, p, func(s *attempt, w *rma) error {
		if len(p.Units)+len(p.Charges) == 0 {
			return fmt.Errorf("%w: name units or charges to refund", returns.ErrQuantity)
		}
		if p.Status != "" && p.Status != order.Succeeded && p.Status != order.Requested {
			return fmt.Errorf("%w: refund status %q; give succeeded or requested, and settle it later", order.ErrPayment, p.Status)
		}
		r, lines, amount, err := s.returns.Refund(w.Return, p.Units, s.now)
		if err != nil {
			return err
		}
		if w.order == nil {
			if amount, err = amount.Sub(p.Fee); err != nil {
				return err
			}
			if p.Fee.IsNegative() {
				return fmt.Errorf("%w: fee %s; it is a positive amount", order.ErrPayment, p.Fee)
			}
			if amount.IsNegative() || len(p.Charges) > 0 {
				return fmt.Errorf("%w: a blind return has no charges, and its fee is at most its worth", order.ErrCap)
			}
		} else if amount, err = s.credit(w, lines, p); err != nil {
			return err
		}
		r, events, err := s.returns.Paid(r, p.Units, amount, s.now)
		return w.took(s, r, nil, events, err)
	})
}

// credit takes the units off the order and pays out what is then owed to the buyer.
func (s *attempt) credit(w *rma, lines []order.LineQty, p Payout) (order.Money, error) {
	ed := w.order
	note := order.CreditNote{Return: w.ID.String(), Units: lines, Charges: p.Charges, Fee: p.Fee, FeeName: p.FeeName}
	o, _, events, err := s.orders.Credit(ed.Order, note, s.now)
	if err := took(s, ed, o, events, err); err != nil {
		return order.Money{}, err
	}
	b := ed.Books()
	owed, err := b.Due.Add(b.Returning)
	if err != nil || !owed.IsNegative() {
		return order.Zero(ed.Currency), err
	}
	status := p.Status
	if status == "" {
		status = order.Succeeded
	}
	return owed.Neg(), s.payBack(ed, owed.Neg(), w.ID.String(), status, p.Prefer)
}

// Take moves a return along an edge that the host added to the flow.
func (g Returns) Take(ctx context.Context, id returns.ID, a returns.Action, opts ...CallOption) (returns.Return, error) {
	return returnCommand(ctx, g.e, opts, "take "+string(a), id, a, func(s *attempt, w *rma) error {
		r, events, err := s.returns.Take(w.Return, a, s.now)
		return w.took(s, r, nil, events, err)
	})
}

// Actions lists what is possible for a return now and, for the rest, why not.
func (g Returns) Actions(ctx context.Context, id returns.ID) ([]returns.Possibility, error) {
	r, err := g.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return g.e.cfg.returns.AllowedActions(r), nil
}

// Close puts a return to rest.
func (g Returns) Close(ctx context.Context, id returns.ID, opts ...CallOption) (returns.Return, error) {
	return returnCommand(ctx, g.e, opts, "close return", id, nil, func(s *attempt, w *rma) error {
		r, events, err := s.returns.Close(w.Return, s.now)
		return w.took(s, r, nil, events, err)
	})
}

// Get reads a return.
func (g Returns) Get(ctx context.Context, id returns.ID) (returns.Return, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (returns.Return, error) { return tx.Returns().Get(ctx, id) })
}

// OfOrder reads the returns of an order, oldest first.
func (g Returns) OfOrder(ctx context.Context, id order.ID) ([]returns.Return, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]returns.Return, error) {
		return tx.Returns().OfOrder(ctx, id)
	})
}

// Page reads one page of returns, newest first.
func (g Returns) Page(ctx context.Context, f returns.Filter) ([]returns.Return, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]returns.Return, error) { return tx.Returns().Page(ctx, f) })
}

// Timeline reads everything that happened to a return without an order; a return with
// one is told of in the order's timeline.
func (g Returns) Timeline(ctx context.Context, id returns.ID) ([]storage.Event, error) {
	return g.e.timeline(ctx, "return/"+id.String())
}
