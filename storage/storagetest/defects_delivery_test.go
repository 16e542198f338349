package storagetest_test

import (
	"context"
	"slices"

	"github.com/orderkit/oms/storage"
)

// desk is storage.Deliveries with other ways to do some things, where they are set.
type desk struct {
	storage.Deliveries

	cursor func(*storage.Cursor)
	letter func(*storage.Letter)
	list   func([]storage.Letter) []storage.Letter
	ignore error
}

func (d *desk) SaveCursor(ctx context.Context, c storage.Cursor) error {
	if d.cursor != nil {
		d.cursor(&c)
	}
	return d.judged(d.Deliveries.SaveCursor(ctx, c))
}

func (d *desk) SaveLetter(ctx context.Context, l storage.Letter) error {
	if d.letter != nil {
		d.letter(&l)
	}
	return d.judged(d.Deliveries.SaveLetter(ctx, l))
}

func (d *desk) DropLetter(ctx context.Context, consumer string, shard int, aggregate string) error {
	return d.judged(d.Deliveries.DropLetter(ctx, consumer, shard, aggregate))
}

func (d *desk) Letters(ctx context.Context, consumer string, shard int) ([]storage.Letter, error) {
	all, err := d.Deliveries.Letters(ctx, consumer, shard)
	if d.list != nil {
		all = d.list(all)
	}
	return all, err
}

func (d *desk) judged(err error) error {
	if d.ignore != nil {
		return swallow(err, d.ignore)
	}
	return err
}

func inDeliveries(d desk) func(storage.Store) storage.Store {
	return inTx(func(tx storage.Tx) storage.Tx {
		mine := d
		mine.Deliveries = tx.Deliveries()
		return twistedTx{Tx: tx, deliveries: &mine}
	})
}

// trail is an event log whose After is another.
type trail struct {
	storage.Events
}

func (t *trail) After(ctx context.Context, aggregate string, seq int64, limit int) ([]storage.Event, error) {
	return t.Events.After(ctx, aggregate, max(seq-1, 0), limit)
}

var deliveryDefects = []defect{
	{"reads the last event of an aggregate again", []string{"events/after"}, inTx(func(tx storage.Tx) storage.Tx {
		return twistedTx{Tx: tx, events: &trail{tx.Events()}}
	})},
	{"forgets how often a lease was not given back", []string{"deliveries/round-trip"}, inDeliveries(desk{cursor: func(c *storage.Cursor) { c.Claims = 0 }})},
	{"forgets that a letter is dead", []string{"deliveries/round-trip"}, inDeliveries(desk{letter: func(l *storage.Letter) { l.Dead = false }})},
	{"reads letters backwards", []string{"deliveries/order"}, inDeliveries(desk{list: func(all []storage.Letter) []storage.Letter {
		slices.Reverse(all)
		return all
	}})},
	{"ignores a stale cursor", []string{"deliveries/stale", "deliveries/one-lease"}, inDeliveries(desk{ignore: storage.ErrConflict, cursor: func(c *storage.Cursor) { c.Version = min(c.Version, 3) }})},
}
