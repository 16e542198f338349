package forecast_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/forecast"
)

// berlin changes its clocks on 28 March and 31 October 2021.
func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	return zone
}

func TestSalesFallIntoTheDaysOfTheirPlace(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	from := time.Date(2021, 3, 22, 0, 0, 0, 0, zone) // a Monday; its week has 167 hours
	sales := []forecast.Sale{
		{At: from, Qty: 1},
		{At: time.Date(2021, 3, 28, 23, 59, 59, 0, zone), Qty: 2},
		{At: time.Date(2021, 3, 29, 0, 0, 0, 0, zone), Qty: 4},
		{At: time.Date(2021, 3, 28, 22, 30, 0, 0, time.UTC), Qty: 8}, // half past midnight in Berlin
		{At: time.Date(2021, 4, 4, 23, 0, 0, 0, zone), Qty: 0},
	}
	weeks, err := forecast.Bucket(sales, from, from.AddDate(0, 0, 14), forecast.Week)
	require.NoError(t, err)
	require.Equal(t, forecast.Series{Demand: []float64{3, 12}}, weeks)
	days, err := forecast.Bucket(sales, from, from.AddDate(0, 0, 14), forecast.Day)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 0, 0, 0, 0, 0, 2, 12, 0, 0, 0, 0, 0, 0}, days.Demand)
	fortnight, err := forecast.Bucket(nil, from, from.AddDate(0, 0, 14), 14)
	require.NoError(t, err)
	require.Equal(t, []float64{0}, fortnight.Demand)
}

func TestBucketDropsNothingInSilence(t *testing.T) {
	t.Parallel()
	from := time.Date(2021, 3, 1, 0, 0, 0, 0, time.UTC)
	to := from.AddDate(0, 0, 14)
	one := func(at time.Time, qty int64) []forecast.Sale { return []forecast.Sale{{At: at, Qty: qty}} }
	for name, c := range map[string]struct {
		sales    []forecast.Sale
		from, to time.Time
		period   forecast.Period
		matches  error
		says     string
	}{
		"before":           {one(from.Add(-1), 1), from, to, forecast.Week, forecast.ErrSale, "number 0, 1 units at 2021-02-28T23:59:59Z: it lies outside"},
		"at the end":       {one(to, 1), from, to, forecast.Week, forecast.ErrSale, "it lies outside"},
		"a return":         {one(from, -1), from, to, forecast.Week, forecast.ErrSale, "-1 units"},
		"too many units":   {one(from, inventory.MaxQty+1), from, to, forecast.Week, forecast.ErrSale, "0 to 1000000000000"},
		"part of a week":   {nil, from, to.AddDate(0, 0, 1), forecast.Week, forecast.ErrValue, "whole number of periods of 7 days"},
		"nothing":          {nil, from, from, forecast.Week, forecast.ErrValue, "to is"},
		"backwards":        {nil, to, from, forecast.Week, forecast.ErrValue, "to is"},
		"from at noon":     {nil, from.Add(12 * time.Hour), to, forecast.Week, forecast.ErrValue, "from is"},
		"to at noon":       {nil, from, to.Add(12 * time.Hour), forecast.Week, forecast.ErrValue, "to is"},
		"no period":        {nil, from, to, 0, forecast.ErrValue, "Period is 0"},
		"negative period":  {nil, from, to, -7, forecast.ErrValue, "Period is -7"},
		"too many periods": {nil, from, from.AddDate(3000, 0, 0), forecast.Day, forecast.ErrValue, "at most 100000 periods"},
	} {
		s, err := forecast.Bucket(c.sales, c.from, c.to, c.period)
		require.ErrorIs(t, err, c.matches, name)
		require.ErrorContains(t, err, c.says, name)
		require.Zero(t, s, name)
	}
}

func TestSeriesCountsWhatIsKnown(t *testing.T) {
	t.Parallel()
	s := forecast.Series{Demand: []float64{1, 2, 3}, Unknown: []int{1}}
	require.NoError(t, s.Validate())
	require.Equal(t, 2, s.Known())
}
