package oms_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver of the sqlite subtests

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/sqlstore"
)

// shop is an Engine at work in one test: over a store of its own, with a clock that
// the test turns.
type shop struct {
	*oms.Engine
	t     testing.TB
	ctx   context.Context
	store storage.Store
	db    *sql.DB // nil in memory
	clock *clock
}

// stores are the adapters that every test of the Engine runs on.
var stores = slices.DeleteFunc([]adapter{
	{"memory", func(testing.TB) (storage.Store, *sql.DB) { return memory.New(), nil }},
	{"sqlite", openSQLite},
	{"postgres", openServer(engines.Postgres, sqlstore.Postgres)},
	{"mysql", openServer(engines.MySQL, sqlstore.MySQL)},
}, func(a adapter) bool { return a.name != "memory" && !engines.Wanted(a.name) })

type adapter struct {
	name string
	open func(testing.TB) (storage.Store, *sql.DB)
}

func TestMain(m *testing.M) { os.Exit(engines.Main(m)) }

// openServer opens a database of its own on a server.
func openServer(find func(testing.TB) *engines.Database, d sqlstore.Dialect) func(testing.TB) (storage.Store, *sql.DB) {
	return func(tb testing.TB) (storage.Store, *sql.DB) {
		tb.Helper()
		db := find(tb).Open(tb)
		require.NoError(tb, sqlstore.Migrate(tb.Context(), db, d))
		store, err := sqlstore.Open(db, d)
		require.NoError(tb, err)
		return store, db
	}
}

// openSQLite opens a copy of a database that was migrated once.
func openSQLite(tb testing.TB) (storage.Store, *sql.DB) {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "oms.db")
	blank, err := blankSQLite()
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(file, blank, 0o600))
	db, err := sql.Open("sqlite", dsn(file)+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(10000)")
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	store, err := sqlstore.Open(db, sqlstore.SQLite)
	require.NoError(tb, err)
	return store, db
}

// dsn names a file to the driver, whatever is in its name.
func dsn(file string) string { return "file:" + (&url.URL{Path: file}).EscapedPath() }

// reopened is the database of the shop through another store, as another process has it.
func (s *shop) reopened() storage.Store {
	s.t.Helper()
	switch s.db.Driver().(type) {
	case *stdlib.Driver:
		return must(sqlstore.Open(s.db, sqlstore.Postgres))(s)
	case *mysql.MySQLDriver:
		return must(sqlstore.Open(s.db, sqlstore.MySQL))(s)
	}
	var no int
	var name, file string
	s.do(s.db.QueryRowContext(s.ctx, "PRAGMA database_list").Scan(&no, &name, &file))
	db := must(sql.Open("sqlite", dsn(file)))(s)
	s.t.Cleanup(func() { require.NoError(s.t, db.Close()) })
	return must(sqlstore.Open(db, sqlstore.SQLite))(s)
}

var blankSQLite = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "oms")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "blank.db")
	db, err := sql.Open("sqlite", dsn(file))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(sqlstore.Migrate(context.Background(), db, sqlstore.SQLite), db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// onStores runs a test as a subtest on every store: a shop that has two locations and
// four items, with stock of two of them. When the test ends the books must balance.
func onStores(t *testing.T, run func(s *shop), options ...oms.Option) {
	t.Helper()
	for _, st := range stores {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, st.open, options...)
			s.furnish()
			run(s)
			s.verify()
		})
	}
}

func newShop(tb testing.TB, open func(testing.TB) (storage.Store, *sql.DB), options ...oms.Option) *shop {
	tb.Helper()
	store, db := open(tb)
	c := &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	kit := oms.New(store, append([]oms.Option{oms.WithClock(c.read)}, options...)...)
	return &shop{Engine: kit, t: tb, ctx: tb.Context(), store: store, db: db, clock: c}
}

