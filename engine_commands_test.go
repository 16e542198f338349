package oms_test

import (
	"context"
	"errors"
	"time"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// act runs one command, whichever Engine and transaction it is given.
type act func(ctx context.Context, k *oms.Engine, opts ...oms.CallOption) (any, error)

// trial is a command of the Engine on a stage that was set for it.
type trial struct {
	run      act
	other    act      // the same command with other input
	again    error    // what a repeat answers; nil: it does nothing
	stranger error    // what it answers to another tenant; nil: it cannot reach this one's data
	order    order.ID // the order whose version it guards; zero where it names none
}

// errRuns marks commands whose repeat is a command of its own.
var errRuns = errors.New("runs again")

// reviewFlow is the standard flow with a state of the host's own.
func reviewFlow() *order.Flow {
	f, err := order.NewFlow(
		order.WithState(order.StateDef{Name: "review", Class: order.ClassLive, Can: order.Cancellable | order.HoldsStock}),
		order.WithEdge("review", "review", order.StatePlaced),
		order.WithEdge("accept", order.StatePlaced, "review"),
		order.WithEdge(order.ActionCancel, order.StateCancelled, "review"),
	)
	if err != nil {
		panic(err)
	}
	return f
}

// commands are all commands of the Engine: what holds for every command is tested on
// each of them.
var commands = []struct {
	name string
	set  func(s *shop) trial
}{
	{"stock add item", func(*shop) trial {
		return trial{again: errRuns, run: func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
			return nil, k.Stock.AddItem(ctx, inventory.Item{ID: "hat"}, o...)
		}, other: func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
			return nil, k.Stock.AddItem(ctx, inventory.Item{ID: "hat", Name: "Hat"}, o...)
		}}
	}},
	{"stock add location", func(*shop) trial {
		return trial{again: errRuns, run: func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
			return nil, k.Stock.AddLocation(ctx, inventory.Location{ID: "muc"}, o...)
		}, other: func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
			return nil, k.Stock.AddLocation(ctx, inventory.Location{ID: "muc", Inactive: true}, o...)
		}}
	}},
	{"stock receive", func(*shop) trial {
		receive := func(qty int64) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Stock.Receive(ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: qty, Ref: "po-2"}, o...)
			}
		}
		return trial{run: receive(3), other: receive(4), again: errRuns, stranger: inventory.ErrUnknownLocation}
	}},
	{"stock adjust", func(*shop) trial {
		adjust := func(delta int64) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Stock.Adjust(ctx, inventory.Adjustment{Item: "tee", Location: "ber", Delta: delta, Reason: inventory.ReasonCount}, o...)
			}
		}
		return trial{run: adjust(-1), other: adjust(1), again: errRuns, stranger: inventory.ErrUnknownLocation}
	}},
	{"stock transfer", func(*shop) trial {
		transfer := func(qty int64) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Stock.Transfer(ctx, inventory.Shift{Item: "tee", From: "ber", To: "ham", Qty: qty}, o...)
			}
		}
		return trial{run: transfer(1), other: transfer(2), again: errRuns, stranger: inventory.ErrUnknownLocation}
	}},
	{"stock reserve", func(s *shop) trial {
		until := s.clock.read().Add(time.Hour)
		reserve := func(qty int64) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Stock.Reserve(ctx, []inventory.Hold{{Owner: "cart-1", Item: "tee", Location: "ber", Qty: qty, Until: until}}, o...)
			}
		}
		return trial{run: reserve(1), other: reserve(2), again: errRuns, stranger: inventory.ErrUnknownItem}
	}},
	{"stock commit", func(s *shop) trial { return ofCart(s, oms.Stock.Commit) }},
	{"stock release", func(s *shop) trial { return ofCart(s, oms.Stock.Release) }},
	{"stock ship", func(s *shop) trial {
		tr := ofCart(s, oms.Stock.Ship)
		must(s.Stock.Commit(s.ctx, "cart-1"))(s)
		must(s.Stock.Commit(s.ctx, "cart-2"))(s)
		return tr
	}},
	{"stock return", func(*shop) trial {
		back := func(qty int64) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Stock.Return(ctx, inventory.GoodsBack{Item: "tee", Location: "ber", Qty: qty, Ref: "rma-9"}, o...)
			}
		}
		return trial{run: back(1), other: back(2), again: errRuns, stranger: inventory.ErrUnknownLocation}
	}},
	{"stock move", func(*shop) trial {
		move := func(qty int64) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Stock.Move(ctx, []inventory.Movement{{Item: "tee", From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Held), Qty: qty}},
					inventory.ReasonInspect, "qa-1", o...)
			}
		}
		return trial{run: move(1), other: move(2), again: errRuns, stranger: inventory.ErrUnknownLocation}
	}},
	{"stock sweep", func(s *shop) trial {
		cart(s, "cart-1", "tee", 1)
		s.clock.turn(2 * time.Hour)
		sweep := func(item string) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Stock.Sweep(ctx, item, o...)
			}
		}
		return trial{run: sweep("tee"), other: sweep("mug")}
	}},

	{"order place", func(*shop) trial {
		place := func(qty int64) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Orders.Place(ctx, draft(line("tee", qty)), o...)
			}
		}
		return trial{run: place(1), other: place(2), again: errRuns, stranger: inventory.ErrUnknownItem}
	}},
	{"order confirm", func(s *shop) trial {
		return ofOrders(s.place(line("tee", 2)), s.place(line("tee", 2)), order.ErrTransition, oms.Orders.Confirm)
	}},
	{"order allocate", func(s *shop) trial {
		a, _ := s.open(line("book", 2))
		b, _ := s.open(line("book", 2))
		s.receive("book", "ber", 4)
		return ofOrders(a, b, nil, oms.Orders.Allocate)
	}},
	{"order reallocate", func(s *shop) trial {
		a, _ := s.open(line("book", 2))
		b, _ := s.open(line("book", 2))
		s.receive("book", "ber", 4)
		return ofOrders(a, b, nil, oms.Orders.Reallocate)
	}},
	{"order cancel", func(s *shop) trial {
		cancel := func(g oms.Orders, ctx context.Context, id order.ID, o ...oms.CallOption) (order.Order, error) {
			return g.Cancel(ctx, id, order.CancelCustomer, o...)
		}
		return ofOrders(s.place(line("tee", 2)), s.place(line("tee", 2)), nil, cancel)
	}},
	{"order cancel units", func(s *shop) trial {
		a, _ := s.open(line("tee", 3))
		cancel := func(qty int64) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Orders.CancelUnits(ctx, a.ID, units(1, qty), order.CancelStaff, o...)
			}
		}
		return trial{run: cancel(1), other: cancel(2), again: errRuns, stranger: order.ErrNotFound, order: a.ID}
	}},
	{"order expire", func(s *shop) trial {
		d := draft(line("tee", 1))
		d.PayBy = s.clock.read().Add(time.Hour)
		a, b := must(s.Orders.Place(s.ctx, d))(s), must(s.Orders.Place(s.ctx, d))(s)
		s.clock.turn(time.Hour)
		return ofOrders(a, b, nil, oms.Orders.Expire)
	}},
	{"order hold", func(s *shop) trial {
		a := s.place(line("tee", 1))
		hold := func(handle string) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Orders.Hold(ctx, a.ID, order.Hold{Owner: "radar", Handle: handle, Reason: order.HoldFraud}, o...)
			}
		}
		return trial{run: hold("1"), other: hold("2"), stranger: order.ErrNotFound, order: a.ID}
	}},
	{"order release", func(s *shop) trial {
		a := s.place(line("tee", 1))
		for _, h := range []string{"1", "2"} {
			must(s.Orders.Hold(s.ctx, a.ID, order.Hold{Owner: "radar", Handle: h, Reason: order.HoldFraud}))(s)
		}
		release := func(handle string) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Orders.Release(ctx, a.ID, "radar", handle, o...)
			}
		}
		return trial{run: release("1"), other: release("2"), again: order.ErrHold, stranger: order.ErrNotFound, order: a.ID}
	}},
	{"order close", func(s *shop) trial { return ofOrders(s.shipped(1), s.shipped(1), nil, oms.Orders.Close) }},
	{"order reopen", func(s *shop) trial {
		a, b := s.shipped(1), s.shipped(1)
		must(s.Orders.Close(s.ctx, a.ID))(s)
		must(s.Orders.Close(s.ctx, b.ID))(s)
		return ofOrders(a, b, nil, oms.Orders.Reopen)
	}},
	{"order take", func(s *shop) trial {
		take := func(g oms.Orders, ctx context.Context, id order.ID, o ...oms.CallOption) (order.Order, error) {
			return g.Take(ctx, id, "review", o...)
		}
		return ofOrders(s.place(line("tee", 1)), s.place(line("tee", 1)), order.ErrTransition, take)
	}},

	{"payment record", func(s *shop) trial {
		a := s.place(line("tee", 2))
		record := func(amount string) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Payments.Record(ctx, a.ID, order.Operation{ID: "pay", Kind: order.Capture, Amount: eur(amount)}, o...)
			}
		}
		return trial{run: record("10.00"), other: record("20.00"), stranger: order.ErrNotFound, order: a.ID}
	}},
	{"payment settle", func(s *shop) trial {
		a := s.place(line("tee", 2))
		must(s.Payments.Record(s.ctx, a.ID, order.Operation{ID: "pay", Kind: order.Capture, Amount: eur("10.00"), Status: order.Requested}))(s)
		settle := func(outcome order.OperationStatus) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Payments.Settle(ctx, a.ID, "pay", outcome, "pi-1", o...)
			}
		}
		return trial{run: settle(order.Succeeded), other: settle(order.Failed), stranger: order.ErrNotFound, order: a.ID}
	}},
	{"payment refund", func(s *shop) trial {
		a := s.shipped(2)
		refund := func(amount string) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Payments.Refund(ctx, a.ID, eur(amount), nil, o...)
			}
		}
		return trial{run: refund("5.00"), other: refund("6.00"), again: errRuns, stranger: order.ErrNotFound, order: a.ID}
	}},

	{"fulfillment pick", func(s *shop) trial { return ofWork(s, errRuns, oms.Fulfillment.Pick) }},
	{"fulfillment short pick", func(s *shop) trial { return ofWork(s, errRuns, oms.Fulfillment.ShortPick) }},
	{"fulfillment pack", func(s *shop) trial { return ofWork(s, errRuns, inParcel(oms.Fulfillment.Pack)) }},
	{"fulfillment ship", func(s *shop) trial { return ofWork(s, errRuns, inParcel(oms.Fulfillment.Ship)) }},
	{"fulfillment hand over", func(s *shop) trial {
		return ofShipments(s, oms.Fulfillment.Pack, fulfillment.ErrTransition, oms.Fulfillment.HandOver)
	}},
	{"fulfillment void", func(s *shop) trial {
		return ofShipments(s, oms.Fulfillment.Pack, fulfillment.ErrTransition, oms.Fulfillment.Void)
	}},
	{"fulfillment deliver", func(s *shop) trial {
		return ofShipments(s, oms.Fulfillment.Ship, nil, oms.Fulfillment.Deliver)
	}},

	{"return request", func(s *shop) trial {
		a := s.shipped(3)
		request := func(qty int64) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Returns.Request(ctx, a.ID, []returns.Wanted{{Line: 1, Qty: qty, Reason: returns.TooSmall}}, "rma-1", o...)
			}
		}
		return trial{run: request(1), other: request(2), again: errRuns, stranger: order.ErrNotFound, order: a.ID}
	}},
	{"return request blind", func(*shop) trial {
		request := func(worth string) act {
			return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
				return k.Returns.RequestBlind(ctx, returns.Blind{Currency: euro, Lines: []returns.BlindLine{{Item: "tee", Qty: 1, Reason: returns.Unwanted, Worth: eur(worth)}}}, o...)
			}
		}
		return trial{run: request("9.00"), other: request("8.00"), again: errRuns, stranger: inventory.ErrUnknownItem}
	}},
	{"return approve", func(s *shop) trial { return ofReturns(s, asked, nil, oms.Returns.Approve) }},
	{"return decline", func(s *shop) trial {
		decline := func(g oms.Returns, ctx context.Context, id returns.ID, o ...oms.CallOption) (returns.Return, error) {
			return g.Decline(ctx, id, "worn", o...)
		}
		return ofReturns(s, asked, returns.ErrTransition, decline)
	}},
	{"return cancel", func(s *shop) trial { return ofReturns(s, asked, returns.ErrTransition, oms.Returns.Cancel) }},
	{"return receive", func(s *shop) trial {
		receive := func(g oms.Returns, ctx context.Context, id returns.ID, o ...oms.CallOption) (returns.Return, error) {
			return g.Receive(ctx, id, "ber", units(1, 1), o...)
		}
		return ofReturns(s, approved, errRuns, receive)
	}},
	{"return missing", func(s *shop) trial {
		missing := func(g oms.Returns, ctx context.Context, id returns.ID, o ...oms.CallOption) (returns.Return, error) {
			return g.Missing(ctx, id, units(1, 1), o...)
		}
		return ofReturns(s, approved, errRuns, missing)
	}},
	{"return inspect", func(s *shop) trial {
		inspect := func(g oms.Returns, ctx context.Context, id returns.ID, o ...oms.CallOption) (returns.Return, error) {
			return g.Inspect(ctx, id, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock}}, o...)
		}
		return ofReturns(s, received, errRuns, inspect)
	}},
	{"return refund", func(s *shop) trial {
		refund := func(g oms.Returns, ctx context.Context, id returns.ID, o ...oms.CallOption) (returns.Return, error) {
			return g.Refund(ctx, id, oms.Payout{Units: units(1, 1)}, o...)
		}
		return ofReturns(s, received, errRuns, refund)
	}},
	{"return close", func(s *shop) trial { return ofReturns(s, inspected, nil, oms.Returns.Close) }},
}

