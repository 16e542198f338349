package peercases_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

func withFlow(f *order.Flow) oms.Option { return oms.WithOrderFlow(f) }

// assigning plans what a case says was allocated where.
func assigning(at map[string]int64) oms.Option {
	return oms.WithStrategy(allocation.Func(func(_ context.Context, r allocation.Request) (allocation.Plan, error) {
		var p allocation.Plan
		for _, x := range r.Candidates {
			if q := at[x.Location]; q > 0 {
				p.Assignments = append(p.Assignments, allocation.Assignment{Line: r.Demands[0].Line, Item: r.Demands[0].Item, Location: x.Location, Qty: q})
			}
		}
		return p, nil
	}))
}

// asked is an approved return of units that are not received.
func (s *shop) asked(o order.Order, line int, units int64) returns.Return {
	s.t.Helper()
	r, err := s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: line, Qty: units, Reason: returns.Unwanted}}, "")
	s.do(err)
	r, err = s.Returns.Approve(s.ctx, r.ID)
	s.do(err)
	return r
}

// refunded pays units of a return back.
func (s *shop) refunded(r returns.Return, units int64) {
	s.t.Helper()
	_, err := s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: []order.LineQty{{Line: 1, Qty: units}}})
	s.do(err)
}

func stockOp(c *peerCase) facts {
	g := given[struct {
		OnHand    int64 `json:"on_hand"`
		Allocated int64
	}](c)
	w := when[struct {
		Op       string
		Qty      int64
		Allocate bool
	}](c)
	s := one(c, g.OnHand)
	o := s.allocated(g.Allocated)
	var more order.Order
	var err error
	switch w.Op {
	case "allocate":
		more, err = s.promise(want("V", w.Qty))
	case "deallocate":
		err = s.cancelUnits(o, 1, w.Qty)
	case "increase":
		s.receive("V", "L", w.Qty)
		if w.Allocate {
			more, err = s.promise(want("V", w.Qty))
		}
	case "decrease":
		err = s.adjust(-w.Qty)
	case "ship_allocated":
		err = s.ship(o, "L", 1, w.Qty)
	default:
		c.unknown("op", w.Op)
	}
	return facts{"ok": err == nil, "error": err, "on_hand": s.onHand("V", ""), "allocated": s.promised(o, more)}
}

// stockReserve: reservations are soft holds, of which a second one replaces the first; where they may
// exceed the stock they are orders that wait.
func stockReserve(c *peerCase) facts {
	type level struct{ Stocked, Reserved int64 }
	g := given[struct {
		OnHand         int64 `json:"on_hand"`
		Reserved       int64
		Reservation    int64
		Reservations   map[string][]int64
		AllowBackorder bool   `json:"allow_backorder"`
		Create         *level `json:"create_level"`
	}](c)
	w := when[struct {
		Op           string
		Reserve      *int64
		Change       *int64 `json:"change_reservation_to"`
		DeleteByLine string `json:"delete_by_line"`
		Adjust       *int64
		Confirm      *int64
		Backorder    bool `json:"allow_backorder"`
	}](c)
	if g.Create != nil {
		s := one(c, g.Create.Stocked)
		return facts{"ok": true, "reserved": s.state("V", "L", inventory.Soft) + s.state("V", "L", inventory.Committed), "on_hand": s.onHand("V", "L")}
	}
	s := one(c, g.OnHand)
	lines := g.Reservations
	if lines == nil {
		lines = map[string][]int64{"mine": {g.Reservation}, "others": {g.Reserved - g.Reservation}}
	}
	r := reserver(&carts{shop: s})
	if g.AllowBackorder || w.Backorder {
		r = &queue{shop: s, orders: map[string]order.Order{}}
	}
	for _, owner := range slices.Sorted(maps.Keys(lines)) {
		if q := sum(lines[owner]); q > 0 {
			s.do(r.set(owner, q))
		}
	}
	require.Equal(c.t, g.Reserved, r.reserved())
	var err error
	can := false
	switch {
	case w.Reserve != nil:
		err = r.set("new", *w.Reserve)
	case w.Change != nil:
		err = r.set("mine", *w.Change)
	case w.DeleteByLine != "":
		err = r.drop(w.DeleteByLine)
	case w.Adjust != nil:
		err = s.adjust(*w.Adjust)
	case w.Confirm != nil:
		can = r.can(*w.Confirm)
	default:
		c.unknown("op", w.Op)
	}
	return facts{"ok": err == nil, "error": err, "can": can, "on_hand": s.onHand("V", "L"), "reserved": r.reserved()}
}

// reserver keeps the reservations of a case, by who they are for.
type reserver interface {
	set(owner string, units int64) error
	drop(owner string) error
	can(units int64) bool
	reserved() int64
}

// carts are reservations of what is there.
type carts struct{ *shop }

