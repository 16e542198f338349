package pgxconn

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"
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

// Scan reads the cells of a row, each into an *any, or a text into a *string. Where that has
// the value of the row before, as most columns of most rows do, it is left alone and nothing
// is allocated.
func (r *rows) Scan(dest ...any) error {
	fields, raw := r.FieldDescriptions(), r.RawValues()
	if len(raw) != len(dest) {
		return fmt.Errorf("pgxconn: %d cells for %d columns", len(dest), len(raw))
	}
	for i, cell := range raw {
		if into, ok := dest[i].(*string); ok && isText(fields[i].DataTypeOID) && cell != nil {
			if *into != string(cell) {
				*into = string(cell)
			}
			continue
		}
		into, ok := dest[i].(*any)
		if !ok {
			return fmt.Errorf("pgxconn: column %s of type %d is scanned into a %T", fields[i].Name, fields[i].DataTypeOID, dest[i])
		}
		if cell == nil {
			*into = nil
			continue
		}
		var err error
		if *into, err = value(fields[i].DataTypeOID, fields[i].Format == pgx.BinaryFormatCode, cell, *into); err != nil {
			return fmt.Errorf("pgxconn: column %s: %w", fields[i].Name, err)
		}
	}
	return nil
}

func isText(oid uint32) bool { return oid == pgtype.TextOID || oid == pgtype.VarcharOID }

// value makes a cell of what the server sent, or gives the one before if it is the same.
func value(oid uint32, isBinary bool, cell []byte, before any) (any, error) {
	switch {
	case isText(oid):
		if s, ok := before.(string); ok && s == string(cell) {
			return before, nil
		}
		return string(cell), nil
	case oid == pgtype.Int8OID && isBinary && len(cell) == 8:
		n := int64(binary.BigEndian.Uint64(cell))
		if m, ok := before.(int64); ok && m == n {
			return before, nil
		}
		return n, nil
	case oid == pgtype.Int8OID && !isBinary:
		return strconv.ParseInt(string(cell), 10, 64)
	case oid == pgtype.Float8OID && isBinary && len(cell) == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(cell)), nil
	case oid == pgtype.Float8OID && !isBinary:
		return strconv.ParseFloat(string(cell), 64)
	}
	return nil, fmt.Errorf("type %d in %d bytes is none that the tables have", oid, len(cell))
}
