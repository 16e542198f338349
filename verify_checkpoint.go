package oms

import (
	"fmt"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// checkpoints proves that each checkpoint of an item is the one before it and what moved
// since.
func (a *audit) checkpoints() error {
	var item string
	var tally inventory.Tally // what it had, by its movements
	var upTo inventory.Place  // up to here
	for c, err := range checkpoints.all(a.ctx, a.tx, storage.DocumentFilter{}) {
		if err != nil {
			return err
		}
		if item != c.Item {
			item, tally, upTo = c.Item, inventory.Tally{}, inventory.Place{}
		}
		end := inventory.EndOf(c.At)
		flow, err := a.tx.Stock().SumMovements(a.ctx, c.Item, inventory.Span{After: upTo, Until: end})
		if err != nil {
			return err
		}
		tally.Forward(flow.Moved)
		upTo = end
		if have := c.Tally(); !tally.Equal(have) {
			a.note("a checkpoint is the sum of the movements up to its moment", fmt.Sprintf("item %q at %s", c.Item, c.At.Format(time.RFC3339Nano)),
				tally.Balances(c.Item), have.Balances(c.Item))
		}
	}
	return nil
}
