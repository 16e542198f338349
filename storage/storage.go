package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

var (
	// ErrConflict is a transaction that lost against another one. Update has already
	// tried again; running the command anew later is safe.
	ErrConflict = errors.New("storage: conflict with another transaction")
	// ErrUnknown is a transaction that may have been committed or not: the connection
	// broke, or the context ended, while its COMMIT was under way. Every other error
	// of an Update means that nothing was kept. Run the command again under its
	// idempotency key: that finds what was done, or does it.
	ErrUnknown = errors.New("storage: outcome unknown, the answer to COMMIT was lost")
	// ErrNested is a store called with the context of a transaction that is running.
	ErrNested = errors.New("storage: already inside a transaction; use its Tx")
	// ErrReadOnly is a write inside View.
	ErrReadOnly = errors.New("storage: read-only transaction")
	// ErrDone is a Tx used after its function returned.
	ErrDone = errors.New("storage: transaction is over")
	// ErrCorrupt is stored data that cannot be what was written.
	ErrCorrupt = errors.New("storage: stored data is corrupt")
)

// Tenant scopes every row, key and event. The empty tenant is a tenant like any other.
type Tenant string

// Store keeps the data of all tenants.
type Store interface {
	// View runs fn on one consistent snapshot of a tenant's data.
	View(ctx context.Context, t Tenant, fn func(context.Context, Tx) error) error
	// Update runs fn in one transaction: nil commits, an error or a panic rolls back
	// and is returned or goes on. fn may run several times; see [Retry].
	Update(ctx context.Context, t Tenant, fn func(context.Context, Tx) error) error
}

// Tx is a transaction on the data of one tenant. It ends with the function it was
// passed to, and belongs to one goroutine. Its own writes are visible to its reads.
//
// An adapter may buffer writes: an error that a write's contract names may come from a
// later call on the same Tx, or end the transaction, instead of coming from the write.
type Tx interface {
	// Orders keeps the sales.
	Orders() order.Repository
	// Stock keeps the ledger of goods.
	Stock() inventory.Repository
	// Fulfillments keeps fulfillment orders and shipments.
	Fulfillments() fulfillment.Repository
	// Returns keeps what comes back.
	Returns() returns.Repository
	// Events is the log that every change is told in.
	Events() Events
	// Commands remembers the idempotency keys that were used.
	Commands() Commands
	// Deliveries keeps how far the consumers of the log have come.
	Deliveries() Deliveries
	// Documents keeps purchase orders, transfers, counts and the like.
	Documents() Documents

	// Savepoint runs fn such that an error undoes what fn wrote, and only that; the
	// transaction stays usable.
	Savepoint(ctx context.Context, fn func(context.Context) error) error
}

// Event is a row of the log: what happened, to which aggregate, when, by whom. The log
// is the timeline, the audit trail and the change feed at once, and a row commits with
// the change it tells of.
type Event struct {
	Seq       int64     // position in the tenant's log; given by the store, see [Events]
	ID        uuid.UUID // grows with time (version 7); of one aggregate and version none repeats
	Aggregate string    // "order/<id>", "stock/<item>", "return/<id>"
	Version   int64     // of the aggregate after the change
	Kind      string    // "order.placed"
	At        time.Time
	Actor     string
	Data      json.RawMessage // the event of the domain package, as JSON
}

// Events is the append-only log.
//
// Positions grow from above zero, and say in which order events are read by whoever
// follows the log. A store gives them when it stores events or later, when somebody
// reads on; never so that an event turns up before one that was read. In the log the
// events of an aggregate stand in the order of their versions, and those of one version
// that were appended together in the order of their ids.
type Events interface {
	// Append adds events. Seq is ignored.
	Append(ctx context.Context, events []Event) error
	// Of yields all events of one aggregate, by Version. The order of those of one version
	// is that of their ids, or that of the commits. Seq is 0 where it was not given yet.
	Of(ctx context.Context, aggregate string) iter.Seq2[Event, error]
	// Since reads up to limit events after a position, by Seq. Fewer mean that there are
	// no more: in an Update, where committed events without a position get theirs. A View
	// cannot give positions, and reads those events that have one.
	Since(ctx context.Context, seq int64, limit int) ([]Event, error)
	// After reads up to limit events of one aggregate after a position, by Seq: of those
	// that have one.
	After(ctx context.Context, aggregate string, seq int64, limit int) ([]Event, error)
}

// Command is an idempotency key that was used: which command it ran, a hash of the
// input, and the id of what that made or changed.
type Command struct {
	Key    string
	Name   string
	Hash   string
	Result string
	At     time.Time
}

// Commands remembers idempotency keys.
type Commands interface {
	// Find reads a key.
	Find(ctx context.Context, key string) (Command, bool, error)
	// Put adds a key. One that exists is ErrConflict: whoever came second runs again
	// and finds it.
	Put(ctx context.Context, c Command) error
}

type nestedKey struct{}

// Enter marks a context as inside a transaction, or refuses with ErrNested if it is.
// Stores call it first.
func Enter(ctx context.Context) (context.Context, error) {
	if ctx.Value(nestedKey{}) != nil {
		return nil, ErrNested
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return inside{ctx}, nil
}

// inside is the context of a transaction.
type inside struct{ context.Context } //nolint:containedctx // it is one, as those of package context are

// Value knows the mark beside what the context around has.
func (c inside) Value(key any) any {
	if key == (nestedKey{}) {
		return true
	}
	return c.Context.Value(key)
}

// Attempts is how often Retry runs a function at most.
const Attempts = 8

// Retry runs fn until it returns anything but ErrConflict, at most Attempts times, with
// growing random pauses in between. It ends early with the context. Stores run each
// attempt of an Update through it; everything fn did must be undone before it returns.
func Retry(ctx context.Context, fn func() error) error {
	pause := time.Millisecond
	for attempt := 1; ; attempt++ {
		err := fn()
		if err == nil || !errors.Is(err, ErrConflict) {
			return err
		}
		if attempt == Attempts {
			return fmt.Errorf("after %d attempts: %w", attempt, err)
		}
		timer := time.NewTimer(rand.N(pause) + pause/2)
		select {
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(ctx.Err(), err)
		case <-timer.C:
		}
		pause *= 2
	}
}

// Stale marks an error of a repository contract as a conflict, so that Update runs
// again on fresh data.
func Stale(err error) error { return fmt.Errorf("%w: %w", ErrConflict, err) }
