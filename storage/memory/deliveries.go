package memory

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/orderkit/oms/storage"
)

// shardKey is the key of a cursor.
type shardKey struct {
	consumer string
	shard    int
}

func (k *shardKey) compare(o *shardKey) int {
	return cmp.Or(strings.Compare(k.consumer, o.consumer), cmp.Compare(k.shard, o.shard))
}

// letterKey is the key of a letter.
type letterKey struct {
	shardKey
	aggregate string
}

func (k *letterKey) compare(o *letterKey) int {
	return cmp.Or(k.shardKey.compare(&o.shardKey), strings.Compare(k.aggregate, o.aggregate))
}

// After reads up to limit events of one aggregate after a position, oldest first.
func (x eventLog) After(ctx context.Context, aggregate string, seq int64, limit int) ([]storage.Event, error) {
	if err := x.reading(ctx); err != nil || limit <= 0 {
		return nil, err
	}
	var out []storage.Event
	x.tables.trail.up(x.tx, place{aggregate, int(max(seq, 0))}, func(p *place, _ *struct{}) bool { // the place of an event is before its position
		if p.aggregate == aggregate {
			out = append(out, x.events.at(p.i).event(p.i))
		}
		return p.aggregate == aggregate && len(out) < limit
	})
	return out, nil
}

// deliveries is storage.Deliveries in a transaction.
type deliveries struct{ *tx }

// Cursors reads the cursors of a consumer by shard.
func (x deliveries) Cursors(ctx context.Context, consumer string) ([]storage.Cursor, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	var out []storage.Cursor
	x.tables.cursors.up(x.tx, shardKey{consumer: consumer}, func(k *shardKey, c *storage.Cursor) bool {
		if k.consumer == consumer {
			out = append(out, *c)
		}
		return k.consumer == consumer
	})
	return out, nil
}

// SaveCursor stores a cursor at its version.
func (x deliveries) SaveCursor(ctx context.Context, c storage.Cursor) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	key := shardKey{c.Consumer, c.Shard}
	var stored int64
	if had := x.tables.cursors.get(x.tx, key); had != nil {
		stored = had.Version
	}
	if stored != c.Version-1 {
		return fmt.Errorf("%w: cursor %s %d is at version %d, not %d", storage.ErrConflict, c.Consumer, c.Shard, stored, c.Version-1)
	}
	c.Until = utc(c.Until)
	x.tables.cursors.put(x.tx, key, c)
	return nil
}

// Letters reads the letters of a shard by aggregate.
func (x deliveries) Letters(ctx context.Context, consumer string, shard int) ([]storage.Letter, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	var out []storage.Letter
	of := shardKey{consumer, shard}
	x.tables.letters.up(x.tx, letterKey{shardKey: of}, func(k *letterKey, l *storage.Letter) bool {
		if k.shardKey == of {
			out = append(out, *l)
		}
		return k.shardKey == of
	})
	return out, nil
}

// SaveLetter stores a letter at its version.
func (x deliveries) SaveLetter(ctx context.Context, l storage.Letter) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	key := letterKey{shardKey{l.Consumer, l.Shard}, l.Aggregate}
	var stored int64
	if had := x.tables.letters.get(x.tx, key); had != nil {
		stored = had.Version
	}
	if stored != l.Version-1 {
		return fmt.Errorf("%w: the letter of %s for %s is at version %d, not %d", storage.ErrConflict, l.Aggregate, l.Consumer, stored, l.Version-1)
	}
	l.At, l.Due = utc(l.At), utc(l.Due)
	x.tables.letters.put(x.tx, key, l)
	return nil
}

// DropLetter removes a letter.
func (x deliveries) DropLetter(ctx context.Context, consumer string, shard int, aggregate string) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	key := letterKey{shardKey{consumer, shard}, aggregate}
	if x.tables.letters.get(x.tx, key) == nil {
		return fmt.Errorf("%w: there is no letter of %s for %s", storage.ErrConflict, aggregate, consumer)
	}
	x.tables.letters.drop(x.tx, key)
	return nil
}
