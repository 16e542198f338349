package oms_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// priced wants units of a mug at a price.
func priced(price string, qty int64) order.DraftLine {
	return order.DraftLine{Item: "mug", Qty: qty, UnitPrice: decimal.RequireFromString(price)}
}

// unreadable fails the test if JSON can be read into a T.
func unreadable[T any](s *shop, texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		var v T
		require.Error(s.t, json.Unmarshal([]byte(text), &v), "%T from %s", v, text)
	}
}

// badDraft fails the test unless placing a draft is refused for a field.
func (s *shop) badDraft(d order.Draft, field string) {
	s.t.Helper()
	before := s.dump()
	_, err := s.Orders.Place(s.ctx, d)
	s.refused(order.ErrDraft, err, before)
	var typed *order.DraftError
	require.ErrorAs(s.t, err, &typed)
	require.Equal(s.t, field, typed.Field)
}

func holeRefundUnpaid(s *shop) {
	o, work := s.open(line("mug", 1))
	sh := must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
	must(s.Fulfillment.Deliver(s.ctx, sh.ID))(s)
	s.refuses(order.ErrCap, func() error { return errOf(s.Payments.Refund(s.ctx, o.ID, eur("10.00"), nil)) })
	s.refuses(order.ErrPayment, func() error {
		return errOf(s.Payments.Record(s.ctx, o.ID, order.Operation{ID: "r", Kind: order.Refund, Amount: eur("10.00"), Parent: "c"}))
	})
	require.Equal(s.t, order.PaymentNone, s.payment(o.ID))
}

func holePriceOverflow(s *shop) {
	s.badDraft(draft(priced("79228162514264337593543950335", 2)), "UnitPrice")
}

func holeOutOfBounds(s *shop) {
	s.badDraft(draft(priced("7922816251426433759354395033", 1)), "UnitPrice")
	s.badDraft(draft(priced("5000000000000", 1), priced("5000000000000", 1)), "Lines")
	unreadable[inventory.Receipt](s, `{"Qty":1e27}`, `{"Qty":1000000000000000000000000000}`)
	for _, qty := range []int64{inventory.MaxQty + 1, 1<<63 - 1} {
		s.refuses(inventory.ErrQuantity, func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "mug", Location: "ber", Qty: qty}))
		})
	}
}

func holeOddQuantities(s *shop) {
	unreadable[order.Draft](s, `{"Lines":[{"Qty":1.5}]}`, `{"Lines":[{"Qty":1e20}]}`, `{"Lines":[{"Qty":"1"}]}`)
	s.badDraft(draft(line("mug", 4294967297)), "Qty")
}

func holeLineMaximum(s *shop) {
	s.badDraft(draft(line("book", 2147483647)), "Qty")
	s.badDraft(draft(line("book", order.MaxQty+1)), "Qty")
	cheap := order.DraftLine{Item: "book", Qty: order.MaxQty, UnitPrice: decimal.New(1, -2)}
	o := must(s.Orders.Place(s.ctx, draft(cheap)))(s)
	require.Equal(s.t, fmt.Sprintf("backordered %d", order.MaxQty), s.places(o.ID, 1))
}

func holeBadCurrencies(s *shop) {
	for _, code := range []string{"US", "EURO", "", "eur"} {
		_, err := order.ParseCurrency(code)
		require.ErrorIs(s.t, err, order.ErrCurrency, code)
	}
	unreadable[order.Draft](s, `{"Currency":"US"}`, `{"Currency":"EURO"}`)
	d := draft(line("mug", 1))
	d.Currency = order.Currency{}
	s.badDraft(d, "Currency")
}

