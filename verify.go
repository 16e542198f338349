package oms

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// Difference is one place where the books do not agree with themselves.
type Difference struct {
	Law     string // the law that does not hold
	Subject string // the item, reservation, order or return that it concerns
	Want    string // what the logs and documents say
	Have    string // what is stored
}

// String is one line for a person.
func (d Difference) String() string {
	return fmt.Sprintf("%s: %s: want %s, have %s", d.Subject, d.Law, d.Want, d.Have)
}

// Verify recomputes everything that is stored twice, on one snapshot, and lists what
// differs; an empty list is the proof that the books balance:
//
//   - every balance is the sum of its movements, and never negative;
//   - soft, committed, picked and packed stock is the sum of the reservations;
//   - every checkpoint is the sum of the movements up to its moment;
//   - each order line obeys the laws of its counters, and they agree with its
//     reservations, fulfillment orders, shipments and returns, location by location;
//   - what an order holds is held by one that exists;
//   - totals are the sums of their parts, and the money record is even;
//   - the event log ends at each order's version;
//   - backordered units wait in the queue of their item, and only they do;
//   - supply is promised to those who wait, and no more of it than is expected;
//   - of each purchase order is expected what is left of its lines;
//   - what is ring-fenced is committed, for a channel that exists;
//   - every lot that came in since lots are recorded is, and none that never came;
//   - every unit with a serial number is where its last step took it, and the units that
//     are on hand, on the way or with customers are as many as the ledger has there;
//   - what is owned of a costed item is valued, and its value is the sum of its entries.
//
// It reads everything of the tenant: its cost grows with the number of orders and
// movements, its memory with the number of balances and open reservations.
func (e *Engine) Verify(ctx context.Context) ([]Difference, error) {
	return reading(ctx, e, func(ctx context.Context, tx storage.Tx) ([]Difference, error) {
		a := &audit{ctx: ctx, tx: tx, flow: e.cfg.orders, buys: e.cfg.buys, owners: make(map[string]bool)}
		for _, law := range a.laws() {
			if err := law(); err != nil {
				return nil, err
			}
		}
		return a.found, nil
	})
}

// laws are what Verify proves, in this order. What proves another kind of document is a
// method of audit in a file verify_<noun>.go, and has its line here.
func (a *audit) laws() []func() error {
	return []func() error{
		a.stock,
		a.queues,
		a.orders,
		a.orphans,
		a.checkpoints,
		a.idle,
		a.supply,
		a.transfers,
		a.counts,
		a.channels,
		a.costs,
		a.lots,
		a.serials,
	}
}

type audit struct {
	ctx    context.Context
	tx     storage.Tx
	flow   *order.Flow
	buys   *purchasing.Flow
	owners map[string]bool             // orders that hold units and have not been seen yet
	queued map[string]int64            // units that wait, by demand, of order lines that have not been seen yet
	given  map[string]int64            // units that were promised, by supply
	coming map[string]inventory.Supply // what is expected, by id
	found  []Difference
}

func (a *audit) check(law, subject string, want, have any) {
	if want != have {
		a.note(law, subject, want, have)
	}
}

func (a *audit) note(law, subject string, want, have any) {
	a.found = append(a.found, Difference{Law: law, Subject: subject, Want: fmt.Sprint(want), Have: fmt.Sprint(have)})
}

// orders proves each order.
func (a *audit) orders() error {
	for o, err := range order.Pages(order.Filter{}, func(f order.Filter) ([]order.Order, error) { return a.tx.Orders().Page(a.ctx, f) }) {
		if err != nil {
			return err
		}
		if err := a.order(&o); err != nil {
			return err
		}
	}
	return nil
}

// orphans notes the orders that hold units and were not there.
func (a *audit) orphans() error {
	for _, owner := range slices.Sorted(maps.Keys(a.owners)) {
		a.note("what an order holds is held by one that exists", owner, "an order", "none")
	}
	return nil
}

// order proves one order against every document that tells of it.
func (a *audit) order(o *order.Order) error {
	subject := "order " + o.Number
	delete(a.owners, owner(o.ID))
	a.backorders(o, subject)
	a.amounts(o, subject)
	snap, err := a.tx.Stock().Load(a.ctx, inventory.Need{Owner: owner(o.ID)})
	if err != nil {
		return err
	}
	work, err := a.tx.Fulfillments().OfOrder(a.ctx, o.ID)
	if err != nil {
		return err
	}
	shipments, err := a.tx.Fulfillments().ShipmentsOf(a.ctx, o.ID)
	if err != nil {
		return err
	}
	back, err := a.tx.Returns().OfOrder(a.ctx, o.ID)
	if err != nil {
		return err
	}
	told := a.tally(o, subject, snap.Reservations, work, shipments, back)
	for i := range o.Lines {
		l := &o.Lines[i]
		on := fmt.Sprintf("%s line %d", subject, l.No)
		if err := l.Check(); err != nil {
			a.note("the law of line counters", on, "counters that obey it", err)
		}
		a.line(l, on, told[i])
	}
	a.work(o, subject, snap.Reservations, work)
	a.refunds(o, subject, back)
	return a.lastEvent(o, subject)
}

