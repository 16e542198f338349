package oms_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// onCommands runs a test on every command, on every store.
func onCommands(t *testing.T, run func(s *shop, tr trial)) {
	t.Helper()
	for _, c := range commands {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onStores(t, func(s *shop) { run(s, c.set(s)) }, oms.WithOrderFlow(reviewFlow()))
		})
	}
}

// fresh are the events after those of a moment ago.
func (s *shop) fresh(after int64) []storage.Event {
	s.t.Helper()
	return must(s.Events(s.ctx, after, 100))(s)
}

// last is the position of the last event.
func (s *shop) last() int64 {
	s.t.Helper()
	var last int64
	for {
		page := must(s.Events(s.ctx, last, 100))(s)
		if len(page) == 0 {
			return last
		}
		last = page[len(page)-1].Seq
	}
}

func TestEveryCommandTellsWhatItDidAndStepsItsOrderOneVersion(t *testing.T) {
	t.Parallel()
	onCommands(t, func(s *shop, tr trial) {
		before, at := s.dump(), s.last()
		posted := len(must(s.Stock.Postings(s.ctx, inventory.PostingFilter{}))(s))
		opts := []oms.CallOption{oms.By("ada")}
		var was int64
		if tr.order != (order.ID{}) {
			was = s.order(tr.order).Version
			opts = append(opts, oms.IfVersion(was))
		}
		_, err := tr.run(s.ctx, s.Engine, opts...)
		s.do(err)
		require.NotEqual(s.t, before, s.dump(), "the command does something")
		events := s.fresh(at)
		require.NotEmpty(s.t, events, "what happened is told")
		ids := map[string]bool{}
		for _, e := range events {
			require.Equal(s.t, "ada", e.Actor)
			require.Equal(s.t, s.clock.read(), e.At)
			require.NotEmpty(s.t, e.Kind)
			require.False(s.t, ids[e.ID.String()], "an event's id is its own")
			ids[e.ID.String()] = true
			if tr.order != (order.ID{}) {
				require.Equal(s.t, "order/"+tr.order.String(), e.Aggregate)
				require.Equal(s.t, was+1, e.Version, "events tell of the version they made")
			}
		}
		for _, p := range must(s.Stock.Postings(s.ctx, inventory.PostingFilter{}))(s)[posted:] {
			require.Equal(s.t, "ada", p.Actor)
			require.Equal(s.t, s.clock.read(), p.At)
		}
		if tr.order != (order.ID{}) {
			require.Equal(s.t, was+1, s.order(tr.order).Version)
		}
		s.repeat(tr)
	})
}

// repeat gives the same command once more: it does nothing, or is a command of its own.
func (s *shop) repeat(tr trial) {
	s.t.Helper()
	again := func() error {
		_, err := tr.run(s.ctx, s.Engine)
		return err
	}
	switch {
	case tr.again == nil:
		s.unchanged(again)
	case errors.Is(tr.again, errRuns):
		s.do(again())
	default:
		s.refuses(tr.again, again)
	}
}

var errHost = errors.New("the host changed its mind")

func TestAnErrorAfterSuccessRollsEveryCommandBack(t *testing.T) {
	t.Parallel()
	onCommands(t, func(s *shop, tr trial) {
		before := s.dump()
		s.refused(errHost, s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			_, err := tr.run(ctx, k, oms.Key("k"))
			s.do(err)
			require.Empty(s.t, must(k.Verify(ctx))(s))
			return errHost
		}), before)
		if tr.order != (order.ID{}) {
			v := s.order(tr.order).Version
			for _, want := range []int64{v - 1, v + 1} {
				_, err := tr.run(s.ctx, s.Engine, oms.IfVersion(want), oms.Key("k"))
				s.refused(order.ErrStale, err, before)
				var stale *order.StaleError
				require.ErrorAs(s.t, err, &stale)
				require.Equal(s.t, order.StaleError{Order: tr.order, Want: want, Actual: v}, *stale)
			}
		}
		_, err := tr.other(s.ctx, s.Engine, oms.Key("k"))
		s.do(err) // the key went with the command
	})
}

func TestAPanicRollsEveryCommandBack(t *testing.T) {
	t.Parallel()
	onCommands(t, func(s *shop, tr trial) {
		before := s.dump()
		require.PanicsWithValue(s.t, "host", func() {
			_ = s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
				_, err := tr.run(ctx, k)
				s.do(err)
				panic("host")
			})
		})
		require.Equal(s.t, before, s.dump())
		_, err := tr.run(s.ctx, s.Engine)
		s.do(err) // nothing is locked
	})
}

