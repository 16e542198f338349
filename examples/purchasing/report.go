package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory/purchasing"
)

// report shows what the engine stored and holds it against the files.
type report struct {
	out    io.Writer
	files  *files
	works  *works
	failed int
	checks int
}

func (r *report) printf(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format, args...) }

func (r *report) run(ctx context.Context) error {
	if err := r.works.found(ctx); err != nil {
		return err
	}
	lines := 0
	for _, p := range r.files.orders {
		lines += len(p.lines)
		if err := r.works.buy(ctx, p); err != nil {
			return err
		}
	}
	r.printf("AdventureWorks: %d products, %d suppliers, %d shelves with stock; %s purchase orders of %s lines received\n\n",
		len(r.files.items), len(r.files.suppliers), len(r.files.opening), comma(int64(len(r.files.orders))), comma(int64(lines)))
	if err := r.end(ctx); err != nil {
		return err
	}
	stored, err := r.stored(ctx)
	if err != nil {
		return err
	}
	r.table(stored)
	r.orders(stored)
	if err := r.stock(ctx); err != nil {
		return err
	}
	found, err := r.works.kit.Verify(ctx)
	if err != nil {
		return err
	}
	r.checkf("verify", len(found) == 0, "%d differences between logs, balances, supply and purchase orders", len(found))
	for _, d := range found[:min(len(found), 5)] {
		r.printf("    %s\n", d)
	}
	if r.failed > 0 {
		return fmt.Errorf("%d of %d checks failed", r.failed, r.checks)
	}
	return nil
}

// end ends the orders that have ended.
func (r *report) end(ctx context.Context) error {
	stored, err := r.stored(ctx)
	if err != nil {
		return err
	}
	for _, p := range r.files.orders {
		o := stored[p.id]
		if o == nil {
			continue // which a check will tell
		}
		if err := r.works.end(ctx, p, o); err != nil {
			return fmt.Errorf("purchase order %s: %w", p.id, err)
		}
	}
	return nil
}

func (r *report) stored(ctx context.Context) (map[string]*purchasing.Order, error) {
	stored := make(map[string]*purchasing.Order, len(r.files.orders))
	for o, err := range r.works.orders(ctx) {
		if err != nil {
			return nil, err
		}
		stored[o.Number] = o
	}
	return stored, nil
}

// sums is what some purchase orders come to.
type sums struct {
	orders, lines                                       int64
	ordered, received, rejected, stocked, due, expected int64
	subtotal, tax, freight, total                       decimal.Decimal
	short, over                                         int64 // lines of which less, or more, came than was ordered
	states                                              map[purchasing.State]int64
}

func (s *sums) add(o *purchasing.Order) {
	s.orders++
	if s.states == nil {
		s.states = make(map[purchasing.State]int64)
	}
	s.states[o.State]++
	for i := range o.Lines {
		l := &o.Lines[i]
		s.lines++
		s.ordered += l.Qty
		s.received += l.Received()
		s.rejected += l.Rejected
		s.stocked += l.Accepted
		s.expected += l.Expected()
		s.due += l.Expected() + l.Cancelled
		if l.Received() < l.Qty {
			s.short++
		}
		if l.Received() > l.Qty {
			s.over++
		}
	}
	t := o.Totals()
	s.subtotal, s.tax, s.freight, s.total = s.subtotal.Add(t.Subtotal), s.tax.Add(t.Tax), s.freight.Add(t.Freight), s.total.Add(t.Total)
}

var statuses = []struct{ code, name string }{{complete, "4 complete"}, {pending, "1 pending"}, {rejected, "3 rejected"}, {approved, "2 approved"}}

// table prints the stored orders by the status that the files give them.
func (r *report) table(stored map[string]*purchasing.Order) {
	const row = "%-11s %7s %7s %10s %10s %9s %10s %7s %16s  %s\n"
	r.printf(row, "status", "orders", "lines", "ordered", "received", "rejected", "stocked", "due", "total", "state")
	line := func(name string, s *sums) {
		var states []string
		for _, st := range []purchasing.State{purchasing.StateClosed, purchasing.StateReceived, purchasing.StatePartial, purchasing.StateIssued} {
			if n := s.states[st]; n > 0 {
				states = append(states, fmt.Sprintf("%s %s", comma(n), st))
			}
		}
		r.printf(row, name, comma(s.orders), comma(s.lines), comma(s.ordered), comma(s.received), comma(s.rejected), comma(s.stocked),
			comma(s.due), money(s.total), strings.Join(states, ", "))
	}
	var total sums
	for _, status := range statuses {
		var s sums
		for _, p := range r.files.orders {
			if o := stored[p.id]; o != nil && p.status == status.code {
				s.add(o)
				total.add(o)
			}
		}
		line(status.name, &s)
	}
	line("total", &total)
	r.printf("due: not received of what was ordered; of closed orders it will not come.\n\n")
}

// checkf prints the outcome of one check.
func (r *report) checkf(name string, ok bool, format string, args ...any) {
	r.checks++
	mark := "✓"
	if !ok {
		r.failed++
		mark = "✗"
	}
	r.printf("%s %-9s %s\n", mark, name, fmt.Sprintf(format, args...))
}

