package order_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var remainders = []order.Remainder{order.LargestRemainder, order.FirstTakesRest, order.LastTakesRest}

func addUp(parts []int64) int64 {
	var sum int64
	for _, part := range parts {
		sum += part
	}
	return sum
}

func mirrorOf(parts []int64) []int64 {
	mirrored := make([]int64, len(parts))
	for i, part := range parts {
		mirrored[i] = -part
	}
	return mirrored
}

func TestApportionByGivesTheRestToWhomTheRuleNames(t *testing.T) {
	t.Parallel()
	sevens, tens := slices.Repeat([]int64{100}, 7), slices.Repeat([]int64{100}, 10)
	for _, c := range []struct {
		name    string
		total   int64
		weights []int64
		rule    order.Remainder
		want    []int64
	}{
		{"exact shares leave no rest", 300, []int64{4000, 2000, 2000}, order.LargestRemainder, []int64{150, 75, 75}},
		{"the largest fraction gets the unit", 300, []int64{4300, 1400, 2300}, order.LargestRemainder, []int64{161, 53, 86}},
		{"ties go to the earlier position", 100, []int64{1000, 1000, 1000}, order.LargestRemainder, []int64{34, 33, 33}},
		{"two units to the first two", 299, []int64{1000, 1000, 1000}, order.LargestRemainder, []int64{100, 100, 99}},
		{"a heavier last line", 1000, []int64{3333, 3333, 3334}, order.LargestRemainder, []int64{333, 333, 334}},
		{"one position gets all", 300, []int64{123}, order.LargestRemainder, []int64{300}},
		{"zero weight gets nothing", 41, []int64{10, 0, 10}, order.LargestRemainder, []int64{21, 0, 20}},
		{"zero weights split evenly", 100, []int64{0, 0, 0}, order.LargestRemainder, []int64{34, 33, 33}},
		{"nothing to split", 0, []int64{5, 0}, order.LargestRemainder, []int64{0, 0}},
		{"nothing over nothing", 0, nil, order.LargestRemainder, []int64{}},
		{"more than the weights", 93, []int64{1, 2}, order.LargestRemainder, []int64{31, 62}},

		{"exact shares leave no rest", 300, []int64{4000, 2000, 2000}, order.FirstTakesRest, []int64{150, 75, 75}},
		{"halves go down, the first gets the unit", 300, []int64{4300, 1400, 2300}, order.FirstTakesRest, []int64{162, 52, 86}},
		{"no rest after rounding", 299, []int64{4300, 1400, 2300}, order.FirstTakesRest, []int64{161, 52, 86}},
		{"the first gets it, not the largest", 1000, []int64{3333, 3333, 3334}, order.FirstTakesRest, []int64{334, 333, 333}},
		{"the first gives a unit back", 200, []int64{1000, 1000, 1000}, order.FirstTakesRest, []int64{66, 67, 67}},
		{"zero weight gets nothing", 1, []int64{0, 1, 1, 1}, order.FirstTakesRest, []int64{0, 1, 0, 0}},
		{"a full line is passed over", 3, []int64{1, 1, 1, 1}, order.FirstTakesRest, []int64{0, 1, 1, 1}},
		{"no part turns its sign", 2, []int64{1, 100, 100, 100}, order.FirstTakesRest, []int64{0, 0, 1, 1}},
		{"zero weights split evenly", 1000, []int64{0, 0, 0}, order.FirstTakesRest, []int64{334, 333, 333}},

		{"the last takes the rest", 1000, []int64{3000, 4000}, order.LastTakesRest, []int64{429, 571}},
		{"the last takes the odd unit", 1000, []int64{5000, 5000, 5000}, order.LastTakesRest, []int64{333, 333, 334}},
		{"one position gets all", 1500, []int64{10000}, order.LastTakesRest, []int64{1500}},
		{"the last takes many", 10, sevens, order.LastTakesRest, []int64{1, 1, 1, 1, 1, 1, 4}},
		{"but never a surcharge", 15, tens, order.LastTakesRest, []int64{2, 2, 2, 2, 2, 2, 2, 1, 0, 0}},
		{"nor more than it weighs", 4, slices.Repeat([]int64{1}, 10), order.LastTakesRest, []int64{0, 0, 0, 0, 0, 0, 1, 1, 1, 1}},
		{"a free last line takes nothing", 10, []int64{100, 100, 100, 0}, order.LastTakesRest, []int64{3, 3, 4, 0}},
		{"zero weights split evenly", 100, []int64{0, 0, 0}, order.LastTakesRest, []int64{33, 33, 34}},
	} {
		got, err := order.ApportionBy(c.total, c.weights, c.rule)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, "%s: %s", c.rule, c.name)
		mirrored, err := order.ApportionBy(-c.total, c.weights, c.rule)
		require.NoError(t, err, c.name)
		require.Equal(t, mirrorOf(c.want), mirrored, "%s, mirrored: %s", c.rule, c.name)
	}
}

