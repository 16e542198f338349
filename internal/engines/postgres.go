package engines

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

func startPostgres(durable bool) (*server, error) {
	if dsn := os.Getenv("OMS_POSTGRES_DSN"); dsn != "" {
		return postgresAt(dsn, nil)
	}
	return ownPostgres(durable)
}

// ownPostgres starts a server from the binaries on the machine.
func ownPostgres(durable bool) (*server, error) {
	bin, err := binaries("postgres", "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
	if err != nil {
		return nil, err
	}
	k, err := newKeeper("oms-postgres", durable)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(k.dir, "data")
	err = k.run(filepath.Join(bin, "initdb"), "-D", data, "-U", "oms", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return nil, err
	}
	args := []string{
		"-D", data, "-k", k.dir, "-c", "listen_addresses=", "-c", "max_connections=400",
		"-c", "deadlock_timeout=100ms", "-c", "shared_buffers=128MB", "-c", "logging_collector=off",
		"-c", "random_page_cost=1.1", // as on solid state disks
	}
	if !durable {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	s, err := postgresAt("host="+k.dir+" user=oms dbname=postgres", k.stop)
	if err != nil {
		return nil, err
	}
	return s, s.keptBy(k, "QUIT", filepath.Join(bin, "postgres"), args)
}

func postgresAt(dsn string, stop func()) (*server, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("OMS_POSTGRES_DSN: %w", err)
	}
	s := &server{stop: stop, version: "PostgreSQL"}
	s.open = func(schema string) (*sql.DB, error) {
		c := config.Copy()
		if schema != "" {
			c.RuntimeParams["search_path"] = schema
		}
		return stdlib.OpenDB(*c), nil
	}
	s.dsn = func(schema string) string {
		if u, err := url.Parse(dsn); err == nil && u.Scheme != "" {
			q := u.Query()
			q.Set("search_path", schema)
			u.RawQuery = q.Encode()
			return u.String()
		}
		return dsn + " search_path=" + schema
	}
	s.create = func(ctx context.Context, admin *sql.DB, schema string) error {
		_, err := admin.ExecContext(ctx, "CREATE SCHEMA "+schema)
		return err
	}
	s.drop = func(ctx context.Context, admin *sql.DB, schema string) error {
		_, err := admin.ExecContext(ctx, "DROP SCHEMA "+schema+" CASCADE")
		return err
	}
	return s, nil
}

// Pgx opens a pool of pgx with so many connections on a database of PostgreSQL. It is
// closed when the test ends.
func (d *Database) Pgx(tb testing.TB, connections int32) *pgxpool.Pool {
	tb.Helper()
	config, err := pgxpool.ParseConfig(d.DSN())
	if err != nil {
		tb.Fatal(err)
	}
	config.MaxConns = connections
	config.ConnConfig.RuntimeParams["search_path"] = d.name
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(pool.Close)
	return pool
}

// answers asks a server for its version.
func answers(ctx context.Context, s *server) error {
	db, err := s.open("")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var version string
	if err := db.QueryRowContext(ctx, "SELECT version()").Scan(&version); err != nil {
		return err
	}
	s.version = shortVersion(version)
	return nil
}
