package memory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

var errUndo = errors.New("undo")

// model is what a tenant's items should be, by id, and the numbers taken. The items
// stand for tables with an order, the numbers for those without.
type model map[string]int64

// walker drives a tenant and the models side by side.
type walker struct {
	*rapid.T
	store *Store
	now   model
	views []opened
}

// opened is a View that has not ended, and what it should see.
type opened struct {
	x   *tx
	saw model
}

func (w *walker) key() string { return fmt.Sprint("k", rapid.IntRange(0, 12).Draw(w.T, "key")) }

// write puts or drops some rows in both tables, through savepoints too.
func (w *walker) write(ctx context.Context, x *tx, m model) model {
	for range rapid.IntRange(0, 6).Draw(w.T, "writes") {
		key := w.key()
		switch rapid.IntRange(0, 4).Draw(w.T, "deed") {
		case 0:
			x.tables.items.drop(x, key)
			x.tables.numbers.drop(x, key)
			delete(m, key)
		case 1:
			inner, keep := maps.Clone(m), rapid.Bool().Draw(w.T, "keep")
			err := x.Savepoint(ctx, func(ctx context.Context) error {
				inner = w.write(ctx, x, inner)
				w.same(x, inner)
				if !keep {
					return errUndo
				}
				return nil
			})
			if keep {
				require.NoError(w, err)
				m = inner
			} else {
				require.ErrorIs(w, err, errUndo)
			}
			w.same(x, m)
		default:
			n := x.seq
			x.tables.items.put(x, key, inventory.Item{ID: key, Safety: n})
			x.tables.numbers.put(x, key, order.ID{UUID: [16]byte{byte(n), byte(n >> 8)}})
			m[key] = n
		}
	}
	return m
}

// same fails unless the tables are, as x sees them, what the model says.
func (w *walker) same(x *tx, m model) {
	got := model{}
	x.tables.items.up(x, "", func(key *string, i *inventory.Item) bool {
		got[*key] = i.Safety
		return true
	})
	require.Equal(w, m, got, "up")
	down := model{}
	var keys []string
	x.tables.items.down(x, "z", func(key *string, i *inventory.Item) bool {
		down[*key] = i.Safety
		keys = append(keys, *key)
		return true
	})
	require.Equal(w, m, down, "down")
	slices.Reverse(keys)
	require.True(w, slices.IsSorted(keys))
	for n := range 13 {
		key := fmt.Sprint("k", n)
		safety, has := m[key]
		i, number := x.tables.items.get(x, key), x.tables.numbers.get(x, key)
		require.Equal(w, has, i != nil)
		require.Equal(w, has, number != nil)
		if has {
			require.Equal(w, safety, i.Safety)
			require.Equal(w, [2]byte{byte(safety), byte(safety >> 8)}, [2]byte(number.UUID[:2]))
		}
	}
}

func TestTablesAreWhatANaiveModelSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := &walker{T: rt, store: New(), now: model{}}
		require.NoError(t, w.store.Update(t.Context(), "", func(context.Context, storage.Tx) error { return nil }))
		tenant, _ := w.store.known("")
		rt.Repeat(map[string]func(*rapid.T){
			"update": func(*rapid.T) {
				next, keep := maps.Clone(w.now), rapid.Bool().Draw(rt, "commit")
				err := w.store.Update(t.Context(), "", func(ctx context.Context, s storage.Tx) error {
					next = w.write(ctx, s.(*tx), next)
					w.same(s.(*tx), next)
					if !keep {
						return errUndo
					}
					return nil
				})
				if keep {
					require.NoError(rt, err)
					w.now = next
				}
			},
			"view": func(*rapid.T) { w.views = append(w.views, opened{tenant.read(), maps.Clone(w.now)}) },
			"leave": func(rt *rapid.T) {
				if len(w.views) == 0 {
					return
				}
				i := rapid.IntRange(0, len(w.views)-1).Draw(rt, "view")
				w.views[i].x.leave()
				w.views = slices.Delete(w.views, i, i+1)
			},
			"": func(*rapid.T) {
				for _, v := range w.views {
					w.same(v.x, v.saw)
				}
			},
		})
		for _, v := range w.views {
			v.x.leave()
		}
		require.NoError(rt, w.store.Update(t.Context(), "", put("last")))
		w.forgotten(tenant)
	})
}

func put(id string) func(context.Context, storage.Tx) error {
	return func(ctx context.Context, tx storage.Tx) error { return tx.Stock().PutItem(ctx, inventory.Item{ID: id}) }
}

