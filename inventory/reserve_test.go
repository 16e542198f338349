package inventory_test

import (
	"testing"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
)

var (
	later = noon.Add(10 * time.Minute)
	key1  = inventory.ReservationKey{Owner: "order-1", Line: 1, Item: "tee", Location: "ber"}
)

// soft asks for units of "tee" in Berlin until later.
func soft(owner string, line int, qty int64) inventory.Hold {
	return inventory.Hold{Owner: owner, Line: line, Item: "tee", Location: "ber", Qty: qty, Until: later}
}

// firm asks for units of "tee" in Berlin at once.
func firm(owner string, line int, qty int64) inventory.Hold {
	return inventory.Hold{Owner: owner, Line: line, Item: "tee", Location: "ber", Qty: qty}
}

func TestReserveTakesFreeUnitsForAnOwner(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	c := s.hold(t, soft("cart-1", 0, 2))
	require.Equal(t, inventory.ReasonReserve, c.Posting.Reason)
	require.Equal(t, "doc", c.Posting.Document)
	require.Equal(t, []inventory.Reservation{{
		ReservationKey: inventory.ReservationKey{Owner: "cart-1", Item: "tee", Location: "ber"}, Soft: 2, Until: later, Version: 1,
	}}, c.Reservations)
	s.hold(t, firm("order-1", 1, 3))
	require.Equal(t, inventory.Reservation{ReservationKey: key1, Committed: 3, Version: 1}, s.reservations[key1])
	s.balanced(t)
}

func TestAShortageListsEveryShortHoldAndReservesNothing(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 3)
	s.stock(t, "mug", "", "ber", 5)
	c, err := s.reserve(firm("order-1", 1, 2), firm("order-1", 2, 2),
		inventory.Hold{Owner: "order-1", Line: 3, Item: "mug", Location: "ber", Qty: 3},
		inventory.Hold{Owner: "order-1", Line: 4, Item: "mug", Location: "ber", Qty: 1})
	refused(t, c, err, inventory.ErrShortage)
	require.Equal(t, &inventory.ShortageError{Short: []inventory.Shortage{
		{Line: 2, Item: "tee", Location: "ber", Want: 2, Have: 1},
		{Line: 4, Item: "mug", Location: "ber", Want: 1, Have: 0},
	}}, err, "later holds see what earlier ones took, and two mugs are kept back")
}

func TestReserveRefusesWhatCouldNeverBeHeld(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		h    inventory.Hold
		want error
	}{
		"no owner":            {firm("", 1, 1), inventory.ErrID},
		"malformed owner":     {firm("a ", 1, 1), inventory.ErrID},
		"unknown item":        {inventory.Hold{Owner: "a", Item: "hat", Location: "ber", Qty: 1}, inventory.ErrUnknownItem},
		"untracked item":      {inventory.Hold{Owner: "a", Item: "gift-wrap", Location: "ber", Qty: 1}, inventory.ErrUntracked},
		"unknown location":    {inventory.Hold{Owner: "a", Item: "tee", Location: "par", Qty: 1}, inventory.ErrUnknownLocation},
		"no location":         {inventory.Hold{Owner: "a", Item: "tee", Qty: 1}, inventory.ErrUnknownLocation},
		"inactive location":   {inventory.Hold{Owner: "a", Item: "tee", Location: "old", Qty: 1}, inventory.ErrShortage},
		"nothing":             {firm("a", 1, 0), inventory.ErrQuantity},
		"less than nothing":   {firm("a", 1, -1), inventory.ErrQuantity},
		"too much":            {firm("a", 1, inventory.MaxQty+1), inventory.ErrQuantity},
		"dead at birth":       {inventory.Hold{Owner: "a", Item: "tee", Location: "ber", Qty: 1, Until: noon}, inventory.ErrExpiry},
		"for longer than all": {inventory.Hold{Owner: "a", Item: "tee", Location: "ber", Qty: 1, Until: noon.Add(inventory.MaxHold + 1)}, inventory.ErrExpiry},
		"unknown lot":         {inventory.Hold{Owner: "a", Item: "tee", Lot: "x", Location: "ber", Qty: 1}, inventory.ErrShortage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			s.stock(t, "tee", "", "ber", 9)
			s.stock(t, "tee", "", "old", 9)
			got, err := s.reserve(c.h)
			refused(t, got, err, c.want)
		})
	}
	_, err := newShelf().reserve(inventory.Hold{Owner: "a", Item: "tee", Location: "ber", Qty: 1, Until: noon.Add(-time.Second)})
	require.Equal(t, &inventory.ExpiryError{Until: noon.Add(-time.Second), Now: noon}, err)
}

