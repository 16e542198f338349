package oms_test

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage/memory"
)

// soldOut is a shop with one item of which there is nothing, and a supplier of it.
func soldOut() *oms.Engine {
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	kit := oms.New(memory.New(), oms.WithClock(func() time.Time { now = now.Add(time.Minute); return now }))
	kit.Stock.AddItem(ctx, inventory.Item{ID: "tee-m", Backorder: true})
	kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"})
	kit.Purchasing.PutSupplier(ctx, purchasing.Supplier{ID: "acme", Name: "Acme Textiles", LeadTime: 5 * 24 * time.Hour, Items: []purchasing.SupplierItem{
		{Item: "tee-m", SKU: "T-100-M", Price: decimal.RequireFromString("4.00"), Multiple: 10},
	}})
	return kit
}

func tees(qty int64) purchasing.Draft {
	return purchasing.Draft{Number: "po-17", Supplier: "acme", Currency: "EUR", Lines: []purchasing.DraftLine{
		{Item: "tee-m", Location: "ber", Qty: qty, UnitCost: decimal.RequireFromString("4.00")},
	}}
}

func ExamplePurchasing() {
	ctx := context.Background()
	kit := soldOut()
	po, _ := kit.Purchasing.Draft(ctx, tees(20))
	po, _ = kit.Purchasing.Issue(ctx, po.ID)
	po, _ = kit.Purchasing.Receive(ctx, po.ID, purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{
		{Line: 1, Accepted: 15, Rejected: 1, Reason: purchasing.RejectDamaged, Fate: purchasing.SentBack},
	}})
	fmt.Println(po.State, po.Lines[0].Expected(), "still expected")
	_, err := kit.Purchasing.Close(ctx, po.ID)
	fmt.Println(err)
	po, _ = kit.Purchasing.CloseShort(ctx, po.ID, "the rest is discontinued")
	a, _ := kit.Stock.Availability(ctx, "tee-m", "ber", "")
	fmt.Println(po.State, a)
	// Output:
	// partially_received 4 still expected
	// close purchase order: purchasing: not possible in this state: event "close" in state "partially_received" refused by guard "no more is missing than the tolerance allows": line 1: 4 of 20 units are missing, 0 percent is at most 0; close it short, or cancel what is missing
	// closed tee-m: 15 available to sell of 15 on hand = +15 free@ber
}

func ExampleStock_Backorders() {
	ctx := context.Background()
	kit := soldOut()
	line := order.DraftLine{Item: "tee-m", Qty: 8, UnitPrice: decimal.RequireFromString("19.90")}
	for _, number := range []string{"A-1", "A-2"} {
		o, _ := kit.Orders.Place(ctx, order.Draft{Number: number, Currency: order.MustCurrency("EUR"), Lines: []order.DraftLine{line}})
		kit.Orders.Confirm(ctx, o.ID)
	}
	po, _ := kit.Purchasing.Draft(ctx, tees(10))
	kit.Purchasing.Issue(ctx, po.ID)
	show := func() {
		queue, _ := kit.Stock.Backorders(ctx, "tee-m")
		for _, d := range queue {
			at, all := d.Date()
			fmt.Println(d.Promised(), "of", d.Qty, "promised for", at.Format(time.DateOnly), all)
		}
	}
	show()
	kit.Purchasing.ChangeDue(ctx, po.ID, []purchasing.LineDue{{Line: 1, Due: time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)}})
	show()
	kit.Purchasing.Receive(ctx, po.ID, purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{{Line: 1, Accepted: 10}}})
	show()
	// Output:
	// 8 of 8 promised for 2026-03-06 true
	// 2 of 8 promised for 2026-03-06 false
	// 8 of 8 promised for 2026-03-20 true
	// 2 of 8 promised for 2026-03-20 false
	// 0 of 6 promised for 0001-01-01 false
}

func ExampleStock_AvailableToPromise() {
	ctx := context.Background()
	kit := soldOut()
	kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee-m", Location: "ber", Qty: 3})
	po, _ := kit.Purchasing.Draft(ctx, tees(20))
	kit.Purchasing.Issue(ctx, po.ID)
	all, _ := kit.Stock.AvailableToPromise(ctx, "tee-m", "")
	for _, a := range all {
		fmt.Println(a.From.Format(time.DateOnly), a)
	}
	day, ok := inventory.Earliest(all, 10)
	fmt.Println("ten by", day.Format(time.DateOnly), ok)
	// Output:
	// 2026-03-01 tee-m: 3 available to sell of 3 on hand = +3 free@ber; any number may wait
	// 2026-03-06 tee-m: 23 available to sell of 3 on hand = +3 free@ber; +20 expected@ber
	// ten by 2026-03-06 true
}
