package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"runtime"

	"github.com/orderkit/oms/storage"
)

var (
	// ErrDialect is the zero Dialect.
	ErrDialect = errors.New("sqlstore: no dialect; use one of the package's")
	// ErrPrefix is a table prefix that is not safe in SQL on every engine.
	ErrPrefix = errors.New("sqlstore: table prefix refused")
	// ErrNoDatabase is a nil *sql.DB or *sql.Tx.
	ErrNoDatabase = errors.New("sqlstore: no database")
)

// Option adapts a store, and Migrate alike.
type Option func(*settings)

type settings struct {
	prefix  string
	grouped bool
}

func collected(opts []Option) settings {
	s := settings{prefix: "oms_"}
	for _, o := range opts {
		o(&s)
	}
	return s
}

// Prefix puts every table and index under a prefix, "oms_" by default. It is empty, or
// a letter and at most 23 more of a–z, 0–9 and _; anything else is ErrPrefix.
func Prefix(p string) Option { return func(s *settings) { s.prefix = p } }

var prefixRule = regexp.MustCompile(`^([a-z][a-z0-9_]{0,23})?$`)

func newTexts(d Dialect, opts []Option) (*texts, error) {
	if d.engine == nil {
		return nil, ErrDialect
	}
	s := collected(opts)
	if !prefixRule.MatchString(s.prefix) {
		return nil, fmt.Errorf("%w: %q; use a letter and at most 23 more of a-z, 0-9 and _", ErrPrefix, s.prefix)
	}
	return &texts{engine: d.engine, prefix: s.prefix}, nil
}

// Store is storage.Store over a database. It is safe for concurrent use.
type Store struct {
	texts     *texts
	connector Connector
	writer    chan struct{} // on engines with one writer: full while there is one; first come, first served
	group     *group        // nil without GroupCommit
	losers    turns
}

// Open makes a store of a database whose schema is that of [Migrate]. It talks to the
// database only when it is used, and never changes the schema. The database stays the
// host's: closing it is all there is to close.
func Open(db *sql.DB, d Dialect, opts ...Option) (*Store, error) {
	if db == nil {
		return nil, ErrNoDatabase
	}
	x, err := newTexts(d, opts)
	if err != nil {
		return nil, err
	}
	p := newPool(db, x.engine)
	s := newStore(x, p, opts)
	runtime.AddCleanup(s, (*pool).close, p) // a store that is dropped leaves no statements behind
	return s, nil
}

func newStore(x *texts, c Connector, opts []Option) *Store {
	s := &Store{texts: x, connector: c, losers: turns{lanes: map[storage.Tenant]*lane{}}}
	if x.engine.oneWriter {
		s.writer = make(chan struct{}, 1)
	}
	if collected(opts).grouped {
		s.group = newGroup(s)
	}
	return s
}

// View runs fn on one consistent snapshot of a tenant's data, fixed by its first read.
func (s *Store) View(ctx context.Context, t storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	ctx, err := storage.Enter(ctx)
	if err != nil {
		return err
	}
	c, err := s.connector.Begin(ctx, true)
	if err != nil {
		return s.texts.explain(ctx, err)
	}
	x := newTx(s.texts, c, t, true)
	defer func() {
		x.done = true
		c.Rollback() // also when fn panics
	}()
	return fn(ctx, x)
}

// Update runs fn in one transaction, again after a conflict; see [storage.Retry]. Whoever
// lost a row to another one holds it in the next run, so that everybody comes through who
// wants to change the same.
func (s *Store) Update(ctx context.Context, t storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	ctx, err := storage.Enter(ctx)
	if err != nil {
		return err
	}
	var lost contest
	first := s.group != nil
	return storage.Retry(ctx, func() (err error) {
		var x *tx // of the run that decides
		defer func() { lost.add(x, err) }()
		run := func(ctx context.Context, own *tx) error {
			x = own
			return fn(ctx, own)
		}
		if first {
			first = false
			if done, err := s.inGroup(ctx, t, run); done {
				return err
			}
		}
		if len(lost) > 0 && s.texts.engine.lock != "" {
			giveBack, err := s.losers.take(ctx, t)
			if err != nil {
				return err
			}
			defer giveBack()
			if err := s.holding(ctx, t, lost, run); !errors.Is(err, errTorn) {
				return err
			}
		}
		return s.attempt(ctx, t, run)
	})
}

// attempt runs fn in a transaction of its own, which reads what was there at one moment.
func (s *Store) attempt(ctx context.Context, t storage.Tenant, fn func(context.Context, *tx) error) error {
	return s.transaction(ctx, t, s.texts.engine.restarts, fn)
}

// transaction runs fn in a transaction, which may have to restart in order to write.
func (s *Store) transaction(ctx context.Context, t storage.Tenant, restarts bool, fn func(context.Context, *tx) error) error {
	c, err := s.begin(ctx, restarts)
	if err != nil {
		return err
	}
	x := newTx(s.texts, c, t, false)
	if restarts {
		x.reads = c
	}
	defer func() {
		x.done = true
		s.end(c) // also when fn panics
	}()
	if err := x.claim(ctx); err != nil {
		return err
	}
	if err := fn(ctx, x); err != nil {
		return err
	}
	return x.finish(ctx, c)
}

// begin starts the transaction of an Update, when it is its turn.
func (s *Store) begin(ctx context.Context, readOnly bool) (Transaction, error) {
	if s.writer != nil {
		select {
		case s.writer <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c, err := s.connector.Begin(ctx, readOnly)
	if err != nil && s.writer != nil {
		<-s.writer
	}
	return c, s.texts.explain(ctx, err)
}

// end undoes the transaction, if it was not committed, and lets the next one begin.
func (s *Store) end(c Transaction) {
	c.Rollback()
	if s.writer != nil {
		<-s.writer
	}
}

// unsettled explains why a COMMIT has failed. Unless the database itself refused it, or
// was never asked, it may have been done, and storage.ErrUnknown says so.
func (x *texts) unsettled(ctx context.Context, err error) error {
	unasked := errors.Is(err, sql.ErrTxDone) || x.engine.local && ctx.Err() != nil && errors.Is(err, ctx.Err())
	if unasked || x.engine.fault(err) != otherFault {
		return x.explain(ctx, err)
	}
	return fmt.Errorf("%w: %w", storage.ErrUnknown, x.explain(ctx, err))
}

// explain turns an error of the driver into one of the contract: of the context, if
// that is over, and storage.ErrConflict, if another transaction is in the way.
func (x *texts) explain(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	case x.engine.fault(err) == conflict:
		return storage.Stale(err)
	}
	return err
}