func TestOneCallHoldsForOneOwner(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 9)
	c, err := s.reserve(firm("order-1", 1, 1), firm("order-2", 1, 1))
	refused(t, c, err, inventory.ErrOwner)
	require.Equal(t, &inventory.OwnerError{First: "order-1", Other: "order-2"}, err)
	require.EqualError(t, err, `inventory: owner refused: one call holds for one owner, not for "order-1" and "order-2"`)
	require.ErrorContains(t, &inventory.OwnerError{First: "order/8"}, `"order/8" belongs to an order`)
}

func TestCommandsOnAnOwnerTouchNobodyElsesUnits(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 9)
	s.hold(t, soft("cart-1", 1, 2))
	s.hold(t, firm("order-1", 1, 2))
	s.hold(t, firm("order-2", 1, 2))
	everybody := s.snapshot("order-1")
	everybody.Reservations = s.held()
	for name, decide := range map[string]func(inventory.Snapshot, string, string, inventory.Meta) (inventory.Changes, error){
		"release": inventory.Release, "ship": inventory.Ship,
	} {
		c, err := decide(everybody, "order-1", "doc", s.meta())
		require.NoError(t, err, name)
		require.Len(t, c.Reservations, 1, name)
		require.Equal(t, key1, c.Reservations[0].ReservationKey, name)
	}
	c, err := inventory.Commit(everybody, "order-1", "doc", s.meta())
	refused(t, c, err, inventory.ErrReservation)
}

func TestLotsAreTakenInLotOrderUnlessNamed(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "b", "ber", 3)
	s.stock(t, "tee", "a", "ber", 2)
	c := s.hold(t, firm("order-1", 1, 4))
	require.Len(t, c.Reservations, 2, "one reservation for each lot")
	require.Equal(t, "a", c.Reservations[0].Lot)
	require.Equal(t, int64(2), c.Reservations[0].Committed)
	require.Equal(t, int64(2), c.Reservations[1].Committed)
	_, err := s.reserve(inventory.Hold{Owner: "order-2", Item: "tee", Lot: "a", Location: "ber", Qty: 1})
	require.Equal(t, &inventory.ShortageError{Short: []inventory.Shortage{{Item: "tee", Location: "ber", Want: 1}}}, err)
	s.hold(t, inventory.Hold{Owner: "order-2", Item: "tee", Lot: "b", Location: "ber", Qty: 1})
	s.balanced(t)
}

func TestASecondSoftHoldReplacesTheFirstAndACommittedOneAdds(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	s.hold(t, soft("cart-1", 0, 5))
	s.hold(t, soft("cart-1", 0, 5))
	require.Equal(t, int64(5), s.of("tee", "ber", inventory.Soft), "the buyer is not blocked by the own cart")
	s.hold(t, soft("cart-1", 0, 2))
	require.Equal(t, int64(2), s.of("tee", "ber", inventory.Soft))
	s.hold(t, firm("order-1", 1, 1))
	s.hold(t, firm("order-1", 1, 2))
	require.Equal(t, int64(3), s.reservations[key1].Committed)
	require.Equal(t, int64(2), s.reservations[key1].Version)
	s.balanced(t)
}

