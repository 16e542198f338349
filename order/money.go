package order

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/shopspring/decimal"
)

// MaxMinor is the largest magnitude of a Money in minor units: almost ten
// trillion euros, or a quadrillion yen. It leaves room to add thousands of
// amounts in an int64 and is below 2^53, so every number format keeps it.
const MaxMinor = 999_999_999_999_999

// Sentinels of money; the typed errors beside them carry the facts.
var (
	// ErrAmount is matched when an amount is not written as money of its currency.
	ErrAmount = errors.New("order: amount not accepted")
	// ErrBounds is matched when an amount exceeds MaxMinor.
	ErrBounds = errors.New("order: amount out of bounds")
	// ErrMixedCurrency is matched when amounts of different currencies meet.
	ErrMixedCurrency = errors.New("order: mixed currencies")
)

// AmountError tells which amount was refused and why. It matches ErrAmount.
type AmountError struct {
	Amount   string   // as given
	Currency Currency // zero when it is not known yet
	Reason   string   // what is wrong and what to do
}

// Error names the amount and the way out.
func (e *AmountError) Error() string {
	if e.Currency.IsZero() {
		return fmt.Sprintf("order: amount %.60q %s", e.Amount, e.Reason)
	}
	return fmt.Sprintf("order: amount %.60q in %s %s", e.Amount, e.Currency, e.Reason)
}

// Is reports that an AmountError is an ErrAmount.
func (e *AmountError) Is(target error) bool { return target == ErrAmount }

// BoundsError tells which amount, given or computed, exceeds MaxMinor. It
// matches ErrBounds.
type BoundsError struct {
	Amount   string
	Currency Currency
}

// Error names the amount and the bound.
func (e *BoundsError) Error() string {
	limit := Money{minor: MaxMinor, currency: e.Currency}
	return fmt.Sprintf("order: amount %.60s %s is out of bounds: keep every amount and total within ±%s",
		e.Amount, e.Currency, limit)
}

// Is reports that a BoundsError is an ErrBounds.
func (e *BoundsError) Is(target error) bool { return target == ErrBounds }

// MixedCurrencyError tells which two currencies met. It matches
// ErrMixedCurrency.
type MixedCurrencyError struct {
	Left, Right Currency
}

// Error names both currencies and the way out.
func (e *MixedCurrencyError) Error() string {
	return fmt.Sprintf("order: %s and %s do not mix: convert one of them first, at a rate you record",
		e.Left, e.Right)
}

// Is reports that a MixedCurrencyError is an ErrMixedCurrency.
func (e *MixedCurrencyError) Is(target error) bool { return target == ErrMixedCurrency }

// Money is an amount in a currency, exact to the minor unit and within
// ±MaxMinor. It compares with ==: 19.90 EUR has one representation only.
//
// The zero Money has neither amount nor currency. It is the neutral element:
// adding it changes nothing, it compares as nothing in any currency, and it is
// null in JSON.
type Money struct {
	minor    int64
	currency Currency
}

// NewMoney returns amount in c. Digits beyond the minor unit of c are refused
// with an *AmountError unless they are zeros, use RoundTo to round; an amount
// beyond MaxMinor is a *BoundsError, the zero Currency a *CurrencyError.
func NewMoney(amount decimal.Decimal, c Currency) (Money, error) {
	if c.IsZero() {
		return Money{}, refuseCurrency("")
	}
	minor, rest, ok := scale(amount, c)
	if !ok {
		return Money{}, &BoundsError{Amount: describe(amount), Currency: c}
	}
	if rest != restNone {
		return Money{}, tooManyDigits(describe(amount), c)
	}
	return Money{minor: minor, currency: c}, nil
}

