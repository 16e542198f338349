package oms_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

func TestConfirmingGivesEachLocationItsWork(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 12), line("mug", 1), line("tee", 2))
		require.Len(s.t, work, 2)
		require.Equal(s.t, []string{"ber", "ham"}, []string{work[0].Location, work[1].Location})
		var tees int64
		for _, fo := range work {
			require.Equal(s.t, fulfillment.WorkOpen, fo.Work)
			require.Equal(s.t, int64(1), fo.Version)
			require.Equal(s.t, fo, must(s.Fulfillment.Get(s.ctx, fo.ID))(s))
			for _, l := range fo.Lines {
				require.Equal(s.t, l.Qty, l.Open())
				if l.Item == "tee" {
					tees += l.Qty
				}
			}
		}
		require.Equal(s.t, int64(14), tees)
		require.Equal(s.t, "reserved 12", s.places(o.ID, 1))
		page := must(s.Fulfillment.Page(s.ctx, fulfillment.Filter{Location: "ham", Work: []fulfillment.WorkState{fulfillment.WorkOpen}}))(s)
		require.Equal(s.t, work[1:], page, "the work list of a location")
	})
}

func TestUnitsGoFromTheShelfToTheDoor(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 4))
		id := work[0].ID
		fo := must(s.Fulfillment.Pick(s.ctx, id, units(1, 3)))(s)
		require.Equal(s.t, fo, must(s.Fulfillment.Get(s.ctx, id))(s))
		require.Equal(s.t, "in_progress open 1 picked 3", desk(fo, 1))
		require.Equal(s.t, "reserved 1 picked 3", s.places(o.ID, 1))
		require.Equal(s.t, "free 6 committed 1 picked 3", s.shelf("tee", "ber"))

		sh := must(s.Fulfillment.Pack(s.ctx, id, []fulfillment.Parcel{boxOf(order.LineQty{Line: 1, Qty: 1}), boxOf(order.LineQty{Line: 1, Qty: 3})}))(s)
		require.Equal(s.t, fulfillment.ShipmentPacked, sh.State)
		require.Equal(s.t, units(1, 4), sh.Units(), "picked units first, the rest from the shelf")
		require.Equal(s.t, "packed 4", s.places(o.ID, 1))
		require.Equal(s.t, "free 6 packed 4", s.shelf("tee", "ber"))

		s.clock.turn(time.Hour)
		sh = must(s.Fulfillment.HandOver(s.ctx, sh.ID))(s)
		require.Equal(s.t, s.clock.read(), sh.ShippedAt)
		require.Equal(s.t, []fulfillment.Shipment{sh}, must(s.Fulfillment.Shipments(s.ctx, o.ID))(s))
		require.Equal(s.t, "shipped 4", s.places(o.ID, 1))
		require.Equal(s.t, "free 6", s.shelf("tee", "ber"), "what has shipped is off the shelf")
		require.Equal(s.t, "done shipped 4", desk(s.work(o.ID)[0], 1))

		sh = must(s.Fulfillment.Deliver(s.ctx, sh.ID))(s)
		require.Equal(s.t, fulfillment.ShipmentDelivered, sh.State)
		require.Equal(s.t, "shipped 4 delivered 4", s.places(o.ID, 1))
		require.Equal(s.t, order.FulfillmentDone, s.orderOf(o.ID).Facets().Fulfillment)
		require.Equal(s.t, []string{
			"order.placed", "order.allocated", "order.confirmed", "fulfillment.opened", "fulfillment.picked",
			"shipment.packed", "shipment.shipped", "shipment.delivered",
		}, kinds(must(s.Orders.Timeline(s.ctx, o.ID))(s)))
	})
}

func TestPartialShipmentsOfSeveralParcels(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 5), line("mug", 3))
		id := work[0].ID
		must(s.Fulfillment.Ship(s.ctx, id, []fulfillment.Parcel{
			boxOf(order.LineQty{Line: 2, Qty: 1}, order.LineQty{Line: 1, Qty: 2}), boxOf(order.LineQty{Line: 2, Qty: 1}),
		}))(s)
		require.Equal(s.t, "reserved 3 shipped 2", s.places(o.ID, 1))
		require.Equal(s.t, "reserved 1 shipped 2", s.places(o.ID, 2))
		require.Equal(s.t, order.FulfillmentPartial, s.orderOf(o.ID).Facets().Fulfillment)
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer)) })
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Orders.Close(s.ctx, o.ID)) })
		must(s.Fulfillment.Ship(s.ctx, id, nil))(s)
		require.Equal(s.t, "shipped 5", s.places(o.ID, 1))
		require.Equal(s.t, "shipped 3", s.places(o.ID, 2))
		require.Len(s.t, must(s.Fulfillment.Shipments(s.ctx, o.ID))(s), 2)
		s.refuses(fulfillment.ErrParcel, func() error { return errOf(s.Fulfillment.Ship(s.ctx, id, nil)) })
		s.refuses(fulfillment.ErrTransition, func() error {
			return errOf(s.Fulfillment.Ship(s.ctx, id, []fulfillment.Parcel{boxOf(units(1, 1)...)}))
		})
	})
}

