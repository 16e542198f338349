//nolint:sqlclosecheck // a transaction closes its statements
package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage/sqlstore"
)

// floor does by hand what shop does by the store: the same rows, guards and reads on
// the same schema, with statements that are prepared once. Each writes one row: for SQLite
// that is faster than several rows in one. It keeps nothing apart from the database and makes no objects of
// what it reads: what a program that needs exactly this could be written as.
type floor struct {
	db *sql.DB

	load, addOrder, addLines, move, addMovements, addReservations, addEvents, addCommand *sql.Stmt
	getOrder, getLines, page, pageLines                                                  *sql.Stmt

	mu   sync.Mutex
	made int
	ids  []string
}

const floorBody = `{"tax_included":true,"charges":[{"kind":"shipping","title":"Standard","price":490,"tax_rate":"0.19","net":412,"tax":78,"total":490,"credited":0}],` +
	`"discounts":[{"code":"SPRING","title":"Spring sale","amount":null,"percent":"10","given":597}],` +
	`"ship_to":{"name":"Ada Lovelace","street":["Unter den Linden 1"],"city":"Berlin","postal_code":"10117","country":"DE","email":"ada@example.org"}}`

const floorShares = "0:199"

const (
	floorOrderColumns = `id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body`
	floorLineColumns  = `order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total,
		ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata`
)

func values(columns int) string { return "(?" + strings.Repeat(", ?", columns-1) + ")" }

func newFloor(tb testing.TB, past int) *floor {
	tb.Helper()
	return newFloorOn(tb, "", past)
}

// newFloorOn is a floor on a database with further options.
func newFloorOn(tb testing.TB, options string, past int) *floor {
	tb.Helper()
	f := &floor{db: newDB(tb, "&_txlock=immediate&_pragma=busy_timeout(5000)"+options)}
	require.NoError(tb, sqlstore.Migrate(context.Background(), f.db, sqlstore.SQLite))
	prepare := func(text string) *sql.Stmt {
		stmt, err := f.db.PrepareContext(context.Background(), text)
		require.NoError(tb, err)
		return stmt
	}
	f.load = prepare(`SELECT i.id, i.sku, i.name, i.scale, i.untracked, i.backorder, i.safety, b.location, b.lot, b.free, b.soft, b.committed, b.picked, b.packed, b.qc, b.damaged, b.held,
		l.id, l.name, l.priority, l.lat, l.lng, l.country, l.inactive
		FROM oms_items i JOIN oms_stock_balances b ON b.tenant = i.tenant AND b.item = i.id JOIN oms_locations l ON l.tenant = b.tenant AND l.id = b.location WHERE i.tenant = ? AND i.id IN (?, ?, ?)`)
	f.addOrder = prepare(`INSERT INTO oms_orders (tenant, ` + floorOrderColumns + `) VALUES ` + values(18))
	f.addLines = prepare(`INSERT INTO oms_order_lines (tenant, ` + floorLineColumns + `) VALUES ` + values(31))
	f.move = prepare(`UPDATE oms_stock_balances SET free = free - ?, committed = committed + ? WHERE tenant = ? AND item = ? AND location = ? AND lot = ? AND free >= ? AND committed + ? <= 1000000000000`)
	f.addMovements = prepare(`INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES ` + values(14))
	f.addReservations = prepare(`INSERT INTO oms_reservations (tenant, owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version) VALUES ` + values(15))
	f.addEvents = prepare(`INSERT INTO oms_events (tenant, aggregate, version, id, seq, kind, at, actor, data) VALUES ` + values(9))
	f.addCommand = prepare(`INSERT INTO oms_commands (tenant, id, command, hash, result, at) VALUES ` + values(6))
	f.getOrder = prepare(`SELECT ` + floorOrderColumns + ` FROM oms_orders WHERE tenant = ? AND id = ?`)
	f.getLines = prepare(`SELECT ` + floorLineColumns + ` FROM oms_order_lines WHERE tenant = ? AND order_id = ? ORDER BY line_no`)
	f.page = prepare(`SELECT ` + floorOrderColumns + ` FROM oms_orders WHERE tenant = ? ORDER BY id DESC LIMIT 100`)
	f.pageLines = prepare(`SELECT ` + floorLineColumns + ` FROM oms_order_lines WHERE tenant = ? AND order_id >= ? AND order_id <= ? ORDER BY order_id, line_no`)
	f.stock(tb, false)
	for past > 0 {
		n := min(past, 500)
		tx, err := f.db.BeginTx(context.Background(), nil)
		require.NoError(tb, err)
		for range n {
			require.NoError(tb, f.placeIn(context.Background(), tx))
		}
		require.NoError(tb, tx.Commit())
		past -= n
	}
	return f
}

