package sheet_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/sheet"
)

// read reads a whole file.
func read[T any](s sheet.Sheet[T], text string, o sheet.Options) ([]T, []string) {
	rows, wrong := sheet.Collect(s.Read(strings.NewReader(text), o))
	values, told := make([]T, len(rows)), make([]string, len(wrong))
	for i, row := range rows {
		values[i] = row.Value
	}
	for i, err := range wrong {
		told[i] = err.Error()
	}
	return values, told
}

func values[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func TestColumnsMayComeInAnyOrderAndWithAnyDelimiter(t *testing.T) {
	t.Parallel()
	want := []inventory.Item{
		{ID: "tee-m", SKU: "T-1", Name: "T-shirt; M, blue", Backorder: true},
		{ID: "oil", Name: `the "good" one`, Scale: 3, Safety: 12},
	}
	for name, text := range map[string]string{
		"comma":     "id,sku,name,scale,backorder,safety\ntee-m,T-1,\"T-shirt; M, blue\",,true,\noil,,\"the \"\"good\"\" one\",3,false,12\n",
		"semicolon": "name;ID;Safety;Scale;Backorder;sku\n\"T-shirt; M, blue\";tee-m;;;TRUE;T-1\n\"the \"\"good\"\" one\";oil;12;3;;\n",
		"tab":       "sku\tbackorder\tname\tid\tsafety\tscale\nT-1\ttrue\tT-shirt; M, blue\ttee-m\t\t\n\t\t\"the \"\"good\"\" one\"\toil\t12\t3\n",
		"byte order mark, CRLF, blank lines, no end of line": "\ufeffid,sku,name,scale,backorder,safety\r\n\r\ntee-m,T-1,\"T-shirt; M, blue\",,true,\r\n,,,,,\r\n\r\noil,,\"the \"\"good\"\" one\",3,false,12",
	} {
		got, wrong := read(sheet.Items(), text, sheet.Options{})
		require.Empty(t, wrong, name)
		require.Equal(t, want, got, name)
	}
}

func TestEveryRowThatIsRightIsHandedOutAndEveryOtherOneToldOf(t *testing.T) {
	t.Parallel()
	known := func(kind, id string) bool { return kind == "item" && id != "hat" || kind == "location" && id == "ber" }
	got, wrong := read(sheet.Opening(), strings.Join([]string{
		"item,location,lot,state,qty,expires,unit_cost",
		"tee,ber,,,40,,4.25",
		"tee,ber,,free,1,,",                  // the same account as above
		"hat,ams,,,1,,",                      // two ids that do not exist
		"tee,ber,l1,qc,0,2026-02-30,-1",      // three cells that are wrong
		"tee,ber,l1,sold,1e3,31.12.2026,1,5", // a comma too many
		"tee,ber,l2,damaged,9000000000000000000,,1.1234567",
		"tee,ber,,held,7,2027-01-31,", // expiry without a lot
		" tee,ber,,held,7,,",
		"mug,ber,l9,qc,2,2027-01-31,0.50",
	}, "\n"), sheet.Options{Known: known})
	require.Equal(t, []sheet.Stock{
		{Item: "tee", Location: "ber", Qty: 40, UnitCost: decimal.NewNullDecimal(decimal.RequireFromString("4.25"))},
		{
			Item: "mug", Location: "ber", Lot: "l9", State: inventory.QC, Qty: 2,
			Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), UnitCost: decimal.NewNullDecimal(decimal.RequireFromString("0.50")),
		},
	}, got)
	require.Equal(t, []string{
		`line 3: sheet: row is there twice: line 2 has the same item, location, lot, state`,
		`line 4, column item, "hat": sheet: unknown id: no such item; add it first`,
		`line 4, column location, "ams": sheet: unknown id: no such location; add it first`,
		`line 5, column qty, "0": sheet: value refused: it must be between 1 and 1000000000000`,
		`line 5, column expires, "2026-02-30": sheet: value refused: it must be a day that exists, written 2026-03-31`,
		`line 5, column unit_cost, "-1": sheet: value refused: it must be an amount in plain digits with a decimal point, such as 1204.50, and not negative`,
		`line 6: sheet: malformed line: it has 8 cells, the header has 7`,
		`line 7, column qty, "9000000000000000000": sheet: value refused: it must be between 1 and 1000000000000`,
		`line 7, column unit_cost, "1.1234567": sheet: value refused: it may have 12 digits before the point and 6 after it`,
		`line 8: sheet: value refused: lots expire, and the row names none`,
		`line 9, column item, " tee": inventory: malformed id: item id " tee" has surrounding space; ids are never trimmed, pass it exactly`,
	}, wrong)
}

