package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms/examples/replay/retail"
	"github.com/orderkit/oms/inventory/forecast"
)

// item is one item of the shop with its weekly demand since its first sale. Weeks before
// that are left out: the shop did not offer it yet.
type item struct {
	id, name string
	demand   forecast.Series
	units    float64
}

// year is the demand of the shop: whole weeks, Monday to Sunday.
type year struct {
	from   time.Time // Monday of the first whole week
	weeks  int
	closed []int  // weeks in which the shop sold nothing at all, of which nobody knows the demand
	items  []item // by units, most first
}

// weekly reads what the shop's customers wanted off its ledger. A cancellation in the
// week of its sale takes its units back, for they were a slip; a later one does not, as
// on the day of a forecast nobody knew of it.
func weekly(ledger *retail.Year, top int) (*year, error) {
	steps := ledger.Steps
	if len(steps) == 0 {
		return nil, errors.New("the ledger has no rows")
	}
	from, to := wholeWeeks(steps[0].At, steps[len(steps)-1].At)
	y := &year{from: from, weeks: int(to.Sub(from) / week)}
	if y.weeks < 1 {
		return nil, errors.New("the ledger holds no whole week")
	}
	sales := map[*retail.Item][]forecast.Sale{}
	open := make([]bool, y.weeks)
	for _, l := range sold(steps) {
		if l.item.Stocked && l.qty > 0 && !l.at.Before(from) && l.at.Before(to) {
			sales[l.item] = append(sales[l.item], forecast.Sale{At: l.at, Qty: l.qty})
			open[l.at.Sub(from)/week] = true
		}
	}
	for i, sells := range open {
		if !sells {
			y.closed = append(y.closed, i)
		}
	}
	for of, dated := range sales {
		series, err := forecast.Bucket(dated, from, to, forecast.Week)
		if err != nil {
			return nil, fmt.Errorf("item %s: %w", of.ID, err)
		}
		y.items = append(y.items, y.item(of, series.Demand))
	}
	slices.SortFunc(y.items, func(a, b item) int {
		return cmp.Or(cmp.Compare(b.units, a.units), cmp.Compare(a.id, b.id))
	})
	y.items = y.items[:min(top, len(y.items))]
	return y, nil
}

// item begins the series of an item with its first sale.
func (y *year) item(of *retail.Item, demand []float64) item {
	begins := slices.IndexFunc(demand, func(v float64) bool { return v > 0 })
	out := item{id: of.ID, name: of.Description, demand: forecast.Series{Demand: demand[begins:]}}
	for _, v := range demand {
		out.units += v
	}
	for _, closed := range y.closed {
		if closed >= begins {
			out.demand.Unknown = append(out.demand.Unknown, closed-begins)
		}
	}
	return out
}

const week = 7 * 24 * time.Hour // the ledger's times are UTC, whose days have 24 hours

// line is a sold line, less what was cancelled in the same week.
type line struct {
	item *retail.Item
	at   time.Time
	qty  int64
}

func sold(steps []retail.Step) []line {
	var lines []line
	first := make(map[string]int, len(steps)) // where the lines of an invoice begin
	for _, step := range steps {
		first[step.Invoice] = len(lines)
		for _, l := range step.Sale {
			lines = append(lines, line{l.Item, step.At, l.Qty})
		}
	}
	for _, step := range steps {
		for _, back := range step.Returns {
			for _, match := range back.Matches {
				sale := &lines[first[match.Invoice]+match.Line]
				if monday(sale.at).Equal(monday(step.At)) {
					sale.qty -= match.Qty
				}
			}
		}
	}
	return lines
}

// wholeWeeks is the span of the weeks that lie wholly between two moments.
func wholeWeeks(first, last time.Time) (from, to time.Time) {
	from = monday(first)
	if first.Weekday() != time.Monday {
		from = from.AddDate(0, 0, 7)
	}
	to = monday(last)
	if last.Weekday() == time.Sunday {
		to = to.AddDate(0, 0, 7)
	}
	return from, to
}

// monday is the midnight with which the week of a moment began.
func monday(t time.Time) time.Time {
	y, m, d := t.Date()
	back := (int(t.Weekday()) + 6) % 7
	return time.Date(y, m, d-back, 0, 0, 0, 0, t.Location())
}