func TestACancelledContextLeavesNoTraceOfAnyCommand(t *testing.T) {
	t.Parallel()
	onCommands(t, func(s *shop, tr trial) {
		ctx, cancel := context.WithCancel(s.ctx)
		defer cancel()
		before := s.dump()
		s.refused(context.Canceled, s.Atomically(ctx, func(ctx context.Context, k *oms.Engine) error {
			_, err := tr.run(ctx, k)
			s.do(err)
			cancel()
			return ctx.Err()
		}), before)
		_, err := tr.run(ctx, s.Engine)
		s.refused(context.Canceled, err, before)
		_, err = tr.run(s.ctx, s.Engine)
		s.do(err)
	})
}

func TestAKeyMakesEveryCommandHarmlessToRepeat(t *testing.T) {
	t.Parallel()
	onCommands(t, func(s *shop, tr trial) {
		p, err := s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			_, err := tr.run(ctx, k)
			return err
		})
		s.do(err)
		at := s.last()
		first, err := tr.run(s.ctx, s.In(stumbling{s.store}), oms.Key("k-1"))
		s.do(err)
		require.Equal(s.t, kinds(p.Events), kinds(s.fresh(at)), "a command that had to run again did its work once")
		before := s.dump()
		second, err := tr.run(s.ctx, s.Engine, oms.Key("k-1"), oms.By("retry"), oms.IfVersion(99))
		s.do(err)
		s.same(first, second)
		require.Equal(s.t, before, s.dump(), "the repeat does nothing")

		_, err = tr.other(s.ctx, s.Engine, oms.Key("k-1"))
		s.refused(oms.ErrKey, err, before)
		err = s.Stock.AddItem(s.ctx, inventory.Item{ID: "cap"}, oms.Key("k-1"))
		s.refused(oms.ErrKey, err, before)
		var reused *oms.KeyError
		require.ErrorAs(s.t, err, &reused)
		require.Equal(s.t, "k-1", reused.Key)
		require.Equal(s.t, "add item", reused.Command)
		require.NotEmpty(s.t, reused.First)
		require.Equal(s.t, s.clock.read(), reused.At)

		_, err = tr.other(s.ctx, s.Engine, oms.Key("k-2"))
		require.NotErrorIs(s.t, err, oms.ErrKey)
	})
}

// stumbling is a store whose every transaction loses against another one first, at its
// very end.
type stumbling struct{ storage.Store }

func (f stumbling) Update(ctx context.Context, t storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	ran := false
	return f.Store.Update(ctx, t, func(ctx context.Context, tx storage.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		if !ran {
			ran = true
			return storage.ErrConflict
		}
		return nil
	})
}

func TestPreviewTellsTheTruthAboutEveryCommand(t *testing.T) {
	t.Parallel()
	onCommands(t, func(s *shop, tr trial) {
		before, at := s.dump(), s.last()
		var promised any
		p, err := s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			var err error
			promised, err = tr.run(ctx, k)
			return err
		})
		s.do(err)
		require.Equal(s.t, before, s.dump(), "a preview keeps nothing")
		require.NotEmpty(s.t, p.Events)

		var nested oms.Preview
		s.do(s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			var err error
			nested, err = k.Preview(ctx, func(ctx context.Context, k *oms.Engine) error {
				return k.Atomically(ctx, func(ctx context.Context, k *oms.Engine) error {
					_, err := tr.run(ctx, k)
					return err
				})
			})
			return err
		}))
		require.Equal(s.t, before, s.dump(), "nor does one inside a transaction")
		require.Equal(s.t, kinds(p.Events), kinds(nested.Events))

		got, err := tr.run(s.ctx, s.Engine)
		s.do(err)
		require.Equal(s.t, kinds(p.Events), kinds(s.fresh(at)), "what was promised is what happens")
		require.IsType(s.t, promised, got)
	})
}

