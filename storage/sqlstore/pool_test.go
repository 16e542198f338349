package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// bump reads an order and saves its next version: it loses an update wherever a
// transaction may read before it has the write lock.
func bump(id order.ID) func(context.Context, storage.Tx) error {
	return func(ctx context.Context, tx storage.Tx) error {
		o, err := tx.Orders().Get(ctx, id)
		if err != nil {
			return err
		}
		o.Version++
		o.Lines[0].Ordered++
		o.Lines[0].Unreserved++
		return tx.Orders().Save(ctx, o)
	}
}

// TestReadThenWriteNeverMeetsALock is about DSNs that ask for nothing: transactions are
// deferred, and nobody waits for a lock. Eight writers and readers share a store.
func TestReadThenWriteNeverMeetsALock(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(*sql.DB){
		"the pool as it comes": func(db *sql.DB) { db.SetMaxIdleConns(2) },
		"one connection":       func(db *sql.DB) { db.SetMaxOpenConns(1) },
		"three connections":    func(db *sql.DB) { db.SetMaxOpenConns(3) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := host(t, "")
			limit(db)
			s, err := sqlstore.Open(db, sqlstore.SQLite)
			require.NoError(t, err)
			o := smallOrder("A-1")
			require.NoError(t, s.Update(t.Context(), "t", saving(o)))
			const goroutines, each = 8, 25
			errs := make(chan error, 2*goroutines)
			runs := make(chan int, goroutines)
			var wg sync.WaitGroup
			for range goroutines {
				wg.Go(func() {
					n := 0
					for range each {
						err := s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error { n++; return bump(o.ID)(ctx, tx) })
						errs <- err
						if err != nil {
							return
						}
						<-errs
					}
					runs <- n
				})
				wg.Go(func() {
					for range each {
						if err := s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error { _, err := tx.Orders().Get(ctx, o.ID); return err }); err != nil {
							errs <- err
							return
						}
					}
				})
			}
			wg.Wait()
			close(errs)
			for err := range errs {
				require.NoError(t, err)
			}
			total := 0
			for range goroutines {
				total += <-runs
			}
			require.Equal(t, goroutines*each, total, "no Update had to run twice")
			require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
				got, err := tx.Orders().Get(ctx, o.ID)
				require.EqualValues(t, 1+goroutines*each, got.Version)
				require.EqualValues(t, 1+goroutines*each, got.Lines[0].Ordered)
				return err
			}))
		})
	}
}

func TestWritersOfTwoProcessesLoseNoUpdate(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		pool := b.migrated(t)
		var stores [2]*sqlstore.Store
		for i := range stores {
			s, err := sqlstore.Open(pool(t), b.dialect)
			require.NoError(t, err)
			stores[i] = s
		}
		o := smallOrder("A-1")
		require.NoError(t, stores[0].Update(t.Context(), "t", saving(o)))
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for g := range errs {
			wg.Go(func() {
				for n := 0; n < 10; {
					err := stores[g%2].Update(t.Context(), "t", bump(o.ID))
					if err != nil && !errors.Is(err, storage.ErrConflict) {
						errs[g] = err
						return
					}
					if err == nil {
						n++
					}
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		require.NoError(t, stores[1].View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.Orders().Get(ctx, o.ID)
			require.EqualValues(t, 41, got.Version)
			return err
		}))
	})
}

func TestADeadlineEndsTheWaitForARow(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		db := hostOn(t, b)
		s, err := sqlstore.Open(db, b.dialect)
		require.NoError(t, err)
		o := smallOrder("A-1")
		require.NoError(t, s.Update(t.Context(), "t", saving(o)))
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), "UPDATE oms_orders SET state = 'taken'") // the host writes, and does not end
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, s.Update(ctx, "t", bump(o.ID)), context.DeadlineExceeded)
		require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.Orders().Get(ctx, o.ID)
			require.Equal(t, o.State, got.State, "readers do not wait for writers")
			return err
		}))
		require.NoError(t, tx.Rollback())
		require.NoError(t, s.Update(t.Context(), "t", bump(o.ID)))
	})
}

// TestOneHotRowServesAllWritersAtOnce has many take units of one balance at the same
// time. Each waits for its turn and none has to decide anew, where reads need no lock.
func TestOneHotRowServesAllWritersAtOnce(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := b.store(t)
		receive := func(qty int64) func(context.Context, storage.Tx) error {
			return func(ctx context.Context, tx storage.Tx) error {
				return tx.Stock().Apply(ctx, inventory.Changes{Posting: inventory.Posting{ID: uuid.Must(uuid.NewV7()), At: noon, Movements: []inventory.Movement{
					{Item: "tee", From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: qty},
				}}})
			}
		}
		require.NoError(t, s.Update(t.Context(), "t", receive(1)))
		const writers, each = 8, 10
		errs, runs := make([]error, writers), make([]int, writers)
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				for range each {
					errs[i] = errors.Join(errs[i], s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
						runs[i]++
						if _, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{"tee"}}); err != nil {
							return err
						}
						return receive(1)(ctx, tx)
					}))
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		for _, n := range runs {
			require.Equal(t, each, n, "no Update had to run twice")
		}
	})
}

