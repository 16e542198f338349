package storagetest

import (
	"slices"
	"testing"

	"github.com/orderkit/oms/storage"
)

// Case is one rule with the code that proves it.
type Case struct {
	Name string // "stock/guard"; unique, and good for go test -run
	Rule string // the sentence that every failure of the case states
	// Alone marks a case that needs transactions of its own, some of them at the same
	// time; it cannot run on a store that is joined to an outer transaction.
	Alone bool
	// Run proves the rule on a store without data. tb is a *testing.T, or whatever
	// stands in for one.
	Run func(tb testing.TB, s storage.Store)
}

// Option adapts the suite to a store.
type Option func(*config)

type config struct {
	seed   int64
	joined bool
	reopen func(testing.TB, storage.Store) storage.Store
}

// Seed sets the seed of the cases that draw random numbers. Without it every run draws
// the same ones. The seed is part of every failure text.
func Seed(n int64) Option { return func(c *config) { c.seed = n } }

// Joined says that open returns a store inside one outer transaction of the host, which
// nobody commits. The cases that are Alone are left out.
func Joined() Option { return func(c *config) { c.joined = true } }

// Reopen adds the cases that data outlives the store. The function closes a store and
// opens another one on the same data, as a new process would.
func Reopen(fn func(tb testing.TB, s storage.Store) storage.Store) Option {
	return func(c *config) { c.reopen = fn }
}

// Run runs every case as a parallel subtest on a store of its own.
func Run(t *testing.T, open func(testing.TB) storage.Store, opts ...Option) {
	t.Helper()
	cfg := config{seed: defaultSeed}
	for _, o := range opts {
		o(&cfg)
	}
	for _, c := range cfg.cases() {
		if cfg.joined && c.Alone {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.Run(t, open(t))
		})
	}
}

// Cases lists the cases that need nothing but a store, so that each can be run alone.
func Cases() []Case {
	cfg := config{seed: defaultSeed}
	return cfg.cases()
}

const defaultSeed = 1

// rule is a case before it knows its seed.
type rule struct {
	name  string
	text  string
	alone bool
	run   func(*check)
}

func (cfg *config) cases() []Case {
	rules := slices.Concat(
		orderRoundTrips, otherRoundTrips, refusals, pages, loads, stocks, histories, ownership,
		transactions, views, savepoints, iterations, events, commands, deliveries, documents, tenants, races, models,
	)
	if cfg.reopen != nil {
		rules = append(rules, reopenings(cfg.reopen)...)
	}
	cases := make([]Case, len(rules))
	for i, r := range rules {
		cases[i] = Case{Name: r.name, Rule: r.text, Alone: r.alone, Run: func(tb testing.TB, s storage.Store) {
			tb.Helper()
			c, end := newCheck(tb, r.text, cfg.seed, s)
			defer end()
			r.run(c)
		}}
	}
	return cases
}
