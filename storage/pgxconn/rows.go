package pgxconn

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/orderkit/oms/storage/sqlstore"
)

var _ sqlstore.Rows = (*rows)(nil)

// rows are the rows of a query. The tables have three types, so that cells are made
// without asking pgx how.
type rows struct {
	pgx.Rows

	of pgx.BatchResults // ends with the rows; nil if there is none, or it goes on
}

// Close ends the rows, and tells what went wrong.
func (r *rows) Close() error {
	r.Rows.Close()
	if r.of == nil {
		return r.Err()
	}
	return r.of.Close()
}

// Scan reads the cells of a row. An *any that has the value of the row before, as most columns
// of most rows do, is left alone and nothing is allocated; nor is for bytes and numbers.
func (r *rows) Scan(dest ...any) error {
	fields, raw := r.FieldDescriptions(), r.RawValues()
	if len(raw) != len(dest) {
		return fmt.Errorf("pgxconn: %d cells for %d columns", len(dest), len(raw))
	}
	for i, cell := range raw {
		var err error
		switch into := dest[i].(type) {
		case *any:
			*into, err = value(&fields[i], cell, *into)
		case *sql.RawBytes:
			if *into = cell; !isText(&fields[i]) {
				err = misfit(&fields[i], cell, "a text")
			}
		case *int64:
			*into, err = number(&fields[i], cell)
		default:
			err = fmt.Errorf("it is scanned into a %T", into)
		}
		if err != nil {
			return fmt.Errorf("pgxconn: column %s: %w", fields[i].Name, err)
		}
	}
	return nil
}

func isText(f *pgconn.FieldDescription) bool {
	return f.DataTypeOID == pgtype.TextOID || f.DataTypeOID == pgtype.VarcharOID
}

// value makes a cell of what the server sent, or gives the one before if it is the same.
func value(f *pgconn.FieldDescription, cell []byte, before any) (any, error) {
	switch {
	case cell == nil:
		return nil, nil //nolint:nilnil // NULL
	case isText(f):
		if s, ok := before.(string); ok && s == string(cell) {
			return before, nil
		}
		return string(cell), nil
	case f.DataTypeOID == pgtype.Int8OID:
		n, err := number(f, cell)
		if m, ok := before.(int64); ok && m == n {
			return before, err
		}
		return n, err
	case f.DataTypeOID == pgtype.Float8OID && f.Format == pgx.TextFormatCode:
		return strconv.ParseFloat(string(cell), 64)
	case f.DataTypeOID == pgtype.Float8OID && len(cell) == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(cell)), nil
	}
	return nil, misfit(f, cell, "a cell of the tables")
}

func number(f *pgconn.FieldDescription, cell []byte) (int64, error) {
	switch {
	case f.DataTypeOID != pgtype.Int8OID || cell == nil:
	case f.Format == pgx.TextFormatCode:
		return strconv.ParseInt(string(cell), 10, 64)
	case len(cell) == 8:
		return int64(binary.BigEndian.Uint64(cell)), nil
	}
	return 0, misfit(f, cell, "a number")
}

func misfit(f *pgconn.FieldDescription, cell []byte, want string) error {
	return fmt.Errorf("%d bytes of type %d are not %s", len(cell), f.DataTypeOID, want)
}
