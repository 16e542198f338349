package inventory_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/internal/benchfloor"
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
		benchfloor.Turns{Round: 64, Ours: func(i int) error {
			holds[0].Owner = owners[i%len(owners)]
			c, err := inventory.Reserve(s, holds, holds[0].Owner, meta(i))
			if err != nil {
				return err
			}
			return apply(&s, c)
		}, Floor: func(i int) error {
			h := &holds[0]
			h.Owner = owners[i%len(owners)]
			k := inventory.ReservationKey{Owner: h.Owner, Item: h.Item, Location: h.Location}
			moves := []inventory.Movement{{Item: h.Item, From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Soft), Qty: h.Qty}}
			return byHand.apply(inventory.Changes{
				Posting:      inventory.Posting{ID: meta(i).ID, Reason: inventory.ReasonReserve, Document: h.Owner, At: now, Movements: moves},
				Reservations: []inventory.Reservation{{ReservationKey: k, Soft: h.Qty, Until: h.Until, Version: 1}},
			})
		}}.Run(b)
	})
	b.Run("post-10", func(b *testing.B) {
		s, byHand := stocked(10), newBalances(10)
		moves := make([]inventory.Movement, 10)
		for i := range moves {
			moves[i] = inventory.Movement{Item: fmt.Sprint("item-", i), From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.QC), Qty: 1}
		}
		benchfloor.Turns{Round: 64, Ours: func(i int) error {
			c, err := inventory.Move(s, moves, inventory.ReasonInspect, "qc-1", meta(i))
			if err != nil {
				return err
			}
			return apply(&s, c)
		}, Floor: func(i int) error {
			return byHand.apply(inventory.Changes{Posting: inventory.Posting{
				ID: meta(i).ID, Reason: inventory.ReasonInspect, Document: "qc-1", At: now, Movements: slices.Clone(moves),
			}})
		}}.Run(b)
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

// BenchmarkAvailable asks for what is available to sell of one of 1,000 items in a snapshot:
// at one of ten locations, and over all. The floor finds the balances in a map, and takes off
// the safety stock.
func BenchmarkAvailable(b *testing.B) {
	const items, places = 1000, 10
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var s inventory.Snapshot
	var ids, locations []string
	byHand := balances{}
	for j := range places {
		locations = append(locations, fmt.Sprint("shop-", j))
		s.Locations = append(s.Locations, inventory.Location{ID: locations[j]})
	}
	for i := range items {
		ids = append(ids, fmt.Sprintf("item-%04d", i))
		s.Items = append(s.Items, inventory.Item{ID: ids[i], Safety: 2})
		for _, l := range locations {
			balance := inventory.Balance{Key: inventory.Key{Item: ids[i], Location: l}}
			balance.Set(inventory.Free, int64(10+i))
			s.Balances = append(s.Balances, balance)
			byHand[balance.Key] = &balance
		}
	}
	free := func(item, location string) int64 {
		return max(0, byHand[inventory.Key{Item: item, Location: location}].Of(inventory.Free)-2)
	}
	want := func(i int, got int64) error {
		if want := int64(8 + i%items); got != want && got != places*want {
			return fmt.Errorf("%d of item %d are available", got, i%items)
		}
		return nil
	}
	b.Run("at one location", func(b *testing.B) {
		benchfloor.Turns{
			Round: 4096,
			Ours: func(i int) error {
				return want(i, s.Available(ids[i%items], locations[i%places], "", now))
			},
			Floor: func(i int) error { return want(i, free(ids[i%items], locations[i%places])) },
		}.Run(b)
	})
	b.Run("over ten", func(b *testing.B) {
		benchfloor.Turns{
			Round: 4096,
			Ours:  func(i int) error { return want(i, s.Available(ids[i%items], "", "", now)) },
			Floor: func(i int) error {
				var sum int64
				for _, l := range locations {
					sum += free(ids[i%items], l)
				}
				return want(i, sum)
			},
		}.Run(b)
	})
}
