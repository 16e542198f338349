package oms_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/shopspring/decimal"
	_ "modernc.org/sqlite" // the driver is the choice of the host

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/sqlstore"
)

// check ends the program on an error.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// The README shows this one; a test compares them.
func Example() {
	ctx := context.Background()
	kit := oms.New(memory.New()) // the same over your database: sqlstore.Open(db, sqlstore.SQLite)

	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "tee-m", Name: "T-shirt M"}))
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber", Name: "Berlin"}))
	_, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee-m", Location: "ber", Qty: 40, Ref: "po-17"})
	check(err)

	o, err := kit.Orders.Place(ctx, order.Draft{
		Number:   "A-1001",
		Currency: order.MustCurrency("EUR"),
		Lines:    []order.DraftLine{{Item: "tee-m", Qty: 2, UnitPrice: decimal.RequireFromString("19.90")}},
	}, oms.Key("checkout-8812")) // sent twice, placed once
	check(err)
	o, err = kit.Orders.Confirm(ctx, o.ID)
	check(err)
	work, err := kit.Fulfillment.OfOrder(ctx, o.ID) // one fulfillment order per location
	check(err)
	_, err = kit.Fulfillment.Ship(ctx, work[0].ID, nil) // everything, in one parcel
	check(err)

	stock, err := kit.Stock.Availability(ctx, "tee-m", "", "")
	check(err)
	differences, err := kit.Verify(ctx) // recompute everything from the logs
	check(err)
	fmt.Println(o.Number, o.State, o.Totals().Total, "|", stock, "|", len(differences), "differences")
	// Output:
	// A-1001 open 39.80 EUR | tee-m: 38 available to sell of 38 on hand = +38 free@ber | 0 differences
}

// stocked is an engine over a shop with ten tees and ten mugs in Berlin and five of each
// in Hamburg.
func stocked(options ...oms.Option) *oms.Engine {
	kit := oms.New(memory.New(), options...)
	check(fill(context.Background(), kit))
	return kit
}

func fill(ctx context.Context, kit *oms.Engine) error {
	return kit.Atomically(ctx, func(ctx context.Context, kit *oms.Engine) error {
		berlin, hamburg := inventory.Point{Lat: 52.52, Lng: 13.40}, inventory.Point{Lat: 53.55, Lng: 9.99}
		err := errors.Join(
			kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber", Priority: 1, At: &berlin}),
			kit.Stock.AddLocation(ctx, inventory.Location{ID: "ham", Priority: 2, At: &hamburg}),
		)
		for _, item := range []string{"tee", "mug"} {
			err = errors.Join(err, kit.Stock.AddItem(ctx, inventory.Item{ID: item}))
			for location, qty := range map[string]int64{"ber": 10, "ham": 5} {
				_, failed := kit.Stock.Receive(ctx, inventory.Receipt{Item: item, Location: location, Qty: qty})
				err = errors.Join(err, failed)
			}
		}
		return err
	})
}

// wants is a draft of one line at 10.00 EUR a piece.
func wants(number, item string, qty int64) order.Draft {
	return order.Draft{
		Number: number, Currency: order.MustCurrency("EUR"),
		Lines: []order.DraftLine{{Item: item, Qty: qty, UnitPrice: decimal.RequireFromString("10.00")}},
	}
}

func ExampleEngine_Atomically() {
	ctx := context.Background()
	kit := stocked()

	// A buyer replaces one order by another. The second is too big, so nothing happens at
	// all: the first stays as it was.
	old, err := kit.Orders.Place(ctx, wants("A-1", "tee", 9))
	check(err)
	err = kit.Atomically(ctx, func(ctx context.Context, kit *oms.Engine) error {
		if _, err := kit.Orders.Cancel(ctx, old.ID, order.CancelCustomer); err != nil {
			return err
		}
		_, err := kit.Orders.Place(ctx, wants("A-2", "tee", 99))
		return err
	})
	fmt.Println(err)

	old, err = kit.Orders.Get(ctx, old.ID)
	check(err)
	fmt.Println(old.Number, "is", old.State)
	// Output:
	// place order: inventory: not enough stock: item "tee" (line 1): want 99, have 15
	// A-1 is placed
}

