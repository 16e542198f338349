package costing_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/costing"
)

// unit is one unit of the naive model: it carries its own cost about.
type unit struct {
	receipt int
	cost    int64 // millionths
}

// queue is the naive model of FIFO: units in line, and under each document those that
// left.
type queue struct {
	stock    []unit
	out      map[string][]unit
	receipts map[int]int64 // to the number of units
	variance int64
}

func (q *queue) add(us ...unit) {
	for _, u := range us {
		at := len(q.stock)
		for at > 0 && q.stock[at-1].receipt > u.receipt {
			at--
		}
		q.stock = slices.Insert(q.stock, at, u)
	}
}

func worth(us []unit) (sum int64) {
	for _, u := range us {
		sum += u.cost
	}
	return sum
}

func millionths(n int64) decimal.Decimal { return decimal.New(n, -6) }

func TestFIFOIsAListOfUnitsThatCarryTheirCost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, q := fifo(t), queue{out: map[string][]unit{}, receipts: map[int]int64{}}
		postings := map[int]inventory.Posting{}
		documents := rapid.SampledFrom([]string{"order-1", "order-2", "order-3"})
		t.Repeat(map[string]func(*rapid.T){
			"receive": func(t *rapid.T) {
				if s.made > 200 {
					t.Skip("enough")
				}
				qty, cost := rapid.Int64Range(1, 9).Draw(t, "qty"), rapid.Int64Range(0, 9_999_999).Draw(t, "cost")
				no := int(s.heads["tee"].Seq) + 1
				postings[no] = s.receive(t, "tee", qty, millionths(cost).String())
				q.receipts[no] = qty
				for range qty {
					q.add(unit{no, cost})
				}
			},
			"ship": func(t *rapid.T) {
				if len(q.stock) == 0 || s.made > 200 {
					t.Skip("nothing to ship")
				}
				n, doc := rapid.IntRange(1, len(q.stock)).Draw(t, "qty"), documents.Draw(t, "document")
				require.Equal(t, millionths(worth(q.stock[:n])).String(), s.ship(t, "tee", doc, int64(n)).String())
				q.out[doc] = append(q.out[doc], q.stock[:n]...)
				q.stock = slices.Clone(q.stock[n:])
			},
			"return": func(t *rapid.T) {
				doc := documents.Draw(t, "document")
				if len(q.out[doc]) == 0 || s.made > 200 {
					t.Skip("nothing left")
				}
				n := rapid.IntRange(1, len(q.out[doc])).Draw(t, "qty")
				require.Equal(t, millionths(worth(q.out[doc][:n])).String(), s.back(t, "tee", doc, int64(n)).String())
				q.add(q.out[doc][:n]...)
				q.out[doc] = slices.Clone(q.out[doc][n:])
			},
			"revalue": func(t *rapid.T) {
				if len(postings) == 0 {
					t.Skip("no receipt")
				}
				var nos []int
				for no := range postings {
					nos = append(nos, no)
				}
				slices.Sort(nos)
				no, each := rapid.SampledFrom(nos).Draw(t, "receipt"), rapid.Int64Range(1, 99).Draw(t, "each")
				e, err := s.revalue(t, "tee", postings[no], millionths(each*q.receipts[no]).String())
				require.NoError(t, err)
				here := int64(0)
				for i := range q.stock {
					if q.stock[i].receipt == no {
						q.stock[i].cost += each
						here++
					}
				}
				require.Equal(t, millionths(each*here).String(), e.Value.String())
				require.Equal(t, millionths(each*(q.receipts[no]-here)).String(), e.Variance.String())
			},
			"": func(t *rapid.T) {
				require.Equal(t, millionths(worth(q.stock)).String(), s.heads["tee"].Value.String())
				require.Equal(t, int64(len(q.stock)), s.heads["tee"].Qty)
			},
		})
	})
}

// amount draws an amount that nothing divides evenly.
func amount(t *rapid.T, name string) decimal.Decimal {
	return millionths(rapid.Int64Range(1, 99_999_999).Draw(t, name))
}

// batches cuts a number into positive parts.
func batches(t *rapid.T, n int64, name string) []int64 {
	var out []int64
	for n > 0 {
		b := rapid.Int64Range(1, n).Draw(t, name)
		out = append(out, b)
		n -= b
	}
	return out
}