// ParseMoney reads an amount as people and wire formats write it: an optional
// minus, digits without leading zeros, and an optional point with digits.
// Plus signs, exponents, spaces, separators and ".5" are refused with an
// *AmountError, and so are digits beyond the minor unit other than zeros.
// The code must satisfy ParseCurrency, the value MaxMinor.
func ParseMoney(amount, code string) (Money, error) {
	c, err := ParseCurrency(code)
	if err != nil {
		return Money{}, err
	}
	return parseAmount(amount, c)
}

// MustMoney is ParseMoney for amounts written in a program. It panics on a
// refused one, so never hand it input.
func MustMoney(amount, code string) Money {
	m, err := ParseMoney(amount, code)
	if err != nil {
		panic(err)
	}
	return m
}

// Minor returns an amount given in minor units of c, such as cents. It fails
// with a *BoundsError beyond MaxMinor and a *CurrencyError for the zero
// Currency.
func Minor(minor int64, c Currency) (Money, error) {
	if c.IsZero() {
		return Money{}, refuseCurrency("")
	}
	if minor > MaxMinor || minor < -MaxMinor {
		return Money{}, &BoundsError{Amount: decimal.New(minor, -int32(c.Exponent())).String(), Currency: c}
	}
	return Money{minor: minor, currency: c}, nil
}

// Zero returns nothing in c, such as 0.00 EUR. Unlike the zero Money it has a
// currency and refuses to be added to another one.
func Zero(c Currency) Money { return Money{currency: c} }

// Amount returns the amount as a decimal with the digits of the currency.
func (m Money) Amount() decimal.Decimal {
	return decimal.New(m.minor, -int32(m.currency.Exponent()))
}

// MinorUnits returns the amount in minor units, such as cents.
func (m Money) MinorUnits() int64 { return m.minor }

// Currency returns the currency; the zero Currency for the zero Money.
func (m Money) Currency() Currency { return m.currency }

// IsZero reports whether the amount is nothing, in whatever currency. Because
// encoding/json asks it too, a field tagged omitzero drops 0.00 EUR.
func (m Money) IsZero() bool { return m.minor == 0 }

// IsNegative reports whether the amount is below zero.
func (m Money) IsNegative() bool { return m.minor < 0 }

// IsPositive reports whether the amount is above zero.
func (m Money) IsPositive() bool { return m.minor > 0 }

// Sign returns -1, 0 or 1.
func (m Money) Sign() int {
	switch {
	case m.minor < 0:
		return -1
	case m.minor > 0:
		return 1
	}
	return 0
}

// Neg returns the amount with the opposite sign.
func (m Money) Neg() Money { return Money{minor: -m.minor, currency: m.currency} }

// Cmp returns -1, 0 or 1 as m is less than, equal to or more than n. Different
// currencies are a *MixedCurrencyError.
func (m Money) Cmp(n Money) (int, error) {
	if _, err := m.common(n); err != nil {
		return 0, err
	}
	switch {
	case m.minor < n.minor:
		return -1, nil
	case m.minor > n.minor:
		return 1, nil
	}
	return 0, nil
}

// Add returns m + n. Different currencies are a *MixedCurrencyError, a result
// beyond MaxMinor is a *BoundsError.
func (m Money) Add(n Money) (Money, error) {
	c, err := m.common(n)
	if err != nil || c.IsZero() {
		return Money{}, err
	}
	return Minor(m.minor+n.minor, c) // two bounded values cannot overflow an int64
}

// Sub returns m - n and fails like Add.
func (m Money) Sub(n Money) (Money, error) { return m.Add(n.Neg()) }

// Times returns m × n, such as a unit price times a quantity. A result beyond
// MaxMinor is a *BoundsError.
func (m Money) Times(n int64) (Money, error) {
	hi, lo := bits.Mul64(magnitude(m.minor), magnitude(n))
	if hi == 0 && lo <= MaxMinor {
		return Money{minor: signed(lo, (m.minor < 0) != (n < 0)), currency: m.currency}, nil
	}
	product := new(big.Int).Mul(big.NewInt(m.minor), big.NewInt(n))
	return Money{}, outOfBounds(product, m.currency)
}

