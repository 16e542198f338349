package oms_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
)

// cart holds tees in Berlin softly for ten minutes.
func (s *shop) cart(owner string, qty int64) inventory.Hold {
	return inventory.Hold{Owner: owner, Item: "tee", Location: "ber", Qty: qty, Until: s.clock.read().Add(10 * time.Minute)}
}

func TestALiveCartIsExtendedOncePerKey(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{s.cart("cart-1", 4)}))(s)
		until := s.clock.read().Add(time.Hour)
		got := must(s.Stock.Extend(s.ctx, "cart-1", until, oms.Key("more")))(s)
		require.Len(t, got, 1)
		require.Equal(t, until, got[0].Until)
		require.Equal(t, got, must(s.Stock.Reservations(s.ctx, "cart-1"))(s))
		s.unchanged(func() error { return errOf(s.Stock.Extend(s.ctx, "cart-1", until, oms.Key("more"))) })
		s.unchanged(func() error { return errOf(s.Stock.Extend(s.ctx, "cart-1", until)) })
		s.clock.turn(30 * time.Minute)
		require.EqualValues(t, 6, s.ats("tee", "ber", ""), "it still holds")
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.Extend(s.ctx, "order/x", until)) })
		s.refuses(inventory.ErrReservation, func() error { return errOf(s.Stock.Extend(s.ctx, "cart-2", until)) })
		s.clock.turn(time.Hour)
		s.refuses(inventory.ErrExpiry, func() error { return errOf(s.Stock.Extend(s.ctx, "cart-1", s.clock.read().Add(time.Hour))) })
		require.EqualValues(t, 10, s.ats("tee", "ber", ""))
	})
}

func TestPartOfACartIsCommitted(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{s.cart("cart-1", 4)}))(s)
		part := []inventory.HeldUnits{{Item: "tee", Location: "ber", Qty: 3}}
		p := must(s.Stock.CommitUnits(s.ctx, "cart-1", part, oms.Key("part")))(s)
		s.same(p, must(s.Stock.CommitUnits(s.ctx, "cart-1", part, oms.Key("part")))(s))
		require.Equal(t, "free 6 soft 1 committed 3", s.shelf("tee", "ber"))
		s.refuses(inventory.ErrReservation, func() error { return errOf(s.Stock.CommitUnits(s.ctx, "cart-1", part)) })
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.CommitUnits(s.ctx, "order/x", part)) })
		s.clock.turn(time.Hour)
		require.EqualValues(t, 7, s.ats("tee", "ber", ""), "the rest expires")
	})
}

func TestReserveAvailableTakesWhatThereIs(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		holds := []inventory.Hold{s.cart("cart-1", 8), {Owner: "cart-1", Line: 1, Item: "tee", Location: "ber", Qty: 8}, {Owner: "cart-1", Item: "mug", Location: "ham", Qty: 1}}
		p, taken, err := s.Stock.ReserveAvailable(s.ctx, holds, oms.Key("some"))
		s.do(err)
		require.Equal(t, []int64{8, 2, 0}, taken)
		again, taken, err := s.Stock.ReserveAvailable(s.ctx, holds, oms.Key("some"))
		s.do(err)
		s.same(p, again)
		require.Equal(t, []int64{8, 2, 0}, taken, "a repeat says the same")
		require.Equal(t, "soft 8 committed 2", s.shelf("tee", "ber"))
		s.unchanged(func() error {
			p, taken, err := s.Stock.ReserveAvailable(s.ctx, []inventory.Hold{s.cart("cart-2", 1)})
			require.Empty(t, p.Movements)
			require.Equal(t, []int64{0}, taken)
			return err
		})
		for want, h := range map[error]inventory.Hold{
			inventory.ErrOwner: s.cart("order/x", 1), inventory.ErrQuantity: s.cart("cart-2", 0), inventory.ErrUnknownItem: {Owner: "cart-2", Item: "hat", Location: "ber", Qty: 1},
		} {
			s.refuses(want, func() error {
				_, _, err := s.Stock.ReserveAvailable(s.ctx, []inventory.Hold{h})
				return err
			})
		}
	})
}