func TestATenantCannotReachAnother(t *testing.T) {
	t.Parallel()
	onCommands(t, func(s *shop, tr trial) {
		mallory := s.Tenant("mallory")
		before := s.dump()
		_, err := tr.run(s.ctx, mallory, oms.Key("k"))
		require.Equal(s.t, before, s.dump(), "nothing of the attacked tenant changed")
		if tr.stranger != nil {
			require.ErrorIs(s.t, err, tr.stranger)
			require.Empty(s.t, s.dumpOf("mallory"), "a refused command leaves no trace")
		} else {
			s.do(err)
		}
		require.Empty(s.t, must(mallory.Verify(s.ctx))(s))
		_, err = tr.run(s.ctx, s.Engine, oms.Key("k"))
		s.do(err) // a key is the tenant's own
	})
}

func TestATenantCannotReadAnother(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 2))
		s.pay(o.ID)
		must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
		r := s.back(o.ID, 1)
		m := s.with(s.ctx, s.Tenant("mallory"))
		s.refuses(order.ErrNotFound, func() error { return errOf(m.Orders.Get(s.ctx, o.ID)) })
		s.refuses(order.ErrNotFound, func() error { return errOf(m.Orders.ByNumber(s.ctx, o.Number)) })
		require.ErrorContains(s.t, errOf(m.Fulfillment.Get(s.ctx, work[0].ID)), "not found")
		require.ErrorContains(s.t, errOf(m.Returns.Get(s.ctx, r.ID)), "not found")
		require.ErrorIs(s.t, errOf(m.Stock.Availability(s.ctx, "tee", "", "")), inventory.ErrUnknownItem)
		require.Empty(s.t, must(m.Orders.Page(s.ctx, order.Filter{}))(s))
		require.Empty(s.t, must(m.Orders.Timeline(s.ctx, o.ID))(s))
		require.Empty(s.t, must(m.Fulfillment.OfOrder(s.ctx, o.ID))(s))
		require.Empty(s.t, must(m.Fulfillment.Shipments(s.ctx, o.ID))(s))
		require.Empty(s.t, must(m.Returns.OfOrder(s.ctx, o.ID))(s))
		require.Empty(s.t, must(m.Stock.Balances(s.ctx, "tee"))(s))
		require.Empty(s.t, must(m.Stock.Reservations(s.ctx, "order/"+o.ID.String()))(s))
		require.Empty(s.t, must(m.Stock.Postings(s.ctx, inventory.PostingFilter{}))(s))
		require.Empty(s.t, must(m.Events(s.ctx, 0, 10))(s))
		require.Empty(s.t, s.dumpOf("mallory"))
	})
}

func TestTheSameNumbersAndKeysServeEveryTenant(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		for _, tenant := range []storage.Tenant{"a", "b", "A"} {
			k := s.with(s.ctx, s.Tenant(tenant))
			k.furnish()
			d := draft(line("tee", 10))
			d.Number = "1001"
			must(k.Orders.Place(k.ctx, d, oms.Key("checkout-1")))(k)
			require.Equal(s.t, "committed 10", k.shelf("tee", "ber"))
			k.verify()
		}
		require.Equal(s.t, "free 10", s.shelf("tee", "ber"))
	})
}

func TestAtomicallyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var o order.Order
		s.do(s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			in := s.with(ctx, k)
			o = in.place(line("tee", 3))
			o = must(k.Orders.Confirm(ctx, o.ID))(in)
			require.Equal(s.t, "reserved 3", in.places(o.ID, 1), "own writes are visible")
			require.Len(s.t, must(k.Orders.Timeline(ctx, o.ID))(in), 4, "own events too")
			return nil
		}))
		s.same(o, s.order(o.ID))
		require.Equal(s.t, int64(2), o.Version)
		require.Equal(s.t, []string{"order.placed", "order.allocated", "order.confirmed", "fulfillment.opened"}, kinds(must(s.Orders.Timeline(s.ctx, o.ID))(s)))
	})
}

func TestARefusedCommandInsideUndoesItselfAlone(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var kept order.Order
		s.do(s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			in := s.with(ctx, k)
			kept = in.place(line("tee", 3))
			require.ErrorIs(s.t, errOf(k.Orders.Place(ctx, draft(line("mug", 2), line("tee", 99)), oms.Key("k"))), inventory.ErrShortage)
			require.Equal(s.t, "free 10", in.shelf("mug", "ber"))
			require.ErrorIs(s.t, k.Atomically(ctx, func(ctx context.Context, k *oms.Engine) error {
				must(k.Orders.Cancel(ctx, kept.ID, order.CancelStaff))(in)
				return errHost
			}), errHost)
			require.Equal(s.t, order.StatePlaced, in.order(kept.ID).State)
			must(k.Orders.Place(ctx, draft(line("mug", 2)), oms.Key("k")))(in)
			return nil
		}))
		s.same(kept, s.order(kept.ID))
		require.Equal(s.t, "free 8 committed 2", s.shelf("mug", "ber"))
		require.Len(s.t, must(s.Orders.Page(s.ctx, order.Filter{}))(s), 2)
		require.Equal(s.t, int64(9+4), s.last(), "events of undone commands take no place in the log")
	})
}

