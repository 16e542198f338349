package storagetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

var stocks = []rule{
	{
		name: "stock/guard", run: stockGuard,
		text: "A posting that would take a balance below zero or above inventory.MaxQty is inventory.ErrStale, and nothing of it is applied: no balance, no posting, no reservation.",
	},
	{
		name: "stock/floor", run: stockFloor,
		text: "A change that would leave fewer free units in a row than its floor there is inventory.ErrStale, and nothing of it is applied. The floor binds that change alone.",
	},
	{
		name: "stock/reservation-version", run: stockReservationVersion,
		text: "A reservation replaces exactly the version before its own, or is added at version 1; anything else is inventory.ErrStale, and nothing of the change is applied.",
	},
	{
		name: "stock/net", run: stockNet,
		text: "A posting moves each balance by the sum of its movements: what passes through a row within one posting need not have been there before.",
	},
	{
		name: "stock/nothing", run: stockNothing,
		text: "A change without movements and reservations leaves no trace.",
	},
	{
		name: "stock/untracked", run: stockUntracked,
		text: "Whether stock is kept of an item, and its Scale, may change until the item has postings; then it is inventory.ErrUntracked or ErrItem, even if no unit is left.",
	},
	{
		name: "stock/books", run: stockBooks,
		text: "After any number of postings each balance is the sum of all movements into it less those out of it.",
	},
	{
		name: "stock/life", run: stockLife,
		text: "A reservation that is over can be opened again under its key: its versions go on where they were.",
	},
	{
		name: "stock/restate", run: stockRestate,
		text: "A restatement sets exactly the rows that have the units they are said to have, all of them or none, and posts nothing.",
	},
}

// move is a change of one or several movements.
func (m *maker) move(movements ...inventory.Movement) inventory.Changes {
	return inventory.Changes{Posting: inventory.Posting{ID: m.uuid(), Reason: inventory.ReasonCount, Actor: "clerk", At: at(int(m.made)), Movements: movements}}
}

func in(item, location string, qty int64) inventory.Movement {
	return inventory.Movement{Item: item, From: inventory.Outside(inventory.Shrink), To: inventory.At(location, inventory.Free), Qty: qty}
}

func out(item, location string, qty int64) inventory.Movement {
	return inventory.Movement{Item: item, From: inventory.At(location, inventory.Free), To: inventory.Outside(inventory.Shrink), Qty: qty}
}

func inside(item, location string, from, to inventory.State, qty int64) inventory.Movement {
	return inventory.Movement{Item: item, From: inventory.At(location, from), To: inventory.At(location, to), Qty: qty}
}

// notApplied fails unless a change is refused as stale and leaves no trace, whether the
// transaction takes the refusal for its end or goes on to commit.
func (c *check) notApplied(what string, change inventory.Changes) {
	c.Helper()
	before := c.look(home)
	c.refused(inventory.ErrStale, func(u unit) error { return u.Stock().Apply(u.ctx, change) })
	c.unchanged(home, before, what)

	var applied error
	ended := c.try(home, func(u unit) error {
		applied = u.Stock().Apply(u.ctx, change)
		return nil
	})
	if applied == nil {
		applied = ended
	}
	require.ErrorIs(c, applied, inventory.ErrStale, "%s, in a transaction that goes on", what)
	c.unchanged(home, before, what+", in a transaction that goes on")
}

