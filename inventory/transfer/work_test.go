package transfer_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/transfer"
)

func kinds(events []transfer.Event) string {
	var out []string
	for _, e := range events {
		out = append(out, e.Kind())
	}
	return strings.Join(out, " ")
}

func TestGoodsGoFromShelfToShelfOverTheRoad(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "", "ber", 10)
	x := y.draft(transfer.DraftLine{Item: "tee", Qty: 8})
	require.Equal(t, transfer.StateDraft, x.State)
	require.Equal(t, int64(10), y.at("tee", "", "ber", inventory.Free), "a draft holds nothing")

	x, events := y.run(x, y.ready)
	require.Equal(t, []transfer.Event{transfer.MadeReady{Transfer: x.ID, From: "ber", Units: []transfer.Units{{Line: 1, Qty: 8}}}}, events)
	require.Equal(t, int64(2), y.at("tee", "", "ber", inventory.Free))
	require.Equal(t, int64(8), y.at("tee", "", "ber", inventory.Committed))

	x, events = y.run(x, y.ship())
	require.Equal(t, "transfer.shipped", kinds(events))
	require.Equal(t, transfer.StateInTransit, x.State)
	require.Zero(t, y.at("tee", "", "ber", inventory.Committed), "units on the road are at no location")
	require.Equal(t, int64(8), y.outside("tee", inventory.InTransit))
	require.Equal(t, map[inventory.Key]int64{{Item: "tee"}: 8}, x.InTransit())

	x, events = y.run(x, y.receive("dock-1", transfer.Arrival{Line: 1, Qty: 3}, transfer.Arrival{Line: 1, Qty: 1, Into: inventory.QC}))
	require.Equal(t, "transfer.received", kinds(events))
	require.Equal(t, transfer.StatePartiallyReceived, x.State)
	x, _ = y.run(x, y.receive("dock-2", transfer.Arrival{Line: 1, Qty: 2, As: transfer.Rejected, Why: "wet"}, transfer.Arrival{Line: 1, Qty: 1, As: transfer.Returned}))
	require.True(t, x.Open())
	x, events = y.run(x, y.receive("dock-3", transfer.Arrival{Line: 1, Qty: 1}))
	require.True(t, events[0].(transfer.Received).Complete)
	require.Equal(t, transfer.StateReceived, x.State)
	require.False(t, x.Open())
	require.Equal(t, transfer.Part{Received: 5, Rejected: 2, Returned: 1}, x.Sum())
	for place, want := range map[inventory.Account]int64{
		inventory.At("ham", inventory.Free): 4, inventory.At("ham", inventory.QC): 1, inventory.At("ham", inventory.Damaged): 2,
		inventory.At("ber", inventory.Free): 2, inventory.At("ber", inventory.QC): 1,
	} {
		require.Equal(t, want, y.at("tee", "", place.Location, place.State), place)
	}
	require.Zero(t, y.outside("tee", inventory.InTransit))
}

func TestWhatNeverArrivesIsClosedAsAVariance(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "", "ber", 10)
	x, _ := y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 10}), y.ready)
	x, _ = y.run(x, y.ship(transfer.Units{Line: 1, Qty: 6}))
	err := y.refused(transfer.ErrTransition, x, y.close("fell off"))
	require.ErrorContains(t, err, "line 1: 4 units are ready at the origin; ship or withdraw them first")
	x, events := y.run(x, y.withdraw())
	require.Equal(t, []transfer.Event{transfer.Withdrawn{Transfer: x.ID, From: "ber", Units: []transfer.Units{{Line: 1, Qty: 4}}}}, events)
	x, _ = y.run(x, y.receive("", transfer.Arrival{Line: 1, Qty: 5}))
	y.refused(transfer.ErrReason, x, y.close(""))
	x, events = y.run(x, y.close("fell off"))
	require.Equal(t, []transfer.Event{transfer.Variance{Transfer: x.ID, From: "ber", To: "ham", Lost: []transfer.Units{{Line: 1, Qty: 1}}, Why: "fell off"}}, events)
	require.Equal(t, transfer.StateVariance, x.State)
	require.Equal(t, int64(1), y.outside("tee", inventory.Shrink))
	require.Equal(t, int64(4), x.Lines[0].Cancelled)
	err = y.refused(transfer.ErrTransition, x, y.receive("late", transfer.Arrival{Line: 1, Qty: 1}))
	var closed *transfer.TransitionError
	require.ErrorAs(t, err, &closed)
	require.Equal(t, &transfer.TransitionError{Transfer: x.ID, From: transfer.StateVariance, Action: transfer.ActionReceive}, closed)
}

