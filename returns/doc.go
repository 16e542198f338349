// Package returns is goods and money on their way back: the return merchandise
// authorization (RMA), its receipt, inspection and disposition, and the refund.
//
// Each unit of a [Line] has three tracks that move on their own: reception (received,
// missing), disposition (restocked, damaged, scrapped, rejected) and money
// (refunded). [Line.Check] states how they bound each other, so a unit can be neither
// restocked nor refunded twice, and a refund never implies a restock.
//
// The package is pure: the methods of [Flow] return the next return, the
// [order.LineDelta]s by which the order follows, and the events. Money is worth what
// [order.Line.Credit] says, by cumulative difference, so returning in any batches pays
// exactly what was paid. The Engine moves stock and money in the same transaction.
//
//	rma, deltas, events, err := flow.Request(o, returns.Request{ID: id, Lines: []returns.Wanted{{Line: 1, Qty: 1, Reason: returns.TooSmall}}}, policy, now)
//	rma, events, err := flow.Approve(rma, now)
//	rma, deltas, events, err := flow.Receive(rma, "ber", units, now)
//	rma, deltas, moves, events, err := flow.Inspect(rma, dispositions, now)
//
// A return without an order (goods sold before the system, a gift without receipt) is
// a [Blind] return: it names items and what they are worth.
package returns
