package inventory_test

import (
	"testing"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// whole reads everything, with the reservations of all owners.
func (s *shelf) whole() inventory.Snapshot {
	snap := s.snapshot("")
	snap.Reservations = s.held()
	return snap
}

func (s *shelf) vacate(from, to string) (inventory.Changes, error) {
	return inventory.Vacate(s.whole(), from, to, "location/"+from, s.meta())
}

func TestEverythingAtALocationMovesAndStaysHeld(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 9)
	s.stock(t, "tee", "l1", "ber", 2)
	s.stock(t, "tee", "", "ams", 4)
	s.hold(t, soft("cart-1", 0, 1))
	s.hold(t, firm("order-1", 1, 4))
	s.hold(t, inventory.Hold{Owner: "order-1", Line: 1, Item: "tee", Location: "ams", Qty: 1})
	c, err := inventory.Progress(s.snapshot("order-1"), []inventory.Step{{Key: key1, From: inventory.Committed, To: inventory.Picked, Qty: 1}}, "", s.meta())
	s.ok(t, c, err)
	c, err = s.vacate("ber", "ams")
	s.ok(t, c, err)
	require.Equal(t, inventory.ReasonTransfer, c.Posting.Reason)
	for st, want := range map[inventory.State]int64{inventory.Free: 9, inventory.Soft: 1, inventory.Committed: 4, inventory.Picked: 1} {
		require.Equal(t, want, s.of("tee", "ams", st), st)
		require.Zero(t, s.of("tee", "ber", st), st)
	}
	there := key1
	there.Location = "ams"
	require.Equal(t, inventory.Reservation{ReservationKey: there, Committed: 4, Picked: 1, Version: 2}, s.reservations[there], "joined")
	require.EqualValues(t, 4, s.reservations[key1].Released)
	cart := inventory.ReservationKey{Owner: "cart-1", Item: "tee", Location: "ams"}
	require.Equal(t, later, s.reservations[cart].Until)
	s.balanced(t)
	c, err = s.vacate("ber", "ams")
	require.NoError(t, err)
	require.True(t, c.Empty(), "again moves nothing")
}

func TestVacateRefusesWhatCannotMove(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 9)
	s.hold(t, firm("order-1", 1, 4))
	for to, want := range map[string]error{"ber": inventory.ErrLocation, "old": inventory.ErrLocation, "par": inventory.ErrUnknownLocation} {
		c, err := s.vacate("ber", to)
		refused(t, c, err, want)
	}
	s.level(inventory.Level{Item: "tee", Location: "ams", Unstocked: true})
	c, err := s.vacate("ber", "ams")
	refused(t, c, err, inventory.ErrUnstocked)
	s.levels = nil
	unread := s.snapshot("")
	c, err = inventory.Vacate(unread, "ber", "ams", "", s.meta())
	refused(t, c, err, inventory.ErrUnbalanced)
	c, err = inventory.Progress(s.snapshot("order-1"), []inventory.Step{{Key: key1, From: inventory.Committed, To: inventory.Packed, Qty: 1}}, "", s.meta())
	s.ok(t, c, err)
	c, err = s.vacate("ber", "ams")
	refused(t, c, err, inventory.ErrState)
}

func TestVacatingConservesEveryUnitAndEveryLiveHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := walk{newShelf()}
		w.stock(t, "tee", "", "ber", 12)
		w.stock(t, "tee", "l1", "ber", 3)
		t.Repeat(map[string]func(*rapid.T){
			"receive": w.receive, "adjust": w.adjust, "return": w.goodsBack, "reserve": w.reserve, "commit": w.commit,
			"release": w.release, "extend": w.extendAny, "vacate": w.vacateAny, "progress": w.progress,
			"": w.check,
		})
	})
}

func (w walk) vacateAny(t *rapid.T) {
	from, to := anyLocation.Draw(t, "from"), anyLocation.Draw(t, "to")
	sum := func() map[inventory.State]int64 {
		sums := map[inventory.State]int64{}
		for _, b := range w.balances {
			for _, st := range inventory.LocationStates() {
				if b.Location == from || b.Location == to {
					sums[st] += b.Of(st)
				}
			}
		}
		for _, r := range w.held() {
			if r.Location == from && r.Expired(w.now) || r.Location == to && r.Expired(w.now) {
				sums[inventory.Free], sums[inventory.Soft] = sums[inventory.Free]+r.Soft, sums[inventory.Soft]-r.Soft
			}
		}
		return sums
	}
	before := sum()
	c, err := inventory.Vacate(w.whole(), from, to, "doc", w.meta())
	if err != nil {
		require.Equal(t, inventory.Changes{}, c)
		return
	}
	require.NoError(t, w.apply(c))
	require.Equal(t, before, sum(), "every unit is in the state that it was in")
	for _, st := range inventory.LocationStates() {
		require.Zero(t, w.of("tee", from, st)+w.of("mug", from, st))
	}
}
