package oms_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

func (s *shop) channel(id string, locations ...string) inventory.Channel {
	s.t.Helper()
	return must(s.Channels.Set(s.ctx, inventory.Channel{ID: id, Locations: locations}))(s)
}

func (s *shop) sellable(channel, item, location string) int64 {
	s.t.Helper()
	a := must(s.Channels.Availability(s.ctx, channel, item, location, ""))(s)
	var sum int64
	for _, t := range a.Terms {
		sum += t.Qty
	}
	require.Equal(s.t, a.ATS, sum, "%v", a)
	return a.ATS
}

func quota(location string, qty int64) []inventory.Quota {
	return []inventory.Quota{{Item: "tee", Location: location, Qty: qty}}
}

// pooled is what is ring-fenced for a channel.
func (s *shop) pooled(channel string) int64 {
	s.t.Helper()
	var sum int64
	for _, r := range must(s.Channels.Pools(s.ctx, channel))(s) {
		sum += r.Committed
	}
	return sum
}

func on(channel string, qty int64) order.Draft {
	d := draft(line("tee", qty))
	d.Channel = channel
	return d
}

func TestAChannelSellsFromItsLocationsWithinBufferAndCap(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) { // ten tees in ber, five in ham
		s.channel("web")
		s.channel("shop", "ham")
		require.EqualValues(t, 15, s.sellable("web", "tee", ""))
		require.EqualValues(t, 5, s.sellable("shop", "tee", ""))
		require.Zero(t, s.sellable("shop", "tee", "ber"))
		l := must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "tee", Buffer: 2}, oms.Key("l")))(s)
		require.Equal(t, l, must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "tee", Buffer: 2}, oms.Key("l")))(s))
		require.Equal(t, l, must(s.Channels.Listing(s.ctx, "web", "tee"))(s))
		require.EqualValues(t, 11, s.sellable("web", "tee", ""), "two are left at each location")
		s.level(inventory.Level{Item: "tee", Location: "ham", Safety: number(4)})
		require.EqualValues(t, 9, s.sellable("web", "tee", ""), "the larger of buffer and safety stock counts")
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, on("web", 10))) })
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, on("shop", 2))) })
		must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "tee", Cap: number(3)}))(s)
		require.EqualValues(t, 3, s.sellable("web", "tee", ""))
		require.EqualValues(t, 3, s.sellable("web", "tee", "ber"))
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, on("web", 4))) })
		s.refuses(inventory.ErrShortage, func() error {
			return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{
				{Owner: "x", Item: "tee", Location: "ber", Qty: 2, Channel: "web"}, {Owner: "x", Line: 1, Item: "tee", Location: "ber", Qty: 2, Channel: "web"},
			}))
		})
		must(s.Orders.Place(s.ctx, on("web", 3)))(s)
		require.EqualValues(t, 3, s.sellable("web", "tee", ""), "a cap is no quota")
		must(s.Orders.Place(s.ctx, on("shop", 1)))(s)
		must(s.Orders.Place(s.ctx, on("nowhere", 7)))(s) // never set: sells everything
		require.Zero(t, s.ats("tee", "ber", ""))
	}, oms.WithChannels())
}