func stockGuard(c *check) {
	c.stocked(10, []string{"mug", "tee"}, "ber", "ham")
	reserved := []inventory.Reservation{{ReservationKey: inventory.ReservationKey{Owner: "o", Item: "mug", Location: "ber"}, Committed: 1, Version: 1}}
	hold := inside("mug", "ber", inventory.Free, inventory.Committed, 1)
	for what, movements := range map[string][]inventory.Movement{
		"taking more than there is":                {out("tee", "ber", 11)},
		"taking what lies elsewhere":               {out("tee", "ham", 1)},
		"taking from another state":                {inside("tee", "ber", inventory.QC, inventory.Damaged, 1)},
		"taking from another lot":                  {{Item: "tee", Lot: "x", From: inventory.At("ber", inventory.Free), To: inventory.Outside(inventory.Scrap), Qty: 1}},
		"a sound movement before a bad one":        {hold, out("tee", "ber", 11)},
		"a bad movement before a sound one":        {out("tee", "ber", 11), hold},
		"two movements that are too much as one":   {hold, out("tee", "ber", 5), out("tee", "ber", 6)},
		"more than a balance can hold":             {hold, in("tee", "ber", inventory.MaxQty-9)},
		"more than a new balance can hold":         {hold, in("tee", "ham", inventory.MaxQty), in("tee", "ham", 1)},
		"a row that was never there":               {hold, inside("mug", "ham", inventory.Picked, inventory.Packed, 1)},
		"a state below zero beside a full one":     {hold, inside("tee", "ber", inventory.Soft, inventory.Free, 1)},
		"much that is sound and a little too much": {hold, in("tee", "ham", 5), in("mug", "ham", 5), inside("tee", "ber", inventory.Free, inventory.Picked, 4), out("tee", "ber", 7)},
	} {
		change := c.move(movements...)
		change.Reservations = reserved
		c.notApplied(what, change)
	}
	c.update(func(u unit) { u.apply(c.move(out("tee", "ber", 10), in("mug", "ber", inventory.MaxQty-10))) })
	c.notApplied("the last unit having gone", c.move(out("tee", "ber", 1)))
	c.notApplied("a full balance", c.move(in("mug", "ber", 1)))
	full := int64(0)
	c.view(func(u unit) {
		for _, b := range every(u, u.Stock().ListBalances(u.ctx)) {
			full += b.OnHand()
		}
	})
	require.EqualValues(c, inventory.MaxQty, full, "units after exactly all of one item and the most of another")
}

func stockFloor(c *check) {
	c.stocked(10, []string{"mug", "tee"}, "ber", "ham")
	floor := func(item string, free int64) inventory.Floor {
		return inventory.Floor{Key: inventory.Key{Item: item, Location: "ber"}, Free: free}
	}
	take := func(movements []inventory.Movement, floors ...inventory.Floor) inventory.Changes {
		change := c.move(movements...)
		change.Floors = floors
		return change
	}
	hold := func(item string, qty int64) inventory.Movement {
		return inside(item, "ber", inventory.Free, inventory.Committed, qty)
	}
	one, both := []inventory.Movement{hold("tee", 4)}, []inventory.Movement{hold("mug", 1), hold("tee", 4)}
	c.notApplied("a unit below the floor", take(one, floor("tee", 7)))
	c.notApplied("one row above its floor and one below", take(both, floor("mug", 9), floor("tee", 7)))
	c.notApplied("a floor above all that there is", take(one, floor("tee", inventory.MaxQty)))
	c.notApplied("a row that is not there", take([]inventory.Movement{in("tee", "ham", 1), inside("tee", "ham", inventory.Free, inventory.QC, 1), inside("tee", "ber", inventory.Free, inventory.QC, 1)}, floor("tee", 10)))
	c.refused(inventory.ErrStale, func(u unit) error { // its own write counts
		u.apply(take(one, floor("tee", 6)))
		return u.Stock().Apply(u.ctx, take([]inventory.Movement{hold("tee", 1)}, floor("tee", 6)))
	})
	c.update(func(u unit) {
		u.apply(take(both, floor("mug", 9), floor("tee", 6)))
		u.apply(take([]inventory.Movement{in("tee", "ber", 1), hold("tee", 2)}, floor("tee", 5)))
	})
	c.update(func(u unit) { u.apply(c.move(out("tee", "ber", 5), out("mug", "ber", 9))) })
	c.view(func(u unit) {
		for _, b := range every(u, u.Stock().ListBalances(u.ctx)) {
			c.count(0, int(b.Of(inventory.Free)), "free units of %s at %s: the next change has no floor", b.Item, b.Location)
		}
	})
}

