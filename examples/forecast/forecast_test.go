package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/examples/replay/retail"
)

const ledger = "testdata/shop.csv"

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

// play runs the program and requires its exit code.
func play(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	require.Equal(t, code, run(args, &out, &errs), "%s%s", out.String(), errs.String())
	return out.String(), errs.String()
}

// written is a ledger of its own.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.csv")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestWhatPeopleSee(t *testing.T) {
	t.Parallel()
	out, errs := play(t, exitOK, "-data", ledger, "-origins", "8")
	require.Empty(t, errs)
	want, err := os.ReadFile("testdata/shop.golden")
	require.NoError(t, err)
	require.Equal(t, string(want), out)
}

func TestDemandIsWhatCustomersWanted(t *testing.T) {
	t.Parallel()
	loaded, err := retail.Load(ledger)
	require.NoError(t, err)
	shop, err := weekly(loaded, 10)
	require.NoError(t, err)
	require.Equal(t, time.Date(2021, 1, 11, 0, 0, 0, 0, time.UTC), shop.from, "the half week before is no week")
	require.Equal(t, 32, shop.weeks)
	require.Equal(t, []int{3}, shop.closed)

	items := map[string]item{}
	for _, it := range shop.items {
		items[it.id] = it
	}
	require.Len(t, items, 4, "postage is no item that is kept in stock")
	mug := items["10002B"].demand
	require.Len(t, mug.Demand, 32)
	require.Equal(t, []int{3}, mug.Unknown)
	require.Less(t, mug.Demand[20], 100.0, "the 5000 were a slip, cancelled in an hour")
	for i, units := range items["10001"].demand.Demand {
		if i != 3 {
			require.InDelta(t, []float64{12, 30, 18, 24}[i%4], units, 2, "returns and damages are no demand")
		}
	}
	lamp := items["10004"].demand
	require.Len(t, lamp.Demand, 6, "the lamp is new, and Sunday belongs to its week")
	require.Empty(t, lamp.Unknown)
}

// A late cancellation must not reach back: at the time of a forecast nobody knew it.
func TestOnlyASlipTakesDemandBack(t *testing.T) {
	t.Parallel()
	loaded, err := retail.Load(written(t, header+
		"1,10001,x,10,2021-01-04 09:00:00,1,7,\n"+
		"C2,10001,x,-4,2021-01-10 23:00:00,1,7,\n"+ // the Sunday of the same week
		"C3,10001,x,-5,2021-01-11 09:00:00,1,7,\n"+
		"4,10001,x,2,2021-01-17 09:00:00,1,7,\n"))
	require.NoError(t, err)
	shop, err := weekly(loaded, 10)
	require.NoError(t, err)
	require.Equal(t, []float64{6, 2}, shop.items[0].demand.Demand)
}

func TestErrorsAreOneLineThatSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code int
		args []string
		says []string
	}{
		"unknown flag":   {exitUsage, []string{"-speed", "9"}, []string{"-speed", "-h"}},
		"top zero":       {exitUsage, []string{"-top", "0"}, []string{"-top 0"}},
		"top as text":    {exitUsage, []string{"-top", "all"}, []string{"-top", `"all"`}},
		"no season":      {exitUsage, []string{"-season", "1"}, []string{"-season 1"}},
		"long season":    {exitUsage, []string{"-season", "5000"}, []string{"-season 5000"}},
		"no origins":     {exitUsage, []string{"-origins", "0"}, []string{"-origins 0"}},
		"no horizon":     {exitUsage, []string{"-horizon", "-4"}, []string{"-horizon -4"}},
		"stray argument": {exitUsage, []string{"year.csv"}, []string{`"year.csv"`, "-data"}},
		"missing file":   {exitError, []string{"-data", filepath.Join(t.TempDir(), "none.csv")}, []string{"none.csv", "-data"}},
		"empty file":     {exitError, []string{"-data", written(t, "")}, []string{"ledger.csv:1:", "header"}},
		"wrong header":   {exitError, []string{"-data", written(t, "a,b\n1,2\n")}, []string{"ledger.csv:1:", "header"}},
		"no rows":        {exitError, []string{"-data", written(t, header)}, []string{"ledger.csv", "no rows"}},
		"broken row": {
			exitError, []string{"-data", written(t, header+"1,10001,x,1,2021-01-01 00:00:00,1,,\n2,10001,x,one,2021-01-01 00:00:00,1,,\n")},
			[]string{"ledger.csv:3:", "Quantity", `"one"`},
		},
		"a few days": {exitError, []string{"-data", written(t, header+"1,10001,x,1,2021-01-01 00:00:00,1,,\n")}, []string{"ledger.csv", "no whole week"}},
		"one week": {
			exitError, []string{"-data", written(t, header+"1,10001,x,1,2021-01-04 00:00:00,1,,\n2,10001,x,1,2021-01-10 00:00:00,1,,\n")},
			[]string{"no item has sold for 24 weeks", "-origins"},
		},
		"units that no ledger of goods takes": {
			exitError, []string{"-data", written(t, header+"1,10001,x,2000000000000,2021-01-04 00:00:00,1,,\n2,10001,x,1,2021-01-10 00:00:00,1,,\n")},
			[]string{"item 10001", "2000000000000 units"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errs := play(t, c.code, c.args...)
			require.Equal(t, 1, strings.Count(errs, "\n"), errs)
			require.True(t, strings.HasPrefix(errs, "forecast: "), errs)
			for _, part := range c.says {
				require.Contains(t, errs, part)
			}
		})
	}
}

// Where demand is the same every season, nothing can beat the seasonal naive forecast.
func TestAChoiceThatBeatsNothingFailsTheRun(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString(header)
	monday := time.Date(2021, 1, 4, 9, 0, 0, 0, time.UTC)
	for week := range 40 {
		units := []string{"10", "40", "20", "70"}[week%4]
		for _, day := range []int{0, 6} {
			at := monday.AddDate(0, 0, 7*week+day).Format(time.DateTime)
			text.WriteString(strings.Join([]string{"9" + at[:10] + string(rune('a'+day)), "10001", "x", units, at, "1", "7", "\n"}, ","))
		}
	}
	out, errs := play(t, exitError, "-data", written(t, text.String()))
	require.Contains(t, out, "✗ auto against seasonal naive: WAPE")
	require.Contains(t, errs, "does not beat")
}

func TestHelpListsTheFlags(t *testing.T) {
	t.Parallel()
	out, errs := play(t, exitOK, "-h")
	require.Empty(t, errs)
	for _, flag := range []string{"-data", "-top", "-season", "-origins", "-horizon"} {
		require.Contains(t, out, flag)
	}
}