// account is what the documents say of one line.
type account struct {
	reserved, picked, packed, shipped                   int64 // by reservations
	workShipped, boxed, parcelShipped, delivered        int64 // by fulfillment orders and shipments
	returnOpen, returned, restocked, writtenOff, refund int64 // by returns
}

func (a *audit) tally(o *order.Order, subject string, held []inventory.Reservation, work []fulfillment.Order, shipments []fulfillment.Shipment, back []returns.Return) []account {
	told := make([]account, len(o.Lines))
	of := func(line int, document string) *account {
		if _, ok := o.Line(line); !ok {
			a.note("documents name lines of their order", subject, fmt.Sprintf("1 to %d", len(o.Lines)), fmt.Sprintf("line %d in %s", line, document))
			return &account{}
		}
		return &told[line-1]
	}
	for _, r := range held {
		t := of(r.Line, "reservation "+r.String())
		t.reserved, t.picked, t.packed, t.shipped = t.reserved+r.Committed, t.picked+r.Picked, t.packed+r.Packed, t.shipped+r.Shipped
	}
	for i := range work {
		for _, l := range work[i].Lines {
			of(l.Line, "fulfillment order "+work[i].ID.String()).workShipped += l.Shipped
		}
	}
	for i := range shipments {
		sh := &shipments[i]
		for _, u := range sh.Units() {
			t := of(u.Line, "shipment "+sh.ID.String())
			switch {
			case !sh.ShippedAt.IsZero():
				t.parcelShipped += u.Qty
			case sh.State == fulfillment.ShipmentPacked:
				t.boxed += u.Qty
			}
			if !sh.DeliveredAt.IsZero() {
				t.delivered += u.Qty
			}
		}
	}
	for i := range back {
		for _, l := range back[i].Lines {
			t := of(l.Line, "return "+back[i].ID.String())
			if back[i].ClosedAt.IsZero() {
				t.returnOpen += l.Open()
			}
			t.returned += l.Received
			t.restocked += l.Restocked
			t.writtenOff += l.Damaged + l.Scrapped
			t.refund += l.RefundedUnits
		}
	}
	return told
}

// spot is the part of an order line that one location serves; load is where its units
// are there: on the shelf, picked or packed.
type (
	spot struct {
		line     int
		location string
	}
	load struct{ open, picked, packed int64 }
)

// String reads like the desk of a warehouse.
func (l load) String() string {
	return fmt.Sprintf("%d open, %d picked, %d packed", l.open, l.picked, l.packed)
}

// work proves that each location works on what is reserved there, and on nothing else.
// Before an order may be fulfilled, units are reserved that nobody works on yet.
func (a *audit) work(o *order.Order, subject string, held []inventory.Reservation, work []fulfillment.Order) {
	var spots []spot
	reserved, worked := make(map[spot]load), make(map[spot]load)
	add := func(to map[spot]load, at spot, open, picked, packed int64) {
		l := to[at]
		to[at] = load{l.open + open, l.picked + picked, l.packed + packed}
		spots = append(spots, at)
	}
	for _, r := range held {
		add(reserved, spot{r.Line, r.Location}, r.Committed, r.Picked, r.Packed)
	}
	for i := range work {
		for _, l := range work[i].Lines {
			add(worked, spot{l.Line, work[i].Location}, l.Open(), l.Picked, l.Packed)
		}
	}
	slices.SortFunc(spots, func(a, b spot) int { return cmp.Or(a.line-b.line, strings.Compare(a.location, b.location)) })
	for _, at := range slices.Compact(spots) {
		want, have := reserved[at], worked[at]
		if !a.flow.Can(o.State, order.Fulfillable) && have.open < want.open {
			have.open = want.open
		}
		a.check("a location works on what is reserved there", fmt.Sprintf("%s line %d at %q", subject, at.line, at.location), want, have)
	}
}

