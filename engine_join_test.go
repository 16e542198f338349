package oms_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/sqlstore"
)

// host is a shop whose program has a table of its own in the same database.
func host(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, openSQLite)
	s.furnish()
	must(s.db.ExecContext(s.ctx, "CREATE TABLE invoices (order_id TEXT NOT NULL)"))(s)
	return s
}

// join runs fn in a transaction of the host, with an Engine that is part of it.
func (s *shop) join(fn func(tx *sql.Tx, in *shop) error) error {
	s.t.Helper()
	tx := must(s.db.BeginTx(s.ctx, nil))(s)
	if err := fn(tx, s.with(s.ctx, s.In(sqlstore.Join(tx, sqlstore.SQLite)))); err != nil {
		s.do(tx.Rollback())
		return err
	}
	return tx.Commit()
}

func (s *shop) invoice(tx *sql.Tx, id order.ID) {
	s.t.Helper()
	must(tx.ExecContext(s.ctx, "INSERT INTO invoices VALUES (?)", id.String()))(s)
}

func (s *shop) invoices() int {
	s.t.Helper()
	var n int
	s.do(s.db.QueryRowContext(s.ctx, "SELECT count(*) FROM invoices").Scan(&n))
	return n
}

func TestCommandsCommitWithTheHostsRows(t *testing.T) {
	t.Parallel()
	s := host(t)
	s.do(s.join(func(tx *sql.Tx, in *shop) error {
		o, work := in.open(line("tee", 3))
		s.invoice(tx, o.ID)
		must(in.Fulfillment.Ship(in.ctx, work[0].ID, nil))(in)
		require.Equal(t, "shipped 3", in.places(o.ID, 1))
		return nil
	}))
	require.Equal(t, 1, s.invoices())
	require.Equal(t, "free 7", s.shelf("tee", "ber"))
	s.verify()
}

func TestCommandsVanishWithTheHostsRows(t *testing.T) {
	t.Parallel()
	s := host(t)
	s.refuses(errHost, func() error {
		return s.join(func(tx *sql.Tx, in *shop) error {
			o := must(in.Orders.Place(in.ctx, draft(line("tee", 3)), oms.Key("checkout-1")))(in)
			s.invoice(tx, o.ID)
			must(in.Orders.Confirm(in.ctx, o.ID))(in)
			return errHost
		})
	})
	require.Equal(t, 0, s.invoices())
	must(s.Orders.Place(s.ctx, draft(line("tee", 4)), oms.Key("checkout-1")))(s) // the key went, too
	s.verify()
}

func TestARefusedCommandLeavesTheHostsTransactionUsable(t *testing.T) {
	t.Parallel()
	s := host(t)
	s.do(s.join(func(tx *sql.Tx, in *shop) error {
		o := in.place(line("tee", 3))
		s.invoice(tx, o.ID)
		before := in.shelf("tee", "ber")
		require.ErrorIs(t, errOf(in.Orders.Place(in.ctx, draft(line("mug", 1), line("tee", 99)))), inventory.ErrShortage)
		d := draft(line("tee", 1))
		d.Number = o.Number
		require.ErrorIs(t, errOf(in.Orders.Place(in.ctx, d)), order.ErrExists)
		require.ErrorIs(t, in.Atomically(in.ctx, func(ctx context.Context, k *oms.Engine) error {
			in.with(ctx, k).place(line("tee", 1))
			return errHost
		}), errHost)
		p, err := in.Preview(in.ctx, func(ctx context.Context, k *oms.Engine) error { return errOf(k.Orders.Confirm(ctx, o.ID)) })
		require.NoError(t, err)
		require.Equal(t, []string{"order.confirmed", "fulfillment.opened"}, kinds(p.Events))
		require.Equal(t, before, in.shelf("tee", "ber"))
		s.invoice(tx, o.ID)
		return nil
	}))
	require.Equal(t, 2, s.invoices())
	require.Len(t, must(s.Orders.Page(s.ctx, order.Filter{}))(s), 1)
	s.verify()
}

func TestEveryCommandVanishesWithTheHost(t *testing.T) {
	t.Parallel()
	for _, c := range commands {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, openSQLite, oms.WithOrderFlow(reviewFlow()))
			s.furnish()
			tr := c.set(s)
			s.refuses(errHost, func() error {
				return s.join(func(_ *sql.Tx, in *shop) error {
					_, err := tr.run(in.ctx, in.Engine)
					in.do(err)
					return errHost
				})
			})
			s.do(s.join(func(_ *sql.Tx, in *shop) error {
				_, err := tr.run(in.ctx, in.Engine)
				return err
			}))
			s.verify()
		})
	}
}

