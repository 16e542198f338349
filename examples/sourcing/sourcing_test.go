package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

var orders = filepath.Join("testdata", "orders.jsonl")

// play runs the program and returns what it printed.
func play(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	got := run(args, &out, &errs)
	require.Equal(t, code, got, "stdout:\n%s\nstderr:\n%s", out.String(), errs.String())
	return out.String(), errs.String()
}

func requireGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run with -update if the change is meant")
}

var times = regexp.MustCompile(`"us":[0-9.e+]+`)

func TestPlansOfBothObjectives(t *testing.T) {
	t.Parallel()
	for _, objective := range []string{"A", "B"} {
		out, errs := play(t, exitOK, "-in", orders, "-objective", objective)
		requireGolden(t, "plans-"+objective, times.ReplaceAllString(out, `"us":0`))
		for _, class := range []string{"tiny", "constrained", "batch"} {
			require.Regexp(t, `(?m)^`+class+` +\d+ +\d+ +0\.000 /`, errs, "the summary has a line for each class")
		}
	}
}

func TestRulesThatWalkAListCostMore(t *testing.T) {
	t.Parallel()
	for _, objective := range []string{"A", "B"} {
		out, _ := play(t, exitOK, "-in", orders, "-objective", objective, "-compare")
		requireGolden(t, "compare-"+objective, out)
	}
}

func TestExplanationsReadLikeThis(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"near", "gift", "none"} {
		for _, objective := range []string{"A", "B"} {
			out, _ := play(t, exitOK, "-in", orders, "-objective", objective, "-explain", id)
			requireGolden(t, "explain-"+id+"-"+objective, out)
		}
	}
}

func TestOnlyTheClassAskedFor(t *testing.T) {
	t.Parallel()
	out, errs := play(t, exitOK, "-in", orders, "-class", "constrained", "-budget", "0")
	require.Equal(t, 1, strings.Count(out, "\n"))
	require.NotContains(t, errs, "tiny")
}

func TestCompressedFilesAreRead(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(orders)
	require.NoError(t, err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	path := filepath.Join(t.TempDir(), "orders.jsonl.gz")
	require.NoError(t, os.WriteFile(path, packed.Bytes(), 0o600))
	plain, _ := play(t, exitOK, "-in", orders)
	same, _ := play(t, exitOK, "-in", path)
	require.Equal(t, times.ReplaceAllString(plain, ""), times.ReplaceAllString(same, ""))
	for line := range strings.Lines(same) {
		var r result
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		require.Positive(t, r.Micros)
	}
}

func TestBatchModes(t *testing.T) {
	t.Parallel()
	totals := map[string]string{}
	for _, mode := range []string{"in_turn", "reevaluated", "jointly"} {
		out, _ := play(t, exitOK, "-in", orders, "-class", "batch", "-batch", mode)
		totals[mode] = times.ReplaceAllString(out, "")
	}
	require.NotEqual(t, totals["in_turn"], totals["jointly"], "the only near unit goes to the order that needs it")
}

func TestBrokenInputIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	text := &strings.Builder{}
	for _, path := range files {
		out, errs := play(t, exitError, "-in", path)
		require.Empty(t, out, path)
		require.Equal(t, 1, strings.Count(errs, "\n"), "one line says it: %s", errs)
		require.Regexp(t, `^sourcing: .*:\d+: .`, errs)
		text.WriteString(filepath.ToSlash(errs))
	}
	requireGolden(t, "refusals", text.String())
}

func TestBadCommandLines(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"no file":                {},
		"unknown -objective":     {"-in", orders, "-objective", "C"},
		"unexpected argument":    {"-in", orders, "more"},
		"-budget -1s":            {"-in", orders, "-budget", "-1s"},
		"unknown -batch":         {"-in", orders, "-batch", "somehow"},
		"flag provided but not ": {"-in", orders, "-color"},
	} {
		_, errs := play(t, exitUsage, args...)
		require.Contains(t, errs, want)
	}
	_, errs := play(t, exitError, "-in", "nowhere.jsonl")
	require.Contains(t, errs, "there is no file nowhere.jsonl")
	_, errs = play(t, exitError, "-in", orders, "-explain", "tuesday")
	require.Contains(t, errs, `no instance "tuesday"`)
	_, errs = play(t, exitError, "-in", orders, "-explain", "monday")
	require.Contains(t, errs, "monday is a batch")
	out, _ := play(t, exitOK, "-h")
	require.Contains(t, out, "-objective")
}
