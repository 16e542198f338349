package oms_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
)

func number(n int64) *int64 { return &n }

func (s *shop) level(l inventory.Level) inventory.Level {
	s.t.Helper()
	return must(s.Stock.SetLevel(s.ctx, l))(s)
}

func TestLevelsAreKeptAndSeenByEveryCommand(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		l := s.level(inventory.Level{Item: "tee", Location: "ber", Safety: number(2)})
		require.EqualValues(t, 1, l.Version)
		require.EqualValues(t, 8, s.ats("tee", "ber", ""))
		require.EqualValues(t, 13, s.ats("tee", "", ""))
		frozen := must(s.Stock.Freeze(s.ctx, "tee", "ber", oms.Key("freeze")))(s)
		require.True(t, frozen.Frozen)
		require.Equal(t, frozen, must(s.Stock.Freeze(s.ctx, "tee", "ber", oms.Key("freeze")))(s), "once per key")
		require.Equal(t, frozen, must(s.Stock.Freeze(s.ctx, "tee", "ber"))(s), "again changes nothing")
		require.Equal(t, frozen, must(s.Stock.Level(s.ctx, "tee", "ber"))(s))
		require.Zero(t, s.ats("tee", "ber", ""))
		_, err := s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "cart", Item: "tee", Location: "ber", Qty: 1}})
		require.ErrorIs(t, err, inventory.ErrShortage)
		_, err = s.Orders.Place(s.ctx, draft(line("tee", 6)))
		require.ErrorIs(t, err, inventory.ErrShortage, "frozen stock is not allocated")
		_, work := s.open(line("tee", 5))
		require.Equal(t, "ham", work[0].Location)
		require.EqualValues(t, 10, must(s.Stock.Balances(s.ctx, "tee"))(s)[0].Of(inventory.Free), "frozen stock stays")
		s.do(errOf(s.Stock.Thaw(s.ctx, "tee", "ber")))
		require.EqualValues(t, 8, s.ats("tee", "ber", ""))
		s.level(inventory.Level{Item: "tee", Location: "ber"})
		require.EqualValues(t, 10, s.ats("tee", "ber", ""))
		for what, l := range map[string]inventory.Level{
			"an unknown item":       {Item: "hat", Location: "ber"},
			"an unknown location":   {Item: "tee", Location: "par"},
			"an item without stock": {Item: "wrap", Location: "ber"},
			"too much":              {Item: "tee", Location: "ber", Safety: number(inventory.MaxQty + 1)},
		} {
			before := s.dump()
			_, err := s.Stock.SetLevel(s.ctx, l)
			require.Error(t, err, what)
			require.Equal(t, before, s.dump(), what)
		}
		_, err = s.Stock.Level(s.ctx, "hat", "ber")
		require.ErrorIs(t, err, inventory.ErrUnknownItem)
		require.Equal(t, inventory.Level{Item: "mug", Location: "ber"}, must(s.Stock.Level(s.ctx, "mug", "ber"))(s))
	})
}

func TestAVendorWhoseStockNobodyTracksShipsWhatIsAsked(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: "vendor", Priority: 9}))
		s.level(inventory.Level{Item: "mug", Location: "vendor", Untracked: true})
		o, work := s.open(line("mug", 500))
		require.Len(t, work, 1)
		require.Equal(t, "vendor", work[0].Location)
		s.do(errOf(s.Orders.Cancel(s.ctx, o.ID, "customer")))
		require.EqualValues(t, inventory.Unlimited, s.ats("mug", "", ""))
	})
}

