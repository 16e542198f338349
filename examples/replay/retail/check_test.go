package retail_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/examples/replay/retail"
)

// checkWhole holds for every ledger that can be read: the plan loses nothing, its matches are real
// and its opening stock is the least that suffices. The error tells the first breach.
func checkWhole(year *retail.Year) error {
	for _, check := range []func(*retail.Year) error{checkRows, checkMoney, checkGoods, checkMatches, checkStock} {
		if err := check(year); err != nil {
			return err
		}
	}
	return nil
}

func requireWhole(t *testing.T, year *retail.Year) {
	t.Helper()
	require.NoError(t, checkWhole(year))
}

// lines yields all lines of a step, corrections and adjustments included.
func lines(step *retail.Step) []retail.Line {
	var all []retail.Line
	all = append(all, step.Sale...)
	for _, r := range step.Returns {
		all = append(all, r.Line)
	}
	all = append(all, step.Corrections...)
	return append(all, step.Adjustments...)
}

func checkRows(year *retail.Year) error {
	rows := make(map[int]bool)
	for i := range year.Steps {
		step := &year.Steps[i]
		if i > 0 && step.At.Before(year.Steps[i-1].At) {
			return fmt.Errorf("step %s is out of order", step.Invoice)
		}
		all := lines(step)
		if len(all) == 0 {
			return fmt.Errorf("step %s is empty", step.Invoice)
		}
		for _, line := range all {
			rows[line.Row] = true
		}
	}
	if want := year.Reference.Total.Net().Lines; int64(len(rows)) != want {
		return fmt.Errorf("%d of %d rows are in the plan", len(rows), want)
	}
	return nil
}

func checkMoney(year *retail.Year) error {
	var planned retail.Amount
	for _, step := range year.Steps {
		for _, line := range step.Sale {
			planned += line.Amount()
		}
		for _, r := range step.Returns {
			planned -= r.Amount()
		}
		for _, line := range step.Corrections {
			planned += line.Amount()
		}
		for _, line := range step.Adjustments {
			planned += line.Amount()
		}
	}
	for name, groups := range map[string][]retail.Group{"months": year.Reference.Months, "countries": year.Reference.Countries} {
		var sum retail.Amount
		for _, g := range groups {
			sum += g.Net().Exact
		}
		if sum != planned {
			return fmt.Errorf("%s sum to %v, the plan to %v", name, sum, planned)
		}
	}
	if want := year.Reference.Total.Net().Exact; planned != want {
		return fmt.Errorf("the plan sums to %v, the rows to %v", planned, want)
	}
	return nil
}

func checkGoods(year *retail.Year) error {
	moved := make(map[string]int64)
	for _, step := range year.Steps {
		for _, line := range step.Sale {
			moved[line.Item.ID] -= line.Qty
		}
		for _, r := range step.Returns {
			moved[r.Item.ID] += r.Qty
		}
		for _, line := range step.Corrections {
			moved[line.Item.ID] += line.Qty
		}
	}
	for _, item := range year.Items {
		u := year.Reference.Units[item.ID]
		if want := u.Cancelled + u.Found - u.Sold - u.WrittenOff; item.Stocked && moved[item.ID] != want {
			return fmt.Errorf("item %q: the plan moves %d units, the rows %d", item.ID, moved[item.ID], want)
		}
	}
	return nil
}

func checkMatches(year *retail.Year) error {
	type place struct {
		invoice string
		line    int
	}
	taken := make(map[place]int64)
	placed := make(map[string]*retail.Step)
	for i := range year.Steps {
		step := &year.Steps[i]
		placed[step.Invoice] = step
		for _, r := range step.Returns {
			left := r.Qty
			for _, m := range r.Matches {
				sale := placed[m.Invoice]
				if sale == nil || sale.Customer != step.Customer || step.Customer == "" {
					return fmt.Errorf("row %d: matched %s, which is no earlier sale to the customer", r.Row, m.Invoice)
				}
				line := sale.Sale[m.Line]
				if line.Item != r.Item || line.Price != r.Price {
					return fmt.Errorf("row %d: matched row %d of another item or price", r.Row, line.Row)
				}
				at := place{m.Invoice, m.Line}
				taken[at] += m.Qty
				if m.Qty <= 0 || taken[at] > line.Qty {
					return fmt.Errorf("row %d: took %d of the %d units of row %d", r.Row, taken[at], line.Qty, line.Row)
				}
				left -= m.Qty
			}
			if r.Unmatched < 0 || left != r.Unmatched {
				return fmt.Errorf("row %d: %d units are neither matched nor unmatched", r.Row, left-r.Unmatched)
			}
		}
	}
	return nil
}

// checkStock replays the year, once with the opening stock, noting how low each item gets.
func checkStock(year *retail.Year) error {
	for _, rule := range []retail.StockRule{retail.Physical, retail.BySign} {
		onHand := make(map[*retail.Item]int64)
		lowest := make(map[*retail.Item]int64)
		for _, level := range year.Stock(rule) {
			onHand[level.Item] = level.Opening
			lowest[level.Item] = level.Opening
		}
		move := func(item *retail.Item, change int64) {
			onHand[item] += change
			lowest[item] = min(lowest[item], onHand[item])
		}
		for _, step := range year.Steps {
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
		for _, level := range year.Stock(rule) {
			low := lowest[level.Item]
			if low < 0 || (low > 0 && level.Opening > 0) || onHand[level.Item] != level.Closing {
				return fmt.Errorf("item %q, rule %d: opening %d gets as low as %d and ends at %d, not %d",
					level.Item.ID, rule, level.Opening, low, onHand[level.Item], level.Closing)
			}
		}
	}
	return nil
}
