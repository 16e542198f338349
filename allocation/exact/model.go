package exact

import (
	"cmp"
	"math/bits"
	"slices"
)

// model is what every problem comes down to: items that want units, sites that are opened for a fixed
// cost, and cells that fill an item from an open site. Given the set of open sites each item fills from
// its cheapest cells, so the search is for the set alone.
//
// Money is scaled by 1 << shift: prices of units have fractions, and sums of them must stay exact.
type model struct {
	items  []item
	cells  []cell  // by item, cheapest first
	fixed  []int64 // of each site
	shift  uint
	least  int // sites that every plan worth looking for opens
	most   int // sites that a plan may open
	column []int32
	first  []int32 // of each site: its cells are column[first[j]:first[j+1]]
}

// item is a line, or what must be treated as one: a line that may not be split and a group are one unit
// that comes from one site.
type item struct {
	first, last int32 // its cells
	units       int64
	penalty     int64 // of each unit that stays unfilled
}

type cell struct {
	cost  int64 // of each unit; always below the item's penalty
	units int64 // at most what the item wants
	site  int32
	item  int32
	ref   int32 // the offer, or -1 minus the number of a group
}

// Bounds of sums of money.
const (
	maxSum      = 1 << 60 // scaled
	maxExposure = 1 << 44 // of one order, in minor units
)

// scale chooses the shift for a model in which no site can cost or earn more than exposure: fine enough that
// prices rounded to it cost less than a minor unit over all units.
func scale(exposure, units int64, sites int) uint {
	room := bits.Len64(maxSum) - 1 - bits.Len64(uint64(exposure)*uint64(sites+2))
	return uint(max(0, min(room, bits.Len64(uint64(units))+4, 24)))
}

func (m *model) reset(sites int, shift uint) {
	m.items, m.cells = m.items[:0], m.cells[:0]
	m.fixed = sized(m.fixed, sites)
	m.shift, m.least, m.most = shift, 0, sites
	m.first = m.first[:0]
}

// close ends the item whose cells are those from first on, and sorts them. Ties go to the earlier offer.
func (m *model) close(first int, units, penalty int64) {
	i, cells := int32(len(m.items)), m.cells[first:]
	if len(cells) > 16 {
		slices.SortFunc(cells, func(a, b cell) int {
			return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.ref, b.ref))
		})
	} else {
		for k := 1; k < len(cells); k++ {
			c, at := cells[k], k
			for ; at > 0 && cells[at-1].cost > c.cost; at-- {
				cells[at] = cells[at-1]
			}
			cells[at] = c
		}
	}
	for k := range cells {
		cells[k].item = i
	}
	m.items = append(m.items, item{first: int32(first), last: int32(len(m.cells)), units: units, penalty: penalty})
}

// index builds the columns once.
func (m *model) index() {
	if len(m.first) > 0 {
		return
	}
	n := len(m.fixed)
	m.first = zeroed(m.first, n+1)
	m.column = sized(m.column, len(m.cells))
	for k := range m.cells {
		m.first[m.cells[k].site]++
	}
	var at int32
	for j := range n {
		at += m.first[j]
		m.first[j] = at
	}
	m.first[n] = at
	for k, c := range slices.Backward(m.cells) {
		m.first[c.site]--
		m.column[m.first[c.site]] = int32(k)
	}
}

// fill is the cost of item i from the open sites, penalties included, and what its dearest unit costs.
func (m *model) fill(i int32, open []bool) (cost, dearest int64) {
	it := &m.items[i]
	rest := it.units
	cells := m.cells[it.first:it.last]
	for k := range cells {
		c := &cells[k]
		if !open[c.site] {
			continue
		}
		if c.units >= rest {
			return cost + rest*c.cost, c.cost
		}
		rest -= c.units
		cost += c.units * c.cost
	}
	return cost + rest*it.penalty, it.penalty
}

// value is the cost of a set of sites: fixed costs and the fill of every item.
func (m *model) value(open []bool) int64 {
	var sum int64
	for j, on := range open {
		if on {
			sum += m.fixed[j]
		}
	}
	for i := range m.items {
		cost, _ := m.fill(int32(i), open)
		sum += cost
	}
	return sum
}
