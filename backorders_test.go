package oms_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

func TestOneTransactionServesABoundedPartOfTheQueue(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		n := oms.MaxFilled + 7
		for range n {
			s.open(line("book", 1))
			s.clock.turn(time.Second)
		}
		po := s.buy("book", int64(n)+1, 3)
		must(s.Purchasing.Receive(s.ctx, po.ID, arrives("dn-1", 1, int64(n)+1)))(s)
		require.Equal(s.t, fmt.Sprintf("free 8 committed %d", oms.MaxFilled), s.shelf("book", "ber"))
		queue := must(s.Stock.Backorders(s.ctx, "book"))(s)
		require.Len(s.t, queue, 7)
		for _, d := range queue {
			require.Equal(s.t, []purchasing.Promise{{Qty: 1, Due: s.clock.read()}}, d.Promises, "the units are here")
		}
		f := must(s.Stock.FillBackorders(s.ctx, "book"))(s)
		require.Equal(s.t, oms.Filled{Orders: 7, Units: 7}, f)
		require.Equal(s.t, oms.Filled{}, must(s.Stock.FillBackorders(s.ctx, "book"))(s))
	})
}

func TestThoseOfHighPriorityAreServedFirst(t *testing.T) {
	t.Parallel()
	byNote := func(o order.Order) int64 {
		if o.Note == "vip" {
			return 0
		}
		return 5
	}
	onStores(t, func(s *shop) {
		first, _ := s.open(line("book", 2))
		d := draft(line("book", 2))
		d.Note = "vip"
		vip := must(s.Orders.Place(s.ctx, d))(s)
		po := s.buy("book", 2, 3)
		must(s.Purchasing.Receive(s.ctx, po.ID, arrives("dn-1", 1, 2)))(s)
		require.Equal(s.t, "reserved 2", s.places(vip.ID, 1))
		require.Equal(s.t, "backordered 2", s.places(first.ID, 1))
	}, oms.WithBackorderPriority(byNote))
	onStores(t, func(s *shop) {
		s.refuses(purchasing.ErrPriority, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("book", 1)))) })
	}, oms.WithBackorderPriority(func(order.Order) int64 { return -1 }))
}

func TestCancellingBackorderedUnitsIsNoNewStock(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		first, _ := s.open(line("book", 2))
		second, _ := s.open(line("book", 1))
		po := s.buy("book", 2, 3)
		must(s.Orders.CancelUnits(s.ctx, first.ID, units(1, 1), order.CancelCustomer))(s)
		require.Equal(s.t, "backordered 1", s.places(second.ID, 1), "nothing came")
		require.Empty(s.t, s.shelf("book", "ber"))
		require.Equal(s.t, []string{"1 promised 1 for 2026-03-04", "1 promised 1 for 2026-03-04"}, s.queue("book"))
		require.Equal(s.t, oms.Filled{}, must(s.Stock.FillBackorders(s.ctx, "book"))(s), "there is nothing to give")
		must(s.Purchasing.Receive(s.ctx, po.ID, arrives("dn-1", 1, 2)))(s)
		require.Equal(s.t, "reserved 1 cancelled 1", s.places(first.ID, 1))
		require.Equal(s.t, "reserved 1", s.places(second.ID, 1))
	})
}

func TestUnitsInInspectionServeNobody(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, _ := s.open(line("book", 2))
		po := s.buy("book", 2, 3)
		must(s.Purchasing.Receive(s.ctx, po.ID, purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{{Line: 1, Accepted: 2, Into: inventory.QC}}}))(s)
		require.Equal(s.t, "backordered 2", s.places(o.ID, 1))
		must(s.Stock.Move(s.ctx, []inventory.Movement{{Item: "book", From: inventory.At("ber", inventory.QC), To: inventory.At("ber", inventory.Free), Qty: 2}}, inventory.ReasonInspect, "qc-1"))(s)
		require.Equal(s.t, oms.Filled{Orders: 1, Units: 2}, must(s.Stock.FillBackorders(s.ctx, "book"))(s))
		require.Equal(s.t, "reserved 2", s.places(o.ID, 1))
	})
}

