package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// write is a statement that is judged by how many rows it affected.
type write struct {
	Statement

	rows  int // that it has to affect
	table *table
	key   []any  // of the row, or of the first of several
	moves []move // of balances, if it is one of these
	isNew bool   // it adds its rows
}

// plan makes statements of the buffered writes, in the order in which every transaction
// locks rows: that of the tables, and in each that of the keys. Guarded ones fail in the
// database where they miss a row, and move many balances at once.
func (t *tx) plan(guarded bool) []write {
	var all []write
	for _, tab := range tables {
		all = t.planInserts(all, tab, t.buffer.inserts[tab.place])
		updates := t.buffer.updates[tab.place]
		slices.SortStableFunc(updates, func(a, b update) int { return compareKeys(a.args[a.key:], b.args[b.key:], tab.keys) })
		for _, u := range updates {
			w := write{Statement: Statement{t.update(tab, u.mask), u.args}, rows: 1, table: tab, key: u.args[u.key:]}
			if guarded {
				w.Text = t.guarded(w.Text, w.rows)
			}
			all = append(all, w)
		}
		if tab == balancesTable {
			all = t.planMoves(all, merged(t.buffer.deltas), guarded)
		}
	}
	return all
}

// compareKeys orders rows by the first columns, which hold text or numbers.
func compareKeys(a, b []any, columns int) int {
	for i := range columns {
		var c int
		switch x := a[i].(type) {
		case string:
			y, _ := b[i].(string)
			c = strings.Compare(x, y)
		case int64:
			y, _ := b[i].(int64)
			c = cmp.Compare(x, y)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// chunk is how many of n rows go into one INSERT that may have up to most: all up to 8,
// and powers of two above, so that there are few texts to prepare.
func chunk(n, most int) int {
	if n <= min(8, most) {
		return n
	}
	for most > n {
		most /= 2
	}
	return most
}

func (t *tx) planInserts(all []write, tab *table, rows []any) []write {
	width := len(tab.columns)
	for len(rows) > 0 {
		n := chunk(len(rows)/width, t.engine.rows)
		all = append(all, write{Statement: Statement{t.insert(tab, n), rows[:n*width]}, rows: n, table: tab, key: rows[:width], isNew: true})
		rows = rows[n*width:]
	}
	return all
}

// flush sends the buffered writes. If one is refused the transaction is over, or the
// savepoint around it.
func (t *tx) flush(ctx context.Context) error {
	if t.buffer.count == 0 {
		return nil
	}
	err := t.send(ctx, t.plan(false))
	t.buffer.reset()
	if err != nil {
		t.failed = err
	}
	return err
}

func (t *tx) send(ctx context.Context, all []write) error {
	if p, ok := t.conn.(Pipeline); ok && len(all) > 1 {
		return t.sendTogether(ctx, p, all)
	}
	for i := range all {
		w := &all[i]
		if len(w.moves) > 1 {
			if err := t.sendMoves(ctx, w); err != nil {
				return err
			}
			continue
		}
		n, err := t.exec(ctx, w.Text, w.Args)
		if err != nil {
			return t.refuse(w, err)
		}
		if err := t.judge(ctx, w, n); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) sendTogether(ctx context.Context, p Pipeline, all []write) error {
	if err := t.toWrite(ctx); err != nil {
		return err
	}
	if err := t.openSavepoints(ctx); err != nil {
		return err
	}
	affected, failed := p.ExecAll(ctx, sent(all), false)
	for i, n := range affected {
		if failed != nil && all[i].moves != nil {
			continue // whether there is such a row cannot be found out any more
		}
		if err := t.judge(ctx, &all[i], n); err != nil {
			return err
		}
	}
	if failed == nil {
		return nil
	}
	return t.refuse(&all[min(len(affected), len(all)-1)], t.explainWrite(ctx, failed))
}

// sent is what of writes is sent.
func sent(all []write) []Statement {
	out := make([]Statement, len(all))
	for i := range all {
		out[i] = all[i].Statement
	}
	return out
}

// commitError is a commit that did not answer well: what was written may be kept.
type commitError struct{ error }

func (e commitError) Unwrap() error { return e.error }

// finish sends what is left and commits. Where the driver can, and the transaction has
// only read so far, that is one round trip: the writes fail in the database where they
// would miss a row. What is refused for that is written again one by one, since balances
// may not exist yet, and so that the error tells of the row.
func (t *tx) finish(ctx context.Context, c Transaction) error {
	if t.failed != nil {
		return t.failed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.reads != nil && t.buffer.count == 0 {
		return nil // there is nothing to commit
	}
	p, ok := c.(Pipeline)
	if ok && t.reads != nil && t.engine.guard != nil {
		missed, err := t.finishTogether(ctx, p)
		if !missed {
			return err
		}
		if err := c.Restart(ctx); err != nil {
			return t.explain(ctx, err)
		}
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	if err := c.Commit(ctx); err != nil {
		return commitError{t.explain(ctx, err)}
	}
	return nil
}

// finishTogether commits the buffered writes, and tells if one missed a row.
func (t *tx) finishTogether(ctx context.Context, p Pipeline) (missing bool, err error) {
	all := t.plan(true)
	if err := t.toWrite(ctx); err != nil {
		return false, err
	}
	affected, err := p.ExecAll(ctx, sent(all), true)
	switch {
	case err == nil:
		return false, nil
	case affected == nil || len(affected) == len(all):
		return false, commitError{t.explain(ctx, err)}
	case t.engine.fault(err) == missed:
		return true, err
	}
	return false, t.refuse(&all[len(affected)], t.explainWrite(ctx, err))
}

// explainWrite explains an error, but for one that refuse has to see as it is.
func (t *tx) explainWrite(ctx context.Context, err error) error {
	if err == nil || t.engine.fault(err) == taken {
		return err
	}
	return t.explain(ctx, err)
}

// refuse says which row was refused, if its key exists.
func (t *tx) refuse(w *write, err error) error {
	if t.engine.fault(err) != taken || w.table.taken == nil {
		return err
	}
	which := w.table.describe(w.key)
	if w.isNew && w.rows > 1 {
		which = fmt.Sprintf("one of %d new rows from %s", w.rows, which)
	}
	return fmt.Errorf("%w: %s: %w", w.table.taken, which, err)
}

// judge refuses a write that did not find its row as it should be.
func (t *tx) judge(ctx context.Context, w *write, affected int64) error {
	switch {
	case affected == int64(w.rows):
		return nil
	case w.moves != nil:
		return t.firstBalance(ctx, &w.moves[0])
	}
	which := w.table.describe(w.key)
	if w.table.version > 0 {
		which += fmt.Sprintf(" is not at version %v", w.Args[len(w.Args)-1])
	}
	return fmt.Errorf("%w: %s", w.table.stale, which)
}
