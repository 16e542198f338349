package rule

import (
	"cmp"
	"math"
	"slices"

	"github.com/orderkit/oms/allocation"
)

// maxAmount bounds an amount and a sum of amounts on a sheet, in minor units: what the solver can take.
const maxAmount = 1 << 31

// Sheet is what the rules have to say about one request. Candidates and demands are named by their
// positions in it.
type Sheet struct {
	request *allocation.Request
	meters  []int64 // of each candidate; -1 if unknown

	rule     string // whose turn it is
	soft     *int64 // what a refusal costs instead, inside Soft
	percent  int64  // the weight of what is added, inside Weighted
	refusals []refusal
	refused  []bool   // of each candidate and demand
	fixed    []int64  // of each candidate
	unit     []int64  // of each candidate and demand
	keep     []int64  // of each candidate and item: units that the order may not have
	keeper   []string // of each candidate and item: the rule that keeps them
	terms    []term
	most     int      // shipments; 0: no limit
	complete bool     // all, or nothing
	whole    []bool   // of each demand: it may not be split
	group    []string // of each demand
	tooMuch  string   // the first rule whose amounts left the bounds
	limits   string   // the first rule that limits the plan inside Soft
}

type refusal struct {
	candidate, demand int // demand -1: every one
	rule, reason      string
}

type term struct {
	candidate, demand int // demand -1: the shipment
	rule              string
	amount            int64 // of the shipment, or of one unit
}

func newSheet(r *allocation.Request) *Sheet {
	m, n, k := len(r.Candidates), len(r.Demands), len(r.Items)
	s := &Sheet{
		request: r, percent: 100, meters: make([]int64, m), refused: make([]bool, m*n), fixed: make([]int64, m), unit: make([]int64, m*n),
		keep: make([]int64, m*k), keeper: make([]string, m*k), whole: make([]bool, n), group: make([]string, n), complete: !r.AllowPartial,
	}
	for j := range r.Candidates {
		s.meters[j] = -1
		if at := r.Candidates[j].At; at != nil && r.Destination != nil {
			s.meters[j] = int64(math.Round(allocation.Distance(*r.Destination, *at)))
		}
	}
	for d := range r.Demands {
		s.whole[d], s.group[d] = r.Demands[d].NoSplit, r.Demands[d].Together
	}
	s.rule = "capability"
	for j := range r.Candidates {
		for d := range r.Demands {
			if lacks := r.Candidates[j].Lacks(&r.Demands[d]); lacks != "" {
				s.RefuseLine(j, d, "has not "+lacks)
			}
		}
	}
	s.rule = "capacity"
	for j := range r.Candidates {
		if limit := r.Candidates[j].Capacity; limit != nil && *limit == 0 {
			s.Refuse(j, "is full")
		}
	}
	s.rule = "location"
	for j := range r.Candidates {
		c := &r.Candidates[j]
		s.AddShipment(j, c.ShipmentCost)
		for d := range r.Demands {
			if len(c.UnitCosts) > 0 {
				s.AddUnit(j, d, c.UnitCosts[s.item(d)])
			}
		}
	}
	return s
}

// apply lets a rule speak in its own name, or in that of the rule around it.
func (s *Sheet) apply(r Rule) error {
	outer := s.rule
	s.rule = r.Name()
	err := r.Apply(s)
	s.rule = outer
	return err
}

func (s *Sheet) item(demand int) int {
	return slices.Index(s.request.Items, s.request.Demands[demand].Item)
}

func (s *Sheet) cell(candidate, demand int) int { return candidate*len(s.request.Demands) + demand }

// Request is what is planned. Rules leave it unchanged.
func (s *Sheet) Request() *allocation.Request { return s.request }

// Meters is the distance of a candidate from the destination in whole meters, if both are known.
func (s *Sheet) Meters(candidate int) (meters int64, known bool) {
	return s.meters[candidate], s.meters[candidate] >= 0
}

