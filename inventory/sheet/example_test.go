package sheet_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/sheet"
)

func ExampleSheet_Read() {
	file := strings.NewReader(`Item;Location;Lot;Qty;Expires;Unit_cost
tea;ber;L-17;40;2027-03-31;4.25
tea;ber;L-18;1.5;31.03.2027;
tea;ham;;12;;
`)
	for row, err := range sheet.Opening().Read(file, sheet.Options{}) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(row.Value.Qty, row.Value.Item, "at", row.Value.Location)
	}
	// Output:
	// 40 tea at ber
	// line 3, column qty, "1.5": sheet: value refused: it must be a whole number in plain digits, such as 12
	// line 3, column expires, "31.03.2027": sheet: value refused: it must be a day that exists, written 2026-03-31
	// 12 tea at ham
}

func ExampleSheet_Write() {
	items := func(yield func(inventory.Item, error) bool) {
		_ = yield(inventory.Item{ID: "tee-m", Name: "T-shirt, M", Safety: 2}, nil)
	}
	fmt.Println(sheet.Items().Write(os.Stdout, items))
	// Output:
	// id,sku,name,scale,untracked,backorder,backorder_limit,safety,picking
	// tee-m,,"T-shirt, M",,,,,2,
	// <nil>
}

func ExampleSheet_Columns() {
	fmt.Println(sheet.Counts().Columns())
	// Output: [item location qty lot]
}

func ExampleCollect() {
	rows, wrong := sheet.Collect(sheet.Items().Read(strings.NewReader("id,scale\na,3\nb,12\n"), sheet.Options{}))
	fmt.Println(len(rows), wrong)
	// Output: 1 [line 3, column scale, "12": sheet: value refused: it must be between 0 and 9]
}
