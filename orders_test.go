package oms_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

func TestPlacingCommitsTheStockWithTheSale(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.place(line("tee", 3), line("mug", 2))
		s.same(o, s.order(o.ID))
		s.same(o, must(s.Orders.ByNumber(s.ctx, o.Number))(s))
		require.Equal(s.t, order.StatePlaced, o.State)
		require.Equal(s.t, int64(1), o.Version)
		require.Equal(s.t, s.clock.read(), o.PlacedAt)
		require.Equal(s.t, "free 7 committed 3", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 8 committed 2", s.shelf("mug", "ber"))
		require.Empty(s.t, s.work(o.ID), "work begins when the order is confirmed")
		require.Equal(s.t, []string{"order.placed", "order.allocated"}, kinds(must(s.Orders.Timeline(s.ctx, o.ID))(s)))
		posted := must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Document: o.Number}))(s)
		require.Len(s.t, posted, 1, "one posting for the whole order")
	})
}

func TestAShortageListsEveryShortLineAndKeepsNothing(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		before := s.dump()
		_, err := s.Orders.Place(s.ctx, draft(line("tee", 9), line("tee", 7), line("mug", 10), line("mug", 1)))
		s.refused(inventory.ErrShortage, err, before)
		var short *inventory.ShortageError
		require.ErrorAs(s.t, err, &short)
		require.Equal(s.t, []inventory.Shortage{{Line: 2, Item: "tee", Want: 7, Have: 6}, {Line: 4, Item: "mug", Want: 1}}, short.Short)
		s.place(line("tee", 9), line("tee", 6))
	})
}

func TestADraftIsRefusedWithEveryProblemItHas(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		before := s.dump()
		d := draft(order.DraftLine{Item: "", Qty: 0, UnitPrice: decimal.New(-1, 0)}, line("tee", order.MaxQty+1))
		d.Number = " 1 "
		_, err := s.Orders.Place(s.ctx, d)
		s.refused(order.ErrDraft, err, before)
		var first *order.DraftError
		require.ErrorAs(s.t, err, &first)
		for _, problem := range []string{"Number", "line 1: Item", "line 1: Qty", "line 1: UnitPrice", "line 2: Qty"} {
			require.ErrorContains(s.t, err, problem)
		}
		s.refuses(inventory.ErrUnknownItem, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("tee", 1), line("hat", 1)))) })
		s.refuses(order.ErrDraft, func() error {
			late := draft(line("tee", 1))
			late.PayBy = s.clock.read()
			return errOf(s.Orders.Place(s.ctx, late))
		})
	})
}

func TestTimesAreKeptAsTheyAreReturned(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		d := draft(line("tee", 1))
		d.PayBy = time.Date(2026, 3, 2, 10, 0, 0, 123_456_789, time.FixedZone("CET", 3600))
		o := must(s.Orders.Place(s.ctx, d))(s)
		require.Equal(s.t, time.Date(2026, 3, 2, 9, 0, 0, 123_456_000, time.UTC), o.PayBy, "UTC, to the microsecond")
		s.same(o, s.order(o.ID))
		until := s.clock.read().Add(time.Hour + 789)
		must(s.Stock.Reserve(s.ctx, hold("cart-1", 1, until.In(time.FixedZone("CET", 3600)))))(s)
		require.Equal(s.t, until.Truncate(time.Microsecond), must(s.Stock.Reservations(s.ctx, "cart-1"))(s)[0].Until)
	})
}

