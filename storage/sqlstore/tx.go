package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// tx is storage.Tx.
type tx struct {
	*texts
	conn     Conn
	reads    Transaction // the conn, while it has only read and has to be restarted to write
	tenant   string
	readOnly bool
	done     bool
	last     bool  // the next lookups are all that is going to be read
	ended    bool  // they were, and the transaction with them
	failed   error // of a buffered write; the transaction is over, or the savepoint it happened in
	over     error // why there is no transaction any more

	buffer     buffer
	wrote      bool    // something was sent
	undid      bool    // a savepoint went back
	undone     contest // what was to be written in savepoints that lost
	savepoints []*savepoint
	loaded     map[order.ID]*loadedOrder           // as the database has them, or will after the next flush
	known      map[rowKey][]any                    // likewise; neither is kept in a View
	kits       map[order.ID]map[int]*order.KitPart // of orders that were read, for their lines
	there      map[inventory.Key]bool              // balances that were read, and so exist
	answers    []answer                            // to reads that were prefetched
	row        []any                               // what is read, one row at a time
	into       []any                               // pointers to its cells
}

func newTx(x *texts, c Conn, t storage.Tenant, readOnly bool) *tx {
	return &tx{texts: x, conn: c, tenant: string(t), readOnly: readOnly}
}

func (t *tx) Orders() order.Repository             { return orders{t} }
func (t *tx) Stock() inventory.Repository          { return stock{t} }
func (t *tx) Fulfillments() fulfillment.Repository { return fulfillments{t} }
func (t *tx) Returns() returns.Repository          { return rmas{t} }
func (t *tx) Events() storage.Events               { return events{t} }
func (t *tx) Commands() storage.Commands           { return commands{t} }
func (t *tx) Deliveries() storage.Deliveries       { return deliveries{t} }
func (t *tx) Documents() storage.Documents         { return papers{t} }

// usable refuses a transaction that is over.
func (t *tx) usable(ctx context.Context) error {
	switch {
	case t.done:
		return storage.ErrDone
	case t.failed != nil:
		return t.failed
	}
	return ctx.Err()
}

// reading comes before every read: it sends the writes so far, so that the read sees
// them.
func (t *tx) reading(ctx context.Context) error {
	if err := t.usable(ctx); err != nil {
		return err
	}
	return t.flush(ctx)
}

// writing comes before every write.
func (t *tx) writing(ctx context.Context) error {
	if err := t.usable(ctx); err != nil {
		return err
	}
	if t.readOnly {
		return storage.ErrReadOnly
	}
	return nil
}

// claim takes the write lock on engines that have one.
func (t *tx) claim(ctx context.Context) error {
	if t.engine.claim == "" {
		return nil
	}
	_, err := t.conn.Exec(ctx, t.fixed(t.engine.claim), []any{t.tenant})
	return t.explain(ctx, err)
}

