package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/orderkit/oms/examples/replay/retail"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// flows is what a month, or the whole ledger, comes to. Money is in pence and signed:
// what is given back is below zero.
type flows struct {
	orders int64 // of sale invoices
	units  int64 // of goods sold on them

	gross, returns, adjust int64 // by kind of invoice, as the ledger tells them apart
}

// String tells it in a line.
func (f flows) String() string {
	return fmt.Sprintf("%s orders, %s units, gross %s, returns %s, adjust %s",
		comma(f.orders), comma(f.units), pounds(f.gross), pounds(f.returns), pounds(f.adjust))
}

func (f flows) net() int64 { return f.gross + f.returns + f.adjust }

// pay adds money to the flow that an invoice belongs to.
func (f *flows) pay(invoice string, pence int64) {
	switch retail.KindOf(invoice) {
	case retail.Cancellation:
		f.returns += pence
	case retail.Adjustment:
		f.adjust += pence
	case retail.Sale:
		f.gross += pence
	}
}

// sold counts an order and the goods on it.
func (f *flows) sold(invoice string, units int64) {
	if retail.KindOf(invoice) == retail.Sale {
		f.orders++
		f.units += units
	}
}

// books are flows by month, units in stock by item, and a count of documents.
type books struct {
	months map[string]*flows
	stock  map[string]int64

	orders, unshipped             int64 // all of them, and those that wait for their evening
	cancellations, returns, blind int64
}

func newBooks() *books { return &books{months: make(map[string]*flows), stock: make(map[string]int64)} }

// monthOf names the month of a time.
func monthOf(t time.Time) string { return t.Format("2006-01") }

func (b *books) month(name string) *flows {
	if b.months[name] == nil {
		b.months[name] = new(flows)
	}
	return b.months[name]
}

func (b *books) names() []string { return slices.Sorted(maps.Keys(b.months)) }

func (b *books) total() flows {
	var sum flows
	for _, f := range b.months {
		sum.orders += f.orders
		sum.units += f.units
		sum.gross += f.gross
		sum.returns += f.returns
		sum.adjust += f.adjust
	}
	return sum
}

// stored reads the books from what the engine keeps: orders, their cancellations, and
// returns. Nothing of it comes from the ledger.
func (s *shop) stored(ctx context.Context) (*books, error) {
	b := newBooks()
	for o, err := range s.kit.Orders.All(ctx, order.Filter{}) {
		if err != nil {
			return nil, err
		}
		b.addOrder(&o)
	}
	for filter := (returns.Filter{}); ; {
		page, err := s.kit.Returns.Page(ctx, filter)
		if err != nil {
			return nil, err
		}
		for i := range page {
			b.addReturn(&page[i])
		}
		if len(page) < returns.MaxPage {
			break
		}
		filter.After = page[len(page)-1].ID
	}
	return b, s.count(ctx, b.stock)
}

func (b *books) addOrder(o *order.Order) {
	var units int64
	open := false
	for i := range o.Lines {
		if l := &o.Lines[i]; l.Stocked {
			units += l.Ordered
			open = open || l.Open() > 0
		}
	}
	m := b.month(monthOf(o.PlacedAt))
	m.sold(o.Number, units)
	m.pay(o.Number, o.Totals().Total.MinorUnits())
	b.orders++
	if open {
		b.unshipped++
	}
	for _, op := range o.Payments {
		if op.Kind == order.Refund && op.Return == "" { // the refund of a return is on the return
			b.month(monthOf(op.At)).pay(op.Reference, -op.Amount.MinorUnits())
			b.cancellations++
		}
	}
}

func (b *books) addReturn(r *returns.Return) {
	b.month(monthOf(r.CreatedAt)).pay(r.Ref, -r.Refunded.MinorUnits())
	b.returns++
	if r.Blind() {
		b.blind++
	}
}

// count reads from the ledger how many units of each item the warehouse has and has not
// promised: an order that still waits for its evening is sold.
func (s *shop) count(ctx context.Context, stock map[string]int64) error {
	for _, item := range s.year.Items {
		if !item.Stocked {
			continue
		}
		rows, err := s.kit.Stock.Balances(ctx, item.ID)
		if err != nil {
			return err
		}
		for i := range rows {
			stock[item.ID] += rows[i].OnHand() - rows[i].Of(inventory.Committed)
		}
	}
	return nil
}

// planned are the books as the plan of the ledger has them, for the steps that were
// replayed.
func (s *shop) planned() *books {
	b := newBooks()
	for _, level := range s.year.Stock(retail.Physical) {
		b.stock[level.Item.ID] = level.Opening
	}
	for i := range s.year.Steps {
		if s.there[i] {
			b.addStep(&s.year.Steps[i])
		}
	}
	return b
}

func (b *books) addStep(step *retail.Step) {
	m := b.month(monthOf(step.At))
	var units int64
	lines := len(step.Sale)
	move := func(l retail.Line, by int64) {
		if l.Item.Stocked {
			b.stock[l.Item.ID] += by
		}
	}
	for _, l := range step.Sale {
		move(l, -l.Qty)
		m.pay(step.Invoice, pence(l.Amount()))
		if l.Item.Stocked {
			units += l.Qty
		}
	}
	for _, r := range step.Returns {
		move(r.Line, r.Qty)
		m.pay(step.Invoice, -pence(r.Amount()))
	}
	for _, l := range step.Corrections {
		move(l, retail.Physical.Change(l.Qty))
	}
	for _, l := range step.Adjustments {
		m.pay(step.Invoice, pence(l.Amount()))
		if l.Amount() >= 0 {
			lines++
		}
	}
	if lines > 0 {
		m.sold(step.Invoice, units)
	}
}

// complete tells that the whole ledger was replayed.
func (s *shop) complete() bool { return !slices.Contains(s.there, false) }

// fromRows is what the rows of the whole ledger come to. It shares nothing with the
// plan, so it proves that too. It knows no orders.
func (s *shop) fromRows() flows {
	t := s.year.Reference.Total
	return flows{gross: pence(t.Sale.Rounded), returns: pence(t.Cancellation.Rounded), adjust: pence(t.Adjustment.Rounded)}
}

// stockFromRows is what each item comes to by the rows of the whole ledger.
func (s *shop) stockFromRows() map[string]int64 {
	stock := make(map[string]int64)
	for _, level := range s.year.Stock(retail.Physical) {
		u := s.year.Reference.Units[level.Item.ID]
		stock[level.Item.ID] = level.Opening - u.Sold + u.Cancelled - u.WrittenOff + u.Found
	}
	return stock
}
