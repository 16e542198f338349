package tidy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rule is one law: check names the places that break it.
type rule struct {
	name, instead string
	check         func(*tree) []string
	bad           []fixture // each breaks the law in exactly one place
	good          fixture   // keeps it, as near to the edge as it gets
}

// fixture is a module in small: paths and texts.
type fixture map[string]string

func (f fixture) tree(t *testing.T) *tree {
	t.Helper()
	texts := map[string][]byte{}
	for path, text := range f {
		texts[path] = []byte(text)
	}
	made, err := newTree(texts, nil)
	require.NoError(t, err)
	return made
}

// use is the text of a file of package name that imports pkgs.
func use(name string, pkgs ...string) string {
	var b strings.Builder
	b.WriteString("package " + name + "\n")
	for _, pkg := range pkgs {
		b.WriteString("import _ \"" + pkg + "\"\n")
	}
	return b.String()
}

func TestModuleObeysEachLaw(t *testing.T) {
	t.Parallel()
	whole, err := readTree(t.Context(), "../..")
	require.NoError(t, err)
	require.Contains(t, whole.deps, "time", "go list must have told what the packages outside import")
	for _, law := range laws() {
		t.Run(law.name, func(t *testing.T) {
			t.Parallel()
			for _, place := range law.check(whole) {
				t.Errorf("%s\n\tlaw:     %s\n\tinstead: %s", place, law.name, law.instead)
			}
		})
	}
}

func TestEachLawCanFail(t *testing.T) {
	t.Parallel()
	for _, law := range laws() {
		t.Run(law.name, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, law.bad, "a law that nothing breaks proves nothing")
			for _, broken := range law.bad {
				require.Len(t, law.check(broken.tree(t)), 1, "must be refused: %v", broken)
			}
			require.Empty(t, law.check(law.good.tree(t)), "must be accepted: %v", law.good)
		})
	}
}

func laws() []rule {
	return append(importLaws(), textLaws()...)
}