// Sum adds any number of amounts and fails like Add. The order of the amounts
// does not matter: only the total has to be within MaxMinor. The sum of nothing
// is the zero Money.
func Sum(ms ...Money) (Money, error) {
	var total Money
	var hi, lo, carry uint64 // 128 bits in two's complement
	for _, m := range ms {
		c, err := total.common(m)
		if err != nil {
			return Money{}, err
		}
		total.currency = c
		lo, carry = bits.Add64(lo, uint64(m.minor), 0)
		hi, _ = bits.Add64(hi, uint64(m.minor>>63), carry)
	}
	total.minor = int64(lo)
	if hi != uint64(total.minor>>63) || magnitude(total.minor) > MaxMinor {
		sum := new(big.Int).Lsh(big.NewInt(int64(hi)), 64)
		return Money{}, outOfBounds(sum.Add(sum, new(big.Int).SetUint64(lo)), total.currency)
	}
	return total, nil
}

// String returns the amount with all digits of its currency and the code, such
// as "19.90 EUR" or "1000 JPY". The zero Money is "0".
func (m Money) String() string {
	b := m.appendAmount(make([]byte, 0, 24))
	if !m.currency.IsZero() {
		b = append(append(b, ' '), m.currency.Code()...)
	}
	return string(b)
}

// MarshalJSON writes {"amount":"19.90","currency":"EUR"}, with all digits of
// the currency, and null for the zero Money.
func (m Money) MarshalJSON() ([]byte, error) {
	if m == (Money{}) {
		return []byte("null"), nil
	}
	b := append(make([]byte, 0, 56), `{"amount":"`...)
	b = append(m.appendAmount(b), `","currency":"`...)
	b = append(b, m.currency.Code()...)
	return append(b, `"}`...), nil
}

// UnmarshalJSON reads what MarshalJSON writes. Both members are required and
// nothing else is allowed; the amount is a string as ParseMoney accepts it,
// because a JSON number loses digits on its way through other programs.
func (m *Money) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*m = Money{}
		return nil
	}
	members, problem := readMembers(data)
	if problem != "" {
		return &AmountError{Amount: string(data), Reason: problem + `: write {"amount":"19.90","currency":"EUR"}`}
	}
	parsed, err := ParseMoney(members["amount"], members["currency"])
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// Rounding says what RoundTo does with digits beyond the minor unit. The
// numbers are stable: they may be stored.
type Rounding uint8

// The ways to round. All treat negative amounts as the mirror image of
// positive ones, so that a refund is rounded like the payment was.
const (
	HalfUp   Rounding = iota // to the nearest, halves away from zero; the usual commercial rule
	HalfEven                 // to the nearest, halves to the even neighbor; bankers' rounding
	HalfDown                 // to the nearest, halves toward zero
	Down                     // toward zero
	Up                       // away from zero
)

// String returns the name of the rule, such as "half_up".
func (r Rounding) String() string {
	names := [...]string{"half_up", "half_even", "half_down", "down", "up"}
	if int(r) < len(names) {
		return names[r]
	}
	return "Rounding(" + strconv.Itoa(int(r)) + ")"
}

// RoundTo returns amount in c, rounded to its minor unit by the given rule. It
// is the one place where digits are given up, and the caller asks for it. A
// result beyond MaxMinor is a *BoundsError, an unknown rule an *AmountError,
// the zero Currency a *CurrencyError.
func RoundTo(amount decimal.Decimal, c Currency, r Rounding) (Money, error) {
	if c.IsZero() {
		return Money{}, refuseCurrency("")
	}
	if r > Up {
		return Money{}, &AmountError{Amount: describe(amount), Currency: c,
			Reason: "cannot be rounded by " + r.String() + ": use one of HalfUp, HalfEven, HalfDown, Down, Up"}
	}
	minor, rest, ok := scale(amount, c)
	if !ok {
		return Money{}, &BoundsError{Amount: describe(amount), Currency: c}
	}
	if r.away(minor%2 != 0, rest) {
		minor += int64(amount.Sign())
	}
	return Minor(minor, c)
}

