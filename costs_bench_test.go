package oms_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage/memory"
)

// BenchmarkShipCosted ships one committed unit of a costed item beside one of an item that
// is not, in turns, on the same Engine.
func BenchmarkShipCosted(b *testing.B) {
	for _, method := range []inventory.CostMethod{inventory.CostFIFO, inventory.CostAverage} {
		b.Run(string(method), func(b *testing.B) {
			ctx, kit := b.Context(), oms.New(memory.New(), oms.WithCosting())
			require.NoError(b, kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
			require.NoError(b, kit.Stock.AddItem(ctx, inventory.Item{ID: "plain"}))
			require.NoError(b, kit.Stock.AddItem(ctx, inventory.Item{ID: "costed", Costing: method}))
			var spent [2]time.Duration
			for k, item := range []string{"plain", "costed"} {
				_, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: item, Location: "ber", Qty: int64(b.N),
					UnitCost: decimal.NewNullDecimal(decimal.New(425, -2))})
				require.NoError(b, err)
				for i := range b.N {
					_, err := kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: fmt.Sprint("cart-", k, "-", i), Item: item, Location: "ber", Qty: 1}})
					require.NoError(b, err)
				}
			}
			b.ResetTimer()
			for i := range b.N {
				for k := range spent {
					start := time.Now()
					_, err := kit.Stock.Ship(ctx, fmt.Sprint("cart-", k, "-", i))
					spent[k] += time.Since(start)
					require.NoError(b, err)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(spent[1].Nanoseconds())/float64(b.N), "costed-ns")
			b.ReportMetric(float64(spent[0].Nanoseconds())/float64(b.N), "plain-ns")
			b.ReportMetric(float64(spent[1])/float64(spent[0]), "×plain")
		})
	}
}
