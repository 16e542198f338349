package rule

import (
	"fmt"
	"slices"

	"github.com/orderkit/oms/allocation"
)

// Rule is one law, wish or price. It is a pure function of the request on the sheet.
type Rule interface {
	// Name is what explanations call the rule. It never changes.
	Name() string
	// Apply writes on the sheet what the rule has to say. An error ends the planning.
	Apply(s *Sheet) error
}

// Filter is a rule of the host that forbids.
type Filter struct {
	Called string
	// Refuse returns why the location may not serve the demand, or nothing if it may.
	Refuse func(r *allocation.Request, c *allocation.Candidate, d *allocation.Demand) (reason string)
}

// Name is what the host called it.
func (f Filter) Name() string { return f.Called }

// Apply asks Refuse about every line at every location.
func (f Filter) Apply(s *Sheet) error {
	if f.Called == "" || f.Refuse == nil {
		return fmt.Errorf("a Filter needs a name in Called and a function in Refuse")
	}
	for j := range s.request.Candidates {
		for d := range s.request.Demands {
			if reason := f.Refuse(s.request, &s.request.Candidates[j], &s.request.Demands[d]); reason != "" {
				s.RefuseLine(j, d, reason)
			}
		}
	}
	return nil
}

// Cost is a rule of the host that prices. Either function may be nil.
type Cost struct {
	Called   string
	Shipment func(r *allocation.Request, c *allocation.Candidate) int64                       // of a shipment from the location
	Unit     func(r *allocation.Request, c *allocation.Candidate, d *allocation.Demand) int64 // of a unit of the demand from there; below zero it is a credit
}

// Name is what the host called it.
func (c Cost) Name() string { return c.Called }

// Apply asks both functions about every location.
func (c Cost) Apply(s *Sheet) error {
	if c.Called == "" || c.Shipment == nil && c.Unit == nil {
		return fmt.Errorf("a Cost needs a name in Called and a function in Shipment or Unit")
	}
	for j := range s.request.Candidates {
		if c.Shipment != nil {
			s.AddShipment(j, c.Shipment(s.request, &s.request.Candidates[j]))
		}
		for d := range s.request.Demands {
			if c.Unit != nil {
				s.AddUnit(j, d, c.Unit(s.request, &s.request.Candidates[j], &s.request.Demands[d]))
			}
		}
	}
	return nil
}

// Where selects locations. A list that is empty asks nothing; a location has to satisfy all others.
type Where struct {
	Locations []string `json:"locations,omitempty"` // one of these ids
	Groups    []string `json:"groups,omitempty"`    // in one of these groups
	Countries []string `json:"countries,omitempty"` // in one of these countries
	Regions   []string `json:"regions,omitempty"`   // in one of these regions
	Has       []string `json:"has,omitempty"`       // has all of these capabilities
}

func (w *Where) everywhere() bool {
	return len(w.Locations)+len(w.Groups)+len(w.Countries)+len(w.Regions)+len(w.Has) == 0
}

func (w *Where) match(c *allocation.Candidate) bool {
	for _, need := range w.Has {
		if !slices.Contains(c.Has, need) {
			return false
		}
	}
	return oneOf(w.Locations, c.Location) && oneOf(w.Countries, c.Country) && oneOf(w.Regions, c.Region) &&
		(len(w.Groups) == 0 || slices.ContainsFunc(c.Groups, func(g string) bool { return slices.Contains(w.Groups, g) }))
}

// Orders selects orders. A list that is empty asks nothing; an order has to satisfy all others.
type Orders struct {
	Channels  []string `json:"channels,omitempty"`
	Customers []string `json:"customers,omitempty"`
	Countries []string `json:"countries,omitempty"` // of the destination
	Regions   []string `json:"regions,omitempty"`   // of the destination
	Not       bool     `json:"not,omitempty"`       // select the others instead
}

func (o *Orders) all() bool {
	return len(o.Channels)+len(o.Customers)+len(o.Countries)+len(o.Regions) == 0
}

func (o *Orders) match(r *allocation.Request) bool {
	hit := oneOf(o.Channels, r.Channel) && oneOf(o.Customers, r.Customer) && oneOf(o.Countries, r.Country) && oneOf(o.Regions, r.Region)
	return hit != o.Not
}

func oneOf(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }

// picks tells whether a list of items, empty for all, has an item.
func picks(items []string, item string) bool { return len(items) == 0 || slices.Contains(items, item) }
