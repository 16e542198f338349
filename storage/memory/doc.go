// Package memory keeps all data in the memory of the process: a [storage.Store] for
// tests, for previews, and for programs that need no database. Nothing outlives the
// process.
//
// # Transactions
//
// Each tenant has an immutable set of tables behind one atomic pointer. View reads the
// set that is current when it starts: a true snapshot, which waits for nobody and for
// which nobody waits. Update is alone with its tenant: writers queue in the order they
// came, and the context's end stops the wait. An Update copies what it touches, page
// by page, and puts the new set in place when it commits; to roll back is to forget
// the copy. Writers of different tenants do not meet.
//
// Rows are copied on their way in and out, so nothing that a caller holds is shared
// with the store. Times are kept in UTC to the microsecond, as a database would.
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
//   - Events.Of and Since: O(log n) and the events they yield.
package memory
