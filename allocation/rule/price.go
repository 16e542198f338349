package rule

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

const day = 24 * time.Hour

// Shipment adds a cost to each shipment from the locations that Where selects, and to each unit in it.
type Shipment struct {
	Where Where `json:"where,omitzero"` // empty: everywhere
	Cost  int64 `json:"cost,omitempty"` // of a shipment
	Unit  int64 `json:"unit,omitempty"` // of a unit
}

// Rates prices shipments by a table: the first rate that fits counts. Locations that none fits are forbidden.
type Rates struct {
	Table []Rate `json:"table"`
}

// Rate is one row of [Rates]: for which shipments, and what they cost. The weight of a unit is that of its
// demand; weights are priced by the gram, rounded up to a minor unit for each unit.
type Rate struct {
	From Where  `json:"from,omitzero"`  // empty: everywhere
	To   Orders `json:"to,omitzero"`    // empty: everywhere
	Km   int64  `json:"km,omitempty"`   // up to this distance; 0: at any
	Cost int64  `json:"cost,omitempty"` // of a shipment
	Unit int64  `json:"unit,omitempty"` // of a unit
	Kilo int64  `json:"kilo,omitempty"` // of a kilogram
}

// Distance adds a cost to each shipment for every 100 km, in proportion and rounded up. A location at an
// unknown distance costs as much as one at the other end of the world.
type Distance struct {
	Per100Km int64 `json:"per_100_km"`
}

// Priority adds a cost to each shipment for every step that its location's priority is behind the best.
type Priority struct {
	Cost int64 `json:"cost"`
}

// HighestStock adds a cost to each shipment for every location that has more of what is wanted.
type HighestStock struct {
	Cost int64 `json:"cost"`
}

// Balance adds a cost to each unit: the share of what its location has of it that the line would take, up to
// the whole cost where it would take all. So what is plentiful goes first.
type Balance struct {
	Cost int64 `json:"cost"`
}

// OldestFirst takes off each unit's cost for every whole day that its item lies at the location.
type OldestFirst struct {
	PerDay  int64 `json:"per_day"`
	MaxDays int64 `json:"max_days"`
}

// Prefer adds a cost to each shipment from locations that Where does not select.
type Prefer struct {
	Where Where `json:"where"`
	Cost  int64 `json:"cost"`
}

// Ranked adds a cost to each shipment for every group that comes before its location's own in the list.
// Locations in none come last.
type Ranked struct {
	Groups []string `json:"groups"`
	Cost   int64    `json:"cost"`
}

// Late adds a cost to each shipment for every day begun between Request.NeedBy and its arrival.
type Late struct {
	PerDay int64 `json:"per_day"`
}

// Earliest adds a cost to each shipment for every day begun between Request.Now and its arrival.
type Earliest struct {
	PerDay int64 `json:"per_day"`
}

// Stay adds a cost to each unit that Request.Previous had from another location, so that a plan changes only
// where that is worth it.
type Stay struct {
	Cost int64 `json:"cost"`
}

// Name is "shipment".
func (Shipment) Name() string { return "shipment" }

// Apply prices.
func (x Shipment) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		if x.Where.match(&s.request.Candidates[j]) {
			s.AddShipment(j, x.Cost)
			s.addUnits(j, x.Unit)
		}
	}
	return nil
}

func (s *Sheet) addUnits(j int, amount int64) {
	for d := range s.request.Demands {
		s.AddUnit(j, d, amount)
	}
}

func (x Shipment) check(path string) error {
	if x.Cost == 0 && x.Unit == 0 {
		return &SetError{Path: path, Problem: "costs nothing: give a cost or a unit cost"}
	}
	return cmp.Or(amount(path+".cost", x.Cost), amount(path+".unit", x.Unit))
}

// maxRate is the highest price in a rule: ten million in a currency with cents.
const maxRate = 1_000_000_000

func amount(path string, v int64) error { return within(path, v, 0, maxRate) }

func positive(path string, v int64) error { return within(path, v, 1, maxRate) }

