package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

var atpNow = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func atpDay(n int) time.Time { return atpNow.AddDate(0, 0, n) }

func inFree(item, lot, location string, qty int64) inventory.Balance {
	b := inventory.Balance{Key: inventory.Key{Item: item, Lot: lot, Location: location}}
	b.Set(inventory.Free, qty)
	return b
}

// naiveATP is the definition: the least, over the days from one on, of what has come by then
// less what was promised by then.
func naiveATP(s *inventory.Snapshot, item string, safety int64, location string, day int) int64 {
	least := int64(inventory.Unlimited)
	for d := day; d <= 12; d++ {
		var sum int64
		for _, l := range s.Locations {
			if l.Inactive || location != "" && location != l.ID {
				continue
			}
			here := -safety
			for _, b := range s.Of(item) {
				if b.Location == l.ID {
					here += b.Of(inventory.Free)
				}
			}
			for _, u := range s.Supply {
				if u.Item == item && u.Location == l.ID && u.Due.After(atpNow) && !u.Due.After(atpDay(d)) {
					here += u.Qty      // comes
					here -= u.Promised // goes, to whom it was promised
				}
			}
			sum += max(0, here)
		}
		least = min(least, sum)
	}
	return least
}

func TestWhatMayBePromisedIsWhatTheDefinitionSays(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a test
		safety := r.Int64N(4)
		s := inventory.Snapshot{
			Items:     []inventory.Item{{ID: "mug", Safety: safety}, {ID: "set", Kit: []inventory.Component{{Item: "mug", Qty: 2}, {Item: "tee", Qty: 1}}}, {ID: "tee"}},
			Locations: []inventory.Location{{ID: "a"}, {ID: "b", Inactive: r.IntN(4) == 0}, {ID: "c"}},
		}
		for _, item := range []string{"mug", "tee"} {
			for _, l := range []string{"a", "b", "c"} {
				if r.IntN(2) == 0 {
					s.Balances = append(s.Balances, inFree(item, "", l, r.Int64N(9)))
				}
			}
			for range r.IntN(6) {
				qty := 1 + r.Int64N(9)
				s.Supply = append(s.Supply, inventory.Supply{Item: item, Location: []string{"a", "b", "c", "gone"}[r.IntN(4)], Due: atpDay(r.IntN(12) - 2), Qty: qty, Promised: r.Int64N(qty + 1)})
			}
		}
		for _, location := range []string{"", "a", "b", "c"} {
			curves := map[string][]inventory.ATP{}
			for _, item := range []string{"mug", "tee", "set"} {
				all, err := s.AvailableToPromise(item, location, atpNow)
				require.NoError(t, err)
				here := s
				here.Supply = nil
				now, err := here.Explain(item, location, "", atpNow)
				require.NoError(t, err)
				require.Equal(t, now, all[0].Availability, "seed %d", seed)
				for _, a := range all {
					var sum int64
					for _, term := range a.Terms {
						sum += term.Qty
					}
					require.Equal(t, a.ATS, sum, "seed %d: the terms of %s", seed, a)
				}
				curves[item] = all
			}
			for day := range 12 {
				require.Equal(t, naiveATP(&s, "mug", safety, location, day), on(curves["mug"], day), "seed %d: mugs at %q on day %d", seed, location, day)
				require.Equal(t, naiveATP(&s, "tee", 0, location, day), on(curves["tee"], day), "seed %d: tees at %q on day %d", seed, location, day)
				var sets int64
				for _, l := range []string{"a", "b", "c"} {
					if location == "" || location == l {
						sets += min(naiveATP(&s, "mug", safety, l, day)/2, naiveATP(&s, "tee", 0, l, day))
					}
				}
				require.Equal(t, sets, on(curves["set"], day), "seed %d: sets at %q on day %d", seed, location, day)
			}
			last := on(curves["tee"], 11)
			at, ok := inventory.Earliest(curves["tee"], last)
			require.True(t, ok)
			for day := range 12 {
				require.Equal(t, !atpDay(day).Before(at), on(curves["tee"], day) >= last, fmt.Sprint("the earliest day for ", last))
			}
			_, ok = inventory.Earliest(curves["tee"], last+1)
			require.False(t, ok)
		}
	}
}

// on is the number of a day.
func on(all []inventory.ATP, day int) int64 {
	i := slices.IndexFunc(all, func(a inventory.ATP) bool { return a.From.After(atpDay(day)) })
	if i < 0 {
		i = len(all)
	}
	return all[i-1].ATS
}

func TestUnitsOfALotMayBePromisedForTheDaysThatItLasts(t *testing.T) {
	t.Parallel()
	safety := int64(3)
	s := inventory.Snapshot{
		Items:     []inventory.Item{{ID: "milk"}, {ID: "wrap", Untracked: true}},
		Locations: []inventory.Location{{ID: "a"}, {ID: "b"}, {ID: "c"}},
		Balances:  []inventory.Balance{inFree("milk", "old", "a", 4), inFree("milk", "bad", "a", 9)},
		Lots:      []inventory.Lot{{Item: "milk", ID: "bad", Blocked: "recall"}, {Item: "milk", ID: "old", Expires: atpDay(3)}},
		Levels:    []inventory.Level{{Item: "milk", Location: "a", Safety: &safety}, {Item: "milk", Location: "b", Frozen: true}, {Item: "milk", Location: "c", Untracked: true}},
		Supply:    []inventory.Supply{{Item: "milk", Location: "a", Due: atpDay(5), Qty: 5}, {Item: "milk", Location: "b", Due: atpDay(5), Qty: 50}},
	}
	all, err := s.AvailableToPromise("milk", "a", atpNow)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, []int64{1, 0, 2}, []int64{all[0].ATS, all[1].ATS, all[2].ATS})
	require.Equal(t, []time.Time{atpNow, atpDay(3), atpDay(5)}, []time.Time{all[0].From, all[1].From, all[2].From})
	frozen, err := s.AvailableToPromise("milk", "b", atpNow)
	require.NoError(t, err)
	require.Len(t, frozen, 1)
	require.Zero(t, frozen[0].ATS)
	for item, location := range map[string]string{"milk": "c", "wrap": ""} {
		endless, err := s.AvailableToPromise(item, location, atpNow)
		require.NoError(t, err)
		require.Len(t, endless, 1)
		require.EqualValues(t, inventory.Unlimited, endless[0].ATS)
	}
	_, err = s.AvailableToPromise("hat", "", atpNow)
	require.ErrorIs(t, err, inventory.ErrUnknownItem)
}
