package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// hostOn is a program with a table of its own beside ours.
func hostOn(t *testing.T, b backend) *sql.DB {
	t.Helper()
	db := b.migrated(t)(t)
	_, err := db.ExecContext(t.Context(), "CREATE TABLE invoices (id VARCHAR(20))")
	require.NoError(t, err)
	return db
}

// host is the same on SQLite.
func host(t *testing.T, options string) *sql.DB {
	t.Helper()
	db := newDB(t, options)
	require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
	_, err := db.ExecContext(t.Context(), "CREATE TABLE invoices (id TEXT)")
	require.NoError(t, err)
	return db
}

// smallOrder is an order of one line.
func smallOrder(number string) order.Order {
	return order.Order{
		ID: order.ID{UUID: uuid.Must(uuid.NewV7())}, Number: number, Version: 1, State: order.StatePlaced, Currency: order.MustCurrency("EUR"),
		Lines: []order.Line{{No: 1, Item: "tee", Counters: order.Counters{Ordered: 1, Unreserved: 1}}},
	}
}

func saving(orders ...order.Order) func(context.Context, storage.Tx) error {
	return func(ctx context.Context, tx storage.Tx) error {
		for _, o := range orders {
			if err := tx.Orders().Save(ctx, o); err != nil {
				return err
			}
		}
		return nil
	}
}

// counts are the rows of the host and of ours.
func counts(t *testing.T, db *sql.DB) [2]int {
	t.Helper()
	var n [2]int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT (SELECT COUNT(*) FROM invoices), (SELECT COUNT(*) FROM oms_orders)").Scan(&n[0], &n[1]))
	return n
}

func TestCommandsCommitAndVanishWithTheHostsRows(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		db := hostOn(t, b)
		for _, commit := range []bool{false, true} {
			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			_, err = tx.ExecContext(t.Context(), "INSERT INTO invoices VALUES ('i-1')")
			require.NoError(t, err)
			joined := sqlstore.Join(tx, b.dialect)
			require.NoError(t, joined.Update(t.Context(), "t", saving(smallOrder("A-1"))))
			require.NoError(t, joined.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
				_, err := tx.Orders().ByNumber(ctx, "A-1")
				return err
			}), "what was written is seen before the host commits")
			_, err = tx.ExecContext(t.Context(), "INSERT INTO invoices VALUES ('i-2')")
			require.NoError(t, err)
			if !commit {
				require.NoError(t, tx.Rollback())
				require.Equal(t, [2]int{0, 0}, counts(t, db))
				continue
			}
			require.NoError(t, tx.Commit())
			require.Equal(t, [2]int{2, 1}, counts(t, db))
		}
		store, err := sqlstore.Open(db, b.dialect)
		require.NoError(t, err)
		require.NoError(t, store.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Orders().ByNumber(ctx, "A-1")
			return err
		}))
	})
}

func TestARefusedCommandLeavesTheHostsTransactionUsable(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		db := hostOn(t, b)
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		joined := sqlstore.Join(tx, b.dialect)
		first := smallOrder("A-1")
		require.NoError(t, joined.Update(t.Context(), "t", saving(first)))

		runs, changed := 0, errors.New("the host changed its mind")
		stale := first.Clone()
		stale.Version = 7
		for name, c := range map[string]struct {
			fn   func(context.Context, storage.Tx) error
			want error
		}{
			"an order that exists": {saving(smallOrder("A-2"), smallOrder("A-1")), order.ErrExists},
			"a stale order":        {saving(smallOrder("A-2"), stale), order.ErrStale},
			"an error of its own": {func(ctx context.Context, tx storage.Tx) error {
				return errors.Join(saving(smallOrder("A-2"))(ctx, tx), changed)
			}, changed},
		} {
			runs = 0
			err := joined.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
				runs++
				return c.fn(ctx, tx)
			})
			require.ErrorIs(t, err, c.want, name)
			require.Equal(t, 1, runs, "%s: a joined store never runs a function again", name)
		}
		require.PanicsWithValue(t, "ouch", func() {
			_ = joined.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
				require.NoError(t, saving(smallOrder("A-2"))(ctx, tx))
				_, err := tx.Orders().ByNumber(ctx, "A-2") // now it is in the database
				require.NoError(t, err)
				panic("ouch")
			})
		})
		canceled, cancel := context.WithCancel(t.Context())
		err = joined.Update(canceled, "t", func(ctx context.Context, tx storage.Tx) error {
			require.NoError(t, saving(smallOrder("A-2"))(ctx, tx))
			_, err := tx.Orders().ByNumber(ctx, "A-2")
			require.NoError(t, err)
			cancel()
			return nil
		})
		require.ErrorIs(t, err, context.Canceled)

		_, err = tx.ExecContext(t.Context(), "INSERT INTO invoices VALUES ('i-1')")
		require.NoError(t, err)
		require.NoError(t, joined.Update(t.Context(), "t", saving(smallOrder("A-3"))))
		require.NoError(t, tx.Commit())
		require.Equal(t, [2]int{1, 2}, counts(t, db))
	})
}

