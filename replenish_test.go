package oms_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
)

// sells adds a supplier of mugs, in packs of 6, two weeks away.
func (s *shop) sells(id, price string) {
	s.t.Helper()
	must(s.Purchasing.PutSupplier(s.ctx, purchasing.Supplier{ID: id, LeadTime: 14 * 24 * time.Hour, Items: []purchasing.SupplierItem{
		{Item: "mug", Price: decimal.RequireFromString(price), Multiple: 6},
	}}))(s)
}

func TestWhatWasShippedSaysWhatToBuy(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.sells("dear", "3")
		s.sells("acme", "2.5")
		ask := oms.Replenishment{Location: "ber", Rules: purchasing.Rules{Review: 7 * 24 * time.Hour, Service: 0.95}}
		got := must(s.Purchasing.Suggest(s.ctx, ask))(s)
		require.Len(s.t, got, 1)
		require.Zero(s.t, got[0].Qty, "nothing was sold yet")

		s.receive("mug", "ber", 190)
		for range 20 { // 10 a week, and one comes back, which is no demand
			s.clock.turn(7 * 24 * time.Hour)
			owner := s.clock.read().Format(time.DateOnly)
			must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: owner, Item: "mug", Location: "ber", Qty: 10}}))(s)
			must(s.Stock.Ship(s.ctx, owner))(s)
		}
		must(s.Stock.Return(s.ctx, inventory.GoodsBack{Item: "mug", Location: "ber", Qty: 1}))(s)
		s.clock.turn(24 * time.Hour)
		before := s.dump()
		got = must(s.Purchasing.Suggest(s.ctx, ask))(s)
		require.Equal(s.t, "mug at ber: 30 from acme = +30 demand until an order of the next look arrives", got[0].String())

		orders := must(s.Purchasing.DraftSuggested(s.ctx, got, oms.Key("monday")))(s)
		require.Len(s.t, orders, 1)
		require.Equal(s.t, "acme", orders[0].Supplier)
		require.Equal(s.t, int64(30), orders[0].Lines[0].Qty)
		require.Equal(s.t, "2.5", orders[0].Lines[0].UnitCost.String())
		s.same(orders, must(s.Purchasing.DraftSuggested(s.ctx, got, oms.Key("monday")))(s))
		require.NotEqual(s.t, before, s.dump())

		require.Equal(s.t, int64(30), must(s.Purchasing.Suggest(s.ctx, ask))(s)[0].Qty, "a draft is no supply")
		must(s.Purchasing.Issue(s.ctx, orders[0].ID))(s)
		require.Zero(s.t, must(s.Purchasing.Suggest(s.ctx, ask))(s)[0].Qty, "what is on its way need not be bought again")

		s.receive("mug", "ber", 5)
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "job", Item: "mug", Location: "ber", Qty: 5}}))(s)
		require.Zero(s.t, must(s.Purchasing.Suggest(s.ctx, ask))(s)[0].Qty, "five came and five are promised")
	})
}

func TestASuggestionForWhatIsNotThereIsRefused(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.sells("acme", "2.5")
		good := oms.Replenishment{Location: "ber", Rules: purchasing.Rules{Service: 0.95}}
		for want, spoil := range map[error]func(*oms.Replenishment){
			inventory.ErrUnknownLocation:  func(r *oms.Replenishment) { r.Location = "x" },
			inventory.ErrUnknownItem:      func(r *oms.Replenishment) { r.Items = []string{"hat"} },
			inventory.ErrUntracked:        func(r *oms.Replenishment) { r.Items = []string{"wrap"} },
			purchasing.ErrUnknownSupplier: func(r *oms.Replenishment) { r.Items = []string{"tee"} },
			purchasing.ErrQuantity:        func(r *oms.Replenishment) { r.Weeks = -1 },
		} {
			r := good
			spoil(&r)
			s.refuses(want, func() error { return errOf(s.Purchasing.Suggest(s.ctx, r)) })
		}
	})
}
