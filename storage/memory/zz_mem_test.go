package memory_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

func heap() uint64 { runtime.GC(); runtime.GC(); var m runtime.MemStats; runtime.ReadMemStats(&m); return m.HeapAlloc }

func TestZMem(t *testing.T) {
	store := memory.New()
	h0 := heap()
	eur := order.MustCurrency("EUR")
	upd := func(fn func(ctx context.Context, tx storage.Tx) error) { require.NoError(t, store.Update(t.Context(), "", fn)) }
	p := inventory.Posting{ID: benchID(0), Reason: inventory.ReasonOpening, At: benchTime}
	for i := range benchItems {
		p.Movements = append(p.Movements, inventory.Movement{Item: benchItem(i), From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: inventory.MaxQty / 2})
	}
	upd(func(ctx context.Context, tx storage.Tx) error {
		for i := range benchItems {
			if err := tx.Stock().PutItem(ctx, inventory.Item{ID: benchItem(i)}); err != nil { return err }
		}
		return tx.Stock().Apply(ctx, inventory.Changes{Posting: p})
	})
	start := time.Now()
	var saves, applies, works time.Duration
	for n := 1; n <= 23000; n++ {
		id := benchID(n)
		o := order.Order{ID: order.ID{UUID: id}, Number: fmt.Sprint(n), Version: 1, State: "placed", Customer: fmt.Sprint("c", n%4000), Currency: eur, PlacedAt: benchTime, UpdatedAt: benchTime}
		var reserve, ship inventory.Changes
		owner := "order/" + id.String()
		reserve.Posting = inventory.Posting{ID: benchID(n + 1<<20), Reason: "reserve", Document: owner, At: benchTime}
		ship.Posting = inventory.Posting{ID: benchID(n + 1<<21), Reason: "ship", Document: owner, At: benchTime}
		w := fulfillment.Order{ID: fulfillment.ID{UUID: id}, Order: o.ID, Location: "ber", Work: "open", Version: 1}
		s := fulfillment.Shipment{ID: fulfillment.ShipmentID{UUID: id}, Order: o.ID, Fulfillment: w.ID, Location: "ber", State: "shipped", Version: 1, Parcels: []fulfillment.Parcel{{}}}
		lines := 23
		if n%1000 == 0 { lines = 1100 }
		for i := 1; i <= lines; i++ {
			item := benchItem(n*7919 + i*1013)
			price, _ := order.Minor(int64(n%5000), eur)
			o.Lines = append(o.Lines, order.Line{No: i, Item: item, SKU: item, Title: "Title of " + item, UnitPrice: decimal.New(int64(n%5000), -2), Stocked: true, Amount: price, Net: price, Tax: order.Zero(eur), Total: price, Counters: order.Counters{Ordered: 6, Reserved: 6}})
			m := inventory.Movement{Item: item, From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Committed), Qty: 6}
			reserve.Posting.Movements = append(reserve.Posting.Movements, m)
			m.From, m.To = m.To, inventory.Outside(inventory.Customer)
			ship.Posting.Movements = append(ship.Posting.Movements, m)
			r := inventory.Reservation{ReservationKey: inventory.ReservationKey{Owner: owner, Line: i, Item: item, Location: "ber"}, Committed: 6, Version: 1}
			reserve.Reservations = append(reserve.Reservations, r)
			r.Committed, r.Shipped, r.Version = 0, 6, 2
			ship.Reservations = append(ship.Reservations, r)
			w.Lines = append(w.Lines, fulfillment.Line{Line: i, Item: item, Qty: 6})
			s.Parcels[0].Contents = append(s.Parcels[0].Contents, order.LineQty{Line: i, Qty: 6})
		}
		upd(func(ctx context.Context, tx storage.Tx) error {
			t0 := time.Now()
			require.NoError(t, tx.Orders().Save(ctx, o))
			t1 := time.Now()
			require.NoError(t, tx.Stock().Apply(ctx, reserve))
			t2 := time.Now()
			require.NoError(t, tx.Fulfillments().Save(ctx, w))
			t3 := time.Now()
			saves += t1.Sub(t0); applies += t2.Sub(t1); works += t3.Sub(t2)
			return tx.Commands().Put(ctx, storage.Command{Key: owner, Name: "x", At: benchTime})
		})
		upd(func(ctx context.Context, tx storage.Tx) error {
			t0 := time.Now()
			got, err := tx.Orders().Get(ctx, o.ID)
			require.NoError(t, err)
			for i := range got.Lines { got.Lines[i].Reserved, got.Lines[i].Shipped = 0, 6 }
			got.Version++
			require.NoError(t, tx.Orders().Save(ctx, got))
			t1 := time.Now()
			require.NoError(t, tx.Stock().Apply(ctx, ship))
			t2 := time.Now()
			saves += t1.Sub(t0); applies += t2.Sub(t1)
			w.Version++
			require.NoError(t, tx.Fulfillments().Save(ctx, w))
			return tx.Fulfillments().SaveShipment(ctx, s)
		})
	}
	t.Log(time.Since(start), saves, applies, works)
	h1 := heap()
	t.Logf("heap %d MB", (h1-h0)>>20)
	runtime.KeepAlive(store)
}
