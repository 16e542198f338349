package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/memory"
)

func quick(c *delivery.Config) {
	c.Poll, c.MinBackoff, c.MaxBackoff, c.Attempts = time.Millisecond, time.Millisecond, 2*time.Millisecond, 1000
}

// running starts consumers and gives what stops them and waits.
func running(t *testing.T, consumers ...*delivery.Consumer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- delivery.Run(ctx, consumers...) }()
	return sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
}

// goroutines counts those that are inside this package.
func goroutines() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "delivery.(*Consumer).")
}

func TestRunStopsCleanly(t *testing.T) { //nolint:paralleltest // it counts goroutines
	onStoresInTurn(t, func(t *testing.T, s storage.Store) {
		require.Zero(t, goroutines())
		entered := make(chan struct{}, 100)
		mine := consumer(t, s, time.Now, func(ctx context.Context, _ storage.Tenant, _ storage.Event) error {
			entered <- struct{}{}
			<-ctx.Done() // until Run is to stop
			return ctx.Err()
		}, quick)
		idle := consumer(t, s, time.Now, (&sink{}).handle, quick, func(c *delivery.Config) { c.Tenant = "u" })
		log(t, s, 3, "a", "b", "c", "d")
		stop := running(t, mine, idle)
		<-entered
		<-entered
		require.Positive(t, goroutines())
		stop()
		require.Zero(t, goroutines())
		cursors, err := mine.Shards(t.Context())
		require.NoError(t, err)
		for _, cur := range cursors {
			require.Zero(t, cur.Until, "every lease was given back")
			require.Zero(t, cur.Letters, "being stopped is no failure")
		}
		var got sink
		require.Equal(t, 12, drain(t, consumer(t, s, time.Now, got.handle)), "and the next process begins at once")
	})
}

func onStoresInTurn(t *testing.T, run func(t *testing.T, s storage.Store)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { run(t, memory.New()) })
	t.Run("sqlite", func(t *testing.T) { run(t, openSQLite(t)) })
}

func TestASlowConsumerHoldsUpNoWriter(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		inside, resume := make(chan struct{}), make(chan struct{})
		var once sync.Once
		var got sink
		slow := consumer(t, s, time.Now, func(ctx context.Context, tenant storage.Tenant, e storage.Event) error {
			once.Do(func() { close(inside) })
			<-resume
			return got.handle(ctx, tenant, e)
		}, quick)
		log(t, s, 1, "a")
		stop := running(t, slow)
		defer stop()
		<-inside
		log(t, s, 20, "a", "b") // each of these is a commit while the handler sits there
		require.Empty(t, got.taken())
		close(resume)
		eventually(t, "all are taken", func() bool { return len(got.taken()) == 41 })
	})
}

func TestWakeEndsThePause(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var got sink
	looks := &counting{Store: s}
	mine := consumer(t, looks, time.Now, got.handle, func(c *delivery.Config) { c.Poll = time.Hour })
	defer running(t, mine)()
	eventually(t, "it looks once", func() bool { return looks.updates.Load() > 0 })
	log(t, s, 1, "a")
	mine.Wake()
	eventually(t, "the event is taken", func() bool { return len(got.taken()) == 1 })
}

type counting struct {
	storage.Store

	updates atomic.Int64
}

func (c *counting) Update(ctx context.Context, t storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	defer c.updates.Add(1)
	return c.Store.Update(ctx, t, fn)
}

func TestRunOutlivesErrorsOfTheStore(t *testing.T) {
	t.Parallel()
	s := &mortal{Store: memory.New()}
	var got sink
	var mu sync.Mutex
	var heard []error
	mine := consumer(t, s, time.Now, got.handle, quick, func(c *delivery.Config) {
		c.OnError = func(err error) { mu.Lock(); heard = append(heard, err); mu.Unlock() }
	})
	log(t, s, 1, "a")
	s.killed.Store(true)
	defer running(t, mine)()
	eventually(t, "errors are heard", func() bool { mu.Lock(); defer mu.Unlock(); return len(heard) > 2 })
	mu.Lock()
	require.ErrorIs(t, heard[0], errKilled)
	mu.Unlock()
	s.killed.Store(false)
	eventually(t, "the event is taken", func() bool { return len(got.taken()) == 1 })
}

