package pgxconn_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/stretchr/testify/require"
)

// floor does by hand, over pgx, what shop does by the store: the same rows and reads on
// the same schema, the writes of a command with its commit in one round trip. It makes no
// objects of what it reads. What the balances may not go below it leaves to the CHECKs of
// the table: what a program that needs exactly this could be written as.
type floor struct {
	pool     *pgxpool.Pool
	location func(item string) string
	past     int
	made     atomic.Int64
}

func newFloor(tb testing.TB, l load) *floor {
	tb.Helper()
	return &floor{pool: newPool(tb, l), past: past(tb), location: func(string) string { return "ber" }}
}

func (f *floor) addLocations(tb testing.TB, n int) {
	tb.Helper()
	addLocations(tb, f.pool, n)
	f.location = func(item string) string {
		var of int
		_, err := fmt.Sscanf(item, "item-%d", &of)
		require.NoError(tb, err)
		return fmt.Sprint("loc-", of%n)
	}
}

const floorBody = `{"tax_included":true,"charges":[{"kind":"shipping","title":"Standard","price":490,"tax_rate":"0.19","net":412,"tax":78,"total":490,"credited":0}],` +
	`"discounts":[{"code":"SPRING","title":"Spring sale","amount":null,"percent":"10","given":597}],` +
	`"ship_to":{"name":"Ada Lovelace","street":["Unter den Linden 1"],"city":"Berlin","postal_code":"10117","country":"DE","email":"ada@example.org"}}`

const floorData = `{"number":"A-1","channel":"web","customer":"c-1","lines":3,"units":3,"total":{"amount":"58.63","currency":"EUR"}}`

const (
	floorOrderColumns = `id, number, version, state, channel, customer, currency, total, due, payment, fulfillment, returns, on_hold, pay_by, placed_at, updated_at, body`
	floorLineColumns  = `order_id, line_no, item, sku, title, unit_price, tax_rate, stocked, backorder, amount, net, tax, total,
		ordered, unreserved, reserved, backordered, picked, packed, shipped, cancelled, delivered, return_open, returned, lost, restocked, written_off, refunded_units, shares, metadata`
)

// insert is an INSERT of some rows, all cells of it arguments.
func insert(table string, columns, rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " VALUES ")
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	return b.String() + ")"
}

var (
	floorRead = `SELECT i.id, i.sku, i.name, i.scale, i.untracked, i.backorder, i.safety, i.body, b.location, b.lot, b.free, b.soft, b.committed, b.picked, b.packed, b.qc, b.damaged, b.held,
		l.id, l.name, l.priority, l.lat, l.lng, l.country, l.inactive
		FROM oms_items i JOIN oms_stock_balances b ON b.tenant = i.tenant AND b.item = i.id JOIN oms_locations l ON l.tenant = b.tenant AND l.id = b.location WHERE i.tenant = $1 AND i.id IN ($2, $3, $4)`
	floorMove    = `UPDATE oms_stock_balances SET free = free - $1, committed = committed + $1 WHERE tenant = $2 AND item = $3 AND location = $4 AND lot = $5`
	addCommand   = insert("oms_commands", 6, 1)
	addOrder     = insert("oms_orders", 18, 1)
	addLines     = insert("oms_order_lines", 31, 3)
	addHolds     = insert("oms_reservations", 15, 3)
	addHold      = insert("oms_reservations", 15, 1)
	addMovements = insert("oms_stock_movements", 14, 3)
	addMovement  = insert("oms_stock_movements", 14, 1)
	addEvents    = insert("oms_events", 9, 2)
	addEvent     = insert("oms_events", 9, 1)
)

// sale is an order to place, as rows.
type sale struct {
	number, id, customer string
	items                [3]string
}

func (f *floor) sale() sale {
	n := int(f.made.Add(1))
	return sale{fmt.Sprint("A-", n), newID(), fmt.Sprint("c-", n%100), [3]string{itemID(n * 7), itemID(n*7 + 61), itemID(n*7 + 122)}}
}

func (f *floor) place(ctx context.Context) error {
	s := f.sale()
	if err := f.read(ctx, s.items); err != nil {
		return err
	}
	posting, at := newID(), noon.UnixMicro()
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(addCommand, "t", "key-"+s.number, "orders.place", "2c26b46b68ffc68f", s.id, at)
	b.Queue(addOrder, orderRow(s)...)
	var lines, holds, movements []any
	for i, item := range s.items {
		lines = append(lines, lineRow(s, i, item)...)
		holds = append(holds, "t", s.id, i+1, item, f.location(item), "", 0, 1, 0, 0, 0, 0, 1, nil, 1)
		movements = append(movements, "t", posting, i, "reserve", s.id, "shop", at, item, "", f.location(item), "free", f.location(item), "committed", 1)
	}
	b.Queue(addLines, lines...)
	for _, item := range sorted(s.items) {
		b.Queue(floorMove, 1, "t", item, f.location(item), "")
	}
	b.Queue(addHolds, holds...)
	b.Queue(addMovements, movements...)
	b.Queue(addEvents, "t", "order/"+s.id, 1, newID(), 0, "order.placed", at, "shop", floorData, "t", "order/"+s.id, 1, newID(), 0, "order.allocated", at, "shop", floorData)
	b.Queue("commit")
	return f.pool.SendBatch(ctx, b).Close()
}

