package pgxconn

import (
	"database/sql"
	"encoding/binary"
	"math"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
)

// sent is a row as a server sends it.
type sent struct {
	pgx.Rows

	fields []pgconn.FieldDescription
	cells  [][]byte
}

func (s *sent) FieldDescriptions() []pgconn.FieldDescription { return s.fields }
func (s *sent) RawValues() [][]byte                          { return s.cells }

func (s *sent) add(name string, oid uint32, format int16, cell []byte) {
	s.fields = append(s.fields, pgconn.FieldDescription{Name: name, DataTypeOID: oid, Format: format})
	s.cells = append(s.cells, cell)
}

func TestCellsAreScannedIntoWhatTheyAre(t *testing.T) {
	t.Parallel()
	var s sent
	s.add("name", pgtype.TextOID, pgx.TextFormatCode, []byte("tee"))
	s.add("code", pgtype.VarcharOID, pgx.BinaryFormatCode, []byte{})
	s.add("lot", pgtype.TextOID, pgx.BinaryFormatCode, nil)
	s.add("free", pgtype.Int8OID, pgx.BinaryFormatCode, binary.BigEndian.AppendUint64(nil, 7000))
	s.add("held", pgtype.Int8OID, pgx.TextFormatCode, []byte("-7"))
	s.add("lat", pgtype.Float8OID, pgx.BinaryFormatCode, binary.BigEndian.AppendUint64(nil, math.Float64bits(1.5)))
	s.add("lon", pgtype.Float8OID, pgx.TextFormatCode, []byte("2.5"))
	s.add("due", pgtype.Int8OID, pgx.BinaryFormatCode, nil)
	r := &rows{Rows: &s}
	cells := make([]any, len(s.cells))
	into := make([]any, len(s.cells))
	for i := range cells {
		into[i] = &cells[i]
	}
	require.NoError(t, r.Scan(into...))
	require.Equal(t, []any{"tee", "", nil, int64(7000), int64(-7), 1.5, 2.5, nil}, cells)

	var name, code, lot sql.RawBytes = nil, nil, sql.RawBytes("before")
	var free, held int64
	narrow := []any{&name, &code, &lot, &free, &held, &cells[5], &cells[6], &cells[7]}
	require.NoError(t, r.Scan(narrow...))
	require.Equal(t, []any{"tee", "", int64(7000), int64(-7)}, []any{string(name), string(code), free, held})
	require.Nil(t, lot)
	require.NotNil(t, code, "an empty text is not NULL")

	for at, wrong := range map[int]any{0: &free, 1: &free, 2: &free, 3: &name, 4: &name, 5: &free, 6: &name, 7: &free} {
		into := append([]any{}, into...)
		into[at] = wrong
		require.ErrorContains(t, r.Scan(into...), "column "+s.fields[at].Name)
		into[at] = new(string)
		require.ErrorContains(t, r.Scan(into...), "*string")
	}
	require.ErrorContains(t, r.Scan(&cells[0]), "1 cells for 8 columns")
	for _, oid := range []uint32{pgtype.Int4OID, pgtype.NumericOID, pgtype.BoolOID} {
		s.fields[3].DataTypeOID = oid
		require.ErrorContains(t, r.Scan(into...), "column free")
	}
}
