package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/count"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/inventory/transfer"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage/memory"
)

// warehouse is a program that embeds the library for what is in its shelves.
type warehouse struct {
	kit *oms.Engine
	now time.Time
	out io.Writer

	purchase purchasing.ID
	first    order.Order // who ordered first, and second
	second   order.Order
	chapter  int
}

func newWarehouse(out io.Writer) *warehouse {
	w := &warehouse{out: out}
	w.day(2)
	w.kit = oms.New(memory.New(), oms.WithCosting(), oms.WithClock(func() time.Time { return w.now }))
	return w
}

// day turns the clock to nine in the morning of a day in March.
func (w *warehouse) day(day int) { w.now = time.Date(2026, time.March, day, 9, 0, 0, 0, time.UTC) }

func (w *warehouse) heading(text string) {
	w.chapter++
	w.sayf("\n%2d %s · %s", w.chapter, w.now.Format("Mon Jan 2"), text)
}

func (w *warehouse) sayf(format string, args ...any) { _, _ = fmt.Fprintf(w.out, format+"\n", args...) }

// tell is the whole story. The steps are functions in this order.
func (w *warehouse) tell(ctx context.Context) error {
	w.sayf("oms warehouse: lamps, bought at 4.00 and 4.50, for two places")
	for _, step := range []func(context.Context) error{
		w.open, w.buy, w.sellAhead, w.hearOfDelay, w.receive, w.ship, w.payFreight, w.carry, w.count, w.lookBack, w.prove,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *warehouse) open(ctx context.Context) error {
	if err := w.kit.Stock.AddItem(ctx, inventory.Item{ID: "lamp", Backorder: true, Costing: inventory.CostFIFO}); err != nil {
		return err
	}
	for _, id := range []string{"ber", "ham"} {
		if err := w.kit.Stock.AddLocation(ctx, inventory.Location{ID: id}); err != nil {
			return err
		}
	}
	_, err := w.kit.Stock.Receive(ctx, inventory.Receipt{Item: "lamp", Location: "ber", Qty: 10, Ref: "po-16", UnitCost: amount("4.00")})
	return err
}

func amount(s string) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(s))
}

// buy orders more from a supplier: from then on they are expected.
func (w *warehouse) buy(ctx context.Context) error {
	w.heading("forty lamps are ordered")
	_, err := w.kit.Purchasing.PutSupplier(ctx, purchasing.Supplier{ID: "lux", Name: "Lux GmbH", LeadTime: 7 * 24 * time.Hour,
		Items: []purchasing.SupplierItem{{Item: "lamp", SKU: "LX-1", Price: decimal.RequireFromString("4.50"), Multiple: 10}}})
	if err != nil {
		return err
	}
	po, err := w.kit.Purchasing.Draft(ctx, purchasing.Draft{Number: "po-17", Supplier: "lux", Currency: "EUR", Lines: []purchasing.DraftLine{
		{Item: "lamp", Location: "ber", Qty: 40, UnitCost: decimal.RequireFromString("4.50")},
	}})
	if err != nil {
		return err
	}
	w.purchase = po.ID
	if po, err = w.kit.Purchasing.Issue(ctx, po.ID); err != nil {
		return err
	}
	w.sayf("   %s is %s: %s EUR, %d lamps expected on %s", po.Number, po.State, po.Totals().Total.StringFixed(2),
		po.Lines[0].Expected(), po.Lines[0].Due.Format("Jan 2"))
	return nil
}

// sellAhead sells more than there is: what is missing waits, with a promised day.
func (w *warehouse) sellAhead(ctx context.Context) error {
	w.day(3)
	w.heading("thirty are sold, and ten are there")
	var err error
	if w.first, err = w.sell(ctx, "A-1", 12); err != nil {
		return err
	}
	if w.second, err = w.sell(ctx, "A-2", 18); err != nil {
		return err
	}
	return w.queue(ctx)
}

func (w *warehouse) sell(ctx context.Context, number string, qty int64) (order.Order, error) {
	o, err := w.kit.Orders.Place(ctx, order.Draft{Number: number, Currency: order.MustCurrency("EUR"),
		Lines: []order.DraftLine{{Item: "lamp", Qty: qty, UnitPrice: decimal.RequireFromString("19.90")}}})
	if err != nil {
		return o, err
	}
	return w.kit.Orders.Confirm(ctx, o.ID)
}