func holeOddCurrencies(s *shop) {
	for _, code := range []string{"XXX", "BTC", "XAU", "XTS"} {
		_, err := order.ParseCurrency(code)
		require.ErrorIs(s.t, err, order.ErrCurrency, code)
	}
	d := draft(priced("10.555", 3))
	d.Currency = order.MustCurrency("KWD")
	o := must(s.Orders.Place(s.ctx, d))(s)
	require.Equal(s.t, "31.665 KWD", s.orderOf(o.ID).Totals().Total.String())
	_, err := order.ParseMoney("10.5555", "KWD")
	require.ErrorIs(s.t, err, order.ErrAmount)
	_, err = order.ParseMoney("10.5", "JPY")
	require.ErrorIs(s.t, err, order.ErrAmount)
}

func holeTinyPrice(s *shop) {
	s.badDraft(draft(priced("1e-30", 1)), "UnitPrice")
	s.badDraft(draft(priced("0.0000001", 1)), "UnitPrice")
	o := must(s.Orders.Place(s.ctx, draft(priced("0.000001", 10))))(s)
	require.Equal(s.t, "0.000001", s.order(o.ID).Lines[0].UnitPrice.String(), "goods are sold at fractions of a cent; the amount is rounded once")
}

func holeZeroAmounts(s *shop) {
	s.badDraft(draft(priced("0", 1)), "UnitPrice")
	gift := priced("0", 1)
	gift.Free = true
	o := must(s.Orders.Place(s.ctx, draft(gift)))(s)
	require.Equal(s.t, order.PaymentFree, s.payment(o.ID))
	s.refuses(order.ErrPayment, func() error { return errOf(s.Payments.Record(s.ctx, o.ID, capture("c", "0.00"))) })
}

func holeReturnQuantities(s *shop) {
	unreadable[returns.Wanted](s, `{"Qty":1.9}`, `{"Qty":1e20}`)
	o := s.shipped(2)
	s.refuses(returns.ErrQuantity, func() error {
		return errOf(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 1, Qty: 4294967297, Reason: returns.Unwanted}}, ""))
	})
}

func holeReturnReason(s *shop) {
	o := s.shipped(1)
	for _, reason := range []returns.Reason{"wibble", "", "Unwanted"} {
		s.refuses(returns.ErrReason, func() error {
			return errOf(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 1, Qty: 1, Reason: reason}}, ""))
		})
	}
}

func holeItemIDs(s *shop) {
	for _, id := range []string{"J", "j"} {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: id}))
	}
	s.receive("J", "ber", 1)
	require.Equal(s.t, []int64{1, 0}, []int64{s.free("J"), s.free("j")})
	s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("j", 1)))) })
	for _, id := range []string{" J ", "J ", "\tJ", "J\n", "", "J\x00", "J\xff", strings.Repeat("J", inventory.MaxIDLen+1)} {
		s.refuses(inventory.ErrID, func() error { return s.Stock.AddItem(s.ctx, inventory.Item{ID: id}) })
		require.Error(s.t, errOf(s.Orders.Place(s.ctx, draft(line(id, 1)))))
	}
}

func holeDust(s *shop) {
	unreadable[inventory.Adjustment](s, `{"Delta":1e-9}`, `{"Delta":0.5}`)
	unreadable[inventory.Hold](s, `{"Qty":1e-9}`)
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "flour", Scale: 3}))
	s.receive("flour", "ber", 1)
	s.refuses(inventory.ErrShortage, func() error {
		return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "x", Item: "flour", Location: "ber", Qty: 2}}))
	})
}

func holeTolerance(s *shop) {
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "screw"}))
	s.receive("screw", "ber", inventory.MaxQty-1)
	s.receive("screw", "ber", 1)
	s.refuses(inventory.ErrQuantity, func() error {
		return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "screw", Location: "ber", Qty: 1}))
	})
	must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "x", Item: "screw", Location: "ber", Qty: inventory.MaxQty - 1}}))(s)
	s.refuses(inventory.ErrShortage, func() error {
		return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "y", Item: "screw", Location: "ber", Qty: 2}}))
	})
	require.Equal(s.t, fmt.Sprintf("free 1 committed %d", inventory.MaxQty-1), s.shelf("screw", "ber"))
}
