package storagetest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/storagetest"
)

// defect is a mistake of an adapter, made on purpose, and the cases that have to see it.
type defect struct {
	mistake string
	seenBy  []string
	wrap    func(storage.Store) storage.Store
}

func TestEveryCaseFailsForAStoreThatBreaksItsRule(t *testing.T) {
	t.Parallel()
	unproven := map[string]bool{}
	byName := map[string]storagetest.Case{}
	for _, c := range storagetest.Cases() {
		unproven[c.Name], byName[c.Name] = true, c
	}
	for _, d := range slices.Concat(storeDefects, orderDefects, stockDefects, otherDefects, deliveryDefects, documentDefects) {
		for _, name := range d.seenBy {
			require.Contains(t, byName, name, "%s should be seen by a case that exists", d.mistake)
			delete(unproven, name)
			t.Run(d.mistake+"/"+name, func(t *testing.T) {
				t.Parallel()
				text, failed := run(t, byName[name], d.wrap(memory.New()))
				require.True(t, failed, "the case passes although the store %s", d.mistake)
				require.Contains(t, text, byName[name].Rule, "the failure states the rule")
			})
		}
	}
	require.Empty(t, unproven, "cases that no defect proves able to fail")
}

func TestReopeningTellsAStoreThatForgets(t *testing.T) {
	t.Parallel()
	forgets := func(testing.TB, storage.Store) storage.Store { return memory.New() }
	for _, c := range storagetest.ReopenCases(forgets) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			text, failed := run(t, c, memory.New())
			require.True(t, failed, "the case passes although nothing is kept")
			require.Contains(t, text, c.Rule, "the failure states the rule")
		})
	}
}

// run runs a case aside and returns what it said, and whether it failed.
func run(t *testing.T, c storagetest.Case, s storage.Store) (string, bool) {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("panic: %v", p)
			}
		}()
		c.Run(r, s)
	}()
	<-done
	return r.text.String(), r.failed
}

// recorder stands in for a *testing.T whose failure is expected.
type recorder struct {
	testing.TB

	mu     sync.Mutex
	text   strings.Builder
	failed bool
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
	fmt.Fprintf(&r.text, format, args...)
}

func (r *recorder) FailNow() {
	r.mu.Lock()
	r.failed = true
	r.mu.Unlock()
	runtime.Goexit()
}

type (
	txFunc = func(context.Context, storage.Tx) error
	ranFn  = func(ctx context.Context, t storage.Tenant, fn txFunc) error
)

// twisted is a store with other ways to run transactions, where they are set.
type twisted struct {
	storage.Store

	update, view ranFn
}

func (s twisted) Update(ctx context.Context, t storage.Tenant, fn txFunc) error {
	if s.update == nil {
		return s.Store.Update(ctx, t, fn)
	}
	return s.update(ctx, t, fn)
}

func (s twisted) View(ctx context.Context, t storage.Tenant, fn txFunc) error {
	if s.view == nil {
		return s.Store.View(ctx, t, fn)
	}
	return s.view(ctx, t, fn)
}

// twist replaces what a store makes of its inner one.
func twist(with func(inner storage.Store) twisted) func(storage.Store) storage.Store {
	return func(inner storage.Store) storage.Store {
		s := with(inner)
		s.Store = inner
		return s
	}
}

// inTx puts something around every transaction.
func inTx(around func(storage.Tx) storage.Tx) func(storage.Store) storage.Store {
	return twist(func(inner storage.Store) twisted {
		through := func(run ranFn) ranFn {
			return func(ctx context.Context, t storage.Tenant, fn txFunc) error {
				return run(ctx, t, func(ctx context.Context, tx storage.Tx) error { return fn(ctx, around(tx)) })
			}
		}
		return twisted{update: through(inner.Update), view: through(inner.View)}
	})
}

// twistedTx is a transaction with other repositories, where they are set.
type twistedTx struct {
	storage.Tx

	orders       order.Repository
	stock        inventory.Repository
	fulfillments fulfillment.Repository
	returns      returns.Repository
	events       storage.Events
	commands     storage.Commands
	deliveries   storage.Deliveries
	documents    storage.Documents
	savepoint    func(context.Context, func(context.Context) error) error
}

