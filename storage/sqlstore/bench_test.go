package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
	"github.com/orderkit/oms/storage/storagetest"
)

func BenchmarkStore(b *testing.B) {
	storagetest.Bench(b, func(tb testing.TB) storage.Store { tb.Helper(); return newStore(tb) })
}

// Every benchmark below runs the store beside the floor of floor_test.go, in turn and on
// files of their own, and reports how often the floor's time the store takes.

func BenchmarkPlace(b *testing.B) {
	for _, past := range []int{1_000, 100_000} {
		if past > 1_000 && testing.Short() {
			continue // to make so many takes a minute
		}
		for _, goroutines := range []int{1, 8, 64} {
			if past > 1_000 && goroutines > 1 {
				continue
			}
			b.Run(fmt.Sprintf("past=%d/goroutines=%d", past, goroutines), func(b *testing.B) {
				ours, floor := newShop(b, past), newFloor(b, past)
				compare(b, goroutines, ours.place, floor.place)
			})
		}
	}
}

func BenchmarkGet(b *testing.B) {
	ours, floor := newShop(b, 1_000), newFloor(b, 1_000)
	for _, goroutines := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) { compare(b, goroutines, ours.get, floor.get) })
	}
}

func BenchmarkPage100(b *testing.B) {
	ours, floor := newShop(b, 1_000), newFloor(b, 1_000)
	for _, goroutines := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) { compare(b, goroutines, ours.page, floor.page100) })
	}
}

// compare measures two ways to do the same work.
func compare(b *testing.B, goroutines int, ours, floor func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour) // as the request of a host has a deadline
	defer cancel()
	each := max(1, 64/goroutines) // in turn, but not so soon that each finds the other's caches
	var spent [2]time.Duration
	var took [2][]time.Duration
	for b.Loop() {
		for i, work := range []func(context.Context) error{ours, floor} {
			start := time.Now()
			took[i] = append(took[i], together(ctx, b, goroutines, each, work)...)
			spent[i] += time.Since(start)
		}
	}
	ops := float64(b.N * goroutines * each)
	b.ReportMetric(0, "ns/op")
	for i, name := range []string{"ours", "floor"} {
		slices.Sort(took[i])
		b.ReportMetric(float64(spent[i].Microseconds())/ops, name+"-µs")
		b.ReportMetric(float64(took[i][len(took[i])/2].Microseconds()), name+"-p50-µs")
		b.ReportMetric(float64(took[i][len(took[i])*99/100].Microseconds()), name+"-p99-µs")
	}
	b.ReportMetric(float64(spent[0])/float64(spent[1]), "ratio")
	if goroutines == 1 { // where many wait, the median says who waits, not who works
		b.ReportMetric(float64(took[0][len(took[0])/2])/float64(took[1][len(took[1])/2]), "ratio-p50")
	}
}

func together(ctx context.Context, b *testing.B, goroutines, each int, work func(context.Context) error) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	run := func() {
		var mine []time.Duration
		for range each {
			start := time.Now()
			if err := work(ctx); err != nil {
				b.Error(err)
				return
			}
			mine = append(mine, time.Since(start))
		}
		mu.Lock()
		all = append(all, mine...)
		mu.Unlock()
	}
	if goroutines == 1 {
		run()
		return all
	}
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(run)
	}
	wg.Wait()
	return all
}

// shop is a store with 200 items in stock and some past orders.
type shop struct {
	store *sqlstore.Store
	like  order.Order // what every order looks like

	mu   sync.Mutex
	made int
	ids  []order.ID
}

const shopItems = 200

func newShop(tb testing.TB, past int) *shop {
	tb.Helper()
	return newShopIn(tb, newStore(tb), past)
}

func newShopIn(tb testing.TB, store *sqlstore.Store, past int) *shop {
	tb.Helper()
	s := &shop{store: store, like: sampleOrder(tb)}
	require.NoError(tb, s.store.Update(context.Background(), "t", func(ctx context.Context, tx storage.Tx) error {
		p := inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonOpening, At: noon}
		for i := range shopItems {
			if err := tx.Stock().PutItem(ctx, inventory.Item{ID: itemID(i), SKU: itemID(i), Name: "An item"}); err != nil {
				return err
			}
			p.Movements = append(p.Movements, inventory.Movement{
				Item: itemID(i), From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: inventory.MaxQty / 2,
			})
		}
		if err := tx.Stock().PutLocation(ctx, inventory.Location{ID: "ber", Name: "Berlin", Country: "DE"}); err != nil {
			return err
		}
		return tx.Stock().Apply(ctx, inventory.Changes{Posting: p})
	}))
	for past > 0 { // many in one transaction: only what is there afterwards matters
		n := min(past, 500)
		require.NoError(tb, s.store.Update(context.Background(), "t", func(ctx context.Context, tx storage.Tx) error {
			for range n {
				if err := s.placeIn(ctx, tx, s.next()); err != nil {
					return err
				}
			}
			return nil
		}))
		past -= n
	}
	return s
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func itemID(n int) string { return fmt.Sprintf("item-%04d", n%shopItems) }

