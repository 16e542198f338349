package forecast_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory/forecast"
)

// methods are all that can be asked for by name.
var methods = []forecast.Method{
	forecast.Naive, forecast.SeasonalNaive, forecast.SES, forecast.Holt, forecast.DampedHolt, forecast.HoltWinters,
	forecast.HoltWintersMultiplicative, forecast.Croston, forecast.SBA, forecast.TSB,
}

func series(v ...float64) forecast.Series { return forecast.Series{Demand: v} }

func means(f forecast.Forecast) []float64 {
	out := make([]float64, len(f.Points))
	for i, p := range f.Points {
		out[i] = p.Mean
	}
	return out
}

func TestTheNaiveMethodsRepeat(t *testing.T) {
	t.Parallel()
	s := series(3, 5, 9, 4, 6, 10)
	f, err := forecast.Run(s, forecast.Options{Method: forecast.Naive, Horizon: 3})
	require.NoError(t, err)
	require.Equal(t, []float64{10, 10, 10}, means(f))
	f, err = forecast.Run(s, forecast.Options{Method: forecast.SeasonalNaive, Season: 3, Horizon: 4})
	require.NoError(t, err)
	require.Equal(t, []float64{4, 6, 10, 4}, means(f))
}

func TestASeasonHasAGuessForAPlaceNobodyEverSaw(t *testing.T) {
	t.Parallel()
	s := forecast.Series{Demand: []float64{3, 0, 9, 3, 0, 9, 3, 0, 9}, Unknown: []int{1, 4, 7}}
	f, err := forecast.Run(s, forecast.Options{Method: forecast.SeasonalNaive, Season: 3, Horizon: 3})
	require.NoError(t, err)
	require.Equal(t, []float64{3, 6, 9}, means(f))
	s = forecast.Series{Demand: []float64{3, 0, 9, 3, 5, 9, 3, 5, 9}, Unknown: []int{1}}
	f, err = forecast.Run(s, forecast.Options{Method: forecast.SeasonalNaive, Season: 3, Horizon: 3})
	require.NoError(t, err)
	require.Equal(t, []float64{3, 5, 9}, means(f))
	require.Zero(t, f.Deviation)
}

// The error of the naive forecast grows with the square root of the periods, that of the
// seasonal one with the root of the seasons.
func TestTheNaiveIntervalsWidenAsTheirTheorySays(t *testing.T) {
	t.Parallel()
	s := series(1003, 1005, 1009, 1004, 1006, 1010, 1005, 1003, 1011)
	f, err := forecast.Run(s, forecast.Options{Method: forecast.Naive, Horizon: 9})
	require.NoError(t, err)
	require.InDelta(t, 3*(f.Points[0].High-f.Points[0].Mean), f.Points[8].High-f.Points[8].Mean, 1e-9)
	f, err = forecast.Run(s, forecast.Options{Method: forecast.SeasonalNaive, Season: 3, Horizon: 12})
	require.NoError(t, err)
	first := f.Points[0].High - f.Points[0].Mean
	require.InDelta(t, first, f.Points[2].High-f.Points[2].Mean, 1e-9)
	require.InDelta(t, math.Sqrt2*first, f.Points[3].High-f.Points[3].Mean, 1e-9)
	require.InDelta(t, 2*first, f.Points[11].High-f.Points[11].Mean, 1e-9)
}

func TestATrendGoesOnAndADampedOneLevelsOut(t *testing.T) {
	t.Parallel()
	var s forecast.Series
	for i := range 30 {
		s.Demand = append(s.Demand, 100+4*float64(i))
	}
	f, err := forecast.Run(s, forecast.Options{Method: forecast.Holt, Horizon: 50})
	require.NoError(t, err)
	for i, p := range f.Points {
		require.InDelta(t, 100+4*float64(30+i), p.Mean, 1e-6)
	}
	f, err = forecast.Run(s, forecast.Options{Method: forecast.DampedHolt, Horizon: 200})
	require.NoError(t, err)
	require.Greater(t, f.Points[0].Mean, 216.0)
	require.Less(t, f.Points[199].Mean-f.Points[198].Mean, 0.2)
}

