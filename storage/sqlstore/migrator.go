package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/orderkit/oms/storage"
)

// migrator applies the versions that are missing, in a way that suits the engine.
type migrator func(ctx context.Context, x *texts, db *sql.DB, all []migration) error

// transactional applies each version in a transaction, which begins with a statement
// that makes others wait, on engines that have to be asked for that. On the others they
// wait for the row of the version, which is written first: no engine that speaks like
// PostgreSQL lacks that, and some have no LOCK TABLE.
func transactional(claim string) migrator {
	return func(ctx context.Context, x *texts, db *sql.DB, all []migration) error {
		for pending := true; pending; {
			err := storage.Retry(ctx, func() (err error) {
				pending, err = x.migrateOne(ctx, db, claim, all)
				return x.explain(ctx, err)
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// migrateOne applies the first version that is missing, and tells whether there was one.
func (x *texts) migrateOne(ctx context.Context, db *sql.DB, claim string, all []migration) (bool, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // fails after the commit, as it should
	if claim != "" {
		if _, err := tx.ExecContext(ctx, x.fixed(claim)); err != nil {
			return false, err
		}
	}
	next, err := x.missing(ctx, tx, all)
	if err != nil || next == nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, x.fixed(addMigrationSQL), next.number, next.name, next.checksum); err != nil {
		if x.engine.fault(err) == taken { // another process has applied it
			err = storage.Stale(err)
		}
		return false, err
	}
	if err := next.run(ctx, tx); err != nil {
		return false, err
	}
	return true, tx.Commit()
}

func (m *migration) run(ctx context.Context, q querier) error {
	for _, s := range m.statements {
		if _, err := q.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("sqlstore: migration %s: %w", m.name, err)
		}
	}
	return nil
}

// unfinished stands for the checksum of a version until all of it is applied.
const unfinished = ""

const finishMigrationSQL = "UPDATE {migrations} SET checksum = ? WHERE version = ?"

// marked is for engines that commit with every change of the schema: a row marks the
// version as begun until it is done. Others wait by a named lock, which ends with the
// connection: whoever has it and finds the mark knows that nobody is at work.
func marked(ctx context.Context, x *texts, db *sql.DB, all []migration) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return x.explain(ctx, err)
	}
	name := x.prefix + "migrations"
	err = named(ctx, conn, name)
	if err == nil {
		err = x.migrateMarked(ctx, conn, all)
		_, unlocked := conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK(?)", name)
		err = errors.Join(err, unlocked)
	}
	return x.explain(ctx, errors.Join(err, conn.Close()))
}

// named waits for the lock of a name.
func named(ctx context.Context, conn *sql.Conn, name string) error {
	const hour = 3600 // the context ends it sooner
	var got sql.NullInt64
	err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", name, hour).Scan(&got)
	if err == nil && got.Int64 != 1 {
		err = storage.Stale(fmt.Errorf("sqlstore: the lock %q is held by another process", name))
	}
	return err
}

func (x *texts) migrateMarked(ctx context.Context, conn *sql.Conn, all []migration) error {
	for {
		next, err := x.missing(ctx, conn, all)
		if err != nil || next == nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, x.fixed(addMigrationSQL), next.number, next.name, unfinished); err != nil {
			if x.engine.fault(err) == taken { // at another node of a cluster: the lock is of one node
				err = &MigrationError{Version: next.number, Embedded: next.checksum, Err: ErrUnfinished}
			}
			return err
		}
		if err := next.run(ctx, conn); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, x.fixed(finishMigrationSQL), next.checksum, next.number); err != nil {
			return err
		}
	}
}
