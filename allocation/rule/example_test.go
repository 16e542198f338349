package rule_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/rule"
)

// network is an order for Leipzig and who could serve it.
func network() allocation.Request {
	r := allocation.NewRequest(
		allocation.Demand{Line: 1, Item: "tee-m", Qty: 3, Grams: 180},
		allocation.Demand{Line: 2, Item: "paint", Qty: 1, Grams: 1200, Needs: []string{"hazmat"}},
	)
	r.Channel, r.Country = "web", "DE"
	r.Destination = &allocation.Point{Lat: 51.3397, Lng: 12.3731}
	r.Now = time.Date(2026, 3, 6, 10, 0, 0, 0, time.UTC) // a Friday
	r.Add(allocation.Candidate{
		Location: "ber", Groups: []string{"warehouses"}, Has: []string{"hazmat"}, Country: "DE", At: &allocation.Point{Lat: 52.52, Lng: 13.405},
	}, map[string]int64{"tee-m": 2, "paint": 9})
	r.Add(allocation.Candidate{
		Location: "muc", Groups: []string{"warehouses"}, Has: []string{"hazmat"}, Country: "DE", At: &allocation.Point{Lat: 48.1374, Lng: 11.5755},
	}, map[string]int64{"tee-m": 40, "paint": 2})
	r.Add(allocation.Candidate{
		Location: "leipzig-shop", Groups: []string{"shops"}, Country: "DE", At: &allocation.Point{Lat: 51.34, Lng: 12.38},
	}, map[string]int64{"tee-m": 7})
	r.Add(allocation.Candidate{
		Location: "par", Groups: []string{"warehouses"}, Has: []string{"hazmat"}, Country: "FR", At: &allocation.Point{Lat: 48.8566, Lng: 2.3522},
	}, map[string]int64{"tee-m": 90, "paint": 30})
	return r
}

// euros writes minor units as people read them.
func euros(minor int64) string { return fmt.Sprintf("%d.%02d €", minor/100, minor%100) }

// What an operator sees: who ships and for how much, which rule forbids whom, and what every other choice
// would have cost more.
func ExampleSet() {
	set := rule.Set{
		Objective:    rule.LeastCost,
		Alternatives: true,
		Rules: []rule.Rule{
			rule.SameCountry{},
			rule.KeepBack{Where: rule.Where{Groups: []string{"shops"}}, Units: 3},
			rule.Rates{Table: []rule.Rate{
				{Km: 200, Cost: 390, Kilo: 40},
				{Cost: 590, Kilo: 60},
			}},
			rule.Shipment{Where: rule.Where{Groups: []string{"shops"}}, Unit: 150},
		},
	}
	plan, err := set.Plan(context.Background(), network())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.ExplainIn(euros))
	// Output:
	// rules: all 4 units from 1 location
	// cost: 6.95 €; proven, no plan is better
	// rule: least cost, by 4 rules
	//   1. muc           chosen      priority 0  360.7 km  3 tee-m (line 1), 1 paint (line 2); costs 6.95 € (rates 6.95 €); without it 1 more shipment, 3.07 € dearer
	//   2. leipzig-shop  not needed  priority 0  480 m     line 2: has not hazmat (capability); 3 of 7 tee-m are not for this order (keep_back); with it 1 more shipment, 3.07 € dearer
	//   3. ber           not needed  priority 0  149.1 km  with it 1 more shipment, 3.07 € dearer
	//   4. par           refused     priority 0  765.5 km  is in FR, not in DE (same_country)
}

// A rule of one's own is a function with a name.
func ExampleFilter() {
	noShopOnFriday := rule.Filter{
		Called: "no_shop_on_friday",
		Refuse: func(r *allocation.Request, c *allocation.Candidate, _ *allocation.Demand) string {
			if slices.Contains(c.Groups, "shops") && r.Now.Weekday() == time.Friday {
				return "packs no parcels on Fridays"
			}
			return ""
		},
	}
	plan, err := rule.Exact(rule.MostUnits, noShopOnFriday).Plan(context.Background(), network())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Explain())
	// Output:
	// rules: all 4 units from 1 location
	// cost: 0; proven, no plan is better
	// rule: most units, then fewest shipments, then least cost, by 1 rule
	//   1. muc           chosen      priority 0  360.7 km  3 tee-m (line 1), 1 paint (line 2); costs 0
	//   2. ber           not needed  priority 0  149.1 km  the chosen plan is as good or better without it
	//   3. par           not needed  priority 0  765.5 km  the chosen plan is as good or better without it
	//   4. leipzig-shop  refused     priority 0  480 m     line 2: has not hazmat (capability); packs no parcels on Fridays (no_shop_on_friday)
}

// The same rules as data, and as clear a refusal where they are wrong.
func ExampleParse() {
	set, err := rule.Parse([]byte(`{
		"name": "web",
		"objective": "least_cost",
		"rules": [
			{"rule": "same_country"},
			{"rule": "max_shipments", "most": 2},
			{"rule": "shipment", "cost": 490},
			{"rule": "soft", "cost": 300, "of": {"rule": "exclude", "where": {"groups": ["shops"]}}},
			{"rule": "when", "orders": {"channels": ["b2b"]}, "then": [{"rule": "complete"}]}
		]
	}`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := set.Plan(context.Background(), network())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Strategy, plan.Assignments, plan.Proof.Value.Cost)

	_, err = rule.Parse([]byte(`{"rules": [{"rule": "max_shipments", "count": 2}]}`), nil)
	fmt.Println(err)
	_, err = rule.Parse([]byte(`{"rules": [{"rule": "soft", "cost": -1, "of": {"rule": "same_country"}}]}`), nil)
	fmt.Println(err)
	// Output:
	// web [{1 tee-m muc 3} {2 paint muc 1}] 490
	// rule: invalid rule set: rules[0].count: there is no such field: there are most, rule
	// rule: invalid rule set: rules[0].cost: -1 is not between 1 and 1000000000
}
