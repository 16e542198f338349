package allocation

// Assignment is a promise: the location sends Qty units of the item for the line.
type Assignment struct {
	Line     int    `json:"line"`
	Item     string `json:"item"`
	Location string `json:"location"`
	Qty      int64  `json:"qty"`
}

// Shortage is a demand that the plan does not fill in full.
//
// Where partial plans are allowed, Have is what the plan assigns to the line. Where they are not,
// nothing is assigned, every demand is listed, and Have is what could have been assigned: lines with
// Have below Want are the cause, the others are only held back.
type Shortage struct {
	Line int    `json:"line"`
	Item string `json:"item"`
	Want int64  `json:"want"` // units demanded
	Have int64  `json:"have"` // units found
}

// Missing is the number of units that were not found.
func (s Shortage) Missing() int64 { return s.Want - s.Have }

// Plan is the answer to a [Request].
type Plan struct {
	Strategy    string       `json:"strategy"`              // who made it: "priority", "nearest", "fewest_shipments", or a host's own name
	Assignments []Assignment `json:"assignments,omitempty"` // by location in the order of preference, then by demand in the order of the request
	Unassigned  []Shortage   `json:"unassigned,omitempty"`  // in the order of the request
	Expected    []Promise    `json:"expected,omitempty"`    // what [Backorder] promises of the unassigned units
	Explanation Explanation  `json:"explanation"`
	Proof       *Proof       `json:"proof,omitempty"`       // how good the plan is; nil if its strategy does not compute that
	Fingerprint string       `json:"fingerprint,omitempty"` // Request.Fingerprint of the request: with the same strategy, the same fingerprint gives the same plan
}

// Complete reports whether every demand is filled.
func (p Plan) Complete() bool { return len(p.Unassigned) == 0 }

// Missing is the number of units, over all lines, that were not found. It is meaningful for a plan
// that passed [Validate].
func (p Plan) Missing() int64 {
	var units int64
	for _, s := range p.Unassigned {
		units += s.Missing()
	}
	return units
}

// walk takes from the candidates in the order of p.rank whatever is still open.
func (p *problem) walk(strategy, rule string) Plan {
	plan := Plan{Strategy: strategy, Fingerprint: p.fingerprint()}
	plan.Explanation.Rule = rule
	plan.Explanation.Considered = make([]Consideration, len(p.rank))
	if len(p.rank) > 0 {
		plan.Assignments = make([]Assignment, 0, len(p.Demands))
	}
	for k, j := range p.rank {
		seen := &plan.Explanation.Considered[k]
		*seen = Consideration{Location: p.Candidates[j].Location, Priority: p.Candidates[j].Priority}
		if p.meters != nil && p.Candidates[j].At != nil {
			seen.DistanceMeters = &p.meters[j]
		}
		plan.Assignments, seen.Units = p.take(plan.Assignments, j)
		switch {
		case seen.Units > 0:
			seen.Verdict = Chosen
		case p.offers(j):
			seen.Verdict, seen.Reason = NotNeeded, "what it could give was already assigned"
		default:
			seen.Verdict, seen.Reason = NoStock, "has none of the items wanted"
		}
	}
	p.settle(&plan)
	return plan
}

// take assigns what candidate j has to the demands that are open. Lines of one item draw on one count.
func (p *problem) take(to []Assignment, j int) (all []Assignment, units int64) {
	c := &p.Candidates[j]
	copy(p.left, c.Available)
	if p.strict {
		return p.takeStrict(to, j)
	}
	for d := range p.Demands {
		i := p.column[d]
		qty := min(p.open[d], p.left[i])
		if qty == 0 {
			continue
		}
		p.open[d] -= qty
		p.left[i] -= qty
		units += qty
		to = append(to, Assignment{Line: p.Demands[d].Line, Item: p.Demands[d].Item, Location: c.Location, Qty: qty})
	}
	return to, units
}

// offers reports whether candidate j has anything that is demanded.
func (p *problem) offers(j int) bool {
	for _, i := range p.column {
		if p.Candidates[j].Available[i] > 0 {
			return true
		}
	}
	return false
}

// settle lists the shortages and, where only all or nothing will do, withdraws the rest.
func (p *problem) settle(plan *Plan) {
	short := 0
	for _, open := range p.open {
		if open > 0 {
			short++
		}
	}
	refused := short > 0 && !p.AllowPartial
	if refused {
		short = len(p.Demands)
		plan.Assignments = nil
		for k := range plan.Explanation.Considered {
			if seen := &plan.Explanation.Considered[k]; seen.Verdict == Chosen {
				seen.Verdict, seen.Reason = Withheld, "the order cannot be filled in full"
			}
		}
	}
	if short == 0 {
		return
	}
	plan.Unassigned = make([]Shortage, 0, short)
	for d, demand := range p.Demands {
		if p.open[d] > 0 || refused {
			plan.Unassigned = append(plan.Unassigned, Shortage{
				Line: demand.Line, Item: demand.Item, Want: demand.Qty, Have: demand.Qty - p.open[d],
			})
		}
	}
}
