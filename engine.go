package oms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// Engine runs commands against one store, for one tenant. It is safe for concurrent
// use and cheap to derive others from.
type Engine struct {
	Orders      Orders      // the sale: place, confirm, cancel, hold, close, find
	Payments    Payments    // the money record of an order
	Stock       Stock       // the ledger of goods
	Transfers   Transfers   // goods on their way from one location to another
	Counts      Counts      // the shelf against the books
	Fulfillment Fulfillment // picking, packing, shipping
	Returns     Returns     // goods and money on their way back
	Purchasing  Purchasing  // suppliers, purchase orders, receiving
	Channels    Channels    // where goods are sold: what each may promise, and shows
	Alerts      Alerts      // who wants to hear that stock is low, out or back
	Imports     Imports     // CSV files that bring in items, locations and stock
	Costs       Costs       // what goods are worth, and what those sold did cost

	cfg    *config
	store  storage.Store
	tenant storage.Tenant
	bound  *binding // set inside Atomically and Preview
}

// binding is the transaction that a bound Engine runs its commands in.
type binding struct {
	tx     storage.Tx
	events []storage.Event
}

// New wires the standard Engine over a store. It panics if an option is unusable,
// which is a mistake in the program.
func New(store storage.Store, options ...Option) *Engine {
	cfg := defaults()
	for _, o := range options {
		o(cfg)
	}
	for part, missing := range map[string]bool{
		"store": store == nil, "clock": cfg.now == nil, "source of ids": cfg.newID == nil, "logger": cfg.logger == nil,
		"order flow": cfg.orders == nil, "fulfillment flow": cfg.work == nil, "return flow": cfg.returns == nil, "purchase flow": cfg.buys == nil,
		"transfer flow": cfg.hauls == nil, "count flow": cfg.counts == nil,
		"strategy": cfg.strategy == nil, "order numbers": cfg.number == nil,
	} {
		if missing {
			panic("oms: New without a " + part)
		}
	}
	return derive(cfg, store, "", nil)
}

func derive(cfg *config, store storage.Store, t storage.Tenant, b *binding) *Engine {
	e := &Engine{cfg: cfg, store: store, tenant: t, bound: b}
	e.Orders, e.Payments, e.Stock = Orders{e}, Payments{e}, Stock{e}
	e.Fulfillment, e.Returns = Fulfillment{e}, Returns{e}
	e.Purchasing = Purchasing{e}
	e.Alerts, e.Imports = Alerts{e}, Imports{e}
	e.Transfers, e.Counts = Transfers{e}, Counts{e}
	e.Costs = Costs{e}
	e.Channels = Channels{e}
	return e
}

// In is this Engine over another store: most often one that joins a transaction of the
// host, whose commit or rollback then decides over every command.
func (e *Engine) In(store storage.Store) *Engine { return derive(e.cfg, store, e.tenant, nil) }

// Tenant is this Engine for another tenant. Nothing of one tenant can be seen or
// touched by another. It cannot be used inside Atomically: a transaction has one tenant.
func (e *Engine) Tenant(t storage.Tenant) *Engine { return derive(e.cfg, e.store, t, nil) }

// Atomically runs several commands in one transaction: all commit, or none. Inside,
// use only the Engine and context that fn is given. A command that is refused undoes
// itself alone; fn decides whether to go on. fn may run again after a conflict, so it
// has no effect outside.
func (e *Engine) Atomically(ctx context.Context, fn func(context.Context, *Engine) error) error {
	return e.transact(ctx, func(ctx context.Context, tx storage.Tx) error {
		b := &binding{tx: tx}
		if err := fn(ctx, derive(e.cfg, e.store, e.tenant, b)); err != nil {
			return err
		}
		if e.bound != nil {
			e.bound.events = append(e.bound.events, b.events...)
		}
		return nil
	})
}

// Preview is what a preview would have done.
type Preview struct {
	Events []storage.Event // in order; Seq is not assigned
}

var errPreviewed = errors.New("oms: preview ends here")

// Preview runs commands and keeps nothing of what they did. Their results and errors
// are the real ones; the events are those that would have been appended.
func (e *Engine) Preview(ctx context.Context, fn func(context.Context, *Engine) error) (Preview, error) {
	var p Preview
	err := e.transact(ctx, func(ctx context.Context, tx storage.Tx) error {
		b := &binding{tx: tx}
		if err := fn(ctx, derive(e.cfg, e.store, e.tenant, b)); err != nil {
			return err
		}
		p.Events = b.events
		return errPreviewed
	})
	if errors.Is(err, errPreviewed) {
		err = nil
	}
	return p, err
}

// transact opens a read-write transaction, or a savepoint in the one that is running.
func (e *Engine) transact(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	if e.bound != nil {
		tx, events := e.bound.tx, len(e.bound.events)
		err := tx.Savepoint(ctx, func(ctx context.Context) error { return fn(ctx, tx) })
		if err != nil {
			e.bound.events = e.bound.events[:events]
		}
		return err
	}
	return e.store.Update(ctx, e.tenant, fn)
}

// read runs fn on a snapshot, or in the transaction that is running.
func (e *Engine) read(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	if e.bound != nil {
		return fn(ctx, e.bound.tx)
	}
	return e.store.View(ctx, e.tenant, fn)
}

// reading is read with a result.
func reading[T any](ctx context.Context, e *Engine, fn func(context.Context, storage.Tx) (T, error)) (T, error) {
	var out T
	err := e.read(ctx, func(ctx context.Context, tx storage.Tx) error {
		var err error
		out, err = fn(ctx, tx)
		return err
	})
	if err != nil {
		var none T
		return none, err
	}
	return out, nil
}