func (f *floor) stock(tb testing.TB, numbered bool) {
	tb.Helper()
	item, balance := `INSERT INTO oms_items (tenant, id, sku, name, scale, untracked, backorder, safety) VALUES ('t', ?, ?, 'An item', 0, 0, 0, 0)`, `INSERT INTO oms_stock_balances VALUES ('t', ?, 'ber', '', 500000000000, 0, 0, 0, 0, 0, 0, 0)`
	if numbered {
		item, balance = `INSERT INTO oms_items (tenant, id, sku, name, scale, untracked, backorder, safety) VALUES ('t', $1, $2, 'An item', 0, 0, 0, 0)`, `INSERT INTO oms_stock_balances VALUES ('t', $1, 'ber', '', 500000000000, 0, 0, 0, 0, 0, 0, 0)`
	}
	tx, err := f.db.BeginTx(context.Background(), nil)
	require.NoError(tb, err)
	for i := range shopItems {
		_, err = tx.ExecContext(context.Background(), item, itemID(i), itemID(i))
		require.NoError(tb, err)
		_, err = tx.ExecContext(context.Background(), balance, itemID(i))
		require.NoError(tb, err)
	}
	_, err = tx.ExecContext(context.Background(), `INSERT INTO oms_locations VALUES ('t', 'ber', 'Berlin', 0, NULL, NULL, 'DE', 0)`)
	require.NoError(tb, err)
	require.NoError(tb, tx.Commit())
}

