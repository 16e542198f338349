package oms_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
)

// TestManyNumbersAreThoseOfEach walks through random worlds of kits, lots, levels, holds
// and locations, and compares every number of AvailabilityOf with the one of Availability.
func TestManyNumbersAreThoseOfEach(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		dinner(s)
		s.milk()
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "tray", Kit: []inventory.Component{{Item: "milk", Qty: 1}, {Item: "wrap", Qty: 3}}}))
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test
		items := []string{"tee", "mug", "milk", "cap", "jar", "set", "tray", "hamper", "wrap", "tee"}
		places := []string{"ber", "ham", "muc", "zrh"}
		for _, id := range items[3:5] {
			s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: id, Safety: 2}))
		}
		for _, id := range places[2:] {
			s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: id}))
		}
		for step := range 60 {
			item, place, owner, qty := items[r.IntN(len(items))], places[r.IntN(4)], fmt.Sprint("cart-", r.IntN(5)), 1+r.Int64N(6)
			lot := []string{"", "late", "soon", "new"}[r.IntN(4)]
			if item != "milk" && r.IntN(8) > 0 {
				lot = ""
			}
			switch what := r.IntN(12); what { // what is refused changes nothing
			case 0, 1, 2:
				_, _ = s.Stock.Receive(s.ctx, inventory.Receipt{Item: item, Lot: lot, Location: place, Qty: qty})
			case 3, 4, 5:
				_, _ = s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: owner, Line: r.IntN(2), Item: item, Lot: lot, Location: place, Qty: qty, Until: s.clock.read().Add(time.Duration(1+r.IntN(5)) * time.Hour)}})
			case 6:
				l := inventory.Level{Item: item, Location: place, Frozen: r.IntN(3) == 0, Untracked: r.IntN(3) == 0, Unstocked: r.IntN(4) == 0}
				if r.IntN(2) == 0 {
					l.Safety = &qty
				}
				_, _ = s.Stock.SetLevel(s.ctx, l)
			case 7:
				s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: place, Inactive: r.IntN(2) == 0}))
			case 8:
				if _, err := s.Stock.BlockLot(s.ctx, item, lot, "recall"); err == nil && r.IntN(2) == 0 {
					_, err = s.Stock.UnblockLot(s.ctx, item, lot)
					s.do(err)
				}
			case 9:
				s.clock.turn(time.Duration(r.IntN(40)) * time.Hour)
			case 10:
				_, _ = s.Stock.Commit(s.ctx, owner)
			default:
				_, _ = s.Stock.Sweep(s.ctx, item)
			}
			if step%5 != 4 {
				continue
			}
			r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
			for _, at := range [][]string{nil, {""}, {"zrh", "", "ber", "nowhere", "zrh"}, {"ham"}, {"nowhere"}, places} {
				got := must(s.Stock.AvailabilityOf(s.ctx, items, at...))(s)
				require.Len(t, got, len(items))
				if at == nil {
					at = []string{""}
				}
				for i, item := range items {
					require.Len(t, got[i], len(at))
					for j, l := range at {
						require.Equal(t, s.ats(item, l, ""), got[i][j], "seed %d, step %d: %s at %q", seed, step, item, l)
					}
				}
			}
		}
		_, err := s.Stock.AvailabilityOf(s.ctx, []string{"tee", "hat"}, "ber")
		require.ErrorIs(t, err, inventory.ErrUnknownItem)
		require.Empty(t, must(s.Stock.AvailabilityOf(s.ctx, nil, "ber"))(s))
		require.ErrorIs(t, errOf(s.Tenant("other").Stock.AvailabilityOf(s.ctx, []string{"tee"})), inventory.ErrUnknownItem, "of another tenant")
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "pen"}))
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: "ber"}))
		s.do(s.Atomically(s.ctx, func(ctx context.Context, kit *oms.Engine) error {
			if _, err := kit.Stock.Receive(ctx, inventory.Receipt{Item: "pen", Location: "ber", Qty: 7}); err != nil {
				return err
			}
			got, err := kit.Stock.AvailabilityOf(ctx, []string{"pen"})
			require.Equal(t, [][]int64{{7}}, got, "its own writes are seen")
			return err
		}))
	})
}
