package faults_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/internal/engines"
)

// ballast are rows of another tenant that make the log of events the largest file, and
// leave no room in it.
const ballast = `INSERT INTO oms_events (tenant, aggregate, version, id, seq, kind, at, actor, data)
	SELECT 'ballast', %[1]s, 1, '', 1, '', 0, '', 'x' FROM %[2]s`

// fullServer is how the disk of a server is filled up.
type fullServer struct {
	start func(testing.TB) engines.Tight
	fill  string
	size  string // of the file that the log of events is in
	why   string // what the server says then
}

var fullServers = map[string]fullServer{
	"postgres": {
		engines.TightPostgres,
		fmt.Sprintf(ballast, "gen_random_uuid()", "generate_series(1, %d)"),
		"SELECT pg_relation_size('oms_events')",
		"could not extend file",
	},
	"mysql": {
		engines.TightMySQL,
		fmt.Sprintf(ballast, "uuid()", "seq_1_to_%d"),
		"SELECT file_size FROM information_schema.innodb_sys_tablespaces WHERE name LIKE '%oms_events'",
		"full",
	},
}

// TestAFullDiskOfAServerRefusesAndForgives lets no file of a server grow. What finds no
// room is refused whole, and done under the same key when there is some.
func TestAFullDiskOfAServerRefusesAndForgives(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		if how, ok := fullServers[b.engine]; ok {
			fillServer(t, b, how)
		}
	})
}

func fillServer(t *testing.T, b backend, how fullServer) {
	t.Helper()
	server := how.start(t)
	over := func(run func(db *sql.DB, s *shop)) {
		db, err := openPool(b, server.DSN())
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		s, end, err := b.shopOver(db)
		require.NoError(t, err)
		defer end()
		run(db, s)
	}
	var album, names []string
	var size int64
	full, done := 0, 0
	tellOn := func(s *shop, name string, first, end int) { // as far as there is room
		st := &story{name: name}
		for no := range end {
			before := s.everything(t)
			_, err := st.run(t.Context(), s.Engine, no)
			if err != nil {
				full++
				refused(t, err, how.why)
				require.Equal(t, before, s.everything(t), "a refused command leaves no trace")
				return
			}
			if no >= first {
				done++
			}
		}
	}
	over(func(db *sql.DB, s *shop) {
		b.shop(t, db).furnish(t)
		album = s.album(t)
		for no := range steps {
			names = append(names, fmt.Sprint("story-tight-", no))
			tellOn(s, names[no], 0, no)
		}
		require.Zero(t, full)
		_, err := db.ExecContext(t.Context(), fmt.Sprintf(how.fill, 200_000))
		require.NoError(t, err)
		require.NoError(t, db.QueryRowContext(t.Context(), how.size).Scan(&size))
	})
	server.Limit(t, size)
	over(func(db *sql.DB, s *shop) {
		for rows := 10_000; rows > 0; { // what room there is in the file
			if _, err := db.ExecContext(t.Context(), fmt.Sprintf(how.fill, rows)); err != nil {
				require.ErrorContains(t, err, how.why)
				rows /= 10
			}
		}
		for no, name := range names {
			tellOn(s, name, no, len(steps))
		}
		for most := times(t, len(steps)); full < most; {
			names = append(names, fmt.Sprint("story-tight-", len(names)))
			tellOn(s, names[len(names)-1], 0, len(steps))
		}
		s.verify(t)
	})
	server.Limit(t, 0)
	over(func(_ *sql.DB, s *shop) {
		s.verify(t)
		kept := 0
		for _, name := range names {
			kept += len(s.page(t, name).results)
		}
		require.Equal(t, done, kept, "commands that were acknowledged, before and after the disk was full")
		s.finish(t, names, album)
		s.count(t, 1+len(names))
		s.verify(t)
	})
	t.Logf("full disk of %s: %d commands done, %d refused whole, each done once there was room, 0 lost, 0 done twice", b.name, done, full)
}
