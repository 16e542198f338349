package allocation

import (
	"fmt"
	"strings"
)

// Validate proves that a plan may be applied to the request, whoever made it: only demands and
// locations of the request, positive quantities, no line served beyond its demand, no unit of any
// location given twice however many lines share it, every shortage stated with its true size, nothing
// assigned if only all or nothing was allowed and not all was found, the capabilities, capacities, whole
// lines and groups that the request asks for, no more promised than arrives, and, if the plan has a
// fingerprint, that of this request. The rules of a strategy are the strategy's own. It returns a [*PlanError], or a [*RequestError] if the request
// itself is not valid. The explanation is not checked.
func Validate(r Request, p Plan) error {
	prob, err := compile(r)
	if err != nil {
		return err
	}
	if p.Fingerprint != "" && !prob.hasFingerprint(p.Fingerprint) {
		return &PlanError{Problem: fmt.Sprintf("it was made for another request (%s): demand or stock changed since, so plan again", p.Fingerprint)}
	}
	if err := prob.checkAssignments(p.Assignments); err != nil {
		return err
	}
	if len(p.Expected) > 0 {
		if err := prob.checkPromises(p); err != nil {
			return err
		}
	}
	if r.AllowPartial || len(p.Unassigned) == 0 {
		return prob.checkShortages(p.Unassigned)
	}
	return prob.checkRefusal(p)
}

// checkAssignments takes the assignments off p.open and off what each location has.
func (p *problem) checkAssignments(assignments []Assignment) error {
	left := make([]int64, len(p.Candidates)*len(p.Items))
	for j := range p.Candidates {
		copy(left[j*len(p.Items):], p.Candidates[j].Available)
	}
	for _, a := range assignments {
		d, j := p.findDemand(a.Line, a.Item), p.findLocation(a.Location)
		var have int64
		var problem string
		switch {
		case d < 0:
			problem = "no such line demands it: assign only what is demanded"
		case j < 0:
			problem = "the location is no candidate: choose among the candidates"
		case a.Qty <= 0:
			problem = "that is nothing to send: assign at least one unit, or leave it out"
		case a.Qty > p.open[d]:
			have = p.open[d]
			problem = fmt.Sprintf("the line needs only %d more: subtract what other locations give", have)
		case a.Qty > left[j*len(p.Items)+p.column[d]]:
			have = left[j*len(p.Items)+p.column[d]]
			problem = fmt.Sprintf("the location has only %d left: subtract what other lines take", have)
		case p.strict && !p.able(d, j):
			problem = fmt.Sprintf("the line needs %s, which the location has not: choose one that has", strings.Join(p.Demands[d].Needs, ", "))
		}
		if problem != "" {
			return &PlanError{Line: a.Line, Item: a.Item, Location: a.Location, Want: a.Qty, Have: have, Problem: fmt.Sprintf(
				"it assigns %d of %s from %s to line %d, but %s", a.Qty, a.Item, a.Location, a.Line, problem)}
		}
		p.open[d] -= a.Qty
		left[j*len(p.Items)+p.column[d]] -= a.Qty
	}
	if p.strict {
		return p.checkStrict(assignments)
	}
	return nil
}

// checkShortages proves that the shortages are exactly what p.open says.
func (p *problem) checkShortages(shortages []Shortage) error {
	for _, s := range shortages {
		d, err := p.findShortage(s)
		if err != nil {
			return err
		}
		found := s.Want - p.open[d]
		if p.open[d] == 0 || s.Have != found {
			return &PlanError{Line: s.Line, Item: s.Item, Want: s.Have, Have: found, Problem: fmt.Sprintf(
				"it reports %d of %d units of %s found for line %d and assigns %d: report what is assigned, once, and only if it is too little",
				s.Have, s.Want, s.Item, s.Line, found)}
		}
		p.open[d] = 0
	}
	for d, demand := range p.Demands {
		if p.open[d] > 0 {
			return &PlanError{Line: demand.Line, Item: demand.Item, Want: demand.Qty, Have: demand.Qty - p.open[d], Problem: fmt.Sprintf(
				"it leaves %d of %s for line %d unassigned and does not say so: list every shortage", p.open[d], demand.Item, demand.Line)}
		}
	}
	return nil
}

// checkRefusal proves that a plan which may not be partial assigns nothing, lists every demand, and
// claims to have found no more than there is, and less than is wanted.
func (p *problem) checkRefusal(plan Plan) error {
	if len(plan.Assignments) > 0 {
		return &PlanError{Problem: "it assigns some units and misses others, and the request allows all or nothing: assign nothing"}
	}
	for i, need := range p.need {
		p.left[i] = p.supply(i, need)
	}
	for _, s := range plan.Unassigned {
		d, err := p.findShortage(s)
		if err != nil {
			return err
		}
		i := p.column[d]
		if p.open[d] == 0 || s.Have < 0 || s.Have > min(p.open[d], p.left[i]) {
			return &PlanError{Line: s.Line, Item: s.Item, Want: s.Have, Have: min(p.open[d], p.left[i]), Problem: fmt.Sprintf(
				"it reports %d of %d units of %s found for line %d, which there are not: report each line once, with what the candidates have",
				s.Have, s.Want, s.Item, s.Line)}
		}
		p.left[i] -= s.Have
		p.open[d] = 0
	}
	for d, demand := range p.Demands {
		if p.open[d] > 0 {
			return &PlanError{Line: demand.Line, Item: demand.Item, Want: demand.Qty, Problem: fmt.Sprintf(
				"it assigns nothing and does not list line %d (%s): list every demand that is held back", demand.Line, demand.Item)}
		}
	}
	if plan.Missing() == 0 {
		return &PlanError{Problem: "it found every unit and assigns none: assign them, or report what is missing"}
	}
	return nil
}

func (p *problem) findShortage(s Shortage) (int, error) {
	d := p.findDemand(s.Line, s.Item)
	if d < 0 {
		return d, &PlanError{Line: s.Line, Item: s.Item, Problem: fmt.Sprintf("it reports a shortage of %s for line %d, which does not demand it: report demands of the request", s.Item, s.Line)}
	}
	if want := p.Demands[d].Qty; s.Want != want {
		return d, &PlanError{Line: s.Line, Item: s.Item, Want: s.Want, Have: want, Problem: fmt.Sprintf("it says line %d wants %d of %s and the request says %d: report the demand as it is", s.Line, s.Want, s.Item, want)}
	}
	return d, nil
}
