package forecast

import "math"

// Parameters are what a method was fitted with. Those that it does not have are 0.
type Parameters struct {
	Alpha float64 // share of an error that the level takes in; for Croston's family, the size of demands
	Beta  float64 // share of a change of the level that the trend takes in; for TSB, the probability
	Gamma float64 // share of an error that the season takes in
	Phi   float64 // share of the trend that is left one period later; 1 never fades
}

// state is what a method knows after some periods.
type state struct {
	level, trend float64

	size, interval, chance float64 // Croston's family: mean size of demands, periods between them, share of periods with one
	gap                    float64 // known periods since the last demand, this one included
}

// path is one series on its way through a method. It is scratch space: reused for every
// trial of parameters, so that a fit allocates nothing.
type path struct {
	y      []float64
	known  []bool    // nil when every period is
	season []float64 // seasonal state, the period t at t modulo its length
	first  []float64 // the same before period 0
	errs   []float64 // one-step error of each known period of the last run
	sorted []float64 // room to sort them
}

// knows says whether the demand of period t is known.
func (w *path) knows(t int) bool { return w.known == nil || w.known[t] }

// additive runs the smoothing equations with an additive season over n periods, in the
// error-correction form of Hyndman et al. (2008), table 2.2, and adds up the squared
// errors from period skip on. Unknown periods correct nothing. All additive methods are
// this one: without a trend Beta is 0; without a season Gamma is 0 and the season one
// period of 0; Naive has Alpha 1, SeasonalNaive Gamma 1 on a level of 0.
func (w *path) additive(p Parameters, s state, n, skip int) (state, float64) {
	var (
		sum   = 0.0
		beta  = p.Alpha * p.Beta
		at    = 0
		known = w.known
		errs  = w.errs[:n]
	)
	copy(w.season, w.first)
	for t, y := range w.y[:n] {
		s.trend *= p.Phi
		s.level += s.trend
		if known == nil || known[t] {
			e := y - s.level - w.season[at]
			if t >= skip {
				sum += e * e
			}
			errs[t] = e
			s.level += p.Alpha * e
			s.trend += beta * e
			w.season[at] += p.Gamma * e
		}
		if at++; at == len(w.season) {
			at = 0
		}
	}
	return s, sum
}

// multiplicative is additive with a season that multiplies the level. It reports false
// when the level or a season leaves the positive numbers, where its equations mean
// nothing.
func (w *path) multiplicative(p Parameters, s state, n, skip int) (state, float64, bool) {
	var (
		sum  = 0.0
		beta = p.Alpha * p.Beta
		at   = 0
	)
	copy(w.season, w.first)
	for t, y := range w.y[:n] {
		s.trend *= p.Phi
		s.level += s.trend
		if !(s.level > 0 && w.season[at] > 0) {
			return s, 0, false
		}
		if w.knows(t) {
			e := y - s.level*w.season[at]
			if t >= skip {
				sum += e * e
			}
			w.errs[t] = e
			level := s.level
			s.level += p.Alpha * e / w.season[at]
			s.trend += beta * e / w.season[at]
			w.season[at] += p.Gamma * e / level
		}
		if at++; at == len(w.season) {
			at = 0
		}
	}
	return s, sum, s.level > 0
}

// intermittent runs a method of Croston's family.
func (w *path) intermittent(m Method, p Parameters, s state, n int) (state, float64) {
	sum := 0.0
	for t, y := range w.y[:n] {
		if !w.knows(t) {
			continue
		}
		e := y - s.rate(m, p)
		sum += e * e
		w.errs[t] = e
		s.gap++
		if y > 0 {
			s.size += p.Alpha * (y - s.size)
			s.interval += p.Alpha * (s.gap - s.interval)
			s.chance += p.Beta * (1 - s.chance)
			s.gap = 0
		} else {
			s.chance -= p.Beta * s.chance
		}
	}
	return s, sum
}

// rate is the demand per period that a method of Croston's family expects.
func (s state) rate(m Method, p Parameters) float64 {
	switch m { //exhaustive:ignore
	case Croston:
		return s.size / s.interval
	case SBA:
		return (1 - p.Alpha/2) * s.size / s.interval
	default:
		return s.chance * s.size
	}
}

