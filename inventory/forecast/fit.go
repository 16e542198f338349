package forecast

import "math"

// model is a fitted method.
type model struct {
	method Method
	at     [4]float64 // where the search ended, to begin the next one there
	params Parameters
	state  state
	season []float64 // seasonal state, w.season of the last run
	end    int       // periods it has seen
	sum    float64   // of the squared one-step errors
	count  int       // of those errors
	ok     bool      // the equations held all the way
}

// bound is the range of one searched number.
type bound struct{ low, high float64 }

// The ranges. They are those of Hyndman's ets for the smoothing methods; within them
// every additive model forgets its past. For Croston's family they are the small values
// that all comparisons recommend, for one demand tells little.
var (
	share  = bound{0.01, 0.99}
	fading = bound{0.80, 0.98}
	slow   = bound{0.02, 0.30}
)

// ranges are what a method searches, by index of the vector (α, β, γ, φ).
func (m Method) ranges() [4]bound {
	switch m { //exhaustive:ignore
	case SES:
		return [4]bound{0: share}
	case Holt:
		return [4]bound{share, share}
	case DampedHolt:
		return [4]bound{0: share, 1: share, 3: fading}
	case HoltWinters, HoltWintersMultiplicative:
		return [4]bound{share, share, share, fading}
	case Croston, SBA:
		return [4]bound{0: slow}
	case TSB:
		return [4]bound{0: slow, 1: slow}
	default:
		return [4]bound{}
	}
}

// parameters turns a vector into parameters. The season's share is a part of what the
// level leaves over, which keeps the model stable.
func (m Method) parameters(v [4]float64) Parameters {
	switch m { //exhaustive:ignore
	case Naive:
		return Parameters{Alpha: 1}
	case SeasonalNaive:
		return Parameters{Gamma: 1}
	case Holt:
		return Parameters{Alpha: v[0], Beta: v[1], Phi: 1}
	default:
		return Parameters{Alpha: v[0], Beta: v[1], Gamma: v[2] * (1 - v[0]), Phi: v[3]}
	}
}

// skip is the number of periods at the start whose errors say nothing, since the state
// before them was read off them.
func (m Method) skip(season int) int {
	switch m { //exhaustive:ignore
	case Naive:
		return 1
	case SeasonalNaive:
		return season
	default:
		return 0
	}
}

// run takes a method with given parameters through the first n periods.
func (w *path) run(m Method, p Parameters, begin state, n, season int) (end state, sum float64, ok bool) {
	switch {
	case m == HoltWintersMultiplicative:
		return w.multiplicative(p, begin, n, m.skip(season))
	case m.intermittent():
		end, sum = w.intermittent(m, p, begin, n)
		return end, sum, true
	default:
		end, sum = w.additive(p, begin, n, m.skip(season))
		return end, sum, true
	}
}

// grid has the places where a search looks first, as parts of the range of each number.
// Sums of squares have several valleys: a fast level and a fast season explain the same
// demand, so a search from a single place may end in the wrong one.
var grid = [4][]float64{{0.05, 0.3, 0.7}, {0.05, 0.3}, {0.05, 0.4, 0.9}, {0.75}}

// fit finds the parameters with the least sum of squared one-step errors over the first
// n periods: the best place of the grid, or the end of an earlier fit if that is better,
// then coordinate descent by steps that halve. It is bounded, needs no randomness, and
// compares sums only with each other, so that the unit of the demand does not matter.
func (w *path) fit(m Method, n, season int, earlier *model) model {
	begin := w.begin(m, n, season)
	ranges := m.ranges()
	at, least := [4]float64{}, math.Inf(1)
	try := func(v [4]float64) bool {
		_, sum, ok := w.run(m, m.parameters(v), begin, n, season)
		better := ok && sum < least
		if better {
			at, least = v, sum
		}
		return better
	}
	start(ranges, func(v [4]float64) { try(v) })
	if earlier != nil {
		try(earlier.at)
	}
	const coarsest, finest, rounds = 0.125, 1.0 / 128, 8
	for step := coarsest; step >= finest; step /= 2 {
		for round, moved := 0, true; moved && round < rounds; round++ {
			moved = false
			for i, r := range ranges {
				if !r.searched() {
					continue
				}
				up, down := at, at
				up[i], down[i] = r.add(at[i], step), r.add(at[i], -step)
				moved = try(up) || try(down) || moved
			}
		}
	}
	out := model{method: m, at: at, params: m.parameters(at), end: n}
	out.state, out.sum, out.ok = w.run(m, out.params, begin, n, season)
	out.season = w.season
	for t := m.skip(season); t < n; t++ {
		if w.knows(t) {
			out.count++
		}
	}
	return out
}

// start tries every place of the grid.
func start(ranges [4]bound, try func([4]float64)) {
	places := [4][]float64{}
	for i, r := range ranges {
		places[i] = grid[i][:1]
		if r.searched() {
			places[i] = grid[i]
		}
	}
	for _, a := range places[0] {
		for _, b := range places[1] {
			for _, c := range places[2] {
				for _, d := range places[3] {
					try([4]float64{ranges[0].part(a), ranges[1].part(b), ranges[2].part(c), ranges[3].part(d)})
				}
			}
		}
	}
}

// searched says whether there is a range at all.
func (r bound) searched() bool { return r.high > r.low }

// part is the place at a part of the range.
func (r bound) part(share float64) float64 { return r.low + share*(r.high-r.low) }

// add moves a place by a part of the range, as far as its end.
func (r bound) add(v, share float64) float64 {
	return min(max(v+share*(r.high-r.low), r.low), r.high)
}

// means sets the expected demand of each point: never negative.
func (m *model) means(points []Point) {
	if m.method.intermittent() {
		for i := range points {
			points[i].Mean = m.state.rate(m.method, m.params)
		}
		return
	}
	level, trend := m.state.level, m.state.trend
	for i := range points {
		trend *= m.params.Phi
		level += trend
		season := m.season[(m.end+i)%len(m.season)]
		if m.method == HoltWintersMultiplicative {
			points[i].Mean = max(level, 0) * season
		} else {
			points[i].Mean = max(level+season, 0)
		}
	}
}

// free is the number of searched parameters.
func (m Method) free() int {
	count := 0
	for _, b := range m.ranges() {
		if b.searched() {
			count++
		}
	}
	return count
}

// deviation is the standard deviation of the one-step errors.
func (m *model) deviation() float64 {
	return math.Sqrt(m.sum / float64(max(m.count-m.method.free(), 1)))
}
