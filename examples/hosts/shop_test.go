package hosts_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"github.com/shopspring/decimal"
	_ "modernc.org/sqlite"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage/sqlstore"
)

// openShop is a host's database: a table of its own, those of the library, and ten mugs.
func openShop() (db *sql.DB, kit *oms.Engine, remove func()) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "oms")
	must(err)
	db, err = sql.Open("sqlite", "file:"+filepath.Join(dir, "shop.db")+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)")
	must(err)
	_, err = db.ExecContext(ctx, "CREATE TABLE invoices (customer TEXT NOT NULL)")
	must(err)
	must(sqlstore.Migrate(ctx, db, sqlstore.SQLite))
	store, err := sqlstore.Open(db, sqlstore.SQLite)
	must(err)
	kit = oms.New(store)
	must(kit.Stock.AddItem(ctx, inventory.Item{ID: "mug"}))
	must(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	_, err = kit.Stock.Receive(ctx, inventory.Receipt{Item: "mug", Location: "ber", Qty: 10})
	must(err)
	return db, kit, func() { _, _ = db.Close(), os.RemoveAll(dir) }
}

// mugs is an order of n mugs.
func mugs(n int64) order.Draft {
	return order.Draft{
		Currency: order.MustCurrency("EUR"),
		Lines:    []order.DraftLine{{Item: "mug", Qty: n, UnitPrice: decimal.NewFromInt(8)}},
	}
}

// show prints what is kept: the rows of the host, the orders, and the mugs that are left.
func show(db *sql.DB, kit *oms.Engine) {
	ctx := context.Background()
	var invoices int
	must(db.QueryRowContext(ctx, "SELECT count(*) FROM invoices").Scan(&invoices))
	page, err := kit.Orders.Page(ctx, order.Filter{})
	must(err)
	left, err := kit.Stock.Availability(ctx, "mug", "", "")
	must(err)
	fmt.Println("invoices:", invoices, "orders:", len(page), "mugs left:", left.ATS)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
