package forecast_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory/forecast"
)

// anySeries draws dense and sparse demand, some of it unknown.
func anySeries(t *rapid.T) forecast.Series {
	n := rapid.IntRange(12, 60).Draw(t, "periods")
	most := rapid.SampledFrom([]int{1, 3, 50, 100_000}).Draw(t, "most")
	sparse := rapid.IntRange(0, 9).Draw(t, "of ten periods without demand")
	var s forecast.Series
	for i := range n {
		v := float64(rapid.IntRange(0, most).Draw(t, "demand"))
		if rapid.IntRange(0, 9).Draw(t, "sells") < sparse {
			v = 0
		}
		s.Demand = append(s.Demand, v)
		if i < n-12 && rapid.IntRange(0, 9).Draw(t, "known") == 0 {
			s.Unknown = append(s.Unknown, i)
		}
	}
	return s
}

// run forecasts by any method that takes the series.
func run(t *rapid.T, s forecast.Series, o forecast.Options) (forecast.Forecast, bool) {
	f, err := forecast.Run(s, o)
	if o.Method == forecast.HoltWintersMultiplicative && err != nil {
		return f, false // a period without demand
	}
	require.NoError(t, err)
	return f, true
}

func anyOptions(t *rapid.T) forecast.Options {
	return forecast.Options{
		Method:   rapid.SampledFrom(append([]forecast.Method{forecast.Auto}, methods...)).Draw(t, "method"),
		Season:   rapid.IntRange(2, 4).Draw(t, "season"),
		Horizon:  rapid.IntRange(1, 15).Draw(t, "horizon"),
		Coverage: rapid.SampledFrom([]float64{0, 0.5, 0.8, 0.99}).Draw(t, "coverage"),
	}
}

func TestForecastsAreFiniteAndNeverNegative(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, o := anySeries(t), anyOptions(t)
		before := slices.Clone(s.Demand)
		f, ok := run(t, s, o)
		if !ok {
			return
		}
		require.Len(t, f.Points, o.Horizon)
		for _, p := range f.Points {
			require.True(t, 0 <= p.Low && p.Low <= p.Mean && p.Mean <= p.High && !math.IsInf(p.High, 0), "%+v", p)
		}
		require.NotEqual(t, forecast.Auto, f.Method)
		require.True(t, f.Deviation >= 0)
		require.Equal(t, before, s.Demand, "the series is only read")
		again, _ := run(t, s, o)
		require.Equal(t, f, again, "the same input gives the same forecast")
	})
}

// A unit twice as small doubles every number and changes no decision. Powers of two scale
// floating-point numbers without rounding, so the equality is exact.
func TestTheUnitOfDemandDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, o := anySeries(t), anyOptions(t)
		factor := rapid.SampledFrom([]float64{0.125, 0.5, 2, 1024}).Draw(t, "factor")
		f, ok := run(t, s, o)
		if !ok {
			return
		}
		scaled := forecast.Series{Demand: slices.Clone(s.Demand), Unknown: s.Unknown}
		for i := range scaled.Demand {
			scaled.Demand[i] *= factor
		}
		g, _ := run(t, scaled, o)
		require.Equal(t, f.Method, g.Method)
		require.Equal(t, f.Class, g.Class)
		require.Equal(t, f.Parameters, g.Parameters)
		require.Equal(t, f.Deviation*factor, g.Deviation)
		for i, p := range f.Points {
			require.Equal(t, forecast.Point{Mean: p.Mean * factor, Low: p.Low * factor, High: p.High * factor}, g.Points[i])
		}
	})
}

func TestConstantDemandForecastsItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		level := float64(rapid.IntRange(1, 1_000_000).Draw(t, "level"))
		o := anyOptions(t)
		s := forecast.Series{Demand: slices.Repeat([]float64{level}, rapid.IntRange(11, 80).Draw(t, "periods"))}
		f, _ := run(t, s, o)
		want := level
		if o.Method == forecast.SBA {
			want *= 1 - f.Parameters.Alpha/2
		}
		for _, p := range f.Points {
			require.InEpsilon(t, want, p.Mean, 1e-9)
			require.InDelta(t, level, p.High, level*1e-6)
		}
	})
}