func importLaws() []rule {
	return []rule{
		{
			name: "imports go only along the arrows of the table mayImport",
			instead: "turn the dependency round with a small interface in the package that needs it, or wire both " +
				"in the root; a new folder gets a row in internal/tidy/law_test.go",
			check: forbiddenEdges,
			bad: []fixture{
				{"order/a.go": use("order", module+"/inventory")},
				{"order/a_test.go": use("order", module+"/storage")},
				{"order/report/a.go": use("report", module+"/returns")},
				{"allocation/a.go": use("allocation", module+"/internal/lifecycle")},
				{"storage/a.go": use("storage", module)},
				{"storage/memory/a.go": use("memory", module+"/storage/sqlstore")},
				{"storage/pgxconn/a.go": use("pgxconn", module+"/storage/memory")},
				{"a.go": use("oms", module+"/storage/memory")},
				{"a.go": use("oms", module+"/examples/quickstart")},
				{"internal/other/a.go": use("other")},
			},
			good: fixture{
				"order/report/a.go":        use("report", module+"/order", module+"/internal/lifecycle"),
				"order/a.go":               use("order", module+"/order/report"),
				"order/a_test.go":          use("order_test", module, module+"/storage/memory"),
				"order/b_test.go":          use("order", module+"/internal/testkit"),
				"storage/memory/a.go":      use("memory", module+"/storage", module+"/fulfillment/document"),
				"storage/pgxconn/a.go":     use("pgxconn", module+"/storage/sqlstore"),
				"a.go":                     use("oms", module+"/storage", module+"/inventory"),
				"examples/quickstart/a.go": use("main", module, module+"/storage/memory"),
				"examples/heavy/go.mod":    "module heavy\n",
				"examples/heavy/new/a.go":  use("heavy", module),
			},
		},
		{
			name: "domain packages are pure",
			instead: "take what you need as an argument (a time, a small interface declared here) and let the root " +
				"or a storage adapter do the I/O",
			check: impureDomain,
			bad: []fixture{
				{"order/a.go": use("order", "database/sql")},
				{"order/a.go": use("order", "os")},
				{"order/a.go": use("order", "testing/fstest")},
				{"inventory/forecast/a.go": use("forecast", "net/http/httptrace")},
				{"internal/lifecycle/a.go": use("lifecycle", "go.uber.org/zap/zapcore")},
				{"returns/a.go": use("returns", module)},
				{"returns/a.go": use("returns", module+"/x"), "x/a.go": use("x", module+"/y"), "y/a.go": use("y", "database/sql")},
			},
			good: fixture{
				"order/a.go":      use("order", "database/sql/driver", "time", module+"/x"),
				"x/a.go":          use("x", "os"),
				"x/a_test.go":     use("x", "database/sql"),
				"order/a_test.go": use("order_test", "testing", "os", module+"/storage/memory"),
				"storage/a.go":    use("storage", "database/sql", "os"),
			},
		},
		{
			name:    "foreign modules stay where the table outsiders puts them",
			instead: "use the standard library or what the module has; a host or an example brings its own driver",
			check:   strangers,
			bad: []fixture{
				{"order/a.go": use("order", "github.com/stretchr/testify/require")},
				{"order/a.go": use("order", "github.com/looplab/fsm")},
				{"order/a_test.go": use("order_test", "github.com/looplab/fsm")},
				{"storage/sqlstore/a.go": use("sqlstore", "modernc.org/sqlite")},
				{"storage/sqlstore/a.go": use("sqlstore", "github.com/jackc/pgx/v5")},
				{"storage/memory/a.go": use("memory", "go.uber.org/zap")},
				{"a.go": use("oms", "github.com/mattn/go-sqlite3")},
				{"a_test.go": use("oms_test", "example.com/never/seen")},
			},
			good: fixture{
				"a.go":                       use("oms", "go.uber.org/zap"),
				"order/a.go":                 use("order", "github.com/shopspring/decimal", "encoding/json"),
				"order/a_test.go":            use("order_test", "github.com/stretchr/testify/require"),
				"storage/sqlstore/a_test.go": use("sqlstore_test", "modernc.org/sqlite"),
				"storage/pgxconn/a.go":       use("pgxconn", "github.com/jackc/pgx/v5/pgxpool"),
				"storage/storagetest/a.go":   use("storagetest", "pgregory.net/rapid"),
				"examples/replay/main.go":    use("main", "modernc.org/sqlite"),
				"examples/heavy/go.mod":      "module heavy\n",
				"examples/heavy/main.go":     use("main", "example.com/never/seen"),
			},
		},
	}
}

