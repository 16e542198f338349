package delivery

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/orderkit/oms/storage"
)

// Dead is an event that all attempts were in vain for. What comes after it of the same
// aggregate waits behind it.
type Dead struct {
	Event    storage.Event
	Attempts int
	Error    string    // of the last attempt, cut to 1000 bytes
	At       time.Time // of the last attempt
}

// Dead yields the dead letters, by shard and aggregate: one for an aggregate. Each
// shard is read in a View of its own, and nothing is held while the loop's body runs.
func (c *Consumer) Dead(ctx context.Context) iter.Seq2[Dead, error] {
	return func(yield func(Dead, error) bool) {
		cursors, err := c.Shards(ctx)
		if err != nil {
			yield(Dead{}, err)
			return
		}
		for _, cur := range cursors {
			if cur.Letters == 0 {
				continue
			}
			dead, err := c.deadOf(ctx, cur.Shard)
			if err != nil {
				yield(Dead{}, err)
				return
			}
			for _, d := range dead {
				if !yield(d, nil) {
					return
				}
			}
		}
	}
}

func (c *Consumer) deadOf(ctx context.Context, shard int) ([]Dead, error) {
	var dead []Dead
	err := c.cfg.Store.View(ctx, c.cfg.Tenant, func(ctx context.Context, tx storage.Tx) error {
		letters, err := tx.Deliveries().Letters(ctx, c.cfg.Name, shard)
		if err != nil {
			return err
		}
		for _, l := range letters {
			if !l.Dead {
				continue
			}
			events, err := tx.Events().After(ctx, l.Aggregate, l.Seq-1, 1)
			if err != nil {
				return err
			}
			if len(events) == 0 || events[0].Seq != l.Seq {
				return fmt.Errorf("%w: the dead letter of %s for %s is at position %d, where it has no event", storage.ErrCorrupt, l.Aggregate, l.Consumer, l.Seq)
			}
			dead = append(dead, Dead{Event: events[0], Attempts: l.Attempts, Error: l.Error, At: l.At})
		}
		return nil
	})
	return dead, err
}

// Replay makes an event that is dead due again, with all its attempts. When it is taken,
// what waits behind it follows. Any other event is ErrNotDead.
func (c *Consumer) Replay(ctx context.Context, e storage.Event) error {
	return c.revive(ctx, e, e.Seq)
}

// Discard gives up an event that is dead: it will not be handed out. What waits behind
// it follows. Any other event is ErrNotDead.
func (c *Consumer) Discard(ctx context.Context, e storage.Event) error {
	return c.revive(ctx, e, e.Seq+1)
}

// revive lets an aggregate go on from a position. It leaves the rest to whoever has the
// next lease: only that one knows how far the log was read.
func (c *Consumer) revive(ctx context.Context, e storage.Event, from int64) error {
	err := c.cfg.Store.Update(ctx, c.cfg.Tenant, func(ctx context.Context, tx storage.Tx) error {
		cursors, err := tx.Deliveries().Cursors(ctx, c.cfg.Name)
		if err != nil {
			return err
		}
		if err := c.fits(cursors); err != nil {
			return err
		}
		letters, err := tx.Deliveries().Letters(ctx, c.cfg.Name, c.shardOf(e.Aggregate))
		if err != nil {
			return err
		}
		for _, l := range letters {
			if l.Aggregate == e.Aggregate && l.Seq == e.Seq && l.Dead {
				l.Seq, l.Attempts, l.Dead, l.Due = from, 0, false, c.cfg.Now()
				l.Version++
				return tx.Deliveries().SaveLetter(ctx, l)
			}
		}
		return fmt.Errorf("%w: event %d of %s for %s", ErrNotDead, e.Seq, e.Aggregate, c.cfg.Name)
	})
	if err == nil {
		c.Wake()
	}
	return err
}
