package sheet

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Sentinels, for errors.Is.
var (
	// ErrHeader is a first line that does not name the columns of the sheet.
	ErrHeader = errors.New("sheet: header refused")
	// ErrSyntax is a line that is not CSV, or has more or fewer cells than the header.
	ErrSyntax = errors.New("sheet: malformed line")
	// ErrValue is a cell that cannot be what its column holds.
	ErrValue = errors.New("sheet: value refused")
	// ErrDuplicate is a row for something that an earlier row was for.
	ErrDuplicate = errors.New("sheet: row is there twice")
	// ErrUnknown is an id of something that does not exist.
	ErrUnknown = errors.New("sheet: unknown id")
	// ErrTooMuch is a file beyond the limits of the options: it is not read on.
	ErrTooMuch = errors.New("sheet: file is too much")
	// ErrLossy is a row that the columns of its sheet cannot hold.
	ErrLossy = errors.New("sheet: row would not be read back the same")
)

// CellError is one thing that is wrong with a file. It matches what its Err matches.
type CellError struct {
	Line   int    // of the file, from 1, which is the header
	Column string // empty where it concerns the line or the file
	Cell   string // as it stands in the file, cut where it is long
	Err    error
}

// Error says where and what.
func (p *CellError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d", p.Line)
	if p.Column != "" {
		fmt.Fprintf(&b, ", column %s", p.Column)
	}
	if p.Cell != "" {
		b.WriteString(", " + strconv.Quote(p.Cell))
	}
	return b.String() + ": " + p.Err.Error()
}

// Unwrap gives the cause.
func (p *CellError) Unwrap() error { return p.Err }

const shownCell = 60 // bytes of a cell that a problem shows

func clip(cell string) string {
	if len(cell) <= shownCell {
		return cell
	}
	return strings.ToValidUTF8(cell[:shownCell], "") + "…"
}

// DuplicateError says which row came first. It matches ErrDuplicate.
type DuplicateError struct {
	First   int      // line of the earlier row
	Columns []string // whose cells are the same
}

// Error names both.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%v: line %d has the same %s", ErrDuplicate, e.First, strings.Join(e.Columns, ", "))
}

// Is matches ErrDuplicate.
func (e *DuplicateError) Is(target error) bool { return target == ErrDuplicate }

// refusal is a cell that breaks a rule.
func refusal(rule string) error { return fmt.Errorf("%w: %s", ErrValue, rule) }
