package allocation

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// Verdict is what became of a candidate. A host's own strategy may use words of its own.
type Verdict string

// The verdicts of the standard strategies.
const (
	Chosen    Verdict = "chosen"     // sends units
	Withheld  Verdict = "withheld"   // could send units, but not all was found and only all or nothing is allowed
	NotNeeded Verdict = "not needed" // has demanded items, which others send
	NoStock   Verdict = "no stock"   // has none of the demanded items
	Refused   Verdict = "refused"    // a rule forbids it
)

// Criterion is what one location, or one set of locations, is preferred to another for.
type Criterion string

// The criteria of the standard strategies, in the order in which they apply.
const (
	ByDistance Criterion = "distance"
	ByPriority Criterion = "priority"
	ByLocation Criterion = "location id"
)

// Consideration is what a strategy saw in one candidate and decided about it.
type Consideration struct {
	Location       string     `json:"location"`
	Verdict        Verdict    `json:"verdict"`
	Units          int64      `json:"units,omitempty"`           // units it sends, or could have sent if withheld
	Priority       int        `json:"priority,omitempty"`        // Candidate.Priority
	DistanceMeters *float64   `json:"distance_meters,omitempty"` // from the destination; nil if unknown or if distance played no part
	TieBreak       Criterion  `json:"tie_break,omitempty"`       // what put it behind the location before it, if the leading criterion left them level
	Reason         string     `json:"reason,omitempty"`          // why, where the verdict alone does not say it
	Judgement      *Judgement `json:"judgement,omitempty"`       // what the rules of a rule set say about it; nil for other strategies
}

// Attempt is one strategy that [FirstOf] or [Fallback] asked.
type Attempt struct {
	Strategy string `json:"strategy"`
	Missing  int64  `json:"missing,omitempty"` // units it could not find
}

// Explanation holds the facts behind a plan; String turns them into text.
type Explanation struct {
	Rule       string          `json:"rule,omitempty"`       // how the strategy chooses, in a few words
	Considered []Consideration `json:"considered,omitempty"` // every candidate once, in the order of preference
	TieBreak   Criterion       `json:"tie_break,omitempty"`  // what decided between sets of locations that were equally good by number; empty if only one was seen
	Proven     bool            `json:"proven,omitempty"`     // a search ruled out every better plan; a strategy that does not search proves nothing
	Tried      []Attempt       `json:"tried,omitempty"`      // what FirstOf asked before it settled, or what Fallback asked in turn
	Nodes      int             `json:"nodes,omitempty"`      // sets and part sets of locations that were looked at; 0 if there was no search
	AtLeast    int             `json:"at_least,omitempty"`   // no plan covers as many units from fewer locations than this; 0 if there was no search
}

// String lists the candidates in the order of preference, each with its verdict, distance, reason
// and tie-break.
func (e Explanation) String() string { return e.text(nil, minorUnits) }

// Explain tells who made the plan, what it fills, what each location sends or why it does not, and
// what is short. Amounts are whole minor units.
func (p Plan) Explain() string { return p.ExplainIn(minorUnits) }

// ExplainIn is Explain with amounts as the caller writes them: 490 as "4.90 €".
func (p Plan) ExplainIn(money func(minor int64) string) string {
	var b strings.Builder
	var units int64
	sends := make(map[string][]string)
	for _, a := range p.Assignments {
		units += a.Qty
		sends[a.Location] = append(sends[a.Location], fmt.Sprintf("%d %s (line %d)", a.Qty, a.Item, a.Line))
	}
	switch {
	case p.Complete():
		fmt.Fprintf(&b, "%s: all %s from %s\n", p.Strategy, count(units, "unit"), count(int64(len(sends)), "location"))
	case units == 0:
		fmt.Fprintf(&b, "%s: nothing assigned, %s missing\n", p.Strategy, count(p.Missing(), "unit"))
	default:
		fmt.Fprintf(&b, "%s: %s from %s, %d missing\n", p.Strategy, count(units, "unit"), count(int64(len(sends)), "location"), p.Missing())
	}
	if p.Proof != nil {
		p.Proof.text(&b, money)
	}
	b.WriteString(p.Explanation.text(sends, money))
	for _, s := range p.Unassigned {
		if s.Missing() > 0 {
			fmt.Fprintf(&b, "short: line %d, %s: %d of %d found\n", s.Line, s.Item, s.Have, s.Want)
		}
	}
	for _, e := range p.Expected {
		fmt.Fprintf(&b, "expected: line %d, %d %s at %s on %s\n", e.Line, e.Qty, e.Item, e.Location, e.At.Format(time.DateOnly))
	}
	return b.String()
}

func (e Explanation) text(sends map[string][]string, money func(int64) string) string {
	var b strings.Builder
	if e.Rule != "" {
		fmt.Fprintf(&b, "rule: %s\n", e.Rule)
	}
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for k, c := range e.Considered {
		fmt.Fprintf(table, "%3d. %s\t%s\tpriority %d\t", k+1, c.Location, c.Verdict, c.Priority)
		if e.knowsDistance() {
			fmt.Fprintf(table, "%s\t", c.distance())
		}
		fmt.Fprintln(table, e.why(k, sends[c.Location], money))
	}
	_ = table.Flush() // a strings.Builder takes every write
	if e.TieBreak != "" {
		fmt.Fprintf(&b, "tie: other sets are as small; %s decided\n", e.TieBreak)
	}
	if e.Nodes > 0 {
		fmt.Fprintf(&b, "search: %s\n", e.search())
	}
	for _, t := range e.Tried {
		fmt.Fprintf(&b, "tried: %s, %s missing\n", t.Strategy, count(t.Missing, "unit"))
	}
	return b.String()
}

func (e Explanation) why(k int, sends []string, money func(int64) string) string {
	c := e.Considered[k]
	var parts []string
	switch {
	case len(sends) > 0:
		parts = append(parts, strings.Join(sends, ", "))
	case c.Units > 0:
		parts = append(parts, count(c.Units, "unit"))
	}
	if c.Reason != "" {
		parts = append(parts, c.Reason)
	}
	if c.Judgement != nil {
		parts = append(parts, c.Judgement.text(c.Verdict, money)...)
	}
	if c.TieBreak != "" && k > 0 {
		parts = append(parts, fmt.Sprintf("level with %s, %s decided", e.Considered[k-1].Location, c.TieBreak))
	}
	return strings.Join(parts, "; ")
}

func (e Explanation) search() string {
	looked := count(int64(e.Nodes), "set") + " of locations looked at"
	if e.Proven {
		return "proven, no better set exists; " + looked
	}
	return fmt.Sprintf("NOT proven, stopped early; at least %s needed, a better set may exist; %s", count(int64(e.AtLeast), "location"), looked)
}

func (e Explanation) knowsDistance() bool {
	for _, c := range e.Considered {
		if c.DistanceMeters != nil {
			return true
		}
	}
	return false
}

func (c Consideration) distance() string {
	switch {
	case c.DistanceMeters == nil:
		return "distance unknown"
	case *c.DistanceMeters < 1000:
		return fmt.Sprintf("%.0f m", *c.DistanceMeters)
	}
	return fmt.Sprintf("%.1f km", *c.DistanceMeters/1000)
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
