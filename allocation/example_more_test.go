package allocation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orderkit/oms/allocation"
)

// The shops first, and the warehouses for what they have not.
func ExampleFallback() {
	isShop := func(c allocation.Candidate) bool { return slices.Contains(c.Groups, "shops") }
	shopsFirst := allocation.Fallback(
		allocation.Restrict(allocation.FewestShipments(), "not a shop", isShop),
		allocation.FewestShipments(),
	)
	r := allocation.NewRequest(allocation.Demand{Line: 1, Item: "tee-m", Qty: 5})
	r.Add(allocation.Candidate{Location: "shop", Groups: []string{"shops"}}, map[string]int64{"tee-m": 2})
	r.Add(allocation.Candidate{Location: "house"}, map[string]int64{"tee-m": 90})
	plan, err := shopsFirst.Plan(context.Background(), r)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Assignments)
	// Output:
	// [{1 tee-m shop 2} {1 tee-m house 3}]
}

// Business customers wait for one complete shipment, all others get what is nearest.
func ExampleByChannel() {
	s := allocation.ByChannel(map[string]allocation.Strategy{"b2b": allocation.FewestShipments()}, allocation.Nearest())
	r := network()
	for _, r.Channel = range []string{"b2b", "web"} {
		plan, err := s.Plan(context.Background(), r)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Channel, plan.Strategy)
	}
	// Output:
	// b2b fewest_shipments
	// web nearest
}

// What is missing is promised from what is on its way.
func ExampleBackorder() {
	r := allocation.NewRequest(allocation.Demand{Line: 1, Item: "tee-m", Qty: 5})
	r.AllowPartial = true
	arrives := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	r.Add(allocation.Candidate{
		Location: "ber", Incoming: []allocation.Supply{{Item: "tee-m", Qty: 100, At: arrives}},
	}, map[string]int64{"tee-m": 2})
	plan, err := allocation.Backorder(allocation.Nearest()).Plan(context.Background(), r)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Explain())
	// Output:
	// nearest: 2 units from 1 location, 3 missing
	// rule: the destination is unknown: locations by priority, then location id
	//   1. ber  chosen  priority 0  2 tee-m (line 1)
	// short: line 1, tee-m: 2 of 5 found
	// expected: line 1, 3 tee-m at ber on 2026-03-09
}

// Ordered on Friday after the cut-off, packed on Monday, two days on the road.
func ExampleSchedule() {
	week := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	s := allocation.Schedule{Workdays: week, CutOff: 14 * time.Hour, Transit: 2}
	friday := time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC)
	fmt.Println("by", s.ArrivesAt(friday).Format(time.RFC1123))
	// Output:
	// by Thu, 12 Mar 2026 00:00:00 UTC
}

// A decision that was kept as JSON is made again, and compared to the last bit.
func ExampleRecord() {
	plan, err := allocation.Nearest().Plan(context.Background(), network())
	if err != nil {
		fmt.Println(err)
		return
	}
	kept, err := json.Marshal(allocation.Record{Request: network(), Plan: plan})
	if err != nil {
		fmt.Println(err)
		return
	}

	var rec allocation.Record
	if err := json.Unmarshal(kept, &rec); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the same strategy:", rec.Replay(context.Background(), allocation.Nearest()))
	err = rec.Replay(context.Background(), allocation.Priority())
	fmt.Println("another one:", err != nil)
	// Output:
	// the same strategy: <nil>
	// another one: true
}

// The buyer sees which shop sends, and nothing of the suppliers.
func ExamplePlan_Redact() {
	r := allocation.NewRequest(allocation.Demand{Line: 1, Item: "tee-m", Qty: 3})
	r.Add(allocation.Candidate{Location: "shop"}, map[string]int64{"tee-m": 2})
	r.Add(allocation.Candidate{Location: "supplier-a", Priority: 1}, map[string]int64{"tee-m": 50})
	r.Add(allocation.Candidate{Location: "supplier-b", Priority: 2}, map[string]int64{"tee-m": 70})
	plan, err := allocation.Priority().Plan(context.Background(), r)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan.Redact(func(location string) bool { return strings.HasPrefix(location, "supplier") }).Explain())
	// Output:
	// priority: all 3 units from 2 locations
	//   1. location 1  chosen  priority 0  1 tee-m (line 1)
	//   2. shop        chosen  priority 0  2 tee-m (line 1)
}
