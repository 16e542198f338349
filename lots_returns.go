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

func byLot(a, b lotUnits) int { return strings.Compare(a.lot, b.lot) }

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
// it shipped several lots they come back in the order of their IDs, unless the units are
// named by serial number.
func (s *attempt) intoLots(w *rma, snap *inventory.Snapshot, back []inventory.GoodsBack, lines []int) ([]inventory.GoodsBack, error) {
	out, back, lines, err := s.intoNamedLots(back, lines)
	if err != nil {
		return nil, err
	}
	if w.order == nil || !slices.ContainsFunc(back, func(b inventory.GoodsBack) bool { return lotted(snap, b.Item) }) {
		return append(out, back...), nil
	}
	gone, err := s.shippedLots(w)
	if err != nil {
		return nil, err
	}
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

// intoNamedLots gives goods that come back, and are named by serial number, the lots of
// those units, and tells which others there are.
func (s *attempt) intoNamedLots(back []inventory.GoodsBack, lines []int) (out, others []inventory.GoodsBack, linesOf []int, err error) {
	if len(s.named) == 0 {
		return nil, back, lines, nil
	}
	named := make(map[string][]lotUnits)
	for i, b := range back {
		units, ok := named[b.Item]
		if !ok {
			if units, err = s.lotsNamed(b.Item); err != nil {
				return nil, nil, nil, err
			}
			named[b.Item] = units
		}
		if len(units) == 0 {
			others, linesOf = append(others, b), append(linesOf, lines[i])
			continue
		}
		rest := take(units, b.Item, b.Qty, anyUnit, func(lot string, qty int64) {
			b.Lot, b.Qty = lot, qty
			out = append(out, b)
		})
		if rest > 0 { // which the register knows nothing of
			b.Lot, b.Qty = "", rest
			others, linesOf = append(others, b), append(linesOf, lines[i])
		}
	}
	return out, others, linesOf, nil
}

func anyUnit(*lotUnits) bool { return true }

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
	slices.SortStableFunc(gone, byLot)
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
	out, moves, err := s.ofNamedLots(lie, moves)
	if err != nil {
		return nil, err
	}
	for _, m := range moves {
		rest := take(lie, m.Item, m.Qty, anyUnit, func(lot string, qty int64) {
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

// ofNamedLots splits movements that leave the location by the lots of the units that are
// named for them, and tells which others there are.
func (s *attempt) ofNamedLots(lie []lotUnits, moves []inventory.Movement) (out, others []inventory.Movement, err error) {
	for _, m := range moves {
		var named []lotUnits
		if m.From.Location != m.To.Location {
			if named, err = s.lotsNamed(m.Item); err != nil {
				return nil, nil, err
			}
		}
		for _, u := range named {
			at := slices.IndexFunc(lie, func(l lotUnits) bool { return l.item == u.item && l.lot == u.lot && l.qty > 0 })
			if at < 0 || m.Qty == 0 {
				continue
			}
			lie[at].qty--
			m.Qty--
			one := m
			one.Lot, one.Qty = u.lot, 1
			if i := len(out) - 1; i >= 0 && out[i].Item == one.Item && out[i].Lot == one.Lot && out[i].From == one.From && out[i].To == one.To {
				out[i].Qty++
				continue
			}
			out = append(out, one)
		}
		if m.Qty > 0 {
			others = append(others, m)
		}
	}
	return out, others, nil
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
	slices.SortStableFunc(lie, byLot)
	return lie, nil
}
