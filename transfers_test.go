package oms_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/transfer"
	"github.com/orderkit/oms/storage"
)

// haul drafts a transfer of tees from Berlin to Hamburg that is expected in a day.
func (s *shop) haul(qty int64) transfer.Transfer {
	s.t.Helper()
	return must(s.Transfers.Draft(s.ctx, transfer.Draft{
		Reference: "t-1", From: "ber", To: "ham", Expected: s.clock.read().Add(24 * time.Hour), Lines: []transfer.DraftLine{{Item: "tee", Qty: qty}},
	}, oms.By("ann")))(s)
}

// onTheRoad drafts one, makes it ready and ships it.
func (s *shop) onTheRoad(qty int64) transfer.Transfer {
	s.t.Helper()
	x := must(s.Transfers.Ready(s.ctx, s.haul(qty).ID))(s)
	return must(s.Transfers.Ship(s.ctx, x.ID, transfer.Shipping{Ref: "truck-1"}))(s)
}

func came(qty int64) transfer.Receiving {
	return transfer.Receiving{Arrivals: []transfer.Arrival{{Line: 1, Qty: qty}}}
}

// expected reads what is left of the supply of an item: its live documents.
func (s *shop) expected(item string) int64 {
	s.t.Helper()
	var sum int64
	s.do(s.store.View(s.ctx, "", func(ctx context.Context, tx storage.Tx) error {
		sum = 0
		found, err := tx.Documents().List(ctx, "supply", storage.DocumentFilter{Parents: []string{item}, Live: true})
		for range found {
			sum++
		}
		return err
	}))
	return sum
}

func TestATransferIsOneStoryFromDraftToReceipt(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		x := s.haul(6)
		require.Equal(s.t, "free 10", s.shelf("tee", "ber"))
		x = must(s.Transfers.Ready(s.ctx, x.ID))(s)
		require.Equal(s.t, "free 4 committed 6", s.shelf("tee", "ber"))
		require.Equal(s.t, int64(4), s.ats("tee", "ber", ""))
		x = must(s.Transfers.Ship(s.ctx, x.ID, transfer.Shipping{Units: []transfer.Units{{Line: 1, Qty: 4}}}))(s)
		require.Equal(s.t, "free 4 committed 2", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 5", s.shelf("tee", "ham"))
		require.Equal(s.t, int64(1), s.expected("tee"), "what is on the road is expected")
		s.verify()
		x = must(s.Transfers.Ship(s.ctx, x.ID, transfer.Shipping{}))(s)
		x = must(s.Transfers.Receive(s.ctx, x.ID, transfer.Receiving{Ref: "dn-1", Arrivals: []transfer.Arrival{
			{Line: 1, Qty: 3}, {Line: 1, Qty: 1, Into: inventory.QC}, {Line: 1, Qty: 1, As: transfer.Rejected},
		}}))(s)
		require.Equal(s.t, "free 8 qc 1 damaged 1", s.shelf("tee", "ham"))
		s.verify()
		x = must(s.Transfers.Close(s.ctx, x.ID, "never seen again"))(s)
		require.Equal(s.t, transfer.StateVariance, x.State)
		require.Equal(s.t, transfer.Part{Received: 4, Rejected: 1, Lost: 1}, x.Sum())
		require.Zero(s.t, s.expected("tee"))
		s.same(x, must(s.Transfers.Get(s.ctx, x.ID))(s))
		told := must(s.Transfers.Timeline(s.ctx, x.ID))(s)
		require.Equal(s.t, []string{"transfer.drafted", "transfer.ready", "transfer.shipped", "transfer.shipped", "transfer.received", "transfer.variance"}, kinds(told))
		require.Equal(s.t, "ann", told[0].Actor)
		for i, e := range told {
			require.Equal(s.t, int64(i+1), e.Version)
		}
		require.Len(s.t, must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Document: x.Owner()}))(s), 5)
	})
}

func TestTheStockOfATransferMovesByItsCommandsOnly(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		x := must(s.Transfers.Ready(s.ctx, s.haul(6).ID))(s)
		for _, run := range []func() error{
			func() error { return errOf(s.Stock.Release(s.ctx, x.Owner())) },
			func() error { return errOf(s.Stock.Ship(s.ctx, x.Owner())) },
			func() error { return errOf(s.Stock.Commit(s.ctx, x.Owner())) },
			func() error { return errOf(s.Stock.Reserve(s.ctx, hold(x.Owner(), 1, time.Time{}))) },
		} {
			s.refuses(inventory.ErrOwner, run)
		}
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Reserve(s.ctx, hold("cart", 5, time.Time{}))) })
		for _, m := range []inventory.Movement{
			{Item: "tee", From: inventory.Outside(inventory.InTransit), To: inventory.At("ham", inventory.Free), Qty: 1},
			{Item: "tee", From: inventory.At("ham", inventory.Free), To: inventory.Outside(inventory.InTransit), Qty: 1},
		} {
			s.refuses(inventory.ErrState, func() error {
				return errOf(s.Stock.Move(s.ctx, []inventory.Movement{m}, inventory.ReasonTransfer, ""))
			})
		}
		must(s.Transfers.Cancel(s.ctx, x.ID, "not needed"))(s)
		require.Equal(s.t, "free 10", s.shelf("tee", "ber"))
	})
}

