package oms_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/order"
)

func capture(id, amount string) order.Operation {
	return order.Operation{ID: id, Kind: order.Capture, Amount: eur(amount), Tender: "card"}
}

func (s *shop) record(id order.ID, op order.Operation) order.Order {
	s.t.Helper()
	return must(s.Payments.Record(s.ctx, id, op))(s)
}

func (s *shop) payment(id order.ID) order.PaymentFacet {
	s.t.Helper()
	return s.orderOf(id).Facets().Payment
}

func TestMoneyGoesFromAuthorizedToCaptured(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.place(line("tee", 3))
		require.Equal(s.t, order.PaymentNone, s.payment(o.ID))
		got := s.record(o.ID, order.Operation{Kind: order.Authorize, Amount: eur("30.00")})
		auth := got.Payments[0].ID
		require.NotEmpty(s.t, auth, "an operation without an id gets one")
		require.Equal(s.t, s.clock.read(), got.Payments[0].At)
		require.Equal(s.t, order.PaymentAuthorized, s.payment(o.ID))
		op := capture("c-1", "20.00")
		op.Parent = auth
		require.Equal(s.t, s.record(o.ID, op), s.order(o.ID))
		require.Equal(s.t, order.PaymentPartlyPaid, s.payment(o.ID))
		s.refuses(order.ErrCap, func() error {
			op.ID, op.Amount = "c-2", eur("10.01")
			return errOf(s.Payments.Record(s.ctx, o.ID, op))
		})
		s.record(o.ID, order.Operation{ID: "v-1", Kind: order.Void, Amount: eur("10.00"), Parent: auth})
		s.record(o.ID, capture("c-3", "10.00"))
		require.Equal(s.t, order.PaymentPaid, s.payment(o.ID))
		require.Equal(s.t, "captured 30.00 refunded 0.00 due 0.00", s.books(o.ID))
	})
}

func TestAnOperationIsRecordedOnceUnderItsID(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.place(line("tee", 3))
		s.record(o.ID, capture("c-1", "10.00"))
		s.unchanged(func() error { return errOf(s.Payments.Record(s.ctx, o.ID, capture("c-1", "10.00"))) })
		s.refuses(order.ErrPayment, func() error { return errOf(s.Payments.Record(s.ctx, o.ID, capture("c-1", "10.01"))) })
		won, _ := race(10, func(int) error { return errOf(s.Payments.Record(s.ctx, o.ID, capture("c-2", "20.00"))) })
		require.Equal(s.t, 10, won)
		require.Equal(s.t, "captured 30.00 refunded 0.00 due 0.00", s.books(o.ID))
	})
}

func TestMoneyIsBoundedByItsRecord(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.place(line("tee", 3))
		s.record(o.ID, capture("c-1", "25.00"))
		for name, op := range map[string]order.Operation{
			"more than is owed":         capture("x", "5.01"),
			"a refund of more than all": {ID: "x", Kind: order.Refund, Amount: eur("25.01"), Parent: "c-1"},
			"a chargeback of more":      {ID: "x", Kind: order.Chargeback, Amount: eur("25.01"), Parent: "c-1"},
		} {
			before := s.dump()
			_, err := s.Payments.Record(s.ctx, o.ID, op)
			require.ErrorIs(s.t, err, order.ErrCap, name)
			var caps *order.CapError
			require.ErrorAs(s.t, err, &caps, name)
			require.Equal(s.t, caps.Want, op.Amount, name)
			require.Equal(s.t, before, s.dump(), name)
		}
		for name, op := range map[string]order.Operation{
			"nothing":               {ID: "x", Kind: order.Capture, Amount: eur("0.00")},
			"no amount":             {ID: "x", Kind: order.Capture},
			"less than nothing":     {ID: "x", Kind: order.Capture, Amount: eur("1.00").Neg()},
			"another currency":      {ID: "x", Kind: order.Capture, Amount: money("1.00", "USD")},
			"an unknown kind":       {ID: "x", Kind: "gift", Amount: eur("1.00")},
			"an unknown status":     {ID: "x", Kind: order.Capture, Status: "maybe", Amount: eur("1.00")},
			"a refund of nowhere":   {ID: "x", Kind: order.Refund, Amount: eur("1.00")},
			"a refund of the void":  {ID: "x", Kind: order.Refund, Amount: eur("1.00"), Parent: "c-9"},
			"a refund for a return": {ID: "x", Kind: order.Refund, Amount: eur("1.00"), Parent: "c-1", Return: "r-1"},
		} {
			before := s.dump()
			_, err := s.Payments.Record(s.ctx, o.ID, op)
			require.ErrorIs(s.t, err, order.ErrPayment, name)
			require.Equal(s.t, before, s.dump(), name)
		}
	})
}

