package oms_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

// Every benchmark does its work twice in the same run, in turns: once through the
// Engine, and once by hand-written code that touches the same rows under the same
// guards. It reports the Engine's ns/op and percentiles, and the ratio to that floor.

// benchItems is how many items the benchmarks spread their orders over.
const benchItems = 1000

// duel runs both sides in alternating rounds, so that a noisy machine is noisy for both.
func duel(b *testing.B, goroutines int, engine, floor func(i int) error) {
	b.Helper()
	const round = 64
	var took []time.Duration
	var engineTime, floorTime time.Duration
	b.ResetTimer()
	b.StopTimer()
	for done := 0; done < b.N; done += round {
		n := min(round, b.N-done)
		b.StartTimer()
		total, each := volley(b, goroutines, done, n, engine)
		b.StopTimer()
		engineTime += total
		took = append(took, each...)
		if floor != nil {
			total, _ = volley(b, goroutines, done, n, floor)
			floorTime += total
		}
	}
	slices.Sort(took)
	at := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) }
	b.ReportMetric(at(0.50), "p50-µs")
	b.ReportMetric(at(0.99), "p99-µs")
	b.ReportMetric(float64(b.N)/engineTime.Seconds(), "ops/s")
	if floor != nil {
		b.ReportMetric(float64(floorTime.Nanoseconds())/float64(b.N), "floor-ns/op")
		b.ReportMetric(engineTime.Seconds()/floorTime.Seconds(), "×floor")
	}
}

// volley runs n operations on a number of goroutines and times each.
func volley(b *testing.B, goroutines, from, n int, do func(i int) error) (time.Duration, []time.Duration) {
	b.Helper()
	each := make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range min(goroutines, n) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				start := time.Now()
				if err := do(from + i); err != nil {
					b.Error(err)
					return
				}
				each[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	return time.Since(began), each
}

var benchPrice = decimal.RequireFromString("19.90")

func benchItem(i int) string { return fmt.Sprintf("item-%04d", i%benchItems) }

// benchDraft is an order of three lines over three different items.
func benchDraft(i int) order.Draft {
	d := order.Draft{Currency: order.MustCurrency("EUR"), Customer: "c-1", Channel: "web"}
	for k := range 3 {
		d.Lines = append(d.Lines, order.DraftLine{Item: benchItem(i*7 + k*331), Qty: int64(k + 1), UnitPrice: benchPrice})
	}
	return d
}

// benchShop is an Engine over a store with stock of every item, and past orders.
func benchShop(b *testing.B, store storage.Store, past int) *oms.Engine {
	b.Helper()
	ctx := b.Context()
	kit := oms.New(store)
	require.NoError(b, kit.Atomically(ctx, func(ctx context.Context, kit *oms.Engine) error {
		if err := kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}); err != nil {
			return err
		}
		for i := range benchItems {
			if err := kit.Stock.AddItem(ctx, inventory.Item{ID: benchItem(i)}); err != nil {
				return err
			}
			if _, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: benchItem(i), Location: "ber", Qty: 1_000_000_000}); err != nil {
				return err
			}
		}
		return nil
	}))
	for done := 0; done < past; done += 500 {
		require.NoError(b, kit.Atomically(ctx, func(ctx context.Context, kit *oms.Engine) error {
			for i := range min(500, past-done) {
				if _, err := kit.Orders.Place(ctx, benchDraft(done+i)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return kit
}

func BenchmarkMemory(b *testing.B) {
	for _, past := range []int{1_000, 100_000} {
		if past > 1_000 && testing.Short() {
			continue // to make so many takes a minute
		}
		for _, goroutines := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("place/past=%d/goroutines=%d", past, goroutines), func(b *testing.B) {
				b.ReportAllocs()
				kit, floor := benchShop(b, memory.New(), past), newMapShop()
				duel(b, goroutines, func(i int) error {
					_, err := kit.Orders.Place(b.Context(), benchDraft(i))
					return err
				}, func(i int) error { return floor.place(benchDraft(i)) })
			})
		}
	}
	b.Run("reserve", func(b *testing.B) {
		b.ReportAllocs()
		kit, floor := benchShop(b, memory.New(), 0), newMapShop()
		until := time.Now().Add(time.Hour)
		duel(b, 1, func(i int) error {
			_, err := kit.Stock.Reserve(b.Context(), []inventory.Hold{{Owner: fmt.Sprint("cart-", i), Item: benchItem(i), Location: "ber", Qty: 1, Until: until}})
			return err
		}, func(i int) error { return floor.reserve(fmt.Sprint("cart-", i), benchItem(i), 1) })
	})
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		kit := benchShop(b, memory.New(), 1_000)
		ids := benchIDs(b, kit, 500)
		duel(b, 1, func(i int) error {
			_, err := kit.Orders.Get(b.Context(), ids[i%len(ids)])
			return err
		}, nil)
	})
}

func benchIDs(b *testing.B, kit *oms.Engine, n int) []order.ID {
	b.Helper()
	page, err := kit.Orders.Page(b.Context(), order.Filter{Limit: n})
	require.NoError(b, err)
	ids := make([]order.ID, len(page))
	for i := range page {
		ids[i] = page[i].ID
	}
	return ids
}

// mapShop is the floor in memory: what one would write in an afternoon, with the same
// rows (order, lines, balances, movements, reservations, events) and the same guard.
type mapShop struct {
	mu           sync.Mutex
	free         map[string]int64
	committed    map[string]int64
	orders       map[int]order.Draft
	reservations map[string]int64
	movements    []string
	events       []string
}

func newMapShop() *mapShop {
	s := &mapShop{free: map[string]int64{}, committed: map[string]int64{}, orders: map[int]order.Draft{}, reservations: map[string]int64{}}
	for i := range benchItems {
		s.free[benchItem(i)] = 1_000_000_000
	}
	return s
}

func (s *mapShop) place(d order.Draft) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range d.Lines {
		if s.free[l.Item] < l.Qty {
			return inventory.ErrShortage
		}
	}
	id := len(s.orders)
	for no, l := range d.Lines {
		s.free[l.Item] -= l.Qty
		s.committed[l.Item] += l.Qty
		s.reservations[fmt.Sprint(id, "/", no)] = l.Qty
		s.movements = append(s.movements, l.Item)
	}
	s.orders[id] = d
	s.events = append(s.events, "placed", "allocated")
	return nil
}

func (s *mapShop) reserve(owner, item string, qty int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free[item] < qty {
		return inventory.ErrShortage
	}
	s.free[item] -= qty
	s.committed[item] += qty
	s.reservations[owner] = qty
	s.movements = append(s.movements, item)
	return nil
}
