package returns_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if the change is meant, run the test with -update and look at the diagram")
}

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later = noon.Add(time.Hour)
	sale  = order.ID{UUID: uuid.MustParse("0195f0a0-0000-7000-8000-000000000001")}
	rma   = returns.ID{UUID: uuid.MustParse("0195f0a0-0000-7000-8000-000000000002")}
)

func eur(amount string) order.Money { return order.MustMoney(amount, "EUR") }

func flow(t require.TestingT, options ...returns.FlowOption) *returns.Flow {
	f, err := returns.NewFlow(options...)
	require.NoError(t, err)
	return f
}

func orders(t require.TestingT) *order.Flow {
	f, err := order.NewFlow()
	require.NoError(t, err)
	return f
}

// delivered is an order of 10.00 for three units, of which the buyer has three, and
// 20.00 for two units, of which one has shipped; and of a service.
func delivered(t require.TestingT) order.Order {
	d := order.Draft{Currency: order.MustCurrency("EUR"), TaxIncluded: true, Customer: "c-7", Lines: []order.DraftLine{
		{Item: "tee", Qty: 3, UnitPrice: decimal.RequireFromString("3.333333")},
		{Item: "mug", Qty: 2, UnitPrice: decimal.NewFromInt(10)},
		{Item: "gift-wrap", Qty: 1, UnitPrice: decimal.NewFromInt(1), Service: true},
	}}
	o, err := order.New(sale, d, noon)
	require.NoError(t, err)
	o, _, err = orders(t).Place(o, noon)
	require.NoError(t, err)
	o, _, err = orders(t).Confirm(o, order.PayAnytime, noon)
	require.NoError(t, err)
	return counted(t, o, delta(1, order.Counters{Unreserved: -3, Shipped: 3, Delivered: 3}), delta(2, order.Counters{Unreserved: -1, Shipped: 1}),
		delta(3, order.Counters{Unreserved: -1, Shipped: 1, Delivered: 1}))
}

func counted(t require.TestingT, o order.Order, deltas ...order.LineDelta) order.Order {
	o, err := o.Count(noon, deltas...)
	require.NoError(t, err)
	return o
}

// delta is a change of one order line.
func delta(line int, by order.Counters) order.LineDelta { return order.LineDelta{Line: line, By: by} }

// units names a number of units of each line: units(2, 0, 1) is two of line 1 and one
// of line 3.
func units(qty ...int64) []order.LineQty {
	var out []order.LineQty
	for i, q := range qty {
		if q != 0 {
			out = append(out, order.LineQty{Line: i + 1, Qty: q})
		}
	}
	return out
}

// wanted asks for units of order lines, as units does.
func wanted(qty ...int64) []returns.Wanted {
	var out []returns.Wanted
	for _, u := range units(qty...) {
		out = append(out, returns.Wanted{Line: u.Line, Qty: u.Qty, Reason: returns.TooSmall})
	}
	return out
}

// requested is a return of units of the delivered order.
func requested(t require.TestingT, qty ...int64) returns.Return {
	r, _, _, err := flow(t).Request(delivered(t), returns.Request{ID: rma, Ref: "cn-1", Lines: wanted(qty...)}, nil, noon)
	require.NoError(t, err)
	return r
}

// approved is that return, approved.
func approved(t require.TestingT, qty ...int64) returns.Return {
	r, _, err := flow(t).Approve(requested(t, qty...), noon)
	require.NoError(t, err)
	return r
}

// received is that return, all of it received in Berlin.
func received(t require.TestingT, qty ...int64) returns.Return {
	r := approved(t, qty...)
	all := make([]order.LineQty, len(r.Lines))
	for i, l := range r.Lines {
		all[i] = order.LineQty{Line: l.No, Qty: l.Qty}
	}
	r, _, _, err := flow(t).Receive(r, "ber", all, noon)
	require.NoError(t, err)
	return r
}

// errOf is the error of a decision of which nothing else is of interest.
func errOf[A, B, C any](_ A, _ B, _ C, err error) error { return err }
