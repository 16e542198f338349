package oms_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// hole is an input that a peer answered wrongly, and what is right.
type hole struct {
	no     int
	input  string
	answer string
	run    func(s *shop)
}

// holes are forty inputs that lost stock, sold it twice, made up money or ended in a
// panic elsewhere. Where the types already make one impossible, its answer says so, and
// the test shows what is left of it: that the wire refuses it, too.
var holes = []hole{
	{1, "order 3 of 10, ship, deliver", "7 on hand, none reserved, one issue movement for the line", holeShippedStaysOnHand},
	{2, "release the hold of a shipped order, then order 10", "the hold is used up: release and order are refused", holeReleaseAfterShipping},
	{3, "order 5 with stock 0, ship", "a shortage; what may wait waits, without work to ship", holeShipWithoutStock},
	{4, "an item without a stock record", "unknown items are refused, untracked ones are so on purpose", holeNoStockRecord},
	{5, "1 unit here, 10 there, order 5", "5 are reserved where they are", holeOneLocationOnly},
	{6, "a hold expired 0.4 s ago, order 1", "expired holds do not count", holeExpiredHoldBlocks},
	{7, "read the stock after an expiry", "reading evaluates the expiry", holeReadAfterExpiry},
	{8, "ship racing cancel, many orders", "one transition, one commit", holeShipRacesCancel},
	{9, "cancel a cancelled order, ship a shipped one, 10 cancels at once", "no second version, no second event", holeRepeats},
	{10, "ship a pending, unpaid order", "there is no work before it is confirmed, and the policy guards that", holeShipPending},
	{11, "refund a delivered order that was never paid", "refused: nothing was captured", holeRefundUnpaid},
	{12, "20 identical creates", "one order, one hold, by their key", holeTwentyCreates},
	{13, "reserve twice with the same reference", "the same hold", holeReserveTwice},
	{14, "commit a released hold", "refused", holeCommitReleased},
	{15, "reserve with an expiry of -5 s", "refused", holeDeadAtBirth},
	{16, "reserve with an expiry of 2^53 s", "refused, typed", holeExpiryOfAges},
	{17, "a price of 79228162514264337593543950335, twice", "refused, typed", holePriceOverflow},
	{18, "a price of 7922816251426433759354395033, a stock of 1e27", "the same bounds on every store; the stock does not fit the type", holeOutOfBounds},
	{19, "a quantity of 1.5, 4294967297, 1e20", "the first and last do not fit the type, the other is refused", holeOddQuantities},
	{20, "a quantity of 2147483647", "refused: a line has a maximum", holeLineMaximum},
	{21, "the currencies US, EURO and none", "refused", holeBadCurrencies},
	{22, "the currencies XXX and BTC; 10.555 KWD", "refused; exact to three places", holeOddCurrencies},
	{23, "a float price of 1e-30", "prices are decimal by type; too fine a one is refused", holeTinyPrice},
	{24, "a price of 0, a payment of 0", "only as a declared gift; refused", holeZeroAmounts},
	{25, "a shipment of a pending order, a second one, 99 of 2", "bounded by what the work has", holeTooManyShipments},
	{26, "ship a parcel, cancel the order, deliver it", "cancelling is refused once a parcel left", holeCancelAfterParcel},
	{27, "a shipment of a cancelled order", "refused", holeShipCancelled},
	{28, "the statuses after ship, deliver and capture", "derived from facts, never stored apart", holeStatuses},
	{29, "receive an approved return without tracking", "people walk in", holeWalkIn},
	{30, "complete a received return", "inspect, restock, close: the stock comes back", holeFinishReturn},
	{31, "a return of 1.9 units, of 4294967297", "does not fit the type; refused", holeReturnQuantities},
	{32, `the return reason "wibble"`, "refused", holeReturnReason},
	{33, "two writers change an order from the same read", "the second expects a version that is gone", holeLostUpdate},
	{34, "cancel the rest after a partial shipment", "by units; the order can be closed", holeCancelTheRest},
	{35, "summaries of empty tables", "empty, zero, no error", holeEmptyTables},
	{36, `the webhook address "nonsense"; a second handle`, "no webhooks to lose: the feed is stored with the change", holeLostFeed},
	{37, "the host holds the write lock", "the context's deadline ends the wait", holeLockedOut},
	{38, `the items "J", "j" and " J "`, "one documented rule: two items, the third is refused", holeItemIDs},
	{39, "adjust by 1e-9, reserve 1e-9", "quantities are whole by type; an item declares its scale", holeDust},
	{40, "balances compared with a tolerance", "whole numbers, compared exactly", holeTolerance},
}

func TestTheHolesOfPeers(t *testing.T) {
	t.Parallel()
	for _, h := range holes {
		t.Run(fmt.Sprintf("%d: %s: %s", h.no, h.input, h.answer), func(t *testing.T) {
			t.Parallel()
			onStores(t, h.run)
		})
	}
}

func TestTheHolesAreFortyEachOnce(t *testing.T) {
	t.Parallel()
	require.Len(t, holes, 40)
	for i, h := range holes {
		require.Equal(t, i+1, h.no)
		require.NotEmpty(t, h.input)
		require.NotEmpty(t, h.answer)
		require.NotNil(t, h.run, h.input)
	}
}
