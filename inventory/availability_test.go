package inventory_test

import (
	"testing"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
)

// ats is the availability to an owner, and requires that its explanation adds up.
func (s *shelf) ats(t require.TestingT, item, location, owner string) int64 {
	snap := s.snapshot(owner)
	a, err := snap.Explain(item, location, owner, s.now)
	require.NoError(t, err)
	var sum int64
	for _, term := range a.Terms {
		sum += term.Qty
	}
	require.Equal(t, a.ATS, sum, "the terms of %s", a)
	require.Equal(t, a.ATS, snap.Available(item, location, owner, s.now), "one rule, two answers")
	require.GreaterOrEqual(t, a.ATS, int64(0))
	return a.ATS
}

func TestAvailabilityIsFreeExpiredAndOwnLessSafety(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "mug", "", "ber", 10)
	require.Equal(t, int64(8), s.ats(t, "mug", "ber", ""))
	s.hold(t, inventory.Hold{Owner: "cart-1", Item: "mug", Location: "ber", Qty: 3, Until: later})
	s.hold(t, inventory.Hold{Owner: "order-1", Item: "mug", Location: "ber", Qty: 1})
	require.Equal(t, int64(4), s.ats(t, "mug", "ber", ""))
	require.Equal(t, int64(4), s.ats(t, "mug", "ber", "cart-2"))
	require.Equal(t, int64(7), s.ats(t, "mug", "ber", "cart-1"), "own soft units do not stand in the own way")
	require.Equal(t, int64(4), s.ats(t, "mug", "ber", "order-1"), "committed units are gone for everybody")
	s.now = later
	require.Equal(t, int64(7), s.ats(t, "mug", "ber", ""), "expired units are available, swept or not")
	require.Equal(t, int64(7), s.ats(t, "mug", "ber", "cart-1"), "and to their owner once, not twice")
	c, err := inventory.Sweep(s.snapshot(""), s.meta())
	s.ok(t, c, err)
	require.Equal(t, int64(7), s.ats(t, "mug", "ber", "cart-1"))
}

func TestAvailabilityIsNeverBelowZeroAndCountsNoUnitTwice(t *testing.T) {
	t.Parallel()
	s := newShelf()
	require.Zero(t, s.ats(t, "mug", "ber", ""), "nothing there")
	require.Zero(t, s.ats(t, "mug", "", ""))
	require.Zero(t, s.ats(t, "mug", "par", ""), "a location that is not")
	s.stock(t, "mug", "", "ber", 1)
	s.stock(t, "mug", "", "ams", 5)
	require.Zero(t, s.ats(t, "mug", "ber", ""), "one unit where two are kept back")
	require.Equal(t, int64(3), s.ats(t, "mug", "", ""), "what one location lacks, another does not make up for")
	s.stock(t, "mug", "l1", "ber", 4)
	s.stock(t, "mug", "l2", "ber", 4)
	require.Equal(t, int64(7), s.ats(t, "mug", "ber", ""), "safety is kept once per location, not per lot")
	s.stock(t, "mug", "", "old", 9)
	require.Zero(t, s.ats(t, "mug", "old", ""), "an inactive location promises nothing")
	require.Equal(t, int64(10), s.ats(t, "mug", "", ""))
	s.hold(t, inventory.Hold{Owner: "a", Item: "mug", Location: "ams", Qty: 3})
	require.Equal(t, int64(7), s.ats(t, "mug", "", ""))
}

func TestItemsWithoutStockAreUnlimitedAndUnknownOnesUnavailable(t *testing.T) {
	t.Parallel()
	s := newShelf()
	require.Equal(t, int64(inventory.Unlimited), s.ats(t, "gift-wrap", "ber", ""))
	require.Equal(t, int64(inventory.Unlimited), s.ats(t, "gift-wrap", "", ""))
	snap := s.snapshot("")
	require.Zero(t, snap.Available("hat", "ber", "", noon))
	_, err := snap.Explain("hat", "ber", "", noon)
	require.ErrorIs(t, err, inventory.ErrUnknownItem)
	a, err := snap.Explain("gift-wrap", "", "", noon)
	require.NoError(t, err)
	require.Equal(t, "gift-wrap: unlimited, its stock is not tracked", a.String())
}

func TestTheExplanationNamesEveryTerm(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "mug", "", "ber", 7)
	s.stock(t, "mug", "", "ams", 1)
	s.stock(t, "mug", "", "old", 5)
	s.hold(t, inventory.Hold{Owner: "cart-1", Item: "mug", Location: "ber", Qty: 2, Until: noon.Add(1)})
	s.hold(t, inventory.Hold{Owner: "cart-2", Item: "mug", Location: "ber", Qty: 1, Until: later})
	s.hold(t, inventory.Hold{Owner: "order-1", Item: "mug", Location: "ber", Qty: 1})
	s.now = noon.Add(1)
	snap := s.snapshot("cart-2")
	a, err := snap.Explain("mug", "", "cart-2", s.now)
	require.NoError(t, err)
	require.Equal(t, inventory.Availability{Item: "mug", OnHand: 13, ATS: 4, Terms: []inventory.Term{
		{Name: "free", Location: "ams", Qty: 1}, {Name: "safety stock", Location: "ams", Qty: -2}, {Name: "not below zero", Location: "ams", Qty: 1},
		{Name: "free", Location: "ber", Qty: 3}, {Name: "expired holds", Location: "ber", Qty: 2},
		{Name: "own holds", Location: "ber", Qty: 1}, {Name: "safety stock", Location: "ber", Qty: -2},
		{Name: "free", Location: "old", Qty: 5}, {Name: "safety stock", Location: "old", Qty: -2}, {Name: "inactive location", Location: "old", Qty: -3},
	}}, a)
	a, err = snap.Explain("tee", "", "", s.now)
	require.NoError(t, err)
	require.Equal(t, "tee: 0 available to sell of 0 on hand", a.String())
}
