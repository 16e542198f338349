package sheet

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// Read yields the rows of a file and the problems with it, in their order: a row with a
// nil error, or no row with a [*CellError]. Reading ends after a header that is refused,
// after too much, and after an error of r, which is yielded as it is.
func (s Sheet[T]) Read(r io.Reader, o Options) iter.Seq2[Row[T], error] {
	return func(yield func(Row[T], error) bool) {
		f := file[T]{sheet: s, opt: o, yield: yield, seen: make(map[[keySize]byte]int)}
		if f.opt.MaxProblems <= 0 {
			f.opt.MaxProblems = defaultProblems
		}
		if f.opt.MaxRows <= 0 {
			f.opt.MaxRows = defaultRows
		}
		if f.open(r) && f.header() {
			rows := 0
			for f.row(rows) {
				rows++
			}
		}
	}
}

// keySize is the size of a row's fingerprint: two different rows that share one of this
// size are nothing to wait for.
const keySize = 16

// file is a file that is being read.
type file[T any] struct {
	sheet    Sheet[T]
	opt      Options
	yield    func(Row[T], error) bool
	meter    *meter
	csv      *csv.Reader
	at       []int    // the column of the sheet for each cell; -1 for one that is ignored
	names    []string // as the header has them
	seen     map[[keySize]byte]int
	problems int
	over     bool // nothing more is yielded
}

// tell yields a problem.
func (f *file[T]) tell(line int, column, cell string, err error) {
	if f.over {
		return
	}
	f.problems++
	if f.problems > f.opt.MaxProblems {
		f.over = true
		f.yield(Row[T]{}, &CellError{Line: line, Err: fmt.Errorf("%w: more than %d problems; put these right first", ErrTooMuch, f.opt.MaxProblems)})
		return
	}
	f.over = !f.yield(Row[T]{}, &CellError{Line: line, Column: column, Cell: clip(cell), Err: err})
}

// end yields an error that nothing comes after.
func (f *file[T]) end(err error) bool {
	if !f.over {
		f.over = true
		f.yield(Row[T]{}, err)
	}
	return false
}

// open finds the delimiter.
func (f *file[T]) open(r io.Reader) bool {
	f.meter = &meter{r: r, left: maxRecord}
	text := bufio.NewReaderSize(f.meter, 1<<16)
	first, err := text.Peek(1 << 16)
	if len(first) == 0 && err != nil && !errors.Is(err, io.EOF) { // a later one comes up where it is met
		return f.end(err)
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(first, []byte(mark)) {
			return f.end(&CellError{Line: 1, Err: fmt.Errorf("%w: the file is UTF-16; save it as UTF-8", ErrHeader)})
		}
	}
	if rest, marked := bytes.CutPrefix(first, []byte("\ufeff")); marked {
		first = rest
		if _, err := text.Discard(len("\ufeff")); err != nil {
			return f.end(err)
		}
	}
	f.csv = csv.NewReader(text)
	f.csv.Comma = f.delimiter(first)
	f.csv.ReuseRecord = true
	f.csv.FieldsPerRecord = -1
	return true
}

// delimiter is the one that gives the most names of columns; a comma where none does.
func (f *file[T]) delimiter(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', 0
	for _, comma := range []rune{',', ';', '\t'} {
		r := csv.NewReader(bytes.NewReader(line))
		r.Comma = comma
		names, err := r.Read()
		if err != nil {
			continue
		}
		known := 0
		for _, name := range names {
			if f.sheet.find(fold(name)) >= 0 {
				known++
			}
		}
		if known > most {
			best, most = comma, known
		}
	}
	return best
}

// fold is the one form of a column's name.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// header reads the first line. All that is wrong with it is told.
func (f *file[T]) header() bool {
	names, err := f.csv.Read()
	_, syntax := errors.AsType[*csv.ParseError](err)
	switch {
	case errors.Is(err, io.EOF):
		return f.end(&CellError{Line: 1, Err: fmt.Errorf("%w: the file is empty; its first line names the columns: %s", ErrHeader, strings.Join(f.sheet.Columns(), ", "))})
	case syntax:
		return f.end(&CellError{Line: 1, Err: fmt.Errorf("%w: %w", ErrHeader, err)})
	case err != nil:
		return f.end(err)
	}
	line, _ := f.csv.FieldPos(0)
	refused := false
	refuse := func(name, rule string) {
		refused = true
		f.tell(line, "", name, fmt.Errorf("%w: %s", ErrHeader, rule))
	}
	ignored := make([]string, len(f.opt.Ignore))
	for i, name := range f.opt.Ignore {
		ignored[i] = fold(name)
	}
	for n, cell := range names {
		name := fold(cell)
		i := f.sheet.find(name)
		switch {
		case slices.Contains(ignored, name):
			i = -1
		case i < 0 && name == "":
			refuse(cell, fmt.Sprintf("cell %d of the first line names no column", n+1))
		case i < 0:
			refuse(cell, "no column has this name; known are "+strings.Join(f.sheet.Columns(), ", "))
		case slices.Contains(f.at, i):
			refuse(cell, "the column is there twice")
		}
		f.at, f.names = append(f.at, i), append(f.names, strings.Clone(name))
	}
	for _, name := range f.sheet.needed() {
		if !slices.Contains(f.at, f.sheet.find(name)) {
			refused = true
			f.tell(line, name, "", fmt.Errorf("%w: the column is missing", ErrHeader))
		}
	}
	return !refused && !f.over
}

