package exact_test

import (
	"math"
	"math/rand/v2"

	"github.com/orderkit/oms/allocation/exact"
)

// A shape is a kind of order: networks of a few deep warehouses and many shallow stores around cities,
// items that are popular or rare, distances that become zones and zones that become costs.
type shape struct {
	name                     string
	minLines, maxLines       int
	minPlaces, maxPlaces     int
	bulk                     bool    // quantities of companies, not of consumers
	warehouses               float64 // part of the locations
	assortment               [2]float64
	warehouseStock           [2]float64
	constrained, shipsSingle bool
}

var shapes = []shape{
	{name: "tiny", minLines: 1, maxLines: 3, minPlaces: 2, maxPlaces: 6, warehouses: .4, assortment: [2]float64{.3, .8}, warehouseStock: [2]float64{.75, .97}},
	{name: "small", minLines: 1, maxLines: 8, minPlaces: 5, maxPlaces: 20, warehouses: .3, assortment: [2]float64{.15, .6}, warehouseStock: [2]float64{.6, .95}},
	{name: "medium", minLines: 3, maxLines: 20, minPlaces: 20, maxPlaces: 60, warehouses: .1, assortment: [2]float64{.08, .5}, warehouseStock: [2]float64{.5, .85}},
	{name: "medium bulk", minLines: 3, maxLines: 20, minPlaces: 20, maxPlaces: 60, bulk: true, warehouses: .1, assortment: [2]float64{.08, .5}, warehouseStock: [2]float64{.5, .85}},
	{name: "constrained", minLines: 2, maxLines: 12, minPlaces: 4, maxPlaces: 40, warehouses: .25, assortment: [2]float64{.2, .6}, warehouseStock: [2]float64{.6, .9}, constrained: true},
	{name: "large", minLines: 20, maxLines: 80, minPlaces: 60, maxPlaces: 200, warehouses: .02, assortment: [2]float64{.08, .4}, warehouseStock: [2]float64{.4, .7}},
}

var (
	zoneLimits = []float64{240, 480, 960, 1600, 2250, 2900} // km
	zoneBases  = []int64{520, 545, 580, 640, 700, 760, 840} // cents a parcel
	zoneRates  = []float64{22, 28, 40, 58, 72, 88, 104}     // cents a kg
)

func zone(km float64) int {
	for z, limit := range zoneLimits {
		if km <= limit {
			return z
		}
	}
	return len(zoneLimits)
}

func between(r *rand.Rand, low, high int) int { return low + r.IntN(high-low+1) }

func uniform(r *rand.Rand, span [2]float64) float64 { return span[0] + (span[1]-span[0])*r.Float64() }

type place struct {
	x, y, assortment float64
	deep             bool
	pack, pick       int64
}

type goods struct {
	popular, out, kg float64
	penalty          int64
}

func network(r *rand.Rand, s shape, n int) []place {
	cities := make([][2]float64, max(3, n/6))
	for c := range cities {
		cities[c] = [2]float64{4200 * r.Float64(), 2400 * r.Float64()}
	}
	places := make([]place, n)
	for j := range places {
		city := cities[int(float64(len(cities))*r.Float64()*r.Float64())]
		p := place{deep: float64(j) < s.warehouses*float64(n), pack: int64(between(r, 220, 450)), pick: int64(between(r, 60, 140))}
		spread := 40.0
		p.assortment = s.assortment[0] + (s.assortment[1]-s.assortment[0])*math.Pow(r.Float64(), 1.7)
		if p.deep {
			p.pack, p.pick, spread = int64(between(r, 120, 220)), int64(between(r, 25, 60)), 250
			p.assortment = uniform(r, s.warehouseStock)
		}
		p.x, p.y = city[0]+spread*r.NormFloat64(), city[1]+spread*r.NormFloat64()
		places[j] = p
	}
	r.Shuffle(n, func(a, b int) { places[a], places[b] = places[b], places[a] })
	return places
}

func newGoods(r *rand.Rand) goods {
	g := goods{popular: r.Float64(), out: .12 * r.Float64(), kg: min(20, .8*math.Exp(.9*r.NormFloat64()))}
	g.popular *= g.popular
	if r.IntN(5) == 0 {
		g.out = .45 + .5*r.Float64()
	}
	g.penalty = int64(.35*min(60000, 2900*math.Exp(.8*r.NormFloat64()))) + int64(between(r, 300, 900))
	return g
}

func (g goods) stock(r *rand.Rand, p place) int64 {
	chance, mean := p.assortment*(1.12-.75*g.popular)*(1-g.out), 1.2+3*(1-g.popular)
	if p.deep {
		chance, mean = p.assortment*(1.05-.15*g.popular)*(1-g.out), 40
	}
	if r.Float64() >= chance {
		return 0
	}
	return 1 + int64(r.ExpFloat64()*(mean-1))
}

