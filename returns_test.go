package oms_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// odd is a draft whose amounts divide badly: seven tees at 1.43, ten percent off, tax
// on top, and shipping.
func odd() order.Draft {
	d := draft(order.DraftLine{Item: "tee", Qty: 7, UnitPrice: decimal.New(143, -2), TaxRate: decimal.New(19, -2)})
	d.Discounts = []order.Discount{{Code: "TEN", Percent: decimal.New(10, 0)}}
	d.Charges = []order.DraftCharge{{Kind: order.Shipping, Price: eur("4.90"), TaxRate: decimal.New(19, -2)}}
	return d
}

// sold places, confirms, pays and ships a draft.
func (s *shop) sold(d order.Draft) order.Order {
	s.t.Helper()
	o := must(s.Orders.Place(s.ctx, d))(s)
	must(s.Orders.Confirm(s.ctx, o.ID))(s)
	s.pay(o.ID)
	for _, fo := range s.work(o.ID) {
		must(s.Fulfillment.Ship(s.ctx, fo.ID, nil))(s)
	}
	return s.order(o.ID)
}

func TestAReturnBringsGoodsAndMoneyBack(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(3)
		r := must(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 1, Qty: 2, Reason: returns.TooSmall}}, "rma-1"))(s)
		require.Equal(s.t, returns.StateRequested, r.State)
		require.Equal(s.t, "shipped 3 return_open 2", s.places(o.ID, 1))
		s.refuses(returns.ErrTransition, func() error { return errOf(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 1))) })
		must(s.Returns.Approve(s.ctx, r.ID))(s)
		must(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 1)))(s) // walked in, without tracking
		require.Equal(s.t, "shipped 3 return_open 1 returned 1", s.places(o.ID, 1))
		require.Equal(s.t, "free 5 qc 1", s.shelf("tee", "ham"), "nothing is sellable before it is inspected")
		s.refuses(returns.ErrLocation, func() error { return errOf(s.Returns.Receive(s.ctx, r.ID, "ber", units(1, 1))) })
		s.refuses(returns.ErrQuantity, func() error { return errOf(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 2))) })
		must(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 1)))(s)
		must(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock, To: "ber"}, {Line: 1, Qty: 1, As: returns.Damage}}))(s)
		require.Equal(s.t, "free 8", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 5 damaged 1", s.shelf("tee", "ham"))
		require.Equal(s.t, "captured 30.00 refunded 0.00 due 0.00", s.books(o.ID), "goods that came back are not money that went back")
		s.refuses(returns.ErrQuantity, func() error {
			return errOf(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock}}))
		})
		r = must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 2)}))(s)
		require.Equal(s.t, eur("20.00"), r.Refunded)
		require.Equal(s.t, "captured 30.00 refunded 20.00 due 0.00", s.books(o.ID))
		require.Equal(s.t, "shipped 3 returned 2 restocked 1 written_off 1 refunded 2", s.places(o.ID, 1))
		r = must(s.Returns.Close(s.ctx, r.ID))(s)
		require.Equal(s.t, r, must(s.Returns.Get(s.ctx, r.ID))(s))
		require.Equal(s.t, []returns.Return{r}, must(s.Returns.OfOrder(s.ctx, o.ID))(s))
		require.Equal(s.t, order.ReturnPartial, s.orderOf(o.ID).Facets().Return)
		events := kinds(must(s.Orders.Timeline(s.ctx, o.ID))(s))
		require.Subset(s.t, events, []string{"return.requested", "return.approved", "return.received", "return.inspected", "return.refunded", "return.closed", "order.credited"})
	})
}

func TestReturningInAnyBatchesPaysExactlyWhatWasPaid(t *testing.T) {
	t.Parallel()
	for _, batches := range [][]int64{{7}, {1, 1, 1, 1, 1, 1, 1}, {3, 4}, {4, 3}, {2, 2, 3}, {1, 5, 1}, {6, 1}} {
		onStores(t, func(s *shop) {
			o := s.sold(odd())
			total := o.Totals().Total
			ship := o.Charges[0].Total
			paid := eur("0.00")
			for i, q := range batches {
				r := s.back(o.ID, q)
				p := oms.Payout{Units: units(1, q)}
				if i == 0 {
					p.Charges = []order.ChargeCredit{{Index: 0, Amount: ship}}
				}
				r = must(s.Returns.Refund(s.ctx, r.ID, p))(s)
				paid = must(paid.Add(r.Refunded))(s)
			}
			require.Equal(s.t, total, paid)
			b := s.orderOf(o.ID).Books()
			require.True(s.t, b.Owed.IsZero() && b.Due.IsZero() && b.GoodsTax.IsZero() && b.ChargesTax.IsZero(), "nothing is kept: %+v", b)
			require.Equal(s.t, order.PaymentRefunded, s.payment(o.ID))
		})
	}
}

