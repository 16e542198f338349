package sqlstore

import (
	"errors"
	"strings"
)

// SQLite is SQLite 3.24 or later, by any driver for database/sql.
var SQLite = Dialect{&engine{
	name:  "sqlite",
	whole: "BIGINT",
	types: map[string]string{
		"id":        "TEXT",
		"text":      "TEXT",
		"real":      "REAL",
		"clustered": " WITHOUT ROWID",
		"heap":      "",
		"partial":   "",
		"plain":     "--",
	},
	prepares:  true,
	oneWriter: true,
	local:     true,
	claim:     "DELETE FROM {commands} WHERE tenant = ? AND 1 = 0",
	index:     func(name string) string { return " INDEXED BY " + name },
	unindexed: "+",
	tuples:    true,
	rows:      1,
	upsert:    onConflict,
	fault:     sqliteFault,
	migration: transactional("DELETE FROM {migrations} WHERE version < 0"), // none is: it takes the write lock
}}

// The result codes of SQLite that matter here: https://sqlite.org/rescode.html.
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteIO         = 10
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
		case code&0xff == sqliteIO:
			return otherFault // half of it may be on the disk
		}
		return refused
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
