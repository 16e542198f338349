package oms_test

import (
	"context"
	"fmt"
	"testing"

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

func TestAKitIsSoldAsItsComponents(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		s.refuses(inventory.ErrKit, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("set", 1)))) })
		s.refuses(inventory.ErrKit, func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "set", Location: "ber", Qty: 1}))
		})
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
