package order

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// ErrApportion is matched when a total cannot be split as asked.
var ErrApportion = errors.New("order: cannot apportion")

// ApportionError tells why a total was not split. It matches ErrApportion.
type ApportionError struct {
	Total    int64  // minor units or pieces to split
	Position int    // of the weight or cap at fault, counted from 0; -1 when it is all of them
	Reason   string // what is wrong and what to do
}

// Error names the total, the position and the way out.
func (e *ApportionError) Error() string {
	if e.Position < 0 {
		return fmt.Sprintf("order: cannot apportion %d: %s", e.Total, e.Reason)
	}
	return fmt.Sprintf("order: cannot apportion %d: at position %d %s", e.Total, e.Position, e.Reason)
}

// Is reports that an ApportionError is an ErrApportion.
func (e *ApportionError) Is(target error) bool { return target == ErrApportion }

// ShareError tells which batch is not a part of the whole. It matches
// ErrApportion.
type ShareError struct {
	Before, After, Of int64 // pieces
}

// Error names the batch and the way out.
func (e *ShareError) Error() string {
	return fmt.Sprintf("order: no share for pieces %d to %d of %d: pass 0 <= before <= after <= of, and of > 0",
		e.Before, e.After, e.Of)
}

// Is reports that a ShareError is an ErrApportion.
func (e *ShareError) Is(target error) bool { return target == ErrApportion }

// Remainder says who gets the units that rounding leaves over when a total is
// split. The default is the fair one; the others exist because merchants who
// move from another system expect its cents. The numbers are stable: they may
// be stored.
//
// With every rule the parts add up to the total, none turns its sign, a weight
// of zero gets nothing while another is above zero, and no part exceeds its
// weight while the total does not exceed the sum of weights. Systems that lack
// those limits turn a discount on one line into a surcharge on another; there
// alone the cents differ from theirs.
type Remainder uint8

// The rules for what rounding leaves over.
const (
	LargestRemainder Remainder = iota // round down, then one unit each to the largest fractions, ties to the earlier position
	FirstTakesRest                    // round halves down, then one unit more or less each from the first position on
	LastTakesRest                     // round halves up, the last position takes the rest
)

// String returns the name of the rule, such as "largest_remainder".
func (r Remainder) String() string {
	names := [...]string{"largest_remainder", "first_takes_rest", "last_takes_rest"}
	if int(r) < len(names) {
		return names[r]
	}
	return "Remainder(" + strconv.Itoa(int(r)) + ")"
}

// Apportion splits total over weights in proportion, by LargestRemainder. The
// parts add up to total exactly and a negative total gets the mirror image of
// the positive one. When all weights are zero the split is even.
//
// It fails with an *ApportionError when a weight is negative, the weights add
// up to more than an int64 holds, or there are none to give a total to.
func Apportion(total int64, weights []int64) ([]int64, error) {
	return ApportionBy(total, weights, LargestRemainder)
}

// ApportionBy is Apportion with a choice of rule. An unknown rule is an
// *ApportionError.
func ApportionBy(total int64, weights []int64, rule Remainder) ([]int64, error) {
	if err := checkApportion(total, weights, rule); err != nil {
		return nil, err
	}
	return split(total, weights, rule), nil
}

// ApportionWithin is ApportionBy where the part at position i is at most
// caps[i], whatever its weight. What a part cannot take goes to the others in
// proportion to their weights, so a discount never lowers a line below its
// minimum price. It also fails with an *ApportionError when a cap is negative,
// the number of caps differs from the number of weights, or the caps together
// are less than the total.
func ApportionWithin(total int64, weights, caps []int64, rule Remainder) ([]int64, error) {
	if err := checkApportion(total, weights, rule); err != nil {
		return nil, err
	}
	if err := checkCaps(total, weights, caps); err != nil {
		return nil, err
	}
	parts := make([]int64, len(weights))
	open := make([]int, len(weights)) // positions that are not at their cap
	for i := range open {
		open[i] = i
	}
	rest := total
	for len(open) > 0 {
		some := make([]int64, len(open))
		for i, at := range open {
			some[i] = weights[at]
		}
		some = split(rest, some, rule)
		full := 0
		for i, at := range open {
			if magnitude(some[i]) <= uint64(caps[at]) {
				parts[at] = some[i]
				open[i-full] = at
				continue
			}
			parts[at] = signed(uint64(caps[at]), total < 0)
			rest -= parts[at]
			full++
		}
		if full == 0 {
			break
		}
		// The rest is split anew, not added on top: one rounding instead of two.
		open = open[:len(open)-full]
	}
	return parts, nil
}

