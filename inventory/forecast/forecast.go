package forecast

import "fmt"

// MaxHorizon is the most periods ahead, and the longest season.
const MaxHorizon = 1000

// DefaultCoverage is the share of periods that intervals are made for unless the
// options say otherwise.
const DefaultCoverage = 0.95

// Options say what to forecast. Only Horizon must be set.
type Options struct {
	Horizon  int     // periods ahead, 1 to MaxHorizon
	Season   int     // periods in a season, such as 7 days or 52 weeks; 0 or 1 for none
	Method   Method  // the zero value, Auto, chooses
	Coverage float64 // share of periods the intervals should hold, in (0, 1); 0 for DefaultCoverage
}

// check refuses options outside their rules.
func (o Options) check() error {
	switch {
	case o.Horizon < 1 || o.Horizon > MaxHorizon:
		return &ValueError{"Horizon", o.Horizon, fmt.Sprintf("it is 1 to %d periods", MaxHorizon)}
	case o.Season < 0 || o.Season > MaxHorizon:
		return &ValueError{"Season", o.Season, fmt.Sprintf("it is 0 to %d periods", MaxHorizon)}
	case o.Method < 0 || int(o.Method) >= len(methodNames):
		return &ValueError{"Method", int(o.Method), "it is one of the methods of this package"}
	case o.Method.seasonal() && o.Season < 2:
		return &ValueError{"Season", o.Season, o.Method.String() + " needs a season of at least 2 periods"}
	case !(o.Coverage >= 0 && o.Coverage < 1):
		return &ValueError{"Coverage", o.Coverage, "it is above 0 and below 1, or 0 for the default"}
	}
	return nil
}

func (o Options) coverage() float64 {
	if o.Coverage == 0 {
		return DefaultCoverage
	}
	return o.Coverage
}

// Point is the forecast of one period, in units: 0 ≤ Low ≤ Mean ≤ High.
type Point struct{ Mean, Low, High float64 }

// Trial is how a method did in the backtest by which Auto chose.
type Trial struct {
	Method   Method
	Accuracy Accuracy
}

// Forecast is what will probably be asked for.
type Forecast struct {
	Method     Method // that made it; never Auto
	Class      Class
	Parameters Parameters
	Points     []Point // one for each period after the series
	Deviation  float64 // standard deviation of the errors one period ahead, in units
	Trials     []Trial // of Auto; nil where a method was asked for or the series is too short to try
}

// Run forecasts the periods that follow a series. It needs at least three known
// periods, seasonal methods more: the error is a [*ShortError], or that of
// [Series.Validate], or a [*ValueError] for the options. The same input gives the same
// forecast.
func Run(s Series, o Options) (Forecast, error) {
	if err := o.check(); err != nil {
		return Forecast{}, err
	}
	if err := s.Validate(); err != nil {
		return Forecast{}, err
	}
	return newPath(s).forecast(len(s.Demand), o)
}

// Backtest tells how good forecasts would have been: from each of the last origins
// points in time it forecasts, with what was known then, up to Horizon periods, and
// compares them with what came (rolling origin, Tashman 2000). Auto chooses anew at
// each origin. The scale of each origin is that of its own past.
func Backtest(s Series, o Options, origins int) (Accuracy, error) {
	if err := o.check(); err != nil {
		return Accuracy{}, err
	}
	if err := s.Validate(); err != nil {
		return Accuracy{}, err
	}
	if origins < 1 {
		return Accuracy{}, &ValueError{"origins", origins, "at least 1"}
	}
	w := newPath(s)
	n := len(s.Demand)
	var total Accuracy
	if origins > n {
		return Accuracy{}, &ShortError{Method: o.Method, Have: s.Known(), Need: o.Method.needs(o.Season) + origins}
	}
	for at := n - origins; at < n; at++ {
		f, err := w.forecast(at, o)
		if err != nil {
			return Accuracy{}, err
		}
		total.Add(w.judge(at, o, f.Points))
	}
	return total, nil
}

func newPath(s Series) *path {
	n := len(s.Demand)
	return &path{y: s.Demand, known: s.known(), errs: make([]float64, n), sorted: make([]float64, 0, n)}
}

// judge compares points with what came from period at on.
func (w *path) judge(at int, o Options, points []Point) Accuracy {
	past, future := []bool(nil), []bool(nil)
	if w.known != nil {
		past, future = w.known[:at], w.known[at:]
	}
	return compare(scaleOf(w.y[:at], past, o.Season), o.coverage(), points, w.y[at:], future)
}

// knownUntil counts the known periods before period n.
func (w *path) knownUntil(n int) int {
	if w.known == nil {
		return n
	}
	count := 0
	for _, k := range w.known[:n] {
		if k {
			count++
		}
	}
	return count
}

// forecast forecasts from the first n periods.
func (w *path) forecast(n int, o Options) (Forecast, error) {
	if have, need := w.knownUntil(n), o.Method.needs(o.Season); have < need {
		return Forecast{}, &ShortError{Method: o.Method, Have: have, Need: need}
	}
	past := w.known
	if past != nil {
		past = past[:n]
	}
	f := Forecast{Method: o.Method, Class: classify(w.y[:n], past)}
	if o.Method == Auto {
		f.Method, f.Trials = w.choose(n, f.Class, o)
	}
	if i := f.Method.refuses(w.y[:n], past); i >= 0 {
		return Forecast{}, &PeriodError{i, w.y[i], fmt.Sprintf("%v needs demand in every period", f.Method)}
	}
	fitted := w.fit(f.Method, n, o.Season, nil)
	if !fitted.ok && o.Method == Auto { // it held until the last period
		f.Method = candidates(f.Class, o.Season)[0]
		fitted = w.fit(f.Method, n, o.Season, nil)
	}
	if !fitted.ok {
		return Forecast{}, &ValueError{"Method", o.Method, "its level falls below zero on this series; a percentage of that means nothing"}
	}
	f.Parameters = fitted.params
	f.Deviation = fitted.deviation()
	f.Points = w.points(&fitted, o)
	return f, nil
}

// points are the means and intervals of a fitted model.
func (w *path) points(m *model, o Options) []Point {
	points := make([]Point, o.Horizon)
	m.means(points)
	w.intervals(m, o.coverage(), points)
	return points
}
