package oms

import (
	"strings"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// channels proves that what is ring-fenced is committed, and for a channel that exists.
func (a *audit) channels() error {
	known := make(map[string]bool)
	for c, err := range channels.all(a.ctx, a.tx, storage.DocumentFilter{}) {
		if err != nil {
			return err
		}
		known[c.Owner()] = true
	}
	for r, err := range a.tx.Stock().ListReservations(a.ctx, inventory.ReservationFilter{Open: true}) {
		if err != nil {
			return err
		}
		if !strings.HasPrefix(r.Owner, inventory.ChannelOwner) {
			continue
		}
		if !known[r.Owner] {
			a.note("what is ring-fenced is for a channel that exists", r.String(), "a channel", "none")
		}
		a.check("what is ring-fenced is committed", r.String(), r.Open(), r.Committed)
	}
	return nil
}
