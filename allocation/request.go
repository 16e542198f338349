package allocation

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Demand is what one order line still wants of one item. Several demands may name the same item; they
// share its stock, and the earlier one in the request is served first.
type Demand struct {
	Line int    `json:"line"` // order line number
	Item string `json:"item"` // item id
	Qty  int64  `json:"qty"`  // units wanted, positive

	// What every plan has to respect. The zero value asks for nothing.
	Needs    []string `json:"needs,omitempty"`    // capabilities of the locations that may serve it: "hazmat", "cold"
	NoSplit  bool     `json:"no_split,omitempty"` // at most one location serves it
	Together string   `json:"together,omitempty"` // demands of one group come from one location, all in full, or none does

	// What rules reckon with.
	Grams   int64 `json:"grams,omitempty"`   // weight of a unit; 0 if unknown
	Penalty int64 `json:"penalty,omitempty"` // cost of a missing unit in minor units; 0: it is wanted at any cost
}

// Candidate is a location that may serve the request: a warehouse, a shop, a 3PL, a drop-shipping supplier.
type Candidate struct {
	Location  string  `json:"location"`           // location id, unique among the candidates
	Priority  int     `json:"priority,omitempty"` // smaller is preferred
	At        *Point  `json:"at,omitempty"`       // where it is, nil if unknown
	Available []int64 `json:"available"`          // units it may give of each item, in the order of Request.Items

	// What every plan has to respect.
	Has      []string `json:"has,omitempty"`      // its capabilities, which Demand.Needs asks for
	Capacity *int64   `json:"capacity,omitempty"` // most units it may send for this request; nil: no limit

	// What rules reckon with.
	Groups       []string    `json:"groups,omitempty"` // names that rules select it by: "shops", "3pl", "drop-ship"
	Country      string      `json:"country,omitempty"`
	Region       string      `json:"region,omitempty"`
	ArrivesAt    time.Time   `json:"arrives_at,omitzero"`     // when what it sends now is at the destination, see Schedule; zero if unknown
	ShipmentCost int64       `json:"shipment_cost,omitempty"` // of a shipment to the destination, in minor units
	UnitCosts    []int64     `json:"unit_costs,omitempty"`    // of a unit of each item, in the order of Request.Items; nil: none
	Since        []time.Time `json:"since,omitempty"`         // of each item: how long its units lie there; nil if unknown
	Incoming     []Supply    `json:"incoming,omitempty"`      // units on their way to it, which Backorder promises
	Shipping     bool        `json:"shipping,omitempty"`      // a shipment of this order leaves it anyhow, so that one more unit opens none
}

// Supply is units of an item that arrive at a location.
type Supply struct {
	Item string    `json:"item"`
	Qty  int64     `json:"qty"`
	At   time.Time `json:"at"`
}

// Request is everything a strategy may look at. Build it with [NewRequest] and [Request.Add], or fill
// the fields directly; the rows of Available may then be parts of one array.
//
// Money is in whole minor units of one currency, whichever it is. Time is data: Now is what the caller says it is.
type Request struct {
	Demands      []Demand    `json:"demands"`                 // a kit line may demand several items: (Line, Item) is unique
	Items        []string    `json:"items"`                   // the columns of Candidate.Available: every demanded item once, others are ignored
	Candidates   []Candidate `json:"candidates"`              // in any order
	Destination  *Point      `json:"destination,omitempty"`   // where the goods go, nil if unknown
	AllowPartial bool        `json:"allow_partial,omitempty"` // false: a plan fills every line in full or assigns nothing at all

	Channel  string       `json:"channel,omitempty"`  // where it was sold
	Customer string       `json:"customer,omitempty"` // the host's id of the buyer
	Country  string       `json:"country,omitempty"`  // of the destination
	Region   string       `json:"region,omitempty"`   // of the destination
	Now      time.Time    `json:"now,omitzero"`       // when the plan is made
	NeedBy   time.Time    `json:"need_by,omitzero"`   // when the goods have to be there
	Previous []Assignment `json:"previous,omitempty"` // an earlier plan for the same demands that has not been worked on yet
}

// NewRequest is a request for these demands. Its Items are the demanded ones.
func NewRequest(demands ...Demand) Request {
	r := Request{Demands: demands, Items: make([]string, 0, len(demands))}
	for _, d := range demands {
		r.Items = append(r.Items, d.Item)
	}
	slices.Sort(r.Items)
	r.Items = slices.Compact(r.Items)
	return r
}

