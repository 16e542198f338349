package sqlstore

import (
	"database/sql"
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

// engine is all that differs between dialects. The statements are written once, with
// ? for arguments and {name} for tables.
type engine struct {
	name  string
	types map[string]string // what {id}, {text} … stand for in migrations

	// update and view are the isolation levels of transactions. Both read what was there
	// at one moment, or a command that meets another one half way would be refused for
	// what never was. Writes go to what is there by then, and are guarded.
	update, view sql.IsolationLevel
	// restarts says that such a transaction may not write to a row that has changed since
	// its moment. Then an Update reads as a View does, and begins anew with its first
	// write, at a level that is open to changes: writers of one row wait for each other
	// and each finds its guard to hold or not, rather than all but one having to decide
	// again.
	restarts bool

	// numbered says that arguments are written $1, $2, … instead of ?.
	numbered bool
	// prepares says that the store prepares statements. Otherwise the driver does.
	prepares bool
	// bytes says that the driver hands out text as bytes.
	bytes bool
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
	// lock at the end of a SELECT keeps its rows for this transaction.
	lock string
	// index follows the name of a table to make the planner use one of its indexes.
	// That of SQLite goes by rules of thumb until the host runs ANALYZE, and like that
	// of MySQL it thinks little of any index beside the primary key.
	index func(name string) string
	// unindexed before an expression keeps the planner from using an index for it.
	unindexed string
	// tuples says that an index is used for (a, b) > (?, ?).
	tuples bool

	// rows is the most rows of one INSERT, a power of two. With the widest table it has
	// to stay below the number of arguments that the engine takes. Where rows travel it
	// is many. SQLite has to be able to undo half of a statement with several rows, and
	// keeps a copy of every page for that: there one row at a time is fastest.
	rows int

	// arrays says that a list of texts is one argument: there the planner is asked once for
	// lists of every length, rather than each time for a long one.
	arrays bool
	// gathers says that the rows of (a = ? OR a IN (…)) are first all looked up in an index,
	// and then read in the order of the table. The planner of PostgreSQL takes every table to
	// be in the order of its primary key, since that begins with the tenant, and otherwise
	// goes to and fro in it for each row of a long list.
	gathers bool
	// whole is the type to cast to for a number of 64 bits.
	whole string
	// joins says that an UPDATE can take its values from a list of rows.
	joins bool
	// sure makes a statement of an UPDATE or DELETE that fails, as missed, unless it affects
	// so many rows. A commit can travel behind such a one. Nil where that cannot be said.
	sure func(text string, rows int) string

	// upsert is the end of an INSERT that sets the other columns of the row with these
	// key columns, if there is one.
	upsert func(keys, set []string) string
	// fault tells what an error of the driver means.
	fault func(error) fault
	// migration runs fn so that no other process migrates at the same time.
	migration migrator
}

// fault is what an error of a driver means to a store.
type fault uint8

const (
	otherFault fault = iota // whatever the database did not say itself, or left open
	conflict                // another transaction is in the way
	taken                   // a row of that key exists
	missed                  // a row was not as it should be, and a statement made sure of it
	refused                 // anything else that the database said no to, and so did not do
)

// onConflict is the upsert of SQLite and PostgreSQL.
func onConflict(keys, set []string) string {
	var b strings.Builder
	b.WriteString(" ON CONFLICT (" + strings.Join(keys, ", ") + ") DO UPDATE SET ")
	for i, c := range set {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c + " = excluded." + c)
	}
	return b.String()
}
