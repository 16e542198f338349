// Package costing says what goods are worth, and what those that left did cost.
//
// A costed item has a [Head]: how many units the tenant owns and what they are worth
// together. Owned is what lies at a location or is in transit between two. A movement
// into that from outside, or out of it, is costed and makes one [Entry]; movements inside
// (reserve, pick, transfer) change no value and cost nothing.
//
// Under FIFO each receipt opens a [Layer]: so many units that cost so much together.
// What leaves takes the oldest units. Under the moving average every unit is worth
// value ÷ quantity; layers are kept all the same, for they say which units of a receipt
// are still there.
//
// # Not a millionth is lost
//
// A layer keeps what all of its units cost together, and the k-th to n-th of them cost
//
//	round(total × n ÷ units) − round(total × (k−1) ÷ units)
//
// at six decimal places, halves away from zero. So units leave in any batches at the same
// cost, and the last one takes what is left. The average does the same between two
// receipts: its value never drifts from what came in less what left.
//
// # What comes in, at which cost
//
//   - A receipt, and opening stock, at the unit cost that it states; one that states none
//     is refused.
//   - Units that a customer returns, at the cost at which units left under the same
//     document, the first ones first, and back into the layers that they came from. More
//     than left under it, or a return without a document, at the present cost.
//   - Units that turn up, at the cost that the adjustment states, or else the present cost.
//   - What an assembly makes, at the cost of what the same posting consumed.
//
// The present cost is that of the average unit in stock, rounded; with nothing in stock,
// of the last unit that came with a cost. Where there was none ever, the units are refused.
//
// # Production
//
// Units that go to PRODUCTION become something else and never come back as what they
// were, so they leave the books of their item; their value is passed to what the same
// posting makes. What it does not pass on stays on the production account of the journal.
//
// # Later costs
//
// [Revalue] spreads freight and duty over the units of a receipt: those in stock become
// worth more, the rest of the amount is variance. Units that were sold keep their cost,
// and come back at it. Under FIFO cost and variance together are the same whether a sale
// or the freight bill was first.
//
// # When
//
// Entries are ordered by when they were posted, and so is the value of an item as of a
// moment. There are no entries before others that exist: a receipt that is told late is
// worth something from when it was told.
package costing