func TestApportionSurvivesTheExtremes(t *testing.T) {
	t.Parallel()
	for _, rule := range remainders {
		for _, sum := range []int64{math.MaxInt64, math.MinInt64, math.MaxInt64 - 1} {
			parts, err := order.ApportionBy(sum, []int64{math.MaxInt64 - 2, 1, 1}, rule)
			require.NoError(t, err)
			require.Equal(t, sum, addUp(parts))
			parts, err = order.ApportionBy(sum, []int64{0, 0}, rule)
			require.NoError(t, err)
			require.Equal(t, sum, addUp(parts))
		}
	}
}

func TestApportionRefusesWhatItCannotSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total    int64
		weights  []int64
		rule     order.Remainder
		position int
		advice   string
	}{
		{100, nil, order.LargestRemainder, -1, "no weights"},
		{100, []int64{1, -2}, order.LargestRemainder, 1, "negative weight -2"},
		{0, []int64{-2}, order.FirstTakesRest, 0, "negative weight -2"},
		{100, []int64{math.MaxInt64, 1}, order.LargestRemainder, 1, "scale the weights down"},
		{100, []int64{1}, 3, -1, "Remainder(3) is not a rule"},
	} {
		parts, err := order.ApportionBy(c.total, c.weights, c.rule)
		require.Nil(t, parts)
		require.ErrorIs(t, err, order.ErrApportion)
		require.ErrorContains(t, err, c.advice)
		var refused *order.ApportionError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, c.position, refused.Position)
		require.Equal(t, c.total, refused.Total)
	}
}

func TestPartsAddUpStayInProportionAndKeepTheirSign(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, math.MaxInt64/12), 1, 12).Draw(t, "weights")
		sum := rapid.Int64Range(-order.MaxMinor, order.MaxMinor).Draw(t, "total")
		if rapid.Bool().Draw(t, "small") {
			sum %= 20
			for i := range weights {
				weights[i] %= 5
			}
		}
		weight := addUp(weights)
		for _, rule := range remainders {
			parts, err := order.ApportionBy(sum, weights, rule)
			require.NoError(t, err)
			require.Len(t, parts, len(weights))
			require.Equal(t, sum, addUp(parts), "%s: the parts are the whole", rule)
			for i, part := range parts {
				require.GreaterOrEqual(t, part*signOf(sum), int64(0), "%s: no part turns its sign", rule)
				if weight > 0 && weights[i] == 0 {
					require.Zero(t, part, "%s: no weight, no part", rule)
				}
				if weight > 0 && max(sum, -sum) <= weight {
					require.LessOrEqual(t, part*signOf(sum), weights[i], "%s: no part exceeds its line", rule)
				}
				if weight > 0 && rule == order.LargestRemainder {
					off := new(big.Int).Mul(big.NewInt(part), big.NewInt(weight))
					off.Sub(off, new(big.Int).Mul(big.NewInt(sum), big.NewInt(weights[i])))
					require.Negative(t, off.CmpAbs(big.NewInt(weight)), "each part is within one unit of its exact share")
				}
			}
			mirrored, err := order.ApportionBy(-sum, weights, rule)
			require.NoError(t, err)
			require.Equal(t, mirrorOf(parts), mirrored, "%s: symmetric in the sign", rule)
		}
	})
}

func signOf(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

func TestApportionDoesNotDependOnTheOrderOfLinesExceptForTies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfNDistinct(rapid.Int64Range(1, 1e6), 2, 9, rapid.ID[int64]).Draw(t, "weights")
		sum := rapid.Int64Range(-1e6, 1e6).Draw(t, "total")
		order1, err := order.Apportion(sum, weights)
		require.NoError(t, err)
		shuffled := rapid.Permutation(weights).Draw(t, "shuffled")
		order2, err := order.Apportion(sum, shuffled)
		require.NoError(t, err)
		cut := func(w int64) int64 { return max(sum, -sum) * w % addUp(weights) }
		for i, w := range weights {
			j := slices.Index(shuffled, w)
			tied := slices.ContainsFunc(weights, func(v int64) bool { return v != w && cut(v) == cut(w) })
			if !tied {
				require.Equal(t, order1[i], order2[j], "weight %d", w)
			}
			require.LessOrEqual(t, max(order1[i]-order2[j], order2[j]-order1[i]), int64(1), "a tie moves one unit")
		}
	})
}

