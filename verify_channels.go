package oms

import (
	"strings"

	"github.com/orderkit/oms/inventory"
)

// channels proves that what is ring-fenced is committed, and for a channel that exists.
func (a *audit) channels() error {
	known := make(map[string]bool)
	if err := everyPaper(a, channels, func(c *inventory.Channel) error {
		known[c.Owner()] = true
		return nil
	}); err != nil {
		return err
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
