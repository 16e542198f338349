package delivery

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/orderkit/oms/storage"
)

// turn is the work on a shard under one lease: what was read when it was taken, and
// what became of that.
type turn struct {
	cursor storage.Cursor // as it was saved with the lease
	half   time.Time      // of the lease: no call begins later
	lost   int            // leases before this one that were not given back

	late   []late          // letters whose time has come
	events []storage.Event // the next ones that wait behind no letter
	seen   int64           // position up to which the log was read

	position int64            // up to which everything is done or behind a letter
	fresh    []storage.Letter // of this turn
	behind   map[string]bool  // aggregates with a fresh letter
	rest     time.Time        // until which the handler wants no more
	done     int              // events that were taken
}

// late is a letter that is tried again, and what comes next of its aggregate.
type late struct {
	storage.Letter
	events []storage.Event
	tried  bool
}

// claim takes the lease of a shard with something to do; nil if there is none. Reading
// the log is part of an Update: there positions are final, so that none can appear
// before one that was read.
func (c *Consumer) claim(ctx context.Context) (*turn, error) {
	var t *turn
	var log reader
	err := c.cfg.Store.Update(ctx, c.cfg.Tenant, func(ctx context.Context, tx storage.Tx) error {
		t = nil
		cursors, err := c.cursors(ctx, tx)
		if err != nil {
			return err
		}
		slices.SortStableFunc(cursors, func(a, b storage.Cursor) int { return cmp.Compare(a.Position, b.Position) })
		now := c.cfg.Now()
		log = reader{log: tx.Events(), limit: min(c.cfg.Batch*c.cfg.Shards, maxPage), recent: c.recent.Load()}
		for _, cur := range cursors {
			if now.Before(cur.Until) {
				continue
			}
			if t, err = c.look(ctx, tx, &log, cur, now); t != nil || err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.recent.Store(log.recent) // not before: had the transaction failed, its positions would not be final
	return t, nil
}

// cursors reads those of the consumer, or makes them.
func (c *Consumer) cursors(ctx context.Context, tx storage.Tx) ([]storage.Cursor, error) {
	all, err := tx.Deliveries().Cursors(ctx, c.cfg.Name)
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		return all, c.fits(all)
	}
	all = make([]storage.Cursor, c.cfg.Shards)
	for i := range all {
		all[i] = storage.Cursor{Consumer: c.cfg.Name, Shard: i, Shards: c.cfg.Shards, Position: c.cfg.Start, Version: 1}
		if err := tx.Deliveries().SaveCursor(ctx, all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// look takes the lease of a shard if there is something to do for it.
func (c *Consumer) look(ctx context.Context, tx storage.Tx, log *reader, cur storage.Cursor, now time.Time) (*turn, error) {
	t := &turn{lost: cur.Claims, seen: cur.Position, position: cur.Position, behind: map[string]bool{}}
	batch := c.cfg.Batch
	if t.lost > 0 {
		cur.Careful = batch
	}
	if cur.Careful > 0 { // one at a time finds the event that nobody comes back from
		batch = 1
	}
	waiting, err := c.open(ctx, tx, t, cur, batch, now)
	if err != nil {
		return nil, err
	}
	end := true
	if cur.Letters < c.cfg.Letters && (cur.Careful == 0 || len(t.late) == 0) {
		mine := func(e *storage.Event) bool { return c.shardOf(e.Aggregate) == cur.Shard && !waiting[e.Aggregate] }
		if end, err = log.find(ctx, t, batch, mine); err != nil {
			return nil, err
		}
	}
	idle := len(t.late) == 0 && len(t.events) == 0 && end
	if idle && t.seen == cur.Position {
		return nil, nil //nolint:nilnil // there is nothing to do
	}
	cur.Version++
	if idle {
		cur.Position = t.seen // nothing on the way was for this shard
		return nil, tx.Deliveries().SaveCursor(ctx, cur)
	}
	cur.Claims++
	cur.Owner, cur.Until = c.cfg.Owner, now.Add(c.cfg.Lease)
	t.cursor, t.half = cur, now.Add(c.cfg.Lease/2)
	return t, tx.Deliveries().SaveCursor(ctx, cur)
}

// open reads the letters whose time has come, the longest due first, and the
// aggregates that wait behind one.
func (c *Consumer) open(ctx context.Context, tx storage.Tx, t *turn, cur storage.Cursor, batch int, now time.Time) (map[string]bool, error) {
	if cur.Letters == 0 {
		return nil, nil //nolint:nilnil // nobody waits
	}
	all, err := tx.Deliveries().Letters(ctx, cur.Consumer, cur.Shard)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b storage.Letter) int { return a.Due.Compare(b.Due) })
	waiting := make(map[string]bool, len(all))
	for _, l := range all {
		waiting[l.Aggregate] = true
		if l.Dead || now.Before(l.Due) || batch <= 0 {
			continue
		}
		events, err := tx.Events().After(ctx, l.Aggregate, l.Seq-1, batch)
		if err != nil {
			return nil, err
		}
		beyond := slices.IndexFunc(events, func(e storage.Event) bool { return e.Seq > cur.Position })
		if beyond >= 0 {
			events = events[:beyond]
		}
		t.late = append(t.late, late{Letter: l, events: events, tried: len(events) == 0})
		batch -= max(len(events), 1)
	}
	return waiting, nil
}

// work hands out what a turn has, until it may not go on.
func (c *Consumer) work(ctx context.Context, t *turn) {
	for i := range t.late {
		l := &t.late[i]
		for _, e := range l.events {
			if !c.goesOn(ctx, t) {
				return
			}
			err := c.call(ctx, t, e)
			if err != nil && ctx.Err() != nil {
				return // it was stopped
			}
			l.tried = true
			if err != nil {
				c.fail(t, &l.Letter, e, err)
				break
			}
			t.done++
			l.Seq, l.Attempts, l.Error, l.Due = e.Seq+1, 0, "", c.cfg.Now()
		}
	}
	for _, e := range t.events {
		if t.behind[e.Aggregate] {
			continue
		}
		t.position = e.Seq - 1
		if !c.goesOn(ctx, t) {
			return
		}
		err := c.call(ctx, t, e)
		if err != nil && ctx.Err() != nil {
			return // it was stopped
		}
		if err == nil {
			t.done++
			continue
		}
		l := storage.Letter{Consumer: c.cfg.Name, Shard: t.cursor.Shard, Aggregate: e.Aggregate}
		c.fail(t, &l, e, err)
		t.behind[e.Aggregate] = true
		t.fresh = append(t.fresh, l)
	}
	t.position = t.seen
}

// goesOn tells whether another event may be handed out in a turn.
func (c *Consumer) goesOn(ctx context.Context, t *turn) bool {
	return ctx.Err() == nil && t.rest.IsZero() && c.cfg.Now().Before(t.half)
}

// call hands out an event. A panic is an error: one event shall not end the process,
// and then the next, for ever.
func (c *Consumer) call(ctx context.Context, t *turn, e storage.Event) (err error) {
	if t.lost >= c.cfg.Attempts {
		return fmt.Errorf("%w: %w: %d in a row", ErrPermanent, ErrNoReturn, t.lost)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Lease/2)
	defer cancel()
	e.Data = bytes.Clone(e.Data) // the handler may change it
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrPanic, p)
		}
	}()
	return c.cfg.Handler(ctx, c.cfg.Tenant, e)
}

