package faults_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/pgxconn"
	"github.com/orderkit/oms/storage/sqlstore"
)

// TestMain runs the tests, or is the process that one of them started to kill it.
func TestMain(m *testing.M) {
	if job := os.Getenv(jobVariable); job != "" {
		os.Exit(work(job))
	}
	os.Exit(engines.Main(m))
}

// times is how often a fault is to happen: a few times, or as OMS_FAULTS says.
func times(tb testing.TB, few int) int {
	tb.Helper()
	text := os.Getenv("OMS_FAULTS")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	require.NoError(tb, err, "OMS_FAULTS is a number")
	require.Positive(tb, n, "OMS_FAULTS")
	return n
}

// backend is a kind of database.
type backend struct {
	name    string
	engine  string
	driver  string
	dialect sqlstore.Dialect
	blank   func(testing.TB) (dsn string) // makes an empty database
}

// native is PostgreSQL without database/sql, where the commit travels with the last writes.
const native = "postgres by pgxconn"

func blankPostgres(tb testing.TB) string { tb.Helper(); return engines.Postgres(tb).DSN() }

var backends = slices.DeleteFunc([]backend{
	{"sqlite", "sqlite", "sqlite", sqlstore.SQLite, func(tb testing.TB) string {
		tb.Helper()
		file := url.URL{Path: filepath.Join(tb.TempDir(), "oms.db")}
		// Checkpoints come after a few pages, so that faults meet them.
		return "file:" + file.EscapedPath() + "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(10000)&_pragma=wal_autocheckpoint(20)"
	}},
	{"postgres", "postgres", "pgx", sqlstore.Postgres, blankPostgres},
	{native, "postgres", "pgx", sqlstore.Postgres, blankPostgres},
	{"mysql", "mysql", "mysql", sqlstore.MySQL, func(tb testing.TB) string { tb.Helper(); return engines.MySQL(tb).DSN() }},
}, func(b backend) bool { return !engines.Wanted(b.engine) })

func backendNamed(name string) (backend, error) {
	for _, b := range backends {
		if b.name == name {
			return b, nil
		}
	}
	return backend{}, errors.New("no backend " + name)
}

// onBackends runs a test on every kind of database.
func onBackends(t *testing.T, run func(t *testing.T, b backend)) {
	t.Helper()
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			run(t, b)
		})
	}
}

// onStores runs a test on every kind of store, the one in memory included.
func onStores(t *testing.T, run func(t *testing.T, s *shop)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		store := memory.New()
		s := &shop{oms.New(store), store}
		s.furnish(t)
		run(t, s)
		s.verify(t)
	})
	onBackends(t, func(t *testing.T, b backend) {
		s := b.shop(t, b.open(t, b.blank(t)))
		s.furnish(t)
		run(t, s)
		s.verify(t)
	})
}

// open opens a pool that is closed when the test ends.
func (b *backend) open(tb testing.TB, dsn string) *sql.DB {
	tb.Helper()
	db, err := openPool(*b, dsn)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func openPool(b backend, dsn string) (*sql.DB, error) {
	db, err := sql.Open(b.driver, dsn)
	if err == nil {
		db.SetMaxIdleConns(64)
	}
	return db, err
}

// shop is an Engine at work over a store.
type shop struct {
	*oms.Engine
	store storage.Store
}

func (b *backend) shopOver(db *sql.DB) (*shop, func(), error) {
	open, end := func() (*sqlstore.Store, error) { return sqlstore.Open(db, b.dialect) }, func() {}
	if b.name == native {
		pool, err := poolLike(db)
		if err != nil {
			return nil, nil, err
		}
		open, end = func() (*sqlstore.Store, error) { return pgxconn.Open(pool) }, pool.Close
	}
	store, err := open()
	if err != nil {
		return nil, nil, err
	}
	return &shop{oms.New(store), store}, end, nil
}

// poolLike is a pool of pgx whose connections are made as those of a pool of database/sql.
func poolLike(db *sql.DB) (*pgxpool.Pool, error) {
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var config *pgxpool.Config
	err = conn.Raw(func(of any) error {
		like := of.(*stdlib.Conn).Conn().Config() //nolint:forcetypeassert // it is pgx
		var err error
		if config, err = pgxpool.ParseConfig(like.ConnString()); err == nil {
			config.ConnConfig, config.MaxConns = like, 64
		}
		return err
	})
	if err := errors.Join(err, conn.Close()); err != nil {
		return nil, err
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// shop opens the shop in a database, and makes its tables if there are none.
func (b *backend) shop(tb testing.TB, db *sql.DB) *shop {
	tb.Helper()
	require.NoError(tb, sqlstore.Migrate(tb.Context(), db, b.dialect))
	s, end, err := b.shopOver(db)
	require.NoError(tb, err)
	tb.Cleanup(end)
	return s
}

// initial is how many units of each item there are in the beginning.
const initial = 1_000_000

func (s *shop) furnish(tb testing.TB) {
	tb.Helper()
	ctx := tb.Context()
	require.NoError(tb, s.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	for _, item := range []string{"tee", "mug"} {
		require.NoError(tb, s.Stock.AddItem(ctx, inventory.Item{ID: item}))
		_, err := s.Stock.Receive(ctx, inventory.Receipt{Item: item, Location: "ber", Qty: initial, Ref: "po-0"})
		require.NoError(tb, err)
	}
}

// verify fails the test unless the books balance.
func (s *shop) verify(tb testing.TB) {
	tb.Helper()
	found, err := s.Verify(context.WithoutCancel(tb.Context()))
	require.NoError(tb, err)
	require.Empty(tb, found, "the books balance")
}

func (s *shop) free(tb testing.TB, item string) int64 {
	tb.Helper()
	a, err := s.Stock.Availability(tb.Context(), item, "", "")
	require.NoError(tb, err)
	return a.ATS
}

// again runs a command anew for as long as it loses against others, and counts that.
func again(lost *int, run func() error) error {
	for {
		err := run()
		if !errors.Is(err, storage.ErrConflict) {
			return err
		}
		*lost++
	}
}
