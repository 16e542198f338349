package oms_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/costing"
	"github.com/orderkit/oms/inventory/purchasing"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestFreightFallsOnWhatIsLeftAndOnWhatWasSold(t *testing.T) {
	t.Parallel()
	for _, method := range []inventory.CostMethod{inventory.CostFIFO, inventory.CostAverage} {
		onStores(t, func(s *shop) {
			s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "cap", Costing: method}))
			po := s.buy("cap", 100, 3)
			must(s.Purchasing.Receive(s.ctx, po.ID, arrives("dn-1", 1, 100)))(s)
			require.Equal(s.t, "400", must(s.Costs.Value(s.ctx, "cap", s.clock.read()))(s).Value.String())
			_, work := s.open(line("cap", 40))
			must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
			must(s.Purchasing.AddCost(s.ctx, po.ID, purchasing.DraftCost{Kind: purchasing.Freight, Amount: dec("60"), Ref: "bill-7"}))(s)
			v := must(s.Costs.Value(s.ctx, "cap", s.clock.read()))(s)
			require.Equal(s.t, int64(60), v.Qty)
			require.Equal(s.t, "276", v.Value.String(), "60 that are worth 4.60 each")
			var last costing.Entry
			for e, err := range s.Costs.Entries(s.ctx, oms.EntryFilter{Items: []string{"cap"}}) {
				s.do(err)
				last = e
			}
			require.Equal(s.t, costing.Revalued, last.Kind)
			require.Equal(s.t, "24", last.Variance.String(), "40 of 100 were sold")
			must(s.Purchasing.AddCost(s.ctx, po.ID, purchasing.DraftCost{Kind: purchasing.Duty, Amount: dec("7.01")}))(s)
			s.verify()
			o := must(s.Purchasing.Get(s.ctx, po.ID))(s)
			require.Equal(s.t, "467.01", o.Worth().String())
		}, oms.WithCosting())
	}
}

func TestCostsThatAreKnownBeforehandLandWithEachReceipt(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "cap", Costing: inventory.CostFIFO}))
		po := s.buy("cap", 10, 3, func(d *purchasing.Draft) {
			d.Costs = []purchasing.DraftCost{{Kind: purchasing.Freight, Amount: dec("10")}}
			d.Lines = append(d.Lines, purchasing.DraftLine{Item: "tee", Location: "ber", Qty: 10, UnitCost: dec("4.00")})
		})
		value := func() string { return must(s.Costs.Value(s.ctx, "cap", s.clock.read()))(s).Value.String() }
		must(s.Purchasing.Receive(s.ctx, po.ID, purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{
			{Line: 1, Accepted: 4}, {Line: 1, Rejected: 1, Reason: purchasing.RejectDamaged},
		}}))(s)
		require.Equal(s.t, "22", value(), "4 at 4.00 and 0.50, and a broken one at 4.00")
		must(s.Purchasing.Receive(s.ctx, po.ID, arrives("dn-2", 1, 2)))(s)
		require.Equal(s.t, "31", value())
		must(s.Purchasing.CloseShort(s.ctx, po.ID, "the rest was lost at sea"))(s)
		require.Equal(s.t, "38", value(), "nothing else came that could bear the freight")
		s.verify()
	}, oms.WithCosting())
}