// fail notes a failed attempt.
func (c *Consumer) fail(t *turn, l *storage.Letter, e storage.Event, err error) {
	l.Seq, l.At, l.Due, l.Error = e.Seq, c.cfg.Now(), time.Time{}, textOf(err)
	l.Attempts++
	l.Dead = l.Attempts >= c.cfg.Attempts || errors.Is(err, ErrPermanent)
	pause := c.backoff(l.Attempts)
	if later, ok := errors.AsType[*LaterError](err); ok {
		pause = max(pause, min(later.After, c.cfg.MaxBackoff))
		t.rest = l.At.Add(pause)
	}
	if !l.Dead {
		l.Due = l.At.Add(pause)
	}
	c.cfg.OnError(&AttemptError{Tenant: c.cfg.Tenant, Consumer: c.cfg.Name, Event: e, Attempts: l.Attempts, Dead: l.Dead, Err: err})
}

// backoff is the pause after an attempt: half of it, and up to the other half at
// random, so that what failed together is not tried together.
func (c *Consumer) backoff(attempts int) time.Duration {
	pause := min(float64(c.cfg.MinBackoff)*math.Pow(2, float64(attempts-1)), float64(c.cfg.MaxBackoff))
	return time.Duration(pause/2 + pause/2*c.cfg.Random())
}

// settle notes what became of a turn and gives the lease back, also when the consumer
// is to stop.
func (c *Consumer) settle(ctx context.Context, t *turn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.cfg.Lease/2)
	defer cancel()
	return c.cfg.Store.Update(ctx, c.cfg.Tenant, func(ctx context.Context, tx storage.Tx) error {
		all, err := tx.Deliveries().Cursors(ctx, c.cfg.Name)
		if err != nil {
			return err
		}
		cur := t.cursor
		if cur.Shard >= len(all) || all[cur.Shard].Version != cur.Version {
			return fmt.Errorf("%w: shard %d of %s", ErrLease, cur.Shard, c.cfg.Name)
		}
		for _, l := range t.fresh {
			l.Version = 1
			cur.Letters++
			if err := tx.Deliveries().SaveLetter(ctx, l); err != nil {
				return err
			}
		}
		for _, l := range t.late {
			if !l.tried {
				continue
			}
			gone, err := put(ctx, tx, l.Letter, t.position)
			if err != nil {
				return err
			}
			if gone {
				cur.Letters--
			}
		}
		cur.Position, cur.Claims, cur.Careful = t.position, 0, max(cur.Careful-1, 0)
		cur.Owner, cur.Until = "", t.rest
		cur.Version++
		return tx.Deliveries().SaveCursor(ctx, cur)
	})
}

// put saves a letter that was tried, or drops it if nothing waits behind it up to a
// position.
func put(ctx context.Context, tx storage.Tx, l storage.Letter, position int64) (gone bool, err error) {
	next, err := tx.Events().After(ctx, l.Aggregate, l.Seq-1, 1)
	if err != nil {
		return false, err
	}
	if len(next) == 0 || next[0].Seq > position {
		return true, tx.Deliveries().DropLetter(ctx, l.Consumer, l.Shard, l.Aggregate)
	}
	l.Version++
	return false, tx.Deliveries().SaveLetter(ctx, l)
}