func (a *audit) line(l *order.Line, on string, t account) {
	if l.Stocked {
		a.check("reserved units have their reservations", on, t.reserved, l.Reserved)
		a.check("picked units have their reservations", on, t.picked, l.Picked)
		a.check("packed units have their reservations", on, t.packed, l.Packed)
		a.check("shipped units left the stock", on, t.shipped, l.Shipped)
		a.check("shipped units have a fulfillment order", on, t.workShipped, l.Shipped)
		a.check("packed units are in a parcel", on, t.boxed, l.Packed)
		a.check("shipped units are in a parcel", on, t.parcelShipped, l.Shipped)
		a.check("delivered units are in a delivered parcel", on, t.delivered, l.Delivered)
	}
	a.check("units on their way back have a return", on, t.returnOpen, l.ReturnOpen)
	a.check("returned units have a return", on, t.returned, l.Returned)
	a.check("restocked units have a return", on, t.restocked, l.Restocked)
	a.check("written-off units have a return", on, t.writtenOff, l.WrittenOff)
	a.check("refunded units have a return", on, t.refund, l.RefundedUnits)
}

// amounts proves the sums of an order.
func (a *audit) amounts(o *order.Order, subject string) {
	given := make([]int64, len(o.Discounts))
	take := func(on string, shares []order.Share) {
		for _, s := range shares {
			if s.Discount < 0 || s.Discount >= len(given) {
				a.note("shares are of a discount of the order", on, fmt.Sprintf("0 to %d", len(given)-1), s.Discount)
				continue
			}
			given[s.Discount] += s.Amount.MinorUnits()
		}
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		on := fmt.Sprintf("%s line %d", subject, l.No)
		a.check("net + tax = total", on, l.Net.MinorUnits()+l.Tax.MinorUnits(), l.Total.MinorUnits())
		take(on, l.Shares)
	}
	for _, k := range o.Kits() {
		want, _ := order.RoundTo(k.UnitPrice.Mul(decimal.NewFromInt(k.Ordered)), o.Currency, o.Rules.Rounding)
		a.check("the components of a kit cost what the kit costs", fmt.Sprintf("%s kit at line %d", subject, k.Line), want, k.Amount)
	}
	for i := range o.Charges {
		c := &o.Charges[i]
		on := fmt.Sprintf("%s charge %d", subject, i)
		a.check("net + tax = total", on, c.Net.MinorUnits()+c.Tax.MinorUnits(), c.Total.MinorUnits())
		take(on, c.Shares)
	}
	for i, d := range o.Discounts {
		a.check("the shares of a discount sum to it", fmt.Sprintf("%s discount %d", subject, i), given[i], d.Given.MinorUnits())
	}
	b := o.Books()
	a.check("captured − refunded + due = goods + charges + tax − allowances", subject,
		b.Goods.MinorUnits()+b.GoodsTax.MinorUnits()+b.Charges.MinorUnits()+b.ChargesTax.MinorUnits()-b.Allowed.MinorUnits(),
		b.Captured.MinorUnits()-b.Refunded.MinorUnits()+b.Due.MinorUnits())
	if b.Refunded.MinorUnits()+b.Returning.MinorUnits() > b.Captured.MinorUnits() {
		a.check("refunded ≤ captured", subject, b.Captured, b.Refunded)
	}
}

// refunds proves that each return was paid what its refund operations say.
func (a *audit) refunds(o *order.Order, subject string, back []returns.Return) {
	for i := range back {
		r := &back[i]
		paid := order.Zero(o.Currency)
		for _, op := range o.Payments {
			if op.Kind == order.Refund && op.Return == r.ID.String() && op.Status != order.Failed {
				paid, _ = paid.Add(op.Amount) // capped by what was captured
			}
		}
		if failed := a.failedRefunds(o, r); failed {
			continue // what the return says was meant to be paid did not arrive
		}
		a.check("a return was paid what its refunds say", fmt.Sprintf("%s return %s", subject, r.ID), paid, r.Refunded)
	}
}

func (a *audit) failedRefunds(o *order.Order, r *returns.Return) bool {
	for _, op := range o.Payments {
		if op.Kind == order.Refund && op.Return == r.ID.String() && op.Status == order.Failed {
			return true
		}
	}
	return false
}

func (a *audit) lastEvent(o *order.Order, subject string) error {
	var last int64
	for ev, err := range a.tx.Events().Of(a.ctx, orderAggregate(o.ID)) {
		if err != nil {
			return err
		}
		if ev.Version < last || ev.Version > last+1 {
			a.check("events follow the versions without a gap", subject, last+1, ev.Version)
		}
		last = ev.Version
	}
	a.check("the last event tells of the last version", subject, last, o.Version)
	return nil
}
