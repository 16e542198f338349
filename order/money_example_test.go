package order_test

import (
	"fmt"

	"github.com/orderkit/oms/order"
	"github.com/shopspring/decimal"
)

func ExampleParseCurrency() {
	c, err := order.ParseCurrency("KWD")
	fmt.Println(c, c.Name(), c.Exponent(), err)
	_, err = order.ParseCurrency("HRK")
	fmt.Println(err)
	// Output:
	// KWD Kuwaiti Dinar 3 <nil>
	// order: currency "HRK" was withdrawn from ISO 4217: use its successor EUR
}

func ExampleParseMoney() {
	price, err := order.ParseMoney("19.90", "EUR")
	fmt.Println(price, err)
	_, err = order.ParseMoney("19.901", "EUR")
	fmt.Println(err)
	// Output:
	// 19.90 EUR <nil>
	// order: amount "19.901" in EUR has more than 2 digits after the point: round it first, for example with RoundTo
}

func ExampleRoundTo() {
	tax := order.MustMoney("19.90", "EUR").Amount().Mul(decimal.RequireFromString("0.19")) // 3.781
	rounded, err := order.RoundTo(tax, order.MustCurrency("EUR"), order.HalfUp)
	fmt.Println(rounded, err)
	// Output: 3.78 EUR <nil>
}

// A discount of 3.00 over three lines: every cent lands on a line.
func ExampleApportion() {
	parts, err := order.Apportion(-300, []int64{4300, 1400, 2300})
	fmt.Println(parts, err)
	// Output: [-161 -53 -86] <nil>
}

// A line of 5.00 must not fall below 4.50; the other lines bear the rest.
func ExampleApportionWithin() {
	prices := []int64{500, 600, 600}
	room := []int64{50, 600, 600}
	parts, err := order.ApportionWithin(300, prices, room, order.LargestRemainder)
	fmt.Println(parts, err)
	// Output: [50 125 125] <nil>
}

// Three pieces for 10.00 come back one at a time: the refunds are what was paid.
func ExampleMoney_Share() {
	paid := order.MustMoney("10.00", "EUR")
	for returned := range int64(3) {
		refund, err := paid.Share(returned, returned+1, 3)
		fmt.Println(refund, err)
	}
	// Output:
	// 3.33 EUR <nil>
	// 3.34 EUR <nil>
	// 3.33 EUR <nil>
}
