package oms_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// news is what the alerts of an item have told, in order.
func (s *shop) news(item string) []string {
	s.t.Helper()
	var out []string
	s.do(s.store.View(s.ctx, "", func(ctx context.Context, tx storage.Tx) error {
		for e, err := range tx.Events().Of(ctx, "stock/"+item) {
			if err != nil {
				return err
			}
			if e.Kind != "stock.low" && e.Kind != "stock.out" && e.Kind != "stock.back_in" {
				continue
			}
			var at struct {
				Location string `json:"location"`
				Channel  string `json:"channel"`
				ATS      int64  `json:"ats"`
			}
			if err := json.Unmarshal(e.Data, &at); err != nil {
				return err
			}
			out = append(out, strings.TrimSuffix(fmt.Sprintf("%s %d %s %s", strings.TrimPrefix(e.Kind, "stock."), at.ATS, at.Location, at.Channel), " "))
		}
		return nil
	}))
	return out
}

func TestAnAlertTellsOfACrossingOnce(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		must(s.Alerts.Set(s.ctx, inventory.Alert{Item: "tee", Location: "ber", Low: 4, Clear: 8, Back: 2}))(s)
		check := func(want ...string) {
			s.t.Helper()
			must(s.Alerts.Check(s.ctx))(s)
			before := s.dump()
			require.Empty(s.t, must(s.Alerts.Check(s.ctx))(s), "nothing new")
			require.Equal(s.t, before, s.dump(), "a look that finds nothing writes nothing")
			require.Equal(s.t, want, s.news("tee"))
		}
		take := func(owner string, qty int64, until time.Time) {
			must(s.Stock.Reserve(s.ctx, hold(owner, qty, until)))(s)
		}
		check([]string(nil)...)
		take("a", 6, time.Time{})
		check("low 4 ber")
		s.receive("tee", "ber", 1)
		check("low 4 ber") // 5 is above low, and not clear of it
		take("b", 2, time.Time{})
		check("low 4 ber") // no second time
		until := s.clock.read().Add(time.Minute)
		take("cart", 3, until)
		check("low 4 ber", "out 0 ber")
		s.receive("tee", "ber", 1)
		check("low 4 ber", "out 0 ber") // one is not worth telling
		s.clock.turn(2 * time.Minute)   // the cart gives up; no command says so
		check("low 4 ber", "out 0 ber", "back_in 4 ber")
		s.receive("tee", "ber", 4)
		check("low 4 ber", "out 0 ber", "back_in 4 ber")
		take("c", 4, time.Time{})
		check("low 4 ber", "out 0 ber", "back_in 4 ber", "low 4 ber")
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: "ber", Inactive: true}))
		check("low 4 ber", "out 0 ber", "back_in 4 ber", "low 4 ber", "out 0 ber")
		s.do(s.Alerts.Drop(s.ctx, inventory.Alert{Item: "tee", Location: "ber"}))
		s.refuses(oms.ErrNoAlert, func() error { return s.Alerts.Drop(s.ctx, inventory.Alert{Item: "tee", Location: "ber"}) })
		require.Empty(s.t, must(s.Alerts.Of(s.ctx, "tee"))(s))
	})
}

func TestEachChannelHasAlertsOfItsOwn(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) { // ten tees in ber, five in ham
		s.channel("web")
		must(s.Stock.PutGroup(s.ctx, inventory.Group{ID: "north", Locations: []string{"ham"}}))(s)
		must(s.Channels.Set(s.ctx, inventory.Channel{ID: "shop", Group: "north"}))(s)
		must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "tee", Buffer: 2}))(s)
		must(s.Channels.RingFence(s.ctx, "shop", quota("ham", 3)))(s)
		for _, a := range []inventory.Alert{{Low: 4}, {Low: 8, Channel: "web"}, {Low: 3, Channel: "shop"}, {Low: 1, Location: "ham", Channel: "web"}} {
			a.Item = "tee"
			must(s.Alerts.Set(s.ctx, a))(s)
		}
		check := func(want ...string) {
			s.t.Helper()
			must(s.Alerts.Check(s.ctx))(s)
			require.Empty(s.t, must(s.Alerts.Check(s.ctx))(s), "nothing new")
			require.ElementsMatch(s.t, want, s.news("tee"))
		}
		all := []string{"low 8  web", "out 0 ham web"} // eight in ber beyond the buffer, in ham none beyond the pool and the buffer
		check(all...)
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "a", Item: "tee", Location: "ham", Qty: 2}}))(s)
		all = append(all, "low 3  shop")
		check(all...)
		must(s.Channels.GiveBack(s.ctx, "shop", quota("ham", 3)))(s)
		all = append(all, "back_in 1 ham web")
		check(all...)
		must(s.Stock.Reserve(s.ctx, hold("b", 9, time.Time{})))(s)
		all = append(all, "low 4 ", "low 1  web") // that was well again with nine
		check(all...)
		must(s.Stock.PutGroup(s.ctx, inventory.Group{ID: "north", Locations: []string{"ber"}}))(s)
		must(s.Stock.Reserve(s.ctx, hold("c", 1, time.Time{})))(s)
		check(append(all, "out 0  shop")...)
		s.refuses(oms.ErrNoAlert, func() error { return s.Alerts.Drop(s.ctx, inventory.Alert{Item: "tee", Location: "ham"}) })
		s.do(s.Alerts.Drop(s.ctx, inventory.Alert{Item: "tee", Channel: "web"}))
		left := must(s.Alerts.Of(s.ctx, "tee"))(s)
		require.Len(s.t, left, 3)
		require.Equal(s.t, []string{"", "shop", "web"}, []string{left[0].Channel, left[1].Channel, left[2].Channel})
	})
}