func TestAChannelFollowsItsGroupOfLocations(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) { // ten tees in ber, five in ham
		s.refuses(inventory.ErrUnknownGroup, func() error {
			return errOf(s.Channels.Set(s.ctx, inventory.Channel{ID: "coast", Group: "north"}))
		})
		must(s.Stock.PutGroup(s.ctx, inventory.Group{ID: "north", Locations: []string{"ham"}}))(s)
		s.refuses(inventory.ErrChannel, func() error {
			return errOf(s.Channels.Set(s.ctx, inventory.Channel{ID: "coast", Group: "north", Locations: []string{"ham"}}))
		})
		coast := must(s.Channels.Set(s.ctx, inventory.Channel{ID: "coast", Group: "north"}, oms.Key("coast")))(s)
		require.Equal(t, inventory.Channel{ID: "coast", Group: "north", Version: 1}, coast, "what is stored is the group")
		require.Equal(t, coast, must(s.Channels.Set(s.ctx, inventory.Channel{ID: "coast", Group: "north"}, oms.Key("coast")))(s))
		require.Equal(t, coast, must(s.Channels.Get(s.ctx, "coast"))(s))
		must(s.Channels.List(s.ctx, inventory.Listing{Channel: "coast", Item: "tee", Buffer: 1}))(s)
		require.EqualValues(t, 4, s.sellable("coast", "tee", ""))
		require.Zero(t, s.sellable("coast", "tee", "ber"))
		require.EqualValues(t, 4, must(s.Channels.Publish(s.ctx, "coast"))(s)[0].Qty)
		s.refuses(inventory.ErrChannel, func() error { return errOf(s.Channels.RingFence(s.ctx, "coast", quota("ber", 1))) })
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, on("coast", 5))) })
		s.refuses(inventory.ErrShortage, func() error {
			return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "till", Item: "tee", Location: "ber", Qty: 1, Channel: "coast"}}))
		})
		must(s.Channels.RingFence(s.ctx, "coast", quota("ham", 2)))(s)

		must(s.Stock.PutGroup(s.ctx, inventory.Group{ID: "north", Locations: []string{"ham", "ber"}}))(s)
		require.EqualValues(t, 13, s.sellable("coast", "tee", ""), "nine in ber, two in ham, and its own two")
		news := must(s.Channels.Publish(s.ctx, "coast"))(s)
		require.Equal(t, []int64{2, 13}, []int64{news[0].Seq, news[0].Qty})
		must(s.Orders.Place(s.ctx, on("coast", 9)))(s)

		must(s.Stock.PutGroup(s.ctx, inventory.Group{ID: "north", Locations: []string{"ber"}}))(s)
		require.EqualValues(t, must(s.Channels.Publish(s.ctx, "coast"))(s)[0].Qty, s.sellable("coast", "tee", "ber"))
		wrong := must(s.Channels.Reconcile(s.ctx, "coast", map[string]int64{"tee": 13}))(s)
		require.Equal(t, s.sellable("coast", "tee", ""), wrong[0].Qty)
		require.Equal(t, wrong, must(s.Channels.Feed(s.ctx, "coast", news[0].Seq))(s))
		must(s.Channels.Set(s.ctx, inventory.Channel{ID: "coast"}))(s)
		require.EqualValues(t, 4, s.sellable("coast", "tee", ""), "of fifteen nine are sold, and one is left at each location")
	}, oms.WithChannels())
}

func TestRingFencedUnitsAreSoldByTheirChannelOnly(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.channel("web")
		s.channel("shop", "ham")
		fence := must(s.Channels.RingFence(s.ctx, "web", quota("ber", 4), oms.Key("f")))(s)
		require.Equal(t, fence, must(s.Channels.RingFence(s.ctx, "web", quota("ber", 4), oms.Key("f")))(s))
		must(s.Channels.RingFence(s.ctx, "shop", quota("ham", 5)))(s)
		require.EqualValues(t, 10, s.sellable("web", "tee", ""))
		require.EqualValues(t, 5, s.sellable("shop", "tee", ""))
		require.EqualValues(t, 6, s.ats("tee", "", ""), "what everybody may sell")
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, on("web", 11))) })
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, on("other", 7))) })
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Channels.RingFence(s.ctx, "web", quota("ber", 7))) })

		o := must(s.Orders.Place(s.ctx, on("web", 3)))(s)
		require.EqualValues(t, 1, s.pooled("web"), "the pool goes first")
		require.EqualValues(t, 6, s.ats("tee", "", ""))
		must(s.Orders.Place(s.ctx, on("web", 2)))(s)
		require.Zero(t, s.pooled("web"))
		require.EqualValues(t, 5, s.ats("tee", "", ""), "then what is free")
		s.do(errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer)))
		require.Zero(t, s.pooled("web"), "what an order gives up is free for all")
		require.EqualValues(t, 8, s.ats("tee", "", ""))

		must(s.Channels.Reallocate(s.ctx, "shop", "web", quota("ham", 2)))(s)
		require.EqualValues(t, 3, s.pooled("shop"))
		require.EqualValues(t, 2, s.pooled("web"))
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Channels.Reallocate(s.ctx, "shop", "web", quota("ham", 4))) })
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Channels.GiveBack(s.ctx, "web", quota("ham", 3))) })
		must(s.Channels.GiveBack(s.ctx, "web", quota("ham", 2)))(s)
		require.EqualValues(t, 2, s.ats("tee", "ham", ""))
		must(s.Channels.RingFence(s.ctx, "web", quota("ham", 2)))(s)
		require.EqualValues(t, 2, s.pooled("web"), "a pool that was emptied is filled again")

		soft := []inventory.Hold{{Owner: "cart", Item: "tee", Location: "ham", Qty: 1, Until: s.clock.read().Add(time.Hour), Channel: "web"}}
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Reserve(s.ctx, soft)) }) // a cart drains no pool
		soft[0].Until = time.Time{}
		must(s.Stock.Reserve(s.ctx, soft))(s)
		require.EqualValues(t, 1, s.pooled("web"))
		must(s.Channels.RingFence(s.ctx, "web", quota("ber", 5)))(s)
		_, took, err := s.Stock.ReserveAvailable(s.ctx, []inventory.Hold{
			{Owner: "till", Item: "tee", Location: "ber", Qty: 9, Channel: "web"}, {Owner: "till", Line: 1, Item: "tee", Location: "ham", Qty: 9, Channel: "web"},
		})
		s.do(err)
		require.Equal(t, []int64{8, 1}, took, "what there is, with the pool")
		require.Zero(t, s.pooled("web"))
		must(s.Stock.Freeze(s.ctx, "tee", "ham"))(s)
		require.Zero(t, s.sellable("shop", "tee", ""), "what is frozen is promised to nobody")
		require.EqualValues(t, 3, s.pooled("shop"), "and stays")
	}, oms.WithChannels())
}

