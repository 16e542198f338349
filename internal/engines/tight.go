package engines

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"testing"
)

// Tight is a database on a server of its own, whose files can be kept from growing. To
// the server that is a disk without room: it needs no file system and no privilege.
type Tight struct{ *Database }

// TightPostgres starts a PostgreSQL server for one test, from the binaries on the machine.
func TightPostgres(tb testing.TB) Tight { tb.Helper(); return tight(tb, ownPostgres) }

// TightMySQL starts a MariaDB or MySQL server for one test, likewise.
func TightMySQL(tb testing.TB) Tight { tb.Helper(); return tight(tb, ownMySQL) }

func tight(tb testing.TB, start func(durable bool) (*server, error)) Tight {
	tb.Helper()
	s, err := start(false)
	switch {
	case errors.Is(err, errAbsent) && os.Getenv("CI") != "true":
		tb.Skip("no server of its own:", err)
	case err != nil:
		tb.Fatal(err)
	}
	tb.Cleanup(s.stop)
	t := Tight{&Database{server: s, name: "oms_tight"}}
	err = t.asAdmin(func(admin *sql.DB) error { return s.create(tb.Context(), admin, t.name) })
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func (t Tight) asAdmin(do func(*sql.DB) error) error {
	admin, err := t.server.open("")
	if err != nil {
		return err
	}
	return errors.Join(do(admin), admin.Close())
}

// Limit starts the server over, with files of at most so many bytes; 0 is no limit. It
// ends all connections.
func (t Tight) Limit(tb testing.TB, bytes int64) {
	tb.Helper()
	if err := t.server.again(bytes); err != nil {
		tb.Fatal(err)
	}
}

// keptBy lets a keeper run the program of a server, and waits until it answers.
func (s *server) keptBy(k *keeper, signal, program string, args []string) error {
	run := func() error {
		if err := k.keep(signal, program, args...); err != nil {
			return err
		}
		return k.ready(func(ctx context.Context) error { return answers(ctx, s) })
	}
	s.again = func(limit int64) error {
		k.pause()
		k.limit = limit
		return run()
	}
	return run()
}
