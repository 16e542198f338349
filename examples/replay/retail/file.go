package retail

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The columns of a ledger, in order.
const (
	colInvoice = iota
	colCode
	colDescription
	colQuantity
	colDate
	colPrice
	colCustomer
	colCountry
)

// Columns returns the header that a ledger must have.
func Columns() []string {
	return []string{
		"InvoiceNo", "StockCode", "Description", "Quantity",
		"InvoiceDate", "UnitPrice", "CustomerID", "Country",
	}
}

const timeLayout = "2006-01-02 15:04:05"

// most bounds the units and the money of a whole file. Any sum over some of its rows then fits an int64,
// with room for the pennies that rounding line by line adds, and needs no further check.
const most = 1 << 62

// Row is one line of a ledger, read but not yet judged.
type Row struct {
	Line        int    // physical line in the file, from 1; the header is line 1
	Invoice     string // never empty
	Code        string // the stock code as written, never empty
	Description string
	Qty         int64 // never 0
	At          time.Time
	Price       Amount
	Customer    string // empty when missing; 17850.0 is read as 17850
	Country     string
}

// File is an open ledger. It is read once, from front to back.
type File struct {
	name    string
	csv     *csv.Reader
	line    int // where the last record began
	closers []io.Closer
	texts   map[string]string // one copy of every text, since each occurs many times
	units   uint64            // sum of the quantities so far, without their signs
	money   uint64            // sum of the line totals so far, without their signs
}

// Open opens a ledger, .csv or gzipped, and checks its header. The error names the path when the file
// cannot be opened, and is a [*HeaderError] when the first line is not exactly [Columns].
func Open(path string) (*File, error) {
	disk, err := os.Open(path) //nolint:gosec // the caller names the file to read
	if err != nil {
		return nil, fmt.Errorf("retail: open ledger: %w", err)
	}
	f, err := newFile(disk, path)
	if err != nil {
		return nil, errors.Join(err, disk.Close())
	}
	f.closers = append(f.closers, disk)
	return f, nil
}

// newFile knows gzip by its first bytes, so that a wrong file name does no harm, and skips a byte order mark.
func newFile(r io.Reader, name string) (*File, error) {
	f := &File{name: name, texts: make(map[string]string)}
	text := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := text.Peek(2); string(magic) == "\x1f\x8b" {
		zip, err := gzip.NewReader(text)
		if err != nil {
			return nil, fmt.Errorf("retail: unzip %s: %w", name, err)
		}
		f.closers = append(f.closers, zip)
		text = bufio.NewReaderSize(zip, 1<<16)
	}
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" {
		if _, err := text.Discard(len(mark)); err != nil {
			return nil, fmt.Errorf("retail: read %s: %w", name, err)
		}
	}
	f.csv = csv.NewReader(text)
	f.csv.ReuseRecord = true
	f.csv.FieldsPerRecord = -1
	return f, f.header()
}

// header consumes the first record, which must be the header.
func (f *File) header() error {
	found, err := f.csv.Read()
	_, syntax := errors.AsType[*csv.ParseError](err)
	switch {
	case err != nil && !errors.Is(err, io.EOF) && !syntax:
		return fmt.Errorf("retail: read %s: %w", f.name, err)
	case slices.Equal(found, Columns()):
		return nil
	default:
		return &HeaderError{File: f.name, Found: slices.Clone(found), Wanted: Columns()}
	}
}

// Close closes the file. Rows must not be read afterwards.
func (f *File) Close() error {
	var errs []error
	for _, c := range f.closers {
		errs = append(errs, c.Close())
	}
	f.closers = nil
	return errors.Join(errs...)
}

// Rows yields the rows one by one. A row that cannot be used is yielded as a [*RowError], and reading
// goes on with the next one; any other error means that the file could not be read, and ends it.
func (f *File) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			record, err := f.csv.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			var row Row
			if err == nil {
				row, err = f.row(record)
			} else {
				err = f.unreadable(err)
			}
			if !yield(row, err) || (err != nil && !errors.Is(err, ErrRow)) {
				return
			}
		}
	}
}

