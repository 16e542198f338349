package delivery_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/memory"
)

func TestAProcessThatDiesBeforeItNotedWhatItDidLosesNothing(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		var c clock
		var first, second sink
		process := &mortal{Store: s}
		first.judge = func(e storage.Event) error {
			if name(e) == "a#2" {
				process.killed.Store(true) // it handles this one, and no note of it is left
			}
			return nil
		}
		log(t, s, 4, "a")
		_, err := consumer(t, process, c.now, first.handle).Drain(t.Context())
		require.ErrorIs(t, err, errKilled)
		require.Equal(t, []string{"a#1", "a#2", "a#3", "a#4"}, first.taken())

		other := consumer(t, s, c.now, second.handle)
		require.Zero(t, drain(t, other), "the lease of the dead is not over")
		c.turn(time.Minute)
		require.Equal(t, 4, drain(t, other))
		require.Equal(t, []string{"a#1", "a#2", "a#3", "a#4"}, second.taken(), "all of the batch again, in order")
	})
}

func TestAWorkerThatLostItsLeaseCannotMoveThePosition(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		var c clock
		var second sink
		log(t, s, 3, "a")
		inside, resume := make(chan struct{}), make(chan struct{})
		slow := consumer(t, s, c.now, func(_ context.Context, _ storage.Tenant, e storage.Event) error {
			if e.Version == 1 {
				close(inside)
				<-resume
			}
			return errRefused // it would set the event aside
		})
		ended := make(chan error)
		go func() { _, err := slow.Drain(t.Context()); ended <- err }()
		<-inside
		other := consumer(t, s, c.now, second.handle)
		require.Zero(t, drain(t, other), "one lease, one worker")
		c.turn(time.Minute)
		require.Equal(t, 3, drain(t, other)+drain(t, other))
		before, err := other.Shards(t.Context())
		require.NoError(t, err)
		close(resume)
		require.ErrorIs(t, <-ended, delivery.ErrLease)
		after, err := other.Shards(t.Context())
		require.NoError(t, err)
		require.Equal(t, before, after, "nothing of what it did is noted")
		require.Equal(t, []string{"a#1", "a#2", "a#3"}, second.taken())
	})
}

func TestAnEventThatKillsItsWorkersIsFoundAndDead(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		var c clock
		got := sink{}
		log(t, s, 5, "a")
		log(t, s, 2, "b")
		deaths := 0
		var last *delivery.Consumer
		for round := 0; ; round++ {
			require.Less(t, round, 40)
			process := &mortal{Store: s}
			got.judge = func(e storage.Event) error {
				if name(e) == "a#3" {
					process.killed.Store(true)
					panic("the process ends here")
				}
				return nil
			}
			last = consumer(t, process, c.now, got.handle, func(c *delivery.Config) { c.Attempts, c.Shards = 3, 1 })
			_, err := last.Drain(t.Context())
			if err == nil {
				break
			}
			require.ErrorIs(t, err, errKilled)
			deaths++
			c.turn(time.Minute)
		}
		require.Equal(t, 4, deaths, "once among others, and then alone until its attempts are used up")
		all := dead(t, last)
		require.Len(t, all, 1)
		require.Equal(t, "a#3", name(all[0].Event))
		require.Contains(t, all[0].Error, delivery.ErrNoReturn.Error())
		require.Subset(t, got.taken(), []string{"a#1", "a#2", "b#1", "b#2"})
		require.NotContains(t, got.taken(), "a#4")
		got.judge = nil
		require.NoError(t, last.Discard(t.Context(), all[0].Event))
		require.Equal(t, 2, drain(t, last))
	})
}

func TestABatchEndsWithTheFirstHalfOfItsLease(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var c clock
	var mine *delivery.Consumer
	var left time.Duration
	calls := 0
	mine = consumer(t, s, c.now, func(ctx context.Context, _ storage.Tenant, _ storage.Event) error {
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		left = time.Until(deadline)
		calls++
		c.turn(11 * time.Second)
		if calls == 3 {
			cursors, err := mine.Shards(context.WithoutCancel(t.Context())) //nolint:contextcheck // as another process
			require.NoError(t, err)
			require.EqualValues(t, 0, cursors[0].Position)
			require.Equal(t, noon.Add(time.Minute), cursors[0].Until)
			require.Equal(t, "me", cursors[0].Owner)
		}
		if calls == 4 {
			cursors, err := mine.Shards(context.WithoutCancel(t.Context())) //nolint:contextcheck // as another process
			require.NoError(t, err)
			require.EqualValues(t, 3, cursors[0].Position, "the first three calls were noted")
			require.Equal(t, noon.Add(93*time.Second), cursors[0].Until, "and this is another lease")
		}
		return nil
	}, func(c *delivery.Config) { c.Shards, c.Owner = 1, "me" })
	log(t, s, 5, "a")
	require.Equal(t, 5, drain(t, mine))
	require.LessOrEqual(t, left, 30*time.Second)
}

// lateStore is a store that gives events their positions as databases with many writers do:
// not when they are appended, nor when they are committed, but when somebody reads the
// log inside an Update. It stands in for those engines over a store that has none of it.
type lateStore struct {
	*memory.Store

	mu       sync.Mutex
	unplaced []storage.Event // committed
	fails    bool            // the next Update is rolled back at its end, and with it the positions it gave
}

func (s *lateStore) Update(ctx context.Context, t storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	before := s.unplaced
	return s.Store.Update(ctx, t, func(ctx context.Context, tx storage.Tx) error {
		err := fn(ctx, lateTx{tx, s})
		if s.fails && err == nil {
			s.fails, s.unplaced, err = false, before, errKilled
		}
		return err
	})
}

// commit is a writer's transaction whose events are committed now.
func (s *lateStore) commit(events ...storage.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unplaced = append(s.unplaced, events...)
}

type lateTx struct {
	storage.Tx

	store *lateStore
}

func (x lateTx) Events() storage.Events { return lateEvents{x.Tx.Events(), x.store} }

type lateEvents struct {
	storage.Events

	store *lateStore
}

func (x lateEvents) Since(ctx context.Context, seq int64, limit int) ([]storage.Event, error) {
	x.store.mu.Lock()
	defer x.store.mu.Unlock()
	if err := x.Events.Append(ctx, x.store.unplaced); err != nil {
		return nil, err
	}
	x.store.unplaced = nil
	return x.Events.Since(ctx, seq, limit)
}

func TestALateCommitIsNotSkipped(t *testing.T) {
	t.Parallel()
	s := &lateStore{Store: memory.New()}
	var c clock
	var got sink
	mine := consumer(t, s, c.now, got.handle)
	late, early := event("late", 1), event("early", 1) // late begins first, and commits last
	s.commit(early)
	require.Equal(t, 1, drain(t, mine))
	s.commit(late)
	require.Equal(t, 1, drain(t, mine))
	require.Equal(t, []string{"early#1", "late#1"}, got.taken())
}

func TestPositionsOfATransactionThatFailedAreForgotten(t *testing.T) {
	t.Parallel()
	s := &lateStore{Store: memory.New(), fails: true}
	var c clock
	var got sink
	mine := consumer(t, s, c.now, got.handle, func(c *delivery.Config) { c.Shards = 1 })
	s.commit(event("a", 1), event("b", 1))
	_, err := mine.Drain(t.Context())
	require.ErrorIs(t, err, errKilled)
	s.unplaced = append([]storage.Event{event("c", 1)}, s.unplaced...) // it is placed first now
	require.Equal(t, 3, drain(t, mine))
	require.ElementsMatch(t, []string{"a#1", "b#1", "c#1"}, got.taken())
}
