package storagetest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

// past is a log of one item and a little of another: in any order, many at one moment,
// some at none.
func (c *check) past() []inventory.Logged {
	c.Helper()
	c.update(func(u unit) { u.putItems(item("mug"), item("tee")); u.putLocations(location("ber"), location("ham")) })
	var log []inventory.Logged
	balances := map[account]int64{}
	for i := range 40 {
		var p inventory.Posting
		for {
			p = c.move(c.anyMovement(), c.anyMovement(), in("mug", "ber", 1)).Posting
			after := maps.Clone(balances)
			if book(after, p) {
				balances = after
				break
			}
		}
		p.At, p.Document, p.Reason = at(c.rand.IntN(9)), fmt.Sprint("doc-", i%3), pick(&c.maker, inventory.ReasonCount, inventory.ReasonFound)
		if i%10 == 0 {
			p.At, p.Document = time.Time{}, ""
		}
		c.update(func(u unit) { u.apply(inventory.Changes{Posting: p}) })
		for n, m := range p.Movements {
			log = append(log, inventory.Logged{
				Place:  inventory.Place{At: p.At, Posting: p.ID, N: n},
				Reason: p.Reason, Document: p.Document, Actor: p.Actor, Movement: m,
			})
		}
	}
	return sorted(log, func(a, b inventory.Logged) int { return a.Compare(b.Place) })
}

func historyMovements(c *check) {
	log := c.past()
	lot, none := "lot-1", ""
	want := func(f inventory.MovementFilter) []inventory.Logged {
		var out []inventory.Logged
		for _, l := range log {
			end := func(a inventory.Account) bool {
				return (f.Location == "" || f.Location == a.Location) && (f.State == 0 || f.State == a.State)
			}
			if l.Item == f.Item && (end(l.From) || end(l.To)) && (f.Lot == nil || *f.Lot == l.Lot) &&
				(f.Document == "" || f.Document == l.Document) && (f.Reason == "" || f.Reason == l.Reason) &&
				(f.From.IsZero() || !l.At.Before(f.From)) && (f.Before.IsZero() || l.At.Before(f.Before)) {
				out = append(out, l)
			}
		}
		if f.Last {
			slices.Reverse(out)
		}
		return out
	}
	filters := []inventory.MovementFilter{
		{}, {Location: "ber"}, {State: inventory.Free}, {State: inventory.Customer}, {Location: "ham", State: inventory.Soft}, {Lot: &lot}, {Lot: &none},
		{Document: "doc-1"}, {Reason: inventory.ReasonFound}, {From: at(3)}, {Before: at(5)}, {From: at(2), Before: at(3)}, {From: at(7), Before: at(2)},
		{Location: "ber", Lot: &none, Reason: inventory.ReasonCount, From: at(1), Before: at(8)}, {Location: "nowhere"},
	}
	c.view(func(u unit) {
		for _, f := range filters {
			for _, f.Item = range []string{"tee", "none"} {
				for _, f.Last = range []bool{false, true} {
					all := want(f)
					c.same(fmt.Sprintf("the movements of %+v", f), all, every(u, u.Stock().ListMovements(u.ctx, f)))
					var paged []inventory.Logged
					page := f
					page.Limit = 7
					for {
						got := every(u, u.Stock().ListMovements(u.ctx, page))
						require.LessOrEqual(c, len(got), page.Limit, "a page of %+v", page)
						paged = append(paged, got...)
						if len(got) < page.Limit {
							break
						}
						page.After = &got[len(got)-1].Place
					}
					c.same(fmt.Sprintf("the pages of %+v", f), all, paged)
				}
			}
		}
	})
}

func historySums(c *check) {
	log := c.past()
	places := []inventory.Place{{}, inventory.EndOf(time.Time{}), inventory.EndOf(at(-1)), inventory.EndOf(at(4)), inventory.EndOf(at(100))}
	for range 12 {
		places = append(places, log[c.rand.IntN(len(log))].Place)
	}
	c.view(func(u unit) {
		for _, after := range places {
			for _, until := range places[1:] {
				var want inventory.Flow
				for _, l := range log {
					if l.Item == "tee" && (after == inventory.Place{} || l.Compare(after) > 0) && l.Compare(until) <= 0 {
						want.Sum(l.Movement)
						want.Count++
					}
				}
				s := inventory.Span{After: after, Until: until}
				got, err := u.Stock().SumMovements(u.ctx, "tee", s)
				u.ok(err)
				c.same(fmt.Sprintf("the flow of %v", s), want, got)
			}
		}
	})
}

func stockRestate(c *check) {
	c.stocked(10, []string{"mug", "tee"}, "ber", "ham")
	at := func(item, location string, free, qc int64) inventory.Balance {
		b := inventory.Balance{Key: inventory.Key{Item: item, Location: location}}
		b.Set(inventory.Free, free)
		b.Set(inventory.QC, qc)
		return b
	}
	sound := inventory.Restated{Have: at("mug", "ber", 10, 0), Want: at("mug", "ber", 3, 4)}
	before := c.look(home)
	for what, bad := range map[string]inventory.Restated{
		"another number of units":  {Have: at("tee", "ber", 9, 0), Want: at("tee", "ber", 5, 0)},
		"another state":            {Have: at("tee", "ber", 0, 10), Want: at("tee", "ber", 5, 0)},
		"a row that is not there":  {Have: at("tee", "muc", 1, 0), Want: at("tee", "muc", 5, 0)},
		"no units where there are": {Have: at("tee", "ber", 0, 0), Want: at("tee", "ber", 5, 0)},
	} {
		for _, rows := range [][]inventory.Restated{{sound, bad}, {bad, sound}} {
			c.refused(inventory.ErrStale, func(u unit) error { return u.Stock().Restate(u.ctx, rows) })
			c.unchanged(home, before, "a restatement of "+what)
		}
	}
	below := inventory.Restated{Have: at("tee", "ber", 10, 0), Want: at("tee", "ber", -1, 0)}
	c.refused(inventory.ErrQuantity, func(u unit) error { return u.Stock().Restate(u.ctx, []inventory.Restated{sound, below}) })
	c.unchanged(home, before, "a restatement below zero")

	c.update(func(u unit) {
		u.apply(c.move(in("mug", "ber", 1), out("mug", "ber", 1), in("tee", "ham", 2))) // its own writes count
		u.ok(u.Stock().Restate(u.ctx, []inventory.Restated{
			{Have: at("tee", "ham", 2, 0), Want: at("tee", "ham", 1, 1)}, sound, {Have: at("mug", "muc", 0, 0), Want: at("mug", "muc", 0, 7)},
		}))
	})
	after := c.look(home)
	c.same("balances", []inventory.Balance{
		at("mug", "ber", 3, 4), at("mug", "muc", 0, 7), at("tee", "ber", 10, 0), at("tee", "ham", 1, 1),
	}, after.Balances)
	c.count(len(before.Postings)+1, len(after.Postings), "postings")
}
