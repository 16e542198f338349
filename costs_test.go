package oms_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/costing"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

func unitCost(amount string) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(amount))
}

// costed adds an item and receives 10 units at 4 and 10 at 6.
func (s *shop) costed(item string, m inventory.CostMethod) (first inventory.Posting) {
	s.t.Helper()
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: item, Costing: m}))
	first = must(s.Stock.Receive(s.ctx, inventory.Receipt{Item: item, Location: "ber", Qty: 10, Ref: "po-7", UnitCost: unitCost("4")}))(s)
	s.clock.turn(time.Minute)
	must(s.Stock.Receive(s.ctx, inventory.Receipt{Item: item, Location: "ber", Qty: 10, Ref: "po-8", UnitCost: unitCost("6")}))(s)
	return first
}

// worth is the value of an item now, and its units.
func (s *shop) worth(item string) string {
	s.t.Helper()
	v := must(s.Costs.Value(s.ctx, item, s.clock.read()))(s)
	return fmt.Sprintf("%d worth %s", v.Qty, v.Value)
}

func TestCostOfGoodsSoldIsThatOfTheMethod(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		for _, c := range []struct {
			method inventory.CostMethod
			cost   string
		}{{inventory.CostFIFO, "70"}, {inventory.CostAverage, "75"}} {
			item := "cup-" + string(c.method)
			s.costed(item, c.method)
			s.clock.turn(time.Minute)
			before := s.clock.read()
			require.Equal(t, "20 worth 100", s.worth(item))
			s.clock.turn(time.Minute)
			o, work := s.open(line(item, 15))
			require.Equal(t, "20 worth 100", s.worth(item), "what is promised is still owned")
			s.pay(o.ID)
			must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
			m := must(s.Costs.Margin(s.ctx, o.ID))(s)
			require.Equal(t, c.cost, m.Cost.String())
			require.Equal(t, "150.00", m.Revenue.Amount().StringFixed(2))
			require.Equal(t, decimal.NewFromInt(150).Sub(m.Cost).String(), m.Profit.String())
			require.Equal(t, "20 worth 100", func() string {
				v := must(s.Costs.Value(s.ctx, item, before))(s)
				return fmt.Sprintf("%d worth %s", v.Qty, v.Value)
			}(), "as of before the shipment")
			require.Zero(t, must(s.Costs.Value(s.ctx, item, before.Add(-time.Hour)))(s).Qty, "as of before everything")

			r := s.back(o.ID, 12)
			must(s.Returns.Receive(s.ctx, r.ID, "ber", units(1, 5)))(s)
			must(s.Returns.Receive(s.ctx, r.ID, "ber", units(1, 7)))(s)
			must(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 11, As: returns.Restock}, {Line: 1, Qty: 1, As: returns.Scrap}}))(s)
			sales := must(s.Costs.OfDocument(s.ctx, o.Number))(s)
			require.Len(t, sales, 1)
			require.Equal(t, int64(12), sales[0].Back)
			want := map[inventory.CostMethod]string{inventory.CostFIFO: "52", inventory.CostAverage: "60"}[c.method] // 10 at 4 and 2 at 6; 12 at 5
			require.Equal(t, want, sales[0].BackCost.String())
		}
	}, oms.WithCosting())
}

func TestALaterCostIsSpreadOverStockAndWhatWasSold(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "cup", Costing: inventory.CostFIFO}))
		p := must(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "cup", Location: "ber", Qty: 100, Ref: "po-7", UnitCost: unitCost("4.00")}))(s)
		o, work := s.open(line("cup", 40))
		s.pay(o.ID)
		must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
		r := costing.Revaluation{Item: "cup", Posting: p.ID, Amount: decimal.NewFromInt(60), Ref: "freight-1"}
		e := must(s.Costs.Revalue(s.ctx, r, oms.Key("freight-1")))(s)
		require.Equal(t, "36 on stock, 24 variance", fmt.Sprintf("%s on stock, %s variance", e.Value, e.Variance))
		require.Equal(t, "60 worth 276", s.worth("cup"))
		s.unchanged(func() error {
			again, err := s.Costs.Revalue(s.ctx, r, oms.Key("freight-1"))
			s.same(e, again)
			return err
		})
		s.refuses(inventory.ErrNotFound, func() error {
			return errOf(s.Costs.Revalue(s.ctx, costing.Revaluation{Item: "cup", Posting: uuid.New(), Amount: decimal.NewFromInt(1)}))
		})
		s.refuses(costing.ErrUnknown, func() error {
			return errOf(s.Costs.Revalue(s.ctx, costing.Revaluation{Item: "tee", Posting: p.ID, Amount: decimal.NewFromInt(1)}))
		})
		s.refuses(costing.ErrAmount, func() error {
			return errOf(s.Costs.Revalue(s.ctx, costing.Revaluation{Item: "cup", Posting: p.ID, Amount: decimal.NewFromInt(-461)}))
		})
		var journal []string
		for e, err := range s.Costs.Entries(s.ctx, oms.EntryFilter{Items: []string{"cup"}}) {
			s.do(err)
			for _, l := range e.Lines() {
				journal = append(journal, fmt.Sprintf("%s %s %s %s", e.Kind, l.Account, l.Debit, l.Credit))
			}
		}
		require.Equal(t, []string{
			"receipt inventory 400 0", "receipt purchases 0 400", "shipment inventory 0 160", "shipment cogs 160 0",
			"revaluation inventory 36 0", "revaluation cogs_variance 24 0", "revaluation landed_cost 0 60",
		}, journal)
		var told []string
		for _, e := range must(s.Costs.Timeline(s.ctx, "cup"))(s) {
			told = append(told, e.Kind)
		}
		require.Equal(t, []string{"cost.posted", "cost.posted", "cost.revalued"}, told)
	}, oms.WithCosting())
}

