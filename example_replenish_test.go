package oms_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/storage/memory"
)

func ExampleImports() {
	ctx, kit := context.Background(), oms.New(memory.New())
	items, _ := kit.Imports.Items(ctx, oms.File{Name: "items", CSV: strings.NewReader("id;name\ntee;T-shirt\nmug;Mug\n")})
	places, _ := kit.Imports.Locations(ctx, oms.File{Name: "places", CSV: strings.NewReader("id,name\nber,Berlin\n")})
	stock := "item,location,qty\ntee,ber,40\nhat,ber,3\nmug,ber,1.5\n"
	for range 2 { // the second time changes nothing
		opening, err := kit.Imports.Opening(ctx, oms.File{Name: "opening", CSV: strings.NewReader(stock)})
		fmt.Println(items.Done, places.Done, opening.Done, err)
		for _, wrong := range opening.Wrong {
			fmt.Println(wrong)
		}
	}
	have, _ := kit.Stock.Availability(ctx, "tee", "", "")
	fmt.Println(have)
	// Output:
	// 2 1 1 <nil>
	// line 3, column item: adjust: inventory: unknown item: "hat"; add it first
	// line 4, column qty, "1.5": sheet: value refused: it must be a whole number in plain digits, such as 12
	// 2 1 1 <nil>
	// line 3, column item: adjust: inventory: unknown item: "hat"; add it first
	// line 4, column qty, "1.5": sheet: value refused: it must be a whole number in plain digits, such as 12
	// tee: 40 available to sell of 40 on hand = +40 free@ber
}

func ExampleAlerts() {
	ctx, kit := context.Background(), oms.New(memory.New())
	_ = kit.Stock.AddItem(ctx, inventory.Item{ID: "tee"})
	_ = kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"})
	_, _ = kit.Alerts.Set(ctx, inventory.Alert{Item: "tee", Low: 5, Clear: 10})
	for _, qty := range []int64{20, -16, 4, -8, 12} {
		_, _ = kit.Stock.Adjust(ctx, inventory.Adjustment{Item: "tee", Location: "ber", Delta: qty, Reason: inventory.ReasonCount})
		changed, err := kit.Alerts.Check(ctx)
		if err != nil || len(changed) == 0 {
			fmt.Println("nothing to tell", err)
			continue
		}
		fmt.Println(changed[0].State, "with", changed[0].ATS)
	}
	// Output:
	// nothing to tell <nil>
	// low with 4
	// nothing to tell <nil>
	// out with 0
	// fine with 12
}

func ExamplePurchasing_Suggest() {
	ctx, kit := context.Background(), oms.New(memory.New())
	_ = kit.Stock.AddItem(ctx, inventory.Item{ID: "tee", Safety: 10})
	_ = kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"})
	_, _ = kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 4})
	_, _ = kit.Purchasing.PutSupplier(ctx, purchasing.Supplier{ID: "acme", LeadTime: 14 * 24 * time.Hour,
		Items: []purchasing.SupplierItem{{Item: "tee", Multiple: 12}}})

	buy, err := kit.Purchasing.Suggest(ctx, oms.Replenishment{Location: "ber", Rules: purchasing.Rules{Service: 0.95}})
	fmt.Println(buy, err)
	orders, err := kit.Purchasing.DraftSuggested(ctx, buy, oms.Key("monday"))
	fmt.Println(len(orders), orders[0].State, orders[0].Lines[0].Qty, err)
	// Output:
	// [tee at ber: 12 from acme = +10 safety stock; -4 on hand; +6 whole packs] <nil>
	// 1 draft 12 <nil>
}
