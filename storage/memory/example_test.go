package memory_test

import (
	"context"
	"fmt"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

func ExampleNew() {
	ctx, store := context.Background(), memory.New()
	err := store.Update(ctx, "acme", func(ctx context.Context, tx storage.Tx) error {
		return tx.Stock().PutItem(ctx, inventory.Item{ID: "tee-m", Name: "Tee, medium"})
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, tenant := range []storage.Tenant{"acme", "globex"} {
		err = store.View(ctx, tenant, func(ctx context.Context, tx storage.Tx) error {
			s, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{"tee-m"}})
			fmt.Println(tenant, "has", len(s.Items), "item")
			return err
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// acme has 1 item
	// globex has 0 item
}
