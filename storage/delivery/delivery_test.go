package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/memory"
)

func TestAConsumerGetsEveryEventOnceAndGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		var c clock
		var got sink
		first := consumer(t, s, c.now, got.handle)
		require.Zero(t, drain(t, first), "there is nothing yet")
		log(t, s, 5, "a", "b", "c")
		require.Equal(t, 15, drain(t, first))
		require.ElementsMatch(t, []string{"a#1", "b#1", "c#1", "a#2", "b#2", "c#2", "a#3", "b#3", "c#3", "a#4", "b#4", "c#4", "a#5", "b#5", "c#5"}, got.taken())
		require.Zero(t, drain(t, first))
		write(t, s, event("a", 6))
		again := consumer(t, s, c.now, got.handle) // another process
		require.Equal(t, 1, drain(t, again))
		require.Equal(t, "a#6", got.taken()[15])
		cursors, err := again.Shards(t.Context())
		require.NoError(t, err)
		require.Len(t, cursors, 8)
		for _, cur := range cursors {
			require.EqualValues(t, 16, cur.Position, "every shard knows that it has seen all")
			require.Zero(t, cur.Until, "no lease is left")
		}
	})
}

func TestConsumersAndTenantsAreApart(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var c clock
	var mails, index, other sink
	log(t, s, 3, "a")
	require.Equal(t, 3, drain(t, consumer(t, s, c.now, mails.handle)))
	require.Equal(t, 3, drain(t, consumer(t, s, c.now, index.handle, func(c *delivery.Config) { c.Name = "index" })))
	require.Zero(t, drain(t, consumer(t, s, c.now, other.handle, func(c *delivery.Config) { c.Tenant = "u" })))
}

func TestANewConsumerBeginsWhereItIsTold(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var c clock
	var got sink
	log(t, s, 5, "a")
	mine := consumer(t, s, c.now, got.handle, func(c *delivery.Config) { c.Start = 3 })
	require.Equal(t, 2, drain(t, mine))
	require.Equal(t, []string{"a#4", "a#5"}, got.taken())
	log(t, s, 1, "b")
	require.Equal(t, 1, drain(t, consumer(t, s, c.now, got.handle)), "Start is for a new one")
}

func TestAPoisonEventIsDeadAfterItsAttemptsAndHoldsItsAggregateOnly(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		var c clock
		got := sink{judge: refuse(errRefused, "a#2")}
		mine := consumer(t, s, c.now, got.handle, func(c *delivery.Config) { c.Attempts = 3 })
		log(t, s, 4, "a", "b")
		require.Equal(t, 5, drain(t, mine))
		require.Equal(t, []string{"a#1", "b#1", "b#2", "b#3", "b#4"}, sortedLike(got.taken()))
		require.Zero(t, drain(t, mine), "the pause is not over")
		c.turn(749 * time.Millisecond) // 1 s, less half of one half
		drain(t, mine)
		require.Equal(t, 1, got.tried["a#2"])
		c.turn(time.Millisecond)
		drain(t, mine)
		require.Equal(t, 2, got.tried["a#2"])
		require.Empty(t, dead(t, mine))
		c.turn(1500 * time.Millisecond)
		drain(t, mine)
		require.Equal(t, 3, got.tried["a#2"])
		c.turn(24 * time.Hour)
		write(t, s, event("a", 5), event("b", 5))
		require.Equal(t, 1, drain(t, mine), "b goes on")
		require.Equal(t, 3, got.tried["a#2"], "it is dead")
		all := dead(t, mine)
		require.Len(t, all, 1)
		require.Equal(t, "a#2", name(all[0].Event))
		require.Equal(t, 3, all[0].Attempts)
		require.Equal(t, "refused", all[0].Error)
		require.Equal(t, noon.Add(2250*time.Millisecond), all[0].At)

		got.judge = nil
		require.NoError(t, mine.Replay(t.Context(), all[0].Event))
		require.Equal(t, 4, drain(t, mine))
		require.Equal(t, []string{"a#2", "a#3", "a#4", "a#5"}, got.taken()[6:], "what waited follows in order")
		require.Empty(t, dead(t, mine))
		write(t, s, event("a", 6))
		require.Equal(t, 1, drain(t, mine))
	})
}

