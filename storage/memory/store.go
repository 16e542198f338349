package memory

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// Store is a storage.Store in the memory of the process, safe for concurrent use.
type Store struct {
	tenants sync.Map // of storage.Tenant to *tenant
}

var _ storage.Store = (*Store)(nil)

// New returns a store without data.
func New() *Store { return &Store{} }

// tenant is the data of one tenant and the queue of its writers.
type tenant struct {
	writer  chan struct{} // holds a token while someone writes; whoever waits is served in turn
	tables  *tables
	readers readers // of the state as of the last commit, and of those before

	// What follows belongs to the writer.

	log       []record          // room for the next transaction's
	unsettled []commit          // whose past is still read, oldest first
	scratch   counts            // the last ones packed
	texts     strings.Builder   // the block that texts which stay are written to
	deltas    []inventory.Delta // of the last posting
	rows      []moved           // that they moved
	places    []kept            // of its reservations
}

// keptLog is how long what the writer keeps may be to be used again.
const keptLog = 4096

// state is what there is as of a write: the rows of the tables that are no younger,
// and the lists.
type state struct {
	seq       int64 // of the write
	postings  list[posting]
	movements list[movement] // of all postings, one after another
	events    list[event]
}

// commit is the writes of a transaction.
type commit struct {
	seq int64
	log []record
}

func (s *Store) known(name storage.Tenant) (*tenant, bool) {
	t, ok := s.tenants.Load(name)
	if !ok {
		return nil, false
	}
	return t.(*tenant), true //nolint:forcetypeassert // the map holds nothing else
}

func newTenant() *tenant {
	return &tenant{writer: make(chan struct{}, 1), tables: newTables()}
}

// View runs fn on the data as of the last commit. It waits for no transaction.
func (s *Store) View(ctx context.Context, name storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	ctx, err := storage.Enter(ctx)
	if err != nil {
		return err
	}
	t, ok := s.known(name)
	if !ok {
		t = newTenant() // that nobody writes to
	}
	x := t.read()
	defer x.leave()
	return fn(ctx, x)
}

// read begins to read what was committed last.
func (t *tenant) read() *tx {
	return &tx{tenant: t, tables: t.tables, state: t.readers.enter()}
}

// leave ends what read began.
func (x *tx) leave() {
	x.done = true
	x.tenant.readers.leave(x.seq)
}

// Update runs fn in a transaction, after the writers of the tenant that came before.
func (s *Store) Update(ctx context.Context, name storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	ctx, err := storage.Enter(ctx)
	if err != nil {
		return err
	}
	t, ok := s.known(name)
	if !ok {
		s.tenants.LoadOrStore(name, newTenant())
		t, _ = s.known(name)
	}
	return storage.Retry(ctx, func() error { return t.update(ctx, fn) })
}

func (t *tenant) update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	select {
	case t.writer <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	x := &tx{tenant: t, tables: t.tables, state: t.readers.current, writable: true, log: t.log}
	defer func() { // also when fn panics
		x.done = true
		x.undo(0) // nothing after a commit
		t.log = x.log
		<-t.writer
	}()
	if err := fn(ctx, x); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	t.commit(x)
	return nil
}

// commit makes the state of x that of the tenant and lets go of what nobody reads.
func (t *tenant) commit(x *tx) {
	if len(x.log) == 0 {
		return
	}
	oldest, n := t.readers.follow(x.state), 0
	t.unsettled = append(t.unsettled, commit{x.seq, x.log})
	x.log = nil
	for n < len(t.unsettled) && t.unsettled[n].seq <= oldest {
		done := t.unsettled[n].log
		for _, r := range done {
			r.settle(oldest)
		}
		if n++; cap(done) <= keptLog {
			clear(done)
			x.log = done[:0]
		}
	}
	t.unsettled = slices.Delete(t.unsettled, 0, n)
}
