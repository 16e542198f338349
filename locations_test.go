package oms_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/count"
	"github.com/orderkit/oms/inventory/transfer"
)

func TestADeactivatedLocationGivesAllItHasToTheTarget(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		must(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Lot: "l1", Location: "ber", Qty: 2, Into: inventory.QC}))(s)
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{s.cart("cart-1", 2)}))(s)
		o, work := s.open(line("tee", 3), line("mug", 2))
		require.Equal(t, "ber", work[0].Location)
		must(s.Fulfillment.Pick(s.ctx, work[0].ID, units(1, 1)))(s)
		waiting := s.place(line("tee", 1)) // nobody works on it yet

		p := must(s.Stock.Deactivate(s.ctx, "ber", "ham", oms.Key("close")))(s)
		require.Equal(t, inventory.ReasonTransfer, p.Reason)
		s.same(p, must(s.Stock.Deactivate(s.ctx, "ber", "ham", oms.Key("close")))(s))
		require.Empty(t, s.shelf("tee", "ber")+s.shelf("mug", "ber"))
		require.Equal(t, "free 9 soft 2 committed 3 picked 1 qc 2", s.shelf("tee", "ham"))
		require.Equal(t, "ham", s.work(o.ID)[0].Location)
		s.verify()
		s.unchanged(func() error { return errOf(s.Stock.Deactivate(s.ctx, "ber", "ham")) })
		s.receive("tee", "ber", 5)
		require.EqualValues(t, 9, s.free("tee"), "what comes to an inactive location is promised to nobody")
		must(s.Stock.Deactivate(s.ctx, "ber", "ham"))(s)
		require.EqualValues(t, 14, s.free("tee"))

		s.pay(o.ID)
		must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
		require.Equal(t, "shipped 3", s.places(o.ID, 1), "the work goes on at the target")
		s.do(errOf(s.Orders.Cancel(s.ctx, waiting.ID, "customer")))
		s.clock.turn(time.Hour)
		require.EqualValues(t, 17, s.free("tee"), "the cart expires where it is now")

		s.do(s.Stock.Activate(s.ctx, "ber"))
		s.unchanged(func() error { return s.Stock.Activate(s.ctx, "ber") })
		s.receive("tee", "ber", 1)
		require.EqualValues(t, 1, s.ats("tee", "ber", ""))
	})
}

func TestALocationInUseIsNotDeactivated(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 3))
		s.pay(o.ID)
		must(s.Fulfillment.Pack(s.ctx, work[0].ID, []fulfillment.Parcel{boxOf(units(1, 1)...)}))(s)
		road := must(s.Transfers.Draft(s.ctx, transfer.Draft{From: "ham", To: "ber", Lines: []transfer.DraftLine{{Item: "tee", Qty: 1}}}))(s)
		before := s.dump()
		_, err := s.Stock.Deactivate(s.ctx, "ber", "ham")
		s.refused(inventory.ErrLocation, err, before)
		var refusal *inventory.LocationError
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, []inventory.Blocker{
			{Kind: "fulfillment order", ID: work[0].ID.String(), Why: "has packed parcels; ship or unpack them"},
			{Kind: "transfer", ID: road.ID.String(), Why: "is open"},
		}, refusal.Blockers, "all of it, not only the first")
		for target, want := range map[string]error{"par": inventory.ErrUnknownLocation, "tee": inventory.ErrUnknownLocation} {
			s.refuses(want, func() error { return errOf(s.Stock.Deactivate(s.ctx, "oslo", target)) })
		}
		s.refuses(inventory.ErrUnknownLocation, func() error { return s.Stock.Activate(s.ctx, "par") })
		must(s.Transfers.Cancel(s.ctx, road.ID, "not now"))(s)
		s.refuses(inventory.ErrLocation, func() error { return errOf(s.Stock.Deactivate(s.ctx, "ber", "ham")) })
	})
}

func TestDocumentsThatStillPointToALocationKeepItInUse(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(2)
		back := s.back(o.ID, 1)
		back = must(s.Returns.Receive(s.ctx, back.ID, "ber", units(1, 1)))(s)
		bought := s.buy("tee", 5, 3)
		c := s.counting(count.Plan{})
		before := s.dump()
		_, err := s.Stock.Deactivate(s.ctx, "ber", "ham")
		s.refused(inventory.ErrLocation, err, before)
		var refusal *inventory.LocationError
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, []inventory.Blocker{
			{Kind: "count", ID: c.ID.String(), Why: "is open"},
			{Kind: "purchase order", ID: bought.ID.String(), Why: "is to arrive with line 1"},
			{Kind: "return", ID: back.ID.String(), Why: "is received there and not closed"},
		}, refusal.Blockers)
		require.ErrorContains(t, err, bought.ID.String())
		must(s.Stock.Deactivate(s.ctx, "ham", "ber"))(s) // nothing points there
		require.Equal(t, "free 13 qc 1", s.shelf("tee", "ber"))
	})
}

func TestHoldsThatRaceWithADeactivationAreAtTheTargetOrRefused(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		won, lost := race(5, func(i int) error {
			if i == 2 {
				return errOf(s.Stock.Deactivate(s.ctx, "ber", "ham"))
			}
			return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: fmt.Sprintf("deal-%d", i), Item: "tee", Location: "ber", Qty: 1}}))
		})
		for _, err := range lost {
			require.ErrorIs(t, err, inventory.ErrShortage)
		}
		require.Empty(t, s.shelf("tee", "ber"), "nothing stays behind")
		want := fmt.Sprintf("free %d committed %d", 15-(won-1), won-1)
		if won == 1 {
			want = "free 15"
		}
		require.Equal(t, want, s.shelf("tee", "ham"))
	})
}