func TestBackordersWaitAndShipWhenStockArrives(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.receive("book", "ham", 2)
		o, work := s.open(line("book", 5), line("tee", 1))
		require.Equal(s.t, "reserved 2 backordered 3", s.places(o.ID, 1))
		require.True(s.t, s.orderOf(o.ID).Facets().Backordered)
		require.Empty(s.t, s.shelfAll("book", "free"), "demand is never negative stock")
		s.unchanged(func() error { return errOf(s.Orders.Allocate(s.ctx, o.ID)) })
		for _, fo := range work {
			must(s.Fulfillment.Ship(s.ctx, fo.ID, nil))(s)
		}
		s.receive("book", "ber", 2)
		must(s.Orders.Allocate(s.ctx, o.ID))(s)
		require.Equal(s.t, "reserved 2 backordered 1 shipped 2", s.places(o.ID, 1))
		s.receive("book", "ham", 5)
		must(s.Orders.Allocate(s.ctx, o.ID))(s)
		require.Equal(s.t, "reserved 3 shipped 2", s.places(o.ID, 1))
		for _, fo := range s.work(o.ID) {
			if fo.Work == "open" {
				must(s.Fulfillment.Ship(s.ctx, fo.ID, nil))(s)
			}
		}
		require.Equal(s.t, "shipped 5", s.places(o.ID, 1))
		require.Equal(s.t, "free 4", s.shelf("book", "ham"))
		require.Equal(s.t, order.FulfillmentFull, s.orderOf(o.ID).Facets().Fulfillment)
	})
}

func TestAnOrderMayTakeItsStockOnlyWhenItIsConfirmed(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		d := draft(line("tee", 9))
		d.ReserveAt = order.OnConfirm
		a, b := must(s.Orders.Place(s.ctx, d))(s), must(s.Orders.Place(s.ctx, d))(s)
		require.Equal(s.t, "free 10", s.shelf("tee", "ber"))
		must(s.Orders.Confirm(s.ctx, a.ID))(s)
		require.Equal(s.t, "reserved 9", s.places(a.ID, 1))
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Confirm(s.ctx, b.ID)) })
		must(s.Orders.Cancel(s.ctx, b.ID, order.CancelInventory))(s)
		require.Equal(s.t, "cancelled 9", s.places(b.ID, 1))
		require.Equal(s.t, int64(6), s.free("tee"))
	})
}

func TestPlacingTakesOverTheCartOfTheBuyer(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		cart(s, "cart-1", "mug", 10)
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("mug", 1)))) })
		d := draft(line("mug", 10))
		d.Cart = "cart-1"
		plan := must(s.Orders.Plan(s.ctx, d))(s)
		require.True(s.t, plan.Complete(), "the plan sees the cart as the order will")
		short := d
		short.Lines = []order.DraftLine{line("mug", 11)}
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, short)) })
		require.Equal(s.t, "soft 10", s.shelf("mug", "ber"), "a refused order leaves the cart its stock")
		o := must(s.Orders.Place(s.ctx, d))(s)
		require.Equal(s.t, "reserved 10", s.places(o.ID, 1))
		require.Equal(s.t, "committed 10", s.shelf("mug", "ber"))
		s.refuses(inventory.ErrReservation, func() error { return errOf(s.Stock.Commit(s.ctx, "cart-1")) })
	})
}

func TestAnExpiredCartGivesNoRightToItsUnits(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		cart(s, "cart-1", "mug", 6)
		s.clock.turn(time.Hour)
		s.place(line("mug", 7))
		d := draft(line("mug", 6))
		d.Cart = "cart-1"
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, d)) })
		d.Lines = []order.DraftLine{line("mug", 3)}
		must(s.Orders.Place(s.ctx, d))(s)
		require.Equal(s.t, "committed 10", s.shelf("mug", "ber"))
	})
}

func TestACartIsNeverAnotherOrder(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		victim := s.place(line("mug", 10))
		d := draft(line("mug", 10))
		d.Cart = "order/" + victim.ID.String()
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Orders.Place(s.ctx, d)) })
		s.refuses(inventory.ErrOwner, func() error { return errOf(s.Orders.Plan(s.ctx, d)) })
		require.Equal(s.t, "reserved 10", s.places(victim.ID, 1))
	})
}

func TestOnlySoftHoldsOfACartAreTakenOver(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "cart-1", Item: "mug", Location: "ber", Qty: 4}}))(s)
		d := draft(line("mug", 7))
		d.Cart = "cart-1"
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, d)) })
		d.Lines = []order.DraftLine{line("mug", 6)}
		must(s.Orders.Place(s.ctx, d))(s)
		require.Equal(s.t, "committed 10", s.shelf("mug", "ber"), "what was promised without an expiry stays promised")
	})
}

