package oms

import (
	"slices"
	"strings"

	"github.com/orderkit/oms/inventory"
)

// lotUnits is units of a lot that an order line had, or that lie in inspection.
type lotUnits struct {
	line      int
	item, lot string
	qty       int64
}

// take takes up to so many units of an item, first those that fit, and tells the lot of
// each part.
func take(from []lotUnits, item string, qty int64, fits func(*lotUnits) bool, part func(lot string, qty int64)) (left int64) {
	for _, first := range []bool{true, false} {
		for i := range from {
			u := &from[i]
			if n := min(qty, u.qty); n > 0 && u.item == item && fits(u) == first {
				u.qty, qty = u.qty-n, qty-n
				part(u.lot, n)
			}
		}
	}
	return qty
}

// lotted tells whether an item has units with a lot.
func lotted(snap *inventory.Snapshot, item string) bool {
	return slices.ContainsFunc(snap.Of(item), func(b inventory.Balance) bool { return b.Lot != "" })
}

// intoLots gives goods that come back the lots in which they left, each of the order line
// with its number: what the line shipped, less what came back of the order before. Where
// it shipped several lots they come back in the order of their IDs.
func (s *attempt) intoLots(w *rma, snap *inventory.Snapshot, back []inventory.GoodsBack, lines []int) ([]inventory.GoodsBack, error) {
	if w.order == nil || !slices.ContainsFunc(back, func(b inventory.GoodsBack) bool { return lotted(snap, b.Item) }) {
		return back, nil
	}
	gone, err := s.shippedLots(w)
	if err != nil {
		return nil, err
	}
	var out []inventory.GoodsBack
	for i, b := range back {
		rest := take(gone, b.Item, b.Qty, func(u *lotUnits) bool { return u.line == lines[i] }, func(lot string, qty int64) {
			b.Lot, b.Qty = lot, qty
			out = append(out, b)
		})
		if rest > 0 { // nothing is known of where they were
			b.Lot, b.Qty = "", rest
			out = append(out, b)
		}
	}
	return out, nil
}

// shippedLots are the units that the customer of an order has, by line and lot.
func (s *attempt) shippedLots(w *rma) ([]lotUnits, error) {
	snap, err := s.tx.Stock().Load(s, inventory.Need{Owner: w.order.ref(), Now: s.now})
	if err != nil {
		return nil, err
	}
	var gone []lotUnits
	for _, r := range snap.Reservations {
		gone = append(gone, lotUnits{line: r.Line, item: r.Item, lot: r.Lot, qty: r.Shipped})
	}
	slices.SortStableFunc(gone, func(a, b lotUnits) int { return strings.Compare(a.lot, b.lot) })
	before, err := s.tx.Returns().OfOrder(s, w.Order)
	if err != nil {
		return nil, err
	}
	var read []string
	for i := range before {
		document := (&rma{Return: before[i]}).document()
		if slices.Contains(read, document) {
			continue
		}
		read = append(read, document)
		for p, err := range s.tx.Stock().ListPostings(s, inventory.PostingFilter{Document: document}) {
			if err != nil {
				return nil, err
			}
			for _, m := range p.Movements {
				if m.From.State != inventory.Customer {
					continue
				}
				for j := range gone {
					if u := &gone[j]; u.item == m.Item && u.lot == m.Lot {
						n := min(u.qty, m.Qty)
						u.qty, m.Qty = u.qty-n, m.Qty-n
					}
				}
			}
		}
	}
	return gone, nil
}

// ofLots splits movements out of inspection by the lots in which the goods of the return
// lie there, in the order of their IDs.
func (s *attempt) ofLots(w *rma, snap *inventory.Snapshot, moves []inventory.Movement) ([]inventory.Movement, error) {
	if !slices.ContainsFunc(moves, func(m inventory.Movement) bool { return lotted(snap, m.Item) }) {
		return moves, nil
	}
	lie, err := s.inspected(w)
	if err != nil {
		return nil, err
	}
	var out []inventory.Movement
	for _, m := range moves {
		rest := take(lie, m.Item, m.Qty, func(*lotUnits) bool { return true }, func(lot string, qty int64) {
			m.Lot, m.Qty = lot, qty
			out = append(out, m)
		})
		if rest > 0 {
			m.Lot, m.Qty = "", rest
			out = append(out, m)
		}
	}
	return out, nil
}

// inspected are the units of a return that lie in inspection, by lot.
func (s *attempt) inspected(w *rma) ([]lotUnits, error) {
	at := inventory.At(w.Location, inventory.QC)
	var lie []lotUnits
	for p, err := range s.tx.Stock().ListPostings(s, inventory.PostingFilter{Document: w.document()}) {
		if err != nil {
			return nil, err
		}
		for _, m := range p.Movements {
			if m.From != at && m.To != at {
				continue
			}
			i := slices.IndexFunc(lie, func(u lotUnits) bool { return u.item == m.Item && u.lot == m.Lot })
			if i < 0 {
				i = len(lie)
				lie = append(lie, lotUnits{item: m.Item, lot: m.Lot})
			}
			if m.To == at {
				lie[i].qty += m.Qty
			} else {
				lie[i].qty -= m.Qty
			}
		}
	}
	slices.SortStableFunc(lie, func(a, b lotUnits) int { return strings.Compare(a.lot, b.lot) })
	return lie, nil
}
