package storagetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// patience is how long a case may take: an adapter that waits for ever fails by it.
const patience = 2 * time.Minute

// home is the tenant of the cases that need only one.
const home = storage.Tenant("home")

// check is a case at work. Its failures begin with the rule.
type check struct {
	testing.TB
	maker

	ctx   context.Context //nolint:containedctx // as in testing.TB
	rule  string
	seed  int64
	store storage.Store
	trail string // what the case was doing, where that was drawn
	depth int    // of the savepoints being drawn
}

func newCheck(tb testing.TB, text string, seed int64, s storage.Store) (*check, context.CancelFunc) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	c := &check{TB: tb, ctx: ctx, rule: text, seed: seed, store: s}
	c.rand = newRand(seed, 0)
	return c, cancel
}

func newRand(seed int64, n uint64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), n)) }

// Context ends with the patience of the case.
func (c *check) Context() context.Context { return c.ctx }

// Errorf puts the rule and the seed before what happened.
func (c *check) Errorf(format string, args ...any) {
	c.Helper()
	c.TB.Errorf("rule: %s\nseed: %d\n%s\n%s", c.rule, c.seed, c.trail, fmt.Sprintf(format, args...))
}

// Fatalf is Errorf and the end of the case.
func (c *check) Fatalf(format string, args ...any) {
	c.Helper()
	c.Errorf(format, args...)
	c.FailNow()
}

// same fails unless got is what was written.
func (c *check) same(what string, want, got any) {
	c.Helper()
	if d := difference(want, got); d != "" {
		c.Fatalf("%s: %s", what, d)
	}
}

// count fails unless there are as many as there should be, without showing them all.
func (c *check) count(want, got int, what string, args ...any) {
	c.Helper()
	if want != got {
		c.Fatalf("%s: want %d, got %d", fmt.Sprintf(what, args...), want, got)
	}
}

// within is a context for something that should happen soon; it also bounds how long a
// case waits for what may not happen at all.
func (c *check) within(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.ctx, d)
}

// update runs fn in an Update that has to commit.
func (c *check) update(fn func(u unit)) {
	c.Helper()
	c.updateOf(home, fn)
}

func (c *check) updateOf(t storage.Tenant, fn func(u unit)) {
	c.Helper()
	require.NoError(c, c.try(t, func(u unit) error { fn(u); return nil }))
}

// try runs fn in an Update and returns how it ended.
func (c *check) try(t storage.Tenant, fn func(u unit) error) error {
	return c.store.Update(c.ctx, t, func(ctx context.Context, tx storage.Tx) error {
		return fn(unit{Tx: tx, c: c, ctx: ctx})
	})
}

// view runs fn on a snapshot.
func (c *check) view(fn func(u unit)) {
	c.Helper()
	c.viewOf(home, fn)
}

func (c *check) viewOf(t storage.Tenant, fn func(u unit)) {
	c.Helper()
	require.NoError(c, c.store.View(c.ctx, t, func(ctx context.Context, tx storage.Tx) error {
		fn(unit{Tx: tx, c: c, ctx: ctx})
		return nil
	}))
}

// refused fails unless an Update with fn, or a call in it, ends in the wanted error.
// Either is right: an adapter may buffer what fn writes.
func (c *check) refused(want error, fn func(u unit) error) {
	c.Helper()
	require.ErrorIs(c, c.try(home, fn), want)
}

// unit is a transaction in which no call is expected to fail; the first that does ends
// the case.
type unit struct {
	storage.Tx

	c   *check
	ctx context.Context //nolint:containedctx // that of the transaction, which fn was given with it
}

func (u unit) ok(err error) {
	u.c.Helper()
	require.NoError(u.c, err)
}

func (u unit) order(id order.ID) order.Order {
	u.c.Helper()
	o, err := u.Orders().Get(u.ctx, id)
	u.ok(err)
	return o
}

func (u unit) page(f order.Filter) []order.Order {
	u.c.Helper()
	page, err := u.Orders().Page(u.ctx, f)
	u.ok(err)
	return page
}

func (u unit) save(orders ...order.Order) {
	u.c.Helper()
	for _, o := range orders {
		u.ok(u.Orders().Save(u.ctx, o))
	}
}

func (u unit) saveWork(works ...fulfillment.Order) {
	u.c.Helper()
	for _, w := range works {
		u.ok(u.Fulfillments().Save(u.ctx, w))
	}
}

func (u unit) saveShipment(shipments ...fulfillment.Shipment) {
	u.c.Helper()
	for _, s := range shipments {
		u.ok(u.Fulfillments().SaveShipment(u.ctx, s))
	}
}

func (u unit) saveReturn(rs ...returns.Return) {
	u.c.Helper()
	for _, r := range rs {
		u.ok(u.Returns().Save(u.ctx, r))
	}
}

func (u unit) putItems(items ...inventory.Item) {
	u.c.Helper()
	for _, i := range items {
		u.ok(u.Stock().PutItem(u.ctx, i))
	}
}

func (u unit) putLocations(locations ...inventory.Location) {
	u.c.Helper()
	for _, l := range locations {
		u.ok(u.Stock().PutLocation(u.ctx, l))
	}
}

func (u unit) load(n inventory.Need) inventory.Snapshot {
	u.c.Helper()
	s, err := u.Stock().Load(u.ctx, n)
	u.ok(err)
	return s
}

func (u unit) apply(c inventory.Changes) {
	u.c.Helper()
	u.ok(u.Stock().Apply(u.ctx, c))
}

// decide loads, decides and applies: a stock command as the library runs it.
func (u unit) decide(n inventory.Need, fn func(inventory.Snapshot) (inventory.Changes, error)) inventory.Changes {
	u.c.Helper()
	changes, err := fn(u.load(n))
	u.ok(err)
	u.apply(changes)
	return changes
}

func (u unit) append(events ...storage.Event) {
	u.c.Helper()
	u.ok(u.Events().Append(u.ctx, events))
}

func (u unit) since(seq int64, limit int) []storage.Event {
	u.c.Helper()
	events, err := u.Events().Since(u.ctx, seq, limit)
	u.ok(err)
	return events
}

func (u unit) put(c storage.Command) {
	u.c.Helper()
	u.ok(u.Commands().Put(u.ctx, c))
}
