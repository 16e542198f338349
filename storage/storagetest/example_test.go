package storagetest_test

import (
	"fmt"
	"testing"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/storagetest"
)

// The whole conformance test of an adapter: here of storage/memory.
func ExampleRun() {
	conformance := func(t *testing.T) {
		t.Helper()
		storagetest.Run(t, func(testing.TB) storage.Store { return memory.New() }, storagetest.Seed(42))
	}
	_ = conformance // named TestConformance in a test file
	// Output:
}

// Every case states the rule it protects and can be run alone.
func ExampleCases() {
	for _, c := range storagetest.Cases() {
		if c.Name == "race/last-unit" {
			fmt.Println(c.Rule)
		}
	}
	// Output: Of many buyers of the last unit exactly one gets it, the others are told of a shortage or a conflict, and no balance is ever below zero.
}