func TestAShipmentHasOnlyWhatItsWorkHas(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 12), line("mug", 1))
		_, ham := work[0], work[1]
		for name, p := range map[string]struct {
			want    error
			parcels []fulfillment.Parcel
		}{
			"more than it has":          {fulfillment.ErrQuantity, []fulfillment.Parcel{boxOf(units(1, 3)...)}},
			"more over several parcels": {fulfillment.ErrQuantity, []fulfillment.Parcel{boxOf(units(1, 2)...), boxOf(units(1, 1)...)}},
			"a line of elsewhere":       {fulfillment.ErrUnknownLine, []fulfillment.Parcel{boxOf(units(2, 1)...)}},
			"an unknown line":           {fulfillment.ErrUnknownLine, []fulfillment.Parcel{boxOf(units(9, 1)...)}},
			"no contents in one of two": {fulfillment.ErrParcel, []fulfillment.Parcel{boxOf(units(1, 1)...), boxOf()}},
			"nothing of a line":         {fulfillment.ErrParcel, []fulfillment.Parcel{boxOf(units(1, 0)...)}},
			"less than nothing":         {fulfillment.ErrParcel, []fulfillment.Parcel{boxOf(units(1, -1)...)}},
			"a negative weight":         {fulfillment.ErrParcel, []fulfillment.Parcel{{Grams: -1, Contents: units(1, 1)}}},
		} {
			before := s.dump()
			_, err := s.Fulfillment.Pack(s.ctx, ham.ID, p.parcels)
			require.ErrorIs(s.t, err, p.want, name)
			_, err = s.Fulfillment.Ship(s.ctx, ham.ID, p.parcels)
			require.ErrorIs(s.t, err, p.want, name)
			require.Equal(s.t, before, s.dump(), name)
		}
		for _, qty := range []int64{0, -1, 3} {
			s.refuses(fulfillment.ErrQuantity, func() error { return errOf(s.Fulfillment.Pick(s.ctx, ham.ID, units(1, qty))) })
			s.refuses(fulfillment.ErrQuantity, func() error { return errOf(s.Fulfillment.ShortPick(s.ctx, ham.ID, units(1, qty))) })
		}
		s.refuses(fulfillment.ErrQuantity, func() error { return errOf(s.Fulfillment.Pick(s.ctx, ham.ID, nil)) })
		require.Equal(s.t, "reserved 12", s.places(o.ID, 1))
	})
}

func TestOneParcelWithoutContentsTakesEverything(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 4), line("mug", 1))
		must(s.Fulfillment.Pick(s.ctx, work[0].ID, units(1, 3)))(s)
		sh := must(s.Fulfillment.Ship(s.ctx, work[0].ID, []fulfillment.Parcel{boxOf()}))(s)
		require.Equal(s.t, "jd-1", sh.Parcels[0].Tracking)
		require.Equal(s.t, "shipped 4", s.places(o.ID, 1))
		require.Equal(s.t, "shipped 1", s.places(o.ID, 2))
		s.refuses(fulfillment.ErrParcel, func() error { return errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, []fulfillment.Parcel{boxOf()})) })
	})
}

