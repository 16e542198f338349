package memory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

var errOops = errors.New("oops")

func update(t *testing.T, s storage.Store, fn func(context.Context, storage.Tx) error) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), "", fn))
}

func view(t *testing.T, s storage.Store, fn func(context.Context, storage.Tx)) {
	t.Helper()
	require.NoError(t, s.View(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		fn(ctx, tx)
		return nil
	}))
}

// items lists the ids of all items.
func items(ctx context.Context, t *testing.T, tx storage.Tx) []string {
	t.Helper()
	var ids []string
	for i, err := range tx.Stock().ListItems(ctx) {
		require.NoError(t, err)
		ids = append(ids, i.ID)
	}
	return ids
}

func put(ids ...string) func(context.Context, storage.Tx) error {
	return func(ctx context.Context, tx storage.Tx) error {
		for _, id := range ids {
			if err := tx.Stock().PutItem(ctx, inventory.Item{ID: id}); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestViewSeesOneSnapshotWhateverIsCommitted(t *testing.T) {
	t.Parallel()
	store := benchStore(t, 3)
	s := benchSale(1)
	read := func(ctx context.Context, tx storage.Tx) (o order.Order, free int64, events, postings int) {
		o, err := tx.Orders().Get(ctx, s.order.ID)
		require.NoError(t, err)
		stock, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{s.order.Lines[0].Item}})
		require.NoError(t, err)
		log, err := tx.Events().Since(ctx, 0, 100)
		require.NoError(t, err)
		for _, err := range tx.Stock().ListPostings(ctx, inventory.PostingFilter{}) {
			require.NoError(t, err)
			postings++
		}
		return o, stock.Balances[0].Of(inventory.Free), len(log), postings
	}
	write := func() { // an order more, and the first one changed
		update(t, store, func(ctx context.Context, tx storage.Tx) error {
			o, err := tx.Orders().Get(ctx, s.order.ID)
			require.NoError(t, err)
			o.Version, o.Customer, o.State = o.Version+1, fmt.Sprint("c-", o.Version), order.StateOpen
			more := benchSale(int(100 + o.Version))
			more.changes.Posting.Movements = append(more.changes.Posting.Movements, s.changes.Posting.Movements[0])
			require.NoError(t, more.save(ctx, tx))
			return tx.Orders().Save(ctx, o)
		})
	}
	view(t, store, func(ctx context.Context, tx storage.Tx) {
		before, free, events, postings := read(ctx, tx)
		for range 3 {
			write()
			o, f, e, p := read(ctx, tx)
			require.Equal(t, before, o)
			require.Equal(t, []int64{free, int64(events), int64(postings)}, []int64{f, int64(e), int64(p)})
			page, err := tx.Orders().Page(ctx, order.Filter{Customer: before.Customer, States: []order.State{before.State}})
			require.NoError(t, err)
			require.Equal(t, []order.Order{before}, page)
			page, err = tx.Orders().Page(ctx, order.Filter{States: []order.State{order.StateOpen}})
			require.NoError(t, err)
			require.Empty(t, page)
		}
	})
	view(t, store, func(ctx context.Context, tx storage.Tx) {
		o, free, events, postings := read(ctx, tx)
		require.EqualValues(t, 4, o.Version)
		require.Equal(t, order.StateOpen, o.State)
		require.Equal(t, int64(inventory.MaxQty-4), free)
		require.Equal(t, 12, events)
		require.Equal(t, 7, postings)
	})
}

func TestViewDoesNotWaitForTheWriter(t *testing.T) {
	t.Parallel()
	store := memory.New()
	update(t, store, put("a"))
	update(t, store, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, put("b")(ctx, tx))
		view(t, store, func(ctx context.Context, tx storage.Tx) { //nolint:contextcheck // of a reader beside it
			require.Equal(t, []string{"a"}, items(ctx, t, tx))
		})
		require.Equal(t, []string{"a", "b"}, items(ctx, t, tx))
		return nil
	})
}

func TestTheContextEndsTheWaitForTheWriter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		update(t, store, func(context.Context, storage.Tx) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			err := store.Update(ctx, "", func(context.Context, storage.Tx) error { //nolint:contextcheck // of another writer
				return errors.New("two writers at once")
			})
			require.ErrorIs(t, err, context.DeadlineExceeded)
			return nil
		})
		update(t, store, put("a")) // who gave up is not in the way
	})
}

func TestWritersAreServedInTheOrderTheyCame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		var served []int
		var all sync.WaitGroup
		update(t, store, func(context.Context, storage.Tx) error {
			for n := range 10 {
				all.Go(func() { //nolint:contextcheck // of another writer
					update(t, store, func(context.Context, storage.Tx) error {
						served = append(served, n)
						return nil
					})
				})
				synctest.Wait() // it waits
			}
			return nil
		})
		all.Wait()
		require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, served)
	})
}

