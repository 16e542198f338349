// Command purchasing runs the purchase orders of AdventureWorks, Microsoft's sample
// company, through the library, and proves that goods and money come out as they should.
//
//	go run ./examples/purchasing -data adventureworks
//	go run ./examples/purchasing -store sqlite -db works.db
//
// Suppliers and their terms, products and the stock they open with are brought in; every
// order is drafted, issued, and received line by line: first the units that are kept,
// then those that are rejected and sent back. Orders that were complete or rejected are
// closed. Then every figure is computed from what the engine stored and held against the
// files: money at four decimals, goods to the unit.
//
// The same run again on the same database finds nothing left to do.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"

	_ "modernc.org/sqlite"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/sqlstore"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitOK    = 0
	exitError = 1 // bad data, a database that cannot be used, or figures that are wrong
	exitUsage = 2
)

// run is the program without the process around it.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	opt, err := parse(args, stdout)
	if err == nil {
		err = play(ctx, opt, stdout)
	}
	usage := (*usageError)(nil)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(stderr, "purchasing: %v; -h lists the flags\n", err)
		return exitUsage
	default:
		_, _ = fmt.Fprintf(stderr, "purchasing: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
		return exitError
	}
}

// options are the flags.
type options struct {
	data  string
	store string
	db    string
}

// usageError is a command line that makes no sense.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func parse(args []string, stdout io.Writer) (options, error) {
	var opt options
	flags := flag.NewFlagSet("purchasing", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&opt.data, "data", "../shared/data/adventureworks", "folder with the CSV files of AdventureWorks")
	flags.StringVar(&opt.store, "store", "memory", "where the engine keeps its data: memory or sqlite")
	flags.StringVar(&opt.db, "db", "", "SQLite file to create or go on with; needed with -store sqlite")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		_, _ = fmt.Fprintln(stdout, "purchasing runs the purchase orders of AdventureWorks through the engine and checks the figures.\n\nFlags:")
		flags.PrintDefaults()
		return opt, err
	case err != nil:
		return opt, &usageError{err.Error()}
	case flags.NArg() > 0:
		return opt, &usageError{fmt.Sprintf("unexpected argument %q: name the folder with -data", flags.Arg(0))}
	case opt.store != "memory" && opt.store != "sqlite":
		return opt, &usageError{fmt.Sprintf("unknown -store %q: it is memory or sqlite", opt.store)}
	case (opt.store == "sqlite") != (opt.db != ""):
		return opt, &usageError{"-store sqlite and -db go together"}
	}
	return opt, nil
}

// play is the whole program: load, buy, report, check.
func play(ctx context.Context, opt options, out io.Writer) (err error) {
	files, err := load(opt.data)
	if err != nil {
		return err
	}
	store, closeStore, err := open(ctx, opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	r := &report{out: out, files: files, works: newWorks(files, store)}
	return r.run(ctx)
}

// open opens the store that the flags ask for, and returns what closes it again.
func open(ctx context.Context, opt options) (storage.Store, func() error, error) {
	if opt.store == "memory" {
		return memory.New(), func() error { return nil }, nil
	}
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: opt.db}).EscapedPath(), RawQuery: url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(10000)"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, nil, err
	}
	if err := sqlstore.Migrate(ctx, db, sqlstore.SQLite); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("database %s: %w", opt.db, err), db.Close())
	}
	store, err := sqlstore.Open(db, sqlstore.SQLite)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("database %s: %w", opt.db, err), db.Close())
	}
	return store, db.Close, nil
}
