// Command replay runs a year of a real shop through an order system, invoice by
// invoice, and proves at the end that the books are right.
//
//	go run ./examples/replay -data online_retail.csv.gz
//	go run ./examples/replay -store sqlite -db year.db -limit 1000
//
// The shop receives the stock that its year begins with. Every sale is placed, paid and
// confirmed; in the evening the day's orders are shipped and delivered. A credit note
// becomes a return of the sales it belongs to, or a cancellation where they have not
// shipped yet. Write-offs and finds correct the stock. Then a table and the totals are
// computed from what the engine stored and are held against the file, to the penny and
// to the unit.
//
// A run that was stopped goes on where it stopped when it is started again on the same
// database; a finished one finds nothing left to do.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	_ "modernc.org/sqlite"

	"github.com/orderkit/oms/examples/replay/retail"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/sqlstore"
)

func main() {
	// A year in memory is 600 MiB that stay alive. To collect half as often as usual
	// saves a sixth of the time; the limit ends that freedom when the heap is large.
	debug.SetGCPercent(200)
	debug.SetMemoryLimit(1200 << 20)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitOK    = 0
	exitError = 1 // bad data, a database that cannot be used, or books that are wrong
	exitUsage = 2
)

// run is the program without the process around it.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	opt, err := parse(args, stdout)
	if err == nil {
		err = replay(ctx, opt, newTerminal(stdout))
	}
	usage := (*usageError)(nil)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(stderr, "replay: %v; -h lists the flags\n", err)
		return exitUsage
	case errors.Is(err, context.Canceled):
		err = errors.New("interrupted: no invoice is half done, and on a -db the same command goes on where this run stopped")
	}
	_, _ = fmt.Fprintf(stderr, "replay: %s\n", oneLine(err))
	return exitError
}

// oneLine writes an error of several problems in one line, without the name of the
// package that read the file.
func oneLine(err error) string {
	return strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\n", "; "), "retail: ")
}

// replay is the whole program: load, replay, report, check.
func replay(ctx context.Context, opt options, t terminal) (err error) {
	began := time.Now()
	talk := t
	if opt.quiet {
		talk = terminal{out: io.Discard}
	}
	year, err := retail.Load(opt.data)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no ledger at %s: name one with -data, such as the Online Retail data set of the UCI repository saved as CSV", opt.data)
	}
	if err != nil {
		return err
	}
	talk.tellf(began, "ledger", "%s: %s rows, %s invoices, %s items", filepath.Base(opt.data),
		comma(year.Reference.Total.Net().Lines), comma(int64(len(year.Steps))), comma(int64(len(year.Items))))
	store, closeStore, err := open(ctx, opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	s := newShop(opt.data, year, store)
	if err := s.open(ctx, talk); err != nil {
		return err
	}
	if err := s.trade(ctx, opt.limit, talk); err != nil {
		return err
	}
	r := &report{terminal: t, talk: talk, shop: s}
	if err := r.run(ctx); err != nil {
		return err
	}
	talk.printf("\n")
	talk.tellf(began, "total", "%s store, %s of memory at the peak", opt.store, peakMemory())
	return r.verdict()
}

// options are the flags.
type options struct {
	data  string
	store string
	db    string
	limit int
	quiet bool
}

// usageError is a command line that makes no sense.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func parse(args []string, stdout io.Writer) (options, error) {
	var opt options
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&opt.data, "data", "../shared/data/online-retail/online_retail.csv.gz", "ledger to replay, .csv or .csv.gz")
	flags.StringVar(&opt.store, "store", "memory", "where the engine keeps its data: memory or sqlite")
	flags.StringVar(&opt.db, "db", "", "SQLite file to create or go on with (default: a temporary one)")
	flags.IntVar(&opt.limit, "limit", 0, "replay only the first N invoices (0: all)")
	flags.BoolVar(&opt.quiet, "quiet", false, "print only the final checks")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		_, _ = fmt.Fprintln(stdout, "replay runs a year of a real shop through the engine and checks the books.\n\nFlags:")
		flags.PrintDefaults()
		return opt, err
	case err != nil:
		return opt, &usageError{err.Error()}
	case flags.NArg() > 0:
		return opt, &usageError{fmt.Sprintf("unexpected argument %q: name the ledger with -data", flags.Arg(0))}
	case opt.store != "memory" && opt.store != "sqlite":
		return opt, &usageError{fmt.Sprintf("unknown -store %q: it is memory or sqlite", opt.store)}
	case opt.db != "" && opt.store != "sqlite":
		return opt, &usageError{"-db needs -store sqlite"}
	case opt.limit < 0:
		return opt, &usageError{fmt.Sprintf("-limit %d: it is a number of invoices", opt.limit)}
	}
	return opt, nil
}

// open opens the store that the flags ask for, and returns what closes it again.
func open(ctx context.Context, opt options) (storage.Store, func() error, error) {
	if opt.store == "memory" {
		return memory.New(), func() error { return nil }, nil
	}
	path, remove := opt.db, func() error { return nil }
	if path == "" {
		dir, err := os.MkdirTemp("", "replay-")
		if err != nil {
			return nil, nil, fmt.Errorf("temporary database: %w", err)
		}
		path, remove = filepath.Join(dir, "replay.db"), func() error { return os.RemoveAll(dir) }
	}
	store, closeDB, err := openSQLite(ctx, path)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("database %s: %w", path, err), remove())
	}
	return store, func() error { return errors.Join(closeDB(), remove()) }, nil
}

// openSQLite opens a file. With the write-ahead log readers and the writer do not wait
// for each other, and NORMAL keeps every commit through a crash of the program. The
// rest saves time: 16 MiB of pages in memory, the notes by which a
// savepoint is undone there too, and the log copied into the file every 40 MiB.
func openSQLite(ctx context.Context, path string) (storage.Store, func() error, error) {
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: url.Values{
		"_pragma": {
			"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(10000)",
			"cache_size(-16384)", "temp_store(MEMORY)", "wal_autocheckpoint(10000)",
		},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, nil, err
	}
	if err := sqlstore.Migrate(ctx, db, sqlstore.SQLite); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	store, err := sqlstore.Open(db, sqlstore.SQLite)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return store, db.Close, nil
}
