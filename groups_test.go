package oms_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
)

func (s *shop) group() inventory.Group {
	s.t.Helper()
	return must(s.Stock.PutGroup(s.ctx, inventory.Group{ID: "de", Name: "Germany", Locations: []string{"ham", "ber"}}))(s)
}

func TestGroupsAreKept(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		g := s.group()
		require.EqualValues(t, 1, g.Version)
		s.unchanged(func() error { return errOf(s.Stock.PutGroup(s.ctx, g)) })
		require.Equal(t, g, must(s.Stock.Group(s.ctx, "de"))(s))
		g.Locations = []string{"ber"}
		g = must(s.Stock.PutGroup(s.ctx, g, oms.Key("less")))(s)
		require.EqualValues(t, 2, g.Version)
		require.Equal(t, g, must(s.Stock.PutGroup(s.ctx, g, oms.Key("less")))(s))
		require.Equal(t, []inventory.Group{g}, must(s.Stock.Groups(s.ctx))(s))
		s.refuses(inventory.ErrUnknownLocation, func() error {
			return errOf(s.Stock.PutGroup(s.ctx, inventory.Group{ID: "fr", Locations: []string{"par"}}))
		})
		s.refuses(inventory.ErrGroup, func() error { return errOf(s.Stock.PutGroup(s.ctx, inventory.Group{ID: "fr"})) })
		_, err := s.Stock.Group(s.ctx, "fr")
		require.ErrorIs(t, err, inventory.ErrUnknownGroup)
	})
}

func TestUnitsAreHeldInAGroupAndReboundToWhereTheyAreSent(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.group()
		a := must(s.Stock.AvailabilityIn(s.ctx, "de", "tee", ""))(s)
		require.EqualValues(t, 15, a.ATS)
		hold := s.cart("cart-1", 12)
		hold.Location = ""
		p := must(s.Stock.ReserveIn(s.ctx, "de", []inventory.Hold{hold}, oms.Key("hold")))(s)
		s.same(p, must(s.Stock.ReserveIn(s.ctx, "de", []inventory.Hold{hold}, oms.Key("hold")))(s))
		require.Equal(t, "soft 10", s.shelf("tee", "ber"), "by priority")
		require.Equal(t, "free 3 soft 2", s.shelf("tee", "ham"))
		other := s.cart("cart-2", 4)
		other.Location = ""
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.ReserveIn(s.ctx, "de", []inventory.Hold{other})) })
		s.refuses(inventory.ErrUnknownGroup, func() error { return errOf(s.Stock.ReserveIn(s.ctx, "fr", []inventory.Hold{hold})) })
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.ReserveIn(s.ctx, "de", []inventory.Hold{s.cart("order/x", 1)})) })
		require.EqualValues(t, 15, must(s.Stock.AvailabilityIn(s.ctx, "de", "tee", "cart-1"))(s).ATS, "an owner sees its own")

		to := inventory.Rebinding{Item: "tee", From: "ber", To: "ham", Qty: 3}
		must(s.Stock.Rebind(s.ctx, "cart-1", to))(s)
		require.Equal(t, "free 3 soft 7", s.shelf("tee", "ber"))
		require.Equal(t, "soft 5", s.shelf("tee", "ham"))
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Rebind(s.ctx, "cart-1", to)) })
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.Rebind(s.ctx, "order/x", to)) })
		must(s.Stock.Commit(s.ctx, "cart-1"))(s)
		to = inventory.Rebinding{Item: "tee", From: "ham", To: "ber", Qty: 2, State: inventory.Committed}
		must(s.Stock.Rebind(s.ctx, "cart-1", to))(s)
		require.Equal(t, "free 1 committed 9", s.shelf("tee", "ber"))
	})
}