func TestAFallingTrendEndsAtZero(t *testing.T) {
	t.Parallel()
	f, err := forecast.Run(series(90, 80, 70, 60, 50, 40, 30, 20, 10), forecast.Options{Method: forecast.Holt, Horizon: 5})
	require.NoError(t, err)
	require.InDelta(t, 0, f.Points[4].Mean, 0)
}

func TestTheForecastOfADyingItemFades(t *testing.T) {
	t.Parallel()
	s := series(0, 3, 0, 0, 4, 0, 2, 0, 0, 3)
	s.Demand = append(s.Demand, make([]float64, 40)...)
	dying, err := forecast.Run(s, forecast.Options{Method: forecast.TSB, Horizon: 1})
	require.NoError(t, err)
	blind, err := forecast.Run(s, forecast.Options{Method: forecast.Croston, Horizon: 1})
	require.NoError(t, err)
	require.Less(t, dying.Points[0].Mean, blind.Points[0].Mean/4, "Croston moves only when something sells")
}

func TestAWeekNobodyKnowsIsNotAWeekWithoutDemand(t *testing.T) {
	t.Parallel()
	for _, m := range append(methods, forecast.Auto) {
		if m == forecast.SeasonalNaive || m == forecast.HoltWinters || m == forecast.HoltWintersMultiplicative {
			continue
		}
		s := series(10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 0, 0)
		told, err := forecast.Run(s, forecast.Options{Method: m, Horizon: 1})
		require.NoError(t, err)
		s.Unknown = []int{10, 11}
		f, err := forecast.Run(s, forecast.Options{Method: m, Horizon: 1})
		require.NoError(t, err)
		require.InDelta(t, 10, f.Points[0].Mean, 0.51, "%v; SBA takes up to 15 %% off", m)
		require.Greater(t, f.Points[0].Mean, told.Points[0].Mean-1e-9, "%v", m)
		s.Demand[10], s.Demand[11] = 700, 3
		same, err := forecast.Run(s, forecast.Options{Method: m, Horizon: 1})
		require.NoError(t, err)
		require.Equal(t, f, same, "%v reads no unknown period", m)
	}
}

func TestAutoFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	season, walk, level := forecast.Series{}, forecast.Series{}, 500.0
	for i := range 96 {
		season.Demand = append(season.Demand, 100+60*math.Sin(float64(i)*math.Pi/6)+5*r.NormFloat64())
		level = max(level+30*r.NormFloat64(), 10)
		walk.Demand = append(walk.Demand, level)
	}
	f, err := forecast.Run(season, forecast.Options{Season: 12, Horizon: 12})
	require.NoError(t, err)
	require.Contains(t, []forecast.Method{forecast.HoltWinters, forecast.HoltWintersMultiplicative, forecast.SeasonalNaive}, f.Method)
	for i, p := range f.Points {
		require.InDelta(t, 100+60*math.Sin(float64(96+i)*math.Pi/6), p.Mean, 15)
	}
	require.NotEmpty(t, f.Trials)
	require.Equal(t, forecast.SES, f.Trials[0].Method, "the one to beat stands first")

	f, err = forecast.Run(walk, forecast.Options{Horizon: 1})
	require.NoError(t, err)
	require.InDelta(t, level, f.Points[0].Mean, 30)

	sparse := series(0, 0, 5, 0, 0, 0, 4, 0, 6, 0, 0, 0, 0, 5, 0, 0, 4, 0, 0, 5)
	f, err = forecast.Run(sparse, forecast.Options{Horizon: 2})
	require.NoError(t, err)
	require.Equal(t, forecast.Intermittent, f.Class)
	require.InDelta(t, 1.45, f.Points[0].Mean, 0.3)
}

func TestAShortHistoryGetsThePlainMethod(t *testing.T) {
	t.Parallel()
	f, err := forecast.Run(series(4, 6, 5), forecast.Options{Horizon: 2, Season: 4})
	require.NoError(t, err)
	require.Equal(t, forecast.SES, f.Method)
	require.Nil(t, f.Trials)
	require.InDelta(t, 5, f.Points[0].Mean, 1)
}