func TestARefusedTransferCommandLeavesNoTrace(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		x := s.onTheRoad(6)
		s.refuses(transfer.ErrOverReceipt, func() error { return errOf(s.Transfers.Receive(s.ctx, x.ID, came(7))) })
		s.refuses(transfer.ErrUnknownLine, func() error {
			return errOf(s.Transfers.Receive(s.ctx, x.ID, transfer.Receiving{Arrivals: []transfer.Arrival{{Line: 1, Qty: 1}, {Line: 2, Qty: 1}}}))
		})
		s.refuses(transfer.ErrTransition, func() error { return errOf(s.Transfers.Cancel(s.ctx, x.ID, "")) })
		s.refuses(transfer.ErrReason, func() error { return errOf(s.Transfers.Close(s.ctx, x.ID, "")) })
		s.refuses(transfer.ErrNotFound, func() error { return errOf(s.Transfers.Ready(s.ctx, transfer.ID{UUID: uuid.Max})) })
		s.refuses(inventory.ErrUnknownLocation, func() error {
			return errOf(s.Transfers.Draft(s.ctx, transfer.Draft{From: "ber", To: "rom", Lines: []transfer.DraftLine{{Item: "tee", Qty: 1}}}))
		})
		d := s.haul(5)
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Transfers.Ready(s.ctx, d.ID)) })
		must(s.Transfers.Edit(s.ctx, d.ID, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "tee", Qty: 4}}}))(s)
		must(s.Transfers.Ready(s.ctx, d.ID))(s)
		must(s.Transfers.Receive(s.ctx, x.ID, came(6)))(s)
		s.refuses(transfer.ErrTransition, func() error { return errOf(s.Transfers.Receive(s.ctx, x.ID, came(1))) })
	})
}

func TestRepeatedTransferCommandsDoNothing(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		plan := transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "tee", Qty: 6}}}
		x := must(s.Transfers.Draft(s.ctx, plan, oms.Key("draft")))(s)
		s.unchanged(func() error {
			again, err := s.Transfers.Draft(s.ctx, plan, oms.Key("draft"))
			require.Equal(s.t, x.ID, again.ID)
			return err
		})
		must(s.Transfers.Ready(s.ctx, x.ID, oms.Key("ready")))(s)
		s.unchanged(func() error { return errOf(s.Transfers.Ready(s.ctx, x.ID, oms.Key("ready"))) })
		must(s.Transfers.Ship(s.ctx, x.ID, transfer.Shipping{}, oms.Key("ship")))(s)
		s.unchanged(func() error { return errOf(s.Transfers.Ship(s.ctx, x.ID, transfer.Shipping{}, oms.Key("ship"))) })
		in := came(6)
		in.Ref = "dn-1"
		must(s.Transfers.Receive(s.ctx, x.ID, in))(s)
		s.unchanged(func() error { return errOf(s.Transfers.Receive(s.ctx, x.ID, in)) })
		s.refuses(oms.ErrKey, func() error { return errOf(s.Transfers.Draft(s.ctx, transfer.Draft{}, oms.Key("draft"))) })
	})
}

func TestOfTwoReceiptsOfTheLastUnitsOneWins(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		x := s.onTheRoad(6)
		must(s.Transfers.Receive(s.ctx, x.ID, came(2)))(s)
		won, lost := race(4, func(int) error { return errOf(s.Transfers.Receive(s.ctx, x.ID, came(3))) })
		require.Equal(s.t, 1, won)
		for _, err := range lost {
			require.True(s.t, errors.Is(err, transfer.ErrOverReceipt) || errors.Is(err, storage.ErrConflict), "%v", err)
		}
		require.Equal(s.t, "free 10", s.shelf("tee", "ham"))
		require.Equal(s.t, int64(1), must(s.Transfers.Get(s.ctx, x.ID))(s).Lines[0].Sum().InTransit)
	})
}

