package exact

import "math/bits"

// cover lists, depth first, all sets of a given small size that fill every item, and keeps the cheapest.
// Some site of the set must serve the item with the fewest sites, so that is where it branches. It is the
// quicker way as long as few sites are enough.
type cover struct {
	m       *model
	limit   *budget
	rank    []int32  // items by the number of their cells
	mask    []uint64 // of each site: items it fills alone
	touch   []uint64 // of each site: items it has any of
	rest    []int64  // of each item: units that the chosen sites leave open
	cheap   int64    // what all items cost from their cheapest cells
	bit     []uint8  // of each item: its place in rank
	barred  []bool
	trail   []int32 // barred sites
	chosen  []bool
	best    []bool
	value   int64
	nodes   int
	stopped bool
}

// mostCoverNodes is where the search by prices takes over.
const mostCoverNodes = 20_000

// fits reports whether the search for a set of this size is worth starting.
func (c *cover) fits(m *model, size int) bool { return len(m.items) <= 64 && size <= 6 }

// run looks for the cheapest set of exactly size sites, where no smaller one fills every item.
func (c *cover) run(m *model, size int, limit *budget) bool {
	c.m, c.limit = m, limit
	c.nodes, c.stopped, c.value = 0, false, maxSum
	c.prepare()
	var open uint64
	for r, i := range c.rank {
		if m.items[i].units > 0 && m.items[i].first < m.items[i].last {
			open |= 1 << r
		}
	}
	c.choose(open, size, 0)
	return c.value < maxSum
}

func (c *cover) prepare() {
	m := c.m
	m.index()
	sites := len(m.fixed)
	c.rank = sized(c.rank, len(m.items))
	c.rest = sized(c.rest, len(m.items))
	c.bit = sized(c.bit, len(m.items))
	for i := range m.items {
		at := i
		size := m.items[i].last - m.items[i].first
		for ; at > 0 && m.items[c.rank[at-1]].last-m.items[c.rank[at-1]].first > size; at-- {
			c.rank[at] = c.rank[at-1]
		}
		c.rank[at] = int32(i)
	}
	c.mask = zeroed(c.mask, sites)
	c.touch = zeroed(c.touch, sites)
	c.barred = zeroed(c.barred, sites)
	c.chosen = zeroed(c.chosen, sites)
	c.best = zeroed(c.best, sites)
	c.cheap = 0
	for r, i := range c.rank {
		it := &m.items[i]
		c.rest[i], c.bit[i] = it.units, uint8(r)
		if it.first < it.last {
			c.cheap += it.units * m.cells[it.first].cost
		}
		for k := it.first; k < it.last; k++ {
			x := &m.cells[k]
			c.touch[x.site] |= 1 << r
			if x.units >= it.units {
				c.mask[x.site] |= 1 << r
			}
		}
	}
}

// choose adds a site that serves the rarest of the open items, in every way that is not barred.
func (c *cover) choose(open uint64, slots int, fixed int64) {
	m := c.m
	it := &m.items[c.rank[bits.TrailingZeros64(open)]]
	mark := len(c.trail)
	for k := it.first; k < it.last; k++ {
		j := m.cells[k].site
		if c.barred[j] {
			continue
		}
		if c.stopped = c.stopped || c.nodes >= mostCoverNodes || c.limit.gone(8) || c.limit.step(); c.stopped {
			break
		}
		c.nodes++
		switch worth := fixed+m.fixed[j]+c.cheap < c.value; {
		case slots == 1 && worth:
			c.finish(j, open)
		case slots > 1:
			c.barred[j] = true // sets with this site are all seen now
			c.trail = append(c.trail, j)
			if worth {
				c.deeper(j, open, slots, fixed+m.fixed[j])
			}
		}
	}
	for _, j := range c.trail[mark:] {
		c.barred[j] = false
	}
	c.trail = c.trail[:mark]
}

// deeper goes on with site j in the set.
func (c *cover) deeper(j int32, open uint64, slots int, fixed int64) {
	m := c.m
	column := m.column[m.first[j]:m.first[j+1]]
	c.chosen[j] = true
	for _, k := range column {
		x := &m.cells[k]
		if c.rest[x.item] -= x.units; c.rest[x.item] <= 0 {
			open &^= 1 << c.bit[x.item]
		}
	}
	if open != 0 {
		c.choose(open, slots-1, fixed)
	}
	for _, k := range column {
		c.rest[m.cells[k].item] += m.cells[k].units
	}
	c.chosen[j] = false
}

// finish completes the set with site j, if that fills every open item.
func (c *cover) finish(j int32, open uint64) {
	if open&^c.touch[j] != 0 {
		return
	}
	m := c.m
	if open&^c.mask[j] != 0 {
		for _, k := range m.column[m.first[j]:m.first[j+1]] {
			if x := &m.cells[k]; x.units < c.rest[x.item] {
				return
			}
		}
	}
	c.chosen[j] = true
	if value := m.value(c.chosen); value < c.value {
		c.value = value
		copy(c.best, c.chosen)
	}
	c.chosen[j] = false
}
