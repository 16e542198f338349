package forecast_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/orderkit/oms/inventory/forecast"
)

// Twelve weeks of a T-shirt, and an order to its maker.
func Example() {
	week := forecast.Series{Demand: []float64{52, 47, 61, 55, 49, 58, 44, 63, 51, 57, 48, 60}}
	f, err := forecast.Run(week, forecast.Options{Horizon: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	next := f.Points[0]
	fmt.Printf("%s demand, %s: %.0f next week, most likely %.0f to %.0f\n", f.Class, f.Method, next.Mean, next.Low, next.High)

	policy := forecast.Policy{LeadTime: 3, Review: 1, Service: 0.95, Pack: 12}
	s, err := policy.Reorder(f.Demand(), forecast.Position{OnHand: 120, Incoming: 24, Committed: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("order %d: the reorder point is %d, %d of it safety stock\n", s.Order, s.ReorderPoint, s.Safety)
	// Output:
	// smooth demand, exponential smoothing: 54 next week, most likely 42 to 66
	// order 108: the reorder point is 236, 21 of it safety stock
}

func ExampleRun() {
	s := forecast.Series{
		Demand:  []float64{20, 24, 22, 0, 0, 21, 25, 23, 22, 24},
		Unknown: []int{3, 4}, // the shelf was empty
	}
	f, err := forecast.Run(s, forecast.Options{Horizon: 2, Coverage: 0.8})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, p := range f.Points {
		fmt.Printf("week %d: %.1f, four times of five %.1f to %.1f\n", i+1, p.Mean, p.Low, p.High)
	}

	_, err = forecast.Run(forecast.Series{Demand: []float64{20, 24}}, forecast.Options{Horizon: 2})
	var short *forecast.ShortError
	fmt.Println(errors.As(err, &short), short.Have, short.Need)
	// Output:
	// week 1: 22.6, four times of five 20.5 to 24.8
	// week 2: 22.6, four times of five 20.5 to 24.8
	// true 2 3
}

func ExampleBacktest() {
	s := forecast.Series{Demand: []float64{
		10, 20, 30, 12, 21, 33, 11, 19, 31, 10, 22, 30, 11, 20, 32, 12, 21, 31, 9, 20, 33, 11, 22, 30, 12, 19, 31, 10, 20, 32,
	}}
	for _, m := range []forecast.Method{forecast.SeasonalNaive, forecast.Naive, forecast.Auto} {
		a, err := forecast.Backtest(s, forecast.Options{Method: m, Season: 3, Horizon: 3}, 6)
		if err != nil {
			fmt.Println(err)
			return
		}
		mase, _ := a.MASE()
		wape, _ := a.WAPE()
		fmt.Printf("%-15s MASE %5.2f  WAPE %4.1f %%\n", m, mase, 100*wape)
	}
	// Output:
	// seasonal naive  MASE  0.84  WAPE  6.7 %
	// naive           MASE  5.97  WAPE 47.7 %
	// auto            MASE  0.58  WAPE  4.6 %
}

func ExampleBucket() {
	from := time.Date(2021, 3, 1, 0, 0, 0, 0, time.UTC) // a Monday
	sales := []forecast.Sale{
		{At: from.Add(9 * time.Hour), Qty: 2},
		{At: from.AddDate(0, 0, 6), Qty: 1},
		{At: from.AddDate(0, 0, 16), Qty: 5},
	}
	week, err := forecast.Bucket(sales, from, from.AddDate(0, 0, 21), forecast.Week)
	fmt.Println(week.Demand, err)
	_, err = forecast.Bucket(sales, from, from.AddDate(0, 0, 14), forecast.Week)
	fmt.Println(err)
	// Output:
	// [3 0 5] <nil>
	// forecast: sale refused: number 2, 5 units at 2021-03-17T00:00:00Z: it lies outside the periods
}

func ExampleClassify() {
	for _, demand := range [][]float64{
		{9, 11, 10, 12}, {1, 30, 2, 4}, {0, 0, 5, 0, 6, 0, 0, 5}, {0, 0, 1, 0, 90, 0, 0, 2},
	} {
		class, err := forecast.Classify(forecast.Series{Demand: demand})
		fmt.Println(class, err)
	}
	// Output:
	// smooth <nil>
	// erratic <nil>
	// intermittent <nil>
	// lumpy <nil>
}

func ExampleMeasure() {
	history := forecast.Series{Demand: []float64{10, 12, 11, 13}}
	points := []forecast.Point{{Mean: 12, Low: 9, High: 15}, {Mean: 12, Low: 8, High: 16}}
	a, err := forecast.Measure(history, 0, 0.95, points, forecast.Series{Demand: []float64{11, 17}})
	if err != nil {
		fmt.Println(err)
		return
	}
	wape, _ := a.WAPE()
	coverage, _ := a.Coverage()
	fmt.Printf("wrong by %.0f of %.0f units (%.0f %%), %.0f %% within the interval\n", a.AbsError, a.Demand, 100*wape, 100*coverage)
	// Output:
	// wrong by 6 of 28 units (21 %), 50 % within the interval
}

func ExampleSafetyStock() {
	daily := forecast.Demand{Mean: 5.2, Deviation: 2}
	units, err := forecast.SafetyStock(daily, forecast.Policy{LeadTime: 5, Service: 0.95})
	fmt.Printf("%.1f units, error %v\n", units, err)
	// Output:
	// 7.4 units, error <nil>
}

func ExampleEconomicLot() {
	// 1,000 units a year; an order costs 20.00, and to keep a unit for a year 4.00.
	fmt.Println(forecast.EconomicLot(1000, 20, 4))
	// Output:
	// 100 <nil>
}

func ExamplePosition_Cover() {
	at := forecast.Position{OnHand: 30, Incoming: 100, Committed: 4}
	days, ok := at.Cover(forecast.Demand{Mean: 5.2})
	fmt.Println(days, ok)
	// Output:
	// 5 true
}
