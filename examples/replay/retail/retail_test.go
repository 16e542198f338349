package retail_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/examples/replay/retail"
)

func load(t *testing.T, path string) *retail.Year {
	t.Helper()
	year, err := retail.Load(path)
	require.NoError(t, err)
	requireWhole(t, year)
	return year
}

func shop(t *testing.T) *retail.Year {
	t.Helper()
	return load(t, filepath.Join("testdata", "shop.csv"))
}

func step(t *testing.T, year *retail.Year, invoice string) retail.Step {
	t.Helper()
	for _, s := range year.Steps {
		if s.Invoice == invoice {
			return s
		}
	}
	require.Failf(t, "no such step", "invoice %s", invoice)
	return retail.Step{}
}

// show writes lines as "row item quantity@price", which is easy to read in a failure.
func show(lines []retail.Line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, strings.Join([]string{itoa(int64(l.Row)), l.Item.ID, itoa(l.Qty) + "@" + l.Price.String()}, " "))
	}
	return out
}

func showReturns(returns []retail.Return) []string {
	var lines []retail.Line
	for _, r := range returns {
		lines = append(lines, r.Line)
	}
	return show(lines)
}

func TestStepsFollowTimeThenPlaceInTheFile(t *testing.T) {
	t.Parallel()
	var order []string
	for _, s := range shop(t).Steps {
		order = append(order, s.Invoice)
	}
	require.Equal(t, strings.Fields(`100001 100002 100003 100004 100005 C100006 C100007 C100008 C100009 A100010
		100011 100012 C100013 100014 100015`), order)
}

func TestInvoicesOfOneMinuteKeepTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	year, err := retail.Read(strings.NewReader(ledger(
		"9,10001,x,1,2021-03-01 09:00:00,1,,", "7,10001,x,1,2021-03-01 09:00:00,1,,", "8,10001,x,1,2021-03-01 08:59:00,1,,",
	)), "minute.csv")
	require.NoError(t, err)
	requireWhole(t, year)
	require.Equal(t, []string{"8", "9", "7"}, []string{year.Steps[0].Invoice, year.Steps[1].Invoice, year.Steps[2].Invoice})
}

func TestInvoiceKeepsDuplicateAndScatteredLinesAndItsEarliestTime(t *testing.T) {
	t.Parallel()
	s := step(t, shop(t), "100001")
	require.Equal(t, []string{"2 10001 6@2.55", "3 10001 6@2.55", "4 10002B 4@1.25", "5 POST 1@12.00", "26 10003 2@0.0625"}, show(s.Sale))
	require.Equal(t, time.Date(2021, 3, 1, 8, 59, 0, 0, time.UTC), s.At)
	require.Equal(t, "501", s.Customer)
	require.Equal(t, "Norway", s.Country)
	require.Equal(t, retail.Sale, s.Kind())
	require.Empty(t, s.Returns)
	require.Empty(t, s.Corrections)
	require.Empty(t, s.Adjustments)
}

func TestFreeLineWithCustomerIsAGiftOnTheOrder(t *testing.T) {
	t.Parallel()
	s := step(t, shop(t), "100005")
	require.Equal(t, []string{"9 10003 1@0.00"}, show(s.Sale))
	require.Empty(t, s.Corrections)
}

func TestFreeLineWithoutCustomerCorrectsStock(t *testing.T) {
	t.Parallel()
	year := shop(t)
	writeOff, find := step(t, year, "100003"), step(t, year, "100004")
	require.Equal(t, []string{"7 10002B -2@0.00"}, show(writeOff.Corrections))
	require.Equal(t, "damaged", writeOff.Corrections[0].Description)
	require.Equal(t, []string{"8 10003 7@0.00"}, show(find.Corrections))
	require.Empty(t, writeOff.Sale)
	require.Empty(t, find.Sale)
	require.Equal(t, []string{"27 10004 -3@0.00"}, show(step(t, year, "100015").Corrections), "a write-off may name a customer")
}

func TestInvoiceMayMixSaleAndCorrections(t *testing.T) {
	t.Parallel()
	s := step(t, shop(t), "100011")
	require.Equal(t, []string{"16 10001 2@2.55"}, show(s.Sale))
	require.Equal(t, []string{"17 10003 1@0.00", "18 10002B -1@0.00"}, show(s.Corrections))
}

func TestOddLinesOfASaleAreRepresented(t *testing.T) {
	t.Parallel()
	s := step(t, shop(t), "100012")
	require.Equal(t, []string{"19 10001 2@2.55", "22 10003 1@0.00"}, show(s.Sale), "goods of a negative price leave for nothing")
	require.Equal(t, []string{"20 10001 1@2.55"}, showReturns(s.Returns), "a credit line is a return")
	require.Equal(t, []retail.Match{{Invoice: "100012", Line: 0, Qty: 1}}, s.Returns[0].Matches)
	require.Equal(t, []string{"21 D 1@-3.00", "22 10003 1@-0.50"}, show(s.Adjustments), "a negative price is money without goods")
}

