package retail

// StockRule says which way a stock correction moves stock. Sales take stock and returns bring it back
// under either rule.
type StockRule int

const (
	// Physical is what the words of the ledger say: a write-off (quantity below zero) takes units off the
	// shelf and a find (above zero) puts them on it.
	Physical StockRule = iota
	// BySign takes the quantity of every line off the shelf, whatever the line is. Published figures for
	// the UCI file are computed like this; it makes a write-off add stock and a find use it up.
	BySign
)

// Change returns by how many units a correction of the given quantity changes stock on hand.
func (r StockRule) Change(qty int64) int64 {
	if r == BySign {
		return -qty
	}
	return qty
}

// Level is the stock of one item before the first step and after the last one.
type Level struct {
	Item    *Item
	Opening int64 // the least with which on hand never falls below zero
	Closing int64 // on hand when all steps have taken effect
}

// Stock returns the levels of all stocked items, by id: what the year must start with so that it never
// runs short, and what it ends with. With one unit less of an item whose opening is above zero, some
// step falls short of that item by one.
func (y *Year) Stock(rule StockRule) []Level {
	now := make([]int64, len(y.Items))    // on hand, had the year begun with nothing
	lowest := make([]int64, len(y.Items)) // the least of it so far
	move := func(item *Item, change int64) {
		if item.Stocked {
			now[item.index] += change
			lowest[item.index] = min(lowest[item.index], now[item.index])
		}
	}
	for i := range y.Steps {
		step := &y.Steps[i]
		for _, line := range step.Sale {
			move(line.Item, -line.Qty)
		}
		for _, r := range step.Returns {
			move(r.Item, r.Qty)
		}
		for _, line := range step.Corrections {
			move(line.Item, rule.Change(line.Qty))
		}
	}
	var levels []Level
	for i, item := range y.Items {
		if item.Stocked {
			levels = append(levels, Level{Item: item, Opening: -lowest[i], Closing: now[i] - lowest[i]})
		}
	}
	return levels
}
