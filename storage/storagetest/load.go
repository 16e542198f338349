package storagetest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
)

var loads = []rule{
	{
		name: "load/complete", run: loadComplete,
		text: "Load has the items asked for with their balances at every location, the locations of those and the ones asked for, and all reservations of the owner: everything, nothing else, each once and in order.",
	},
	{
		name: "load/order", run: loadOrder,
		text: "Ids are sorted by their bytes, in Load and in lists: upper case before lower case before accents before emoji.",
	},
	{
		name: "load/expired", run: loadExpired,
		text: "Load has the soft reservations of its items, of whatever owner, that have ended at Now: one that ends at that very moment, none that ends later.",
	},
	{
		name: "load/parts", run: loadParts,
		text: "With an item come the components of its kit and of its bill, with their balances, as if they had been asked for; nothing comes with a component.",
	},
	{
		name: "load/many", run: loadMany,
		text: "Load takes any number of items at once, named in any order and more than once.",
	},
	{
		name: "load/scan", run: loadScan,
		text: "ScanFree passes on the free units of every balance of its items that has any, at the named locations or everywhere, each once; its snapshot has the definitions, levels and expired holds of the items and those locations, and nothing of components.",
	},
}

var histories = []rule{
	{
		name: "history/postings", run: historyPostings,
		text: "Postings are listed by id, whatever they are dated and whenever they were applied, those of an item by date and then by id; filters by item, document, time and id all hold, and with an item only its movements are there.",
	},
	{
		name: "history/reservations", run: historyReservations,
		text: "Reservations are listed by key; filters by owner, item and open units all hold.",
	},
	{
		name: "history/movements", run: historyMovements,
		text: "Movements of an item are listed by date, posting and number, or backwards; every filter holds, and a page goes on behind the last one of the page before.",
	},
	{
		name: "history/sums", run: historySums,
		text: "The flow of a span is the sum of exactly the movements behind its beginning, up to and with its end.",
	},
}

func loadComplete(c *check) {
	c.stocked(10, []string{"mug", "tee", "cap"}, "ham", "ber", "muc", "zrh")
	untracked := inventory.Item{ID: "wrap", SKU: "W", Untracked: true}
	c.update(func(u unit) {
		u.putItems(untracked)
		u.apply(c.move(in("tee", "ber", 1), in("cap", "muc", 1), inventory.Movement{Item: "tee", Lot: "b", From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.QC), Qty: 2},
			inventory.Movement{Item: "tee", Lot: "B", From: inventory.Outside(inventory.Supplier), To: inventory.At("ham", inventory.Held), Qty: 3}))
		change := c.move(inside("cap", "ham", inventory.Free, inventory.Committed, 1), inside("mug", "ham", inventory.Free, inventory.Committed, 1))
		for _, key := range []inventory.ReservationKey{
			{Owner: "o", Line: 1, Item: "cap", Location: "ham"}, {Owner: "o", Line: 2, Item: "mug", Location: "ham"}, {Owner: "o", Line: 10, Item: "mug", Location: "ham"}, {Owner: "other", Item: "mug", Location: "ham"},
		} {
			change.Reservations = append(change.Reservations, inventory.Reservation{ReservationKey: key, Committed: int64(key.Line), Shipped: 1, Version: 1})
		}
		u.apply(change)
	})
	c.view(func(u unit) {
		all := u.look()
		got := u.load(inventory.Need{Items: []string{"tee", "wrap", "nothing"}, Locations: []string{"zrh", "nowhere", "ber"}, Owner: "o", Now: at(9000)})
		c.same("Load", inventory.Snapshot{
			Items:        []inventory.Item{item("tee"), untracked},
			Locations:    []inventory.Location{location("ber"), location("ham"), location("zrh")},
			Balances:     slices.DeleteFunc(slices.Clone(all.Balances), func(b inventory.Balance) bool { return b.Item != "tee" }),
			Reservations: all.Reservations[:3],
		}, got)
		c.same("Load of no need", inventory.Snapshot{}, u.load(inventory.Need{Now: at(9000)}))
		c.same("Load of an owner", inventory.Snapshot{Reservations: all.Reservations[:3]}, u.load(inventory.Need{Owner: "o"}))
		c.same("Load of locations", inventory.Snapshot{Locations: []inventory.Location{location("muc")}}, u.load(inventory.Need{Locations: []string{"muc"}}))
		c.same("Load of what is unknown", inventory.Snapshot{}, u.load(inventory.Need{Items: []string{"none"}, Locations: []string{"none"}, Owner: "none", Now: at(1)}))
	})
}

