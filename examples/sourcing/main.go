// Command sourcing decides which locations ship a file of orders, and proves for each
// that no plan is better.
//
//	go run ./examples/sourcing -in orders.jsonl.gz -objective B > plans.jsonl
//	go run ./examples/sourcing -in orders.jsonl.gz -objective A -explain small-007
//
// Objective A fills the most units, then uses the fewest shipments, then costs the
// least. Objective B costs the least, with a penalty for each unit that is not filled. Each
// line of the output is the plan of one instance; a summary by class goes to the standard
// error. With -explain one plan is explained instead: who ships what and why nobody else
// does. With -compare the plans of rules that walk a list of locations are priced beside ours.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/orderkit/oms/allocation/exact"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// Exit codes.
const (
	exitOK    = 0
	exitError = 1 // a file that cannot be used
	exitUsage = 2
)

// run is the program without the process around it.
func run(args []string, stdout, stderr io.Writer) int {
	opt, err := parseFlags(args, stdout)
	if err == nil {
		err = source(opt, stdout, stderr)
	}
	usage := (*usageError)(nil)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(stderr, "sourcing: %v; -h lists the flags\n", err)
		return exitUsage
	default:
		_, _ = fmt.Fprintf(stderr, "sourcing: %v\n", err)
		return exitError
	}
}

// source is the whole program: load, then solve or explain.
func source(opt options, stdout, stderr io.Writer) error {
	all, err := load(opt.in)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s: name one with -in", opt.in)
	}
	if err != nil {
		return err
	}
	if opt.explain != "" {
		for _, it := range all {
			if it.ID == opt.explain {
				return explain(stdout, it, opt)
			}
		}
		return fmt.Errorf("%s has no instance %q to explain", opt.in, opt.explain)
	}
	if opt.compare {
		return compare(all, opt, stdout)
	}
	return solveAll(all, opt, stdout, stderr)
}

// options are the flags.
type options struct {
	in        string
	objective exact.Objective
	budget    time.Duration
	class     string
	explain   string
	mode      exact.Mode
	compare   bool
}

// letter is how the result names the objective.
func (o options) letter() string {
	if o.objective == exact.FewestShipments {
		return "A"
	}
	return "B"
}

// usageError is a command line that makes no sense.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func parseFlags(args []string, stdout io.Writer) (options, error) {
	var opt options
	var objective, mode string
	flags := flag.NewFlagSet("sourcing", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&opt.in, "in", "", "instances to solve, .jsonl or .jsonl.gz")
	flags.StringVar(&objective, "objective", "B", "A: most units, fewest shipments, least cost; B: least cost with penalties")
	flags.DurationVar(&opt.budget, "budget", time.Second, "most time for one instance; 0: until it is proven")
	flags.StringVar(&mode, "batch", "jointly", "how to plan batches: in_turn, reevaluated or jointly")
	flags.StringVar(&opt.class, "class", "", "solve only the instances of this class")
	flags.StringVar(&opt.explain, "explain", "", "explain the plan of the instance with this id")
	flags.BoolVar(&opt.compare, "compare", false, "print what the rules of other systems cost more, by class")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stdout)
		_, _ = fmt.Fprintln(stdout, "sourcing decides which locations ship the orders of a file.\n\nFlags:")
		flags.PrintDefaults()
		return opt, err
	case err != nil:
		return opt, &usageError{err.Error()}
	case flags.NArg() > 0:
		return opt, &usageError{fmt.Sprintf("unexpected argument %q: name the file with -in", flags.Arg(0))}
	case opt.in == "":
		return opt, &usageError{"no file: name one with -in"}
	case opt.budget < 0:
		return opt, &usageError{fmt.Sprintf("-budget %v: it is a time of 0 or more", opt.budget)}
	}
	for opt.mode = exact.InTurn; opt.mode.String() != mode; opt.mode++ {
		if opt.mode > exact.Jointly {
			return opt, &usageError{fmt.Sprintf("unknown -batch %q: it is in_turn, reevaluated or jointly", mode)}
		}
	}
	switch objective {
	case "A":
		opt.objective = exact.FewestShipments
	case "B":
		opt.objective = exact.LeastCost
	default:
		return opt, &usageError{fmt.Sprintf("unknown -objective %q: it is A or B", objective)}
	}
	return opt, nil
}