func TestUnitsThatAPickerMissesWaitLikeAnyOther(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		po := s.buy("mug", 3, 2)
		o, work := s.open(line("mug", 10))
		must(s.Fulfillment.ShortPick(s.ctx, work[0].ID, units(1, 2)))(s)
		require.Equal(s.t, []string{"2 promised 2 for 2026-03-03"}, s.queue("mug"))
		promises := must(s.Orders.Promises(s.ctx, o.ID))(s)
		require.Len(s.t, promises, 1)
		require.Equal(s.t, []purchasing.Promise{{Supply: "po/" + po.ID.String() + "/1", Qty: 2, Due: s.day(2)}}, promises[0].Promises)
		require.Equal(s.t, []string{"3 promised 2 on 2026-03-03"}, s.coming("mug"))
		must(s.Purchasing.Receive(s.ctx, po.ID, arrives("dn-1", 1, 3)))(s)
		require.Equal(s.t, "reserved 10", s.places(o.ID, 1))
		require.Empty(s.t, must(s.Orders.Promises(s.ctx, o.ID))(s))
	})
}

func TestNothingOfAPurchaseIsLeftAfterARefusal(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.open(line("book", 2))
		po := s.buy("book", 2, 3)
		late := errOf(s.Purchasing.ChangeDue(s.ctx, po.ID, []purchasing.LineDue{{Line: 2, Due: s.day(1)}}))
		require.ErrorIs(s.t, late, purchasing.ErrUnknownLine)
		s.refuses(inventory.ErrUnknownLocation, func() error {
			return errOf(s.Purchasing.Receive(s.ctx, po.ID, purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{{Line: 1, Accepted: 1, Location: "mars"}}}))
		})
		s.same(po, must(s.Purchasing.Get(s.ctx, po.ID))(s))
		s.refuses(inventory.ErrUnknownItem, func() error { return errOf(s.Purchasing.Draft(s.ctx, purchaseOf("ghost", "ber"))) })
		s.refuses(inventory.ErrUntracked, func() error { return errOf(s.Purchasing.Draft(s.ctx, purchaseOf("wrap", "ber"))) })
		s.refuses(inventory.ErrUnknownLocation, func() error { return errOf(s.Purchasing.Draft(s.ctx, purchaseOf("tee", "mars"))) })
		nobody := purchaseOf("tee", "ber")
		nobody.Supplier = "zorg"
		s.refuses(purchasing.ErrUnknownSupplier, func() error { return errOf(s.Purchasing.Draft(s.ctx, nobody)) })
		s.refuses(purchasing.ErrStale, func() error { return errOf(s.Purchasing.Cancel(s.ctx, po.ID, "", oms.IfVersion(1))) })
		s.refuses(purchasing.ErrStale, func() error {
			return errOf(s.Purchasing.PutSupplier(s.ctx, purchasing.Supplier{ID: "acme"}, oms.IfVersion(0)))
		})
		s.refuses(inventory.ErrUnknownItem, func() error {
			return errOf(s.Purchasing.PutSupplier(s.ctx, purchasing.Supplier{ID: "b", Items: []purchasing.SupplierItem{{Item: "ghost"}}}))
		})
		s.refuses(purchasing.ErrNotFound, func() error { return errOf(s.Purchasing.Issue(s.ctx, purchasing.ID{})) })
		p, err := s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			return errOf(k.Purchasing.Receive(ctx, po.ID, arrives("dn-1", 1, 2)))
		})
		s.do(err)
		require.Contains(s.t, kinds(p.Events), "order.allocated", "a preview shows who would be served")
		s.same(po, must(s.Purchasing.Get(s.ctx, po.ID))(s))
	})
}

func purchaseOf(item, location string) purchasing.Draft {
	return purchasing.Draft{Supplier: "acme", Lines: []purchasing.DraftLine{{Item: item, Location: location, Qty: 1, UnitCost: decimal.New(1, 0)}}}
}

