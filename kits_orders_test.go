package oms_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// sets wants sets of two mugs and a tee at a price that divides badly.
func sets(qty int64) order.DraftLine {
	return order.DraftLine{Item: "set", Title: "Dinner", Qty: qty, UnitPrice: dec("19.99"), TaxRate: dec("0.19")}
}

func TestAKitIsSoldShippedAndReturnedAsItsComponents(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		d := draft(sets(3), line("tee", 1))
		d.Discounts = []order.Discount{{Percent: decimal.New(10, 0)}}
		before := s.dump()
		_, err := s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			o, err := k.Orders.Place(ctx, d)
			require.Len(s.t, o.Kits(), 1)
			return err
		})
		require.NoError(s.t, err)
		require.Equal(s.t, before, s.dump())

		o := must(s.Orders.Place(s.ctx, d, oms.Key("checkout-1")))(s)
		s.same(o, must(s.Orders.Place(s.ctx, d, oms.Key("checkout-1")))(s))
		s.same(o, s.order(o.ID))
		page := must(s.Orders.Page(s.ctx, order.Filter{Item: "mug"}))(s)
		s.same(o, page[0])
		require.Equal(s.t, "free 4 committed 6", s.shelf("mug", "ber"))
		require.Equal(s.t, "free 6 committed 4", s.shelf("tee", "ber"))
		k := o.Kits()[0]
		require.Equal(s.t, []any{[]int{1, 3}, "59.97", int64(3), int64(3), int64(0)}, []any{k.Lines, k.Amount.Amount().String(), k.Ordered, k.Ready, k.Shipped})

		must(s.Orders.Confirm(s.ctx, o.ID))(s)
		s.pay(o.ID)
		work := s.work(o.ID)
		require.Len(s.t, work, 1)
		must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
		k = kitsOf(s, o.ID)[0]
		require.Equal(s.t, []int64{3, 0}, []int64{k.Shipped, k.Ready})

		// A broken mug comes back, then the rest of what was sold, kit by kit.
		paid := s.orderOf(o.ID).Books().Captured
		give := func(as returns.Disposition, lines ...order.LineQty) {
			var wanted []returns.Wanted
			var seen []returns.Disposed
			for i, l := range lines {
				wanted = append(wanted, returns.Wanted{Line: l.Line, Qty: l.Qty, Reason: returns.TooSmall})
				seen = append(seen, returns.Disposed{Line: i + 1, Qty: l.Qty, As: as})
				lines[i].Line = i + 1 // of the return
			}
			r := must(s.Returns.Request(s.ctx, o.ID, wanted, ""))(s)
			must(s.Returns.Approve(s.ctx, r.ID))(s)
			must(s.Returns.Receive(s.ctx, r.ID, "ber", lines))(s)
			must(s.Returns.Inspect(s.ctx, r.ID, seen))(s)
			must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: lines}))(s)
			b := s.orderOf(o.ID).Books()
			require.True(s.t, b.Due.IsZero())
			require.Equal(s.t, b.Captured.MinorUnits(), b.Refunded.MinorUnits()+b.Owed.MinorUnits(), "captured = refunded + retained")
			s.verify()
		}
		give(returns.Damage, order.LineQty{Line: 1, Qty: 1})
		require.Zero(s.t, kitsOf(s, o.ID)[0].Returned)
		give(returns.Restock, order.LineQty{Line: 1, Qty: 1}, order.LineQty{Line: 3, Qty: 1})
		require.EqualValues(s.t, 1, kitsOf(s, o.ID)[0].Returned)
		give(returns.Restock, order.LineQty{Line: 1, Qty: 4}, order.LineQty{Line: 3, Qty: 2}, order.LineQty{Line: 2, Qty: 1})
		require.EqualValues(s.t, 3, kitsOf(s, o.ID)[0].Returned)
		b := s.orderOf(o.ID).Books()
		require.Equal(s.t, paid, b.Refunded, "every cent")
		require.Equal(s.t, "free 10", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 9 damaged 1", s.shelf("mug", "ber"))
	})
}

func TestWhatAKitLacksIsNamedWithTheKit(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		short := func(want []inventory.Shortage, lines ...order.DraftLine) {
			s.t.Helper()
			s.refuses(inventory.ErrShortage, func() error {
				err := errOf(s.Orders.Place(s.ctx, draft(lines...)))
				var e *inventory.ShortageError
				require.ErrorAs(s.t, err, &e)
				require.Equal(s.t, want, e.Short)
				return err
			})
		}
		short([]inventory.Shortage{{Line: 1, Item: "mug", Kit: "set", Location: "ber", Want: 12, Have: 10}}, sets(6))
		short([]inventory.Shortage{{Line: 2, Item: "mug", Want: 1}}, sets(5), line("mug", 1))
		short([]inventory.Shortage{
			{Line: 1, Item: "mug", Kit: "set", Location: "ber", Want: 24, Have: 10},
			{Line: 2, Item: "tee", Kit: "set", Location: "ber", Want: 12, Have: 10},
		}, sets(12))
		require.Equal(s.t, `inventory: not enough stock: item "mug" of kit "set" at "ber" (line 1): want 12, have 10`,
			(&inventory.ShortageError{Short: []inventory.Shortage{{Line: 1, Item: "mug", Kit: "set", Location: "ber", Want: 12, Have: 10}}}).Error())

		must(s.Stock.Freeze(s.ctx, "tee", "ber"))(s)
		short([]inventory.Shortage{{Line: 2, Item: "tee", Kit: "set", Location: "ber", Want: 1}}, sets(1))
		must(s.Stock.Thaw(s.ctx, "tee", "ber"))(s)
		s.place(sets(4), line("mug", 2), line("tee", 6))
		short([]inventory.Shortage{{Line: 1, Item: "mug", Kit: "set", Location: "ham", Want: 2}}, sets(1)) // it has tees

		plan := must(s.Orders.Plan(s.ctx, draft(sets(1))))(s)
		require.Len(s.t, plan.Unassigned, 2)
		s.verify()
	})
}

