package oms_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

func holeShippedStaysOnHand(s *shop) {
	o, work := s.open(line("mug", 3))
	sh := must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
	must(s.Fulfillment.Deliver(s.ctx, sh.ID))(s)
	require.Equal(s.t, "free 7", s.shelf("mug", "ber"))
	a := must(s.Stock.Availability(s.ctx, "mug", "", ""))(s)
	require.Equal(s.t, []int64{7, 7}, []int64{a.OnHand, a.ATS})
	var issued []inventory.Movement
	for _, p := range must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Document: o.Number}))(s) {
		if p.Reason == inventory.ReasonShip {
			issued = append(issued, p.Movements...)
		}
	}
	require.Equal(s.t, []inventory.Movement{{Item: "mug", From: inventory.At("ber", inventory.Committed), To: inventory.Outside(inventory.Customer), Qty: 3}}, issued)
}

func holeReleaseAfterShipping(s *shop) {
	o, work := s.open(line("mug", 3))
	must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
	s.refuses(inventory.ErrOwner, func() error { return errOf(s.Stock.Release(s.ctx, "order/"+o.ID.String())) })
	must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "job", Item: "mug", Location: "ber", Qty: 1}}))(s)
	must(s.Stock.Ship(s.ctx, "job"))(s)
	s.refuses(inventory.ErrReservation, func() error { return errOf(s.Stock.Release(s.ctx, "job")) })
	_, err := s.Orders.Place(s.ctx, draft(line("mug", 10)))
	var short *inventory.ShortageError
	require.ErrorAs(s.t, err, &short)
	require.Equal(s.t, []inventory.Shortage{{Line: 1, Item: "mug", Want: 10, Have: 6}}, short.Short)
}

func holeShipWithoutStock(s *shop) {
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "pen"}))
	s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("pen", 5)))) })
	o, work := s.open(line("book", 5))
	require.Empty(s.t, work)
	require.Equal(s.t, "backordered 5", s.places(o.ID, 1))
	s.refuses(fulfillment.ErrNotFound, func() error { return errOf(s.Fulfillment.Ship(s.ctx, fulfillment.ID{UUID: uuid.New()}, nil)) })
	require.Empty(s.t, s.shelf("book", "ber"))
}

func holeNoStockRecord(s *shop) {
	s.refuses(inventory.ErrUnknownItem, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("never-added", 1)))) })
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "pen"}))
	s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Place(s.ctx, draft(line("pen", 1)))) })
	o := s.place(line("wrap", 1))
	require.False(s.t, o.Lines[0].Stocked)
}

func holeOneLocationOnly(s *shop) {
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "pen"}))
	s.receive("pen", "ber", 1)
	s.receive("pen", "ham", 10)
	require.Equal(s.t, int64(11), s.free("pen"))
	s.place(line("pen", 5))
	require.Equal(s.t, "free 5 committed 5", s.shelf("pen", "ham"))
	o := s.place(line("pen", 6))
	require.Equal(s.t, "reserved 6", s.places(o.ID, 1))
	require.Equal(s.t, "committed 1", s.shelf("pen", "ber"))
}

func holeExpiredHoldBlocks(s *shop) {
	must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "cart", Item: "mug", Location: "ber", Qty: 10, Until: s.clock.read().Add(time.Second)}}))(s)
	s.clock.turn(1400 * time.Millisecond)
	o := s.place(line("mug", 1))
	require.Equal(s.t, "reserved 1", s.places(o.ID, 1))
}

func holeReadAfterExpiry(s *shop) {
	must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "cart", Item: "mug", Location: "ber", Qty: 10, Until: s.clock.read().Add(time.Second)}}))(s)
	require.Equal(s.t, int64(0), s.free("mug"))
	s.clock.turn(time.Second)
	before := s.dump()
	require.Equal(s.t, int64(10), s.free("mug"))
	require.Equal(s.t, before, s.dump(), "and reading writes nothing")
}

