package retail

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Reference holds totals of the raw rows. It is computed row by row and shares nothing with the plan, so
// that a replay can be checked against it.
type Reference struct {
	Total     Totals
	Months    []Group          // by month of the row, such as 2010-12
	Countries []Group          // by name
	Units     map[string]Units // by item id, services included; adjustments do not count
}

// Group is a named part of the ledger.
type Group struct {
	Name string
	Totals
}

// Totals are the flows of the three kinds of invoices.
type Totals struct {
	Sale, Cancellation, Adjustment Flow
}

// Net is the sum of the three flows: what the books say in the end.
func (t Totals) Net() Flow {
	var net Flow
	for _, f := range []Flow{t.Sale, t.Cancellation, t.Adjustment} {
		net.Lines += f.Lines
		net.Units += f.Units
		net.Exact += f.Exact
		net.Rounded += f.Rounded
	}
	return net
}

// Flow sums rows as the file signs them: cancellations are below zero, and so are the units of write-offs,
// which the file lists among sales.
type Flow struct {
	Lines, Units int64
	Exact        Amount // line totals as they are
	Rounded      Amount // each line total rounded to pence, half away from zero
}

// Units tells what became of one item.
type Units struct {
	Sold       int64  // in sale invoices, credit lines taken off
	Cancelled  int64  // in cancellation invoices, as a number above zero
	WrittenOff int64  // as a number above zero
	Found      int64  // free of charge and for nobody
	Revenue    Amount // sales less cancellations, exact
}

// tally accumulates a reference.
type tally struct {
	total     Totals
	months    map[month]*Totals
	countries map[string]*Totals
	units     map[string]*Units // by stock code as written
}

type month struct {
	year  int
	month time.Month
}

// String returns the month as 2010-12.
func (m month) String() string { return fmt.Sprintf("%04d-%02d", m.year, m.month) }

func newTally() *tally {
	return &tally{months: make(map[month]*Totals), countries: make(map[string]*Totals), units: make(map[string]*Units)}
}

func (t *tally) add(row Row) {
	kind := KindOf(row.Invoice)
	add(&t.total, kind, row)
	year, m, _ := row.At.Date()
	add(entry(t.months, month{year, m}), kind, row)
	add(entry(t.countries, row.Country), kind, row)
	if kind != Adjustment {
		entry(t.units, row.Code).add(kind, row)
	}
}

// entry returns the value of key, made on first use.
func entry[K comparable, V any](m map[K]*V, key K) *V {
	v, ok := m[key]
	if !ok {
		v = new(V)
		m[key] = v
	}
	return v
}

// add books the row as the flow of its kind.
func add(t *Totals, kind Kind, row Row) {
	f := &t.Sale
	switch kind {
	case Cancellation:
		f = &t.Cancellation
	case Adjustment:
		f = &t.Adjustment
	}
	amount := Amount(row.Qty) * row.Price
	f.Lines++
	f.Units += row.Qty
	f.Exact += amount
	f.Rounded += amount.Round()
}

func (u *Units) add(kind Kind, row Row) {
	u.Revenue += Amount(row.Qty) * row.Price
	switch {
	case kind == Cancellation:
		u.Cancelled -= row.Qty
	case row.Price == 0 && row.Qty < 0:
		u.WrittenOff -= row.Qty
	case row.Price == 0 && row.Customer == "":
		u.Found += row.Qty
	default:
		u.Sold += row.Qty
	}
}

// reference names and sorts the groups and joins the spellings of a stock code.
func (t *tally) reference() Reference {
	ref := Reference{Total: t.total, Units: make(map[string]Units, len(t.units))}
	for m, totals := range t.months {
		ref.Months = append(ref.Months, Group{Name: m.String(), Totals: *totals})
	}
	slices.SortFunc(ref.Months, func(x, y Group) int { return cmp.Compare(x.Name, y.Name) })
	for _, country := range slices.Sorted(maps.Keys(t.countries)) {
		ref.Countries = append(ref.Countries, Group{Name: country, Totals: *t.countries[country]})
	}
	for code, u := range t.units {
		id := strings.ToUpper(code)
		sum := ref.Units[id]
		sum.Sold += u.Sold
		sum.Cancelled += u.Cancelled
		sum.WrittenOff += u.WrittenOff
		sum.Found += u.Found
		sum.Revenue += u.Revenue
		ref.Units[id] = sum
	}
	return ref
}