func TestVoidingPutsEverythingBackAsItWas(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 4))
		must(s.Fulfillment.Pick(s.ctx, work[0].ID, units(1, 2)))(s)
		sh := must(s.Fulfillment.Pack(s.ctx, work[0].ID, nil))(s)
		sh = must(s.Fulfillment.Void(s.ctx, sh.ID))(s)
		require.Equal(s.t, fulfillment.ShipmentVoided, sh.State)
		require.Equal(s.t, "reserved 4", s.places(o.ID, 1))
		require.Equal(s.t, "free 6 committed 4", s.shelf("tee", "ber"))
		require.Equal(s.t, "in_progress open 4", desk(s.work(o.ID)[0], 1))
		s.refuses(fulfillment.ErrTransition, func() error { return errOf(s.Fulfillment.HandOver(s.ctx, sh.ID)) })
		s.refuses(fulfillment.ErrTransition, func() error { return errOf(s.Fulfillment.Deliver(s.ctx, sh.ID)) })
		again := must(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))(s)
		require.NotEqual(s.t, sh.ID, again.ID)
		s.refuses(fulfillment.ErrTransition, func() error { return errOf(s.Fulfillment.Void(s.ctx, again.ID)) })
	})
}

func TestHoldsStopTheWorkTheyConcern(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 2), line("mug", 2))
		id := work[0].ID
		sh := must(s.Fulfillment.Pack(s.ctx, id, []fulfillment.Parcel{boxOf(units(1, 1)...)}))(s)
		must(s.Orders.Hold(s.ctx, o.ID, order.Hold{Owner: "clerk", Handle: "1", Reason: order.HoldAddress, Line: 1}))(s)
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Fulfillment.Pick(s.ctx, id, units(1, 1))) })
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Fulfillment.Ship(s.ctx, id, nil)) })
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Fulfillment.HandOver(s.ctx, sh.ID)) })
		must(s.Fulfillment.Pick(s.ctx, id, units(2, 1)))(s)
		must(s.Orders.Hold(s.ctx, o.ID, order.Hold{Owner: "clerk", Handle: "2", Reason: order.HoldReview}))(s)
		s.refuses(order.ErrBlocked, func() error { return errOf(s.Fulfillment.Pick(s.ctx, id, units(2, 1))) })
		must(s.Fulfillment.Void(s.ctx, sh.ID))(s) // stepping back is never held
		must(s.Orders.Release(s.ctx, o.ID, "clerk", "1"))(s)
		must(s.Orders.Release(s.ctx, o.ID, "clerk", "2"))(s)
		must(s.Fulfillment.Ship(s.ctx, id, nil))(s)
	})
}

func TestAShortPickIsFoundElsewhere(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 10))
		must(s.Fulfillment.Pick(s.ctx, work[0].ID, units(1, 6)))(s)
		fo := must(s.Fulfillment.ShortPick(s.ctx, work[0].ID, units(1, 4)))(s)
		require.Equal(s.t, "in_progress picked 6 short 4", desk(fo, 1))
		require.Equal(s.t, "picked 6", s.shelf("tee", "ber"), "the stock is what was found")
		require.Equal(s.t, "free 1 committed 4", s.shelf("tee", "ham"))
		require.Equal(s.t, "reserved 4 picked 6", s.places(o.ID, 1))
		work = s.work(o.ID)
		require.Equal(s.t, "open open 4", desk(work[1], 1))
		for _, w := range work {
			must(s.Fulfillment.Ship(s.ctx, w.ID, nil))(s)
		}
		require.Equal(s.t, "shipped 10", s.places(o.ID, 1))
		short := must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Document: o.Number}))(s)[2]
		require.Equal(s.t, inventory.ReasonShort, short.Reason)
	})
}

func TestAShortPickThatIsFoundNowhereWaits(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 12))
		must(s.Fulfillment.ShortPick(s.ctx, work[0].ID, units(1, 10)))(s)
		require.Equal(s.t, "reserved 5 backordered 7", s.places(o.ID, 1))
		work = s.work(o.ID)
		require.Equal(s.t, "cancelled short 10", desk(work[0], 1))
		s.receive("tee", "ber", 7)
		must(s.Orders.Allocate(s.ctx, o.ID))(s)
		for _, w := range s.work(o.ID)[1:] {
			must(s.Fulfillment.Ship(s.ctx, w.ID, nil))(s)
		}
		require.Equal(s.t, "shipped 12", s.places(o.ID, 1))
		require.Empty(s.t, s.shelf("tee", "ber")+s.shelf("tee", "ham"))
	})
}

