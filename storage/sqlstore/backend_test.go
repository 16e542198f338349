package sqlstore_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/storage/sqlstore"
)

func TestMain(m *testing.M) { os.Exit(engines.Main(m)) }

// backend is an engine that tests run on.
type backend struct {
	name    string
	dialect sqlstore.Dialect
	// blank is an empty database; each pool that is opened on it is another process.
	blank func(testing.TB) (pool func(testing.TB) *sql.DB)
}

var backends = slices.DeleteFunc([]backend{
	{"sqlite", sqlstore.SQLite, func(tb testing.TB) func(testing.TB) *sql.DB {
		tb.Helper()
		file := filepath.Join(tb.TempDir(), "oms.db")
		return func(tb testing.TB) *sql.DB { tb.Helper(); return openDB(tb, file, "&_pragma=busy_timeout(10000)") }
	}},
	{"postgres", sqlstore.Postgres, func(tb testing.TB) func(testing.TB) *sql.DB { tb.Helper(); return engines.Postgres(tb).Open }},
	{"mysql", sqlstore.MySQL, func(tb testing.TB) func(testing.TB) *sql.DB { tb.Helper(); return engines.MySQL(tb).Open }},
}, func(b backend) bool { return !engines.Wanted(b.name) })

// onBackends runs a test as a subtest on every engine.
func onBackends(t *testing.T, run func(t *testing.T, b backend)) {
	t.Helper()
	onEach(t, backends, run)
}

// onServers runs a test on the engines that have several writers at a time.
func onServers(t *testing.T, run func(t *testing.T, b backend)) {
	t.Helper()
	onEach(t, slices.DeleteFunc(slices.Clone(backends), func(b backend) bool { return b.dialect == sqlstore.SQLite }), run)
}

func onEach(t *testing.T, all []backend, run func(t *testing.T, b backend)) {
	t.Helper()
	for _, b := range all {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			run(t, b)
		})
	}
}

// migrated is a database with the schema of the library.
func (b *backend) migrated(tb testing.TB, opts ...sqlstore.Option) (pool func(testing.TB) *sql.DB) {
	tb.Helper()
	pool = b.blank(tb)
	require.NoError(tb, sqlstore.Migrate(tb.Context(), pool(tb), b.dialect, opts...))
	return pool
}

// store is a store of its own.
func (b *backend) store(tb testing.TB, opts ...sqlstore.Option) *sqlstore.Store {
	tb.Helper()
	s, err := sqlstore.Open(b.migrated(tb, opts...)(tb), b.dialect, opts...)
	require.NoError(tb, err)
	return s
}
