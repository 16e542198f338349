package exact

import (
	"fmt"
	"math/big"
)

// UnsoundError says which claim of a solution is false.
type UnsoundError struct {
	Claim string // what the solution says
	Index int    // the offer, line or location that it is about, or -1
	Want  int64  // what holds
	Got   int64  // what the solution says
}

// Error says what is claimed, what holds, and about which offer, line or location.
func (e *UnsoundError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("%v: it claims that %s: want %d, got %d", ErrUnsound, e.Claim, e.Want, e.Got)
	}
	return fmt.Sprintf("%v: it claims that %s: at %d want %d, got %d", ErrUnsound, e.Claim, e.Index, e.Want, e.Got)
}

// Is makes the error match [ErrUnsound].
func (e *UnsoundError) Is(target error) bool { return target == ErrUnsound }

func unsound(claim string, index int, want, got int64) error {
	return &UnsoundError{Claim: claim, Index: index, Want: want, Got: got}
}

// Check repeats, without any search, what can be repeated: that the solution keeps every rule of the
// problem, that its value is what its units cost, that its bound and its proof agree, and that the
// certificate proves what it says. It allocates; it is meant for tests, audits and explanations.
//
// What a search found out about plans that it did not keep cannot be repeated so. A solution with the
// proof [ByPrices] is proven by Check alone.
func Check(p *Problem, s *Solution) error {
	if err := p.Validate(); err != nil {
		return err
	}
	c := checker{p: p, s: s, filled: make([]int64, len(p.Lines)), from: make([]int, len(p.Lines)), used: make([]bool, len(p.Locations))}
	if err := c.units(); err != nil {
		return err
	}
	if err := c.rules(); err != nil {
		return err
	}
	if err := c.groups(); err != nil {
		return err
	}
	if err := c.value(); err != nil {
		return err
	}
	if err := c.bounds(); err != nil {
		return err
	}
	return c.certificate()
}

type checker struct {
	p      *Problem
	s      *Solution
	filled []int64 // of each line
	from   []int   // of each line: the locations that serve it
	used   []bool  // of each location
	cost   int64
	ships  int
}

func (c *checker) units() error {
	if len(c.s.Units) != len(c.p.Offers) {
		return unsound("there is a number of units for each offer", -1, int64(len(c.p.Offers)), int64(len(c.s.Units)))
	}
	for k, x := range c.s.Units {
		o := &c.p.Offers[k]
		switch {
		case x < 0:
			return unsound("units are not below zero", k, 0, x)
		case x > o.Units:
			return unsound("an offer gives what it has", k, o.Units, x)
		case x == 0:
			continue
		}
		c.filled[o.Line] += x
		c.from[o.Line]++
		c.cost += x * o.UnitCost
		if !c.used[o.Location] {
			c.used[o.Location] = true
			c.ships++
			c.cost += c.p.Locations[o.Location].Fixed
		}
	}
	return nil
}

func (c *checker) rules() error {
	complete := true
	for i := range c.p.Lines {
		l := &c.p.Lines[i]
		complete = complete && c.filled[i] == l.Qty
		switch {
		case c.filled[i] > l.Qty:
			return unsound("a line gets what it wants", i, l.Qty, c.filled[i])
		case l.NoSplit && c.from[i] > 1:
			return unsound("a line that may not be split has one location", i, 1, int64(c.from[i]))
		}
	}
	if most := c.p.MaxShipments; most > 0 && c.ships > most {
		return unsound("there are at most so many shipments", -1, int64(most), int64(c.ships))
	}
	if c.p.ShipComplete && !complete && c.ships > 0 {
		return unsound("an order that ships complete ships everything or nothing", -1, 0, int64(c.ships))
	}
	return nil
}

// groups checks that each group is served in full by one location, or not at all.
func (c *checker) groups() error {
	place := make(map[int]int32) // the location of a group, -1 for none
	for i := range c.p.Lines {
		g := c.p.Lines[i].Group
		if g == 0 {
			continue
		}
		at := int32(-1)
		for k, x := range c.s.Units {
			if o := &c.p.Offers[k]; x > 0 && int(o.Line) == i {
				at = o.Location
			}
		}
		if at >= 0 && (c.from[i] > 1 || c.filled[i] < c.p.Lines[i].Qty) {
			return unsound("a line of a group gets all from one location", i, c.p.Lines[i].Qty, c.filled[i])
		}
		if was, seen := place[g]; seen && was != at {
			return unsound("the lines of a group come from one location", i, int64(was), int64(at))
		}
		place[g] = at
	}
	return nil
}