func TestAShortDispatchEndsWithTheLastUnitReceived(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "", "ber", 10)
	x, _ := y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 10}), y.ready)
	x, _ = y.run(x, y.ship(transfer.Units{Line: 1, Qty: 6}))
	x, _ = y.run(x, y.receive("", transfer.Arrival{Line: 1, Qty: 6}))
	require.Equal(t, transfer.StatePartiallyReceived, x.State, "4 are still ready")
	x, _ = y.run(x, y.ship(transfer.Units{Line: 1, Qty: 3}))
	x, _ = y.run(x, y.receive("", transfer.Arrival{Line: 1, Qty: 3}))
	x, events := y.run(x, y.withdraw())
	require.True(t, events[0].(transfer.Withdrawn).Complete)
	require.Equal(t, transfer.StateReceived, x.State)
	require.Equal(t, int64(1), y.at("tee", "", "ber", inventory.Free))
	require.Len(t, x.Dispatches, 2)
	require.Equal(t, "ann", x.Dispatches[0].Actor)
}

func TestCancellingFreesWhatIsHeldAndIsRefusedOnceShipped(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "", "ber", 10)
	d, events := y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 10}), y.cancel("a mistake"))
	require.Equal(t, []transfer.Event{transfer.Cancelled{Transfer: d.ID, Why: "a mistake"}}, events)
	require.Equal(t, transfer.StateCancelled, d.State)
	x, _ := y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 10}), y.ready)
	c, _ := y.run(x, y.cancel(""))
	require.Equal(t, int64(10), y.at("tee", "", "ber", inventory.Free))
	require.Equal(t, int64(10), c.Lines[0].Cancelled)
	x, _ = y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 10}), y.ready)
	x, _ = y.run(x, y.ship())
	y.refused(transfer.ErrTransition, x, y.cancel(""))
}

func TestLotsFollowThePickingAndStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "l1", "ber", 4)
	y.stock("tee", "l2", "ber", 4)
	x, _ := y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 6}, transfer.DraftLine{Item: "tee", Lot: "l2", Qty: 1}), y.ready)
	require.Equal(t, []transfer.Part{{Lot: "l1", Ready: 4}, {Lot: "l2", Ready: 2}}, x.Lines[0].Parts)
	require.Equal(t, []transfer.Part{{Lot: "l2", Ready: 1}}, x.Lines[1].Parts)
	err := y.refused(transfer.ErrLot, x, y.ship(transfer.Units{Line: 1, Qty: 3}))
	require.Equal(t, &transfer.LotError{Line: 1, Lots: []string{"l1", "l2"}}, err)
	err = y.refused(transfer.ErrLot, x, y.ship(transfer.Units{Line: 1, Lot: "l3", Qty: 3}))
	require.Equal(t, &transfer.LotError{Line: 1, Lot: "l3", Lots: []string{"l1", "l2"}}, err)
	y.refused(transfer.ErrQuantity, x, y.ship(transfer.Units{Line: 1, Lot: "l2", Qty: 3}))
	x, _ = y.run(x, y.ship())
	y.refused(transfer.ErrLot, x, y.receive("", transfer.Arrival{Line: 1, Qty: 1}))
	x, _ = y.run(x, y.receive("", transfer.Arrival{Line: 1, Lot: "l2", Qty: 1}, transfer.Arrival{Line: 2, Qty: 1}))
	x, _ = y.run(x, y.receive("", transfer.Arrival{Line: 1, Qty: 5}))
	require.Equal(t, transfer.StateReceived, x.State)
	require.Equal(t, int64(4), y.at("tee", "l1", "ham", inventory.Free))
	require.Equal(t, int64(3), y.at("tee", "l2", "ham", inventory.Free))
}

