// Package allocation decides which locations serve the lines of an order.
//
// A [Request] says what is wanted, which locations may serve it and what each of them has. A
// [Strategy] answers with a [Plan]: who sends what, what stays unassigned, and an [Explanation] that
// a person understands at a glance. Everything here is a pure function of the request: no clock, no
// I/O, no randomness. The order in which candidates are listed never matters, so a plan that was
// stored can be computed again, unit for unit; [Plan.Fingerprint] names the request it belongs to.
//
// [Priority] and [Nearest] walk a ranked list and take what they find. [FewestShipments] searches for
// the smallest set of locations. [FirstOf] tries strategies in turn, and [Func] makes a strategy of
// any function. Whatever its origin, a plan is data to be checked, not trusted: [Validate] proves that
// it promises no unit twice and hides no shortage, and the caller applies only a plan that passed.
//
// Package rule, below, plans by rules about costs, capabilities and dates, in Go or JSON, with the exact solver of
// package exact.
//
// A [Record] keeps a plan with its request: years later [Record.Replay] makes the same plan of it, bit for bit.
// [Plan.Redact] is what a buyer may see of one.
//
// Quantities are whole numbers in the base unit of the item. Stock is what the caller is willing to
// give away, that is, after reservations and safety stock.
package allocation