// Add appends a candidate whose stock is given by item id. Items that nobody demands are ignored,
// items that stock does not name count as zero.
func (r *Request) Add(c Candidate, stock map[string]int64) {
	c.Available = make([]int64, len(r.Items))
	for i, item := range r.Items {
		c.Available[i] = stock[item]
	}
	r.Candidates = append(r.Candidates, c)
}

// Validate reports the first reason why the request cannot be planned, as a [*RequestError].
// A request without demands is fine: its plan is empty.
func (r Request) Validate() error {
	_, err := compile(r)
	return err
}

// Fingerprint identifies what a strategy can see: every field of the request, of its demands in their
// order and of its candidates, and the stock of the demanded items. The order of candidates, of columns,
// of capabilities and of groups does not count. It is empty for an invalid request.
func (r Request) Fingerprint() string {
	p, err := compile(r)
	if err != nil {
		return ""
	}
	return p.fingerprint()
}

func (p *problem) check() error {
	if err := p.checkItems(); err != nil {
		return err
	}
	if err := p.checkDemands(); err != nil {
		return err
	}
	if d := p.Destination; d != nil && !d.valid() {
		return &RequestError{Problem: fmt.Sprintf("the destination (%v, %v) is no place on earth: give degrees, latitude first", d.Lat, d.Lng)}
	}
	if p.known {
		if err := p.checkPrevious(); err != nil {
			return err
		}
	}
	return p.checkCandidates()
}

func (p *problem) checkItems() error {
	for k, i := range p.byItem {
		item := p.Items[i]
		if item == "" {
			return &RequestError{Problem: "Items holds an empty item id: name every item"}
		}
		if k > 0 && p.Items[p.byItem[k-1]] == item {
			return &RequestError{Item: item, Problem: fmt.Sprintf("item %s is listed twice in Items: give it one column", item)}
		}
	}
	return nil
}

func (p *problem) checkDemands() error {
	var total int64
	for i := range p.Demands {
		d := &p.Demands[i]
		var problem string
		switch {
		case d.Qty <= 0:
			problem = fmt.Sprintf("line %d wants %d of %q: demand at least one unit, or leave the line out", d.Line, d.Qty, d.Item)
		case d.Qty > math.MaxInt64-total:
			problem = fmt.Sprintf("the demands up to line %d add up to more than %d units: split the request", d.Line, int64(math.MaxInt64))
		case p.findItem(d.Item) < 0:
			problem = fmt.Sprintf("line %d wants %q, which is not in Items: give it a column, of zeros if nobody has it", d.Line, d.Item)
		case p.known:
			problem = d.problem()
		}
		if problem != "" {
			return &RequestError{Line: d.Line, Item: d.Item, Qty: d.Qty, Problem: problem}
		}
		total += d.Qty
	}
	for k := 1; k < len(p.byLine); k++ {
		d := p.Demands[p.byLine[k]]
		if compareDemands(p.Demands[p.byLine[k-1]], d) == 0 {
			return &RequestError{Line: d.Line, Item: d.Item, Problem: fmt.Sprintf("line %d demands %s twice: add the quantities up", d.Line, d.Item)}
		}
	}
	return nil
}

func (p *problem) checkCandidates() error {
	for k, j := range p.byLocation {
		c := &p.Candidates[j]
		var problem string
		switch {
		case c.Location == "":
			problem = "a candidate has an empty location id: name every location"
		case k > 0 && p.Candidates[p.byLocation[k-1]].Location == c.Location:
			problem = fmt.Sprintf("location %s is a candidate twice: list it once", c.Location)
		case c.At != nil && !c.At.valid():
			problem = fmt.Sprintf("location %s is at (%v, %v), which is no place on earth: give degrees, latitude first, or nil", c.Location, c.At.Lat, c.At.Lng)
		case len(c.Available) != len(p.Items):
			problem = fmt.Sprintf("location %s gives stock of %d items and the request lists %d: Available follows the order of Items", c.Location, len(c.Available), len(p.Items))
		case p.known:
			problem = p.candidateProblem(c)
		}
		if problem != "" {
			return &RequestError{Location: c.Location, Problem: problem}
		}
		for i, qty := range c.Available {
			if qty < 0 {
				return &RequestError{Location: c.Location, Item: p.Items[i], Qty: qty, Problem: fmt.Sprintf(
					"location %s has %d of %s: what is available is never below zero", c.Location, qty, p.Items[i])}
			}
		}
	}
	return nil
}
