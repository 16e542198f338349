package allocation_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/orderkit/oms/allocation"
)

var (
	berlin  = allocation.Point{Lat: 52.5200, Lng: 13.4050}
	munich  = allocation.Point{Lat: 48.1374, Lng: 11.5755}
	paris   = allocation.Point{Lat: 48.8566, Lng: 2.3522}
	leipzig = allocation.Point{Lat: 51.3397, Lng: 12.3731}
)

func network() allocation.Request {
	r := allocation.NewRequest(
		allocation.Demand{Line: 1, Item: "tee-m", Qty: 3},
		allocation.Demand{Line: 2, Item: "mug", Qty: 2},
	)
	r.Destination = &leipzig
	r.Add(allocation.Candidate{Location: "ber", Priority: 1, At: &berlin}, map[string]int64{"tee-m": 2, "mug": 1})
	r.Add(allocation.Candidate{Location: "muc", Priority: 2, At: &munich}, map[string]int64{"tee-m": 40, "mug": 12})
	r.Add(allocation.Candidate{Location: "par", Priority: 3, At: &paris}, map[string]int64{"tee-m": 9, "mug": 9})
	r.Add(allocation.Candidate{Location: "pop-up", Priority: 3}, nil)
	return r
}

func ExampleNearest() {
	plan, err := allocation.Nearest().Plan(context.Background(), network())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range plan.Assignments {
		fmt.Println(a.Location, "sends", a.Qty, a.Item)
	}
	// Output:
	// ber sends 2 tee-m
	// ber sends 1 mug
	// muc sends 1 tee-m
	// muc sends 1 mug
}

func ExamplePlan_Explain() {
	plan, err := allocation.FewestShipments().Plan(context.Background(), network())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Explain())
	// Output:
	// fewest_shipments: all 5 units from 1 location
	// rule: fewest locations that cover the most units, then least total distance, then priority, then location id
	//   1. muc     chosen      priority 2  360.7 km          3 tee-m (line 1), 2 mug (line 2)
	//   2. ber     not needed  priority 1  149.1 km          the chosen set covers as much without it
	//   3. par     not needed  priority 3  765.5 km          the chosen set covers as much without it
	//   4. pop-up  no stock    priority 3  distance unknown  has none of the items wanted
	// tie: other sets are as small; distance decided
	// search: proven, no better set exists; 3 sets of locations looked at
}

func ExampleExplanation_String() {
	r := network()
	r.Candidates[3].Available[0] = 1 // a pop-up store of the same priority as Paris
	plan, err := allocation.Priority().Plan(context.Background(), r)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Explanation)
	// Output:
	// rule: locations by priority, then location id
	//   1. ber     chosen      priority 1  3 units
	//   2. muc     chosen      priority 2  2 units
	//   3. par     not needed  priority 3  what it could give was already assigned
	//   4. pop-up  not needed  priority 3  what it could give was already assigned; level with par, location id decided
}

// A platform's own rule, "the location with the most units first", is a ranking handed to Priority.
func ExampleFunc() {
	mostStock := allocation.Func(func(ctx context.Context, r allocation.Request) (allocation.Plan, error) {
		total := func(c allocation.Candidate) (units int64) {
			for _, qty := range c.Available {
				units += qty
			}
			return units
		}
		r.Candidates = slices.Clone(r.Candidates) // a strategy leaves the request as it is
		slices.SortFunc(r.Candidates, func(a, b allocation.Candidate) int {
			return cmp.Or(cmp.Compare(total(b), total(a)), cmp.Compare(a.Location, b.Location))
		})
		for i := range r.Candidates {
			r.Candidates[i].Priority = i + 1
		}
		plan, err := allocation.Priority().Plan(ctx, r)
		plan.Strategy = "most_stock"
		return plan, err
	})

	plan, err := mostStock.Plan(context.Background(), network())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Strategy, plan.Assignments, allocation.Validate(network(), plan))
	// Output:
	// most_stock [{1 tee-m muc 3} {2 mug muc 2}] <nil>
}

// Ship from one place if one has everything, else walk by distance.
func ExampleFirstOf() {
	single := allocation.Func(func(ctx context.Context, r allocation.Request) (allocation.Plan, error) {
		r.AllowPartial = true
		plan, err := allocation.FewestShipments().Plan(ctx, r)
		if err != nil || len(plan.Assignments) == 0 {
			return plan, err
		}
		only := plan.Assignments[0].Location
		r.Candidates = slices.DeleteFunc(slices.Clone(r.Candidates), func(c allocation.Candidate) bool { return c.Location != only })
		plan, err = allocation.Priority().Plan(ctx, r)
		plan.Strategy = "single_location"
		return plan, err
	})
	r := network()
	r.AllowPartial = true
	r.Demands[1].Qty = 15

	plan, err := allocation.FirstOf(single, allocation.Nearest()).Plan(context.Background(), r)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range plan.Explanation.Tried {
		fmt.Println(t.Strategy, "misses", t.Missing)
	}
	fmt.Println(plan.Assignments)
	// Output:
	// single_location misses 3
	// nearest misses 0
	// [{1 tee-m ber 2} {2 mug ber 1} {1 tee-m muc 1} {2 mug muc 12} {2 mug par 2}]
}

func ExampleValidate() {
	r := allocation.NewRequest(allocation.Demand{Line: 1, Item: "tee-m", Qty: 13})
	r.Add(allocation.Candidate{Location: "a"}, map[string]int64{"tee-m": 10})
	r.Add(allocation.Candidate{Location: "b"}, map[string]int64{"tee-m": 15})
	careless := allocation.Plan{Assignments: []allocation.Assignment{
		{Line: 1, Item: "tee-m", Location: "a", Qty: 10},
		{Line: 1, Item: "tee-m", Location: "b", Qty: 13},
	}}
	fmt.Println(allocation.Validate(r, careless))
	// Output:
	// allocation: invalid plan: it assigns 13 of tee-m from b to line 1, but the line needs only 3 more: subtract what other locations give
}

func ExampleDistance() {
	fmt.Printf("%.1f km\n", allocation.Distance(berlin, munich)/1000)
	// Output:
	// 504.3 km
}
