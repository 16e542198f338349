package oms_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// tamper sets a balance to other numbers, past the log.
func (s *shop) tamper(item, location string, how func(b *inventory.Balance)) {
	s.t.Helper()
	for _, b := range must(s.Stock.Balances(s.ctx, item))(s) {
		if b.Location == location {
			r := inventory.Restated{Have: b, Want: b}
			how(&r.Want)
			s.plant(func(ctx context.Context, tx storage.Tx) error {
				return tx.Stock().Restate(ctx, []inventory.Restated{r})
			})
		}
	}
}

// hold plants a reservation without units.
func (s *shop) hold(owner string, item string, committed int64) {
	s.t.Helper()
	key := inventory.ReservationKey{Owner: owner, Line: 1, Item: item, Location: "ber"}
	s.plant(func(ctx context.Context, tx storage.Tx) error {
		return tx.Stock().Apply(ctx, inventory.Changes{Reservations: []inventory.Reservation{{ReservationKey: key, Committed: committed, Version: 1}}})
	})
}

// unlog takes the first movement of an item out of the log.
func (s *shop) unlog(item string) {
	s.t.Helper()
	p := must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Item: item}))(s)[0]
	must(s.db.ExecContext(s.ctx, fmt.Sprintf("DELETE FROM oms_stock_movements WHERE tenant = '' AND posting = '%s'", p.ID)))(s)
}

func TestAnAppliedRepairMakesTheBooksAgreeAndChangesNothingElse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage func(s *shop, o order.Order)
		sql    bool
	}{
		"more on paper": {damage: func(s *shop, _ order.Order) {
			s.tamper("mug", "ber", func(b *inventory.Balance) { b.Set(inventory.Free, b.Of(inventory.Free)+40) })
		}},
		"less on paper": {damage: func(s *shop, _ order.Order) {
			s.tamper("mug", "ber", func(b *inventory.Balance) { *b = inventory.Balance{Key: b.Key} })
		}},
		"in another state": {damage: func(s *shop, _ order.Order) {
			s.tamper("mug", "ber", func(b *inventory.Balance) { b.Set(inventory.QC, 3); b.Set(inventory.Committed, 9) })
		}},
		"a hold without units":    {damage: func(s *shop, _ order.Order) { s.hold("job", "mug", 2) }},
		"a hold of far too many":  {damage: func(s *shop, _ order.Order) { s.hold("job", "mug", 500) }},
		"a hold of an order gone": {damage: func(s *shop, _ order.Order) { s.hold("order/"+uuid.New().String(), "mug", 2) }},
		"units that nobody holds": {damage: func(s *shop, _ order.Order) {
			s.plant(func(ctx context.Context, tx storage.Tx) error {
				return tx.Stock().Apply(ctx, inventory.Changes{Posting: inventory.Posting{ID: uuid.New(), Reason: inventory.ReasonReserve, At: s.clock.read(), Movements: []inventory.Movement{
					{Item: "mug", From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Committed), Qty: 1},
				}}})
			})
			s.tamper("mug", "ber", func(b *inventory.Balance) { b.Set(inventory.Committed, 0) })
		}},
		"a log that lost its receipt": {sql: true, damage: func(s *shop, _ order.Order) { s.unlog("mug") }},
		"a log that lost it, and a balance": {sql: true, damage: func(s *shop, _ order.Order) {
			must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "job", Item: "mug", Location: "ber", Qty: 3}}))(s)
			s.unlog("mug")
			s.tamper("mug", "ber", func(b *inventory.Balance) { *b = inventory.Balance{Key: b.Key} })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, st := range stores {
				if c.sql && st.name == "memory" {
					continue // its log can only be added to
				}
				s := newShop(t, st.open)
				s.furnish()
				o := busy(s)
				require.Empty(t, must(s.Repair(s.ctx))(s).Repairs, "nothing to repair")
				c.damage(s, o)
				require.NotEmpty(t, s.laws(), name)
				var p oms.Proposal
				s.unchanged(func() error { p = must(s.Repair(s.ctx))(s); return nil })
				require.Len(t, p.Repairs, 1, st.name)
				require.Equal(t, "mug", p.Repairs[0].Item)
				require.NotEmpty(t, p.Repairs[0].Why)

				var kept oms.Proposal // as a person gets it to look at
				s.do(json.Unmarshal(must(json.Marshal(p))(s), &kept))
				postings, tees := s.logged(), s.shelf("tee", "ber")
				s.refuses(inventory.ErrID, func() error { return errOf(s.ApplyRepair(s.ctx, kept, "")) })
				done := must(s.ApplyRepair(s.ctx, kept, "audit-7", oms.Key("k")))(s)
				s.verify()
				require.Empty(t, must(s.Repair(s.ctx))(s).Repairs)
				require.Equal(t, postings+len(done), s.logged(), "history is kept")
				require.Equal(t, tees, s.shelf("tee", "ber"))
				s.same(o, s.order(o.ID))
				for _, d := range done {
					require.Equal(t, inventory.ReasonRepair, d.Reason)
					require.Equal(t, "audit-7", d.Document)
				}
				s.unchanged(func() error { return errOf(s.ApplyRepair(s.ctx, kept, "audit-7", oms.Key("k"))) })
				s.refuses(oms.ErrRepair, func() error { return errOf(s.ApplyRepair(s.ctx, kept, "audit-7")) })
			}
		})
	}
}

func (s *shop) logged() int {
	s.t.Helper()
	return len(must(s.Stock.Postings(s.ctx, inventory.PostingFilter{}))(s))
}

func TestARepairIsRefusedOnceTheStockHasMoved(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.tamper("mug", "ber", func(b *inventory.Balance) { b.Set(inventory.Free, 4) })
		s.tamper("tee", "ber", func(b *inventory.Balance) { b.Set(inventory.Free, 4) })
		p := must(s.Repair(s.ctx))(s)
		require.Len(s.t, p.Repairs, 2)
		s.receive("tee", "ber", 1)
		s.refuses(oms.ErrRepair, func() error { return errOf(s.ApplyRepair(s.ctx, p, "audit-7")) })
		var stale *oms.RepairError
		require.ErrorAs(s.t, errOf(s.ApplyRepair(s.ctx, p, "audit-7")), &stale)
		require.Equal(s.t, "tee", stale.Item)
		must(s.ApplyRepair(s.ctx, oms.Proposal{Repairs: p.Repairs[:1]}, "audit-7"))(s)
		must(s.ApplyRepair(s.ctx, must(s.Repair(s.ctx))(s), "audit-8"))(s)
		require.Equal(s.t, "free 11", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 10", s.shelf("mug", "ber"))
	})
}
