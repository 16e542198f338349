// Command quickstart tells the story of one small shop on the terminal: stock in two
// places, orders, shipments, a return, a refusal, a rollback, and the proof at the end
// that no unit and no cent got lost.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -db shop.db
//
// Nothing has to be installed: the database is an SQLite file that the program brings
// along and removes at the end, or keeps with -db. The story itself is in story.go and
// is meant to be read beside the output.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"

	"github.com/orderkit/oms/storage/sqlstore"
)

func main() {
	path := flag.String("db", "", "keep the database in this `file` (default: a temporary one)")
	flag.Parse()
	if err := run(context.Background(), *path, newPage(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run opens the database, tells the story, and cleans up after a temporary one.
func run(ctx context.Context, path string, p *page) (err error) {
	kept := path != ""
	if !kept {
		dir, err := os.MkdirTemp("", "quickstart-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		path = filepath.Join(dir, "shop.db")
	}
	db, err := open(ctx, path)
	if err != nil {
		return fmt.Errorf("database %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	s, err := newShop(db, p)
	if err != nil {
		return err
	}
	if err := s.tell(ctx); err != nil {
		return err
	}
	if kept {
		p.notef("Kept in %s. Run it again: the next story gets a tenant of its own.", path)
	} else {
		p.notef("The database was temporary. Keep it: go run ./examples/quickstart -db shop.db")
	}
	return nil
}

// open opens an SQLite file like any other database/sql pool and brings its schema up to
// date. In a program of your own, this is the pool that you already have.
func open(ctx context.Context, path string) (*sql.DB, error) {
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: url.Values{
		"_pragma": {"journal_mode(WAL)", "busy_timeout(10000)"},
		"_txlock": {"immediate"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	if err := sqlstore.Migrate(ctx, db, sqlstore.SQLite); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