func orderRow(s sale) []any {
	at := noon.UnixMicro()
	return []any{"t", s.id, s.number, 1, "placed", "web", s.customer, "EUR", 5863, 5863, "none", "none", "none", 0, nil, at, at, floorBody}
}

func lineRow(s sale, i int, item string) []any {
	return []any{"t", s.id, i + 1, item, "TEE-M-BLUE", "T-shirt, medium, blue", "19.9", "0.19", 1, 0, 1990, 1505, 286, 1791, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "0:199", nil}
}

func sorted(items [3]string) [3]string {
	for _, p := range [][2]int{{0, 1}, {1, 2}, {0, 1}} {
		if items[p[0]] > items[p[1]] {
			items[p[0]], items[p[1]] = items[p[1]], items[p[0]]
		}
	}
	return items
}

// read reads the stock of three items.
func (f *floor) read(ctx context.Context, items [3]string) error {
	rows, err := f.pool.Query(ctx, floorRead, "t", items[0], items[1], items[2])
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text [8]string
		var numbers [14]int64
		var body *string
		var lat, lng *float64
		if err := rows.Scan(&text[0], &text[1], &text[2], &numbers[0], &numbers[1], &numbers[2], &numbers[3], &body, &text[3], &text[4],
			&numbers[4], &numbers[5], &numbers[6], &numbers[7], &numbers[8], &numbers[9], &numbers[10], &numbers[11],
			&text[5], &text[6], &numbers[12], &lat, &lng, &text[7], &numbers[13]); err != nil {
			return err
		}
	}
	return rows.Err()
}

// reserve takes one unit of the item that everybody wants.
func (f *floor) reserve(ctx context.Context) error {
	id, at, item := newID(), noon.UnixMicro(), "item-0000"
	if err := f.read(ctx, [3]string{item, item, item}); err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(floorMove, 1, "t", item, "ber", "")
	b.Queue(addHold, "t", id, 1, item, "ber", "", 0, 1, 0, 0, 0, 0, 1, nil, 1)
	b.Queue(addMovement, "t", newID(), 0, "reserve", id, "shop", at, item, "", "ber", "free", "ber", "committed", 1)
	b.Queue(addEvent, "t", "order/"+id, 1, newID(), 0, "stock.reserved", at, "shop", floorData)
	b.Queue("commit")
	return f.pool.SendBatch(ctx, b).Close()
}

const beginSnapshot = "begin isolation level repeatable read read only"

func (f *floor) get(ctx context.Context) error {
	id := pastID(1 + int(f.made.Add(1))*7919%f.past)
	b := &pgx.Batch{}
	b.Queue(beginSnapshot)
	n := 0
	b.Queue(`SELECT `+floorOrderColumns+` FROM oms_orders WHERE tenant = $1 AND id = $2`, "t", id).Query(func(rows pgx.Rows) error {
		_, err := readOrders(rows)
		return err
	})
	b.Queue(`SELECT `+floorLineColumns+` FROM oms_order_lines WHERE tenant = $1 AND order_id = $2 ORDER BY line_no`, "t", id).Query(func(rows pgx.Rows) (err error) {
		n, err = readLines(rows)
		return err
	})
	b.Queue("commit")
	if err := f.pool.SendBatch(ctx, b).Close(); err != nil || n != 3 {
		return fmt.Errorf("%d lines: %w", n, err)
	}
	return nil
}

func (f *floor) page(ctx context.Context) error {
	tx, err := f.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	rows, err := tx.Query(ctx, `SELECT `+floorOrderColumns+` FROM oms_orders WHERE tenant = $1 ORDER BY id DESC LIMIT 100`, "t")
	if err != nil {
		return err
	}
	all, err := readOrders(rows)
	if err != nil || len(all) != 100 {
		return fmt.Errorf("%d orders: %w", len(all), err)
	}
	rows, err = tx.Query(ctx, `SELECT `+floorLineColumns+` FROM oms_order_lines WHERE tenant = $1 AND order_id >= $2 AND order_id <= $3 ORDER BY order_id, line_no`, "t", all[99].id, all[0].id)
	if err != nil {
		return err
	}
	n, err := readLines(rows)
	if err == nil && n != 300 {
		err = fmt.Errorf("%d lines", n)
	}
	return err
}

type floorOrder struct {
	id, number, state, channel, customer, currency, payment, fulfillment, returns, body string
	version, total, due, hold                                                           int64
	payBy, placedAt, updatedAt                                                          *int64
}

func readOrders(rows pgx.Rows) ([]floorOrder, error) {
	defer rows.Close()
	var all []floorOrder
	for rows.Next() {
		var o floorOrder
		if err := rows.Scan(&o.id, &o.number, &o.version, &o.state, &o.channel, &o.customer, &o.currency, &o.total, &o.due, &o.payment, &o.fulfillment, &o.returns,
			&o.hold, &o.payBy, &o.placedAt, &o.updatedAt, &o.body); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, rows.Err()
}

type floorLine struct {
	order, item, sku, title, price, rate string
	no, stocked, backorder               int64
	amounts                              [4]int64
	counters                             [15]int64
	shares, metadata                     *string
}

func readLines(rows pgx.Rows) (int, error) {
	defer rows.Close()
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