func stockReservationVersion(c *check) {
	c.stocked(10, []string{"tee"}, "ber")
	hold := func(owner string, version int64) inventory.Changes {
		change := c.move(inside("tee", "ber", inventory.Free, inventory.Committed, 1))
		change.Reservations = []inventory.Reservation{{ReservationKey: inventory.ReservationKey{Owner: owner, Item: "tee", Location: "ber"}, Committed: version, Version: version}}
		return change
	}
	c.update(func(u unit) { u.apply(hold("b", 1)) })
	c.update(func(u unit) { u.apply(hold("b", 2)) })
	for _, version := range []int64{1, 2, 4, 1 << 40} {
		c.notApplied(fmt.Sprintf("a reservation at version %d where 2 is stored", version), hold("b", version))
	}
	c.notApplied("a new reservation at version 2", hold("z", 2))
	mixed := hold("a", 1)
	mixed.Reservations = append(mixed.Reservations, hold("b", 2).Reservations...)
	c.notApplied("a sound reservation beside a stale one", mixed)
	c.refused(inventory.ErrStale, func(u unit) error { // its own write counts as stored
		u.apply(hold("b", 3))
		return u.Stock().Apply(u.ctx, hold("b", 3))
	})
	c.update(func(u unit) { u.apply(hold("b", 3)); u.apply(hold("b", 4)) })
	key := inventory.ReservationKey{Owner: "b", Item: "tee", Location: "ber"}
	c.view(func(u unit) {
		c.same("the reservation", []inventory.Reservation{{ReservationKey: key, Committed: 4, Version: 4}},
			every(u, u.Stock().ListReservations(u.ctx, inventory.ReservationFilter{})))
	})
}

func stockNet(c *check) {
	c.stocked(3, []string{"tee"}, "ber", "ham")
	c.update(func(u unit) {
		u.apply(c.move(
			inside("tee", "ber", inventory.Free, inventory.Soft, 3), inside("tee", "ber", inventory.Soft, inventory.Committed, 3),
			out("tee", "ham", 4), in("tee", "ham", 9), // in this order
			inventory.Movement{Item: "tee", From: inventory.At("ber", inventory.Committed), To: inventory.At("ham", inventory.QC), Qty: 2},
			inventory.Movement{Item: "tee", From: inventory.Outside(inventory.Customer), To: inventory.Outside(inventory.Scrap), Qty: 1},
		))
	})
	var ber, ham inventory.Balance
	ber.Key, ham.Key = inventory.Key{Item: "tee", Location: "ber"}, inventory.Key{Item: "tee", Location: "ham"}
	ber.Set(inventory.Committed, 1)
	ham.Set(inventory.Free, 5)
	ham.Set(inventory.QC, 2)
	c.same("balances", []inventory.Balance{ber, ham}, c.look(home).Balances)
}

func stockNothing(c *check) {
	_, before := c.openShop()
	c.update(func(u unit) {
		u.apply(inventory.Changes{})
		u.apply(inventory.Changes{Posting: inventory.Posting{ID: c.uuid(), Reason: inventory.ReasonExpire, At: at(1)}})
	})
	c.unchanged(home, before, "empty changes")
}

