package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// shop is the program that embeds the library: it has a database, a clock, and an engine
// over both.
type shop struct {
	db     *sql.DB
	kit    *oms.Engine
	tenant storage.Tenant
	clock  *clock
	page   *page

	split, voucher order.ID // the two orders that go through
}

// clock is the time of the story. The engine never asks any other.
type clock struct{ now time.Time }

func (c *clock) set(day, hour, minute int) {
	c.now = time.Date(2026, time.March, day, hour, minute, 0, 0, time.UTC)
}

func (c *clock) hour() string { return c.now.Format("15:04") }

func newShop(db *sql.DB, p *page) (*shop, error) {
	store, err := sqlstore.Open(db, sqlstore.SQLite) // memory.New() in your tests
	if err != nil {
		return nil, err
	}
	s := &shop{db: db, page: p, clock: &clock{}}
	s.clock.set(2, 8, 0)
	s.kit = oms.New(store,
		oms.WithClock(func() time.Time { return s.clock.now }),
		oms.WithPaymentPolicy(order.PayCaptured),     // no work before the money is there
		oms.WithReturnPolicy(returns.WithinDays(30)), // later returns are refused
	)
	return s, nil
}

// tell is the whole story. The steps are functions in this order: what happens is below,
// what the books say of it afterwards in ending.go.
func (s *shop) tell(ctx context.Context) error {
	s.page.title("oms quickstart", "  one small shop, one engine, one SQLite file")
	for _, step := range []func(context.Context) error{
		s.moveIn,
		s.receiveStock,
		s.sellFromTwoPlaces,
		s.shipInParts,
		s.sellWithVoucher,
		s.takeBack,
		s.refuseOversell,
		s.askWhatIf,
		s.rollBack,
		s.showTimeline,
		s.showStock,
		s.showBooks,
		s.prove,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// moveIn takes a tenant that has no events yet, so that a kept database can hear the
// story again. Tenants share tables and never see each other.
func (s *shop) moveIn(ctx context.Context) error {
	for n := 1; ; n++ {
		s.tenant = storage.Tenant(fmt.Sprintf("shop-%d", n))
		kit := s.kit.Tenant(s.tenant)
		events, err := kit.Events(ctx, 0, 1)
		if err != nil {
			return err
		}
		if len(events) > 0 {
			continue
		}
		s.kit = kit
		if n > 1 {
			s.page.notef("This database has heard the story before. %s is a tenant of its own.", s.tenant)
		}
		return nil
	}
}

// receiveStock opens two locations and receives goods, all in one transaction.
func (s *shop) receiveStock(ctx context.Context) error {
	berlin, hamburg := inventory.Point{Lat: 52.52, Lng: 13.40}, inventory.Point{Lat: 53.55, Lng: 9.99}
	err := s.kit.Atomically(ctx, func(ctx context.Context, kit *oms.Engine) error {
		for _, l := range []inventory.Location{
			{ID: "ber", Name: "Berlin", Priority: 1, At: &berlin},
			{ID: "ham", Name: "Hamburg", Priority: 2, At: &hamburg},
		} {
			if err := kit.Stock.AddLocation(ctx, l); err != nil {
				return err
			}
		}
		for _, i := range []inventory.Item{
			{ID: "tee", Name: "T-shirt"},
			{ID: "mug", Name: "Mug", Safety: 1}, // one stays on the shelf
			{ID: "socks", Name: "Wool socks"},
		} {
			if err := kit.Stock.AddItem(ctx, i); err != nil {
				return err
			}
		}
		for _, r := range []inventory.Receipt{
			{Item: "tee", Location: "ber", Qty: 2, Ref: "po-17"},
			{Item: "tee", Location: "ham", Qty: 40, Ref: "po-17"},
			{Item: "mug", Location: "ber", Qty: 8, Ref: "po-18"},
			{Item: "socks", Location: "ber", Qty: 12, Ref: "po-18"},
		} {
			if _, err := kit.Stock.Receive(ctx, r, oms.By("warehouse")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.page.heading("Stock arrives in Berlin and Hamburg")
	s.page.sayf("ber  2 tees, 8 mugs, 12 pairs of socks")
	s.page.sayf("ham  40 tees")
	return nil
}

// sellFromTwoPlaces sells what no location has alone, and asks why it is sent from where.
func (s *shop) sellFromTwoPlaces(ctx context.Context) error {
	s.clock.set(2, 9, 0)
	draft := order.Draft{
		Number: "A-1001", Channel: "web", Customer: "ada", Currency: eur, TaxIncluded: true,
		ShipTo: order.Address{Name: "Ada", City: "Potsdam", Country: "DE", At: &order.Point{Lat: 52.39, Lng: 13.06}},
		Lines: []order.DraftLine{
			{Item: "tee", Qty: 4, UnitPrice: price("19.90"), TaxRate: vat},
			{Item: "mug", Qty: 2, UnitPrice: price("8.00"), TaxRate: vat},
		},
	}
	plan, err := s.kit.Orders.Plan(ctx, draft) // a question: it changes nothing
	if err != nil {
		return err
	}
	o, err := s.sell(ctx, s.kit, draft)
	if err != nil {
		return err
	}
	again, err := s.sell(ctx, s.kit, draft) // a double click
	if err != nil {
		return err
	}
	if again.ID != o.ID || again.Version != o.Version {
		return fmt.Errorf("the second click changed %s", o.Number)
	}
	s.split = o.ID
	s.page.heading("A-1001: four tees and two mugs, and no location has them all")
	s.page.quote(plan.Explain())
	s.page.goodf("paid %s; the second click of a double click got the same order", o.Books().Captured)
	return nil
}

// sell is a checkout: the order, its payment and its confirmation in one transaction.
// The keys make it harmless to repeat.
func (s *shop) sell(ctx context.Context, kit *oms.Engine, d order.Draft) (order.Order, error) {
	var o order.Order
	err := kit.Atomically(ctx, func(ctx context.Context, kit *oms.Engine) error {
		var err error
		if o, err = kit.Orders.Place(ctx, d, oms.Key("place "+d.Number), oms.By("web")); err != nil {
			return err
		}
		paid := order.Operation{Kind: order.Capture, Amount: o.Totals().Total, Tender: "card"}
		if _, err = kit.Payments.Record(ctx, o.ID, paid, oms.Key("pay "+d.Number), oms.By("web")); err != nil {
			return err
		}
		o, err = kit.Orders.Confirm(ctx, o.ID, oms.Key("confirm "+d.Number), oms.By("web"))
		return err
	})
	return o, err
}

// shipInParts sends the order from both places. In between the buyer wants one tee less.
func (s *shop) shipInParts(ctx context.Context) error {
	s.page.heading("It leaves in parts; one tee is cancelled on the way")
	s.clock.set(2, 10, 30)
	if err := s.ship(ctx, "ber", "DHL", "00340434161094"); err != nil {
		return err
	}

	s.clock.set(2, 11, 15)
	o, err := s.kit.Orders.CancelUnits(ctx, s.split, []order.LineQty{{Line: 1, Qty: 1}}, order.CancelCustomer, oms.By("ada"))
	if err != nil {
		return err
	}
	due := o.Books().Due.Neg() // below zero: the shop owes
	if _, err := s.kit.Payments.Refund(ctx, s.split, due, nil, oms.By("support")); err != nil {
		return err
	}
	s.page.datedf(s.clock.hour(), "Ada cancels 1 tee: the unit is free again, and %s go back", due)

	s.clock.set(2, 14, 0)
	if err := s.ship(ctx, "ham", "DPD", "01529871"); err != nil {
		return err
	}
	s.clock.set(4, 12, 0)
	shipments, err := s.kit.Fulfillment.Shipments(ctx, s.split)
	if err != nil {
		return err
	}
	for _, sh := range shipments {
		if _, err := s.kit.Fulfillment.Deliver(ctx, sh.ID, oms.By("carrier")); err != nil {
			return err
		}
	}
	o, err = s.kit.Orders.Close(ctx, s.split, oms.By("shop"))
	if err != nil {
		return err
	}
	facets := o.Facets() // derived of the facts, never stored
	s.page.goodf("both parcels arrive; order %s, goods %s, money %s", o.State, facets.Fulfillment, facets.Payment)
	return nil
}

// ship sends all that a location has still to send for the split order, in one parcel.
func (s *shop) ship(ctx context.Context, location, carrier, tracking string) error {
	work, err := s.kit.Fulfillment.OfOrder(ctx, s.split)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(work, func(w fulfillment.Order) bool { return w.Location == location })
	if at < 0 {
		return fmt.Errorf("%s has nothing to send", location)
	}
	parcels := []fulfillment.Parcel{{Carrier: carrier, Tracking: tracking}} // names no contents: everything
	sh, err := s.kit.Fulfillment.Ship(ctx, work[at].ID, parcels, oms.By(location))
	if err != nil {
		return err
	}
	var sent []string
	for _, u := range sh.Units() {
		line, _ := work[at].Line(u.Line)
		sent = append(sent, fmt.Sprintf("%d %s", u.Qty, line.Item))
	}
	s.page.datedf(s.clock.hour(), "%s ships %s with %s %s", location, strings.Join(sent, ", "), carrier, tracking)
	return nil
}

// sellWithVoucher sells at a discount. The part that each line bears is stored with it.
func (s *shop) sellWithVoucher(ctx context.Context) error {
	s.clock.set(5, 16, 0)
	o, err := s.sell(ctx, s.kit, order.Draft{
		Number: "A-1002", Channel: "web", Customer: "bob", Currency: eur, TaxIncluded: true,
		Lines: []order.DraftLine{
			{Item: "socks", Qty: 3, UnitPrice: price("4.00"), TaxRate: vat},
			{Item: "mug", Qty: 1, UnitPrice: price("6.00"), TaxRate: vat},
		},
		Charges:   []order.DraftCharge{{Kind: order.Shipping, Title: "Parcel", Price: order.MustMoney("4.90", "EUR"), TaxRate: vat}},
		Discounts: []order.Discount{{Code: "SPRING", Amount: order.MustMoney("3.00", "EUR")}},
	})
	if err != nil {
		return err
	}
	s.voucher = o.ID
	work, err := s.kit.Fulfillment.OfOrder(ctx, o.ID)
	if err != nil {
		return err
	}
	if _, err := s.kit.Fulfillment.Ship(ctx, work[0].ID, nil, oms.By("ber")); err != nil { // everything, in one parcel
		return err
	}
	const row = "%d %-6s %9s  %-18s  = %9s, of it tax %s"
	s.page.heading(fmt.Sprintf("A-1002: %s, with a voucher over two lines", o.Totals().Total))
	for _, l := range o.Lines {
		s.page.sayf(row, l.Ordered, l.Item, l.Amount, "− "+l.Shares[0].Amount.String()+" voucher", l.Total, l.Tax)
	}
	s.page.sayf(row, 1, "parcel", o.Charges[0].Price, "", o.Charges[0].Total, o.Charges[0].Tax)
	return nil
}

// takeBack lets three pairs of socks come back and pays them out one by one.
func (s *shop) takeBack(ctx context.Context) error {
	s.clock.set(12, 10, 0)
	s.page.heading("The socks come back: 10.00 EUR over 3 pairs, one pair at a time")
	wanted := []returns.Wanted{{Line: 1, Qty: 3, Reason: returns.TooSmall}}
	r, err := s.kit.Returns.Request(ctx, s.voucher, wanted, "rma-1", oms.By("bob"))
	if err != nil {
		return err
	}
	if _, err := s.kit.Returns.Approve(ctx, r.ID, oms.By("support")); err != nil {
		return err
	}
	s.clock.set(14, 9, 20)
	if _, err := s.kit.Returns.Receive(ctx, r.ID, "ber", []order.LineQty{{Line: 1, Qty: 3}}, oms.By("ber")); err != nil {
		return err
	}
	paid := order.Zero(eur)
	for _, as := range []returns.Disposition{returns.Restock, returns.Restock, returns.Damage} {
		if _, err := s.kit.Returns.Inspect(ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: as}}, oms.By("ber")); err != nil {
			return err
		}
		r, err = s.kit.Returns.Refund(ctx, r.ID, oms.Payout{Units: []order.LineQty{{Line: 1, Qty: 1}}}, oms.By("support"))
		if err != nil {
			return err
		}
		refund, err := r.Refunded.Sub(paid)
		if err != nil {
			return err
		}
		paid = r.Refunded
		s.page.datedf(s.clock.hour(), "1 pair inspected: %-8s refunded %s, %9s in all", as, refund, paid)
	}
	_, err = s.kit.Returns.Close(ctx, r.ID, oms.By("support"))
	return err
}

// bigOrder wants more mugs than may be sold.
func bigOrder(mugs int64) order.Draft {
	return order.Draft{
		Number: "A-1003", Channel: "web", Customer: "cleo", Currency: eur, TaxIncluded: true,
		Lines: []order.DraftLine{{Item: "mug", Qty: mugs, UnitPrice: price("8.00"), TaxRate: vat}},
	}
}

// refuseOversell shows that a refusal carries its facts.
func (s *shop) refuseOversell(ctx context.Context) error {
	s.clock.set(14, 11, 0)
	s.page.heading("A-1003: six mugs, please")
	_, err := s.sell(ctx, s.kit, bigOrder(6))
	if !errors.Is(err, inventory.ErrShortage) { // *inventory.ShortageError has the facts
		return errors.Join(errors.New("six mugs must be refused for want of stock"), err)
	}
	s.page.badf("%v", err)
	stock, err := s.kit.Stock.Availability(ctx, "mug", "", "")
	if err != nil {
		return err
	}
	s.page.quote(stock.String())
	return nil
}

// askWhatIf runs real commands and keeps nothing of them.
func (s *shop) askWhatIf(ctx context.Context) error {
	s.page.heading("What if it were four? The real commands, and nothing kept")
	var left inventory.Availability
	would, err := s.kit.Preview(ctx, func(ctx context.Context, kit *oms.Engine) error {
		if _, err := s.sell(ctx, kit, bigOrder(4)); err != nil {
			return err
		}
		var err error
		left, err = kit.Stock.Availability(ctx, "mug", "", "")
		return err
	})
	if err != nil {
		return err
	}
	for _, e := range would.Events {
		s.page.sayf("%-23s  %s", e.Kind, brief(e))
	}
	now, err := s.kit.Stock.Availability(ctx, "mug", "", "")
	if err != nil {
		return err
	}
	s.page.goodf("%d mugs would be left to sell; there are still %d", left.ATS, now.ATS)
	return nil
}

// rollBack joins a transaction of the shop's own: one database, one truth. The bank says
// no, and the shop's row and the order vanish together.
func (s *shop) rollBack(ctx context.Context) error {
	s.page.heading("Four mugs for real, in the shop's own transaction; the bank says no")
	if _, err := s.db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS invoices (number TEXT PRIMARY KEY, total TEXT)`); err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	o, err := s.sell(ctx, s.kit.In(sqlstore.Join(tx, sqlstore.SQLite)), bigOrder(4))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO invoices VALUES (?, ?)`, o.Number, o.Totals().Total.String()); err != nil {
		return err
	}
	if err := tx.Rollback(); err != nil {
		return err
	}

	var invoices int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM invoices`).Scan(&invoices); err != nil {
		return err
	}
	_, gone := s.kit.Orders.ByNumber(ctx, "A-1003")
	if !errors.Is(gone, order.ErrNotFound) {
		return errors.Join(errors.New("A-1003 must have vanished"), gone)
	}
	mugs, err := s.kit.Stock.Availability(ctx, "mug", "", "")
	if err != nil {
		return err
	}
	s.page.sayf("BEGIN · place, pay and confirm A-1003 · INSERT INTO invoices · ROLLBACK")
	s.page.goodf("%d invoices, %d mugs for sale, A-1003: %v", invoices, mugs.ATS, gone)
	return nil
}

var (
	eur = order.MustCurrency("EUR")
	vat = decimal.RequireFromString("0.19")
)

func price(amount string) decimal.Decimal { return decimal.RequireFromString(amount) }
