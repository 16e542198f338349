package delivery

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/orderkit/oms/storage"
)

// Run runs consumers until the context ends, and then returns nil: calls of handlers
// that are under way are ended by their contexts and waited for, what was done is
// noted, and the leases are given back. Errors of the store are heard by Config.OnError
// and waited out. A consumer that can never work is the end of all of them, and the
// error: ErrShards.
func Run(ctx context.Context, consumers ...*Consumer) error {
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, c := range consumers {
		for range min(c.cfg.Workers, c.cfg.Shards) {
			wg.Go(func() {
				if err := c.run(inner); err != nil {
					cancel(err)
				}
			})
		}
	}
	wg.Wait()
	if ctx.Err() != nil || inner.Err() == nil {
		return nil
	}
	return context.Cause(inner)
}

// Drain hands out what there is to do now, in this goroutine, and returns how many
// events were taken. It leaves out what other workers have leases on, and what is to be
// tried later. Programs that are started now and then use it instead of Run.
func (c *Consumer) Drain(ctx context.Context) (int, error) {
	done := 0
	for {
		t, err := c.claim(ctx)
		if t == nil || err != nil {
			return done, err
		}
		c.work(ctx, t)
		if err := c.settle(ctx, t); err != nil {
			return done, err
		}
		done += t.done
	}
}

// Wake tells the consumer that there may be something to do, so that it does not wait
// for the next look at the log. Call it after a commit. It never blocks.
func (c *Consumer) Wake() {
	select {
	case c.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// run is one worker.
func (c *Consumer) run(ctx context.Context) error {
	for {
		t, err := c.next(ctx)
		if t == nil || err != nil {
			return err
		}
		c.work(ctx, t)
		if err := c.settle(ctx, t); err != nil {
			c.cfg.OnError(err)
		}
	}
}

// next waits for something to do; nil is the end. Only one worker at a time looks for
// it, so that an idle consumer costs one look for each pause.
func (c *Consumer) next(ctx context.Context) (*turn, error) {
	select {
	case c.scout <- struct{}{}:
	case <-ctx.Done():
		return nil, nil //nolint:nilnil // the end
	}
	defer func() { <-c.scout }()
	for {
		t, err := c.claim(ctx)
		switch {
		case ctx.Err() != nil && t == nil:
			return nil, nil //nolint:nilnil // the end
		case errors.Is(err, ErrShards) || errors.Is(err, storage.ErrNested):
			return nil, err
		case err != nil:
			c.cfg.OnError(err)
		case t != nil:
			return t, nil
		}
		c.rest(ctx)
	}
}

// rest waits for the next look at the log, for Wake, or for the end.
func (c *Consumer) rest(ctx context.Context) {
	timer := time.NewTimer(c.cfg.Poll/2 + time.Duration(c.cfg.Random()*float64(c.cfg.Poll/2)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.wake:
	case <-ctx.Done():
	}
}
