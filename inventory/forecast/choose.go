package forecast

import "math"

// The backtest by which Auto chooses. More origins choose a little better and take longer.
const (
	tryOrigins = 16 // at most
	tryLeast   = 5  // origins; fewer tell nothing
	tryHorizon = 4  // periods ahead, at most
	tryPast    = 8  // known periods that the first origin has at least
)

// candidates lists the methods that fit the class of a demand. The first is the one that
// the others must beat. For sparse demand too that is smoothing: on a thousand items of a
// shop its errors are smaller than those of Croston's family, squared or not, since it
// follows an item that begins or ceases to sell.
func candidates(c Class, season int) []Method {
	switch {
	case c == NoDemand:
		return []Method{SES}
	case c.sparse():
		return []Method{SES, TSB, SBA, Croston}
	case season > 1:
		return []Method{SES, DampedHolt, HoltWinters, HoltWintersMultiplicative, SeasonalNaive, Naive}
	default:
		return []Method{SES, DampedHolt, Naive}
	}
}

// trial is a Trial with its losses origin by origin.
type trial struct {
	Trial
	losses []float64
}

// choose backtests the candidates over the last periods before n and returns the one to
// take, and all that were tried.
//
// The loss is the absolute error, and for sparse demand the squared error: the absolute
// one is least for the median, which is zero where most periods have no demand, and a
// shop that orders for the median of a slow mover orders nothing.
//
// On short and noisy series the least loss is often luck. So the first candidate stays
// unless another one is better by more than two standard errors of the difference. Origins
// that follow each other share all but one of the periods ahead, and so their errors: the
// standard error takes them for as many independent ones as there are whole horizons
// among them (Diebold and Mariano 1995, with all autocorrelations at their bound).
func (w *path) choose(n int, c Class, o Options) (Method, []Trial) {
	methods := candidates(c, o.Season)
	tried := make([]trial, 0, len(methods))
	for _, m := range methods {
		if t, ok := w.try(m, n, c.sparse(), o); ok {
			tried = append(tried, t)
		}
	}
	if len(tried) == 0 {
		return methods[0], nil
	}
	chosen, gain := 0, 0.0
	for i := range tried[1:] {
		if better, unsure := lead(tried[0].losses, tried[i+1].losses, min(o.Horizon, tryHorizon)); better > 2*unsure && better > gain {
			chosen, gain = i+1, better
		}
	}
	trials := make([]Trial, len(tried))
	for i, t := range tried {
		trials[i] = t.Trial
	}
	return tried[chosen].Method, trials
}

// try backtests a method. It reports false where the history is too short for it, or it
// cannot be used on it.
func (w *path) try(m Method, n int, squared bool, o Options) (trial, bool) {
	t := trial{Trial: Trial{Method: m}}
	if m.refuses(w.y[:n], w.known) >= 0 {
		return t, false
	}
	var last *model
	for at := max(n-tryOrigins, 0); at < n; at++ {
		if w.knownUntil(at) < max(m.needs(o.Season), tryPast) {
			continue
		}
		fitted := w.fit(m, at, o.Season, last)
		if !fitted.ok {
			return t, false
		}
		last = &fitted
		h := o
		h.Horizon = min(o.Horizon, tryHorizon, n-at)
		a := w.judge(at, o, w.points(last, h))
		if a.Periods == 0 {
			continue
		}
		t.Accuracy.Add(a)
		loss := a.AbsError
		if squared {
			loss = a.SquaredError
		}
		t.losses = append(t.losses, loss/float64(a.Periods))
	}
	return t, len(t.losses) >= tryLeast
}

// lead is the mean of what b loses less than a at the last origins of both, which are at
// least tryLeast, and the standard error of that mean, of losses over a horizon.
func lead(a, b []float64, horizon int) (mean, unsure float64) {
	n := min(len(a), len(b))
	a, b = a[len(a)-n:], b[len(b)-n:]
	for i := range n {
		mean += (a[i] - b[i]) / float64(n)
	}
	for i := range n {
		d := a[i] - b[i] - mean
		unsure += d * d
	}
	return mean, math.Sqrt(unsure / float64(n-1) / float64(n) * float64(horizon))
}
