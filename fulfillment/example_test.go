package fulfillment_test

import (
	"fmt"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
)

func ExampleFlow_Pack() {
	flow, err := fulfillment.NewFlow()
	if err != nil {
		panic(err)
	}
	fo, _ := fulfillment.Open(work, sale, "ber", []fulfillment.Line{{Line: 1, Item: "tee-m", Qty: 3}}, noon)
	fo, _, _, err = flow.Pick(fo, []order.LineQty{{Line: 1, Qty: 2}}, noon)
	fmt.Println(fo.Work, fo.Lines[0].Picked, "picked", err)

	parcels := []fulfillment.Parcel{{Carrier: "DHL", Tracking: "00340", Contents: []order.LineQty{{Line: 1, Qty: 3}}}}
	fo, shipment, taken, deltas, _, err := flow.Pack(fo, box, parcels, noon)
	fmt.Printf("%s %+v %v\n", shipment.State, taken, err)
	fmt.Println("reserved", deltas[0].By.Reserved, "picked", deltas[0].By.Picked, "packed", deltas[0].By.Packed)

	fo, shipment, _, _, err = flow.Ship(fo, shipment, noon)
	fmt.Println(shipment.State, fo.Work, err)
	fo, _, _, err = flow.Pick(fo, []order.LineQty{{Line: 1, Qty: 1}}, noon)
	fmt.Println(fo.Work, err)
	// Output:
	// in_progress 2 picked <nil>
	// packed [{Line:1 Open:1 Picked:2}] <nil>
	// reserved -1 picked -2 packed 3
	// shipped done <nil>
	// done fulfillment: not possible in this state: start of 0195f0a0-0000-7000-8000-000000000002 which is done; possible now: []
}

func ExampleFlow_ShortPick() {
	flow, err := fulfillment.NewFlow()
	if err != nil {
		panic(err)
	}
	fo, _ := fulfillment.Open(work, sale, "ber", []fulfillment.Line{{Line: 1, Item: "tee-m", Qty: 3}}, noon)
	fo, _, _, err = flow.ShortPick(fo, []order.LineQty{{Line: 1, Qty: 4}}, noon)
	fmt.Println(fo.Lines[0].Short, "short;", err)
	fo, deltas, _, err := flow.ShortPick(fo, []order.LineQty{{Line: 1, Qty: 1}}, noon)
	fmt.Println(fo.Lines[0].Short, "short;", deltas[0].By.Unreserved, "wanted again", err)
	// Output:
	// 0 short; fulfillment: quantity refused: line 1, want 4 units; of 3 assigned 3 are open, 0 picked, 0 packed, 0 shipped, 0 short, 0 cancelled
	// 1 short; 1 wanted again <nil>
}
