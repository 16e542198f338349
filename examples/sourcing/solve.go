package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/orderkit/oms/allocation/exact"
)

// result is one line of the output.
type result struct {
	ID        string  `json:"id"`
	Objective string  `json:"objective"`
	Alloc     [][]int `json:"alloc"` // line, location, units; of a batch order, line, location, units
	Micros    float64 `json:"us"`
	Proven    bool    `json:"proven"`
	Bound     int64   `json:"bound"` // B: no plan costs less; A: none uses fewer shipments
}

// outcome is what the summary needs of one instance.
type outcome struct {
	class  string
	proven bool
	gap    float64 // between plan and bound, in percent of the plan
	micros float64
}

// quick is the time below which a run is repeated, and repeats is how often, so that the time of a
// microsecond is that of the solver and not of a cold cache.
const (
	quick   = 300 * time.Microsecond
	repeats = 5
)

// solveAll solves every instance, writes a result for each and a summary at the end.
func solveAll(all []*instance, opt options, stdout, stderr io.Writer) error {
	var s exact.Solver
	out := json.NewEncoder(stdout)
	var outcomes []outcome
	for _, it := range all {
		if opt.class != "" && it.Class != opt.class {
			continue
		}
		r, gap, err := solveOne(&s, it, opt)
		if err != nil {
			return fmt.Errorf("%s: %w", it.ID, err)
		}
		if err := out.Encode(r); err != nil {
			return err
		}
		outcomes = append(outcomes, outcome{it.Class, r.Proven, gap, r.Micros})
	}
	return summarize(stderr, outcomes)
}

// solveOne solves one instance.
func solveOne(s *exact.Solver, it *instance, opt options) (result, float64, error) {
	r := result{ID: it.ID, Objective: opt.letter(), Alloc: [][]int{}}
	if it.Kind == "batch" {
		return solveBatch(it, opt, r)
	}
	p, err := it.single(opt.objective)
	if err != nil {
		return r, 0, err
	}
	var sol exact.Solution
	var times []time.Duration
	for len(times) == 0 || len(times) < repeats && times[0] < quick {
		limits := within(opt.budget)
		began := time.Now()
		if err := s.Solve(p, limits, &sol); err != nil {
			return r, 0, err
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	r.Micros = float64(times[len(times)/2].Nanoseconds()) / 1000
	for k, x := range sol.Units {
		if x > 0 {
			r.Alloc = append(r.Alloc, []int{int(p.Offers[k].Line), int(p.Offers[k].Location), int(x)})
		}
	}
	r.Proven = sol.Proven()
	return r.bounded(opt, sol.Value, sol.Bound)
}

// bounded adds the bound and the gap: of the total, or of the shipments.
func (r result) bounded(opt options, value, bound exact.Value) (result, float64, error) {
	have, best := value.Total, bound.Total
	if opt.objective == exact.FewestShipments {
		have, best = int64(value.Shipments), int64(bound.Shipments)
	}
	r.Bound = best
	if have <= best {
		return r, 0, nil
	}
	return r, 100 * (1 - float64(best)/float64(have)), nil
}

// solveBatch solves one batch.
func solveBatch(it *instance, opt options, r result) (result, float64, error) {
	b, err := it.batch(opt.objective)
	if err != nil {
		return r, 0, err
	}
	limits := within(opt.budget)
	began := time.Now()
	sol, err := exact.SolveBatch(b, opt.mode, limits)
	if err != nil {
		return r, 0, err
	}
	r.Micros = float64(time.Since(began).Nanoseconds()) / 1000
	for o, units := range sol.Units {
		for k, x := range units {
			if offer := b.Orders[o].Offers[k]; x > 0 {
				r.Alloc = append(r.Alloc, []int{o, int(offer.Line), int(offer.Location), int(x)})
			}
		}
	}
	r.Proven = sol.Proven()
	return r.bounded(opt, sol.Value, sol.Bound)
}

// within is the limit of one run that begins now.
func within(budget time.Duration) exact.Limits {
	if budget == 0 {
		return exact.Limits{}
	}
	began := time.Now()
	return exact.Limits{Spent: func() float64 { return float64(time.Since(began)) / float64(budget) }}
}

// summarize prints proofs, gaps and times by class.
func summarize(w io.Writer, outcomes []outcome) error {
	classes := make(map[string][]outcome)
	var names []string
	for _, o := range outcomes {
		if classes[o.class] == nil {
			names = append(names, o.class)
		}
		classes[o.class] = append(classes[o.class], o)
	}
	_, err := fmt.Fprintf(w, "%-12s %5s %7s  %-26s  %s\n", "class", "n", "proven", "gap % mean / p95 / max", "us p50 / p90 / p99 / max")
	for _, name := range names {
		var gaps, times []float64
		proven, sum := 0, 0.0
		for _, o := range classes[name] {
			gaps, times = append(gaps, o.gap), append(times, o.micros)
			sum += o.gap
			if o.proven {
				proven++
			}
		}
		slices.Sort(gaps)
		slices.Sort(times)
		n := len(gaps)
		if _, err := fmt.Fprintf(w, "%-12s %5d %7d  %7.3f / %6.2f / %6.2f   %.2f / %.2f / %.2f / %.1f\n", name, n, proven,
			sum/float64(n), at(gaps, .95), gaps[n-1], at(times, .5), at(times, .9), at(times, .99), times[n-1]); err != nil {
			return err
		}
	}
	return err
}

// at is the p-quantile of sorted values.
func at(sorted []float64, p float64) float64 {
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
}
