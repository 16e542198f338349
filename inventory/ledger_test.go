package inventory_test

import (
	"math"
	"strings"
	"testing"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
)

func TestReceiveBringsUnitsFromTheSupplier(t *testing.T) {
	t.Parallel()
	s := newShelf()
	c, err := inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "tee", Lot: "l1", Location: "ber", Qty: 40, Ref: "po-17"}, s.meta())
	require.NoError(t, err)
	require.Equal(t, inventory.Changes{Posting: inventory.Posting{
		ID: s.meta().ID, Reason: inventory.ReasonReceipt, Document: "po-17", Actor: "ann", At: noon,
		Movements: []inventory.Movement{{Item: "tee", Lot: "l1", From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: 40}},
	}, Lots: []inventory.Lot{{Item: "tee", ID: "l1", Received: noon, Origin: "po-17", Version: 1}}}, c)
	c, err = inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "tee", Location: "ber", Qty: 2, Into: inventory.QC}, s.meta())
	s.ok(t, c, err)
	require.Equal(t, int64(2), s.of("tee", "ber", inventory.QC))
}

func TestWhatTheLedgerDoesNotKnowIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		r    inventory.Receipt
		want error
	}{
		"unknown item":            {inventory.Receipt{Item: "TEE", Location: "ber", Qty: 1}, inventory.ErrUnknownItem},
		"no item":                 {inventory.Receipt{Location: "ber", Qty: 1}, inventory.ErrUnknownItem},
		"untracked item":          {inventory.Receipt{Item: "gift-wrap", Location: "ber", Qty: 1}, inventory.ErrUntracked},
		"unknown location":        {inventory.Receipt{Item: "tee", Location: "Ber", Qty: 1}, inventory.ErrUnknownLocation},
		"no location":             {inventory.Receipt{Item: "tee", Qty: 1}, inventory.ErrUnknownLocation},
		"nothing":                 {inventory.Receipt{Item: "tee", Location: "ber"}, inventory.ErrQuantity},
		"less than nothing":       {inventory.Receipt{Item: "tee", Location: "ber", Qty: -1}, inventory.ErrQuantity},
		"too much at once":        {inventory.Receipt{Item: "tee", Location: "ber", Qty: inventory.MaxQty + 1}, inventory.ErrQuantity},
		"into a reservation":      {inventory.Receipt{Item: "tee", Location: "ber", Qty: 1, Into: inventory.Committed}, inventory.ErrState},
		"into the customer":       {inventory.Receipt{Item: "tee", Location: "ber", Qty: 1, Into: inventory.Customer}, inventory.ErrState},
		"into a state that isn't": {inventory.Receipt{Item: "tee", Location: "ber", Qty: 1, Into: 77}, inventory.ErrState},
		"malformed lot":           {inventory.Receipt{Item: "tee", Lot: " l1", Location: "ber", Qty: 1}, inventory.ErrID},
		"lot too long":            {inventory.Receipt{Item: "tee", Lot: strings.Repeat("l", 129), Location: "ber", Qty: 1}, inventory.ErrID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			got, err := inventory.Receive(s.snapshot(""), c.r, s.meta())
			refused(t, got, err, c.want)
		})
	}
}

func TestABalanceThatWouldOverflowIsRefusedByName(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", inventory.MaxQty)
	c, err := inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "tee", Location: "ber", Qty: 1}, s.meta())
	refused(t, c, err, inventory.ErrQuantity)
	require.ErrorContains(t, err, `"ber" would have more than 1000000000000 on hand`)
}

func TestReservedUnitsAlwaysFindRoomWhenTheyAreFreed(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", inventory.MaxQty)
	s.hold(t, firm("order-1", 1, 1))
	c, err := inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "tee", Location: "ber", Qty: 1}, s.meta())
	refused(t, c, err, inventory.ErrQuantity)
	c, err = inventory.Release(s.snapshot("order-1"), "order-1", "doc", s.meta())
	s.ok(t, c, err)
}

