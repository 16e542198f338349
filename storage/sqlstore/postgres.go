package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Postgres is PostgreSQL 12 or later, by pgx or another driver for database/sql whose
// errors have a method SQLState.
var Postgres = Dialect{&engine{
	name:  "postgres",
	whole: "BIGINT",
	types: map[string]string{
		"id":        `TEXT COLLATE "C"`, // compared and sorted byte by byte, whatever the database does
		"text":      "TEXT",
		"real":      "DOUBLE PRECISION",
		"clustered": "",
		"heap":      "",
		"partial":   "",
		"plain":     "--",
	},
	update:    sql.LevelReadCommitted,
	view:      sql.LevelRepeatableRead,
	restarts:  true,
	numbered:  true,
	lock:      " FOR UPDATE",
	tuples:    true,
	rows:      64,
	arrays:    true,
	gathers:   true,
	joins:     true,
	sure:      postgresSure,
	upsert:    onConflict,
	fault:     postgresFault,
	migration: transactional(""),
}}

// postgresSure divides by zero unless the statement finds its rows. That takes the server
// a few microseconds, and far less than one more round trip takes both sides.
func postgresSure(text string, rows int) string {
	return fmt.Sprintf("WITH done AS (%s RETURNING 1) SELECT 1 / (count(*) = %d)::int FROM done", text, rows)
}

// postgresFault knows errors by their SQLSTATE:
// https://www.postgresql.org/docs/current/errcodes-appendix.html.
func postgresFault(err error) fault {
	var coded interface{ SQLState() string }
	if !errors.As(err, &coded) {
		return otherFault
	}
	state := coded.SQLState()
	switch state {
	case "40001", // serialization_failure
		"40P01", // deadlock_detected
		"55P03": // lock_not_available
		return conflict
	case "23505", // unique_violation
		"42P07", "42710": // duplicate_table, duplicate_object: of a table that two make at once
		return taken
	case "22012": // division_by_zero
		return missed
	case "40003": // statement_completion_unknown
		return otherFault
	}
	if strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57P") { // the connection broke, or the server stops
		return otherFault
	}
	return refused
}
