package order_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/orderkit/oms/order"
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
	anID  = order.ID{UUID: uuid.MustParse("0195f0a0-0000-7000-8000-000000000001")}
)

func eur(amount string) order.Money { return order.MustMoney(amount, "EUR") }

func num(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// goods is a line of qty units at a price, taxed at 19 %.
func goods(qty int64, price string) order.DraftLine {
	return order.DraftLine{Item: "tee", Qty: qty, UnitPrice: num(price), TaxRate: num("0.19")}
}

// cart is a draft in euros with the prices of a shop window: tax is included.
func cart(lines ...order.DraftLine) order.Draft {
	return order.Draft{Currency: order.MustCurrency("EUR"), TaxIncluded: true, Lines: lines}
}

// flow is the standard flow, or an extension of it.
func flow(t require.TestingT, options ...order.FlowOption) *order.Flow {
	f, err := order.NewFlow(options...)
	require.NoError(t, err)
	return f
}

// drafted prices a draft.
func drafted(t require.TestingT, d order.Draft) order.Order {
	o, err := order.New(anID, d, noon)
	require.NoError(t, err)
	return o
}

// placed sells a draft.
func placed(t require.TestingT, d order.Draft) order.Order {
	o, _, err := flow(t).Place(drafted(t, d), noon)
	require.NoError(t, err)
	return o
}

// opened sells a draft and confirms it.
func opened(t require.TestingT, d order.Draft) order.Order {
	o, _, err := flow(t).Confirm(placed(t, d), order.PayAnytime, noon)
	require.NoError(t, err)
	return o
}

// counted applies the change of one line's counters.
func counted(t require.TestingT, o order.Order, line int, by order.Counters) order.Order {
	o, err := o.Count(noon, order.LineDelta{Line: line, By: by})
	require.NoError(t, err)
	return o
}

// shipped sends units of a line straight away.
func shipped(t require.TestingT, o order.Order, line int, qty int64) order.Order {
	return counted(t, o, line, order.Counters{Unreserved: -qty, Shipped: qty})
}

// paid records an operation.
func paid(t require.TestingT, o order.Order, op order.Operation) order.Order {
	o, _, err := flow(t).Pay(o, op, noon)
	require.NoError(t, err)
	return o
}

// capture is money received, under no authorization.
func capture(id, amount string) order.Operation {
	return order.Operation{ID: id, Kind: order.Capture, Amount: eur(amount)}
}

// refund is money given back of a capture.
func refund(id, parent, amount string) order.Operation {
	return order.Operation{ID: id, Kind: order.Refund, Parent: parent, Amount: eur(amount)}
}

// possible looks an action up.
func possible(t require.TestingT, f *order.Flow, o order.Order, p order.PaymentPolicy, now time.Time, a order.Action) order.Possibility {
	for _, ps := range f.AllowedActions(o, p, now) {
		if ps.Action == a {
			return ps
		}
	}
	require.Fail(t, "the action is not listed", "%s", a)
	return order.Possibility{}
}

// isAny tells whether an error matches one of several sentinels.
func isAny(err error, sentinels ...error) bool {
	return slices.ContainsFunc(sentinels, func(s error) bool { return errors.Is(err, s) })
}
