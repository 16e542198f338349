package exact

// CheckBatch repeats what can be repeated of a batch: that every order keeps its own rules, that no pool and
// no location gives more than it has, that values are what units cost, and, with LeastCost, that the
// prices prove the bound. The last solves every order once, without limits.
func CheckBatch(b *Batch, s *BatchSolution) error {
	if err := b.Validate(); err != nil {
		return err
	}
	if len(s.Units) != len(b.Orders) || len(s.Values) != len(b.Orders) {
		return unsound("there is a plan and a value for each order", -1, int64(len(b.Orders)), int64(min(len(s.Units), len(s.Values))))
	}
	used, ships := make([]int64, len(b.Stock)), make(map[int32]int64)
	var sum Value
	for o := range b.Orders {
		p := &b.Orders[o]
		one := Solution{Units: s.Units[o], Value: s.Values[o], Bound: s.Values[o], Proof: BySearch}
		if err := Check(p, &one); err != nil {
			return err
		}
		for k, x := range s.Units[o] {
			used[b.Pools[o][k]] += x
			if x > 0 && firstFrom(p, s.Units[o], k) {
				ships[p.Offers[k].Location]++
			}
		}
		sum = plus(sum, s.Values[o])
	}
	for k, x := range used {
		if x > b.Stock[k] {
			return unsound("a pool gives what it has", k, b.Stock[k], x)
		}
	}
	for j, most := range b.Capacity {
		if n := ships[int32(j)]; most >= 0 && n > most {
			return unsound("a location ships as many orders as it can", j, most, n)
		}
	}
	if sum != s.Value {
		return unsound("the value is the sum of the orders", -1, sum.Total, s.Value.Total)
	}
	return checkBatchBound(b, s)
}

// checkBatchBound proves the bound of LeastCost again from the prices.
func checkBatchBound(b *Batch, s *BatchSolution) error {
	v, bound := s.Value, s.Bound
	if b.Objective == FewestShipments {
		met := v.Units == bound.Units && v.Shipments == bound.Shipments && v.Cost == bound.Cost
		if met != s.Proven() {
			return unsound("a proof is claimed if the plan meets its bounds, and only then", -1, truth(met), truth(s.Proven()))
		}
		if v.Units > bound.Units || v.Units == bound.Units && v.Shipments < bound.Shipments {
			return unsound("no plan fills more units, or needs fewer shipments", -1, bound.Units, v.Units)
		}
		return nil
	}
	if met := v.Total == bound.Total; met != s.Proven() || v.Total < bound.Total {
		return unsound("a proof is claimed if the plan meets its bound, and only then", -1, bound.Total, v.Total)
	}
	if len(s.Prices) != len(b.Stock) || len(b.Orders) > 0 && len(s.ShipmentPrices) != len(b.Orders[0].Locations) {
		return unsound("there is a price for each pool and each location", -1, int64(len(b.Stock)), int64(len(s.Prices)))
	}
	r := newBatchRun(b, Limits{})
	r.nodes = 0
	r.findScarce()
	copy(r.pool, s.Prices)
	copy(r.location, s.ShipmentPrices)
	for k, price := range s.Prices {
		if price < 0 || price > r.highest() {
			return unsound("a price is not below zero", k, 0, price)
		}
	}
	for j, price := range s.ShipmentPrices {
		if price < 0 || price > r.highest() || price > 0 && (b.Capacity == nil || b.Capacity[j] < 0) {
			return unsound("a shipment has a price only where shipments are limited", j, 0, price)
		}
	}
	proven, _ := r.alone(make([]int64, len(r.pool)), make([]int64, len(r.location)))
	if r.failed != nil {
		return r.failed
	}
	if proven < bound.Total {
		return unsound("the prices prove the bound", -1, proven, bound.Total)
	}
	return nil
}