// Name is "rates".
func (Rates) Name() string { return "rates" }

// Apply looks each location up.
func (x Rates) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		row := slices.IndexFunc(x.Table, func(r Rate) bool {
			meters, known := s.Meters(j)
			return r.From.match(&s.request.Candidates[j]) && r.To.match(s.request) && (r.Km == 0 || known && meters <= r.Km*1000)
		})
		if row < 0 {
			s.Refuse(j, "has no rate to the destination")
			continue
		}
		rate := &x.Table[row]
		s.AddShipment(j, rate.Cost)
		for d := range s.request.Demands {
			grams := s.request.Demands[d].Grams
			if rate.Kilo > 0 && grams > math.MaxInt64/rate.Kilo-1000 {
				return fmt.Errorf("a unit of line %d weighs %d g", s.request.Demands[d].Line, grams)
			}
			s.AddUnit(j, d, rate.Unit+(grams*rate.Kilo+999)/1000)
		}
	}
	return nil
}

func (x Rates) check(path string) error {
	if len(x.Table) == 0 {
		return &SetError{Path: path + ".table", Problem: "has no rates: give at least one"}
	}
	for k, r := range x.Table {
		row := fmt.Sprintf("%s.table[%d]", path, k)
		if err := cmp.Or(within(row+".km", r.Km, 0, 20_100), amount(row+".cost", r.Cost), amount(row+".unit", r.Unit), amount(row+".kilo", r.Kilo)); err != nil {
			return err
		}
	}
	return nil
}

// Name is "distance".
func (Distance) Name() string { return "distance" }

// Apply prices the way.
func (x Distance) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		meters, known := s.Meters(j)
		if !known {
			if s.request.Destination == nil {
				continue // nobody is nearer than another
			}
			meters = 20_100_000
		}
		s.AddShipment(j, (meters*x.Per100Km+99_999)/100_000)
	}
	return nil
}

func (x Distance) check(path string) error { return positive(path+".per_100_km", x.Per100Km) }

// Name is "priority".
func (Priority) Name() string { return "priority" }

// Apply prices the steps.
func (x Priority) Apply(s *Sheet) error {
	for j := range s.request.Candidates { // sorted by priority
		s.AddShipment(j, times(x.Cost, int64(s.request.Candidates[j].Priority)-int64(s.request.Candidates[0].Priority)))
	}
	return nil
}

// times is a product, or more than any sheet takes.
func times(cost, n int64) int64 {
	if n > 2*maxAmount/max(cost, 1) || n < 0 {
		return 2 * maxAmount
	}
	return cost * n
}

func (x Priority) check(path string) error { return positive(path+".cost", x.Cost) }

// Name is "highest_stock".
func (HighestStock) Name() string { return "highest_stock" }

// Apply ranks by units that the order could use or not.
func (x HighestStock) Apply(s *Sheet) error {
	has := make([]int64, len(s.request.Candidates))
	for j := range has {
		for i, item := range s.request.Items {
			if s.wants(item) {
				has[j] += min(s.request.Candidates[j].Available[i], math.MaxInt64/int64(len(s.request.Items))) // the sum fits
			}
		}
	}
	for j := range has {
		var more int64
		for _, other := range has {
			if other > has[j] {
				more++
			}
		}
		s.AddShipment(j, times(x.Cost, more))
	}
	return nil
}

func (s *Sheet) wants(item string) bool {
	for d := range s.request.Demands {
		if s.request.Demands[d].Item == item {
			return true
		}
	}
	return false
}

func (x HighestStock) check(path string) error { return positive(path+".cost", x.Cost) }

// Name is "balance".
func (Balance) Name() string { return "balance" }

// Apply prices the share.
func (x Balance) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		for d := range s.request.Demands {
			has := s.request.Candidates[j].Available[s.item(d)]
			if want := min(s.request.Demands[d].Qty, maxRate); want < has {
				s.AddUnit(j, d, x.Cost*want/has)
			} else {
				s.AddUnit(j, d, x.Cost)
			}
		}
	}
	return nil
}

