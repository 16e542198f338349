// Package forecast tells how much of an item will be wanted, and what to order.
//
// It is pure: numbers in, numbers out, the same for the same input, with no dependency
// beyond the standard library and the ledger's bound on quantities. A first use has three
// steps. Sum dated demand into periods:
//
//	week, err := forecast.Bucket(sales, from, to, forecast.Week)
//
// forecast the periods that an order must cover, here a lead time of three weeks and one
// week until the next look at the stock:
//
//	f, err := forecast.Run(week, forecast.Options{Horizon: 4})
//
// and ask a [Policy] what to order now:
//
//	policy := forecast.Policy{LeadTime: 3, Review: 1, Service: 0.95, Pack: 12}
//	s, err := policy.Reorder(f.Demand(), forecast.Position{OnHand: 40, Incoming: 24, Committed: 10})
//
// # What to feed it
//
// Demand is what customers asked for, in the period in which they asked: order lines
// rather than shipments, cancelled test orders and slips taken out, returns left alone. A
// week in which the shelf was empty is no week of zero demand; list it in
// [Series.Unknown]. Begin a series with the week in which the item was first offered. A
// season can be learned only from two of it: with a year of weeks [Options.Season] cannot
// be 52.
//
// # Choosing a method
//
// [Auto] tells the [Class] of the demand, which decides what may be tried: smoothing,
// trend and season for items that sell in nearly every period, smoothing and Croston's
// family for those that sell now and then. Each candidate is backtested, and one that is
// clearly better than the plain first one takes its place. [Forecast.Trials] shows how
// each did. Ask for a [Method] by name to do without; [Holt], whose trend never ends, is
// only used so.
//
// # How far to trust it
//
// [Backtest] tells what the errors would have been; hold them against those of
// [SeasonalNaive] or [Naive], for a forecast that does not beat these is not worth its
// trouble. The intervals assume that the future errs like the past: they know nothing of
// promotions, and in a season that the series has not seen before they are too narrow.
//
// # Sources
//
// Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing (2008), for the
// smoothing methods and their intervals; Croston (1972), Syntetos and Boylan (2005) and
// Teunter, Syntetos and Babai (2011) for sparse demand; Silver, Pyke and Thomas, Inventory
// and Production Management in Supply Chains (2017), for replenishment. The tests hold the
// smoothing equations against figures of the R package forecast.
package forecast