// sortedLike puts the events of each aggregate together: aggregates are in no order.
func sortedLike(names []string) []string {
	var out []string
	for _, a := range []string{"a#", "b#"} {
		for _, n := range names {
			if strings.HasPrefix(n, a) {
				out = append(out, n)
			}
		}
	}
	return out
}

func TestADiscardedEventIsPassedOver(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		var c clock
		got := sink{judge: refuse(delivery.Permanent(errRefused), "a#2", "a#3", "b#1")}
		mine := consumer(t, s, c.now, got.handle)
		log(t, s, 3, "a")
		log(t, s, 1, "b")
		require.Equal(t, 1, drain(t, mine))
		require.Equal(t, 1, got.tried["a#2"], "a permanent error is not tried again")
		all := dead(t, mine)
		require.Len(t, all, 2)
		for _, d := range all {
			require.NoError(t, mine.Discard(t.Context(), d.Event))
			require.ErrorIs(t, mine.Discard(t.Context(), d.Event), delivery.ErrNotDead)
			require.ErrorIs(t, mine.Replay(t.Context(), d.Event), delivery.ErrNotDead)
		}
		require.Zero(t, drain(t, mine))
		all = dead(t, mine)
		require.Len(t, all, 1)
		require.Equal(t, "a#3", name(all[0].Event))
		require.NoError(t, mine.Discard(t.Context(), all[0].Event))
		require.Zero(t, drain(t, mine))
		write(t, s, event("a", 4), event("b", 2))
		require.Equal(t, 2, drain(t, mine))
		require.Equal(t, []string{"a#1", "a#4", "b#2"}, sortedLike(got.taken()))
		cursors, err := mine.Shards(t.Context())
		require.NoError(t, err)
		for _, cur := range cursors {
			require.Zero(t, cur.Letters)
		}
		require.ErrorIs(t, mine.Discard(t.Context(), storage.Event{Aggregate: "a", Seq: 1}), delivery.ErrNotDead)
	})
}

func TestAnEventThatPanicsIsAFailedAttempt(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var c clock
	var heard []error
	got := sink{judge: func(e storage.Event) error {
		if name(e) == "a#1" {
			panic("ouch")
		}
		return nil
	}}
	mine := consumer(t, s, c.now, got.handle, func(c *delivery.Config) {
		c.Attempts = 1
		c.OnError = func(err error) { heard = append(heard, err) }
	})
	log(t, s, 2, "a", "b")
	require.Equal(t, 2, drain(t, mine))
	require.Len(t, heard, 1)
	require.ErrorIs(t, heard[0], delivery.ErrPanic)
	var attempt *delivery.AttemptError
	require.ErrorAs(t, heard[0], &attempt)
	require.True(t, attempt.Dead)
	require.Equal(t, "delivery: attempt 1 of mails at event 1 (test.happened of a) failed and is dead: delivery: the handler panicked: ouch", heard[0].Error())
	require.Equal(t, "delivery: the handler panicked: ouch", dead(t, mine)[0].Error)
}

func TestAHandlerMaySayWhenToTryAgain(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var c clock
	got := sink{judge: refuse(&delivery.LaterError{After: 30 * time.Second, Err: errRefused}, "a#1")}
	mine := consumer(t, s, c.now, got.handle, func(c *delivery.Config) { c.Shards = 1 })
	log(t, s, 1, "a", "b")
	require.Zero(t, drain(t, mine), "the whole shard rests")
	c.turn(30*time.Second - 1)
	require.Zero(t, drain(t, mine))
	got.judge = nil
	c.turn(1)
	require.Equal(t, 2, drain(t, mine))

	got = sink{judge: refuse(&delivery.LaterError{After: math.MaxInt64, Err: errRefused}, "c#1")}
	log(t, s, 1, "c")
	require.Zero(t, drain(t, mine))
	got.judge = nil
	c.turn(10 * time.Minute)
	require.Equal(t, 1, drain(t, mine), "no longer than the longest pause")
}