// value checks the arithmetic.
func (c *checker) value() error {
	want := Value{Shipments: c.ships, Cost: c.cost, Total: c.cost}
	for i := range c.p.Lines {
		want.Units += c.filled[i]
		want.Total += (c.p.Lines[i].Qty - c.filled[i]) * c.p.Lines[i].Penalty
	}
	got := c.s.Value
	switch {
	case got.Units != want.Units:
		return unsound("its units are those filled", -1, want.Units, got.Units)
	case got.Shipments != want.Shipments:
		return unsound("its shipments are those made", -1, int64(want.Shipments), int64(got.Shipments))
	case got.Cost != want.Cost:
		return unsound("its cost is that of its units", -1, want.Cost, got.Cost)
	case got.Total != want.Total:
		return unsound("its total is its cost and the penalties", -1, want.Total, got.Total)
	}
	return nil
}

// bounds checks that no bound is passed by the plan itself, and that a proof is claimed where it meets them.
func (c *checker) bounds() error {
	v, b := c.s.Value, c.s.Bound
	met := v.Total == b.Total
	if c.p.Objective == FewestShipments {
		met = v.Units == b.Units && v.Shipments == b.Shipments && v.Cost == b.Cost
		switch {
		case v.Units > b.Units:
			return unsound("no plan fills more units", -1, b.Units, v.Units)
		case v.Units == b.Units && v.Shipments < b.Shipments:
			return unsound("no plan uses fewer shipments", -1, int64(b.Shipments), int64(v.Shipments))
		case v.Units == b.Units && v.Shipments == b.Shipments && v.Cost < b.Cost:
			return unsound("no plan of as few shipments costs less", -1, b.Cost, v.Cost)
		}
	} else if v.Total < b.Total {
		return unsound("no plan costs less", -1, b.Total, v.Total)
	}
	if met != c.s.Proven() {
		return unsound("a proof is claimed if the plan meets its bound, and only then", -1, truth(met), truth(c.s.Proven()))
	}
	if c.s.Proof > ByPrices {
		return unsound("the proof is of a known kind", -1, int64(ByPrices), int64(c.s.Proof))
	}
	return nil
}

// certificate sums what the prices prove. Nothing of the search is used.
func (c *checker) certificate() error {
	p, cert := c.p, &c.s.Certificate
	if len(cert.Prices) == 0 {
		if c.s.Proof == ByPrices && len(p.Lines) > 0 {
			return unsound("a proof by prices has prices", -1, int64(len(p.Lines)), 0)
		}
		return nil
	}
	switch {
	case len(cert.Prices) != len(p.Lines):
		return unsound("there is a price for each line", -1, int64(len(p.Lines)), int64(len(cert.Prices)))
	case cert.Scale < 1 || cert.Scale > 1<<30:
		return unsound("the scale of the prices is a power of two", -1, 1, cert.Scale)
	case cert.Shipment < 0 || cert.Shipment > 0 && p.MaxShipments == 0:
		return unsound("the price of a shipment is above zero only where they are limited", -1, 0, cert.Shipment)
	}
	sum := new(big.Int)
	for i, v := range cert.Prices {
		if most := p.Lines[i].Penalty * cert.Scale; v > most {
			return unsound("a price is at most the penalty", i, most, v)
		}
		addProduct(sum, p.Lines[i].Qty, v)
	}
	slack := make([]*big.Int, len(p.Locations))
	for j := range p.Locations {
		slack[j] = big.NewInt(cert.Shipment)
		addProduct(slack[j], p.Locations[j].Fixed, cert.Scale)
	}
	for k := range p.Offers {
		o := &p.Offers[k]
		if gain := cert.Prices[o.Line] - o.UnitCost*cert.Scale; gain > 0 {
			addProduct(slack[o.Location], -min(o.Units, p.Lines[o.Line].Qty), gain)
		}
	}
	for _, s := range slack {
		if s.Sign() < 0 {
			sum.Add(sum, s)
		}
	}
	addProduct(sum, -int64(p.MaxShipments), cert.Shipment)
	bound := roundUp(sum, cert.Scale)
	switch {
	case bound != cert.Bound:
		return unsound("the prices prove its bound", -1, bound, cert.Bound)
	case bound > c.s.Value.Total:
		return unsound("no plan costs less than the prices prove", -1, bound, c.s.Value.Total)
	case c.s.Proof == ByPrices && bound != c.s.Value.Total:
		return unsound("the prices prove the plan", -1, bound, c.s.Value.Total)
	}
	return nil
}

func addProduct(sum *big.Int, a, b int64) {
	sum.Add(sum, new(big.Int).Mul(big.NewInt(a), big.NewInt(b)))
}

// roundUp is sum/scale rounded up. Sums of a valid certificate are far inside an int64.
func roundUp(sum *big.Int, scale int64) int64 {
	up := new(big.Int).Add(sum, big.NewInt(scale-1))
	return up.Div(up, big.NewInt(scale)).Int64() // Div rounds toward minus infinity for a positive divisor
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