func TestMoreThanIsInTransitIsNeverReceived(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "", "ber", 10)
	x, _ := y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 5}), y.ready)
	y.refused(transfer.ErrTransition, x, y.receive("", transfer.Arrival{Line: 1, Qty: 1}))
	x, _ = y.run(x, y.ship())
	for _, arrivals := range [][]transfer.Arrival{{{Line: 1, Qty: 6}}, {{Line: 1, Qty: 3}, {Line: 1, Qty: 3}}} {
		err := y.refused(transfer.ErrOverReceipt, x, y.receive("", arrivals...))
		var line *transfer.LineError
		require.ErrorAs(t, err, &line)
		require.Equal(t, 1, line.Facts.No)
		require.Less(t, line.Have, line.Want)
	}
	y.refused(transfer.ErrQuantity, x, y.receive(""))
	y.refused(transfer.ErrUnknownLine, x, y.receive("", transfer.Arrival{Line: 2, Qty: 1}))
	y.refused(inventory.ErrQuantity, x, y.receive("", transfer.Arrival{Line: 1, Qty: 0}))
	y.refused(inventory.ErrQuantity, x, y.receive("", transfer.Arrival{Line: 1, Qty: -1}))
	y.refused(transfer.ErrOutcome, x, y.receive("", transfer.Arrival{Line: 1, Qty: 1, As: "burnt"}))
	y.refused(transfer.ErrOutcome, x, y.receive("", transfer.Arrival{Line: 1, Qty: 1, Into: inventory.Picked}))
	y.refused(transfer.ErrOutcome, x, y.receive("", transfer.Arrival{Line: 1, Qty: 1, As: transfer.Rejected, Into: inventory.Free}))
	y.refused(inventory.ErrID, x, y.receive("\x00", transfer.Arrival{Line: 1, Qty: 1}))
}

func TestAReceiptIsBookedOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "", "ber", 10)
	x, _ := y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 5}), y.ready)
	x, _ = y.run(x, y.ship())
	x, _ = y.run(x, y.receive("dn-1", transfer.Arrival{Line: 1, Qty: 3}))
	again, events := y.run(x, y.receive("dn-1", transfer.Arrival{Line: 1, Qty: 3}))
	require.Equal(t, x, again)
	require.Empty(t, events)
	err := y.refused(transfer.ErrReceipt, x, y.receive("dn-1", transfer.Arrival{Line: 1, Qty: 2}))
	require.Equal(t, &transfer.ReceiptError{Ref: "dn-1", At: x.Receipts[0].At}, err)
	x, _ = y.run(x, y.receive("dn-2", transfer.Arrival{Line: 1, Qty: 2}))
	again, _ = y.run(x, y.receive("dn-2", transfer.Arrival{Line: 1, Qty: 2}))
	require.Equal(t, x, again, "also when the transfer is closed")
	require.Equal(t, int64(5), y.at("tee", "", "ham", inventory.Free))
}

func TestAPlanThatCouldNotBeMovedIsRefused(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	one := []transfer.DraftLine{{Item: "tee", Qty: 1}}
	for name, c := range map[string]struct {
		want error
		d    transfer.Draft
	}{
		"same location":       {transfer.ErrLocation, transfer.Draft{From: "ber", To: "ber", Lines: one}},
		"inactive origin":     {transfer.ErrLocation, transfer.Draft{From: "old", To: "ber", Lines: one}},
		"inactive target":     {transfer.ErrLocation, transfer.Draft{From: "ber", To: "old", Lines: one}},
		"unknown location":    {inventory.ErrUnknownLocation, transfer.Draft{From: "ber", To: "ams", Lines: one}},
		"no location":         {inventory.ErrUnknownLocation, transfer.Draft{From: "ber", Lines: one}},
		"unknown item":        {inventory.ErrUnknownItem, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "hat", Qty: 1}}}},
		"untracked item":      {inventory.ErrUntracked, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "wrap", Qty: 1}}}},
		"no unit":             {inventory.ErrQuantity, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "tee"}}}},
		"less than none":      {inventory.ErrQuantity, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "tee", Qty: -1}}}},
		"too many units":      {inventory.ErrQuantity, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "tee", Qty: inventory.MaxQty + 1}}}},
		"a lot with space":    {inventory.ErrID, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "tee", Lot: " l1", Qty: 1}}}},
		"no line":             {transfer.ErrQuantity, transfer.Draft{From: "ber", To: "ham"}},
		"too many lines":      {transfer.ErrQuantity, transfer.Draft{From: "ber", To: "ham", Lines: make([]transfer.DraftLine, transfer.MaxLines+1)}},
		"a reference of tabs": {inventory.ErrID, transfer.Draft{Reference: "\t", From: "ber", To: "ham", Lines: one}},
	} {
		_, events, err := y.flow.New(y.snapshot(""), newID(), c.d, noon)
		require.ErrorIs(t, err, c.want, name)
		require.Empty(t, events, name)
	}
}