// Refuse forbids a location. The reason ends the sentence "this location ...".
func (s *Sheet) Refuse(candidate int, reason string) {
	if s.soft != nil {
		s.AddShipment(candidate, *s.soft)
		return
	}
	s.refusals = append(s.refusals, refusal{candidate, -1, s.rule, reason})
	for d := range s.request.Demands {
		s.refused[s.cell(candidate, d)] = true
	}
}

// RefuseLine forbids a location to serve one demand.
func (s *Sheet) RefuseLine(candidate, demand int, reason string) {
	if s.soft != nil {
		s.AddUnit(candidate, demand, *s.soft)
		return
	}
	s.refusals = append(s.refusals, refusal{candidate, demand, s.rule, reason})
	s.refused[s.cell(candidate, demand)] = true
}

// AddShipment adds to the cost of a shipment from a location, in minor units. A location that ships to this
// order anyhow has no such costs.
func (s *Sheet) AddShipment(candidate int, amount int64) {
	amount = s.weigh(amount)
	if amount == 0 || s.request.Candidates[candidate].Shipping {
		return
	}
	s.fixed[candidate] += amount
	s.bound(s.fixed[candidate])
	s.terms = append(s.terms, term{candidate, -1, s.rule, amount})
}

// AddUnit adds to the cost of a unit of a demand from a location, in minor units; below zero it is a credit.
func (s *Sheet) AddUnit(candidate, demand int, amount int64) {
	amount = s.weigh(amount)
	if amount == 0 {
		return
	}
	at := s.cell(candidate, demand)
	s.unit[at] += amount
	s.bound(s.unit[at])
	s.terms = append(s.terms, term{candidate, demand, s.rule, amount})
}

func (s *Sheet) weigh(amount int64) int64 {
	if s.percent == 100 {
		return amount
	}
	s.bound(amount)
	if amount > maxAmount || amount < -maxAmount {
		return 0
	}
	return percentOf(amount, s.percent)
}

// limit notes what has no soft form.
func (s *Sheet) limit() {
	if s.soft != nil && s.limits == "" {
		s.limits = s.rule
	}
}

// bound notes the first rule that asks for more than the solver can take.
func (s *Sheet) bound(sum int64) {
	if (sum > maxAmount || sum < -maxAmount) && s.tooMuch == "" {
		s.tooMuch = s.rule
	}
}

// KeepBack leaves so many units of an item, by its position in the request's Items, at a location. The
// highest of several demands counts.
func (s *Sheet) KeepBack(candidate, item int, units int64) {
	s.limit()
	at := candidate*len(s.request.Items) + item
	if units > s.keep[at] {
		s.keep[at], s.keeper[at] = units, s.rule
	}
}

// LimitShipments allows at most so many locations. The lowest of several limits counts.
func (s *Sheet) LimitShipments(most int) {
	s.limit()
	if s.most == 0 || most < s.most {
		s.most = most
	}
}

// Complete allows nothing but the whole order.
func (s *Sheet) Complete() {
	s.limit()
	s.complete = true
}

// KeepWhole forbids to split a demand over locations.
func (s *Sheet) KeepWhole(demand int) {
	s.limit()
	s.whole[demand] = true
}

// KeepTogether asks that demands come from one location, all in full, or not at all. Groups that share a
// demand become one.
func (s *Sheet) KeepTogether(demands ...int) {
	s.limit()
	if len(demands) == 0 {
		return
	}
	name := "rule " + s.rule
	for _, d := range demands {
		name = cmp.Or(s.group[d], name)
	}
	for _, d := range demands {
		was := s.group[d]
		s.group[d] = name
		for other := range s.group {
			if was != "" && s.group[other] == was {
				s.group[other] = name
			}
		}
	}
}

// available is what a candidate may give to a demand, before lines share it.
func (s *Sheet) available(candidate, demand int) int64 {
	if s.refused[s.cell(candidate, demand)] {
		return 0
	}
	i := s.item(demand)
	return max(0, s.request.Candidates[candidate].Available[i]-s.keep[candidate*len(s.request.Items)+i])
}

// percentOf rounds half away from zero. Both factors are bounded, so the product fits.
func percentOf(amount, percent int64) int64 {
	product := amount * percent
	if product < 0 {
		return (product - 50) / 100
	}
	return (product + 50) / 100
}
