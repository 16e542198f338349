// Command forecast tells from a year of a real shop how well its demand could have been
// forecast, and what the shop should reorder next.
//
//	go run ./examples/forecast -data online_retail.csv.gz -top 200
//
// It sums the ledger into weekly demand of the items that sell most, goes back to each of
// the last weeks, forecasts from what was known then, and compares that with what came.
// The table holds every method against the seasonal naive forecast, which repeats the
// last season and costs nothing; the automatic choice must beat it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/orderkit/oms/examples/replay/retail"
	"github.com/orderkit/oms/inventory/forecast"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitOK    = 0
	exitError = 1 // bad data, or an automatic choice that does not beat the baseline
	exitUsage = 2
)

// run is the program without the process around it.
func run(args []string, stdout, stderr io.Writer) int {
	opt, err := parse(args, stdout)
	if err == nil {
		err = show(opt, stdout)
	}
	usage := (*usageError)(nil)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(stderr, "forecast: %v; -h lists the flags\n", err)
		return exitUsage
	default:
		text := strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\n", "; "), "retail: ")
		_, _ = fmt.Fprintf(stderr, "forecast: %s\n", text)
		return exitError
	}
}

// options are the flags.
type options struct {
	data    string
	top     int
	season  int
	origins int
	horizon int
}

// usageError is a command line that makes no sense.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func parse(args []string, stdout io.Writer) (options, error) {
	var opt options
	flags := flag.NewFlagSet("forecast", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&opt.data, "data", "../shared/data/online-retail/online_retail.csv.gz", "ledger to read, .csv or .csv.gz")
	flags.IntVar(&opt.top, "top", 200, "forecast the N items that sold most units")
	flags.IntVar(&opt.season, "season", 4, "weeks in a season")
	flags.IntVar(&opt.origins, "origins", 12, "weeks to go back and forecast from, each in turn")
	flags.IntVar(&opt.horizon, "horizon", 4, "weeks to look ahead")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		_, _ = fmt.Fprintln(stdout, "forecast compares methods of forecasting on a year of a real shop.\n\nFlags:")
		flags.PrintDefaults()
		return opt, err
	case err != nil:
		return opt, &usageError{err.Error()}
	case flags.NArg() > 0:
		return opt, &usageError{fmt.Sprintf("unexpected argument %q: name the ledger with -data", flags.Arg(0))}
	case opt.top < 1:
		return opt, &usageError{fmt.Sprintf("-top %d: it is a number of items, at least 1", opt.top)}
	case opt.season < 2 || opt.season > forecast.MaxHorizon:
		return opt, &usageError{fmt.Sprintf("-season %d: it is 2 to %d weeks", opt.season, forecast.MaxHorizon)}
	case opt.origins < 1:
		return opt, &usageError{fmt.Sprintf("-origins %d: it is a number of weeks, at least 1", opt.origins)}
	case opt.horizon < 1 || opt.horizon > forecast.MaxHorizon:
		return opt, &usageError{fmt.Sprintf("-horizon %d: it is 1 to %d weeks", opt.horizon, forecast.MaxHorizon)}
	}
	return opt, nil
}

// show is the whole program: load, backtest, report.
func show(opt options, out io.Writer) error {
	ledger, err := retail.Load(opt.data)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no ledger at %s: name one with -data, such as the Online Retail data set of the UCI repository saved as CSV", opt.data)
	}
	if err != nil {
		return err
	}
	shop, err := weekly(ledger, opt.top)
	if err != nil {
		return fmt.Errorf("%s: %w", opt.data, err)
	}
	r := &report{out: out, opt: opt, shop: shop}
	r.printf("%-9s %s: %d rows, %d items\n", "ledger", filepath.Base(opt.data), ledger.Reference.Total.Net().Lines, len(ledger.Items))
	return r.run()
}