func TestWritersOfTwoTenantsDoNotMeet(t *testing.T) {
	t.Parallel()
	store := memory.New()
	update(t, store, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, put("a")(ctx, tx))
		return store.Update(t.Context(), "other", put("b")) //nolint:contextcheck // of another writer
	})
	view(t, store, func(ctx context.Context, tx storage.Tx) {
		require.Equal(t, []string{"a"}, items(ctx, t, tx))
	})
}

func TestAPanicRollsBackAndLetsTheNextWriterIn(t *testing.T) {
	t.Parallel()
	store := benchStore(t, 1)
	s := benchSale(2)
	require.PanicsWithValue(t, "oops", func() {
		_ = store.Update(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
			require.NoError(t, s.save(ctx, tx))
			panic("oops")
		})
	})
	update(t, store, s.save) // nothing of it is left to be in the way
}

func TestSavepointUndoesAPanicThatIsRecovered(t *testing.T) {
	t.Parallel()
	store := benchStore(t, 0)
	first, second := benchSale(1), benchSale(2)
	update(t, store, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, first.save(ctx, tx))
		require.PanicsWithValue(t, "oops", func() {
			_ = tx.Savepoint(ctx, func(ctx context.Context) error {
				require.NoError(t, second.save(ctx, tx))
				panic("oops")
			})
		})
		require.ErrorIs(t, tx.Savepoint(ctx, func(ctx context.Context) error {
			require.NoError(t, second.save(ctx, tx))
			return errOops
		}), errOops)
		return tx.Savepoint(ctx, func(ctx context.Context) error { return second.save(ctx, tx) })
	})
	view(t, store, func(ctx context.Context, tx storage.Tx) {
		log, err := tx.Events().Since(ctx, 0, 100)
		require.NoError(t, err)
		require.Len(t, log, 4)
		for i, e := range log {
			require.EqualValues(t, i+1, e.Seq)
		}
		p, err := tx.Stock().Posting(ctx, second.changes.Posting.ID)
		require.NoError(t, err)
		require.Equal(t, second.changes.Posting, p)
	})
}

func TestALoopSeesTheRowsThatItsBodyDoesNotTouch(t *testing.T) {
	t.Parallel()
	store := memory.New()
	var ids []string
	for i := range 1000 {
		ids = append(ids, fmt.Sprintf("item-%04d", i))
	}
	update(t, store, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, put(ids...)(ctx, tx))
		var seen []string
		for i, err := range tx.Stock().ListItems(ctx) {
			require.NoError(t, err)
			require.Empty(t, i.Name)
			seen = append(seen, i.ID)
			for _, id := range []string{i.ID, i.ID + "+", "a" + i.ID, "z" + i.ID} {
				require.NoError(t, tx.Stock().PutItem(ctx, inventory.Item{ID: id, Name: "later"}))
			}
		}
		require.Equal(t, ids, seen)
		require.Len(t, items(ctx, t, tx), 4*len(ids))
		return nil
	})
}

func TestEventsOfIsReadWhenItsLoopBegins(t *testing.T) {
	t.Parallel()
	store := benchStore(t, 0)
	s := benchSale(1)
	update(t, store, func(ctx context.Context, tx storage.Tx) error {
		events := tx.Events().Of(ctx, s.events[0].Aggregate)
		for range 100 {
			require.NoError(t, tx.Events().Append(ctx, s.events))
		}
		n := 0
		for e, err := range events {
			require.NoError(t, err)
			n++
			require.EqualValues(t, n, e.Seq)
		}
		require.Equal(t, 200, n)
		return nil
	})
}

// The data of events lies many to a block, which no caller and no rollback may write to.
func TestDataOfEventsStaysAsItWasAppended(t *testing.T) {
	t.Parallel()
	store := memory.New()
	var want []string
	buffer := make([]byte, 5000)
	add := func(ctx context.Context, tx storage.Tx, n int) string {
		text := strings.Repeat(string(rune('a'+n%26)), n)
		require.NoError(t, tx.Events().Append(ctx, []storage.Event{{ID: benchID(n), Aggregate: "stock/a", Kind: "stock.posted", At: benchTime, Data: buffer[:copy(buffer, text)]}}))
		return text
	}
	for n := 1; n <= len(buffer); n += 1 + n/10 {
		require.ErrorIs(t, store.Update(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
			add(ctx, tx, n+1)
			return errOops
		}), errOops)
		update(t, store, func(ctx context.Context, tx storage.Tx) error {
			want = append(want, add(ctx, tx, n))
			return nil
		})
	}
	clear(buffer)
	view(t, store, func(ctx context.Context, tx storage.Tx) {
		events, err := tx.Events().Since(ctx, 0, 1000)
		require.NoError(t, err)
		var got []string
		for i := range events {
			got = append(got, string(events[i].Data))
			clear(events[i].Data) // belongs to whoever read it
		}
		require.Equal(t, want, got)
		again, err := tx.Events().Since(ctx, 0, 1)
		require.NoError(t, err)
		require.Equal(t, want[0], string(again[0].Data))
	})
}