// orders holds every purchase order against the files, and their sums against what the
// database is known to come to.
func (r *report) orders(stored map[string]*purchasing.Order) {
	var have, want sums
	goods, amounts, states := 0, 0, 0
	for _, p := range r.files.orders {
		want.orders++
		want.subtotal, want.tax = want.subtotal.Add(p.subtotal), want.tax.Add(p.tax)
		want.freight, want.total = want.freight.Add(p.freight), want.total.Add(p.total)
		for _, l := range p.lines {
			want.lines++
			want.ordered += l.qty
			want.received += l.received
			want.rejected += l.rejected
			want.stocked += l.stocked
		}
		o := stored[p.id]
		if o == nil {
			continue
		}
		have.add(o)
		if p.sameGoods(o) {
			goods++
		}
		if p.sameMoney(o) {
			amounts++
		}
		if p.sameState(o) {
			states++
		}
	}
	n := len(r.files.orders)
	r.checkf("goods", goods == n, "%s of %s orders: every line has stocked = received − rejected, as in the files", comma(int64(goods)), comma(int64(n)))
	r.checkf("lines", have.lines == want.lines && have.ordered == want.ordered && have.received == want.received && have.stocked == want.stocked,
		"%s: %s units ordered, %s received, %s rejected, %s stocked", comma(have.lines), comma(have.ordered), comma(have.received), comma(have.rejected), comma(have.stocked))
	r.checkf("due", have.due == want.ordered-want.received && have.over == 0,
		"%s units on %d short lines, none over: %s are still expected, %s were given up with closed orders", comma(have.due), have.short, comma(have.expected), comma(have.due-have.expected))
	r.checkf("money", amounts == n, "%s of %s orders: total = lines + tax + freight, at four decimals", comma(int64(amounts)), comma(int64(n)))
	for _, m := range []struct {
		name       string
		have, want decimal.Decimal
	}{{"subtotal", have.subtotal, want.subtotal}, {"tax", have.tax, want.tax}, {"freight", have.freight, want.freight}, {"total", have.total, want.total}} {
		r.checkf(m.name, m.have.Equal(m.want), "%16s", money(m.have))
	}
	r.checkf("states", states == n, "%s of %s orders ended as their status says", comma(int64(states)), comma(int64(n)))
}

func (p *purchase) sameGoods(o *purchasing.Order) bool {
	if len(o.Lines) != len(p.lines) {
		return false
	}
	for i, l := range p.lines {
		h := &o.Lines[i]
		if h.Item != l.item || h.Qty != l.qty || h.Received() != l.received || h.Rejected != l.rejected || h.Accepted != l.stocked ||
			l.stocked != l.received-l.rejected {
			return false
		}
	}
	return true
}

func (p *purchase) sameMoney(o *purchasing.Order) bool {
	for i, l := range p.lines {
		if i >= len(o.Lines) || !o.Lines[i].Amount().Equal(l.amount) {
			return false
		}
	}
	t := o.Totals()
	return t.Subtotal.Equal(p.subtotal) && t.Tax.Equal(p.tax) && t.Freight.Equal(p.freight) && t.Other.IsZero() && t.Total.Equal(p.total) &&
		p.total.Equal(p.subtotal.Add(p.tax).Add(p.freight))
}

// sameState tells whether an order ended as its status says: complete and rejected ones
// are closed, pending and approved ones wait for the rest, or to be closed.
func (p *purchase) sameState(o *purchasing.Order) bool {
	switch p.status {
	case complete, rejected:
		return o.State == purchasing.StateClosed
	case pending, approved:
		return o.State == purchasing.StateReceived || o.State == purchasing.StatePartial
	}
	return false
}

// stock holds the ledger against the opening stock and what was stocked, item by item.
func (r *report) stock(ctx context.Context) error {
	want := map[string]int64{}
	var opening, onHand, sum int64
	for _, s := range r.files.opening {
		want[s.Item] += s.Qty
		opening += s.Qty
	}
	for _, p := range r.files.orders {
		for _, l := range p.lines {
			want[l.item] += l.stocked
		}
	}
	same := 0
	for _, i := range r.files.items {
		rows, err := r.works.kit.Stock.Balances(ctx, i.ID)
		if err != nil {
			return err
		}
		var have int64
		for n := range rows {
			have += rows[n].OnHand()
		}
		onHand += have
		sum += want[i.ID]
		if have == want[i.ID] {
			same++
		}
	}
	r.checkf("stock", onHand == sum && same == len(r.files.items), "%s units on hand = %s opening + %s; %d of %d products",
		comma(onHand), comma(opening), comma(onHand-opening), same, len(r.files.items))
	return nil
}

func money(d decimal.Decimal) string {
	text := d.StringFixed(4)
	whole, cents, _ := strings.Cut(text, ".")
	return grouped(whole) + "." + cents
}

func comma(n int64) string { return grouped(fmt.Sprint(n)) }

// grouped puts a comma between thousands.
func grouped(digits string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
