package transfer

import (
	"fmt"

	"github.com/orderkit/oms/inventory"
)

// MaxPage is the largest number of transfers in a page, and the default.
const MaxPage = 500

// Filter selects transfers. The zero filter selects all, by destination in descending
// order, and to the same one newest first.
type Filter struct {
	To    []string // to one of these locations; nil is no limit
	Open  bool     // only those with something left to do
	After ID       // those behind this one: the last of the page before
	Limit int      // page size, 1 to MaxPage; 0 means MaxPage
}

// Supply is what the destination may expect, one for each line that has left the origin:
// the units in transit, due when the transfer is expected. A transfer that nobody knows
// the arrival of is no supply: its units can be seen, but not promised for a day.
func (t *Transfer) Supply() []inventory.Supply {
	if t.Expected.IsZero() || len(t.Dispatches) == 0 {
		return nil
	}
	out := make([]inventory.Supply, 0, len(t.Lines))
	for i := range t.Lines {
		l := &t.Lines[i]
		out = append(out, inventory.Supply{
			ID: fmt.Sprintf("%s/%d", t.Owner(), l.No), Item: l.Item, Location: t.To, Due: t.Expected,
			Qty: l.Sum().InTransit, Document: t.Owner(), Line: l.No,
		})
	}
	return out
}