func TestRunAndDrainInsideATransactionAreRefused(t *testing.T) {
	t.Parallel()
	s := memory.New()
	mine := consumer(t, s, time.Now, (&sink{}).handle)
	require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, _ storage.Tx) error {
		_, err := mine.Drain(ctx)
		require.ErrorIs(t, err, storage.ErrNested)
		require.ErrorIs(t, delivery.Run(ctx, mine), storage.ErrNested)
		return nil
	}))
}

func TestRunWithoutConsumersOrTimeEnds(t *testing.T) {
	t.Parallel()
	require.NoError(t, delivery.Run(t.Context()))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	var got sink
	s := memory.New()
	log(t, s, 1, "a")
	mine := consumer(t, s, time.Now, got.handle)
	require.NoError(t, delivery.Run(over, mine))
	_, err := mine.Drain(over)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, got.taken())
}

// TestOrderHoldsUnderManyWorkersAndFailures runs three processes with eight workers in
// all, whose handlers fail and panic at random, while the log grows.
func TestOrderHoldsUnderManyWorkersAndFailures(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		tenants := 0
		rapid.Check(t, func(rt *rapid.T) {
			tenants++
			tenant := storage.Tenant(fmt.Sprint("t", tenants))
			aggregates := rapid.IntRange(1, 12).Draw(rt, "aggregates")
			shards := rapid.IntRange(1, 8).Draw(rt, "shards")
			batch := rapid.IntRange(1, 20).Draw(rt, "batch")
			bad := rapid.IntRange(0, 60).Draw(rt, "failures in percent")
			events := rapid.SliceOfN(rapid.IntRange(0, aggregates-1), 1, 120).Draw(rt, "events")
			luck := rapid.Uint64().Draw(rt, "luck")

			j := &journal{took: map[string][]int64{}, luck: luck, bad: uint64(bad)}
			var processes []*delivery.Consumer
			for _, workers := range []int{4, 3, 1} {
				processes = append(processes, consumer(t, s, time.Now, j.handle, quick, func(c *delivery.Config) {
					c.Tenant, c.Shards, c.Batch, c.Workers = tenant, shards, batch, workers
				}))
			}
			stop := running(t, processes...)
			defer stop()
			versions := map[int]int64{}
			for _, a := range events {
				versions[a]++
				e := event(fmt.Sprint("order/", a), versions[a])
				require.NoError(rt, s.Update(t.Context(), tenant, func(ctx context.Context, tx storage.Tx) error {
					return tx.Events().Append(ctx, []storage.Event{e})
				}))
			}
			eventually(t, "all are taken", func() bool { return j.count() >= len(events) })
			stop()
			for a, n := range versions {
				var want []int64
				for v := range n {
					want = append(want, v+1)
				}
				require.Equal(rt, want, j.took[fmt.Sprint("order/", a)], "each event of the aggregate once, in order: nobody died")
			}
		})
	})
}

// journal is a sink that fails at random.
type journal struct {
	mu   sync.Mutex
	took map[string][]int64
	n    int
	luck uint64
	bad  uint64 // of 100
}

func (j *journal) handle(_ context.Context, _ storage.Tenant, e storage.Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.luck = j.luck*6364136223846793005 + 1442695040888963407
	switch roll := j.luck >> 33; {
	case roll%100 < j.bad/4:
		panic("at random")
	case roll%100 < j.bad:
		return errors.New("at random")
	}
	j.took[e.Aggregate] = append(j.took[e.Aggregate], e.Version)
	j.n++
	return nil
}

func (j *journal) count() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.n
}
