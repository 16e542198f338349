package costing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// Revaluation is a later cost of a receipt, or a credit for it when negative.
type Revaluation struct {
	Item    string
	Posting uuid.UUID       // the receipt
	Amount  decimal.Decimal // to spread over its units, in the tenant's base currency
	Ref     string          // the document: the bill of the carrier
}

// Revalue decides what becomes of a later cost. Roots are the layers that the receipt
// opened, whatever is left of them, and the book has all layers with units left. The
// amount is spread over the units of the receipt evenly: that on units in stock makes
// them worth more, the rest is variance. A credit of more than units cost is refused.
func Revalue(b Book, roots []Layer, r Revaluation, m Meta) (Changes, error) {
	if r.Amount.IsZero() || !r.Amount.Equal(r.Amount.Round(inventory.CostPlaces)) || r.Amount.Abs().GreaterThan(decimal.NewFromInt(inventory.MaxUnitCost)) {
		return Changes{}, &AmountError{Item: r.Item, Amount: r.Amount,
			Rule: fmt.Sprintf("not zero, at most %d decimal places and at most %d", inventory.CostPlaces, int64(inventory.MaxUnitCost))}
	}
	if len(roots) == 0 {
		return Changes{}, fmt.Errorf("%w: posting %s brought in no costed units of item %q", ErrUnknown, r.Posting, r.Item)
	}
	d := newDesk([]Book{b}, m)
	d.meta.Posting = r.Posting
	w := &d.books[0]
	var units, at int64
	for i := range roots {
		units += roots[i].Of
	}
	var onStock decimal.Decimal
	roots = slices.Clone(roots)
	slices.SortFunc(roots, func(a, b Layer) int { return strings.Compare(a.ID, b.ID) })
	for i := range roots {
		root := &roots[i]
		amount := Share(r.Amount, at, at+root.Of, units)
		at += root.Of
		if root.Total.Add(amount).IsNegative() {
			return Changes{}, beyond(r)
		}
		if root.Left() == 0 { // its units are all out, or came back as layers of their own
			root.Total, root.changed = root.Total.Add(amount), true
			d.gone = append(d.gone, *root)
		}
		for j := range w.Layers {
			l := &w.Layers[j]
			if l.Root != root.ID {
				continue
			}
			before := l.Value()
			l.Total, l.changed = l.Total.Add(amount), true
			by := l.Value().Sub(before)
			if w.Head.Method == inventory.CostAverage {
				by = Share(amount, l.From, l.To, l.Of)
			}
			if l.Total.IsNegative() {
				return Changes{}, beyond(r)
			}
			onStock = onStock.Add(by)
		}
	}
	w.Head.add(0, onStock)
	if w.Head.Value.IsNegative() {
		return Changes{}, beyond(r)
	}
	d.enter(w, Revalued, 0, onStock)
	d.entries[0].Variance = r.Amount.Sub(onStock)
	return d.done(), nil
}

func beyond(r Revaluation) error {
	return &AmountError{Item: r.Item, Amount: r.Amount, Rule: "a credit is at most what the units of the receipt cost"}
}
