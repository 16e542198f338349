package oms

import (
	"fmt"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// lots proves that every lot is recorded of which units came in since lots are, and that
// none is recorded of which never any came.
func (a *audit) lots() error {
	lots, err := every(a.ctx, a.tx, lotShelf, storage.DocumentFilter{})
	if err != nil || len(lots) == 0 {
		return err
	}
	named := make(map[string]bool)
	for b, err := range a.tx.Stock().ListBalances(a.ctx) {
		if err != nil {
			return err
		}
		named[lotID(b.Item, b.Lot)] = true
	}
	known := make(map[string]bool, len(lots))
	var since time.Time // when the first was recorded as it came in
	for i := range lots {
		l := &lots[i]
		known[lotID(l.Item, l.ID)] = true
		if !named[lotID(l.Item, l.ID)] {
			a.note("a lot that is recorded has a balance", fmt.Sprintf("item %q lot %q", l.Item, l.ID), "a balance", "none")
		}
		if !l.Received.IsZero() && (since.IsZero() || l.Received.Before(since)) {
			since = l.Received
		}
	}
	if since.IsZero() {
		return nil
	}
	for p, err := range a.tx.Stock().ListPostings(a.ctx, inventory.PostingFilter{}) {
		if err != nil {
			return err
		}
		if p.At.Before(since) {
			continue
		}
		for _, m := range p.Movements {
			arrives := m.To.State.AtLocation() && !m.From.State.AtLocation()
			if id := lotID(m.Item, m.Lot); m.Lot != "" && arrives && !known[id] {
				known[id] = true // tell it once
				a.note("a lot that came in is recorded", fmt.Sprintf("item %q lot %q", m.Item, m.Lot), "a lot", "none")
			}
		}
	}
	return nil
}