// A rising series would make the naive forecast the best one, but from a few origins
// nobody can tell.
func TestAutoDoesNotChooseByLuck(t *testing.T) {
	t.Parallel()
	var s forecast.Series
	for i := range 13 {
		if i == 12 {
			f, err := forecast.Run(s, forecast.Options{Horizon: 1})
			require.NoError(t, err)
			require.Nil(t, f.Trials)
			require.Equal(t, forecast.SES, f.Method)
		}
		s.Demand = append(s.Demand, 100+10*float64(i))
	}
	f, err := forecast.Run(s, forecast.Options{Horizon: 1})
	require.NoError(t, err)
	require.NotNil(t, f.Trials)
	require.NotEqual(t, forecast.SES, f.Method)
}

func TestNoDemandForecastsNone(t *testing.T) {
	t.Parallel()
	f, err := forecast.Run(series(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), forecast.Options{Horizon: 2})
	require.NoError(t, err)
	require.Equal(t, forecast.NoDemand, f.Class)
	require.Equal(t, []forecast.Point{{}, {}}, f.Points)
}

func TestAForecastCanBeKeptAsJSON(t *testing.T) {
	t.Parallel()
	for _, s := range []forecast.Series{series(5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5), series(1, 7, 3, 0, 0, 9, 2, 4, 1, 1, 3, 8)} {
		f, err := forecast.Run(s, forecast.Options{Horizon: 3})
		require.NoError(t, err)
		text, err := json.Marshal(f)
		require.NoError(t, err)
		var back forecast.Forecast
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, f, back)
	}
}

func TestBadInputIsRefusedWithItsFacts(t *testing.T) {
	t.Parallel()
	good := series(1, 2, 3, 4, 5, 6, 7, 8)
	for name, c := range map[string]struct {
		series  forecast.Series
		options forecast.Options
		matches error
		says    string
	}{
		"not a number":      {series(1, math.NaN(), 3), forecast.Options{Horizon: 1}, forecast.ErrSeries, "period 1 is NaN"},
		"infinite":          {series(1, 2, math.Inf(1)), forecast.Options{Horizon: 1}, forecast.ErrSeries, "period 2 is +Inf"},
		"negative":          {series(-1, 2, 3), forecast.Options{Horizon: 1}, forecast.ErrSeries, "period 0 is -1"},
		"too much":          {series(1, 2, 1.1e15), forecast.Options{Horizon: 1}, forecast.ErrSeries, "period 2 is 1.1e+15"},
		"unknown outside":   {forecast.Series{Demand: []float64{1, 2, 3, 4}, Unknown: []int{4}}, forecast.Options{Horizon: 1}, forecast.ErrSeries, "period 4"},
		"unknown unordered": {forecast.Series{Demand: []float64{1, 2, 3, 4}, Unknown: []int{2, 1}}, forecast.Options{Horizon: 1}, forecast.ErrSeries, "period 1"},
		"unknown twice":     {forecast.Series{Demand: []float64{1, 2, 3, 4}, Unknown: []int{1, 1}}, forecast.Options{Horizon: 1}, forecast.ErrSeries, "period 1"},
		"negative unknown":  {forecast.Series{Demand: []float64{1, 2, 3, 4}, Unknown: []int{-1}}, forecast.Options{Horizon: 1}, forecast.ErrSeries, "period -1"},
		"empty":             {series(), forecast.Options{Horizon: 1}, forecast.ErrShort, "auto needs 3 known periods, there are 0"},
		"short":             {series(1, 2), forecast.Options{Horizon: 1}, forecast.ErrShort, "there are 2"},
		"short for known":   {forecast.Series{Demand: []float64{1, 2, 3}, Unknown: []int{0}}, forecast.Options{Horizon: 1}, forecast.ErrShort, "there are 2"},
		"short for trend":   {series(1, 2, 3, 4), forecast.Options{Horizon: 1, Method: forecast.Holt}, forecast.ErrShort, "Holt needs 5"},
		"short for season":  {good, forecast.Options{Horizon: 1, Season: 4, Method: forecast.HoltWinters}, forecast.ErrShort, "Holt-Winters needs 11"},
		"short for last":    {good, forecast.Options{Horizon: 1, Season: 7, Method: forecast.SeasonalNaive}, forecast.ErrShort, "seasonal naive needs 9"},
		"no horizon":        {good, forecast.Options{}, forecast.ErrValue, "Horizon is 0"},
		"long horizon":      {good, forecast.Options{Horizon: 1 << 60}, forecast.ErrValue, "Horizon"},
		"negative season":   {good, forecast.Options{Horizon: 1, Season: -1}, forecast.ErrValue, "Season is -1"},
		"long season":       {good, forecast.Options{Horizon: 1, Season: 1001}, forecast.ErrValue, "Season is 1001"},
		"no season":         {good, forecast.Options{Horizon: 1, Method: forecast.HoltWinters}, forecast.ErrValue, "Holt-Winters needs a season"},
		"unknown method":    {good, forecast.Options{Horizon: 1, Method: 99}, forecast.ErrValue, "Method is 99"},
		"negative method":   {good, forecast.Options{Horizon: 1, Method: -1}, forecast.ErrValue, "Method is -1"},
		"certain coverage":  {good, forecast.Options{Horizon: 1, Coverage: 1}, forecast.ErrValue, "Coverage is 1"},
		"no coverage":       {good, forecast.Options{Horizon: 1, Coverage: math.NaN()}, forecast.ErrValue, "Coverage is NaN"},
		"zero in percent": {
			series(1, 2, 1, 0, 1, 2, 1, 2), forecast.Options{Horizon: 1, Season: 2, Method: forecast.HoltWintersMultiplicative},
			forecast.ErrSeries, "period 3 is 0: Holt-Winters multiplicative needs demand in every period",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := forecast.Run(c.series, c.options)
			require.ErrorIs(t, err, c.matches)
			require.ErrorContains(t, err, c.says)
			require.Zero(t, f)
			_, err = forecast.Backtest(c.series, c.options, 1)
			require.ErrorIs(t, err, c.matches)
		})
	}
	_, err := forecast.Backtest(good, forecast.Options{Horizon: 1}, 0)
	require.ErrorIs(t, err, forecast.ErrValue)
	_, err = forecast.Backtest(good, forecast.Options{Horizon: 1}, 6)
	require.ErrorIs(t, err, forecast.ErrShort, "the first origin has two periods")
}

