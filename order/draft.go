package order

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// MaxQty is the largest quantity of a line.
const MaxQty = 1_000_000_000

// MaxPriceDigits is the number of decimal places a unit price may have. It is more
// than any currency has, since goods are sold at fractions of a cent; amounts are not.
const MaxPriceDigits = 6

// MaxLines is the largest number of lines of an order.
const MaxLines = 100_000

// Draft is what a buyer wants, as a checkout or a back office states it.
type Draft struct {
	Number      string // optional; the Engine makes one
	Channel     string
	Customer    string
	Currency    Currency
	TaxIncluded bool
	Rules       PriceRules
	Lines       []DraftLine
	Charges     []DraftCharge
	Discounts   []Discount
	ShipTo      Address
	Note        string
	Tags        []string
	Metadata    map[string]string

	// Cart is the owner of soft stock reservations that this order takes over.
	Cart      string
	ReserveAt ReserveAt
	PayBy     time.Time // optional payment deadline
}

// DraftLine is one wanted position.
type DraftLine struct {
	Item      string
	SKU       string // optional label; defaults to the item id
	Title     string
	Qty       int64           // base units, 1 to MaxQty
	UnitPrice decimal.Decimal // ≥ 0, at most MaxPriceDigits decimal places
	Free      bool            // a price of zero is meant
	TaxRate   decimal.Decimal // fraction, 0 ≤ rate ≤ 10: 0.19 for 19 %
	Service   bool            // nothing is taken from stock for it; fulfilled on confirmation
	Backorder bool            // may wait for stock
	Metadata  map[string]string

	// Kit is what one unit consists of where the line is a kit: it is sold at the price of
	// the line, and becomes one line of the order for each component. The Engine fills it
	// in from the definition of the item; a host that lets buyers choose states it, for an
	// item that need not be known.
	Kit []Component `json:",omitempty"`
}

// DraftCharge is money for something that is not goods.
type DraftCharge struct {
	Kind    ChargeKind
	Title   string
	Price   Money
	TaxRate decimal.Decimal
}

// New prices a draft and returns the order in the draft state, or every problem the
// draft has, joined. It takes no stock and saves nothing.
func New(id ID, d Draft, now time.Time) (Order, error) {
	if err := d.check(); err != nil {
		return Order{}, err
	}
	o := Order{
		ID: id, Number: d.Number, State: StateDraft, Channel: d.Channel, Customer: d.Customer, Currency: d.Currency,
		TaxIncluded: d.TaxIncluded, Rules: d.Rules, ShipTo: d.ShipTo.clone(), Note: d.Note,
		Tags: slices.Clone(d.Tags), Metadata: maps.Clone(d.Metadata), Discounts: slices.Clone(d.Discounts),
		ReserveAt: d.ReserveAt, PayBy: d.PayBy, UpdatedAt: now,
	}
	for i := range o.Discounts {
		o.Discounts[i].Lines = slices.Clone(o.Discounts[i].Lines)
	}
	o.Lines = d.lines()
	kits := o.members()
	o.spread(kits)
	for _, c := range d.Charges {
		o.Charges = append(o.Charges, Charge{Kind: c.Kind, Title: c.Title, Price: c.Price, TaxRate: c.TaxRate, Credited: Zero(d.Currency)})
	}
	if err := o.price(&d, kits); err != nil {
		return Order{}, err
	}
	return o, nil
}

func (d *Draft) check() error {
	var errs []error
	bad := func(line int, field, format string, args ...any) {
		errs = append(errs, &DraftError{Line: line, Field: field, Problem: fmt.Sprintf(format, args...)})
	}
	if d.Currency.IsZero() {
		bad(0, "Currency", "is missing; give an ISO 4217 currency")
	}
	if len(d.Lines) == 0 {
		bad(0, "Lines", "there are none; an order needs at least one")
	}
	if n := d.size(); n > MaxLines {
		bad(0, "Lines", "%d of them with the components of kits; at most %d", n, MaxLines)
	}
	if d.ReserveAt > OnConfirm {
		bad(0, "ReserveAt", "%d is neither OnPlace nor OnConfirm", d.ReserveAt)
	}
	if d.Cart != "" && d.ReserveAt != OnPlace {
		bad(0, "Cart", "its reservations would be given up, since the order takes its stock later; reserve on place, or name no cart")
	}
	d.checkTexts(bad)
	if err := d.Rules.check(); err != nil {
		bad(0, "Rules", "%v", err)
	}
	for i := range d.Lines {
		d.Lines[i].check(func(field, format string, args ...any) { bad(i+1, field, format, args...) })
	}
	for i, c := range d.Charges {
		d.checkCharge(fmt.Sprintf("Charges[%d]", i), c, bad)
	}
	for i := range d.Discounts {
		d.checkDiscount(fmt.Sprintf("Discounts[%d]", i), &d.Discounts[i], bad)
	}
	return errors.Join(errs...)
}