func TestTheLastUnitsAreReceivedOnce(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		po := s.buy("tee", 5, 3)
		won, lost := race(4, func(i int) error {
			return errOf(s.Purchasing.Receive(s.ctx, po.ID, arrives(fmt.Sprint("dn-", i), 1, 5)))
		})
		require.Equal(s.t, 1, won)
		for _, err := range lost {
			require.ErrorIs(s.t, err, purchasing.ErrTolerance)
		}
		require.Equal(s.t, "free 15", s.shelf("tee", "ber"))
		again := s.buy("tee", 5, 3)
		won, _ = race(4, func(int) error {
			return errOf(s.Purchasing.Receive(s.ctx, again.ID, arrives("dn-1", 1, 5), oms.Key("dn-1")))
		})
		require.Equal(s.t, 4, won, "all of them know that it was booked")
		require.Equal(s.t, "free 20", s.shelf("tee", "ber"))
	})
}

func TestAReceiptMeetsTheCancellationOfAWaitingOrder(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		for round := range 8 {
			first, _ := s.open(line("book", 2))
			second, _ := s.open(line("book", 2))
			po := s.buy("book", 2, 3)
			won, lost := race(3, func(i int) error {
				switch i {
				case 0:
					return errOf(s.Purchasing.Receive(s.ctx, po.ID, arrives("dn-1", 1, 2)))
				case 1:
					return errOf(s.Orders.Cancel(s.ctx, first.ID, order.CancelCustomer))
				}
				return errOf(s.Purchasing.ChangeDue(s.ctx, po.ID, []purchasing.LineDue{{Line: 1, Due: s.day(9)}}))
			})
			require.GreaterOrEqual(s.t, won, 2, lost)
			for _, err := range lost {
				require.ErrorIs(s.t, err, purchasing.ErrQuantity, "its date came after the goods")
			}
			s.verify()
			must(s.Stock.FillBackorders(s.ctx, "book"))(s)
			require.Equal(s.t, "cancelled 2", s.places(first.ID, 1))
			require.Equal(s.t, "reserved 2", s.places(second.ID, 1), "round %d", round)
			must(s.Orders.Cancel(s.ctx, second.ID, order.CancelCustomer))(s)
			must(s.Stock.Move(s.ctx, []inventory.Movement{{Item: "book", From: inventory.At("ber", inventory.Free), To: inventory.Outside(inventory.Supplier), Qty: 2}}, inventory.ReasonReturn, "rma"))(s)
		}
	})
}

func TestOrdersRaceForThePromiseOfTheLastUnits(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.buy("book", 3, 3)
		won, lost := race(6, func(int) error { return errOf(s.Orders.Place(s.ctx, draft(line("book", 1)))) })
		require.Equal(s.t, 6, won, lost)
		require.Equal(s.t, []string{"3 promised 3 on 2026-03-04"}, s.coming("book"))
		require.Len(s.t, s.queue("book"), 6)
	})
}

// TestRandomPurchasingLivesBalance gives random commands to orders and purchase orders of
// one item; Verify proves every law after each.
func TestRandomPurchasingLivesBalance(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		seed := uint64(time.Now().UnixNano())
		defer func() {
			if s.t.Failed() {
				s.t.Logf("seed %d", seed)
			}
		}()
		r := rand.New(rand.NewPCG(seed, 7))
		var orders []order.ID
		var bought []purchasing.ID
		for step := range 60 {
			s.clock.turn(time.Minute)
			q := 1 + r.Int64N(6)
			switch what := r.IntN(9); {
			case what == 0 || len(bought) == 0:
				bought = append(bought, s.buy("book", 2*q, int(q)).ID)
			case what <= 2 || len(orders) == 0:
				o, _ := s.open(line("book", q))
				orders = append(orders, o.ID)
			default:
				s.step(r, step, q, orders[r.IntN(len(orders))], bought[r.IntN(len(bought))])
			}
			s.verify()
			s.inOrder("book")
		}
	})
}

