package oms_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage/memory"
)

func ExampleStock_AvailabilityOf() {
	ctx := context.Background()
	kit := oms.New(memory.New())
	for _, l := range []string{"ber", "ham"} {
		if err := kit.Stock.AddLocation(ctx, inventory.Location{ID: l}); err != nil {
			log.Fatal(err)
		}
	}
	items := []string{"mug", "tee"}
	for i, item := range items {
		if err := kit.Stock.AddItem(ctx, inventory.Item{ID: item, Safety: 1}); err != nil {
			log.Fatal(err)
		}
		for j, l := range []string{"ber", "ham"} {
			if _, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: item, Location: l, Qty: int64(10*i + j + 1)}); err != nil {
				log.Fatal(err)
			}
		}
	}
	ats, err := kit.Stock.AvailabilityOf(ctx, items, "ber", "ham", "") // at both, and over all
	if err != nil {
		log.Fatal(err)
	}
	for i, item := range items {
		fmt.Println(item, ats[i])
	}
	// Output:
	// mug [0 1 1]
	// tee [10 11 21]
}

func ExampleStock_Availability_backorders() {
	ctx := context.Background()
	kit := oms.New(memory.New())
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "console", Backorder: true, BackorderLimit: 100}))
	_, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: "console", Location: "ber", Qty: 20})
	check(err)
	sell := func(qty int64) error {
		_, err := kit.Orders.Place(ctx, order.Draft{Currency: order.MustCurrency("EUR"), Lines: []order.DraftLine{{Item: "console", Qty: qty, Free: true}}})
		return err
	}
	check(sell(90))
	a, err := kit.Stock.Availability(ctx, "console", "", "")
	check(err)
	fmt.Println(a)
	var short *inventory.ShortageError
	if errors.As(sell(50), &short) {
		fmt.Println(short, "| left:", short.Short[0].Have+short.Short[0].Room)
	}
	// Output:
	// console: 0 available to sell of 20 on hand = +0 free@ber; 30 more may wait = +100 backorder limit -70 waiting
	// inventory: not enough stock: item "console" (line 1): want 50, have 0, and 30 may wait (limit 100) | left: 30
}