func (s *shop) furnish() {
	s.t.Helper()
	for _, i := range []inventory.Item{{ID: "tee"}, {ID: "mug"}, {ID: "book", Backorder: true}, {ID: "wrap", Untracked: true}} {
		s.do(s.Stock.AddItem(s.ctx, i))
	}
	for i, l := range []string{"ber", "ham"} {
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: l, Priority: i + 1}))
	}
	s.receive("tee", "ber", 10)
	s.receive("tee", "ham", 5)
	s.receive("mug", "ber", 10)
}

// with is the same shop seen through another Engine.
func (s *shop) with(ctx context.Context, k *oms.Engine) *shop {
	c := *s
	c.Engine, c.ctx = k, ctx
	return &c
}

// clock is the time of a shop. It stands still until it is turned.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// do fails the test unless a step of it worked.
func (s *shop) do(err error) {
	s.t.Helper()
	require.NoError(s.t, err)
}

// must is do for steps with a result.
func must[T any](v T, err error) func(*shop) T {
	return func(s *shop) T {
		s.t.Helper()
		require.NoError(s.t, err)
		return v
	}
}

var euro = order.MustCurrency("EUR")

func eur(amount string) order.Money { return money(amount, "EUR") }

func money(amount, currency string) order.Money {
	m, err := order.ParseMoney(amount, currency)
	if err != nil {
		panic(err) // a mistake in the test
	}
	return m
}

// line wants units of an item at 10.00 each.
func line(item string, qty int64) order.DraftLine {
	return order.DraftLine{Item: item, Qty: qty, UnitPrice: decimal.New(10, 0)}
}

func draft(lines ...order.DraftLine) order.Draft {
	return order.Draft{Currency: euro, Customer: "c-1", Channel: "web", Lines: lines}
}

func units(line int, qty int64) []order.LineQty { return []order.LineQty{{Line: line, Qty: qty}} }

func boxOf(contents ...order.LineQty) fulfillment.Parcel {
	return fulfillment.Parcel{Carrier: "dhl", Tracking: "jd-1", Grams: 500, Contents: contents}
}

func (s *shop) receive(item, location string, qty int64) {
	s.t.Helper()
	must(s.Stock.Receive(s.ctx, inventory.Receipt{Item: item, Location: location, Qty: qty, Ref: "po-1"}))(s)
}

func (s *shop) place(lines ...order.DraftLine) order.Order {
	s.t.Helper()
	return must(s.Orders.Place(s.ctx, draft(lines...)))(s)
}

// open places and confirms an order and gives the work it made.
func (s *shop) open(lines ...order.DraftLine) (order.Order, []fulfillment.Order) {
	s.t.Helper()
	o := must(s.Orders.Confirm(s.ctx, s.place(lines...).ID))(s)
	return o, s.work(o.ID)
}

// shipped opens an order of a tee at one location, has it paid and ships it.
func (s *shop) shipped(qty int64) order.Order {
	s.t.Helper()
	o, work := s.open(line("tee", qty))
	s.pay(o.ID)
	for _, fo := range work {
		must(s.Fulfillment.Ship(s.ctx, fo.ID, nil))(s)
	}
	return s.order(o.ID)
}

// pay captures all that is due.
func (s *shop) pay(id order.ID) order.Order {
	s.t.Helper()
	o := s.order(id)
	return must(s.Payments.Record(s.ctx, id, order.Operation{ID: "cap-1", Kind: order.Capture, Amount: o.Books().Due, Tender: "card"}))(s)
}

func (s *shop) order(id order.ID) order.Order {
	s.t.Helper()
	return must(s.Orders.Get(s.ctx, id))(s)
}

func (s *shop) work(id order.ID) []fulfillment.Order {
	s.t.Helper()
	return must(s.Fulfillment.OfOrder(s.ctx, id))(s)
}

// back requests and approves a return of units of line 1.
func (s *shop) back(id order.ID, qty int64) returns.Return {
	s.t.Helper()
	r := must(s.Returns.Request(s.ctx, id, []returns.Wanted{{Line: 1, Qty: qty, Reason: returns.Unwanted}}, "rma-1"))(s)
	return must(s.Returns.Approve(s.ctx, r.ID))(s)
}