func TestWhatAChannelCannotDoIsRefused(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.channel("shop", "ham")
		s.channel("web")
		for _, c := range []struct {
			err error
			run func() error
		}{
			{inventory.ErrID, func() error { return errOf(s.Channels.Set(s.ctx, inventory.Channel{})) }},
			{inventory.ErrID, func() error { return errOf(s.Channels.Set(s.ctx, inventory.Channel{ID: "a\nb"})) }},
			{inventory.ErrUnknownLocation, func() error {
				return errOf(s.Channels.Set(s.ctx, inventory.Channel{ID: "x", Locations: []string{"par"}}))
			}},
			{inventory.ErrChannel, func() error {
				return errOf(s.Channels.Set(s.ctx, inventory.Channel{ID: "x", Locations: []string{"ber", "ber"}}))
			}},
			{oms.ErrNoChannel, func() error { return errOf(s.Channels.Get(s.ctx, "x")) }},
			{oms.ErrNoChannel, func() error { return errOf(s.Channels.Availability(s.ctx, "x", "tee", "", "")) }},
			{oms.ErrNoChannel, func() error { return errOf(s.Channels.List(s.ctx, inventory.Listing{Channel: "x", Item: "tee"})) }},
			{inventory.ErrUnknownItem, func() error {
				return errOf(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "hat"}))
			}},
			{inventory.ErrUntracked, func() error {
				return errOf(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "wrap"}))
			}},
			{inventory.ErrQuantity, func() error {
				return errOf(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "tee", Buffer: -1}))
			}},
			{inventory.ErrQuantity, func() error {
				return errOf(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "tee", Cap: number(-1)}))
			}},
			{inventory.ErrChannel, func() error { return errOf(s.Channels.RingFence(s.ctx, "shop", quota("ber", 1))) }},
			{inventory.ErrQuantity, func() error { return errOf(s.Channels.RingFence(s.ctx, "shop", nil)) }},
			{inventory.ErrQuantity, func() error { return errOf(s.Channels.RingFence(s.ctx, "shop", quota("ham", 0))) }},
			{inventory.ErrQuantity, func() error { return errOf(s.Channels.GiveBack(s.ctx, "shop", quota("ham", -1))) }},
			{inventory.ErrUnknownLocation, func() error { return errOf(s.Channels.RingFence(s.ctx, "web", quota("par", 1))) }},
			{inventory.ErrChannel, func() error { return errOf(s.Channels.Reallocate(s.ctx, "web", "shop", quota("ber", 1))) }},
			{inventory.ErrChannel, func() error { return errOf(s.Channels.Reallocate(s.ctx, "web", "web", quota("ber", 1))) }},
			{oms.ErrNoChannel, func() error { return errOf(s.Channels.Reallocate(s.ctx, "web", "x", quota("ber", 1))) }},
			{inventory.ErrOwner, func() error { return errOf(s.Stock.Reserve(s.ctx, hold("channel/web", 1, time.Time{}))) }},
			{inventory.ErrOwner, func() error { return errOf(s.Stock.Release(s.ctx, "channel/web")) }},
			{oms.ErrNoChannel, func() error {
				return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "x", Item: "tee", Location: "ber", Qty: 1, Channel: "x"}}))
			}},
			{inventory.ErrChannel, func() error {
				return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{
					{Owner: "x", Item: "tee", Location: "ber", Qty: 1, Channel: "web"}, {Owner: "x", Item: "tee", Location: "ber", Qty: 1},
				}))
			}},
		} {
			s.refuses(c.err, c.run)
		}
	}, oms.WithChannels())
}