// What a location shows of a kit is what one line can have from it, to the unit, and one
// unit more is refused; and all that is shown can be sold one by one.
func TestWhatIsShownOfAKitIsWhatCanBePlaced(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		r := rand.New(rand.NewPCG(7, 7))
		for range 6 {
			for _, l := range []string{"ber", "ham"} {
				for _, item := range []string{"tee", "mug"} {
					if n := r.Int64N(5); n > 0 {
						s.receive(item, l, n)
					}
				}
			}
			ber, ham := s.ats("set", "ber", ""), s.ats("set", "ham", "")
			most := max(ber, ham)
			s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(sets(most+1)))) })
			if most > 0 {
				o := s.place(sets(most))
				must(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer))(s)
			}
			if all := s.ats("set", "", ""); all > 0 {
				lines := make([]order.DraftLine, all)
				for i := range lines {
					lines[i] = sets(1)
				}
				s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(append(lines, sets(1))...))) })
				s.place(lines[:1+r.IntN(len(lines))]...)
			}
			s.verify()
		}
	})
}

func TestTheComponentsOfAKitLeaveFromOneLocation(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		s.receive("mug", "ham", 4)
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "job", Item: "tee", Location: "ber", Qty: 9}}))(s)
		o := s.place(sets(2)) // one tee is left in Berlin, nine mugs are
		for _, a := range must(s.Stock.Reservations(s.ctx, "order/"+o.ID.String()))(s) {
			require.Equal(s.t, "ham", a.Location)
		}
		must(s.Orders.Confirm(s.ctx, o.ID))(s)
		require.Len(s.t, s.work(o.ID), 1)
		s.receive("tee", "ber", 9)
		must(s.Orders.Reallocate(s.ctx, o.ID))(s)
		require.Equal(s.t, []string{"ber"}, openWork(s, o.ID), "all of it moves, or none")
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "job", Item: "tee", Location: "ber", Qty: 8}}))(s)
		require.Equal(s.t, []string{"committed 19", "free 5", "free 6 committed 4", "free 4"},
			[]string{s.shelf("tee", "ber"), s.shelf("tee", "ham"), s.shelf("mug", "ber"), s.shelf("mug", "ham")})
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(sets(3)))) })
		s.verify()

		loose := s.with(s.ctx, oms.New(s.store, oms.WithClock(s.clock.read), oms.WithAllocationFacts(func(_ order.Order, r *allocation.Request) error {
			for i := range r.Demands {
				r.Demands[i].Together = ""
			}
			return nil
		})))
		loose.refuses(inventory.ErrShortage, func() error { return errOf(loose.Orders.Place(s.ctx, draft(sets(6)))) })
		loose.place(sets(5))
		loose.verify()
	})
}

func kitsOf(s *shop, id order.ID) []order.Kit {
	o := s.order(id)
	return o.Kits()
}

func openWork(s *shop, id order.ID) (out []string) {
	for _, fo := range s.work(id) {
		if fo.Work == "open" {
			out = append(out, fo.Location)
		}
	}
	return out
}

func TestAKitMayWaitForItsComponents(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "reader", Kit: []inventory.Component{{Item: "book", Qty: 2}, {Item: "tee", Qty: 1}, {Item: "wrap", Qty: 1, Share: 0}}}))
		s.receive("book", "ber", 3)
		o, _ := s.open(order.DraftLine{Item: "reader", Qty: 2, UnitPrice: dec("30")})
		require.Equal(s.t, "reserved 3 backordered 1", s.places(o.ID, 1), "books may wait")
		require.Equal(s.t, "reserved 2", s.places(o.ID, 2))
		require.Equal(s.t, "shipped 2 delivered 2", s.places(o.ID, 3), "wrapping takes no stock")
		require.EqualValues(s.t, 1, kitsOf(s, o.ID)[0].Ready)
		s.receive("book", "ham", 1)
		must(s.Orders.Allocate(s.ctx, o.ID))(s)
		require.EqualValues(s.t, 2, kitsOf(s, o.ID)[0].Ready)
		must(s.Orders.CancelUnits(s.ctx, o.ID, []order.LineQty{{Line: 1, Qty: 2}, {Line: 2, Qty: 1}}, order.CancelCustomer))(s)
		require.EqualValues(s.t, 1, kitsOf(s, o.ID)[0].Ready)
		s.verify()

		late := draft(order.DraftLine{Item: "reader", Qty: 1, UnitPrice: dec("30")})
		late.ReserveAt = order.OnConfirm
		o = must(s.Orders.Place(s.ctx, late))(s)
		must(s.Orders.Confirm(s.ctx, o.ID))(s)
		s.verify()
	})
}

