// Package sqlstore keeps the data of the library in a SQL database: one source of
// statements for all engines, over the host's own connection pool and driver.
//
//	db, err := sql.Open("sqlite", "file:shop.db?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(5000)")
//	err = sqlstore.Migrate(ctx, db, sqlstore.SQLite)
//	store, err := sqlstore.Open(db, sqlstore.SQLite)
//
// Open once and share the store: it caches prepared statements, and on engines with
// one writer its Updates queue in the order in which they came.
//
// # In the host's own transaction
//
// [Join] makes a store of a *sql.Tx. It never commits, never runs again after a
// conflict and never changes the schema; each Update takes a savepoint, so that a
// refused command leaves the transaction usable.
//
// # Buffered writes
//
// The writes of a transaction are collected and sent together before the next read, at
// the end of a savepoint and before the commit. So an error that the contract of a
// write names (order.ErrExists, inventory.ErrStale) mostly comes from one of those. Once
// it did, the transaction is over, unless it happened inside a savepoint: then it
// undoes that, and the transaction goes on.
//
// # What the tables hold
//
// The tenant is the first column of every key and index. Amounts are minor units,
// times are microseconds since 1970 in UTC and NULL for none, ids are text, unit prices
// are exact decimals in text: SQL can sum, sort and join them on every engine.
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
package sqlstore
