package sqlstore

import (
	"context"

	"github.com/orderkit/oms/storage"
)

// deliveries is storage.Deliveries in a transaction.
type deliveries struct{ *tx }

var (
	cursorsSQL = "SELECT " + cursorsTable.selected("") + " FROM {cursors} WHERE tenant = ? AND consumer = ? ORDER BY shard"
	lettersSQL = "SELECT " + lettersTable.selected("") + " FROM {letters} WHERE tenant = ? AND consumer = ? AND shard = ? ORDER BY aggregate"
)

var eventsAfterSQL = "SELECT " + eventsTable.selected("") + " FROM {events} WHERE tenant = ? AND aggregate = ? AND seq > ? ORDER BY seq LIMIT ?"

// After reads up to limit events of one aggregate after a position, by Seq.
func (x events) After(ctx context.Context, aggregate string, seq int64, limit int) ([]storage.Event, error) {
	if limit <= 0 {
		return nil, x.usable(ctx)
	}
	return collect(ctx, x.tx, x.fixed(eventsAfterSQL), []any{x.tenant, aggregate, max(seq, 0), int64(limit)}, len(eventsTable.columns)-1, readEvent)
}

// Cursors reads the cursors of a consumer by shard.
func (x deliveries) Cursors(ctx context.Context, consumer string) ([]storage.Cursor, error) {
	return collect(ctx, x.tx, x.fixed(cursorsSQL), []any{x.tenant, consumer}, len(cursorsTable.columns)-1, func(c *cells) storage.Cursor {
		return storage.Cursor{
			Consumer: c.text(), Shard: int(c.int()), Shards: int(c.int()), Position: c.int(), Letters: int(c.int()),
			Claims: int(c.int()), Careful: int(c.int()), Owner: c.text(), Until: c.time(), Version: c.int(),
		}
	})
}

// SaveCursor stores a cursor at its version.
func (x deliveries) SaveCursor(ctx context.Context, c storage.Cursor) error {
	return x.save(ctx, cursorsTable, x.tenant, c.Consumer, int64(c.Shard), int64(c.Shards), c.Position, int64(c.Letters),
		int64(c.Claims), int64(c.Careful), c.Owner, moment(c.Until), c.Version)
}

// Letters reads the letters of a shard by aggregate.
func (x deliveries) Letters(ctx context.Context, consumer string, shard int) ([]storage.Letter, error) {
	return collect(ctx, x.tx, x.fixed(lettersSQL), []any{x.tenant, consumer, int64(shard)}, len(lettersTable.columns)-1, func(c *cells) storage.Letter {
		return storage.Letter{
			Consumer: c.text(), Shard: int(c.int()), Aggregate: c.text(), Seq: c.int(), Attempts: int(c.int()), Error: c.text(),
			At: c.time(), Due: c.time(), Dead: c.flag(), Version: c.int(),
		}
	})
}

// SaveLetter stores a letter at its version.
func (x deliveries) SaveLetter(ctx context.Context, l storage.Letter) error {
	return x.save(ctx, lettersTable, x.tenant, l.Consumer, int64(l.Shard), l.Aggregate, l.Seq, int64(l.Attempts), l.Error,
		moment(l.At), moment(l.Due), flag(l.Dead), l.Version)
}

// DropLetter removes a letter.
func (x deliveries) DropLetter(ctx context.Context, consumer string, shard int, aggregate string) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	x.buffer.remove(lettersTable, []any{x.tenant, consumer, int64(shard), aggregate})
	return nil
}

func (x deliveries) save(ctx context.Context, of *table, row ...any) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	x.buffer.replace(of, row, nil)
	return nil
}