func TestAKitThatTheBuyerPutTogetherIsSoldAsItIsStated(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		l := order.DraftLine{Item: "my choice", Qty: 2, UnitPrice: dec("5"), Kit: []order.Component{{Item: "tee", Qty: 1}, {Item: "mug", Qty: 1}}}
		o := s.place(l)
		require.Equal(s.t, "my choice", o.Kits()[0].Item)
		require.Equal(s.t, "free 8 committed 2", s.shelf("mug", "ber"))
		l.Kit[0].Item = "ghost"
		s.refuses(inventory.ErrUnknownItem, func() error { return errOf(s.Orders.Place(s.ctx, draft(l))) })
		l.Kit[0].Item = "set"
		s.refuses(inventory.ErrKit, func() error { return errOf(s.Orders.Place(s.ctx, draft(l))) })
		s.refuses(order.ErrDraft, func() error { return errOf(s.Orders.Place(s.ctx, draft(sets(order.MaxQty)))) })
		s.refuses(inventory.ErrKit, func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "set", Location: "ber", Qty: 1}))
		})
		service := sets(1)
		service.Service = true
		o = must(s.Orders.Place(s.ctx, draft(service)))(s)
		require.Empty(s.t, o.Kits())
		s.verify()
	})
}

func TestAnOrderTakesTheKitsOfItsCart(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "cart-1", Line: 1, Item: "set", Location: "ber", Qty: 5, Until: s.clock.read().Add(1e9)}}))(s)
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(sets(1)))) })
		d := draft(sets(5))
		d.Cart = "cart-1"
		must(s.Orders.Place(s.ctx, d))(s)
		require.Equal(s.t, "committed 10", s.shelf("mug", "ber"))
		s.verify()
	})
}

func TestTheCapOfAKitHoldsForAnOrder(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		must(s.Channels.Set(s.ctx, inventory.Channel{ID: "web", Locations: []string{"ber"}}))(s)
		most := int64(3)
		must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "set", Cap: &most}))(s)
		s.refuses(inventory.ErrShortage, func() error {
			err := errOf(s.Orders.Place(s.ctx, draft(sets(2), sets(2))))
			var short *inventory.ShortageError
			require.ErrorAs(s.t, err, &short)
			require.Equal(s.t, []inventory.Shortage{{Line: 2, Item: "set", Want: 2, Have: 1}}, short.Short)
			return err
		})
		o := must(s.Orders.Place(s.ctx, draft(sets(2), sets(1))))(s)
		require.Len(s.t, o.Kits(), 2)
		must(s.Channels.List(s.ctx, inventory.Listing{Channel: "web", Item: "mug", Buffer: 3}))(s)
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(sets(1)))) })
		s.verify()
	}, oms.WithChannels())
}

func ExampleOrders_Place_kit() {
	ctx := context.Background()
	kit := stocked() // ten of each in Berlin, five in Hamburg
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "set", Name: "Dinner for one", Kit: []inventory.Component{
		{Item: "mug", Qty: 2, Share: 1400}, {Item: "tee", Qty: 1, Share: 1990}, // what they cost apart
	}}))
	o, err := kit.Orders.Place(ctx, order.Draft{Currency: euro, Lines: []order.DraftLine{
		{Item: "set", Qty: 3, UnitPrice: decimal.RequireFromString("29.99")},
	}})
	check(err)
	for _, l := range o.Lines {
		fmt.Println(l.Ordered, l.Item, "of", l.Kit.Item, l.Total)
	}
	for _, k := range o.Kits() {
		fmt.Println(k.Ordered, k.Item, "in lines", k.Lines, "for", k.Total, "and", k.Ready, "may ship")
	}
	_, err = kit.Orders.Place(ctx, order.Draft{Currency: euro, Lines: []order.DraftLine{
		{Item: "set", Qty: 3, UnitPrice: decimal.RequireFromString("29.99")},
	}})
	fmt.Println(err)
	// Output:
	// 6 mug of set 37.16 EUR
	// 3 tee of set 52.81 EUR
	// 3 set in lines [1 2] for 89.97 EUR and 3 may ship
	// place order: inventory: not enough stock: item "mug" of kit "set" at "ham" (line 1): want 6, have 5
}

func TestVerifyFindsKitsThatCostSomethingElse(t *testing.T) {
	t.Parallel()
	for _, st := range stores {
		s := newShop(t, st.open)
		s.furnish()
		dinner(s)
		s.change(s.place(sets(3)), func(o *order.Order) {
			for i := range o.Lines {
				o.Lines[i].Kit.UnitPrice = dec("20.00")
			}
		})
		require.Equal(t, []string{"the components of a kit cost what the kit costs"}, s.laws(), st.name)
	}
}
