package oms_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
)

// setHold is a hold of sets of two mugs and a tee.
func setHold(owner string, line int, location string, qty int64) inventory.Hold {
	return inventory.Hold{Owner: owner, Line: line, Item: "set", Location: location, Qty: qty}
}

func TestWhatThereIsOfKitsIsTakenWhole(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) { // ten mugs and ten tees in ber
		dinner(s)
		holds := []inventory.Hold{
			{Owner: "till", Line: 1, Item: "mug", Location: "ber", Qty: 3}, setHold("till", 2, "ber", 2), setHold("till", 3, "ber", 9),
			{Owner: "till", Line: 4, Item: "mug", Location: "ber", Qty: 9},
		}
		_, took, err := s.Stock.ReserveAvailable(s.ctx, holds, oms.Key("k"))
		s.do(err)
		require.Equal(t, []int64{3, 2, 1, 1}, took, "the seventh mug is of no set")
		require.Equal(t, "committed 10", s.shelf("mug", "ber"))
		require.Equal(t, "free 7 committed 3", s.shelf("tee", "ber"))
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "set", Kit: []inventory.Component{{Item: "mug", Qty: 1}}}))
		s.unchanged(func() error {
			_, again, err := s.Stock.ReserveAvailable(s.ctx, holds, oms.Key("k"))
			require.Equal(t, took, again, "a repeat says the same, whatever a set is by now")
			return err
		})
		s.unchanged(func() error {
			p, took, err := s.Stock.ReserveAvailable(s.ctx, []inventory.Hold{setHold("late", 1, "ber", 2)}, oms.Key("none"))
			require.Empty(t, p.Movements)
			require.Equal(t, []int64{0}, took)
			return err
		})
		_, took, err = s.Stock.ReserveAvailable(s.ctx, []inventory.Hold{setHold("late", 1, "ber", 2)}, oms.Key("none"))
		s.do(err)
		require.Equal(t, []int64{0}, took)
		for want, h := range map[error]inventory.Hold{
			inventory.ErrQuantity: setHold("late", 1, "ber", 0), inventory.ErrUnknownLocation: setHold("late", 1, "par", 1),
			inventory.ErrItem:  {Owner: "late", Item: "set", Location: "ber", Qty: 1, Until: s.clock.read().Add(time.Hour)},
			inventory.ErrOwner: setHold("order/x", 1, "ber", 1),
		} {
			s.refuses(want, func() error {
				_, _, err := s.Stock.ReserveAvailable(s.ctx, []inventory.Hold{h})
				return err
			})
		}
	})
}

func TestWhatIsMissingOfAKitIsNamedWithTheKit(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		var short *inventory.ShortageError
		require.ErrorAs(t, errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{setHold("till", 1, "ber", 11)})), &short)
		require.Equal(t, []inventory.Shortage{
			{Line: 1, Item: "mug", Kit: "set", Location: "ber", Want: 22, Have: 10}, {Line: 1, Item: "tee", Kit: "set", Location: "ber", Want: 11, Have: 10},
		}, short.Short)
	})
}

