package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/orderkit/oms/storage"
)

var (
	// ErrChanged is an applied migration whose text is another than the library's.
	ErrChanged = errors.New("sqlstore: an applied migration has changed")
	// ErrNewer is a schema with migrations that this library does not know.
	ErrNewer = errors.New("sqlstore: the schema is newer than the library")
	// ErrUnfinished is a migration that was begun and did not come to its end.
	ErrUnfinished = errors.New("sqlstore: a migration is unfinished")
	// ErrVersion is a migration that does not exist.
	ErrVersion = errors.New("sqlstore: no such migration")
)

// MigrationError is a schema that Migrate leaves alone. It matches ErrChanged, ErrNewer
// or ErrUnfinished.
type MigrationError struct {
	Version  int
	Applied  string // checksum in the database; empty if it is unfinished
	Embedded string // checksum in the library; empty if it has no such version
	Err      error
}

// Error names the version and what to do.
func (e *MigrationError) Error() string {
	switch {
	case e.Applied == "":
		return fmt.Sprintf("%v: version %d; if no other process is at it, remove what it has made and its row in the table of migrations, and migrate again", e.Err, e.Version)
	case e.Embedded == "":
		return fmt.Sprintf("%v: version %d is applied; use the version of the library that made it, or a later one", e.Err, e.Version)
	}
	return fmt.Sprintf("%v: version %d has checksum %.12s in the database and %.12s in the library; use the library and prefix that it was made with",
		e.Err, e.Version, e.Applied, e.Embedded)
}

// Unwrap gives ErrChanged, ErrNewer or ErrUnfinished.
func (e *MigrationError) Unwrap() error { return e.Err }

// Version is a migration of the library.
type Version struct {
	Number  int
	Name    string
	Applied bool
}

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one version, written for an engine and prefix.
type migration struct {
	number     int
	name       string
	statements []string
	checksum   string
}

const (
	createMigrationsSQL = "CREATE TABLE IF NOT EXISTS {migrations} (version BIGINT NOT NULL PRIMARY KEY, name {text} NOT NULL, checksum {text} NOT NULL)"
	listMigrationsSQL   = "SELECT version, checksum FROM {migrations} ORDER BY version"
	addMigrationSQL     = "INSERT INTO {migrations} (version, name, checksum) VALUES (?, ?, ?)"
)

// schema renders DDL: types, and then tables.
func (x *texts) schema(source string) string {
	var pairs []string
	for name, definition := range x.engine.types {
		pairs = append(pairs, "{"+name+"}", definition)
	}
	return x.render(strings.NewReplacer(pairs...).Replace(source))
}

// migrations lists the versions of the library, oldest first.
func (x *texts) migrations() ([]migration, error) {
	files, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	all := make([]migration, len(files))
	for i, f := range files { // sorted by name
		source, err := migrationFiles.ReadFile("migrations/" + f.Name())
		if err != nil {
			return nil, err
		}
		m := migration{name: strings.TrimSuffix(f.Name(), ".sql")}
		if _, err := fmt.Sscanf(m.name, "%04d_", &m.number); err != nil {
			return nil, fmt.Errorf("sqlstore: migration %s: %w", f.Name(), err)
		}
		m.statements = statements(x.schema(string(source)))
		sum := sha256.Sum256([]byte(strings.Join(m.statements, ";\n")))
		m.checksum = hex.EncodeToString(sum[:])
		all[i] = m
	}
	return all, nil
}