func TestReturnsInAnyBatchesGiveBackWhatLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, s := range []*shop{fifo(t), average(t)} {
			var units int64
			for i := range rapid.IntRange(1, 4).Draw(t, "receipts") {
				n := rapid.Int64Range(1, 9).Draw(t, "qty")
				p := s.receive(t, "tee", n, amount(t, "cost").String())
				if i%2 == 0 {
					_, err := s.revalue(t, "tee", p, amount(t, "freight").String())
					require.NoError(t, err)
				}
				units += n
			}
			before := s.heads["tee"].Value
			sold := rapid.Int64Range(1, units).Draw(t, "sold")
			once := s.clone()
			var cost decimal.Decimal
			for _, n := range batches(t, sold, "shipment") {
				cost = cost.Add(s.ship(t, "tee", "order-1", n))
			}
			require.True(t, cost.Equal(once.ship(t, "tee", "order-1", sold)), "units leave in any batches at the same cost")
			var back decimal.Decimal
			for _, n := range batches(t, sold, "return") {
				back = back.Add(s.back(t, "tee", "order-1", n))
			}
			require.True(t, back.Equal(cost), "%s left, %s came back", cost, back)
			require.True(t, s.heads["tee"].Value.Equal(before))
			require.Equal(t, "0", s.ship(t, "tee", "order-2", units).Sub(before).String(), "the last unit takes what is left")
		}
	})
}

func TestAnAverageUnitIsWorthValueByQuantity(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := average(t)
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			h := s.heads["tee"]
			if h.Qty == 0 || rapid.Bool().Draw(t, "receive") {
				s.receive(t, "tee", rapid.Int64Range(1, 9).Draw(t, "qty"), amount(t, "cost").String())
				continue
			}
			n := rapid.Int64Range(1, h.Qty).Draw(t, "qty")
			exact := h.Value.Mul(decimal.NewFromInt(n)).DivRound(decimal.NewFromInt(h.Qty), 20)
			off := s.ship(t, "tee", fmt.Sprint("order-", n), n).Sub(exact).Abs()
			require.True(t, off.LessThanOrEqual(millionths(3)), "off by %s", off)
		}
	})
}

// A sale before the freight bill costs less and leaves variance; after it, it costs more.
func TestSaleAndRevaluationCommuteInTotal(t *testing.T) {
	t.Parallel()
	for _, method := range []inventory.CostMethod{inventory.CostFIFO, inventory.CostAverage} {
		rapid.Check(t, func(t *rapid.T) {
			s := newShop(t, map[string]inventory.CostMethod{"tee": method})
			units := rapid.Int64Range(1, 50).Draw(t, "units")
			p := s.receive(t, "tee", units, amount(t, "cost").String())
			freights := []string{amount(t, "freight").String(), amount(t, "duty").String()}
			sold := rapid.Int64Range(1, units).Draw(t, "sold")
			run := func(s *shop, at int) (expense, left decimal.Decimal) {
				for i, f := range freights {
					if i == at {
						expense = expense.Add(s.ship(t, "tee", "order-1", sold))
					}
					e, err := s.revalue(t, "tee", p, f)
					require.NoError(t, err)
					expense = expense.Add(e.Variance)
				}
				if at == len(freights) {
					expense = expense.Add(s.ship(t, "tee", "order-1", sold))
				}
				return expense, s.heads["tee"].Value
			}
			want, left := run(s.clone(), 0)
			for at := 1; at <= len(freights); at++ {
				expense, stock := run(s.clone(), at)
				require.True(t, expense.Add(stock).Equal(want.Add(left)), "nothing is lost")
				if method == inventory.CostFIFO {
					require.True(t, expense.Equal(want), "sold at %d: %s, first: %s", at, expense, want)
				} else {
					require.True(t, expense.Sub(want).Abs().LessThanOrEqual(millionths(3)), "sold at %d: %s, first: %s", at, expense, want)
				}
			}
		})
	}
}

func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total, of := amount(t, "total"), rapid.Int64Range(1, 1000).Draw(t, "of")
		var sum decimal.Decimal
		var at int64
		for _, n := range batches(t, of, "batch") {
			part := costing.Share(total, at, at+n, of)
			require.False(t, part.IsNegative())
			sum, at = sum.Add(part), at+n
		}
		require.True(t, sum.Equal(total))
	})
}