func TestAnAlertThatCannotBeKeptIsRefused(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.channel("shop", "ham")
		for name, c := range map[string]struct {
			alert inventory.Alert
			err   error
		}{
			"no item":                {inventory.Alert{}, inventory.ErrID},
			"an unknown item":        {inventory.Alert{Item: "hat"}, inventory.ErrUnknownItem},
			"what never runs out":    {inventory.Alert{Item: "wrap"}, inventory.ErrUntracked},
			"an unknown location":    {inventory.Alert{Item: "tee", Location: "x"}, inventory.ErrUnknownLocation},
			"a malformed location":   {inventory.Alert{Item: "tee", Location: " ber"}, inventory.ErrID},
			"an unknown channel":     {inventory.Alert{Item: "tee", Channel: "x"}, oms.ErrNoChannel},
			"a malformed channel":    {inventory.Alert{Item: "tee", Channel: " x"}, inventory.ErrID},
			"a place not sold from":  {inventory.Alert{Item: "tee", Location: "ber", Channel: "shop"}, inventory.ErrChannel},
			"low below zero":         {inventory.Alert{Item: "tee", Low: -1}, inventory.ErrQuantity},
			"low beyond all stock":   {inventory.Alert{Item: "tee", Low: inventory.MaxQty}, inventory.ErrQuantity},
			"an end below its begin": {inventory.Alert{Item: "tee", Low: 5, Clear: 5}, inventory.ErrQuantity},
			"back with nothing":      {inventory.Alert{Item: "tee", Back: -1}, inventory.ErrQuantity},
		} {
			s.refuses(c.err, func() error { return errOf(s.Alerts.Set(s.ctx, c.alert)) })
			_ = name
		}
		set := must(s.Alerts.Set(s.ctx, inventory.Alert{Item: "tee", Low: 5}, oms.Key("k")))(s)
		require.Equal(s.t, inventory.Alert{Item: "tee", Low: 5, Clear: 6, Back: 1, State: inventory.AlertFine, Since: s.clock.read(), Version: 1}, set)
		require.Equal(s.t, set, must(s.Alerts.Set(s.ctx, inventory.Alert{Item: "tee", Low: 5}, oms.Key("k")))(s))
	})
}

// Random trade, with a look now and then. What is told must be what a plain reading of
// the numbers seen at each look tells.
func TestRandomTradeIsToldAsAPlainReadingOfItsNumbersTells(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		seed := rand.Uint64()
		s.t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 1))
		bounds := map[string]inventory.Alert{
			"ber": {Item: "tee", Location: "ber", Low: 3, Clear: 6, Back: 2}, "": {Item: "tee", Low: 5}, "ham": {Item: "tee", Location: "ham", Low: 0, Back: 4},
		}
		seen := map[string][]int64{}
		for _, a := range bounds {
			must(s.Alerts.Set(s.ctx, a))(s)
		}
		for step := range 150 {
			place := []string{"ber", "ham"}[rnd.IntN(2)]
			qty := 1 + rnd.Int64N(5)
			switch rnd.IntN(6) {
			case 0:
				s.receive("tee", place, qty)
			case 1:
				_, _ = s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "tee", Location: place, Delta: -qty, Reason: inventory.ReasonLost})
			case 2:
				until := s.clock.read().Add(time.Duration(1+rnd.IntN(5)) * time.Minute)
				_, _ = s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: fmt.Sprint("cart-", rnd.IntN(4)), Item: "tee", Location: place, Qty: qty, Until: until}})
			case 3:
				s.clock.turn(time.Minute)
			case 4:
				o, err := s.Orders.Place(s.ctx, draft(line("tee", qty)))
				if err != nil {
					continue
				}
				if _, err := s.Orders.Confirm(s.ctx, o.ID); err == nil && rnd.IntN(2) == 0 {
					must(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer))(s)
				}
			default:
				_, _ = s.Stock.Transfer(s.ctx, inventory.Shift{Item: "tee", From: place, To: map[string]string{"ber": "ham", "ham": "ber"}[place], Qty: qty})
			}
			if step%2 == 0 {
				for location := range bounds {
					seen[location] = append(seen[location], s.ats("tee", location, ""))
				}
				must(s.Alerts.Check(s.ctx))(s)
			}
		}
		got := s.news("tee")
		for location, a := range bounds {
			var of []string
			for _, n := range got {
				if strings.HasSuffix(n, " "+location) {
					of = append(of, strings.TrimSuffix(n, " "+location))
				}
			}
			require.Equal(s.t, plainNews(a, seen[location]), of, "at %q, numbers %v", location, seen[location])
		}
	})
}

// plainNews reads numbers one after the other with two switches: out, and low.
func plainNews(a inventory.Alert, numbers []int64) []string {
	clear, back := max(a.Clear, a.Low+1), max(a.Back, 1)
	out, low := false, false
	var told []string
	for _, n := range numbers {
		if out {
			if n < back {
				continue
			}
			out = false
			told = append(told, fmt.Sprint("back_in ", n))
			low = n <= a.Low
			continue
		}
		if n == 0 {
			out = true
			told = append(told, "out 0")
			continue
		}
		if low && n >= clear {
			low = false
		} else if !low && n <= a.Low {
			low = true
			told = append(told, fmt.Sprint("low ", n))
		}
	}
	return told
}