// cart holds units of an item in Berlin softly, for an hour.
func cart(s *shop, owner, item string, qty int64) {
	s.t.Helper()
	must(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: owner, Item: item, Location: "ber", Qty: qty, Until: s.clock.read().Add(time.Hour)}}))(s)
}

func ofCart(s *shop, do func(oms.Stock, context.Context, string, ...oms.CallOption) (inventory.Posting, error)) trial {
	cart(s, "cart-1", "tee", 1)
	cart(s, "cart-2", "tee", 1)
	of := func(owner string) act {
		return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
			return do(k.Stock, ctx, owner, o...)
		}
	}
	return trial{run: of("cart-1"), other: of("cart-2"), again: inventory.ErrReservation, stranger: inventory.ErrReservation}
}

func ofOrders(a, b order.Order, again error, do func(oms.Orders, context.Context, order.ID, ...oms.CallOption) (order.Order, error)) trial {
	of := func(id order.ID) act {
		return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
			return do(k.Orders, ctx, id, o...)
		}
	}
	return trial{run: of(a.ID), other: of(b.ID), again: again, stranger: order.ErrNotFound, order: a.ID}
}

func ofWork[T any](s *shop, again error, do func(oms.Fulfillment, context.Context, fulfillment.ID, []order.LineQty, ...oms.CallOption) (T, error)) trial {
	o, work := s.open(line("tee", 4))
	of := func(qty int64) act {
		return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
			return do(k.Fulfillment, ctx, work[0].ID, units(1, qty), o...)
		}
	}
	return trial{run: of(1), other: of(2), again: again, stranger: fulfillment.ErrNotFound, order: o.ID}
}