// row reads one row and tells whether to go on.
func (f *file[T]) row(before int) bool {
	f.meter.left = maxRecord
	cells, err := f.csv.Read()
	if errors.Is(err, io.EOF) || f.over {
		return false
	}
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		where := fmt.Sprintf("byte %d", parse.Column)
		if parse.Line != parse.StartLine { // a quote was opened and not closed in its line
			where += fmt.Sprintf(" of line %d, to which the row goes on", parse.Line)
		}
		f.tell(parse.StartLine, "", "", fmt.Errorf("%w: %s: %w", ErrSyntax, where, parse.Err))
		return !f.over
	}
	if err != nil {
		return f.end(err)
	}
	line, _ := f.csv.FieldPos(0)
	switch {
	case blank(cells):
		return true
	case before >= f.opt.MaxRows:
		return f.end(&CellError{Line: line, Err: fmt.Errorf("%w: more than %d rows", ErrTooMuch, f.opt.MaxRows)})
	case len(cells) != len(f.at):
		f.tell(line, "", "", fmt.Errorf("%w: it has %d cells, the header has %d", ErrSyntax, len(cells), len(f.at)))
		return !f.over
	}
	if row, ok := f.parse(line, cells); ok && !f.over {
		f.over = !f.yield(row, nil)
	}
	return !f.over
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// parse reads the cells of a row. It reports false when any of them has a problem.
func (f *file[T]) parse(line int, cells []string) (Row[T], bool) {
	row, had := Row[T]{Line: line}, f.problems
	for i, at := range f.at {
		if at < 0 {
			continue
		}
		c := &f.sheet.columns[at]
		cell := strings.Clone(cells[i]) // a value must not keep its whole line alive
		if err := f.cell(c, &row.Value, cell); err != nil {
			f.tell(line, c.name, cell, err)
		}
	}
	if f.problems == had && f.sheet.check != nil {
		if err := f.sheet.check(row.Value); err != nil {
			f.tell(line, "", "", err)
		}
	}
	if f.problems > had {
		return row, false
	}
	sum := f.sheet.fingerprint(&row.Value)
	if first, twice := f.seen[sum]; twice {
		f.tell(line, "", "", &DuplicateError{First: first, Columns: f.sheet.keys()})
		return row, false
	}
	f.seen[sum] = line
	row.Key = hex.EncodeToString(sum[:])
	return row, true
}

func (f *file[T]) cell(c *column[T], row *T, cell string) error {
	if cell == "" {
		if c.need {
			return refusal("it is blank")
		}
		return nil
	}
	if err := c.read(row, cell); err != nil {
		return err
	}
	if c.refers != "" && f.opt.Known != nil && !f.opt.Known(c.refers, cell) {
		return fmt.Errorf("%w: no such %s; add it first", ErrUnknown, c.refers)
	}
	return nil
}

// fingerprint is what tells a row from others.
func (s Sheet[T]) fingerprint(row *T) [keySize]byte {
	h := sha256.New()
	for _, c := range s.columns {
		if c.key {
			cell := cmp.Or(c.write(row), c.blank)
			fmt.Fprintf(h, "%s %d %s\n", c.name, len(cell), cell)
		}
	}
	return [keySize]byte(h.Sum(nil))
}

// meter ends a file whose next row does not come to an end.
type meter struct {
	r    io.Reader
	left int
	err  error // of r; it is given again, for whoever looks ahead has taken it once
}

// Read reads on as far as the row may go.
func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, fmt.Errorf("%w: a row of more than %d bytes; a quote may be open", ErrTooMuch, maxRecord)
	}
	if m.err != nil {
		return 0, m.err
	}
	var n int
	n, m.err = m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, m.err
}
