package sheet_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/sheet"
)

// hold reads any bytes: every row is one that its sheet writes and reads back the same,
// every problem is typed and says where it is.
func hold[T any](t *testing.T, s sheet.Sheet[T], text []byte) {
	t.Helper()
	rows, wrong := sheet.Collect(s.Read(bytes.NewReader(text), sheet.Options{MaxProblems: 20}))
	for _, err := range wrong {
		problem, ok := errors.AsType[*sheet.CellError](err)
		require.True(t, ok, "untyped: %v", err)
		require.Positive(t, problem.Line)
		typed := false
		for _, kind := range []error{
			sheet.ErrHeader, sheet.ErrSyntax, sheet.ErrValue, sheet.ErrDuplicate, sheet.ErrTooMuch, inventory.ErrID, inventory.ErrQuantity, inventory.ErrItem,
		} {
			typed = typed || errors.Is(err, kind)
		}
		require.True(t, typed, "no sentinel: %v", err)
	}
	all, keys, line := make([]T, len(rows)), map[string]bool{}, 1
	for i, row := range rows {
		require.Greater(t, row.Line, line)
		require.False(t, keys[row.Key], "a key is there twice")
		all[i], line, keys[row.Key] = row.Value, row.Line, true
	}
	var file bytes.Buffer
	require.NoError(t, s.Write(&file, values(all)))
	again, wrong := sheet.Collect(s.Read(&file, sheet.Options{}))
	require.Empty(t, wrong)
	require.Len(t, again, len(rows))
	for i := range again {
		require.Equal(t, rows[i].Value, again[i].Value)
		require.Equal(t, rows[i].Key, again[i].Key)
	}
}

func FuzzItems(f *testing.F) {
	f.Add([]byte("id,sku,name,scale,untracked,backorder,safety,picking,backorder_limit\na,b,c,3,,true,12,fefo,7\nx,,,0,TRUE,,,"))
	f.Add([]byte("\ufeffID;name\n\"a\";\"b \"\"c\"\"\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) { hold(t, sheet.Items(), text) })
}

func FuzzLocations(f *testing.F) {
	f.Add([]byte("id\tname\tpriority\tcountry\tposition\tinactive\nber\tBerlin\t-1\tDE\t52.52 13.405\ttrue\n"))
	f.Fuzz(func(t *testing.T, text []byte) { hold(t, sheet.Locations(), text) })
}

func FuzzOpening(f *testing.F) {
	f.Add([]byte("item,location,lot,state,qty,expires,unit_cost\na,b,c,qc,12,2027-01-31,4.250000\na,b,,,1,,0"))
	f.Fuzz(func(t *testing.T, text []byte) { hold(t, sheet.Opening(), text) })
}

func FuzzCounts(f *testing.F) {
	f.Add([]byte("qty,item,location\n0,a,b\n0,a,b\n-1,a,c\n"))
	f.Fuzz(func(t *testing.T, text []byte) { hold(t, sheet.Counts(), text) })
}

func FuzzSuppliers(f *testing.F) {
	f.Add([]byte("id,name,lead_days\nacme,Acme,14\n"))
	f.Fuzz(func(t *testing.T, text []byte) { hold(t, sheet.Suppliers(), text) })
}

func FuzzTerms(f *testing.F) {
	f.Add([]byte("supplier;item;sku;price;min_qty;multiple;lead_days\nacme;tee;T-1;4.50;10;5;3\n"))
	f.Fuzz(func(t *testing.T, text []byte) { hold(t, sheet.Terms(), text) })
}

func FuzzPurchases(f *testing.F) {
	f.Add([]byte("number,line,supplier,currency,item,location,qty,unit_cost,due\npo-1,1,acme,EUR,tee,ber,10,4.5,2026-04-01\n"))
	f.Fuzz(func(t *testing.T, text []byte) { hold(t, sheet.Purchases(), text) })
}
