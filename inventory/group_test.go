package inventory_test

import (
	"testing"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var everywhere = inventory.Group{ID: "all", Locations: []string{"ber", "old", "ams"}}

func TestGroupsAreValidated(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		g    inventory.Group
		want error
	}{
		"no id":          {inventory.Group{Locations: []string{"ber"}}, inventory.ErrID},
		"bad name":       {inventory.Group{ID: "a", Name: "\x00", Locations: []string{"ber"}}, inventory.ErrID},
		"bad location":   {inventory.Group{ID: "a", Locations: []string{""}}, inventory.ErrID},
		"no locations":   {inventory.Group{ID: "a"}, inventory.ErrGroup},
		"the same twice": {inventory.Group{ID: "a", Locations: []string{"ber", "ams", "ber"}}, inventory.ErrGroup},
	} {
		require.ErrorIs(t, c.g.Validate(), c.want, what)
	}
	require.NoError(t, everywhere.Validate())
	snap := newShelf().snapshot("")
	require.NoError(t, snap.Knows(everywhere))
	require.ErrorIs(t, snap.Knows(inventory.Group{Locations: []string{"par"}}), inventory.ErrUnknownLocation)
}

func (s *shelf) reserveIn(holds ...inventory.Hold) (inventory.Changes, error) {
	return inventory.ReserveIn(s.snapshot(holds[0].Owner), everywhere, holds, "doc", s.meta())
}

func anywhere(h inventory.Hold) inventory.Hold {
	h.Location = ""
	return h
}

func TestHoldsInAGroupAreBoundByPriorityThenId(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 3)
	s.stock(t, "tee", "", "ams", 2)
	s.stock(t, "tee", "", "old", 9)
	c, err := s.reserveIn(anywhere(soft("cart-1", 0, 3)))
	s.ok(t, c, err)
	require.EqualValues(t, 2, s.of("tee", "ams", inventory.Soft))
	require.EqualValues(t, 1, s.of("tee", "ber", inventory.Soft))
	c, err = s.reserveIn(anywhere(soft("cart-1", 0, 5)))
	s.ok(t, c, err)
	require.EqualValues(t, 3, s.of("tee", "ber", inventory.Soft), "the owner's earlier hold is replaced everywhere")
	c, err = s.reserveIn(anywhere(soft("cart-2", 0, 1)))
	refused(t, c, err, inventory.ErrShortage)
	c, err = s.reserveIn(anywhere(soft("cart-1", 0, 4)), anywhere(soft("cart-1", 1, 2)))
	refused(t, c, err, inventory.ErrShortage)
	require.Equal(t, &inventory.ShortageError{Short: []inventory.Shortage{{Line: 1, Item: "tee", Want: 2, Have: 1}}}, err)
	c, err = s.reserveIn(soft("cart-1", 0, 1))
	refused(t, c, err, inventory.ErrGroup)
	c, err = inventory.ReserveIn(s.snapshot("cart-1"), inventory.Group{ID: "g", Locations: []string{"old"}}, []inventory.Hold{anywhere(soft("cart-1", 0, 1))}, "", s.meta())
	refused(t, c, err, inventory.ErrGroup)
	s.balanced(t)

	s.locations["ber"] = inventory.Location{ID: "ber", Priority: -1}
	c, err = s.reserveIn(anywhere(soft("cart-1", 0, 3)))
	s.ok(t, c, err)
	require.EqualValues(t, 3, s.of("tee", "ber", inventory.Soft))
	require.Zero(t, s.of("tee", "ams", inventory.Soft))
	s.balanced(t)
}

func TestAvailabilityInAGroupIsTheSumOfItsLocations(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "mug", "", "ber", 3)
	s.stock(t, "mug", "", "ams", 1)
	s.stock(t, "mug", "", "old", 9)
	snap, ask := s.snapshot(""), inventory.Ask{Now: s.now}
	a, err := snap.ExplainIn(everywhere, "mug", ask)
	require.NoError(t, err)
	require.EqualValues(t, 1, a.ATS, "two are kept back at each location")
	require.EqualValues(t, 13, a.OnHand)
	var sum int64
	for _, term := range a.Terms {
		sum += term.Qty
	}
	require.Equal(t, a.ATS, sum, "the terms make the number")
	a, err = snap.ExplainIn(everywhere, "gift-wrap", ask)
	require.NoError(t, err)
	require.EqualValues(t, inventory.Unlimited, a.ATS)
	_, err = snap.ExplainIn(everywhere, "hat", ask)
	require.ErrorIs(t, err, inventory.ErrUnknownItem)
}

func (s *shelf) rebind(owner string, c inventory.Rebinding) (inventory.Changes, error) {
	return inventory.Rebind(s.snapshot(owner), owner, c, "doc", s.meta())
}