func TestALockThatStaysIsAConflict(t *testing.T) {
	t.Parallel()
	db := host(t, "")
	s, err := sqlstore.Open(db, sqlstore.SQLite)
	require.NoError(t, err)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO invoices VALUES ('i-1')") // the host writes, and does not end
	require.NoError(t, err)
	ran := func(context.Context, storage.Tx) error { t.Error("it ran"); return nil }
	require.ErrorIs(t, s.Update(t.Context(), "t", ran), storage.ErrConflict)
	require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
		_, _, err := tx.Commands().Find(ctx, "key")
		return err
	}), "readers do not wait for the writer")
	require.NoError(t, tx.Rollback())
	require.NoError(t, s.Update(t.Context(), "t", saving(smallOrder("A-1"))))
}

func TestADeadlineEndsEveryWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options string
		conns   int
	}{
		"for the writer before": {"", 4},
		"for a connection":      {"", 1},
		"for the file":          {"&_pragma=busy_timeout(60000)", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := host(t, c.options)
			db.SetMaxOpenConns(c.conns)
			s, err := sqlstore.Open(db, sqlstore.SQLite)
			require.NoError(t, err)
			release := hold(t, db, s, name)
			defer release()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()
			start := time.Now()
			ran := func(context.Context, storage.Tx) error { t.Error("it ran"); return nil }
			require.ErrorIs(t, s.Update(ctx, "t", ran), context.DeadlineExceeded)
			require.Less(t, time.Since(start), 10*time.Second)
		})
	}
}

// hold keeps what an Update has to wait for.
func hold(t *testing.T, db *sql.DB, s *sqlstore.Store, what string) (release func()) {
	t.Helper()
	if what == "for the writer before" {
		started, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- s.Update(t.Context(), "t", func(context.Context, storage.Tx) error { close(started); <-end; return nil })
		}()
		<-started
		return func() { close(end); require.NoError(t, <-ended) }
	}
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "INSERT INTO invoices VALUES ('i-1')")
	require.NoError(t, err)
	return func() { require.NoError(t, tx.Rollback()) }
}

// watched is a context that tells when somebody waits who would end with it.
type watched struct {
	context.Context
	asked chan struct{}
	once  sync.Once
}

func (w *watched) Done() <-chan struct{} {
	w.once.Do(func() { close(w.asked) })
	return w.Context.Done()
}

func TestWritersAreServedInTheOrderInWhichTheyCame(t *testing.T) {
	t.Parallel()
	db := host(t, "")
	s, err := sqlstore.Open(db, sqlstore.SQLite)
	require.NoError(t, err)
	release := hold(t, db, s, "for the writer before")
	const writers = 20
	served := make(chan int, writers)
	var wg sync.WaitGroup
	for i := range writers {
		ctx := &watched{Context: t.Context(), asked: make(chan struct{})}
		wg.Go(func() {
			require.NoError(t, s.Update(ctx, "t", func(context.Context, storage.Tx) error { served <- i; return nil }))
		})
		<-ctx.asked
		time.Sleep(2 * time.Millisecond) // from looking at its context to standing in the queue
	}
	release()
	wg.Wait()
	close(served)
	var order []int
	for i := range served {
		order = append(order, i)
	}
	require.IsIncreasing(t, order)
}

func TestStatementsArePreparedOnceAndBounded(t *testing.T) {
	t.Parallel()
	db := host(t, "")
	db.SetMaxOpenConns(1)
	s, err := sqlstore.Open(db, sqlstore.SQLite)
	require.NoError(t, err)
	work := func(ctx context.Context, tx storage.Tx) error {
		if err := everyWrite(ctx, tx); err != nil {
			return err
		}
		return errors.New("undone")
	}
	require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
		return tx.Stock().Apply(ctx, inventory.Changes{Posting: inventory.Posting{At: noon, Movements: []inventory.Movement{
			{Item: "tee", From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Soft), Qty: 9},
		}}})
	}))
	for range 3 {
		require.ErrorContains(t, s.Update(t.Context(), "t", work), "undone")
	}
	known := s.PreparedTexts()
	require.NotEmpty(t, known)
	for range 3 {
		require.ErrorContains(t, s.Update(t.Context(), "t", work), "undone")
	}
	require.Equal(t, known, s.PreparedTexts())
	for n := range 400 { // texts without end
		states := make([]order.State, n+1)
		for i := range states {
			states[i] = order.State(fmt.Sprint(i))
		}
		require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Orders().Page(ctx, order.Filter{Customer: "c", States: states})
			return err
		}))
	}
	require.LessOrEqual(t, s.Prepared(), 256)
}