func TestTwoHoldsOfOneCallNeverTakeTheSameUnit(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(t *testing.T, s *shelf){
		"on a fresh shelf": func(*testing.T, *shelf) {},
		"replacing what the owner held": func(t *testing.T, s *shelf) {
			t.Helper()
			s.hold(t, soft("cart-1", 0, 1))
		},
		"replacing what expired": func(t *testing.T, s *shelf) {
			t.Helper()
			s.hold(t, inventory.Hold{Owner: "cart-1", Item: "tee", Location: "ber", Qty: 4, Until: noon.Add(1)})
			s.now = noon.Add(1)
		},
		"after someone else's hold expired": func(t *testing.T, s *shelf) {
			t.Helper()
			s.hold(t, inventory.Hold{Owner: "cart-2", Item: "tee", Location: "ber", Qty: 4, Until: noon.Add(1)})
			s.now = noon.Add(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			s.stock(t, "tee", "", "ber", 5)
			before(t, s)
			c, err := s.reserve(soft("cart-1", 0, 3), soft("cart-1", 1, 3))
			refused(t, c, err, inventory.ErrShortage)
			c, err = s.reserve(soft("cart-1", 0, 3), soft("cart-1", 0, 3))
			refused(t, c, err, inventory.ErrShortage)
			s.hold(t, soft("cart-1", 0, 3), soft("cart-1", 1, 1), soft("cart-1", 0, 1))
			require.Equal(t, int64(5), s.of("tee", "ber", inventory.Soft), "holds of one call add up, also under one key")
			s.balanced(t)
		})
	}
}

func TestAnOwnerMayMoveSoftUnitsBetweenLinesWhenNothingElseIsLeft(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 8)
	s.hold(t, soft("cart-1", 1, 3), soft("cart-1", 2, 5))
	s.hold(t, soft("cart-1", 1, 5), soft("cart-1", 2, 3))
	require.Equal(t, int64(8), s.of("tee", "ber", inventory.Soft))
	s.balanced(t)
}

func TestExpiredHoldsNeverBlockAReserveAndAreTidiedInTheSamePosting(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	s.hold(t, soft("cart-1", 0, 3))
	s.now = later.Add(-1)
	c, err := s.reserve(firm("order-1", 1, 4))
	refused(t, c, err, inventory.ErrShortage)
	s.now = later
	c = s.hold(t, firm("order-1", 1, 2))
	require.Len(t, c.Posting.Movements, 1, "two free units are enough: nothing is tidied for their sake")
	c = s.hold(t, firm("order-1", 1, 2))
	require.Len(t, c.Posting.Movements, 2)
	require.Len(t, c.Reservations, 2)
	require.Equal(t, int64(3), c.Reservations[0].Released)
	require.True(t, c.Reservations[0].Until.IsZero())
	c, err = s.reserve(firm("order-1", 1, 2))
	refused(t, c, err, inventory.ErrShortage)
	s.balanced(t)
}

func TestSweepOnlyTidies(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	s.hold(t, soft("cart-1", 0, 3))
	c, err := inventory.Sweep(s.snapshot(""), s.meta())
	require.NoError(t, err)
	require.True(t, c.Empty(), "a live hold is left alone")
	s.now = later
	c, err = inventory.Sweep(s.snapshot(""), s.meta())
	s.ok(t, c, err)
	require.Equal(t, inventory.ReasonExpire, c.Posting.Reason)
	require.Equal(t, int64(5), s.of("tee", "ber", inventory.Free))
	c, err = inventory.Sweep(s.snapshot(""), s.meta())
	require.NoError(t, err)
	require.True(t, c.Empty(), "a second sweep finds nothing")
	s.balanced(t)
}

func TestCommitPromisesWhatIsHeldUnlessItExpired(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	c, err := inventory.Commit(s.snapshot("cart-1"), "cart-1", "order-1", s.meta())
	refused(t, c, err, inventory.ErrReservation)
	s.hold(t, soft("cart-1", 1, 2), soft("cart-1", 2, 1))
	held := s.snapshot("cart-1")
	s.now = later
	c, err = inventory.Commit(held, "cart-1", "order-1", s.meta())
	refused(t, c, err, inventory.ErrExpiry)
	require.Equal(t, &inventory.ExpiryError{Until: later, Now: later}, err)
	c, err = inventory.Progress(held, []inventory.Step{
		{Key: held.Reservations[0].ReservationKey, From: inventory.Soft, To: inventory.Committed, Qty: 1},
	}, "order-1", s.meta())
	refused(t, c, err, inventory.ErrExpiry)
	s.now = later.Add(-1)
	c, err = inventory.Commit(s.snapshot("cart-1"), "cart-1", "order-1", s.meta())
	s.ok(t, c, err)
	require.Equal(t, int64(3), s.of("tee", "ber", inventory.Committed))
	require.True(t, s.held()[0].Until.IsZero())
	s.balanced(t)
}

