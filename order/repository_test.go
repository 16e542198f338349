package order_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

// shelfOf pages through n orders, newest first, and counts the pages that were read.
func shelfOf(n int, reads *int) func(order.Filter) ([]order.Order, error) {
	return func(f order.Filter) ([]order.Order, error) {
		*reads++
		limit := f.Limit
		if limit == 0 {
			limit = order.MaxPage
		}
		var page []order.Order
		for i := n; i > 0 && len(page) < limit; i-- {
			id := order.ID{UUID: uuid.UUID{14: byte(i >> 8), 15: byte(i)}}
			if f.After == (order.ID{}) || id.String() < f.After.String() {
				page = append(page, order.Order{ID: id})
			}
		}
		return page, nil
	}
}

func TestPagesYieldsEveryOrderOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ orders, limit, reads int }{
		{0, 3, 1}, {2, 3, 1}, {3, 3, 2}, {7, 3, 3}, {order.MaxPage, 0, 2}, {order.MaxPage + 1, 0, 2},
	} {
		var reads int
		seen := map[order.ID]bool{}
		for o, err := range order.Pages(order.Filter{Limit: c.limit}, shelfOf(c.orders, &reads)) {
			require.NoError(t, err)
			require.False(t, seen[o.ID])
			seen[o.ID] = true
		}
		require.Len(t, seen, c.orders)
		require.Equal(t, c.reads, reads, "%d orders in pages of %d", c.orders, c.limit)
	}
}

func TestPagesStopsWhenTheBodyDoes(t *testing.T) {
	t.Parallel()
	var reads, seen int
	for range order.Pages(order.Filter{Limit: 3}, shelfOf(9, &reads)) {
		if seen++; seen == 3 {
			break
		}
	}
	require.Equal(t, 1, reads)
}

func TestPagesYieldsAnErrorOnceAndLast(t *testing.T) {
	t.Parallel()
	gone := errors.New("the store is gone")
	var reads, seen int
	read := shelfOf(9, &reads)
	var last error
	for _, err := range order.Pages(order.Filter{Limit: 3}, func(f order.Filter) ([]order.Order, error) {
		if reads == 2 {
			return nil, gone
		}
		return read(f)
	}) {
		require.NoError(t, last, "nothing follows an error")
		seen++
		last = err
	}
	require.ErrorIs(t, last, gone)
	require.Equal(t, 7, seen)
}

func TestParseIDReadsTheCanonicalForm(t *testing.T) {
	t.Parallel()
	id, err := order.ParseID(anID.String())
	require.NoError(t, err)
	require.Equal(t, anID, id)
	_, err = order.ParseID("1001")
	require.Error(t, err)
}

func TestEventKindsAreStable(t *testing.T) {
	t.Parallel()
	for kind, e := range map[string]order.Event{
		"order.placed": order.Placed{}, "order.confirmed": order.Confirmed{}, "order.allocated": order.Allocated{}, "order.cancelled": order.Cancelled{},
		"order.units_cancelled": order.UnitsCancelled{}, "order.expired": order.Expired{}, "order.closed": order.Closed{}, "order.reopened": order.Reopened{},
		"order.hold_added": order.HoldAdded{}, "order.hold_released": order.HoldReleased{}, "order.payment_recorded": order.PaymentRecorded{},
		"order.credited": order.Credited{}, "order.state_changed": order.StateChanged{},
	} {
		require.Equal(t, kind, e.Kind())
	}
}

func TestErrorsTellWhatToDo(t *testing.T) {
	t.Parallel()
	for text, err := range map[string]error{
		"order: changed since it was read: " + anID.String() + " is at version 3, not 2; read it again and decide anew":   &order.StaleError{Order: anID, Want: 2, Actual: 3},
		"order: draft refused: Lines: there are none":                                                                     &order.DraftError{Field: "Lines", Problem: "there are none"},
		"order: draft refused: line 2: Qty: 0":                                                                            &order.DraftError{Line: 2, Field: "Qty", Problem: "0"},
		"order " + anID.String() + " line 9: order: unknown line":                                                         &order.LineError{Order: anID, Line: 9, Err: order.ErrUnknownLine},
		"order: amount exceeds its cap: left of the capture is 1.00 EUR, asked 2.00 EUR":                                  &order.CapError{What: "left of the capture", Cap: eur("1"), Want: eur("2")},
		"order: not possible in this state: close of order " + anID.String() + " which is placed; possible now: [cancel]": &order.TransitionError{Order: anID, From: "placed", Event: "close", Allowed: []order.Action{"cancel"}},
		"order: blocked: confirm of order " + anID.String() + ": one; two":                                                &order.BlockedError{Order: anID, Action: "confirm", Reasons: []string{"one", "two"}},
	} {
		require.EqualError(t, err, text)
	}
	require.ErrorIs(t, &order.StaleError{}, order.ErrStale)
	require.NotErrorIs(t, &order.StaleError{}, order.ErrExists)
}
