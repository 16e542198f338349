package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/orderkit/oms/inventory/forecast"
)

// compared are the methods of the table, the baseline first. Holt-Winters with a season
// in percent is not among them: it needs demand in every week, which few items have.
var compared = []forecast.Method{
	forecast.SeasonalNaive, forecast.Naive, forecast.SES, forecast.Holt, forecast.DampedHolt, forecast.HoltWinters,
	forecast.Croston, forecast.SBA, forecast.TSB, forecast.Auto,
}

// shortest is the least number of known weeks before the first origin; with fewer, even
// the methods that could be fitted would only be guessing.
const shortest = 12

type report struct {
	out  io.Writer
	opt  options
	shop *year
	old  []item // those with enough weeks before the first origin
}

func (r *report) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, format, args...)
}

func (r *report) run() error {
	r.demand()
	need := max(shortest, 2*r.opt.season+3)
	for _, it := range r.shop.items {
		if it.demand.Known() >= need+r.opt.origins {
			r.old = append(r.old, it)
		}
	}
	if len(r.old) == 0 {
		return fmt.Errorf("no item has sold for %d weeks, %d before the first of %d origins: ask for fewer -origins or a shorter -season",
			need+r.opt.origins, need, r.opt.origins)
	}
	r.printf("%-9s %d items, each forecast %s ahead from %s; %d are too new\n\n", "backtest",
		len(r.old), weeks(r.opt.horizon), plural(r.opt.origins, "origin"), len(r.shop.items)-len(r.old))
	results, err := r.backtest()
	if err != nil {
		return err
	}
	chosen, err := r.forecasts()
	if err != nil {
		return err
	}
	r.table(results, chosen)
	r.printf("\n")
	if err := r.orders(); err != nil {
		return err
	}
	r.printf("\n")
	return r.verdict(results)
}

// demand says what is forecast, and which season can be seen in it.
func (r *report) demand() {
	y := r.shop
	r.printf("%-9s %s from Monday %s, of the %d items that sold most\n", "demand", weeks(y.weeks), y.from.Format(time.DateOnly), len(y.items))
	for _, closed := range y.closed {
		r.printf("%-9s week of %s: the shop sold nothing and was closed; its demand is unknown, not zero\n", "", y.from.AddDate(0, 0, 7*closed).Format(time.DateOnly))
	}
	const yearly = 52
	note := ""
	if y.weeks < 2*yearly {
		note = fmt.Sprintf("; a season shows in two of it, so %s can show none of %d", weeks(y.weeks), yearly)
	}
	r.printf("%-9s %s%s\n", "season", weeks(r.opt.season), note)
}

// backtest adds up the accuracy of each method over the items.
func (r *report) backtest() (map[forecast.Method]forecast.Accuracy, error) {
	results := map[forecast.Method]forecast.Accuracy{}
	for _, it := range r.old {
		for _, m := range compared {
			a, err := forecast.Backtest(it.demand, r.options(m), r.opt.origins)
			if err != nil {
				return nil, fmt.Errorf("item %s: %w", it.id, err)
			}
			sum := results[m]
			sum.Add(a)
			results[m] = sum
		}
	}
	return results, nil
}

func (r *report) options(m forecast.Method) forecast.Options {
	return forecast.Options{Method: m, Season: r.opt.season, Horizon: r.opt.horizon}
}

// forecasts counts what Auto chooses for the time after the ledger.
func (r *report) forecasts() (map[forecast.Method]int, error) {
	chosen := map[forecast.Method]int{}
	for _, it := range r.old {
		f, err := forecast.Run(it.demand, r.options(forecast.Auto))
		if err != nil {
			return nil, fmt.Errorf("item %s: %w", it.id, err)
		}
		chosen[f.Method]++
	}
	return chosen, nil
}

// table prints a line for each method. MASE and RMSSE are errors in units of those that
// the seasonal naive forecast made one week ahead in the past of each origin.
func (r *report) table(results map[forecast.Method]forecast.Accuracy, chosen map[forecast.Method]int) {
	const row = "%-22s %7s %7s %7s %7s %7s %9s %7s\n"
	r.printf(row, "method", "MASE", "WAPE", "RMSSE", "bias", "in 95%", "vs naive*", "chosen")
	base, _ := results[forecast.SeasonalNaive].WAPE()
	for _, m := range compared {
		a := results[m]
		wape, ok := a.WAPE()
		gain := "-"
		if ok && base > 0 && m != forecast.SeasonalNaive {
			gain = fmt.Sprintf("%+.1f%%", 100*(wape/base-1))
		}
		count := fmt.Sprint(chosen[m])
		if m == forecast.Auto {
			count = "-"
		}
		r.printf(row, m, number(a.MASE()), percent(a.WAPE()), number(a.RMSSE()), percent(a.Bias()), percent(a.Coverage()), gain, count)
	}
	r.printf("* WAPE against the seasonal naive forecast. chosen: items for which auto takes the method now.\n")
	r.printf("  in 95%%: weeks that fell within the interval meant to hold 95%% of them.\n")
}

// orders prints what the items that sell most need, for a supplier who takes three weeks,
// a look at the stock once a week and a shortage in one of twenty cycles.
func (r *report) orders() error {
	const shown = 8
	policy := forecast.Policy{LeadTime: 3, LeadTimeDeviation: 0.5, Review: 1, Service: 0.95}
	r.printf("%-9s %-22s %-12s %-27s %9s %11s %8s %8s\n", "item", "name", "demand", "method", "per week", "week 1", "safety", "reorder")
	for _, it := range r.old[:min(shown, len(r.old))] {
		f, err := forecast.Run(it.demand, forecast.Options{Season: r.opt.season, Horizon: int(policy.LeadTime + policy.Review)})
		if err != nil {
			return fmt.Errorf("item %s: %w", it.id, err)
		}
		s, err := policy.Reorder(f.Demand(), forecast.Position{})
		if err != nil {
			return fmt.Errorf("item %s: %w", it.id, err)
		}
		p := f.Points[0]
		r.printf("%-9s %-22s %-12s %-27s %9.0f %11s %8d %8d\n", it.id, clip(it.name, 22), f.Class, f.Method, f.Demand().Mean,
			fmt.Sprintf("%.0f-%.0f", p.Low, p.High), s.Safety, s.ReorderPoint)
	}
	r.printf("reorder: the position at which to order, with a lead time of 3 ± 0.5 weeks, weekly review, service 95%%.\n")
	return nil
}

// verdict checks that the automatic choice was worth its trouble.
func (r *report) verdict(results map[forecast.Method]forecast.Accuracy) error {
	auto, base := results[forecast.Auto], results[forecast.SeasonalNaive]
	failed := []string{}
	for _, measure := range []struct {
		name string
		of   func(forecast.Accuracy) (float64, bool)
	}{{"MASE", forecast.Accuracy.MASE}, {"WAPE", forecast.Accuracy.WAPE}} {
		a, known := measure.of(auto)
		b, _ := measure.of(base)
		mark := "✓"
		if !known || a >= b {
			mark = "✗"
			failed = append(failed, measure.name)
		}
		r.printf("%s auto against seasonal naive: %s %.3f against %.3f\n", mark, measure.name, a, b)
	}
	if len(failed) > 0 {
		return fmt.Errorf("the automatic choice does not beat the seasonal naive forecast in %s", strings.Join(failed, " and "))
	}
	return nil
}

func number(v float64, ok bool) string {
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.3f", v)
}

func percent(v float64, ok bool) string {
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*v)
}

func weeks(n int) string { return plural(n, "week") }

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func clip(s string, most int) string {
	if letters := []rune(s); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return s
}
