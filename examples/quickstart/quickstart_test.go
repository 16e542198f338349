package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/story.golden"

// story is what the program prints when its output is no terminal.
func story(t *testing.T, path string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), path, newPage(&out)))
	return out.String()
}

func TestTheStoryIsToldAsInTheGoldenFile(t *testing.T) {
	t.Parallel()
	told := story(t, "")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(told), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), told, "if the change is meant: go test ./examples/quickstart -update, and look at the diff")
}

func TestTheStoryFitsOnAScreen(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(story(t, ""), "\n"), "\n")
	require.LessOrEqual(t, len(lines), 90)
	for _, line := range lines {
		require.LessOrEqual(t, utf8.RuneCountInString(line), width, "too wide: %q", line)
		require.NotContains(t, line, "\x1b", "no colors where nobody sees them")
	}
}

func TestAKeptDatabaseHearsTheStoryAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "my shop?.db") // a name that a URL would mangle
	first, second := story(t, path), story(t, path)
	require.FileExists(t, path)
	require.Contains(t, second, "shop-2 is a tenant of its own")
	opening, rest, found := strings.Cut(first, "\n")
	require.True(t, found)
	require.True(t, strings.HasPrefix(second, opening))
	require.True(t, strings.HasSuffix(second, rest), "the second telling differs only by its remark")
}

func TestADatabaseThatCannotBeOpenedIsAnError(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	path := filepath.Join(t.TempDir(), "missing", "shop.db")
	require.Error(t, run(t.Context(), path, newPage(&out)))
	require.Empty(t, out.String())
}

func TestLongLinesGoOnBelowTheirLastColumn(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"one two", "three"}, wrap("one two three", 8, 0))
	require.Equal(t, []string{"a:  one", "    two"}, wrap("a:  one two", 8, 4))
	require.Equal(t, []string{"unbreakable"}, wrap("unbreakable", 4, 0))
}
