package oms_test

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/costing"
	"github.com/orderkit/oms/storage/memory"
)

// Ten units at 4.00 and ten at 6.00, of which fifteen leave, by either method.
func ExampleCosts() {
	ctx := context.Background()
	kit := oms.New(memory.New(), oms.WithCosting())
	_ = kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"})
	for _, method := range []inventory.CostMethod{inventory.CostFIFO, inventory.CostAverage} {
		item := "tee-" + string(method)
		_ = kit.Stock.AddItem(ctx, inventory.Item{ID: item, Costing: method})
		for _, cost := range []string{"4.00", "6.00"} {
			_, _ = kit.Stock.Receive(ctx, inventory.Receipt{Item: item, Location: "ber", Qty: 10, Ref: "po-17",
				UnitCost: decimal.NewNullDecimal(decimal.RequireFromString(cost))})
		}
		owner := "sale-of-" + item
		_, _ = kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: owner, Item: item, Location: "ber", Qty: 15}})
		_, _ = kit.Stock.Ship(ctx, owner)
		sold, err := kit.Costs.OfDocument(ctx, owner)
		left, _ := kit.Costs.Value(ctx, item, time.Now())
		fmt.Println(method, sold[0].Cost, "sold,", left.Value, "left", err)
	}
	// Output:
	// fifo 70 sold, 30 left <nil>
	// average 75 sold, 25 left <nil>
}

// A hundred units at 4.00, and a freight bill of 60.00 that comes when forty are sold.
func ExampleCosts_Revalue() {
	ctx := context.Background()
	kit := oms.New(memory.New(), oms.WithCosting())
	_ = kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"})
	_ = kit.Stock.AddItem(ctx, inventory.Item{ID: "tee", Costing: inventory.CostFIFO})
	receipt, _ := kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 100, Ref: "po-17",
		UnitCost: decimal.NewNullDecimal(decimal.RequireFromString("4.00"))})
	_, _ = kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: "sale-1", Item: "tee", Location: "ber", Qty: 40}})
	_, _ = kit.Stock.Ship(ctx, "sale-1")
	entry, err := kit.Costs.Revalue(ctx, costing.Revaluation{Item: "tee", Posting: receipt.ID, Amount: decimal.NewFromInt(60), Ref: "freight-9"})
	for _, l := range entry.Lines() {
		fmt.Println(l.Account, l.Debit, l.Credit)
	}
	value, _ := kit.Costs.Value(ctx, "tee", time.Now())
	fmt.Println(value.Qty, "units worth", value.Value, err)
	// Output:
	// inventory 36 0
	// cogs_variance 24 0
	// landed_cost 0 60
	// 60 units worth 276 <nil>
}
