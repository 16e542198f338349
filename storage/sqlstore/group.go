package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/orderkit/oms/storage"
)

// GroupCommit makes the Updates of a store that end at the same time share a
// transaction: what waits while one commits is written by the next one together, so that
// they pay for one wait for the disk and for one lock on a row that many want. Those that
// read the same at the same time share the answer. Nobody waits for company. Each caller
// gets an answer of its own: one that is refused falls out of the group, and the rest
// commits.
//
// An Update then reads before there is a transaction, and what it writes is guarded. If
// it reads what it wrote it has a transaction of its own from there on. If it ends
// without a write, or with an error, after several reads, its function runs again in a
// transaction of its own, which shows it one moment; so it does after a conflict. A
// caller whose context ends while its group commits does not learn the outcome, as from
// any commit that is cut off: storage.ErrUnknown.
//
// Groups are of one tenant. Migrate and Join take no notice of the option: what runs in
// the host's transaction commits with that.
func GroupCommit() Option { return func(s *settings) { s.grouped = true } }

// The most Updates, and the most rows, that share a transaction.
const (
	maxMembers   = 256
	maxGroupRows = 10_000
)

// group collects the writes of Updates and commits together what waits.
type group struct {
	attempt func(ctx context.Context, t storage.Tenant, fn func(context.Context, *tx) error) error
	reads   *reads

	mu      sync.Mutex
	waiting map[storage.Tenant][]*member // of the tenants that are being served
}

// member is an Update that waits for its writes to be committed.
type member struct {
	ctx    context.Context //nolint:containedctx // that of the caller, who waits
	writes *buffer
	answer chan error // has room for the one answer
	flight *flight    // that it is in; nil while it waits
	gone   bool       // the caller does not wait any more
}

// flight is a transaction of some members. It is cut off when none of them waits.
type flight struct {
	left   int
	cancel context.CancelFunc
}

func newGroup(s *Store) *group {
	return &group{attempt: s.attempt, reads: newReads(s.connector), waiting: map[storage.Tenant][]*member{}}
}

// commit waits until the writes are committed, or refused.
func (g *group) commit(ctx context.Context, t storage.Tenant, writes *buffer) error {
	m := &member{ctx: ctx, writes: writes, answer: make(chan error, 1)}
	g.mu.Lock()
	others, serving := g.waiting[t]
	g.waiting[t] = append(others, m)
	g.mu.Unlock()
	if !serving {
		go g.serve(t) //nolint:contextcheck // a flight ends with the contexts of all its members
	}
	select {
	case err := <-m.answer:
		return err
	case <-ctx.Done():
		if g.leave(t, m) {
			return fmt.Errorf("%w: %w", storage.ErrUnknown, ctx.Err())
		}
		return ctx.Err()
	}
}

// leave takes a member out of the queue, or leaves its flight to the others and tells so.
func (g *group) leave(t storage.Tenant, m *member) (inFlight bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m.gone = true
	if m.flight == nil {
		g.waiting[t] = slices.DeleteFunc(g.waiting[t], func(other *member) bool { return other == m })
		return false
	}
	if m.flight.left--; m.flight.left == 0 {
		m.flight.cancel()
	}
	return true
}

// serve commits what waits of a tenant until nothing does.
func (g *group) serve(t storage.Tenant) {
	for {
		all, ctx, cancel := g.take(t)
		if all == nil {
			return
		}
		g.write(ctx, t, all)
		cancel()
	}
}

// take begins a flight of those who wait, in the order in which they came. When there
// are none the next one who comes has to start serving again.
func (g *group) take(t storage.Tenant) ([]*member, context.Context, context.CancelFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.waiting[t]
	if len(all) == 0 {
		delete(g.waiting, t)
		return nil, nil, nil
	}
	n, rows := 1, all[0].writes.count
	for n < min(len(all), maxMembers) && rows+all[n].writes.count <= maxGroupRows {
		rows += all[n].writes.count
		n++
	}
	g.waiting[t] = slices.Clone(all[n:])
	ctx, cancel := context.WithCancel(context.WithoutCancel(all[0].ctx))
	f := &flight{left: n, cancel: cancel}
	for _, m := range all[:n] {
		m.flight = f
	}
	return all[:n], ctx, cancel
}

// write commits the writes of members in one transaction. If that is refused they are
// tried in halves, down to the one who is to blame.
func (g *group) write(ctx context.Context, t storage.Tenant, all []*member) {
	all = g.present(all)
	if len(all) == 0 {
		return
	}
	err := g.attempt(ctx, t, func(_ context.Context, x *tx) error {
		for _, m := range all {
			x.buffer.append(m.writes)
		}
		return nil
	})
	var unknown commitError
	if err != nil && len(all) > 1 && ctx.Err() == nil && !errors.As(err, &unknown) {
		half := len(all) / 2
		g.write(ctx, t, all[:half])
		g.write(ctx, t, all[half:])
		return
	}
	for _, m := range all {
		m.answer <- err
	}
}

// present leaves out who does not wait any more.
func (g *group) present(all []*member) []*member {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(all), func(m *member) bool { return m.gone })
}

// outside is what an Update reads from before it has a transaction: what is committed,
// each time anew. It begins one when it has to write before its end.
type outside struct {
	store *Store
	own   Transaction // nil without one
	reads int
}

// Query runs a read.
func (c *outside) Query(ctx context.Context, text string, args []any) (Rows, error) {
	return c.store.connector.Query(ctx, text, args)
}

// queryAll runs reads that are all known, at the same time.
func (c *outside) queryAll(ctx context.Context, all []keyed, each func(int, Rows) error) error {
	c.reads += len(all)
	answers, errs := make([]Rows, len(all)), make([]error, len(all))
	ask := func(i int) {
		answers[i], errs[i] = c.store.group.reads.query(ctx, all[i].Text, all[i].Args, all[i].width)
	}
	var wg sync.WaitGroup
	for i := 1; i < len(all); i++ {
		wg.Go(func() { ask(i) })
	}
	ask(0)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i := range all {
		if err := each(i, answers[i]); err != nil {
			return err
		}
	}
	return nil
}

// Exec refuses: writes go to the transaction that Restart begins.
func (c *outside) Exec(context.Context, string, []any) (int64, error) {
	return 0, storage.ErrReadOnly
}

// Restart begins a transaction.
func (c *outside) Restart(ctx context.Context) error {
	own, err := c.store.begin(ctx, false)
	if err == nil {
		c.own = own
	}
	return err
}

// Commit keeps what was written.
func (c *outside) Commit(ctx context.Context) error { return c.own.Commit(ctx) }

// Rollback undoes what was written.
func (c *outside) Rollback() {
	if c.own != nil {
		c.store.end(c.own)
	}
}

// inGroup runs fn without a transaction, and leaves its writes to the group. It is not
// done if fn has to run again. One read shows what was there at one moment, so that any
// end after it stands. Several can show what never was: then what is written is guarded,
// and any other end is of no use.
func (s *Store) inGroup(ctx context.Context, t storage.Tenant, fn func(context.Context, *tx) error) (done bool, err error) {
	c := &outside{store: s}
	x := newTx(s.texts, c, t, false)
	x.reads = c
	defer func() {
		x.done = true
		c.Rollback()
	}()
	err = fn(ctx, x)
	switch {
	case ctx.Err() != nil:
		return true, errors.Join(ctx.Err(), err)
	case err == nil && c.own != nil:
		return true, x.finish(ctx, c)
	case err == nil && x.buffer.count > 0:
		return true, s.group.commit(ctx, t, &x.buffer)
	}
	return c.reads <= 1, err
}
