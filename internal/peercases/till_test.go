package peercases_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
)

// dec is a number of a case, written as a string or as a number.
type dec = decimal.Decimal

var (
	euro   = order.MustCurrency("EUR")
	moment = time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
)

// cents is an amount in minor units; price is the same as a unit price.
func cents(t *testing.T, minor int64) order.Money {
	t.Helper()
	m, err := order.Minor(minor, euro)
	require.NoError(t, err)
	return m
}

func price(minor int64) dec { return decimal.New(minor, -2) }

func money(t *testing.T, amount dec) order.Money {
	t.Helper()
	m, err := order.NewMoney(amount, euro)
	require.NoError(t, err)
	return m
}

// percent is a rate in the library's form, a fraction.
func percent(pct dec) dec { return pct.Shift(-2) }

func whole(n int64) dec { return decimal.NewFromInt(n) }

// service is a line that takes nothing from stock.
func service(unitPrice dec, qty int64, taxPct dec) order.DraftLine {
	return order.DraftLine{Item: "thing", Service: true, Qty: qty, UnitPrice: unitPrice, Free: unitPrice.IsZero(), TaxRate: percent(taxPct)}
}

func shipping(price order.Money, taxPct dec) order.DraftCharge {
	return order.DraftCharge{Kind: order.Shipping, Price: price, TaxRate: percent(taxPct)}
}

// priced is a draft with its amounts.
func priced(t *testing.T, d order.Draft) order.Order {
	t.Helper()
	d.Currency = euro
	o, err := order.New(order.ID{}, d, moment)
	require.NoError(t, err)
	return o
}

// till is an order and its money, without stock.
type till struct {
	order.Order
	t    *testing.T
	flow *order.Flow
}

// ring prices and places a draft.
func ring(t *testing.T, d order.Draft) *till {
	t.Helper()
	flow, err := order.NewFlow()
	require.NoError(t, err)
	b := &till{t: t, flow: flow}
	d.Currency, d.Number = euro, "1"
	b.Order, err = order.New(order.ID{UUID: uuid.Max}, d, moment)
	require.NoError(t, err)
	b.Order, _, err = flow.Place(b.Order, moment)
	require.NoError(t, err)
	return b
}

// record adds a payment operation and tells whether it was accepted.
func (b *till) record(op order.Operation) error {
	b.t.Helper()
	if op.ID == "" {
		op.ID = fmt.Sprintf("%s-%d", op.Kind, len(b.Payments)+1)
	}
	o, _, err := b.flow.Pay(b.Order, op, moment)
	b.Order = o
	return err
}

// pay captures an amount, which may be more than is owed, under an id.
func (b *till) pay(id string, amount order.Money) {
	b.t.Helper()
	if amount.IsZero() {
		return
	}
	require.NoError(b.t, b.record(order.Operation{ID: id + " authorized", Kind: order.Authorize, Amount: amount}))
	require.NoError(b.t, b.record(order.Operation{ID: id, Kind: order.Capture, Amount: amount, Parent: id + " authorized"}))
}

// payAll captures what is owed.
func (b *till) payAll() { b.pay("p", b.Books().Due) }

// refund gives money back wherever it can be taken from.
func (b *till) refund(amount order.Money) {
	b.t.Helper()
	if amount.IsZero() {
		return
	}
	plan, err := b.PlanRefund(amount)
	require.NoError(b.t, err)
	for _, op := range plan {
		require.NoError(b.t, b.record(op))
	}
}

// confirm opens the order; ship sends units of a line.
func (b *till) confirm() {
	b.t.Helper()
	var err error
	b.Order, _, err = b.flow.Confirm(b.Order, order.PayAnytime, moment)
	require.NoError(b.t, err)
}

func (b *till) ship(line int, qty int64) {
	b.t.Helper()
	b.count(line, order.Counters{Unreserved: -qty, Shipped: qty})
}

func (b *till) count(line int, by order.Counters) {
	b.t.Helper()
	o, err := b.Count(moment, order.LineDelta{Line: line, By: by})
	require.NoError(b.t, err)
	b.Order = o
}

func (b *till) apply(deltas []order.LineDelta) {
	b.t.Helper()
	o, err := b.Count(moment, deltas...)
	require.NoError(b.t, err)
	b.Order = o
}

// cancel cancels units of a line.
func (b *till) cancel(line int, qty int64) error {
	o, _, _, err := b.flow.CancelUnits(b.Order, []order.LineQty{{Line: line, Qty: qty}}, order.CancelCustomer, moment)
	b.Order = o
	return err
}

// credit takes units and charges off what is owed and returns what they come to.
func (b *till) credit(n order.CreditNote) (order.Money, error) {
	o, amount, _, err := b.flow.Credit(b.Order, n, moment)
	b.Order = o
	return amount, err
}

// owing is what the shop has to give back.
func (b *till) owing() order.Money { return b.Books().Due.Neg() }