func TestCancellingUnitsFollowsThemToWhereTheyAre(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.receive("book", "ber", 6)
		o, work := s.open(line("book", 8))
		id := work[0].ID
		must(s.Fulfillment.Pick(s.ctx, id, units(1, 4)))(s)
		must(s.Fulfillment.Pack(s.ctx, id, []fulfillment.Parcel{boxOf(units(1, 1)...)}))(s)
		require.Equal(s.t, "reserved 2 backordered 2 picked 3 packed 1", s.places(o.ID, 1))
		cancel := func(qty int64) {
			must(s.Orders.CancelUnits(s.ctx, o.ID, units(1, qty), order.CancelCustomer))(s)
		}
		cancel(1) // backordered: no stock, no work
		require.Equal(s.t, "reserved 2 backordered 1 picked 3 packed 1 cancelled 1", s.places(o.ID, 1))
		require.Equal(s.t, "committed 2 picked 3 packed 1", s.shelf("book", "ber"))
		require.Equal(s.t, "in_progress open 2 picked 3 packed 1", desk(s.work(o.ID)[0], 1))
		cancel(2) // the last backordered one, and one that is reserved
		require.Equal(s.t, "free 1 committed 1 picked 3 packed 1", s.shelf("book", "ber"))
		require.Equal(s.t, "in_progress open 1 picked 3 packed 1 cancelled 1", desk(s.work(o.ID)[0], 1))
		cancel(3) // the last reserved one, and two that are picked
		require.Equal(s.t, "picked 1 packed 1 cancelled 6", s.places(o.ID, 1))
		require.Equal(s.t, "free 4 picked 1 packed 1", s.shelf("book", "ber"))
		require.Equal(s.t, "in_progress picked 1 packed 1 cancelled 4", desk(s.work(o.ID)[0], 1))
		s.refuses(order.ErrQuantity, func() error { return errOf(s.Orders.CancelUnits(s.ctx, o.ID, units(1, 2), order.CancelCustomer)) })
		cancel(1)
		must(s.Fulfillment.HandOver(s.ctx, must(s.Fulfillment.Shipments(s.ctx, o.ID))(s)[0].ID))(s)
		require.Equal(s.t, "done shipped 1 cancelled 5", desk(s.work(o.ID)[0], 1))
		require.Equal(s.t, "shipped 1 cancelled 7", s.places(o.ID, 1))
		s.refuses(order.ErrQuantity, func() error { return errOf(s.Orders.CancelUnits(s.ctx, o.ID, units(1, 1), order.CancelCustomer)) })
		require.Equal(s.t, order.FulfillmentFull, s.orderOf(o.ID).Facets().Fulfillment)
	})
}

func TestCancellingUnitsOfAPlacedOrderFreesThem(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		d := draft(line("tee", 3))
		d.ReserveAt = order.OnConfirm
		later := must(s.Orders.Place(s.ctx, d))(s)
		must(s.Orders.CancelUnits(s.ctx, later.ID, units(1, 1), order.CancelCustomer))(s)
		require.Equal(s.t, "unreserved 2 cancelled 1", s.places(later.ID, 1))

		o := s.place(line("tee", 12))
		must(s.Orders.CancelUnits(s.ctx, o.ID, []order.LineQty{{Line: 1, Qty: 2}, {Line: 1, Qty: 3}}, order.CancelCustomer))(s)
		require.Equal(s.t, "reserved 7 cancelled 5", s.places(o.ID, 1))
		o = must(s.Orders.CancelUnits(s.ctx, o.ID, units(1, 7), order.CancelCustomer))(s)
		require.Equal(s.t, order.StateCancelled, o.State, "an order of which nothing is left is cancelled")
		require.Equal(s.t, "free 10", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 5", s.shelf("tee", "ham"))
	})
}

func TestCancellingAnOrderUndoesItsPickingsEverywhere(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o, work := s.open(line("tee", 13), line("mug", 4), line("tee", 2))
		for _, fo := range work {
			must(s.Fulfillment.Pick(s.ctx, fo.ID, units(fo.Lines[0].Line, 2)))(s)
		}
		o = must(s.Orders.Cancel(s.ctx, o.ID, order.CancelFraud))(s)
		require.Equal(s.t, order.StateCancelled, o.State)
		require.Equal(s.t, "free 10", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 5", s.shelf("tee", "ham"))
		require.Equal(s.t, "free 10", s.shelf("mug", "ber"))
		for _, fo := range s.work(o.ID) {
			require.Equal(s.t, fulfillment.WorkCancelled, fo.Work)
			s.refuses(fulfillment.ErrTransition, func() error {
				return errOf(s.Fulfillment.Ship(s.ctx, fo.ID, []fulfillment.Parcel{boxOf(units(fo.Lines[0].Line, 1)...)}))
			})
		}
	})
}