// settle sends what is left before a commit.
func (t *tx) settle(ctx context.Context) error {
	if t.failed != nil {
		return t.failed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.flush(ctx)
}

// unwatched is the context of a statement that waits for nobody.
func (t *tx) unwatched(ctx context.Context) context.Context {
	if t.engine.local {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// toWrite makes the transaction one that may write and lock.
func (t *tx) toWrite(ctx context.Context) error {
	t.answers = nil // from before the write
	t.wrote = true
	if t.reads == nil {
		return nil
	}
	err := t.reads.Restart(ctx)
	if c, ok := t.reads.(*outside); ok && err == nil {
		t.conn = c.own
		err = t.claim(ctx)
	}
	t.reads = nil
	if err != nil {
		t.over = t.explain(ctx, err)
		t.failed = t.over
	}
	return t.over
}

// exec runs a write inside the savepoints that are open.
func (t *tx) exec(ctx context.Context, text string, args []any) (int64, error) {
	if err := t.toWrite(ctx); err != nil {
		return 0, err
	}
	quiet := t.unwatched(ctx)
	if err := t.openSavepoints(quiet); err != nil {
		return 0, err
	}
	n, err := t.conn.Exec(quiet, text, args)
	return n, t.explainWrite(ctx, err)
}

// lookup reads rows by their keys, scan reads pages that may take long. Each row has
// the tenant and then the given number of cells, and belongs to fn only during the call.
func (t *tx) lookup(ctx context.Context, text string, args []any, width int, fn func(row []any) error) error {
	return t.read(ctx, t.unwatched(ctx), text, args, width, fn)
}

func (t *tx) scan(ctx context.Context, text string, args []any, width int, fn func(row []any) error) error {
	return t.read(ctx, ctx, text, args, width, fn)
}

func (t *tx) read(ctx, watched context.Context, text string, args []any, width int, fn func(row []any) error) error {
	return t.query(ctx, watched, text, args, width, func(r Rows) error { return t.each(r, width, fn) })
}

// query runs a read, and passes its rows on.
func (t *tx) query(ctx, watched context.Context, text string, args []any, width int, each func(Rows) error) error {
	if err := checkArgs(args); err != nil {
		return err
	}
	r, err := t.ask(watched, text, args, width)
	if err != nil {
		return t.explain(ctx, err)
	}
	err = each(r)
	if closed := r.Close(); err == nil {
		err = closed
	}
	return t.explain(ctx, err)
}

// each passes the rows of a query to fn.
func (t *tx) each(r Rows, width int, fn func(row []any) error) error {
	row, into := t.cells(width + 1)
	for r.Next() {
		if err := r.Scan(into...); err != nil {
			return err
		}
		t.spell(row)
		if err := fn(row); err != nil {
			return err
		}
	}
	return r.Err()
}

// spell makes texts of the bytes of a row.
func (t *tx) spell(row []any) {
	if !t.engine.bytes {
		return
	}
	for i := range row {
		if b, ok := row[i].([]byte); ok {
			row[i] = string(b)
		}
	}
}

// keyed is a read of rows by their keys.
type keyed struct {
	Statement

	width int
	fn    func(row []any) error
}

// lookups runs some reads, together where the driver can.
func (t *tx) lookups(ctx context.Context, all ...keyed) error {
	if t.ended {
		return storage.ErrDone
	}
	if !t.last && (len(all) == 1 || !t.readsTogether() || t.prefetched(&all[0].Statement) != nil) {
		for _, k := range all {
			if err := t.lookup(ctx, k.Text, k.Args, k.width, k.fn); err != nil {
				return err
			}
		}
		return nil
	}
	for _, k := range all {
		if err := checkArgs(k.Args); err != nil {
			return err
		}
	}
	each := func(i int, rows Rows) error { return t.each(rows, all[i].width, all[i].fn) }
	if c, ok := t.conn.(*outside); ok {
		return t.explain(ctx, c.queryAll(ctx, all, each))
	}
	statements := make([]Statement, len(all))
	for i := range all {
		statements[i] = all[i].Statement
	}
	if c, ok := t.conn.(LastReader); ok && t.last {
		t.ended = true
		return t.explain(ctx, c.QueryAllAndEnd(ctx, statements, each))
	}
	return t.explain(ctx, t.conn.(Pipeline).QueryAll(ctx, statements, each)) //nolint:forcetypeassert // it reads together
}

// readsTogether tells whether several reads take no longer than one.
func (t *tx) readsTogether() bool {
	if c, ok := t.conn.(*outside); ok {
		return c.store.group.reads.trips != nil
	}
	_, piped := t.conn.(Pipeline)
	return piped
}

func (t *tx) ask(ctx context.Context, text string, args []any, width int) (Rows, error) {
	if a := t.prefetched(&Statement{text, args}); a != nil {
		return a.rows(), nil
	}
	if t.ended {
		return nil, storage.ErrDone
	}
	if c, ok := t.conn.(*outside); ok {
		c.reads++
		return c.store.group.reads.query(ctx, text, args, width)
	}
	return t.conn.Query(ctx, text, args)
}

// cells gives a row to read into, and pointers to all of it but the tenant.
func (t *tx) cells(n int) (row, into []any) {
	if len(t.row) < n {
		t.row = make([]any, max(n, 32))
		t.into = make([]any, len(t.row))
		for i := range t.row {
			t.into[i] = &t.row[i]
		}
	}
	t.row[0] = t.tenant
	return t.row[:n], t.into[1:n]
}

// savepoint is a part of the transaction that can be undone. It exists in the database
// once something is written in it.
type savepoint struct{ open bool }

// Savepoint runs fn such that an error, its own or of its writes, undoes what it wrote.
func (t *tx) Savepoint(ctx context.Context, fn func(context.Context) error) (err error) {
	if err = t.reading(ctx); err != nil { // what was written before is not undone
		return err
	}
	if t.readOnly {
		return fn(ctx)
	}
	sp := &savepoint{}
	t.savepoints = append(t.savepoints, sp)
	kept := false
	defer func() {
		if !kept { // also when fn panics and someone above recovers
			t.undo(ctx, sp, err)
		}
		t.savepoints = t.savepoints[:len(t.savepoints)-1]
	}()
	err = fn(ctx)
	if err == nil {
		err = t.settle(ctx)
	}
	if err == nil && sp.open {
		err = t.command(ctx, "RELEASE SAVEPOINT", len(t.savepoints))
	}
	kept = err == nil
	return err
}

// undo goes back to the beginning of the innermost savepoint. If that fails there is
// nothing to go back to, and the transaction is over: MySQL ends it after a deadlock,
// a driver when a statement is cancelled.
func (t *tx) undo(ctx context.Context, sp *savepoint, cause error) {
	if errors.Is(cause, storage.ErrConflict) {
		t.undone = append(t.undone, t.contest()...)
	}
	t.undid = true
	t.buffer.reset()
	clear(t.loaded)
	clear(t.known)
	clear(t.there)
	t.failed = t.over
	if !sp.open || t.over != nil {
		return
	}
	quiet := context.WithoutCancel(ctx) // the host's transaction has to be put right
	err := t.command(quiet, "ROLLBACK TO SAVEPOINT", len(t.savepoints))
	if err == nil {
		err = t.command(quiet, "RELEASE SAVEPOINT", len(t.savepoints))
	}
	if err != nil {
		t.over = errors.Join(cause, err)
		t.failed = t.over
	}
}

// openSavepoints creates the savepoints that do not exist yet, outermost first.
func (t *tx) openSavepoints(ctx context.Context) error {
	for i, sp := range t.savepoints {
		if sp.open {
			continue
		}
		if err := t.command(ctx, "SAVEPOINT", i+1); err != nil {
			return err
		}
		sp.open = true
	}
	return nil
}

// command runs a statement on the savepoint of a depth. The database finds the
// innermost of a name, so those of the host are in nobody's way.
func (t *tx) command(ctx context.Context, verb string, depth int) error {
	_, err := t.conn.Exec(t.unwatched(ctx), fmt.Sprintf("%s %ssavepoint_%d", verb, t.prefix, depth), nil)
	return t.explain(ctx, err)
}
