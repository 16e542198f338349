package pgxconn

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/orderkit/oms/storage/sqlstore"
)

// Open makes a store of a database whose schema is that of [Migrate]. It talks to the
// database only when it is used. The pool stays the host's: closing it is all there is to
// close. A nil pool is sqlstore.ErrNoDatabase.
func Open(pool *pgxpool.Pool, opts ...sqlstore.Option) (*sqlstore.Store, error) {
	if pool == nil {
		return nil, sqlstore.ErrNoDatabase
	}
	return sqlstore.OpenConnector(connector{pool}, sqlstore.Postgres, opts...)
}

// Join makes a store of the host's own transaction; see [sqlstore.Join], which it equals
// in all that it promises:
//
//	tx, err := pool.Begin(ctx)
//	defer tx.Rollback(ctx)
//	o, err := kit.In(pgxconn.Join(tx)).Orders.Place(ctx, draft)
//	_, err = tx.Exec(ctx, "INSERT INTO invoices …", o.ID)
//	err = tx.Commit(ctx)
//
// pgx closes the connection of a statement whose context ends while it runs, and the
// transaction with it.
func Join(tx pgx.Tx, opts ...sqlstore.Option) *sqlstore.Joined {
	if tx == nil {
		return sqlstore.JoinConn(nil, sqlstore.ErrNoDatabase, sqlstore.Postgres, opts...)
	}
	return sqlstore.JoinConn(joined{tx}, nil, sqlstore.Postgres, opts...)
}

// Migrate brings the schema of a database to that of the library; see [sqlstore.Migrate].
func Migrate(ctx context.Context, pool *pgxpool.Pool, opts ...sqlstore.Option) (err error) {
	if pool == nil {
		return sqlstore.ErrNoDatabase
	}
	db := stdlib.OpenDBFromPool(pool)
	defer func() {
		if closed := db.Close(); err == nil {
			err = closed
		}
	}()
	return sqlstore.Migrate(ctx, db, sqlstore.Postgres, opts...)
}

// connector begins transactions on the connections of a pool.
type connector struct{ pool *pgxpool.Pool }

func (c connector) Query(ctx context.Context, text string, args []any) (sqlstore.Rows, error) {
	r, err := c.pool.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return &rows{Rows: r}, nil
}

func (c connector) QueryAll(ctx context.Context, all []sqlstore.Statement, fn func(int, sqlstore.Rows) error) error {
	b := &pgx.Batch{}
	queue(b, all)
	return queryAll(c.pool.SendBatch(ctx, b), len(all), fn)
}

func (c connector) Begin(ctx context.Context, readOnly bool) (sqlstore.Transaction, error) {
	conn, err := c.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	t := &transaction{conn: conn, due: []string{beginWriting}}
	if readOnly {
		t.due[0] = beginReading
	}
	return t, nil
}

// joined runs statements in a transaction of the host.
type joined struct{ pgx.Tx }

func (j joined) Exec(ctx context.Context, text string, args []any) (int64, error) {
	tag, err := j.Tx.Exec(ctx, text, args...)
	return tag.RowsAffected(), err
}

func (j joined) Query(ctx context.Context, text string, args []any) (sqlstore.Rows, error) {
	r, err := j.Tx.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return &rows{Rows: r}, nil
}

func (j joined) ExecAll(ctx context.Context, all []sqlstore.Statement) ([]int64, error) {
	b := &pgx.Batch{}
	queue(b, all)
	return affected(j.SendBatch(ctx, b), len(all))
}

func (j joined) QueryAll(ctx context.Context, all []sqlstore.Statement, fn func(int, sqlstore.Rows) error) error {
	b := &pgx.Batch{}
	queue(b, all)
	return queryAll(j.SendBatch(ctx, b), len(all), fn)
}