func TestDeliveryMayBeToldAfterTheOrderIsClosed(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.shipped(2)
		must(s.Orders.Close(s.ctx, o.ID))(s)
		must(s.Fulfillment.Deliver(s.ctx, must(s.Fulfillment.Shipments(s.ctx, o.ID))(s)[0].ID))(s)
		require.Equal(s.t, "shipped 2 delivered 2", s.places(o.ID, 1))
		require.Equal(s.t, order.StateClosed, s.order(o.ID).State)
	})
}

func TestShippingRacesCancellingAndOneWins(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.receive("tee", "ber", 100)
		for range 25 {
			o, work := s.open(line("tee", 2))
			won, lost := race(2, func(i int) error {
				if i == 0 {
					return errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, nil))
				}
				return errOf(s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer))
			})
			require.Equal(s.t, 1, won)
			require.Len(s.t, lost, 1)
			require.Contains(s.t, []string{"shipped 2", "cancelled 2"}, s.places(o.ID, 1))
			require.Equal(s.t, int64(3), s.order(o.ID).Version, "one transition, one commit")
		}
	})
}

func TestAHostsStatesOfWorkAndReturnsAreReachedByTheEngine(t *testing.T) {
	t.Parallel()
	work, err := fulfillment.NewFlow(
		fulfillment.WithState(fulfillment.StateDef{Name: "blocked"}),
		fulfillment.WithEdge("block", "blocked", fulfillment.WorkOpen),
		fulfillment.WithEdge("unblock", fulfillment.WorkOpen, "blocked"))
	require.NoError(t, err)
	back, err := returns.NewFlow(
		returns.WithState(returns.StateDef{Name: "appeal"}),
		returns.WithEdge("appeal", "appeal", returns.StateRequested),
		returns.WithEdge("hear", returns.StateRequested, "appeal"))
	require.NoError(t, err)
	onStores(t, func(s *shop) {
		o, fos := s.open(line("tee", 2))
		fo := must(s.Fulfillment.Take(s.ctx, fos[0].ID, "block"))(s)
		require.Equal(s.t, fulfillment.WorkState("blocked"), fo.Work)
		require.Equal(s.t, []fulfillment.Action{"unblock"}, possible(must(s.Fulfillment.Actions(s.ctx, fo.ID))(s)))
		s.refuses(fulfillment.ErrTransition, func() error { return errOf(s.Fulfillment.Ship(s.ctx, fo.ID, nil)) })
		must(s.Fulfillment.Take(s.ctx, fo.ID, "unblock"))(s)
		s.refuses(fulfillment.ErrTransition, func() error { return errOf(s.Fulfillment.Take(s.ctx, fo.ID, fulfillment.ActionFinish)) })
		must(s.Orders.Hold(s.ctx, o.ID, order.Hold{Owner: "radar", Handle: "1", Reason: order.HoldFraud}))(s)
		require.Equal(s.t, []fulfillment.Action{fulfillment.ActionShortPick, "block"}, possible(must(s.Fulfillment.Actions(s.ctx, fo.ID))(s)))
		must(s.Orders.Release(s.ctx, o.ID, "radar", "1"))(s)
		sh := must(s.Fulfillment.Ship(s.ctx, fo.ID, nil))(s)
		require.Equal(s.t, []fulfillment.Action{fulfillment.ActionDeliver}, possible(must(s.Fulfillment.ShipmentActions(s.ctx, sh.ID))(s)))
		must(s.Fulfillment.Deliver(s.ctx, sh.ID))(s)

		r := must(s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: 1, Qty: 1, Reason: returns.Unwanted}}, ""))(s)
		r = must(s.Returns.Take(s.ctx, r.ID, "appeal"))(s)
		require.Equal(s.t, returns.State("appeal"), r.State)
		require.Equal(s.t, r, must(s.Returns.Get(s.ctx, r.ID))(s))
		for _, p := range must(s.Returns.Actions(s.ctx, r.ID))(s) {
			require.Equal(s.t, p.Action == "hear", p.Allowed, p.Action)
		}
		must(s.Returns.Take(s.ctx, r.ID, "hear"))(s)
	}, oms.WithFulfillmentFlow(work), oms.WithReturnFlow(back))
}

// possible are the actions that are.
func possible(all []fulfillment.Possibility) []fulfillment.Action {
	var out []fulfillment.Action
	for _, p := range all {
		if p.Allowed {
			out = append(out, p.Action)
		}
	}
	return out
}
