package oms_test

import (
	"context"
	"fmt"
	"log"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
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
