package allocation

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// known tells whether the request says anything beyond what is wanted and what there is, and whether
// it asks for something that every plan has to respect.
func (r *Request) known() (known, strict bool) {
	known = r.Channel != "" || r.Customer != "" || r.Country != "" || r.Region != "" || !r.Now.IsZero() || !r.NeedBy.IsZero() || len(r.Previous) > 0
	for i := range r.Demands {
		k, s := r.Demands[i].known()
		known, strict = known || k, strict || s
	}
	for i := range r.Candidates {
		k, s := r.Candidates[i].known()
		known, strict = known || k, strict || s
	}
	return known || strict, strict
}

func (d *Demand) known() (known, strict bool) {
	return d.Grams != 0 || d.Penalty != 0, d.NoSplit || d.Together != "" || len(d.Needs) > 0
}

func (c *Candidate) known() (known, strict bool) {
	return len(c.Has) > 0 || len(c.Groups) > 0 || c.Country != "" || c.Region != "" || !c.ArrivesAt.IsZero() ||
		c.ShipmentCost != 0 || len(c.UnitCosts) > 0 || len(c.Since) > 0 || len(c.Incoming) > 0 || c.Shipping, c.Capacity != nil
}

func (d *Demand) problem() string {
	switch {
	case d.Grams < 0:
		return fmt.Sprintf("a unit of line %d weighs %d g: give its weight, or 0 if unknown", d.Line, d.Grams)
	case d.Penalty < 0:
		return fmt.Sprintf("a missing unit of line %d costs %d: a penalty is not below zero", d.Line, d.Penalty)
	case slices.Contains(d.Needs, ""):
		return fmt.Sprintf("line %d needs a capability without a name: name it, or leave it out", d.Line)
	}
	return ""
}

func (p *problem) candidateProblem(c *Candidate) string {
	switch {
	case c.Capacity != nil && *c.Capacity < 0:
		return fmt.Sprintf("location %s has a capacity of %d: 0 if it is full, nil if it has no limit", c.Location, *c.Capacity)
	case c.ShipmentCost < 0:
		return fmt.Sprintf("a shipment from location %s costs %d: a cost is not below zero", c.Location, c.ShipmentCost)
	case len(c.UnitCosts) > 0 && len(c.UnitCosts) != len(p.Items):
		return fmt.Sprintf("location %s gives %d unit costs for %d items: UnitCosts follows the order of Items, or is nil", c.Location, len(c.UnitCosts), len(p.Items))
	case len(c.Since) > 0 && len(c.Since) != len(p.Items):
		return fmt.Sprintf("location %s gives the age of %d items of %d: Since follows the order of Items, or is nil", c.Location, len(c.Since), len(p.Items))
	case slices.Contains(c.Has, "") || slices.Contains(c.Groups, ""):
		return fmt.Sprintf("location %s has a capability or a group without a name: name it, or leave it out", c.Location)
	}
	var sum int64
	for _, s := range c.Incoming {
		if s.Item == "" || s.Qty <= 0 || s.At.IsZero() || sum+s.Qty < sum {
			return fmt.Sprintf("location %s expects %d of %q at %v: incoming supply has an item, units and a time", c.Location, s.Qty, s.Item, s.At)
		}
		sum += s.Qty
	}
	return ""
}

func (p *problem) checkPrevious() error {
	for _, a := range p.Previous {
		if p.findDemand(a.Line, a.Item) < 0 || a.Location == "" || a.Qty <= 0 {
			return &RequestError{Line: a.Line, Item: a.Item, Location: a.Location, Qty: a.Qty, Problem: fmt.Sprintf(
				"the previous plan had %d of %s from %q for line %d: give units of demands of this request, each from a location", a.Qty, a.Item, a.Location, a.Line)}
		}
	}
	return nil
}

