package oms_test

import (
	"context"
	"fmt"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/count"
	"github.com/orderkit/oms/inventory/transfer"
)

func ExampleTransfers() {
	ctx := context.Background()
	kit := stocked() // ten tees in Berlin, five in Hamburg
	t, err := kit.Transfers.Draft(ctx, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "tee", Qty: 6}}})
	check(err)
	t, err = kit.Transfers.Ready(ctx, t.ID) // no sale can take them now
	check(err)
	t, err = kit.Transfers.Ship(ctx, t.ID, transfer.Shipping{Ref: "truck 7"})
	check(err)
	fmt.Println(t.State, t.Lines[0].Sum().InTransit, "on the road")

	dock := transfer.Receiving{Ref: "dn-1", Arrivals: []transfer.Arrival{{Line: 1, Qty: 4}, {Line: 1, Qty: 1, As: transfer.Rejected, Why: "wet"}}}
	t, err = kit.Transfers.Receive(ctx, t.ID, dock)
	check(err)
	_, err = kit.Transfers.Receive(ctx, t.ID, dock) // scanned twice, booked once
	check(err)
	t, err = kit.Transfers.Close(ctx, t.ID, "one box is missing")
	check(err)
	sum := t.Lines[0].Sum()
	fmt.Println(t.State, sum.Received, "received,", sum.Rejected, "rejected,", sum.Lost, "lost")
	// Output:
	// in_transit 6 on the road
	// closed_with_variance 4 received, 1 rejected, 1 lost
}

func ExampleStock_TransferAll() {
	ctx := context.Background()
	kit := stocked()
	p, err := kit.Stock.TransferAll(ctx, []inventory.Shift{
		{Item: "tee", From: "ber", To: "ham", Qty: 2},
		{Item: "mug", From: "ber", To: "ham", Qty: 3},
	}, "van-12")
	check(err)
	fmt.Println(p.Reason, len(p.Movements), "movements")
	// Output:
	// transfer 2 movements
}

func ExampleCounts() {
	ctx := context.Background()
	kit := stocked()
	c, err := kit.Counts.Open(ctx, count.Plan{Blind: true, Tolerance: &count.Tolerance{Units: 1}, Places: []count.Place{{Item: "tee", Location: "ber"}}})
	check(err)
	check(kit.Counts.Record(ctx, c.ID, []count.Tally{{Line: 1, Qty: 8}}, oms.By("ann")))
	_, err = kit.Counts.Submit(ctx, c.ID)
	check(err)
	_, err = kit.Counts.Post(ctx, c.ID, count.Correction{})
	fmt.Println(err)
	_, err = kit.Counts.Approve(ctx, c.ID, nil, oms.By("eve"))
	check(err)
	c, err = kit.Counts.Post(ctx, c.ID, count.Correction{})
	check(err)
	accuracy, err := kit.Counts.Accuracy(ctx, count.Filter{})
	check(err)
	rate, _ := accuracy.Rate()
	fmt.Println(c.State, c.Lines[0].Posted, "units; accuracy", rate)
	// Output:
	// post count: count: not possible in this state: event "post" in state "review" refused by guard "every variance is allowed": count: approval needed: line 1, item "tee" lot "" at "ber": -2 of 10 is beyond the tolerance
	// posted -2 units; accuracy 0.75
}