func TestCancelledAndReturnedUnitsTogetherPayExactlyWhatWasPaid(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := must(s.Orders.Place(s.ctx, odd()))(s)
		must(s.Orders.Confirm(s.ctx, o.ID))(s)
		s.pay(o.ID)
		must(s.Orders.CancelUnits(s.ctx, o.ID, units(1, 2), order.CancelCustomer))(s)
		must(s.Payments.Refund(s.ctx, o.ID, s.orderOf(o.ID).Books().Due.Neg(), nil))(s)
		must(s.Fulfillment.Ship(s.ctx, s.work(o.ID)[0].ID, nil))(s)
		for range 5 {
			must(s.Returns.Refund(s.ctx, s.back(o.ID, 1).ID, oms.Payout{Units: units(1, 1)}))(s)
		}
		b := s.orderOf(o.ID).Books()
		require.Equal(s.t, o.Charges[0].Total, b.Owed, "only shipping is kept")
		require.True(s.t, b.Due.IsZero())
	})
}

func TestFeesAndShippingOfARefund(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		d := draft(line("tee", 2))
		d.Charges = []order.DraftCharge{{Kind: order.Shipping, Price: eur("4.90")}}
		o := s.sold(d)
		r := s.back(o.ID, 2)
		for want, p := range map[error]oms.Payout{
			order.ErrCap:     {Units: units(1, 1), Fee: eur("10.01")},
			order.ErrPayment: {Units: units(1, 1), Fee: eur("1.00").Neg()},
		} {
			s.refuses(want, func() error { return errOf(s.Returns.Refund(s.ctx, r.ID, p)) })
		}
		for want, c := range map[error]order.ChargeCredit{
			order.ErrCap:     {Index: 0, Amount: eur("4.91")},
			order.ErrPayment: {Index: 1, Amount: eur("1.00")},
		} {
			s.refuses(want, func() error {
				return errOf(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1), Charges: []order.ChargeCredit{c}}))
			})
		}
		r = must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1), Fee: eur("2.50"), FeeName: "restocking"}))(s)
		require.Equal(s.t, eur("7.50"), r.Refunded)
		r = must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Charges: []order.ChargeCredit{{Index: 0, Amount: eur("4.90")}}}))(s)
		require.Equal(s.t, eur("12.40"), r.Refunded)
		require.Equal(s.t, "captured 24.90 refunded 12.40 due 0.00", s.books(o.ID))
		require.Equal(s.t, "restocking", s.order(o.ID).Charges[1].Title)
		s.refuses(order.ErrCap, func() error {
			return errOf(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1), Charges: []order.ChargeCredit{{Index: 0, Amount: eur("0.01")}}}))
		})
		s.refuses(returns.ErrQuantity, func() error { return errOf(s.Returns.Refund(s.ctx, r.ID, oms.Payout{})) })
		s.refuses(returns.ErrQuantity, func() error { return errOf(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 2)})) })
	})
}

func TestARefundUnderWayCountsUntilItFails(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(3)
		r := s.back(o.ID, 3)
		must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 2), Status: order.Requested}))(s)
		require.Equal(s.t, "captured 30.00 refunded 0.00 due -20.00", s.books(o.ID))
		require.Equal(s.t, eur("20.00"), s.orderOf(o.ID).Books().Returning)
		s.refuses(order.ErrCap, func() error { return errOf(s.Payments.Refund(s.ctx, o.ID, eur("10.01"), nil)) })
		r = must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1)}))(s)
		require.Equal(s.t, eur("30.00"), r.Refunded, "what is under way is not paid again")
		s.verify()
		pending := s.order(o.ID).Payments[1]
		require.Equal(s.t, order.Requested, pending.Status)
		require.Equal(s.t, r.ID.String(), pending.Return)
		must(s.Payments.Settle(s.ctx, o.ID, pending.ID, order.Failed, "bank says no"))(s)
		require.Equal(s.t, "captured 30.00 refunded 10.00 due -20.00", s.books(o.ID), "the shop still owes what did not arrive")
		s.verify()
		must(s.Payments.Refund(s.ctx, o.ID, eur("20.00"), nil))(s)
		require.Equal(s.t, "captured 30.00 refunded 30.00 due 0.00", s.books(o.ID))
	})
}

func TestARefundIsAskedForOrDoneNothingElse(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		r := s.back(s.shipped(2).ID, 2)
		for _, status := range []order.OperationStatus{order.Failed, order.Unknown, "maybe"} {
			s.refuses(order.ErrPayment, func() error {
				return errOf(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1), Status: status}))
			})
		}
	})
}