func TestAGroupHoldsWholeKitsAndAChannelOnlyWhereItSells(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) { // ber has ten mugs and ten tees, ham five tees
		dinner(s)
		s.group()
		s.channel("web", "ham")
		has := func(channel, item string) int64 {
			if channel == "" {
				return must(s.Stock.AvailabilityIn(s.ctx, "de", item, ""))(s).ATS
			}
			return must(s.Channels.AvailabilityIn(s.ctx, channel, "de", item, ""))(s).ATS
		}
		in := func(channel, owner string, qty int64, opts ...oms.CallOption) (inventory.Posting, error) {
			h := setHold(owner, 1, "", qty)
			h.Channel = channel
			return s.Stock.ReserveIn(s.ctx, "de", []inventory.Hold{h}, opts...)
		}
		must(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "mug", Location: "ber", Delta: -1, Reason: inventory.ReasonLost}))(s)
		s.receive("mug", "ham", 3)
		require.EqualValues(t, 5, has("", "set"), "four in ber, one in ham; the loose mugs are in two places")
		require.EqualValues(t, 1, has("web", "set"))
		s.refuses(inventory.ErrShortage, func() error { return errOf(in("", "a", 6)) })
		s.refuses(inventory.ErrShortage, func() error { return errOf(in("web", "a", 2)) })
		p := must(in("", "a", 5, oms.Key("k")))(s)
		s.same(p, must(in("", "a", 5, oms.Key("k")))(s))
		require.Equal(t, "free 1 committed 8", s.shelf("mug", "ber"))
		require.Equal(t, "free 1 committed 2", s.shelf("mug", "ham"))
		require.Equal(t, "free 4 committed 1", s.shelf("tee", "ham"))
		must(s.Stock.Release(s.ctx, "a"))(s)

		must(s.Channels.RingFence(s.ctx, "web", []inventory.Quota{{Item: "mug", Location: "ham", Qty: 1}}))(s)
		must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "mug", Buffer: 1}))(s)
		require.EqualValues(t, 1, has("web", "set"), "one mug of the pool, one that is free, and one is left")
		must(in("web", "b", 1))(s)
		require.Zero(t, s.pooled("web"), "the pool goes first")
		require.Equal(t, "free 1 committed 2", s.shelf("mug", "ham"))
		require.Equal(t, "free 9", s.shelf("mug", "ber"), "web does not sell from there")

		s.channel("all")
		must(s.Channels.List(s.ctx, inventory.Listing{Channel: "all", Item: "tee", Cap: number(7)}))(s)
		require.EqualValues(t, 7, has("all", "tee"), "the cap is one for all locations")
		tees := inventory.Hold{Owner: "c", Item: "tee", Qty: 8, Channel: "all"}
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.ReserveIn(s.ctx, "de", []inventory.Hold{tees})) })
		tees.Qty = 7
		must(s.Stock.ReserveIn(s.ctx, "de", []inventory.Hold{tees}))(s)

		s.refuses(oms.ErrNoChannel, func() error { return errOf(in("x", "a", 1)) })
		for _, name := range []string{"x", ""} {
			require.ErrorIs(t, errOf(s.Channels.AvailabilityIn(s.ctx, name, "de", "set", "")), oms.ErrNoChannel)
		}
		require.ErrorIs(t, errOf(s.Channels.AvailabilityIn(s.ctx, "web", "fr", "set", "")), inventory.ErrUnknownGroup)
	})
}

func TestAKitIsReboundWithAllThatIsInIt(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) { // ber has ten mugs and ten tees, ham five tees
		dinner(s)
		s.receive("mug", "ham", 5)
		hold := setHold("cart", 1, "ber", 3)
		hold.Until = s.clock.read().Add(time.Hour)
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{hold, {Owner: "cart", Line: 1, Item: "mug", Location: "ber", Qty: 1, Until: hold.Until}}))(s)
		to := inventory.Rebinding{Line: 1, Item: "set", From: "ber", To: "ham", Qty: 4}
		s.refuses(inventory.ErrReservation, func() error {
			err := errOf(s.Stock.Rebind(s.ctx, "cart", to))
			var refusal *inventory.ReservationError
			require.ErrorAs(t, err, &refusal)
			key := inventory.ReservationKey{Owner: "cart", Line: 1, Item: "set", Location: "ber"}
			require.Equal(t, &inventory.ReservationError{Key: key, Want: 4, Have: 3, State: inventory.Soft}, refusal)
			return err
		})
		to.Qty = 3
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Rebind(s.ctx, "cart", to)) }) // five mugs make two
		lot := to
		lot.Lot = "l-1"
		s.refuses(inventory.ErrItem, func() error { return errOf(s.Stock.Rebind(s.ctx, "cart", lot)) })
		to.Qty = 2
		p := must(s.Stock.Rebind(s.ctx, "cart", to, oms.Key("k")))(s)
		s.same(p, must(s.Stock.Rebind(s.ctx, "cart", to, oms.Key("k")))(s))
		require.Equal(t, "free 7 soft 3", s.shelf("mug", "ber"))
		require.Equal(t, "free 9 soft 1", s.shelf("tee", "ber"))
		require.Equal(t, "free 1 soft 4", s.shelf("mug", "ham"))
		require.Equal(t, "free 3 soft 2", s.shelf("tee", "ham"))
		for _, r := range must(s.Stock.Reservations(s.ctx, "cart"))(s) {
			require.True(t, r.Soft == 0 || r.Until.Equal(hold.Until))
		}
		must(s.Stock.Commit(s.ctx, "cart"))(s)

		s.channel("web", "ber")
		must(s.Channels.RingFence(s.ctx, "web", quota("ber", 8)))(s) // eight of the nine tees that are free
		must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "mug", Buffer: 4}))(s)
		back := inventory.Rebinding{Line: 1, Item: "set", From: "ham", To: "ber", Qty: 2, State: inventory.Committed, Channel: "web"}
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Rebind(s.ctx, "cart", back)) }) // four of seven mugs are left
		elsewhere := back
		elsewhere.From, elsewhere.To, elsewhere.Qty = "ber", "ham", 1
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Rebind(s.ctx, "cart", elsewhere)) }) // web does not sell from there
		elsewhere.Channel = "x"
		s.refuses(oms.ErrNoChannel, func() error { return errOf(s.Stock.Rebind(s.ctx, "cart", elsewhere)) })
		back.Qty = 1
		must(s.Stock.Rebind(s.ctx, "cart", back))(s)
		require.EqualValues(t, 7, s.pooled("web"), "the pool goes first")
		require.Equal(t, "free 5 committed 5", s.shelf("mug", "ber"))
		require.Equal(t, "free 3 committed 2", s.shelf("mug", "ham"))
	})
}