func TestALoopEndsWithItsTransaction(t *testing.T) {
	t.Parallel()
	store := memory.New()
	update(t, store, put("a"))
	var leaked storage.Tx
	view(t, store, func(_ context.Context, tx storage.Tx) { leaked = tx })
	for _, err := range leaked.Stock().ListItems(t.Context()) {
		require.ErrorIs(t, err, storage.ErrDone)
	}
	for _, err := range leaked.Stock().ListPostings(t.Context(), inventory.PostingFilter{}) {
		require.ErrorIs(t, err, storage.ErrDone)
	}
	require.ErrorIs(t, leaked.Savepoint(t.Context(), func(context.Context) error { return nil }), storage.ErrDone)
}

func TestAPageSizeThatNoPageHasIsRefused(t *testing.T) {
	t.Parallel()
	view(t, memory.New(), func(ctx context.Context, tx storage.Tx) {
		for _, limit := range []int{-1, order.MaxPage + 1} {
			_, err := tx.Orders().Page(ctx, order.Filter{Limit: limit})
			require.ErrorContains(t, err, "1 to 500")
			_, err = tx.Fulfillments().Page(ctx, fulfillment.Filter{Limit: limit})
			require.ErrorContains(t, err, "1 to 500")
			_, err = tx.Returns().Page(ctx, returns.Filter{Limit: limit})
			require.ErrorContains(t, err, "1 to 500")
		}
	})
}

func TestAnOrderThatChangesItsNumberIsFoundByTheNewOneOnly(t *testing.T) {
	t.Parallel()
	store := memory.New()
	o := benchSale(1).order
	old := o.Number
	update(t, store, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, tx.Orders().Save(ctx, o))
		o.Number, o.Version = "B-1", 2
		return tx.Orders().Save(ctx, o)
	})
	update(t, store, func(ctx context.Context, tx storage.Tx) error {
		found, err := tx.Orders().ByNumber(ctx, "B-1")
		require.NoError(t, err)
		require.Equal(t, o, found)
		_, err = tx.Orders().ByNumber(ctx, old)
		require.ErrorIs(t, err, order.ErrNotFound)
		next := benchSale(2).order
		next.Number = old // free again
		return tx.Orders().Save(ctx, next)
	})
}

func TestAReservationIsNotSavedTwiceAtOneVersion(t *testing.T) {
	t.Parallel()
	store := benchStore(t, 0)
	s := benchSale(1)
	twice := s.changes
	twice.Reservations = append(slices.Clone(twice.Reservations), twice.Reservations[0])
	err := store.Update(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		if err := tx.Stock().Apply(ctx, twice); !errors.Is(err, inventory.ErrStale) {
			return fmt.Errorf("not refused: %w", err)
		}
		return s.save(ctx, tx) // and nothing of it was applied
	})
	require.NoError(t, err)
}

// Readers of whatever moment find every unit somewhere, while units move.
func TestEverySnapshotIsConsistentWhileWritersCommit(t *testing.T) {
	t.Parallel()
	store := benchStore(t, 0)
	const sales = 300
	var all sync.WaitGroup
	for w := range 2 {
		all.Go(func() {
			for n := range sales {
				s := benchSale(1 + n*2 + w)
				update(t, store, s.save)
			}
		})
	}
	for range 2 {
		all.Go(func() {
			for last := 0; last < 2*sales; {
				view(t, store, func(ctx context.Context, tx storage.Tx) {
					last = consistent(ctx, t, tx)
				})
			}
		})
	}
	all.Wait()
}

// consistent fails unless the tables agree with each other, and counts the orders.
func consistent(ctx context.Context, t *testing.T, tx storage.Tx) int {
	t.Helper()
	events, err := tx.Events().Since(ctx, 0, 1<<20)
	require.NoError(t, err)
	var reserved, committed int64
	for b, err := range tx.Stock().ListBalances(ctx) {
		require.NoError(t, err)
		require.EqualValues(t, inventory.MaxQty, b.OnHand())
		committed += b.Of(inventory.Committed)
	}
	for r, err := range tx.Stock().ListReservations(ctx, inventory.ReservationFilter{}) {
		require.NoError(t, err)
		reserved += r.Committed
	}
	orders := 0
	for o, err := range order.Pages(order.Filter{}, func(f order.Filter) ([]order.Order, error) { return tx.Orders().Page(ctx, f) }) {
		require.NoError(t, err)
		orders++
		if orders%50 == 1 {
			byNumber, err := tx.Orders().ByNumber(ctx, o.Number)
			require.NoError(t, err)
			require.Equal(t, o, byNumber)
		}
	}
	require.EqualValues(t, 3*orders, committed)
	require.EqualValues(t, 3*orders, reserved)
	require.Len(t, events, 2*orders)
	return orders
}
