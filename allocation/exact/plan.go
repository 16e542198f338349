package exact

// plan is a set of open sites and what it costs to fill every item from them.
type plan struct {
	m     *model
	open  []bool
	fills []int64 // cost of each item
	last  []int64 // cost of the dearest unit of each item
	count int     // sites that are open
	value int64
}

// set opens the given sites and no others.
func (p *plan) set(m *model, open []bool) {
	p.m = m
	p.open = append(p.open[:0], open...)
	p.fills = sized(p.fills, len(m.items))
	p.last = sized(p.last, len(m.items))
	p.count, p.value = 0, 0
	for j, on := range open {
		if on {
			p.count++
			p.value += m.fixed[j]
		}
	}
	for i := range m.items {
		p.fills[i], p.last[i] = m.fill(int32(i), p.open)
		p.value += p.fills[i]
	}
}

// change is what the value changes by if site j is opened, or closed where it is open.
func (p *plan) change(j int32) int64 {
	m := p.m
	was := p.open[j]
	sum := m.fixed[j]
	if was {
		sum = -sum
	}
	p.open[j] = !was
	for _, k := range m.column[m.first[j]:m.first[j+1]] {
		i := m.cells[k].item
		if was && m.cells[k].cost > p.last[i] || !was && m.cells[k].cost >= p.last[i] {
			continue // not needed by the item, neither before nor after
		}
		cost, _ := m.fill(i, p.open)
		sum += cost - p.fills[i]
	}
	p.open[j] = was
	return sum
}

// flip opens site j, or closes it.
func (p *plan) flip(j int32) {
	m := p.m
	p.open[j] = !p.open[j]
	if p.open[j] {
		p.count++
		p.value += m.fixed[j]
	} else {
		p.count--
		p.value -= m.fixed[j]
	}
	for _, k := range m.column[m.first[j]:m.first[j+1]] {
		i := m.cells[k].item
		p.value -= p.fills[i]
		p.fills[i], p.last[i] = m.fill(i, p.open)
		p.value += p.fills[i]
	}
}

// prune closes sites as long as that saves: first those that must go because there are too many, each
// time the one that is missed the least.
func (p *plan) prune() {
	for {
		site, least := int32(-1), int64(0)
		for j, on := range p.open {
			if !on {
				continue
			}
			if d := p.change(int32(j)); site < 0 || d < least {
				site, least = int32(j), d
			}
		}
		if site < 0 || least >= 0 && p.count <= p.m.most {
			return
		}
		p.flip(site)
	}
}

// grow opens sites as long as that saves, each time the one that saves the most. Savings only shrink as
// sites open, so a site's last known saving limits the next, and most need not be computed again.
func (p *plan) grow(state []int8, saving []int64, stop func(cells int) bool) {
	for j := range p.open {
		saving[j] = maxSum
		if p.open[j] || state[j] == out {
			saving[j] = 0
		}
	}
	for p.count < p.m.most {
		site, most := int32(-1), int64(0)
		for j := range saving {
			if saving[j] <= most {
				continue
			}
			if stop(int(p.m.first[j+1] - p.m.first[j])) {
				return
			}
			saving[j] = -p.change(int32(j))
			if saving[j] > most {
				site, most = int32(j), saving[j]
			}
		}
		if site < 0 {
			return
		}
		p.flip(site)
		saving[site] = 0
	}
}

// swap closes one site and opens another where that saves, and reports whether it did.
func (p *plan) swap(state []int8, stop func(cells int) bool) bool {
	for a := range p.open {
		if !p.open[a] || state[a] == in {
			continue
		}
		before := p.value
		if stop(len(p.m.cells)) {
			return false
		}
		p.flip(int32(a))
		site, value := int32(-1), before
		for b := range p.open {
			if p.open[b] || b == a || state[b] == out {
				continue
			}
			if v := p.value + p.change(int32(b)); v < value {
				site, value = int32(b), v
			}
		}
		if site >= 0 {
			p.flip(site)
			return true
		}
		p.flip(int32(a))
	}
	return false
}