// queue shows who waits, and what they were promised.
func (w *warehouse) queue(ctx context.Context) error {
	queue, err := w.kit.Stock.Backorders(ctx, "lamp")
	if err != nil {
		return err
	}
	for i, d := range queue {
		o, err := w.named(ctx, d.Order)
		if err != nil {
			return err
		}
		promise := "promised nothing"
		if when, all := d.Date(); all {
			promise = "promised for " + when.Format("Jan 2")
		}
		w.sayf("   %d. %s waits for %2d, %s", i+1, o.Number, d.Qty, promise)
	}
	return nil
}

func (w *warehouse) named(ctx context.Context, id string) (order.Order, error) {
	parsed, err := order.ParseID(id)
	if err != nil {
		return order.Order{}, err
	}
	return w.kit.Orders.Get(ctx, parsed)
}

// hearOfDelay moves the promises with the day of the supply.
func (w *warehouse) hearOfDelay(ctx context.Context) error {
	w.day(6)
	w.heading("the supplier is late, and everyone who waits can be told at once")
	_, err := w.kit.Purchasing.ChangeDue(ctx, w.purchase, []purchasing.LineDue{{Line: 1, Due: w.now.AddDate(0, 0, 7)}})
	if err != nil {
		return err
	}
	return w.queue(ctx)
}

// receive takes in what came: in its transaction those who wait first are served.
func (w *warehouse) receive(ctx context.Context) error {
	w.day(13)
	w.heading("a pallet arrives: 15 good lamps, one broken")
	po, err := w.kit.Purchasing.Receive(ctx, w.purchase, purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{
		{Line: 1, Accepted: 15, Rejected: 1, Reason: purchasing.RejectDamaged, Fate: purchasing.SentBack},
	}})
	if err != nil {
		return err
	}
	w.sayf("   %s is %s, %d still expected", po.Number, po.State, po.Lines[0].Expected())
	return w.queue(ctx)
}

// ship sends what the first order has now, and tells what those lamps did cost.
func (w *warehouse) ship(ctx context.Context) error {
	w.heading("A-1 leaves: the oldest lamps first")
	work, err := w.kit.Fulfillment.OfOrder(ctx, w.first.ID)
	if err != nil {
		return err
	}
	for _, fo := range work {
		if _, err := w.kit.Fulfillment.Ship(ctx, fo.ID, nil); err != nil {
			return err
		}
	}
	m, err := w.kit.Costs.Margin(ctx, w.first.ID)
	if err != nil {
		return err
	}
	w.sayf("   sold for %s, bought for %s EUR (10 at 4.00, 2 at 4.50): %s EUR earned", m.Revenue, m.Cost.StringFixed(2), m.Profit.StringFixed(2))
	return nil
}

// payFreight adds a bill that came later.
func (w *warehouse) payFreight(ctx context.Context) error {
	w.day(16)
	w.heading("the carrier sends a bill of 8.00 EUR for the pallet")
	_, err := w.kit.Purchasing.AddCost(ctx, w.purchase, purchasing.DraftCost{Kind: purchasing.Freight, Amount: decimal.RequireFromString("8.00"), Basis: purchasing.ByQuantity})
	if err != nil {
		return err
	}
	if _, err = w.kit.Purchasing.CloseShort(ctx, w.purchase, "the rest is discontinued"); err != nil {
		return err
	}
	var onStock, variance decimal.Decimal
	for e, err := range w.kit.Costs.Entries(ctx, oms.EntryFilter{Items: []string{"lamp"}, From: w.now}) {
		if err != nil {
			return err
		}
		onStock, variance = onStock.Add(e.Value), variance.Add(e.Variance)
	}
	v, err := w.kit.Costs.Value(ctx, "lamp", w.now)
	if err != nil {
		return err
	}
	w.sayf("   %s EUR of it fall on lamps in stock, %s EUR on those that are sold", onStock.StringFixed(2), variance.StringFixed(2))
	w.sayf("   %d lamps are worth %s EUR; no more of them will come", v.Qty, v.Value.StringFixed(2))
	return w.queue(ctx)
}

