package inventory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
)

// BenchmarkDecide decides on what was read and applies the outcome to the balances, as a
// program would that keeps its stock itself. Beside it stands the floor: the same facts
// made by hand, on a map.
func BenchmarkDecide(b *testing.B) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	until := now.Add(time.Hour)
	owners := make([]string, 1024)
	for i := range owners {
		owners[i] = fmt.Sprint("cart-", i)
	}
	meta := func(i int) inventory.Meta {
		return inventory.Meta{ID: uuid.UUID{byte(i), byte(i >> 8), byte(i >> 16)}, Now: now}
	}
	b.Run("reserve", func(b *testing.B) {
		s, byHand := stocked(1), newBalances(1)
		holds := []inventory.Hold{{Item: "item-0", Location: "ber", Qty: 1, Until: until}}
		decideTurns(b, func(i int) error {
			holds[0].Owner = owners[i%len(owners)]
			c, err := inventory.Reserve(s, holds, holds[0].Owner, meta(i))
			if err != nil {
				return err
			}
			return apply(&s, c)
		}, func(i int) error {
			h := &holds[0]
			h.Owner = owners[i%len(owners)]
			k := inventory.ReservationKey{Owner: h.Owner, Item: h.Item, Location: h.Location}
			moves := []inventory.Movement{{Item: h.Item, From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Soft), Qty: h.Qty}}
			return byHand.apply(inventory.Changes{
				Posting:      inventory.Posting{ID: meta(i).ID, Reason: inventory.ReasonReserve, Document: h.Owner, At: now, Movements: moves},
				Reservations: []inventory.Reservation{{ReservationKey: k, Soft: h.Qty, Until: h.Until, Version: 1}},
			})
		})
	})
	b.Run("post-10", func(b *testing.B) {
		s, byHand := stocked(10), newBalances(10)
		moves := make([]inventory.Movement, 10)
		for i := range moves {
			moves[i] = inventory.Movement{Item: fmt.Sprint("item-", i), From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.QC), Qty: 1}
		}
		decideTurns(b, func(i int) error {
			c, err := inventory.Move(s, moves, inventory.ReasonInspect, "qc-1", meta(i))
			if err != nil {
				return err
			}
			return apply(&s, c)
		}, func(i int) error {
			return byHand.apply(inventory.Changes{Posting: inventory.Posting{
				ID: meta(i).ID, Reason: inventory.ReasonInspect, Document: "qc-1", At: now, Movements: slices.Clone(moves),
			}})
		})
	})
}

// stocked is a reading of a number of items with plenty of stock, in order of their ids.
func stocked(items int) inventory.Snapshot {
	s := inventory.Snapshot{Locations: []inventory.Location{{ID: "ber"}}}
	for i := range items {
		b := inventory.Balance{Key: inventory.Key{Item: fmt.Sprint("item-", i), Location: "ber"}}
		b.Set(inventory.Free, inventory.MaxQty)
		s.Items, s.Balances = append(s.Items, inventory.Item{ID: b.Item}), append(s.Balances, b)
	}
	return s
}

// apply carries the balances of a reading on to what was decided.
func apply(s *inventory.Snapshot, c inventory.Changes) error {
	for _, d := range c.Posting.Deltas() {
		i, _ := slices.BinarySearchFunc(s.Balances, d.Key, func(b inventory.Balance, k inventory.Key) int { return b.Compare(k) })
		if err := s.Balances[i].Apply(d); err != nil {
			return err
		}
	}
	return nil
}

// balances is what one would write instead.
type balances map[inventory.Key]*inventory.Balance

func newBalances(items int) balances {
	all := balances{}
	for _, b := range stocked(items).Balances {
		all[b.Key] = &b
	}
	return all
}

func (all balances) apply(c inventory.Changes) error {
	for _, m := range c.Posting.Movements {
		b := all[inventory.Key{Item: m.Item, Location: m.From.Location}]
		if b.Of(m.From.State) < m.Qty {
			return inventory.ErrShortage
		}
		b.Set(m.From.State, b.Of(m.From.State)-m.Qty)
		b.Set(m.To.State, b.Of(m.To.State)+m.Qty)
	}
	return nil
}

// decideTurns runs both sides in alternating rounds and reports the medians.
func decideTurns(b *testing.B, decide, floor func(i int) error) {
	b.Helper()
	const round = 64
	var took [2][]time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	b.StopTimer()
	for done := 0; done < b.N; done += round {
		n := min(round, b.N-done)
		for side, do := range []func(int) error{decide, floor} {
			if side == 0 {
				b.StartTimer()
			}
			began := time.Now()
			for i := range n {
				if err := do(done + i); err != nil {
					b.Fatal(err)
				}
			}
			took[side] = append(took[side], time.Since(began)/time.Duration(n))
			b.StopTimer()
		}
	}
	slices.Sort(took[0])
	slices.Sort(took[1])
	at := len(took[0]) / 2
	b.ReportMetric(float64(took[0][at].Nanoseconds()), "median-ns")
	b.ReportMetric(float64(took[1][at].Nanoseconds()), "floor-ns")
	b.ReportMetric(float64(took[0][at])/float64(took[1][at]), "×floor")
}