func TestChargeInACancellationIsASale(t *testing.T) {
	t.Parallel()
	s := step(t, shop(t), "C100013")
	require.Equal(t, retail.Cancellation, s.Kind())
	require.Equal(t, []string{"23 M 1@7.00"}, show(s.Sale))
	require.Empty(t, s.Returns)
}

func TestAdjustmentMovesMoneyButNoGoods(t *testing.T) {
	t.Parallel()
	year := shop(t)
	s := step(t, year, "A100010")
	require.Equal(t, retail.Adjustment, s.Kind())
	require.Equal(t, []string{"15 10001 1@-50.00"}, show(s.Adjustments))
	require.Equal(t, "Adjust bad debt", s.Adjustments[0].Description)
	require.Empty(t, s.Sale)
	require.Empty(t, s.Returns)
}

func TestReturnTakesNewestOpenSaleFirst(t *testing.T) {
	t.Parallel()
	year := shop(t)
	first := step(t, year, "C100006").Returns
	require.Equal(t, []string{"10 10001 8@2.55", "11 POST 1@12.00"}, showReturns(first))
	require.Equal(t, []retail.Match{{Invoice: "100002", Line: 0, Qty: 5}, {Invoice: "100001", Line: 1, Qty: 3}}, first[0].Matches)
	require.Zero(t, first[0].Unmatched)
	require.Equal(t, []retail.Match{{Invoice: "100001", Line: 3, Qty: 1}}, first[1].Matches, "services match too")

	second := step(t, year, "C100007").Returns[0]
	require.Equal(t, []retail.Match{{Invoice: "100001", Line: 1, Qty: 3}, {Invoice: "100001", Line: 0, Qty: 6}}, second.Matches)
	require.EqualValues(t, 11, second.Unmatched, "no more was ever sold")
}

func TestReturnAtAnotherPriceOrWithoutCustomerMatchesNothing(t *testing.T) {
	t.Parallel()
	year := shop(t)
	for _, invoice := range []string{"C100008", "C100009"} {
		r := step(t, year, invoice).Returns[0]
		require.Empty(t, r.Matches, invoice)
		require.EqualValues(t, 1, r.Unmatched, invoice)
	}
}

func TestItemsAreStockCodesInUpperCaseAndNamedBySales(t *testing.T) {
	t.Parallel()
	type named struct {
		id, description string
		stocked         bool
	}
	var got []named
	for _, item := range shop(t).Items {
		got = append(got, named{item.ID, item.Description, item.Stocked})
	}
	require.Equal(t, []named{
		{"10001", "RED TEAPOT", true},
		{"10002B", "BLUE MUG", true},
		{"10003", "GREEN BOWL", true},
		{"10004", "10004", true},
		{"D", "Discount", false},
		{"M", "Manual", false},
		{"PADS", "PADS, \"soft\"\nand thin", false},
		{"POST", "POSTAGE", false},
	}, got)
}

func TestMerchandiseIsFiveDigitsAndUpToTwoLetters(t *testing.T) {
	t.Parallel()
	for code, stocked := range map[string]bool{
		"22423": true, "85123a": true, "15056BL": true,
		"2242": false, "224231": false, "15056BLX": false, "1505A6": false, "POST": false, "C2": false,
		"gift_0001_20": false, "DCGS0003": false, "22423-": false, "2242É": false, "22423É": false,
	} {
		year, err := retail.Read(strings.NewReader(ledger("1,"+code+",x,1,2021-03-01 09:00:00,1,,")), "codes.csv")
		require.NoError(t, err, code)
		require.Equal(t, stocked, year.Items[0].Stocked, code)
		require.Equal(t, strings.ToUpper(strings.TrimSpace(code)), year.Items[0].ID)
	}
}

func TestOpeningStockIsTheLeastThatSuffices(t *testing.T) {
	t.Parallel()
	year := shop(t)
	levels := func(rule retail.StockRule) map[string][2]int64 {
		out := make(map[string][2]int64)
		for _, l := range year.Stock(rule) {
			out[l.Item.ID] = [2]int64{l.Opening, l.Closing}
		}
		return out
	}
	require.Equal(t, map[string][2]int64{
		"10001":  {17, 27}, // 17 leave, 8 + 20 + 1 + 1 come back, 2 + 2 leave, 1 comes back
		"10002B": {7, 0},   // 4 leave, 2 and 1 are written off
		"10003":  {2, 6},   // 2 leave, 7 are found, 1 leaves, 1 is found, 1 leaves
		"10004":  {3, 0},
	}, levels(retail.Physical))
	require.Equal(t, map[string][2]int64{
		"10001":  {17, 27},
		"10002B": {4, 3},
		"10003":  {12, 0},
		"10004":  {0, 3},
	}, levels(retail.BySign))
}

