package oms_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

const lotDay = 24 * time.Hour

// milk adds an item that is taken by expiry, with two lots: the one that came later
// expires first.
func (s *shop) milk() (late, soon time.Time) {
	s.t.Helper()
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "milk", Picking: inventory.FEFO}))
	late, soon = s.clock.read().Add(20*lotDay), s.clock.read().Add(5*lotDay)
	s.lot("late", 10, late)
	s.clock.turn(time.Hour)
	s.lot("soon", 3, soon)
	return late, soon
}

func (s *shop) lot(id string, qty int64, expires time.Time) {
	s.t.Helper()
	s.do(errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "milk", Lot: id, Location: "ber", Qty: qty, Expires: expires, Ref: "po-" + id})))
}

func TestOrdersTakeLotsByExpiryAndARecallFindsThem(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		late, soon := s.milk()
		lots := must(s.Stock.Lots(s.ctx, "milk"))(s)
		require.Equal(t, []inventory.Lot{
			{Item: "milk", ID: "late", Expires: late, Received: s.clock.read().Add(-time.Hour), Origin: "po-late", Version: 1},
			{Item: "milk", ID: "soon", Expires: soon, Received: s.clock.read(), Origin: "po-soon", Version: 1},
		}, lots)
		o, work := s.open(line("milk", 5))
		for _, r := range must(s.Stock.Recall(s.ctx, "milk", "soon"))(s).Held {
			require.EqualValues(t, 3, r.Committed)
			require.Equal(t, "order/"+o.ID.String(), r.Owner)
		}
		s.do(errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, []fulfillment.Parcel{boxOf(units(1, 5)...)})))
		blocked := must(s.Stock.BlockLot(s.ctx, "milk", "late", "glass", oms.Key("block")))(s)
		require.Equal(t, "glass", blocked.Blocked)
		require.Equal(t, blocked, must(s.Stock.BlockLot(s.ctx, "milk", "late", "glass", oms.Key("block")))(s))
		require.Equal(t, blocked, must(s.Stock.BlockLot(s.ctx, "milk", "late", "glass"))(s), "again changes nothing")
		require.Zero(t, s.ats("milk", "", ""))
		_, err := s.Orders.Place(s.ctx, draft(line("milk", 1)))
		require.ErrorIs(t, err, inventory.ErrShortage)
		found := must(s.Stock.Recall(s.ctx, "milk", "late"))(s)
		require.Equal(t, blocked, found.Lot)
		require.Equal(t, []oms.Handed{{Document: o.Number, Qty: 2, Last: s.clock.read()}}, found.Sent)
		require.Len(t, found.Here, 1)
		require.EqualValues(t, 8, found.Here[0].Of(inventory.Free))
		require.Empty(t, found.Held)
		require.Empty(t, found.Back)
		found = must(s.Stock.Recall(s.ctx, "milk", "soon"))(s)
		require.Empty(t, found.Here)
		require.EqualValues(t, 3, found.Sent[0].Qty)
		s.do(errOf(s.Stock.UnblockLot(s.ctx, "milk", "late")))
		require.EqualValues(t, 8, s.ats("milk", "", ""))
		for _, lot := range []string{"", "none"} {
			s.refuses(inventory.ErrLot, func() error { return errOf(s.Stock.BlockLot(s.ctx, "milk", lot, "why")) })
			s.refuses(inventory.ErrLot, func() error { return errOf(s.Stock.UnblockLot(s.ctx, "milk", lot)) })
			_, err := s.Stock.Recall(s.ctx, "milk", lot)
			require.ErrorIs(t, err, inventory.ErrLot)
		}
		s.refuses(inventory.ErrLot, func() error { return errOf(s.Stock.BlockLot(s.ctx, "milk", "late", "")) })
	})
}

func TestHoldsOfALotThatWentBadAreNotCommitted(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.milk()
		soft := inventory.Hold{Owner: "cart-7", Item: "milk", Location: "ber", Qty: 4, Until: s.clock.read().Add(6 * lotDay)}
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{soft}))(s)
		units := []inventory.HeldUnits{{Item: "milk", Location: "ber", Qty: 4}}
		refused := func(lot string) {
			for _, commit := range []func() error{
				func() error { return errOf(s.Stock.Commit(s.ctx, "cart-7")) },
				func() error { return errOf(s.Stock.CommitUnits(s.ctx, "cart-7", units)) },
			} {
				s.refuses(inventory.ErrLot, func() error {
					err := commit()
					var bad *inventory.LotError
					require.ErrorAs(t, err, &bad)
					require.Equal(t, []string{"milk", lot}, []string{bad.Item, bad.Lot})
					return err
				})
			}
		}
		must(s.Stock.BlockLot(s.ctx, "milk", "late", "glass"))(s)
		refused("late")
		must(s.Stock.CommitUnits(s.ctx, "cart-7", []inventory.HeldUnits{{Item: "milk", Lot: "soon", Location: "ber", Qty: 1}}))(s)
		must(s.Stock.UnblockLot(s.ctx, "milk", "late"))(s)
		s.clock.turn(5 * lotDay)
		refused("soon")
		units[0].Lot, units[0].Qty = "late", 1
		must(s.Stock.CommitUnits(s.ctx, "cart-7", units))(s)
		must(s.Stock.BlockLot(s.ctx, "milk", "late", "glass"))(s)
		must(s.Stock.Ship(s.ctx, "cart-7"))(s) // what was promised before is kept
		must(s.Stock.Release(s.ctx, "cart-7"))(s)
	})
}