func TestAdjustCorrectsAgainstTheAccountOfItsReason(t *testing.T) {
	t.Parallel()
	for reason, other := range map[inventory.Reason]inventory.State{
		inventory.ReasonOpening: inventory.Supplier, inventory.ReasonCount: inventory.Shrink, inventory.ReasonFound: inventory.Shrink,
		inventory.ReasonLost: inventory.Shrink, inventory.ReasonDamage: inventory.Scrap, inventory.ReasonWriteOff: inventory.Scrap,
	} {
		for _, state := range []inventory.State{inventory.Free, inventory.QC, inventory.Damaged, inventory.Held} {
			s := newShelf()
			c, err := inventory.Adjust(s.snapshot(""), inventory.Adjustment{Item: "tee", Location: "ber", State: state, Delta: 5, Reason: reason, Ref: "count-1"}, s.meta())
			s.ok(t, c, err)
			require.Equal(t, reason, c.Posting.Reason)
			require.Equal(t, "count-1", c.Posting.Document)
			require.Equal(t, inventory.Outside(other), c.Posting.Movements[0].From)
			c, err = inventory.Adjust(s.snapshot(""), inventory.Adjustment{Item: "tee", Location: "ber", State: state, Delta: -5, Reason: reason}, s.meta())
			s.ok(t, c, err)
			require.Equal(t, inventory.Outside(other), c.Posting.Movements[0].To)
			require.Zero(t, s.of("tee", "ber", state))
			s.balanced(t)
		}
	}
}

func TestAdjustRefusesWhatIsNotACorrection(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a    inventory.Adjustment
		want error
	}{
		"no reason":             {inventory.Adjustment{Item: "tee", Location: "ber", Delta: 1}, inventory.ErrReason},
		"another one's reason":  {inventory.Adjustment{Item: "tee", Location: "ber", Delta: 1, Reason: inventory.ReasonShip}, inventory.ErrReason},
		"by nothing":            {inventory.Adjustment{Item: "tee", Location: "ber", Reason: inventory.ReasonCount}, inventory.ErrQuantity},
		"by the least integer":  {inventory.Adjustment{Item: "tee", Location: "ber", Delta: math.MinInt64, Reason: inventory.ReasonCount}, inventory.ErrQuantity},
		"of reserved units":     {inventory.Adjustment{Item: "tee", Location: "ber", State: inventory.Picked, Delta: 1, Reason: inventory.ReasonCount}, inventory.ErrState},
		"more than there is":    {inventory.Adjustment{Item: "tee", Location: "ber", Delta: -4, Reason: inventory.ReasonCount}, inventory.ErrShortage},
		"of a lot that is not":  {inventory.Adjustment{Item: "tee", Lot: "x", Location: "ber", Delta: -1, Reason: inventory.ReasonCount}, inventory.ErrShortage},
		"of an untracked item":  {inventory.Adjustment{Item: "gift-wrap", Location: "ber", Delta: 1, Reason: inventory.ReasonCount}, inventory.ErrUntracked},
		"at an unknown address": {inventory.Adjustment{Item: "tee", Location: "par", Delta: 1, Reason: inventory.ReasonCount}, inventory.ErrUnknownLocation},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			s.stock(t, "tee", "", "ber", 3)
			got, err := inventory.Adjust(s.snapshot(""), c.a, s.meta())
			refused(t, got, err, c.want)
		})
	}
}

func TestReservedUnitsAreOutOfReachOfAdjustTransferAndMove(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 3)
	s.hold(t, inventory.Hold{Owner: "order-1", Item: "tee", Location: "ber", Qty: 2})
	want := &inventory.ShortageError{Short: []inventory.Shortage{{Item: "tee", Location: "ber", Want: 2, Have: 1}}}
	c, err := inventory.Adjust(s.snapshot(""), inventory.Adjustment{Item: "tee", Location: "ber", Delta: -2, Reason: inventory.ReasonLost}, s.meta())
	refused(t, c, err, inventory.ErrShortage)
	require.Equal(t, want, err)
	c, err = inventory.Transfer(s.snapshot(""), inventory.Shift{Item: "tee", From: "ber", To: "ams", Qty: 2}, s.meta())
	refused(t, c, err, inventory.ErrShortage)
	require.Equal(t, want, err)
	for _, state := range []inventory.State{inventory.Soft, inventory.Committed, inventory.Picked, inventory.Packed} {
		reserved, free := inventory.At("ber", state), inventory.At("ber", inventory.Free)
		for _, m := range []inventory.Movement{{Item: "tee", From: reserved, To: free, Qty: 1}, {Item: "tee", From: free, To: reserved, Qty: 1}} {
			c, err = inventory.Move(s.snapshot(""), []inventory.Movement{m}, inventory.ReasonInspect, "", s.meta())
			refused(t, c, err, inventory.ErrState)
		}
	}
}