// inParcel makes a command on parcels one on units.
func inParcel(do func(oms.Fulfillment, context.Context, fulfillment.ID, []fulfillment.Parcel, ...oms.CallOption) (fulfillment.Shipment, error)) func(oms.Fulfillment, context.Context, fulfillment.ID, []order.LineQty, ...oms.CallOption) (fulfillment.Shipment, error) {
	return func(g oms.Fulfillment, ctx context.Context, id fulfillment.ID, us []order.LineQty, o ...oms.CallOption) (fulfillment.Shipment, error) {
		return do(g, ctx, id, []fulfillment.Parcel{boxOf(us...)}, o...)
	}
}

func ofShipments(s *shop, pack func(oms.Fulfillment, context.Context, fulfillment.ID, []fulfillment.Parcel, ...oms.CallOption) (fulfillment.Shipment, error),
	again error, do func(oms.Fulfillment, context.Context, fulfillment.ShipmentID, ...oms.CallOption) (fulfillment.Shipment, error),
) trial {
	o, work := s.open(line("tee", 4))
	one := must(pack(s.Fulfillment, s.ctx, work[0].ID, []fulfillment.Parcel{boxOf(units(1, 1)...)}))(s)
	two := must(pack(s.Fulfillment, s.ctx, work[0].ID, []fulfillment.Parcel{boxOf(units(1, 1)...)}))(s)
	of := func(id fulfillment.ShipmentID) act {
		return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
			return do(k.Fulfillment, ctx, id, o...)
		}
	}
	return trial{run: of(one.ID), other: of(two.ID), again: again, stranger: fulfillment.ErrNotFound, order: o.ID}
}

