package costing_test

import (
	"fmt"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/costing"
)

func ExamplePost() {
	head := costing.Head{Item: "tee", Method: inventory.CostFIFO, Qty: 20, Value: dec("100"), Seq: 2, Layers: 2, Version: 2}
	layers := []costing.Layer{
		{ID: "a", Item: "tee", Root: "a", Seq: 1, Of: 10, Total: dec("40"), To: 10, Version: 1},
		{ID: "b", Item: "tee", Root: "b", Seq: 2, Of: 10, Total: dec("60"), To: 10, Version: 1},
	}
	shipped := inventory.Posting{Reason: inventory.ReasonShip, Document: "order-1", Movements: []inventory.Movement{
		{Item: "tee", From: inventory.At("ber", inventory.Packed), To: inventory.Outside(inventory.Customer), Qty: 15}}}
	c, err := costing.Post([]costing.Book{{Head: head, Layers: layers}}, inventory.Changes{Posting: shipped}, "order-1")
	for _, l := range c.Entries[0].Lines() {
		fmt.Println(l.Account, l.Debit, l.Credit)
	}
	fmt.Println(c.Heads[0].Qty, "units worth", c.Heads[0].Value, err)
	// Output:
	// inventory 0 70
	// cogs 70 0
	// 5 units worth 30 <nil>
}

// Ten over three units: two of them at once cost what they cost one by one.
func ExampleShare() {
	fmt.Println(costing.Share(dec("10"), 0, 1, 3), costing.Share(dec("10"), 1, 2, 3), costing.Share(dec("10"), 2, 3, 3))
	fmt.Println(costing.Share(dec("10"), 0, 2, 3), costing.Share(dec("10"), 2, 3, 3))
	// Output:
	// 3.333333 3.333334 3.333333
	// 6.666667 3.333333
}
