// Package sqlstore keeps the data of the library in a SQL database: one source of
// statements for all engines, over the host's own connection pool and driver.
//
// The engines are SQLite, PostgreSQL, and MariaDB or MySQL:
//
//	db, err := sql.Open("sqlite", "file:shop.db?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(5000)")
//	err = sqlstore.Migrate(ctx, db, sqlstore.SQLite)
//	store, err := sqlstore.Open(db, sqlstore.SQLite)
//
// Open once and share the store: it caches prepared statements, and on engines with
// one writer its Updates queue in the order in which they came. With [GroupCommit] those
// that wait share a transaction. Package storage/pgxconn opens the same store over a pool
// of pgx, where the writes of a command travel in one round trip.
//
// # In the host's own transaction
//
// [Join] makes a store of a *sql.Tx. It never commits, never runs again after a
// conflict and never changes the schema; each Update takes a savepoint, so that a
// refused command leaves the transaction usable. The wrappers of database/sql carry a
// *sql.Tx: it is the field Tx of the transactions of sqlx and of bun, and
// tx.Statement.ConnPool.(*sql.Tx) in a transaction of GORM that prepares no statements;
// examples/hosts runs all three.
//
// # Buffered writes
//
// The writes of a transaction are collected and sent together before the next read, at
// the end of a savepoint and before the commit. So an error that the contract of a
// write names (order.ErrExists, inventory.ErrStale) mostly comes from one of those. Once
// it did, the transaction is over, unless it happened inside a savepoint: then it
// undoes that, and the transaction goes on.
//
// # One moment, and guards
//
// What an Update reads is one snapshot; what it writes is guarded in the statement that
// writes it: versions, the bounds of balances, keys that exist. A guard that does not hold
// is a conflict, and the Update runs again. So writers of one hot balance wait for each
// other, and mostly none has to decide twice.
//
// An Update that lost a row with a version begins the next run by locking the rows that it
// wanted: it loses once for a row, however many want it. On PostgreSQL that run reads what
// is committed by each moment, as with [GroupCommit]. If it ends without a write, with an
// error, or after a savepoint went back, its function runs once more, on one snapshot.
//
// # The log
//
// Events are stored without a position, and get one when somebody reads the log on in an
// Update: what was committed by then is placed, one reader after the other. No writer
// waits for that, and no event is missed because its transaction was slow. A reader who
// keeps its Update open keeps others from placing, so have it short.
//
// # When the connection is lost
//
// Until COMMIT is sent nothing is kept, and the error is that of the driver. After that
// nobody can know: the error is storage.ErrUnknown, also when the context ends the wait
// for an answer. Over pgx COMMIT is sent with the last writes, so that this includes the
// time that they wait for a row. The host runs the command again under the same
// idempotency key. A pool may have more connections that are lost, each good for one more
// error of the driver.
//
// # What the tables hold
//
// The tenant is the first column of every key and index. Amounts are minor units,
// times are microseconds since 1970 in UTC and NULL for none, ids are text, unit prices
// are exact decimals in text: SQL can sum, sort and join them on every engine. Text is
// UTF-8 without zero bytes, and ids, numbers, names and keys have at most 512 bytes;
// anything else is a [TextError], on every engine.
//
// # More than one machine
//
// Citus, CockroachDB and YugabyteDB speak [Postgres]; Galera, TiDB and Vitess speak
// [MySQL]. DISTRIBUTED.md in this folder says what each of them needs, what of it is
// tested, and what a program has to retry.
//
// # SQLite
//
// Use a file in WAL mode: there readers and the writer do not wait for each other.
// Give the pool as many idle as open connections (SetMaxIdleConns), since opening one
// costs more than most transactions. One connection is enough to be correct. The DSN
// need not ask for immediate transactions: an Update begins by taking the write lock.
//
// # PostgreSQL
//
// Any driver does whose errors have a method SQLState, as those of pgx and lib/pq. The
// driver prepares statements as it is told to. The schema is the first of the
// search_path.
//
// # MariaDB and MySQL
//
// Ids are VARBINARY, so that they are compared byte by byte. Neither sql_mode nor
// clientFoundRows matter; leave the character set at its default, utf8mb4. Migrations
// cannot be undone when they fail half way, see [Migrate]; a deadlock ends the whole
// transaction, see [Join].
package sqlstore
