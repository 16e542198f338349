package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
)

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

// written is a ledger of its own.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.csv")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestErrorsAreOneLineThatSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	scrap := filepath.Join(dir, "scrap.db")
	require.NoError(t, os.WriteFile(scrap, []byte(strings.Repeat("this is no database. ", 100)), 0o600))
	for name, c := range map[string]struct {
		code int
		args []string
		says []string
	}{
		"unknown flag":         {exitUsage, []string{"-speed", "9"}, []string{"-speed", "-h"}},
		"unknown store":        {exitUsage, []string{"-store", "redis"}, []string{`"redis"`, "memory or sqlite"}},
		"db without sqlite":    {exitUsage, []string{"-db", "x.db"}, []string{"-store sqlite"}},
		"negative limit":       {exitUsage, []string{"-limit", "-1"}, []string{"-limit -1"}},
		"limit without number": {exitUsage, []string{"-limit", "all"}, []string{"-limit", `"all"`}},
		"stray argument":       {exitUsage, []string{"year.csv"}, []string{`"year.csv"`, "-data"}},
		"missing file":         {exitError, []string{"-data", filepath.Join(dir, "none.csv")}, []string{"none.csv", "-data"}},
		"wrong header":         {exitError, []string{"-data", written(t, "a,b\n1,2\n")}, []string{"ledger.csv:1:", "header"}},
		"empty file":           {exitError, []string{"-data", written(t, "")}, []string{"ledger.csv:1:", "header"}},
		"broken row": {exitError, []string{"-data", written(t, header+"1,10001,x,1,2021-01-01 00:00:00,1,,\n2,10001,x,one,2021-01-01 00:00:00,1,,\n")},
			[]string{"ledger.csv:3:", "Quantity", `"one"`}},
		"row that no engine takes": {exitError, []string{"-data", written(t, header+"1,10001,x,1,2021-01-01 00:00:00,1,,\n2,10001,x,2000000000,2021-01-01 00:00:00,1,,\n")},
			[]string{"ledger.csv:3:", "invoice 2", "2000000000"}},
		"db in no folder":      {exitError, []string{"-data", ledger, "-store", "sqlite", "-db", filepath.Join(dir, "none", "x.db")}, []string{"none"}},
		"db is a folder":       {exitError, []string{"-data", ledger, "-store", "sqlite", "-db", dir}, []string{dir}},
		"db is something else": {exitError, []string{"-data", ledger, "-store", "sqlite", "-db", scrap}, []string{"scrap.db"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errs := play(t, c.code, c.args...)
			require.Equal(t, 1, strings.Count(errs, "\n"), errs)
			require.True(t, strings.HasPrefix(errs, "replay: "), errs)
			for _, part := range c.says {
				require.Contains(t, errs, part)
			}
		})
	}
}

func TestHelpListsTheFlags(t *testing.T) {
	t.Parallel()
	out, errs := play(t, exitOK, "-h")
	require.Empty(t, errs)
	for _, flag := range []string{"-data", "-store", "-db", "-limit", "-quiet"} {
		require.Contains(t, out, flag)
	}
}

func TestBadDataLeavesADatabaseThatCanGoOn(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "year.db")
	good := "1,10001,x,1,2021-01-01 00:00:00,1,,\n"
	args := func(text string) []string {
		return []string{"-store", "sqlite", "-db", db, "-data", written(t, header+text)}
	}
	_, errs := play(t, exitError, args(good+"2,10001,x,2000000000,2021-01-01 00:00:00,1,,\n")...)
	require.Contains(t, errs, ":3: invoice 2")
	requireClean(t, reopened(t, db))
	_, errs = play(t, exitError, args(good+"2,10001,x,1,2021-01-01 00:00:00,1,,\n3,10001,x,1,2021-01-01 00:00:00,1,,\n")...)
	require.Contains(t, errs, errOtherLedger.Error())
	requireClean(t, reopened(t, db))
}

func TestAFailedCheckFailsTheRun(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(ledger)
	require.NoError(t, err)
	data := written(t, string(text))
	beside := filepath.Join(filepath.Dir(data), "reference.json")
	for _, figures := range []string{"not JSON", "{}", `{"total": {"gross": "1.00"}, "by_month": {"2021-01": {}, "2021-02": {}, "2021-03": {}}}`} {
		require.NoError(t, os.WriteFile(beside, []byte(figures), 0o600))
		out, errs := play(t, exitError, "-data", data)
		require.Contains(t, out, "✗ published")
		require.Contains(t, errs, "1 of 8 checks failed")
	}
	out, _ := play(t, exitOK, "-data", data, "-limit", "3")
	require.Contains(t, out, "not compared")
}

func TestASaleThatIsNotInTheLedgerFailsTheChecks(t *testing.T) {
	t.Parallel()
	s := traded(t, 0)
	stray := order.Draft{Number: "599999", Currency: gbp, Lines: []order.DraftLine{{Item: "10001", Qty: 2, UnitPrice: decimal.New(1, 0)}}}
	_, err := s.kit.Orders.Place(t.Context(), stray)
	require.NoError(t, err)
	var out bytes.Buffer
	r := &report{terminal: newTerminal(&out), talk: newTerminal(&bytes.Buffer{}), shop: s}
	require.NoError(t, r.run(t.Context()))
	require.EqualError(t, r.verdict(), "4 of 7 checks failed")
	for _, wrong := range []string{"✗ gross", "✗ net", "✗ months", "✗ stock"} {
		require.Contains(t, out.String(), wrong)
	}
	require.Contains(t, out.String(), "10001 has 80,996, should have 80,998")
}

func TestQuietPrintsOnlyTheChecks(t *testing.T) {
	t.Parallel()
	out, _ := play(t, exitOK, "-data", ledger, "-quiet")
	for line := range strings.Lines(out) {
		require.True(t, strings.HasPrefix(line, "✓ "), line)
	}
}

func TestOnlyATerminalGetsColorsAndABar(t *testing.T) {
	t.Parallel()
	out, _ := play(t, exitOK, "-data", ledger)
	require.NotContains(t, out, "\x1b")
	require.NotContains(t, out, "\r")
}

func TestAnEmptyLedgerIsAnEmptyYear(t *testing.T) {
	t.Parallel()
	out, _ := play(t, exitOK, "-data", written(t, header))
	require.Contains(t, out, "0 invoices already there, 0 applied")
}

func TestATerminalGetsABarThatDisappears(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	bar := terminal{out: &out, live: true, color: true}.progress(100, 300)
	bar.shown = bar.shown.Add(-barEvery)
	bar.step(200, bar.began)
	require.Contains(t, out.String(), "\x1b[32m"+strings.Repeat("█", 20)+"\x1b[0m")
	require.Contains(t, out.String(), "200 of 300")
	bar.end()
	require.True(t, strings.HasSuffix(out.String(), "\r\x1b[K"))
}

func TestALogGetsALineForEachTenthAtMost(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	lines := terminal{out: &out}.progress(0, 1000)
	for n := 1; n <= 1000; n++ {
		lines.shown = lines.shown.Add(-lineEvery)
		lines.step(n, lines.began)
	}
	require.Equal(t, 10, strings.Count(out.String(), "\n"))
	require.NotContains(t, out.String(), "\x1b")
}
