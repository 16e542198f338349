package allocation

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"strings"
)

// unknownReach stands for the distance in millimeters of a location without a point: farther than any
// place on earth, so that it comes last and sums stay comparable.
const unknownReach = 20_100_000_000

// problem is a valid request, indexed. It holds no map, so nothing can depend on the order of one.
type problem struct {
	Request
	byItem     []int     // positions in Items, by id
	byLine     []int     // positions in Demands, by (line, item)
	byLocation []int     // positions in Candidates, by id
	rank       []int     // positions in Candidates, in the order a strategy prefers them
	column     []int     // of each demand: its item's position in Items
	need       []int64   // of each item: units demanded, summed over all lines
	open       []int64   // of each demand: units not assigned yet
	left       []int64   // of each item: what the location at hand has left
	reach      []int64   // of each candidate: millimeters to the destination; 0 where distance plays no part
	meters     []float64 // of each candidate, nil where distance plays no part
	known      bool      // the request says more than what is wanted and what there is
	strict     bool      // it asks for capabilities, capacities, whole lines or groups
	room       int64     // units that the location at hand may still send, if strict
}

func compile(r Request) (problem, error) {
	items, lines, places := len(r.Items), len(r.Demands), len(r.Candidates)
	p := problem{Request: r}
	ints := make([]int, items+2*lines+2*places)
	p.byItem, ints = cut(ints, items)
	p.byLine, ints = cut(ints, lines)
	p.byLocation, ints = cut(ints, places)
	p.rank, p.column = cut(ints, places)
	units := make([]int64, 2*items+lines+places)
	p.need, units = cut(units, items)
	p.left, units = cut(units, items)
	p.open, p.reach = cut(units, lines)

	number(p.byItem)
	slices.SortFunc(p.byItem, func(a, b int) int { return strings.Compare(r.Items[a], r.Items[b]) })
	number(p.byLine)
	slices.SortFunc(p.byLine, func(a, b int) int { return compareDemands(r.Demands[a], r.Demands[b]) })
	number(p.byLocation)
	slices.SortFunc(p.byLocation, func(a, b int) int {
		return strings.Compare(r.Candidates[a].Location, r.Candidates[b].Location)
	})
	p.known, p.strict = r.known()
	if err := p.check(); err != nil {
		return problem{}, err
	}
	for d := range r.Demands {
		demand := &r.Demands[d]
		p.column[d] = p.findItem(demand.Item)
		p.need[p.column[d]] += demand.Qty
		p.open[d] = demand.Qty
	}
	p.sortRank()
	return p, nil
}

func cut[T any](s []T, n int) (head, tail []T) { return s[:n:n], s[n:] }

func number(s []int) {
	for i := range s {
		s[i] = i
	}
}

func compareDemands(a, b Demand) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.Item, b.Item))
}

// findItem, findDemand and findLocation return -1 for what the request does not have.
func (p *problem) findItem(id string) int {
	return find(p.byItem, func(i int) int { return strings.Compare(p.Items[i], id) })
}

func (p *problem) findDemand(line int, item string) int {
	key := Demand{Line: line, Item: item}
	return find(p.byLine, func(d int) int { return compareDemands(p.Demands[d], key) })
}

func (p *problem) findLocation(id string) int {
	return find(p.byLocation, func(j int) int { return strings.Compare(p.Candidates[j].Location, id) })
}

func find(sorted []int, compare func(int) int) int {
	k, found := slices.BinarySearchFunc(sorted, struct{}{}, func(i int, _ struct{}) int { return compare(i) })
	if !found {
		return -1
	}
	return sorted[k]
}

// locate brings the distances from the destination into the ranking, if there is a destination.
func (p *problem) locate() {
	if p.Destination == nil {
		return
	}
	p.meters = make([]float64, len(p.Candidates))
	for j := range p.Candidates {
		p.reach[j] = unknownReach
		if at := p.Candidates[j].At; at != nil {
			p.meters[j] = Distance(*p.Destination, *at)
			// Whole millimeters, so that no decision hangs on the last bit of a float.
			p.reach[j] = int64(math.Round(p.meters[j] * 1000))
		}
	}
	p.sortRank()
}

func (p *problem) sortRank() {
	copy(p.rank, p.byLocation)
	slices.SortFunc(p.rank, func(a, b int) int { order, _ := p.compare(a, b); return order })
}

// compare ranks two candidates and names the criterion that told them apart.
func (p *problem) compare(a, b int) (int, Criterion) {
	if order := cmp.Compare(p.reach[a], p.reach[b]); order != 0 {
		return order, ByDistance
	}
	if order := cmp.Compare(p.Candidates[a].Priority, p.Candidates[b].Priority); order != 0 {
		return order, ByPriority
	}
	return strings.Compare(p.Candidates[a].Location, p.Candidates[b].Location), ByLocation
}

// supply is what all candidates together have of an item, capped at the limit so that it cannot overflow.
func (p *problem) supply(item int, limit int64) int64 {
	short := limit
	for j := range p.Candidates {
		short -= min(short, p.Candidates[j].Available[item])
	}
	return limit - short
}

func (p *problem) fingerprint() string {
	var space [32]byte
	return string(p.appendFingerprint(space[:0]))
}

// hasFingerprint reports whether a text is the fingerprint.
func (p *problem) hasFingerprint(text string) bool {
	var space [32]byte
	return string(p.appendFingerprint(space[:0])) == text
}

func (p *problem) appendFingerprint(to []byte) []byte {
	var space [1024]byte // most requests fit, and then need no memory of their own
	b := space[:0]
	if p.known {
		b = p.appendFacts(b)
	}
	b = appendString(b, "allocation/1")
	b = appendBool(b, p.AllowPartial)
	b = appendPoint(b, p.Destination)
	b = binary.AppendUvarint(b, uint64(len(p.Demands)))
	for i := range p.Demands {
		d := &p.Demands[i]
		b = binary.AppendVarint(b, int64(d.Line))
		b = appendString(b, d.Item)
		b = binary.AppendVarint(b, d.Qty)
	}
	for _, j := range p.byLocation {
		c := &p.Candidates[j]
		b = appendString(b, c.Location)
		b = binary.AppendVarint(b, int64(c.Priority))
		b = appendPoint(b, c.At)
		for _, i := range p.column {
			b = binary.AppendVarint(b, c.Available[i])
		}
	}
	sum := sha256.Sum256(b)
	return hex.AppendEncode(to, sum[:16])
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendPoint(b []byte, p *Point) []byte {
	b = appendBool(b, p != nil)
	if p == nil {
		return b
	}
	// Adding zero turns -0 into 0: they are the same place.
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(p.Lat+0))
	return binary.BigEndian.AppendUint64(b, math.Float64bits(p.Lng+0))
}
