package pgxconn

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/orderkit/oms/storage/sqlstore"
)

const (
	beginReading = "begin read only isolation level repeatable read"
	beginWriting = "begin isolation level read committed" // read-only where the host made that the default
	commit       = "commit"
	rollback     = "rollback"
)

// transaction is a transaction on a connection of the pool. What begins and ends it
// travels with the statements.
type transaction struct {
	conn *pgxpool.Conn // nil when it is over
	due  []string      // to be sent before the next statement
}

// open tells whether the server knows of a transaction.
func (t *transaction) open() bool { return t.conn.Conn().PgConn().TxStatus() != 'I' }

func (t *transaction) Exec(ctx context.Context, text string, args []any) (int64, error) {
	n, err := t.ExecAll(ctx, []sqlstore.Statement{{Text: text, Args: args}})
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

func (t *transaction) Query(ctx context.Context, text string, args []any) (sqlstore.Rows, error) {
	if len(t.due) == 0 {
		r, err := t.conn.Query(ctx, text, args...)
		if err != nil {
			return nil, err
		}
		return &rows{Rows: r}, nil
	}
	b := &pgx.Batch{}
	first := t.begin(b)
	b.Queue(text, args...)
	results := t.conn.SendBatch(ctx, b)
	if err := skip(results, first); err != nil {
		return nil, err
	}
	r, err := results.Query()
	if err != nil {
		return nil, errors.Join(err, results.Close())
	}
	return &rows{Rows: r, of: results}, nil
}

// begin moves what is due into a batch, and returns how much it is.
func (t *transaction) begin(b *pgx.Batch) int {
	for _, text := range t.due {
		b.Queue(text)
	}
	n := len(t.due)
	t.due = t.due[:0]
	return n
}

func (t *transaction) ExecAll(ctx context.Context, all []sqlstore.Statement) ([]int64, error) {
	b := &pgx.Batch{}
	first := t.begin(b)
	queue(b, all)
	results := t.conn.SendBatch(ctx, b)
	if err := skip(results, first); err != nil {
		return nil, err
	}
	return affected(results, len(all))
}

func (t *transaction) ExecAllAndCommit(ctx context.Context, all []sqlstore.Statement) ([]int64, error) {
	return t.ExecAll(ctx, append(all, sqlstore.Statement{Text: commit}))
}

func (t *transaction) QueryAll(ctx context.Context, all []sqlstore.Statement, fn func(int, sqlstore.Rows) error) error {
	return t.queryAll(ctx, all, fn, false)
}

func (t *transaction) QueryAllAndEnd(ctx context.Context, all []sqlstore.Statement, fn func(int, sqlstore.Rows) error) error {
	return t.queryAll(ctx, all, fn, true)
}

func (t *transaction) queryAll(ctx context.Context, all []sqlstore.Statement, fn func(int, sqlstore.Rows) error, end bool) error {
	b := &pgx.Batch{}
	first := t.begin(b)
	queue(b, all)
	if end {
		b.Queue(commit)
	}
	results := t.conn.SendBatch(ctx, b)
	if err := skip(results, first); err != nil {
		return err
	}
	return queryAll(results, len(all), fn)
}

func (t *transaction) Restart(ctx context.Context) error {
	t.due = append(t.due[:0], beginWriting)
	switch t.conn.Conn().PgConn().TxStatus() {
	case 'T':
		t.due = append(t.due[:0], rollback, beginWriting)
	case 'E': // where no statement can be prepared
		_, err := t.conn.Conn().PgConn().Exec(ctx, rollback).ReadAll()
		return err
	}
	return nil
}

func (t *transaction) Commit(ctx context.Context) error {
	if !t.open() {
		return nil // nothing was sent
	}
	tag, err := t.conn.Exec(ctx, commit)
	if err == nil && tag.String() != "COMMIT" {
		err = fmt.Errorf("%w: the server answered %s", pgx.ErrTxCommitRollback, tag)
	}
	return err
}

func (t *transaction) Rollback() {
	if t.conn == nil {
		return
	}
	if pg := t.conn.Conn().PgConn(); !pg.IsClosed() && t.open() {
		_, _ = pg.Exec(context.Background(), rollback).ReadAll() // where it fails the pool drops the connection
	}
	t.conn.Release()
	t.conn = nil
}

// queue adds statements to a batch.
func queue(b *pgx.Batch, all []sqlstore.Statement) {
	for i := range all {
		b.Queue(all[i].Text, all[i].Args...)
	}
}

// skip reads the results of what began a transaction.
func skip(results pgx.BatchResults, n int) error {
	for range n {
		if _, err := results.Exec(); err != nil {
			_ = results.Close() // which repeats the error
			return err
		}
	}
	return nil
}

// affected reads the results of n writes.
func affected(results pgx.BatchResults, n int) ([]int64, error) {
	counts := make([]int64, 0, n)
	var err error
	for range n {
		var tag pgconn.CommandTag
		if tag, err = results.Exec(); err != nil {
			break
		}
		counts = append(counts, tag.RowsAffected())
	}
	if closed := results.Close(); err == nil {
		err = closed
	}
	return counts, err
}

// queryAll passes the results of n reads on.
func queryAll(results pgx.BatchResults, n int, fn func(int, sqlstore.Rows) error) error {
	var err error
	for i := 0; i < n && err == nil; i++ {
		var r pgx.Rows
		if r, err = results.Query(); err != nil {
			break
		}
		if err = fn(i, &rows{Rows: r}); err == nil {
			err = r.Err()
		}
		r.Close()
	}
	if closed := results.Close(); err == nil {
		err = closed
	}
	return err
}
