package oms_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// hold asks for tees in Berlin; softly if a moment is given.
func hold(owner string, qty int64, until time.Time) []inventory.Hold {
	return []inventory.Hold{{Owner: owner, Item: "tee", Location: "ber", Qty: qty, Until: until}}
}

func (s *shop) ats(item, location, owner string) int64 {
	s.t.Helper()
	return must(s.Stock.Availability(s.ctx, item, location, owner))(s).ATS
}

func TestASoftHoldIsReplacedByTheSameOwner(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		until := s.clock.read().Add(time.Hour)
		must(s.Stock.Reserve(s.ctx, hold("cart-1", 10, until)))(s)
		require.Equal(s.t, "soft 10", s.shelf("tee", "ber"))
		require.Equal(s.t, int64(0), s.ats("tee", "ber", ""))
		require.Equal(s.t, int64(10), s.ats("tee", "ber", "cart-1"), "nobody is blocked by an own cart")
		must(s.Stock.Reserve(s.ctx, hold("cart-1", 4, until)))(s)
		require.Equal(s.t, "free 6 soft 4", s.shelf("tee", "ber"))
		must(s.Stock.Reserve(s.ctx, hold("cart-1", 10, until)))(s)
		require.Equal(s.t, "soft 10", s.shelf("tee", "ber"))
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Reserve(s.ctx, hold("cart-1", 11, until))) })
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Reserve(s.ctx, hold("cart-2", 1, until))) })
		held := must(s.Stock.Reservations(s.ctx, "cart-1"))(s)
		require.Len(s.t, held, 1)
		require.Equal(s.t, int64(10), held[0].Soft)
		require.True(s.t, until.Equal(held[0].Until))
	})
}

func TestACommittedHoldAdds(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		must(s.Stock.Reserve(s.ctx, hold("job-1", 4, time.Time{})))(s)
		must(s.Stock.Reserve(s.ctx, hold("job-1", 4, time.Time{})))(s)
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Reserve(s.ctx, hold("job-1", 4, time.Time{}))) })
		require.Equal(s.t, "free 2 committed 8", s.shelf("tee", "ber"))
		must(s.Stock.Ship(s.ctx, "job-1"))(s)
		require.Equal(s.t, "free 2", s.shelf("tee", "ber"))
		s.refuses(inventory.ErrReservation, func() error { return errOf(s.Stock.Ship(s.ctx, "job-1")) })
		s.refuses(inventory.ErrReservation, func() error { return errOf(s.Stock.Release(s.ctx, "job-1")) })
	})
}

func TestAnExpiredHoldBlocksNobody(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		now := s.clock.read()
		must(s.Stock.Reserve(s.ctx, hold("cart-1", 8, now.Add(time.Minute))))(s)
		s.clock.turn(time.Minute - time.Microsecond)
		require.Equal(s.t, int64(2), s.ats("tee", "ber", ""))
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Reserve(s.ctx, hold("cart-2", 3, time.Time{}))) })
		s.clock.turn(time.Microsecond)
		require.Equal(s.t, int64(10), s.ats("tee", "ber", ""), "a hold ends at its moment, whoever has tidied up")
		s.refuses(inventory.ErrExpiry, func() error { return errOf(s.Stock.Commit(s.ctx, "cart-1")) })
		must(s.Stock.Reserve(s.ctx, hold("cart-2", 9, time.Time{})))(s)
		require.Equal(s.t, "free 1 committed 9", s.shelf("tee", "ber"))
		s.refuses(inventory.ErrReservation, func() error { return errOf(s.Stock.Commit(s.ctx, "cart-1")) })
	})
}

func TestSweepingExpiredHoldsOnlyTidies(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		now := s.clock.read()
		must(s.Stock.Reserve(s.ctx, hold("cart-1", 3, now.Add(time.Minute))))(s)
		must(s.Stock.Reserve(s.ctx, hold("cart-2", 3, now.Add(time.Hour))))(s)
		s.unchanged(func() error { return errOf(s.Stock.Sweep(s.ctx, "tee")) })
		s.clock.turn(time.Minute)
		before := s.ats("tee", "", "")
		p := must(s.Stock.Sweep(s.ctx, "tee"))(s)
		require.Equal(s.t, inventory.ReasonExpire, p.Reason)
		require.Equal(s.t, "free 7 soft 3", s.shelf("tee", "ber"))
		require.Equal(s.t, before, s.ats("tee", "", ""))
	})
}

