package oms_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
)

// dinner is a shop that also sells a set of two mugs and a tee, and makes hampers of them.
func dinner(s *shop) {
	s.t.Helper()
	parts := []inventory.Component{{Item: "mug", Qty: 2}, {Item: "tee", Qty: 1}}
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "set", Kit: parts}))
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "hamper", Bill: parts}))
}

func TestAKitIsAsAvailableAsItsScarcestComponent(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		require.EqualValues(t, 5, s.ats("set", "ber", ""), "ten mugs make five")
		require.EqualValues(t, 0, s.ats("set", "ham", ""), "there are no mugs")
		require.EqualValues(t, 5, s.ats("set", "", ""))
		a := must(s.Stock.Availability(s.ctx, "set", "ber", ""))(s)
		require.Equal(t, []inventory.Term{{Name: "kits by the scarcest component, mug", Location: "ber", Qty: 5}}, a.Terms)

		hold := func(item string, line int, qty int64) inventory.Hold {
			return inventory.Hold{Owner: "cart-1", Line: line, Item: item, Location: "ber", Qty: qty}
		}
		_, err := s.Stock.Reserve(s.ctx, []inventory.Hold{hold("set", 1, 4), hold("mug", 2, 3)})
		var short *inventory.ShortageError
		require.ErrorAs(t, err, &short, "eight mugs for the sets, and three more")
		require.Equal(t, []inventory.Shortage{{Line: 2, Item: "mug", Location: "ber", Want: 3, Have: 2}}, short.Short)
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{hold("set", 1, 4), hold("mug", 2, 2)}))(s)
		require.EqualValues(t, 0, s.ats("set", "ber", ""))
		require.EqualValues(t, 6, s.ats("tee", "ber", ""))
		must(s.Stock.Ship(s.ctx, "cart-1"))(s)
		require.EqualValues(t, 0, s.ats("mug", "ber", ""))
	})
}

func TestAssemblyThereAndBackChangesNothing(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		two := inventory.Assembly{Item: "hamper", Location: "ber", Qty: 2, Ref: "job-1"}
		p := must(s.Stock.Assemble(s.ctx, two, oms.Key("job-1")))(s)
		require.Equal(t, inventory.ReasonAssemble, p.Reason)
		must(s.Stock.Assemble(s.ctx, two, oms.Key("job-1")))(s) // said twice, made once
		require.Equal(t, []int64{2, 6, 8}, []int64{s.ats("hamper", "ber", ""), s.ats("mug", "ber", ""), s.ats("tee", "ber", "")})
		must(s.Stock.Disassemble(s.ctx, two))(s)
		require.Equal(t, []int64{0, 10, 10}, []int64{s.ats("hamper", "ber", ""), s.ats("mug", "ber", ""), s.ats("tee", "ber", "")})
	})
}

func TestWhatAnAssemblyLacksIsListedWhole(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		s.refuses(inventory.ErrShortage, func() error {
			err := errOf(s.Stock.Assemble(s.ctx, inventory.Assembly{Item: "hamper", Location: "ber", Qty: 11}))
			var short *inventory.ShortageError
			require.ErrorAs(t, err, &short)
			require.Equal(t, []inventory.Shortage{
				{Item: "mug", Location: "ber", Want: 22, Have: 10}, {Item: "tee", Location: "ber", Want: 11, Have: 10},
			}, short.Short)
			return err
		})
		s.refuses(inventory.ErrShortage, func() error {
			return errOf(s.Stock.Disassemble(s.ctx, inventory.Assembly{Item: "hamper", Location: "ber", Qty: 1}))
		})
		s.refuses(inventory.ErrItem, func() error {
			return errOf(s.Stock.Assemble(s.ctx, inventory.Assembly{Item: "mug", Location: "ber", Qty: 1}))
		})
		s.refuses(inventory.ErrQuantity, func() error {
			return errOf(s.Stock.Assemble(s.ctx, inventory.Assembly{Item: "hamper", Location: "ber"}))
		})
		s.refuses(inventory.ErrQuantity, func() error {
			return errOf(s.Stock.Assemble(s.ctx, inventory.Assembly{Item: "hamper", Location: "ber", Qty: inventory.MaxQty}))
		})
		s.refuses(inventory.ErrUnknownLocation, func() error {
			return errOf(s.Stock.Assemble(s.ctx, inventory.Assembly{Item: "hamper", Location: "moon", Qty: 1}))
		})
	})
}

