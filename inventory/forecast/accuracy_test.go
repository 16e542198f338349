package forecast_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory/forecast"
)

// figure fails the test where a measure is not defined.
func figure(t *testing.T, measure func() (float64, bool)) float64 {
	t.Helper()
	v, ok := measure()
	require.True(t, ok)
	return v
}

// By hand: the history 2, 4, 3, 7 has steps of 2, 1 and 4, so the naive error is 7/3, and
// squared 21/3 = 7. The forecasts 5, 5, 5 for 6, 5, 1 are wrong by −1, 0 and 4.
func TestMeasuresByHand(t *testing.T) {
	t.Parallel()
	point := forecast.Point{Mean: 5, Low: 2, High: 6}
	a, err := forecast.Measure(series(2, 4, 3, 7), 0, 0.8, []forecast.Point{point, point, point}, series(6, 5, 1))
	require.NoError(t, err)
	require.Equal(t, 3, a.Periods)
	require.InDelta(t, 5.0/12, figure(t, a.WAPE), 1e-12)
	require.InDelta(t, 3.0/12, figure(t, a.Bias), 1e-12)
	require.InDelta(t, (5.0/3)/(7.0/3), figure(t, a.MASE), 1e-12)
	require.InDelta(t, math.Sqrt((17.0/3)/7), figure(t, a.RMSSE), 1e-12)
	require.InDelta(t, 2.0/3, figure(t, a.Coverage), 1e-12)
	// Losses at 0.1 for the bound 2: 0.4, 0.3, and 0.9 for the 1 below it; at 0.9 for the
	// bound 6: 0, 0.1 and 0.5.
	require.InDelta(t, (0.4+0.3+0.9+0+0.1+0.5)/2/3/(7.0/3), figure(t, a.Pinball), 1e-12)

	// With a season of two the steps are 3−2 and 7−4.
	a, err = forecast.Measure(series(2, 4, 3, 7), 2, 0.8, []forecast.Point{point}, series(6, 5, 1))
	require.NoError(t, err)
	require.Equal(t, 1, a.Periods, "as many as there are of both")
	require.InDelta(t, 1/2.0, figure(t, a.MASE), 1e-12)
}

func TestMeasuresLeaveOutWhatNobodyKnows(t *testing.T) {
	t.Parallel()
	history := forecast.Series{Demand: []float64{2, 900, 4, 5}, Unknown: []int{1}}
	actual := forecast.Series{Demand: []float64{900, 7}, Unknown: []int{0}}
	a, err := forecast.Measure(history, 0, 0.8, []forecast.Point{{Mean: 5, High: 9}, {Mean: 5, High: 9}}, actual)
	require.NoError(t, err)
	require.Equal(t, 1, a.Periods)
	require.InDelta(t, 2, figure(t, a.MASE), 1e-12)
	require.InDelta(t, 2.0/7, figure(t, a.WAPE), 1e-12)
}

func TestMeasuresSayWhenTheyAreNotDefined(t *testing.T) {
	t.Parallel()
	a, err := forecast.Measure(series(3, 3, 3), 0, 0.8, []forecast.Point{{Mean: 1, High: 2}}, series(0))
	require.NoError(t, err)
	for name, measure := range map[string]func() (float64, bool){
		"WAPE without demand": a.WAPE, "bias without demand": a.Bias,
		"MASE of a history that never changes": a.MASE, "RMSSE likewise": a.RMSSE, "pinball likewise": a.Pinball,
	} {
		v, ok := measure()
		require.False(t, ok, name)
		require.Zero(t, v, name)
	}
	require.InDelta(t, 1, figure(t, a.Coverage), 0)
	_, ok := forecast.Accuracy{}.Coverage()
	require.False(t, ok)
}

func TestMeasureRefusesBadInput(t *testing.T) {
	t.Parallel()
	good := []forecast.Point{{Mean: 1, High: 2}}
	for name, c := range map[string]struct {
		history, actual forecast.Series
		season          int
		coverage        float64
		points          []forecast.Point
		matches         error
	}{
		"history":     {series(-1), series(1), 0, 0.8, good, forecast.ErrSeries},
		"actual":      {series(1), series(math.NaN()), 0, 0.8, good, forecast.ErrSeries},
		"season":      {series(1), series(1), -1, 0.8, good, forecast.ErrValue},
		"coverage":    {series(1), series(1), 0, 1, good, forecast.ErrValue},
		"no coverage": {series(1), series(1), 0, 0, good, forecast.ErrValue},
		"point":       {series(1), series(1), 0, 0.8, []forecast.Point{{Mean: math.NaN()}}, forecast.ErrValue},
		"bounds":      {series(1), series(1), 0, 0.8, []forecast.Point{{Low: 3, Mean: 2, High: 1}}, forecast.ErrValue},
	} {
		_, err := forecast.Measure(c.history, c.season, c.coverage, c.points, c.actual)
		require.ErrorIs(t, err, c.matches, name)
	}
}

// The backtest of the naive forecast, one period ahead, is its error by definition.
func TestABacktestSumsItsOrigins(t *testing.T) {
	t.Parallel()
	a, err := forecast.Backtest(series(4, 6, 5, 9, 9, 3), forecast.Options{Method: forecast.Naive, Horizon: 1}, 3)
	require.NoError(t, err)
	require.Equal(t, 3, a.Periods)
	require.Equal(t, 4.0+0+6, a.AbsError)
	require.Equal(t, -4.0+0+6, a.Error)
	require.Equal(t, 16.0+36, a.SquaredError)
	// The scales of the three pasts: (2+1)/2, (2+1+4)/3, (2+1+4+0)/4.
	require.InDelta(t, 4/1.5+6/1.75, a.ScaledAbs, 1e-12)
	two, err := forecast.Backtest(series(4, 6, 5, 9, 9, 3), forecast.Options{Method: forecast.Naive, Horizon: 2}, 3)
	require.NoError(t, err)
	require.Equal(t, 5, two.Periods, "the last origin has one period left")
}
