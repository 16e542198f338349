package sqlstore_test

import (
	"context"
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

// units posts units of an item that come in, or go out when there are fewer than none.
func units(item string, qty int64) inventory.Changes {
	m := inventory.Movement{Item: item, From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: qty}
	if qty < 0 {
		m.From, m.To, m.Qty = m.To, inventory.Outside(inventory.Scrap), -qty
	}
	return inventory.Changes{Posting: inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonOpening, At: noon, Movements: []inventory.Movement{m}}}
}

// crowd runs n Updates on a store at the same moment.
func crowd(t *testing.T, s *sqlstore.Store, n int, fn func(ctx context.Context, i int, tx storage.Tx) error) []error {
	t.Helper()
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error { return fn(ctx, i, tx) })
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func free(t *testing.T, s *sqlstore.Store, item string) int64 {
	t.Helper()
	var n int64
	require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
		snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{item}})
		for i := range snap.Balances {
			n += snap.Balances[i].Of(inventory.Free)
		}
		return err
	}))
	return n
}

func grouped(t *testing.T, b backend) *sqlstore.Store {
	t.Helper()
	s := b.store(t, sqlstore.GroupCommit())
	require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
		return tx.Stock().PutItem(ctx, inventory.Item{ID: "tee"})
	}))
	return s
}

func TestOneWhoIsRefusedLeavesTheGroupAndTheRestCommits(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := grouped(t, b)
		taken := smallOrder("A-1")
		require.NoError(t, s.Update(t.Context(), "t", saving(taken)))
		require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error { return tx.Stock().Apply(ctx, units("tee", 100)) }))
		const callers = 40
		errs := crowd(t, s, callers, func(ctx context.Context, i int, tx storage.Tx) error {
			number := fmt.Sprint("B-", i)
			if i%10 == 3 {
				number = "A-1"
			}
			if i%10 == 7 {
				if err := tx.Stock().Apply(ctx, units("tee", -1000)); err != nil {
					return err
				}
			}
			return errors.Join(tx.Orders().Save(ctx, smallOrder(number)), tx.Stock().Apply(ctx, units("tee", -1)))
		})
		kept := int64(0)
		for i, err := range errs {
			switch i % 10 {
			case 3:
				require.ErrorIs(t, err, order.ErrExists, i)
			case 7:
				require.ErrorIs(t, err, inventory.ErrStale, i)
				require.ErrorIs(t, err, storage.ErrConflict, i)
			default:
				require.NoError(t, err, i)
				kept++
			}
			require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
				_, found := tx.Orders().ByNumber(ctx, fmt.Sprint("B-", i))
				require.Equal(t, err == nil, found == nil, "%d: %v", i, found)
				return nil
			}))
		}
		require.Equal(t, 100-kept, free(t, s, "tee"))
	})
}

func TestDeltasOfAGroupAreJudgedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := grouped(t, b)
		errs := crowd(t, s, 64, func(ctx context.Context, i int, tx storage.Tx) error {
			qty := int64(-3)
			if i%2 == 0 {
				qty = 2
			}
			return tx.Stock().Apply(ctx, units("tee", qty))
		})
		sum := int64(0)
		for i, err := range errs {
			switch {
			case i%2 == 0:
				require.NoError(t, err)
				sum += 2
			case err == nil:
				sum -= 3
			default:
				require.ErrorIs(t, err, inventory.ErrStale)
			}
		}
		require.GreaterOrEqual(t, sum, int64(0))
		require.Equal(t, sum, free(t, s, "tee"))
	})
}

func TestEffectsOnAnAggregateKeepTheirOrderInGroups(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := grouped(t, b)
		const callers, each = 8, 6
		orders := make([]order.Order, callers)
		var wg sync.WaitGroup
		for i := range orders {
			orders[i] = smallOrder(fmt.Sprint("A-", i))
			wg.Go(func() {
				if err := s.Update(t.Context(), "t", saving(orders[i])); err != nil {
					t.Error(err)
					return
				}
				for n := range each {
					err := s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
						e := storage.Event{ID: uuid.Must(uuid.NewV7()), Aggregate: orders[i].ID.String(), Version: int64(n + 2), Kind: "bumped", At: noon}
						return errors.Join(bump(orders[i].ID)(ctx, tx), tx.Events().Append(ctx, []storage.Event{e}))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var log []storage.Event
		require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) (err error) {
			log, err = tx.Events().Since(ctx, 0, 1000)
			return err
		}))
		require.Len(t, log, callers*each)
		last := map[string]int64{}
		for _, e := range log {
			require.Equal(t, max(last[e.Aggregate], 1)+1, e.Version, "the next event of an order")
			last[e.Aggregate] = e.Version
		}
	})
}

// A caller whose time is up does not wait for those before it, nor do its writes happen.
func TestACallerLeavesTheQueueWithItsContext(t *testing.T) {
	t.Parallel()
	db := host(t, "")
	s, err := sqlstore.Open(db, sqlstore.SQLite, sqlstore.GroupCommit())
	require.NoError(t, err)
	stuck, err := sqlstore.Open(db, sqlstore.SQLite)
	require.NoError(t, err)
	release := hold(t, db, stuck, "for the file") // what is committed now has to wait
	first := make(chan error, 1)
	go func() { first <- s.Update(t.Context(), "t", saving(smallOrder("A-1"))) }()
	time.Sleep(20 * time.Millisecond) // its flight has begun, or it waits too: both end alike
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Update(ctx, "t", saving(smallOrder("A-2"))), context.DeadlineExceeded)
	release()
	if err := <-first; err != nil { // it may have given up on the lock
		require.ErrorIs(t, err, storage.ErrConflict)
	}
	require.NoError(t, s.Update(t.Context(), "t", saving(smallOrder("A-3"))), "nobody who comes later waits for ever")
	require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.Orders().ByNumber(ctx, "A-2")
		require.ErrorIs(t, err, order.ErrNotFound)
		return nil
	}))
}

func TestAnUpdateThatReadsWhatItWroteIsNoMemberOfAGroup(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := grouped(t, b)
		errs := crowd(t, s, 16, func(ctx context.Context, i int, tx storage.Tx) error {
			o := smallOrder(fmt.Sprint("A-", i))
			if err := tx.Orders().Save(ctx, o); err != nil {
				return err
			}
			got, err := tx.Orders().ByNumber(ctx, o.Number)
			if err == nil && got.ID != o.ID {
				err = errors.New("another order")
			}
			return errors.Join(err, tx.Stock().Apply(ctx, units("tee", 1)))
		})
		require.NoError(t, errors.Join(errs...))
		require.EqualValues(t, 16, free(t, s, "tee"))
	})
}
