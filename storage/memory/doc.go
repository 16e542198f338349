// Package memory keeps all data in the memory of the process: a [storage.Store] for
// tests, for previews, and for programs that need no database. Nothing outlives the
// process.
//
// # Transactions
//
// View reads a true snapshot, as of the last commit, and waits for no transaction.
// Update is alone with its tenant: writers queue in the order they came, and the end
// of the context ends the wait. Writers of different tenants do not meet. Rows are
// copied on their way in and out, so nothing that a caller holds is shared with the
// store. Times are kept in UTC to the microsecond, as a database would.
//
// Every write of a tenant has a number, and every row is kept in the versions that
// somebody may still read; whoever reads as of a number passes over younger ones. So
// a commit is one atomic store of a number, a rollback takes the newest versions back,
// and a version is forgotten when the last View that could see it has ended and the
// next Update commits. Trees that are copied path by path on every write would do the
// same, at seven times the bytes for placing an order.
//
// # Cost
//
// With n rows in a table:
//
//   - Get, Save, Find, Put, and each row that Load and Apply touch: O(log n).
//   - Expired reservations in Load: only those that are due, however many are not.
//   - order.Filter: O(log n) for each order of a customer, or of one of the states,
//     that is looked at; with neither, a walk from the newest order that looks at each
//     until the page is full. The other fields do not narrow the walk.
//   - fulfillment.Filter likewise by work state, returns.Filter by customer or state.
//   - ListReservations: a range for an owner, else a walk over all.
//   - ListPostings: a walk over all postings, and over all movements for an item.
//     PutItem walks over the movements when Untracked changes.
//   - Events.Of, Since and After: O(log n) and the events they yield.
//   - Deliveries: O(log n) and the rows of the consumer, or of its shard.
package memory
