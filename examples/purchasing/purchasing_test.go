package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const small = "testdata/works" // purchase orders of all statuses

// sharedDir has the whole of AdventureWorks, which is too large to be kept with the code.
var sharedDir = filepath.Join("..", "..", "..", "shared", "data", "adventureworks")

// played runs the program and requires its exit code.
func played(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	require.Equal(t, code, run(args, &out, &errs), "%s%s", out.String(), errs.String())
	return out.String(), errs.String()
}

func TestWhatPeopleSee(t *testing.T) {
	t.Parallel()
	out, errs := played(t, exitOK, "-data", small)
	require.Empty(t, errs)
	want, err := os.ReadFile("testdata/works.golden")
	require.NoError(t, err)
	require.Equal(t, string(want), out)
}

func TestADatabaseGivesTheSamePageAndAgain(t *testing.T) {
	t.Parallel()
	memory, _ := played(t, exitOK, "-data", small)
	db := filepath.Join(t.TempDir(), "works.db")
	for range 2 {
		out, _ := played(t, exitOK, "-data", small, "-store", "sqlite", "-db", db)
		require.Equal(t, memory, out)
	}
}

// The figures were computed from the files by other people with other tools.
func TestAllOfAdventureWorksReconciles(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(sharedDir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the files of AdventureWorks must be in %s: %v", sharedDir, err)
		}
		t.Skipf("no AdventureWorks in %s: the figures of the real files are not checked", sharedDir)
	}
	out, _ := played(t, exitOK, "-data", sharedDir)
	for _, figure := range []string{
		"4,012 purchase orders of 8,845 lines",
		"✓ goods     4,012 of 4,012 orders",
		"2,348,637 units ordered, 2,327,299 received, 72,700 rejected, 2,254,599 stocked",
		"✓ due       21,338 units on 380 short lines, none over",
		"63,791,994.8380", "5,103,359.5740", "1,583,978.2263", "70,479,332.6383",
		"2,590,573 units on hand = 335,974 opening + 2,254,599; 504 of 504 products",
		"✓ states    4,012 of 4,012", "✓ verify    0 differences",
	} {
		require.Contains(t, out, figure)
	}
	require.NotContains(t, out, "✗")
}

// changed is a copy of the small files with one text replaced in one of them.
func changed(t *testing.T, file, from, to string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(small)))
	path := filepath.Join(dir, file)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	if from == "" {
		require.NoError(t, os.Remove(path))
		return dir
	}
	require.Contains(t, string(text), from)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600))
	return dir
}

func TestErrorsAreOneLineThatSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code int
		args []string
		says []string
	}{
		"unknown flag":     {exitUsage, []string{"-speed", "9"}, []string{"-speed", "-h"}},
		"unknown store":    {exitUsage, []string{"-store", "redis"}, []string{`"redis"`, "memory or sqlite"}},
		"store without db": {exitUsage, []string{"-store", "sqlite"}, []string{"-db"}},
		"stray argument":   {exitUsage, []string{"works"}, []string{`"works"`, "-data"}},
		"missing file":     {exitError, []string{"-data", changed(t, "Vendor.csv", "", "")}, []string{"Vendor.csv", "-data"}},
		"missing column":   {exitError, []string{"-data", changed(t, "PurchaseOrderHeader.csv", "\t", " ")}, []string{"PurchaseOrderHeader.csv:1:"}},
		"no amount":        {exitError, []string{"-data", changed(t, "PurchaseOrderDetail.csv", "\t.00\t", "\t,00\t")}, []string{"PurchaseOrderDetail.csv:", "is no amount"}},
		"order twice":      {exitError, []string{"-data", changed(t, "PurchaseOrderHeader.csv", "\n2\t", "\n1\t")}, []string{"PurchaseOrderHeader.csv:2: column 1", "twice"}},
		"db in no folder":  {exitError, []string{"-data", small, "-store", "sqlite", "-db", filepath.Join(t.TempDir(), "none", "x.db")}, []string{"none"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, errs := played(t, c.code, c.args...)
			require.Equal(t, 1, strings.Count(errs, "\n"), errs)
			require.True(t, strings.HasPrefix(errs, "purchasing: "), errs)
			for _, part := range c.says {
				require.Contains(t, errs, part)
			}
		})
	}
}

// Files that another program wrote: with a mark before the first line, lines that end as on
// Windows, rows in another order, inches in a name, and times without milliseconds.
func TestFilesWrittenByOthersAreReadAlike(t *testing.T) {
	t.Parallel()
	dir := changed(t, "PurchaseOrderHeader.csv", ".000\t", "\t")
	for _, name := range []string{"Product", "ProductInventory", "PurchaseOrderHeader", "PurchaseOrderDetail"} {
		path := filepath.Join(dir, name+".csv")
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		rows := strings.Split(strings.TrimSpace(string(text)), "\n")
		if name == "Product" {
			cells := strings.Split(rows[0], "\t")
			cells[1] = `Tube, 26" wide`
			rows[0] = strings.Join(cells, "\t")
		}
		if name == "PurchaseOrderHeader" {
			slices.Reverse(rows)
		}
		require.NoError(t, os.WriteFile(path, []byte("\ufeff"+strings.Join(rows, "\r\n")+"\r\n"), 0o600))
	}
	out, errs := played(t, exitOK, "-data", dir)
	require.Empty(t, errs)
	require.NotContains(t, out, "✗")
	require.Contains(t, out, "✓ verify    0 differences")
}

// A total that is a hundredth of a cent off must be seen.
func TestAFigureThatIsWrongFailsTheRun(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(small, "PurchaseOrderHeader.csv"))
	require.NoError(t, err)
	line, _, _ := strings.Cut(string(text), "\n")
	total := strings.Split(line, "\t")[11]
	off := total[:len(total)-1] + "9"
	if total == off {
		off = total[:len(total)-1] + "8"
	}
	out, errs := played(t, exitError, "-data", changed(t, "PurchaseOrderHeader.csv", total, off))
	require.Contains(t, out, "✗ total")
	require.Contains(t, out, "✗ money")
	require.Contains(t, errs, "2 of 11 checks failed")
}

func TestHelpListsTheFlags(t *testing.T) {
	t.Parallel()
	out, errs := played(t, exitOK, "-h")
	require.Empty(t, errs)
	for _, flag := range []string{"-data", "-store", "-db"} {
		require.Contains(t, out, flag)
	}
}
