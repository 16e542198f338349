package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/storage/sqlstore"
)

// BenchmarkServerPlace places orders on servers that wait for the disk. The floor sends
// the same rows with as few statements, by hand.
func BenchmarkServerPlace(b *testing.B) {
	for _, of := range []struct {
		name    string
		find    func(testing.TB) *engines.Database
		dialect sqlstore.Dialect
	}{{"postgres", engines.DurablePostgres, sqlstore.Postgres}, {"mysql", engines.DurableMySQL, sqlstore.MySQL}} {
		for _, goroutines := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/goroutines=%d", of.name, goroutines), func(b *testing.B) {
				open := func() *sql.DB {
					db := of.find(b).Open(b)
					db.SetMaxOpenConns(32)
					require.NoError(b, sqlstore.Migrate(context.Background(), db, of.dialect))
					return db
				}
				store, err := sqlstore.Open(open(), of.dialect)
				require.NoError(b, err)
				ours, floor := newShopIn(b, store, 1_000), newServerFloor(b, open(), of.dialect)
				for range 1_000 {
					require.NoError(b, floor.place(context.Background()))
				}
				compare(b, goroutines, ours.place, floor.place)
			})
		}
	}
}

// serverFloor does by hand what shop does by the store, on a server.
type serverFloor struct {
	db   *sql.DB
	made atomic.Int64

	load, command, order, lines, move, reservations, movements, events *sql.Stmt
}

func newServerFloor(tb testing.TB, db *sql.DB, d sqlstore.Dialect) *serverFloor {
	tb.Helper()
	prepare := func(text string) *sql.Stmt {
		if d == sqlstore.Postgres {
			for n := 1; strings.Contains(text, "?"); n++ {
				text = strings.Replace(text, "?", fmt.Sprint("$", n), 1)
			}
		}
		stmt, err := db.PrepareContext(context.Background(), text)
		require.NoError(tb, err, text)
		return stmt
	}
	(&floor{db: db}).stock(tb, d == sqlstore.Postgres)
	return &serverFloor{
		db: db,
		load: prepare(`SELECT i.id, i.sku, i.name, i.scale, i.untracked, i.backorder, i.safety, b.location, b.lot, b.free, b.soft, b.committed, b.picked, b.packed, b.qc, b.damaged, b.held,
			l.id, l.name, l.priority, l.lat, l.lng, l.country, l.inactive
			FROM oms_items i JOIN oms_stock_balances b ON b.tenant = i.tenant AND b.item = i.id JOIN oms_locations l ON l.tenant = b.tenant AND l.id = b.location WHERE i.tenant = ? AND i.id IN (?, ?, ?)`),
		command:      prepare(`INSERT INTO oms_commands (tenant, id, command, hash, result, at) VALUES ` + values(6)),
		order:        prepare(`INSERT INTO oms_orders (tenant, ` + floorOrderColumns + `) VALUES ` + values(18)),
		lines:        prepare(`INSERT INTO oms_order_lines (tenant, ` + floorLineColumns + `) VALUES ` + rowsOf(3, 31)),
		move:         prepare(`UPDATE oms_stock_balances SET free = free - ?, committed = committed + ? WHERE tenant = ? AND item = ? AND location = ? AND lot = ? AND free >= ? AND committed + ? <= 1000000000000`),
		reservations: prepare(`INSERT INTO oms_reservations (tenant, owner, line, item, location, lot, soft, committed, picked, packed, shipped, released, open_units, soft_until, version) VALUES ` + rowsOf(3, 15)),
		movements:    prepare(`INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty) VALUES ` + rowsOf(3, 14)),
		events:       prepare(`INSERT INTO oms_events (tenant, aggregate, version, id, seq, kind, at, actor, data) VALUES ` + rowsOf(2, 9)),
	}
}

func (f *serverFloor) place(ctx context.Context) error {
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

func (f *serverFloor) placeIn(ctx context.Context, tx *sql.Tx) error {
	n := int(f.made.Add(1))
	id, posting, number, at := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String(), fmt.Sprint("A-", n), noon.UnixMicro()
	event1, event2 := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	items := []string{itemID(n * 7), itemID(n*7 + 61), itemID(n*7 + 122)}
	if err := readStock(tx.StmtContext(ctx, f.load).QueryContext(ctx, "t", items[0], items[1], items[2])); err != nil {
		return err
	}
	var lines, reservations, movements []any
	for i, item := range items {
		lines = append(lines, "t", id, i+1, item, "TEE-M-BLUE", "T-shirt, medium, blue", "19.9", "0.19", 1, 0, 1990, 1505, 286, 1791,
			1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, floorShares, nil)
		reservations = append(reservations, "t", id, i+1, item, "ber", "", 0, 1, 0, 0, 0, 0, 1, nil, 1)
		movements = append(movements, "t", posting, i, "reserve", id, "shop", at, item, "", "ber", "free", "ber", "committed", 1)
	}
	slices.Sort(items) // rows are locked in the order of their keys
	steps := []func() (sql.Result, error){
		func() (sql.Result, error) {
			return tx.StmtContext(ctx, f.command).ExecContext(ctx, "t", "key-"+number, "orders.place", "2c26b46b68ffc68f", id, at)
		},
		func() (sql.Result, error) {
			return tx.StmtContext(ctx, f.order).ExecContext(ctx, "t", id, number, 1, "placed", "web", fmt.Sprint("c-", n%100), "EUR", 5863, 5863,
				"none", "none", "none", 0, nil, at, at, floorBody)
		},
		func() (sql.Result, error) { return tx.StmtContext(ctx, f.lines).ExecContext(ctx, lines...) },
	}
	for _, item := range items {
		steps = append(steps, func() (sql.Result, error) {
			return tx.StmtContext(ctx, f.move).ExecContext(ctx, 1, 1, "t", item, "ber", "", 1, 1)
		})
	}
	steps = append(steps,
		func() (sql.Result, error) {
			return tx.StmtContext(ctx, f.reservations).ExecContext(ctx, reservations...)
		},
		func() (sql.Result, error) { return tx.StmtContext(ctx, f.movements).ExecContext(ctx, movements...) },
		func() (sql.Result, error) {
			return tx.StmtContext(ctx, f.events).ExecContext(ctx, "t", "order/"+id, 1, event1, 0, "order.placed", at, "shop", string(placedData),
				"t", "order/"+id, 1, event2, 0, "order.allocated", at, "shop", string(placedData))
		})
	for _, step := range steps {
		result, err := step()
		if err != nil {
			return err
		}
		if changed, err := result.RowsAffected(); err != nil || changed == 0 {
			return errors.Join(err, errors.New("not enough stock"))
		}
	}
	return nil
}