func TestTransferCarriesFreeUnitsAtOnce(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "l1", "ber", 3)
	c, err := inventory.Transfer(s.snapshot(""), inventory.Shift{Item: "tee", Lot: "l1", From: "ber", To: "ams", Qty: 2, Ref: "t-1"}, s.meta())
	s.ok(t, c, err)
	require.Len(t, c.Posting.Movements, 1, "no unit is in neither place for a moment")
	require.Equal(t, int64(1), s.of("tee", "ber", inventory.Free))
	require.Equal(t, int64(2), s.of("tee", "ams", inventory.Free))
	c, err = inventory.Transfer(s.snapshot(""), inventory.Shift{Item: "tee", From: "ber", To: "ber", Qty: 1}, s.meta())
	refused(t, c, err, inventory.ErrState)
}

func TestUnitsOfExpiredHoldsAreFreeForEveryCommandNotOnlyForSales(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]func(s *shelf) (inventory.Changes, error){
		"transfer": func(s *shelf) (inventory.Changes, error) {
			return inventory.Transfer(s.snapshot(""), inventory.Shift{Item: "tee", From: "ber", To: "ams", Qty: 3}, s.meta())
		},
		"adjust": func(s *shelf) (inventory.Changes, error) {
			return inventory.Adjust(s.snapshot(""), inventory.Adjustment{Item: "tee", Location: "ber", Delta: -3, Reason: inventory.ReasonLost}, s.meta())
		},
		"move": func(s *shelf) (inventory.Changes, error) {
			return inventory.Move(s.snapshot(""), []inventory.Movement{
				{Item: "tee", From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Held), Qty: 3},
			}, inventory.ReasonInspect, "", s.meta())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			s.stock(t, "tee", "", "ber", 3)
			s.hold(t, inventory.Hold{Owner: "cart-1", Item: "tee", Location: "ber", Qty: 3, Until: noon.Add(1)})
			c, err := command(s)
			refused(t, c, err, inventory.ErrShortage)
			s.now = noon.Add(1)
			c, err = command(s)
			s.ok(t, c, err)
			require.Zero(t, s.of("tee", "ber", inventory.Soft))
			s.balanced(t)
		})
	}
}

func TestReturnTakesUnitsBackFromTheCustomer(t *testing.T) {
	t.Parallel()
	s := newShelf()
	c, err := inventory.Return(s.snapshot(""), []inventory.GoodsBack{
		{Item: "tee", Location: "ber", Qty: 1},
		{Item: "tee", Location: "ber", Qty: 2, Into: inventory.Free},
		{Item: "mug", Lot: "l1", Location: "ams", Qty: 3, Into: inventory.Damaged},
		{Item: "mug", Location: "old", Qty: 4, Into: inventory.Held},
	}, "rma-1", s.meta())
	s.ok(t, c, err)
	require.Len(t, s.log, 1, "all in one posting")
	require.Equal(t, int64(1), s.of("tee", "ber", inventory.QC), "units wait for inspection unless the command says otherwise")
	require.Equal(t, int64(2), s.of("tee", "ber", inventory.Free))
	require.Equal(t, int64(3), s.of("mug", "ams", inventory.Damaged))
	require.Equal(t, int64(4), s.of("mug", "old", inventory.Held))

	c, err = inventory.Return(s.snapshot(""), []inventory.GoodsBack{{Item: "tee", Location: "ber", Qty: 1}, {Item: "tee", Location: "ber", Qty: 1, Into: inventory.Packed}}, "", s.meta())
	refused(t, c, err, inventory.ErrState)
	c, err = inventory.Return(s.snapshot(""), []inventory.GoodsBack{{Item: "tee", Location: "ber", Qty: 1}, {Item: "gift-wrap", Location: "ber", Qty: 1}}, "", s.meta())
	refused(t, c, err, inventory.ErrUntracked)
	c, err = inventory.Return(s.snapshot(""), nil, "", s.meta())
	require.NoError(t, err)
	require.True(t, c.Empty())
}

func TestMoveDecidesDispositionsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := newShelf()
	c, err := inventory.Receive(s.snapshot(""), inventory.Receipt{Item: "tee", Location: "ber", Qty: 3, Into: inventory.QC}, s.meta())
	s.ok(t, c, err)
	from := inventory.At("ber", inventory.QC)
	movements := []inventory.Movement{
		{Item: "tee", From: from, To: inventory.At("ber", inventory.Free), Qty: 1},
		{Item: "tee", From: from, To: inventory.Outside(inventory.Scrap), Qty: 1},
		{Item: "tee", From: from, To: inventory.At("ams", inventory.Free), Qty: 1},
	}
	c, err = inventory.Move(s.snapshot(""), append(movements, movements[0]), inventory.ReasonInspect, "rma-1", s.meta())
	refused(t, c, err, inventory.ErrShortage)
	require.Equal(t, &inventory.ShortageError{Short: []inventory.Shortage{{Item: "tee", Location: "ber", Want: 1}}}, err, "movements see what earlier ones took")
	c, err = inventory.Move(s.snapshot(""), movements, inventory.ReasonInspect, "rma-1", s.meta())
	s.ok(t, c, err)
	require.Equal(t, int64(1), s.of("tee", "ber", inventory.Free))
	require.Equal(t, int64(1), s.of("tee", "ams", inventory.Free))
	require.Zero(t, s.of("tee", "ber", inventory.QC))
	s.balanced(t)
}

func TestMoveListsEveryShortageAndTakesOnlyKnownReasons(t *testing.T) {
	t.Parallel()
	s := newShelf()
	_, err := inventory.Move(s.snapshot(""), []inventory.Movement{
		{Item: "tee", From: inventory.At("ber", inventory.QC), To: inventory.At("ber", inventory.Free), Qty: 1},
		{Item: "mug", From: inventory.At("ams", inventory.Held), To: inventory.At("ams", inventory.Free), Qty: 2},
	}, inventory.ReasonInspect, "", s.meta())
	require.EqualError(t, err, `inventory: not enough stock: item "tee" at "ber": want 1, have 0; item "mug" at "ams": want 2, have 0`)
	for _, reason := range []inventory.Reason{"", "Inspect", "because"} {
		c, err := inventory.Move(s.snapshot(""), nil, reason, "", s.meta())
		refused(t, c, err, inventory.ErrReason)
	}
}

func TestManyShiftsAreOnePostingAndAllOrNothing(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.stock(t, "tee", "", "ber", 5)
	s.stock(t, "mug", "l1", "ber", 5)
	shifts := []inventory.Shift{{Item: "tee", From: "ber", To: "ams", Qty: 3}, {Item: "mug", Lot: "l1", From: "ber", To: "ams", Qty: 5}, {Item: "tee", From: "ber", To: "ams", Qty: 3}}
	c, err := inventory.TransferAll(s.snapshot(""), shifts, "t-1", s.meta())
	refused(t, c, err, inventory.ErrShortage)
	require.Equal(t, &inventory.ShortageError{Short: []inventory.Shortage{{Item: "tee", Location: "ber", Want: 3, Have: 2}}}, err)
	c, err = inventory.TransferAll(s.snapshot(""), shifts[:2], "t-1", s.meta())
	s.ok(t, c, err)
	require.Len(t, c.Posting.Movements, 2)
	require.Equal(t, "t-1", c.Posting.Document)
	require.Equal(t, int64(5), s.of("mug", "ams", inventory.Free))
	c, err = inventory.TransferAll(s.snapshot(""), nil, "t-1", s.meta())
	refused(t, c, err, inventory.ErrQuantity)
}

func TestWhatAPlannerAsksFirstIsWhatTheLedgerAsks(t *testing.T) {
	t.Parallel()
	snap := newShelf().snapshot("")
	require.NoError(t, snap.CheckItem("tee"))
	require.ErrorIs(t, snap.CheckItem("hat"), inventory.ErrUnknownItem)
	require.ErrorIs(t, snap.CheckItem("gift-wrap"), inventory.ErrUntracked)
	require.NoError(t, snap.CheckLocation("old"))
	require.ErrorIs(t, snap.CheckLocation("rom"), inventory.ErrUnknownLocation)
	require.NoError(t, inventory.CheckQty("tee", inventory.MaxQty))
	require.ErrorIs(t, inventory.CheckQty("tee", 0), inventory.ErrQuantity)
	require.NoError(t, inventory.CheckLot(""))
	require.NoError(t, inventory.CheckLot("l1"))
	require.ErrorIs(t, inventory.CheckLot(" l1"), inventory.ErrID)
	require.NoError(t, inventory.CheckNote("remark", ""))
	require.EqualError(t, inventory.CheckNote("remark", "a\tb"), `inventory: malformed id: remark "a\tb" has control characters`)
}
