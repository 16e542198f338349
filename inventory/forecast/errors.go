package forecast

import (
	"errors"
	"fmt"
	"time"
)

// Sentinels, for errors.Is. The typed errors below carry the facts.
var (
	// ErrSeries is a series with a period that cannot be demand.
	ErrSeries = errors.New("forecast: series refused")
	// ErrSale is dated demand that fits in no period.
	ErrSale = errors.New("forecast: sale refused")
	// ErrShort is a series with too few known periods for what was asked.
	ErrShort = errors.New("forecast: series too short")
	// ErrValue is an option, a policy or another argument outside its rule.
	ErrValue = errors.New("forecast: value refused")
)

// PeriodError is a period of a series that a rule refuses. It matches ErrSeries.
type PeriodError struct {
	Index int // of the period, from 0
	Value float64
	Rule  string
}

// Error names the period, its value and the rule.
func (e *PeriodError) Error() string {
	return fmt.Sprintf("%v: period %d is %v: %s", ErrSeries, e.Index, e.Value, e.Rule)
}

// Is matches ErrSeries.
func (e *PeriodError) Is(target error) bool { return target == ErrSeries }

// SaleError is dated demand that [Bucket] refuses. It matches ErrSale.
type SaleError struct {
	Index int // in the order given, from 0
	At    time.Time
	Qty   int64
	Rule  string
}

// Error names the sale and the rule.
func (e *SaleError) Error() string {
	return fmt.Sprintf("%v: number %d, %d units at %s: %s", ErrSale, e.Index, e.Qty, e.At.Format(time.RFC3339), e.Rule)
}

// Is matches ErrSale.
func (e *SaleError) Is(target error) bool { return target == ErrSale }

// ShortError tells how many known periods there are and how many the method needs.
// It matches ErrShort.
type ShortError struct {
	Method Method
	Have   int
	Need   int
}

// Error names the method and both numbers.
func (e *ShortError) Error() string {
	return fmt.Sprintf("%v: %v needs %d known periods, there are %d", ErrShort, e.Method, e.Need, e.Have)
}

// Is matches ErrShort.
func (e *ShortError) Is(target error) bool { return target == ErrShort }

// ValueError is an argument that a rule refuses. It matches ErrValue.
type ValueError struct {
	Name  string // as the field or parameter is called
	Value any
	Rule  string
}

// Error names the argument, its value and the rule.
func (e *ValueError) Error() string {
	return fmt.Sprintf("%v: %s is %v: %s", ErrValue, e.Name, e.Value, e.Rule)
}

// Is matches ErrValue.
func (e *ValueError) Is(target error) bool { return target == ErrValue }