// appendFacts appends what the request says beyond what is wanted and what there is.
func (p *problem) appendFacts(b []byte) []byte {
	b = appendString(b, "facts/1")
	for _, text := range [...]string{p.Channel, p.Customer, p.Country, p.Region} {
		b = appendString(b, text)
	}
	b = appendTime(appendTime(b, p.Now), p.NeedBy)
	b = binary.AppendUvarint(b, uint64(len(p.Previous)))
	for _, a := range p.Previous {
		b = binary.AppendVarint(b, int64(a.Line))
		b = appendString(appendString(b, a.Item), a.Location)
		b = binary.AppendVarint(b, a.Qty)
	}
	b = binary.AppendUvarint(b, uint64(len(p.Demands)))
	for i := range p.Demands {
		d := &p.Demands[i]
		known, strict := d.known()
		if b = appendBool(b, known || strict); !known && !strict {
			continue
		}
		b = appendString(appendBool(appendSet(b, d.Needs), d.NoSplit), d.Together)
		b = binary.AppendVarint(binary.AppendVarint(b, d.Grams), d.Penalty)
	}
	b = binary.AppendUvarint(b, uint64(len(p.Candidates)))
	for _, j := range p.byLocation {
		known, strict := p.Candidates[j].known()
		if b = appendBool(b, known || strict); known || strict {
			b = p.appendCandidate(b, &p.Candidates[j])
		}
	}
	return b
}

func (p *problem) appendCandidate(b []byte, c *Candidate) []byte {
	b = appendSet(appendSet(b, c.Has), c.Groups)
	b = appendBool(b, c.Capacity != nil)
	if c.Capacity != nil {
		b = binary.AppendVarint(b, *c.Capacity)
	}
	b = appendString(appendString(b, c.Country), c.Region)
	b = appendBool(appendTime(b, c.ArrivesAt), c.Shipping)
	b = binary.AppendVarint(b, c.ShipmentCost)
	b = appendBool(b, len(c.UnitCosts) > 0)
	for d := range p.Demands {
		if len(c.UnitCosts) > 0 {
			b = binary.AppendVarint(b, c.UnitCosts[p.findItem(p.Demands[d].Item)])
		}
	}
	b = appendBool(b, len(c.Since) > 0)
	for d := range p.Demands {
		if len(c.Since) > 0 {
			b = appendTime(b, c.Since[p.findItem(p.Demands[d].Item)])
		}
	}
	b = binary.AppendUvarint(b, uint64(len(c.Incoming)))
	for _, s := range c.Incoming {
		b = appendTime(binary.AppendVarint(appendString(b, s.Item), s.Qty), s.At)
	}
	return b
}

// appendSet appends names whose order does not count.
func appendSet(b []byte, names []string) []byte {
	if len(names) == 0 {
		return append(b, 0)
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(names)))
	b = binary.AppendUvarint(b, uint64(len(sorted)))
	for _, name := range sorted {
		b = appendString(b, name)
	}
	return b
}

// appendTime appends the moment and its offset, since a rule may ask for the day of the week.
func appendTime(b []byte, t time.Time) []byte {
	_, offset := t.Zone()
	b = binary.AppendVarint(b, t.Unix())
	return binary.AppendVarint(binary.AppendVarint(b, int64(t.Nanosecond())), int64(offset))
}

// able reports whether candidate j has every capability that demand d needs.
func (p *problem) able(d, j int) bool { return p.Candidates[j].Can(&p.Demands[d]) }

// Can reports whether the location has every capability that the demand needs.
func (c *Candidate) Can(d *Demand) bool {
	for _, need := range d.Needs {
		if !slices.Contains(c.Has, need) {
			return false
		}
	}
	return true
}

// Lacks names the capabilities that the demand needs and the location has not, separated by commas.
func (c *Candidate) Lacks(d *Demand) string {
	var lacking []string
	for _, need := range d.Needs {
		if !slices.Contains(c.Has, need) {
			lacking = append(lacking, need)
		}
	}
	return strings.Join(lacking, ", ")
}
