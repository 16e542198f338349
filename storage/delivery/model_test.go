package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/memory"
)

// walk is a random life of a consumer, one step at a time: events come, handlers fail
// for now or for good, processes die at any call, leases run out, people replay and
// discard. After each call it checks what is promised.
type walk struct {
	rt    *rapid.T
	store storage.Store
	clock clock

	written   map[string]int64          // events of each aggregate
	finished  map[string]map[int64]bool // taken or discarded
	discarded map[string]bool
	process   *mortal
	mine      *delivery.Consumer
	calm      bool // from here on everything works
}

const (
	takes     = "takes"
	fails     = "fails"
	permanent = "permanent"
	panics    = "panics"
	later     = "later"
	dies      = "dies"     // before it did anything
	diesAfter = "diesNext" // when it was done, and before that was noted
)

func (w *walk) start() {
	w.process = &mortal{Store: w.store}
	cfg := delivery.Config{
		Store: w.process, Tenant: "t", Name: "mails", Now: w.clock.now, Handler: w.handle, Random: func() float64 { return 0 },
		Shards: 3, Batch: 4, Attempts: 3, Letters: 3, MaxBackoff: 8 * time.Second,
	}
	var err error
	w.mine, err = delivery.New(cfg)
	require.NoError(w.rt, err)
}

func (w *walk) handle(_ context.Context, tenant storage.Tenant, e storage.Event) error {
	require.Equal(w.rt, storage.Tenant("t"), tenant)
	require.False(w.rt, w.discarded[name(e)], "%s was discarded", name(e))
	for v := int64(1); v < e.Version; v++ {
		require.True(w.rt, w.finished[e.Aggregate][v], "%s is handed out before #%d is done", name(e), v)
	}
	fate := takes
	if !w.calm {
		fate = rapid.SampledFrom([]string{takes, takes, takes, takes, takes, fails, fails, permanent, panics, later, dies, diesAfter}).Draw(w.rt, name(e))
	}
	if w.process.killed.Load() {
		return errKilled // no matter: it is not noted
	}
	switch fate {
	case fails:
		return errRefused
	case permanent:
		return delivery.Permanent(errRefused)
	case panics:
		panic("at random")
	case later:
		return &delivery.LaterError{After: 3 * time.Second, Err: errRefused}
	case dies:
		w.process.killed.Store(true)
		return errKilled
	case diesAfter:
		w.process.killed.Store(true)
	}
	w.finish(e)
	return nil
}

func (w *walk) finish(e storage.Event) {
	if w.finished[e.Aggregate] == nil {
		w.finished[e.Aggregate] = map[int64]bool{}
	}
	w.finished[e.Aggregate][e.Version] = true
}

func (w *walk) drain() {
	_, err := w.mine.Drain(context.Background())
	if w.process.killed.Load() {
		require.ErrorIs(w.rt, err, errKilled)
		w.start()
		return
	}
	require.NoError(w.rt, err)
}

func (w *walk) dead() []delivery.Dead {
	var all []delivery.Dead
	for d, err := range w.mine.Dead(context.Background()) {
		require.NoError(w.rt, err)
		all = append(all, d)
	}
	return all
}

func (w *walk) write() {
	var events []storage.Event
	for range rapid.IntRange(1, 6).Draw(w.rt, "events") {
		a := fmt.Sprint("order/", rapid.IntRange(0, 7).Draw(w.rt, "aggregate"))
		w.written[a]++
		events = append(events, event(a, w.written[a]))
	}
	require.NoError(w.rt, w.store.Update(context.Background(), "t", func(ctx context.Context, tx storage.Tx) error {
		return tx.Events().Append(ctx, events)
	}))
}

// decide replays or discards one of the dead.
func (w *walk) decide() {
	all := w.dead()
	if len(all) == 0 {
		return
	}
	d := all[rapid.IntRange(0, len(all)-1).Draw(w.rt, "which")]
	if rapid.Bool().Draw(w.rt, "replay") {
		require.NoError(w.rt, w.mine.Replay(context.Background(), d.Event))
		return
	}
	require.NoError(w.rt, w.mine.Discard(context.Background(), d.Event))
	w.discarded[name(d.Event)] = true
	w.finish(d.Event)
}

func TestARandomLifeLosesNothingAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := &walk{rt: rt, store: memory.New(), written: map[string]int64{}, finished: map[string]map[int64]bool{}, discarded: map[string]bool{}}
		w.start()
		rt.Repeat(map[string]func(*rapid.T){
			"write":  func(*rapid.T) { w.write() },
			"drain":  func(*rapid.T) { w.drain() },
			"second": func(*rapid.T) { w.clock.turn(time.Second) },
			"minute": func(*rapid.T) { w.clock.turn(time.Minute) },
			"decide": func(*rapid.T) { w.decide() },
		})
		w.calm = true
		for range 1000 { // whoever died has lost its lease by now, and every pause is over
			w.clock.turn(time.Minute)
			w.drain()
			all := w.dead()
			for _, d := range all {
				require.NoError(rt, w.mine.Replay(context.Background(), d.Event))
			}
			if len(all) == 0 && w.done() {
				break
			}
		}
		for a, n := range w.written {
			for v := range n {
				require.True(rt, w.finished[a][v+1], "%s#%d was lost", a, v+1)
			}
		}
		cursors, err := w.mine.Shards(context.Background())
		require.NoError(rt, err)
		require.False(rt, slices.ContainsFunc(cursors, func(c storage.Cursor) bool { return c.Letters != 0 || c.Claims != 0 }), "%+v", cursors)
	})
}

func (w *walk) done() bool {
	cursors, err := w.mine.Shards(context.Background())
	require.NoError(w.rt, err)
	return !slices.ContainsFunc(cursors, func(c storage.Cursor) bool { return c.Letters != 0 || c.Claims != 0 })
}
