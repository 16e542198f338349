package sqlstore

import (
	"errors"
	"strings"
)

// Dialect is the SQL engine that a store talks to. The zero Dialect is refused.
type Dialect struct{ engine *engine }

// String is the name of the engine.
func (d Dialect) String() string {
	if d.engine == nil {
		return "none"
	}
	return d.engine.name
}

// SQLite is SQLite 3.24 or later, by any driver for database/sql.
var SQLite = Dialect{&engine{
	name: "sqlite",
	types: map[string]string{
		"id":        "TEXT",
		"text":      "TEXT",
		"real":      "REAL",
		"clustered": " WITHOUT ROWID",
	},
	oneWriter: true,
	local:     true,
	claim:     "DELETE FROM {commands} WHERE tenant = ? AND 1 = 0",
	index:     func(name string) string { return " INDEXED BY " + name },
	unindexed: "+",
	rows:      1,
	upsert:    onConflict,
	fault:     sqliteFault,
}}

// engine is all that differs between dialects. The statements are written once, with
// ? for arguments and {name} for tables.
type engine struct {
	name  string
	types map[string]string // what {id}, {text} … stand for in migrations

	// numbered says that arguments are written $1, $2, … instead of ?.
	numbered bool
	// oneWriter says that the engine has one writer at a time. Updates then queue in
	// the process, in order and bounded by their contexts, rather than at the file.
	oneWriter bool
	// local says that statements wait for nobody once the write lock is taken. Short
	// ones then run without watching the context: the watch costs more than they do,
	// and SQLite answers an interrupted write by rolling back the whole transaction.
	local bool
	// claim is the first statement of an Update. It changes nothing and takes the
	// write lock, so that what is read next cannot be outdated by the first write.
	claim string
	// index follows the name of a table to make the planner use one of its indexes.
	// That of SQLite goes by rules of thumb until the host runs ANALYZE, and thinks
	// little of any index beside the primary key.
	index func(name string) string
	// unindexed before an expression keeps the planner from using an index for it.
	unindexed string

	// rows is the most rows of one INSERT, a power of two. With the widest table it has
	// to stay below the number of arguments that the engine takes. Where rows travel it
	// is many. SQLite has to be able to undo half of a statement with several rows, and
	// keeps a copy of every page for that: there one row at a time is fastest.
	rows int

	// upsert is the end of an INSERT that meets an existing row with these key
	// columns: it sets the other columns, or does nothing if there are none.
	upsert func(keys, set []string) string
	// fault tells what an error of the driver means.
	fault func(error) fault
}

// fault is what an error of a driver means to a store.
type fault uint8

const (
	otherFault fault = iota
	conflict         // another transaction is in the way
	taken            // a row of that key exists
)

func onConflict(keys, set []string) string {
	var b strings.Builder
	b.WriteString(" ON CONFLICT (" + strings.Join(keys, ", ") + ") DO ")
	if len(set) == 0 {
		b.WriteString("NOTHING")
		return b.String()
	}
	b.WriteString("UPDATE SET ")
	for i, c := range set {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c + " = excluded." + c)
	}
	return b.String()
}

// The result codes of SQLite that matter here: https://sqlite.org/rescode.html.
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
)

// sqliteFault knows errors with a method Code() int, and the words of SQLite itself
// where a driver has no such method.
func sqliteFault(err error) fault {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		switch code := coded.Code(); {
		case code&0xff == sqliteBusy || code&0xff == sqliteLocked:
			return conflict
		case code == sqlitePrimaryKey || code == sqliteUnique:
			return taken
		}
		return otherFault
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "database is locked") || strings.Contains(text, "database table is locked"):
		return conflict
	case strings.Contains(text, "UNIQUE constraint failed"):
		return taken
	}
	return otherFault
}