// What is not yet known cannot matter: a backtest from one origin is the forecast from
// the series cut there, measured on the rest.
func TestABacktestDoesNotLookAhead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, o := anySeries(t), anyOptions(t)
		s.Unknown = nil
		if o.Method == forecast.HoltWintersMultiplicative {
			return
		}
		got, err := forecast.Backtest(s, o, 1)
		n := len(s.Demand) - 1
		if err != nil {
			require.ErrorIs(t, err, forecast.ErrShort)
			return
		}
		past, future := forecast.Series{Demand: slices.Clone(s.Demand[:n])}, forecast.Series{Demand: s.Demand[n:]}
		f, err := forecast.Run(past, o)
		require.NoError(t, err)
		coverage := o.Coverage
		if coverage == 0 {
			coverage = forecast.DefaultCoverage
		}
		want, err := forecast.Measure(past, o.Season, coverage, f.Points, future)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// simulated makes many items and counts how often their next periods fall in the interval.
func covered(t *testing.T, o forecast.Options, item func(r *rand.Rand) []float64) float64 {
	t.Helper()
	const items, past = 400, 80
	r := rand.New(rand.NewPCG(1, 2))
	var a forecast.Accuracy
	for range items {
		y := item(r)
		f, err := forecast.Run(series(y[:past]...), o)
		require.NoError(t, err)
		b, err := forecast.Measure(series(y[:past]...), o.Season, o.Coverage, f.Points, series(y[past:]...))
		require.NoError(t, err)
		a.Add(b)
	}
	share, ok := a.Coverage()
	require.True(t, ok)
	return share
}

func TestIntervalsHoldAsMuchAsTheyPromise(t *testing.T) {
	t.Parallel()
	level := func(r *rand.Rand) []float64 { // the model of simple exponential smoothing
		y, l := make([]float64, 86), 500.0
		for i := range y {
			e := 20 * r.NormFloat64()
			y[i], l = l+e, l+0.3*e
		}
		return y
	}
	season := func(r *rand.Rand) []float64 {
		y := make([]float64, 86)
		for i := range y {
			y[i] = 300 + 80*math.Sin(float64(i)*math.Pi/3) + 20*r.NormFloat64()
		}
		return y
	}
	sparse := func(r *rand.Rand) []float64 {
		y := make([]float64, 86)
		for i := range y {
			if r.Float64() < 0.4 {
				y[i] = float64(1 + r.IntN(6))
			}
		}
		return y
	}
	for name, c := range map[string]struct {
		options forecast.Options
		item    func(*rand.Rand) []float64
	}{
		"level":             {forecast.Options{Method: forecast.SES}, level},
		"level, auto":       {forecast.Options{}, level},
		"season":            {forecast.Options{Method: forecast.HoltWinters, Season: 6}, season},
		"season in percent": {forecast.Options{Method: forecast.HoltWintersMultiplicative, Season: 6}, season},
		"season, auto":      {forecast.Options{Season: 6}, season},
		"sparse":            {forecast.Options{Method: forecast.SBA}, sparse},
		"sparse, auto":      {forecast.Options{}, sparse},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, coverage := range []float64{0.8, 0.95} {
				c.options.Horizon, c.options.Coverage = 6, coverage
				got := covered(t, c.options, c.item)
				require.InDelta(t, coverage, got, 0.05, "intervals for %v", coverage)
			}
		})
	}
}

func FuzzRun(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4}, 10.0, 3, 2, 0)
	f.Add([]byte{0, 0, 9, 0, 0, 0, 7, 1}, 1e15, 1, 0, 8)
	f.Add([]byte{1, 2, 3}, math.NaN(), 1, 0, 1)
	f.Add([]byte{1, 2, 3}, math.Inf(-1), 1, 4, 6)
	f.Fuzz(func(t *testing.T, steps []byte, last float64, horizon, season, method int) {
		s := forecast.Series{}
		for i, b := range steps {
			s.Demand = append(s.Demand, float64(b))
			if b == 255 {
				s.Unknown = append(s.Unknown, i)
			}
		}
		s.Demand = append(s.Demand, last)
		o := forecast.Options{Horizon: horizon, Season: season, Method: forecast.Method(method)}
		got, err := forecast.Run(s, o)
		if !(last >= 0 && last <= forecast.MaxDemand) {
			require.Error(t, err, "no forecast from what is not demand")
		}
		if err != nil {
			require.Zero(t, got)
			return
		}
		for _, p := range got.Points {
			require.True(t, 0 <= p.Low && p.Low <= p.Mean && p.Mean <= p.High && !math.IsInf(p.High, 0), "%+v", p)
		}
	})
}
