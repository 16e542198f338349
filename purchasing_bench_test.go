package oms_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

// BenchmarkPurchasing receives one line of a purchase order in memory. The floor does by
// hand what has to be stored: the order, what is expected of it, the posting, the event.
func BenchmarkPurchasing(b *testing.B) {
	b.Run("receive", func(b *testing.B) {
		ctx := b.Context()
		store := memory.New()
		kit := benchShop(b, store, 0)
		var ids [2][]purchasing.ID
		require.NoError(b, errOf(kit.Purchasing.PutSupplier(ctx, purchasing.Supplier{ID: "acme"})))
		for i := range b.N {
			for side := range ids {
				po, err := kit.Purchasing.Draft(ctx, purchasing.Draft{Supplier: "acme", Lines: []purchasing.DraftLine{
					{Item: benchItem(i), Location: "ber", Qty: 5, UnitCost: benchPrice},
				}})
				require.NoError(b, err)
				require.NoError(b, errOf(kit.Purchasing.Issue(ctx, po.ID)))
				ids[side] = append(ids[side], po.ID)
			}
		}
		duel(b, 1, func(i int) error {
			return errOf(kit.Purchasing.Receive(ctx, ids[0][i], arrives("dn-1", 1, 5)))
		}, func(i int) error {
			return store.Update(ctx, "", func(ctx context.Context, tx storage.Tx) error { return receiveByHand(ctx, tx, ids[1][i]) })
		})
	})
	b.Run("receive for one that waits", func(b *testing.B) {
		ctx := b.Context()
		kit := oms.New(memory.New())
		require.NoError(b, kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber"}))
		require.NoError(b, errOf(kit.Purchasing.PutSupplier(ctx, purchasing.Supplier{ID: "acme"})))
		var ids []purchasing.ID
		for i := range b.N {
			item := fmt.Sprint("rare-", i)
			require.NoError(b, kit.Stock.AddItem(ctx, inventory.Item{ID: item, Backorder: true}))
			po, err := kit.Purchasing.Draft(ctx, purchasing.Draft{Supplier: "acme", Lines: []purchasing.DraftLine{{Item: item, Location: "ber", Qty: 5, UnitCost: benchPrice}}})
			require.NoError(b, err)
			require.NoError(b, errOf(kit.Purchasing.Issue(ctx, po.ID)))
			o, err := kit.Orders.Place(ctx, draft(line(item, 2)))
			require.NoError(b, err)
			require.NoError(b, errOf(kit.Orders.Confirm(ctx, o.ID)))
			ids = append(ids, po.ID)
		}
		duel(b, 1, func(i int) error { return errOf(kit.Purchasing.Receive(ctx, ids[i], arrives("dn-1", 1, 5))) }, nil)
	})
}

func receiveByHand(ctx context.Context, tx storage.Tx, id purchasing.ID) error {
	found, err := tx.Documents().Find(ctx, "purchase_order", id.String())
	if err != nil {
		return err
	}
	d := found[0]
	var o purchasing.Order
	if err := json.Unmarshal(d.Body, &o); err != nil {
		return err
	}
	now := time.Now()
	l := &o.Lines[0]
	o.State, o.Version, l.Accepted = purchasing.StateReceived, o.Version+1, 5
	o.Receipts = append(o.Receipts, purchasing.Receipt{Ref: "dn-1", At: now, Lines: []purchasing.ReceiptLine{{Line: 1, Item: l.Item, Location: "ber", Accepted: 5}}})
	if d.Body, err = json.Marshal(o); err != nil {
		return err
	}
	d.Parent, d.Version = string(o.State), o.Version
	if err := tx.Documents().Save(ctx, d); err != nil {
		return err
	}
	found, err = tx.Documents().Find(ctx, "supply", "po/"+id.String()+"/1")
	if err != nil {
		return err
	}
	supply := found[0]
	supply.Live, supply.Version = false, supply.Version+1
	if err := tx.Documents().Save(ctx, supply); err != nil {
		return err
	}
	posting := inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonReceipt, Document: id.String(), At: now, Movements: []inventory.Movement{
		{Item: l.Item, From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: 5},
	}}
	if err := tx.Stock().Apply(ctx, inventory.Changes{Posting: posting}); err != nil {
		return err
	}
	data, err := json.Marshal(purchasing.Received{Order: id, Ref: "dn-1", Lines: o.Receipts[0].Lines, State: o.State})
	if err != nil {
		return err
	}
	return tx.Events().Append(ctx, []storage.Event{{ID: uuid.Must(uuid.NewV7()), Aggregate: "purchase/" + id.String(), Version: o.Version, Kind: "purchase.received", At: now, Data: data}})
}
