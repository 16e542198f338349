package order_test

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/orderkit/oms/order"
	"github.com/shopspring/decimal"
)

var moment = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// window is a sale at prices with 19 % tax in them, less five euros.
func window() order.Draft {
	return order.Draft{
		Number: "1001", Currency: order.MustCurrency("EUR"), TaxIncluded: true,
		Lines: []order.DraftLine{{Item: "tee-m", Qty: 3, UnitPrice: decimal.RequireFromString("19.90"), TaxRate: decimal.RequireFromString("0.19")}},
		Discounts: []order.Discount{
			{Code: "WELCOME", Amount: order.MustMoney("5", "EUR")},
		},
	}
}

// sold is that sale, confirmed and paid in full by two captures, with all units shipped.
func sold() (*order.Flow, order.Order) {
	flow, err := order.NewFlow()
	if err != nil {
		panic(err)
	}
	o, err := order.New(order.ID{UUID: uuid.Max}, window(), moment)
	if err == nil {
		o, _, err = flow.Place(o, moment)
	}
	if err == nil {
		o, _, err = flow.Confirm(o, order.PayAnytime, moment)
	}
	for id, amount := range map[string]string{"gift card": "20", "card": "34.70"} {
		if err == nil {
			o, _, err = flow.Pay(o, order.Operation{ID: id, Kind: order.Capture, Amount: order.MustMoney(amount, "EUR")}, moment)
		}
	}
	if err == nil {
		o, err = o.Count(moment, order.LineDelta{Line: 1, By: order.Counters{Unreserved: -3, Shipped: 3}})
	}
	if err != nil {
		panic(err)
	}
	return flow, o
}

func ExampleNew() {
	flow, err := order.NewFlow()
	if err != nil {
		panic(err)
	}
	o, err := order.New(order.ID{UUID: uuid.Max}, window(), moment)
	fmt.Println(o.State, o.Lines[0].Amount, o.Lines[0].Shares, err)
	o, events, err := flow.Place(o, moment)
	fmt.Println(o.State, events[0].Kind(), err)
	t := o.Totals()
	fmt.Println(t.Net, "+", t.Tax, "=", t.Total)

	_, err = order.New(order.ID{}, order.Draft{Currency: order.MustCurrency("EUR"), Lines: []order.DraftLine{{Item: "tee-m"}}}, moment)
	fmt.Println(err)
	// Output:
	// draft 59.70 EUR [{0 5.00 EUR}] <nil>
	// placed order.placed <nil>
	// 45.97 EUR + 8.73 EUR = 54.70 EUR
	// order: draft refused: line 1: Qty: 0; it must be 1 to 1000000000
	// order: draft refused: line 1: UnitPrice: is zero; set Free if the line is a gift
}

func ExampleLine_Credit() {
	flow, o := sold()
	for range 3 {
		line, _ := o.Line(1)
		worth, err := line.Credit(1)
		fmt.Println("the next unit is worth", worth.Total, "of which", worth.Tax, "is tax", err)
		o, _, _, err = flow.Credit(o, order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: 1}}}, moment)
		if err != nil {
			fmt.Println(err)
		}
	}
	b := o.Books()
	fmt.Println("owed", b.Owed, "due", b.Due)
	// Output:
	// the next unit is worth 18.23 EUR of which 2.91 EUR is tax <nil>
	// the next unit is worth 18.24 EUR of which 2.91 EUR is tax <nil>
	// the next unit is worth 18.23 EUR of which 2.91 EUR is tax <nil>
	// owed 0.00 EUR due -54.70 EUR
}

func ExampleOrder_PlanRefund() {
	_, o := sold()
	plan, err := o.PlanRefund(order.MustMoney("25", "EUR"), "gift card")
	for _, op := range plan {
		fmt.Println(op.Kind, op.Amount, "of the", op.Parent, err)
	}
	_, err = o.PlanRefund(order.MustMoney("60", "EUR"))
	fmt.Println(err)
	// Output:
	// refund 20.00 EUR of the gift card <nil>
	// refund 5.00 EUR of the card <nil>
	// order: amount exceeds its cap: what was captured and not yet refunded is 54.70 EUR, asked 60.00 EUR
}

func ExampleNewFlow() {
	flow, err := order.NewFlow(
		order.WithState(order.StateDef{Name: "fraud_review", Class: order.ClassLive, Can: order.Cancellable | order.HoldsStock}),
		order.WithEdge("review", "fraud_review", order.StatePlaced),
		order.WithEdge("clear", order.StatePlaced, "fraud_review"),
		order.WithEdge(order.ActionCancel, order.StateCancelled, "fraud_review"),
		order.WithGuard("clear", "score", func(a order.Attempt) error {
			if a.Order.Customer == "" {
				return fmt.Errorf("the buyer is not known")
			}
			return nil
		}),
	)
	if err != nil {
		panic(err)
	}
	o, err := order.New(order.ID{UUID: uuid.Max}, window(), moment)
	if err != nil {
		panic(err)
	}
	if o, _, err = flow.Place(o, moment); err != nil {
		panic(err)
	}
	o, _, err = flow.Take(o, "review", moment)
	fmt.Println(o.State, err)
	for _, p := range flow.AllowedActions(o, order.PayAnytime, moment) {
		if p.Action == "clear" || p.Action == order.ActionCancel {
			fmt.Println(p.Action, p.Allowed, p.Reasons)
		}
	}
	o, _, _, err = flow.Cancel(o, order.CancelFraud, moment)
	fmt.Println(o.State, err)

	_, err = order.NewFlow(order.WithState(order.StateDef{Name: "limbo", Class: order.ClassLive}), order.WithEdge("sink", "limbo", order.StateOpen))
	fmt.Println(err)
	// Output:
	// fraud_review <nil>
	// cancel true []
	// clear false [score: the buyer is not known]
	// cancelled <nil>
	// order: flow refused: lifecycle: state "limbo": not final, and no edge leads to another state: add one or make it final
}

func ExampleFlow_AllowedActions() {
	flow, o := sold()
	for _, p := range flow.AllowedActions(o, order.PayAnytime, moment) {
		if p.Action == order.ActionClose || p.Action == order.ActionCancel {
			fmt.Println(p.Action, p.Allowed, p.Reasons)
		}
	}
	// Output:
	// cancel false [nothing left the house: 3 units of line 1 have shipped; cancel the others by CancelUnits, take these back by a return]
	// close true []
}

func ExampleOrder_Facets() {
	flow, o := sold()
	f := o.Facets()
	fmt.Println(f.Payment, f.Fulfillment, f.Return)
	o, _, _, err := flow.Credit(o, order.CreditNote{Units: []order.LineQty{{Line: 1, Qty: 1}}, Fee: order.MustMoney("3", "EUR"), FeeName: "restocking"}, moment)
	b := o.Books()
	fmt.Println(o.Facets().Payment, b.Captured, "-", b.Refunded, "+", b.Due, "=", b.Owed, err)
	// Output:
	// paid full none
	// overpaid 54.70 EUR - 0.00 EUR + -15.23 EUR = 39.47 EUR <nil>
}