func holeShipRacesCancel(s *shop) {
	s.receive("mug", "ber", 190)
	shipped := int64(0)
	for range 60 {
		o, work := s.open(line("mug", 2))
		won, lost := race(2, func(i int) error {
			if i == 0 {
				return errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))
			}
			return errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer))
		})
		require.Equal(s.t, 1, won, "%v", lost)
		o = s.order(o.ID)
		require.Equal(s.t, int64(3), o.Version)
		require.Equal(s.t, o.State == order.StateCancelled, o.Lines[0].Cancelled == 2)
		shipped += o.Lines[0].Shipped
	}
	require.Equal(s.t, fmt.Sprintf("free %d", 200-shipped), s.shelf("mug", "ber"))
}

func holeRepeats(s *shop) {
	o := s.place(line("mug", 1))
	won, lost := race(10, func(int) error { return errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer)) })
	require.Equal(s.t, 10, won, "%v", lost)
	require.Equal(s.t, int64(2), s.order(o.ID).Version)
	require.Equal(s.t, []string{"order.placed", "order.allocated", "order.cancelled"}, kinds(must(s.Orders.Timeline(s.ctx, o.ID))(s)))
	s.unchanged(func() error { return errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer)) })

	o, work := s.open(line("mug", 1))
	sh := must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil, oms.Key("ship-1")))(s)
	s.unchanged(func() error { return errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, nil, oms.Key("ship-1"))) })
	s.refuses(fulfillment.ErrParcel, func() error { return errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, nil)) })
	s.refuses(fulfillment.ErrTransition, func() error { return errOf(s.Fulfillment.HandOver(s.ctx, sh.ID)) })
	must(s.Fulfillment.Deliver(s.ctx, sh.ID))(s)
	s.unchanged(func() error { return errOf(s.Fulfillment.Deliver(s.ctx, sh.ID)) })
	require.Equal(s.t, int64(4), s.order(o.ID).Version)
}

func holeShipPending(s *shop) {
	o := s.place(line("mug", 1))
	require.Empty(s.t, s.work(o.ID))
	strict := oms.New(s.store, oms.WithClock(s.clock.read), oms.WithPaymentPolicy(order.PayCaptured))
	s.refuses(order.ErrBlocked, func() error { return errOf(strict.Orders.Confirm(s.ctx, o.ID)) })
	s.pay(o.ID)
	must(strict.Orders.Confirm(s.ctx, o.ID))(s)
	require.Len(s.t, s.work(o.ID), 1)
}

func holeTwentyCreates(s *shop) {
	for range 20 {
		must(s.Orders.Place(s.ctx, draft(line("mug", 1)), oms.Key("checkout-1")))(s)
	}
	require.Len(s.t, must(s.Orders.Page(s.ctx, order.Filter{}))(s), 1)
	require.Equal(s.t, "free 9 committed 1", s.shelf("mug", "ber"))
}

func holeReserveTwice(s *shop) {
	cart(s, "cart-1", "mug", 2)
	cart(s, "cart-1", "mug", 2)
	require.Equal(s.t, "free 8 soft 2", s.shelf("mug", "ber"))
	firm := []inventory.Hold{{Owner: "job", Item: "mug", Location: "ber", Qty: 2}}
	first := must(s.Stock.Reserve(s.ctx, firm, oms.Key("job-1")))(s)
	s.same(first, must(s.Stock.Reserve(s.ctx, firm, oms.Key("job-1")))(s))
	require.Equal(s.t, "free 6 soft 2 committed 2", s.shelf("mug", "ber"))
}

func holeCommitReleased(s *shop) {
	cart(s, "cart-1", "mug", 2)
	must(s.Stock.Release(s.ctx, "cart-1"))(s)
	s.refuses(inventory.ErrReservation, func() error { return errOf(s.Stock.Commit(s.ctx, "cart-1")) })
}

func holeDeadAtBirth(s *shop) {
	s.refuses(inventory.ErrExpiry, func() error {
		return errOf(s.Stock.Reserve(s.ctx, hold("cart", 1, s.clock.read().Add(-5*time.Second))))
	})
}

