package retail_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/examples/replay/retail"
)

// The real UCI Online Retail file and the figures that others computed from it. It is too large to be
// kept with the code.
var sharedDir = filepath.Join("..", "..", "..", "..", "shared", "data", "online-retail")

// sharedFile returns the path of a shared file. Without it a test is skipped, but never in CI.
func sharedFile(tb testing.TB, name string) string {
	tb.Helper()
	path := filepath.Join(sharedDir, name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatalf("the UCI Online Retail data must be at %s: %v", path, err)
		}
		tb.Skipf("no UCI Online Retail data at %s: the figures of the real file are not checked", path)
	}
	return path
}

// figures is what this test uses of the published reference.
type figures struct {
	Lines          int64
	InvoicesByKind struct{ Sale, Cancel, Adjust int } `json:"invoices_by_kind"`
	Total          flows
	ByMonth        map[string]flows `json:"by_month"`
	ByCountry      map[string]flows `json:"by_country"`
	Rounding       struct {
		Lines string `json:"sum_of_line_totals_rounded_half_up_2dp"`
	} `json:"invoice_rounding"`
	Top []struct {
		SKU       string
		Sold      int64  `json:"sold_units"`
		Cancelled int64  `json:"cancelled_units"`
		WriteOff  int64  `json:"writeoff_units"`
		Revenue   string `json:"net_revenue"`
	} `json:"top20_skus_by_net_units"`
	Merchandise struct {
		SKUs      int
		Sold      int64 `json:"sold_units"`
		Cancelled int64 `json:"cancelled_units"`
		WriteOff  int64 `json:"writeoff_units"`
	}
	Corrections struct {
		Lines int `json:"negative_lines_in_sale_invoices"`
		Units int64
	} `json:"stock_corrections"`
	Free struct {
		Lines        int
		WithCustomer int `json:"with_customer"`
	} `json:"free_or_found_lines"`
	Matching struct {
		Best matching `json:"customer+sku+price"`
	} `json:"cancel_matching"`
	Opening struct {
		Units int64    `json:"total_units"`
		SKUs  int      `json:"skus_needing"`
		Top   [][2]any `json:"top5"`
	} `json:"opening_stock_needed"`
}

type flows struct {
	SaleLines   int64 `json:"sale_lines"`
	SaleUnits   int64 `json:"sale_units"`
	Gross       string
	CancelLines int64 `json:"cancel_lines"`
	CancelUnits int64 `json:"cancel_units"`
	Returns     string
	Adjust      string
	Net         string
}

type matching struct {
	Full       int   `json:"cancel_merch_lines_full"`
	Part       int   `json:"partly"`
	None       int   `json:"unmatched"`
	NoCustomer int   `json:"no_customer"`
	Matched    int64 `json:"units_matched"`
	Unmatched  int64 `json:"units_unmatched"`
}

func TestRealYearMeetsThePublishedFigures(t *testing.T) {
	t.Parallel()
	path := sharedFile(t, "online_retail.csv.gz")
	text, err := os.ReadFile(sharedFile(t, "reference.json"))
	require.NoError(t, err)
	var want figures
	require.NoError(t, json.Unmarshal(text, &want))
	year := load(t, path)

	t.Run("totals", func(t *testing.T) { t.Parallel(); requireTotals(t, want, year.Reference) })
	t.Run("items", func(t *testing.T) { t.Parallel(); requireItems(t, want, year) })
	t.Run("steps", func(t *testing.T) { t.Parallel(); requireSteps(t, want, year) })
	t.Run("matching", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, want.Matching.Best, matched(year))
	})
	t.Run("opening stock", func(t *testing.T) { t.Parallel(); requireOpening(t, want, year) })
}

func requireTotals(t *testing.T, want figures, ref retail.Reference) {
	t.Helper()
	require.Equal(t, want.Lines, ref.Total.Net().Lines)
	requireFlows(t, want.Total, ref.Total, "total")
	require.Equal(t, amount(t, want.Rounding.Lines), ref.Total.Net().Rounded)
	require.Len(t, ref.Months, len(want.ByMonth))
	for _, m := range ref.Months {
		requireFlows(t, want.ByMonth[m.Name], m.Totals, m.Name)
	}
	require.Len(t, ref.Countries, len(want.ByCountry))
	for _, c := range ref.Countries {
		requireFlows(t, want.ByCountry[c.Name], c.Totals, c.Name)
	}
}

