package pgxconn_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/pgxconn"
	"github.com/orderkit/oms/storage/sqlstore"
	"github.com/orderkit/oms/storage/storagetest"
)

func TestMain(m *testing.M) { os.Exit(engines.Main(m)) }

// newStore is a store on a database of its own, over so many connections.
func newStore(tb testing.TB, connections int32, opts ...sqlstore.Option) *sqlstore.Store {
	tb.Helper()
	pool := engines.Postgres(tb).Pgx(tb, connections)
	require.NoError(tb, pgxconn.Migrate(tb.Context(), pool, opts...))
	s, err := pgxconn.Open(pool, opts...)
	require.NoError(tb, err)
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(tb testing.TB) storage.Store { tb.Helper(); return newStore(tb, 8) })
}

func TestConformanceOverOneConnection(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(tb testing.TB) storage.Store { tb.Helper(); return newStore(tb, 1, sqlstore.Prefix("")) })
}

func TestConformanceInGroups(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(tb testing.TB) storage.Store { tb.Helper(); return newStore(tb, 4, sqlstore.GroupCommit()) })
}

func TestConformanceInTheHostsTransaction(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(tb testing.TB) storage.Store {
		tb.Helper()
		pool := engines.Postgres(tb).Pgx(tb, 1)
		require.NoError(tb, pgxconn.Migrate(tb.Context(), pool))
		ctx := context.WithoutCancel(tb.Context())
		tx, err := pool.Begin(ctx)
		require.NoError(tb, err)
		tb.Cleanup(func() { require.NoError(tb, tx.Rollback(ctx), "nobody ended the host's transaction") })
		return pgxconn.Join(tx)
	}, storagetest.Joined())
}
