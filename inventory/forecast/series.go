package forecast

import (
	"fmt"
	"math"
	"time"

	"github.com/orderkit/oms/inventory"
)

// MaxDemand is the largest demand of one period. Every whole number up to it is exact
// in a float64, and no sum of squares overflows.
const MaxDemand = 1e15

// Series is the demand for one item in consecutive periods of equal length, oldest
// first. A period without sales is 0. It should begin when the item was first offered:
// zeros from before that are no demand, but look like it.
type Series struct {
	// Demand is in units per period: finite, not negative, at most MaxDemand.
	Demand []float64
	// Unknown lists the periods, as ascending indices of Demand, whose demand nobody
	// knows, say because the shelf was empty. Their value is not read; zero would teach
	// the forecast that nobody wanted the item.
	Unknown []int
}

// Validate refuses a series that holds something other than demand, with a
// [*PeriodError].
func (s Series) Validate() error {
	for i, v := range s.Demand {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return &PeriodError{i, v, "demand must be a finite number; list periods nobody knows in Unknown"}
		case v < 0:
			return &PeriodError{i, v, "demand must not be negative; a return is not demand"}
		case v > MaxDemand:
			return &PeriodError{i, v, fmt.Sprintf("demand must be at most %g", float64(MaxDemand))}
		}
	}
	last := -1
	for _, i := range s.Unknown {
		if i <= last || i >= len(s.Demand) {
			return &PeriodError{i, math.NaN(), "Unknown must list indices of Demand in ascending order, each once"}
		}
		last = i
	}
	return nil
}

// Known is the number of periods whose demand is known.
func (s Series) Known() int { return len(s.Demand) - len(s.Unknown) }

// known marks the periods whose demand is known; nil when all are.
func (s Series) known() []bool {
	if len(s.Unknown) == 0 {
		return nil
	}
	mask := make([]bool, len(s.Demand))
	for i := range mask {
		mask[i] = true
	}
	for _, i := range s.Unknown {
		mask[i] = false
	}
	return mask
}

// Period is the length of the periods that [Bucket] makes, in days of the calendar.
type Period int

// The usual periods.
const (
	Day  Period = 1
	Week Period = 7
)

// Sale is demand with its moment: units that somebody wanted, whether or not they
// could be shipped.
type Sale struct {
	At  time.Time
	Qty int64 // 0 to inventory.MaxQty
}

// Bucket sums sales into periods, of which the first begins at from and the last ends
// before to. From must be midnight in its location, which decides where days end (also
// those of 23 and 25 hours); a week begins on the weekday of from. Nothing is dropped in
// silence: an end within a period is a [*ValueError], and a sale outside, or of negative
// quantity, a [*SaleError].
func Bucket(sales []Sale, from, to time.Time, p Period) (Series, error) {
	if p < 1 || p > 366 {
		return Series{}, &ValueError{"Period", int(p), "a period has 1 to 366 days"}
	}
	zone := from.Location()
	first, end := civilDay(from), civilDay(to.In(zone))
	for _, edge := range []struct {
		name string
		at   time.Time
	}{{"from", from}, {"to", to.In(zone)}} {
		y, m, d := edge.at.Date()
		if !edge.at.Equal(time.Date(y, m, d, 0, 0, 0, 0, zone)) {
			return Series{}, &ValueError{edge.name, edge.at, "must be midnight in the location of from"}
		}
	}
	days := end - first
	if days <= 0 || days%int64(p) != 0 {
		return Series{}, &ValueError{"to", to, fmt.Sprintf("must be a whole number of periods of %d days after from; a part of a period looks like a slump", int(p))}
	}
	const most = 100_000
	if days/int64(p) > most {
		return Series{}, &ValueError{"to", to, fmt.Sprintf("there may be at most %d periods", most)}
	}
	demand := make([]float64, days/int64(p))
	for i, sale := range sales {
		day := civilDay(sale.At.In(zone)) - first
		switch {
		case sale.Qty < 0 || sale.Qty > inventory.MaxQty:
			return Series{}, &SaleError{i, sale.At, sale.Qty, fmt.Sprintf("a quantity is 0 to %d units; a return is not demand", int64(inventory.MaxQty))}
		case day < 0 || day >= days:
			return Series{}, &SaleError{i, sale.At, sale.Qty, "it lies outside the periods"}
		}
		demand[day/int64(p)] += float64(sale.Qty)
	}
	s := Series{Demand: demand}
	return s, s.Validate()
}

// civilDay numbers the days of the calendar, whatever their length in hours.
func civilDay(t time.Time) int64 {
	y, m, d := t.Date()
	const seconds = 24 * 60 * 60
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / seconds
}
