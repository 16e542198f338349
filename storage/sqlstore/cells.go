package sqlstore

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// cells reads the cells of a row one after the other. What cannot have been written by
// this package is storage.ErrCorrupt, and everything after it is zero.
type cells struct {
	row []any
	at  int
	err error
}

func (c *cells) next() any {
	v := c.row[c.at]
	c.at++
	return v
}

func (c *cells) corrupt(want string, got any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: column %d of a row is %v (%T), not %s", storage.ErrCorrupt, c.at, got, got, want)
	}
}

// text reads a string; NULL is none.
func (c *cells) text() string {
	switch v := c.next().(type) {
	case string:
		return v
	case nil:
		return ""
	default:
		c.corrupt("text", v)
		return ""
	}
}

func (c *cells) int() int64 {
	v := c.next()
	n, ok := v.(int64)
	if !ok {
		c.corrupt("a number", v)
	}
	return n
}

func (c *cells) flag() bool { return c.int() != 0 }

// real reads a floating point number and whether there is one.
func (c *cells) real() (float64, bool) {
	switch v := c.next().(type) {
	case float64:
		return v, true
	case nil:
		return 0, false
	default:
		c.corrupt("a floating point number", v)
		return 0, false
	}
}

// time reads a moment; NULL is the zero time.
func (c *cells) time() time.Time {
	switch v := c.next().(type) {
	case int64:
		return time.UnixMicro(v).UTC()
	case nil:
		return time.Time{}
	default:
		c.corrupt("a time", v)
		return time.Time{}
	}
}

// uuid reads an id; empty text is the zero id.
func (c *cells) uuid() uuid.UUID {
	text := c.text()
	if text == "" {
		return uuid.UUID{}
	}
	u, err := uuid.Parse(text)
	if err != nil {
		c.corrupt("an id", text)
	}
	return u
}

func (c *cells) decimal() decimal.Decimal {
	text := c.text()
	d, err := decimal.NewFromString(text)
	if err != nil {
		c.corrupt("a decimal", text)
	}
	return d
}

// money reads an amount; NULL is the Money without currency.
func (c *cells) money(currency order.Currency) order.Money {
	switch v := c.next().(type) {
	case int64:
		return c.minor(v, currency)
	case nil:
		return order.Money{}
	default:
		c.corrupt("an amount", v)
		return order.Money{}
	}
}

func (c *cells) minor(v int64, currency order.Currency) order.Money {
	if currency.IsZero() && v == 0 {
		return order.Money{}
	}
	m, err := order.Minor(v, currency)
	if err != nil {
		c.corrupt("an amount", v)
	}
	return m
}

// flag is a truth value as it is stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// moment is a time as it is stored.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// optional is a text that is NULL when it is empty.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// reference is an id that is empty text when it is zero.
func reference(u uuid.UUID) string {
	if u == uuid.Nil {
		return ""
	}
	return u.String()
}

// amount is a Money of an order as it is stored. One of another currency than the
// order's is refused.
func amount(m order.Money, of order.Currency) (any, error) {
	if m == (order.Money{}) && !of.IsZero() {
		return nil, nil //nolint:nilnil // NULL
	}
	if m.Currency() != of {
		return nil, &order.MixedCurrencyError{Left: m.Currency(), Right: of}
	}
	return m.MinorUnits(), nil
}
