package returns_test

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/shopspring/decimal"
)

var moment = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sold is an order of three T-shirts for 10.00 together, all with the buyer.
func sold() (*order.Flow, order.Order) {
	flow, err := order.NewFlow()
	if err != nil {
		panic(err)
	}
	o, err := order.New(order.ID{UUID: uuid.Max}, order.Draft{Currency: order.MustCurrency("EUR"), Lines: []order.DraftLine{
		{Item: "tee-m", Qty: 3, UnitPrice: decimal.RequireFromString("3.333333")},
	}}, moment)
	if err == nil {
		o, _, err = flow.Place(o, moment)
	}
	if err == nil {
		o, _, err = flow.Confirm(o, order.PayAnytime, moment)
	}
	if err == nil {
		o, err = o.Count(moment, order.LineDelta{Line: 1, By: order.Counters{Unreserved: -3, Shipped: 3, Delivered: 3}})
	}
	if err != nil {
		panic(err)
	}
	return flow, o
}

func Example() {
	orders, o := sold()
	flow, err := returns.NewFlow()
	if err != nil {
		panic(err)
	}
	policy := returns.Policy{returns.WithinDays(30), returns.OnlyDelivered()}
	ask := returns.Request{ID: returns.ID{UUID: uuid.Max}, Lines: []returns.Wanted{{Line: 1, Qty: 2, Reason: returns.TooSmall}}}

	_, deltas, _, err := flow.Request(o, ask, policy, moment.AddDate(0, 0, 30))
	fmt.Println(len(deltas), "announced", err)
	rma, deltas, _, err := flow.Request(o, ask, policy, moment.AddDate(0, 0, 29))
	fmt.Println(rma.State, deltas[0].By.ReturnOpen, "announced", err)
	rma, _, err = flow.Approve(rma, moment)
	fmt.Println(rma.State, err)
	rma, _, _, err = flow.Receive(rma, "ber", []order.LineQty{{Line: 1, Qty: 2}}, moment)
	fmt.Println(rma.State, rma.Lines[0].Received, "received", err)
	rma, deltas, _, err = flow.Inspect(rma, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock}, {Line: 1, Qty: 1, As: returns.Scrap}}, moment)
	fmt.Println(deltas[0].By.Restocked, "restocked,", deltas[1].By.WrittenOff, "written off", err)

	rma, lines, _, err := flow.Refund(rma, []order.LineQty{{Line: 1, Qty: 2}}, moment)
	fmt.Println(lines, err)
	_, worth, _, err := orders.Credit(o, order.CreditNote{Return: rma.ID.String(), Units: lines}, moment)
	fmt.Println("worth", worth, err)
	rma, _, err = flow.Close(rma, moment)
	fmt.Println(rma.State, err)
	// Output:
	// 0 announced returns: refused by policy: within_days on line 1: the window ended 2026-03-31T12:00:00Z
	// requested 2 announced <nil>
	// approved <nil>
	// receiving 2 received <nil>
	// 1 restocked, 1 written off <nil>
	// [{1 2}] <nil>
	// worth 6.67 EUR <nil>
	// closed <nil>
}

func ExampleFlow_RequestBlind() {
	flow, err := returns.NewFlow()
	if err != nil {
		panic(err)
	}
	rma, _, err := flow.RequestBlind(returns.Blind{Currency: order.MustCurrency("EUR"), Lines: []returns.BlindLine{
		{Item: "tee-m", Qty: 3, Reason: returns.Unwanted, Worth: order.MustMoney("10", "EUR")},
	}}, moment)
	if err == nil {
		rma, _, err = flow.Approve(rma, moment)
	}
	for range 3 {
		var worth order.Money
		if err == nil {
			rma, _, worth, err = flow.Refund(rma, []order.LineQty{{Line: 1, Qty: 1}}, moment)
		}
		fmt.Println(worth, err)
	}
	_, _, worth, err := flow.Refund(rma, []order.LineQty{{Line: 1, Qty: 1}}, moment)
	fmt.Println(worth, err)
	// Output:
	// 3.33 EUR <nil>
	// 3.34 EUR <nil>
	// 3.33 EUR <nil>
	// 0 returns: quantity refused: line 1, want 1 units; of 3 announced 0 are received, 0 missing, 0 inspected (0 rejected), 3 refunded
}
