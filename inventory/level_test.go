package inventory_test

import (
	"testing"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
)

func number(n int64) *int64 { return &n }

func TestALevelChangesWhatIsAvailableAtItsLocationOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		level inventory.Level
		ats   int64
		why   string
	}{
		{inventory.Level{}, 8, "mug: 8 available to sell of 10 on hand = +10 free@ber; -2 safety stock@ber"},
		{inventory.Level{Safety: number(0)}, 10, "mug: 10 available to sell of 10 on hand = +10 free@ber"},
		{inventory.Level{Safety: number(12)}, 0, "mug: 0 available to sell of 10 on hand = +10 free@ber; -12 safety stock@ber; +2 not below zero@ber"},
		{inventory.Level{Frozen: true}, 0, "mug: 0 available to sell of 10 on hand = +10 free@ber; -2 safety stock@ber; -8 frozen@ber"},
		{inventory.Level{Unstocked: true}, 0, "mug: 0 available to sell of 10 on hand = +10 free@ber; -2 safety stock@ber; -8 not stocked@ber"},
		{inventory.Level{Untracked: true}, inventory.Unlimited, "mug: unlimited, its stock is not tracked"},
	} {
		s := newShelf()
		s.stock(t, "mug", "", "ber", 10)
		s.stock(t, "mug", "", "ams", 5)
		c.level.Item, c.level.Location = "mug", "ber"
		s.level(c.level)
		require.Equal(t, c.ats, s.ats(t, "mug", "ber", ""), "%+v", c.level)
		require.EqualValues(t, 3, s.ats(t, "mug", "ams", ""), "%+v elsewhere", c.level)
		snap := s.snapshot("")
		a, err := snap.Explain("mug", "ber", "", noon)
		require.NoError(t, err)
		require.Equal(t, c.why, a.String())
		if c.ats != inventory.Unlimited {
			require.Equal(t, c.ats+3, s.ats(t, "mug", "", ""))
		} else {
			require.EqualValues(t, inventory.Unlimited, snap.Available("mug", "", "", noon))
		}
	}
}

func TestReservationsTakeWhatLiesThereAndNothingFrozenOrUnstocked(t *testing.T) {
	t.Parallel()
	hold := inventory.Hold{Owner: "cart-1", Item: "tee", Location: "ber", Qty: 3}
	for _, l := range []inventory.Level{{Frozen: true}, {Unstocked: true}, {Safety: number(8)}} {
		s := newShelf()
		s.stock(t, "tee", "", "ber", 10)
		l.Item, l.Location = "tee", "ber"
		s.level(l)
		_, err := s.reserve(hold)
		require.ErrorIs(t, err, inventory.ErrShortage, "%+v", l)
	}
}

func TestWhereStockIsNotTrackedItComesAsItIsPromised(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 2)
	s.level(inventory.Level{Item: "tee", Location: "ber", Untracked: true})
	c, err := s.reserve(inventory.Hold{Owner: "order-1", Item: "tee", Location: "ber", Qty: 5})
	s.ok(t, c, err)
	require.EqualValues(t, 5, s.of("tee", "ber", inventory.Committed))
	require.Equal(t, inventory.Movement{Item: "tee", From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: 3}, c.Posting.Movements[0])
	c, err = s.reserve(inventory.Hold{Owner: "order-2", Item: "tee", Location: "ber", Qty: 5}, inventory.Hold{Owner: "order-2", Line: 1, Item: "tee", Location: "ber", Qty: 1})
	s.ok(t, c, err)
	require.EqualValues(t, 11, s.of("tee", "ber", inventory.Committed))
	s.balanced(t)
}

func TestNothingComesToWhereItIsNotStocked(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	s.stock(t, "tee", "", "ams", 5)
	s.level(inventory.Level{Item: "tee", Location: "ber", Unstocked: true})
	_, err := inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "tee", Location: "ber", Qty: 1}, s.meta())
	require.ErrorIs(t, err, inventory.ErrUnstocked)
	_, err = inventory.Transfer(s.snapshot(""), inventory.Shift{Item: "tee", From: "ams", To: "ber", Qty: 1}, s.meta())
	require.ErrorIs(t, err, inventory.ErrUnstocked)
	c, err := inventory.Transfer(s.snapshot(""), inventory.Shift{Item: "tee", From: "ber", To: "ams", Qty: 5}, s.meta())
	s.ok(t, c, err)
	c, err = inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "mug", Location: "ber", Qty: 1}, s.meta())
	s.ok(t, c, err)
}

