package inventory_test

import (
	"fmt"
	"time"

	"github.com/orderkit/oms/inventory"
)

// reading is what a repository would have read: two locations with T-shirts, three of
// which a cart has held since before.
func reading(now time.Time) inventory.Snapshot {
	s := inventory.Snapshot{
		Items:     []inventory.Item{{ID: "tee-m", Safety: 1}},
		Locations: []inventory.Location{{ID: "ams"}, {ID: "ber"}},
		Balances: []inventory.Balance{
			{Key: inventory.Key{Item: "tee-m", Location: "ams"}},
			{Key: inventory.Key{Item: "tee-m", Location: "ber"}},
		},
		Reservations: []inventory.Reservation{{
			ReservationKey: inventory.ReservationKey{Owner: "cart-7", Item: "tee-m", Location: "ber"},
			Soft:           3, Until: now.Add(time.Minute), Version: 1,
		}},
	}
	s.Balances[0].Set(inventory.Free, 4)
	s.Balances[1].Set(inventory.Free, 2)
	s.Balances[1].Set(inventory.Soft, 3)
	return s
}

func ExampleReceive() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c, err := inventory.Receive(reading(now), inventory.Receipt{Item: "tee-m", Location: "ber", Qty: 40, Ref: "po-17"}, inventory.Meta{Now: now})
	for _, m := range c.Posting.Movements {
		fmt.Println(m.Qty, m.Item, "from", m.From, "to", m.To, err)
	}
	_, err = inventory.Receive(reading(now), inventory.Receipt{Item: "tee-xl", Location: "ber", Qty: 40}, inventory.Meta{Now: now})
	fmt.Println(err)
	// Output:
	// 40 tee-m from supplier to free@ber <nil>
	// inventory: unknown item: "tee-xl"; add it first
}

func ExampleReserve() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	hold := func(line int, qty int64) inventory.Hold {
		return inventory.Hold{Owner: "order-8", Line: line, Item: "tee-m", Location: "ams", Qty: qty}
	}
	c, err := inventory.Reserve(reading(now), []inventory.Hold{hold(1, 2), hold(2, 1)}, "order-8", inventory.Meta{Now: now})
	for _, r := range c.Reservations {
		fmt.Println(r.ReservationKey, "committed", r.Committed, err)
	}
	_, err = inventory.Reserve(reading(now), []inventory.Hold{hold(1, 2), hold(2, 2)}, "order-8", inventory.Meta{Now: now})
	fmt.Println(err)
	// Output:
	// order-8/1 tee-m@ams committed 2 <nil>
	// order-8/2 tee-m@ams committed 1 <nil>
	// inventory: not enough stock: item "tee-m" at "ams" (line 2): want 2, have 1
}

func ExampleCommit() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c, err := inventory.Commit(reading(now), "cart-7", "order-8", inventory.Meta{Now: now})
	fmt.Println(c.Reservations[0].Committed, "committed", err)
	_, err = inventory.Commit(reading(now), "cart-7", "order-8", inventory.Meta{Now: now.Add(time.Hour)})
	fmt.Println(err)
	// Output:
	// 3 committed <nil>
	// inventory: expiry refused: until 2026-03-01T12:01:00Z, now 2026-03-01T13:00:00Z; it must be after now and within 8784h0m0s
}

func ExampleProgress() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	key := inventory.ReservationKey{Owner: "cart-7", Item: "tee-m", Location: "ber"}
	_, err := inventory.Progress(reading(now), []inventory.Step{{Key: key, From: inventory.Committed, To: inventory.Picked, Qty: 1}}, "", inventory.Meta{Now: now})
	fmt.Println(err)
	// Output:
	// inventory: reservation refused: cart-7/0 tee-m@ber has 0 committed, want 1; use exactly what it holds
}

func ExampleSnapshot_Explain() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := reading(now)
	everyone, err := s.Explain("tee-m", "ber", "", now)
	fmt.Println(everyone, err)
	owner, err := s.Explain("tee-m", "", "cart-7", now)
	fmt.Println(owner, err)
	// Output:
	// tee-m: 1 available to sell of 5 on hand = +2 free@ber; -1 safety stock@ber <nil>
	// tee-m: 7 available to sell of 9 on hand = +4 free@ams; -1 safety stock@ams; +2 free@ber; +3 own holds@ber; -1 safety stock@ber <nil>
}
