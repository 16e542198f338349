package purchasing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orderkit/oms/inventory"
)

// Demand is units of one order line that were sold and wait for stock. It is demand, never
// negative stock: cancelling it frees nothing but what it was promised.
type Demand struct {
	ID       string    `json:"id"`
	Order    string    `json:"order"` // its id
	Line     int       `json:"line"`
	Item     string    `json:"item"`
	Qty      int64     `json:"qty"`                // still waiting
	Priority int64     `json:"priority,omitempty"` // lower goes first
	Since    time.Time `json:"since"`              // of the sale: of the same priority, the earlier goes first
	Promises []Promise `json:"promises,omitempty"` // at most Qty together
	Version  int64     `json:"version"`            // counts the changes; 1 when first saved
}

// Promise is units that a demand is to get from something expected.
type Promise struct {
	Supply string    `json:"supply,omitempty"` // its id; empty for units that are here and only have to be given out
	Qty    int64     `json:"qty"`
	Due    time.Time `json:"due"`
}

// MaxPriority is the priority of demand that goes last.
const MaxPriority = 1023

// CheckPriority refuses a priority that has no place in the queue.
func CheckPriority(p int64) error {
	if p < 0 || p > MaxPriority {
		return fmt.Errorf("%w: %d; must be between 0, which goes first, and %d", ErrPriority, p, MaxPriority)
	}
	return nil
}

// Rank is the place of a demand in its queue: by priority, then by time.
func (d *Demand) Rank() int64 { return d.Priority<<53 | max(0, d.Since.UnixMicro())&(1<<53-1) }

// Promised is the number of units that have a promise.
func (d *Demand) Promised() int64 {
	var sum int64
	for _, p := range d.Promises {
		sum += p.Qty
	}
	return sum
}

// Date is when the last of the units is promised for; false if some have no promise.
func (d *Demand) Date() (time.Time, bool) {
	var last time.Time
	for _, p := range d.Promises {
		if p.Due.After(last) {
			last = p.Due
		}
	}
	return last, d.Qty > 0 && d.Promised() == d.Qty
}

// date is Date, zero if some units have no promise.
func (d *Demand) date() time.Time {
	if last, ok := d.Date(); ok {
		return last
	}
	return time.Time{}
}

// Keep lowers the units of a demand to qty: what it was promised last is given up first,
// and Promised of the supplies it is given up of goes down.
func (d *Demand) Keep(qty int64, supply []inventory.Supply) {
	d.Qty = qty
	d.Promises = slices.Clone(d.Promises)
	for excess := d.Promised() - qty; excess > 0; {
		last := &d.Promises[len(d.Promises)-1]
		q := min(excess, last.Qty)
		for i := range supply {
			if supply[i].ID == last.Supply {
				supply[i].Promised -= q
			}
		}
		excess -= q
		if last.Qty -= q; last.Qty == 0 {
			d.Promises = d.Promises[:len(d.Promises)-1]
		}
	}
}

// Extend promises what is open of the supply, the earliest due first, to the units of a
// queue that have no promise, in the order of the queue. What was promised stays.
func Extend(supply []inventory.Supply, queue []Demand) {
	order := make([]int, len(supply))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(supply[a].Due.Compare(supply[b].Due), strings.Compare(supply[a].ID, supply[b].ID))
	})
	next := 0
	for i := range queue {
		d := &queue[i]
		want := d.Qty - d.Promised()
		for want > 0 && next < len(order) {
			s := &supply[order[next]]
			q := min(want, s.Open())
			if q <= 0 {
				next++
				continue
			}
			s.Promised += q
			want -= q
			d.promise(Promise{Supply: s.ID, Qty: q, Due: s.Due})
		}
	}
}

// promise adds a promise, by date.
func (d *Demand) promise(p Promise) {
	d.Promises = slices.Clone(d.Promises)
	for i := range d.Promises {
		if h := &d.Promises[i]; h.Supply == p.Supply {
			h.Qty += p.Qty
			return
		}
	}
	at, _ := slices.BinarySearchFunc(d.Promises, p, func(a, b Promise) int {
		return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.Supply, b.Supply))
	})
	d.Promises = slices.Insert(d.Promises, at, p)
}

// Rebind makes every promise to a whole queue anew: first of the units that are here and
// only have to be given out, then of the supply, the earliest due first. Whoever is first
// in the queue gets the earliest units.
func Rebind(supply []inventory.Supply, queue []Demand, here int64, now time.Time) {
	for i := range supply {
		supply[i].Promised = 0
	}
	for i := range queue {
		d := &queue[i]
		d.Promises = nil
		if q := min(here, d.Qty); q > 0 {
			here -= q
			d.promise(Promise{Qty: q, Due: now})
		}
	}
	Extend(supply, queue)
}

// PromiseChanged: units that an order waits for are promised for another day, or no more.
type PromiseChanged struct {
	Item     string    `json:"item"`
	Order    string    `json:"order"`
	Line     int       `json:"line"`
	Qty      int64     `json:"qty"`          // that wait
	Promised int64     `json:"promised"`     // of them
	Was      time.Time `json:"was,omitzero"` // when all units were promised for; zero if they were not
	Due      time.Time `json:"due,omitzero"` // when they are now; zero if they are not
}

// Kind is "stock.promise_changed".
func (PromiseChanged) Kind() string { return "stock.promise_changed" }

// Change tells how a promise differs from what it was, if it does. Units that wait less
// and are promised for the same day are no change.
func Change(was, is *Demand) (PromiseChanged, bool) {
	c := PromiseChanged{Item: is.Item, Order: is.Order, Line: is.Line, Qty: is.Qty, Promised: is.Promised(), Was: was.date(), Due: is.date()}
	if is.Qty == 0 || c.Was.Equal(c.Due) {
		return c, false
	}
	return c, true
}

// Same tells whether two states of a demand are to be stored as one.
func (d *Demand) Same(o *Demand) bool {
	return d.Qty == o.Qty && slices.EqualFunc(d.Promises, o.Promises, func(a, b Promise) bool {
		return a.Supply == b.Supply && a.Qty == b.Qty && a.Due.Equal(b.Due)
	})
}

// Supplies are what an order's lines are expected to bring, as far as they can be told from
// the order: who was promised it, and the version, are kept with the supply.
func (f *Flow) Supplies(o *Order) []inventory.Supply {
	out := make([]inventory.Supply, 0, len(o.Lines))
	for i := range o.Lines {
		l := &o.Lines[i]
		s := inventory.Supply{ID: fmt.Sprintf("po/%s/%d", o.ID, l.No), Item: l.Item, Location: l.Location, Due: l.Due, Document: o.Name(), Line: l.No}
		if f.Incoming(o.State) {
			s.Qty = l.Expected()
		}
		out = append(out, s)
	}
	return out
}