// attempt is one run of a command: its transaction, its moment, what it emits. After a
// conflict the command runs again as another attempt.
type attempt struct {
	context.Context
	*config
	tx     storage.Tx
	now    time.Time
	call   call
	reads  *inventory.Need // of the stock, where the command said what it begins with
	origin string          // the document under which units left that come back now, if not that of the posting
	events []storage.Event
	room   [2]storage.Event // for the events of most commands
	text   [256]byte        // for the data of one of them

	named    []inventory.NamedUnit // units that the command names and has not moved yet
	shipment string                // that it packs, voids or hands over

	filling bool // the queue of an item is served, and will be promised anew
}

// command describes one command to run.
type command[T any] struct {
	name  string
	input any                               // what the idempotency key stands for
	reads storage.Wanted                    // what run begins with, where that is known before
	id    func(T) string                    // names the result
	load  func(*attempt, string) (T, error) // reads a result again by that name
	run   func(*attempt) (T, error)         // load, decide, save
}

// running is a command that is being run: all that outlives an attempt, in one piece.
type running[T any] struct {
	command[T]
	engine *Engine
	opts   []CallOption
	last   *attempt
	first  attempt
	out    T
}

// begins tells whether it is known before what run begins with.
func (c *command[T]) begins() bool {
	return c.reads.Order != (order.ID{}) || c.reads.Stock.Owner != "" || len(c.reads.Stock.Items) > 0
}

// moment is a time as it is stored: whatever comes from outside goes through here, so
// that what a command returns is what is read later.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// do runs a command in one transaction, once per idempotency key.
func do[T any](ctx context.Context, e *Engine, opts []CallOption, c command[T]) (T, error) {
	r := &running[T]{command: c, engine: e, opts: opts}
	began := e.cfg.now()
	err := e.transact(ctx, r.attempt)
	var events []storage.Event
	if r.last != nil {
		events = r.last.events
	}
	e.log(c.name, began, len(events), err)
	if err != nil {
		var none T
		return none, fmt.Errorf("%s: %w", c.name, err)
	}
	if e.bound != nil {
		e.bound.events = append(e.bound.events, events...)
	}
	return r.out, nil
}

// attempt runs the command in a transaction.
func (r *running[T]) attempt(ctx context.Context, tx storage.Tx) error {
	s := &r.first
	if r.last != nil { // Each has its own: a driver may still look at the context of the one before.
		s = new(attempt)
	}
	r.last = s
	s.Context, s.config, s.tx, s.now, s.reads = ctx, r.engine.cfg, tx, moment(r.engine.cfg.now()), &r.reads.Stock
	s.events = s.room[:0]
	for _, o := range r.opts {
		o(&s.call)
	}
	err := s.call.check()
	if err != nil {
		return err
	}
	if len(s.call.named) > 0 && !s.serials {
		return fmt.Errorf("%w: %q is named", ErrNotSerials, s.call.named[0].Serial)
	}
	s.named = slices.Clone(s.call.named)
	r.out, err = once(s, &r.command)
	return err
}

// once runs the command, or answers from the key's record.
func once[T any](s *attempt, c *command[T]) (T, error) {
	var none T
	key := s.call.key
	if key == "" {
		out, err := c.run(s)
		if err != nil {
			return none, err
		}
		return out, s.flush()
	}
	input := c.input
	if len(s.call.named) > 0 {
		input = []any{input, s.call.named}
	}
	hash, err := fingerprint(c.name, input)
	if err != nil {
		return none, err
	}
	if p, ok := s.tx.(storage.Prefetcher); ok && c.begins() {
		wanted := c.reads
		wanted.Key = key
		if err := p.Prefetch(s, wanted); err != nil {
			return none, err
		}
	}
	had, found, err := s.tx.Commands().Find(s, key)
	if err != nil {
		return none, err
	}
	if found {
		if had.Name != c.name || had.Hash != hash {
			return none, &KeyError{Key: key, Command: c.name, First: had.Name, At: had.At}
		}
		return c.load(s, had.Result)
	}
	out, err := c.run(s)
	if err != nil {
		return none, err
	}
	if err := s.flush(); err != nil {
		return none, err
	}
	return out, s.tx.Commands().Put(s, storage.Command{Key: key, Name: c.name, Hash: hash, Result: c.id(out), At: s.now})
}

func (e *Engine) log(name string, began time.Time, events int, err error) {
	if err == nil {
		if entry := e.cfg.logger.Check(zap.DebugLevel, name); entry != nil {
			entry.Write(zap.String("tenant", string(e.tenant)), zap.Int("events", events), zap.Duration("took", e.cfg.now().Sub(began)))
		}
		return
	}
	e.cfg.logger.Info(name+" refused", zap.String("tenant", string(e.tenant)), zap.Error(err))
}

// Actions lists what is possible for an order now and, for the rest, why not.
func (e *Engine) Actions(o order.Order) []order.Possibility {
	return e.cfg.orders.AllowedActions(o, e.cfg.pay, moment(e.cfg.now()))
}

// post saves a decision on stock: every unit that any command moves goes through here.
func (s *attempt) post(c inventory.Changes) error {
	if s.costing {
		if err := s.cost(&c); err != nil {
			return err
		}
	}
	if s.serials {
		if err := s.register(c.Posting); err != nil {
			return err
		}
	}
	if err := s.tx.Stock().Apply(s, c); err != nil || len(c.Lots) == 0 {
		return err
	}
	return s.saveLots(c.Lots)
}
