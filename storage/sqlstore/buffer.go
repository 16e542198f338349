package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// buffer holds the writes that were not sent yet.
type buffer struct {
	inserts [places][]any    // rows, one after the other
	updates [places][]update // in order
	deltas  []inventory.Delta
	count   int
}

// update changes some columns of a row.
type update struct {
	mask uint64
	args []any // the new values, the key, and the version before if there is one
	key  int   // where the key begins
}

func (b *buffer) reset() {
	for i := range b.inserts {
		b.inserts[i] = b.inserts[i][:0]
		b.updates[i] = b.updates[i][:0]
	}
	b.deltas = b.deltas[:0]
	b.count = 0
}

// add adds new rows, or none of them.
func (b *buffer) add(t *table, rows []any) error {
	if err := t.check(rows); err != nil {
		return err
	}
	b.insert(t, rows)
	return nil
}

// insert adds rows that were checked.
func (b *buffer) insert(t *table, rows []any) {
	b.inserts[t.place] = append(b.inserts[t.place], rows...)
	b.count += len(rows) / len(t.columns)
}

// replace stores a row, which was checked, at its version: version 1 is new, a later one replaces the one
// before. Of a row that is known only the columns that differ are written; had is nil
// for one that is not.
func (b *buffer) replace(t *table, row, had []any) {
	version := int64(0)
	if t.version > 0 {
		version, _ = row[t.version].(int64)
	}
	if version == 1 {
		b.insert(t, row)
		return
	}
	u := update{args: make([]any, 0, len(row)+1)}
	for i := t.keys; i < len(row); i++ {
		if had == nil || row[i] != had[i] {
			u.mask |= 1 << i
			u.args = append(u.args, row[i])
		}
	}
	if u.mask == 0 {
		return
	}
	u.key = len(u.args)
	u.args = append(u.args, row[:t.keys]...)
	if t.version > 0 {
		u.args = append(u.args, version-1)
	}
	b.updates[t.place] = append(b.updates[t.place], u)
	b.count++
}

// remove deletes a row.
func (b *buffer) remove(t *table, row []any) {
	b.updates[t.place] = append(b.updates[t.place], update{args: row[:t.keys:t.keys]})
	b.count++
}

// flush sends the buffered writes. If one is refused the transaction is over, or the
// savepoint around it.
func (t *tx) flush(ctx context.Context) error {
	if t.buffer.count == 0 {
		return nil
	}
	err := t.send(ctx)
	t.buffer.reset()
	if err != nil {
		t.failed = err
	}
	return err
}

func (t *tx) send(ctx context.Context) error {
	for _, tab := range tables {
		if err := t.sendInserts(ctx, tab, t.buffer.inserts[tab.place]); err != nil {
			return err
		}
		for _, u := range t.buffer.updates[tab.place] {
			if err := t.sendUpdate(ctx, tab, u); err != nil {
				return err
			}
		}
		if tab == balancesTable {
			if err := t.sendDeltas(ctx, t.buffer.deltas); err != nil {
				return err
			}
		}
	}
	return nil
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

func (t *tx) sendInserts(ctx context.Context, tab *table, rows []any) error {
	width := len(tab.columns)
	for len(rows) > 0 {
		n := chunk(len(rows)/width, t.engine.rows)
		if _, err := t.exec(ctx, t.insert(tab, n), rows[:n*width]); err != nil {
			return t.refuse(tab, err, rows[:width], n)
		}
		rows = rows[n*width:]
	}
	return nil
}

// refuse says which new rows were refused because their keys exist.
func (t *tx) refuse(tab *table, err error, row []any, n int) error {
	if t.engine.fault(err) != taken || tab.taken == nil {
		return err
	}
	which := tab.describe(row)
	if n > 1 {
		which = fmt.Sprintf("one of %d new rows from %s", n, which)
	}
	return fmt.Errorf("%w: %s: %w", tab.taken, which, err)
}

func (t *tx) sendUpdate(ctx context.Context, tab *table, u update) error {
	n, err := t.exec(ctx, t.update(tab, u.mask), u.args)
	if err != nil {
		return t.refuse(tab, err, u.args[u.key:], 1)
	}
	if n == 1 {
		return nil
	}
	which := tab.describe(u.args[u.key:])
	if tab.version > 0 {
		which += fmt.Sprintf(" is not at version %v", u.args[len(u.args)-1])
	}
	return fmt.Errorf("%w: %s", tab.stale, which)
}

// sendDeltas moves balances in the order of their keys: the order in which every
// transaction locks them. Those of one key stay in the order in which they came, so
// that each is judged on what the one before has left.
func (t *tx) sendDeltas(ctx context.Context, deltas []inventory.Delta) error {
	slices.SortStableFunc(deltas, func(a, b inventory.Delta) int { return a.Compare(b.Key) })
	for i := range deltas {
		if err := t.sendDelta(ctx, &deltas[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) sendDelta(ctx context.Context, d *inventory.Delta) error {
	text, args := t.moveBalance(d)
	if text == "" {
		return nil
	}
	n, err := t.exec(ctx, text, args)
	if err != nil || n == 1 {
		return err
	}
	// There is no such row, or it would leave its bounds. A first one only receives.
	row := make([]any, 0, len(balancesTable.columns))
	row = append(row, t.tenant, d.Item, d.Location, d.Lot)
	for _, by := range d.By {
		if by < 0 || by > inventory.MaxQty {
			return t.staleBalance(d)
		}
		row = append(row, by)
	}
	if _, err = t.exec(ctx, t.insert(balancesTable, 1), row); err != nil && t.engine.fault(err) == taken {
		return t.staleBalance(d)
	}
	return err
}

func (t *tx) staleBalance(d *inventory.Delta) error {
	return storage.Stale(fmt.Errorf("%w: item %q at %q does not have the units, or the room, that was counted on", inventory.ErrStale, d.Item, d.Location))
}