func (x twistedTx) Orders() order.Repository    { return orElse(x.orders, x.Tx.Orders) }
func (x twistedTx) Stock() inventory.Repository { return orElse(x.stock, x.Tx.Stock) }
func (x twistedTx) Fulfillments() fulfillment.Repository {
	return orElse(x.fulfillments, x.Tx.Fulfillments)
}
func (x twistedTx) Returns() returns.Repository { return orElse(x.returns, x.Tx.Returns) }
func (x twistedTx) Events() storage.Events      { return orElse(x.events, x.Tx.Events) }
func (x twistedTx) Commands() storage.Commands  { return orElse(x.commands, x.Tx.Commands) }
func (x twistedTx) Deliveries() storage.Deliveries {
	return orElse(x.deliveries, x.Tx.Deliveries)
}
func (x twistedTx) Documents() storage.Documents { return orElse(x.documents, x.Tx.Documents) }

func (x twistedTx) Savepoint(ctx context.Context, fn func(context.Context) error) error {
	if x.savepoint == nil {
		return x.Tx.Savepoint(ctx, fn)
	}
	return x.savepoint(ctx, fn)
}

func orElse[R comparable](set R, inner func() R) R {
	var none R
	if set == none {
		return inner()
	}
	return set
}

// errKeep ends a transaction of the wrapped store that was to be thrown away.
var errKeep = errors.New("thrown away")

// swallow drops one kind of refusal.
func swallow(err, refusal error) error {
	if errors.Is(err, refusal) {
		return nil
	}
	return err
}