// The stages of a return of two units.

func asked(s *shop, id order.ID) returns.Return {
	return must(s.Returns.Request(s.ctx, id, []returns.Wanted{{Line: 1, Qty: 2, Reason: returns.Unwanted}}, ""))(s)
}

func approved(s *shop, id order.ID) returns.Return {
	return must(s.Returns.Approve(s.ctx, asked(s, id).ID))(s)
}

func received(s *shop, id order.ID) returns.Return {
	return must(s.Returns.Receive(s.ctx, approved(s, id).ID, "ham", units(1, 2)))(s)
}

func inspected(s *shop, id order.ID) returns.Return {
	return must(s.Returns.Inspect(s.ctx, received(s, id).ID, []returns.Disposed{{Line: 1, Qty: 2, As: returns.Damage}}))(s)
}

func ofReturns(s *shop, stage func(*shop, order.ID) returns.Return, again error, do func(oms.Returns, context.Context, returns.ID, ...oms.CallOption) (returns.Return, error)) trial {
	o := s.shipped(4)
	one, two := stage(s, o.ID), stage(s, o.ID)
	of := func(id returns.ID) act {
		return func(ctx context.Context, k *oms.Engine, o ...oms.CallOption) (any, error) {
			return do(k.Returns, ctx, id, o...)
		}
	}
	return trial{run: of(one.ID), other: of(two.ID), again: again, stranger: returns.ErrNotFound, order: o.ID}
}