// sampleOrder is a usual order: three lines, an address, shipping, a voucher.
func sampleOrder(tb testing.TB) order.Order {
	tb.Helper()
	eur := order.MustCurrency("EUR")
	d := order.Draft{
		Channel: "web", Customer: "c-1", Currency: eur, TaxIncluded: true,
		Charges:   []order.DraftCharge{{Kind: order.Shipping, Title: "Standard", Price: order.MustMoney("4.90", "EUR"), TaxRate: decimal.RequireFromString("0.19")}},
		Discounts: []order.Discount{{Code: "SPRING", Title: "Spring sale", Percent: decimal.NewFromInt(10)}},
		ShipTo: order.Address{
			Name: "Ada Lovelace", Street: []string{"Unter den Linden 1"}, City: "Berlin", PostalCode: "10117", Country: "DE", Email: "ada@example.org",
		},
	}
	for range 3 {
		d.Lines = append(d.Lines, order.DraftLine{
			Item: "item", SKU: "TEE-M-BLUE", Title: "T-shirt, medium, blue", Qty: 1, UnitPrice: decimal.RequireFromString("19.90"), TaxRate: decimal.RequireFromString("0.19"),
		})
	}
	o, err := order.New(order.ID{}, d, noon)
	require.NoError(tb, err)
	o.State, o.PlacedAt, o.Version = order.StatePlaced, noon, 1
	return o
}

// next is a new order of three items.
func (s *shop) next() order.Order {
	o := s.like
	o.ID = order.ID{UUID: uuid.Must(uuid.NewV7())}
	s.mu.Lock()
	s.made++
	n := s.made
	s.ids = append(s.ids, o.ID)
	s.mu.Unlock()
	o.Number, o.Customer = fmt.Sprint("A-", n), fmt.Sprint("c-", n%100)
	o.Lines = slices.Clone(o.Lines)
	for i := range o.Lines {
		o.Lines[i].Item = itemID(n*7 + i*61)
		o.Lines[i].Counters = order.Counters{Ordered: 1, Reserved: 1}
	}
	return o
}

// place is one transaction: what placing an order of three lines reads and writes.
func (s *shop) place(ctx context.Context) error {
	o := s.next()
	return s.store.Update(ctx, "t", func(ctx context.Context, tx storage.Tx) error { return s.placeIn(ctx, tx, o) })
}

func (s *shop) placeIn(ctx context.Context, tx storage.Tx, o order.Order) error {
	need := inventory.Need{Now: noon}
	for i := range o.Lines {
		need.Items = append(need.Items, o.Lines[i].Item)
	}
	snap, err := tx.Stock().Load(ctx, need)
	if err != nil || len(snap.Balances) != 3 {
		return fmt.Errorf("%d balances: %w", len(snap.Balances), err)
	}
	id := o.ID.String()
	c := inventory.Changes{Posting: inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonReserve, Document: id, Actor: "shop", At: noon}}
	for i := range o.Lines {
		l := &o.Lines[i]
		c.Posting.Movements = append(c.Posting.Movements, inventory.Movement{
			Item: l.Item, From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Committed), Qty: 1,
		})
		c.Reservations = append(c.Reservations, inventory.Reservation{
			ReservationKey: inventory.ReservationKey{Owner: id, Line: l.No, Item: l.Item, Location: "ber"}, Committed: 1, Version: 1,
		})
	}
	if err := tx.Stock().Apply(ctx, c); err != nil {
		return err
	}
	if err := tx.Orders().Save(ctx, o); err != nil {
		return err
	}
	events := []storage.Event{
		{ID: uuid.Must(uuid.NewV7()), Aggregate: "order/" + id, Version: 1, Kind: "order.placed", At: noon, Actor: "shop", Data: placedData},
		{ID: uuid.Must(uuid.NewV7()), Aggregate: "order/" + id, Version: 1, Kind: "order.allocated", At: noon, Actor: "shop", Data: placedData},
	}
	if err := tx.Events().Append(ctx, events); err != nil {
		return err
	}
	return tx.Commands().Put(ctx, storage.Command{Key: "key-" + o.Number, Name: "orders.place", Hash: "2c26b46b68ffc68f", Result: id, At: noon})
}

var placedData = []byte(`{"number":"A-1","channel":"web","customer":"c-1","lines":3,"units":3,"total":{"amount":"58.63","currency":"EUR"}}`)

func (s *shop) get(ctx context.Context) error {
	s.mu.Lock()
	s.made++
	id := s.ids[s.made*7919%len(s.ids)]
	s.mu.Unlock()
	return s.store.View(ctx, "t", func(ctx context.Context, tx storage.Tx) error {
		o, err := tx.Orders().Get(ctx, id)
		if err == nil && len(o.Lines) != 3 {
			err = fmt.Errorf("%d lines", len(o.Lines))
		}
		return err
	})
}

func (s *shop) page(ctx context.Context) error {
	return s.store.View(ctx, "t", func(ctx context.Context, tx storage.Tx) error {
		page, err := tx.Orders().Page(ctx, order.Filter{Limit: 100})
		if err == nil && len(page) != 100 {
			err = fmt.Errorf("%d orders", len(page))
		}
		return err
	})
}

// newDB is an empty database in a file.
func newDB(tb testing.TB, options string) *sql.DB {
	tb.Helper()
	return openDB(tb, filepath.Join(tb.TempDir(), "oms.db"), options)
}

func openDB(tb testing.TB, file, options string) *sql.DB {
	tb.Helper()
	if !strings.Contains(options, "synchronous") { // of two, the driver decides which one counts
		options += "&_pragma=synchronous(NORMAL)"
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)"+options)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	db.SetMaxIdleConns(64)
	return db
}

func newStore(tb testing.TB) *sqlstore.Store {
	tb.Helper()
	db := newDB(tb, "&_pragma=busy_timeout(5000)")
	require.NoError(tb, sqlstore.Migrate(context.Background(), db, sqlstore.SQLite))
	s, err := sqlstore.Open(db, sqlstore.SQLite)
	require.NoError(tb, err)
	return s
}
