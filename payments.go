package oms

import (
	"context"
	"fmt"

	"github.com/orderkit/oms/order"
)

// Payments are the commands on the money record of an order. The library never calls a
// gateway: record the intent, commit, call the gateway with the operation's id, and
// settle the outcome.
type Payments struct{ e *Engine }

// Record adds an operation: requested before the gateway is called, or succeeded (the
// default) when the money has already moved. An operation without an id gets one.
func (g Payments) Record(ctx context.Context, id order.ID, op order.Operation, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "record payment", id, op, func(s *attempt, ed *edit) error {
		if op.Return != "" {
			return fmt.Errorf("%w: the refund of a return is recorded by Returns.Refund, which also counts its units", order.ErrPayment)
		}
		if op.ID == "" {
			op.ID = s.newID().String()
		}
		o, events, err := s.orders.Pay(ed.Order, op, s.now)
		return took(s, ed, o, events, err)
	})
}

// Settle records the outcome of an operation that was requested or unknown. Telling
// the same outcome twice is harmless.
func (g Payments) Settle(ctx context.Context, id order.ID, operation string, outcome order.OperationStatus, reference string, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "settle payment", id, []string{operation, string(outcome), reference}, func(s *attempt, ed *edit) error {
		o, events, err := s.orders.Settle(ed.Order, operation, outcome, reference, s.now)
		return took(s, ed, o, events, err)
	})
}

// Refund gives money back over the captures that can bear it, the preferred ones first:
// what a cancellation left due, or a gesture. Refunds of a return are Returns.Refund.
func (g Payments) Refund(ctx context.Context, id order.ID, amount order.Money, prefer []string, opts ...CallOption) (order.Order, error) {
	return orderCommand(ctx, g.e, opts, "refund payment", id, []any{amount, prefer}, func(s *attempt, ed *edit) error {
		return s.payBack(ed, amount, "", order.Succeeded, prefer)
	})
}

// payBack records the refund operations of an amount.
func (s *attempt) payBack(ed *edit, amount order.Money, forReturn string, status order.OperationStatus, prefer []string) error {
	plan, err := ed.PlanRefund(amount, prefer...)
	if err != nil {
		return err
	}
	for _, op := range plan {
		op.ID, op.Status, op.Return = s.newID().String(), status, forReturn
		o, events, err := s.orders.Pay(ed.Order, op, s.now)
		if err := took(s, ed, o, events, err); err != nil {
			return err
		}
	}
	return nil
}
