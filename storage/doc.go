// Package storage is the contract between the library and whatever keeps its data:
// [Store] and [Tx], the event log, and the record of idempotency keys.
//
// Adapters live below: storage/memory for tests and programs without a database,
// storage/sqlstore for SQL, with storage/pgxconn for pgx. Package storage/delivery hands
// the event log of any of them on. An adapter of your own implements Store and proves it with
// storage/storagetest; its whole test file is
//
//	func TestConformance(t *testing.T) {
//		storagetest.Run(t, func(tb testing.TB) storage.Store { return mine.Open(tb.TempDir()) })
//	}
//
// # Transactions
//
// Update runs a function in one read-write transaction: nil commits, an error or a
// panic rolls back. The function may run again after a conflict, so it has no effect
// outside its Tx. View runs one on a consistent snapshot. Inside either, the function's
// own context and Tx are all there is: calling the store again with that context is
// refused with [ErrNested], since it would deadlock or act outside the transaction.
package storage