func TestSettingStockNeverOverwritesASale(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		set := inventory.SetTo{Item: "tee", Location: "ber", Expect: 10, Qty: 12, Reason: inventory.ReasonCount, Ref: "form-1"}
		s.do(errOf(s.Stock.Set(s.ctx, set, oms.Key("form-1"))))
		s.do(errOf(s.Stock.Set(s.ctx, set, oms.Key("form-1"))))
		require.EqualValues(t, 12, s.ats("tee", "ber", ""))
		before := s.dump()
		var stale *inventory.StaleQuantityError
		_, err := s.Stock.Set(s.ctx, set)
		require.ErrorAs(t, err, &stale)
		require.EqualValues(t, 12, stale.Actual)
		require.Equal(t, before, s.dump())

		const forms = 6 // that all saw the same number
		var wg sync.WaitGroup
		errs := make([]error, forms)
		for i := range forms {
			wg.Go(func() {
				mine := set
				mine.Expect, mine.Qty = 12, int64(20+i)
				_, errs[i] = s.Stock.Set(s.ctx, mine)
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				require.ErrorAs(t, err, &stale)
			}
		}
		require.Equal(t, 1, won, "one form is saved, the others are told")
		s.do(errOf(s.Stock.Relabel(s.ctx, inventory.Relabel{Item: "tee", Location: "ham", To: "lot-1", Qty: 5, Ref: "audit"})))
		require.EqualValues(t, 5, s.ats("tee", "ham", ""))
	})
}

func TestWhatIsKeptBackStaysHoweverManyReachForIt(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		const buyers, rounds = 12, 3
		s.channel("web")
		for round := range rounds {
			item := fmt.Sprint("tee-", round)
			s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: item, Safety: 3}))
			s.receive(item, "ber", 10)
			must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: item, Buffer: 5}))(s)
			sell := func(channel string) (sold int) {
				errs := make([]error, buyers)
				var wg sync.WaitGroup
				for i := range buyers {
					wg.Go(func() {
						owner := fmt.Sprint(channel, "-", round, "-", i)
						_, errs[i] = s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: owner, Item: item, Location: "ber", Qty: 1, Channel: channel}})
					})
				}
				wg.Wait()
				for _, err := range errs {
					if err == nil {
						sold++
					} else {
						require.ErrorIs(t, err, inventory.ErrShortage)
					}
				}
				return sold
			}
			require.Equal(t, 5, sell("web"), "the buffer of the channel is left")
			require.Equal(t, 2, sell(""), "then the safety stock")
			require.Equal(t, "free 3 committed 7", s.shelf(item, "ber"))
		}
	})
}

func TestExpiredHoldsDoNotStandInForWhatIsKeptBack(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) { // ten tees in ber
		s.level(inventory.Level{Item: "tee", Location: "ber", Safety: number(4)})
		until := s.clock.read().Add(time.Minute)
		must(s.Stock.Reserve(s.ctx, hold("cart", 6, until)))(s)
		s.clock.turn(2 * time.Minute)
		require.EqualValues(t, 6, s.ats("tee", "ber", ""))
		must(s.Stock.Reserve(s.ctx, hold("order", 1, time.Time{})))(s) // four are free; five would have to stay
		require.Equal(t, "free 9 committed 1", s.shelf("tee", "ber"), "the cart gave up its units")
		must(s.Stock.Reserve(s.ctx, hold("order", 5, time.Time{})))(s)
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Reserve(s.ctx, hold("late", 1, time.Time{}))) })
	})
}

func TestFreezingRacesWithOtherChangesOfTheLevel(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var wg sync.WaitGroup
		errs := make([]error, 4)
		wg.Go(func() { _, errs[0] = s.Stock.Freeze(s.ctx, "tee", "ber") })
		wg.Go(func() { _, errs[1] = s.Stock.Freeze(s.ctx, "tee", "ham") })
		wg.Go(func() { errs[2] = s.Stock.AddItem(s.ctx, inventory.Item{ID: "tee", Name: "Tee"}) })
		wg.Go(func() { _, errs[3] = s.Stock.Thaw(s.ctx, "mug", "ber") })
		wg.Wait()
		for _, err := range errs {
			s.do(err)
		}
		require.Zero(t, s.ats("tee", "", ""), "neither is lost")
	})
}
