package exact

// mostUnits bounds the units that a batch can fill: the most that flow from the pools to the lines, if a
// shipment costs nothing, any location can ship any number of orders and every line may be split.
func (r *batchRun) mostUnits() int64 {
	f := flow{left: append([]int64(nil), r.b.Stock...)}
	for o := range r.b.Orders {
		p := &r.b.Orders[o]
		first := int32(len(f.open))
		for i := range p.Lines {
			f.open = append(f.open, p.Lines[i].Qty)
		}
		for k := range p.Offers {
			offer := &p.Offers[k]
			f.arcs = append(f.arcs, arc{line: first + offer.Line, pool: r.b.Pools[o][k], most: min(offer.Units, p.Lines[offer.Line].Qty)})
		}
	}
	return f.run()
}

// flow finds a maximum flow by augmenting paths.
type flow struct {
	arcs   []arc
	open   []int64 // of each line: units it still wants
	left   []int64 // of each pool
	byLine [][]int32
	byPool [][]int32
	seen   []bool // pools that the search for a path has met
}

type arc struct {
	line, pool int32
	most, used int64
}

func (f *flow) run() int64 {
	f.byLine, f.byPool = make([][]int32, len(f.open)), make([][]int32, len(f.left))
	for a := range f.arcs {
		f.byLine[f.arcs[a].line] = append(f.byLine[f.arcs[a].line], int32(a))
		f.byPool[f.arcs[a].pool] = append(f.byPool[f.arcs[a].pool], int32(a))
	}
	f.seen = make([]bool, len(f.left))
	var sum int64
	for i := range f.open {
		for f.open[i] > 0 {
			clear(f.seen)
			got := f.push(int32(i), f.open[i])
			if got == 0 {
				break
			}
			f.open[i] -= got
			sum += got
		}
	}
	return sum
}

// push brings up to want more units to a line, if need be by sending other lines elsewhere.
func (f *flow) push(line int32, want int64) int64 {
	for _, a := range f.byLine[line] {
		x := &f.arcs[a]
		units := min(want, x.most-x.used)
		if units == 0 || f.seen[x.pool] {
			continue
		}
		f.seen[x.pool] = true
		if f.left[x.pool] > 0 {
			units = min(units, f.left[x.pool])
			f.left[x.pool] -= units
			x.used += units
			return units
		}
		for _, b := range f.byPool[x.pool] {
			other := &f.arcs[b]
			if other.line == line || other.used == 0 {
				continue
			}
			if got := f.push(other.line, min(units, other.used)); got > 0 {
				other.used -= got
				x.used += got
				return got
			}
		}
	}
	return 0
}