func TestAHoldNeedsALifeThatIsAheadAndBounded(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		now := s.clock.read()
		for _, until := range []time.Time{now, now.Add(-5 * time.Second), now.Add(inventory.MaxHold + time.Microsecond), time.Unix(1<<53, 0)} {
			s.refuses(inventory.ErrExpiry, func() error { return errOf(s.Stock.Reserve(s.ctx, hold("cart-1", 1, until))) })
		}
		must(s.Stock.Reserve(s.ctx, hold("cart-1", 1, now.Add(inventory.MaxHold))))(s)
	})
}

func TestReservingIsAllOrNothingAndListsEveryShortage(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		before := s.dump()
		_, err := s.Stock.Reserve(s.ctx, []inventory.Hold{
			{Owner: "job", Line: 1, Item: "tee", Location: "ber", Qty: 6},
			{Owner: "job", Line: 2, Item: "tee", Location: "ber", Qty: 6},
			{Owner: "job", Line: 3, Item: "mug", Location: "ham", Qty: 1},
			{Owner: "job", Line: 4, Item: "mug", Location: "ber", Qty: 1},
		})
		s.refused(inventory.ErrShortage, err, before)
		var short *inventory.ShortageError
		require.ErrorAs(s.t, err, &short)
		require.Equal(s.t, []inventory.Shortage{
			{Line: 2, Item: "tee", Location: "ber", Want: 6, Have: 4},
			{Line: 3, Item: "mug", Location: "ham", Want: 1, Have: 0},
		}, short.Short)
	})
}

func TestOneCallHoldsForOneOwnerAndNeverForAnOrder(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.place(line("tee", 2))
		mine := "order/" + o.ID.String()
		two := append(hold("a", 1, time.Time{}), hold("b", 1, time.Time{})...)
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.Reserve(s.ctx, two)) })
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.Reserve(s.ctx, hold(mine, 1, time.Time{}))) })
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.Commit(s.ctx, mine)) })
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.Release(s.ctx, mine)) })
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.Ship(s.ctx, mine)) })
		require.Equal(s.t, "reserved 2", s.places(o.ID, 1))
	})
}

func TestReservedUnitsAreOutOfReach(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.place(line("tee", 8))
		s.refuses(inventory.ErrShortage, func() error {
			return errOf(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "tee", Location: "ber", Delta: -3, Reason: inventory.ReasonLost}))
		})
		s.refuses(inventory.ErrShortage, func() error {
			return errOf(s.Stock.Transfer(s.ctx, inventory.Shift{Item: "tee", From: "ber", To: "ham", Qty: 3}))
		})
		for _, st := range []inventory.State{inventory.Soft, inventory.Committed, inventory.Picked, inventory.Packed} {
			s.refuses(inventory.ErrState, func() error {
				return errOf(s.Stock.Move(s.ctx, []inventory.Movement{{Item: "tee", From: inventory.At("ber", st), To: inventory.At("ber", inventory.Free), Qty: 1}}, inventory.ReasonInspect, ""))
			})
			s.refuses(inventory.ErrState, func() error {
				return errOf(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "tee", Location: "ber", State: st, Delta: 1, Reason: inventory.ReasonFound}))
			})
		}
		must(s.Stock.Transfer(s.ctx, inventory.Shift{Item: "tee", From: "ber", To: "ham", Qty: 2}))(s)
		require.Equal(s.t, "committed 8", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 7", s.shelf("tee", "ham"))
	})
}

func TestStockCommandsRefuseWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		free, held := inventory.At("ber", inventory.Free), inventory.At("ber", inventory.Held)
		for name, c := range map[string]struct {
			want error
			run  func() error
		}{
			"item": {inventory.ErrUnknownItem, func() error {
				return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "hat", Location: "ber", Qty: 1}))
			}},
			"location": {inventory.ErrUnknownLocation, func() error {
				return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Location: "muc", Qty: 1}))
			}},
			"untracked": {inventory.ErrUntracked, func() error {
				return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "wrap", Location: "ber", Qty: 1}))
			}},
			"state": {inventory.ErrState, func() error {
				return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 1, Into: inventory.Packed}))
			}},
			"zero": {inventory.ErrQuantity, func() error { return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Location: "ber"})) }},
			"negative": {inventory.ErrQuantity, func() error {
				return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: -1}))
			}},
			"too many": {inventory.ErrQuantity, func() error {
				return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: inventory.MaxQty + 1}))
			}},
			"sum too many": {inventory.ErrQuantity, func() error {
				return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: inventory.MaxQty}))
			}},
			"lot": {inventory.ErrID, func() error {
				return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Lot: " l", Location: "ber", Qty: 1}))
			}},
			"adjust reason": {inventory.ErrReason, func() error {
				return errOf(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "tee", Location: "ber", Delta: 1, Reason: "wibble"}))
			}},
			"adjust nothing": {inventory.ErrQuantity, func() error {
				return errOf(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "tee", Location: "ber", Reason: inventory.ReasonCount}))
			}},
			"adjust smallest": {inventory.ErrQuantity, func() error {
				return errOf(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "tee", Location: "ber", Delta: -1 << 63, Reason: inventory.ReasonCount}))
			}},
			"move reason": {inventory.ErrReason, func() error {
				return errOf(s.Stock.Move(s.ctx, []inventory.Movement{{Item: "tee", From: free, To: held, Qty: 1}}, "wibble", ""))
			}},
			"move to itself": {inventory.ErrState, func() error {
				return errOf(s.Stock.Move(s.ctx, []inventory.Movement{{Item: "tee", From: free, To: free, Qty: 1}}, inventory.ReasonInspect, ""))
			}},
			"move nowhere": {inventory.ErrState, func() error {
				return errOf(s.Stock.Move(s.ctx, []inventory.Movement{{Item: "tee", From: free, Qty: 1}}, inventory.ReasonInspect, ""))
			}},
			"transfer": {inventory.ErrState, func() error {
				return errOf(s.Stock.Transfer(s.ctx, inventory.Shift{Item: "tee", From: "ber", To: "ber", Qty: 1}))
			}},
			"owner":        {inventory.ErrID, func() error { return errOf(s.Stock.Reserve(s.ctx, hold("", 1, time.Time{}))) }},
			"owner spaced": {inventory.ErrID, func() error { return errOf(s.Stock.Reserve(s.ctx, hold(" cart", 1, time.Time{}))) }},
			"item id":      {inventory.ErrID, func() error { return s.Stock.AddItem(s.ctx, inventory.Item{ID: " tee"}) }},
			"item scale":   {inventory.ErrQuantity, func() error { return s.Stock.AddItem(s.ctx, inventory.Item{ID: "x", Scale: 10}) }},
			"location id":  {inventory.ErrID, func() error { return s.Stock.AddLocation(s.ctx, inventory.Location{ID: ""}) }},
			"tracked item": {inventory.ErrUntracked, func() error { return s.Stock.AddItem(s.ctx, inventory.Item{ID: "tee", Untracked: true}) }},
		} {
			require.NotNil(s.t, c.run, name)
			s.refuses(c.want, c.run)
			before := s.dump()
			s.refused(c.want, c.run(), before)
		}
	})
}

func TestAvailabilityExplainsItself(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "tee", Safety: 4}))
		cart(s, "cart-1", "tee", 3)
		a := must(s.Stock.Availability(s.ctx, "tee", "", "cart-1"))(s)
		require.Equal(s.t, int64(6+1), a.ATS)
		require.Equal(s.t, int64(15), a.OnHand)
		var sum int64
		for _, term := range a.Terms {
			sum += term.Qty
		}
		require.Equal(s.t, a.ATS, sum, "the terms add up")
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: "ham", Inactive: true}))
		require.Equal(s.t, int64(6), s.ats("tee", "", "cart-1"), "an inactive location promises nothing")
		require.Equal(s.t, int64(0), s.ats("tee", "ham", ""))
		s.refuses(inventory.ErrShortage, func() error {
			return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "x", Item: "tee", Location: "ham", Qty: 1}}))
		})
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("tee", 4)))) })
		s.place(line("tee", 3))
		require.Equal(s.t, int64(inventory.Unlimited), s.ats("wrap", "", ""))
		s.refuses(inventory.ErrUnknownItem, func() error { return errOf(s.Stock.Availability(s.ctx, "hat", "", "")) })
	})
}

func TestTheLogOfPostingsIsTheStock(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		opened := s.clock.read()
		s.clock.turn(time.Hour)
		p := must(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "tee", Location: "ber", Delta: -2, Reason: inventory.ReasonCount, Ref: "count-1"}, oms.By("ada")))(s)
		require.NotEqual(s.t, uuid.Nil, p.ID)
		require.Equal(s.t, inventory.Posting{
			ID: p.ID, Reason: inventory.ReasonCount, Document: "count-1", Actor: "ada", At: s.clock.read(),
			Movements: []inventory.Movement{{Item: "tee", From: inventory.At("ber", inventory.Free), To: inventory.Outside(inventory.Shrink), Qty: 2}},
		}, p)
		require.Equal(s.t, []inventory.Posting{p}, must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Document: "count-1"}))(s))
		require.Len(s.t, must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Item: "tee"}))(s), 3)
		was := must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Item: "tee", Until: opened}))(s)
		require.Len(s.t, was, 2, "stock as of a moment is the sum of what was posted until then")
		two := must(s.Stock.Move(s.ctx, []inventory.Movement{
			{Item: "tee", From: inventory.At("ber", inventory.Free), To: inventory.Outside(inventory.Scrap), Qty: 1},
			{Item: "mug", From: inventory.At("ber", inventory.Free), To: inventory.At("ham", inventory.Free), Qty: 1},
		}, inventory.ReasonInspect, "qa-1"))(s)
		mugs := must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Item: "mug", Document: "qa-1"}))(s)
		require.Len(s.t, mugs, 1)
		require.Equal(s.t, two.ID, mugs[0].ID)
		require.Equal(s.t, two.Movements[1:], mugs[0].Movements)
	})
}