func requireFlows(t *testing.T, want flows, got retail.Totals, name string) {
	t.Helper()
	require.Equal(t, []int64{want.SaleLines, want.SaleUnits, want.CancelLines, want.CancelUnits},
		[]int64{got.Sale.Lines, got.Sale.Units, got.Cancellation.Lines, got.Cancellation.Units}, name)
	require.Equal(t,
		[]retail.Amount{amount(t, want.Gross), amount(t, want.Returns), amount(t, want.Adjust), amount(t, want.Net)},
		[]retail.Amount{got.Sale.Exact, got.Cancellation.Exact, got.Adjustment.Exact, got.Net().Exact}, name)
}

// requireItems compares units; the published figures count found units as sold.
func requireItems(t *testing.T, want figures, year *retail.Year) {
	t.Helper()
	var all retail.Units
	skus := 0
	for _, item := range year.Items {
		if item.Stocked {
			u := year.Reference.Units[item.ID]
			skus++
			all.Sold += u.Sold + u.Found
			all.Cancelled += u.Cancelled
			all.WrittenOff += u.WrittenOff
		}
	}
	m := want.Merchandise
	require.Equal(t, []int64{int64(m.SKUs), m.Sold, -m.Cancelled, -m.WriteOff}, []int64{int64(skus), all.Sold, all.Cancelled, all.WrittenOff})
	require.Len(t, want.Top, 20)
	for _, top := range want.Top {
		u := year.Reference.Units[top.SKU]
		require.Equal(t, []int64{top.Sold, -top.Cancelled, -top.WriteOff}, []int64{u.Sold + u.Found, u.Cancelled, u.WrittenOff}, top.SKU)
		require.Equal(t, amount(t, top.Revenue), u.Revenue, top.SKU)
	}
}

func requireSteps(t *testing.T, want figures, year *retail.Year) {
	t.Helper()
	kinds := make(map[retail.Kind]int)
	var writeOffs, finds, gifts int
	var written int64
	for i := range year.Steps {
		step := &year.Steps[i]
		kinds[step.Kind()]++
		for _, line := range step.Corrections {
			if line.Qty < 0 {
				writeOffs++
				written += line.Qty
			} else {
				finds++
			}
		}
		for _, line := range step.Sale {
			if line.Price == 0 {
				gifts++
			}
		}
	}
	k := want.InvoicesByKind
	require.Equal(t, map[retail.Kind]int{retail.Sale: k.Sale, retail.Cancellation: k.Cancel, retail.Adjustment: k.Adjust}, kinds)
	require.Equal(t, want.Corrections.Lines, writeOffs)
	require.Equal(t, want.Corrections.Units, written)
	require.Equal(t, want.Free.WithCustomer, gifts)
	require.Equal(t, want.Free.Lines, gifts+finds)
}

// matched counts the merchandise lines of cancellations as the published figures do.
func matched(year *retail.Year) matching {
	var got matching
	for i := range year.Steps {
		step := &year.Steps[i]
		for _, r := range step.Returns {
			switch {
			case !r.Item.Stocked:
				continue
			case step.Customer == "":
				got.NoCustomer++
				continue
			case r.Unmatched == 0:
				got.Full++
			case r.Unmatched == r.Qty:
				got.None++
			default:
				got.Part++
			}
			got.Matched += r.Qty - r.Unmatched
			got.Unmatched += r.Unmatched
		}
	}
	return got
}

func requireOpening(t *testing.T, want figures, year *retail.Year) {
	t.Helper()
	units, skus, levels := opening(year, retail.BySign)
	require.Equal(t, want.Opening.Units, units)
	require.Equal(t, want.Opening.SKUs, skus)
	for i, top := range want.Opening.Top {
		require.Equal(t, top[0], levels[i].Item.ID)
		require.EqualValues(t, top[1], levels[i].Opening)
	}
	// The published rule adds written-off units to stock. Taking them off needs more to begin with.
	units, skus, _ = opening(year, retail.Physical)
	require.EqualValues(t, 5_645_937, units)
	require.Equal(t, 3_869, skus)
}

// opening sums the opening stock and sorts the levels by it.
func opening(year *retail.Year, rule retail.StockRule) (units int64, skus int, levels []retail.Level) {
	levels = year.Stock(rule)
	for _, l := range levels {
		units += l.Opening
		if l.Opening > 0 {
			skus++
		}
	}
	slices.SortFunc(levels, func(x, y retail.Level) int { return int(y.Opening - x.Opening) })
	return units, skus, levels
}

func BenchmarkLoad(b *testing.B) {
	path := sharedFile(b, "online_retail.csv.gz")
	b.ReportAllocs()
	for b.Loop() {
		year, err := retail.Load(path)
		require.NoError(b, err)
		require.NotEmpty(b, year.Steps)
	}
}