func (g goods) cost(r *rand.Rand, p place, zone int) int64 {
	cost := p.pick + int64(g.kg*zoneRates[zone])
	switch u := r.Float64(); {
	case u < .15:
		cost -= int64(between(r, 5, 60))
	case u < .3:
		cost += int64(between(r, 5, 80))
	}
	return max(5, cost)
}

func quantity(r *rand.Rand, bulk bool) int64 {
	u := r.Float64()
	switch {
	case bulk && u > .9:
		return int64(between(r, 13, 48))
	case bulk && u > .35:
		return int64(between(r, 2, 12))
	case bulk || u < .82:
		return 1
	case u < .96:
		return int64(between(r, 2, 3))
	default:
		return int64(between(r, 4, 12))
	}
}

// random draws a problem of a shape.
func (s shape) random(r *rand.Rand, objective exact.Objective) *exact.Problem {
	p := &exact.Problem{Objective: objective}
	places := network(r, s, between(r, s.minPlaces, s.maxPlaces))
	x, y := 4200*r.Float64(), 2400*r.Float64()
	zones := make([]int, len(places))
	for j, at := range places {
		zones[j] = zone(math.Hypot(at.x-x, at.y-y))
		p.Locations = append(p.Locations, exact.Location{Fixed: at.pack + zoneBases[zones[j]]})
	}
	for i := range between(r, s.minLines, s.maxLines) {
		g := newGoods(r)
		p.Lines = append(p.Lines, exact.Line{Qty: quantity(r, s.bulk), Penalty: g.penalty})
		for j, at := range places {
			if units := g.stock(r, at); units > 0 {
				p.Offers = append(p.Offers, exact.Offer{
					Line: int32(i), Location: int32(j), Units: units, UnitCost: g.cost(r, at, zones[j]),
				})
			}
		}
	}
	if s.constrained {
		constrain(r, p)
	}
	return p
}

// randomBatch draws orders that share stock, of which a part is scarce.
func randomBatch(r *rand.Rand, objective exact.Objective, orders, locations int, capacity bool) *exact.Batch {
	s := shape{warehouses: .3, assortment: [2]float64{.2, .7}, warehouseStock: [2]float64{.75, .97}}
	places := network(r, s, locations)
	items := max(4, orders*11/10)
	catalog, demand := make([]goods, items), make([]int64, items)
	for k := range catalog {
		catalog[k] = newGoods(r)
	}
	b := &exact.Batch{Objective: objective, Orders: make([]exact.Problem, orders), Pools: make([][]int32, orders)}
	wants := make([][]int, orders)
	for o := range b.Orders {
		p := &b.Orders[o]
		p.Objective = objective
		x, y := 4200*r.Float64(), 2400*r.Float64()
		for range 1 + min(11, int(1.3*r.ExpFloat64())) {
			k := int(float64(items) * r.Float64() * r.Float64())
			if contains(wants[o], k) {
				continue
			}
			wants[o] = append(wants[o], k)
			q := quantity(r, false)
			demand[k] += q
			p.Lines = append(p.Lines, exact.Line{Qty: q, Penalty: catalog[k].penalty})
		}
		for _, at := range places {
			p.Locations = append(p.Locations, exact.Location{Fixed: at.pack + zoneBases[zone(math.Hypot(at.x-x, at.y-y))]})
		}
	}
	pools := make([][]int32, items) // of each item, of each location: its pool plus one
	for k := range pools {
		pools[k] = make([]int32, locations)
		factor := 1.3 + 2.7*r.Float64()
		if r.Float64() < .4 {
			factor = .5 + .45*r.Float64()
		}
		for range int64(float64(demand[k]) * factor) {
			j := r.IntN(locations)
			if places[j].assortment < r.Float64() {
				j = r.IntN(locations)
			}
			if pools[k][j] == 0 {
				b.Stock = append(b.Stock, 0)
				pools[k][j] = int32(len(b.Stock))
			}
			b.Stock[pools[k][j]-1]++
		}
	}
	for o := range b.Orders {
		p := &b.Orders[o]
		for i, k := range wants[o] {
			for j, at := range places {
				if pools[k][j] > 0 {
					p.Offers = append(p.Offers, exact.Offer{
						Line: int32(i), Location: int32(j), Units: math.MaxInt64, UnitCost: catalog[k].cost(r, at, r.IntN(7)),
					})
					b.Pools[o] = append(b.Pools[o], pools[k][j]-1)
				}
			}
		}
	}
	if capacity {
		for range locations {
			b.Capacity = append(b.Capacity, int64(max(1, 2*orders*between(r, 5, 13)/10/locations)))
		}
	}
	return b
}

func contains(s []int, v int) bool {
	for _, x := range s {
		if x == v {
			return true
		}
	}
	return false
}
