package forecast_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory/forecast"
)

// twoYears is the weekly demand of one item, with a season of a quarter.
func twoYears() forecast.Series {
	r := rand.New(rand.NewPCG(1, 2))
	var s forecast.Series
	for i := range 104 {
		s.Demand = append(s.Demand, math.Round(50+20*math.Sin(float64(i)*2*math.Pi/13)+10*math.Abs(r.NormFloat64())))
	}
	return s
}

// floor is the least work that answers: the seasonal naive forecast with its intervals,
// written by hand for this one case.
func floor(y []float64, season, horizon int) []forecast.Point {
	sum := 0.0
	for t := season; t < len(y); t++ {
		e := y[t] - y[t-season]
		sum += e * e
	}
	sigma := math.Sqrt(sum / float64(len(y)-season))
	points := make([]forecast.Point, horizon)
	for h := range points {
		mean := y[len(y)-season+h%season]
		half := 1.96 * sigma * math.Sqrt(float64(h/season+1))
		points[h] = forecast.Point{Mean: mean, Low: max(mean-half, 0), High: mean + half}
	}
	return points
}

func floorNanoseconds(s forecast.Series) float64 {
	const rounds = 20_000
	points := 0
	began := time.Now()
	for range rounds {
		points += len(floor(s.Demand, 13, 8))
	}
	return float64(time.Since(began).Nanoseconds()) / float64(points/8)
}

// BenchmarkRun forecasts eight weeks of one item from two years.
func BenchmarkRun(b *testing.B) {
	s := twoYears()
	for _, m := range append([]forecast.Method{forecast.Auto}, methods...) {
		b.Run(m.String(), func(b *testing.B) {
			base := floorNanoseconds(s)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := forecast.Run(s, forecast.Options{Method: m, Season: 13, Horizon: 8}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/base, "x-floor")
		})
	}
}

func BenchmarkReorder(b *testing.B) {
	p := forecast.Policy{LeadTime: 3, LeadTimeDeviation: 1, Review: 1, Service: 0.95, Lot: 50, Pack: 12}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Reorder(forecast.Demand{Mean: 50, Deviation: 12}, forecast.Position{OnHand: 40}); err != nil {
			b.Fatal(err)
		}
	}
}

// The benchmark's floor is the method of that name.
func TestTheFloorIsTheSeasonalNaiveForecast(t *testing.T) {
	t.Parallel()
	s := twoYears()
	f, err := forecast.Run(s, forecast.Options{Method: forecast.SeasonalNaive, Season: 13, Horizon: 30})
	require.NoError(t, err)
	for i, want := range floor(s.Demand, 13, 30) {
		require.InDelta(t, want.Mean, f.Points[i].Mean, 1e-9)
		require.InEpsilon(t, want.High, f.Points[i].High, 1e-4)
	}
}

func TestAForecastAllocatesLittle(t *testing.T) {
	s := twoYears()
	for m, most := range map[forecast.Method]float64{forecast.SES: 8, forecast.HoltWinters: 8, forecast.SBA: 8, forecast.Auto: 400} {
		got := testing.AllocsPerRun(5, func() {
			_, err := forecast.Run(s, forecast.Options{Method: m, Season: 13, Horizon: 8})
			require.NoError(t, err)
		})
		require.LessOrEqual(t, got, most, "%v: a trial of parameters allocates nothing", m)
	}
}
