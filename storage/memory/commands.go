package memory

import (
	"context"
	"fmt"

	"github.com/orderkit/oms/storage"
)

// commands is storage.Commands in a transaction.
type commands struct{ *tx }

// Find reads a key.
func (x commands) Find(ctx context.Context, key string) (storage.Command, bool, error) {
	if err := x.reading(ctx); err != nil {
		return storage.Command{}, false, err
	}
	row := x.tables.commands.get(x.tx, key)
	if row == nil {
		return storage.Command{}, false, nil
	}
	return *row, true, nil
}

// Put adds a key.
func (x commands) Put(ctx context.Context, c storage.Command) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	if x.tables.commands.find(x.tx, c.Key) != nil {
		return fmt.Errorf("%w: idempotency key %q is taken", storage.ErrConflict, c.Key)
	}
	c.At = utc(c.At)
	x.tables.commands.insert(x.tx, c.Key, c)
	return nil
}
