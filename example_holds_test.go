package oms_test

import (
	"context"
	"fmt"
	"time"

	"github.com/orderkit/oms/inventory"
)

func ExampleStock_Extend() {
	ctx := context.Background()
	kit := stocked() // ten tees in Berlin, five in Hamburg
	soon := time.Now().Add(10 * time.Minute)
	_, err := kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: "cart-7", Item: "tee", Location: "ber", Qty: 2, Until: soon}})
	check(err)
	held, err := kit.Stock.Extend(ctx, "cart-7", soon.Add(time.Hour)) // the payment takes longer
	check(err)
	fmt.Println(held[0].Soft, "held", held[0].Until.Sub(soon).Round(time.Minute), "longer")
	// Output: 2 held 1h0m0s longer
}

func ExampleStock_CommitUnits() {
	ctx := context.Background()
	kit := stocked()
	_, err := kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: "cart-7", Item: "tee", Location: "ber", Qty: 3, Until: time.Now().Add(time.Hour)}})
	check(err)
	_, err = kit.Stock.CommitUnits(ctx, "cart-7", []inventory.HeldUnits{{Item: "tee", Location: "ber", Qty: 1}})
	check(err)
	held, err := kit.Stock.Reservations(ctx, "cart-7")
	check(err)
	fmt.Println(held[0].Soft, "soft,", held[0].Committed, "committed")
	// Output: 2 soft, 1 committed
}

func ExampleStock_ReserveAvailable() {
	ctx := context.Background()
	kit := stocked()
	_, taken, err := kit.Stock.ReserveAvailable(ctx, []inventory.Hold{
		{Owner: "shop-3", Line: 1, Item: "tee", Location: "ber", Qty: 8},
		{Owner: "shop-3", Line: 2, Item: "tee", Location: "ber", Qty: 8},
	})
	check(err)
	fmt.Println(taken)
	// Output: [8 2]
}

func ExampleStock_ReserveIn() {
	ctx := context.Background()
	kit := stocked()
	_, err := kit.Stock.PutGroup(ctx, inventory.Group{ID: "de", Name: "Germany", Locations: []string{"ber", "ham"}})
	check(err)
	_, err = kit.Stock.ReserveIn(ctx, "de", []inventory.Hold{{Owner: "deal-1", Item: "tee", Qty: 12}})
	check(err)
	_, err = kit.Stock.Rebind(ctx, "deal-1", inventory.Rebinding{Item: "tee", From: "ber", To: "ham", Qty: 3, State: inventory.Committed})
	check(err)
	held, err := kit.Stock.Reservations(ctx, "deal-1")
	check(err)
	for _, r := range held {
		fmt.Println(r.Committed, "at", r.Location)
	}
	left, err := kit.Stock.AvailabilityIn(ctx, "de", "tee", "")
	check(err)
	fmt.Println(left.ATS, "left in the group")
	// Output:
	// 7 at ber
	// 5 at ham
	// 3 left in the group
}

func ExampleStock_Deactivate() {
	ctx := context.Background()
	kit := stocked()
	_, err := kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: "deal-1", Item: "tee", Location: "ham", Qty: 2}})
	check(err)
	_, err = kit.Stock.Deactivate(ctx, "ham", "ber") // the lease ends
	check(err)
	held, err := kit.Stock.Reservations(ctx, "deal-1")
	check(err)
	for _, r := range held {
		fmt.Println(r.Committed, "held at", r.Location)
	}
	left, err := kit.Stock.Availability(ctx, "tee", "", "")
	check(err)
	fmt.Println(left.ATS, "available")
	// Output:
	// 2 held at ber
	// 0 held at ham
	// 13 available
}
