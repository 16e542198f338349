package oms

import (
	"context"
	"fmt"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
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
//   - each order line obeys the laws of its counters, and they agree with its
//     reservations, fulfillment orders, shipments and returns;
//   - totals are the sums of their parts, and the money record is even;
//   - the event log ends at each order's version.
//
// It reads everything of the tenant: its cost grows with the number of orders and
// movements, its memory with the number of balances and open reservations.
func (e *Engine) Verify(ctx context.Context) ([]Difference, error) {
	return reading(ctx, e, func(ctx context.Context, tx storage.Tx) ([]Difference, error) {
		a := &audit{ctx: ctx, tx: tx}
		if err := a.stock(); err != nil {
			return nil, err
		}
		for o, err := range order.Pages(order.Filter{}, func(f order.Filter) ([]order.Order, error) { return tx.Orders().Page(ctx, f) }) {
			if err != nil {
				return nil, err
			}
			if err := a.order(&o); err != nil {
				return nil, err
			}
		}
		return a.found, nil
	})
}

type audit struct {
	ctx   context.Context
	tx    storage.Tx
	found []Difference
}

func (a *audit) check(law, subject string, want, have any) {
	if want != have {
		a.found = append(a.found, Difference{Law: law, Subject: subject, Want: fmt.Sprint(want), Have: fmt.Sprint(have)})
	}
}

// stock proves the ledger: balances against movements, held states against reservations.
func (a *audit) stock() error {
	sums := make(map[inventory.Key]*inventory.Balance)
	at := func(k inventory.Key) *inventory.Balance {
		b, ok := sums[k]
		if !ok {
			b = &inventory.Balance{Key: k}
			sums[k] = b
		}
		return b
	}
	for p, err := range a.tx.Stock().ListPostings(a.ctx, inventory.PostingFilter{}) {
		if err != nil {
			return err
		}
		for _, m := range p.Movements {
			for _, end := range []struct {
				at inventory.Account
				by int64
			}{{m.From, -m.Qty}, {m.To, m.Qty}} {
				if end.at.State.AtLocation() {
					b := at(inventory.Key{Item: m.Item, Lot: m.Lot, Location: end.at.Location})
					b.Set(end.at.State, b.Of(end.at.State)+end.by)
				}
			}
		}
	}
	held := make(map[inventory.Key]*inventory.Balance)
	for r, err := range a.tx.Stock().ListReservations(a.ctx, inventory.ReservationFilter{Open: true}) {
		if err != nil {
			return err
		}
		k := r.Balance()
		if held[k] == nil {
			held[k] = &inventory.Balance{Key: k}
		}
		for _, s := range heldStates {
			held[k].Set(s, held[k].Of(s)+r.Of(s))
		}
	}
	return a.balances(sums, held)
}

var heldStates = []inventory.State{inventory.Soft, inventory.Committed, inventory.Picked, inventory.Packed}

func (a *audit) balances(sums, held map[inventory.Key]*inventory.Balance) error {
	for b, err := range a.tx.Stock().ListBalances(a.ctx) {
		if err != nil {
			return err
		}
		subject := fmt.Sprintf("item %q lot %q at %q", b.Item, b.Lot, b.Location)
		want, reserved := &inventory.Balance{}, &inventory.Balance{}
		if sums[b.Key] != nil {
			want = sums[b.Key]
		}
		if held[b.Key] != nil {
			reserved = held[b.Key]
		}
		for _, s := range inventory.LocationStates() {
			a.check(s.String()+" is the sum of its movements", subject, want.Of(s), b.Of(s))
			if b.Of(s) < 0 {
				a.check(s.String()+" is never negative", subject, int64(0), b.Of(s))
			}
		}
		for _, s := range heldStates {
			a.check(s.String()+" is the sum of its reservations", subject, reserved.Of(s), b.Of(s))
		}
		delete(sums, b.Key)
		delete(held, b.Key)
	}
	for k, b := range sums {
		a.check("units that moved have a balance", fmt.Sprintf("item %q lot %q at %q", k.Item, k.Lot, k.Location), b.OnHand(), int64(0))
	}
	for k, b := range held {
		a.check("units that are reserved have a balance", fmt.Sprintf("item %q lot %q at %q", k.Item, k.Lot, k.Location), b.OnHand(), int64(0))
	}
	return nil
}

// order proves one order against every document that tells of it.
func (a *audit) order(o *order.Order) error {
	subject := "order " + o.Number
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
	told := tally(o, snap.Reservations, work, shipments, back)
	for i := range o.Lines {
		l := &o.Lines[i]
		on := fmt.Sprintf("%s line %d", subject, l.No)
		if err := l.Check(); err != nil {
			a.check("the law of line counters", on, nil, err.Error())
		}
		a.line(l, on, told[i])
	}
	a.refunds(o, subject, back)
	return a.lastEvent(o, subject)
}

// account is what the documents say of one line.
type account struct {
	reserved, picked, packed, shipped                   int64 // by reservations
	workShipped, parcelShipped, delivered               int64 // by fulfillment orders and shipments
	returnOpen, returned, restocked, writtenOff, refund int64 // by returns
}

func tally(o *order.Order, held []inventory.Reservation, work []fulfillment.Order, shipments []fulfillment.Shipment, back []returns.Return) []account {
	told := make([]account, len(o.Lines))
	for _, r := range held {
		t := &told[r.Line-1]
		t.reserved, t.picked, t.packed, t.shipped = t.reserved+r.Committed, t.picked+r.Picked, t.packed+r.Packed, t.shipped+r.Shipped
	}
	for i := range work {
		for _, l := range work[i].Lines {
			told[l.Line-1].workShipped += l.Shipped
		}
	}
	for i := range shipments {
		sh := &shipments[i]
		for _, u := range sh.Units() {
			t := &told[u.Line-1]
			if !sh.ShippedAt.IsZero() {
				t.parcelShipped += u.Qty
			}
			if !sh.DeliveredAt.IsZero() {
				t.delivered += u.Qty
			}
		}
	}
	for i := range back {
		for _, l := range back[i].Lines {
			t := &told[l.Line-1]
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

func (a *audit) line(l *order.Line, on string, t account) {
	if l.Stocked {
		a.check("reserved units have their reservations", on, t.reserved, l.Reserved)
		a.check("picked units have their reservations", on, t.picked, l.Picked)
		a.check("packed units have their reservations", on, t.packed, l.Packed)
		a.check("shipped units left the stock", on, t.shipped, l.Shipped)
		a.check("shipped units have a fulfillment order", on, t.workShipped, l.Shipped)
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
	for i := range o.Lines {
		l := &o.Lines[i]
		on := fmt.Sprintf("%s line %d", subject, l.No)
		a.check("net + tax = total", on, l.Net.MinorUnits()+l.Tax.MinorUnits(), l.Total.MinorUnits())
		for _, s := range l.Shares {
			given[s.Discount] += s.Amount.MinorUnits()
		}
	}
	for i := range o.Charges {
		c := &o.Charges[i]
		a.check("net + tax = total", fmt.Sprintf("%s charge %d", subject, i), c.Net.MinorUnits()+c.Tax.MinorUnits(), c.Total.MinorUnits())
		for _, s := range c.Shares {
			given[s.Discount] += s.Amount.MinorUnits()
		}
	}
	for i, d := range o.Discounts {
		a.check("the shares of a discount sum to it", fmt.Sprintf("%s discount %d", subject, i), given[i], d.Given.MinorUnits())
	}
	b := o.Books()
	a.check("captured − refunded + due = goods + charges + tax", subject,
		b.Goods.MinorUnits()+b.GoodsTax.MinorUnits()+b.Charges.MinorUnits()+b.ChargesTax.MinorUnits(),
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
