package allocation

import (
	"fmt"
	"strconv"
	"strings"
)

// Value is what a plan is worth. Money is in minor units.
type Value struct {
	Units     int64 `json:"units"`     // units assigned
	Shipments int   `json:"shipments"` // locations that send
	Cost      int64 `json:"cost"`      // of shipments and units, by the rules; credits lower it
	Penalty   int64 `json:"penalty"`   // of the units that are missing, where demands give one
}

// Proof says how good a plan is, and how that is known.
type Proof struct {
	Objective string `json:"objective"`     // "least_cost" or "most_units"
	Optimal   bool   `json:"optimal"`       // no plan is better
	Value     Value  `json:"value"`         // of this plan
	Bound     Value  `json:"bound"`         // no plan is better than this; that of the plan itself where it is optimal
	Nodes     int    `json:"nodes"`         // steps of the search
	Why       string `json:"why,omitempty"` // why it is not proven
}

// Gap is the amount by which a better plan could be cheaper, penalties included: 0 for an optimal one. It
// is meaningful where the bound has as many units and shipments as the plan.
func (p *Proof) Gap() int64 {
	return max(0, p.Value.Cost+p.Value.Penalty-p.Bound.Cost-p.Bound.Penalty)
}

// Judgement is what a rule set says about one location. Money is in minor units.
type Judgement struct {
	Refusals []Refusal   `json:"refusals,omitempty"` // what rules forbid it
	Terms    []Term      `json:"terms,omitempty"`    // what it costs; if it sends nothing, in the best plan that uses it
	Cost     int64       `json:"cost,omitempty"`     // the sum of Terms
	Instead  *Difference `json:"instead,omitempty"`  // the best plan that uses it, of one that sends nothing; the best plan without it, of one that sends
}

// Refusal is a rule that forbids a location to serve a line.
type Refusal struct {
	Rule   string `json:"rule"`
	Line   int    `json:"line,omitempty"` // 0: every line
	Reason string `json:"reason"`
}

// Term is one part of the cost of a location.
type Term struct {
	Rule   string `json:"rule"`           // who asks for it
	Line   int    `json:"line,omitempty"` // 0: the shipment as such
	Amount int64  `json:"amount"`         // below zero it is a credit
}

// Difference is another plan less the chosen one: what the other choice would have come to.
type Difference struct {
	Missing   int64 `json:"missing"`           // more units missing
	Shipments int   `json:"shipments"`         // more shipments
	Cost      int64 `json:"cost"`              // dearer, penalties included
	AtMost    bool  `json:"at_most,omitempty"` // the search for the other plan ended early: there may be one that is better
}

func minorUnits(minor int64) string { return strconv.FormatInt(minor, 10) }

func (p *Proof) text(b *strings.Builder, money func(int64) string) {
	fmt.Fprintf(b, "cost: %s", money(p.Value.Cost))
	if p.Value.Penalty > 0 {
		fmt.Fprintf(b, ", and %s for what is missing", money(p.Value.Penalty))
	}
	switch {
	case p.Optimal:
		b.WriteString("; proven, no plan is better\n")
	case p.Why != "":
		fmt.Fprintf(b, "; NOT proven: %s\n", p.Why)
	case p.Bound.Units > p.Value.Units || p.Bound.Shipments < p.Value.Shipments && p.Objective == "most_units":
		fmt.Fprintf(b, "; NOT proven: no plan has more than %s from fewer than %s\n",
			count(p.Bound.Units, "unit"), count(int64(p.Bound.Shipments), "location"))
	default:
		fmt.Fprintf(b, "; NOT proven: a better plan could be cheaper by at most %s\n", money(p.Gap()))
	}
}

// text tells the parts of a judgement that the verdict does not.
func (j *Judgement) text(v Verdict, money func(int64) string) []string {
	var parts []string
	for _, r := range j.Refusals {
		on := ""
		if r.Line != 0 {
			on = fmt.Sprintf("line %d: ", r.Line)
		}
		parts = append(parts, fmt.Sprintf("%s%s (%s)", on, r.Reason, r.Rule))
	}
	if v == Chosen {
		parts = append(parts, "costs "+money(j.Cost)+j.terms(money))
	}
	switch {
	case j.Instead == nil:
	case v == Chosen:
		parts = append(parts, "without it "+j.Instead.text(money))
	default:
		parts = append(parts, "with it "+j.Instead.text(money))
	}
	return parts
}

// terms lists the terms by rule, in the order in which the rules speak.
func (j *Judgement) terms(money func(int64) string) string {
	var rules []string
	sums := make(map[string]int64)
	for _, t := range j.Terms {
		if _, seen := sums[t.Rule]; !seen {
			rules = append(rules, t.Rule)
		}
		sums[t.Rule] += t.Amount
	}
	if len(rules) == 0 {
		return ""
	}
	for k, rule := range rules {
		rules[k] = rule + " " + money(sums[rule])
	}
	return " (" + strings.Join(rules, ", ") + ")"
}

func (d *Difference) text(money func(int64) string) string {
	var parts []string
	switch {
	case d.Missing > 0:
		parts = append(parts, count(d.Missing, "more unit")+" missing")
	case d.Missing < 0:
		parts = append(parts, count(-d.Missing, "unit")+" less missing")
	}
	switch {
	case d.Shipments > 0:
		parts = append(parts, count(int64(d.Shipments), "more shipment"))
	case d.Shipments < 0:
		parts = append(parts, count(int64(-d.Shipments), "shipment")+" less")
	}
	switch {
	case d.Cost > 0:
		parts = append(parts, money(d.Cost)+" dearer")
	case d.Cost < 0:
		parts = append(parts, money(-d.Cost)+" cheaper")
	case len(parts) == 0:
		return "as good"
	}
	if d.AtMost {
		parts[0] = "at most " + parts[0]
	}
	return strings.Join(parts, ", ")
}