func TestServicesAndUntrackedItemsNeedNoStock(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.place(order.DraftLine{Item: "engraving", Qty: 2, UnitPrice: decimal.New(5, 0), Service: true}, line("wrap", 3), line("tee", 1))
		require.Equal(s.t, "unreserved 2", s.places(o.ID, 1))
		must(s.Orders.Confirm(s.ctx, o.ID))(s)
		require.Equal(s.t, "shipped 2 delivered 2", s.places(o.ID, 1))
		require.Equal(s.t, "shipped 3 delivered 3", s.places(o.ID, 2))
		require.Equal(s.t, "reserved 1", s.places(o.ID, 3))
		must(s.Orders.CancelUnits(s.ctx, o.ID, units(3, 1), order.CancelStaff))(s)
		s.pay(o.ID)
		require.Equal(s.t, order.StateClosed, must(s.Orders.Close(s.ctx, o.ID))(s).State)
	})
}

func TestHoldsAndThePaymentPolicyGuardConfirm(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.place(line("tee", 2))
		must(s.Orders.Hold(s.ctx, o.ID, order.Hold{Owner: "radar", Handle: "1", Reason: order.HoldFraud}))(s)
		must(s.Orders.Hold(s.ctx, o.ID, order.Hold{Owner: "clerk", Handle: "1", Reason: order.HoldAddress, Line: 1}))(s)
		before := s.dump()
		_, err := s.Orders.Confirm(s.ctx, o.ID)
		s.refused(order.ErrBlocked, err, before)
		var blocked *order.BlockedError
		require.ErrorAs(s.t, err, &blocked)
		require.Len(s.t, blocked.Holds, 2)
		must(s.Orders.Release(s.ctx, o.ID, "radar", "1"))(s)
		must(s.Orders.Release(s.ctx, o.ID, "clerk", "1"))(s)
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Confirm(s.ctx, o.ID)) })
		must(s.Payments.Record(s.ctx, o.ID, order.Operation{ID: "auth", Kind: order.Authorize, Amount: eur("20.00")}))(s)
		must(s.Orders.Confirm(s.ctx, o.ID))(s)
	}, oms.WithPaymentPolicy(order.PayAuthorized))
}

func TestUnpaidOrdersExpireAtTheirDeadline(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		d := draft(line("tee", 3), line("book", 2))
		d.PayBy = s.clock.read().Add(time.Hour)
		o, paid := must(s.Orders.Place(s.ctx, d))(s), must(s.Orders.Place(s.ctx, d))(s)
		due := must(s.Orders.Page(s.ctx, order.Filter{States: []order.State{order.StatePlaced}, PayBefore: d.PayBy.Add(1000)}))(s)
		require.Len(s.t, due, 2)
		s.clock.turn(time.Hour - time.Microsecond)
		before := s.dump()
		_, err := s.Orders.Expire(s.ctx, o.ID)
		s.refused(order.ErrBlocked, err, before)
		var early *order.DeadlineError
		require.ErrorAs(s.t, err, &early)
		must(s.Payments.Record(s.ctx, paid.ID, order.Operation{ID: "c", Kind: order.Capture, Amount: eur("50.00"), Status: order.Requested}))(s)
		s.clock.turn(time.Microsecond)
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Expire(s.ctx, paid.ID)) })
		o = must(s.Orders.Expire(s.ctx, o.ID))(s)
		require.Equal(s.t, order.StateExpired, o.State)
		require.Equal(s.t, "cancelled 3", s.places(o.ID, 1))
		require.Equal(s.t, "cancelled 2", s.places(o.ID, 2))
		require.Equal(s.t, "free 7 committed 3", s.shelf("tee", "ber"))
		s.refuses(order.ErrTransition, func() error { return errOf(s.Orders.Confirm(s.ctx, o.ID)) })
		s.refuses(order.ErrCap, func() error {
			return errOf(s.Payments.Record(s.ctx, o.ID, order.Operation{ID: "late", Kind: order.Capture, Amount: eur("1.00")}))
		})
	})
}