func TestMoneyUnderWayCannotBePromisedTwice(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.place(line("tee", 3))
		op := capture("c-1", "30.00")
		op.Status = order.Requested
		s.record(o.ID, op)
		s.refuses(order.ErrCap, func() error { return errOf(s.Payments.Record(s.ctx, o.ID, capture("c-2", "0.01"))) })
		must(s.Payments.Settle(s.ctx, o.ID, "c-1", order.Unknown, ""))(s)
		require.Equal(s.t, order.PaymentUnknown, s.payment(o.ID))
		s.refuses(order.ErrCap, func() error { return errOf(s.Payments.Record(s.ctx, o.ID, capture("c-2", "0.01"))) })
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer)) })
		must(s.Payments.Settle(s.ctx, o.ID, "c-1", order.Failed, "declined"))(s)
		s.unchanged(func() error { return errOf(s.Payments.Settle(s.ctx, o.ID, "c-1", order.Failed, "declined")) })
		s.refuses(order.ErrPayment, func() error { return errOf(s.Payments.Settle(s.ctx, o.ID, "c-1", order.Succeeded, "")) })
		s.refuses(order.ErrPayment, func() error { return errOf(s.Payments.Settle(s.ctx, o.ID, "c-9", order.Succeeded, "")) })
		s.refuses(order.ErrPayment, func() error { return errOf(s.Payments.Settle(s.ctx, o.ID, "c-1", order.Requested, "")) })
		s.record(o.ID, capture("c-2", "30.00"))
		require.Equal(s.t, order.PaymentPaid, s.payment(o.ID))
	})
}

func TestOneOfManyCapturesOrRefundsWins(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(1)
		won, lost := race(10, func(i int) error {
			return errOf(s.Payments.Record(s.ctx, o.ID, order.Operation{ID: fmt.Sprint("r-", i), Kind: order.Refund, Amount: eur("6.00"), Parent: "cap-1"}))
		})
		require.Equal(s.t, 1, won)
		for _, err := range lost {
			require.ErrorIs(s.t, err, order.ErrCap)
		}
		o = s.place(line("tee", 1))
		won, lost = race(10, func(i int) error {
			return errOf(s.Payments.Record(s.ctx, o.ID, capture(fmt.Sprint("c-", i), "10.00")))
		})
		require.Equal(s.t, 1, won)
		for _, err := range lost {
			require.ErrorIs(s.t, err, order.ErrCap)
		}
	})
}

func TestACancellationOwesWhatWasPaid(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		d := draft(line("tee", 3))
		d.Charges = []order.DraftCharge{{Kind: order.Shipping, Price: eur("4.90")}}
		o := must(s.Orders.Place(s.ctx, d))(s)
		s.record(o.ID, order.Operation{ID: "gift", Kind: order.Capture, Amount: eur("4.90"), Tender: "gift card"})
		s.record(o.ID, capture("card", "30.00"))
		must(s.Orders.CancelUnits(s.ctx, o.ID, units(1, 1), order.CancelCustomer))(s)
		require.Equal(s.t, "captured 34.90 refunded 0.00 due -10.00", s.books(o.ID))
		require.Equal(s.t, order.PaymentOverpaid, s.payment(o.ID))
		got := must(s.Payments.Refund(s.ctx, o.ID, eur("10.00"), []string{"card"}))(s)
		require.Equal(s.t, "card", got.Payments[2].Parent, "the preferred capture first")
		must(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer))(s)
		require.Equal(s.t, "captured 34.90 refunded 10.00 due -24.90", s.books(o.ID), "shipping of a cancelled order is given back, too")
		s.refuses(order.ErrCap, func() error { return errOf(s.Payments.Refund(s.ctx, o.ID, eur("24.91"), nil)) })
		must(s.Payments.Refund(s.ctx, o.ID, eur("24.90"), nil))(s)
		require.Equal(s.t, "captured 34.90 refunded 34.90 due 0.00", s.books(o.ID))
		require.Equal(s.t, order.PaymentRefunded, s.payment(o.ID))
		s.refuses(order.ErrPayment, func() error { return errOf(s.Payments.Refund(s.ctx, o.ID, eur("0.00"), nil)) })
	})
}

func TestAChargebackDisputesTheOrder(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(1)
		s.record(o.ID, order.Operation{ID: "cb", Kind: order.Chargeback, Amount: eur("10.00"), Parent: "cap-1"})
		require.Equal(s.t, order.PaymentDisputed, s.payment(o.ID))
		require.Equal(s.t, "captured 10.00 refunded 10.00 due 10.00", s.books(o.ID))
		s.refuses(order.ErrCap, func() error { return errOf(s.Payments.Refund(s.ctx, o.ID, eur("0.01"), nil)) })
	})
}

func TestAGestureOrALossLeavesAnOrderThatCanClose(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(3)
		must(s.Payments.Refund(s.ctx, o.ID, eur("5.00"), nil))(s)
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Close(s.ctx, o.ID)) })
		s.record(o.ID, order.Operation{ID: "gesture", Kind: order.Allowance, Amount: eur("5.00"), Reference: "arrived late"})
		require.Equal(s.t, "captured 30.00 refunded 5.00 due 0.00", s.books(o.ID))
		must(s.Orders.Close(s.ctx, o.ID))(s)

		lost := s.shipped(1)
		s.record(lost.ID, order.Operation{ID: "cb", Kind: order.Chargeback, Amount: eur("10.00"), Parent: "cap-1"})
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Close(s.ctx, lost.ID)) })
		s.record(lost.ID, order.Operation{ID: "written off", Kind: order.Allowance, Amount: eur("10.00")})
		must(s.Orders.Close(s.ctx, lost.ID))(s)
	})
}

func TestAReturnAfterAGesturePaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(3)
		s.record(o.ID, order.Operation{ID: "gesture", Kind: order.Allowance, Amount: eur("5.00")})
		must(s.Payments.Refund(s.ctx, o.ID, eur("5.00"), nil))(s)
		r := s.back(o.ID, 3)
		must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 3)}))(s)
		require.Equal(s.t, "captured 30.00 refunded 30.00 due 0.00", s.books(o.ID))
	})
}