// away reports whether a value cut toward zero moves back away from it.
func (r Rounding) away(odd bool, rest remainder) bool {
	switch r {
	case HalfUp:
		return rest >= restHalf
	case HalfEven:
		return rest > restHalf || rest == restHalf && odd
	case HalfDown:
		return rest > restHalf
	case Up:
		return rest > restNone
	default:
		return false
	}
}

// common returns the currency of the two amounts, where the zero Money has
// whichever the other has.
func (m Money) common(n Money) (Currency, error) {
	switch {
	case m.currency == n.currency || n.currency.IsZero():
		return m.currency, nil
	case m.currency.IsZero():
		return n.currency, nil
	}
	return Currency{}, &MixedCurrencyError{Left: m.currency, Right: n.currency}
}

func (m Money) appendAmount(b []byte) []byte {
	if m.minor < 0 {
		b = append(b, '-')
	}
	var buf [20]byte
	digits := strconv.AppendUint(buf[:0], magnitude(m.minor), 10)
	point := len(digits) - m.currency.Exponent()
	if point <= 0 { // less than one: 5 cents are 0.05
		b = append(append(b, "0."...), "0000"[:-point]...)
		return append(b, digits...)
	}
	b = append(b, digits[:point]...)
	if point < len(digits) {
		b = append(append(b, '.'), digits[point:]...)
	}
	return b
}

// parseAmount reads -?(0|[1-9][0-9]*)(\.[0-9]+)? as minor units of c.
func parseAmount(s string, c Currency) (Money, error) {
	negative := len(s) > 0 && s[0] == '-'
	start := 0
	if negative {
		start = 1
	}
	var minor uint64
	point, tooLong := -1, false
	for i := start; i < len(s); i++ {
		if s[i] == '.' && point < 0 && i > start {
			point = i
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return Money{}, notPlain(s, c)
		}
		digit := uint64(s[i] - '0')
		switch {
		case point >= 0 && i-point > c.Exponent():
			tooLong = tooLong || digit != 0
		case minor <= MaxMinor: // beyond it the value is lost anyway
			minor = minor*10 + digit
		}
	}
	if point < 0 {
		point = len(s)
	}
	if point == start || point == len(s)-1 || (s[start] == '0' && point > start+1) {
		return Money{}, notPlain(s, c)
	}
	if tooLong {
		return Money{}, tooManyDigits(s, c)
	}
	for written := max(len(s)-point-1, 0); written < c.Exponent() && minor <= MaxMinor; written++ {
		minor *= 10
	}
	if minor > MaxMinor {
		return Money{}, &BoundsError{Amount: s, Currency: c}
	}
	return Money{minor: signed(minor, negative), currency: c}, nil
}

// readMembers returns the two members of a money object, or what is wrong with
// it. They are read one by one because encoding/json would take "AMOUNT" for
// "amount" and the last of two amounts.
func readMembers(data []byte) (members map[string]string, problem string) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, "is not a JSON object"
	}
	members = make(map[string]string, 2)
	for dec.More() {
		key, _ := dec.Token()
		value, err := dec.Token()
		name, _ := key.(string)
		text, isText := value.(string)
		_, repeated := members[name]
		switch {
		case err != nil:
			return nil, "is not JSON"
		case name != "amount" && name != "currency":
			return nil, "has a member other than amount and currency"
		case repeated:
			return nil, "has the member " + name + " twice"
		case !isText:
			return nil, "has the member " + name + " not as a string"
		}
		members[name] = text
	}
	if _, err := dec.Token(); err != nil {
		return nil, "is not JSON"
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, "goes on after its end"
	}
	if len(members) != 2 {
		return nil, "lacks the amount or the currency"
	}
	return members, ""
}

