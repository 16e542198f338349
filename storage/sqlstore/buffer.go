package sqlstore

import (
	"slices"

	"github.com/orderkit/oms/inventory"
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
		b.inserts[i] = nil // its rows may be somebody else's
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
	if b.inserts[t.place] == nil {
		b.inserts[t.place] = slices.Clip(rows) // what is appended leaves them as they are
	} else {
		b.inserts[t.place] = append(b.inserts[t.place], rows...)
	}
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

// append adds the writes of another buffer behind its own.
func (b *buffer) append(other *buffer) {
	for i := range b.inserts {
		b.inserts[i] = append(b.inserts[i], other.inserts[i]...)
		b.updates[i] = append(b.updates[i], other.updates[i]...)
	}
	b.deltas = append(b.deltas, other.deltas...)
	b.count += other.count
}
