package rule

import (
	"cmp"
	"fmt"
)

// Soft turns what a rule forbids into a cost: of each shipment from a location that it forbids, and of each unit of
// a line that it forbids a location. What the rule limits otherwise (shipments, complete orders, whole lines,
// lines together, units kept back) has no soft form and is refused.
type Soft struct {
	Rule Rule
	Cost int64 // in minor units
}

// Weighted scales what a rule costs, in percent, rounded to a minor unit.
type Weighted struct {
	Rule    Rule
	Percent int64
}

// When applies rules to the orders that Orders selects.
type When struct {
	Orders Orders
	Rules  []Rule
}

// Name is that of the rule.
func (x Soft) Name() string { return x.Rule.Name() }

// Apply lets the rule speak and takes its refusals as costs.
func (x Soft) Apply(s *Sheet) error {
	was, cost := s.soft, x.Cost
	s.soft = &cost
	err := s.apply(x.Rule)
	s.soft = was
	return err
}

func noSoftForm(path, rule string) error {
	return &SetError{Path: path, Problem: rule + " limits the plan, and only what forbids a location has a soft form: price it by a rule that costs"}
}

func (x Soft) check(path string) error {
	if err := check(path+".of", x.Rule); err != nil {
		return err
	}
	switch r := x.Rule.(type) {
	case MaxShipments, Complete, NoSplit, Together, KeepBack:
		return noSoftForm(path+".of", r.Name())
	case RingFence:
		if r.Units > 0 {
			return noSoftForm(path+".of.units", r.Name())
		}
	}
	return positive(path+".cost", x.Cost)
}

// maxPercent bounds weights within weights.
const maxPercent = 1_000_000

// Name is that of the rule.
func (x Weighted) Name() string { return x.Rule.Name() }

// Apply lets the rule speak and scales it.
func (x Weighted) Apply(s *Sheet) error {
	was := s.percent
	if s.percent = percentOf(was, x.Percent); s.percent > maxPercent {
		return fmt.Errorf("weights within weights come to %d %%: at most %d", s.percent, int64(maxPercent))
	}
	err := s.apply(x.Rule)
	s.percent = was
	return err
}

func (x Weighted) check(path string) error {
	return cmp.Or(check(path+".of", x.Rule), within(path+".percent", x.Percent, 0, 10_000))
}

// Name is "when"; the rules inside keep theirs.
func (x When) Name() string { return "when" }

// Apply lets the rules speak, or is silent.
func (x When) Apply(s *Sheet) error {
	if !x.Orders.match(s.request) {
		return nil
	}
	for _, r := range x.Rules {
		if err := s.apply(r); err != nil {
			return fmt.Errorf("rule %s: %w", r.Name(), err)
		}
	}
	return nil
}

func (x When) check(path string) error {
	if x.Orders.all() {
		return &SetError{Path: path + ".orders", Problem: "selects every order: name channels, customers, countries or regions"}
	}
	if len(x.Rules) == 0 {
		return &SetError{Path: path + ".then", Problem: "has no rules: give at least one"}
	}
	return validate(path+".then", x.Rules)
}
