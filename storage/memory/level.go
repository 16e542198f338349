package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// levelKey is the key of a level.
type levelKey struct{ item, location string }

func (k *levelKey) compare(o *levelKey) int {
	return cmp.Or(strings.Compare(k.item, o.item), strings.Compare(k.location, o.location))
}

// PutLevel saves a level at its version.
func (x stock) PutLevel(ctx context.Context, l inventory.Level) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	key := levelKey{l.Item, l.Location}
	var stored int64
	if had := x.tables.levels.get(x.tx, key); had != nil {
		stored = had.Version
	}
	if stored != l.Version-1 {
		return storage.Stale(fmt.Errorf("%w: the level of %q at %q is at version %d, not %d", inventory.ErrStale, l.Item, l.Location, stored, l.Version-1))
	}
	x.tables.levels.put(x.tx, key, l.Clone())
	return nil
}

// ListLevels yields levels by item and location.
func (x stock) ListLevels(ctx context.Context) iter.Seq2[inventory.Level, error] {
	return each(ctx, x.tx, x.tables.levels, levelKey{}, func(_ *levelKey, l *inventory.Level, give func(inventory.Level) bool) bool {
		return give(l.Clone())
	})
}
