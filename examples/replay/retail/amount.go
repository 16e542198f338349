package retail

import (
	"errors"
	"math"
	"strings"

	"github.com/shopspring/decimal"
)

// Amount is money in ten-thousandths of the ledger's currency unit, exact: 25500 is 2.55. Unit prices
// below a penny occur, so pence would not do.
type Amount int64

const (
	decimals = 4
	unit     = 10_000 // amount of one pound
	penny    = 100    // amount of one penny
)

var errAmount = errors.New("not a plain decimal number with at most 4 decimals, such as 2.550: write it so")

// ParseAmount reads a decimal number: an optional sign, digits, and optionally a point and digits. More
// than four decimals are accepted only when the further ones are zero; nothing is ever rounded.
func ParseAmount(s string) (Amount, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || (point && fraction == "") {
		return 0, errAmount
	}
	if len(fraction) > decimals {
		if strings.Trim(fraction[decimals:], "0") != "" {
			return 0, errAmount
		}
		fraction = fraction[:decimals]
	}
	a, ok := shift(0, whole)
	if ok {
		a, ok = shift(a, fraction)
	}
	if ok {
		a, ok = shift(a, "0000"[len(fraction):])
	}
	if !ok {
		return 0, errAmount
	}
	if negative {
		a = -a
	}
	return a, nil
}

// shift appends digits to a; it is false for anything but digits and when the result does not fit.
func shift(a Amount, digits string) (Amount, bool) {
	for i := range len(digits) {
		d := digits[i] - '0'
		if d > 9 || a > (math.MaxInt64-Amount(d))/10 {
			return 0, false
		}
		a = a*10 + Amount(d)
	}
	return a, true
}

// Round returns the amount in whole pence, half a penny going away from zero.
func (a Amount) Round() Amount {
	rest := a % penny
	a -= rest
	switch {
	case rest >= penny/2:
		return a + penny
	case rest <= -penny/2:
		return a - penny
	default:
		return a
	}
}

// Decimal returns the amount in currency units.
func (a Amount) Decimal() decimal.Decimal { return decimal.New(int64(a), -decimals) }

// String returns the amount in currency units with two decimals, or as many as it needs.
func (a Amount) String() string {
	s := a.Decimal().StringFixed(decimals)
	for range decimals - 2 {
		s = strings.TrimSuffix(s, "0")
	}
	return s
}
