package order

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// ErrCurrency is matched when a currency code cannot be used for payments.
var ErrCurrency = errors.New("order: currency not accepted")

// CurrencyError tells which code was refused and what to use instead.
// It matches ErrCurrency.
type CurrencyError struct {
	Code      string // as given
	Successor string // what replaced a withdrawn code; empty when the code was never a currency
	Reason    string // what is wrong and what to do
}

// Error names the code and the way out.
func (e *CurrencyError) Error() string {
	return fmt.Sprintf("order: currency %.20q %s", e.Code, e.Reason)
}

// Is reports that a CurrencyError is an ErrCurrency.
func (e *CurrencyError) Is(target error) bool { return target == ErrCurrency }

// Currency is an active ISO 4217 currency or funds code that payments can be
// made in. Values are small and compare with ==. The zero Currency means
// "no currency"; it is what a zero Money has.
type Currency struct {
	place uint8 // place in currencyTable, counted from 1
}

// ParseCurrency returns the currency with the given code, which is three
// upper-case letters of ISO 4217. Codes of metals, units of account, tests and
// withdrawn currencies are refused like unknown ones, with a *CurrencyError
// that names the successor where there is one.
func ParseCurrency(code string) (Currency, error) {
	if place, ok := findCurrency(code); ok {
		return Currency{place: uint8(place + 1)}, nil
	}
	return Currency{}, refuseCurrency(code)
}

// MustCurrency is ParseCurrency for codes written in a program. It panics on a
// refused code, so never hand it input.
func MustCurrency(code string) Currency {
	c, err := ParseCurrency(code)
	if err != nil {
		panic(err)
	}
	return c
}

// Currencies returns every accepted currency, sorted by code.
func Currencies() []Currency {
	all := make([]Currency, len(currencyTable))
	for i := range all {
		all[i] = Currency{place: uint8(i + 1)}
	}
	return all
}

// Code returns the three letters, such as "EUR"; empty for the zero Currency.
func (c Currency) Code() string { return c.row().code }

// Numeric returns the ISO 4217 number, such as 978; 0 for the zero Currency.
func (c Currency) Numeric() int { return c.row().numeric }

// Exponent returns how many decimal digits the minor unit has: 2 for EUR, 0
// for JPY, 3 for KWD, 4 for CLF.
func (c Currency) Exponent() int { return c.row().exponent }

// Name returns the English name in ISO 4217, such as "Pound Sterling".
func (c Currency) Name() string { return c.row().name }

// IsZero reports whether c is the zero Currency, which means "no currency".
func (c Currency) IsZero() bool { return c == Currency{} }

// String returns the code.
func (c Currency) String() string { return c.Code() }

// MarshalText returns the code; the zero Currency is empty text.
func (c Currency) MarshalText() ([]byte, error) { return []byte(c.Code()), nil }

// UnmarshalText reads what MarshalText wrote: a code as ParseCurrency accepts
// it, or empty text for the zero Currency.
func (c *Currency) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Currency{}
		return nil
	}
	parsed, err := ParseCurrency(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

func (c Currency) row() *currencyRow {
	if c.IsZero() {
		return &noCurrency
	}
	return &currencyTable[c.place-1]
}

func findCurrency(code string) (int, bool) {
	if len(code) != 3 {
		return 0, false
	}
	return sort.Find(len(currencyTable), func(i int) int { return strings.Compare(code, currencyTable[i].code) })
}

// refuseCurrency explains why code is none of the table's.
func refuseCurrency(code string) *CurrencyError {
	e := &CurrencyError{Code: code}
	if successor, ok := withdrawnCurrencies[code]; ok {
		e.Successor = successor
		e.Reason = "was withdrawn from ISO 4217: use its successor " + successor
		return e
	}
	if meaning, ok := notTender[code]; ok {
		e.Reason = "stands for " + meaning + ", which is not payable tender: use the code of a currency, such as EUR"
		return e
	}
	if upper := strings.ToUpper(code); upper != code {
		if _, ok := findCurrency(upper); ok {
			e.Reason = "is not in upper case: use " + upper
			return e
		}
	}
	e.Reason = "is not an active ISO 4217 code: use three upper-case letters, such as EUR; Currencies lists them all"
	return e
}