var storeDefects = []defect{
	{"drops the rollback", []string{"update/error", "savepoint/rolled-back", "events/order", "commands/duplicate"}, twist(func(inner storage.Store) twisted {
		return twisted{update: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			var failed error
			if err := inner.Update(ctx, t, func(ctx context.Context, tx storage.Tx) error { failed = fn(ctx, tx); return nil }); err != nil {
				return err
			}
			return failed
		}}
	})},
	{"loses the third commit", []string{"update/commit", "race/lock-order", "race/first-balance"}, twist(func(inner storage.Store) twisted {
		var mu sync.Mutex
		n := 0
		return twisted{update: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			mu.Lock()
			n++
			lost := n == 3
			mu.Unlock()
			return swallow(inner.Update(ctx, t, func(ctx context.Context, tx storage.Tx) error {
				err := fn(ctx, tx)
				if lost && err == nil {
					return errKeep
				}
				return err
			}), errKeep)
		}}
	})},
	{"swallows panics", []string{"update/panic"}, twist(func(inner storage.Store) twisted {
		return twisted{update: func(ctx context.Context, t storage.Tenant, fn txFunc) (err error) {
			defer func() {
				if p := recover(); p != nil {
					err = errKeep
				}
			}()
			return inner.Update(ctx, t, fn)
		}}
	})},
	{"takes the end of the goroutine for success", []string{"update/goexit"}, twist(func(inner storage.Store) twisted {
		return twisted{update: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			return inner.Update(ctx, t, func(ctx context.Context, tx storage.Tx) error {
				var err error
				done := make(chan struct{})
				go func() {
					defer close(done)
					err = fn(ctx, tx)
				}()
				<-done
				return err
			})
		}}
	})},
	{"reports success after a cancellation", []string{"update/cancel"}, twist(func(inner storage.Store) twisted {
		return twisted{update: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			return swallow(inner.Update(ctx, t, fn), context.Canceled)
		}}
	})},
	{"does not look at the context", []string{"update/cancelled-before"}, twist(func(inner storage.Store) twisted {
		return twisted{update: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			return inner.Update(context.WithoutCancel(ctx), t, fn)
		}}
	})},
	{"has a word of its own for a deadline", []string{"update/deadline"}, twist(func(inner storage.Store) twisted {
		return twisted{update: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			if err := inner.Update(ctx, t, fn); !errors.Is(err, context.DeadlineExceeded) {
				return err
			}
			return errors.New("busy")
		}}
	})},
	{"never tries again", []string{"update/retry", "commands/repeat"}, twist(func(inner storage.Store) twisted {
		return twisted{update: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			var first error
			return inner.Update(ctx, t, func(ctx context.Context, tx storage.Tx) error {
				if first == nil {
					first = fn(ctx, tx)
					return first
				}
				return fmt.Errorf("a conflict: %w", errKeep)
			})
		}}
	})},
	{"tries again for too long", []string{"update/attempts"}, twist(func(inner storage.Store) twisted {
		return twisted{update: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			if err := inner.Update(ctx, t, fn); err == nil {
				return nil
			}
			return inner.Update(ctx, t, fn)
		}}
	})},
	{"lets transactions nest", []string{"tx/nested"}, twist(func(inner storage.Store) twisted {
		return twisted{view: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			return inner.View(context.Background(), t, fn)
		}}
	})},
	{"lets a View write", []string{"view/read-only"}, twist(func(inner storage.Store) twisted {
		return twisted{view: inner.Update}
	})},
	{"swallows the error of a View", []string{"view/error"}, twist(func(inner storage.Store) twisted {
		return twisted{view: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			_ = inner.View(ctx, t, fn)
			return nil
		}}
	})},
	{"reads what was committed last", []string{"view/snapshot", "view/together"}, twist(func(inner storage.Store) twisted {
		return twisted{view: func(ctx context.Context, t storage.Tenant, fn txFunc) error {
			return inner.View(ctx, t, func(ctx context.Context, tx storage.Tx) error {
				return fn(ctx, twistedTx{Tx: tx, orders: liveOrders{tx.Orders(), inner, t}})
			})
		}}
	})},
	{"ignores the tenant", []string{"tenant/apart", "tenant/attack", "tenant/names"}, twist(func(inner storage.Store) twisted {
		return twisted{
			update: func(ctx context.Context, _ storage.Tenant, fn txFunc) error { return inner.Update(ctx, "", fn) },
			view:   func(ctx context.Context, _ storage.Tenant, fn txFunc) error { return inner.View(ctx, "", fn) },
		}
	})},
	{"folds the case of tenants", []string{"tenant/names"}, twist(func(inner storage.Store) twisted {
		fold := func(run ranFn) ranFn {
			return func(ctx context.Context, t storage.Tenant, fn txFunc) error {
				return run(ctx, storage.Tenant(strings.ToLower(string(t))), fn)
			}
		}
		return twisted{update: fold(inner.Update), view: fold(inner.View)}
	})},
	{"never undoes a savepoint", []string{"savepoint/undo", "savepoint/refused", "savepoint/nested", "savepoint/panic"}, inTx(func(tx storage.Tx) storage.Tx {
		return twistedTx{Tx: tx, savepoint: func(ctx context.Context, fn func(context.Context) error) error { return fn(ctx) }}
	})},
	{"undoes every savepoint", []string{"savepoint/keep"}, inTx(func(tx storage.Tx) storage.Tx {
		return twistedTx{Tx: tx, savepoint: func(ctx context.Context, fn func(context.Context) error) error {
			return swallow(tx.Savepoint(ctx, func(ctx context.Context) error { return errors.Join(fn(ctx), errKeep) }), errKeep)
		}}
	})},
}

// liveOrders reads each time anew.
type liveOrders struct {
	order.Repository

	store  storage.Store
	tenant storage.Tenant
}

func (r liveOrders) Get(_ context.Context, id order.ID) (order.Order, error) {
	var o order.Order
	err := r.store.View(context.Background(), r.tenant, func(ctx context.Context, tx storage.Tx) error { //nolint:contextcheck // the given one is of a transaction
		var err error
		o, err = tx.Orders().Get(ctx, id)
		return err
	})
	return o, err
}

func (r liveOrders) Page(_ context.Context, f order.Filter) ([]order.Order, error) {
	var page []order.Order
	err := r.store.View(context.Background(), r.tenant, func(ctx context.Context, tx storage.Tx) error { //nolint:contextcheck // the given one is of a transaction
		var err error
		page, err = tx.Orders().Page(ctx, f)
		return err
	})
	return page, err
}
