package oms

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/costing"
	"github.com/orderkit/oms/storage"
)

// costs proves the books of every costed item.
func (a *audit) costs() error {
	for h, err := range costHeads.all(a.ctx, a.tx, storage.DocumentFilter{}) {
		if err != nil {
			return err
		}
		if err := a.costBook(&h); err != nil {
			return err
		}
	}
	return nil
}

func (a *audit) costBook(h *costing.Head) error {
	subject := fmt.Sprintf("costs of item %q", h.Item)
	owned, err := ownedUnits(a.ctx, a.tx, h.Item)
	if err != nil {
		return err
	}
	a.check("units valued are the units owned", subject, owned, h.Qty)
	if err := a.costLayers(h, subject); err != nil {
		return err
	}
	return a.costEntries(h, subject)
}

// costLayers proves that the layers have the units, and under FIFO the value, of the head.
func (a *audit) costLayers(h *costing.Head, subject string) error {
	var units, layers int64
	var value decimal.Decimal
	for l, err := range costLayers.all(a.ctx, a.tx, storage.DocumentFilter{Parents: []string{h.Item}, Live: true}) {
		if err != nil {
			return err
		}
		units, value, layers = units+l.Left(), value.Add(l.Value()), layers+1
	}
	a.check("layers have the units that are valued", subject, h.Qty, units)
	a.check("layers with units left are counted", subject, layers, h.Layers)
	if h.Method == inventory.CostFIFO {
		a.check("stock is worth what its layers cost", subject, value.String(), h.Value.String())
	}
	if h.Qty == 0 || h.Value.IsNegative() {
		a.check("nothing is worth nothing, and never less", subject, decimal.Decimal{}.String(), h.Value.String())
	}
	return nil
}

// costEntries proves that the running totals are sums, and that what came in is what went
// out and what is there.
func (a *audit) costEntries(h *costing.Head, subject string) error {
	var qty, seq int64
	var value, in, out decimal.Decimal
	for e, err := range costEntries.all(a.ctx, a.tx, storage.DocumentFilter{Parents: []string{h.Item}}) {
		if err != nil {
			return err
		}
		qty, value, seq = qty+e.Qty, value.Add(e.Value), seq+1
		if e.Qty < 0 {
			out = out.Sub(e.Value)
		} else {
			in = in.Add(e.Value)
		}
		on := fmt.Sprintf("%s entry %d", subject, e.Seq)
		a.check("entries follow each other without a gap", on, seq, e.Seq)
		a.check("running units are the sum of the entries", on, qty, e.QtyAfter)
		a.check("running value is the sum of the entries", on, value.String(), e.ValueAfter.String())
	}
	a.check("the last entry is the head's", subject, seq, h.Seq)
	a.check("units valued are the sum of the entries", subject, qty, h.Qty)
	a.check("in − out = in stock", subject, in.Sub(out).String(), h.Value.String())
	return nil
}
