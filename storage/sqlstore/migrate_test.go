package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// schema is all that a database is made of.
func schema(t *testing.T, db *sql.DB, b backend) []string {
	t.Helper()
	query := map[string]string{
		"sqlite": "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') FROM sqlite_schema ORDER BY 1",
		"postgres": `SELECT concat_ws(' ', table_name, column_name, ordinal_position, data_type, collation_name, is_nullable) FROM information_schema.columns WHERE table_schema = current_schema()
			UNION ALL SELECT replace(indexdef, current_schema() || '.', '') FROM pg_indexes WHERE schemaname = current_schema()
			UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace ORDER BY 1`,
		"mysql": `SELECT concat_ws(' ', table_name, column_name, ordinal_position, column_type, collation_name, is_nullable) FROM information_schema.columns WHERE table_schema = database()
			UNION ALL SELECT concat_ws(' ', table_name, index_name, seq_in_index, column_name, non_unique) FROM information_schema.statistics WHERE table_schema = database()
			UNION ALL SELECT concat_ws(' ', constraint_name, check_clause) FROM information_schema.check_constraints WHERE constraint_schema = database() ORDER BY 1`,
	}[b.name]
	return column(t, db, query)
}

// versionNames are the versions that this library has, in order.
var versionNames = []string{"0001_init", "0002_delivery", "0003_documents", "0004_items", "0005_movement_log", "0006_levels"}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		db := b.migrated(t)(t)
		before := schema(t, db, b)
		require.NotEmpty(t, before)
		require.NoError(t, sqlstore.Migrate(t.Context(), db, b.dialect))
		require.Equal(t, before, schema(t, db, b))
		versions, err := sqlstore.Versions(t.Context(), db, b.dialect)
		require.NoError(t, err)
		var want []sqlstore.Version
		for i, name := range versionNames {
			want = append(want, sqlstore.Version{Number: i + 1, Name: name, Applied: true})
		}
		require.Equal(t, want, versions)
	})
}

func TestManyMayMigrateAtTheSameTime(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		for range 3 {
			pool := b.blank(t)
			const processes = 6
			dbs := make([]*sql.DB, processes)
			for i := range dbs { // a pool each, as processes have
				dbs[i] = pool(t)
				require.NoError(t, dbs[i].PingContext(t.Context()))
			}
			errs := make([]error, processes)
			var wg sync.WaitGroup
			for i, db := range dbs {
				wg.Go(func() { errs[i] = sqlstore.Migrate(t.Context(), db, b.dialect) })
			}
			wg.Wait()
			require.NoError(t, errors.Join(errs...))
			require.Equal(t, versionNames, column(t, dbs[0], "SELECT name FROM oms_migrations ORDER BY version"))
		}
	})
}

func TestASchemaOfAnotherMakeIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage   string
		sentinel error
		version  int
		says     string
	}{
		"a migration that has changed":   {"UPDATE oms_migrations SET checksum = 'other' WHERE version = 1", sqlstore.ErrChanged, 1, "checksum other"},
		"a newer schema":                 {"INSERT INTO oms_migrations VALUES (7, '0007_later', 'x')", sqlstore.ErrNewer, 7, "version 7"},
		"a migration that was cut short": {"UPDATE oms_migrations SET checksum = '' WHERE version = 1", sqlstore.ErrUnfinished, 1, "version 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBackends(t, func(t *testing.T, b backend) {
				t.Helper()
				db := b.migrated(t)(t)
				_, err := db.ExecContext(t.Context(), c.damage)
				require.NoError(t, err)
				before := schema(t, db, b)
				err = sqlstore.Migrate(t.Context(), db, b.dialect)
				require.ErrorIs(t, err, c.sentinel)
				var refusal *sqlstore.MigrationError
				require.ErrorAs(t, err, &refusal)
				require.Equal(t, c.version, refusal.Version)
				require.ErrorContains(t, err, c.says)
				require.Equal(t, before, schema(t, db, b))
			})
		})
	}
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		db := b.blank(t)(t)
		_, err := db.ExecContext(t.Context(), "CREATE TABLE oms_commands (mine INTEGER)") // the last table of the first version
		require.NoError(t, err)
		err = sqlstore.Migrate(t.Context(), db, b.dialect)
		require.ErrorContains(t, err, "0001_init")
		versions, err := sqlstore.Versions(t.Context(), db, b.dialect)
		require.NoError(t, err)
		require.False(t, versions[0].Applied)
		again := sqlstore.Migrate(t.Context(), db, b.dialect)
		if b.name == "mysql" { // or else it says so
			require.ErrorIs(t, again, sqlstore.ErrUnfinished)
			return
		}
		require.ErrorContains(t, again, "0001_init")
		for _, line := range schema(t, db, b) {
			require.Regexp(t, "oms_commands|oms_migrations|PRIMARY KEY", line)
		}
	})
}