func ExampleEngine_Preview() {
	ctx := context.Background()
	kit := stocked()
	free := func(kit *oms.Engine) int64 {
		a, err := kit.Stock.Availability(ctx, "tee", "", "")
		check(err)
		return a.ATS
	}

	preview, err := kit.Preview(ctx, func(ctx context.Context, kit *oms.Engine) error {
		o, err := kit.Orders.Place(ctx, wants("A-1", "tee", 12))
		if err != nil {
			return err
		}
		_, err = kit.Orders.Confirm(ctx, o.ID)
		fmt.Println(free(kit), "tees would be left")
		return err
	})
	check(err)
	for _, event := range preview.Events {
		fmt.Println(event.Kind)
	}
	fmt.Println(free(kit), "tees are there")
	// Output:
	// 3 tees would be left
	// order.placed
	// order.allocated
	// order.confirmed
	// fulfillment.opened
	// fulfillment.opened
	// 15 tees are there
}

// database opens an SQLite file with the tables of the library and one of the host.
func database(ctx context.Context) (db *sql.DB, remove func()) {
	dir, err := os.MkdirTemp("", "oms-")
	check(err)
	db, err = sql.Open("sqlite", "file:"+filepath.Join(dir, "shop.db")+"?_pragma=journal_mode(WAL)&_txlock=immediate")
	check(err)
	check(sqlstore.Migrate(ctx, db, sqlstore.SQLite))
	_, err = db.ExecContext(ctx, `CREATE TABLE invoices (number TEXT, total TEXT)`)
	check(err)
	return db, func() { check(errors.Join(db.Close(), os.RemoveAll(dir))) }
}

// The host's row and the order are one transaction: both commit, or neither.
func ExampleEngine_In() {
	ctx := context.Background()
	db, remove := database(ctx)
	defer remove()
	store, err := sqlstore.Open(db, sqlstore.SQLite)
	check(err)
	kit := oms.New(store)
	check(fill(ctx, kit))

	invoice := func(number string, bankAgrees bool) {
		tx, err := db.BeginTx(ctx, nil)
		check(err)
		defer func() { _ = tx.Rollback() }() // does nothing after a commit
		o, err := kit.In(sqlstore.Join(tx, sqlstore.SQLite)).Orders.Place(ctx, wants(number, "tee", 2))
		check(err)
		_, err = tx.ExecContext(ctx, `INSERT INTO invoices VALUES (?, ?)`, o.Number, o.Totals().Total.String())
		check(err)
		if bankAgrees {
			check(tx.Commit())
		}
	}
	invoice("A-1", false)
	invoice("A-2", true)

	for _, number := range []string{"A-1", "A-2"} {
		var invoices int
		check(db.QueryRowContext(ctx, `SELECT count(*) FROM invoices WHERE number = ?`, number).Scan(&invoices))
		_, err := kit.Orders.ByNumber(ctx, number)
		fmt.Println(number, "invoices:", invoices, "order:", err == nil)
	}
	// Output:
	// A-1 invoices: 0 order: false
	// A-2 invoices: 1 order: true
}

func ExampleEngine_Tenant() {
	ctx := context.Background()
	kit := oms.New(memory.New())
	acme, zeta := kit.Tenant("acme"), kit.Tenant("zeta")
	check(fill(ctx, acme))
	check(fill(ctx, zeta))

	// Numbers are unique within a tenant, so both may have an A-1.
	a, err := acme.Orders.Place(ctx, wants("A-1", "tee", 15))
	check(err)
	z, err := zeta.Orders.Place(ctx, wants("A-1", "tee", 1))
	check(err)
	fmt.Println(a.Totals().Total, z.Totals().Total)

	_, err = zeta.Orders.Get(ctx, a.ID)
	fmt.Println("zeta asks for the order of acme:", errors.Is(err, order.ErrNotFound))
	// Output:
	// 150.00 EUR 10.00 EUR
	// zeta asks for the order of acme: true
}

