package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// showTimeline reads all that happened to the split order from the log that every command
// wrote in its own transaction.
func (s *shop) showTimeline(ctx context.Context) error {
	events, err := s.kit.Orders.Timeline(ctx, s.split)
	if err != nil {
		return err
	}
	s.page.heading("The timeline of A-1001: when, at which version, what, by whom")
	for _, e := range events {
		s.page.datedf(e.At.Format("Jan 2 15:04"), "v%-2d  %-23s  %-9s  %s", e.Version, e.Kind, e.Actor, brief(e))
	}
	return nil
}

// brief tells the facts of an event. Its data is a struct of the domain as JSON, so that
// whoever reads the log can have it back.
func brief(e storage.Event) string {
	switch e.Kind {
	case "order.placed":
		return told(e, func(p order.Placed) string { return fmt.Sprintf("%d units, %s", p.Units, p.Total) })
	case "order.allocated":
		return told(e, func(a order.Allocated) string { return assigned(a.Assigned) })
	case "order.payment_recorded":
		return told(e, func(p order.PaymentRecorded) string { return fmt.Sprintf("%s %s", p.OpKind, p.Amount) })
	case "order.units_cancelled":
		return told(e, func(c order.UnitsCancelled) string { return units(c.Units) + ", " + string(c.Reason) })
	case "fulfillment.withdrawn":
		return told(e, func(w fulfillment.Withdrawn) string { return units(w.Units) })
	case "fulfillment.opened":
		return told(e, func(o fulfillment.Opened) string { return o.Location + ": " + units(o.Units) })
	case "shipment.packed":
		return told(e, func(p fulfillment.Packed) string { return units(p.Units) })
	case "shipment.shipped":
		return told(e, func(sh fulfillment.Shipped) string { return strings.Join(sh.Tracking, ", ") })
	}
	return ""
}

func told[E any](e storage.Event, tell func(E) string) string {
	var data E
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return err.Error()
	}
	return tell(data)
}

// assigned sums by location; assignments of one location stand together.
func assigned(all []order.Assignment) string {
	var parts []string
	var sum int64
	for i, a := range all {
		sum += a.Qty
		if i+1 == len(all) || all[i+1].Location != a.Location {
			parts = append(parts, fmt.Sprintf("%d %s", sum, a.Location))
			sum = 0
		}
	}
	return strings.Join(parts, " + ")
}

func units(lines []order.LineQty) string {
	var sum int64
	for _, u := range lines {
		sum += u.Qty
	}
	if sum == 1 {
		return "1 unit"
	}
	return fmt.Sprintf("%d units", sum)
}

// showStock prints balances, and for one item the postings that they are the sum of.
func (s *shop) showStock(ctx context.Context) error {
	s.page.heading("The stock: each unit is in one account, each move is from one to another")
	s.page.caption("item   place  on hand  free  promised  damaged")
	for _, item := range []string{"tee", "mug", "socks"} {
		balances, err := s.kit.Stock.Balances(ctx, item)
		if err != nil {
			return err
		}
		for _, b := range balances {
			s.page.sayf("%-5s  %-5s  %7d  %4d  %8d  %7d", b.Item, b.Location, b.OnHand(),
				b.Of(inventory.Free), b.Of(inventory.Committed), b.Of(inventory.Damaged))
		}
	}
	postings, err := s.kit.Stock.Postings(ctx, inventory.PostingFilter{Item: "socks"})
	if err != nil {
		return err
	}
	var moves []string
	for _, p := range postings {
		for _, m := range p.Movements {
			moves = append(moves, fmt.Sprintf("%d\u00a0%s→%s", m.Qty, m.From, m.To)) // no line breaks here
		}
	}
	s.page.quote("socks: " + strings.Join(moves, ", "))
	return nil
}

// showBooks prints what became of the money of the order with the voucher.
func (s *shop) showBooks(ctx context.Context) error {
	o, err := s.kit.Orders.Get(ctx, s.voucher)
	if err != nil {
		return err
	}
	b := o.Books()
	s.page.heading("The books of A-1002: what came in is what went back or is kept")
	s.page.sayf("captured  %10s      goods     %9s + %s tax", b.Captured, b.Goods, b.GoodsTax)
	s.page.sayf("refunded  %10s      shipping  %9s + %s tax", b.Refunded.Neg(), b.Charges, b.ChargesTax)
	s.page.sayf("due       %10s      kept      %9s", b.Due, b.Owed)
	return nil
}

// prove has everything recomputed from the logs. To show that it would notice, somebody
// first adds a mug that nobody made, by plain SQL in a transaction that is thrown away.
func (s *shop) prove(ctx context.Context) error {
	s.page.heading("The proof: Verify recomputes every balance, counter and amount")
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, `UPDATE oms_stock_balances SET free = free + 1 WHERE tenant = ? AND item = 'mug'`, string(s.tenant)); err != nil {
		return err
	}
	tampered, err := s.kit.In(sqlstore.Join(tx, sqlstore.SQLite)).Verify(ctx)
	if err != nil {
		return err
	}
	if len(tampered) == 0 {
		return errors.New("verify overlooked a mug that nobody made")
	}
	s.page.sayf("BEGIN · UPDATE oms_stock_balances SET free = free + 1 … · Verify · ROLLBACK")
	for _, d := range tampered {
		s.page.badf("%s", d)
	}
	if err := tx.Rollback(); err != nil {
		return err
	}

	differences, err := s.kit.Verify(ctx)
	if err != nil {
		return err
	}
	if len(differences) > 0 {
		return fmt.Errorf("the books do not balance: %v", differences)
	}
	s.page.goodf("the shop itself: %d differences", len(differences))
	return nil
}