func loadParts(c *check) {
	c.stocked(10, []string{"mug", "tee", "cap"}, "ham", "ber")
	parts := func(ids ...string) (out []inventory.Component) {
		for _, id := range ids {
			out = append(out, inventory.Component{Item: id, Qty: 2})
		}
		return out
	}
	c.update(func(u unit) {
		set, hamper := item("set"), item("hamper")
		set.Backorder, set.Safety = false, 0
		set.Kit, hamper.Bill = parts("tee", "mug", "gone"), parts("cap")
		u.putItems(set, hamper)
	})
	c.view(func(u unit) {
		for _, asked := range [][]string{{"set"}, {"hamper"}, {"set", "hamper"}, {"set", "tee"}, {"tee"}} {
			whole := slices.Clone(asked)
			if slices.Contains(asked, "set") {
				whole = append(whole, "mug", "tee")
			}
			if slices.Contains(asked, "hamper") {
				whole = append(whole, "cap")
			}
			c.same(fmt.Sprint("Load of ", asked), u.load(inventory.Need{Items: whole, Now: at(1)}), u.load(inventory.Need{Items: asked, Now: at(1)}))
			c.count(len(sorted(slices.Compact(sorted(whole, strings.Compare)), strings.Compare)), len(u.load(inventory.Need{Items: asked}).Items), "items")
		}
	})
}

func loadOrder(c *check) {
	names := []string{"B", "a", "A", "aa", "a_", "a-", "Ä", "ä", "z", "10", "9", "日本", "👩🏽‍🚀", "_", "~"}
	c.update(func(u unit) {
		for _, name := range names {
			u.putItems(item(name))
			u.putLocations(location(name))
		}
		change := inventory.Changes{}
		for _, name := range names {
			next := c.move(
				inventory.Movement{Item: name, Lot: name, From: inventory.Outside(inventory.Supplier), To: inventory.At("a", inventory.Free), Qty: 1},
				inventory.Movement{Item: "a", From: inventory.Outside(inventory.Supplier), To: inventory.At(name, inventory.Free), Qty: 1},
				inventory.Movement{Item: "a", Lot: name, From: inventory.Outside(inventory.Supplier), To: inventory.At("B", inventory.Free), Qty: 1})
			change.Posting.ID, change.Posting.Reason, change.Posting.At = next.Posting.ID, next.Posting.Reason, next.Posting.At
			change.Posting.Movements = append(change.Posting.Movements, next.Posting.Movements...)
			change.Reservations = append(change.Reservations, inventory.Reservation{ReservationKey: inventory.ReservationKey{Owner: name, Item: "a", Location: "B"}, Released: 1, Version: 1},
				inventory.Reservation{ReservationKey: inventory.ReservationKey{Owner: "one", Line: 2, Item: name, Lot: name, Location: "a"}, Released: 1, Version: 1})
		}
		slices.SortFunc(change.Reservations, func(a, b inventory.Reservation) int { return a.Compare(b.ReservationKey) })
		u.apply(change)
	})
	c.view(func(u unit) {
		byID := sorted(names, strings.Compare)
		s := u.load(inventory.Need{Items: names, Owner: "one"})
		for what, got := range map[string][]string{
			"Load.Items": ids(s.Items, func(i inventory.Item) string { return i.ID }), "Load.Locations": ids(s.Locations, func(l inventory.Location) string { return l.ID }),
			"ListItems":         ids(every(u, u.Stock().ListItems(u.ctx)), func(i inventory.Item) string { return i.ID }),
			"ListLocations":     ids(every(u, u.Stock().ListLocations(u.ctx)), func(l inventory.Location) string { return l.ID }),
			"Load.Reservations": ids(s.Reservations, func(r inventory.Reservation) string { return r.Item }),
		} {
			c.same(what, byID, got)
		}
		for what, got := range map[string][]inventory.Balance{"Load.Balances": s.Balances, "ListBalances": every(u, u.Stock().ListBalances(u.ctx))} {
			c.same(what, sorted(got, func(a, b inventory.Balance) int {
				return slices.Compare([]string{a.Item, a.Location, a.Lot}, []string{b.Item, b.Location, b.Lot})
			}), got)
		}
		rs := every(u, u.Stock().ListReservations(u.ctx, inventory.ReservationFilter{}))
		c.same("ListReservations", sorted(rs, func(a, b inventory.Reservation) int {
			return slices.Compare([]string{a.Owner, a.Item}, []string{b.Owner, b.Item})
		}), rs)
	})
}

func ids[T any](in []T, id func(T) string) []string {
	out := make([]string, len(in))
	for i := range in {
		out[i] = id(in[i])
	}
	return out
}