func TestReleaseFreesWhateverAnOwnerHolds(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 9)
	s.hold(t, firm("order-1", 1, 6))
	s.step(t, inventory.Committed, inventory.Picked, 3)
	s.step(t, inventory.Picked, inventory.Packed, 1)
	s.step(t, inventory.Committed, inventory.Customer, 1)
	s.hold(t, soft("order-1", 1, 1))
	c, err := inventory.Release(s.snapshot("order-1"), "order-1", "doc", s.meta())
	s.ok(t, c, err)
	require.Equal(t, inventory.ReasonRelease, c.Posting.Reason)
	require.Equal(t, int64(8), s.of("tee", "ber", inventory.Free), "what has shipped does not come back")
	r := s.reservations[key1]
	require.Zero(t, r.Open())
	require.Equal(t, int64(6), r.Released)
	c, err = inventory.Release(s.snapshot("order-1"), "order-1", "doc", s.meta())
	refused(t, c, err, inventory.ErrReservation)
	require.EqualError(t, err, "inventory: reservation refused: order-1 holds no open units")
	s.balanced(t)
}

func TestShipSendsWhatIsCommittedAndNotWhatIsOnlyHeld(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 9)
	s.hold(t, soft("order-1", 1, 2))
	c, err := inventory.Ship(s.snapshot("order-1"), "order-1", "doc", s.meta())
	refused(t, c, err, inventory.ErrReservation)
	s.hold(t, firm("order-1", 1, 3))
	s.step(t, inventory.Committed, inventory.Picked, 1)
	s.step(t, inventory.Committed, inventory.Packed, 1)
	c, err = inventory.Ship(s.snapshot("order-1"), "order-1", "doc", s.meta())
	s.ok(t, c, err)
	require.Equal(t, inventory.ReasonShip, c.Posting.Reason)
	require.Equal(t, inventory.Reservation{ReservationKey: key1, Soft: 2, Until: later, Shipped: 3, Version: 5}, s.reservations[key1])
	s.balanced(t)
}

// step progresses units of the reservation key1.
func (s *shelf) step(t require.TestingT, from, to inventory.State, qty int64) {
	c, err := inventory.Progress(s.snapshot(key1.Owner), []inventory.Step{{Key: key1, From: from, To: to, Qty: qty}}, "doc", s.meta())
	s.ok(t, c, err)
}

// life is the whole life of a reserved unit, as the documentation of states tells it.
var life = map[inventory.State]map[inventory.State]inventory.Reason{
	inventory.Soft: {inventory.Committed: inventory.ReasonReserve, inventory.Free: inventory.ReasonRelease},
	inventory.Committed: {inventory.Free: inventory.ReasonRelease, inventory.Picked: inventory.ReasonPick, inventory.Packed: inventory.ReasonPack,
		inventory.Customer: inventory.ReasonShip, inventory.InTransit: inventory.ReasonTransfer, inventory.Shrink: inventory.ReasonShort},
	inventory.Picked: {inventory.Free: inventory.ReasonRelease, inventory.Committed: inventory.ReasonRelease, inventory.Packed: inventory.ReasonPack,
		inventory.Customer: inventory.ReasonShip, inventory.Shrink: inventory.ReasonShort},
	inventory.Packed: {inventory.Free: inventory.ReasonRelease, inventory.Committed: inventory.ReasonRelease, inventory.Customer: inventory.ReasonShip},
}