// shelf reads the stock of an item at a location: "free 7 committed 3".
func (s *shop) shelf(item, location string) string {
	s.t.Helper()
	var sum inventory.Balance
	for _, b := range must(s.Stock.Balances(s.ctx, item))(s) {
		if b.Location == location {
			for _, st := range inventory.LocationStates() {
				sum.Set(st, sum.Of(st)+b.Of(st))
			}
		}
	}
	var out []string
	for _, st := range inventory.LocationStates() {
		if q := sum.Of(st); q != 0 {
			out = append(out, fmt.Sprintf("%s %d", st, q))
		}
	}
	return strings.Join(out, " ")
}

// free is how many units of an item may be promised to anybody.
func (s *shop) free(item string) int64 {
	s.t.Helper()
	return must(s.Stock.Availability(s.ctx, item, "", ""))(s).ATS
}

// places reads where the units of a line of an order are: "reserved 2 shipped 1".
func (s *shop) places(id order.ID, no int) string {
	s.t.Helper()
	o := s.order(id)
	l, ok := o.Line(no)
	require.True(s.t, ok)
	return nonZero([]string{
		"unreserved", "reserved", "backordered", "picked", "packed", "shipped", "cancelled",
		"delivered", "return_open", "returned", "restocked", "written_off", "refunded",
	}, l.Unreserved, l.Reserved, l.Backordered, l.Picked, l.Packed, l.Shipped, l.Cancelled,
		l.Delivered, l.ReturnOpen, l.Returned, l.Restocked, l.WrittenOff, l.RefundedUnits)
}

// desk reads how far a location is with a line: "in_progress open 1 picked 2".
func desk(fo fulfillment.Order, no int) string {
	l, ok := fo.Line(no)
	if !ok {
		return string(fo.Work) + " without it"
	}
	return strings.TrimSpace(string(fo.Work) + " " + nonZero([]string{"open", "picked", "packed", "shipped", "short", "cancelled"},
		l.Open(), l.Picked, l.Packed, l.Shipped, l.Short, l.Cancelled))
}

func nonZero(names []string, values ...int64) string {
	var out []string
	for i, v := range values {
		if v != 0 {
			out = append(out, fmt.Sprintf("%s %d", names[i], v))
		}
	}
	return strings.Join(out, " ")
}

// books reads the money of an order: "captured 20.00 refunded 10.00 due 0.00".
func (s *shop) books(id order.ID) string {
	s.t.Helper()
	o := s.order(id)
	b := o.Books()
	return fmt.Sprintf("captured %s refunded %s due %s", b.Captured.Amount().StringFixed(2), b.Refunded.Amount().StringFixed(2), b.Due.Amount().StringFixed(2))
}

// verify fails the test if the books do not balance.
func (s *shop) verify() {
	s.t.Helper()
	found, err := s.Verify(s.ctx)
	require.NoError(s.t, err)
	require.Empty(s.t, found, "the books balance")
}

// dump is everything that a tenant has, as text: whoever changes anything changes it.
func (s *shop) dump() string { return s.dumpOf("") }

func (s *shop) dumpOf(tenant storage.Tenant) string {
	s.t.Helper()
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetIndent("", " ")
	err := s.store.Update(context.WithoutCancel(s.t.Context()), tenant, func(ctx context.Context, tx storage.Tx) error { // events get their positions
		out.Reset()
		return errors.Join(dumpStock(ctx, tx, enc), dumpOrders(ctx, tx, enc), dumpPapers(ctx, tx, enc), dumpEvents(ctx, tx, enc))
	})
	require.NoError(s.t, err)
	return out.String()
}