func ExampleKey() {
	ctx := context.Background()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	kit := stocked(oms.WithClock(func() time.Time { return noon }))

	first, err := kit.Orders.Place(ctx, wants("A-1", "tee", 2), oms.Key("checkout-8812"))
	check(err)
	again, err := kit.Orders.Place(ctx, wants("A-1", "tee", 2), oms.Key("checkout-8812"))
	check(err)
	fmt.Println("the same order:", first.ID == again.ID)

	_, err = kit.Orders.Place(ctx, wants("A-2", "mug", 1), oms.Key("checkout-8812"))
	fmt.Println(err)
	// Output:
	// the same order: true
	// place order: oms: idempotency key reused with other input: "checkout-8812" was used for place order at 2026-03-02T12:00:00Z; give every new command its own key
}

func ExampleOrders_Plan() {
	ctx := context.Background()
	kit := stocked()

	plan, err := kit.Orders.Plan(ctx, wants("", "tee", 12))
	check(err)
	fmt.Print(plan.Explain())
	// Output:
	// fewest_shipments: all 12 units from 2 locations
	// rule: fewest locations that cover the most units, then priority, then location id
	//   1. ber  chosen  priority 1  10 tee (line 1); no plan covers as much without it
	//   2. ham  chosen  priority 2  2 tee (line 1); no plan covers as much without it
	// search: proven, no better set exists; 2 sets of locations looked at
}

// Three socks were sold for 10.00 EUR, which no cent divides by three. Whatever comes back in
// whatever batches, the buyer gets exactly what was paid.
func ExampleReturns_Refund() {
	ctx := context.Background()
	kit := stocked()
	d := wants("A-1", "tee", 3)
	d.Discounts = []order.Discount{{Code: "SALE", Amount: order.MustMoney("20.00", "EUR")}}
	o, err := kit.Orders.Place(ctx, d)
	check(err)
	_, err = kit.Payments.Record(ctx, o.ID, order.Operation{Kind: order.Capture, Amount: o.Totals().Total})
	check(err)
	o, err = kit.Orders.Confirm(ctx, o.ID)
	check(err)
	work, err := kit.Fulfillment.OfOrder(ctx, o.ID)
	check(err)
	_, err = kit.Fulfillment.Ship(ctx, work[0].ID, nil)
	check(err)

	r, err := kit.Returns.Request(ctx, o.ID, []returns.Wanted{{Line: 1, Qty: 3, Reason: returns.TooSmall}}, "rma-1")
	check(err)
	_, err = kit.Returns.Approve(ctx, r.ID)
	check(err)
	one := []order.LineQty{{Line: 1, Qty: 1}}
	for range 3 {
		_, err = kit.Returns.Receive(ctx, r.ID, "ber", one)
		check(err)
		_, err = kit.Returns.Inspect(ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock}})
		check(err)
		_, err = kit.Returns.Refund(ctx, r.ID, oms.Payout{Units: one})
		check(err)
	}

	o, err = kit.Orders.Get(ctx, o.ID)
	check(err)
	for _, op := range o.Payments {
		fmt.Println(op.Kind, op.Amount)
	}
	fmt.Println("due", o.Books().Due)
	// Output:
	// capture 10.00 EUR
	// refund 3.33 EUR
	// refund 3.34 EUR
	// refund 3.33 EUR
	// due 0.00 EUR
}

// Somebody edits the stock by hand, past the ledger. The books tell.
func ExampleEngine_Verify() {
	ctx := context.Background()
	db, remove := database(ctx)
	defer remove()
	store, err := sqlstore.Open(db, sqlstore.SQLite)
	check(err)
	kit := oms.New(store)
	check(fill(ctx, kit))
	_, err = kit.Orders.Place(ctx, wants("A-1", "tee", 12))
	check(err)

	verify := func() {
		differences, err := kit.Verify(ctx)
		check(err)
		fmt.Println(len(differences), "differences")
		for _, d := range differences {
			fmt.Println(d)
		}
	}
	verify()
	_, err = db.ExecContext(ctx, `UPDATE oms_stock_balances SET free = free + 1 WHERE item = 'mug' AND location = 'ber'`)
	check(err)
	verify()
	// Output:
	// 0 differences
	// 1 differences
	// item "mug" at "ber": free is the sum of its movements: want 10, have 11
}

