package memory

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/orderkit/oms/storage"
)

// Store is a storage.Store in the memory of the process, safe for concurrent use.
type Store struct {
	tenants sync.Map // of storage.Tenant to *tenant
	empty   *tables  // what a tenant has that was never written to; for reading only
}

var _ storage.Store = (*Store)(nil)

// New returns a store without data.
func New() *Store { return &Store{empty: newTables()} }

// tenant is the data of one tenant and the queue of its writers.
type tenant struct {
	writer chan struct{} // holds a token while someone writes; whoever waits is served in turn
	root   atomic.Pointer[tables]

	// What follows belongs to the writer.

	mark    uint64 // the last one given out
	scratch counts // the last ones packed
}

func (s *Store) tenant(name storage.Tenant) *tenant {
	if t, ok := s.tenants.Load(name); ok {
		return t.(*tenant) //nolint:forcetypeassert // the map holds nothing else
	}
	fresh := &tenant{writer: make(chan struct{}, 1)}
	fresh.root.Store(newTables())
	t, _ := s.tenants.LoadOrStore(name, fresh)
	return t.(*tenant) //nolint:forcetypeassert // likewise
}

// View runs fn on the data as of the last commit. It waits for nobody.
func (s *Store) View(ctx context.Context, name storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	ctx, err := storage.Enter(ctx)
	if err != nil {
		return err
	}
	x := &tx{tables: s.empty}
	if t, ok := s.tenants.Load(name); ok {
		x.tables = t.(*tenant).root.Load() //nolint:forcetypeassert // the map holds nothing else
	}
	defer x.close()
	return fn(ctx, x)
}

// Update runs fn in a transaction, after the writers of the tenant that came before.
func (s *Store) Update(ctx context.Context, name storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	ctx, err := storage.Enter(ctx)
	if err != nil {
		return err
	}
	t := s.tenant(name)
	return storage.Retry(ctx, func() error { return t.update(ctx, fn) })
}

func (t *tenant) update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	select {
	case t.writer <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-t.writer }()
	next := *t.root.Load()
	x := &tx{tenant: t, tables: &next, writable: true}
	defer x.close()
	x.stamp()
	if err := fn(ctx, x); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t.root.Store(&next)
	return nil
}
