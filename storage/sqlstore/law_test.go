package sqlstore_test

import (
	"database/sql"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
	"github.com/orderkit/oms/storage/storagetest"
)

// drain reads all of an iterator.
func drain[T any](all iter.Seq2[T, error]) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// ignore forgets an error that is expected.
func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

var (
	tableUse  = regexp.MustCompile(`\b(?:FROM|JOIN|UPDATE|INTO) (oms_\w+)`)
	tenantUse = regexp.MustCompile(`\btenant = (?:\?|\w+\.tenant)|^INSERT INTO oms_\w+ \(tenant,`)
)

// lint says what is wrong with a statement: each table it names has to be narrowed to a
// tenant.
func lint(text string) string {
	if strings.Contains(text, "SAVEPOINT") {
		return ""
	}
	tables, tenants := tableUse.FindAllString(text, -1), tenantUse.FindAllString(text, -1)
	switch {
	case len(tables) == 0:
		return "no table is named"
	case len(tenants) < len(tables):
		return "a table is read without its tenant"
	}
	return ""
}

func TestEveryStatementOfTheConformanceSuiteNamesTheTenant(t *testing.T) { //nolint:tparallel // the suite has to end first
	t.Parallel()
	var mu sync.Mutex
	texts := map[string]bool{}
	t.Run("conformance", func(t *testing.T) {
		storagetest.Run(t, func(tb testing.TB) storage.Store {
			tb.Helper()
			db := newDB(tb, "&_pragma=busy_timeout(5000)")
			require.NoError(tb, sqlstore.Migrate(tb.Context(), db, sqlstore.SQLite))
			s, err := sqlstore.OpenRecorded(db, sqlstore.SQLite, func(text string, _ []any) {
				mu.Lock()
				defer mu.Unlock()
				texts[text] = true
			})
			require.NoError(tb, err)
			return s
		})
	})
	require.Greater(t, len(texts), 60, "the statements that the suite makes the store run")
	for text := range texts {
		require.Empty(t, lint(text), text)
	}
}

func TestTheLintKnowsAStatementThatLacksTheTenant(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"SELECT id FROM oms_orders WHERE id = ?",
		"SELECT id FROM oms_orders o JOIN oms_order_lines l ON l.order_id = o.id WHERE o.tenant = ?",
		"INSERT INTO oms_events (seq, tenant) VALUES (?, ?)",
		"DELETE FROM oms_orders",
		"UPDATE oms_orders SET tenant_name = ? WHERE id = ?",
		"SELECT 1",
	} {
		require.NotEmpty(t, lint(text), text)
	}
}

func TestTheTenantIsTheFirstColumnOfEveryKeyAndIndex(t *testing.T) {
	t.Parallel()
	db := newDB(t, "")
	require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
	tables := column(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'oms_migrations'")
	require.GreaterOrEqual(t, len(tables), 12)
	for _, table := range tables {
		require.Equal(t, []string{"tenant"}, column(t, db, "SELECT name FROM pragma_table_info(?) WHERE pk = 1", table), table)
		require.Equal(t, []string{"tenant"}, column(t, db, "SELECT name FROM pragma_table_info(?) WHERE cid = 0", table), table)
		for _, index := range column(t, db, "SELECT name FROM pragma_index_list(?)", table) {
			require.Equal(t, []string{"tenant"}, column(t, db, "SELECT name FROM pragma_index_info(?) WHERE seqno = 0", index), index)
		}
	}
	require.Empty(t, column(t, db, "SELECT name FROM sqlite_schema WHERE type = 'trigger' OR sql LIKE '%AUTOINCREMENT%' OR sql LIKE '%REFERENCES%'"))
}

func column(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var out []string
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(t, rows.Err())
	return out
}

// Statements reach a driver in three files: conn.go runs those of the store, the two
// others those of the schema. So the lint above hears every one.
func TestStatementsRunInOnePlace(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	runs := regexp.MustCompile(`\.(?:Exec|Query|QueryRow|Prepare)(?:Context)?\(`)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || slices.Contains([]string{"conn.go", "migrate.go", "migrator.go"}, name) {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		code := regexp.MustCompile(`(?m)^//.*$`).ReplaceAllString(string(text), "")
		require.Empty(t, runs.FindAllString(code, -1), name)
	}
}

var _ storage.Store = (*sqlstore.Store)(nil)