func dumpStock(ctx context.Context, tx storage.Tx, enc *json.Encoder) error {
	var errs []error
	add := func(v any, err error) {
		wrote := enc.Encode(v)
		errs = append(errs, err, wrote)
	}
	for v, err := range tx.Stock().ListItems(ctx) {
		add(v, err)
	}
	for v, err := range tx.Stock().ListLocations(ctx) {
		add(v, err)
	}
	for v, err := range tx.Stock().ListLevels(ctx) {
		add(v, err)
	}
	for v, err := range tx.Stock().ListBalances(ctx) {
		add(fmt.Sprint(v), err)
	}
	for v, err := range tx.Stock().ListReservations(ctx, inventory.ReservationFilter{}) {
		add(v, err)
	}
	for v, err := range tx.Stock().ListPostings(ctx, inventory.PostingFilter{}) {
		add(v, err)
	}
	return errors.Join(errs...)
}

func dumpOrders(ctx context.Context, tx storage.Tx, enc *json.Encoder) error {
	orders, err := tx.Orders().Page(ctx, order.Filter{})
	errs := []error{err}
	add := func(v any, err error) {
		wrote := enc.Encode(v)
		errs = append(errs, err, wrote)
	}
	for _, o := range orders {
		add(o, nil)
		add(tx.Fulfillments().OfOrder(ctx, o.ID))
		add(tx.Fulfillments().ShipmentsOf(ctx, o.ID))
	}
	back, err := tx.Returns().Page(ctx, returns.Filter{})
	errs = append(errs, err)
	for _, r := range back {
		add(r, nil)
	}
	return errors.Join(errs...)
}

// papers are the kinds of documents that commands keep.
var papers = []string{"backorder", "backorder_turnstile", "count", "location_group", "purchase_order", "purchase_order_of", "serial", "serial_item", "serial_step", "supplier", "supply", "transfer"}

func dumpPapers(ctx context.Context, tx storage.Tx, enc *json.Encoder) error {
	var errs []error
	for _, kind := range papers {
		page, err := tx.Documents().List(ctx, kind, storage.DocumentFilter{})
		errs = append(errs, err)
		for _, d := range page {
			errs = append(errs, enc.Encode(d))
		}
	}
	return errors.Join(errs...)
}

func dumpEvents(ctx context.Context, tx storage.Tx, enc *json.Encoder) error {
	for after := int64(0); ; {
		page, err := tx.Events().Since(ctx, after, 100)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := enc.Encode(page); err != nil {
			return err
		}
		after = page[len(page)-1].Seq
	}
}

// same fails the test unless two results say the same. It compares their JSON, since a
// decimal zero has two forms in memory.
func (s *shop) same(want, got any) {
	s.t.Helper()
	w, g := must(json.Marshal(want))(s), must(json.Marshal(got))(s)
	require.JSONEq(s.t, string(w), string(g))
}

// refused fails the test unless a command answers with an error that matches, and
// leaves no trace.
func (s *shop) refused(want error, err error, before string) {
	s.t.Helper()
	require.ErrorIs(s.t, err, want)
	require.Equal(s.t, before, s.dump(), "a refused command leaves no trace")
}

// refuses runs a command that must be refused with an error that matches.
func (s *shop) refuses(want error, run func() error) {
	s.t.Helper()
	before := s.dump()
	s.refused(want, run(), before)
}

// unchanged runs a command that must work and do nothing.
func (s *shop) unchanged(run func() error) {
	s.t.Helper()
	before := s.dump()
	s.do(run())
	require.Equal(s.t, before, s.dump(), "a repeat does nothing: same version, no event, no posting")
}

// kinds lists the kinds of events.
func kinds(events []storage.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.Kind)
	}
	return out
}

// errOf drops the result of a command.
func errOf[T any](_ T, err error) error { return err }

// race runs n goroutines at once: how many got what they wanted, and why the others
// did not.
func race(n int, run func(i int) error) (won int, lost []error) {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = run(i)
		})
	}
	close(start)
	wg.Wait()
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			lost = append(lost, err)
		}
	}
	return won, lost
}
