package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/orderkit/oms/examples/replay/retail"
)

// figures are published totals of a ledger.
type figures struct {
	Total    published            `json:"total"`
	Months   map[string]published `json:"by_month"`
	Rounding struct {
		Net string `json:"sum_of_line_totals_rounded_half_up_2dp"`
	} `json:"invoice_rounding"`
}

// published are the flows of the whole ledger or of a month, exact.
type published struct {
	SaleLines   int64  `json:"sale_lines"`
	SaleUnits   int64  `json:"sale_units"`
	Gross       string `json:"gross"`
	CancelLines int64  `json:"cancel_lines"`
	CancelUnits int64  `json:"cancel_units"`
	Returns     string `json:"returns"`
	Adjust      string `json:"adjust"`
	Net         string `json:"net"`
}

func readFigures(path string) (figures, error) {
	var f figures
	text, err := os.ReadFile(path) //nolint:gosec // it lies beside the file that the caller named
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}

// differences lists where the rows of the ledger do not come to the published figures.
func (f *figures) differences(ref retail.Reference) []string {
	wrong := f.Total.differences("total", ref.Total)
	months := make(map[string]retail.Totals, len(ref.Months))
	for _, m := range ref.Months {
		months[m.Name] = m.Totals
		if _, ok := f.Months[m.Name]; !ok {
			wrong = append(wrong, m.Name+" is not published")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Months)) {
		wrong = append(wrong, f.Months[name].differences(name, months[name])...)
	}
	return wrong
}

func (p published) differences(name string, t retail.Totals) []string {
	have := published{
		t.Sale.Lines, t.Sale.Units, digits(t.Sale.Exact), t.Cancellation.Lines, t.Cancellation.Units,
		digits(t.Cancellation.Exact), digits(t.Adjustment.Exact), digits(t.Net().Exact),
	}
	p.Gross, p.Returns, p.Adjust, p.Net = plain(p.Gross), plain(p.Returns), plain(p.Adjust), plain(p.Net)
	if p == have {
		return nil
	}
	return []string{fmt.Sprintf("%s is %+v, should be %+v", name, have, p)}
}

// sameNet compares a net amount rounded line by line.
func (f *figures) sameNet(net string) bool {
	return plain(f.Rounding.Net) == plain(strings.ReplaceAll(net, ",", ""))
}

func digits(a retail.Amount) string { return plain(a.String()) }

// plain writes an amount in one way, whatever its zeros; what is no amount stays.
func plain(text string) string {
	if a, err := retail.ParseAmount(text); err == nil {
		return a.String()
	}
	return text
}