func TestAnAssemblyLeavesFrozenStockWhereItIs(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		one := inventory.Assembly{Item: "hamper", Location: "ber", Qty: 1}
		must(s.Stock.Assemble(s.ctx, one))(s)
		must(s.Stock.Freeze(s.ctx, "tee", "ber"))(s)
		s.refuses(inventory.ErrShortage, func() error {
			err := errOf(s.Stock.Assemble(s.ctx, inventory.Assembly{Item: "hamper", Location: "ber", Qty: 9}))
			var short *inventory.ShortageError
			require.ErrorAs(t, err, &short)
			require.Equal(t, []inventory.Shortage{
				{Item: "mug", Location: "ber", Want: 18, Have: 8}, {Item: "tee", Location: "ber", Want: 9},
			}, short.Short, "all that is missing, and what is frozen")
			return err
		})
		must(s.Stock.Freeze(s.ctx, "hamper", "ber"))(s)
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Disassemble(s.ctx, one)) })
		must(s.Stock.Thaw(s.ctx, "hamper", "ber"))(s)
		must(s.Stock.Disassemble(s.ctx, one))(s) // what comes back to a frozen component may lie there
		must(s.Stock.Thaw(s.ctx, "tee", "ber"))(s)
		must(s.Stock.Assemble(s.ctx, one))(s)
	})
}

func TestAssembledGoodsAreWorthTheirComponents(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "jar", Costing: inventory.CostFIFO}))
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "jam", Costing: inventory.CostAverage}))
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "gift", Costing: inventory.CostFIFO, Bill: []inventory.Component{{Item: "jar", Qty: 1}, {Item: "jam", Qty: 300}}}))
		costly := func(item string, qty int64, cost string) {
			must(s.Stock.Receive(s.ctx, inventory.Receipt{Item: item, Location: "ber", Qty: qty, UnitCost: decimal.NewNullDecimal(dec(cost))}))(s)
		}
		costly("jar", 10, "0.40")
		costly("jam", 9000, "0.004")
		must(s.Stock.Assemble(s.ctx, inventory.Assembly{Item: "gift", Location: "ber", Qty: 3, Ref: "job-1"}))(s)
		v := must(s.Costs.Value(s.ctx, "gift", s.clock.read()))(s)
		require.Equal(t, "4.8", v.Value.String(), "three times 0.40 and 300 times 0.004")
		require.EqualValues(t, 3, v.Qty)
	}, oms.WithCosting())
}

func TestACartNeverLosesItsKitToAComponent(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		soft := func(item string, line int, qty int64) inventory.Hold {
			return inventory.Hold{Owner: "cart-1", Line: line, Item: item, Location: "ber", Qty: qty, Until: s.clock.read().Add(time.Hour)}
		}
		s.refuses(inventory.ErrItem, func() error { return errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{soft("set", 0, 2)})) })
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{soft("set", 1, 2)}))(s)
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{soft("mug", 0, 1)}))(s)
		require.EqualValues(t, 5, s.ats("mug", "ber", ""), "four for the sets, and one")
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{soft("set", 1, 1)}))(s) // one set instead of two
		require.EqualValues(t, 7, s.ats("mug", "ber", ""))
		require.EqualValues(t, 9, s.ats("tee", "ber", ""))
	})
}

func TestAKitBesideItsComponentKeepsWhatEachAsksFor(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "milk", Picking: inventory.FEFO}))
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "breakfast", Kit: []inventory.Component{{Item: "milk", Qty: 1}, {Item: "mug", Qty: 1}}}))
		must(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "milk", Lot: "l-1", Location: "ber", Qty: 5, Expires: s.clock.read().AddDate(0, 0, 3)}))(s)
		holds := []inventory.Hold{
			{Owner: "job-1", Line: 1, Item: "breakfast", Location: "ber", Qty: 1},
			{Owner: "job-1", Line: 1, Item: "milk", Location: "ber", Qty: 1, Life: 10 * 24 * time.Hour},
		}
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Reserve(s.ctx, holds)) })
		must(s.Stock.Reserve(s.ctx, holds[:1]))(s)
	})
}