func TestReferenceSumsTheRawRows(t *testing.T) {
	t.Parallel()
	ref := shop(t).Reference
	require.Equal(t, retail.Flow{Lines: 18, Units: 47, Exact: amount(t, "64.64"), Rounded: amount(t, "64.65")}, ref.Total.Sale)
	require.Equal(t, retail.Flow{Lines: 6, Units: -30, Exact: amount(t, "-81.95"), Rounded: amount(t, "-81.95")}, ref.Total.Cancellation)
	require.Equal(t, retail.Flow{Lines: 1, Units: 1, Exact: amount(t, "-50"), Rounded: amount(t, "-50")}, ref.Total.Adjustment)
	require.Equal(t, retail.Flow{Lines: 25, Units: 18, Exact: amount(t, "-67.31"), Rounded: amount(t, "-67.30")}, ref.Total.Net())

	require.Len(t, ref.Months, 2)
	require.Equal(t, "2021-03", ref.Months[0].Name)
	require.Equal(t, amount(t, "60.475"), ref.Months[0].Sale.Exact)
	require.Equal(t, "2021-04", ref.Months[1].Name)
	require.Equal(t, amount(t, "7"), ref.Months[1].Cancellation.Exact)
	require.Equal(t, "Norway", ref.Countries[0].Name)
	require.EqualValues(t, 10, ref.Countries[0].Net().Lines)

	require.Equal(t, retail.Units{Sold: 20, Cancelled: 30, Revenue: amount(t, "-25.95")}, ref.Units["10001"])
	require.Equal(t, retail.Units{Sold: 4, WrittenOff: 3, Revenue: amount(t, "5")}, ref.Units["10002B"])
	require.Equal(t, retail.Units{Sold: 4, Found: 8, Revenue: amount(t, "-0.375")}, ref.Units["10003"])
}

func TestOtherSpellingsOfTheFormatReadAlike(t *testing.T) {
	t.Parallel()
	year := load(t, filepath.Join("testdata", "plain.csv"))
	require.Len(t, year.Steps, 2)
	require.Equal(t, []string{"2 10001 6@2.55", "3 10002B 2@1.25"}, show(year.Steps[0].Sale))
	require.Equal(t, "501", year.Steps[0].Customer)
	require.Empty(t, year.Steps[1].Customer)
	require.Equal(t, []string{"4 10001 1@3.00"}, show(year.Steps[1].Sale))
}

func TestCustomerOtherThanANumberIsKept(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"17850": "17850", "17850.0": "17850", "": "", ".0": ".0", "17850.5": "17850.5", "K-1.0": "K-1.0",
	} {
		year, err := retail.Read(strings.NewReader(ledger("1,10001,x,1,2021-03-01 09:00:00,1,"+text+",Norway")), "customers.csv")
		require.NoError(t, err)
		require.Equal(t, want, year.Steps[0].Customer, text)
	}
}

func TestGzippedLedgerReadsAsThePlainOne(t *testing.T) {
	t.Parallel()
	plain, err := os.ReadFile(filepath.Join("testdata", "shop.csv"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "shop.csv.gz")
	require.NoError(t, os.WriteFile(path, zipped(t, plain), 0o600))
	require.Equal(t, shop(t), load(t, path))
}

func TestSamePlanEveryTime(t *testing.T) {
	t.Parallel()
	first := shop(t)
	for range 5 { // maps are walked in another order each time
		require.Equal(t, first, shop(t))
	}
}

func TestHeaderAloneIsAnEmptyYear(t *testing.T) {
	t.Parallel()
	year, err := retail.Read(strings.NewReader(ledger()), "empty.csv")
	require.NoError(t, err)
	require.Empty(t, year.Steps)
	require.Empty(t, year.Items)
	require.Zero(t, year.Reference.Total)
}

// ledger returns the text of a file with these rows.
func ledger(rows ...string) string {
	return strings.Join(append([]string{strings.Join(retail.Columns(), ",")}, rows...), "\n") + "\n"
}

func zipped(t *testing.T, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(plain)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestKindIsToldByTheFirstLetterOfTheInvoice(t *testing.T) {
	t.Parallel()
	for invoice, want := range map[string]string{"536365": "sale", "C536379": "cancellation", "A563185": "adjustment", "c1": "sale", "": "sale"} {
		require.Equal(t, want, retail.KindOf(invoice).String(), invoice)
	}
	require.Equal(t, "Kind(7)", retail.Kind(7).String())
}
