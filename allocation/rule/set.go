package rule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/orderkit/oms/allocation"
)

// Objective says which of two plans is better.
type Objective string

// The objectives.
const (
	// MostUnits fills the most units, then sends the fewest shipments, then costs the least.
	MostUnits Objective = "most_units"

	// LeastCost costs the least, the penalties of missing units included. A unit whose cheapest way costs
	// more than its penalty stays missing; one without a penalty is wanted at any cost.
	LeastCost Objective = "least_cost"
)

// defaultNodes bounds a search: some hundred milliseconds for an order that needs them.
const defaultNodes = 20_000

// Alternatives are many, and a price that is a little too high for what nobody chose does no harm where it says so.
const (
	alternativeNodes = 100 // most steps of the search for one
	alternativeTries = 200 // about as many searches for all of them
)

// Set is a strategy made of an objective and rules. The zero value fills the most units from the fewest
// locations at the least cost of the locations' own. It must not be changed while it plans; it is safe for
// concurrent use.
type Set struct {
	Called       string    // what plans say made them; "rules" if empty
	Objective    Objective // MostUnits if empty
	Rules        []Rule    // the order plays no part but in explanations
	Alternatives bool      // explain also what using, or not using, each location would have cost: one more search for each location and line, up to some 200
	Nodes        int       // most steps of a search, past which the best plan found is taken, with a bound; 0: 20,000
}

// Exact is a set of rules with an objective.
func Exact(o Objective, rules ...Rule) Set { return Set{Objective: o, Rules: rules} }

// ErrInvalidSet is matched by every [SetError].
var ErrInvalidSet = errors.New("rule: invalid rule set")

// SetError says what is wrong with a rule set, and where. It matches [ErrInvalidSet].
type SetError struct {
	Path    string // "rules[2].cost"; empty for the set as such
	Problem string // what is wrong and what to do about it
}

// Error names the place and the problem.
func (e *SetError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("%v: %s", ErrInvalidSet, e.Problem)
	}
	return fmt.Sprintf("%v: %s: %s", ErrInvalidSet, e.Path, e.Problem)
}

// Is matches [ErrInvalidSet].
func (e *SetError) Is(target error) bool { return target == ErrInvalidSet }

// Validate reports the first thing that is wrong with the set, as a [*SetError].
func (s Set) Validate() error {
	if s.Objective != "" && s.Objective != MostUnits && s.Objective != LeastCost {
		return &SetError{Path: "objective", Problem: fmt.Sprintf("%q is neither %q nor %q", s.Objective, MostUnits, LeastCost)}
	}
	if s.Nodes < 0 {
		return &SetError{Path: "nodes", Problem: fmt.Sprintf("%d steps: give a positive number, or 0 for the default", s.Nodes)}
	}
	return validate("rules", s.Rules)
}

func validate(path string, rules []Rule) error {
	for k, r := range rules {
		if err := check(fmt.Sprintf("%s[%d]", path, k), r); err != nil {
			return err
		}
	}
	return nil
}

// checked is a rule that knows what is wrong with itself.
type checked interface {
	check(path string) error
}

func check(path string, r Rule) error {
	if r == nil {
		return &SetError{Path: path, Problem: "there is no rule: leave it out"}
	}
	if c, ok := r.(checked); ok {
		return c.check(path)
	}
	if r.Name() == "" {
		return &SetError{Path: path, Problem: "the rule has no name: explanations need one"}
	}
	return nil
}

// Plan finds the best plan that the rules allow.
func (s Set) Plan(ctx context.Context, r allocation.Request) (allocation.Plan, error) {
	if err := s.Validate(); err != nil {
		return allocation.Plan{}, err
	}
	return allocation.Func(s.plan).Plan(ctx, r)
}

func (s Set) plan(ctx context.Context, r allocation.Request) (allocation.Plan, error) {
	if err := ctx.Err(); err != nil {
		return allocation.Plan{}, err
	}
	w, err := s.prepare(&r)
	if err != nil {
		return allocation.Plan{}, err
	}
	w.best = w.whole.clone()
	if err := w.solve(ctx, &w.best, w.budget()); err != nil {
		return allocation.Plan{}, err
	}
	return w.plan(ctx)
}

// prepare lets the rules speak and states the problem. It sorts the candidates.
func (s Set) prepare(r *allocation.Request) (*work, error) {
	// What decides between equals is the order in which the solver sees them.
	r.Candidates = slices.Clone(r.Candidates)
	slices.SortFunc(r.Candidates, func(a, b allocation.Candidate) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), strings.Compare(a.Location, b.Location))
	})
	sheet := newSheet(r)
	for _, rule := range s.Rules {
		if err := sheet.apply(rule); err != nil {
			return nil, fmt.Errorf("rule %s: %w", rule.Name(), err)
		}
	}
	if sheet.limits != "" {
		return nil, noSoftForm("", sheet.limits)
	}
	for j, fixed := range sheet.fixed {
		if fixed < 0 {
			return nil, fmt.Errorf("%w: a shipment from %s costs %d by these rules; give credits per unit", ErrAmount, r.Candidates[j].Location, fixed)
		}
	}
	if sheet.tooMuch != "" {
		return nil, fmt.Errorf("%w: rule %s asks for more than %d minor units", ErrAmount, sheet.tooMuch, int64(maxAmount))
	}
	w := &work{Set: s, sheet: sheet, r: r}
	w.build()
	return w, nil
}

// ErrAmount is a cost that the rules add up to and the solver cannot take.
var ErrAmount = errors.New("rule: cost out of bounds")

// budget is the most steps of a search.
func (s *Set) budget() int { return cmp.Or(s.Nodes, defaultNodes) }