func TestARefundOfAnUnpaidOrderLowersWhatIsDue(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 3))
		must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
		s.record(o.ID, capture("c-1", "15.00"))
		r := s.back(o.ID, 3)
		r = must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1)}))(s)
		require.True(s.t, r.Refunded.IsZero())
		require.Equal(s.t, "captured 15.00 refunded 0.00 due 5.00", s.books(o.ID))
		r = must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1)}))(s)
		require.Equal(s.t, eur("5.00"), r.Refunded)
		r = must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1)}))(s)
		require.Equal(s.t, eur("15.00"), r.Refunded, "never more than was captured")
	})
}

func TestReturnsAreBoundedByWhatHasShipped(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 5))
		want := func(qty int64, reason returns.Reason) func() error {
			return func() error {
				return errOf(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 1, Qty: qty, Reason: reason}}, ""))
			}
		}
		s.refuses(returns.ErrNotShipped, want(1, returns.Unwanted))
		must(s.Fulfillment.Ship(s.ctx, work[0].ID, []fulfillment.Parcel{boxOf(units(1, 3)...)}))(s)
		s.refuses(returns.ErrNotShipped, want(4, returns.Unwanted))
		s.refuses(returns.ErrReason, want(1, "wibble"))
		s.refuses(returns.ErrQuantity, want(0, returns.Unwanted))
		s.refuses(returns.ErrQuantity, want(-1, returns.Unwanted))
		s.refuses(returns.ErrQuantity, func() error { return errOf(s.Returns.Request(s.ctx, o.ID, nil, "")) })
		s.refuses(returns.ErrUnknownLine, func() error {
			return errOf(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 2, Qty: 1, Reason: returns.Unwanted}}, ""))
		})
		s.refuses(returns.ErrNotShipped, func() error {
			return errOf(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 1, Qty: 2, Reason: returns.Unwanted}, {Line: 1, Qty: 2, Reason: returns.Defective}}, ""))
		})
		won, lost := race(10, func(int) error { return want(2, returns.Unwanted)() })
		require.Equal(s.t, 1, won)
		for _, err := range lost {
			require.ErrorIs(s.t, err, returns.ErrNotShipped)
		}
	})
}

func TestRejectedAndMissingUnits(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(4)
		r := s.back(o.ID, 4)
		must(s.Returns.Receive(s.ctx, r.ID, "ber", units(1, 3)))(s)
		must(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Reject}, {Line: 1, Qty: 1, As: returns.Scrap}}))(s)
		require.Equal(s.t, "free 6 qc 1 held 1", s.shelf("tee", "ber"))
		s.refuses(returns.ErrTransition, func() error { return errOf(s.Returns.Close(s.ctx, r.ID)) })
		must(s.Returns.Missing(s.ctx, r.ID, units(1, 1)))(s)
		s.refuses(returns.ErrQuantity, func() error { return errOf(s.Returns.Missing(s.ctx, r.ID, units(1, 1))) })
		s.refuses(returns.ErrTransition, func() error { return errOf(s.Returns.Close(s.ctx, r.ID)) })
		must(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock}}))(s)
		s.refuses(returns.ErrQuantity, func() error { return errOf(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 4)})) })
		must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 3)}))(s)
		must(s.Returns.Close(s.ctx, r.ID))(s)
		require.Equal(s.t, "shipped 4 returned 3 restocked 1 written_off 1 refunded 3", s.places(o.ID, 1))
		for want, d := range map[error]returns.Disposed{
			returns.ErrTransition: {Line: 1, Qty: 1, As: returns.Restock},
		} {
			s.refuses(want, func() error { return errOf(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{d})) })
		}
		must(s.Orders.Close(s.ctx, o.ID))(s)
	})
}

func TestADroppedReturnLeavesTheUnitsWithTheBuyer(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(2)
		must(s.Orders.Close(s.ctx, o.ID))(s)
		one := must(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 1, Qty: 2, Reason: returns.Unwanted}}, ""))(s)
		require.Equal(s.t, order.StateOpen, s.order(o.ID).State, "a return gives a closed order work again")
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Close(s.ctx, o.ID)) })
		must(s.Returns.Decline(s.ctx, one.ID, "worn"))(s)
		require.Equal(s.t, "shipped 2", s.places(o.ID, 1))
		two := s.back(o.ID, 2)
		must(s.Returns.Cancel(s.ctx, two.ID))(s)
		require.Equal(s.t, "shipped 2", s.places(o.ID, 1))
		three := s.back(o.ID, 2)
		must(s.Returns.Receive(s.ctx, three.ID, "ber", units(1, 1)))(s)
		s.refuses(returns.ErrTransition, func() error { return errOf(s.Returns.Cancel(s.ctx, three.ID)) })
		require.Equal(s.t, "shipped 2 return_open 1 returned 1", s.places(o.ID, 1))
	})
}