// Random lives of two kits with a common component in a group, on a channel and off it:
// whatever Availability says can be had, and no more.
func TestRandomHoldsOfKitsTakeWhatAvailabilitySays(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		s.group()
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "pair", Kit: []inventory.Component{{Item: "mug", Qty: 2}, {Item: "wrap", Qty: 1}}}))
		s.channel("web", "ham")
		s.channel("all")
		seed := rand.Uint64()
		s.t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 7))
		one := func(of ...string) string { return of[rnd.IntN(len(of))] }
		before := s.dump()
		for step := range 90 {
			item, place, channel, qty := one("tee", "mug", "set", "pair"), one("ber", "ham"), one("", "web", "all"), 1+rnd.Int64N(6)
			owner := fmt.Sprint("o-", step)
			hold := inventory.Hold{Owner: owner, Line: 1, Item: item, Location: place, Qty: qty, Channel: channel}
			var err error
			switch rnd.IntN(9) {
			case 0:
				s.receive(one("tee", "mug"), place, qty)
			case 1:
				s.level(inventory.Level{Item: one("tee", "mug"), Location: place, Safety: number(rnd.Int64N(4)), Frozen: rnd.IntN(8) == 0})
			case 2:
				_, err = s.Channels.RingFence(s.ctx, one("web", "all"), []inventory.Quota{{Item: one("tee", "mug"), Location: place, Qty: qty}})
			case 3:
				l := inventory.Listing{Channel: one("web", "all"), Item: item}
				if item == "tee" || item == "mug" {
					l.Buffer = rnd.Int64N(3)
				}
				if rnd.IntN(2) == 0 {
					l.Cap = number(rnd.Int64N(9))
				}
				must(s.Channels.List(s.ctx, l))(s)
			case 4:
				hold.Channel, hold.Until = "", s.clock.read().Add(time.Duration(1+rnd.IntN(9))*time.Minute)
				_, err = s.Stock.Reserve(s.ctx, []inventory.Hold{hold})
				s.clock.turn(2 * time.Minute)
			case 5:
				_, err = s.Stock.Release(s.ctx, fmt.Sprint("o-", rnd.IntN(step+1)))
			case 6:
				ask := func() (inventory.Availability, error) { return s.Stock.Availability(s.ctx, item, place, "") }
				if channel != "" {
					ask = func() (inventory.Availability, error) {
						return s.Channels.Availability(s.ctx, channel, item, place, "")
					}
				}
				can := must(ask())(s).ATS
				_, took, err := s.Stock.ReserveAvailable(s.ctx, []inventory.Hold{hold})
				s.do(err)
				require.Equal(s.t, []int64{min(qty, can)}, took, "%d of %d %s at %s for %q", qty, can, item, place, channel)
			case 7:
				can := s.inGroup(channel, item)
				hold.Location = ""
				_, err = s.Stock.ReserveIn(s.ctx, "de", []inventory.Hold{hold})
				require.Equal(s.t, qty <= can, err == nil, "%d of %d %s for %q: %v", qty, can, item, channel, err)
			default:
				_, err = s.Stock.Rebind(s.ctx, fmt.Sprint("o-", rnd.IntN(step+1)), inventory.Rebinding{
					Line: 1, Item: item, From: place, To: map[string]string{"ber": "ham", "ham": "ber"}[place], Qty: 1, State: inventory.Committed, Channel: channel,
				})
			}
			after := s.dump()
			if err != nil {
				require.Equal(s.t, before, after, "a refused command leaves no trace: %v", err)
			}
			if before = after; step%15 == 0 {
				s.verify()
			}
		}
	})
}