func TestKitsThatCouldNeverBePutTogetherAreRefused(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		parts := func(items ...string) (out []inventory.Component) {
			for _, item := range items {
				out = append(out, inventory.Component{Item: item, Qty: 1})
			}
			return out
		}
		for _, i := range map[string]inventory.Item{
			"of what is unknown":        {ID: "new", Kit: parts("tee", "ghost")},
			"of kits":                   {ID: "new", Kit: parts("set")},
			"of nothing that is stock":  {ID: "new", Kit: parts("wrap")},
			"made of what is unknown":   {ID: "new", Bill: parts("ghost")},
			"made of kits":              {ID: "new", Bill: parts("tee", "set")},
			"made of what is untracked": {ID: "new", Bill: parts("tee", "wrap")},
		} {
			s.refuses(inventory.ErrItem, func() error { return s.Stock.AddItem(s.ctx, i) })
		}
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "wrapped", Kit: parts("tee", "wrap")}))
		require.EqualValues(t, 10, s.ats("wrapped", "ber", ""))
		require.EqualValues(t, 15, s.ats("wrapped", "", ""))
	})
}

func TestAChannelShowsOfAKitWhatItSells(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		must(s.Channels.Set(s.ctx, inventory.Channel{ID: "web", Locations: []string{"ber"}}))(s)
		list := func(item string, buffer int64, most *int64) error {
			return errOf(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: item, Buffer: buffer, Cap: most}))
		}
		upTo := func(n int64) *int64 { return &n }
		shows := func(want int64, why string) {
			require.Equal(t, want, must(s.Channels.Availability(s.ctx, "web", "set", "", ""))(s).ATS, why)
			must(s.Channels.Publish(s.ctx, "web"))(s)
			page := must(s.Channels.Feed(s.ctx, "web", 0))(s)
			i := slices.IndexFunc(page, func(p inventory.Published) bool { return p.Item == "set" })
			require.Equal(t, want, page[i].Qty, "the feed: %s", why)
		}
		sells := func(want int64) {
			hold := []inventory.Hold{{Owner: "job-1", Line: 1, Item: "set", Location: "ber", Qty: want + 1, Channel: "web"}}
			s.refuses(inventory.ErrShortage, func() error { return errOf(s.Stock.Reserve(s.ctx, hold)) })
			if hold[0].Qty = want; want > 0 {
				must(s.Stock.Reserve(s.ctx, hold))(s)
				must(s.Stock.Release(s.ctx, "job-1"))(s)
			}
		}
		s.refuses(inventory.ErrItem, func() error { return list("set", 3, nil) })
		s.do(list("set", 0, upTo(4)))
		shows(4, "its own cap")
		sells(4)
		s.do(list("mug", 0, upTo(3)))
		shows(1, "three mugs make one")
		sells(1)
		s.do(list("mug", 6, nil))
		shows(2, "six of ten mugs are kept back")
		sells(2)
		for n := range 210 { // so that the mugs stand on another page than the set
			item := fmt.Sprintf("n-%03d", n)
			s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: item}))
			s.do(list(item, 0, nil))
		}
		shows(2, "six of ten mugs are kept back, on another page")
	}, oms.WithChannels())
}

func ExampleStock_Assemble() {
	ctx := context.Background()
	kit := stocked() // ten tees and ten mugs in Berlin
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "hamper", Bill: []inventory.Component{{Item: "mug", Qty: 2}, {Item: "tee", Qty: 1}}}))
	p, err := kit.Stock.Assemble(ctx, inventory.Assembly{Item: "hamper", Location: "ber", Qty: 3, Ref: "job-7"})
	check(err)
	for _, m := range p.Movements {
		fmt.Println(m.Qty, m.Item, "from", m.From, "to", m.To)
	}
	_, err = kit.Stock.Assemble(ctx, inventory.Assembly{Item: "hamper", Location: "ber", Qty: 3})
	fmt.Println(err)
	// Output:
	// 6 mug from free@ber to production
	// 3 tee from free@ber to production
	// 3 hamper from production to free@ber
	// assemble: inventory: not enough stock: item "mug" at "ber": want 6, have 4
}