func TestApportionWithinRedistributesWhatACapCutsOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		total         int64
		weights, caps []int64
		rule          order.Remainder
		want          []int64
	}{
		{"minimum prices 0, 1900, 5000 and 2600", -1200, []int64{1000, 2000, 5000, 3000}, []int64{1000, 100, 0, 400},
			order.FirstTakesRest, []int64{-700, -100, 0, -400}},
		{"all room is used", -2000, []int64{5000, 6000}, []int64{500, 1500}, order.FirstTakesRest, []int64{-500, -1500}},
		{"no cap binds", 300, []int64{4300, 1400, 2300}, []int64{300, 300, 300}, order.LargestRemainder, []int64{161, 53, 86}},
		{"a weightless line takes only what others cannot", 10, []int64{1, 0, 0}, []int64{4, 5, 5}, order.LargestRemainder, []int64{4, 3, 3}},
		{"nothing over nothing", 0, nil, nil, order.LargestRemainder, []int64{}},
	} {
		got, err := order.ApportionWithin(c.total, c.weights, c.caps, c.rule)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, got, c.name)
	}
}

func TestApportionWithinRefusesCapsThatCannotHoldTheTotal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total         int64
		weights, caps []int64
		advice        string
	}{
		{2500, []int64{5000, 6000}, []int64{500, 1500}, "500 too low"},
		{-2500, []int64{5000, 6000}, []int64{500, 1500}, "500 too low"},
		{1, []int64{1, 1}, []int64{1}, "1 caps for 2 weights"},
		{1, []int64{1, 1}, []int64{2, -1}, "negative cap -1"},
		{1, []int64{1, -1}, []int64{2, 1}, "negative weight -1"},
	} {
		_, err := order.ApportionWithin(c.total, c.weights, c.caps, order.LargestRemainder)
		require.ErrorIs(t, err, order.ErrApportion)
		require.ErrorContains(t, err, c.advice)
	}
}

func TestCappedPartsAddUpAndStayWithinTheirCap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "lines")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1000), n, n).Draw(t, "weights")
		caps := rapid.SliceOfN(rapid.Int64Range(0, 1000), n, n).Draw(t, "caps")
		room := addUp(caps)
		sum := rapid.Int64Range(-room, room).Draw(t, "total")
		for _, rule := range remainders {
			parts, err := order.ApportionWithin(sum, weights, caps, rule)
			require.NoError(t, err)
			require.Equal(t, sum, addUp(parts), rule)
			for i, part := range parts {
				require.GreaterOrEqual(t, part*signOf(sum), int64(0), rule)
				require.LessOrEqual(t, part*signOf(sum), caps[i], rule)
			}
			if free, err := order.ApportionBy(sum, weights, rule); err == nil && fitCaps(free, caps) {
				require.Equal(t, free, parts, "caps that do not bind change nothing")
			}
		}
	})
}

func fitCaps(parts, caps []int64) bool {
	for i, part := range parts {
		if max(part, -part) > caps[i] {
			return false
		}
	}
	return true
}

func amounts(t require.TestingT, code string, amounts ...string) []order.Money {
	all := make([]order.Money, len(amounts))
	for i, amount := range amounts {
		m, err := order.ParseMoney(amount, code)
		require.NoError(t, err)
		all[i] = m
	}
	return all
}

func TestApportionMoneySplitsMinorUnits(t *testing.T) {
	t.Parallel()
	parts, err := order.ApportionMoney(order.MustMoney("-10.00", "EUR"), amounts(t, "EUR", "33.33", "33.33", "33.34"))
	require.NoError(t, err)
	require.Equal(t, amounts(t, "EUR", "-3.33", "-3.33", "-3.34"), parts)

	parts, err = order.ApportionMoney(order.MustMoney("5", "JPY"), []order.Money{order.MustMoney("1", "JPY"), {}})
	require.NoError(t, err, "the zero Money weighs nothing")
	require.Equal(t, amounts(t, "JPY", "5", "0"), parts)

	parts, err = order.ApportionMoney(order.Money{}, amounts(t, "EUR", "1.00", "2.00"))
	require.NoError(t, err)
	require.Equal(t, amounts(t, "EUR", "0.00", "0.00"), parts, "parts have the currency of the weights")

	_, err = order.ApportionMoney(order.MustMoney("5", "JPY"), amounts(t, "EUR", "1.00"))
	require.ErrorIs(t, err, order.ErrMixedCurrency)
	_, err = order.ApportionMoney(order.Money{}, append(amounts(t, "EUR", "1.00"), amounts(t, "USD", "1.00")...))
	require.ErrorIs(t, err, order.ErrMixedCurrency)
	parts, err = order.ApportionMoney(order.MustMoney("5", "JPY"), nil)
	require.ErrorIs(t, err, order.ErrApportion)
	require.Nil(t, parts)
}

