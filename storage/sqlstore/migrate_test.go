package sqlstore_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// schema is all that a database is made of.
func schema(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return column(t, db, "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') FROM sqlite_schema ORDER BY 1")
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	db := newDB(t, "")
	require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
	before := schema(t, db)
	require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
	require.Equal(t, before, schema(t, db))
	versions, err := sqlstore.Versions(t.Context(), db, sqlstore.SQLite)
	require.NoError(t, err)
	require.Equal(t, []sqlstore.Version{
		{Number: 1, Name: "0001_init", Applied: true}, {Number: 2, Name: "0002_delivery", Applied: true},
	}, versions)
}

func TestManyMayMigrateAtTheSameTime(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "oms.db")
	const processes = 4
	dbs := make([]*sql.DB, processes)
	for i := range dbs { // a pool each, as processes have
		dbs[i] = openDB(t, file, "&_pragma=busy_timeout(5000)")
		require.NoError(t, dbs[i].PingContext(t.Context()))
	}
	errs := make([]error, processes)
	var wg sync.WaitGroup
	for i, db := range dbs {
		wg.Go(func() { errs[i] = sqlstore.Migrate(t.Context(), db, sqlstore.SQLite) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, []string{"1", "2"}, column(t, dbs[0], "SELECT version FROM oms_migrations ORDER BY version"))
}

func TestASchemaOfAnotherMakeIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage   string
		sentinel error
		version  int
		says     string
	}{
		"a migration that has changed": {"UPDATE oms_migrations SET checksum = 'other' WHERE version = 1", sqlstore.ErrChanged, 1, "checksum other"},
		"a newer schema":               {"INSERT INTO oms_migrations VALUES (7, '0007_later', 'x')", sqlstore.ErrNewer, 7, "version 7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := newDB(t, "")
			require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
			_, err := db.ExecContext(t.Context(), c.damage)
			require.NoError(t, err)
			before := schema(t, db)
			err = sqlstore.Migrate(t.Context(), db, sqlstore.SQLite)
			require.ErrorIs(t, err, c.sentinel)
			var refusal *sqlstore.MigrationError
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, c.version, refusal.Version)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, before, schema(t, db))
		})
	}
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	db := newDB(t, "")
	_, err := db.ExecContext(t.Context(), "CREATE TABLE oms_commands (mine TEXT)") // the last table of the first version
	require.NoError(t, err)
	err = sqlstore.Migrate(t.Context(), db, sqlstore.SQLite)
	require.ErrorContains(t, err, "0001_init")
	require.Equal(t, []string{"oms_commands", "oms_migrations"}, column(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1"))
	versions, err := sqlstore.Versions(t.Context(), db, sqlstore.SQLite)
	require.NoError(t, err)
	require.False(t, versions[0].Applied)
}

func TestAToolOfTheHostsMayRunTheText(t *testing.T) {
	t.Parallel()
	ours, theirs := newDB(t, ""), newDB(t, "")
	require.NoError(t, sqlstore.Migrate(t.Context(), ours, sqlstore.SQLite, sqlstore.Prefix("shop_")))
	for version := 1; version <= 2; version++ {
		text, err := sqlstore.SQL(version, sqlstore.SQLite, sqlstore.Prefix("shop_"))
		require.NoError(t, err)
		_, err = theirs.ExecContext(t.Context(), text)
		require.NoError(t, err)
	}
	require.Equal(t, schema(t, ours), schema(t, theirs))
	require.NoError(t, sqlstore.Migrate(t.Context(), theirs, sqlstore.SQLite, sqlstore.Prefix("shop_")), "it knows what was applied")
	_, err := sqlstore.SQL(3, sqlstore.SQLite)
	require.ErrorIs(t, err, sqlstore.ErrVersion)
}

func TestMigrateEndsWithItsContext(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "oms.db")
	holder, db := openDB(t, file, "&_txlock=immediate"), openDB(t, file, "&_pragma=busy_timeout(60000)")
	require.NoError(t, db.PingContext(t.Context()))
	tx, err := holder.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, sqlstore.Migrate(ctx, db, sqlstore.SQLite), context.DeadlineExceeded)
	require.NoError(t, tx.Rollback())
	require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
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
	require.Equal(t, "sqlite", sqlstore.SQLite.String())
	require.Equal(t, "none", none.String())
	require.Empty(t, schema(t, db))
}

func TestOpenNeverChangesTheSchema(t *testing.T) {
	t.Parallel()
	db := newDB(t, "")
	s, err := sqlstore.Open(db, sqlstore.SQLite)
	require.NoError(t, err)
	err = s.Update(t.Context(), "t", func(context.Context, storage.Tx) error { return nil })
	require.ErrorContains(t, err, "oms_commands")
	require.NotErrorIs(t, err, storage.ErrConflict)
	require.Empty(t, schema(t, db))
}