// ApportionMoney splits total over weights like Apportion. Mixed currencies are
// a *MixedCurrencyError.
func ApportionMoney(total Money, weights []Money) ([]Money, error) {
	units, c, err := minorUnits(total, weights)
	if err != nil {
		return nil, err
	}
	parts, err := Apportion(total.minor, units)
	return moneyParts(parts, c), err
}

// ApportionCapped splits total over lines in proportion to what each can take
// at most: 0 <= |part| <= cap. It fails like ApportionMoney, and with an
// *ApportionError when the caps together are less than the total; clamp the
// total first if less is acceptable.
func ApportionCapped(total Money, caps []Money) ([]Money, error) {
	units, c, err := minorUnits(total, caps)
	if err != nil {
		return nil, err
	}
	parts, err := ApportionWithin(total.minor, units, units, LargestRemainder)
	return moneyParts(parts, c), err
}

// CumulativeShare returns the share of total that falls on the pieces after
// the first before up to and including after, of all pieces together:
//
//	round(total × after ÷ of) − round(total × before ÷ of)
//
// with halves rounded away from zero. Consecutive batches from 0 to of
// therefore add up to total, however the pieces are batched: 10.00 over three
// pieces is 3.33, 3.34, 3.33 one by one and 6.67, 3.33 in two batches. It fails
// with a *ShareError unless 0 <= before <= after <= of and of > 0.
func CumulativeShare(total int64, before, after, of int64) (int64, error) {
	if of <= 0 || before < 0 || before > after || after > of {
		return 0, &ShareError{Before: before, After: after, Of: of}
	}
	whole := magnitude(total)
	upTo := func(pieces int64) uint64 {
		part, cut := portion(whole, uint64(pieces), uint64(of))
		if cut >= uint64(of)-cut {
			part++
		}
		return part
	}
	return signed(upTo(after)-upTo(before), total < 0), nil
}

// Share returns the part of m that falls on one batch of pieces; see
// CumulativeShare. Refund the returned pieces of a line with it and returning
// all of them, in whatever batches, refunds exactly m.
func (m Money) Share(before, after, of int64) (Money, error) {
	part, err := CumulativeShare(m.minor, before, after, of)
	if err != nil {
		return Money{}, err
	}
	return Money{minor: part, currency: m.currency}, nil
}

func checkApportion(total int64, weights []int64, rule Remainder) error {
	fail := func(position int, reason string) error {
		return &ApportionError{Total: total, Position: position, Reason: reason}
	}
	if rule > LastTakesRest {
		return fail(-1, rule.String()+" is not a rule: use LargestRemainder, FirstTakesRest or LastTakesRest")
	}
	if len(weights) == 0 && total != 0 {
		return fail(-1, "there are no weights: pass one for each line that takes part")
	}
	var sum int64
	for i, w := range weights {
		if w < 0 {
			return fail(i, fmt.Sprintf("is the negative weight %d: pass zero for a line that takes no part", w))
		}
		if sum > math.MaxInt64-w {
			return fail(i, "the sum of weights exceeds an int64: scale the weights down")
		}
		sum += w
	}
	return nil
}

func checkCaps(total int64, weights, caps []int64) error {
	if len(caps) != len(weights) {
		return &ApportionError{Total: total, Position: -1,
			Reason: fmt.Sprintf("there are %d caps for %d weights: pass one for each", len(caps), len(weights))}
	}
	lacking := magnitude(total)
	for i, limit := range caps {
		if limit < 0 {
			return &ApportionError{Total: total, Position: i,
				Reason: fmt.Sprintf("is the negative cap %d: pass zero for a line that can take nothing", limit)}
		}
		lacking -= min(lacking, uint64(limit))
	}
	if lacking > 0 {
		return &ApportionError{Total: total, Position: -1,
			Reason: fmt.Sprintf("the caps together are %d too low: lower the total or raise a cap", lacking)}
	}
	return nil
}