func TestManyOrdersAtOnceSellAPoolOnce(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.channel("web")
		must(s.Channels.RingFence(s.ctx, "web", append(quota("ber", 6), quota("ham", 5)...)))(s)
		won, lost := race(12, func(i int) error {
			return errOf(s.Orders.Place(s.ctx, on([]string{"web", "other"}[i%2], 2)))
		})
		for _, err := range lost {
			require.ErrorIs(t, err, inventory.ErrShortage)
		}
		require.LessOrEqual(t, won, 7)
		require.GreaterOrEqual(t, won, 6)
		require.LessOrEqual(t, s.pooled("web")+s.ats("tee", "", ""), int64(3))
	}, oms.WithChannels())
}

// Random trade on three channels: what each may sell must be what a plain reading of the
// balances and pools says, and a pool shrinks by its own channel only.
func TestRandomTradeOnChannelsKeepsEveryPool(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		seed := rand.Uint64()
		s.t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 2))
		names := []string{"web", "shop", "b2b"}
		s.channel("web")
		s.channel("shop", "ham")
		s.channel("b2b", "ber", "ham")
		buffer := map[string]int64{}
		var placed []order.ID
		for range 120 {
			name, place, qty := names[rnd.IntN(3)], []string{"ber", "ham"}[rnd.IntN(2)], 1+rnd.Int64N(5)
			was := map[string]int64{}
			for _, n := range names {
				was[n] = s.pooled(n)
			}
			mine := name
			switch rnd.IntN(7) {
			case 0:
				s.receive("tee", place, qty)
			case 1:
				_, _ = s.Channels.RingFence(s.ctx, name, quota(place, qty))
			case 2:
				_, _ = s.Channels.GiveBack(s.ctx, name, quota(place, qty))
			case 3:
				_, _ = s.Channels.Reallocate(s.ctx, name, names[rnd.IntN(3)], quota(place, qty))
			case 4:
				buffer[name] = rnd.Int64N(3)
				must(s.Channels.List(s.ctx, inventory.Listing{Channel: name, Item: "tee", Buffer: buffer[name]}))(s)
			case 5:
				if len(placed) > 0 {
					at := rnd.IntN(len(placed))
					s.do(errOf(s.Orders.Cancel(s.ctx, placed[at], order.CancelCustomer)))
					mine = ""
				}
			default:
				can := s.sellable(name, "tee", "")
				o, err := s.Orders.Place(s.ctx, on(name, qty))
				require.Equal(s.t, qty <= can, err == nil, "%d of %d on %s: %v", qty, can, name, err)
				if err == nil {
					placed = append(placed, o.ID)
				}
			}
			for _, n := range names {
				require.True(s.t, n == mine || s.pooled(n) >= was[n], "the pool of %s", n)
				require.Equal(s.t, s.plainly(n, buffer[n]), s.sellable(n, "tee", ""), n)
			}
		}
	}, oms.WithChannels())
}

// plainly is what a channel may sell of tees, read from balances and reservations.
func (s *shop) plainly(channel string, buffer int64) int64 {
	s.t.Helper()
	var sum int64
	for _, b := range must(s.Stock.Balances(s.ctx, "tee"))(s) {
		if channel == "shop" && b.Location != "ham" {
			continue
		}
		sum += max(0, b.Of(inventory.Free)-buffer)
	}
	for _, r := range must(s.Stock.Reservations(s.ctx, fmt.Sprint("channel/", channel)))(s) {
		sum += r.Committed
	}
	return sum
}
