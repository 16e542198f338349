package oms_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/order"
)

func (s *shop) atp(item, location string) []int64 {
	s.t.Helper()
	all := must(s.Stock.AvailableToPromise(s.ctx, item, location))(s)
	require.Equal(s.t, s.ats(item, location, ""), all[0].ATS, "for now it is what is available")
	out := make([]int64, len(all))
	for i := range all {
		out[i] = all[i].ATS
	}
	return out
}

func TestWhatIsExpectedMayBePromisedOnce(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		require.Equal(s.t, []int64{0}, s.atp("book", ""))
		po := s.buy("book", 10, 3)
		s.buy("book", 4, 6)
		require.Equal(s.t, []int64{0, 10, 14}, s.atp("book", ""))
		require.Equal(s.t, []int64{0, 10, 14}, s.atp("book", "ber"))
		require.Equal(s.t, []int64{0}, s.atp("book", "ham"))
		first, _ := s.open(line("book", 12))
		require.Equal(s.t, []int64{0, 2}, s.atp("book", "ber"), "ten of the first and two of the second are promised")
		all := must(s.Stock.AvailableToPromise(s.ctx, "book", "ber"))(s)
		at, ok := inventory.Earliest(all, 2)
		require.True(s.t, ok)
		require.Equal(s.t, s.day(6), at)
		_, ok = inventory.Earliest(all, 3)
		require.False(s.t, ok)
		second, _ := s.open(line("book", 2))
		queue := must(s.Orders.Promises(s.ctx, second.ID))(s)
		due, promised := queue[0].Date()
		require.True(s.t, promised, "what may be promised is")
		require.Equal(s.t, at, due)
		require.Equal(s.t, []int64{0}, s.atp("book", ""))
		s.do(errOf(s.Orders.Cancel(s.ctx, first.ID, order.CancelCustomer)))
		must(s.Purchasing.ChangeDue(s.ctx, po.ID, []purchasing.LineDue{{Line: 1, Due: s.day(9)}}))(s)
		require.Equal(s.t, []int64{0, 2, 12}, s.atp("book", ""))
		must(s.Purchasing.Receive(s.ctx, po.ID, arrives("dn-1", 1, 10)))(s)
		s.atp("book", "")

		s.onTheRoad(3)
		require.Len(s.t, s.atp("tee", ""), 2, "a transfer on its way arrives")
		_, err := s.Stock.AvailableToPromise(s.ctx, "hat", "")
		require.ErrorIs(s.t, err, inventory.ErrUnknownItem)
		_, err = s.Tenant("other").Stock.AvailableToPromise(s.ctx, "book", "")
		require.ErrorIs(s.t, err, inventory.ErrUnknownItem)
	})
}
