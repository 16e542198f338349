package inventory_test

import (
	"testing"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func (s *shelf) extend(owner string, until time.Time) (inventory.Changes, error) {
	return inventory.Extend(s.snapshot(owner), owner, until, s.meta())
}

func TestExtendGivesLiveSoftHoldsALaterEnd(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	s.stock(t, "mug", "", "ber", 5)
	s.hold(t, soft("cart-1", 0, 2), inventory.Hold{Owner: "cart-1", Item: "mug", Location: "ber", Qty: 1, Until: later.Add(time.Hour)})
	until := later.Add(time.Minute)
	c, err := s.extend("cart-1", until)
	s.ok(t, c, err)
	require.Empty(t, c.Posting.Movements, "nothing moves")
	require.Len(t, c.Reservations, 1, "what lasts longer stays as it is")
	require.Equal(t, until, c.Reservations[0].Until)
	c, err = s.extend("cart-1", until)
	require.NoError(t, err)
	require.True(t, c.Empty(), "again changes nothing")
	s.now = later
	require.EqualValues(t, 2, s.of("tee", "ber", inventory.Soft))
	require.Empty(t, s.snapshot("cart-1").Expired, "it still holds")
	s.balanced(t)
}

func TestExtendRefusesWhatHasNoLaterEnd(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	s.hold(t, soft("cart-1", 0, 2))
	s.hold(t, firm("order-1", 1, 2))
	c, err := s.extend("order-1", later)
	refused(t, c, err, inventory.ErrReservation)
	require.Equal(t, &inventory.ReservationError{Key: key1, Want: 2, State: inventory.Soft}, err, "a committed hold has no end")
	c, err = s.extend("nobody", later)
	refused(t, c, err, inventory.ErrReservation)
	c, err = s.extend("cart-1", noon)
	refused(t, c, err, inventory.ErrExpiry)
	c, err = s.extend("cart-1", noon.Add(inventory.MaxHold+1))
	refused(t, c, err, inventory.ErrExpiry)
	s.now = later
	c, err = s.extend("cart-1", later.Add(time.Hour))
	refused(t, c, err, inventory.ErrExpiry)
	require.Equal(t, &inventory.ExpiryError{Until: later, Now: later}, err, "somebody else may have the units")
}

func (s *shelf) commitUnits(owner string, units ...inventory.HeldUnits) (inventory.Changes, error) {
	return inventory.CommitUnits(s.snapshot(owner), owner, units, "doc", s.meta())
}

func TestSomeUnitsOfASoftHoldAreCommittedAndTheRestStaysSoft(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "l1", "ber", 2)
	s.stock(t, "tee", "l2", "ber", 3)
	s.hold(t, soft("cart-1", 0, 5))
	tees := func(lot string, qty int64) inventory.HeldUnits {
		return inventory.HeldUnits{Item: "tee", Lot: lot, Location: "ber", Qty: qty}
	}
	c, err := s.commitUnits("cart-1", tees("", 1), tees("", 2), tees("l2", 1))
	s.ok(t, c, err)
	require.Equal(t, inventory.ReasonReserve, c.Posting.Reason)
	require.EqualValues(t, 1, s.of("tee", "ber", inventory.Soft))
	require.EqualValues(t, 4, s.of("tee", "ber", inventory.Committed))
	left := s.reservations[inventory.ReservationKey{Owner: "cart-1", Item: "tee", Lot: "l2", Location: "ber"}]
	require.Equal(t, later, left.Until)
	require.EqualValues(t, 1, left.Soft)
	s.balanced(t)

	c, err = s.commitUnits("cart-1", tees("", 1), tees("", 1))
	refused(t, c, err, inventory.ErrReservation)
	require.Equal(t, &inventory.ReservationError{Key: inventory.ReservationKey{Owner: "cart-1", Item: "tee", Location: "ber"}, Want: 1, State: inventory.Soft}, err,
		"two parts never share a unit")
	for what, u := range map[string]inventory.HeldUnits{"nothing": tees("", 0), "too much": tees("", inventory.MaxQty+1)} {
		c, err = s.commitUnits("cart-1", u)
		require.ErrorIs(t, err, inventory.ErrQuantity, what)
		require.Equal(t, inventory.Changes{}, c)
	}
	c, err = s.commitUnits("cart-1")
	refused(t, c, err, inventory.ErrQuantity)
	c, err = s.commitUnits("cart-2", tees("", 1))
	refused(t, c, err, inventory.ErrReservation)
	s.now = later
	c, err = s.commitUnits("cart-1", tees("", 1))
	refused(t, c, err, inventory.ErrExpiry)
}

func (s *shelf) reserveAvailable(holds ...inventory.Hold) (inventory.Changes, []int64, error) {
	return inventory.ReserveAvailable(s.snapshot(holds[0].Owner), holds, "doc", s.meta())
}

