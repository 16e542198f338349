//nolint:sqlclosecheck // statements are prepared to be kept
package sqlstore

import (
	"context"
	"database/sql"
	"slices"
	"sync"
	"sync/atomic"
)

// maxPrepared bounds the prepared statements of a store, maxHeld those that one
// transaction keeps at hand. The texts of a program are far fewer; filters can be
// combined in many ways.
const (
	maxPrepared = 256
	maxHeld     = 64
)

// pool begins transactions of database/sql, and prepares statements for all of them.
//
// A statement cannot be prepared while its transaction runs: that takes a connection,
// and the transaction may have the only one. So the first transactions with a text run
// it unprepared and note it, and the next one prepares it before it begins.
type pool struct {
	db     *sql.DB
	engine *engine

	mu    sync.RWMutex
	ready map[string]*sql.Stmt
	noted []string
	due   atomic.Bool // noted is not empty
}

func newPool(db *sql.DB, e *engine) *pool {
	return &pool{db: db, engine: e, ready: map[string]*sql.Stmt{}}
}

// Begin starts a transaction.
func (p *pool) Begin(ctx context.Context, readOnly bool) (Transaction, error) {
	tx, err := p.begin(ctx, readOnly)
	if err != nil {
		return nil, err
	}
	return &sqlTx{tx: tx, prepares: p.engine.prepares, local: p.engine.local, pool: p}, nil
}

func (p *pool) begin(ctx context.Context, readOnly bool) (*sql.Tx, error) {
	if p.due.Load() {
		p.prepare(ctx)
	}
	options := sql.TxOptions{ReadOnly: readOnly, Isolation: p.engine.update}
	if readOnly {
		options.Isolation = p.engine.view
	}
	return p.db.BeginTx(ctx, &options)
}

// Query runs a read outside of any transaction.
func (p *pool) Query(ctx context.Context, text string, args []any) (Rows, error) {
	if p.due.Load() {
		p.prepare(ctx)
	}
	if p.engine.prepares {
		if stmt := p.find(text); stmt != nil {
			return stmt.QueryContext(ctx, args...) //nolint:rowserrcheck // the caller does
		}
	}
	return p.db.QueryContext(ctx, text, args...) //nolint:rowserrcheck // the caller does
}

// find returns the prepared statement of a text, or notes that there should be one.
func (p *pool) find(text string) *sql.Stmt {
	p.mu.RLock()
	stmt := p.ready[text]
	p.mu.RUnlock()
	if stmt != nil {
		return stmt
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.ready)+len(p.noted) < maxPrepared && p.ready[text] == nil && !slices.Contains(p.noted, text) {
		p.noted = append(p.noted, text)
		p.due.Store(true)
	}
	return nil
}

// prepare prepares what was noted. A text that cannot be prepared is left to fail when
// it is run.
func (p *pool) prepare(ctx context.Context) {
	p.mu.Lock()
	noted := p.noted
	p.noted = nil
	p.due.Store(false)
	p.mu.Unlock()
	for _, text := range noted {
		stmt, err := p.db.PrepareContext(ctx, text)
		if err != nil {
			continue
		}
		p.mu.Lock()
		if p.ready[text] == nil {
			p.ready[text], stmt = stmt, nil
		}
		p.mu.Unlock()
		if stmt != nil { // somebody else was faster
			_ = stmt.Close()
		}
	}
}

// close closes the prepared statements; the database is the host's.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, stmt := range p.ready {
		_ = stmt.Close()
	}
	clear(p.ready)
}

// sqlTx is a transaction of database/sql.
type sqlTx struct {
	tx       *sql.Tx
	prepares bool
	local    bool
	pool     *pool // nil in the host's own transaction
	held     []heldStmt
}

// heldStmt is a statement bound to the transaction. Texts are few and their strings
// are shared, so that looking through them is mostly a comparison of lengths.
type heldStmt struct {
	text string
	stmt *sql.Stmt
}

// stmt finds the prepared statement of a text; nil if it is to run unprepared, as all
// do that are no more than a word for the engine.
func (c *sqlTx) stmt(ctx context.Context, text string, args []any) (*sql.Stmt, error) {
	if !c.prepares || len(args) == 0 {
		return nil, nil //nolint:nilnil // unprepared
	}
	for i := range c.held {
		if c.held[i].text == text {
			return c.held[i].stmt, nil
		}
	}
	if len(c.held) == maxHeld {
		return nil, nil //nolint:nilnil // unprepared
	}
	var stmt *sql.Stmt
	if c.pool == nil {
		var err error
		if stmt, err = c.tx.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	} else if shared := c.pool.find(text); shared != nil {
		stmt = c.tx.StmtContext(ctx, shared)
	} else {
		return nil, nil //nolint:nilnil // unprepared
	}
	c.held = append(c.held, heldStmt{text, stmt})
	return stmt, nil
}

func (c *sqlTx) Exec(ctx context.Context, text string, args []any) (int64, error) {
	stmt, err := c.stmt(ctx, text, args)
	if err != nil {
		return 0, err
	}
	var result sql.Result
	if stmt != nil {
		result, err = stmt.ExecContext(ctx, args...)
	} else {
		result, err = c.tx.ExecContext(ctx, text, args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (c *sqlTx) Query(ctx context.Context, text string, args []any) (Rows, error) {
	stmt, err := c.stmt(ctx, text, args)
	if err != nil {
		return nil, err
	}
	if stmt != nil {
		return stmt.QueryContext(ctx, args...) //nolint:rowserrcheck // the caller does
	}
	return c.tx.QueryContext(ctx, text, args...) //nolint:rowserrcheck // the caller does
}

// Restart gives the transaction up and begins one that writes.
func (c *sqlTx) Restart(ctx context.Context) error {
	c.Rollback()
	tx, err := c.pool.begin(ctx, false)
	if err != nil {
		return err
	}
	c.tx, c.held = tx, c.held[:0]
	return nil
}

// Commit does not wait for a server that has fallen silent: Commit of database/sql has
// no context, and not every driver gives it that of the transaction. What was left then
// ends with the connection.
func (c *sqlTx) Commit(ctx context.Context) error {
	if c.local || ctx.Done() == nil {
		return c.tx.Commit()
	}
	ended := make(chan error, 1)
	go func() { ended <- c.tx.Commit() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended: // both at once
		return err
	default:
		return ctx.Err()
	}
}

// Rollback undoes what was written.
func (c *sqlTx) Rollback() { _ = c.tx.Rollback() } // fails only where there is nothing left to undo