func TestApportionCappedNeverTakesMoreThanALineHas(t *testing.T) {
	t.Parallel()
	lines := amounts(t, "EUR", "0.01", "0.01", "0.01", "100.00")
	parts, err := order.ApportionCapped(order.MustMoney("-100.02", "EUR"), lines)
	require.NoError(t, err)
	require.Equal(t, amounts(t, "EUR", "-0.01", "-0.01", "-0.01", "-99.99"), parts)
	_, err = order.ApportionCapped(order.MustMoney("100.04", "EUR"), lines)
	require.ErrorIs(t, err, order.ErrApportion)
	require.ErrorContains(t, err, "1 too low")
	_, err = order.ApportionCapped(order.MustMoney("1.00", "USD"), lines)
	require.ErrorIs(t, err, order.ErrMixedCurrency)
}

func TestShareOfBatchesFollowsTheRunningTotal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total  string
		of     int64
		sizes  []int64
		shares []string
	}{
		{"10.00", 3, []int64{1, 1, 1}, []string{"3.33", "3.34", "3.33"}},
		{"10.00", 3, []int64{2, 1}, []string{"6.67", "3.33"}},
		{"-10.00", 3, []int64{1, 1, 1}, []string{"-3.33", "-3.34", "-3.33"}},
		{"0.05", 2, []int64{1, 1}, []string{"0.03", "0.02"}},
		{"0.01", 3, []int64{1, 0, 1, 1}, []string{"0.00", "0.00", "0.01", "0.00"}},
		{"0.00", 5, []int64{5}, []string{"0.00"}},
	} {
		whole, before := order.MustMoney(c.total, "EUR"), int64(0)
		for i, size := range c.sizes {
			share, err := whole.Share(before, before+size, c.of)
			require.NoError(t, err)
			require.Equal(t, c.shares[i]+" EUR", share.String(), "batch %d of %s", i, c.total)
			before += size
		}
	}
	for _, c := range [][3]int64{{0, 0, 0}, {0, 1, -1}, {-1, 1, 2}, {2, 1, 2}, {0, 3, 2}} {
		_, err := order.MustMoney("10.00", "EUR").Share(c[0], c[1], c[2])
		require.ErrorIs(t, err, order.ErrApportion, c)
		var refused *order.ShareError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, order.ShareError{Before: c[0], After: c[1], Of: c[2]}, *refused)
		require.ErrorContains(t, err, "before <= after <= of")
	}
}

func TestBatchesAddUpToTheWholeForAnyPartition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Int64().Draw(t, "total")
		of := rapid.Int64Range(1, math.MaxInt64).Draw(t, "pieces")
		if rapid.Bool().Draw(t, "small") {
			whole, of = whole%1000, 1+of%20
		}
		stops := append(rapid.SliceOf(rapid.Int64Range(0, of)).Draw(t, "stops"), of)
		slices.Sort(stops)
		var before, paid int64
		for _, after := range stops {
			share, err := order.CumulativeShare(whole, before, after, of)
			require.NoError(t, err)
			if whole < 0 {
				require.LessOrEqual(t, share, int64(0), "no batch turns its sign")
			} else {
				require.GreaterOrEqual(t, share, int64(0), "no batch turns its sign")
			}
			before, paid = after, paid+share
		}
		require.Equal(t, whole, paid)
	})
}

func TestRulesHaveStableNamesAndNumbers(t *testing.T) {
	t.Parallel()
	for number, name := range []string{"largest_remainder", "first_takes_rest", "last_takes_rest", "Remainder(3)"} {
		require.Equal(t, name, order.Remainder(number).String())
	}
	for number, name := range []string{"half_up", "half_even", "half_down", "down", "up", "Rounding(5)"} {
		require.Equal(t, name, order.Rounding(number).String())
	}
}

func BenchmarkApportion(b *testing.B) {
	weights := []int64{1999, 4599, 2350, 799, 12000, 150, 3333, 3333, 3334, 2}
	for _, rule := range remainders {
		b.Run(rule.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = order.ApportionBy(1000, weights, rule)
			}
		})
	}
}
