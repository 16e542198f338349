package sheet

import (
	"iter"
	"slices"
)

// Sheet is a kind of file whose rows are T.
type Sheet[T any] struct {
	columns []column[T]
	check   func(T) error // what concerns more than one cell; may be nil
}

// Row is a row of a file that has nothing wrong with it.
type Row[T any] struct {
	Line  int    // of the file
	Key   string // tells it from all other rows of the sheet, in this file and in others; 32 bytes of ASCII
	Value T
}

// Options change how a file is read. The zero value is the default.
type Options struct {
	// Ignore names columns that are in the file and are not read.
	Ignore []string

	// Known tells whether a thing exists, for ids that refer to one: kind is "item",
	// "location" or "supplier". Ids that it does not know are ErrUnknown. Where it is
	// nil nothing is asked, and it shows when the row is used.
	Known func(kind, id string) bool

	// MaxProblems is how many problems are told before reading ends with ErrTooMuch;
	// 1,000 unless set.
	MaxProblems int

	// MaxRows is how many rows are read before reading ends with ErrTooMuch; a million
	// unless set.
	MaxRows int
}

const (
	defaultProblems = 1000
	defaultRows     = 1_000_000
	maxRecord       = 1 << 20 // bytes of a row: the rest of a file behind a lost quote is no cell
)

// Columns lists the columns of the sheet, as they are written. Those that a file must
// have come first.
func (s Sheet[T]) Columns() []string {
	names := make([]string, 0, len(s.columns))
	for _, needed := range []bool{true, false} {
		for _, c := range s.columns {
			if c.need == needed {
				names = append(names, c.name)
			}
		}
	}
	return names
}

// needed lists the columns that a file must have.
func (s Sheet[T]) needed() []string {
	var names []string
	for _, c := range s.columns {
		if c.need {
			names = append(names, c.name)
		}
	}
	return names
}

// keys lists the columns that tell rows apart.
func (s Sheet[T]) keys() []string {
	var names []string
	for _, c := range s.columns {
		if c.key {
			names = append(names, c.name)
		}
	}
	return names
}

func (s Sheet[T]) find(name string) int {
	return slices.IndexFunc(s.columns, func(c column[T]) bool { return c.name == name })
}

// Collect reads a sequence to its end: the rows that are right, and all that is wrong.
// It holds the file in memory.
func Collect[T any](rows iter.Seq2[Row[T], error]) (right []Row[T], wrong []error) {
	for row, err := range rows {
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		right = append(right, row)
	}
	return right, wrong
}