func TestTakingWhatThereIsNeverSharesAUnit(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 1)
	s.stock(t, "tee", "l1", "ber", 2)
	s.stock(t, "mug", "", "ber", 5)
	mugs := inventory.Hold{Owner: "order-1", Line: 4, Item: "mug", Location: "ber", Qty: 9}
	lot := firm("order-1", 2, 5)
	lot.Lot = "l1"
	c, taken, err := s.reserveAvailable(firm("order-1", 1, 2), lot, firm("order-1", 3, 1), mugs)
	s.ok(t, c, err)
	require.Equal(t, []int64{2, 1, 0, 3}, taken, "two mugs are kept back")
	s.balanced(t)
	c, taken, err = s.reserveAvailable(firm("order-2", 1, 2), inventory.Hold{Owner: "order-2", Item: "tee", Location: "old", Qty: 1})
	require.NoError(t, err)
	require.True(t, c.Empty())
	require.Equal(t, []int64{0, 0}, taken)
	c, _, err = s.reserveAvailable(firm("order-2", 1, 0))
	refused(t, c, err, inventory.ErrQuantity)
}

func TestTakingWhatThereIsReplacesTheOwnersHoldsAndReleasesExpiredOnes(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	s.hold(t, soft("cart-1", 0, 3))
	s.hold(t, soft("cart-2", 0, 2))
	c, taken, err := s.reserveAvailable(soft("cart-1", 0, 4))
	s.ok(t, c, err)
	require.Equal(t, []int64{3}, taken, "what it held itself")
	s.now = later
	h := soft("cart-1", 0, 9)
	h.Until = later.Add(time.Hour)
	c, taken, err = s.reserveAvailable(h)
	s.ok(t, c, err)
	require.Equal(t, []int64{5}, taken)
	s.balanced(t)
}

func TestReservationsConserveUnitsWhateverIsAskedOfThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := walk{newShelf()}
		w.stock(t, "tee", "", "ber", 12)
		w.stock(t, "tee", "l1", "ber", 3)
		w.stock(t, "tee", "l1", "ams", 4)
		t.Repeat(map[string]func(*rapid.T){
			"receive": w.receive, "reserve": w.reserve, "commit": w.commit, "release": w.release, "sweep": w.sweep,
			"extend": w.extendAny, "commit units": w.commitSome, "reserve available": w.reserveWhatThereIs,
			"time passes": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 8).Draw(t, "minutes")) * time.Minute)
			},
			"": w.check,
		})
	})
}

func (w walk) extendAny(t *rapid.T) {
	owner := anyOwner.Draw(t, "owner")
	until := w.now.Add(time.Duration(rapid.IntRange(-1, 20).Draw(t, "minutes")) * time.Minute)
	softly, firmly, expired := w.open(owner)
	applied := w.decide(t, owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Extend(s, owner, until, w.meta())
	})
	require.Equal(t, softly > 0 && !expired && until.After(w.now), applied)
	softAfter, firmAfter, _ := w.open(owner)
	require.Equal(t, []int64{softly, firmly}, []int64{softAfter, firmAfter}, "nothing moves")
	for _, r := range w.held() {
		if applied && r.Owner == owner && r.Soft > 0 {
			require.False(t, r.Until.Before(until))
		}
	}
}

func (w walk) commitSome(t *rapid.T) {
	owner := anyOwner.Draw(t, "owner")
	units := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) inventory.HeldUnits {
		return inventory.HeldUnits{Line: rapid.IntRange(0, 1).Draw(t, "line"), Item: anyItem.Draw(t, "item"), Lot: anyLot.Draw(t, "lot"),
			Location: anyLocation.Draw(t, "location"), Qty: rapid.Int64Range(1, 3).Draw(t, "qty")}
	}), 1, 2).Draw(t, "units")
	softly, firmly, _ := w.open(owner)
	if w.decide(t, owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.CommitUnits(s, owner, units, "doc", w.meta())
	}) {
		for _, u := range units {
			softly, firmly = softly-u.Qty, firmly+u.Qty
		}
	}
	softAfter, firmAfter, _ := w.open(owner)
	require.Equal(t, []int64{softly, firmly}, []int64{softAfter, firmAfter}, "exactly what was named is committed")
}

func (w walk) reserveWhatThereIs(t *rapid.T) {
	owner := anyOwner.Draw(t, "owner")
	holds := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) inventory.Hold {
		h := inventory.Hold{Owner: owner, Line: rapid.IntRange(0, 1).Draw(t, "line"), Item: anyItem.Draw(t, "item"), Lot: anyLot.Draw(t, "lot"),
			Location: anyLocation.Draw(t, "location"), Qty: rapid.Int64Range(1, 9).Draw(t, "qty")}
		if rapid.Bool().Draw(t, "soft") {
			h.Until = w.now.Add(10 * time.Minute)
		}
		return h
	}), 1, 3).Draw(t, "holds")
	all, err := inventory.Reserve(w.snapshot(owner), holds, "doc", w.meta())
	var booked, said int64
	require.True(t, w.decide(t, owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		c, taken, err2 := inventory.ReserveAvailable(s, holds, "doc", w.meta())
		if err == nil {
			require.Equal(t, all, c, "where all can be had it is all that is taken")
		}
		for i, n := range taken {
			require.LessOrEqual(t, n, holds[i].Qty)
			said += n
		}
		for _, m := range c.Posting.Movements {
			if m.From.State == inventory.Free {
				booked += m.Qty
			}
		}
		return c, err2
	}))
	require.Equal(t, booked, said, "every unit that was taken belongs to a hold")
}
