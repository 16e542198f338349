package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage/sqlstore"
)

// The benchmarks below run the whole Engine, not the store alone, beside the same
// floors: pricing, planning, state machines and events are in the Engine's time, and
// the floor has nothing of the kind.

// engineShop is an Engine on a file of its own.
type engineShop struct {
	db   *sql.DB
	kit  *oms.Engine
	made int
}

func newEngineShop(tb testing.TB, options string, past int) *engineShop {
	tb.Helper()
	s := &engineShop{db: newDB(tb, "&_pragma=busy_timeout(5000)"+options)}
	require.NoError(tb, sqlstore.Migrate(context.Background(), s.db, sqlstore.SQLite))
	store, err := sqlstore.Open(s.db, sqlstore.SQLite)
	require.NoError(tb, err)
	s.kit = oms.New(store).Tenant("t")
	require.NoError(tb, s.kit.Atomically(context.Background(), func(ctx context.Context, kit *oms.Engine) error {
		if err := kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}); err != nil {
			return err
		}
		for i := range shopItems {
			if err := kit.Stock.AddItem(ctx, inventory.Item{ID: itemID(i)}); err != nil {
				return err
			}
			if _, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: itemID(i), Location: "ber", Qty: inventory.MaxQty / 2}); err != nil {
				return err
			}
		}
		return nil
	}))
	for s.made < past {
		require.NoError(tb, s.kit.Atomically(context.Background(), func(ctx context.Context, kit *oms.Engine) error {
			for range min(500, past-s.made) {
				if _, err := kit.Orders.Place(ctx, s.draft(s.next())); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return s
}

func (s *engineShop) next() int {
	s.made++
	return s.made
}

func (s *engineShop) draft(n int) order.Draft {
	d := order.Draft{Channel: "web", Customer: fmt.Sprint("c-", n%100), Currency: order.MustCurrency("EUR")}
	for i := range 3 {
		d.Lines = append(d.Lines, order.DraftLine{Item: itemID(n*7 + i*61), SKU: "TEE-M-BLUE", Title: "T-shirt, medium, blue", Qty: 1, UnitPrice: decimal.New(1990, -2)})
	}
	return d
}

func BenchmarkEnginePlace(b *testing.B) {
	for _, sync := range []string{"NORMAL", "FULL"} {
		for _, past := range []int{1_000, 100_000} {
			if past > 1_000 && testing.Short() {
				continue // to make so many takes a minute
			}
			for _, goroutines := range []int{1, 8, 64} {
				if past > 1_000 && (goroutines > 1 || sync == "FULL") {
					continue
				}
				b.Run(fmt.Sprintf("sync=%s/past=%d/goroutines=%d", sync, past, goroutines), func(b *testing.B) {
					pragma := "&_pragma=synchronous(" + sync + ")"
					ours, floor := newEngineShop(b, pragma, past), newFloorOn(b, pragma, past)
					requireSynchronous(b, ours.db, sync)
					requireSynchronous(b, floor.db, sync)
					numbers := make(chan int, 64)
					done := make(chan struct{})
					defer close(done)
					go func() {
						for n := ours.made + 1; ; n++ {
							select {
							case numbers <- n:
							case <-done:
								return
							}
						}
					}()
					compare(b, goroutines, func(ctx context.Context) error {
						n := <-numbers
						_, err := ours.kit.Orders.Place(ctx, ours.draft(n), oms.Key(fmt.Sprint("key-", n)))
						return err
					}, floor.place)
				})
			}
		}
	}
}

// requireSynchronous fails unless a connection of the pool syncs as it was told to.
func requireSynchronous(tb testing.TB, db *sql.DB, mode string) {
	tb.Helper()
	var have int
	require.NoError(tb, db.QueryRow("PRAGMA synchronous").Scan(&have))
	require.Equal(tb, map[string]int{"NORMAL": 1, "FULL": 2}[mode], have, "PRAGMA synchronous of a database opened with %s", mode)
}

// BenchmarkEngineShip ships whole orders of three lines in one parcel each.
func BenchmarkEngineShip(b *testing.B) {
	for _, past := range []int{0, 20_000} {
		b.Run(fmt.Sprintf("past=%d", past), func(b *testing.B) {
			ctx := context.Background()
			ours, hand := newEngineShop(b, "", past), newEngineShop(b, "", past)
			mine, his := ours.confirmed(b, b.N), hand.confirmed(b, b.N)
			floor := newShipFloor(b, hand.db)
			var spent [2]time.Duration
			b.ResetTimer()
			for i := range b.N {
				start := time.Now()
				_, err := ours.kit.Fulfillment.Ship(ctx, mine[i].ID, nil)
				require.NoError(b, err)
				spent[0] += time.Since(start)
				start = time.Now()
				require.NoError(b, floor.ship(ctx, his[i]))
				spent[1] += time.Since(start)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(spent[0].Microseconds())/float64(b.N), "ours-µs")
			b.ReportMetric(float64(spent[1].Microseconds())/float64(b.N), "floor-µs")
			b.ReportMetric(float64(spent[0])/float64(spent[1]), "ratio")
		})
	}
}

// confirmed makes n orders that wait to be shipped.
func (s *engineShop) confirmed(tb testing.TB, n int) []fulfillment.Order {
	tb.Helper()
	var out []fulfillment.Order
	for range n {
		o, err := s.kit.Orders.Place(context.Background(), s.draft(s.next()))
		require.NoError(tb, err)
		_, err = s.kit.Orders.Confirm(context.Background(), o.ID)
		require.NoError(tb, err)
		work, err := s.kit.Fulfillment.OfOrder(context.Background(), o.ID)
		require.NoError(tb, err)
		out = append(out, work[0])
	}
	return out
}

// shipFloor ships by hand: the same reads, rows and guards.
type shipFloor struct {
	db                                                                                 *sql.DB
	work, head, lines, held                                                            *sql.Stmt
	move, reserve, addMovements, saveWork, addShipment, saveOrder, saveLine, addEvents *sql.Stmt
}

func newShipFloor(tb testing.TB, db *sql.DB) *shipFloor {
	tb.Helper()
	prepare := func(text string) *sql.Stmt {
		stmt, err := db.Prepare(text)
		require.NoError(tb, err)
		return stmt
	}
	return &shipFloor{
		db:    db,
		work:  prepare(`SELECT order_id, version, body FROM oms_fulfillments WHERE tenant = ? AND id = ?`),
		head:  prepare(`SELECT ` + floorOrderColumns + ` FROM oms_orders WHERE tenant = ? AND id = ?`),
		lines: prepare(`SELECT ` + floorLineColumns + ` FROM oms_order_lines WHERE tenant = ? AND order_id = ? ORDER BY line_no`),
		held:  prepare(`SELECT line, item, location, lot, committed, version FROM oms_reservations WHERE tenant = ? AND owner = ?`),
		move:  prepare(`UPDATE oms_stock_balances SET committed = committed - ? WHERE tenant = ? AND item = ? AND location = ? AND lot = ? AND committed >= ?`),
		reserve: prepare(`UPDATE oms_reservations SET committed = 0, shipped = shipped + ?, open_units = 0, version = version + 1
			WHERE tenant = ? AND owner = ? AND line = ? AND item = ? AND location = ? AND lot = ? AND version = ?`),
		addMovements: prepare(`INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES ` + rowsOf(3, 14)),
		saveWork:     prepare(`UPDATE oms_fulfillments SET work = 'done', live = 0, version = version + 1, body = ? WHERE tenant = ? AND id = ? AND version = ?`),
		addShipment:  prepare(`INSERT INTO oms_shipments (tenant, id, order_id, fulfillment_id, location, state, version, body) VALUES ` + rowsOf(1, 8)),
		saveOrder:    prepare(`UPDATE oms_orders SET version = version + 1, fulfillment = 'full', updated_at = ?, body = ? WHERE tenant = ? AND id = ? AND version = ?`),
		saveLine:     prepare(`UPDATE oms_order_lines SET reserved = reserved - ?, shipped = shipped + ? WHERE tenant = ? AND order_id = ? AND line_no = ?`),
		addEvents:    prepare(`INSERT INTO oms_events (tenant, aggregate, version, id, seq, kind, at, actor, data) VALUES ` + rowsOf(2, 9)),
	}
}

func (f *shipFloor) ship(ctx context.Context, fo fulfillment.Order) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := f.shipIn(ctx, tx, fo); err != nil {
		return err
	}
	return tx.Commit()
}

func (f *shipFloor) shipIn(ctx context.Context, tx *sql.Tx, fo fulfillment.Order) error {
	var id, body string
	var version int64
	if err := tx.StmtContext(ctx, f.work).QueryRowContext(ctx, "t", fo.ID.String()).Scan(&id, &version, &body); err != nil {
		return err
	}
	var o floorOrder
	if err := tx.StmtContext(ctx, f.head).QueryRowContext(ctx, "t", id).Scan(o.columns()...); err != nil {
		return err
	}
	if _, err := readFloorLines(tx.StmtContext(ctx, f.lines).QueryContext(ctx, "t", id)); err != nil {
		return err
	}
	if err := f.takeStock(ctx, tx, id); err != nil {
		return err
	}
	at := time.Now().UnixMicro()
	if err := one(tx.StmtContext(ctx, f.saveWork).ExecContext(ctx, body, "t", fo.ID.String(), version)); err != nil {
		return err
	}
	if err := one(tx.StmtContext(ctx, f.addShipment).ExecContext(ctx, "t", uuid.Must(uuid.NewV7()).String(), id, fo.ID.String(), "ber", "shipped", 1, body)); err != nil {
		return err
	}
	if err := one(tx.StmtContext(ctx, f.saveOrder).ExecContext(ctx, at, o.body, "t", id, o.version)); err != nil {
		return err
	}
	for line := range 3 {
		if err := one(tx.StmtContext(ctx, f.saveLine).ExecContext(ctx, 1, 1, "t", id, line+1)); err != nil {
			return err
		}
	}
	posting := uuid.Must(uuid.NewV7()).String()
	var movements []any
	for i, l := range fo.Lines {
		movements = append(movements, "t", posting, i, "ship", o.number, "", at, l.Item, "", "ber", "committed", "", "customer", 1)
	}
	if _, err := tx.StmtContext(ctx, f.addMovements).ExecContext(ctx, movements...); err != nil {
		return err
	}
	_, err := tx.StmtContext(ctx, f.addEvents).ExecContext(ctx,
		"t", "order/"+id, o.version+1, uuid.Must(uuid.NewV7()).String(), 0, "shipment.packed", at, "", string(placedData),
		"t", "order/"+id, o.version+1, uuid.Must(uuid.NewV7()).String(), 0, "shipment.shipped", at, "", string(placedData))
	return err
}

// takeStock reads the reservations of an order and consumes them.
func (f *shipFloor) takeStock(ctx context.Context, tx *sql.Tx, id string) error {
	type reservation struct {
		item, location, lot      string
		line, committed, version int64
	}
	rows, err := tx.StmtContext(ctx, f.held).QueryContext(ctx, "t", "order/"+id)
	if err != nil {
		return err
	}
	var held []reservation
	for rows.Next() {
		var r reservation
		if err := rows.Scan(&r.line, &r.item, &r.location, &r.lot, &r.committed, &r.version); err != nil {
			return errors.Join(err, rows.Close())
		}
		held = append(held, r)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, r := range held {
		if err := one(tx.StmtContext(ctx, f.move).ExecContext(ctx, r.committed, "t", r.item, r.location, r.lot, r.committed)); err != nil {
			return err
		}
		if err := one(tx.StmtContext(ctx, f.reserve).ExecContext(ctx, r.committed, "t", "order/"+id, r.line, r.item, r.location, r.lot, r.version)); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf is the list of rows of an INSERT.
func rowsOf(rows, columns int) string {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	return row + strings.Repeat(", "+row, rows-1)
}

// one refuses a statement that did not change exactly one row.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, fmt.Errorf("%d rows changed", n))
	}
	return nil
}
