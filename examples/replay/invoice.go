package main

import (
	"context"
	"fmt"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/examples/replay/retail"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// The ledger is in pounds; it names no currency.
var gbp = order.MustCurrency("GBP")

// payment is the id of an order's one capture.
const payment = "payment"

// invoice is a step on its way through the engine.
//
// Goods and money of a step become these commands:
//
//	sale lines             one order, placed, paid in full and confirmed
//	returns, matched       per sale: a return, or a cancellation of what has not shipped
//	returns, unmatched     a return without an order, worth what the line says
//	corrections            stock adjustments, write_off or found
//	adjustments above 0    service lines of the order
//	adjustments below 0    service lines of the return without an order
//
// Adjustments are money without goods: the bad debt of the A invoices, and lines with a
// negative price. The engine has no bare ledger entry and needs none: a service costs
// no stock, so selling one adds money and taking one back gives it back, and both are
// under the same proofs as any other sale or return.
type invoice struct {
	kit  *oms.Engine
	step *retail.Step
	keys int // given out so far
}

// book replays a step in one transaction: all of the invoice is there, or none of it.
func (s *shop) book(ctx context.Context, step *retail.Step) error {
	s.clock.advance(step.At)
	return s.kit.Atomically(ctx, func(ctx context.Context, kit *oms.Engine) error {
		v := &invoice{kit: kit, step: step}
		for _, part := range []func(context.Context) error{v.sell, v.takeBack, v.takeBackBlind, v.correct} {
			if err := part(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// commandKey is the idempotency key of the n-th command of an invoice.
func commandKey(invoice string, n int) string { return fmt.Sprintf("invoice %s/%d", invoice, n) }

func (v *invoice) key() oms.CallOption {
	v.keys++
	return oms.Key(commandKey(v.step.Invoice, v.keys))
}

// sell places, pays and confirms the order of the invoice. The order is shipped in the
// evening.
func (v *invoice) sell(ctx context.Context) error {
	lines := v.draftLines()
	if len(lines) == 0 {
		return nil
	}
	draft := order.Draft{
		Number: v.step.Invoice, Customer: v.step.Customer, Currency: gbp, Lines: lines,
		Metadata: map[string]string{"country": v.step.Country},
	}
	o, err := v.kit.Orders.Place(ctx, draft, v.key())
	if err != nil {
		return err
	}
	if total := o.Totals().Total; total.IsPositive() {
		paid := order.Operation{ID: payment, Kind: order.Capture, Amount: total, Tender: "invoice", Reference: v.step.Invoice}
		if _, err := v.kit.Payments.Record(ctx, o.ID, paid, v.key()); err != nil {
			return err
		}
	}
	_, err = v.kit.Orders.Confirm(ctx, o.ID, v.key())
	return err
}

// draftLines are the sale lines in their order, so that line n of the step is line n+1
// of the order, followed by the adjustments that bring money in.
func (v *invoice) draftLines() []order.DraftLine {
	var lines []order.DraftLine
	for _, l := range v.step.Sale {
		lines = append(lines, order.DraftLine{
			Item: l.Item.ID, Title: l.Description, Qty: l.Qty, UnitPrice: l.Price.Decimal(), Free: l.Price == 0, Service: !l.Item.Stocked,
		})
	}
	for _, l := range v.step.Adjustments {
		if l.Amount() >= 0 {
			lines = append(lines, order.DraftLine{
				Item: l.Item.ID, Title: l.Description, Qty: max(l.Qty, -l.Qty), UnitPrice: l.Price.Decimal().Abs(), Free: l.Price == 0, Service: true,
			})
		}
	}
	return lines
}

// undo is what an invoice takes back of one sale.
type undo struct {
	sale   order.Order
	cancel []order.LineQty  // not shipped yet
	back   []returns.Wanted // shipped
}

// takeBack undoes the sales that the returns were matched with.
func (v *invoice) takeBack(ctx context.Context) error {
	undos, err := v.undos(ctx)
	if err != nil {
		return err
	}
	for _, u := range undos {
		if len(u.cancel) > 0 {
			if err := v.cancel(ctx, u); err != nil {
				return err
			}
		}
		if len(u.back) > 0 {
			r, err := v.kit.Returns.Request(ctx, u.sale.ID, u.back, v.step.Invoice, v.key())
			if err != nil {
				return err
			}
			if err := v.settle(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// undos groups the matches by sale. A line is shipped whole, so it has shipped or not.
func (v *invoice) undos(ctx context.Context) ([]*undo, error) {
	var all []*undo
	by := make(map[string]*undo)
	for i := range v.step.Returns {
		r := &v.step.Returns[i]
		if blind(r) > r.Unmatched {
			continue
		}
		for _, m := range r.Matches {
			u := by[m.Invoice]
			if u == nil {
				sale, err := v.kit.Orders.ByNumber(ctx, m.Invoice)
				if err != nil {
					return nil, err
				}
				u = &undo{sale: sale}
				by[m.Invoice] = u
				all = append(all, u)
			}
			no := m.Line + 1
			if line, ok := u.sale.Line(no); ok && line.Shipped == 0 {
				u.cancel = append(u.cancel, order.LineQty{Line: no, Qty: m.Qty})
			} else {
				u.back = append(u.back, returns.Wanted{Line: no, Qty: m.Qty, Reason: returns.OtherReason})
			}
		}
	}
	return all, nil
}

// cancel cancels units that have not shipped and refunds them. The refund refers to
// this invoice, since a cancellation leaves no document of its own.
func (v *invoice) cancel(ctx context.Context, u *undo) error {
	o, err := v.kit.Orders.CancelUnits(ctx, u.sale.ID, u.cancel, order.CancelCustomer, v.key())
	if err != nil {
		return err
	}
	due := o.Books().Due
	if !due.IsNegative() {
		return nil
	}
	refund := order.Operation{ID: v.step.Invoice, Kind: order.Refund, Amount: due.Neg(), Parent: payment, Tender: "invoice", Reference: v.step.Invoice}
	_, err = v.kit.Payments.Record(ctx, o.ID, refund, v.key())
	return err
}

// blind is how many units of a line come back without a sale to refund: those that have
// none, and all units where the price is finer than a penny. The engine refunds parts
// of a line such that all parts together give back what was paid; the ledger rounds
// each credit line by itself, and for such prices that is not the same.
func blind(r *retail.Return) int64 {
	if r.Price != r.Price.Round() {
		return r.Qty
	}
	return r.Unmatched
}

// takeBackBlind takes back what belongs to no sale, and gives out the money of the
// adjustments below zero.
func (v *invoice) takeBackBlind(ctx context.Context) error {
	var lines []returns.BlindLine
	add := func(l retail.Line, qty int64, service bool) error {
		l.Qty = qty
		worth, err := order.Minor(pence(l.Amount()), gbp)
		lines = append(lines, returns.BlindLine{Item: l.Item.ID, Service: service, Qty: qty, Reason: returns.OtherReason, Worth: worth})
		return err
	}
	for i := range v.step.Returns {
		r := &v.step.Returns[i]
		if qty := blind(r); qty > 0 {
			if err := add(r.Line, qty, !r.Item.Stocked); err != nil {
				return err
			}
		}
	}
	for _, l := range v.step.Adjustments {
		if l.Amount() < 0 {
			l.Price = max(l.Price, -l.Price)
			if err := add(l, max(l.Qty, -l.Qty), true); err != nil {
				return err
			}
		}
	}
	if len(lines) == 0 {
		return nil
	}
	r, err := v.kit.Returns.RequestBlind(ctx, returns.Blind{Customer: v.step.Customer, Ref: v.step.Invoice, Currency: gbp, Lines: lines}, v.key())
	if err != nil {
		return err
	}
	return v.settle(ctx, r)
}

// pence is an amount as the ledger pays it: rounded by line.
func pence(a retail.Amount) int64 { return int64(a.Round()) / 100 }

// settle walks a return from its approval to its end: everything arrives, is as good
// as new, and is refunded.
func (v *invoice) settle(ctx context.Context, r returns.Return) error {
	units := make([]order.LineQty, len(r.Lines))
	restock := make([]returns.Disposed, len(r.Lines))
	for i, l := range r.Lines {
		units[i] = order.LineQty{Line: l.No, Qty: l.Qty}
		restock[i] = returns.Disposed{Line: l.No, Qty: l.Qty, As: returns.Restock}
	}
	kit := v.kit.Returns
	for _, next := range []func() (returns.Return, error){
		func() (returns.Return, error) { return kit.Approve(ctx, r.ID, v.key()) },
		func() (returns.Return, error) { return kit.Receive(ctx, r.ID, warehouse, units, v.key()) },
		func() (returns.Return, error) { return kit.Inspect(ctx, r.ID, restock, v.key()) },
		func() (returns.Return, error) { return kit.Refund(ctx, r.ID, oms.Payout{Units: units}, v.key()) },
		func() (returns.Return, error) { return kit.Close(ctx, r.ID, v.key()) },
	} {
		if _, err := next(); err != nil {
			return err
		}
	}
	return nil
}

// correct writes off and finds stock. Services have none to correct.
func (v *invoice) correct(ctx context.Context) error {
	for _, l := range v.step.Corrections {
		if !l.Item.Stocked {
			continue
		}
		a := inventory.Adjustment{Item: l.Item.ID, Location: warehouse, Delta: retail.Physical.Change(l.Qty), Reason: inventory.ReasonWriteOff, Ref: v.step.Invoice}
		if a.Delta > 0 {
			a.Reason = inventory.ReasonFound
		}
		if _, err := v.kit.Stock.Adjust(ctx, a, v.key()); err != nil {
			return err
		}
	}
	return nil
}
