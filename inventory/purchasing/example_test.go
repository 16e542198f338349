package purchasing_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
)

func Example() {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	flow, _ := purchasing.NewFlow()
	supplier := purchasing.Supplier{ID: "acme", LeadTime: 5 * 24 * time.Hour}
	po, _, _ := purchasing.New(purchasing.ID{}, purchasing.Draft{
		Number: "po-17", Supplier: "acme", Currency: "EUR",
		Lines: []purchasing.DraftLine{{Item: "tee-m", Location: "ber", Qty: 100, UnitCost: decimal.RequireFromString("4.00")}},
	}, supplier, now)
	po, _, _ = flow.Issue(po, now)
	po, in, _, err := flow.Receive(po, purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{
		{Line: 1, Accepted: 96, Rejected: 4, Reason: purchasing.RejectDamaged},
	}}, now)
	fmt.Println(po.State, err)
	for _, i := range in {
		fmt.Println(i.Qty, i.Item, "from", i.From, "to", i.To)
	}
	_, _, _, err = flow.Receive(po, purchasing.Receipt{Ref: "dn-2", Lines: []purchasing.ReceiptLine{{Line: 1, Accepted: 1}}}, now)
	fmt.Println(err)
	// Output:
	// received <nil>
	// 96 tee-m from supplier to free@ber
	// 4 tee-m from supplier to damaged@ber
	// purchasing: over tolerance: line 1 would have 101 units of "tee-m" received; 100 are ordered, the tolerance allows 100
}

func ExampleOrder_Land() {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	flow, _ := purchasing.NewFlow()
	po, _, _ := purchasing.New(purchasing.ID{}, purchasing.Draft{Supplier: "acme", Lines: []purchasing.DraftLine{
		{Item: "tee-m", Location: "ber", Qty: 100, UnitCost: decimal.RequireFromString("4.00")},
	}}, purchasing.Supplier{ID: "acme"}, now)
	po, _, _ = flow.Issue(po, now)
	po, _, _, _ = flow.Receive(po, purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{{Line: 1, Accepted: 100}}}, now)
	po, _, _ = flow.AddCost(po, purchasing.DraftCost{Kind: purchasing.Freight, Amount: decimal.RequireFromString("60.00")}, now)
	po, shares, err := po.Land()
	fmt.Println(shares[0].Amount, "on line", shares[0].Line, err)
	fmt.Println(po.Worth().Div(decimal.NewFromInt(100)), "each")
	// Output:
	// 60 on line 1 <nil>
	// 4.6 each
}

func ExampleApportion() {
	weights := []decimal.Decimal{decimal.NewFromInt(1), decimal.NewFromInt(1), decimal.NewFromInt(1)}
	fmt.Println(purchasing.Apportion(decimal.RequireFromString("10.00"), weights))
	// Output: [3.333334 3.333333 3.333333] <nil>
}

func ExampleRebind() {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	supply := []inventory.Supply{{ID: "po-17/1", Qty: 3, Due: now.AddDate(0, 0, 5)}}
	queue := []purchasing.Demand{{Order: "first", Qty: 2}, {Order: "second", Qty: 2}}
	purchasing.Rebind(supply, queue, 0, now)
	for _, d := range queue {
		at, all := d.Date()
		fmt.Println(d.Order, d.Promised(), "of", d.Qty, "by", at.Format(time.DateOnly), all)
	}
	// Output:
	// first 2 of 2 by 2026-03-06 true
	// second 1 of 2 by 2026-03-06 false
}
