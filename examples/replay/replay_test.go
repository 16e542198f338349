package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/examples/replay/retail"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

var ledger = filepath.Join("testdata", "shop.csv")

// play runs the program and returns what it printed.
func play(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	got := run(args, &out, &errs)
	require.Equal(t, code, got, "stdout:\n%s\nstderr:\n%s", out.String(), errs.String())
	return out.String(), errs.String()
}

// open a database of the program again.
func reopened(t *testing.T, db string) *shop {
	t.Helper()
	store, closeStore, err := open(t.Context(), options{store: "sqlite", db: db})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, closeStore()) })
	return loaded(t, store)
}

// loaded is a shop for the test's ledger that has not opened yet.
func loaded(t *testing.T, store storage.Store) *shop {
	t.Helper()
	year, err := retail.Load(ledger)
	require.NoError(t, err)
	return newShop(ledger, year, store)
}

// traded is a shop that has replayed the first invoices of the test's ledger; 0 is all.
func traded(t *testing.T, limit int) *shop {
	t.Helper()
	s := loaded(t, memory.New())
	quiet := newTerminal(&bytes.Buffer{})
	require.NoError(t, s.open(t.Context(), quiet))
	require.NoError(t, s.trade(t.Context(), limit, quiet))
	return s
}

func requireClean(t *testing.T, s *shop) {
	t.Helper()
	found, err := s.kit.Verify(t.Context())
	require.NoError(t, err)
	require.Empty(t, found)
}

// log reads all events, without what a replay cannot repeat: ids.
func log(t *testing.T, s *shop) []string {
	t.Helper()
	events, err := s.kit.Events(t.Context(), 0, 100_000)
	require.NoError(t, err)
	var out []string
	for _, e := range events {
		out = append(out, uuids.ReplaceAllString(e.Kind+" "+string(e.Data), "*"))
	}
	return out
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// volatile is what differs from run to run: durations and memory.
var volatile = regexp.MustCompile(` +[0-9.]+ s$| \([0-9.]+ s\)|[0-9,]+ MiB`)

func TestEveryStoreReplaysTheLedgerToThePenny(t *testing.T) {
	t.Parallel()
	golden, err := os.ReadFile(filepath.Join("testdata", "shop.golden"))
	require.NoError(t, err)
	for _, store := range []string{"memory", "sqlite"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			out, errs := play(t, exitOK, "-data", ledger, "-store", store)
			require.Empty(t, errs)
			var stable strings.Builder
			for line := range strings.Lines(out) {
				stable.WriteString(volatile.ReplaceAllString(strings.TrimSuffix(line, "\n"), "") + "\n")
			}
			require.Equal(t, strings.ReplaceAll(string(golden), "memory store", store+" store"), stable.String())
		})
	}
}

func TestASecondRunOnTheSameDatabaseChangesNothing(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "a year?.db")
	args := []string{"-data", ledger, "-store", "sqlite", "-db", db}
	play(t, exitOK, args...)
	before := log(t, reopened(t, db))
	out, _ := play(t, exitOK, args...)
	require.Contains(t, out, "24 invoices already there, 0 applied")
	require.Equal(t, before, log(t, reopened(t, db)))
}

func TestARunInPartsEndsLikeOneRun(t *testing.T) {
	t.Parallel()
	whole := traded(t, 0)
	want, err := whole.stored(t.Context())
	require.NoError(t, err)
	for cut := 1; cut < len(whole.year.Steps); cut++ {
		s := traded(t, cut)
		requireClean(t, s)
		again := loaded(t, s.store) // another process
		quiet := newTerminal(&bytes.Buffer{})
		require.NoError(t, again.open(t.Context(), quiet))
		require.NoError(t, again.trade(t.Context(), 0, quiet))
		have, err := again.stored(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, have, "stopped after %d invoices", cut)
		require.Equal(t, log(t, whole), log(t, again), "stopped after %d invoices", cut)
	}
}

func TestAnInterruptedRunLeavesWholeInvoicesAndGoesOn(t *testing.T) {
	t.Parallel()
	s := loaded(t, memory.New())
	require.NoError(t, s.open(t.Context(), newTerminal(&bytes.Buffer{})))
	ctx, interrupt := context.WithCancel(t.Context())
	err := s.run(ctx, len(s.year.Steps), func(done int, _ time.Time) {
		if done == 7 {
			interrupt()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 7, s.applied)
	requireClean(t, s)
	require.NoError(t, s.run(t.Context(), len(s.year.Steps), func(int, time.Time) {}))
	require.Equal(t, log(t, traded(t, 0)), log(t, s))
}

func TestEveryKindOfInvoiceBecomesWhatItIs(t *testing.T) {
	t.Parallel()
	s := traded(t, 0)
	sale := func(number string) *order.Order {
		o, err := s.kit.Orders.ByNumber(t.Context(), number)
		require.NoError(t, err)
		return &o
	}
	t.Run("a sale ships in the evening, repeated lines and all", func(t *testing.T) {
		t.Parallel()
		o := sale("500001")
		require.Len(t, o.Lines, 4)
		require.Equal(t, order.FulfillmentDone, o.Facets().Fulfillment)
		require.Equal(t, order.MustMoney("62.16", "GBP"), o.Totals().Total)
	})
	t.Run("what is credited before the evening is cancelled", func(t *testing.T) {
		t.Parallel()
		o := sale("500002")
		require.Equal(t, order.StateCancelled, o.State)
		require.Equal(t, "C500004", o.Payments[1].Reference)
		require.Equal(t, int64(4), sale("500003").Lines[0].Cancelled)
	})
	t.Run("what is credited later comes back", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, int64(6), sale("500003").Lines[0].Restocked)
		require.Equal(t, order.ReturnPartial, sale("500001").Facets().Return)
		back, err := s.kit.Returns.OfOrder(t.Context(), sale("500001").ID)
		require.NoError(t, err)
		require.Equal(t, []string{"C500012", "500016"}, []string{back[0].Ref, back[1].Ref})
		require.Equal(t, order.MustMoney("38.40", "GBP"), back[0].Refunded)
	})
	t.Run("money without goods is a service", func(t *testing.T) {
		t.Parallel()
		require.False(t, sale("A500018").Lines[0].Stocked)
		require.Equal(t, order.MustMoney("11062.06", "GBP"), sale("A500018").Totals().Total)
		all, err := s.kit.Returns.Page(t.Context(), returns.Filter{})
		require.NoError(t, err)
		debts := 0
		for _, r := range all {
			if r.Ref == "A500019" || r.Ref == "A500020" {
				debts++
				require.True(t, r.Blind())
				require.False(t, r.Lines[0].Stocked)
				require.Equal(t, order.MustMoney("11062.06", "GBP"), r.Refunded)
			}
		}
		require.Equal(t, 2, debts)
	})
	t.Run("corrections are adjustments of stock", func(t *testing.T) {
		t.Parallel()
		found, err := s.kit.Stock.Postings(t.Context(), inventory.PostingFilter{Document: "500007"})
		require.NoError(t, err)
		require.Equal(t, inventory.ReasonFound, found[0].Reason)
		lost, err := s.kit.Stock.Postings(t.Context(), inventory.PostingFilter{Document: "500008"})
		require.NoError(t, err)
		require.Equal(t, inventory.ReasonWriteOff, lost[0].Reason)
		require.Equal(t, int64(3), lost[0].Movements[0].Qty)
	})
	t.Run("the engine lived in the time of the ledger", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "2021-01-04 08:26", sale("500001").PlacedAt.Format("2006-01-02 15:04"))
	})
}