// remainder is what a cut toward zero left over, as a share of one minor unit.
type remainder uint8

const (
	restNone remainder = iota
	restBelowHalf
	restHalf
	restAboveHalf
)

// scale returns amount in minor units of c, cut toward zero, and what was cut
// off; ok is false when the units exceed MaxMinor. It never raises ten to a
// power that the amount's own digits do not justify, so "1e-2000000000" is cheap.
func scale(amount decimal.Decimal, c Currency) (minor int64, rest remainder, ok bool) {
	shift := int64(amount.Exponent()) + int64(c.Exponent())
	if -15 <= shift && shift <= 3 && amount.NumDigits() <= 15 { // nearly all are: no big numbers are needed
		return scaleSmall(amount.CoefficientInt64(), int(shift))
	}
	units := amount.Coefficient()
	switch maxDigits := int64(units.BitLen())*30103/100000 + 1; {
	case units.Sign() == 0:
		return 0, restNone, true
	case shift > 15: // even one unit is now more than MaxMinor
		return 0, restNone, false
	case shift >= 0:
		units.Mul(units, pow10(shift))
	case -shift > maxDigits:
		return 0, restBelowHalf, true
	default:
		unit, cut := pow10(-shift), new(big.Int)
		units.QuoRem(units, unit, cut)
		rest = compareHalf(cut, unit)
	}
	if !units.IsInt64() || magnitude(units.Int64()) > MaxMinor {
		return 0, restNone, false
	}
	return units.Int64(), rest, true
}

// scaleSmall is scale for units × 10^shift, where nothing overflows.
func scaleSmall(units int64, shift int) (minor int64, rest remainder, ok bool) {
	unit := int64(1)
	for range max(shift, -shift) {
		unit *= 10
	}
	if shift >= 0 {
		units *= unit
		return units, restNone, magnitude(units) <= MaxMinor
	}
	switch cut := magnitude(units % unit); {
	case cut == 0:
		rest = restNone
	case cut < uint64(unit)/2:
		rest = restBelowHalf
	case cut == uint64(unit)/2:
		rest = restHalf
	default:
		rest = restAboveHalf
	}
	return units / unit, rest, true
}

func compareHalf(cut, unit *big.Int) remainder {
	if cut.Sign() == 0 {
		return restNone
	}
	twice := new(big.Int).Lsh(cut, 1)
	switch twice.CmpAbs(unit) {
	case -1:
		return restBelowHalf
	case 0:
		return restHalf
	}
	return restAboveHalf
}

func pow10(n int64) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
}

// magnitude returns |n|, which for the smallest int64 only a uint64 can hold.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// signed puts the sign back on a magnitude.
func signed(n uint64, negative bool) int64 {
	if negative {
		return int64(-n)
	}
	return int64(n)
}

func notPlain(amount string, c Currency) *AmountError {
	return &AmountError{Amount: amount, Currency: c,
		Reason: "is not a plain number: write digits with an optional minus and point, such as -1234.50"}
}

func tooManyDigits(amount string, c Currency) *AmountError {
	return &AmountError{Amount: amount, Currency: c, Reason: fmt.Sprintf(
		"has more than %d digits after the point: round it first, for example with RoundTo", c.Exponent())}
}

func outOfBounds(minor *big.Int, c Currency) *BoundsError {
	return &BoundsError{Amount: describe(decimal.NewFromBigInt(minor, -int32(c.Exponent()))), Currency: c}
}

// describe writes an amount for an error text without spelling out a number
// whose exponent would fill the memory.
func describe(amount decimal.Decimal) string {
	if exponent := amount.Exponent(); exponent < -100 || exponent > 100 {
		return fmt.Sprintf("%.40se%d", amount.Coefficient().String(), exponent)
	}
	return amount.String()
}
