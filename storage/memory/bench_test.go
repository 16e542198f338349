package memory_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

const (
	benchItems  = 4000
	benchOrders = 20_000
)

// sale is what placing an order of three lines writes.
type sale struct {
	order   order.Order
	changes inventory.Changes
	events  []storage.Event
	command storage.Command
}

var benchTime = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func benchItem(n int) string { return fmt.Sprintf("item-%04d", n%benchItems) }

// benchID grows with n, like a version 7.
func benchID(n int) uuid.UUID {
	return uuid.UUID{1, 0x95, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 0x70, 7: byte(n * 31), 8: 0x80, 15: byte(n * 17)}
}

func benchSale(n int) sale {
	eur := order.MustCurrency("EUR")
	price := order.MustMoney("19.90", "EUR")
	id := benchID(n)
	s := sale{
		order: order.Order{
			ID: order.ID{UUID: id}, Number: fmt.Sprintf("A-%08d", n), Version: 1, State: order.StatePlaced, Channel: "web",
			Customer: fmt.Sprintf("customer-%d", n*7919%5000), Currency: eur, PlacedAt: benchTime, UpdatedAt: benchTime,
		},
		changes: inventory.Changes{Posting: inventory.Posting{
			ID: id, Reason: inventory.ReasonReserve, Document: "order/" + id.String(), Actor: "web", At: benchTime,
		}},
		command: storage.Command{Key: fmt.Sprintf("checkout-%x", n*2654435761%(1<<32)), Name: "orders.place", Hash: "9f86d081", Result: id.String(), At: benchTime},
	}
	for i := 1; i <= 3; i++ {
		item := benchItem(n*7919 + i*1013)
		s.order.Lines = append(s.order.Lines, order.Line{
			No: i, Item: item, SKU: item, Title: "Tee, medium", UnitPrice: decimal.New(1990, -2), TaxRate: decimal.Decimal{},
			Stocked: true, Amount: price, Net: price, Tax: order.Zero(eur), Total: price,
			Counters: order.Counters{Ordered: 1, Reserved: 1},
		})
		s.changes.Posting.Movements = append(s.changes.Posting.Movements, inventory.Movement{
			Item: item, From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Committed), Qty: 1,
		})
		s.changes.Reservations = append(s.changes.Reservations, inventory.Reservation{
			ReservationKey: inventory.ReservationKey{Owner: s.changes.Posting.Document, Line: i, Item: item, Location: "ber"},
			Committed:      1, Version: 1,
		})
	}
	for _, kind := range []string{"order.placed", "order.allocated"} {
		s.events = append(s.events, storage.Event{
			ID: id, Aggregate: s.changes.Posting.Document, Version: 1, Kind: kind, At: benchTime, Actor: "web",
			Data: json.RawMessage(`{"number":"A-00000001","channel":"web","lines":3,"units":3,"total":{"amount":"59.70","currency":"EUR"}}`),
		})
	}
	return s
}

func (s *sale) save(ctx context.Context, tx storage.Tx) error {
	if err := tx.Orders().Save(ctx, s.order); err != nil {
		return err
	}
	if err := tx.Stock().Apply(ctx, s.changes); err != nil {
		return err
	}
	if err := tx.Events().Append(ctx, s.events); err != nil {
		return err
	}
	return tx.Commands().Put(ctx, s.command)
}

// benchStore has items in stock, and past orders.
func benchStore(tb testing.TB, orders int) *memory.Store {
	tb.Helper()
	store := memory.New()
	opening := inventory.Posting{ID: benchID(0), Reason: inventory.ReasonOpening, At: benchTime}
	for i := range benchItems {
		opening.Movements = append(opening.Movements, inventory.Movement{
			Item: benchItem(i), From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: inventory.MaxQty,
		})
	}
	require.NoError(tb, store.Update(tb.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		for i := range benchItems {
			if err := tx.Stock().PutItem(ctx, inventory.Item{ID: benchItem(i)}); err != nil {
				return err
			}
		}
		return tx.Stock().Apply(ctx, inventory.Changes{Posting: opening})
	}))
	for n := range orders {
		s := benchSale(n + 1)
		require.NoError(tb, store.Update(tb.Context(), "", s.save))
	}
	return store
}

// BenchmarkPlace writes an order of three lines, its posting of three movements with
// three balances and three reservations, two events and a key, among benchOrders others.
// x-floor is the time against that of [floor], which does no more than it must.
func BenchmarkPlace(b *testing.B) {
	store, bare := benchStore(b, benchOrders), newFloor()
	sales := make([]sale, b.N)
	for i := range sales {
		sales[i] = benchSale(benchOrders + i + 1)
	}
	b.ResetTimer()
	for i := range sales {
		bare.save(&sales[i])
	}
	least := b.Elapsed()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range sales {
		if err := store.Update(b.Context(), "", sales[i].save); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(least), "x-floor")
}

// floor keeps sales in maps under a mutex: no order of rows, no snapshots, no way back,
// no checks but that of stock.
type floor struct {
	mu           sync.Mutex
	orders       map[order.ID]order.Order
	numbers      map[string]order.ID
	customers    map[string][]order.ID
	balances     map[inventory.Key]*[2]int64
	reservations map[inventory.ReservationKey]inventory.Reservation
	postings     []inventory.Posting
	events       []storage.Event
	commands     map[string]storage.Command
}

func newFloor() *floor {
	f := &floor{
		orders: map[order.ID]order.Order{}, numbers: map[string]order.ID{}, customers: map[string][]order.ID{},
		balances:     map[inventory.Key]*[2]int64{},
		reservations: map[inventory.ReservationKey]inventory.Reservation{}, commands: map[string]storage.Command{},
	}
	for i := range benchItems {
		f.balances[inventory.Key{Item: benchItem(i), Location: "ber"}] = &[2]int64{inventory.MaxQty}
	}
	return f
}

func (f *floor) save(s *sale) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders[s.order.ID] = s.order.Clone()
	f.numbers[s.order.Number] = s.order.ID
	f.customers[s.order.Customer] = append(f.customers[s.order.Customer], s.order.ID)
	for _, r := range s.changes.Reservations {
		if b := f.balances[r.Balance()]; b[0] >= r.Committed {
			b[0], b[1] = b[0]-r.Committed, b[1]+r.Committed
		}
		f.reservations[r.ReservationKey] = r
	}
	p := s.changes.Posting
	p.Movements = slices.Clone(p.Movements)
	f.postings = append(f.postings, p)
	for _, e := range s.events {
		e.Data = slices.Clone(e.Data)
		f.events = append(f.events, e)
	}
	f.commands[s.command.Key] = s.command
}

// BenchmarkGet views one of benchOrders orders of three lines.
func BenchmarkGet(b *testing.B) {
	store := benchStore(b, benchOrders)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = (n + 7919) % benchOrders
		err := store.View(b.Context(), "", func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Orders().Get(ctx, order.ID{UUID: benchID(n + 1)})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
