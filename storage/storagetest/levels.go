package storagetest

import (
	"github.com/orderkit/oms/inventory"
)

// fullLevel says all that can be said of an item at a location.
func fullLevel(item, location string) inventory.Level {
	safety := int64(3)
	return inventory.Level{Item: item, Location: location, Safety: &safety, Frozen: true, Untracked: true, Unstocked: true, Version: 1}
}

func (u unit) putLevels(all ...inventory.Level) {
	u.c.Helper()
	for _, l := range all {
		u.ok(u.Stock().PutLevel(u.ctx, l))
	}
}

func levelRoundTrip(c *check) {
	c.stocked(5, []string{"cap", "mug", "tee"}, "ber", "ham")
	none := int64(0)
	levels := []inventory.Level{
		fullLevel("mug", "ber"), {Item: "mug", Location: "far", Safety: &none, Version: 1},
		{Item: "tee", Location: "ham", Frozen: true, Version: 1}, fullLevel("tee", texts[1]),
	}
	same := func() {
		c.Helper()
		c.view(func(u unit) {
			c.same("ListLevels", levels, every(u, u.Stock().ListLevels(u.ctx)))
			s := u.load(inventory.Need{Items: []string{"tee", "cap", "mug"}})
			c.same("the levels of Load", levels, s.Levels)
			c.same("the locations of Load", []inventory.Location{location("ber"), location("ham")}, s.Locations)
			c.same("the levels of one", levels[2:], u.load(inventory.Need{Items: []string{"tee"}}).Levels)
			c.count(0, len(u.load(inventory.Need{Items: []string{"cap"}}).Levels), "levels of an item without")
		})
	}
	c.update(func(u unit) { u.putLevels(levels...) })
	same()
	c.update(func(u unit) { u.putItems(item("tee"), item("mug")) })
	same()
	for i, j := range []int{3, 2, 1, 0} {
		if i < j {
			a, b := &levels[i], &levels[j]
			a.Safety, b.Safety, a.Frozen, b.Frozen = b.Safety, a.Safety, b.Frozen, a.Frozen
			a.Untracked, b.Untracked, a.Unstocked, b.Unstocked = b.Untracked, a.Untracked, b.Unstocked, a.Unstocked
		}
		levels[i].Version = 2
	}
	c.update(func(u unit) {
		u.putLevels(levels...)
		c.same("the levels of Load before the commit", levels[:2], u.load(inventory.Need{Items: []string{"mug"}}).Levels)
	})
	same()
	before := c.look(home)
	for _, version := range []int64{1, 2, 4} {
		c.refused(inventory.ErrStale, func(u unit) error {
			l := levels[0]
			l.Version, l.Unstocked = version, !l.Unstocked
			return u.Stock().PutLevel(u.ctx, l)
		})
		c.unchanged(home, before, "a level at a version that is not the next")
	}
	c.refused(inventory.ErrStale, func(u unit) error {
		return u.Stock().PutLevel(u.ctx, inventory.Level{Item: "cap", Location: "ber", Version: 2})
	})
	c.unchanged(home, before, "a new level at version 2")
}