func (f *floor) place(ctx context.Context) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := f.placeIn(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (f *floor) placeIn(ctx context.Context, tx *sql.Tx) error {
	id := uuid.Must(uuid.NewV7()).String()
	posting, event1, event2 := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	f.mu.Lock()
	f.made++
	n := f.made
	f.ids = append(f.ids, id)
	f.mu.Unlock()
	number, at := fmt.Sprint("A-", n), noon.UnixMicro()
	items := [3]string{itemID(n * 7), itemID(n*7 + 61), itemID(n*7 + 122)}

	if err := readStock(tx.StmtContext(ctx, f.load).QueryContext(ctx, "t", items[0], items[1], items[2])); err != nil {
		return err
	}
	if _, err := tx.StmtContext(ctx, f.addCommand).ExecContext(ctx, "t", "key-"+number, "orders.place", "2c26b46b68ffc68f", id, at); err != nil {
		return err
	}
	if _, err := tx.StmtContext(ctx, f.addOrder).ExecContext(ctx, "t", id, number, 1, "placed", "web", fmt.Sprint("c-", n%100), "EUR", 5863, 5863,
		"none", "none", "none", 0, nil, at, at, floorBody); err != nil {
		return err
	}
	addLine, addReservation := tx.StmtContext(ctx, f.addLines), tx.StmtContext(ctx, f.addReservations)
	for i, item := range items {
		if _, err := addLine.ExecContext(ctx, "t", id, i+1, item, "TEE-M-BLUE", "T-shirt, medium, blue", "19.9", "0.19", 1, 0, 1990, 1505, 286, 1791,
			1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, floorShares, nil); err != nil {
			return err
		}
	}
	move := tx.StmtContext(ctx, f.move)
	for _, item := range items {
		result, err := move.ExecContext(ctx, 1, 1, "t", item, "ber", "", 1, 1)
		if err != nil {
			return err
		}
		if moved, err := result.RowsAffected(); err != nil || moved != 1 {
			return errors.Join(err, errors.New("not enough stock"))
		}
	}
	for i, item := range items {
		if _, err := addReservation.ExecContext(ctx, "t", id, i+1, item, "ber", "", 0, 1, 0, 0, 0, 0, 1, nil, 1); err != nil {
			return err
		}
	}
	addMovement := tx.StmtContext(ctx, f.addMovements)
	for i, item := range items {
		if _, err := addMovement.ExecContext(ctx, "t", posting, i, "reserve", id, "shop", at, item, "", "ber", "free", "ber", "committed", 1); err != nil {
			return err
		}
	}
	addEvent := tx.StmtContext(ctx, f.addEvents)
	if _, err := addEvent.ExecContext(ctx, "t", "order/"+id, 1, event1, 0, "order.placed", at, "shop", string(placedData)); err != nil {
		return err
	}
	_, err := addEvent.ExecContext(ctx, "t", "order/"+id, 1, event2, 0, "order.allocated", at, "shop", string(placedData))
	return err
}

// readStock reads three balances.
func readStock(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	found := 0
	for ; rows.Next(); found++ {
		var id, sku, name, location, lot, locationID, locationName, country string
		var scale, untracked, backorder, safety, priority, inactive int64
		var units [8]int64
		var lat, lng sql.NullFloat64
		if err := rows.Scan(&id, &sku, &name, &scale, &untracked, &backorder, &safety, &location, &lot,
			&units[0], &units[1], &units[2], &units[3], &units[4], &units[5], &units[6], &units[7],
			&locationID, &locationName, &priority, &lat, &lng, &country, &inactive); err != nil {
			return err
		}
	}
	if found != 3 {
		return fmt.Errorf("%d balances", found)
	}
	return rows.Err()
}

// read runs fn in a transaction that reads.
func (f *floor) read(ctx context.Context, fn func(tx *sql.Tx) error) error {
	tx, err := f.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	return fn(tx)
}

func (f *floor) get(ctx context.Context) error {
	f.mu.Lock()
	f.made++
	id := f.ids[f.made*7919%len(f.ids)]
	f.mu.Unlock()
	return f.read(ctx, func(tx *sql.Tx) error {
		var o floorOrder
		if err := tx.StmtContext(ctx, f.getOrder).QueryRowContext(ctx, "t", id).Scan(o.columns()...); err != nil {
			return err
		}
		n, err := readFloorLines(tx.StmtContext(ctx, f.getLines).QueryContext(ctx, "t", id))
		if err == nil && n != 3 {
			err = fmt.Errorf("%d lines", n)
		}
		return err
	})
}

func (f *floor) page100(ctx context.Context) error {
	return f.read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.StmtContext(ctx, f.page).QueryContext(ctx, "t")
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		var all []floorOrder
		for rows.Next() {
			all = append(all, floorOrder{})
			if err := rows.Scan(all[len(all)-1].columns()...); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil || len(all) != 100 {
			return fmt.Errorf("%d orders: %w", len(all), err)
		}
		n, err := readFloorLines(tx.StmtContext(ctx, f.pageLines).QueryContext(ctx, "t", all[99].id, all[0].id))
		if err == nil && n != 300 {
			err = fmt.Errorf("%d lines", n)
		}
		return err
	})
}

type floorOrder struct {
	id, number, state, channel, customer, currency, payment, fulfillment, returns, body string
	version, total, due, hold                                                           int64
	payBy, placedAt, updatedAt                                                          sql.NullInt64
}

func (o *floorOrder) columns() []any {
	return []any{&o.id, &o.number, &o.version, &o.state, &o.channel, &o.customer, &o.currency, &o.total, &o.due, &o.payment, &o.fulfillment, &o.returns,
		&o.hold, &o.payBy, &o.placedAt, &o.updatedAt, &o.body}
}

type floorLine struct {
	order, item, sku, title, price, rate string
	no, stocked, backorder               int64
	amounts                              [4]int64
	counters                             [15]int64
	shares, metadata                     sql.NullString
}

func readFloorLines(rows *sql.Rows, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	var all []floorLine
	for rows.Next() {
		all = append(all, floorLine{})
		l := &all[len(all)-1]
		to := []any{&l.order, &l.no, &l.item, &l.sku, &l.title, &l.price, &l.rate, &l.stocked, &l.backorder}
		for i := range l.amounts {
			to = append(to, &l.amounts[i])
		}
		for i := range l.counters {
			to = append(to, &l.counters[i])
		}
		if err := rows.Scan(append(to, &l.shares, &l.metadata)...); err != nil {
			return 0, err
		}
	}
	return len(all), rows.Err()
}