func TestProgressAllowsEveryStepOfTheLifeOfAUnitAndNoOther(t *testing.T) {
	t.Parallel()
	for from := inventory.State(0); from <= inventory.Production+1; from++ {
		for to := inventory.State(0); to <= inventory.Production+1; to++ {
			s := newShelf()
			s.stock(t, "tee", "", "ber", 9)
			s.hold(t, soft("order-1", 1, 2))
			s.hold(t, firm("order-1", 1, 6))
			s.step(t, inventory.Committed, inventory.Picked, 2)
			s.step(t, inventory.Committed, inventory.Packed, 2)
			c, err := inventory.Progress(s.snapshot("order-1"), []inventory.Step{{Key: key1, From: from, To: to, Qty: 2}}, "doc", s.meta())
			reason, legal := life[from][to]
			if !legal {
				refused(t, c, err, inventory.ErrState)
				continue
			}
			s.ok(t, c, err)
			require.Equal(t, reason, c.Posting.Reason, "%s to %s", from, to)
			r := s.held()[0]
			require.Zero(t, r.Of(from), "all two units left")
			switch to {
			case inventory.Customer, inventory.InTransit:
				require.Equal(t, int64(2), r.Shipped)
			case inventory.Free, inventory.Shrink:
				require.Equal(t, int64(2), r.Released)
			default:
				require.Equal(t, int64(4), r.Of(to))
			}
			s.balanced(t)
		}
	}
}

func TestProgressConsumesItsReservationAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 9)
	s.hold(t, firm("order-1", 1, 2))
	other := key1
	other.Owner = "order-2"
	for name, c := range map[string]struct {
		step inventory.Step
		want *inventory.ReservationError
	}{
		"more than it has": {
			inventory.Step{Key: key1, From: inventory.Committed, To: inventory.Picked, Qty: 3},
			&inventory.ReservationError{Key: key1, Want: 3, Have: 2, State: inventory.Committed},
		},
		"from where it has none": {
			inventory.Step{Key: key1, From: inventory.Picked, To: inventory.Customer, Qty: 1},
			&inventory.ReservationError{Key: key1, Want: 1, State: inventory.Picked},
		},
		"of nobody's": {
			inventory.Step{Key: other, From: inventory.Committed, To: inventory.Picked, Qty: 1},
			&inventory.ReservationError{Key: other},
		},
	} {
		got, err := inventory.Progress(s.snapshot("order-1"), []inventory.Step{c.step}, "doc", s.meta())
		refused(t, got, err, inventory.ErrReservation)
		require.Equal(t, c.want, err, name)
	}
	for _, qty := range []int64{0, -1, inventory.MaxQty + 1} {
		c, err := inventory.Progress(s.snapshot("order-1"), []inventory.Step{{Key: key1, From: inventory.Committed, To: inventory.Picked, Qty: qty}}, "doc", s.meta())
		refused(t, c, err, inventory.ErrQuantity)
	}
	c, err := inventory.Progress(s.snapshot("order-1"), []inventory.Step{
		{Key: key1, From: inventory.Committed, To: inventory.Picked, Qty: 2}, {Key: key1, From: inventory.Committed, To: inventory.Picked, Qty: 1},
	}, "doc", s.meta())
	refused(t, c, err, inventory.ErrReservation)
	c, err = inventory.Progress(s.snapshot("order-1"), nil, "doc", s.meta())
	require.NoError(t, err)
	require.True(t, c.Empty())
}

func TestFullyReservedStockCanStillBeShipped(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 2)
	s.hold(t, firm("order-1", 1, 2))
	c, err := inventory.Ship(s.snapshot("order-1"), "order-1", "doc", s.meta())
	s.ok(t, c, err)
	require.Zero(t, s.of("tee", "ber", inventory.Committed))
}

func TestAReservationKeyReadsAsWhoseAndWhat(t *testing.T) {
	t.Parallel()
	lot := key1
	lot.Lot = "l1"
	require.Equal(t, "order-1/1 tee@ber", key1.String())
	require.Equal(t, "order-1/1 tee@ber lot l1", lot.String())
	require.Equal(t, "order-1", inventory.ReservationKey{Owner: "order-1"}.String())
	require.Equal(t, "/2 @ber", inventory.ReservationKey{Line: 2, Location: "ber"}.String())
	var r inventory.Reservation
	require.Zero(t, r.Of(inventory.Free))
	require.Zero(t, r.Of(inventory.Customer), "what has shipped is no longer held")
}