// statements splits a migration. A statement ends with a semicolon at the end of a
// line; lines that begin with -- are comments.
func statements(text string) []string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "--") {
			kept = append(kept, line)
		}
	}
	var out []string
	for s := range strings.SplitSeq(strings.Join(kept, ""), ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Migrate brings the schema of a database to that of the library, one version after the
// other. It may run in several processes at the same time: one does the work, the others
// wait. A schema that does not fit is a *MigrationError, and stays as it is.
//
// Each version is one transaction, so that one which fails leaves nothing. MySQL has no
// such transactions: there a version that fails or is cut off is ErrUnfinished from then
// on, until a person has removed what it left.
func Migrate(ctx context.Context, db *sql.DB, d Dialect, opts ...Option) error {
	x, all, err := prepareMigrations(db, d, opts)
	if err != nil {
		return err
	}
	err = storage.Retry(ctx, func() error {
		_, err := db.ExecContext(ctx, x.schema(createMigrationsSQL))
		if err != nil && x.engine.fault(err) == taken { // two make the table at once
			return storage.Stale(err)
		}
		return x.explain(ctx, err)
	})
	if err != nil {
		return err
	}
	return x.engine.migration(ctx, x, db, all)
}

func prepareMigrations(db *sql.DB, d Dialect, opts []Option) (*texts, []migration, error) {
	x, err := newTexts(d, opts)
	if err != nil {
		return nil, nil, err
	}
	if db == nil {
		return nil, nil, ErrNoDatabase
	}
	all, err := x.migrations()
	return x, all, err
}

// querier is what *sql.DB, *sql.Tx and *sql.Conn have in common here.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// missing compares what is applied with what there is, and finds the first version to
// apply.
func (x *texts) missing(ctx context.Context, q querier, all []migration) (*migration, error) {
	applied, err := x.applied(ctx, q)
	if err != nil {
		return nil, err
	}
	for number, checksum := range applied {
		i := slices.IndexFunc(all, func(m migration) bool { return m.number == number })
		if i < 0 {
			return nil, &MigrationError{Version: number, Applied: checksum, Err: ErrNewer}
		}
		if checksum == unfinished {
			return nil, &MigrationError{Version: number, Embedded: all[i].checksum, Err: ErrUnfinished}
		}
		if all[i].checksum != checksum {
			return nil, &MigrationError{Version: number, Applied: checksum, Embedded: all[i].checksum, Err: ErrChanged}
		}
	}
	for i := range all {
		if _, done := applied[all[i].number]; !done {
			return &all[i], nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is missing
}

func (x *texts) applied(ctx context.Context, q querier) (map[int]string, error) {
	r, err := q.QueryContext(ctx, x.fixed(listMigrationsSQL))
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	applied := map[int]string{}
	for r.Next() {
		var number int
		var checksum string
		if err := r.Scan(&number, &checksum); err != nil {
			return nil, err
		}
		applied[number] = checksum
	}
	return applied, r.Err()
}

// Versions lists the migrations of the library and which of them a database has. It
// fails where [Migrate] was never run: that makes the table which it reads.
func Versions(ctx context.Context, db *sql.DB, d Dialect, opts ...Option) ([]Version, error) {
	x, all, err := prepareMigrations(db, d, opts)
	if err != nil {
		return nil, err
	}
	applied, err := x.applied(ctx, db)
	if err != nil {
		return nil, x.explain(ctx, err)
	}
	out := make([]Version, len(all))
	for i, m := range all {
		checksum, begun := applied[m.number]
		out[i] = Version{Number: m.number, Name: m.name, Applied: begun && checksum != unfinished}
	}
	return out, nil
}

// SQL is the text of a migration for hosts with a tool of their own. It also records
// the version, so that [Migrate] and [Versions] know of it. A version that does not
// exist is ErrVersion.
func SQL(version int, d Dialect, opts ...Option) (string, error) {
	x, err := newTexts(d, opts)
	if err != nil {
		return "", err
	}
	all, err := x.migrations()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(m migration) bool { return m.number == version })
	if i < 0 {
		return "", fmt.Errorf("%w: %d; there are 1 to %d", ErrVersion, version, len(all))
	}
	m := all[i]
	record := fmt.Sprintf("INSERT INTO {migrations} (version, name, checksum) VALUES (%d, '%s', '%s')", m.number, m.name, m.checksum)
	text := slices.Concat([]string{x.schema(createMigrationsSQL)}, m.statements, []string{x.render(record)})
	return strings.Join(text, ";\n\n") + ";\n", nil
}