func stockUntracked(c *check) {
	flip := item("tee")
	c.update(func(u unit) { u.putItems(flip, item("mug")); u.putLocations(location("ber")) })
	for range 2 {
		flip.Untracked, flip.Scale = !flip.Untracked, 3-flip.Scale
		c.update(func(u unit) { u.putItems(flip) })
	}
	c.update(func(u unit) { u.apply(c.move(in("tee", "ber", 1))) })
	c.update(func(u unit) { u.apply(c.move(out("tee", "ber", 1))) })
	before := c.look(home)
	flip.Untracked = true
	c.refused(inventory.ErrUntracked, func(u unit) error { return u.Stock().PutItem(u.ctx, flip) })
	c.unchanged(home, before, "Untracked of an item that had postings")
	kit := item("tee")
	kit.Kit = []inventory.Component{{Item: "mug", Qty: 1}}
	c.refused(inventory.ErrUntracked, func(u unit) error { return u.Stock().PutItem(u.ctx, kit) })
	c.unchanged(home, before, "Kit of an item that had postings")
	finer := item("tee")
	finer.Scale = 3
	c.refused(inventory.ErrItem, func(u unit) error { return u.Stock().PutItem(u.ctx, finer) })
	c.unchanged(home, before, "Scale of an item that had postings")
	c.refused(inventory.ErrUntracked, func(u unit) error { // its own posting counts
		u.apply(c.move(in("mug", "ber", 1)))
		m := item("mug")
		m.Untracked = true
		return u.Stock().PutItem(u.ctx, m)
	})
	c.unchanged(home, before, "Untracked of an item posted in the same transaction")
	m := item("mug")
	m.Untracked = true
	c.update(func(u unit) { u.putItems(m) })
	renamed := item("tee")
	renamed.SKU, renamed.Backorder, renamed.Safety = "NEW", true, 5
	c.update(func(u unit) { u.putItems(renamed) })
	c.view(func(u unit) { c.same("items", []inventory.Item{m, renamed}, every(u, u.Stock().ListItems(u.ctx))) })
}

// account is a state of a balance row, in the plainest model there is.
type account struct {
	item, lot, location string
	state               inventory.State
}

// book adds a posting to balances and says whether all of them stay in bounds.
func book(balances map[account]int64, p inventory.Posting) bool {
	for _, m := range p.Movements {
		balances[account{m.Item, m.Lot, m.From.Location, m.From.State}] -= m.Qty
		balances[account{m.Item, m.Lot, m.To.Location, m.To.State}] += m.Qty
	}
	for a, q := range balances {
		if a.state.AtLocation() && (q < 0 || q > inventory.MaxQty) {
			return false
		}
	}
	return true
}

// rows are the balances of a model as a store lists them.
func rows(balances map[account]int64) []inventory.Balance {
	byKey := map[inventory.Key]inventory.Balance{}
	for a, q := range balances {
		if a.state.AtLocation() {
			k := inventory.Key{Item: a.item, Lot: a.lot, Location: a.location}
			b := byKey[k]
			b.Key = k
			b.Set(a.state, q)
			byKey[k] = b
		}
	}
	var out []inventory.Balance
	for _, b := range byKey {
		out = append(out, b)
	}
	return withUnits(sorted(out, func(a, b inventory.Balance) int {
		return slices.Compare([]string{a.Item, a.Location, a.Lot}, []string{b.Item, b.Location, b.Lot})
	}))
}

func (m *maker) anyMovement() inventory.Movement {
	end := func() inventory.Account {
		if m.rand.IntN(4) == 0 {
			return inventory.Outside(pick(m, inventory.Supplier, inventory.Customer, inventory.Scrap))
		}
		return inventory.At(pick(m, "ber", "ham"), pick(m, inventory.LocationStates()[:4]...))
	}
	mv := inventory.Movement{Item: pick(m, "mug", "tee"), Lot: maybe(m, "lot-1", "lot-2"), From: end(), To: end(), Qty: 1 + m.rand.Int64N(9)}
	for mv.From == mv.To {
		mv.To = end()
	}
	return mv
}