func TestStockIsSetOnlyFromWhatItIs(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	set := inventory.SetTo{Item: "tee", Location: "ber", Expect: 5, Qty: 8, Reason: inventory.ReasonCount, Ref: "count-1"}
	c, err := inventory.Set(s.snapshot(""), set, s.meta())
	s.ok(t, c, err)
	require.EqualValues(t, 8, s.of("tee", "ber", inventory.Free))
	require.Equal(t, []inventory.Movement{{Item: "tee", From: inventory.Outside(inventory.Shrink), To: inventory.At("ber", inventory.Free), Qty: 3}}, c.Posting.Movements)
	_, err = inventory.Set(s.snapshot(""), set, s.meta())
	require.Equal(t, &inventory.StaleQuantityError{Key: inventory.Key{Item: "tee", Location: "ber"}, State: inventory.Free, Expect: 5, Actual: 8}, err)
	require.ErrorIs(t, err, inventory.ErrQuantity)
	require.ErrorContains(t, err, "is 8, not 5 as expected")
	set.Expect = 8
	c, err = inventory.Set(s.snapshot(""), set, s.meta())
	require.NoError(t, err)
	require.True(t, c.Empty(), "no difference moves nothing")
	set.Qty = 0
	c, err = inventory.Set(s.snapshot(""), set, s.meta())
	s.ok(t, c, err)
	require.Zero(t, s.of("tee", "ber", inventory.Free))
	s.balanced(t)
	for what, spoil := range map[string]func(*inventory.SetTo){
		"a negative number":            func(c *inventory.SetTo) { c.Qty = -1 },
		"a negative expectation":       func(c *inventory.SetTo) { c.Expect = -1 },
		"too much":                     func(c *inventory.SetTo) { c.Qty = inventory.MaxQty + 1 },
		"no reason":                    func(c *inventory.SetTo) { c.Reason = "" },
		"a reason of another command":  func(c *inventory.SetTo) { c.Reason = inventory.ReasonShip },
		"units that others hold":       func(c *inventory.SetTo) { c.State = inventory.Committed },
		"an unknown item":              func(c *inventory.SetTo) { c.Item = "hat" },
		"an item without stock":        func(c *inventory.SetTo) { c.Item = "gift-wrap" },
		"an unknown location":          func(c *inventory.SetTo) { c.Location = "par" },
		"a document that is no text":   func(c *inventory.SetTo) { c.Ref = "\xff" },
		"a lot that is not one either": func(c *inventory.SetTo) { c.Lot = " x" },
	} {
		bad := inventory.SetTo{Item: "tee", Location: "ber", Qty: 1, Reason: inventory.ReasonCount}
		spoil(&bad)
		_, err := inventory.Set(s.snapshot(""), bad, s.meta())
		require.Error(t, err, what)
	}
}

func TestUnitsChangeTheirLotInOnePosting(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "old", "ber", 5)
	c, err := inventory.ChangeLot(s.snapshot(""), inventory.Relabel{Item: "tee", Location: "ber", From: "old", To: "new", Qty: 3, Ref: "audit"}, s.meta())
	s.ok(t, c, err)
	require.Equal(t, inventory.ReasonRelabel, c.Posting.Reason)
	free := s.balances[inventory.Key{Item: "tee", Lot: "new", Location: "ber"}]
	require.EqualValues(t, 3, free.Of(inventory.Free))
	require.EqualValues(t, 5, s.of("tee", "ber", inventory.Free))
	s.balanced(t)
	_, err = inventory.ChangeLot(s.snapshot(""), inventory.Relabel{Item: "tee", Location: "ber", From: "old", To: "new", Qty: 3}, s.meta())
	require.ErrorIs(t, err, inventory.ErrShortage)
	_, err = inventory.ChangeLot(s.snapshot(""), inventory.Relabel{Item: "tee", Location: "ber", From: "new", To: "new", Qty: 1}, s.meta())
	require.ErrorIs(t, err, inventory.ErrState)
}

func TestALevelThatCannotHoldIsRefused(t *testing.T) {
	t.Parallel()
	for what, l := range map[string]inventory.Level{
		"no item":                 {Location: "ber"},
		"no location":             {Item: "tee"},
		"less than no safety":     {Item: "tee", Location: "ber", Safety: number(-1)},
		"untracked and unstocked": {Item: "tee", Location: "ber", Untracked: true, Unstocked: true},
	} {
		require.Error(t, l.Validate(), what)
	}
	l := inventory.Level{Item: "tee", Location: "ber", Safety: number(0), Frozen: true}
	require.NoError(t, l.Validate())
	c := l.Clone()
	*c.Safety = 7
	require.Zero(t, *l.Safety, "a clone shares nothing")
}