// A buyer in Hamburg is served from Hamburg, although Berlin has priority.
func ExampleWithStrategy() {
	ctx := context.Background()
	kit := stocked(oms.WithStrategy(allocation.Nearest()))

	d := wants("A-1", "tee", 6)
	d.ShipTo.At = &order.Point{Lat: 53.56, Lng: 10.00}
	plan, err := kit.Orders.Plan(ctx, d)
	check(err)
	for _, a := range plan.Assignments {
		fmt.Println(a.Location, "sends", a.Qty)
	}
	// Output:
	// ham sends 5
	// ber sends 1
}

// A shop engraves its mugs before they leave. Its own state says what may happen in it, and
// the engine asks for that, never for the name.
func ExampleWithOrderFlow() {
	ctx := context.Background()
	const engraving order.State = "engraving"
	flow, err := order.NewFlow(
		order.WithState(order.StateDef{Name: engraving, Class: order.ClassLive, Can: order.Cancellable | order.HoldsStock}),
		order.WithEdge("engrave", engraving, order.StateOpen),
		order.WithEdge("engraved", order.StateOpen, engraving),
		order.WithEdge(order.ActionCancel, order.StateCancelled, engraving),
	)
	check(err)
	kit := stocked(oms.WithOrderFlow(flow))

	o, err := kit.Orders.Place(ctx, wants("A-1", "mug", 2))
	check(err)
	_, err = kit.Orders.Confirm(ctx, o.ID)
	check(err)
	o, err = kit.Orders.Take(ctx, o.ID, "engrave")
	check(err)
	fmt.Println(o.State)

	work, err := kit.Fulfillment.OfOrder(ctx, o.ID)
	check(err)
	_, err = kit.Fulfillment.Ship(ctx, work[0].ID, nil)
	fmt.Println("ships meanwhile:", !errors.Is(err, order.ErrTransition))

	o, err = kit.Orders.Take(ctx, o.ID, "engraved")
	check(err)
	_, err = kit.Fulfillment.Ship(ctx, work[0].ID, nil)
	check(err)
	fmt.Println(o.State, "and shipped")
	// Output:
	// engraving
	// ships meanwhile: false
	// open and shipped
}

// The ledger of goods works alone, for a program that has orders of its own.
func ExampleStock() {
	ctx := context.Background()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	kit := oms.New(memory.New(), oms.WithClock(func() time.Time { return now }))
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "tee", Safety: 1}))
	_, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 10, Ref: "po-17"})
	check(err)

	// A cart holds three for a quarter of an hour. Afterwards they are free again, whether
	// or not anybody sweeps up.
	cart := []inventory.Hold{{Owner: "cart-7", Item: "tee", Location: "ber", Qty: 3, Until: now.Add(15 * time.Minute)}}
	_, err = kit.Stock.Reserve(ctx, cart)
	check(err)
	for range 2 {
		a, err := kit.Stock.Availability(ctx, "tee", "ber", "")
		check(err)
		fmt.Println(a)
		now = now.Add(time.Hour)
	}

	postings, err := kit.Stock.Postings(ctx, inventory.PostingFilter{Item: "tee"})
	check(err)
	for _, p := range postings {
		for _, m := range p.Movements {
			fmt.Println(p.Reason, m.Qty, m.From, "→", m.To)
		}
	}
	// Output:
	// tee: 6 available to sell of 10 on hand = +7 free@ber; -1 safety stock@ber
	// tee: 9 available to sell of 10 on hand = +7 free@ber; +3 expired holds@ber; -1 safety stock@ber
	// receipt 10 supplier → free@ber
	// reserve 3 free@ber → soft@ber
}

// Every event reaches the handler, in the order of its aggregate, also after a crash.
func ExampleEngine_Consumer() {
	ctx := context.Background()
	kit := oms.New(memory.New())
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "tee-m"}))
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	_, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee-m", Location: "ber", Qty: 40, Ref: "po-17"})
	check(err)

	index, err := kit.Consumer(delivery.Config{
		Name: "search-index",
		Handler: func(_ context.Context, _ storage.Tenant, e storage.Event) error {
			fmt.Println(e.Aggregate, e.Kind)
			return nil // an error would be tried again
		},
	})
	check(err)
	n, err := index.Drain(ctx) // a server calls delivery.Run(ctx, index) instead
	check(err)
	fmt.Println(n, "taken")
	// Unordered output:
	// location/ber stock.location_added
	// stock/tee-m stock.item_added
	// stock/tee-m stock.posted
	// 3 taken
}
