// Package rule plans by rules: a [Set] is an [allocation.Strategy] that is data.
//
// A [Rule] is a small value with a stable name. It forbids a location, or a line at a location, with a
// reason; it adds a cost per shipment or per unit; or it limits the plan: most shipments, complete orders,
// whole lines, lines together. [Soft] turns what a rule forbids into a cost, [Weighted] scales what it costs, and
// [When] applies rules to some orders only. A rule of the host's own is a [Filter], a [Cost], or any type with
// two methods.
//
// The set's [Objective] says what is best, and the solver of package exact finds it: the plan comes with a
// proof, or with a bound on how much better a plan could be. The explanation tells for each location which rule
// forbids it, what it costs by which rule and, on request, what the best plan that uses it would have cost more.
//
// A set can be written in JSON, as an operator edits it: see [Parse] and [Schema].
//
// Money is in whole minor units of one currency, distances are in meters along the great circle, and
// times are what the request says they are.
package rule