func (r *carts) set(owner string, units int64) error {
	_, err := r.Stock.Reserve(r.ctx, []inventory.Hold{{Owner: owner, Item: "V", Location: "L", Qty: units, Until: r.now.Add(inventory.MaxHold)}})
	return err
}

func (r *carts) drop(owner string) error {
	_, err := r.Stock.Release(r.ctx, owner)
	return err
}

func (r *carts) can(units int64) bool { return r.sells(want("V", units)) }
func (r *carts) reserved() int64      { return r.state("V", "L", inventory.Soft) }

// queue are reservations that may exceed what is there: orders that wait.
type queue struct {
	*shop
	orders map[string]order.Order
}

func (r *queue) set(owner string, units int64) error {
	if r.orders[owner].Number != "" {
		if err := r.drop(owner); err != nil {
			return err
		}
	}
	o, err := r.promise(waits("V", units))
	if err == nil {
		r.orders[owner] = o
	}
	return err
}

func (r *queue) drop(owner string) error {
	_, err := r.Orders.Cancel(r.ctx, r.orders[owner].ID, order.CancelCustomer)
	return err
}

func (r *queue) can(units int64) bool { return r.sells(waits("V", units)) }
func (r *queue) reserved() int64      { return r.promised(slices.Collect(maps.Values(r.orders))...) }

// stockSet: a number is set from what it is believed to be. A number below zero is demand that waits.
func stockSet(c *peerCase) facts {
	g := given[struct {
		OnHand    int64 `json:"on_hand"`
		Threshold int64
	}](c)
	w := when[struct {
		Set int64 `json:"set_on_hand"`
	}](c)
	if w.Set < 0 && w.Set >= g.Threshold {
		c.differs(negativeStock, "ok", "error", "on_hand")
	}
	s := one(c, max(0, g.OnHand))
	s.allocated(max(0, -g.OnHand))
	before := len(s.postings("V"))
	_, err := s.Stock.Set(s.ctx, inventory.SetTo{Item: "V", Location: "L", Expect: max(0, g.OnHand), Qty: w.Set, Reason: inventory.ReasonCount})
	added := len(s.postings("V")) - before
	if added > 0 && g.OnHand < 0 {
		added = 1 // what waited is served from it, in postings of its own
	}
	return facts{"ok": err == nil, "error": err, "on_hand": s.onHand("V", "L"), "movements_added": added}
}

// reserving makes orders for the negative rows of a reservation table and cancels units for the positive.
func (s *shop) reserving(rows []dec) []order.Order {
	s.t.Helper()
	var orders []order.Order
	for _, r := range rows {
		if r.IsNegative() { // what is beyond the stock waits
			orders = append(orders, s.allocated(s.units(r.Neg())))
			continue
		}
		left := s.units(r)
		for _, o := range orders {
			if q := min(left, s.promised(o)); q > 0 {
				s.do(s.cancelUnits(o, 1, q))
				left -= q
			}
		}
		require.Zero(s.t, left, "a row that gives back what was not reserved")
	}
	return orders
}

func reservationCanSell(c *peerCase) facts {
	g := given[struct {
		Physical     dec
		Reservations []dec
	}](c)
	w := when[struct{ Qty dec }](c)
	s := open(c)
	s.scale = places(append(g.Reservations, g.Physical, w.Qty)...)
	s.item(inventory.Item{ID: "V"})
	s.location("L")
	s.receive("V", "L", s.units(g.Physical))
	s.reserving(g.Reservations)
	return facts{"salable": s.sells(want("V", s.units(w.Qty)))}
}

func reservationSum(c *peerCase) facts {
	g := given[struct {
		Physical     dec
		Reservations []dec
	}](c)
	_ = when[struct{ SKU, Pool string }](c)
	s := open(c)
	s.scale = places(append(g.Reservations, g.Physical)...)
	s.item(inventory.Item{ID: "V"})
	s.location("L")
	s.receive("V", "L", s.units(g.Physical))
	orders := s.reserving(g.Reservations)
	require.Equal(c.t, s.units(g.Physical), s.onHand("V", "L"), "physical stock is untouched")
	return facts{"salable": s.qty(s.sellable("V", "L") - s.waiting("V")), "reserved": s.qty(-s.promised(orders...))}
}

