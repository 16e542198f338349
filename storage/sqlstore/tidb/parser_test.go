package tidb

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	_ "github.com/pingcap/tidb/pkg/parser/test_driver" // of values: the parser asks for one
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage/sqlstore"
)

// parse reads a script by TiDB's grammar. What it accepts and ignores is a warning.
func parse(t *testing.T, script string) ([]ast.StmtNode, []error, error) {
	t.Helper()
	return parser.New().Parse(script, "", "")
}

func TestTiDBReadsEveryStatement(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../testdata/statements.mysql.sql")
	require.NoError(t, err)
	all, warnings, err := parse(t, string(text))
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Len(t, all, strings.Count(string(text), ";\n"))
	require.Greater(t, len(all), 60)
	for _, s := range all {
		switch s.(type) {
		case *ast.SelectStmt, *ast.SetOprStmt, *ast.InsertStmt, *ast.UpdateStmt, *ast.DeleteStmt, *ast.SavepointStmt, *ast.ReleaseSavepointStmt:
		default:
			t.Errorf("%T is no statement of data: %s", s, s.Text())
		}
	}
}

func TestTiDBReadsEveryTable(t *testing.T) {
	t.Parallel()
	var text string
	for version := 1; ; version++ {
		part, err := sqlstore.SQL(version, sqlstore.MySQL)
		if errors.Is(err, sqlstore.ErrVersion) {
			break
		}
		require.NoError(t, err)
		text += part + "\n"
	}
	all, warnings, err := parse(t, text)
	require.NoError(t, err)
	require.Empty(t, warnings)
	tables := 0
	for _, s := range all {
		switch s := s.(type) {
		case *ast.CreateTableStmt:
			tables++
			if s.Table.Name.L != "oms_migrations" {
				checkTable(t, s)
			}
		case *ast.CreateIndexStmt:
			require.Equal(t, "tenant", s.IndexPartSpecifications[0].Column.Name.L, s.Text())
		case *ast.AlterTableStmt: // a column that may be NULL, and nothing else
			for _, spec := range s.Specs {
				require.Equal(t, ast.AlterTableAddColumns, spec.Tp, s.Text())
				for _, c := range spec.NewColumns {
					require.Empty(t, c.Options, s.Text())
				}
			}
		case *ast.DropIndexStmt: // in the place of which there is another
			require.False(t, s.IsHypo, s.Text())
			require.NotEmpty(t, s.IndexName, s.Text())
		case *ast.InsertStmt: // of the version
		default:
			t.Errorf("%T: %s", s, s.Text())
		}
	}
	require.Greater(t, tables, 12)
}

// checkTable asks for a primary key that begins with the tenant, and for nothing that
// makes numbers, refers to other tables or is computed.
func checkTable(t *testing.T, s *ast.CreateTableStmt) {
	t.Helper()
	keys := 0
	for _, c := range s.Constraints {
		switch c.Tp {
		case ast.ConstraintPrimaryKey:
			keys++
			require.Equal(t, "tenant", c.Keys[0].Column.Name.L, s.Text())
		default:
			t.Errorf("a constraint of kind %d: %s", c.Tp, s.Text())
		}
	}
	require.Equal(t, 1, keys, s.Text())
	for _, column := range s.Cols {
		for _, o := range column.Options {
			switch o.Tp {
			case ast.ColumnOptionNotNull, ast.ColumnOptionCheck:
			default:
				t.Errorf("%s has an option of kind %d", column.Name, o.Tp)
			}
		}
	}
}

func TestTiDBRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"INSERT INTO oms_items (tenant) VALUES (?) ON CONFLICT (tenant) DO NOTHING", "CREATE TABLE oms_x (id VARBINARY)",
		"UPDATE oms_feeds SET last = ? WHERE tenant = ? RETURNING last", "SELECT * FROM oms_orders o FULL OUTER JOIN oms_order_lines l ON l.tenant = o.tenant",
	} {
		_, _, err := parse(t, bad)
		require.Error(t, err, bad)
	}
}
