package oms_test

import (
	"context"
	"fmt"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage/memory"
)

func ExampleChannels() {
	ctx, kit := context.Background(), oms.New(memory.New(), oms.WithChannels())
	_ = kit.Stock.AddItem(ctx, inventory.Item{ID: "tee"})
	_ = kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"})
	_, _ = kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 10})

	_, _ = kit.Channels.Set(ctx, inventory.Channel{ID: "web"})
	_, _ = kit.Channels.List(ctx, inventory.Listing{Channel: "web", Item: "tee", Buffer: 2})
	_, _ = kit.Channels.RingFence(ctx, "web", []inventory.Quota{{Item: "tee", Location: "ber", Qty: 4}})
	web, err := kit.Channels.Availability(ctx, "web", "tee", "", "")
	fmt.Println(web, err)
	all, err := kit.Stock.Availability(ctx, "tee", "", "")
	fmt.Println(all, err)
	// Output:
	// tee: 8 available to sell of 10 on hand = +6 free@ber; -2 channel buffer@ber; +4 ring-fenced@ber <nil>
	// tee: 6 available to sell of 10 on hand = +6 free@ber <nil>
}

func ExampleChannels_Feed() {
	ctx, kit := context.Background(), oms.New(memory.New())
	_ = kit.Stock.AddItem(ctx, inventory.Item{ID: "tee"})
	_ = kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"})
	_, _ = kit.Channels.Set(ctx, inventory.Channel{ID: "web"})
	_, _ = kit.Channels.List(ctx, inventory.Listing{Channel: "web", Item: "tee"})
	var last int64
	for _, qty := range []int64{10, -3, 2} {
		_, _ = kit.Stock.Adjust(ctx, inventory.Adjustment{Item: "tee", Location: "ber", Delta: qty, Reason: inventory.ReasonCount})
		_, _ = kit.Channels.Publish(ctx, "web")
		news, err := kit.Channels.Feed(ctx, "web", last)
		for _, p := range news {
			fmt.Println(p.Seq, p.Item, p.Qty, err)
			last = p.Seq
		}
	}
	wrong, err := kit.Channels.Reconcile(ctx, "web", map[string]int64{"tee": 7})
	fmt.Println(len(wrong), wrong[0].Qty, err)
	// Output:
	// 1 tee 10 <nil>
	// 2 tee 7 <nil>
	// 3 tee 9 <nil>
	// 1 9 <nil>
}