func stockBooks(c *check) {
	c.update(func(u unit) { u.putItems(item("mug"), item("tee")); u.putLocations(location("ber"), location("ham")) })
	balances := map[account]int64{}
	var postings []inventory.Posting
	for range 80 {
		var change inventory.Changes
		for {
			movements := make([]inventory.Movement, 1+c.rand.IntN(5))
			for i := range movements {
				movements[i] = c.anyMovement()
			}
			change = c.move(movements...)
			after := maps.Clone(balances)
			if book(after, change.Posting) {
				balances = after
				break
			}
		}
		postings = append(postings, change.Posting)
		c.update(func(u unit) { u.apply(change) })
	}
	c.view(func(u unit) {
		c.same("ListBalances", rows(balances), withUnits(every(u, u.Stock().ListBalances(u.ctx))))
		c.same("ListPostings", postings, every(u, u.Stock().ListPostings(u.ctx, inventory.PostingFilter{})))
	})
}

func stockLife(c *check) {
	c.stocked(5, []string{"tee"}, "ber")
	hold := inventory.Hold{Owner: "o", Line: 1, Item: "tee", Location: "ber", Qty: 5}
	need := inventory.Need{Items: []string{"tee"}, Owner: "o", Now: at(500)}
	for round := range 3 {
		soft := hold
		soft.Until = at(round).Add(time.Minute)
		metas := []inventory.Meta{c.meta(round), c.meta(round), c.meta(round), c.meta(round)}
		c.update(func(u unit) {
			u.decide(need, func(s inventory.Snapshot) (inventory.Changes, error) {
				return inventory.Reserve(s, []inventory.Hold{soft}, "d", metas[0])
			})
		})
		c.update(func(u unit) {
			u.decide(need, func(s inventory.Snapshot) (inventory.Changes, error) { return inventory.Commit(s, "o", "d", metas[1]) })
			u.decide(need, func(s inventory.Snapshot) (inventory.Changes, error) { return inventory.Release(s, "o", "d", metas[2]) })
		})
	}
	want := inventory.Reservation{ReservationKey: inventory.ReservationKey{Owner: "o", Line: 1, Item: "tee", Location: "ber"}, Released: 15, Version: 9}
	c.same("reservations", []inventory.Reservation{want}, c.look(home).Reservations)
}

// history is stock with a past: six postings and reservations of three owners.
func (c *check) history() (postings []inventory.Posting, reservations []inventory.Reservation) {
	c.Helper()
	c.update(func(u unit) { u.putItems(item("mug"), item("tee")); u.putLocations(location("ber"), location("ham")) })
	for i, movements := range [][]inventory.Movement{
		{in("tee", "ber", 50), in("mug", "ber", 50)}, {in("tee", "ham", 5)}, {in("mug", "ham", 5)},
		{out("mug", "ham", 1), in("tee", "ham", 1), out("mug", "ham", 1)}, {in("tee", "ber", 1)}, {in("mug", "ber", 1)},
	} {
		p := c.move(movements...).Posting
		p.Document, p.At = fmt.Sprint("doc-", i%3), at(40-i) // applied later, dated earlier
		postings = append(postings, p)
	}
	for i, owner := range []string{"a", "a", "B", "a b", "a"} {
		r := inventory.Reservation{Version: 1, ReservationKey: inventory.ReservationKey{Owner: owner, Line: i % 3, Item: []string{"tee", "mug"}[i%2], Location: "ber"}}
		if i > 1 {
			r.Soft, r.Until = int64(i), at(100+i)
		} else {
			r.Shipped = 3
		}
		reservations = append(reservations, r)
	}
	c.update(func(u unit) {
		for _, i := range []int{1, 0, 2, 3, 5, 4} { // whose id is older need not have been applied before
			change := inventory.Changes{Posting: postings[i]}
			if i == 5 {
				change.Reservations = slices.Clone(reservations)
				slices.SortFunc(change.Reservations, func(a, b inventory.Reservation) int { return a.Compare(b.ReservationKey) })
			}
			u.apply(change)
		}
	})
	slices.SortFunc(reservations, func(a, b inventory.Reservation) int {
		if d := strings.Compare(a.Owner, b.Owner); d != 0 {
			return d
		}
		return a.Line - b.Line
	})
	return postings, reservations
}
