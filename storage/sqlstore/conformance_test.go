package sqlstore_test

import (
	"context"
	"database/sql"
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
	dbs := map[storage.Store]*sql.DB{}
	turn := make(chan struct{}, 1)
	open := func(tb testing.TB, db *sql.DB) storage.Store {
		tb.Helper()
		db.SetMaxOpenConns(1)
		require.NoError(tb, sqlstore.Migrate(tb.Context(), db, sqlstore.SQLite, sqlstore.Prefix("")))
		s, err := sqlstore.Open(db, sqlstore.SQLite, sqlstore.Prefix(""))
		require.NoError(tb, err)
		turn <- struct{}{}
		dbs[s] = db
		<-turn
		return s
	}
	reopen := func(tb testing.TB, s storage.Store) storage.Store {
		tb.Helper()
		turn <- struct{}{}
		db := dbs[s]
		<-turn
		var file string
		require.NoError(tb, db.QueryRowContext(tb.Context(), "SELECT file FROM pragma_database_list").Scan(&file))
		require.NoError(tb, db.Close())
		return open(tb, openDB(tb, file, ""))
	}
	storagetest.Run(t, func(tb testing.TB) storage.Store { tb.Helper(); return open(tb, newDB(tb, "")) }, storagetest.Reopen(reopen))
}

// Numbered placeholders, several rows in one INSERT and statements that watch their
// context are for engines that are far away; here they are kept working.
func TestConformanceInTheHostsTransactionAsIfTheDatabaseWereFarAway(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(tb testing.TB) storage.Store {
		tb.Helper()
		db := newDB(tb, "")
		require.NoError(tb, sqlstore.Migrate(tb.Context(), db, sqlstore.Elsewhere, sqlstore.Prefix("far_")))
		tx, err := db.BeginTx(context.WithoutCancel(tb.Context()), nil)
		require.NoError(tb, err)
		tb.Cleanup(func() { require.NoError(tb, tx.Rollback(), "nobody ended the host's transaction") })
		return sqlstore.Join(tx, sqlstore.Elsewhere, sqlstore.Prefix("far_"))
	}, storagetest.Joined())
}