// split is ApportionBy for weights and a rule that were checked.
func split(total int64, weights []int64, rule Remainder) []int64 {
	s := splitting{total: magnitude(total), weights: weights}
	for _, w := range weights {
		s.sum += uint64(w)
	}
	if s.sum == 0 {
		s.weights = slices.Repeat([]int64{1}, len(weights))
		s.sum = uint64(len(weights))
	}
	var parts []uint64
	switch rule {
	case FirstTakesRest:
		parts = s.firstTakesRest()
	case LastTakesRest:
		parts = s.lastTakesRest()
	default:
		parts = s.largestRemainder()
	}
	result := make([]int64, len(parts))
	for i, part := range parts {
		result[i] = signed(part, total < 0)
	}
	return result
}

// splitting divides a magnitude; the sign is put back afterwards, which makes
// every rule symmetric.
type splitting struct {
	total   uint64
	weights []int64
	sum     uint64 // of weights, above zero unless there are none
}

func (s splitting) largestRemainder() []uint64 {
	parts, cuts, order := make([]uint64, len(s.weights)), make([]uint64, len(s.weights)), make([]int, len(s.weights))
	rest := s.total
	for i, w := range s.weights {
		parts[i], cuts[i] = portion(s.total, uint64(w), s.sum)
		rest -= parts[i]
		order[i] = i
	}
	if rest > 0 {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cuts[b], cuts[a]) })
	}
	for _, i := range order[:rest] {
		parts[i]++
	}
	return parts
}

func (s splitting) firstTakesRest() []uint64 {
	parts := make([]uint64, len(s.weights))
	var given uint64
	for i, w := range s.weights {
		part, cut := portion(s.total, uint64(w), s.sum)
		if cut > s.sum-cut {
			part++
		}
		parts[i] = part
		given += part
	}
	for i := range parts {
		switch {
		case given < s.total && parts[i] < s.limit(i):
			parts[i]++
			given++
		case given > s.total && parts[i] > 0:
			parts[i]--
			given--
		}
	}
	return parts
}

func (s splitting) lastTakesRest() []uint64 {
	parts := make([]uint64, len(s.weights))
	rest := s.total
	for i, w := range s.weights {
		part, cut := portion(s.total, uint64(w), s.sum)
		if cut >= s.sum-cut {
			part++
		}
		parts[i] = min(part, rest)
		rest -= parts[i]
	}
	for i := len(parts) - 1; rest > 0; i-- {
		more := min(rest, s.limit(i)-parts[i])
		parts[i] += more
		rest -= more
	}
	return parts
}

// limit returns how much position i may get: its weight, so that no discount
// exceeds its line, unless the total itself exceeds the sum.
func (s splitting) limit(i int) uint64 {
	if s.total <= s.sum || s.weights[i] == 0 {
		return uint64(s.weights[i])
	}
	return math.MaxUint64
}

// portion returns total × weight ÷ sum and its remainder through a 128-bit
// product. weight must not exceed sum, which must not be zero.
func portion(total, weight, sum uint64) (quotient, cut uint64) {
	hi, lo := bits.Mul64(total, weight)
	return bits.Div64(hi, lo, sum)
}

// minorUnits returns the weights in minor units and the currency that they
// share with total.
func minorUnits(total Money, weights []Money) ([]int64, Currency, error) {
	units := make([]int64, len(weights))
	for i, w := range weights {
		c, err := total.common(w)
		if err != nil {
			return nil, Currency{}, err
		}
		total.currency, units[i] = c, w.minor
	}
	return units, total.currency, nil
}

func moneyParts(parts []int64, c Currency) []Money {
	if parts == nil {
		return nil
	}
	result := make([]Money, len(parts))
	for i, part := range parts {
		result[i] = Money{minor: part, currency: c}
	}
	return result
}