func TestReservedUnitsMoveToAnotherLocationInOnePosting(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "l1", "ber", 2)
	s.stock(t, "tee", "", "ber", 3)
	s.stock(t, "tee", "", "ams", 3)
	s.hold(t, soft("cart-1", 0, 5))
	to := inventory.Rebinding{Item: "tee", From: "ber", To: "ams", Qty: 3}
	c, err := s.rebind("cart-1", to)
	s.ok(t, c, err)
	require.EqualValues(t, 3, s.of("tee", "ams", inventory.Soft))
	require.EqualValues(t, 3, s.of("tee", "ber", inventory.Free), "nothing was carried")
	require.Equal(t, later, s.reservations[inventory.ReservationKey{Owner: "cart-1", Item: "tee", Location: "ams"}].Until)
	s.balanced(t)
	to.Qty = 1
	c, err = s.rebind("cart-1", to)
	refused(t, c, err, inventory.ErrShortage)
	to.Qty = 9
	c, err = s.rebind("cart-1", to)
	refused(t, c, err, inventory.ErrReservation)
	for want, bad := range map[error]inventory.Rebinding{
		inventory.ErrState:           {Item: "tee", From: "ber", To: "ber", Qty: 1},
		inventory.ErrUnknownLocation: {Item: "tee", From: "ber", To: "par", Qty: 1},
		inventory.ErrUnknownItem:     {Item: "hat", From: "ber", To: "ams", Qty: 1},
		inventory.ErrQuantity:        {Item: "tee", From: "ber", To: "ams"},
	} {
		c, err = s.rebind("cart-1", bad)
		refused(t, c, err, want)
	}
	c, err = s.rebind("cart-1", inventory.Rebinding{Item: "tee", From: "ber", To: "ams", Qty: 1, State: inventory.Picked})
	refused(t, c, err, inventory.ErrState)
	s.now = later
	c, err = s.rebind("cart-1", inventory.Rebinding{Item: "tee", From: "ams", To: "ber", Qty: 1})
	refused(t, c, err, inventory.ErrExpiry)
	s.hold(t, firm("order-1", 1, 2))
	c, err = s.rebind("order-1", inventory.Rebinding{Line: 1, Item: "tee", From: "ber", To: "ams", Qty: 2, State: inventory.Committed})
	s.ok(t, c, err)
	require.EqualValues(t, 2, s.of("tee", "ams", inventory.Committed), "units whose hold has expired are free")
	s.balanced(t)
}

func TestGroupsAndRebindingConserveUnits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := walk{newShelf()}
		w.stock(t, "tee", "", "ber", 12)
		w.stock(t, "tee", "l1", "ber", 3)
		w.stock(t, "tee", "", "ams", 9)
		t.Repeat(map[string]func(*rapid.T){
			"receive": w.receive, "reserve": w.reserve, "release": w.release, "sweep": w.sweep, "extend": w.extendAny,
			"rebind": w.rebindAny, "rebind more": w.rebindAny, "reserve in": w.reserveInGroup,
			"time passes": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 8).Draw(t, "minutes")) * time.Minute)
			},
			"": w.check,
		})
	})
}

func (w walk) rebindAny(t *rapid.T) {
	owner := anyOwner.Draw(t, "owner")
	c := inventory.Rebinding{Line: rapid.IntRange(0, 1).Draw(t, "line"), Item: anyItem.Draw(t, "item"), Lot: anyLot.Draw(t, "lot"),
		From: anyLocation.Draw(t, "from"), To: anyLocation.Draw(t, "to"), Qty: rapid.Int64Range(0, 3).Draw(t, "qty"),
		State: rapid.SampledFrom([]inventory.State{0, inventory.Soft, inventory.Committed}).Draw(t, "state")}
	count := func() (at, elsewhere, physical int64) {
		for _, r := range w.held() {
			open := r.Open()
			if r.Expired(w.now) {
				open -= r.Soft
			}
			if r.Owner == owner && r.Location == c.To {
				at += open
			} else if r.Owner == owner {
				elsewhere += open
			}
		}
		for _, b := range w.balances {
			physical += b.OnHand()
		}
		return at, elsewhere, physical
	}
	at, elsewhere, physical := count()
	applied := w.decide(t, owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Rebind(s, owner, c, "doc", w.meta())
	})
	if applied {
		at, elsewhere = at+c.Qty, elsewhere-c.Qty
	}
	atAfter, elsewhereAfter, physicalAfter := count()
	require.Equal(t, []int64{at, elsewhere, physical}, []int64{atAfter, elsewhereAfter, physicalAfter})
}

func (w walk) reserveInGroup(t *rapid.T) {
	owner := anyOwner.Draw(t, "owner")
	h := inventory.Hold{Owner: owner, Line: rapid.IntRange(2, 3).Draw(t, "line"), Item: anyItem.Draw(t, "item"), Qty: rapid.Int64Range(1, 9).Draw(t, "qty"), Until: w.now.Add(9 * time.Minute)}
	var own int64 // what a soft hold of the same line replaces
	for _, r := range w.held() {
		if r.Owner == owner && r.Line == h.Line && r.Item == h.Item && !r.Expired(w.now) {
			own += r.Soft
		}
	}
	snap := w.snapshot("")
	a, err := snap.ExplainIn(everywhere, h.Item, inventory.Ask{Now: w.now})
	require.NoError(t, err)
	applied := w.decide(t, owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.ReserveIn(s, everywhere, []inventory.Hold{h}, "doc", w.meta())
	})
	if h.Qty <= a.ATS {
		require.True(t, applied, "what a group has can be held in it")
	}
	if h.Qty > a.ATS+own {
		require.False(t, applied)
	}
}