// inGroup is what a group has, on a channel or off it.
func (s *shop) inGroup(channel, item string) int64 {
	s.t.Helper()
	if channel == "" {
		return must(s.Stock.AvailabilityIn(s.ctx, "de", item, ""))(s).ATS
	}
	return must(s.Channels.AvailabilityIn(s.ctx, channel, "de", item, ""))(s).ATS
}

func TestWhatIsKeptBackOfComponentsStaysHoweverManyReachForTheKit(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.group()
		s.channel("web")
		for round := range 3 {
			cup, set := fmt.Sprint("cup-", round), fmt.Sprint("set-", round)
			s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: cup, Safety: 3}))
			s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: set, Kit: []inventory.Component{{Item: cup, Qty: 2}, {Item: "wrap", Qty: 1}}}))
			s.receive(cup, "ber", 10)
			s.receive(cup, "ham", 11)
			must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: cup, Buffer: 5}))(s)
			hold := func(i int, location string, qty int64, channel string) []inventory.Hold {
				return []inventory.Hold{{Owner: fmt.Sprint(set, channel, location, "-", i), Line: 1, Item: set, Location: location, Qty: qty, Channel: channel}}
			}
			won, lost := race(9, func(i int) error { return errOf(s.Stock.ReserveIn(s.ctx, "de", hold(i, "", 1, "web"))) })
			for _, err := range lost {
				require.ErrorIs(t, err, inventory.ErrShortage)
			}
			require.Equal(t, 5, won, "two in ber, three in ham, and the buffer is left")
			took := make([]int64, 9)
			won, _ = race(len(took), func(i int) error {
				_, n, err := s.Stock.ReserveAvailable(s.ctx, hold(i, "ber", 3, ""))
				if err == nil {
					took[i] = n[0]
				}
				return err
			})
			require.Equal(t, len(took), won)
			var sum int64
			for _, n := range took {
				sum += n
			}
			require.EqualValues(t, 1, sum, "six cups are left, and three have to stay")
			require.Equal(t, "free 4 committed 6", s.shelf(cup, "ber"))

			moved, lost := race(9, func(i int) error {
				return errOf(s.Stock.Rebind(s.ctx, fmt.Sprint(set, "web-", i), inventory.Rebinding{Line: 1, Item: set, From: "ber", To: "ham", Qty: 1, State: inventory.Committed}))
			})
			require.Equal(t, 1, moved, "five cups are in ham, and three have to stay")
			require.Len(t, lost, 8)
			require.Equal(t, "free 3 committed 8", s.shelf(cup, "ham"))
		}
	})
}

func ExampleStock_ReserveIn_kit() {
	ctx := context.Background()
	kit := stocked() // ten tees and ten mugs in Berlin, five of each in Hamburg
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "set", Kit: []inventory.Component{{Item: "mug", Qty: 2}, {Item: "tee", Qty: 1}}}))
	_, err := kit.Stock.PutGroup(ctx, inventory.Group{ID: "de", Locations: []string{"ber", "ham"}})
	check(err)
	there, err := kit.Stock.AvailabilityIn(ctx, "de", "set", "")
	check(err)
	fmt.Println(there.ATS, "sets can be put together")
	_, err = kit.Stock.ReserveIn(ctx, "de", []inventory.Hold{{Owner: "deal-1", Line: 1, Item: "set", Qty: 6}})
	check(err)
	held, err := kit.Stock.Reservations(ctx, "deal-1")
	check(err)
	for _, r := range held {
		fmt.Println(r.Committed, r.Item, "at", r.Location)
	}
	// Output:
	// 7 sets can be put together
	// 10 mug at ber
	// 2 mug at ham
	// 5 tee at ber
	// 1 tee at ham
}