// Each of these means something to somebody, and something else to somebody else.
func TestNothingIsCoerced(t *testing.T) {
	t.Parallel()
	for column, cells := range map[string][]string{
		"qty":       {"", "1.0", "1,000", "1 000", "+1", "01", "-1", "1e2", "0x1", "١", "1_0", "one", " 1", "99999999999999999999", "NaN"},
		"expires":   {"31/12/2026", "2026-1-1", "2026-12-31T00:00:00Z", "20261231", "tomorrow", "2025-02-29", "0000-01-01"},
		"unit_cost": {"1,5", ".5", "5.", "1e2", "+1", "-0", "€1", "01", "1_0", "Inf", "1.0000000", "1234567890123"},
		"state":     {"FREE", "committed", "soft", "supplier", "1"},
		"lot":       {" a", "a\u0007", "\xff", strings.Repeat("x", 129)},
	} {
		for _, cell := range cells {
			row := map[string]string{"item": "tee", "location": "ber", "qty": "1", "lot": "l", column: cell}
			var names, quoted []string
			for name, value := range row {
				names, quoted = append(names, name), append(quoted, `"`+value+`"`)
			}
			rows, wrong := sheet.Collect(sheet.Opening().Read(strings.NewReader(strings.Join(names, ",")+"\n"+strings.Join(quoted, ",")), sheet.Options{}))
			require.Empty(t, rows, "%s %q", column, cell)
			require.Len(t, wrong, 1, "%s %q", column, cell)
			problem, ok := errors.AsType[*sheet.CellError](wrong[0])
			require.True(t, ok)
			require.Equal(t, column, problem.Column, "%v", problem)
			require.Equal(t, 2, problem.Line, "%v", problem)
		}
	}
	for _, cell := range []string{"yes", "1", "True", "t"} {
		_, wrong := read(sheet.Items(), "id,backorder\nx,"+cell, sheet.Options{})
		require.Len(t, wrong, 1, cell)
	}
	for _, cells := range []string{"true,-1", "true,1.5", "true,1000000000001", "false,1", ",1"} {
		_, wrong := read(sheet.Items(), "id,backorder,backorder_limit\nx,"+cells, sheet.Options{})
		require.Len(t, wrong, 1, cells)
	}
	for _, cell := range []string{"52.5", "52.5 ", "52,5 13,4", "91 0", "0 181", "1e1 2", "NaN 1", "1  2"} {
		_, wrong := read(sheet.Locations(), "id,position\nx,\""+cell+"\"", sheet.Options{})
		require.Len(t, wrong, 1, cell)
	}
}

func TestAHeaderThatIsWrongSaysEverythingThatIs(t *testing.T) {
	t.Parallel()
	for text, says := range map[string][]string{
		"":                     {"the file is empty", "item, location, qty"},
		"a\nb\n":               {`"a": sheet: header refused: no column has this name`, `column item: `, `column location: `, `column qty: sheet: header refused: the column is missing`},
		"item,,location,qty\n": {`cell 2 of the first line names no column`},
		"item,location,Item\n": {`"Item": sheet: header refused: the column is there twice`, `column qty: sheet: header refused: the column is missing`},
		"\xff\xfei\x00":        {"UTF-16"},
		"item,\"location\n":    {"header refused", "quote"},
	} {
		rows, wrong := sheet.Collect(sheet.Opening().Read(strings.NewReader(text), sheet.Options{}))
		require.Empty(t, rows)
		all := errors.Join(wrong...)
		require.ErrorIs(t, all, sheet.ErrHeader, "%q", text)
		for _, part := range says {
			require.ErrorContains(t, all, part, "%q", text)
		}
	}
	got, wrong := read(sheet.Counts(), "Item,Bin,Location,Qty\ntee,a-7,ber,0\n", sheet.Options{Ignore: []string{"bin"}})
	require.Empty(t, wrong)
	require.Equal(t, []sheet.Count{{Item: "tee", Location: "ber"}}, got)
}

func TestAFileBeyondTheLimitsIsNotReadOn(t *testing.T) {
	t.Parallel()
	rows, wrong := sheet.Collect(sheet.Items().Read(&endless{}, sheet.Options{MaxRows: 100}))
	require.Len(t, rows, 100)
	require.ErrorIs(t, errors.Join(wrong...), sheet.ErrTooMuch)

	bad := "id,scale\n" + strings.Repeat("x,y\n", 50)
	_, told := read(sheet.Items(), bad, sheet.Options{MaxProblems: 10})
	require.Len(t, told, 11)
	require.Contains(t, told[10], "more than 10 problems")

	open := "id,name\na,b\nc,\"d\n" + strings.Repeat("no quote to be seen\n", 200_000)
	items, told := read(sheet.Items(), open, sheet.Options{})
	require.Len(t, items, 1)
	require.Len(t, told, 1)
	require.Contains(t, told[0], "a quote may be open")
}

