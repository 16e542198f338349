package sqlstore

import (
	"context"

	"github.com/orderkit/oms/storage"
)

// This file is for authors of connectors: what a store needs of a driver. database/sql
// is one connector, [Open]; storage/pgxconn is another. Arguments are string, int64,
// float64 and nil; so are the cells that are scanned.

// Statement is a text with the placeholders of the dialect, and its arguments.
type Statement struct {
	Text string
	Args []any
}

// Conn runs statements, one at a time.
type Conn interface {
	// Exec runs a write and returns how many rows it affected.
	Exec(ctx context.Context, text string, args []any) (affected int64, err error)
	// Query runs a read. The store closes its rows before it runs anything else.
	Query(ctx context.Context, text string, args []any) (Rows, error)
}

// Rows is the result of a query.
type Rows interface {
	// Next goes to the next row, if there is one.
	Next() bool
	// Scan reads the cells of the row, each into an *any, or a text into an *sql.RawBytes,
	// which is nil for NULL and lasts until Next, or a number into an *int64. What is not of
	// the kind of its place is an error.
	Scan(dest ...any) error
	// Err is what ended the rows early.
	Err() error
	// Close ends the rows. It may be called again.
	Close() error
}

// Transaction is a Conn in a transaction that the store began and ends.
type Transaction interface {
	Conn
	// Restart ends the transaction, which has only read, and begins one that writes.
	Restart(ctx context.Context) error
	// Commit keeps what was written.
	Commit(ctx context.Context) error
	// Rollback undoes what was written, unless it is committed, and frees the connection.
	Rollback()
}

// Pipeline is a Conn that sends statements together, in one round trip. A store uses it
// where it is there.
type Pipeline interface {
	// ExecAll runs writes in order, up to the first that fails, and returns how many rows
	// each affected before that.
	ExecAll(ctx context.Context, all []Statement) (affected []int64, err error)
	// QueryAll runs reads in order and passes the rows of each to fn, which closes nothing.
	QueryAll(ctx context.Context, all []Statement, fn func(i int, rows Rows) error) error
}

// Committer is a Transaction that can send its last writes together with its commit, in
// one round trip. A store uses it where each of them fails unless it does what it should.
type Committer interface {
	// ExecAllAndCommit runs writes as ExecAll does and, if none fails, commits.
	ExecAllAndCommit(ctx context.Context, all []Statement) (affected []int64, err error)
}

// LastReader is a Transaction that can send its last reads together with its end, in one
// round trip. A store uses it for a View of which it knows all that is read.
type LastReader interface {
	// QueryAllAndEnd runs reads as QueryAll does, and ends the transaction.
	QueryAllAndEnd(ctx context.Context, all []Statement, fn func(i int, rows Rows) error) error
}

// Connector reaches a database. It is safe for concurrent use.
type Connector interface {
	// Begin starts a transaction: one that reads on one snapshot, or one that writes.
	Begin(ctx context.Context, readOnly bool) (Transaction, error)
	// Query runs a read outside of any transaction. The rows hold a connection until they
	// are closed.
	Query(ctx context.Context, text string, args []any) (Rows, error)
}

// BatchConnector is a Connector that makes several reads outside of any transaction in one
// round trip, each at its own moment. A store with [GroupCommit] uses it where it is there.
type BatchConnector interface {
	// QueryAll runs reads in order, up to the first that fails, and passes the rows of each
	// to fn, which closes nothing.
	QueryAll(ctx context.Context, all []Statement, fn func(i int, rows Rows) error) error
}

// OpenConnector is [Open] over a connector.
func OpenConnector(c Connector, d Dialect, opts ...Option) (*Store, error) {
	if c == nil {
		return nil, ErrNoDatabase
	}
	x, err := newTexts(d, opts)
	if err != nil {
		return nil, err
	}
	return newStore(x, c, opts), nil
}

// JoinConn is [Join] over a connection on which the host has begun a transaction. An
// error is that of the first call on the store.
func JoinConn(c Conn, err error, d Dialect, opts ...Option) *Joined {
	x, refused := newTexts(d, opts)
	if err == nil {
		err = refused
	}
	return &Joined{texts: x, err: err, conn: c, turn: make(chan struct{}, 1)}
}

var _ storage.Store = (*Joined)(nil)
