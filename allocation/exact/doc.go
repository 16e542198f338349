// Package exact finds the best way to source an order, and proves it.
//
// A [Problem] is numbers only: what each line wants, what each location offers, what it costs to ship
// from there. A [Solver] answers with a [Solution]: units per offer, their value, and a bound on what any
// other plan could be worth. Where the two meet the plan is optimal. Where a limit ends the search
// first, the solution says so and tells how far the optimum can be at most.
//
// Given the locations that ship, the rest is simple: each line fills from the cheapest of them. So the
// search is for the set of locations. It is hard in general and small in practice: one bound by prices
// and one plan made from it end it for nearly every order of consumers, in less than a microsecond.
// Larger orders are searched by branch and bound.
//
// The prices that prove a bound are handed out as a [Certificate]. [Check] adds them up again, and checks
// everything else that can be checked without a search, so nobody has to trust this package.
//
// Everything is computed in integers and nothing depends on a clock: the same problem with the same
// [Limits].Nodes gives the same solution on every machine.
package exact