// step gives a command that may be refused.
func (s *shop) step(r *rand.Rand, step int, q int64, o order.ID, po purchasing.ID) {
	s.t.Helper()
	var err error
	switch r.IntN(7) {
	case 0, 1:
		_, err = s.Purchasing.Receive(s.ctx, po, arrives(fmt.Sprint("dn-", step), 1, q))
	case 2:
		_, err = s.Orders.CancelUnits(s.ctx, o, units(1, q), order.CancelCustomer)
	case 3:
		_, err = s.Purchasing.ChangeDue(s.ctx, po, []purchasing.LineDue{{Line: 1, Due: s.day(int(q))}})
	case 4:
		_, err = s.Purchasing.CancelUnits(s.ctx, po, []purchasing.LineUnits{{Line: 1, Qty: q}}, "")
	case 5:
		_, err = s.Orders.Cancel(s.ctx, o, order.CancelCustomer)
	default:
		_, err = s.Stock.FillBackorders(s.ctx, "book")
	}
	require.NotErrorIs(s.t, err, storage.ErrConflict, "nobody else is here")
	require.NotErrorIs(s.t, err, storage.ErrCorrupt)
}

// inOrder proves that supply is promised to the first in the queue.
func (s *shop) inOrder(item string) {
	s.t.Helper()
	var open int64
	for _, c := range must(s.Stock.Incoming(s.ctx, item))(s) {
		open += c.Open()
	}
	for _, d := range must(s.Stock.Backorders(s.ctx, item))(s) {
		require.False(s.t, open > 0 && d.Promised() < d.Qty, "units are open and somebody has no promise")
	}
}

func TestVerifyFindsWhatIsWrongWithAPromise(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, _ := s.open(line("book", 2))
		po := s.buy("book", 3, 3)
		demand := must(s.Stock.Backorders(s.ctx, "book"))(s)[0]
		supply := must(s.Stock.Incoming(s.ctx, "book"))(s)[0]
		s.verify()
		s.change(o, func(o *order.Order) { o.Lines[0].Backordered, o.Lines[0].Unreserved = 1, 1 })
		require.Equal(s.t, []string{"backordered units wait in the queue of their item"}, s.laws())
		s.change(s.order(o.ID), func(o *order.Order) { o.Lines[0].Backordered, o.Lines[0].Unreserved = 2, 0 })
		s.verify()
		put := func(kind, id, parent string, rank, version int64, body string) {
			s.plant(func(ctx context.Context, tx storage.Tx) error {
				return tx.Documents().Save(ctx, storage.Document{Kind: kind, ID: id, Parent: parent, Rank: rank, Live: true, Version: version, Body: []byte(body)})
			})
		}
		put("supply", supply.ID, "book", supply.Due.UnixMicro(), supply.Version+1, fmt.Sprintf(`{"id":%q,"item":"book","location":"ber","qty":4,"promised":1}`, supply.ID))
		require.Equal(s.t, []string{"promised units are those of the demand that waits for them", "what is left of a purchase order is expected"}, s.laws())
		put("supply", supply.ID, "book", supply.Due.UnixMicro(), supply.Version+2, fmt.Sprintf(`{"id":%q,"item":"book","location":"ber","qty":3,"promised":2}`, supply.ID))
		s.verify()
		put("backorder", "ghost/000001", "book", 1, 1, `{"id":"ghost/000001","item":"book","qty":1,"promises":[{"supply":"po/ghost","qty":2}]}`)
		require.Equal(s.t, []string{"no more is promised than waits", "units are promised of what is expected", "what waits is a line of an order"}, s.laws())
		s.plant(func(ctx context.Context, tx storage.Tx) error {
			return tx.Documents().Drop(ctx, "backorder", "ghost/000001")
		})
		require.NotEmpty(s.t, demand.ID)
		require.Equal(s.t, po.ID, must(s.Purchasing.Get(s.ctx, po.ID))(s).ID)
	})
}
