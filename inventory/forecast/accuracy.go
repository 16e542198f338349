package forecast

import (
	"fmt"
	"math"
)

// Accuracy says how far forecasts were from what came. It holds sums, so that the
// figures of several origins or several items [Accuracy.Add] up; the measures are
// quotients of them. A measure reports false where it would divide by zero.
type Accuracy struct {
	Periods      int     // compared
	Demand       float64 // units that came
	Error        float64 // units forecast less units that came
	AbsError     float64 // units by which each period was wrong, either way
	SquaredError float64 // the same squared

	// Sums of errors in units of the scale of the history, the mean absolute (or root
	// mean squared) error of the naive forecast in it. A history that never changes
	// gives no scale, and its periods do not count here.
	ScaledPeriods int
	ScaledAbs     float64 // absolute errors
	ScaledSquares float64 // squared errors
	ScaledPinball float64 // pinball losses of both bounds of the interval, averaged

	Covered int // periods whose demand lay within the interval, bounds included
}

// Measure compares forecast points with the demand that came in the same periods, as
// many as there are of both. The history is what the forecast was made from; season is
// the length of the season whose naive forecast gives the scale, 0 or 1 for none; and
// coverage is the share of periods the intervals were made for.
func Measure(history Series, season int, coverage float64, points []Point, actual Series) (Accuracy, error) {
	for _, s := range []Series{history, actual} {
		if err := s.Validate(); err != nil {
			return Accuracy{}, err
		}
	}
	if err := (Options{Horizon: 1, Season: season, Coverage: coverage}).check(); err != nil {
		return Accuracy{}, err
	}
	if coverage == 0 {
		return Accuracy{}, &ValueError{"Coverage", coverage, "it must be what the intervals were made for"}
	}
	for i, p := range points {
		if !finite(p.Mean) || !finite(p.Low) || !finite(p.High) || p.Low > p.High {
			return Accuracy{}, &ValueError{"points", p, fmt.Sprintf("point %d must be finite, with Low not above High", i)}
		}
	}
	scale := scaleOf(history.Demand, history.known(), season)
	return compare(scale, coverage, points, actual.Demand, actual.known()), nil
}

// scale is the size of the naive forecast's errors in a history.
type scale struct{ abs, squared float64 }

// scaleOf compares each known period with the one a season before.
func scaleOf(y []float64, known []bool, season int) scale {
	lag := max(season, 1)
	if lag >= len(y) { // too short a history for its season
		lag = 1
	}
	var out scale
	count := 0.0
	for t := lag; t < len(y); t++ {
		if known == nil || known[t] && known[t-lag] {
			e := y[t] - y[t-lag]
			out.abs += math.Abs(e)
			out.squared += e * e
			count++
		}
	}
	if count > 0 {
		out.abs /= count
		out.squared /= count
	}
	return out
}

func compare(by scale, coverage float64, points []Point, actual []float64, known []bool) Accuracy {
	var a Accuracy
	tail := (1 - coverage) / 2
	for i, p := range points[:min(len(points), len(actual))] {
		if known != nil && !known[i] {
			continue
		}
		y := actual[i]
		e := p.Mean - y
		a.Periods++
		a.Demand += y
		a.Error += e
		a.AbsError += math.Abs(e)
		a.SquaredError += e * e
		if p.Low <= y && y <= p.High {
			a.Covered++
		}
		if by.abs > 0 {
			a.ScaledPeriods++
			a.ScaledAbs += math.Abs(e) / by.abs
			a.ScaledSquares += e * e / by.squared
			a.ScaledPinball += (pinball(y, p.Low, tail) + pinball(y, p.High, 1-tail)) / 2 / by.abs
		}
	}
	return a
}

// pinball is the loss of a forecast q of the quantile at share tau (Koenker and Bassett
// 1978): τ·(y − q) where the demand y was above it, (1 − τ)·(q − y) where it was below.
func pinball(y, q, tau float64) float64 {
	return max(tau*(y-q), (tau-1)*(y-q))
}

// Add adds the sums of another comparison.
func (a *Accuracy) Add(b Accuracy) {
	a.Periods += b.Periods
	a.Demand += b.Demand
	a.Error += b.Error
	a.AbsError += b.AbsError
	a.SquaredError += b.SquaredError
	a.ScaledPeriods += b.ScaledPeriods
	a.ScaledAbs += b.ScaledAbs
	a.ScaledSquares += b.ScaledSquares
	a.ScaledPinball += b.ScaledPinball
	a.Covered += b.Covered
}

// WAPE is the weighted absolute percentage error, Σ|forecast − actual| ÷ Σ actual: 0.3
// means that the units by which periods were wrong are 30 % of the units sold (Kolassa
// and Schütz 2007, as MAD/mean).
func (a Accuracy) WAPE() (float64, bool) { return quotient(a.AbsError, a.Demand) }

// Bias is Σ(forecast − actual) ÷ Σ actual: above 0 the forecasts are too high, and stock
// piles up.
func (a Accuracy) Bias() (float64, bool) { return quotient(a.Error, a.Demand) }

// MASE is the mean absolute scaled error: the mean absolute error in units of the one
// that the (seasonal) naive forecast has, one period ahead, in the history (Hyndman and
// Koehler 2006). Below 1 is better than that. It can be compared between items.
func (a Accuracy) MASE() (float64, bool) { return quotient(a.ScaledAbs, float64(a.ScaledPeriods)) }

// RMSSE is the root mean squared scaled error, the same with squares, which is the
// measure of the M5 competition (Makridakis, Spiliotis and Assimakopoulos 2022). Unlike
// MASE it is least for the mean of the demand, also where that is zero most of the time.
func (a Accuracy) RMSSE() (float64, bool) {
	v, ok := quotient(a.ScaledSquares, float64(a.ScaledPeriods))
	return math.Sqrt(v), ok
}

// Pinball is the mean pinball loss of the two bounds of the interval, in units of the
// naive forecast's mean absolute error: the scaled pinball loss of the M5 uncertainty
// competition. It rewards intervals that are narrow and still hold the demand.
func (a Accuracy) Pinball() (float64, bool) {
	return quotient(a.ScaledPinball, float64(a.ScaledPeriods))
}

// Coverage is the share of periods whose demand lay within the interval; it should be
// near [Options.Coverage].
func (a Accuracy) Coverage() (float64, bool) {
	return quotient(float64(a.Covered), float64(a.Periods))
}

func quotient(a, b float64) (float64, bool) {
	if b == 0 {
		return 0, false
	}
	return a / b, true
}

// finite says whether v is a number that arithmetic can go on with.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