func TestAPausedOrderFindsItsWorkAgain(t *testing.T) {
	t.Parallel()
	flow, err := order.NewFlow(
		order.WithState(order.StateDef{Name: "paused", Class: order.ClassLive, Can: order.Cancellable | order.HoldsStock}),
		order.WithEdge("pause", "paused", order.StateOpen), order.WithEdge("resume", order.StateOpen, "paused"),
	)
	require.NoError(t, err)
	onStores(t, func(s *shop) {
		o, _ := s.open(line("book", 2))
		must(s.Orders.Take(s.ctx, o.ID, "pause"))(s)
		s.receive("book", "ber", 2)
		must(s.Orders.Allocate(s.ctx, o.ID))(s)
		require.Equal(s.t, "reserved 2", s.places(o.ID, 1))
		require.Empty(s.t, s.work(o.ID), "a paused order gives no work")
		must(s.Orders.Take(s.ctx, o.ID, "resume"))(s)
		must(s.Orders.Allocate(s.ctx, o.ID))(s)
		require.Len(s.t, s.work(o.ID), 1, "there is no dead end: reserved units of an open order have work")
		must(s.Fulfillment.Ship(s.ctx, s.work(o.ID)[0].ID, nil))(s)
	}, oms.WithOrderFlow(flow))
}

func TestTheEnginesChecksThePlansOfAStrategy(t *testing.T) {
	t.Parallel()
	greedy := allocation.Func(func(_ context.Context, r allocation.Request) (allocation.Plan, error) {
		return allocation.Plan{Assignments: []allocation.Assignment{{Line: 1, Item: "tee", Location: "ham", Qty: r.Demands[0].Qty}}}, nil
	})
	onStores(t, func(s *shop) {
		s.refuses(allocation.ErrInvalidPlan, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("tee", 6)))) })
		s.place(line("tee", 5))
		require.Equal(s.t, "committed 5", s.shelf("tee", "ham"))
	}, oms.WithStrategy(greedy))
	broken := allocation.Func(func(context.Context, allocation.Request) (allocation.Plan, error) { return allocation.Plan{}, errHost })
	onStores(t, func(s *shop) {
		s.refuses(errHost, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("tee", 6)))) })
	}, oms.WithStrategy(broken))
}

func TestTheLastUnitIsSoldOnce(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.place(line("mug", 9))
		won, lost := race(64, func(i int) error {
			return errOf(s.Orders.Place(s.ctx, draft(line("mug", 1)), oms.Key(fmt.Sprint("checkout-", i))))
		})
		require.Equal(s.t, 1, won)
		for _, err := range lost {
			require.ErrorIs(s.t, err, inventory.ErrShortage)
		}
		require.Equal(s.t, "committed 10", s.shelf("mug", "ber"))
	})
}

func TestOneKeyMakesOneOrderWhoeverRaces(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		ids := make([]order.ID, 20)
		won, _ := race(20, func(i int) error {
			o, err := s.Orders.Place(s.ctx, draft(line("mug", 2)), oms.Key("checkout-1"))
			ids[i] = o.ID
			return err
		})
		require.Equal(s.t, 20, won)
		for _, id := range ids {
			require.Equal(s.t, ids[0], id)
		}
		require.Equal(s.t, "free 8 committed 2", s.shelf("mug", "ber"))
	})
}

func TestOppositeOrdersOfItemsDoNotDeadlock(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.receive("tee", "ber", 90)
		s.receive("mug", "ber", 90)
		ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
		defer cancel()
		won, lost := race(64, func(i int) error {
			lines := []order.DraftLine{line("tee", 2), line("mug", 2)}
			if i%2 == 0 {
				lines[0], lines[1] = lines[1], lines[0]
			}
			o, err := s.Orders.Place(ctx, draft(lines...))
			if err == nil && i%4 < 2 {
				_, err = s.Orders.Cancel(ctx, o.ID, order.CancelCustomer)
			}
			return err
		})
		for _, err := range lost {
			require.ErrorIs(s.t, err, inventory.ErrShortage)
		}
		require.GreaterOrEqual(s.t, won, 50)
		require.Equal(s.t, int64(100), s.balance("mug", "ber", inventory.Free)+s.balance("mug", "ber", inventory.Committed))
	})
}