func TestPreviewOfSeveralCommandsAddsUp(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		before := s.dump()
		p, err := s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			in := s.with(ctx, k)
			o, _ := in.open(line("tee", 12))
			require.ErrorIs(s.t, errOf(k.Orders.Place(ctx, draft(line("tee", 4)))), inventory.ErrShortage, "what is previewed takes stock from what follows")
			require.ErrorIs(s.t, k.Atomically(ctx, func(ctx context.Context, k *oms.Engine) error {
				in.with(ctx, k).place(line("mug", 1))
				return errHost
			}), errHost)
			inner, err := k.Preview(ctx, func(ctx context.Context, k *oms.Engine) error {
				return errOf(k.Orders.Cancel(ctx, o.ID, order.CancelStaff))
			})
			require.Contains(s.t, kinds(inner.Events), "order.cancelled")
			in.pay(o.ID)
			return err
		})
		s.do(err)
		require.Equal(s.t, []string{"order.placed", "order.allocated", "order.confirmed", "fulfillment.opened", "fulfillment.opened", "order.payment_recorded"}, kinds(p.Events))
		require.Equal(s.t, before, s.dump())
		_, err = s.Preview(s.ctx, func(context.Context, *oms.Engine) error { return errHost })
		s.refused(errHost, err, before)
	})
}

func TestPreviewKnowsARefusalThatOnlyTheStoreSees(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		d := draft(line("tee", 1))
		d.Number = "1001"
		must(s.Orders.Place(s.ctx, d))(s)
		s.refuses(order.ErrExists, func() error { return errOf(s.Orders.Place(s.ctx, d)) })
		s.refuses(order.ErrExists, func() error {
			return errOf(s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error { return errOf(k.Orders.Place(ctx, d)) }))
		})
	})
}

func TestAnEngineOfTheOutsideIsRefusedInside(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		before := s.dump()
		s.refused(storage.ErrNested, s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			s.with(ctx, k).place(line("tee", 1))
			return errOf(s.Orders.Place(ctx, draft(line("tee", 1))))
		}), before)
		s.refused(storage.ErrNested, s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			return k.Tenant("b").Stock.AddItem(ctx, inventory.Item{ID: "x"})
		}), before)
		s.refused(storage.ErrNested, s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			return errOf(s.Orders.Page(ctx, order.Filter{}))
		}), before)
	})
}

func TestABoundEngineEndsWithItsTransaction(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var escaped *oms.Engine
		s.do(s.Atomically(s.ctx, func(_ context.Context, k *oms.Engine) error {
			escaped = k
			return nil
		}))
		s.refuses(storage.ErrDone, func() error { return errOf(escaped.Orders.Place(s.ctx, draft(line("tee", 1)))) })
		s.refuses(storage.ErrDone, func() error { return errOf(escaped.Orders.Page(s.ctx, order.Filter{})) })
	})
}

func TestEventsArePagedInTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(3)
		must(s.Orders.Close(s.ctx, o.ID))(s)
		all := must(s.Events(s.ctx, 0, 1000))(s)
		var seen []storage.Event
		for after := int64(0); ; {
			page := must(s.Events(s.ctx, after, 4))(s)
			require.LessOrEqual(s.t, len(page), 4)
			if len(page) == 0 {
				break
			}
			seen = append(seen, page...)
			after = page[len(page)-1].Seq
		}
		require.Equal(s.t, all, seen)
		require.True(s.t, slices.IsSortedFunc(all, func(a, b storage.Event) int { return int(a.Seq - b.Seq) }))
		var own []storage.Event
		for _, e := range all {
			if strings.HasPrefix(e.Aggregate, "order/") {
				own = append(own, e)
			}
		}
		require.Equal(s.t, own, must(s.Orders.Timeline(s.ctx, o.ID))(s), "the timeline is the order's part of the log")
	})
}
