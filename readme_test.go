package oms_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
)

func readmeText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	return string(text)
}

// fencedBlock is the first fenced block of a language.
func fencedBlock(t *testing.T, text, language string) string {
	t.Helper()
	_, after, found := strings.Cut(text, "```"+language+"\n")
	require.True(t, found, "the README has a block of %s", language)
	inside, _, found := strings.Cut(after, "```")
	require.True(t, found)
	return inside
}

// functionBody is the source of a function's body, without its indentation.
func functionBody(t *testing.T, file, function string) string {
	t.Helper()
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, source, parser.ParseComments)
	require.NoError(t, err)
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == function {
			inside := source[files.Position(f.Body.Lbrace).Offset+2 : files.Position(f.Body.Rbrace).Offset]
			return string(bytes.TrimPrefix(bytes.ReplaceAll(inside, []byte("\n\t"), []byte("\n")), []byte("\t")))
		}
	}
	require.Fail(t, "no such function", "%s in %s", function, file)
	return ""
}

func TestTheReadmeShowsTheExampleThatRuns(t *testing.T) {
	t.Parallel()
	require.Equal(t, functionBody(t, "example_test.go", "Example"), fencedBlock(t, readmeText(t), "go"))
}

func TestTheReadmeDrawsTheStatesThatOrdersHave(t *testing.T) {
	t.Parallel()
	flow, err := order.NewFlow()
	require.NoError(t, err)
	require.Equal(t, flow.Mermaid(), fencedBlock(t, readmeText(t), "mermaid"))
}

// A promise is only as good as the test behind it: each link of the README has its
// target, and where its text is the name of a test or case, that is in the file.
func TestTheReadmeNamesOnlyWhatExists(t *testing.T) {
	t.Parallel()
	links := regexp.MustCompile(`\[([^]]+)\]\(([^)]+)\)`).FindAllStringSubmatch(readmeText(t), -1)
	require.NotEmpty(t, links)
	named := 0
	for _, link := range links {
		label, target := strings.Trim(link[1], "`"), link[2]
		if strings.Contains(target, "://") {
			continue
		}
		source, err := os.ReadFile(filepath.FromSlash(target))
		require.NoError(t, err, "the README links to what is there")
		switch {
		case regexp.MustCompile(`^(Test|Fuzz|Benchmark|Example)\w*$`).MatchString(label):
			require.True(t, strings.Contains(string(source), "func "+label+"("), "%s has no %s", target, label)
			named++
		case regexp.MustCompile(`^[a-z]+/[a-z-]+$`).MatchString(label):
			require.True(t, strings.Contains(string(source), `name: "`+label+`"`), "%s has no case %s", target, label)
			named++
		}
	}
	require.Greater(t, named, 10, "the guarantees name their tests")
}

func TestTheReadmeCanBeReadInTenMinutes(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, strings.Count(readmeText(t), "\n"), 200)
}
