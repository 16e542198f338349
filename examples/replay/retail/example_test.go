package retail_test

import (
	"errors"
	"fmt"

	"github.com/orderkit/oms/examples/replay/retail"
)

func ExampleLoad() {
	year, err := retail.Load("testdata/shop.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, level := range year.Stock(retail.Physical)[:2] {
		fmt.Println("opening", level.Item.ID, level.Item.Description, level.Opening)
	}
	for _, step := range year.Steps[5:7] {
		for _, r := range step.Returns {
			fmt.Println(step.Invoice, "returns", r.Qty, r.Item.ID, r.Amount(), r.Matches, "unmatched", r.Unmatched)
		}
	}
	fmt.Println("net", year.Reference.Total.Net().Exact)
	// Output:
	// opening 10001 RED TEAPOT 17
	// opening 10002B BLUE MUG 7
	// C100006 returns 8 10001 20.40 [{100002 0 5} {100001 1 3}] unmatched 0
	// C100006 returns 1 POST 12.00 [{100001 3 1}] unmatched 0
	// C100007 returns 20 10001 51.00 [{100001 1 3} {100001 0 6}] unmatched 11
	// net -67.31
}

func ExampleOpen() {
	f, err := retail.Open("testdata/bad/quantity-text.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := range f.Rows() {
		if errors.Is(err, retail.ErrRow) {
			fmt.Println(err)
			continue
		}
		fmt.Println(row.Line, row.Invoice, row.Code, row.Qty, row.Price)
	}
	fmt.Println(f.Close())
	// Output:
	// 2 300001 10001 6 2.55
	// retail: testdata/bad/quantity-text.csv:3: Quantity "six": not a whole number that fits 64 bits: correct the row
	// 4 300001 10001 6 2.55
	// <nil>
}