func TestThePolicyMayRefuseAReturn(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(2)
		ask := func() error {
			return errOf(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 1, Qty: 1, Reason: returns.Unwanted}}, ""))
		}
		before := s.dump()
		err := ask()
		s.refused(returns.ErrPolicy, err, before)
		var denied *returns.PolicyError
		require.ErrorAs(s.t, err, &denied)
		require.Equal(s.t, returns.Fail, denied.Verdicts[1].Result)
		must(s.Fulfillment.Deliver(s.ctx, must(s.Fulfillment.Shipments(s.ctx, o.ID))(s)[0].ID))(s)
		s.do(ask())
		s.clock.turn(14 * 24 * time.Hour)
		s.refuses(returns.ErrPolicy, ask)
	}, oms.WithReturnPolicy(returns.WithinDays(14), returns.OnlyDelivered()))
}

func TestABlindReturnIsWorthWhatWasSaid(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		b := returns.Blind{Currency: euro, Customer: "c-9", Ref: "gift", Lines: []returns.BlindLine{{Item: "tee", Qty: 3, Reason: returns.Unwanted, Worth: eur("10.00")}}}
		r := must(s.Returns.RequestBlind(s.ctx, b))(s)
		must(s.Returns.Approve(s.ctx, r.ID))(s)
		must(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 3)))(s)
		must(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 3, As: returns.Restock}}))(s)
		require.Equal(s.t, "free 8", s.shelf("tee", "ham"))
		for want, p := range map[error]oms.Payout{
			order.ErrMixedCurrency: {Units: units(1, 1), Fee: money("1.00", "USD")},
			returns.ErrQuantity:    {Units: units(1, 4)},
			order.ErrPayment:       {Units: units(1, 1), Fee: eur("5.00").Neg()},
		} {
			s.refuses(want, func() error { return errOf(s.Returns.Refund(s.ctx, r.ID, p)) })
		}
		s.refuses(order.ErrCap, func() error {
			return errOf(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1), Fee: eur("3.34")}))
		})
		s.refuses(order.ErrCap, func() error {
			return errOf(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1), Charges: []order.ChargeCredit{{Amount: eur("1.00")}}}))
		})
		for _, want := range []string{"3.33", "6.67", "9.00"} {
			p := oms.Payout{Units: units(1, 1)}
			if want == "9.00" {
				p.Fee = eur("1.00")
			}
			r = must(s.Returns.Refund(s.ctx, r.ID, p))(s)
			require.Equal(s.t, eur(want), r.Refunded)
		}
		r = must(s.Returns.Close(s.ctx, r.ID))(s)
		require.Equal(s.t, r, must(s.Returns.Get(s.ctx, r.ID))(s))
		log := must(s.Returns.Timeline(s.ctx, r.ID))(s)
		require.Equal(s.t, []string{
			"return.requested", "return.approved", "return.received", "return.inspected",
			"return.refunded", "return.refunded", "return.refunded", "return.closed",
		}, kinds(log))
		for i, e := range log {
			require.Equal(s.t, int64(i+1), e.Version)
		}
		require.Equal(s.t, []returns.Return{r}, must(s.Returns.Page(s.ctx, returns.Filter{Customer: "c-9"}))(s))
	})
}

func TestABlindReturnNamesItemsThatExist(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		ask := func(l returns.BlindLine) func() error {
			return func() error {
				return errOf(s.Returns.RequestBlind(s.ctx, returns.Blind{Currency: euro, Lines: []returns.BlindLine{l}}))
			}
		}
		s.refuses(inventory.ErrUnknownItem, ask(returns.BlindLine{Item: "hat", Qty: 1, Reason: returns.Unwanted, Worth: eur("1.00")}))
		s.refuses(returns.ErrWorth, ask(returns.BlindLine{Item: "tee", Qty: 1, Reason: returns.Unwanted, Worth: money("1.00", "USD")}))
		s.refuses(returns.ErrWorth, ask(returns.BlindLine{Item: "tee", Qty: 1, Reason: returns.Unwanted, Worth: eur("1.00").Neg()}))
		s.refuses(returns.ErrReason, ask(returns.BlindLine{Item: "tee", Qty: 1, Reason: "wibble", Worth: eur("1.00")}))
		r := must(s.Returns.RequestBlind(s.ctx, returns.Blind{Currency: euro, Lines: []returns.BlindLine{{Item: "wrap", Qty: 1, Reason: returns.Unwanted, Worth: eur("1.00")}}}))(s)
		must(s.Returns.Approve(s.ctx, r.ID))(s)
		must(s.Returns.Receive(s.ctx, r.ID, "ber", units(1, 1)))(s)
		require.Empty(s.t, s.shelf("wrap", "ber"), "an untracked item comes back into no stock")
	})
}
