// Command warehouse tells three weeks of a warehouse on the terminal: goods are bought,
// sold before they are there, received in parts, carried to another place and counted,
// and the books say what they are worth and what they were on any day.
//
//	go run ./examples/warehouse
//
// It runs in memory, on a clock of its own. The story is in week.go and is meant to be
// read beside the output.
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	if err := newWarehouse(os.Stdout).tell(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "warehouse:", err)
		os.Exit(1)
	}
}