// unreadable tells a row with broken quotes from a file that cannot be read on.
func (f *File) unreadable(err error) error {
	if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
		// An open quote may swallow many lines; the one to mend is where the row begins.
		return &RowError{File: f.name, Line: syntax.StartLine,
			Reason: fmt.Sprintf("%v, noticed at line %d, column %d: put the text in double quotes and double those inside it",
				syntax.Err, syntax.Line, syntax.Column)}
	}
	return fmt.Errorf("retail: read %s after line %d: %w", f.name, f.line, err)
}

// row reads one record.
func (f *File) row(record []string) (Row, error) {
	line, _ := f.csv.FieldPos(0)
	f.line = line
	if want := len(Columns()); len(record) != want {
		return Row{}, &RowError{File: f.name, Line: line, Value: strings.Join(record, ","),
			Reason: fmt.Sprintf("has %d columns, wanted %d: quote texts that contain commas", len(record), want)}
	}
	row := Row{Line: line}
	for i, text := range record {
		if reason := f.cell(&row, i, text); reason != "" {
			return Row{}, f.refuse(record, i, reason)
		}
	}
	return row, f.count(record, row)
}

// cell reads the text of column i into row. It returns what is wrong with the text, if anything is.
func (f *File) cell(row *Row, i int, text string) string {
	if !utf8.ValidString(text) {
		return "not UTF-8 text: save the file in that encoding"
	}
	var err error
	switch i {
	case colInvoice:
		row.Invoice = f.text(strings.TrimSpace(text))
		return missing(row.Invoice)
	case colCode:
		row.Code = f.text(strings.TrimSpace(text))
		return missing(row.Code)
	case colDescription:
		row.Description = f.text(text)
	case colQuantity:
		row.Qty, err = strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "not a whole number that fits 64 bits: correct the row"
		}
		if row.Qty == 0 {
			return "a line of zero units says nothing: correct the row or delete it"
		}
	case colDate:
		row.At, err = time.Parse(timeLayout, text)
		if err != nil || len(text) != len(timeLayout) {
			return "not a time such as 2010-12-01 08:26:00: write it so"
		}
	case colPrice:
		if row.Price, err = ParseAmount(text); err != nil {
			return err.Error()
		}
	case colCustomer:
		row.Customer = f.text(customer(text))
	case colCountry:
		row.Country = f.text(strings.TrimSpace(text))
	}
	return ""
}

func missing(text string) string {
	if text == "" {
		return "must not be empty: correct the row or delete it"
	}
	return ""
}

// customer undoes what tables with missing numbers do to the others: 17850 becomes 17850.0.
func customer(text string) string {
	text = strings.TrimSpace(text)
	if number, ok := strings.CutSuffix(text, ".0"); ok && number != "" && strings.Trim(number, "0123456789") == "" {
		return number
	}
	return text
}

// count adds the row to the sums of the file and refuses it when they outgrow the bound.
func (f *File) count(record []string, row Row) error {
	units := magnitude(row.Qty)
	high, money := bits.Mul64(units, magnitude(int64(row.Price)))
	if units > most-f.units {
		return f.refuse(record, colQuantity, "the units of the file overflow with this row: correct it or split the file")
	}
	if high > 0 || money > most-f.money {
		return f.refuse(record, colPrice, "the money of the file overflows with this row: correct it or split the file")
	}
	f.units += units
	f.money += money
	return nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func (f *File) refuse(record []string, i int, reason string) *RowError {
	line, _ := f.csv.FieldPos(i)
	return &RowError{File: f.name, Line: line, Column: Columns()[i], Value: strings.Clone(record[i]), Reason: reason}
}

// text returns the one copy of s that the file keeps. It must be a copy, for s is part of a whole record.
func (f *File) text(s string) string {
	if kept, ok := f.texts[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	f.texts[s] = s
	return s
}
