package engines_test

import (
	"database/sql"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/internal/engines"
)

func TestMain(m *testing.M) { os.Exit(engines.Main(m)) }

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for driver, find := range map[string]func(testing.TB) *engines.Database{"pgx": engines.Postgres, "mysql": engines.MySQL} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			mine, other := find(t), find(t)
			first, second := mine.Open(t), mine.Open(t)
			_, err := first.ExecContext(t.Context(), "CREATE TABLE things (n INTEGER)")
			require.NoError(t, err)
			_, err = second.ExecContext(t.Context(), "INSERT INTO things VALUES (1)")
			require.NoError(t, err, "two pools of one database see the same tables")
			named, err := sql.Open(driver, mine.DSN())
			require.NoError(t, err)
			_, err = named.ExecContext(t.Context(), "INSERT INTO things VALUES (1)")
			require.NoError(t, errors.Join(err, named.Close()), "its DSN names it")
			_, err = other.Open(t).ExecContext(t.Context(), "INSERT INTO things VALUES (1)")
			require.ErrorContains(t, err, "things")
		})
	}
}
