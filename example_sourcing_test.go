package oms_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/rule"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// The host knows what a shipment costs from where; the rules decide with that. A promise can be asked for before
// anything is bought.
func ExampleWithAllocationFacts() {
	ctx := context.Background()
	kit := stocked(
		oms.WithStrategy(rule.Set{Objective: rule.LeastCost, Alternatives: true}),
		oms.WithAllocationFacts(func(_ order.Order, r *allocation.Request) error {
			rates := map[string]int64{"ber": 590, "ham": 450}
			for j := range r.Candidates {
				r.Candidates[j].ShipmentCost = rates[r.Candidates[j].Location]
			}
			return nil
		}),
	)
	plan, err := kit.Orders.Plan(ctx, wants("", "tee", 4))
	check(err)
	fmt.Print(plan.ExplainIn(func(cents int64) string { return fmt.Sprintf("€%d.%02d", cents/100, cents%100) }))
	// Output:
	// rules: all 4 units from 1 location
	// cost: €4.50; proven, no plan is better
	// rule: least cost
	//   1. ham  chosen      priority 2  4 tee (line 1); costs €4.50 (location €4.50); without it €1.40 dearer
	//   2. ber  not needed  priority 1  with it €1.40 dearer
}

// Every decision is kept with the order's events and can be replayed.
func ExampleWithAllocationRecords() {
	ctx := context.Background()
	strategy := rule.Exact(rule.MostUnits)
	kit := stocked(oms.WithStrategy(strategy), oms.WithAllocationRecords())
	o, err := kit.Orders.Place(ctx, wants("A-1", "tee", 4))
	check(err)
	events, err := kit.Orders.Timeline(ctx, o.ID)
	check(err)
	for _, ev := range events {
		var allocated order.Allocated
		if ev.Kind != allocated.Kind() {
			continue
		}
		check(json.Unmarshal(ev.Data, &allocated))
		var rec allocation.Record
		check(json.Unmarshal(allocated.Record, &rec))
		fmt.Println(rec.Plan.Assignments, "replays:", rec.Replay(ctx, strategy) == nil)
	}
	// Output:
	// [{1 tee ber 4}] replays: true
}

// New stock in one place: what nobody has picked moves, and one shipment does instead of two.
func ExampleOrders_Reallocate() {
	ctx := context.Background()
	kit := stocked()
	o, err := kit.Orders.Place(ctx, wants("A-1", "tee", 12))
	check(err)
	o, err = kit.Orders.Confirm(ctx, o.ID)
	check(err)
	show := func() {
		work, err := kit.Fulfillment.OfOrder(ctx, o.ID)
		check(err)
		for _, fo := range work {
			fmt.Println(fo.Location, fo.Work, fo.Lines[0].Open())
		}
	}
	show()
	_, err = kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 20, Ref: "po-18"})
	check(err)
	_, err = kit.Orders.Reallocate(ctx, o.ID)
	check(err)
	fmt.Println("after the delivery:")
	show()
	// Output:
	// ber open 10
	// ham open 2
	// after the delivery:
	// ber open 10
	// ham cancelled 0
	// ber open 2
}
