package oms_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
)

func (s *shop) listed(channel string, items ...string) {
	s.t.Helper()
	for _, item := range items {
		must(s.Channels.List(s.ctx, inventory.Listing{Channel: channel, Item: item}))(s)
	}
}

func numbersOf(all []inventory.Published) []string {
	var out []string
	for _, p := range all {
		out = append(out, fmt.Sprintf("%d %s %d", p.Seq, p.Item, p.Qty))
	}
	return out
}

func TestAFeedTellsEachChangeOnceInOrder(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.channel("web")
		s.listed("web", "tee", "mug", "book")
		publish := func(want ...string) {
			s.t.Helper()
			require.Equal(t, want, numbersOf(must(s.Channels.Publish(s.ctx, "web"))(s)))
			before := s.dump()
			require.Empty(t, must(s.Channels.Publish(s.ctx, "web"))(s), "nothing new")
			require.Equal(t, before, s.dump(), "a look that finds nothing writes nothing")
		}
		read := func(after int64, want ...string) {
			s.t.Helper()
			require.Equal(t, want, numbersOf(must(s.Channels.Feed(s.ctx, "web", after))(s)))
		}
		publish("1 book 0", "2 mug 10", "3 tee 15")
		must(s.Channels.RingFence(s.ctx, "web", quota("ber", 4)))(s)
		publish() // it is still fifteen
		must(s.Stock.Reserve(s.ctx, hold("cart", 2, s.clock.read().Add(time.Minute))))(s)
		publish("4 tee 13")
		s.receive("mug", "ber", 1)
		publish("5 mug 11")
		read(0, "1 book 0", "4 tee 13", "5 mug 11")
		read(4, "5 mug 11")
		read(5)
		s.clock.turn(time.Hour) // the cart gives up; no command says so
		publish("6 tee 15")
		require.Equal(t, []string{"0 hat 0", "5 mug 11"},
			numbersOf(must(s.Channels.Reconcile(s.ctx, "web", map[string]int64{"tee": 15, "mug": 9, "hat": 1}))(s)))
		s.receive("tee", "ber", 1)
		require.Equal(t, []string{"7 tee 16"}, numbersOf(must(s.Channels.Reconcile(s.ctx, "web", map[string]int64{"tee": 15, "mug": 11}))(s)))
		s.do(s.Channels.Unlist(s.ctx, "web", "mug", oms.Key("u")))
		s.do(s.Channels.Unlist(s.ctx, "web", "mug", oms.Key("u")))
		publish()
		read(7, "8 mug 0")
		s.listed("web", "mug")
		publish("9 mug 11")
		s.refuses(oms.ErrNoChannel, func() error { return s.Channels.Unlist(s.ctx, "web", "wrap") })
		s.refuses(oms.ErrNoChannel, func() error { return errOf(s.Channels.Publish(s.ctx, "x")) })
		s.refuses(oms.ErrNoChannel, func() error { return errOf(s.Channels.Feed(s.ctx, "x", 0)) })
		s.refuses(oms.ErrNoChannel, func() error { return errOf(s.Channels.Reconcile(s.ctx, "x", nil)) })
	})
}

// Storefronts that follow the feed from where they are show, after each look, what can be
// sold; also when several look at once.
func TestAStorefrontThatFollowsTheFeedStaysInStep(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		seed := rand.Uint64()
		s.t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 3))
		s.channel("web")
		s.listed("web", "tee", "mug")
		shown, at := map[string]int64{}, int64(0)
		for range 40 {
			item := []string{"tee", "mug"}[rnd.IntN(2)]
			if rnd.IntN(2) == 0 {
				s.receive(item, "ber", 1+rnd.Int64N(4))
			} else {
				_, _ = s.Orders.Place(s.ctx, draft(line(item, 1+rnd.Int64N(6))))
			}
			var wg sync.WaitGroup
			errs := make([]error, 3)
			for i := range errs {
				wg.Go(func() { _, errs[i] = s.Channels.Publish(s.ctx, "web") })
			}
			wg.Wait()
			for _, err := range errs {
				s.do(err)
			}
			for _, p := range must(s.Channels.Feed(s.ctx, "web", at))(s) {
				require.Greater(s.t, p.Seq, at)
				require.NotEqual(s.t, shown[p.Item], p.Qty, "told twice")
				shown[p.Item], at = p.Qty, p.Seq
			}
			for _, item := range []string{"tee", "mug"} {
				require.Equal(s.t, s.sellable("web", item, ""), shown[item], item)
			}
			require.Empty(s.t, must(s.Channels.Reconcile(s.ctx, "web", shown))(s))
		}
	})
}
