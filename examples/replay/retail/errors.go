package retail

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrHeader means that the first line is not the header of a retail ledger.
	ErrHeader = errors.New("retail: the header is not that of a retail ledger")
	// ErrRow means that a row cannot be used as it stands.
	ErrRow = errors.New("retail: a row cannot be used")
)

// HeaderError tells what the first line of a file held instead of the eight columns.
type HeaderError struct {
	File   string
	Found  []string // nil when the file is empty
	Wanted []string
}

// Error names the file and line 1, what is there and what must be there.
func (e *HeaderError) Error() string {
	return fmt.Sprintf("retail: %s:1: header is %q, wanted exactly %q: export the file with these columns in this order",
		e.File, strings.Join(e.Found, ","), strings.Join(e.Wanted, ","))
}

// Is matches [ErrHeader].
func (e *HeaderError) Is(target error) bool { return target == ErrHeader }

// RowError tells which cell of which row cannot be used, and why.
type RowError struct {
	File   string
	Line   int    // physical line in the file, from 1
	Column string // empty when the whole row is at fault
	Value  string // the text of the cell, or of the row when Column is empty
	Reason string
}

// Error names file, line, column and text, and what to do about it.
func (e *RowError) Error() string {
	where := "row"
	if e.Column != "" {
		where = e.Column
	}
	return fmt.Sprintf("retail: %s:%d: %s %q: %s", e.File, e.Line, where, clip(e.Value), e.Reason)
}

// Is matches [ErrRow].
func (e *RowError) Is(target error) bool { return target == ErrRow }

// clip keeps a message readable when a broken quote has swallowed half a file.
func clip(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
