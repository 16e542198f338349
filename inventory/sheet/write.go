package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
)

// Write writes a file that [Sheet.Read] reads back the same: the header, and a row for
// each value, until the sequence ends or yields an error. A value that would not be read
// back as it is, because the sheet has no column for a part of it, is ErrLossy: nothing
// is left out in silence. Rows before it have been written.
func (s Sheet[T]) Write(w io.Writer, rows iter.Seq2[T, error]) error {
	out := csv.NewWriter(w)
	names := make([]string, len(s.columns))
	for i, c := range s.columns {
		names[i] = c.name
	}
	if err := out.Write(names); err != nil {
		return err
	}
	cells := make([]string, len(s.columns))
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := s.print(cells, row); err != nil {
			return err
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// print writes the cells of a row, and reads them again: once over the row, so that what
// has several forms has the one that is read, and once over nothing. What then differs
// has no column.
func (s Sheet[T]) print(cells []string, row T) error {
	var back T
	for i, c := range s.columns {
		cells[i] = c.write(&row)
		switch {
		case cells[i] != "":
			if err := errors.Join(c.read(&row, cells[i]), c.read(&back, cells[i])); err != nil {
				return fmt.Errorf("%w: %s %q: %w", ErrLossy, c.name, cells[i], err)
			}
		case c.need:
			return fmt.Errorf("%w: %s is blank", ErrLossy, c.name)
		}
	}
	if s.check != nil {
		if err := s.check(row); err != nil {
			return fmt.Errorf("%w: %w", ErrLossy, err)
		}
	}
	if !reflect.DeepEqual(row, back) {
		return fmt.Errorf("%w: %+v would be %+v", ErrLossy, row, back)
	}
	return nil
}