func TestTenantsInTheHostsTransaction(t *testing.T) {
	t.Parallel()
	s := host(t)
	s.do(s.join(func(_ *sql.Tx, in *shop) error {
		b := in.with(in.ctx, in.Tenant("b"))
		b.furnish()
		b.place(line("tee", 10))
		require.Equal(t, "free 10", in.shelf("tee", "ber"))
		return nil
	}))
	require.Equal(t, "committed 10", s.with(s.ctx, s.Tenant("b")).shelf("tee", "ber"))
	s.verify()
}

func TestWhatAPreviewSawBeforeAConflictIsForgotten(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		runs := 0
		clumsy := s.In(stumbling{s.store})
		p, err := clumsy.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			if runs++; runs == 1 {
				s.with(ctx, k).place(line("mug", 1))
				return storage.ErrConflict
			}
			s.with(ctx, k).place(line("tee", 1))
			return nil
		})
		s.do(err)
		require.Equal(s.t, 2, runs)
		require.Equal(s.t, []string{"order.placed", "order.allocated"}, kinds(p.Events))
	})
}

func TestAPanicThatTheHostRecoversUndoesItsCommandsAlone(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			in := s.with(ctx, k)
			in.place(line("tee", 1))
			require.Panics(s.t, func() {
				_ = k.Atomically(ctx, func(ctx context.Context, k *oms.Engine) error {
					in.with(ctx, k).place(line("tee", 2))
					panic("host")
				})
			})
			require.Equal(s.t, "free 9 committed 1", in.shelf("tee", "ber"))
			in.place(line("tee", 4))
			return nil
		}))
		require.Equal(s.t, "free 5 committed 5", s.shelf("tee", "ber"))
		require.Len(s.t, must(s.Orders.Page(s.ctx, order.Filter{}))(s), 2)
	})
}

func TestTheLogTellsWhatWasDoneAndRefused(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zapcore.DebugLevel)
	kit := oms.New(memory.New(), oms.WithLogger(zap.New(core))).Tenant("acme")
	require.NoError(t, kit.Stock.AddItem(t.Context(), inventory.Item{ID: "tee"}))
	require.Error(t, errOf(kit.Orders.Place(t.Context(), draft(line("hat", 1)))))
	all := logs.All()
	require.Len(t, all, 2)
	require.Equal(t, "add item", all[0].Message)
	require.Equal(t, zapcore.DebugLevel, all[0].Level)
	require.Equal(t, "acme", all[0].ContextMap()["tenant"])
	require.Equal(t, "place order refused", all[1].Message)
	require.Equal(t, zapcore.InfoLevel, all[1].Level)
}

func TestNumbersAreShortAndTheHostsChoice(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		seen := map[string]bool{}
		for range 100 {
			p := must(s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
				o := s.with(ctx, k).place(line("tee", 1))
				require.Regexp(s.t, `^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$`, o.Number)
				require.False(s.t, seen[o.Number])
				seen[o.Number] = true
				return nil
			}))(s)
			require.Len(s.t, p.Events, 2)
		}
		n := 0
		counting := oms.New(s.store, oms.WithOrderNumbers(func(order.ID) string { n++; return fmt.Sprint("W-", n) }))
		require.Equal(s.t, "W-1", must(counting.Orders.Place(s.ctx, draft(line("tee", 1))))(s).Number)
	})
}

func TestAnUnusableOptionIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]oms.Option{
		"clock": oms.WithClock(nil), "ids": oms.WithIDs(nil), "logger": oms.WithLogger(nil), "orders": oms.WithOrderFlow(nil),
		"work": oms.WithFulfillmentFlow(nil), "returns": oms.WithReturnFlow(nil), "strategy": oms.WithStrategy(nil), "numbers": oms.WithOrderNumbers(nil),
	} {
		require.Panics(t, func() { oms.New(memory.New(), o) }, name)
	}
	require.Panics(t, func() { oms.New(nil) })
	require.NotPanics(t, func() { oms.New(memory.New(), oms.WithClock(time.Now)) })
}
