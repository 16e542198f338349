package allocation

import (
	"fmt"
	"math"
	"slices"
)

// Demand is what one order line still wants of one item. Several demands may name the same item; they
// share its stock, and the earlier one in the request is served first.
type Demand struct {
	Line int    // order line number
	Item string // item id
	Qty  int64  // units wanted, positive
}

// Candidate is a location that may serve the request.
type Candidate struct {
	Location  string  // location id, unique among the candidates
	Priority  int     // smaller is preferred
	At        *Point  // where it is, nil if unknown
	Available []int64 // units it may give of each item, in the order of Request.Items
}

// Request is everything a strategy may look at. Build it with [NewRequest] and [Request.Add], or fill
// the fields directly; the rows of Available may then be parts of one array.
type Request struct {
	Demands      []Demand    // a kit line may demand several items: (Line, Item) is unique
	Items        []string    // the columns of Candidate.Available: every demanded item once, others are ignored
	Candidates   []Candidate // in any order
	Destination  *Point      // where the goods go, nil if unknown
	AllowPartial bool        // false: a plan fills every line in full or assigns nothing at all
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

// Fingerprint identifies what a strategy can see: the demands in their order, the candidates, their
// stock of the demanded items, the destination and whether a partial plan is allowed. The order of
// candidates and of columns does not count. It is empty for an invalid request.
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
	for _, d := range p.Demands {
		var problem string
		switch {
		case d.Qty <= 0:
			problem = fmt.Sprintf("line %d wants %d of %q: demand at least one unit, or leave the line out", d.Line, d.Qty, d.Item)
		case d.Qty > math.MaxInt64-total:
			problem = fmt.Sprintf("the demands up to line %d add up to more than %d units: split the request", d.Line, int64(math.MaxInt64))
		case p.findItem(d.Item) < 0:
			problem = fmt.Sprintf("line %d wants %q, which is not in Items: give it a column, of zeros if nobody has it", d.Line, d.Item)
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
