// Package count proves the shelf against the books: cycle counts.
//
// A [Count] lists what to count: lots of items at locations. Counters record what they
// find; a blind count does not show them what the books expect. Each entry keeps what
// the books had at that moment, so that the variance of a line is a fact:
//
//	variance = counted − the books at the moment of the count
//
// When every line is counted and its counters agree, the count goes into review.
// Variances beyond the [Tolerance] need approval, doubtful lines a recount. Posting
// books all variances in one posting against inventory.Shrink, for what differs only.
//
// # Stock that moved between counting and posting
//
// Posting refuses a line whose books changed since it was counted, with
// *[StaleCountError]: nobody knows whether the counter saw the unit that moved. With
// Rebase the host takes the responsibility for that, and the variance is posted as it
// was found: the shelf should now have
//
//	counted + movements since = counted + (books now − books then)
//
// which differs from the books now by counted − books then, the variance. This holds
// exactly when the movements since explain the change and none of them already corrected
// the books; both are checked on the log, and a line that fails is refused still.
//
// The package is pure, like inventory; the Engine of the root package runs it.
package count