func textLaws() []rule {
	const readsClock = "import \"time\"\nvar _ = time.Now\n"
	return []rule{
		{
			name:    "only the root and the examples read the clock",
			instead: "take now time.Time as an argument; the root reads its clock once for each command",
			check:   clockReaders,
			bad: []fixture{
				{"order/a.go": "package order\n" + readsClock},
				{"order/a.go": "package order\nimport clock \"time\"\nfunc f() { clock.Sleep(1) }\n"},
				{"storage/a.go": "package storage\n" + readsClock},
				{"storage/memory/a.go": "package memory\nimport \"time\"\nvar _ = time.NewTimer\n"},
			},
			good: fixture{
				"a.go":               "package oms\n" + readsClock,
				"examples/x/main.go": "package main\n" + readsClock,
				"order/a_test.go":    "package order\n" + readsClock,
				"order/a.go":         "package order\nimport \"time\"\nvar _ = time.Unix\n",
				"storage/a.go":       "package storage\nimport \"time\"\nvar _ = time.NewTimer\n",
			},
		},
		{
			name:    "no Go file is longer than 600 lines",
			instead: "split the file by subject; one noun, one file",
			check:   longFiles,
			bad:     []fixture{{"order/a_test.go": "package order\n" + strings.Repeat("\n", maxLines)}},
			good:    fixture{"order/a.go": "package order\n" + strings.Repeat("\n", maxLines-1)},
		},
		{
			name:    "every package says what it is for",
			instead: "write a package comment, in doc.go or above the package clause of one file",
			check:   undescribed,
			bad: []fixture{
				{"order/a.go": "package order\n"},
				{"internal/x/a.go": "//go:build linux\n\npackage x\n", "internal/x/a_test.go": "// Package x.\npackage x\n"},
			},
			good: fixture{"order/a.go": "// Package order.\npackage order\n", "order/b.go": "package order\n"},
		},
		{
			name:    "every exported symbol has a comment",
			instead: "write what it means, in which unit, and which errors it returns, or do not export it",
			check:   uncommented,
			bad: []fixture{
				{"order/a.go": "package order\nfunc F() {}\n"},
				{"order/a.go": "package order\ntype T int\n"},
				{"order/a.go": "package order\n// T t.\ntype T[K any] []K\nfunc (t *T[K]) M() {}\n"},
				{"order/a.go": "package order\n// Ports.\ntype (\n\tT int\n)\n"},
				{"order/a.go": "package order\n// P p.\ntype P interface {\n\tM()\n\tN() // n\n}\n"},
				{"order/a.go": "package order\nconst (\n\tA = 1 // one\n\tB = 2\n)\n"},
				{"order/a.go": "package order\n//nolint:x\nvar V int\n"},
			},
			good: fixture{
				"internal/x/a.go": "package x\nfunc F() {}\n",
				"order/a_test.go": "package order\nfunc F() {}\n",
				"order/a.go": "package order\n// F f.\nfunc F() {}\nfunc f() {}\ntype t int\nfunc (t) M() {}\n" +
					"// States.\nconst (\n\tA = 1\n\tB = 2\n)\n// P p.\ntype P interface {\n\tM() // m\n\tn()\n}\n" +
					"// O o.\ntype O interface{ M() }\n",
			},
		},
		{
			name:    "nothing runs before main does",
			instead: "do the work in a constructor, or in a package variable's initial value",
			check:   hiddenStarts,
			bad:     []fixture{{"order/a.go": "package order\nfunc init() {}\n"}},
			good:    fixture{"order/a.go": "package order\ntype t int\nfunc (t) init() {}\n"},
		},
		{
			name:    "no comment leaves work for later",
			instead: "do it now, or say in the comment what the code does not do and why that is right",
			check:   postponed,
			bad: []fixture{
				{"order/a.go": "package order\n// TO" + "DO: more.\n"},
				{"order/a_test.go": "package order\nfunc f() { /* FIX" + "ME */ }\n"},
			},
			good: fixture{"order/a.go": "package order\nconst noCurrency = \"X" + "XX\" // ISO 4217\n"},
		},
		{
			name:    "the root has no other folders than those of the layout",
			instead: "put it under the folder that it serves most",
			check:   newFolders,
			bad:     []fixture{{"pkg/order/a.go": "package order\n", "pkg/b.txt": ""}},
			good:    fixture{"order/a.go": "package order\n", "examples/x/main.go": "package main\n", ".ci/run": "", "go.mod": ""},
		},
		{
			name:    "files speak of the product, not of how or where it is made",
			instead: "give paths from the root; say function, caller, user or connection; state the reason, not a number",
			check:   unwantedWords,
			bad: []fixture{
				{"README.md": "see /wo" + "rk/main\n"},
				{"order/testdata/a.txt": "x/.lib" + "rary/y\n"},
				{"README.md": "on the Fa" + "rm\n"},
				{"order/a.go": "package order\n// A hel" + "per.\n"},
				{"README.md": "an age" + "nt wrote it\n"},
				{"README.md": "in this ses" + "sion\n"},
				{"CHANGELOG.md": "closes #" + "12\n"},
				{"CHANGELOG.md": "a new thing (#" + "12)\n"},
			},
			good: fixture{
				"order/a_test.go":      "package order\n// t.Hel" + "per, order #1001, goods issue, user_age" + "nt, rework/\n",
				"order/testdata/a.txt": "a fa" + "rm\n",
				"storage/a.sql":        "SELECT @@ses" + "sion.sql_mode\n",
				"logo.png":             "\x00/wo" + "rk/\n",
			},
		},
	}
}