// carry moves what is free to the other place, with time on the road.
func (w *warehouse) carry(ctx context.Context) error {
	w.day(17)
	w.heading("eight turn up in the attic, and go to Hamburg; one gets lost on the way")
	if _, err := w.kit.Stock.Adjust(ctx, inventory.Adjustment{Item: "lamp", Location: "ber", Delta: 8, Reason: inventory.ReasonFound, Ref: "attic"}); err != nil {
		return err
	}
	t, err := w.kit.Transfers.Draft(ctx, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "lamp", Qty: 8}}})
	if err != nil {
		return err
	}
	if t, err = w.kit.Transfers.Ready(ctx, t.ID); err != nil {
		return err
	}
	if t, err = w.kit.Transfers.Ship(ctx, t.ID, transfer.Shipping{Ref: "truck 7"}); err != nil {
		return err
	}
	w.sayf("   %s: %d on the road, owned and in no place", t.State, t.Lines[0].Sum().InTransit)
	w.day(18)
	if t, err = w.kit.Transfers.Receive(ctx, t.ID, transfer.Receiving{Ref: "dn-2", Arrivals: []transfer.Arrival{{Line: 1, Qty: 7}}}); err != nil {
		return err
	}
	if t, err = w.kit.Transfers.Close(ctx, t.ID, "not on the truck"); err != nil {
		return err
	}
	w.sayf("   %s: %d received, %d lost", t.State, t.Lines[0].Sum().Received, t.Lines[0].Sum().Lost)
	waiting, err := w.kit.Stock.Backorders(ctx, "lamp")
	if err != nil {
		return err
	}
	work, err := w.kit.Fulfillment.OfOrder(ctx, w.second.ID)
	if err != nil {
		return err
	}
	w.sayf("   and with them A-2 is complete: %d wait, its work is in %s and %s", len(waiting), work[0].Location, work[1].Location)
	return nil
}

// count holds the shelf against the books.
func (w *warehouse) count(ctx context.Context) error {
	w.day(20)
	w.heading("Hamburg is counted, and the counter does not see what the books say")
	c, err := w.kit.Counts.Open(ctx, count.Plan{Blind: true, Places: []count.Place{{Item: "lamp", Location: "ham"}}})
	if err != nil {
		return err
	}
	if err := w.kit.Counts.Record(ctx, c.ID, []count.Tally{{Line: 1, Qty: 6}}, oms.By("ann")); err != nil {
		return err
	}
	if _, err := w.kit.Counts.Submit(ctx, c.ID); err != nil {
		return err
	}
	if c, err = w.kit.Counts.Post(ctx, c.ID, count.Correction{}); err != nil {
		return err
	}
	w.sayf("   ann counts 6, the books said 7: %d is posted", c.Lines[0].Posted)
	return nil
}

// lookBack asks what was there on other days.
func (w *warehouse) lookBack(ctx context.Context) error {
	w.heading("what was there, and what it was worth, at nine on")
	for _, day := range []int{2, 13, 17, 20} {
		at := time.Date(2026, time.March, day, 9, 0, 0, 0, time.UTC)
		rows, err := w.kit.Stock.At(ctx, "lamp", at)
		if err != nil {
			return err
		}
		var here, promised int64
		for i := range rows {
			here, promised = here+rows[i].OnHand(), promised+rows[i].Of(inventory.Committed)
		}
		v, err := w.kit.Costs.Value(ctx, "lamp", at)
		if err != nil {
			return err
		}
		w.sayf("   %s  %2d on hand, %2d of them promised, %d on the road; worth %6s EUR", at.Format("Jan _2"), here, promised, v.Qty-here, v.Value.StringFixed(2))
	}
	return nil
}

// prove recomputes everything that is stored twice.
func (w *warehouse) prove(ctx context.Context) error {
	found, err := w.kit.Verify(ctx)
	if err != nil {
		return err
	}
	w.sayf("\nthe books of units, promises and amounts: %d differences", len(found))
	for _, d := range found {
		w.sayf("   %s", d)
	}
	return nil
}
