package oms_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/rule"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// hostFacts is what a host knows: shipments from Hamburg are dear, and whatever a test closes refuses.
func hostFacts(closed *[]string) oms.Option {
	return oms.WithAllocationFacts(func(_ order.Order, r *allocation.Request) error {
		r.Candidates = slices.DeleteFunc(r.Candidates, func(c allocation.Candidate) bool { return slices.Contains(*closed, c.Location) })
		for j := range r.Candidates {
			c := &r.Candidates[j]
			c.ShipmentCost = 300
			if c.Location == "ham" {
				c.ShipmentCost = 900
			}
		}
		return nil
	})
}

func TestPlansReckonWithWhatTheHostKnows(t *testing.T) {
	t.Parallel()
	var none []string
	onStores(t, func(s *shop) {
		s.receive("tee", "ham", 20)
		plan := must(s.Orders.Plan(s.ctx, draft(line("tee", 5))))(s)
		require.Equal(s.t, "ber", plan.Assignments[0].Location)
		require.Equal(s.t, int64(300), plan.Proof.Value.Cost)
		require.True(s.t, plan.Proof.Optimal)
		o := s.place(line("tee", 5))
		require.Equal(s.t, "free 5 committed 5", s.shelf("tee", "ber"))
		s.same(o, s.order(o.ID))
	}, oms.WithStrategy(rule.Exact(rule.LeastCost)), hostFacts(&none))
}

func TestFactsMayNotChangeWhatIsDemanded(t *testing.T) {
	t.Parallel()
	errHost := errors.New("the rate service is down")
	changes := map[string]struct {
		change func(r *allocation.Request) error
		want   error
	}{
		"a quantity":     {func(r *allocation.Request) error { r.Demands[0].Qty--; return nil }, oms.ErrAllocationFacts},
		"a line":         {func(r *allocation.Request) error { r.Demands = nil; return nil }, oms.ErrAllocationFacts},
		"the items":      {func(r *allocation.Request) error { r.Items[0] += "x"; return nil }, oms.ErrAllocationFacts},
		"all or nothing": {func(r *allocation.Request) error { r.AllowPartial = false; return nil }, oms.ErrAllocationFacts},
		"its own error":  {func(*allocation.Request) error { return errHost }, errHost},
		"more stock": {func(r *allocation.Request) error {
			for j := range r.Candidates {
				r.Candidates[j].Available[0] += 1000
			}
			return nil
		}, inventory.ErrShortage},
	}
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onStores(t, func(s *shop) {
				s.refuses(c.want, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("tee", 100)))) })
			}, oms.WithAllocationFacts(func(_ order.Order, r *allocation.Request) error { return c.change(r) }))
		})
	}
}

func TestARecordedPlanReplays(t *testing.T) {
	t.Parallel()
	set := rule.Set{Objective: rule.LeastCost, Alternatives: true, Rules: []rule.Rule{rule.Shipment{Cost: 490}, rule.Balance{Cost: 20}}}
	onStores(t, func(s *shop) {
		s.receive("tee", "ham", 3)
		o := s.place(line("tee", 5), line("mug", 2), line("book", 4))
		for _, ev := range must(s.Orders.Timeline(s.ctx, o.ID))(s) {
			if ev.Kind != "order.allocated" {
				continue
			}
			var event order.Allocated
			s.do(json.Unmarshal(ev.Data, &event))
			var rec allocation.Record
			s.do(json.Unmarshal(event.Record, &rec))
			require.Equal(s.t, event.Fingerprint, rec.Plan.Fingerprint)
			require.Equal(s.t, rec.Request.Fingerprint(), rec.Plan.Fingerprint)
			s.do(rec.Replay(s.ctx, set))
			require.ErrorIs(s.t, rec.Replay(s.ctx, allocation.Priority()), allocation.ErrReplay)
			return
		}
		require.Fail(s.t, "no plan was recorded")
	}, oms.WithStrategy(set), oms.WithAllocationRecords())
}

func TestReallocatingMovesWhatNobodyHasPicked(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var closed []string
		kit := oms.New(s.store, oms.WithClock(s.clock.read), oms.WithStrategy(rule.Exact(rule.LeastCost, rule.Stay{Cost: 5})), hostFacts(&closed))
		o, work := s.open(line("tee", 5), line("mug", 2))
		require.Len(s.t, work, 1)
		must(s.Fulfillment.Pick(s.ctx, work[0].ID, units(1, 2)))(s)
		s.receive("tee", "ham", 20)
		s.unchanged(func() error { return errOf(kit.Orders.Reallocate(s.ctx, o.ID)) })

		closed = []string{"ber"}
		s.unchanged(func() error { return errOf(kit.Orders.Reallocate(s.ctx, o.ID)) }) // the mugs would have no place
		s.receive("mug", "ham", 1)
		s.unchanged(func() error { return errOf(kit.Orders.Reallocate(s.ctx, o.ID)) })
		s.receive("mug", "ham", 1)
		o = must(kit.Orders.Reallocate(s.ctx, o.ID))(s)
		require.Equal(s.t, "reserved 3 picked 2", s.places(o.ID, 1))
		require.Equal(s.t, "free 8 picked 2", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 22 committed 3", s.shelf("tee", "ham"))
		require.Equal(s.t, "committed 2", s.shelf("mug", "ham"))
		s.same(o, s.order(o.ID))
		for _, fo := range s.work(o.ID) {
			must(s.Fulfillment.Ship(s.ctx, fo.ID, nil))(s)
		}
		require.Equal(s.t, "shipped 5", s.places(o.ID, 1))
		require.Equal(s.t, order.FulfillmentFull, s.orderOf(o.ID).Facets().Fulfillment)
		s.verify()
	})
}

func TestReallocatingFindsStockForWhatWaits(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.receive("book", "ham", 2)
		o, _ := s.open(line("book", 5))
		s.receive("book", "ber", 9)
		o = must(s.Orders.Reallocate(s.ctx, o.ID))(s)
		require.Equal(s.t, "reserved 5", s.places(o.ID, 1))
		require.Equal(s.t, "free 4 committed 5", s.shelf("book", "ber"), "one shipment instead of two")
		require.Equal(s.t, "free 2", s.shelf("book", "ham"))
		must(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer))(s)
		require.Equal(s.t, "free 9", s.shelf("book", "ber"))
		s.refuses(order.ErrTransition, func() error { return errOf(s.Orders.Reallocate(s.ctx, o.ID)) })
		s.verify()
	})
}