func TestAJoinedStoreIsOverWithItsTransaction(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		db := hostOn(t, b)
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		joined := sqlstore.Join(tx, b.dialect)
		require.NoError(t, tx.Commit())
		require.ErrorIs(t, joined.Update(t.Context(), "t", saving(smallOrder("A-1"))), sql.ErrTxDone)
		require.Equal(t, [2]int{0, 0}, counts(t, db))
	})
}

func TestCallsOnAJoinedStoreWaitForEachOther(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		db := hostOn(t, b)
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		joined := sqlstore.Join(tx, b.dialect)
		require.NoError(t, joined.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			require.ErrorIs(t, joined.View(ctx, "t", func(context.Context, storage.Tx) error { return nil }), storage.ErrNested)
			short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			ran := func(context.Context, storage.Tx) error { t.Error("it ran"); return nil }
			require.ErrorIs(t, joined.Update(short, "t", ran), context.DeadlineExceeded) //nolint:contextcheck // a caller of its own
			return nil
		}))
		require.NoError(t, tx.Rollback())
	})
}

// TestADeadlockInTheHostsTransactionIsAConflict lets two transactions take two orders in
// opposite order. MySQL ends the one that loses altogether: what it tries afterwards has
// to fail, or it would be kept although the rest is gone.
func TestADeadlockInTheHostsTransactionIsAConflict(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		if b.name == "sqlite" {
			return // it has one writer, and so no deadlocks
		}
		db := hostOn(t, b)
		s, err := sqlstore.Open(db, b.dialect)
		require.NoError(t, err)
		first, second := smallOrder("A-1"), smallOrder("A-2")
		require.NoError(t, s.Update(t.Context(), "t", saving(first, second)))
		var stores [2]storage.Store
		var txs [2]*sql.Tx
		for i, o := range []order.ID{first.ID, second.ID} {
			txs[i], err = db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			stores[i] = sqlstore.Join(txs[i], b.dialect)
			require.NoError(t, stores[i].Update(t.Context(), "t", bump(o)))
		}
		var errs [2]error
		var wg sync.WaitGroup
		for i, o := range []order.ID{second.ID, first.ID} {
			wg.Go(func() {
				if errs[i] = stores[i].Update(t.Context(), "t", bump(o)); errs[i] != nil {
					later := stores[i].Update(t.Context(), "t", saving(smallOrder("A-3")))
					if b.name == "mysql" {
						errs[i] = errors.Join(errs[i], later)
						require.ErrorIs(t, later, storage.ErrConflict, "the transaction is over")
					}
					require.NoError(t, txs[i].Rollback())
				}
			})
		}
		wg.Wait()
		require.True(t, (errs[0] == nil) != (errs[1] == nil), "one of them loses: %v", errs)
		require.ErrorIs(t, errors.Join(errs[:]...), storage.ErrConflict)
		for i := range txs {
			if errs[i] == nil {
				require.NoError(t, txs[i].Commit())
			}
		}
		require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			for _, id := range []order.ID{first.ID, second.ID} {
				o, err := tx.Orders().Get(ctx, id)
				require.NoError(t, err)
				require.EqualValues(t, 2, o.Version, "the winner changed both")
			}
			_, err := tx.Orders().ByNumber(ctx, "A-3")
			require.ErrorIs(t, err, order.ErrNotFound)
			return nil
		}))
	})
}
