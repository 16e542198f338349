package oms_test

import (
	"context"
	"fmt"
	"time"

	"github.com/orderkit/oms/inventory"
)

func ExampleStock_Recall() {
	ctx := context.Background()
	kit := stocked()
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "milk", Picking: inventory.FEFO}))
	for lot, days := range map[string]int{"m-1": 30, "m-2": 9} {
		_, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: "milk", Lot: lot, Location: "ber", Qty: 10, Expires: time.Now().AddDate(0, 0, days)})
		check(err)
	}
	_, err := kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: "shop-7", Item: "milk", Location: "ber", Qty: 4}})
	check(err)
	_, err = kit.Stock.Ship(ctx, "shop-7")
	check(err)
	_, err = kit.Stock.BlockLot(ctx, "milk", "m-2", "glass in it")
	check(err)

	a, err := kit.Stock.Availability(ctx, "milk", "ber", "")
	check(err)
	fmt.Println(a)
	r, err := kit.Stock.Recall(ctx, "milk", "m-2")
	check(err)
	fmt.Println(r.Sent[0].Document, "got", r.Sent[0].Qty, "and", r.Here[0].OnHand(), "are here")
	// Output:
	// milk: 10 available to sell of 16 on hand = +16 free@ber; -6 blocked lots@ber
	// shop-7 got 4 and 6 are here
}
