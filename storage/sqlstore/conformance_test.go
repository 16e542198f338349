package sqlstore_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
	"github.com/orderkit/oms/storage/storagetest"
)

// The suite also runs where every statement is heard, in law_test.go.

func TestConformanceOverOneConnectionAndReopened(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		type home struct {
			db   *sql.DB
			pool func(testing.TB) *sql.DB
		}
		var homes sync.Map // of a store
		open := func(tb testing.TB, pool func(testing.TB) *sql.DB) storage.Store {
			tb.Helper()
			db := pool(tb)
			db.SetMaxOpenConns(1)
			require.NoError(tb, sqlstore.Migrate(tb.Context(), db, b.dialect, sqlstore.Prefix("")))
			s, err := sqlstore.Open(db, b.dialect, sqlstore.Prefix(""))
			require.NoError(tb, err)
			homes.Store(s, home{db, pool})
			return s
		}
		reopen := func(tb testing.TB, s storage.Store) storage.Store {
			tb.Helper()
			had, _ := homes.Load(s)
			require.NoError(tb, had.(home).db.Close())
			return open(tb, had.(home).pool)
		}
		storagetest.Run(t, func(tb testing.TB) storage.Store { tb.Helper(); return open(tb, b.blank(tb)) }, storagetest.Reopen(reopen))
	})
}

func TestConformanceInTheHostsTransaction(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		storagetest.Run(t, func(tb testing.TB) storage.Store { tb.Helper(); return joined(tb, b, b.dialect) }, storagetest.Joined())
	})
}

// Numbered placeholders, several rows in one INSERT and statements that watch their
// context are for engines that are far away; here they are kept working.
func TestConformanceAsIfTheDatabaseWereFarAway(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(tb testing.TB) storage.Store { tb.Helper(); return joined(tb, backends[0], sqlstore.Elsewhere) }, storagetest.Joined())
}

// joined is a store in a transaction that nobody commits.
func joined(tb testing.TB, b backend, d sqlstore.Dialect) storage.Store {
	tb.Helper()
	db := b.blank(tb)(tb)
	require.NoError(tb, sqlstore.Migrate(tb.Context(), db, d, sqlstore.Prefix("far_")))
	tx, err := db.BeginTx(context.WithoutCancel(tb.Context()), nil)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, tx.Rollback(), "nobody ended the host's transaction") })
	return sqlstore.Join(tx, d, sqlstore.Prefix("far_"))
}

func TestConformanceInGroups(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		storagetest.Run(t, func(tb testing.TB) storage.Store { tb.Helper(); return b.store(tb, sqlstore.GroupCommit()) })
	})
}
