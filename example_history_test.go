package oms_test

import (
	"context"
	"fmt"
	"time"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

// Why was the last mug sold on Tuesday? Because of what was there on Tuesday.
func ExampleStock_At() {
	ctx, now := context.Background(), time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	kit := oms.New(memory.New(), oms.WithClock(func() time.Time { return now }))
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "mug"}))
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	check(errOf(kit.Stock.Receive(ctx, inventory.Receipt{Item: "mug", Location: "ber", Qty: 7, Ref: "po-17"})))
	tuesday := now
	now = now.AddDate(0, 0, 2)
	check(errOf(kit.Stock.Adjust(ctx, inventory.Adjustment{Item: "mug", Location: "ber", Delta: -5, Reason: inventory.ReasonLost, Ref: "count-2"})))

	then, err := kit.Stock.At(ctx, "mug", tuesday)
	check(err)
	fmt.Println("on Tuesday:", then[0].Of(inventory.Free), "free")
	log, err := kit.Stock.History(ctx, inventory.MovementFilter{Item: "mug", Last: true}, true)
	check(err)
	for _, m := range log {
		fmt.Printf("%s %s %s: %d from %s to %s, then %d\n", m.At.Format(time.DateOnly), m.Reason, m.Document, m.Qty, m.From, m.To, m.Balance)
	}
	// Output:
	// on Tuesday: 7 free
	// 2026-03-05 lost count-2: 5 from free@ber to shrink, then 2
	// 2026-03-03 receipt po-17: 7 from supplier to free@ber, then 7
}

// Nothing depends on checkpoints; they spare questions about the past most of the log.
func ExampleStock_Checkpoint() {
	ctx, now := context.Background(), time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	kit := oms.New(memory.New(), oms.WithClock(func() time.Time { return now }))
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "mug"}))
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	for range 25 {
		check(errOf(kit.Stock.Receive(ctx, inventory.Receipt{Item: "mug", Location: "ber", Qty: 1})))
		now = now.Add(time.Hour)
	}
	added, err := kit.Stock.CheckpointAll(ctx, inventory.Pace{Every: 10})
	check(err)
	again, err := kit.Stock.CheckpointAll(ctx, inventory.Pace{Every: 10})
	check(err)
	fmt.Println(added, "checkpoints, then", again)
	// Output: 2 checkpoints, then 0
}

// A balance was changed past the ledger. The log is the truth: the repair says so, and a
// person applies it.
func ExampleEngine_ApplyRepair() {
	ctx, store := context.Background(), memory.New()
	kit := oms.New(store)
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "mug"}))
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	check(errOf(kit.Stock.Receive(ctx, inventory.Receipt{Item: "mug", Location: "ber", Qty: 7})))
	have, err := kit.Stock.Balances(ctx, "mug")
	check(err)
	wrong := have[0]
	wrong.Set(inventory.Free, 5)
	check(store.Update(ctx, "", func(ctx context.Context, tx storage.Tx) error {
		return tx.Stock().Restate(ctx, []inventory.Restated{{Have: have[0], Want: wrong}})
	}))

	proposal, err := kit.Repair(ctx)
	check(err)
	for _, r := range proposal.Repairs {
		fmt.Println(r.Item, r.Why)
	}
	_, err = kit.ApplyRepair(ctx, proposal, "audit-2026-03", oms.By("ada"))
	check(err)
	found, err := kit.Verify(ctx)
	check(err)
	fmt.Println(len(found), "differences")
	// Output:
	// mug [item "mug" at "ber": free 7, not 5: so its movements say]
	// 0 differences
}

// A receipt turns out to be faulty: where are its units now?
func ExampleStock_Provenance() {
	ctx := context.Background()
	kit := oms.New(memory.New())
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "mug"}))
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	check(errOf(kit.Stock.Receive(ctx, inventory.Receipt{Item: "mug", Location: "ber", Qty: 7, Ref: "po-17"})))
	check(errOf(kit.Stock.Receive(ctx, inventory.Receipt{Item: "mug", Location: "ber", Qty: 5, Ref: "po-18"})))
	check(errOf(kit.Stock.Reserve(ctx, []inventory.Hold{{Owner: "job-1", Item: "mug", Location: "ber", Qty: 3}})))
	check(errOf(kit.Stock.Ship(ctx, "job-1")))
	found, err := kit.Stock.Provenance(ctx, "mug", inventory.Whereabouts{Document: "po-17"})
	check(err)
	for _, v := range found {
		fmt.Print(v.Qty, " from ", v.Path[0].From)
		for _, l := range v.Path {
			fmt.Printf(", %s %s to %s", l.Reason, l.Document, l.To)
		}
		fmt.Println()
	}
	// Output:
	// 3 from supplier, receipt po-17 to free@ber, reserve job-1 to committed@ber, ship job-1 to customer
	// 4 from supplier, receipt po-17 to free@ber
}

// Every minute: prove what has changed since the last time, and keep the mark.
func ExampleEngine_VerifySince() {
	ctx := context.Background()
	kit := oms.New(memory.New())
	check(kit.Stock.AddItem(ctx, inventory.Item{ID: "mug"}))
	check(kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
	found, mark, err := kit.VerifySince(ctx, oms.Mark{})
	check(err)
	fmt.Println(len(found), "differences in all")
	check(errOf(kit.Stock.Receive(ctx, inventory.Receipt{Item: "mug", Location: "ber", Qty: 7})))
	found, mark, err = kit.VerifySince(ctx, mark)
	check(err)
	fmt.Println(len(found), "differences since; proven up to event", mark.Seq)
	// Output:
	// 0 differences in all
	// 0 differences since; proven up to event 3
}
