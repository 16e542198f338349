package storagetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms/inventory"
)

func loadScan(c *check) {
	places, moment := []string{"ber", "ham", "muc"}, at(100)
	for i := range 20 {
		places = append(places, fmt.Sprint("shop-", i))
	}
	c.stocked(5, []string{"cap", "mug", "tee"}, places...)
	many := make([]string, 600)
	change := c.move(inventory.Movement{Item: "tee", Lot: "b", From: inventory.Outside(inventory.Supplier), To: inventory.At("ham", inventory.Free), Qty: 7},
		inside("mug", "ber", inventory.Free, inventory.Held, 5), inside("tee", "ber", inventory.Free, inventory.Soft, 5), inside("tee", "muc", inventory.Free, inventory.Soft, 3))
	for i, until := range []time.Time{at(50), at(100), at(101), at(100)} {
		key := inventory.ReservationKey{Owner: fmt.Sprint("cart-", i), Item: "tee", Location: []string{"ber", "ber", "ber", "muc"}[i]}
		change.Reservations = append(change.Reservations, inventory.Reservation{ReservationKey: key, Soft: []int64{1, 2, 2, 3}[i], Until: until, Version: 1})
	}
	set := item("set")
	set.Kit = []inventory.Component{{Item: "mug", Qty: 1}}
	c.update(func(u unit) {
		u.putItems(set)
		u.putLevels(fullLevel("mug", "ber"), inventory.Level{Item: "tee", Location: "far", Frozen: true, Version: 1})
		u.apply(c.move(in("tee", "muc", 9), in("cap", "shop-3", 2), in("mug", "shop-3", 2), in("mug", "shop-11", 1)))
		u.apply(change)
		more := c.move()
		for i := range many {
			many[i] = fmt.Sprint("many-", i)
			u.putItems(item(many[i]))
			more.Posting.Movements = append(more.Posting.Movements, in(many[i], places[i%3], int64(i+1)))
		}
		u.apply(more)
		u.scanned(inventory.Need{Items: []string{"tee", "many-7"}, Now: moment})
	})
	c.view(func(u unit) {
		for _, items := range [][]string{{"tee", "set", "nothing", "tee"}, {"cap"}, {"tee", "mug"}, {"set"}, {"nothing"}, many, nil} {
			for _, named := range [][]string{nil, {"ber"}, {"nowhere", "muc", "ber", "muc"}, {"far"}, append([]string{"zrh", "aaa"}, places[1:]...)} {
				u.scanned(inventory.Need{Items: items, Locations: named, Owner: "cart-0", Now: moment})
			}
		}
	})
}

// scanned compares a scan with what lists and Load say.
func (u unit) scanned(n inventory.Need) {
	u.c.Helper()
	here := func(location string) bool { return len(n.Locations) == 0 || slices.Contains(n.Locations, location) }
	asked := func(item string) bool { return slices.Contains(n.Items, item) }
	whole := u.load(inventory.Need{Items: n.Items, Now: n.Now})
	want := inventory.Snapshot{
		Items:     slices.DeleteFunc(whole.Items, func(i inventory.Item) bool { return !asked(i.ID) }),
		Locations: slices.DeleteFunc(every(u, u.Stock().ListLocations(u.ctx)), func(l inventory.Location) bool { return !here(l.ID) }),
		Levels:    slices.DeleteFunc(whole.Levels, func(l inventory.Level) bool { return !asked(l.Item) }),
		Expired:   slices.DeleteFunc(whole.Expired, func(r inventory.Reservation) bool { return !asked(r.Item) || !here(r.Location) }),
	}
	var free []inventory.FreeUnits
	for i := range whole.Balances {
		if b := &whole.Balances[i]; asked(b.Item) && here(b.Location) && b.Of(inventory.Free) > 0 {
			free = append(free, inventory.FreeUnits{Key: b.Key, Qty: b.Of(inventory.Free)})
		}
	}
	var got []inventory.FreeUnits
	s, err := u.Stock().ScanFree(u.ctx, n, func(f inventory.FreeUnits) { got = append(got, f) })
	u.ok(err)
	slices.SortFunc(got, func(a, b inventory.FreeUnits) int { return a.Compare(b.Key) })
	what := fmt.Sprintf("ScanFree of %d items at %v", len(n.Items), n.Locations)
	u.c.same(what, want, s)
	u.c.same("the units of "+what, free, got)
}