func loadExpired(c *check) {
	c.stocked(100, []string{"mug", "tee"}, "ber")
	until := at(30)
	soft := func(owner, item string, qty int64, until time.Time) inventory.Reservation {
		return inventory.Reservation{ReservationKey: inventory.ReservationKey{Owner: owner, Item: item, Location: "ber"}, Soft: qty, Until: until, Version: 1}
	}
	all := []inventory.Reservation{
		soft("early", "tee", 1, until.Add(-time.Hour)), soft("exact", "tee", 2, until), soft("late", "tee", 4, until.Add(time.Microsecond)),
		soft("mine", "tee", 8, until), soft("mug", "mug", 1, until), {ReservationKey: inventory.ReservationKey{Owner: "none", Item: "tee", Location: "ber"}, Committed: 1, Version: 1},
	}
	c.update(func(u unit) {
		change := c.move(inside("tee", "ber", inventory.Free, inventory.Soft, 15), inside("mug", "ber", inventory.Free, inventory.Soft, 1))
		change.Reservations = sorted(all, func(a, b inventory.Reservation) int { return strings.Compare(a.Owner, b.Owner) })
		u.apply(change)
	})
	c.view(func(u unit) {
		for now, want := range map[time.Time][]inventory.Reservation{
			{}: nil, until.Add(-2 * time.Hour): nil, until.Add(-time.Hour): all[:1], until.Add(-time.Microsecond): all[:1],
			until: {all[0], all[1], all[3]}, until.Add(999 * time.Nanosecond): {all[0], all[1], all[3]}, until.Add(time.Hour): all[:4],
		} {
			got := u.load(inventory.Need{Items: []string{"tee"}, Owner: "mine", Now: now})
			c.same(fmt.Sprint("Expired at ", now), want, got.Expired)
			c.same("Reservations", all[3:4], got.Reservations)
		}
		c.same("Expired of no item", inventory.Snapshot{}, u.load(inventory.Need{Now: until.Add(time.Hour)}))
	})
	freed := inside("tee", "ber", inventory.Soft, inventory.Free, 1)
	c.update(func(u unit) {
		change := c.move(freed)
		change.Reservations = []inventory.Reservation{{ReservationKey: all[0].ReservationKey, Released: 1, Version: 2}}
		u.apply(change)
		c.same("Expired after a release", []inventory.Reservation{all[1], all[3]}, u.load(inventory.Need{Items: []string{"tee"}, Now: until}).Expired)
	})
}

func loadMany(c *check) {
	const n = 1200
	names := make([]string, n)
	var items []inventory.Item
	change := c.move()
	for i := range names {
		names[i] = fmt.Sprintf("item-%04d", i)
		items = append(items, item(names[i]))
		change.Posting.Movements = append(change.Posting.Movements, in(names[i], "ber", int64(i+1)))
	}
	c.update(func(u unit) {
		u.putItems(items...)
		u.putLocations(location("ber"), location("ham"))
		u.apply(change)
	})
	want := c.look(home)
	asked := slices.Concat(names, names[:100])
	c.rand.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
	c.view(func(u unit) {
		c.same("Load", inventory.Snapshot{Items: items, Locations: want.Locations[:1], Balances: want.Balances},
			u.load(inventory.Need{Items: asked, Locations: []string{"ber", "ber"}, Now: at(1)}))
	})
}

func historyPostings(c *check) {
	all, _ := c.history()
	filter := func(f inventory.PostingFilter) []inventory.Posting {
		var want []inventory.Posting
		for _, p := range all {
			if f.Item != "" {
				p.Movements = slices.DeleteFunc(slices.Clone(p.Movements), func(m inventory.Movement) bool { return m.Item != f.Item })
			}
			if len(p.Movements) > 0 && (f.Document == "" || p.Document == f.Document) && (f.Until.IsZero() || !p.At.After(f.Until)) {
				want = append(want, p)
			}
		}
		want = slices.DeleteFunc(want, func(p inventory.Posting) bool { return bytes.Compare(p.ID[:], f.After[:]) <= 0 })
		if f.Item != "" {
			slices.SortFunc(want, func(a, b inventory.Posting) int { return cmp.Or(a.At.Compare(b.At), bytes.Compare(a.ID[:], b.ID[:])) })
		}
		return want
	}
	c.view(func(u unit) {
		for _, item := range []string{"", "tee", "mug", "none"} {
			for _, document := range []string{"", "doc-0", "doc-1", "none"} {
				for _, until := range []time.Time{{}, at(0), at(37), at(37).Add(-time.Microsecond), at(39), at(100)} {
					for _, after := range []uuid.UUID{{}, all[2].ID, uuid.Max} {
						f := inventory.PostingFilter{Item: item, Document: document, Until: until, After: after}
						c.same(fmt.Sprintf("the postings of %+v", f), filter(f), every(u, u.Stock().ListPostings(u.ctx, f)))
					}
				}
			}
		}
	})
}

func historyReservations(c *check) {
	_, all := c.history()
	c.view(func(u unit) {
		for _, owner := range []string{"", "a", "B", "a b", "b"} {
			for _, item := range []string{"", "tee", "mug", "none"} {
				for _, open := range []bool{false, true} {
					f := inventory.ReservationFilter{Owner: owner, Item: item, Open: open}
					want := slices.DeleteFunc(slices.Clone(all), func(r inventory.Reservation) bool {
						return owner != "" && r.Owner != owner || item != "" && r.Item != item || open && r.Open() == 0
					})
					c.same(fmt.Sprintf("the reservations of %+v", f), want, every(u, u.Stock().ListReservations(u.ctx, f)))
				}
			}
		}
	})
}