func TestASaleAndATransferNeverTakeTheSameUnits(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		x := s.haul(6)
		won, _ := race(2, func(i int) error {
			if i == 0 {
				return errOf(s.Transfers.Ready(s.ctx, x.ID))
			}
			return errOf(s.Stock.Reserve(s.ctx, hold("cart", 6, time.Time{})))
		})
		require.Equal(s.t, 1, won)
		require.Equal(s.t, "free 4 committed 6", s.shelf("tee", "ber"))
	})
}

func TestTransfersAreFoundByDestinationNewestFirst(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var made []transfer.ID
		for _, to := range []string{"ham", "ham", "ber", "ham"} {
			from := map[string]string{"ham": "ber", "ber": "ham"}[to]
			made = append(made, must(s.Transfers.Draft(s.ctx, transfer.Draft{From: from, To: to, Lines: []transfer.DraftLine{{Item: "tee", Qty: 1}}}))(s).ID)
			s.clock.turn(time.Minute)
		}
		must(s.Transfers.Cancel(s.ctx, made[1], ""))(s)
		list := func(f transfer.Filter) []transfer.ID {
			var out []transfer.ID
			for _, x := range must(s.Transfers.Page(s.ctx, f))(s) {
				out = append(out, x.ID)
			}
			return out
		}
		require.Equal(s.t, []transfer.ID{made[3], made[1], made[0], made[2]}, list(transfer.Filter{}))
		require.Equal(s.t, []transfer.ID{made[3], made[0]}, list(transfer.Filter{To: []string{"ham"}, Open: true}))
		require.Equal(s.t, []transfer.ID{made[1], made[0]}, list(transfer.Filter{After: made[3], Limit: 2}))
		s.refuses(transfer.ErrNotFound, func() error {
			return errOf(s.Transfers.Page(s.ctx, transfer.Filter{After: transfer.ID{UUID: uuid.Max}}))
		})
		can := must(s.Transfers.Actions(s.ctx, made[0]))(s)
		require.Equal(s.t, transfer.ActionReady, can[0].Action)
		require.True(s.t, can[0].Allowed)
	})
}

func TestAHostMaySendTransfersThroughCustoms(t *testing.T) {
	t.Parallel()
	flow, err := transfer.NewFlow(transfer.WithState(transfer.StateDef{Name: "at_customs"}),
		transfer.WithEdge("declare", "at_customs", transfer.StateInTransit), transfer.WithEdge("clear", transfer.StateInTransit, "at_customs"))
	require.NoError(t, err)
	onStores(t, func(s *shop) {
		x := s.onTheRoad(2)
		x = must(s.Transfers.Take(s.ctx, x.ID, "declare"))(s)
		require.Equal(s.t, transfer.State("at_customs"), x.State)
		s.refuses(transfer.ErrTransition, func() error { return errOf(s.Transfers.Receive(s.ctx, x.ID, came(2))) })
		must(s.Transfers.Take(s.ctx, x.ID, "clear"))(s)
		must(s.Transfers.Receive(s.ctx, x.ID, came(2)))(s)
	}, oms.WithTransferFlow(flow))
}

func TestManyShiftsAreOnePosting(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		p := must(s.Stock.TransferAll(s.ctx, []inventory.Shift{{Item: "tee", From: "ber", To: "ham", Qty: 3}, {Item: "mug", From: "ber", To: "ham", Qty: 4}}, "bulk-1"))(s)
		require.Len(s.t, p.Movements, 2)
		require.Equal(s.t, "free 8", s.shelf("tee", "ham"))
		require.Equal(s.t, "free 4", s.shelf("mug", "ham"))
		s.refuses(inventory.ErrShortage, func() error {
			return errOf(s.Stock.TransferAll(s.ctx, []inventory.Shift{{Item: "tee", From: "ber", To: "ham", Qty: 3}, {Item: "tee", From: "ber", To: "ham", Qty: 5}}, "bulk-2"))
		})
	})
}

func TestVerifySeesWhatATransferAndTheLedgerDisagreeOn(t *testing.T) {
	t.Parallel()
	s := newShop(t, stores[0].open)
	s.furnish()
	x := s.onTheRoad(6)
	s.verify()
	s.do(s.store.Update(s.ctx, "", func(ctx context.Context, tx storage.Tx) error {
		return tx.Documents().Drop(ctx, "transfer", x.ID.String())
	}))
	var laws []string
	for _, d := range must(s.Verify(s.ctx))(s) {
		laws = append(laws, d.Law)
	}
	require.Equal(t, []string{"units in transit are those of the transfers", "the supply of a transfer is what is in transit"}, laws)
}