func TestAToolOfTheHostsMayRunTheText(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		ours, theirs := b.migrated(t, sqlstore.Prefix("shop_"))(t), b.blank(t)(t)
		for version := 1; version <= len(versionNames); version++ {
			text, err := sqlstore.SQL(version, b.dialect, sqlstore.Prefix("shop_"))
			require.NoError(t, err)
			for statement := range strings.SplitSeq(strings.TrimSuffix(text, ";\n"), ";\n\n") {
				_, err = theirs.ExecContext(t.Context(), statement)
				require.NoError(t, err, statement)
			}
		}
		require.Equal(t, schema(t, ours, b), schema(t, theirs, b))
		require.NoError(t, sqlstore.Migrate(t.Context(), theirs, b.dialect, sqlstore.Prefix("shop_")), "it knows what was applied")
		_, err := sqlstore.SQL(len(versionNames)+1, b.dialect)
		require.ErrorIs(t, err, sqlstore.ErrVersion)
	})
}

func TestMigrateEndsWithItsContext(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		pool := b.blank(t)
		db := pool(t)
		require.NoError(t, db.PingContext(t.Context()))
		tx, err := pool(t).BeginTx(t.Context(), nil)
		require.NoError(t, err)
		hold := "CREATE TABLE oms_migrations (version BIGINT PRIMARY KEY)" // as who migrates and has not committed
		if b.name == "mysql" {
			hold = "SELECT GET_LOCK('oms_migrations', 0)"
		}
		_, err = tx.ExecContext(t.Context(), hold)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, sqlstore.Migrate(ctx, db, b.dialect), context.DeadlineExceeded)
		require.NoError(t, tx.Rollback())
		if b.name == "mysql" {
			return // the connection keeps the lock until it is closed
		}
		require.NoError(t, sqlstore.Migrate(t.Context(), db, b.dialect))
	})
}

func TestWrongArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	db := newDB(t, "")
	for _, prefix := range []string{"1a", "A", "oms-", "oms.", "x y", "o\"", "ö", "abcdefghijklmnopqrstuvwxy", "_"} {
		_, err := sqlstore.Open(db, sqlstore.SQLite, sqlstore.Prefix(prefix))
		require.ErrorIs(t, err, sqlstore.ErrPrefix, prefix)
		require.ErrorIs(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite, sqlstore.Prefix(prefix)), sqlstore.ErrPrefix, prefix)
	}
	var none sqlstore.Dialect
	_, err := sqlstore.Open(db, none)
	require.ErrorIs(t, err, sqlstore.ErrDialect)
	_, err = sqlstore.SQL(1, none)
	require.ErrorIs(t, err, sqlstore.ErrDialect)
	_, err = sqlstore.Open(nil, sqlstore.SQLite)
	require.ErrorIs(t, err, sqlstore.ErrNoDatabase)
	require.ErrorIs(t, sqlstore.Migrate(t.Context(), nil, sqlstore.SQLite), sqlstore.ErrNoDatabase)
	_, err = sqlstore.Versions(t.Context(), db, none)
	require.ErrorIs(t, err, sqlstore.ErrDialect)
	ran := func(context.Context, storage.Tx) error { t.Error("it ran"); return nil }
	require.ErrorIs(t, sqlstore.Join(nil, sqlstore.SQLite).Update(t.Context(), "t", ran), sqlstore.ErrNoDatabase)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	require.ErrorIs(t, sqlstore.Join(tx, none).View(t.Context(), "t", ran), sqlstore.ErrDialect)
	require.NoError(t, tx.Rollback())
	for _, b := range backends {
		require.Equal(t, b.name, b.dialect.String())
	}
	require.Equal(t, "none", none.String())
	require.Empty(t, schema(t, db, backends[0]))
}

func TestOpenNeverChangesTheSchema(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		db := b.blank(t)(t)
		s, err := sqlstore.Open(db, b.dialect)
		require.NoError(t, err)
		err = s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			_, _, err := tx.Commands().Find(ctx, "key")
			return err
		})
		require.ErrorContains(t, err, "oms_commands")
		require.NotErrorIs(t, err, storage.ErrConflict)
		require.Empty(t, schema(t, db, b))
	})
}
