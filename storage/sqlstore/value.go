package sqlstore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrText is text that not every engine could keep and give back as it is.
var ErrText = errors.New("sqlstore: text refused")

// maxID is the longest id, number, name or key, in bytes: what fits five times into an
// index of every engine.
const maxID = 512

// TextError tells which text was refused and why. It matches ErrText.
type TextError struct {
	Column string // "orders.customer"; empty for what was looked for, and for parts of a body
	Bytes  int    // length of the text
	Rule   string // what it has to be
}

// Error names the column and the rule.
func (e *TextError) Error() string {
	what := "text"
	if e.Column != "" {
		what = e.Column
	}
	return fmt.Sprintf("%v: %s of %d bytes is %s", ErrText, what, e.Bytes, e.Rule)
}

// Is matches ErrText.
func (e *TextError) Is(target error) bool { return target == ErrText }

// broken says what is wrong with a text, or nothing.
func broken(s string) string {
	switch {
	case strings.IndexByte(s, 0) >= 0:
		return "with a zero byte, which PostgreSQL cannot keep"
	case !utf8.ValidString(s):
		return "not UTF-8; convert it first, storing it would change it"
	}
	return ""
}

// longText are the columns whose text may have any length. They are in no key or index.
var longText = strings.Fields("body data sku title name country actor hash result unit_price tax_rate shares metadata")

// check refuses rows with text that cannot be stored.
func (t *table) check(rows []any) error {
	for i, cell := range rows {
		s, ok := cell.(string)
		if !ok {
			continue
		}
		rule := broken(s)
		if column := t.columns[i%len(t.columns)]; rule == "" && len(s) > maxID && !slices.Contains(longText, column) {
			rule = fmt.Sprintf("too long; it may have %d", maxID)
		}
		if rule != "" {
			return &TextError{Column: t.name + "." + t.columns[i%len(t.columns)], Bytes: len(s), Rule: rule}
		}
	}
	return nil
}

// checkArgs refuses to look for text that cannot have been stored.
func checkArgs(args []any) error {
	for _, arg := range args {
		if s, ok := arg.(string); ok {
			if rule := broken(s); rule != "" {
				return &TextError{Bytes: len(s), Rule: rule}
			}
		}
	}
	return nil
}
