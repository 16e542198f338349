package exact_test

import (
	"cmp"
	"math/rand/v2"

	"github.com/orderkit/oms/allocation/exact"
)

// oracle finds the optimum by trying every set of locations, and every way to serve from it the lines that
// have one source. It shares no code with the solver and is written from the meaning of the fields.
func oracle(p *exact.Problem) exact.Value {
	o := enumeration{p: p, best: exact.Value{Total: 1 << 62}}
	o.units = make([]int64, len(p.Offers))
	for set := range 1 << len(p.Locations) {
		o.set = set
		o.line(0)
	}
	return o.best
}

type enumeration struct {
	p     *exact.Problem
	set   int
	units []int64
	best  exact.Value
	found bool
}

// line tries what line i can get, given the lines before it.
func (o *enumeration) line(i int) {
	if i == len(o.p.Lines) {
		o.compare()
		return
	}
	l := o.p.Lines[i]
	var offers []int
	for k, offer := range o.p.Offers {
		if int(offer.Line) == i {
			o.units[k] = 0
			if o.set>>offer.Location&1 == 1 && offer.Units > 0 {
				offers = append(offers, k)
			}
		}
	}
	switch {
	case l.Group > 0 || l.NoSplit:
		o.line(i + 1)
		for _, k := range offers {
			x := min(o.p.Offers[k].Units, l.Qty)
			if l.Group > 0 && x < l.Qty {
				continue
			}
			o.units[k] = x
			o.line(i + 1)
			o.units[k] = 0
		}
	default:
		rest := l.Qty
		for len(offers) > 0 {
			best := 0
			for n := range offers {
				if o.p.Offers[offers[n]].UnitCost < o.p.Offers[offers[best]].UnitCost {
					best = n
				}
			}
			k := offers[best]
			offers = append(offers[:best:best], offers[best+1:]...)
			if o.p.Objective == exact.LeastCost && !o.p.ShipComplete && o.p.Offers[k].UnitCost >= l.Penalty {
				continue
			}
			o.units[k] = min(rest, o.p.Offers[k].Units)
			rest -= o.units[k]
		}
		o.line(i + 1)
		for k, offer := range o.p.Offers {
			if int(offer.Line) == i {
				o.units[k] = 0
			}
		}
	}
}

// compare keeps the units if they are allowed and better than the best so far.
func (o *enumeration) compare() {
	v, ok := worth(o.p, o.units)
	if ok && (!o.found || better(o.p.Objective, v, o.best)) {
		o.best, o.found = v, true
	}
}

func better(objective exact.Objective, a, b exact.Value) bool {
	if objective == exact.LeastCost {
		return a.Total < b.Total
	}
	return cmp.Or(cmp.Compare(b.Units, a.Units), cmp.Compare(a.Shipments, b.Shipments), cmp.Compare(a.Cost, b.Cost)) < 0
}

// worth prices units and reports whether every rule allows them.
func worth(p *exact.Problem, units []int64) (v exact.Value, ok bool) {
	filled := make([]int64, len(p.Lines))
	from := make([][]int32, len(p.Lines))
	used := map[int32]bool{}
	for k, x := range units {
		if x == 0 {
			continue
		}
		offer := p.Offers[k]
		if x < 0 || x > offer.Units {
			return v, false
		}
		filled[offer.Line] += x
		from[offer.Line] = append(from[offer.Line], offer.Location)
		used[offer.Location] = true
		v.Units += x
		v.Cost += x * offer.UnitCost
	}
	for j := range used {
		v.Cost += p.Locations[j].Fixed
	}
	v.Shipments = len(used)
	v.Total = v.Cost
	complete := true
	groups := map[int]int32{}
	for i, l := range p.Lines {
		v.Total += (l.Qty - filled[i]) * l.Penalty
		complete = complete && filled[i] == l.Qty
		if filled[i] > l.Qty || (l.NoSplit || l.Group > 0) && len(from[i]) > 1 {
			return v, false
		}
		if l.Group > 0 {
			at := int32(-1)
			if filled[i] > 0 {
				at = from[i][0]
			}
			if filled[i] != 0 && filled[i] != l.Qty {
				return v, false
			}
			if was, seen := groups[l.Group]; seen && was != at {
				return v, false
			}
			groups[l.Group] = at
		}
	}
	if p.MaxShipments > 0 && v.Shipments > p.MaxShipments || p.ShipComplete && v.Units > 0 && !complete {
		return v, false
	}
	return v, true
}

// tinyProblem is a problem that the oracle can solve. Its numbers are small, so that ties, partial stock,
// lines that nobody has and credits are common.
func tinyProblem(r *rand.Rand, lines, locations int, constrained bool) *exact.Problem {
	p := &exact.Problem{Objective: exact.Objective(r.IntN(2))}
	for range 1 + r.IntN(lines) {
		l := exact.Line{Qty: 1, Penalty: int64(r.IntN(60))}
		if r.IntN(3) == 0 {
			l.Qty = 1 + int64(r.IntN(7))
		}
		p.Lines = append(p.Lines, l)
	}
	for range 1 + r.IntN(locations) {
		p.Locations = append(p.Locations, exact.Location{Fixed: int64(r.IntN(40))})
	}
	density := 0.2 + 0.8*r.Float64()
	for i := range p.Lines {
		for j := range p.Locations {
			if r.Float64() < density {
				p.Offers = append(p.Offers, exact.Offer{
					Line: int32(i), Location: int32(j), Units: int64(r.IntN(5)), UnitCost: int64(r.IntN(40) - 4),
				})
			}
		}
	}
	r.Shuffle(len(p.Offers), func(a, b int) { p.Offers[a], p.Offers[b] = p.Offers[b], p.Offers[a] })
	if constrained {
		constrain(r, p)
	}
	return p
}

// constrain adds rules.
func constrain(r *rand.Rand, p *exact.Problem) {
	if r.IntN(2) == 0 {
		p.MaxShipments = 1 + r.IntN(3)
	}
	p.ShipComplete = r.IntN(4) == 0
	for i := range p.Lines {
		switch r.IntN(4) {
		case 0:
			p.Lines[i].NoSplit = true
		case 1:
			p.Lines[i].Group = 1 + r.IntN(len(p.Lines))
		}
	}
}
