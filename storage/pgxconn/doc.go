// Package pgxconn lets a store talk to PostgreSQL through pgx itself instead of
// database/sql:
//
//	pool, err := pgxpool.New(ctx, dsn)
//	err = pgxconn.Migrate(ctx, pool)
//	store, err := pgxconn.Open(pool)
//
// The store is that of storage/sqlstore, and so are its options. What pgx adds is that
// statements travel together: the first read with the beginning of its transaction, and
// all writes of a command with their commit, in one round trip. They are prepared and
// cached as the pool is configured to.
//
// Join is for hosts that want a command to commit or vanish with rows of their own, in a
// transaction that they began by pgx.
package pgxconn