func TestWritersOfOneOrderNeverLoseAnUpdate(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.place(line("tee", 10))
		won, lost := race(16, func(i int) error {
			return errOf(s.Orders.Hold(s.ctx, o.ID, order.Hold{Owner: "radar", Handle: fmt.Sprint(i), Reason: order.HoldFraud}))
		})
		require.Empty(s.t, lost)
		require.Equal(s.t, 16, won)
		require.Len(s.t, s.order(o.ID).Holds, 16)
		v := s.order(o.ID).Version
		won, lost = race(16, func(i int) error {
			return errOf(s.Orders.Release(s.ctx, o.ID, "radar", fmt.Sprint(i), oms.IfVersion(v)))
		})
		require.Equal(s.t, 1, won)
		for _, err := range lost {
			require.ErrorIs(s.t, err, order.ErrStale)
		}
	})
}

func TestEveryOrderIsFoundPageByPage(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var ids []string
		for range 7 {
			ids = append(ids, s.place(line("tee", 1)).ID.String())
		}
		var seen []string
		for o, err := range s.Orders.All(s.ctx, order.Filter{Limit: 2}) {
			s.do(err)
			seen = append(seen, o.ID.String())
			must(s.Orders.Cancel(s.ctx, o.ID, order.CancelStaff))(s) // the body may give commands
		}
		require.ElementsMatch(s.t, ids, seen)
		require.Equal(s.t, ids[6], seen[0], "newest first")
		wide := 0
		for _, err := range s.Orders.All(s.ctx, order.Filter{Limit: order.MaxPage + 1}) {
			if err == nil {
				wide++
			}
		}
		require.Contains(s.t, []int{0, 7}, wide, "a page that is too large is refused or read whole, never cut short")
	})
}

func TestActionsAgreeWithCommands(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 2))
		allowed := func(a order.Action) bool {
			for _, p := range s.Actions(s.order(o.ID)) {
				if p.Action == a {
					require.Equal(s.t, p.Allowed, len(p.Reasons) == 0)
					return p.Allowed
				}
			}
			require.Fail(s.t, "no such action", a)
			return false
		}
		require.True(s.t, allowed(order.ActionCancel))
		require.True(s.t, allowed(order.ActionCancelUnits))
		require.True(s.t, allowed(order.ActionShip))
		require.False(s.t, allowed(order.ActionClose))
		must(s.Fulfillment.Pack(s.ctx, work[0].ID, nil))(s)
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelStaff)) })
		require.False(s.t, allowed(order.ActionCancel))
		s.refuses(order.ErrQuantity, func() error { return errOf(s.Orders.CancelUnits(s.ctx, o.ID, units(1, 1), order.CancelStaff)) })
		require.False(s.t, allowed(order.ActionCancelUnits), "what the command refuses is not promised")
	})
}

// shelfAll reads a state of an item at every location.
func (s *shop) shelfAll(item, state string) string {
	var out []string
	for _, l := range []string{"ber", "ham"} {
		if got := s.shelf(item, l); strings.Contains(got, state) {
			out = append(out, got)
		}
	}
	return strings.Join(out, ", ")
}

// balance is the number of units of an item at a location in a state.
func (s *shop) balance(item, location string, st inventory.State) int64 {
	s.t.Helper()
	var sum int64
	for _, b := range must(s.Stock.Balances(s.ctx, item))(s) {
		if b.Location == location {
			sum += b.Of(st)
		}
	}
	return sum
}

// orderOf is order, to call methods on.
func (s *shop) orderOf(id order.ID) *order.Order {
	s.t.Helper()
	o := s.order(id)
	return &o
}
