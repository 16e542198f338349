package tidy

import "regexp"

// module is the import path of the module's root.
const module = "github.com/orderkit/oms"

// Words of the tables below that stand for many folders.
const (
	domain   = "{domain}" // each of the domain folders
	anything = "*"
)

// domainFolders hold the pure rules: no I/O, no clock, no storage.
var domainFolders = []string{"order", "inventory", "allocation", "fulfillment", "returns"}

// mayImport is the import law. A row says what a folder may import from this module. A folder without a row
// of its own obeys the row of the nearest folder above it and belongs to that folder's family, inside which
// imports are free: order/report may import order and internal/lifecycle. The root is ".".
//
// Only external tests (package foo_test) are free of this table; tests inside a package may also import
// the test code under internal/.
var mayImport = map[string][]string{
	"internal/lifecycle":  {},
	"inventory":           {"internal/lifecycle"}, // purchase orders and transfers have machines
	"order":               {"internal/lifecycle"},
	"allocation":          {"inventory"},
	"fulfillment":         {"internal/lifecycle", "order"},
	"returns":             {"internal/lifecycle", "order", "inventory"},
	"storage":             {domain},
	"storage/memory":      {domain, "storage"},
	"storage/sqlstore":    {domain, "storage"},
	"storage/storagetest": {domain, "storage"},
	"storage/delivery":    {"storage"},
	"storage/pgxconn":     {"storage/sqlstore"},
	".":                   {domain, "storage", "storage/delivery"},
	"examples":            {anything},
	"internal/tidy":       {},
	"internal/peercases":  {},
	"internal/engines":    {}, // servers for tests; only tests import it
	"internal/faults":     {},
	"internal/benchfloor": {}, // for benchmarks; only tests import it
}

// outsider is a module of somebody else and the rows of mayImport whose code may import it.
type outsider struct {
	path  string
	in    []string
	tests bool // any _test.go may import it too
}

// outsiders lists every foreign module that this one may import.
var outsiders = []outsider{
	{path: "github.com/shopspring/decimal", in: []string{anything}},
	{path: "github.com/google/uuid", in: []string{anything}},
	{path: "github.com/looplab/fsm", in: []string{"internal/lifecycle"}},
	{path: "github.com/tidwall/btree", in: []string{"storage/memory"}},
	{path: "go.uber.org/zap", in: []string{".", "examples"}},
	{path: "github.com/stretchr/testify", in: []string{"storage/storagetest"}, tests: true},
	{path: "pgregory.net/rapid", in: []string{"storage/storagetest"}, tests: true},
	{path: "github.com/anishathalye/porcupine", tests: true},
	{path: "github.com/jackc/pgx", in: []string{"storage/pgxconn", "examples", "internal/engines"}, tests: true},
	{path: "modernc.org/sqlite", in: []string{"examples"}, tests: true},
	{path: "github.com/go-sql-driver/mysql", in: []string{"examples", "internal/engines"}, tests: true},
	{path: "github.com/mattn/go-sqlite3", in: []string{"examples"}, tests: true},
}

// unreachable is what the library code of a domain folder may not reach, however many imports away.
// database/sql/driver is no part of it: decimal and uuid implement its Valuer.
var unreachable = []string{
	module + "/storage", "database/sql", "net/http", "testing", "go.uber.org/zap", "github.com/jackc/pgx",
	"modernc.org/sqlite", "github.com/go-sql-driver/mysql", "github.com/mattn/go-sqlite3",
}

// undirect is what the library code of a domain folder may not import itself: input, output and logs. The
// standard library reaches most of it by its own roads, so only the first step counts.
var undirect = []string{"os", "os/exec", "net", "syscall", "log", "log/slog"}

// clockReads are the functions of package time that read the clock or wait for it.
var clockReads = []string{
	"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Sleep",
}

// mayReadClock says which of clockReads a row of mayImport may use. Everything else is given its time.
var mayReadClock = map[string][]string{
	".":        clockReads,
	"examples": clockReads,
	"storage":  {"NewTimer"}, // the pause between two tries of an Update

	"internal/benchfloor": {"Now", "Since"}, // what operations take
	"internal/engines":    {"Sleep"},        // until a server answers
	"storage/delivery":    {"NewTimer"},     // the pause between two looks at the log
}

// maxLines is the longest a Go file may be, tests included.
const maxLines = 600

// topFolders are the folders that may stand at the root, beside those whose name begins with a dot.
var topFolders = append([]string{"storage", "examples", "internal"}, domainFolders...)

// unfinished finds the marks of work left for later. It is spelled in pieces, as the words below are, so
// that this file obeys its own law.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX)\b`)

// unwanted are words about how and where the project is made, which tell a reader nothing about it.
var unwanted = []struct {
	pattern  *regexp.Regexp
	testdata bool // also in testdata, where other people's files may hold common words
}{
	{regexp.MustCompile(`/wo` + `rk/`), true},
	{regexp.MustCompile(`\.lib` + `rary\b`), true},
	{regexp.MustCompile(`(?i)\bfa` + `rms?\b`), false},
	{regexp.MustCompile(`\bhel` + `pers?\b`), false},
	{regexp.MustCompile(`\bage` + `nts?\b`), false},
	{regexp.MustCompile(`(?:^|[^@\w])ses` + `sions?\b`), false}, // @@ before it: a variable of MySQL
	{regexp.MustCompile(`(?i)\b(?:iss` + `ues?|fix(?:es)?|closes?|refs?) ?#\d+|\(#\d+\)`), false},
}