func holeExpiryOfAges(s *shop) {
	before := s.dump()
	_, err := s.Stock.Reserve(s.ctx, hold("cart", 1, time.Unix(1<<53, 0)))
	s.refused(inventory.ErrExpiry, err, before)
	var typed *inventory.ExpiryError
	require.ErrorAs(s.t, err, &typed)
	require.Equal(s.t, s.clock.read(), typed.Now)
}

func holeTooManyShipments(s *shop) {
	o := s.place(line("mug", 2))
	require.Empty(s.t, s.work(o.ID))
	must(s.Orders.Confirm(s.ctx, o.ID))(s)
	id := s.work(o.ID)[0].ID
	s.refuses(fulfillment.ErrQuantity, func() error {
		return errOf(s.Fulfillment.Ship(s.ctx, id, []fulfillment.Parcel{boxOf(units(1, 99)...)}))
	})
	must(s.Fulfillment.Ship(s.ctx, id, []fulfillment.Parcel{boxOf(units(1, 2)...)}))(s)
	s.refuses(fulfillment.ErrTransition, func() error { return errOf(s.Fulfillment.Ship(s.ctx, id, []fulfillment.Parcel{boxOf(units(1, 2)...)})) })
	require.Equal(s.t, "shipped 2", s.places(o.ID, 1))
}

func holeCancelAfterParcel(s *shop) {
	o, work := s.open(line("mug", 2))
	sh := must(s.Fulfillment.Ship(s.ctx, work[0].ID, []fulfillment.Parcel{boxOf(units(1, 1)...)}))(s)
	s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer)) })
	must(s.Fulfillment.Deliver(s.ctx, sh.ID))(s)
	require.Equal(s.t, "reserved 1 shipped 1 delivered 1", s.places(o.ID, 1))
}

func holeShipCancelled(s *shop) {
	o, work := s.open(line("mug", 2))
	sh := must(s.Fulfillment.Pack(s.ctx, work[0].ID, nil))(s)
	s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer)) })
	must(s.Fulfillment.Void(s.ctx, sh.ID))(s)
	must(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer))(s)
	s.refuses(fulfillment.ErrTransition, func() error {
		return errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, []fulfillment.Parcel{boxOf(units(1, 1)...)}))
	})
	s.refuses(order.ErrTransition, func() error { return errOf(s.Fulfillment.HandOver(s.ctx, sh.ID)) })
	require.Equal(s.t, "free 10", s.shelf("mug", "ber"))
}

func holeStatuses(s *shop) {
	facets := func(id order.ID) [2]string {
		f := s.orderOf(id).Facets()
		return [2]string{string(f.Fulfillment), string(f.Payment)}
	}
	o, work := s.open(line("mug", 2))
	require.Equal(s.t, [2]string{"none", "none"}, facets(o.ID))
	sh := must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
	require.Equal(s.t, [2]string{"full", "none"}, facets(o.ID))
	s.pay(o.ID)
	must(s.Fulfillment.Deliver(s.ctx, sh.ID))(s)
	require.Equal(s.t, [2]string{"delivered", "paid"}, facets(o.ID))
	found := must(s.Orders.Page(s.ctx, order.Filter{Fulfillment: order.FulfillmentDone, Payment: order.PaymentPaid}))(s)
	require.Len(s.t, found, 1, "and they can be searched")
}

func holeWalkIn(s *shop) {
	r := s.back(s.shipped(1).ID, 1)
	r = must(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 1)))(s)
	require.Equal(s.t, returns.StateReceiving, r.State)
}

func holeFinishReturn(s *shop) {
	o := s.shipped(1)
	r := s.back(o.ID, 1)
	must(s.Returns.Receive(s.ctx, r.ID, "ber", units(1, 1)))(s)
	must(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock}}))(s)
	r = must(s.Returns.Close(s.ctx, r.ID))(s)
	require.Equal(s.t, returns.StateClosed, r.State)
	require.Equal(s.t, "free 10", s.shelf("tee", "ber"))
}

