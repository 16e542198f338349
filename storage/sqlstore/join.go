package sqlstore

import (
	"context"
	"database/sql"

	"github.com/orderkit/oms/storage"
)

// Join makes a store of the host's own transaction, so that commands commit or vanish
// with the host's rows:
//
//	tx, err := db.BeginTx(ctx, nil)
//	defer tx.Rollback()
//	o, err := kit.In(sqlstore.Join(tx, sqlstore.SQLite)).Orders.Place(ctx, draft)
//	_, err = tx.ExecContext(ctx, "INSERT INTO invoices …", o.ID)
//	err = tx.Commit()
//
// It never commits, never runs a function again after a conflict (the host starts its
// transaction over) and never changes the schema. An Update that fails is undone by a
// savepoint and leaves the transaction usable; a View reads inside the transaction.
// Calls wait for each other. What is wrong with the arguments is the error of the
// first call.
//
// The transaction sees what its isolation level lets it see. At REPEATABLE READ commands
// decide on one moment, as they do in a store of their own; that is the default of MySQL,
// and worth asking PostgreSQL for. At READ COMMITTED a command that meets another one half
// way may be refused for what never was. On MySQL a deadlock undoes all of the host's
// transaction; the store then answers with that conflict to every further call.
func Join(tx *sql.Tx, d Dialect, opts ...Option) storage.Store {
	x, err := newTexts(d, opts)
	if err == nil && tx == nil {
		err = ErrNoDatabase
	}
	return &joined{texts: x, err: err, conn: &sqlTx{tx: tx, prepares: err == nil && x.engine.prepares}, turn: make(chan struct{}, 1)}
}

type joined struct {
	texts *texts
	conn  conn
	turn  chan struct{} // full while a call has the transaction
	err   error         // why there is none; belongs to who has the turn
}

func (j *joined) View(ctx context.Context, t storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	return j.run(ctx, t, true, func(ctx context.Context, x *tx) error { return fn(ctx, x) })
}

func (j *joined) Update(ctx context.Context, t storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	return j.run(ctx, t, false, func(ctx context.Context, x *tx) error {
		if err := x.claim(ctx); err != nil {
			return err
		}
		return x.Savepoint(ctx, func(ctx context.Context) error { return fn(ctx, x) })
	})
}

func (j *joined) run(ctx context.Context, t storage.Tenant, readOnly bool, fn func(context.Context, *tx) error) error {
	ctx, err := storage.Enter(ctx)
	if err != nil {
		return err
	}
	select {
	case j.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-j.turn }()
	if j.err != nil {
		return j.err
	}
	x := newTx(j.texts, j.conn, t, readOnly)
	defer func() {
		x.done = true
		j.err = x.over // a savepoint could not be undone
	}()
	return fn(ctx, x)
}
