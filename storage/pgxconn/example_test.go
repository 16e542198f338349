package pgxconn_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage/pgxconn"
	"github.com/orderkit/oms/storage/sqlstore"
)

func ExampleOpen() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if err := pgxconn.Migrate(ctx, pool); err != nil {
		log.Fatal(err)
	}
	store, err := pgxconn.Open(pool, sqlstore.GroupCommit()) // many callers, few waits for the disk
	if err != nil {
		log.Fatal(err)
	}
	kit := oms.New(store)
	page, err := kit.Orders.Page(ctx, order.Filter{Limit: 10})
	fmt.Println(len(page), err)
}

func ExampleJoin() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	store, err := pgxconn.Open(pool)
	if err != nil {
		log.Fatal(err)
	}
	kit := oms.New(store)

	tx, err := pool.Begin(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	o, err := kit.In(pgxconn.Join(tx)).Orders.Place(ctx, draft(1))
	if err != nil {
		log.Fatal(err) // the order vanishes with the transaction
	}
	if _, err := tx.Exec(ctx, "INSERT INTO invoices (order_id) VALUES ($1)", o.ID.String()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(tx.Commit(ctx))
}