// endless is a file without an end, a line at a time.
type endless struct{ line int }

func (e *endless) Read(p []byte) (int, error) {
	e.line++
	if e.line == 1 {
		return copy(p, "id\n"), nil
	}
	return copy(p, fmt.Sprintf("%d\n", e.line)), nil
}

func TestAFailureOfTheReaderComesThrough(t *testing.T) {
	t.Parallel()
	cable := errors.New("cable pulled")
	for _, text := range []string{"", "id\n", "id\na\nb\n", "id\n\"a"} {
		_, wrong := sheet.Collect(sheet.Items().Read(io.MultiReader(strings.NewReader(text), iotest.ErrReader(cable)), sheet.Options{}))
		require.ErrorIs(t, errors.Join(wrong...), cable, "%q", text)
	}
}

func TestReadingStopsWhenNobodyWantsMore(t *testing.T) {
	t.Parallel()
	seen := 0
	for range sheet.Items().Read(strings.NewReader("id,scale\na,x\nb,y\nc,1\n"), sheet.Options{}) {
		seen++
		break
	}
	require.Equal(t, 1, seen)
}

func TestWhatTheColumnsCannotHoldIsNotWritten(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"a kit has no column": sheet.Items().Write(io.Discard, values([]inventory.Item{{ID: "set", Kit: []inventory.Component{{Item: "tee", Qty: 1}}}})),
		"no id":               sheet.Items().Write(io.Discard, values([]inventory.Item{{Name: "x"}})),
		"a name in two lines": sheet.Items().Write(io.Discard, values([]inventory.Item{{ID: "x", Name: "a\nb"}})),
		"an hour":             sheet.Opening().Write(io.Discard, values([]sheet.Stock{{Item: "a", Location: "b", Lot: "c", Qty: 1, Expires: time.Unix(1, 0)}})),
		"a tenth of a cent": sheet.Opening().Write(io.Discard, values([]sheet.Stock{
			{Item: "a", Location: "b", Qty: 1, UnitCost: decimal.NewNullDecimal(decimal.New(1, -7))},
		})),
		"reserved units": sheet.Opening().Write(io.Discard, values([]sheet.Stock{{Item: "a", Location: "b", Qty: 1, State: inventory.Committed}})),
		"less than none": sheet.Counts().Write(io.Discard, values([]sheet.Count{{Item: "a", Location: "b", Qty: -1}})),
	} {
		require.ErrorIs(t, err, sheet.ErrLossy, name)
	}
	pulled := errors.New("cable pulled")
	failing := func(yield func(inventory.Item, error) bool) { yield(inventory.Item{}, pulled) }
	require.ErrorIs(t, sheet.Items().Write(io.Discard, failing), pulled)
}

func TestAFileThatWasWrittenReadsBackTheSame(t *testing.T) {
	t.Parallel()
	same(t, sheet.Items(), []inventory.Item{
		{ID: "1"}, {ID: `a"b`, SKU: ";", Name: ",é,", Scale: 9, Untracked: true},
		{ID: "ключ", Backorder: true, Safety: inventory.MaxQty, Picking: inventory.FEFO},
	})
	same(t, sheet.Locations(), []inventory.Location{
		{ID: "ber", Name: "Berlin", Priority: -3, At: &inventory.Point{Lat: 52.52, Lng: -13.405}, Country: "DE", Inactive: true}, {ID: "x"},
	})
	same(t, sheet.Opening(), []sheet.Stock{
		{Item: "a", Location: "b", Qty: 1},
		{
			Item: "a", Location: "b", Qty: inventory.MaxQty, Lot: "l", State: inventory.Held,
			Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), UnitCost: decimal.NewNullDecimal(decimal.RequireFromString("999999999999.000001")),
		},
	})
	same(t, sheet.Counts(), []sheet.Count{{Item: "a", Location: "b"}, {Item: "a", Location: "b", Lot: "l", Qty: 3}})
}

func same[T any](t *testing.T, s sheet.Sheet[T], want []T) {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, s.Write(&file, values(want)))
	got, wrong := read(s, file.String(), sheet.Options{})
	require.Empty(t, wrong, file.String())
	require.Equal(t, want, got)
}

func TestAQuoteThatIsOpenIsToldWhereItsRowBegins(t *testing.T) {
	t.Parallel()
	_, wrong := read(sheet.Items(), "id,name\nx,\"a\ny,b\nz,c\n", sheet.Options{})
	require.Len(t, wrong, 1)
	require.Contains(t, wrong[0], "line 2: ")
	require.Contains(t, wrong[0], "of line 4, to which the row goes on")
}
