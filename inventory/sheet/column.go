package sheet

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// column is how one cell of a row is read and written. A blank cell is not read: it
// leaves the zero value, and is written for one.
type column[T any] struct {
	name   string
	need   bool   // the file must have it, and no cell may be blank
	key    bool   // one of those that tell rows apart
	refers string // kind of the thing that must exist; empty for none
	read   func(row *T, cell string) error
	write  func(row *T) string
	blank  string // what a blank cell means, where it can be said too
}

func (c column[T]) needed() column[T] {
	c.need = true
	return c
}

func (c column[T]) keyed() column[T] {
	c.key = true
	return c
}

func (c column[T]) of(kind string) column[T] {
	c.refers = kind
	return c
}

// id is a column of ids.
func id[T any](name string, field func(*T) *string) column[T] {
	return column[T]{
		name: name,
		read: func(row *T, cell string) error {
			*field(row) = cell
			return inventory.CheckID(name, cell)
		},
		write: func(row *T) string { return *field(row) },
	}
}

// text is a column of names and notes.
func text[T any](name string, field func(*T) *string) column[T] {
	return column[T]{
		name: name,
		read: func(row *T, cell string) error {
			*field(row) = cell
			switch {
			case len(cell) > inventory.MaxIDLen:
				return refusal(fmt.Sprintf("it has %d bytes; at most %d", len(cell), inventory.MaxIDLen))
			case !utf8.ValidString(cell):
				return refusal("it is not UTF-8; save the file as UTF-8")
			case strings.ContainsFunc(cell, unicode.IsControl):
				return refusal("it has control characters")
			}
			return nil
		},
		write: func(row *T) string { return *field(row) },
	}
}

// choice is a column of words from a list.
func choice[T any, W ~string](name string, field func(*T) *W, words ...W) column[T] {
	return column[T]{
		name: name,
		read: func(row *T, cell string) error {
			for _, w := range words {
				if cell == string(w) {
					*field(row) = w
					return nil
				}
			}
			return refusal(fmt.Sprintf("it is one of %v, or blank", words))
		},
		write: func(row *T) string { return string(*field(row)) },
	}
}

// whole is a column of whole numbers within bounds. They have one form: 7 is neither 007
// nor +7 nor 7.0.
func whole[T any, N int | int64](name string, low, high int64, field func(*T) *N) column[T] {
	return column[T]{
		name: name,
		read: func(row *T, cell string) error {
			n, err := strconv.ParseInt(cell, 10, 64)
			if err != nil && !isWhole(cell) || err == nil && strconv.FormatInt(n, 10) != cell {
				return refusal("it must be a whole number in plain digits, such as 12")
			}
			if err != nil || n < low || n > high {
				return refusal(fmt.Sprintf("it must be between %d and %d", low, high))
			}
			*field(row) = N(n)
			return nil
		},
		write: func(row *T) string {
			if n := int64(*field(row)); n != 0 || low > 0 {
				return strconv.FormatInt(n, 10)
			}
			return ""
		},
	}
}

// isWhole tells a number that is too large from what is none.
func isWhole(cell string) bool {
	digits := strings.TrimPrefix(cell, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// always writes a zero as 0 rather than as a blank cell.
func (c column[T]) always(zero string) column[T] {
	write := c.write
	c.write = func(row *T) string {
		if cell := write(row); cell != "" {
			return cell
		}
		return zero
	}
	return c
}

// flag is a column of yes and no.
func flag[T any](name string, field func(*T) *bool) column[T] {
	return column[T]{
		name: name,
		read: func(row *T, cell string) error {
			switch cell {
			case "true", "TRUE":
				*field(row) = true
			case "false", "FALSE":
			default:
				return refusal("it is true, false or blank")
			}
			return nil
		},
		write: func(row *T) string {
			if *field(row) {
				return "true"
			}
			return ""
		},
	}
}

// The bounds of unit costs.
const (
	costDigits = 12 // before the point
	costPlaces = 6  // after it
)

// cost is a column of amounts of money without a currency, not negative. A blank cell is
// an amount that is not known, which is another thing than 0.
func cost[T any](name string, field func(*T) *decimal.NullDecimal) column[T] {
	return column[T]{
		name: name,
		read: func(row *T, cell string) error {
			before, after, point := strings.Cut(cell, ".")
			digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
			switch {
			case !digits(before) || point && !digits(after):
				return refusal("it must be an amount in plain digits with a decimal point, such as 1204.50, and not negative")
			case len(before) > 1 && before[0] == '0':
				return refusal("it begins with a zero that says nothing")
			case len(before) > costDigits || len(after) > costPlaces:
				return refusal(fmt.Sprintf("it may have %d digits before the point and %d after it", costDigits, costPlaces))
			}
			d, err := decimal.NewFromString(cell)
			if err != nil {
				return refusal(err.Error())
			}
			*field(row) = decimal.NewNullDecimal(d)
			return nil
		},
		write: func(row *T) string {
			switch d := field(row); {
			case !d.Valid:
				return ""
			case d.Decimal.Exponent() < 0:
				return d.Decimal.StringFixed(-d.Decimal.Exponent()) // all its digits: 4.50 is not 4.5
			default:
				return d.Decimal.String()
			}
		},
	}
}

// position is a column of a latitude and a longitude with a space between them.
func position[T any](name string, field func(*T) **inventory.Point) column[T] {
	return column[T]{
		name: name,
		read: func(row *T, cell string) error {
			lat, lng, both := strings.Cut(cell, " ")
			at, north := degrees(lat, 90)
			to, east := degrees(lng, 180)
			if !both || !north || !east {
				return refusal("it must be a latitude and a longitude in degrees, such as 52.52 13.405")
			}
			*field(row) = &inventory.Point{Lat: at, Lng: to}
			return nil
		},
		write: func(row *T) string {
			at := *field(row)
			if at == nil {
				return ""
			}
			return strconv.FormatFloat(at.Lat, 'f', -1, 64) + " " + strconv.FormatFloat(at.Lng, 'f', -1, 64)
		},
	}
}

func degrees(text string, limit float64) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && strings.Trim(text, "-.0123456789") == "" && v >= -limit && v <= limit
}

// day is a column of days, which begin at midnight UTC.
func day[T any](name string, field func(*T) *time.Time) column[T] {
	return column[T]{
		name: name,
		read: func(row *T, cell string) error {
			at, err := time.Parse(time.DateOnly, cell)
			if err != nil || at.Year() < 1 {
				return refusal("it must be a day that exists, written 2026-03-31")
			}
			*field(row) = at
			return nil
		},
		write: func(row *T) string {
			switch at := field(row).UTC(); {
			case at.IsZero():
				return ""
			case at.Equal(at.Truncate(24 * time.Hour)):
				return at.Format(time.DateOnly)
			default:
				return at.Format(time.RFC3339Nano) // which is no day, and so is not read back
			}
		},
	}
}

// stateOf is a column of states, one of those that are allowed. A blank cell means the
// first of them.
func stateOf[T any](name string, field func(*T) *inventory.State, allowed ...inventory.State) column[T] {
	return column[T]{
		name: name, blank: allowed[0].String(),
		read: func(row *T, cell string) error {
			for _, s := range allowed {
				if cell == s.String() {
					*field(row) = s
					return nil
				}
			}
			return refusal(fmt.Sprintf("it is one of %v, or blank", allowed))
		},
		write: func(row *T) string {
			if s := *field(row); s != 0 {
				return s.String()
			}
			return ""
		},
	}
}
