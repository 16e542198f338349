package delivery_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/sqlstore"
)

// noon is when every test begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// clock stands still until it is turned.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time       { return noon.Add(time.Duration(c.passed.Load())) }
func (c *clock) turn(d time.Duration) { c.passed.Add(int64(d)) }

// onStores runs a test on every store.
func onStores(t *testing.T, run func(t *testing.T, s storage.Store)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { t.Parallel(); run(t, memory.New()) })
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); run(t, openSQLite(t)) })
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, openOn(t, engines.Postgres(t).Open(t), sqlstore.Postgres))
	})
	t.Run("mysql", func(t *testing.T) {
		t.Parallel()
		run(t, openOn(t, engines.MySQL(t).Open(t), sqlstore.MySQL))
	})
}

func TestMain(m *testing.M) { os.Exit(engines.Main(m)) }

func openSQLite(tb testing.TB) storage.Store {
	tb.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(tb.TempDir(), "oms.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(10000)")
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return openOn(tb, db, sqlstore.SQLite)
}

func openOn(tb testing.TB, db *sql.DB, dialect sqlstore.Dialect) storage.Store {
	tb.Helper()
	require.NoError(tb, sqlstore.Migrate(tb.Context(), db, dialect))
	s, err := sqlstore.Open(db, dialect)
	require.NoError(tb, err)
	return s
}

// event is the nth of an aggregate.
func event(aggregate string, n int64) storage.Event {
	return storage.Event{ID: uuid.Must(uuid.NewV7()), Aggregate: aggregate, Version: n, Kind: "test.happened", At: noon, Data: json.RawMessage(`{"n":1}`)}
}

func name(e storage.Event) string { return fmt.Sprintf("%s#%d", e.Aggregate, e.Version) }

// log appends the first events of aggregates, in turn: a#1 b#1 a#2 b#2 …
func log(tb testing.TB, s storage.Store, n int64, aggregates ...string) {
	tb.Helper()
	for v := range n {
		for _, a := range aggregates {
			write(tb, s, event(a, v+1))
		}
	}
}

func write(tb testing.TB, s storage.Store, events ...storage.Event) {
	tb.Helper()
	require.NoError(tb, s.Update(context.WithoutCancel(tb.Context()), "t", func(ctx context.Context, tx storage.Tx) error {
		return tx.Events().Append(ctx, events)
	}))
}

// sink is a handler that remembers, and fails as it is told.
type sink struct {
	mu    sync.Mutex
	took  []string
	tried map[string]int
	judge func(e storage.Event) error // nil takes everything
}

func (s *sink) handle(_ context.Context, _ storage.Tenant, e storage.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tried == nil {
		s.tried = map[string]int{}
	}
	s.tried[name(e)]++
	if s.judge != nil {
		if err := s.judge(e); err != nil {
			return err
		}
	}
	s.took = append(s.took, name(e))
	return nil
}

func (s *sink) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.took...)
}

var errRefused = errors.New("refused")

// refuse fails for the events of these names.
func refuse(err error, names ...string) func(storage.Event) error {
	return func(e storage.Event) error {
		for _, n := range names {
			if n == name(e) {
				return err
			}
		}
		return nil
	}
}

// consumer makes one of tenant "t", without randomness.
func consumer(tb testing.TB, s storage.Store, now func() time.Time, h delivery.Handler, change ...func(*delivery.Config)) *delivery.Consumer {
	tb.Helper()
	cfg := delivery.Config{Store: s, Tenant: "t", Name: "mails", Handler: h, Now: now, Random: func() float64 { return 0.5 }}
	for _, f := range change {
		f(&cfg)
	}
	c, err := delivery.New(cfg)
	require.NoError(tb, err)
	return c
}

func drain(tb testing.TB, c *delivery.Consumer) int {
	tb.Helper()
	n, err := c.Drain(tb.Context())
	require.NoError(tb, err)
	return n
}

func dead(tb testing.TB, c *delivery.Consumer) []delivery.Dead {
	tb.Helper()
	var all []delivery.Dead
	for d, err := range c.Dead(tb.Context()) {
		require.NoError(tb, err)
		all = append(all, d)
	}
	return all
}

// mortal is a store as a process sees it that can be killed: after that nothing it does
// reaches the data.
type mortal struct {
	storage.Store

	killed atomic.Bool
}

var errKilled = errors.New("the process is dead")

func (m *mortal) Update(ctx context.Context, t storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	if m.killed.Load() {
		return errKilled
	}
	return m.Store.Update(ctx, t, fn)
}

// eventually waits for something that other goroutines do.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	require.Eventually(tb, holds, 30*time.Second, time.Millisecond, what)
}
