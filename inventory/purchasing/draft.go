package purchasing

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// CostPlaces is the number of decimal places that costs may have.
const CostPlaces = 6

// MaxAmount is the largest cost, tax or charge.
const MaxAmount = 1_000_000_000_000

// MaxLines is the most lines of a purchase order.
const MaxLines = 10_000

// Draft is what a purchase order is made of.
type Draft struct {
	Number    string          `json:"number,omitempty"`
	Supplier  string          `json:"supplier"`
	Currency  string          `json:"currency,omitempty"`
	Tolerance Tolerance       `json:"tolerance"`
	Lines     []DraftLine     `json:"lines"`
	Tax       decimal.Decimal `json:"tax"`
	Costs     []DraftCost     `json:"costs,omitempty"` // known beforehand; others come with AddCost
	Note      string          `json:"note,omitempty"`
}

// DraftLine is a line of a draft.
type DraftLine struct {
	Item     string          `json:"item"`
	SKU      string          `json:"sku,omitempty"` // empty takes what the supplier calls it
	Location string          `json:"location"`
	Qty      int64           `json:"qty"`
	UnitCost decimal.Decimal `json:"unit_cost"`
	Weight   int64           `json:"weight,omitempty"`
	Due      time.Time       `json:"due,omitzero"` // zero is now and the supplier's lead time
}

// New makes a purchase order of a draft. Nothing is expected of it before it is issued.
func New(id ID, d Draft, s Supplier, now time.Time) (Order, []Event, error) {
	o := Order{ID: id, State: StateDraft, CreatedAt: now}
	if err := o.fill(d, s, now); err != nil {
		return Order{}, nil, err
	}
	return o, []Event{Drafted{Order: id, Number: o.Number, Supplier: o.Supplier, Lines: len(o.Lines), Total: o.Totals().Total}}, nil
}

// Edit replaces what an order is made of, as long as it is a draft.
func (f *Flow) Edit(o Order, d Draft, s Supplier, now time.Time) (Order, []Event, error) {
	if !f.defs[o.State].Editable {
		return o, nil, f.refuse(&o, ActionEdit)
	}
	n := o
	if err := n.fill(d, s, now); err != nil {
		return o, nil, err
	}
	return n, []Event{Edited{Order: n.ID, Supplier: n.Supplier, Lines: len(n.Lines), Total: n.Totals().Total}}, nil
}

func (o *Order) fill(d Draft, s Supplier, now time.Time) error {
	if err := d.check(s); err != nil {
		return err
	}
	o.Number, o.Supplier, o.Currency, o.Tolerance = d.Number, d.Supplier, d.Currency, d.Tolerance
	o.Tax, o.Note, o.UpdatedAt = d.Tax, d.Note, now
	o.Lines, o.Costs = make([]Line, 0, len(d.Lines)), nil
	for i, l := range d.Lines {
		if l.SKU == "" {
			if known, ok := s.Item(l.Item); ok {
				l.SKU = known.SKU
			}
		}
		if l.Due.IsZero() {
			l.Due = now.Add(s.Lead(l.Item))
		}
		o.Lines = append(o.Lines, Line{No: i + 1, Item: l.Item, SKU: l.SKU, Location: l.Location, Qty: l.Qty,
			UnitCost: l.UnitCost, Weight: l.Weight, Due: l.Due.UTC().Truncate(time.Microsecond)})
	}
	for _, c := range d.Costs {
		if err := o.addCost(c); err != nil {
			return err
		}
	}
	return nil
}

func (d *Draft) check(s Supplier) error {
	if err := inventory.CheckID("supplier", d.Supplier); err != nil {
		return err
	}
	if d.Supplier != s.ID {
		return fmt.Errorf("%w: draft for %q, supplier %q", ErrUnknownSupplier, d.Supplier, s.ID)
	}
	for what, text := range map[string]string{"number": d.Number, "currency": d.Currency, "note": d.Note} {
		if err := inventory.CheckNote(what, text); err != nil {
			return err
		}
	}
	if err := d.Tolerance.check(); err != nil {
		return err
	}
	if err := checkAmount("tax", d.Tax); err != nil {
		return err
	}
	if len(d.Lines) == 0 || len(d.Lines) > MaxLines {
		return fmt.Errorf("%w: %d lines; a purchase order has 1 to %d", ErrQuantity, len(d.Lines), MaxLines)
	}
	for i := range d.Lines {
		if err := d.Lines[i].check(); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		if err := s.terms(i+1, d.Lines[i].Item, d.Lines[i].Qty); err != nil {
			return err
		}
	}
	return nil
}

func (l *DraftLine) check() error {
	for what, id := range map[string]string{"item": l.Item, "location": l.Location} {
		if err := inventory.CheckID(what, id); err != nil {
			return err
		}
	}
	if err := inventory.CheckNote("SKU", l.SKU); err != nil {
		return err
	}
	if err := inventory.CheckQty(l.Item, l.Qty); err != nil {
		return err
	}
	if l.Weight < 0 || l.Weight > inventory.MaxQty {
		return fmt.Errorf("%w: weight %d; must be between 0 and %d", ErrQuantity, l.Weight, int64(inventory.MaxQty))
	}
	if !l.Due.IsZero() && l.Due.Before(time.UnixMicro(0)) {
		return fmt.Errorf("%w: due %s", ErrQuantity, l.Due.Format(time.RFC3339))
	}
	return checkAmount("unit cost", l.UnitCost)
}

func (t Tolerance) check() error {
	for _, p := range []struct {
		what    string
		percent decimal.Decimal
		most    int64
	}{{"over", t.Over, MaxTolerance}, {"under", t.Under, 100}} {
		if err := checkAmount("tolerance "+p.what, p.percent); err != nil {
			return err
		}
		if p.percent.GreaterThan(decimal.NewFromInt(p.most)) {
			return &AmountError{What: "tolerance " + p.what, Amount: p.percent, Rule: fmt.Sprintf("at most %d percent", p.most)}
		}
	}
	return nil
}

// checkAmount refuses an amount that could not be kept exactly. Nothing is rounded.
func checkAmount(what string, d decimal.Decimal) error {
	switch {
	case d.IsNegative():
		return &AmountError{What: what, Amount: d, Rule: "not below zero"}
	case d.Exponent() < -100 || d.Exponent() > 100: // before anything is computed with it
		return &AmountError{What: what, Rule: "written plainly, with fewer digits"}
	case d.GreaterThan(decimal.NewFromInt(MaxAmount)):
		return &AmountError{What: what, Amount: d, Rule: fmt.Sprintf("at most %d", int64(MaxAmount))}
	case !d.Equal(d.Truncate(CostPlaces)):
		return &AmountError{What: what, Amount: d, Rule: fmt.Sprintf("at most %d decimal places; it is never rounded", CostPlaces)}
	}
	return nil
}
