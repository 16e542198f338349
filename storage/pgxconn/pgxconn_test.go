package pgxconn_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/pgxconn"
	"github.com/orderkit/oms/storage/sqlstore"
)

func saving(number string) func(context.Context, storage.Tx) error {
	return func(ctx context.Context, tx storage.Tx) error {
		return tx.Orders().Save(ctx, order.Order{
			ID: order.ID{UUID: uuid.Must(uuid.NewV7())}, Number: number, Version: 1, State: order.StatePlaced, Currency: order.MustCurrency("EUR"),
			Lines: []order.Line{{No: 1, Item: "tee", Counters: order.Counters{Ordered: 1, Unreserved: 1}}},
		})
	}
}

func TestBadInputIsRefused(t *testing.T) {
	t.Parallel()
	_, err := pgxconn.Open(nil)
	require.ErrorIs(t, err, sqlstore.ErrNoDatabase)
	require.ErrorIs(t, pgxconn.Migrate(t.Context(), nil), sqlstore.ErrNoDatabase)
	require.ErrorIs(t, pgxconn.Join(nil).Update(t.Context(), "t", saving("A-1")), sqlstore.ErrNoDatabase)
	pool := engines.Postgres(t).Pgx(t, 1)
	_, err = pgxconn.Open(pool, sqlstore.Prefix("No;"))
	require.ErrorIs(t, err, sqlstore.ErrPrefix)
}

func TestCommandsCommitAndVanishWithTheHostsRows(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := engines.Postgres(t).Pgx(t, 2)
	require.NoError(t, pgxconn.Migrate(ctx, pool))
	_, err := pool.Exec(ctx, "CREATE TABLE invoices (id TEXT)")
	require.NoError(t, err)
	for _, commit := range []bool{false, true} {
		tx, err := pool.Begin(ctx)
		require.NoError(t, err)
		joined := pgxconn.Join(tx)
		require.NoError(t, joined.Update(ctx, "t", saving("A-1")))
		require.ErrorIs(t, joined.Update(ctx, "t", saving("A-1")), order.ErrExists)
		changed := errors.New("the host changed its mind")
		require.ErrorIs(t, joined.Update(ctx, "t", func(ctx context.Context, tx storage.Tx) error {
			return errors.Join(saving("A-2")(ctx, tx), changed)
		}), changed)
		_, err = tx.Exec(ctx, "INSERT INTO invoices VALUES ('i-1')")
		require.NoError(t, err, "a refused command leaves the transaction usable")
		if !commit {
			require.NoError(t, tx.Rollback(ctx))
			continue
		}
		require.NoError(t, tx.Commit(ctx))
	}
	var invoices, orders int
	require.NoError(t, pool.QueryRow(ctx, "SELECT (SELECT COUNT(*) FROM invoices), (SELECT COUNT(*) FROM oms_orders)").Scan(&invoices, &orders))
	require.Equal(t, [2]int{1, 1}, [2]int{invoices, orders})
}

func TestAStoreReturnsEveryConnection(t *testing.T) {
	t.Parallel()
	pool := engines.Postgres(t).Pgx(t, 2)
	require.NoError(t, pgxconn.Migrate(t.Context(), pool))
	for _, opts := range [][]sqlstore.Option{nil, {sqlstore.GroupCommit()}} {
		s, err := pgxconn.Open(pool, opts...)
		require.NoError(t, err)
		number := uuid.NewString()
		changed := errors.New("no")
		for range 5 { // more often than there are connections
			require.NoError(t, s.Update(t.Context(), "t", saving(uuid.NewString())))
			require.ErrorIs(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
				_, err := tx.Orders().ByNumber(ctx, number)
				require.ErrorIs(t, err, order.ErrNotFound)
				return changed
			}), changed)
			require.Panics(t, func() {
				_ = s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
					require.NoError(t, saving(number)(ctx, tx))
					_, err := tx.Orders().ByNumber(ctx, number)
					require.NoError(t, err)
					panic("ouch")
				})
			})
			ctx, cancel := context.WithCancel(t.Context())
			require.ErrorIs(t, s.Update(ctx, "t", func(ctx context.Context, tx storage.Tx) error {
				cancel()
				return saving(number)(ctx, tx)
			}), context.Canceled)
		}
		require.Zero(t, pool.Stat().AcquiredConns())
	}
}
