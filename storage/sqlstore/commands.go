package sqlstore

import (
	"context"

	"github.com/orderkit/oms/storage"
)

// commands is storage.Commands in a transaction.
type commands struct{ *tx }

var commandSQL = "SELECT " + commandsTable.selected("") + " FROM {commands} WHERE tenant = ? AND id = ?"

// Find reads a key.
func (x commands) Find(ctx context.Context, key string) (storage.Command, bool, error) {
	var found storage.Command
	if err := x.reading(ctx); err != nil {
		return found, false, err
	}
	n, read := 0, x.byKey(key)
	read.fn = func(row []any) error {
		n++
		c := cells{row: row, at: 1}
		found = storage.Command{Key: c.text(), Name: c.text(), Hash: c.text(), Result: c.text(), At: c.time()}
		return c.err
	}
	err := x.lookups(ctx, read)
	return found, err == nil && n > 0, err
}

// byKey is the read of a key, without what to do with its row.
func (x commands) byKey(key string) keyed {
	return keyed{Statement{x.fixed(commandSQL), []any{x.tenant, key}}, len(commandsTable.columns) - 1, nil}
}

// Put adds a key. That one exists is known when it is sent.
func (x commands) Put(ctx context.Context, c storage.Command) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	return x.buffer.add(commandsTable, []any{x.tenant, c.Key, c.Name, c.Hash, c.Result, moment(c.At)})
}