// begin sets the states before period 0 from the first n periods, which hold at least
// m.needs known ones: levels and trends from the first ten (or the first two seasons),
// and those of Croston's family as averages over all.
func (w *path) begin(m Method, n, season int) state {
	w.season, w.first = resize(w.season, 1), resize(w.first, 1)
	w.first[0] = 0
	switch m { //exhaustive:ignore
	case Naive:
		return state{level: w.firstKnown(n)}
	case SeasonalNaive:
		w.season, w.first = resize(w.season, season), resize(w.first, season)
		w.firstSeason(n)
		return state{}
	case SES:
		level, _ := w.line(n, 10, false)
		return state{level: level}
	case Holt, DampedHolt:
		level, trend := w.line(n, 10, true)
		return state{level: level, trend: trend}
	case HoltWinters, HoltWintersMultiplicative:
		w.season, w.first = resize(w.season, season), resize(w.first, season)
		return w.beginSeason(n, season, m == HoltWintersMultiplicative)
	default:
		return w.averages(n)
	}
}

// resize returns a slice of length n, the given one if it is long enough.
func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}

func (w *path) firstKnown(n int) float64 {
	for t, y := range w.y[:n] {
		if w.knows(t) {
			return y
		}
	}
	return 0
}

// firstSeason takes for each place of the season the first period that is known there, or
// the mean of all where none is.
func (w *path) firstSeason(n int) {
	m := len(w.first)
	for i := range w.first {
		t := i
		for t < n && !w.knows(t) {
			t += m
		}
		if t < n {
			w.first[i] = w.y[t]
		} else {
			w.first[i], _ = w.line(n, n, false)
		}
	}
}

// line fits the first most known periods by least squares and returns the line's value
// before period 0 and its slope; without a slope, their mean.
func (w *path) line(n, most int, sloping bool) (level, slope float64) {
	var count, ts, ys, tt, ty float64
	for t := 0; t < n && count < float64(most); t++ {
		if w.knows(t) {
			x, y := float64(t+1), w.y[t]
			count, ts, ys, tt, ty = count+1, ts+x, ys+y, tt+x*x, ty+x*y
		}
	}
	if spread := count*tt - ts*ts; sloping && spread > 0 {
		slope = (count*ty - ts*ys) / spread
	}
	return (ys - slope*ts) / count, slope
}

// beginCycles is the most seasons that a first guess of the season averages over: more
// steady it, but the season of long ago may have been another one.
const beginCycles = 5

// beginSeason takes the trend from the means of the first two seasons, and each place of
// the season from what its periods in the first few seasons stand above (or are a
// multiple of) a line of that slope through the mean of theirs: Hyndman et al. (2008),
// section 2.6.1, in a simple form.
func (w *path) beginSeason(n, m int, multiply bool) state {
	one, two := w.mean(0, m, n), w.mean(m, 2*m, n)
	slope := (two - one) / float64(m)
	if multiply && min(one, two) <= math.Abs(slope)*float64(m) { // so steep that the line falls to zero
		one, slope = (one+two)/2, 0
	}
	clear(w.first)
	count := w.season // free until the first run
	clear(count)
	for c := range min(n/m, beginCycles) {
		middle := w.mean(c*m, (c+1)*m, n)
		for i := range w.first {
			y, line := w.y[c*m+i], middle+slope*(float64(i)-float64(m-1)/2)
			switch {
			case !w.knows(c*m+i) || multiply && line <= 0:
				continue
			case multiply:
				w.first[i] += y / line
			default:
				w.first[i] += y - line
			}
			count[i]++
		}
	}
	total := 0.0
	for i := range w.first {
		switch {
		case count[i] > 0:
			w.first[i] /= count[i]
		case multiply:
			w.first[i] = 1
		}
		total += w.first[i]
	}
	// The season must say nothing about the level.
	for i := range w.first {
		if multiply {
			w.first[i] *= float64(m) / total
		} else {
			w.first[i] -= total / float64(m)
		}
	}
	return state{level: one - slope*float64(m+1)/2, trend: slope}
}

// mean averages the known periods of a range within the first n, or all of those if it
// has none.
func (w *path) mean(from, to, n int) float64 {
	count, sum := 0.0, 0.0
	for t := from; t < min(to, n); t++ {
		if w.knows(t) {
			count, sum = count+1, sum+w.y[t]
		}
	}
	if count == 0 {
		level, _ := w.line(n, n, false)
		return level
	}
	return sum / count
}

// averages begins Croston's family with the mean size of all demands and the mean number
// of periods between them. Without demand the size is 0, and so is every forecast.
func (w *path) averages(n int) state {
	periods, count, sum := 0.0, 0.0, 0.0
	for t, y := range w.y[:n] {
		if !w.knows(t) {
			continue
		}
		periods++
		if y > 0 {
			count++
			sum += y
		}
	}
	if count == 0 {
		return state{interval: 1}
	}
	return state{size: sum / count, interval: periods / count, chance: count / periods}
}
