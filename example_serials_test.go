package oms_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage/memory"
)

// Units with serial numbers are named as they come in, and as they leave: so it is known
// who has which, and no number is there twice.
func ExampleWithSerials() {
	ctx := context.Background()
	kit := oms.New(memory.New(), oms.WithSerials())
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "phone", Serials: inventory.SerialsAtReceipt}))
	_, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: "phone", Lot: "l-1", Location: "ber", Qty: 2, Ref: "po-1"},
		oms.Serials("phone", "", "SN-1", "SN-2"))
	check(err)
	_, err = kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: "till-7", Item: "phone", Location: "ber", Qty: 1}})
	check(err)
	_, err = kit.Stock.Ship(ctx, "till-7")
	fmt.Println(errors.Is(err, inventory.ErrSerial))
	_, err = kit.Stock.Ship(ctx, "till-7", oms.Serials("phone", "", "SN-2"))
	check(err)

	unit, err := kit.Stock.Serial(ctx, "phone", "SN-2")
	check(err)
	for _, st := range unit.Steps {
		fmt.Println(st.From, "to", st.To, "with", st.Document)
	}
	left, err := kit.Stock.SerialsAt(ctx, "phone", "ber")
	check(err)
	fmt.Println(left[0].ID, "is here")
	// Output:
	// true
	// supplier to free@ber with po-1
	// committed@ber to customer with till-7
	// SN-1 is here
}