// forgotten fails unless the tables hold what is current, and no past.
func (w *walker) forgotten(t *tenant) {
	require.Empty(w, t.unsettled)
	require.Empty(w, t.readers.open)
	require.Equal(w, len(w.now)+1, t.tables.items.tree.Len())
	require.Len(w, t.tables.numbers.hash, len(w.now))
	t.tables.items.tree.Scan(func(s *slot[string, inventory.Item]) bool {
		require.Nil(w, s.head.Load().prev)
		return true
	})
	for _, s := range t.tables.numbers.hash {
		require.Nil(w, s.head.Load().prev)
	}
}

func TestAListSharesNothingThatChanges(t *testing.T) {
	t.Parallel()
	var a list[int]
	for i := range 3*chunkLen + 1 {
		a.add(i)
	}
	b, c := a, a
	for i := range 2 * chunkLen { // c is forgotten, b goes on from the same place
		c.add(-i)
	}
	for i := range 2 * chunkLen {
		b.add(1000 + i)
	}
	require.Equal(t, 3*chunkLen+1, a.n)
	for i := range a.n {
		require.Equal(t, i, *a.at(i))
		require.Equal(t, i, *b.at(i))
	}
	for i := range 2 * chunkLen {
		require.Equal(t, 1000+i, *b.at(a.n + i))
	}
}

// The writer walks in room that it uses again, but never in that of a walk that goes on.
func TestWalksInsideWalksAreTheirOwn(t *testing.T) {
	t.Parallel()
	all := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	list := func(x *tx, inside func()) []string {
		var ids []string
		x.tables.items.up(x, "", func(id *string, _ *inventory.Item) bool {
			ids = append(ids, *id)
			inside()
			return true
		})
		return ids
	}
	require.NoError(t, New().Update(t.Context(), "", func(ctx context.Context, stx storage.Tx) error {
		for _, id := range all {
			require.NoError(t, stx.Stock().PutItem(ctx, inventory.Item{ID: id}))
		}
		x := stx.(*tx) //nolint:forcetypeassert // of this store
		require.Equal(t, all, list(x, func() {
			require.Equal(t, all, list(x, func() { require.Equal(t, all, list(x, func() {})) }))
			require.Equal(t, all, list(x, func() {}))
		}))
		return nil
	}))
}

// What is pulled from an iterator may end after the transaction, while others write.
func TestAnIteratorThatEndsLateDisturbsNobody(t *testing.T) {
	t.Parallel()
	store := New()
	put := func(ids ...string) {
		require.NoError(t, store.Update(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
			for _, id := range ids {
				require.NoError(t, tx.Stock().PutItem(ctx, inventory.Item{ID: id}))
			}
			return nil
		}))
	}
	put("a", "b", "c")
	var stop func()
	require.NoError(t, store.Update(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		var next func() (inventory.Item, error, bool)
		next, stop = iter.Pull2(tx.Stock().ListItems(ctx))
		first, err, ok := next()
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, "a", first.ID)
		return nil
	}))
	var late sync.WaitGroup
	require.NoError(t, store.Update(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		late.Go(stop)
		var ids []string
		for i, err := range tx.Stock().ListItems(ctx) {
			require.NoError(t, err)
			ids = append(ids, i.ID)
		}
		require.Equal(t, []string{"a", "b", "c"}, ids)
		return nil
	}))
	late.Wait()
}

// A posting larger than what the writer keeps is applied like any other.
func TestLargePostingsNeedNoRoomOfTheirOwn(t *testing.T) {
	t.Parallel()
	store := New()
	post := func(n int, qty int64) {
		p := inventory.Posting{ID: uuid.New(), Reason: inventory.ReasonOpening}
		for i := range n {
			p.Movements = append(p.Movements, inventory.Movement{
				Item: fmt.Sprint("i", i), From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: qty,
			})
		}
		require.NoError(t, store.Update(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
			return tx.Stock().Apply(ctx, inventory.Changes{Posting: p})
		}))
	}
	post(3, 1)
	post(keptLog+1, 10)
	post(2, 100)
	want := map[string]int64{"i0": 111, "i1": 111, "i2": 11, "i3": 10, fmt.Sprint("i", keptLog): 10}
	require.NoError(t, store.View(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		have := map[string]int64{}
		for b, err := range tx.Stock().ListBalances(ctx) {
			require.NoError(t, err)
			if _, ok := want[b.Item]; ok {
				have[b.Item] = b.Of(inventory.Free)
			}
		}
		require.Equal(t, want, have)
		return nil
	}))
	require.LessOrEqual(t, cap(first(store).rows), keptLog)
}

// first is the tenant without a name.
func first(s *Store) *tenant {
	t, _ := s.known("")
	return t
}