func TestEveryEventHasItsOwnAttempts(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var c clock
	var got sink
	got.judge = func(e storage.Event) error {
		if got.tried[name(e)] < 3 {
			return errRefused
		}
		return nil
	}
	mine := consumer(t, s, c.now, got.handle, func(c *delivery.Config) { c.Attempts = 3 })
	log(t, s, 4, "a")
	for range 20 {
		drain(t, mine)
		c.turn(time.Minute)
	}
	require.Equal(t, []string{"a#1", "a#2", "a#3", "a#4"}, got.taken())
}

func TestPausesDoubleUpToTheLongest(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var c clock
	var pauses []time.Duration
	last := noon
	mine := consumer(t, s, c.now, func(context.Context, storage.Tenant, storage.Event) error {
		pauses = append(pauses, c.now().Sub(last))
		last = c.now()
		return errRefused
	}, func(cfg *delivery.Config) {
		cfg.Attempts, cfg.MinBackoff, cfg.MaxBackoff, cfg.Random = 1000, time.Second, 5*time.Second, func() float64 { return 0 }
	})
	log(t, s, 1, "a")
	for range 200 {
		drain(t, mine)
		c.turn(100 * time.Millisecond)
	}
	require.Equal(t, []time.Duration{0, 500 * time.Millisecond, time.Second, 2 * time.Second, 2500 * time.Millisecond, 2500 * time.Millisecond}, pauses[:6])
}

func TestAShardWithManyLettersReadsNoFurther(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		var c clock
		outage := true
		got := sink{judge: func(storage.Event) error {
			if outage {
				return errRefused
			}
			return nil
		}}
		mine := consumer(t, s, c.now, got.handle, func(c *delivery.Config) { c.Shards, c.Letters, c.Batch = 1, 5, 2 })
		var names []string
		for i := range 40 {
			names = append(names, fmt.Sprint("x", i))
		}
		log(t, s, 2, names...)
		for range 5 {
			require.Zero(t, drain(t, mine))
			c.turn(time.Hour)
		}
		require.LessOrEqual(t, len(got.tried), 6, "a bounded number of events suffers from an outage")
		outage = false
		require.Equal(t, 80, drain(t, mine), "and nothing is lost")
		require.Len(t, got.taken(), 80, "or handed out again")
	})
}

func TestTheNumberOfShardsIsFixed(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var c clock
	var got sink
	log(t, s, 1, "a")
	drain(t, consumer(t, s, c.now, got.handle))
	for _, n := range []int{1, 7, 9} {
		other := consumer(t, s, c.now, got.handle, func(c *delivery.Config) { c.Shards = n })
		_, err := other.Drain(t.Context())
		require.ErrorIs(t, err, delivery.ErrShards)
		var facts *delivery.ShardsError
		require.ErrorAs(t, err, &facts)
		require.Equal(t, delivery.ShardsError{Consumer: "mails", Has: 8, Asked: n}, *facts)
		require.ErrorIs(t, delivery.Run(t.Context(), other), delivery.ErrShards)
		_, err = other.Shards(t.Context())
		require.ErrorIs(t, err, delivery.ErrShards)
		for _, err := range other.Dead(t.Context()) {
			require.ErrorIs(t, err, delivery.ErrShards)
		}
		require.ErrorIs(t, other.Replay(t.Context(), event("a", 1)), delivery.ErrShards)
	}
}

