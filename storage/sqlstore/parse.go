package sqlstore

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/order"
)

// errBody is JSON that this package cannot have written.
var errBody = errors.New("sqlstore: malformed body")

// parser reads JSON that this package wrote. For every order that is read its body is,
// and encoding/json would take most of the time that takes. It reads values straight
// into place and is told what to expect; what it meets instead is its error, and
// everything after that is zero.
type parser struct {
	text     string
	at       int
	currency order.Currency // of amounts
	err      error
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
	p.at = len(p.text) // nothing is left to read
}

// peek is the next byte that is no white space; 0 at the end.
func (p *parser) peek() byte {
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take reads a byte if it is the next one.
func (p *parser) take(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) want(c byte) {
	if !p.take(c) {
		p.fail(errBody)
	}
}

// object calls field for the value of every name; field has to read it.
func (p *parser) object(field func(name string)) {
	p.want('{')
	if p.take('}') {
		return
	}
	for p.err == nil {
		name := p.string()
		p.want(':')
		if p.err == nil {
			field(name)
		}
		if p.take('}') {
			return
		}
		p.want(',')
	}
}

// list calls value for every element; value has to read it.
func (p *parser) list(value func()) {
	p.want('[')
	if p.take(']') {
		return
	}
	for p.err == nil {
		value()
		if p.take(']') {
			return
		}
		p.want(',')
	}
}

// string reads text. It shares memory with the body unless there is an escape in it.
func (p *parser) string() string {
	p.want('"')
	start := p.at
	for ; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case '"':
			p.at++
			return p.text[start : p.at-1]
		case '\\':
			return p.escaped(start - 1)
		}
	}
	p.fail(errBody)
	return ""
}

// escaped reads text with escapes, from its first quote on.
func (p *parser) escaped(start int) string {
	for ; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case '\\':
			p.at++ // whatever it is, it does not end the text
		case '"':
			p.at++
			var s string
			if err := json.Unmarshal([]byte(p.text[start:p.at]), &s); err != nil {
				p.fail(err)
			}
			return s
		}
	}
	p.fail(errBody)
	return ""
}

// word reads a number, true, false or null.
func (p *parser) word() string {
	p.peek()
	start := p.at
	if end := strings.IndexAny(p.text[p.at:], ",]} \t\n\r"); end >= 0 {
		p.at += end
	} else {
		p.at = len(p.text)
	}
	return p.text[start:p.at]
}

func (p *parser) int() int64 {
	n, err := strconv.ParseInt(p.word(), 10, 64)
	if err != nil {
		p.fail(err)
	}
	return n
}

// byte reads a number that names a rule.
func (p *parser) byte() uint8 {
	n, err := strconv.ParseUint(p.word(), 10, 8)
	if err != nil {
		p.fail(err)
	}
	return uint8(n)
}

func (p *parser) real() float64 {
	f, err := strconv.ParseFloat(p.word(), 64)
	if err != nil {
		p.fail(err)
	}
	return f
}

func (p *parser) flag() bool {
	switch p.word() {
	case "true":
		return true
	case "false":
		return false
	}
	p.fail(errBody)
	return false
}

// skip reads whatever comes.
func (p *parser) skip() {
	switch p.peek() {
	case '{':
		p.object(func(string) { p.skip() })
	case '[':
		p.list(p.skip)
	case '"':
		p.string()
	default:
		if p.word() == "" {
			p.fail(errBody)
		}
	}
}

// end refuses what comes behind the value.
func (p *parser) end() error {
	if p.err == nil && p.peek() != 0 {
		p.fail(errBody)
	}
	return p.err
}

// money reads an amount in minor units; null is the Money without currency.
func (p *parser) money() order.Money {
	if p.peek() == 'n' {
		if p.word() != "null" {
			p.fail(errBody)
		}
		return order.Money{}
	}
	n := p.int()
	if p.err != nil || p.currency.IsZero() && n == 0 {
		return order.Money{}
	}
	m, err := order.Minor(n, p.currency)
	if err != nil {
		p.fail(err)
	}
	return m
}

func (p *parser) decimal() decimal.Decimal {
	d, err := decimal.NewFromString(p.string())
	if err != nil {
		p.fail(err)
	}
	return d
}

func (p *parser) time() time.Time { return time.UnixMicro(p.int()).UTC() }

func (p *parser) shares() []order.Share {
	shares, err := decodeShares(p.string(), p.currency)
	if err != nil {
		p.fail(err)
	}
	return shares
}

func (p *parser) strings() []string {
	var out []string
	p.list(func() { out = append(out, p.string()) })
	return out
}

func (p *parser) metadata() map[string]string {
	out := map[string]string{}
	p.object(func(name string) { out[name] = p.string() })
	return out
}