func TestClassesFollowTheirCuts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		series forecast.Series
		want   forecast.Class
	}{
		"nothing":        {series(0, 0, 0), forecast.NoDemand},
		"every period":   {series(5, 6, 5, 4), forecast.Smooth},
		"three of four":  {series(5, 6, 0, 4), forecast.Intermittent}, // 4/3 is above 1.32
		"four of five":   {series(5, 6, 0, 4, 5), forecast.Smooth},    // 1.25
		"CV² 0.49":       {series(3, 17), forecast.Erratic},           // deviation 7 of mean 10
		"CV² below":      {series(3.1, 16.9), forecast.Smooth},
		"rare and big":   {series(0, 1, 0, 0, 20, 0, 0, 1), forecast.Lumpy},
		"unknown is not": {forecast.Series{Demand: []float64{5, 0, 6, 0, 5}, Unknown: []int{1, 3}}, forecast.Smooth},
	} {
		got, err := forecast.Classify(c.series)
		require.NoError(t, err)
		require.Equal(t, c.want, got, name)
	}
	_, err := forecast.Classify(series(math.NaN()))
	require.ErrorIs(t, err, forecast.ErrSeries)
	_, err = forecast.Classify(forecast.Series{Demand: []float64{1}, Unknown: []int{0}})
	require.ErrorIs(t, err, forecast.ErrShort)
}

func TestEveryMethodAndClassHasAName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range append(methods, forecast.Auto) {
		seen[m.String()] = true
	}
	for c := forecast.NoDemand; c <= forecast.Lumpy; c++ {
		seen[c.String()] = true
	}
	require.Len(t, seen, len(methods)+1+5)
	require.Equal(t, "Method(-1)", forecast.Method(-1).String())
	require.Equal(t, "Class(9)", forecast.Class(9).String())
}