func TestUnusableConfigurationsAreRefused(t *testing.T) {
	t.Parallel()
	good := func() delivery.Config {
		return delivery.Config{Store: memory.New(), Name: "n", Now: time.Now, Handler: func(context.Context, storage.Tenant, storage.Event) error { return nil }}
	}
	for text, spoil := range map[string]func(*delivery.Config){
		"no Store":          func(c *delivery.Config) { c.Store = nil },
		"no Handler":        func(c *delivery.Config) { c.Handler = nil },
		"no clock":          func(c *delivery.Config) { c.Now = nil },
		`Name ""`:           func(c *delivery.Config) { c.Name = "" },
		`Name "a\nb"`:       func(c *delivery.Config) { c.Name = "a\nb" },
		`Name "\xff"`:       func(c *delivery.Config) { c.Name = "\xff" },
		`Name "nnn`:         func(c *delivery.Config) { c.Name = strings.Repeat("n", 129) },
		`Owner "\x00"`:      func(c *delivery.Config) { c.Owner = "\x00" },
		"Start -1":          func(c *delivery.Config) { c.Start = -1 },
		"Shards -1":         func(c *delivery.Config) { c.Shards = -1 },
		"Shards 257":        func(c *delivery.Config) { c.Shards = 257 },
		"Workers -1":        func(c *delivery.Config) { c.Workers = -1 },
		"Batch 1001":        func(c *delivery.Config) { c.Batch = 1001 },
		"Lease 1ms":         func(c *delivery.Config) { c.Lease = time.Millisecond },
		"Poll -1s":          func(c *delivery.Config) { c.Poll = -time.Second },
		"Attempts -1":       func(c *delivery.Config) { c.Attempts = -1 },
		"Letters -1":        func(c *delivery.Config) { c.Letters = -1 },
		"MaxBackoff 1ms":    func(c *delivery.Config) { c.MaxBackoff = time.Millisecond },
		"MinBackoff -1ns":   func(c *delivery.Config) { c.MinBackoff = -1 },
		"MaxBackoff 10000h": func(c *delivery.Config) { c.MaxBackoff = 10000 * time.Hour },
	} {
		cfg := good()
		spoil(&cfg)
		_, err := delivery.New(cfg)
		require.ErrorIs(t, err, delivery.ErrConfig, text)
		require.ErrorContains(t, err, text)
	}
	_, err := delivery.New(delivery.Config{})
	for _, text := range []string{"no Store", "no Handler", "no clock", "Name"} {
		require.ErrorContains(t, err, text, "all at once")
	}
	_, err = delivery.New(good())
	require.NoError(t, err)
}

func TestErrorsKeepTheirReasons(t *testing.T) {
	t.Parallel()
	require.NoError(t, delivery.Permanent(nil))
	require.ErrorIs(t, delivery.Permanent(errRefused), errRefused)
	require.ErrorIs(t, &delivery.LaterError{Err: errRefused}, errRefused)
	require.Equal(t, "refused; try again after 2s", (&delivery.LaterError{Err: errRefused, After: 2 * time.Second}).Error())
	require.ErrorIs(t, &delivery.AttemptError{Err: errRefused}, errRefused)
	require.Contains(t, (&delivery.ShardsError{Consumer: "mails", Has: 8, Asked: 4}).Error(), `"mails" has 8, not 4`)
}

func TestTextsThatNoStoreCanKeepAreMended(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s storage.Store) {
		var c clock
		got := sink{judge: refuse(delivery.Permanent(errors.New("\xff\x00"+strings.Repeat("ß", 1000))), "a#1")}
		mine := consumer(t, s, c.now, got.handle)
		log(t, s, 1, "a")
		drain(t, mine)
		text := dead(t, mine)[0].Error
		require.Contains(t, text, "\uFFFD\uFFFDßßß")
		require.LessOrEqual(t, len(text), 1000)
		require.True(t, strings.HasSuffix(text, "ß"))
	})
}
