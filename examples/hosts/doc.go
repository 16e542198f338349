// Package hosts shows how programs that reach their database through sqlx, bun or GORM
// run commands in a transaction of their own. All three keep a *sql.Tx and give it away:
//
//	sqlx    tx.Tx
//	bun     tx.Tx
//	GORM    tx.Statement.ConnPool.(*sql.Tx), or its Tx in a *gorm.PreparedStmtTX with PrepareStmt
//
// sqlstore.Join takes it from there. Each example runs on a real SQLite file: an order
// and a row of the host commit together, a refused command leaves the transaction usable,
// and the host's rollback undoes both.
//
// The package is a module of its own: the wrappers are nothing that every user of the
// library should carry.
package hosts