func TestACostedItemNeedsItsCost(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.costed("cup", inventory.CostFIFO)
		s.refuses(inventory.ErrCost, func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "cup", Location: "ber", Qty: 1}))
		})
		s.refuses(costing.ErrMethod, func() error {
			return s.Stock.AddItem(s.ctx, inventory.Item{ID: "cup", Costing: inventory.CostAverage})
		})
		s.refuses(costing.ErrMethod, func() error {
			return s.Stock.AddItem(s.ctx, inventory.Item{ID: "tee", Costing: inventory.CostAverage})
		})
		s.do(s.Costs.Open(s.ctx, costing.Opening{Item: "tee", Method: inventory.CostAverage, UnitCost: unitCost("1.5")}))
		require.Equal(t, "15 worth 22.5", s.worth("tee"))
		s.refuses(inventory.ErrUnknownItem, func() error {
			return s.Costs.Open(s.ctx, costing.Opening{Item: "none", Method: inventory.CostFIFO})
		})
		must(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "cup", Location: "ber", Delta: 2, Reason: inventory.ReasonFound}))(s)
		must(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "cup", Location: "ber", Delta: -11, Reason: inventory.ReasonLost}))(s)
		must(s.Stock.Transfer(s.ctx, inventory.Shift{Item: "cup", From: "ber", To: "ham", Qty: 3}))(s)
		require.Equal(t, "11 worth 64", s.worth("cup"), "100, 2 found at 5, 10 lost at 4 and 1 at 6")
		total := decimal.Decimal{}
		for v, err := range s.Costs.Valuation(s.ctx, s.clock.read()) {
			s.do(err)
			total = total.Add(v.Value)
		}
		require.Equal(t, "86.5", total.String())
	}, oms.WithCosting())
}

func TestAnEngineThatDoesNotCostRefusesCostedItems(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.refuses(oms.ErrNotCosting, func() error {
			return s.Stock.AddItem(s.ctx, inventory.Item{ID: "cup", Costing: inventory.CostFIFO})
		})
		s.refuses(oms.ErrNotCosting, func() error {
			return s.Costs.Open(s.ctx, costing.Opening{Item: "tee", Method: inventory.CostFIFO})
		})
		s.refuses(oms.ErrNotCosting, func() error { return errOf(s.Costs.Revalue(s.ctx, costing.Revaluation{Item: "tee"})) })
	})
}

func TestVerifyFindsStockThatMovedWithoutItsCost(t *testing.T) {
	t.Parallel()
	for _, st := range stores {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, st.open, oms.WithCosting())
			s.furnish()
			s.costed("cup", inventory.CostFIFO)
			s.verify()
			must(oms.New(s.store, oms.WithClock(s.clock.read)).Stock.Receive(s.ctx, inventory.Receipt{Item: "cup", Location: "ber", Qty: 3}))(s)
			found := must(s.Verify(s.ctx))(s)
			require.Equal(t, []oms.Difference{{Law: "units valued are the units owned", Subject: `costs of item "cup"`, Want: "23", Have: "20"}}, found)
		})
	}
}

func TestShipmentsThatRaceForTheLastLayerTakeEachUnitOnce(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "cup", Costing: inventory.CostFIFO}))
		for _, cost := range []string{"1", "10", "100", "1000"} {
			must(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "cup", Location: "ber", Qty: 1, UnitCost: unitCost(cost)}))(s)
		}
		orders := make([]order.Order, 4)
		for i := range orders {
			orders[i], _ = s.open(line("cup", 1))
			s.pay(orders[i].ID)
		}
		won, lost := race(len(orders), func(i int) error {
			work, err := s.Fulfillment.OfOrder(s.ctx, orders[i].ID)
			if err != nil {
				return err
			}
			_, err = s.Fulfillment.Ship(s.ctx, work[0].ID, nil)
			return err
		})
		require.Equal(t, 4, won, "%v", lost)
		var sum decimal.Decimal
		for _, o := range orders {
			sum = sum.Add(must(s.Costs.Margin(s.ctx, o.ID))(s).Cost)
		}
		require.Equal(t, "1111", sum.String(), "each layer left once")
		require.Equal(t, "0 worth 0", s.worth("cup"))
	}, oms.WithCosting())
}