func TestExpiredLotsAreSoldToNobody(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		_, soon := s.milk()
		hold := inventory.Hold{Owner: "cart", Item: "milk", Location: "ber", Qty: 3, Life: 6 * lotDay}
		p := must(s.Stock.Reserve(s.ctx, []inventory.Hold{hold}))(s)
		require.Equal(t, "late", p.Movements[0].Lot, "the other one does not last")
		s.clock.turn(5 * lotDay)
		require.False(t, s.clock.read().Before(soon))
		require.EqualValues(t, 7, s.ats("milk", "ber", ""))
		s.refuses(inventory.ErrLot, func() error {
			return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "cart", Item: "milk", Lot: "soon", Location: "ber", Qty: 1}}))
		})
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("milk", 8)))) })
		s.refuses(inventory.ErrLot, func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "milk", Lot: "soon", Location: "ber", Qty: 1}))
		})
		s.refuses(inventory.ErrLot, func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "milk", Lot: "late", Location: "ber", Qty: 1, Expires: soon}))
		})
	})
}

func TestPurchasesSayWhenTheirLotsExpire(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "milk", Picking: inventory.FEFO}))
		o := s.buy("milk", 10, 7)
		ends := s.clock.read().Add(9 * lotDay)
		r := purchasing.Receipt{Ref: "dn", Lines: []purchasing.ReceiptLine{
			{Line: 1, Accepted: 4, Lot: "a", Expiry: ends},
			{Line: 1, Accepted: 2, Lot: "a", Expiry: ends.Add(lotDay)},
		}}
		s.refuses(inventory.ErrLot, func() error { return errOf(s.Purchasing.Receive(s.ctx, o.ID, r)) })
		r.Lines[1] = purchasing.ReceiptLine{Line: 1, Rejected: 2, Reason: purchasing.RejectExpired, Lot: "b", Expiry: s.clock.read().Add(-lotDay)}
		s.do(errOf(s.Purchasing.Receive(s.ctx, o.ID, r)))
		lots := must(s.Stock.Lots(s.ctx, "milk"))(s)
		require.Len(t, lots, 2)
		require.Equal(t, ends, lots[0].Expires)
		require.Equal(t, o.Name(), lots[0].Origin)
		s.do(errOf(s.Purchasing.Receive(s.ctx, o.ID, purchasing.Receipt{Ref: "dn-2", Lines: []purchasing.ReceiptLine{{Line: 1, Accepted: 1, Lot: "a"}}})))
	})
}

func TestReturnedGoodsGoBackToTheLotTheyLeftFrom(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.milk()
		o, work := s.open(line("milk", 5)) // three of soon, two of late
		s.do(errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, nil)))
		r := s.back(o.ID, 4)
		s.do(errOf(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 3))))
		s.do(errOf(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 1))))
		s.do(errOf(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 3, As: returns.Restock}, {Line: 1, Qty: 1, As: returns.Damage}})))
		late := must(s.Stock.Recall(s.ctx, "milk", "late"))(s)
		require.Equal(t, []oms.Handed{{Document: "rma-1", Qty: 2, Last: s.clock.read()}}, late.Back)
		require.EqualValues(t, 2, late.Here[1].Of(inventory.Free))
		soon := must(s.Stock.Recall(s.ctx, "milk", "soon"))(s)
		require.EqualValues(t, 1, soon.Here[0].Of(inventory.Free))
		require.EqualValues(t, 1, soon.Here[0].Of(inventory.Damaged))
		again := must(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 1, Qty: 1, Reason: returns.Unwanted}}, "rma-2"))(s)
		s.do(errOf(s.Returns.Approve(s.ctx, again.ID)))
		s.do(errOf(s.Returns.Receive(s.ctx, again.ID, "ber", units(1, 1))))
		s.do(errOf(s.Returns.Inspect(s.ctx, again.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Scrap}})))
		soon = must(s.Stock.Recall(s.ctx, "milk", "soon"))(s)
		require.Len(t, soon.Back, 2)
		require.Equal(t, "rma-2", soon.Back[1].Document)
	})
}

func TestReturnsThatShareADocumentKeepTheirLotsApart(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.milk()
		sell := func(qty int64) order.ID {
			o, work := s.open(line("milk", qty))
			s.do(errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, nil)))
			return o.ID
		}
		comes := func(id order.ID, qty int64) returns.ID {
			r := must(s.Returns.Request(s.ctx, id, []returns.Wanted{{Line: 1, Qty: qty, Reason: returns.Unwanted}}, "box-1"))(s)
			s.do(errOf(s.Returns.Approve(s.ctx, r.ID)))
			s.do(errOf(s.Returns.Receive(s.ctx, r.ID, "ber", units(1, qty))))
			return r.ID
		}
		scrap := func(id returns.ID, qty int64) {
			s.do(errOf(s.Returns.Inspect(s.ctx, id, []returns.Disposed{{Line: 1, Qty: qty, As: returns.Scrap}})))
		}
		inQC := func(lot string) (sum int64) {
			for _, b := range must(s.Stock.Recall(s.ctx, "milk", lot))(s).Here {
				sum += b.Of(inventory.QC)
			}
			return sum
		}
		first, second := sell(3), sell(4) // all of soon, then of late
		soon, late := comes(first, 2), comes(second, 3)
		require.Equal(t, []int64{2, 3}, []int64{inQC("soon"), inQC("late")})
		scrap(soon, 2)
		require.Equal(t, []int64{0, 3}, []int64{inQC("soon"), inQC("late")}, "what is late is of the other return")
		scrap(late, 1)
		require.Equal(t, []int64{0, 2}, []int64{inQC("soon"), inQC("late")})
		scrap(late, 2)
		comes(first, 1)
		require.Equal(t, []int64{1, 0}, []int64{inQC("soon"), inQC("late")}, "the last of what the line shipped")
	})
}
