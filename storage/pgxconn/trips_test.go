package pgxconn_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/pgxconn"
)

// trips counts how often somebody speaks and waits for an answer.
type trips struct {
	n      atomic.Int64
	spoken atomic.Bool  // and not answered yet
	cut    atomic.Int64 // the trip at which the connection breaks; 0 for none
	deaf   atomic.Bool  // it breaks before the server hears of it
}

type countedConn struct {
	net.Conn

	trips *trips
}

func (c countedConn) Write(b []byte) (int, error) {
	if !c.trips.spoken.Swap(true) {
		c.trips.n.Add(1)
	}
	if c.trips.n.Load() != c.trips.cut.Load() {
		return c.Conn.Write(b)
	}
	if !c.trips.deaf.Load() {
		if _, err := c.Conn.Write(b); err != nil {
			return 0, err
		}
	}
	return len(b), c.Conn.Close()
}

func (c countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.trips.spoken.Store(false)
	}
	return n, err
}

// newCounted is an Engine over one connection whose round trips are counted.
func newCounted(t *testing.T, options ...oms.Option) (*oms.Engine, *trips) {
	t.Helper()
	pool := engines.Postgres(t).Pgx(t, 1)
	require.NoError(t, pgxconn.Migrate(t.Context(), pool))
	counted, config := &trips{}, pool.Config()
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		return countedConn{c, counted}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s, err := pgxconn.Open(pool)
	require.NoError(t, err)
	return oms.New(s, options...), counted
}

// What a command costs where the server is far away is its round trips: all that is known
// to be read in one, all that is written with the commit in another.
func TestHowManyRoundTripsACommandTakes(t *testing.T) {
	t.Parallel()
	kit, counted := newCounted(t)
	ctx := t.Context()
	require.NoError(t, kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	for i := range 3 {
		item := itemID(i * 61)
		require.NoError(t, kit.Stock.AddItem(ctx, inventory.Item{ID: item}))
		_, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: item, Location: "ber", Qty: 1_000, Ref: "po-1"})
		require.NoError(t, err)
	}
	var placed order.Order
	for _, c := range []struct {
		name string
		want int64
		run  func(key string) error
	}{
		{"place", 2, func(key string) (err error) { placed, err = kit.Orders.Place(ctx, draft(0), oms.Key(key)); return err }},
		{"place, repeated", 3, func(key string) error { return errOf(kit.Orders.Place(ctx, draft(0), oms.Key("again"))) }},
		{"reserve", 2, func(key string) error {
			return errOf(kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: key, Item: itemID(0), Location: "ber", Qty: 1}}, oms.Key(key)))
		}},
		{"hold", 2, func(key string) error {
			return errOf(kit.Orders.Hold(ctx, placed.ID, order.Hold{Owner: "desk", Handle: key, Reason: order.HoldFraud}, oms.Key(key)))
		}},
		{"get", 1, func(string) error { return errOf(kit.Orders.Get(ctx, placed.ID)) }},
	} {
		for _, key := range []string{"again", "2", "3", "4", "5", "6"} { // statements are prepared
			require.NoError(t, c.run(c.name+key), c.name)
		}
		before := counted.n.Load()
		require.NoError(t, c.run(c.name+"-counted"), c.name)
		require.Equal(t, c.want, counted.n.Load()-before, "round trips of %s", c.name)
	}
}

// An Engine with a register of serial numbers asks, for what comes or goes, whether the item
// has them, and for one that has, what is known of those that are named.
func TestHowManyRoundTripsSerialNumbersTake(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var without int64
	for _, c := range []struct {
		name   string
		policy inventory.SerialPolicy
		want   int64 // beyond those of an Engine without
		opts   []oms.Option
	}{
		{"no register", inventory.NoSerials, 0, nil},
		{"an item without", inventory.NoSerials, 1, []oms.Option{oms.WithSerials()}},
		{"an item with", inventory.SerialsAtReceipt, 2, []oms.Option{oms.WithSerials()}},
	} {
		kit, counted := newCounted(t, c.opts...)
		require.NoError(t, kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
		require.NoError(t, kit.Stock.AddItem(ctx, inventory.Item{ID: "phone", Serials: c.policy}))
		receive := func(key string) {
			opts := []oms.CallOption{oms.Key(key)}
			if c.policy != inventory.NoSerials {
				opts = append(opts, oms.Serials("phone", "", "sn-"+key))
			}
			require.NoError(t, errOf(kit.Stock.Receive(ctx, inventory.Receipt{Item: "phone", Location: "ber", Qty: 1}, opts...)), c.name)
			require.NoError(t, errOf(kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: key, Item: "phone", Location: "ber", Qty: 1}}, oms.Key("hold-"+key))))
		}
		for _, key := range []string{"1", "2", "3", "4", "5"} { // statements are prepared
			receive(key)
		}
		before := counted.n.Load()
		receive("counted")
		took := counted.n.Load() - before
		if c.opts == nil {
			without = took
		}
		require.Equal(t, without+c.want, took, "round trips of a receipt and a hold: %s", c.name)
	}
}

