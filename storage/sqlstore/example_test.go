package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// exampleDB is the host's database, in a folder that is removed at the end.
func exampleDB() (db *sql.DB, remove func()) {
	dir, err := os.MkdirTemp("", "oms")
	must(err)
	db, err = sql.Open("sqlite", "file:"+filepath.Join(dir, "shop.db")+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)")
	must(err)
	return db, func() { _, _ = db.Close(), os.RemoveAll(dir) }
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func ExampleOpen() {
	ctx := context.Background()
	db, remove := exampleDB()
	defer remove()
	must(sqlstore.Migrate(ctx, db, sqlstore.SQLite))
	store, err := sqlstore.Open(db, sqlstore.SQLite)
	must(err)
	err = store.Update(ctx, "acme", func(ctx context.Context, tx storage.Tx) error {
		return tx.Stock().PutItem(ctx, inventory.Item{ID: "tee-m", SKU: "TEE-M"})
	})
	fmt.Println(err)
	err = store.View(ctx, "acme", func(ctx context.Context, tx storage.Tx) error {
		for item, err := range tx.Stock().ListItems(ctx) {
			fmt.Println(item.ID, item.SKU, err)
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// <nil>
	// tee-m TEE-M <nil>
	// <nil>
}

func ExampleJoin() {
	ctx := context.Background()
	db, remove := exampleDB()
	defer remove()
	must(sqlstore.Migrate(ctx, db, sqlstore.SQLite))
	tx, err := db.BeginTx(ctx, nil) // the host's own
	must(err)
	store := sqlstore.Join(tx, sqlstore.SQLite)
	err = store.Update(ctx, "acme", func(ctx context.Context, tx storage.Tx) error {
		return tx.Commands().Put(ctx, storage.Command{Key: "checkout-8812"})
	})
	fmt.Println(err)
	err = store.Update(ctx, "acme", func(ctx context.Context, tx storage.Tx) error {
		return tx.Commands().Put(ctx, storage.Command{Key: "checkout-8812"})
	})
	fmt.Println("again:", errors.Is(err, storage.ErrConflict))
	fmt.Println(tx.Commit()) // what was refused is undone, the rest commits with the host's rows
	// Output:
	// <nil>
	// again: true
	// <nil>
}

func ExampleVersions() {
	ctx := context.Background()
	db, remove := exampleDB()
	defer remove()
	must(sqlstore.Migrate(ctx, db, sqlstore.SQLite, sqlstore.Prefix("shop_")))
	versions, err := sqlstore.Versions(ctx, db, sqlstore.SQLite, sqlstore.Prefix("shop_"))
	for _, v := range versions[:1] {
		fmt.Println(v.Number, v.Name, v.Applied, err)
	}
	// Output: 1 0001_init true <nil>
}

func ExampleSQL() {
	text, err := sqlstore.SQL(1, sqlstore.SQLite, sqlstore.Prefix("shop_"))
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "CREATE TABLE shop_") {
			fmt.Print(line)
		}
	}
	fmt.Println(err)
	// Output:
	// CREATE TABLE shop_orders (
	// CREATE TABLE shop_order_lines (
	// CREATE TABLE shop_items (
	// CREATE TABLE shop_locations (
	// CREATE TABLE shop_stock_balances (
	// CREATE TABLE shop_stock_movements (
	// CREATE TABLE shop_reservations (
	// CREATE TABLE shop_fulfillments (
	// CREATE TABLE shop_shipments (
	// CREATE TABLE shop_returns (
	// CREATE TABLE shop_events (
	// CREATE TABLE shop_feeds (
	// CREATE TABLE shop_commands (
	// <nil>
}
