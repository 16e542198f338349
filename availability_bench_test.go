package oms_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/internal/benchfloor"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

const surveyLocations = 500

// surveyShop is a store with stock of every item at every location, one of them an hour ago.
func surveyShop(b *testing.B) (kit *oms.Engine, items, locations []string) {
	b.Helper()
	store := memory.New()
	for i := range benchItems {
		items = append(items, benchItem(i))
	}
	for j := range surveyLocations {
		locations = append(locations, fmt.Sprintf("location-%03d", j))
	}
	require.NoError(b, store.Update(b.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		for _, l := range locations {
			if err := tx.Stock().PutLocation(ctx, inventory.Location{ID: l}); err != nil {
				return err
			}
		}
		for i, item := range items {
			if err := tx.Stock().PutItem(ctx, inventory.Item{ID: item, Safety: 2}); err != nil {
				return err
			}
			p := inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonReceipt, At: time.Now()}
			for j, l := range locations {
				p.Movements = append(p.Movements, inventory.Movement{Item: item, From: inventory.Outside(inventory.Supplier), To: inventory.At(l, inventory.Free), Qty: int64(1000 + i + j)})
			}
			if err := tx.Stock().Apply(ctx, inventory.Changes{Posting: p}); err != nil {
				return err
			}
		}
		return nil
	}))
	return oms.New(store), items, locations
}

// BenchmarkAvailabilityOf asks for 1,000 items at 500 locations. The floor is a loop over a
// slice of balances into a table.
func BenchmarkAvailabilityOf(b *testing.B) {
	kit, items, locations := surveyShop(b)
	var rows []inventory.Balance
	for _, item := range items {
		of, err := kit.Stock.Balances(b.Context(), item)
		require.NoError(b, err)
		rows = append(rows, of...)
	}
	row, column := map[string]int{}, map[string]int{}
	for i, item := range items {
		row[item] = i
	}
	for j, l := range locations {
		column[l] = j
	}
	byHand := func() [][]int64 {
		out := make([][]int64, len(items))
		for i := range out {
			out[i] = make([]int64, len(locations))
		}
		for i := range rows {
			r := &rows[i]
			out[row[r.Item]][column[r.Location]] = max(0, r.Of(inventory.Free)-2)
		}
		return out
	}
	got, err := kit.Stock.AvailabilityOf(b.Context(), items, locations...)
	require.NoError(b, err)
	require.Equal(b, byHand(), got)
	for _, of := range []struct {
		name      string
		locations []string
	}{{"everywhere", locations}, {"summed", nil}, {"at three", locations[100:103]}} {
		b.Run(of.name, func(b *testing.B) {
			benchfloor.Turns{
				Round: 1,
				Ours: func(int) error {
					_, err := kit.Stock.AvailabilityOf(b.Context(), items, of.locations...)
					return err
				},
				Floor: func(int) error { byHand(); return nil },
			}.Run(b)
		})
	}
}

// BenchmarkAvailability asks an Engine in memory for what is available to sell of one item at
// its location, with what the number is made of. The floor finds the balance in a map behind a
// lock, and makes the same answer.
func BenchmarkAvailability(b *testing.B) {
	kit, shop := benchShop(b, memory.New(), 0), newMapLedger()
	byHand := func(item string) inventory.Availability {
		shop.mu.Lock()
		defer shop.mu.Unlock()
		balance := shop.balances[inventory.Key{Item: item, Location: "ber"}]
		free := balance.Of(inventory.Free)
		return inventory.Availability{
			Item: item, Location: "ber", OnHand: balance.OnHand(), ATS: max(0, free),
			Terms: []inventory.Term{{Name: "free", Location: "ber", Qty: free}},
		}
	}
	got, err := kit.Stock.Availability(b.Context(), benchItem(7), "ber", "")
	require.NoError(b, err)
	require.Equal(b, byHand(benchItem(7)), got)
	var items [benchItems]string
	for i := range items {
		items[i] = benchItem(i)
	}
	benchfloor.Turns{
		Round: 1024,
		Ours: func(i int) error {
			_, err := kit.Stock.Availability(b.Context(), items[i%benchItems], "ber", "")
			return err
		},
		Floor: func(i int) error {
			if a := byHand(items[i%benchItems]); a.ATS == 0 {
				return fmt.Errorf("nothing is available of %s", a.Item)
			}
			return nil
		},
	}.Run(b)
}