func errOf[T any](_ T, err error) error { return err }

// A connection that breaks while the writes and the commit are under way leaves the outcome
// open, whether the server got them or not. The key settles it.
func TestAConnectionThatBreaksWithTheCommitLeavesTheOutcomeOpen(t *testing.T) {
	t.Parallel()
	kit, counted := newCounted(t)
	ctx := t.Context()
	require.NoError(t, kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	require.NoError(t, kit.Stock.AddItem(ctx, inventory.Item{ID: "mug"}))
	_, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: "mug", Location: "ber", Qty: 1_000, Ref: "po-1"})
	require.NoError(t, err)
	reserve := func(key string) error {
		return errOf(kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: key, Item: "mug", Location: "ber", Qty: 1}}, oms.Key(key)))
	}
	for i := range 20 {
		deaf, key := i%2 == 0, "cut-"+itemID(i)
		for _, name := range []string{"a-", "b-"} { // the statements are prepared on this connection
			require.NoError(t, reserve(name+key))
		}
		counted.deaf.Store(deaf)
		counted.cut.Store(counted.n.Load() + 2)
		require.ErrorIs(t, reserve(key), storage.ErrUnknown)
		counted.cut.Store(0)
		require.NoError(t, reserve(key), "the repeat finds what was done, or does it")
	}
	a, err := kit.Stock.Availability(ctx, "mug", "", "")
	require.NoError(t, err)
	require.EqualValues(t, 1_000-3*20, a.ATS, "none is lost or done twice")
	found, err := kit.Verify(ctx)
	require.NoError(t, err)
	require.Empty(t, found)
}

// A View that said that it reads one order ends with that: what it would read after is of
// another moment, so that it is refused.
func TestAViewThatHasReadAllThatItWantedEnds(t *testing.T) {
	t.Parallel()
	pool := engines.Postgres(t).Pgx(t, 1)
	require.NoError(t, pgxconn.Migrate(t.Context(), pool))
	store, err := pgxconn.Open(pool)
	require.NoError(t, err)
	kit := oms.New(store)
	ctx := t.Context()
	require.NoError(t, kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	for i := range 3 {
		item := itemID(i * 61)
		require.NoError(t, kit.Stock.AddItem(ctx, inventory.Item{ID: item}))
		require.NoError(t, errOf(kit.Stock.Receive(ctx, inventory.Receipt{Item: item, Location: "ber", Qty: 10, Ref: "po-1"})))
	}
	placed, err := kit.Orders.Place(ctx, draft(0))
	require.NoError(t, err)
	for _, id := range []order.ID{placed.ID, {UUID: uuid.New()}} {
		err = store.View(ctx, "", func(ctx context.Context, tx storage.Tx) error {
			require.NoError(t, tx.(storage.Prefetcher).Prefetch(ctx, storage.Wanted{Order: id, All: true}))
			got, err := tx.Orders().Get(ctx, id)
			if id == placed.ID {
				require.NoError(t, err)
				require.Equal(t, placed.ID, got.ID)
				require.Len(t, got.Lines, 3)
			} else {
				require.ErrorIs(t, err, order.ErrNotFound)
			}
			_, err = tx.Orders().Get(ctx, id)
			require.ErrorIs(t, err, storage.ErrDone)
			_, _, err = tx.Commands().Find(ctx, "key")
			require.ErrorIs(t, err, storage.ErrDone)
			return nil
		})
		require.NoError(t, err)
	}
	require.NoError(t, errOf(kit.Orders.Get(ctx, placed.ID)), "the one connection is free again")
	require.NoError(t, kit.Atomically(ctx, func(ctx context.Context, k *oms.Engine) error {
		_, err := k.Orders.Get(ctx, placed.ID)
		return errors.Join(err, errOf(k.Orders.Get(ctx, placed.ID)))
	}), "a transaction reads on")
}
