package oms

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/costing"
	"github.com/orderkit/oms/inventory/purchasing"
)

// revalued hands what landed to the books of what stock is worth: one amount for each item
// and receipt. What is left in stock becomes worth more, what was sold goes to variance.
// Items that are not costed have no such books.
func (s *attempt) revalued(o *purchasing.Order, shares []purchasing.Landing) error {
	if !s.costing {
		return nil
	}
	type root struct {
		item    string
		posting uuid.UUID
	}
	var roots []root
	var items []string
	sums := make(map[root]decimal.Decimal)
	for _, l := range shares {
		at := root{l.Item, l.Posting}
		if _, ok := sums[at]; !ok {
			roots, items = append(roots, at), append(items, l.Item)
		}
		sums[at] = sums[at].Add(l.Amount)
	}
	heads, err := costHeads.find(s, s.tx, sorted(items)...)
	if err != nil {
		return err
	}
	costed := make(map[string]bool, len(heads))
	for i := range heads {
		costed[heads[i].Item] = heads[i].Method != inventory.NotCosted
	}
	for _, at := range roots {
		if sums[at].IsZero() || !costed[at.item] {
			continue
		}
		r := costing.Revaluation{Item: at.item, Posting: at.posting, Amount: sums[at], Ref: o.Name()}
		if _, err := s.revalue(r); err != nil {
			return err
		}
	}
	return nil
}
