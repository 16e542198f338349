package sqlstore_test

import (
	"context"
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
	tenantUse = regexp.MustCompile(`\btenant = (?:\?|\$\d+|\w+\.tenant)|^INSERT INTO oms_\w+ \(tenant,`)
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

func TestEveryStatementOfTheConformanceSuiteNamesTheTenant(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		var mu sync.Mutex
		texts := map[string]bool{}
		t.Run("conformance", func(t *testing.T) {
			storagetest.Run(t, func(tb testing.TB) storage.Store {
				tb.Helper()
				s, err := sqlstore.OpenRecorded(b.migrated(tb)(tb), b.dialect, func(text string, _ []any) {
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
			for engine, dialect := range speaks {
				if dialect == b.dialect {
					require.Empty(t, broken(engine, strings.Join(strings.Fields(text), " ")), "%s: %s", engine, text)
				}
			}
		}
	})
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

// catalog asks an engine for the first columns of tables and indexes, as "table column"
// and "index column", and for what it was told not to have.
var catalog = map[string]struct{ tables, indexes, others string }{
	"sqlite": {
		tables:  "SELECT s.name || ' ' || c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table' AND c.cid = 0",
		indexes: "SELECT i.name || ' ' || c.name FROM sqlite_schema s JOIN pragma_index_list(s.name) i JOIN pragma_index_info(i.name) c WHERE s.type = 'table' AND c.seqno = 0",
		others:  "SELECT name FROM sqlite_schema WHERE type = 'trigger' OR sql LIKE '%AUTOINCREMENT%' OR sql LIKE '%REFERENCES%'",
	},
	"postgres": {
		tables:  "SELECT table_name || ' ' || column_name FROM information_schema.columns WHERE table_schema = current_schema() AND ordinal_position = 1",
		indexes: "SELECT c.relname || ' ' || a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE c.relnamespace = current_schema()::regnamespace",
		others:  "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S' UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype = 'f'",
	},
	"mysql": {
		tables:  "SELECT concat(table_name, ' ', column_name) FROM information_schema.columns WHERE table_schema = database() AND ordinal_position = 1",
		indexes: "SELECT concat(table_name, '.', index_name, ' ', column_name) FROM information_schema.statistics WHERE table_schema = database() AND seq_in_index = 1",
		others:  "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND (auto_increment IS NOT NULL OR engine <> 'InnoDB') UNION ALL SELECT constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = database()",
	},
}

func TestTheTenantIsTheFirstColumnOfEveryKeyAndIndex(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		db := b.migrated(t)(t)
		for what, query := range map[string]string{"tables": catalog[b.name].tables, "indexes": catalog[b.name].indexes} {
			found := column(t, db, query)
			require.GreaterOrEqual(t, len(found), 13, what)
			for _, name := range found {
				if !strings.Contains(name, "migrations") { // which are not of a tenant
					require.True(t, strings.HasSuffix(name, " tenant"), name)
				}
			}
		}
		require.Empty(t, column(t, db, catalog[b.name].others), "sequences, triggers, references")
	})
}

func column(t *testing.T, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, query string, args ...any,
) []string {
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

// Statements reach database/sql in three files: conn.go runs those of the store, the two
// others those of the schema. So the lint above hears every one.
func TestStatementsRunInOnePlace(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	runs := regexp.MustCompile(`\.(?:Exec|Query|QueryRow|Prepare)Context\(`)
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
