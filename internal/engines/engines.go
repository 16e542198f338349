// Package engines finds the SQL servers that tests need: those that a variable of the
// environment names, or else servers of its own, which it starts from the binaries on
// the machine in a temporary folder and stops with the tests. It is for tests only.
//
//	func TestMain(m *testing.M) { os.Exit(engines.Main(m)) }
//
//	func TestSomething(t *testing.T) {
//		db := engines.Postgres(t).Open(t)
//
// OMS_POSTGRES_DSN and OMS_MYSQL_DSN name servers whose user may create schemas and
// databases. OMS_ENGINES=sqlite,postgres leaves the others out. Without server and binary a test is skipped; with CI=true it fails. A
// binary that is there and does not start is always a failure.
package engines

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// errAbsent is an engine that is not on this machine.
var errAbsent = errors.New("engines: not found")

// engine is a kind of server. It is started at most once in a test binary.
type engine struct {
	name  string
	start func(durable bool) (*server, error)

	once   sync.Once
	server *server
	err    error
}

// server is one that runs.
type server struct {
	version string
	open    func(database string) (*sql.DB, error) // a pool on a database; the empty name is that of the server
	dsn     func(database string) string           // what open opens, for the driver in another process
	create  func(ctx context.Context, admin *sql.DB, database string) error
	drop    func(ctx context.Context, admin *sql.DB, database string) error
	stop    func()                  // nil for a server that was there before
	again   func(limit int64) error // ends it and starts it over the same data; nil likewise

	admin *sql.DB
}

var (
	postgres        = &engine{name: "PostgreSQL", start: startPostgres}
	mysql           = &engine{name: "MariaDB or MySQL", start: startMySQL}
	durablePostgres = &engine{name: "PostgreSQL", start: startPostgres}
	durableMySQL    = &engine{name: "MariaDB or MySQL", start: startMySQL}
)

// Main runs the tests of a package, stops the servers that they needed and prints the
// versions of these. It returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	var ran []string
	for _, e := range []*engine{postgres, mysql, durablePostgres, durableMySQL} {
		e.once.Do(func() {}) // whoever comes now is too late
		if e.server == nil {
			continue
		}
		if !slices.Contains(ran, e.server.version) {
			ran = append(ran, e.server.version)
		}
		_ = e.server.admin.Close()
		if e.server.stop != nil {
			e.server.stop()
		}
	}
	if only := os.Getenv("OMS_ENGINES"); only != "" {
		fmt.Fprintln(os.Stdout, "engines: OMS_ENGINES leaves only", only)
	}
	if len(ran) > 0 {
		fmt.Fprintln(os.Stdout, "engines:", strings.Join(ran, ", "))
	}
	return code
}

// Wanted tells whether tests that run on every engine shall run on one: "sqlite",
// "postgres" or "mysql". OMS_ENGINES names some of them; without it all are wanted.
func Wanted(name string) bool {
	only := os.Getenv("OMS_ENGINES")
	return only == "" || slices.Contains(strings.Split(only, ","), name)
}

// Database is an empty database on a server, of one test.
type Database struct {
	server *server
	name   string
}

// Postgres gives a test a schema of its own on a PostgreSQL server.
func Postgres(tb testing.TB) *Database { tb.Helper(); return postgres.database(tb, false) }

// MySQL gives a test a database of its own on a MariaDB or MySQL server.
func MySQL(tb testing.TB) *Database { tb.Helper(); return mysql.database(tb, false) }

// DurablePostgres is Postgres on a server that waits for the disk, as those of hosts do.
func DurablePostgres(tb testing.TB) *Database { tb.Helper(); return durablePostgres.database(tb, true) }

// DurableMySQL is MySQL on a server that waits for the disk.
func DurableMySQL(tb testing.TB) *Database { tb.Helper(); return durableMySQL.database(tb, true) }

func (e *engine) database(tb testing.TB, durable bool) *Database {
	tb.Helper()
	e.once.Do(func() { e.server, e.err = e.begin(durable) })
	switch {
	case errors.Is(e.err, errAbsent) && os.Getenv("CI") != "true":
		tb.Skip(e.name, "is not on this machine:", e.err)
	case e.err != nil:
		tb.Fatal(e.name, "cannot be used: ", e.err)
	case e.server == nil:
		tb.Fatal(e.name, "was asked for after the tests ended")
	}
	d := &Database{server: e.server, name: "oms_" + strings.ToLower(rand.Text()[:12])}
	if err := e.server.create(tb.Context(), e.server.admin, d.name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.server.drop(context.Background(), e.server.admin, d.name); err != nil {
			tb.Error(err)
		}
	})
	return d
}

func (e *engine) begin(durable bool) (*server, error) {
	s, err := e.start(durable)
	if err != nil {
		return nil, err
	}
	s.admin, err = s.open("")
	if err == nil {
		err = s.admin.PingContext(context.Background())
	}
	return s, err
}

// DSN names the database to the driver "pgx" or "mysql", for another process or with
// other options.
func (d *Database) DSN() string { return d.server.dsn(d.name) }

// Open opens a pool on the database, which is closed when the test ends. Several pools
// are to it what several processes are.
func (d *Database) Open(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := d.server.open(d.name)
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxIdleConns(64)
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}
