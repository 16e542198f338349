package hosts_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/libtnb/sqlite"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"gorm.io/gorm"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage/sqlstore"
)

func Example_sqlx() {
	ctx := context.Background()
	plain, kit, remove := openShop()
	defer remove()
	db := sqlx.NewDb(plain, "sqlite")

	tx := db.MustBeginTx(ctx, nil)
	shop := kit.In(sqlstore.Join(tx.Tx, sqlstore.SQLite))
	_, err := shop.Orders.Place(ctx, mugs(3))
	must(err)
	_, err = shop.Orders.Place(ctx, mugs(50))
	fmt.Println("refused:", errors.Is(err, inventory.ErrShortage))
	_, err = tx.NamedExecContext(ctx, "INSERT INTO invoices (customer) VALUES (:customer)", map[string]any{"customer": "ada"})
	must(err) // the refusal left the transaction usable
	must(tx.Commit())
	show(plain, kit)

	tx = db.MustBeginTx(ctx, nil)
	_, err = kit.In(sqlstore.Join(tx.Tx, sqlstore.SQLite)).Orders.Place(ctx, mugs(2))
	must(err)
	tx.MustExecContext(ctx, "INSERT INTO invoices (customer) VALUES (?)", "bob")
	must(tx.Rollback())
	show(plain, kit)
	// Output:
	// refused: true
	// invoices: 1 orders: 1 mugs left: 7
	// invoices: 1 orders: 1 mugs left: 7
}

func Example_bun() {
	type invoice struct {
		bun.BaseModel `bun:"table:invoices"`

		Customer string
	}
	ctx := context.Background()
	plain, kit, remove := openShop()
	defer remove()
	db := bun.NewDB(plain, sqlitedialect.New())

	err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		shop := kit.In(sqlstore.Join(tx.Tx, sqlstore.SQLite))
		if _, err := shop.Orders.Place(ctx, mugs(3)); err != nil {
			return err
		}
		_, err := shop.Orders.Place(ctx, mugs(50))
		fmt.Println("refused:", errors.Is(err, inventory.ErrShortage))
		_, err = tx.NewInsert().Model(&invoice{Customer: "ada"}).Exec(ctx) // the refusal left the transaction usable
		return err
	})
	must(err)
	show(plain, kit)

	errChanged := errors.New("the buyer has changed their mind")
	err = db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := kit.In(sqlstore.Join(tx.Tx, sqlstore.SQLite)).Orders.Place(ctx, mugs(2)); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&invoice{Customer: "bob"}).Exec(ctx); err != nil {
			return err
		}
		return errChanged
	})
	fmt.Println(err)
	show(plain, kit)
	// Output:
	// refused: true
	// invoices: 1 orders: 1 mugs left: 7
	// the buyer has changed their mind
	// invoices: 1 orders: 1 mugs left: 7
}

func Example_gorm() {
	type Invoice struct{ Customer string }
	ctx := context.Background()
	plain, kit, remove := openShop()
	defer remove()
	db, err := gorm.Open(sqlite.New(sqlite.Config{Conn: plain}), &gorm.Config{})
	must(err)

	// inside gives the transaction that GORM has begun.
	inside := func(tx *gorm.DB) *sqlstore.Joined {
		begun, _ := tx.Statement.ConnPool.(*sql.Tx) // with none, the first command is refused
		return sqlstore.Join(begun, sqlstore.SQLite)
	}
	err = db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		shop := kit.In(inside(tx))
		if _, err := shop.Orders.Place(ctx, mugs(3)); err != nil {
			return err
		}
		_, err := shop.Orders.Place(ctx, mugs(50))
		fmt.Println("refused:", errors.Is(err, inventory.ErrShortage))
		return tx.Create(&Invoice{Customer: "ada"}).Error // the refusal left the transaction usable
	})
	must(err)
	show(plain, kit)

	errChanged := errors.New("the buyer has changed their mind")
	err = db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if _, err := kit.In(inside(tx)).Orders.Place(ctx, mugs(2)); err != nil {
			return err
		}
		if err := tx.Create(&Invoice{Customer: "bob"}).Error; err != nil {
			return err
		}
		return errChanged
	})
	fmt.Println(err)
	show(plain, kit)
	// Output:
	// refused: true
	// invoices: 1 orders: 1 mugs left: 7
	// the buyer has changed their mind
	// invoices: 1 orders: 1 mugs left: 7
}