func holeLostUpdate(s *shop) {
	o := s.place(line("mug", 2))
	write := func(handle string) error {
		return errOf(s.Orders.Hold(s.ctx, o.ID, order.Hold{Owner: "clerk", Handle: handle, Reason: order.HoldAddress}, oms.IfVersion(o.Version)))
	}
	s.do(write("first"))
	s.refuses(order.ErrStale, func() error { return write("second") })
}

func holeCancelTheRest(s *shop) {
	o, work := s.open(line("mug", 5))
	must(s.Fulfillment.Ship(s.ctx, work[0].ID, []fulfillment.Parcel{boxOf(units(1, 2)...)}))(s)
	must(s.Orders.CancelUnits(s.ctx, o.ID, units(1, 3), order.CancelInventory))(s)
	require.Equal(s.t, "free 8", s.shelf("mug", "ber"))
	require.Equal(s.t, "done shipped 2 cancelled 3", desk(s.work(o.ID)[0], 1))
	s.pay(o.ID)
	require.Equal(s.t, order.StateClosed, must(s.Orders.Close(s.ctx, o.ID))(s).State)
}

func holeEmptyTables(s *shop) {
	e := s.with(s.ctx, s.Tenant("empty"))
	require.Empty(s.t, must(e.Orders.Page(e.ctx, order.Filter{Payment: order.PaymentPaid, Item: "mug"}))(s))
	require.Empty(s.t, must(e.Fulfillment.Page(e.ctx, fulfillment.Filter{}))(s))
	require.Empty(s.t, must(e.Returns.Page(e.ctx, returns.Filter{}))(s))
	require.Empty(s.t, must(e.Events(e.ctx, 0, 10))(s))
	require.Empty(s.t, must(e.Stock.Postings(e.ctx, inventory.PostingFilter{}))(s))
	require.Empty(s.t, must(e.Stock.Balances(e.ctx, "mug"))(s))
	require.Empty(s.t, must(e.Stock.Reservations(e.ctx, "cart"))(s))
	for _, err := range e.Orders.All(e.ctx, order.Filter{}) {
		s.do(err)
	}
	e.verify()
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "pen"}))
	require.Equal(s.t, int64(0), s.free("pen"))
}

func holeLostFeed(s *shop) {
	o := s.place(line("mug", 1))
	second := oms.New(s.store)
	if s.db != nil {
		second = oms.New(s.reopened())
	}
	log := must(second.Events(s.ctx, 0, 100))(s)
	require.Equal(s.t, []string{"order.placed", "order.allocated"}, kinds(log[len(log)-2:]))
	require.Equal(s.t, "order/"+o.ID.String(), log[len(log)-1].Aggregate)
}

func holeLockedOut(s *shop) {
	release := s.lockOut()
	ctx, cancel := context.WithTimeout(s.ctx, 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := s.Orders.Place(ctx, draft(line("mug", 1)))
	waited := time.Since(began)
	release()
	require.ErrorIs(s.t, err, context.DeadlineExceeded)
	require.Less(s.t, waited, 3*time.Second, "the deadline ends the wait")
	s.place(line("mug", 1))
}

// lockOut keeps every other writer waiting until it is released: by a host that is in
// the middle of a transaction of its own.
func (s *shop) lockOut() (release func()) {
	s.t.Helper()
	if s.db != nil {
		tx := must(s.db.BeginTx(s.ctx, nil))(s)
		must(tx.ExecContext(s.ctx, "UPDATE oms_stock_balances SET free = free"))(s)
		return func() { s.do(tx.Rollback()) }
	}
	in, out, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.Atomically(s.ctx, func(context.Context, *oms.Engine) error {
			close(in)
			<-out
			return errHost
		})
	}()
	<-in
	return func() {
		close(out)
		if err := <-done; !errors.Is(err, errHost) {
			s.do(err)
		}
	}
}
