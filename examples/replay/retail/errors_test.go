package retail_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/examples/replay/retail"
)

func TestBadRowIsRefusedByLineColumnAndText(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]retail.RowError{
		"columns-few":         {Line: 3, Value: "300001,10001,Red teapot,6,2021-03-01 09:00:00,2.55,501", Reason: "has 7 columns"},
		"columns-many":        {Line: 3, Value: "300001,10001,Red, round teapot,6,2021-03-01 09:00:00,2.55,501,Norway", Reason: "has 9 columns"},
		"quantity-text":       {Line: 3, Column: "Quantity", Value: "six", Reason: "not a whole number"},
		"quantity-fraction":   {Line: 3, Column: "Quantity", Value: "6.5", Reason: "not a whole number"},
		"quantity-zero":       {Line: 3, Column: "Quantity", Value: "0", Reason: "zero units"},
		"quantity-large":      {Line: 3, Column: "Quantity", Value: "9223372036854775808", Reason: "fits 64 bits"},
		"date-text":           {Line: 3, Column: "InvoiceDate", Value: "01/03/2021 09:00", Reason: "not a time"},
		"date-impossible":     {Line: 3, Column: "InvoiceDate", Value: "2021-02-30 09:00:00", Reason: "not a time"},
		"date-fraction":       {Line: 3, Column: "InvoiceDate", Value: "2021-03-01 09:00:00.5", Reason: "not a time"},
		"price-text":          {Line: 3, Column: "UnitPrice", Value: "free", Reason: "not a plain decimal number"},
		"price-empty":         {Line: 3, Column: "UnitPrice", Value: "", Reason: "not a plain decimal number"},
		"price-comma":         {Line: 3, Column: "UnitPrice", Value: "2,55", Reason: "not a plain decimal number"},
		"price-fine":          {Line: 3, Column: "UnitPrice", Value: "2.55001", Reason: "at most 4 decimals"},
		"price-large":         {Line: 3, Column: "UnitPrice", Value: "922337203685478", Reason: "not a plain decimal number"},
		"invoice-empty":       {Line: 3, Column: "InvoiceNo", Value: " ", Reason: "must not be empty"},
		"code-empty":          {Line: 3, Column: "StockCode", Value: "", Reason: "must not be empty"},
		"quote-bare":          {Line: 3, Reason: "line 3, column 18: put the text in double quotes"},
		"units-overflow":      {Line: 3, Column: "Quantity", Value: "4611686018427387900", Reason: "overflow"},
		"money-overflow":      {Line: 3, Column: "UnitPrice", Value: "500000000.00", Reason: "overflow"},
		"money-line-overflow": {Line: 3, Column: "UnitPrice", Value: "500000000.00", Reason: "overflow"},
		"customer-second":     {Line: 3, Column: "CustomerID", Value: "502", Reason: `invoice 300001 say "501"`},
		"country-second":      {Line: 3, Column: "Country", Value: "Sweden", Reason: `invoice 300001 say "Norway"`},
		"latin-1":             {Line: 3, Column: "Description", Value: "Caf\xe9 cup", Reason: "not UTF-8"},
		"multi-line":          {Line: 6, Column: "Quantity", Value: "six", Reason: "not a whole number"},
		"quote-open":          {Line: 3, Reason: "line 4, column 63: put the text in double quotes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", "bad", name+".csv")
			_, err := retail.Load(path)
			require.ErrorIs(t, err, retail.ErrRow)
			var bad *retail.RowError
			require.ErrorAs(t, err, &bad)
			require.Contains(t, bad.Reason, want.Reason)
			want.File, want.Reason = path, bad.Reason
			require.Equal(t, want, *bad)
			require.True(t, strings.HasPrefix(err.Error(), "retail: "+path+":"+itoa(int64(want.Line))+": "), err.Error())
		})
	}
}

func TestEveryBadFixtureIsTested(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.csv"))
	require.NoError(t, err)
	require.Len(t, files, 25, "a fixture was added without a case above")
}

func TestReadingGoesOnAfterABadRow(t *testing.T) {
	t.Parallel()
	f, err := retail.Open(filepath.Join("testdata", "bad", "quantity-text.csv"))
	require.NoError(t, err)
	var good, bad []int
	for row, err := range f.Rows() {
		if refused, ok := errors.AsType[*retail.RowError](err); ok {
			bad = append(bad, refused.Line)
			continue
		}
		require.NoError(t, err)
		good = append(good, row.Line)
	}
	require.NoError(t, f.Close())
	require.Equal(t, []int{2, 4}, good)
	require.Equal(t, []int{3}, bad)
}

func TestRowsStopWhenTheLoopDoes(t *testing.T) {
	t.Parallel()
	f, err := retail.Open(filepath.Join("testdata", "shop.csv"))
	require.NoError(t, err)
	for row, err := range f.Rows() {
		require.NoError(t, err)
		require.Equal(t, 2, row.Line)
		break
	}
	require.NoError(t, f.Close())
}

func TestWrongHeaderIsRefusedWithFoundAndWanted(t *testing.T) {
	t.Parallel()
	for name, found := range map[string]string{
		"empty":      "",
		"order":      "InvoiceNo,StockCode,Description,InvoiceDate,Quantity,UnitPrice,CustomerID,Country",
		"name":       "Invoice,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
		"extra":      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country,Channel",
		"semicolons": "InvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country",
		"headless":   "300001,10001,Red teapot,6,2021-03-01 09:00:00,2.55,501,Norway",
		"quote":      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", "header", name+".csv")
			_, err := retail.Open(path)
			require.ErrorIs(t, err, retail.ErrHeader)
			var header *retail.HeaderError
			require.ErrorAs(t, err, &header)
			require.Equal(t, path, header.File)
			require.Equal(t, found, strings.Join(header.Found, ","))
			require.Equal(t, strings.Join(retail.Columns(), ","), strings.Join(header.Wanted, ","))
			require.EqualError(t, err, "retail: "+path+`:1: header is "`+found+`", wanted exactly "`+strings.Join(retail.Columns(), ",")+
				`": export the file with these columns in this order`)
		})
	}
}

func TestMissingFileIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "nowhere.csv")
	_, err := retail.Load(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, path)
}

func TestUnreadableFileIsAnErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	plain, err := os.ReadFile(filepath.Join("testdata", "shop.csv"))
	require.NoError(t, err)
	zip := zipped(t, plain)
	broken := errors.New("disk on fire")
	for name, c := range map[string]struct {
		r    io.Reader
		want error
	}{
		"gzip cut short":      {strings.NewReader(string(zip[:len(zip)-20])), io.ErrUnexpectedEOF},
		"gzip header cut":     {strings.NewReader(string(zip[:5])), io.ErrUnexpectedEOF},
		"disk fails at once":  {iotest.ErrReader(broken), broken},
		"disk fails mid-file": {io.MultiReader(strings.NewReader(string(plain)), iotest.ErrReader(broken)), broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := retail.Read(c.r, "shop.csv")
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, "shop.csv")
			require.NotErrorIs(t, err, retail.ErrRow)
			require.NotErrorIs(t, err, retail.ErrHeader)
		})
	}
}

func TestLongTextsAreClippedInMessages(t *testing.T) {
	t.Parallel()
	_, err := retail.Read(strings.NewReader(ledger("1,10001,x,"+strings.Repeat("9", 5000)+",2021-03-01 09:00:00,1,,")), "long.csv")
	require.ErrorIs(t, err, retail.ErrRow)
	require.Less(t, len(err.Error()), 300)
}
