// Package purchasing is what is bought: suppliers, purchase orders, what arrives of them,
// what it costs to get it here, and whom the goods on their way are promised to.
//
// A purchase [Order] is drafted, issued, perhaps acknowledged, received in as many parts as
// it comes in, and closed. Every ordered unit of a [Line] is accepted, rejected, cancelled,
// or still expected; [Line.Check] states how these bound each other. A [Receipt] has a
// reference of its own, so that it cannot be booked twice.
//
// The package is pure: the methods of [Flow] take an order, a command and the moment, and
// return the next order and the events. [Flow.Receive] also says what the ledger of goods
// has to book, and [Order.Land] what freight and duty add to the worth of what arrived. The
// Engine of the root package does all of it in one transaction:
//
//	po, err := kit.Purchasing.Draft(ctx, purchasing.Draft{Supplier: "acme", Lines: lines})
//	po, err = kit.Purchasing.Issue(ctx, po.ID)
//	po, err = kit.Purchasing.Receive(ctx, po.ID, purchasing.Receipt{Ref: "dn-1", Lines: arrived})
//
// # Promises
//
// A [Demand] is units that an order sold and nobody has. It waits in a queue, by priority
// and then by the moment of the sale, and is promised units of what is expected
// ([Rebind], [Extend]): no more than there are, and each with a date. When the goods are
// late, the promises say at once whose orders are.
package purchasing