func TestLotsAreTakenInTheirOrderOrByName(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		for _, lot := range []string{"l2", "l1"} {
			must(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "mug", Lot: lot, Location: "ham", Qty: 2}))(s)
		}
		o, work := s.open(line("mug", 13))
		require.Equal(s.t, []int64{10, 3}, []int64{work[0].Lines[0].Qty, work[1].Lines[0].Qty}, "the lots of a location are one task")
		require.Equal(s.t, "free 1 committed 3", s.shelf("mug", "ham"))
		must(s.Fulfillment.Pick(s.ctx, work[1].ID, []order.LineQty{{Line: 1, Qty: 1}, {Line: 1, Qty: 2}}))(s)
		must(s.Fulfillment.Ship(s.ctx, work[1].ID, nil))(s)
		require.Equal(s.t, "free 1", s.shelf("mug", "ham"))
		require.Equal(s.t, "reserved 10 shipped 3", s.places(o.ID, 1))
		s.refuses(inventory.ErrShortage, func() error {
			return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "x", Item: "mug", Lot: "l1", Location: "ham", Qty: 1}}))
		})
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "x", Item: "mug", Lot: "l2", Location: "ham", Qty: 1}}))(s)
	})
}

func TestTheLastUnitIsHeldOnce(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		must(s.Stock.Reserve(s.ctx, hold("before", 9, time.Time{})))(s)
		won, lost := race(64, func(i int) error {
			return errOf(s.Stock.Reserve(s.ctx, hold(fmt.Sprintf("cart-%d", i), 1, time.Time{})))
		})
		require.Equal(s.t, 1, won)
		for _, err := range lost {
			require.ErrorIs(s.t, err, inventory.ErrShortage)
		}
		require.Equal(s.t, "committed 10", s.shelf("tee", "ber"))
	})
}

func TestNothingIsNoCommand(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.refuses(inventory.ErrQuantity, func() error { return errOf(s.Stock.Reserve(s.ctx, nil)) })
		s.refuses(inventory.ErrQuantity, func() error { return errOf(s.Stock.Move(s.ctx, nil, inventory.ReasonDamage, "")) })
	})
}

func TestWhatCouldNotBeFoundAgainIsNotRecorded(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		in := inventory.Receipt{Item: "tee", Location: "ber", Qty: 1, Ref: "po-1"}
		for _, bad := range []string{"\xff", "a\x00b", "a\nb", strings.Repeat("x", 129)} {
			s.refuses(oms.ErrOption, func() error { return errOf(s.Stock.Receive(s.ctx, in, oms.Key(bad))) })
			s.refuses(oms.ErrOption, func() error { return errOf(s.Stock.Receive(s.ctx, in, oms.By(bad))) })
			s.refuses(inventory.ErrID, func() error {
				odd := in
				odd.Ref = bad
				return errOf(s.Stock.Receive(s.ctx, odd))
			})
			s.refuses(inventory.ErrID, func() error { return s.Stock.AddItem(s.ctx, inventory.Item{ID: "hat", Name: bad}) })
			s.refuses(inventory.ErrID, func() error { return s.Stock.AddItem(s.ctx, inventory.Item{ID: "hat", SKU: bad}) })
			s.refuses(inventory.ErrID, func() error { return s.Stock.AddLocation(s.ctx, inventory.Location{ID: "muc", Name: bad}) })
			s.refuses(inventory.ErrID, func() error { return s.Stock.AddLocation(s.ctx, inventory.Location{ID: "muc", Country: bad}) })
		}
		s.refuses(oms.ErrOption, func() error { return errOf(s.Stock.Receive(s.ctx, in, oms.Key(""))) })
		must(s.Stock.Receive(s.ctx, in, oms.Key(strings.Repeat("x", 128)), oms.By("")))(s)
	})
}