// reservationConsistency: an order and its reservation move in one transaction. Where the rows of a case
// do not fit the order, another program must have written them, and Verify finds the difference.
func reservationConsistency(c *peerCase) facts {
	g := given[struct {
		Order struct {
			State                       string
			Ordered, Shipped, Cancelled int64
			Refunded                    int64 `json:"refunded_unshipped"`
		}
		Reservations []int64
	}](c)
	_ = when[struct{ Check string }](c)
	s := one(c, 2*g.Order.Ordered)
	o, err := s.promise(want("V", g.Order.Ordered))
	s.do(err)
	if g.Order.Shipped > 0 {
		s.do(s.ship(o, "L", 1, g.Order.Shipped))
	}
	if gone := g.Order.Cancelled + g.Order.Refunded; gone > 0 {
		s.do(s.cancelUnits(o, 1, gone))
	}
	if s.promised(o) > 0 && slices.Contains([]string{"complete", "closed", "canceled", "cancelled"}, g.Order.State) {
		s.do(s.cancelUnits(o, 1, s.promised(o))) // a final order is owed nothing
	}
	if sum(g.Reservations) > 0 {
		c.differs(givesTwice, "inconsistency")
	}
	s.tamper(o, max(0, -sum(g.Reservations))-s.promised(o))
	found, err := s.Verify(s.ctx)
	s.do(err)
	var inconsistency int64
	for _, d := range found {
		if strings.Contains(d.Subject, "line 1") && strings.HasPrefix(d.Law, "reserved units") {
			want, err := strconv.ParseInt(d.Want, 10, 64)
			s.do(err)
			have, err := strconv.ParseInt(d.Have, 10, 64)
			s.do(err)
			inconsistency = have - want
		}
	}
	return facts{"inconsistency": inconsistency}
}

// tamper changes an order's reservation behind the Engine's back.
func (s *shop) tamper(o order.Order, by int64) {
	s.t.Helper()
	if by == 0 {
		return
	}
	s.tampered = true
	owner := "order/" + o.ID.String()
	s.do(s.store.Update(s.ctx, "", func(ctx context.Context, tx storage.Tx) error {
		snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{"V"}, Locations: []string{"L"}, Owner: owner, Now: s.now})
		if err != nil {
			return err
		}
		meta := inventory.Meta{ID: uuid.New(), Now: s.now}
		key := inventory.ReservationKey{Owner: owner, Line: 1, Item: "V", Location: "L"}
		var changes inventory.Changes
		if by > 0 {
			changes, err = inventory.Reserve(snap, []inventory.Hold{{Owner: owner, Line: 1, Item: "V", Location: "L", Qty: by}}, "", meta)
		} else {
			changes, err = inventory.Progress(snap, []inventory.Step{{Key: key, From: inventory.Committed, To: inventory.Free, Qty: -by}}, "", meta)
		}
		if err != nil {
			return err
		}
		return tx.Stock().Apply(ctx, changes)
	}))
}

func reservationExpiry(c *peerCase) facts {
	g := given[struct {
		Minutes int `json:"ttl_minutes"`
		Created time.Time
	}](c)
	w := when[struct{ At []time.Time }](c)
	s := one(c, 1)
	s.now = g.Created
	_, err := s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "cart", Item: "V", Location: "L", Qty: 1, Until: g.Created.Add(time.Duration(g.Minutes) * time.Minute)}})
	s.do(err)
	active := []bool{}
	for _, at := range w.At {
		s.now = at
		active = append(active, s.sellable("V", "L") == 0)
	}
	return facts{"active": active}
}

// reservationIdempotent: a credit memo for goods that have not left cancels them; the same command again
// finds its key, and changes nothing.
func reservationIdempotent(c *peerCase) facts {
	g := given[struct {
		Order struct {
			SKU                        string
			Ordered, Invoiced, Shipped int64
		}
		Reservations []int64
	}](c)
	w := when[struct{ Ops []string }](c)
	s := one(c, g.Order.Ordered)
	o, err := s.promise(want("V", g.Order.Ordered))
	s.do(err)
	rows := 1 // each line of the peer's table is a posting that changes what is committed
	committed := s.state("V", "L", inventory.Committed)
	look := func() {
		if now := s.state("V", "L", inventory.Committed); now != committed {
			rows, committed = rows+1, now
		}
	}
	if g.Order.Shipped > 0 {
		s.do(s.ship(o, "L", 1, g.Order.Shipped))
		look()
	}
	require.Equal(c.t, sum(g.Reservations), -committed)
	require.Len(c.t, g.Reservations, rows)
	var rowsAfter, sums []int64
	for _, op := range w.Ops {
		if op != "credit_memo_full" && op != "save_same_credit_memo_again" {
			c.unknown("op", op)
		}
		if open := g.Order.Ordered - g.Order.Shipped; open > 0 {
			_, err := s.Orders.CancelUnits(s.ctx, o.ID, []order.LineQty{{Line: 1, Qty: open}}, order.CancelCustomer, oms.Key("credit memo 1"))
			s.do(err)
		}
		look()
		rowsAfter = append(rowsAfter, int64(rows))
		sums = append(sums, -committed)
	}
	return facts{"rows_after": rowsAfter, "sum_after": sums}
}