// checkTexts refuses what no database would give back as it is.
func (d *Draft) checkTexts(bad func(line int, field, format string, args ...any)) {
	note := func(line int, field, problem string) {
		if problem != "" {
			bad(line, field, "%s", problem)
		}
	}
	note(0, "Number", idProblem(d.Number))
	note(0, "Channel", idProblem(d.Channel))
	note(0, "Customer", idProblem(d.Customer))
	note(0, "Cart", idProblem(d.Cart))
	note(0, "ShipTo", d.ShipTo.problem())
	note(0, "Note", textProblem(d.Note))
	note(0, "Tags", firstProblem(d.Tags...))
	note(0, "Metadata", metadataProblem(d.Metadata))
	for i := range d.Lines {
		l := &d.Lines[i]
		note(i+1, "Item", idProblem(l.Item))
		note(i+1, "SKU", textProblem(l.SKU))
		note(i+1, "Title", textProblem(l.Title))
		note(i+1, "Metadata", metadataProblem(l.Metadata))
	}
	for i := range d.Charges {
		if p := textProblem(d.Charges[i].Title); p != "" {
			note(0, fmt.Sprintf("Charges[%d].Title", i), p)
		}
	}
	for i := range d.Discounts {
		if p := firstProblem(d.Discounts[i].Code, d.Discounts[i].Title); p != "" {
			note(0, fmt.Sprintf("Discounts[%d]", i), p)
		}
	}
}

func (l *DraftLine) check(bad func(field, format string, args ...any)) {
	if l.Item == "" {
		bad("Item", "is missing")
	}
	if l.Qty < 1 || l.Qty > MaxQty {
		bad("Qty", "%d; it must be 1 to %d", l.Qty, int64(MaxQty))
	}
	switch {
	case l.UnitPrice.IsNegative():
		bad("UnitPrice", "%s is negative; lower a price by a discount", describe(l.UnitPrice))
	case l.UnitPrice.IsZero() && !l.Free:
		bad("UnitPrice", "is zero; set Free if the line is a gift")
	case !l.UnitPrice.IsZero() && l.Free:
		bad("Free", "the line has a price of %s", describe(l.UnitPrice))
	case tooFine(l.UnitPrice):
		bad("UnitPrice", "%s has more than %d decimal places", describe(l.UnitPrice), MaxPriceDigits)
	}
	if problem := rateProblem(l.TaxRate); problem != "" {
		bad("TaxRate", "%s", problem)
	}
	l.checkKit(bad)
}

// line is a line of an order: that of the draft, or one of a component of its kit, which is
// priced later.
func (l *DraftLine) line(no int, c Component) Line {
	qty := l.Qty * c.Qty
	return Line{
		No: no, Item: c.Item, SKU: or(c.SKU, c.Item), Title: c.Title, UnitPrice: l.UnitPrice, TaxRate: l.TaxRate,
		Stocked: !l.Service, Backorder: l.Backorder, Metadata: maps.Clone(l.Metadata),
		Counters: Counters{Ordered: qty, Unreserved: qty},
	}
}

func (d *Draft) checkCharge(field string, c DraftCharge, bad func(int, string, string, ...any)) {
	if c.Kind != Shipping && c.Kind != Fee {
		bad(0, field+".Kind", "%q is neither %q nor %q", c.Kind, Shipping, Fee)
	}
	if c.Price.Currency() != d.Currency {
		bad(0, field+".Price", "%s is not in the order's currency %s", c.Price, d.Currency)
	}
	if c.Price.IsNegative() {
		bad(0, field+".Price", "%s is negative; lower a price by a discount", c.Price)
	}
	if problem := rateProblem(c.TaxRate); problem != "" {
		bad(0, field+".TaxRate", "%s", problem)
	}
}

func (d *Draft) checkDiscount(field string, x *Discount, bad func(int, string, string, ...any)) {
	switch {
	case x.Amount.IsZero() == x.Percent.IsZero():
		bad(0, field, "give either an Amount or a Percent, above zero")
	case x.Amount.IsNegative() || !within(x.Percent, 100):
		bad(0, field, "Amount must be positive, Percent above 0 and at most 100 with at most %d decimal places", MaxPriceDigits)
	case !x.Amount.IsZero() && x.Amount.Currency() != d.Currency:
		bad(0, field+".Amount", "%s is not in the order's currency %s", x.Amount, d.Currency)
	}
	if x.OnCharges && len(x.Lines) > 0 {
		bad(0, field, "applies to charges and names lines; choose one")
	}
	for i, no := range x.Lines {
		if no < 1 || no > len(d.Lines) || slices.Contains(x.Lines[:i], no) {
			bad(0, field+".Lines", "line %d does not exist or is named twice", no)
		}
	}
}

func rateProblem(rate decimal.Decimal) string {
	if !within(rate, 10) {
		return fmt.Sprintf("%s; a rate is a fraction between 0 and 10 with at most %d decimal places (0.19 for 19 %%)", describe(rate), MaxPriceDigits)
	}
	return ""
}

// within tells whether 0 ≤ d ≤ limit, a limit below a thousand, with no more decimal
// places than a price. Comparing alone would spell out 1e2000000000.
func within(d decimal.Decimal, limit int64) bool {
	switch {
	case d.IsZero():
		return true
	case d.IsNegative(), d.Exponent() > 2, tooFine(d):
		return false
	}
	return d.LessThanOrEqual(decimal.New(limit, 0))
}

// tooFine tells whether a number needs more than MaxPriceDigits decimal places: those
// beyond must be zeros of its coefficient.
func tooFine(d decimal.Decimal) bool {
	beyond := -int(d.Exponent()) - MaxPriceDigits
	if beyond <= 0 || d.IsZero() {
		return false
	}
	text := d.Coefficient().String()
	return len(text)-len(strings.TrimRight(text, "0")) < beyond
}