func TestADraftIsEditedUntilItIsReady(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("mug", "", "ham", 3)
	x := y.draft(transfer.DraftLine{Item: "tee", Qty: 5})
	n, events, err := y.flow.Edit(x, y.snapshot(""), transfer.Draft{Reference: "t-2", From: "ham", To: "ber", Lines: []transfer.DraftLine{{Item: "mug", Qty: 3}}}, noon)
	require.NoError(t, err)
	require.Equal(t, "transfer.edited", kinds(events))
	require.Equal(t, "t-2", n.Reference)
	require.Equal(t, x.ID, n.ID)
	_, _, err = y.flow.Edit(x, y.snapshot(""), transfer.Draft{From: "ham", To: "ham"}, noon)
	require.ErrorIs(t, err, transfer.ErrLocation)
	n, _ = y.run(n, y.ready)
	_, _, err = y.flow.Edit(n, y.snapshot(""), transfer.Draft{}, noon)
	require.ErrorIs(t, err, transfer.ErrTransition)
}

func TestReadyIsAllOrNothingAndListsWhatIsMissing(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "", "ber", 5)
	x := y.draft(transfer.DraftLine{Item: "tee", Qty: 4}, transfer.DraftLine{Item: "tee", Qty: 2}, transfer.DraftLine{Item: "mug", Qty: 1})
	err := y.refused(inventory.ErrShortage, x, y.ready)
	require.Equal(t, &inventory.ShortageError{Short: []inventory.Shortage{
		{Line: 2, Item: "tee", Location: "ber", Want: 2, Have: 1}, {Line: 3, Item: "mug", Location: "ber", Want: 1},
	}}, err)
	y.in(func(ctx context.Context, r inventory.Repository) error {
		return r.PutLocation(ctx, inventory.Location{ID: "ham", Inactive: true})
	})
	require.Equal(t, &transfer.LocationError{From: "ber", To: "ham", Inactive: "ham"}, y.refused(transfer.ErrLocation, x, y.ready))
}

func TestATransferIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.stock("tee", "l1", "ber", 5)
	x, _ := y.run(y.draft(transfer.DraftLine{Item: "tee", Qty: 5}), y.ready)
	x, _ = y.run(x, y.ship())
	x, _ = y.run(x, y.receive("dn", transfer.Arrival{Line: 1, Qty: 2, As: transfer.Rejected, Why: "wet"}))
	body, err := json.Marshal(x)
	require.NoError(t, err)
	var back transfer.Transfer
	require.NoError(t, json.Unmarshal(body, &back))
	require.Equal(t, x, back)
	id, err := transfer.ParseID(x.ID.String())
	require.NoError(t, err)
	require.Equal(t, x.ID, id)
}

func TestErrorsTellTheFacts(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"which is ready; possible now: [ship]":                   &transfer.TransitionError{From: transfer.StateReady, Action: transfer.ActionClose, Allowed: []transfer.Action{transfer.ActionShip}},
		`line 1 of item "tee", want 3 units, have 2; of 4 units`: &transfer.LineError{Want: 3, Have: 2, Err: transfer.ErrOverReceipt, Facts: transfer.Line{No: 1, Item: "tee", Qty: 4}},
		`from "a" to "a": name two different ones`:               &transfer.LocationError{From: "a", To: "a"},
		`"b" is inactive`: &transfer.LocationError{From: "a", To: "b", Inactive: "b"},
		`line 2 has units of the lots ["x" "y"]; say of which these`:  &transfer.LotError{Line: 2, Lots: []string{"x", "y"}},
		`line 2 has no units of lot "z", only of ["x"]`:               &transfer.LotError{Line: 2, Lot: "z", Lots: []string{"x"}},
		`"dn" was booked at 2026-03-01T12:00:00Z; give every receipt`: &transfer.ReceiptError{Ref: "dn", At: noon},
	} {
		require.ErrorContains(t, err, want)
	}
}