func reservationValidate(c *peerCase) facts {
	type hold struct {
		Level string
		Line  string
		Qty   *int64
	}
	g := given[struct{ Existing *hold }](c)
	w := when[struct{ New hold }](c)
	s := one(c, 10)
	reserve := func(h hold) error {
		location, _, _ := strings.Cut(h.Level, "/")
		if location != "" {
			s.location(location)
			s.receive("V", location, 10)
		}
		qty := int64(1)
		if h.Qty != nil {
			qty = *h.Qty
		}
		_, err := s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: h.Line, Item: "V", Location: location, Qty: qty, Until: s.now.Add(time.Hour)}})
		return err
	}
	if g.Existing != nil {
		s.do(reserve(*g.Existing))
		if g.Existing.Level == w.New.Level && g.Existing.Line == w.New.Line {
			c.differs(refusesTwoHolds, "valid", "error")
		}
	}
	err := reserve(w.New)
	return facts{"valid": err == nil, "error": err}
}

// step is one command of a sequence.
type step struct {
	Op       string
	Location string
	SKU      string
	Qty      int64
}

// account is what a sequence has under way of an item at a location.
type account struct {
	orders   []order.Order
	shipment fulfillment.Shipment
}

// undoFulfillment is spelled as in the cases.
const undoFulfillment = "cancel_fulfilment" //nolint:misspell // the case's word

// run gives a command. A peer's fulfillment is a packed shipment: until it is handed over it can be
// undone, and then its lines are either cancelled too, or still owed.
func (s *shop) run(a *account, x step) error {
	s.t.Helper()
	last := func() order.Order { return a.orders[len(a.orders)-1] }
	switch x.Op {
	case "allocate":
		s.only = []string{x.Location}
		o, err := s.promise(want(x.SKU, x.Qty))
		a.orders = append(a.orders, o)
		return err
	case "release":
		return s.cancelUnits(last(), 1, x.Qty)
	case "ship":
		fo, err := s.work(last(), x.Location, 1)
		if err != nil {
			return err
		}
		a.shipment, err = s.Fulfillment.Pack(s.ctx, fo.ID, parcel(1, x.Qty))
		return err
	case undoFulfillment, "cancel_shipped":
		if _, err := s.Fulfillment.Void(s.ctx, a.shipment.ID); err != nil || x.Op == undoFulfillment {
			return err
		}
		return s.cancelUnits(last(), 1, x.Qty)
	}
	return fmt.Errorf("unknown op %q", x.Op)
}

// shelf is what is on the shelf, free or promised; packed is what has left it.
func (s *shop) shelf(item, location string) (onHand, allocated, packed int64) {
	allocated = s.state(item, location, inventory.Committed)
	return s.state(item, location, inventory.Free) + allocated, allocated, s.state(item, location, inventory.Packed)
}

func ledgerOfOne(c *peerCase) facts {
	g := given[struct {
		Stock   []row
		Tracked bool
	}](c)
	w := when[struct{ Ops []step }](c)
	require.Len(c.t, g.Stock, 1)
	r := g.Stock[0]
	s := open(c)
	if !g.Tracked { // an untracked item keeps no stock: whatever happens, no number moves
		s.item(inventory.Item{ID: r.SKU, Untracked: true})
		_, err := s.promise(want(r.SKU, 1))
		s.do(err)
		require.Empty(c.t, s.postings(r.SKU))
		var after []facts
		for i := range w.Ops {
			after = append(after, facts{"op": i, "on_hand": s.units(r.OnHand), "allocated": 0})
		}
		return facts{"movements": []any{}, "after": after}
	}
	s.fill(g.Stock, nil)
	journal := [][]any{{"ADJUSTMENT", s.units(r.OnHand)}}
	after := []facts{}
	a := &account{}
	for i, x := range w.Ops {
		x.Location, x.SKU = r.Location, r.SKU
		wasOn, wasAllocated, wasPacked := s.shelf(r.SKU, r.Location)
		s.do(s.run(a, x))
		on, allocated, packed := s.shelf(r.SKU, r.Location)
		journal = append(journal, entries(on-wasOn, allocated-wasAllocated, packed-wasPacked)...)
		after = append(after, facts{"op": i, "on_hand": on, "allocated": allocated})
	}
	return facts{"movements": journal, "after": after}
}

// entries writes a change of the balances in the words of the peer's journal.
func entries(onHand, allocated, packed int64) [][]any {
	switch {
	case packed > 0:
		return [][]any{{"SALE", -packed}}
	case packed < 0 && allocated > 0:
		return [][]any{{"CANCELLATION", -packed}, {"ALLOCATION", allocated}}
	case packed < 0:
		return [][]any{{"CANCELLATION", onHand}}
	case allocated > 0:
		return [][]any{{"ALLOCATION", allocated}}
	}
	return [][]any{{"RELEASE", -allocated}}
}
