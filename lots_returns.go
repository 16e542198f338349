package oms

import (
	"slices"
	"strings"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
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
	before, err := every(s, s.tx, lotsBack, storage.DocumentFilter{Parents: []string{w.Order.String()}})
	if err != nil {
		return nil, err
	}
	for i := range before {
		for _, b := range before[i].Lots {
			for j := range gone {
				if u := &gone[j]; u.item == b.Item && u.lot == b.Lot {
					n := min(u.qty, b.Came)
					u.qty, b.Came = u.qty-n, b.Came-n
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
	had, err := lotsBack.find(s, s.tx, w.ID.String())
	if err != nil || len(had) == 0 {
		return nil, err
	}
	var lie []lotUnits
	for _, b := range had[0].Lots {
		lie = append(lie, lotUnits{item: b.Item, lot: b.Lot, qty: b.Lie})
	}
	slices.SortStableFunc(lie, byLot)
	return lie, nil
}

// backLots is what came back in lots with one return: several may name the same document,
// so its movements do not tell whose they are.
type backLots struct {
	Return  string    `json:"return"`
	Order   string    `json:"order,omitempty"` // none of a blind return
	Lots    []backLot `json:"lots"`
	Version int64     `json:"version"`
}

// backLot is units of a lot.
type backLot struct {
	Item string `json:"item"`
	Lot  string `json:"lot"`
	Came int64  `json:"came"` // all that did
	Lie  int64  `json:"lie"`  // in inspection
}

// lotsBack keeps the lots of returns under their orders.
var lotsBack = shelf[backLots]{
	kind: "return_lots", none: returns.ErrNotFound,
	place: func(b *backLots) storage.Document {
		return storage.Document{ID: b.Return, Parent: b.Order, Live: true, Version: b.Version}
	},
}

// keepLots follows the lots of a return into inspection, and out of it.
func (s *attempt) keepLots(w *rma, moves []inventory.Movement) error {
	if !slices.ContainsFunc(moves, func(m inventory.Movement) bool { return m.Lot != "" }) {
		return nil
	}
	had, err := lotsBack.find(s, s.tx, w.ID.String())
	if err != nil {
		return err
	}
	b := backLots{Return: w.ID.String()}
	if w.order != nil {
		b.Order = w.Order.String()
	}
	if len(had) > 0 {
		b = had[0]
	}
	for _, m := range moves {
		if m.Lot == "" {
			continue
		}
		i := slices.IndexFunc(b.Lots, func(l backLot) bool { return l.Item == m.Item && l.Lot == m.Lot })
		if i < 0 {
			i = len(b.Lots)
			b.Lots = append(b.Lots, backLot{Item: m.Item, Lot: m.Lot})
		}
		if l := &b.Lots[i]; m.From.State == inventory.Customer {
			l.Came, l.Lie = l.Came+m.Qty, l.Lie+m.Qty
		} else {
			l.Lie -= m.Qty
		}
	}
	b.Version++
	return lotsBack.save(s, s.tx, &b)
}
