package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/memory"
)

// placed is what the Engine appends when an order is placed.
func placed(aggregate string) storage.Event {
	return storage.Event{ID: uuid.New(), Aggregate: aggregate, Version: 1, Kind: "order.placed", At: time.Now()}
}

func appendTo(ctx context.Context, s storage.Store, events ...storage.Event) {
	err := s.Update(ctx, "", func(ctx context.Context, tx storage.Tx) error { return tx.Events().Append(ctx, events) })
	if err != nil {
		panic(err)
	}
}

// A consumer runs until its context ends.
func ExampleRun() {
	ctx, cancel := context.WithCancel(context.Background())
	store := memory.New()
	appendTo(ctx, store, placed("order/1"))
	mails, err := delivery.New(delivery.Config{
		Store: store, Name: "mails", Now: time.Now,
		Handler: func(_ context.Context, _ storage.Tenant, e storage.Event) error {
			fmt.Println("mail for", e.Aggregate)
			cancel() // a server would not
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(delivery.Run(ctx, mails))
	// Output:
	// mail for order/1
	// <nil>
}

// What cannot be delivered is kept until somebody decides.
func ExampleConsumer_Dead() {
	ctx, store := context.Background(), memory.New()
	appendTo(ctx, store, placed("order/1"))
	broken := true
	index, err := delivery.New(delivery.Config{
		Store: store, Name: "index", Now: time.Now,
		Handler: func(context.Context, storage.Tenant, storage.Event) error {
			if broken {
				return delivery.Permanent(errors.New("no such index"))
			}
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(index.Drain(ctx))
	broken = false
	for d, err := range index.Dead(ctx) {
		fmt.Println(d.Event.Aggregate, "failed:", d.Error, err)
		fmt.Println(index.Replay(ctx, d.Event))
	}
	fmt.Println(index.Drain(ctx))
	// Output:
	// 0 <nil>
	// order/1 failed: delivery: no use to try again: no such index <nil>
	// <nil>
	// 1 <nil>
}