func (x Balance) check(path string) error { return positive(path+".cost", x.Cost) }

// Name is "oldest_first".
func (OldestFirst) Name() string { return "oldest_first" }

// Apply gives credit for age.
func (x OldestFirst) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		c := &s.request.Candidates[j]
		for d := range s.request.Demands {
			if len(c.Since) == 0 || c.Since[s.item(d)].IsZero() {
				continue
			}
			days := int64(s.request.Now.Sub(c.Since[s.item(d)]) / day)
			s.AddUnit(j, d, -x.PerDay*min(max(days, 0), x.MaxDays))
		}
	}
	return nil
}

func (x OldestFirst) check(path string) error {
	return cmp.Or(within(path+".per_day", x.PerDay, 1, 1_000_000), within(path+".max_days", x.MaxDays, 1, 1_000))
}

// Name is "prefer".
func (Prefer) Name() string { return "prefer" }

// Apply prices the others.
func (x Prefer) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		if !x.Where.match(&s.request.Candidates[j]) {
			s.AddShipment(j, x.Cost)
		}
	}
	return nil
}

func (x Prefer) check(path string) error {
	return cmp.Or(needsWhere(path, &x.Where), positive(path+".cost", x.Cost))
}

// Name is "ranked".
func (Ranked) Name() string { return "ranked" }

// Apply prices the place in the list.
func (x Ranked) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		at := slices.IndexFunc(x.Groups, func(g string) bool { return slices.Contains(s.request.Candidates[j].Groups, g) })
		if at < 0 {
			at = len(x.Groups)
		}
		s.AddShipment(j, times(x.Cost, int64(at)))
	}
	return nil
}

func (x Ranked) check(path string) error {
	if len(x.Groups) == 0 {
		return &SetError{Path: path + ".groups", Problem: "is empty: list groups, the preferred one first"}
	}
	return positive(path+".cost", x.Cost)
}

// Name is "late".
func (Late) Name() string { return "late" }

// Apply prices the delay. Nobody is late who has no date, on either side.
func (x Late) Apply(s *Sheet) error {
	s.addDays(x.PerDay, s.request.NeedBy)
	return nil
}

func (x Late) check(path string) error { return positive(path+".per_day", x.PerDay) }

// Name is "earliest".
func (Earliest) Name() string { return "earliest" }

// Apply prices the wait.
func (x Earliest) Apply(s *Sheet) error {
	s.addDays(x.PerDay, s.request.Now)
	return nil
}

func (x Earliest) check(path string) error { return positive(path+".per_day", x.PerDay) }

// addDays prices the days between a moment and the arrival. A location that nobody knows the arrival of
// costs as much as the latest one.
func (s *Sheet) addDays(cost int64, since time.Time) {
	if since.IsZero() {
		return
	}
	days := make([]int64, len(s.request.Candidates))
	var latest int64
	for j := range days {
		if at := s.request.Candidates[j].ArrivesAt; at.After(since) {
			days[j] = int64((at.Sub(since) + day - 1) / day)
			latest = max(latest, days[j])
		}
	}
	for j := range days {
		if s.request.Candidates[j].ArrivesAt.IsZero() {
			days[j] = latest
		}
		s.AddShipment(j, times(cost, days[j]))
	}
}

// Name is "stay".
func (Stay) Name() string { return "stay" }

// Apply prices the change.
func (x Stay) Apply(s *Sheet) error {
	for d := range s.request.Demands {
		demand := &s.request.Demands[d]
		placed := false
		for _, a := range s.request.Previous {
			placed = placed || a.Line == demand.Line && a.Item == demand.Item
		}
		for j := range s.request.Candidates {
			here := false
			for _, a := range s.request.Previous {
				here = here || a.Line == demand.Line && a.Item == demand.Item && a.Location == s.request.Candidates[j].Location
			}
			if placed && !here {
				s.AddUnit(j, d, x.Cost)
			}
		}
	}
	return nil
}

func (x Stay) check(path string) error { return positive(path+".cost", x.Cost) }
