// Package order is the aggregate of a sale: lines with frozen prices, where each unit
// is, the money record, holds, and the lifecycle that ties them together.
//
// The package is pure. A [Flow] holds the lifecycle, and its methods are the
// decisions: each takes an [Order], a command and the moment, and returns the next
// Order with the events that happened, or an error and the order as it was. A
// [Repository] keeps orders; storage adapters provide it.
//
//	flow, err := order.NewFlow()
//	o, err := order.New(id, order.Draft{Currency: eur, Lines: []order.DraftLine{{Item: "tee-m", Qty: 2, UnitPrice: price}}}, now)
//	o, events, err := flow.Place(o, now)
//
// # What is stored and what is derived
//
// Stored are the lifecycle (draft → placed → open → closed, or cancelled, expired),
// the [Counters] of each line, the amounts fixed at the sale, the payment
// [Operation] log and the set of [Hold]s. Everything else is derived by pure
// functions: [Order.Facets], [Order.Totals], [Order.Books], [Flow.AllowedActions]. So
// a status can never disagree with the facts.
//
// # Money
//
// [Money] is an exact amount in one currency and refuses what the currency cannot
// hold. Unit prices may be finer (goods sold at fractions of a cent); the amount of a
// line is rounded once. Discounts are apportioned by largest remainder and the shares
// are stored. What units are worth when they are cancelled or refunded follows from a
// cumulative difference ([Line.Credit]), so giving back in any batches gives back
// exactly what was paid.
//
// # The lifecycle
//
// The standard flow; hosts add states, edges and guards with [NewFlow] options:
//
//	draft ─place→ placed ─confirm→ open ─close→ closed
//	                 │               │  ←reopen──┘
//	                 ├─expire→ expired
//	                 └─cancel──────→ cancelled
package order
