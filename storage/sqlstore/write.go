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
// locks rows: that of the tables, and in each that of the keys.
func (t *tx) plan() []write {
	var all []write
	for _, tab := range tables {
		all = t.planInserts(all, tab, t.buffer.inserts[tab.place])
		updates := t.buffer.updates[tab.place]
		slices.SortStableFunc(updates, func(a, b update) int { return compareKeys(a.args[a.key:], b.args[b.key:], tab.keys) })
		for _, u := range updates {
			all = append(all, write{Statement: Statement{t.update(tab, u.mask), u.args}, rows: 1, table: tab, key: u.args[u.key:]})
		}
		if tab == balancesTable {
			all = t.planMoves(all, merged(t.buffer.deltas))
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
		w := write{rows: n, table: tab, key: rows[:width], isNew: true}
		if some := rows[:n*width]; t.engine.numbered && tab.blanks.are(some) {
			w.Statement = Statement{t.briefInsert(tab, n), tab.blanks.others(some)}
		} else {
			w.Statement = Statement{t.insert(tab, n), some}
		}
		all, rows = append(all, w), rows[n*width:]
	}
	return all
}

// flush sends the buffered writes. If one is refused the transaction is over, or the
// savepoint around it.
func (t *tx) flush(ctx context.Context) error {
	if t.buffer.count == 0 {
		return nil
	}
	if t.failed = t.send(ctx, t.plan()); t.failed == nil {
		t.buffer.reset()
	}
	return t.failed
}

// send runs writes in order, as many at a time as the driver can.
func (t *tx) send(ctx context.Context, all []write) error {
	p, piped := t.conn.(Pipeline)
	for len(all) > 0 {
		n := 1
		for piped && n < len(all) && len(all[n-1].moves) <= 1 && len(all[n].moves) <= 1 {
			n++
		}
		var err error
		switch {
		case len(all[0].moves) > 1:
			err = t.sendMoves(ctx, &all[0])
		case n > 1:
			err = t.sendTogether(ctx, p, all[:n])
		default:
			err = t.sendOne(ctx, &all[0])
		}
		if err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func (t *tx) sendOne(ctx context.Context, w *write) error {
	n, err := t.exec(ctx, w.Text, w.Args)
	if err != nil {
		return t.refuse(w, err)
	}
	return t.judge(ctx, w, n)
}

func (t *tx) sendTogether(ctx context.Context, p Pipeline, all []write) error {
	if err := t.toWrite(ctx); err != nil {
		return err
	}
	if err := t.openSavepoints(ctx); err != nil {
		return err
	}
	sent := make([]Statement, len(all))
	for i := range all {
		sent[i] = all[i].Statement
	}
	affected, failed := p.ExecAll(ctx, sent)
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

// commitError is a commit that did not answer well: what was written may be kept.
type commitError struct{ error }

func (e commitError) Unwrap() error { return e.error }

// finish sends what is left and commits, in one round trip where that can be.
func (t *tx) finish(ctx context.Context, c Transaction) error {
	if err := cmp.Or(t.failed, ctx.Err()); err != nil {
		return err
	}
	if last, ok := t.conn.(Committer); ok && t.buffer.count > 0 {
		all := t.plan()
		if t.makeSure(all) {
			return t.sendAndCommit(ctx, last, all)
		}
		if err := t.send(ctx, all); err != nil {
			return err
		}
	} else if err := t.flush(ctx); err != nil {
		return err
	}
	if t.reads != nil {
		return nil // it has only read
	}
	if err := c.Commit(ctx); err != nil {
		return commitError{t.unsettled(ctx, err)}
	}
	return nil
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
	return t.stale(w)
}

// stale refuses a write whose row was not as it should be.
func (t *tx) stale(w *write) error {
	switch len(w.moves) {
	case 0:
	case 1:
		return t.staleBalance(&w.moves[0])
	default:
		return fmt.Errorf("one of %d balances: %w", len(w.moves), t.staleBalance(&w.moves[0]))
	}
	which := w.table.describe(w.key)
	if w.table.version > 0 {
		which += fmt.Sprintf(" is not at version %v", w.Args[len(w.Args)-1])
	}
	return fmt.Errorf("%w: %s", w.table.stale, which)
}

// makeSure lets writes fail on the server if they do not find what they should, and tells
// whether that can be said of all. A balance that only receives may have to be made first.
func (t *tx) makeSure(all []write) bool {
	if t.engine.sure == nil {
		return false
	}
	for i := range all {
		if slices.ContainsFunc(all[i].moves, func(m move) bool { return m.low == units{} }) {
			return false
		}
	}
	for i := range all {
		switch w := &all[i]; {
		case w.isNew:
		case len(w.moves) == 1 && t.there[w.moves[0].Key]:
			w.Statement = t.sureMove(w.moves)
		default:
			w.Text = t.sure(w.Text, w.rows)
		}
	}
	return true
}

// sendAndCommit runs writes that are sure, and commits.
func (t *tx) sendAndCommit(ctx context.Context, last Committer, all []write) error {
	if err := t.toWrite(ctx); err != nil {
		return err
	}
	sent := make([]Statement, len(all))
	for i := range all {
		sent[i] = all[i].Statement
	}
	affected, err := last.ExecAllAndCommit(ctx, sent)
	fault := t.engine.fault(err)
	switch {
	case err == nil:
		return nil
	case len(affected) == len(all) || fault == otherFault:
		return commitError{t.unsettled(ctx, err)}
	case fault == missed:
		return t.stale(&all[len(affected)])
	}
	return t.refuse(&all[len(affected)], t.explainWrite(ctx, err))
}
