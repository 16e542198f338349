package forecast

import (
	"fmt"
	"math"

	"github.com/orderkit/oms/inventory"
)

// Demand is what replenishment needs to know of a demand: units per period, and how far
// a period may be off.
type Demand struct {
	Mean      float64
	Deviation float64 // standard deviation of the forecast's error, which is what stock must absorb; not that of the demand
}

// Demand is the average over the forecast's points and the deviation of its errors. Let
// the horizon be the time that an order must cover, lead time and review together.
func (f Forecast) Demand() Demand {
	d := Demand{Deviation: f.Deviation}
	for _, p := range f.Points {
		d.Mean += p.Mean / float64(len(f.Points))
	}
	return d
}

// Policy says how an item is reordered. All times are in periods of the forecast.
type Policy struct {
	LeadTime          float64 // mean time from order to shelf
	LeadTimeDeviation float64 // its standard deviation; 0 for a supplier who is always on time
	Review            float64 // time between two looks at the stock; 0 when it is always watched
	Service           float64 // probability that no shortage occurs before an order arrives, from 0.5 to below 1

	Lot     int64 // least quantity that is worth an order, such as an EconomicLot; 0 for none
	Minimum int64 // least quantity the supplier accepts; 0 for none
	Pack    int64 // the supplier sells whole packs of so many units; 0 or 1 for single units
}

// Position is what there is of an item, in units.
type Position struct {
	OnHand    int64 // on the shelves
	Incoming  int64 // ordered and not yet received
	Committed int64 // promised to customers, backorders included
}

// Suggestion is what a policy comes to for an item, in units.
type Suggestion struct {
	Safety       int64 // safety stock, part of ReorderPoint
	ReorderPoint int64 // order when the position is here or below
	UpTo         int64 // order so much that the position is here or above
	Order        int64 // to order now; 0 when nothing is needed
}

// maxTime bounds times, so that products of them stay numbers.
const maxTime = 10_000

func (p Policy) check() error {
	for _, time := range []struct {
		name  string
		value float64
	}{{"LeadTime", p.LeadTime}, {"LeadTimeDeviation", p.LeadTimeDeviation}, {"Review", p.Review}} {
		if !(time.value >= 0 && time.value <= maxTime) {
			return &ValueError{time.name, time.value, fmt.Sprintf("it is 0 to %d periods", maxTime)}
		}
	}
	if !(p.Service >= 0.5 && p.Service < 1) {
		return &ValueError{"Service", p.Service, "it is a probability from 0.5 to below 1"}
	}
	return checkQuantities([]quantity{{"Lot", p.Lot}, {"Minimum", p.Minimum}, {"Pack", p.Pack}})
}

func (d Demand) check() error {
	for _, v := range []struct {
		name  string
		value float64
	}{{"Mean", d.Mean}, {"Deviation", d.Deviation}} {
		if !(v.value >= 0 && v.value <= MaxDemand) {
			return &ValueError{v.name, v.value, fmt.Sprintf("it is 0 to %g units", float64(MaxDemand))}
		}
	}
	return nil
}

type quantity struct {
	name  string
	units int64
}

func checkQuantities(all []quantity) error {
	for _, q := range all {
		if q.units < 0 || q.units > inventory.MaxQty {
			return &ValueError{q.name, q.units, fmt.Sprintf("it is 0 to %d units", int64(inventory.MaxQty))}
		}
	}
	return nil
}

// SafetyStock is the stock beyond the expected demand that keeps the service level:
//
//	z · √((L + R)·σ² + μ²·σ_L²)
//
// for lead time L of deviation σ_L, review time R, demand μ per period of deviation σ,
// and the normal quantile z of the service level (Silver, Pyke and Thomas 2017, sections
// 6.7 and 6.10). It takes the errors of periods as independent and their sum as normal:
// for a few demands in L + R that is too little stock.
func SafetyStock(d Demand, p Policy) (float64, error) {
	if err := p.check(); err != nil {
		return 0, err
	}
	if err := d.check(); err != nil {
		return 0, err
	}
	return safetyStock(d, p), nil
}

func safetyStock(d Demand, p Policy) float64 {
	time := p.LeadTime + p.Review
	return normalQuantile(p.Service) * math.Sqrt(time*d.Deviation*d.Deviation+d.Mean*d.Mean*p.LeadTimeDeviation*p.LeadTimeDeviation)
}

// EconomicLot is the quantity that makes ordering and keeping stock cheapest together,
// √(2·D·K/h), for a demand of D units per period, K for each order, and h to keep one
// unit for one period, in the same currency (Harris 1913). It is at least 1.
func EconomicLot(demand, orderCost, holdingCost float64) (int64, error) {
	for _, v := range []struct {
		name  string
		value float64
	}{{"demand", demand}, {"orderCost", orderCost}, {"holdingCost", holdingCost}} {
		if !(v.value >= 0 && v.value <= MaxDemand) || v.name == "holdingCost" && v.value == 0 {
			return 0, &ValueError{v.name, v.value, fmt.Sprintf("it is 0 to %g, and to hold stock costs something", float64(MaxDemand))}
		}
	}
	lot := math.Round(math.Sqrt(2 * demand * orderCost / holdingCost))
	if lot > inventory.MaxQty {
		return 0, &ValueError{"holdingCost", holdingCost, fmt.Sprintf("with it the lot would be %g units", lot)}
	}
	return max(int64(lot), 1), nil
}

// Reorder says what to order now:
//
//	reorder point = μ·(L + R) + safety stock, rounded up
//	target (UpTo) = reorder point + lot
//	position      = on hand + incoming − committed
//
// When the position is at or below the reorder point, the order brings it up to the
// target, raised to the minimum and to whole packs. It is the policy (R, s, S) of Silver,
// Pyke and Thomas (2017), section 6.3: with Review 0 and a lot, (s, Q) for demand by
// units; without a lot, (R, S). Items without demand only get what is owed to customers.
func (p Policy) Reorder(d Demand, at Position) (Suggestion, error) {
	if err := p.check(); err != nil {
		return Suggestion{}, err
	}
	if err := d.check(); err != nil {
		return Suggestion{}, err
	}
	if err := checkQuantities([]quantity{{"OnHand", at.OnHand}, {"Incoming", at.Incoming}, {"Committed", at.Committed}}); err != nil {
		return Suggestion{}, err
	}
	safety := safetyStock(d, p)
	point := math.Ceil(d.Mean*(p.LeadTime+p.Review) + safety)
	if point > inventory.MaxQty {
		return Suggestion{}, &ValueError{"Demand", d, fmt.Sprintf("its reorder point would be %g units; it is at most %d", point, int64(inventory.MaxQty))}
	}
	s := Suggestion{Safety: int64(math.Ceil(safety)), ReorderPoint: int64(point)}
	s.UpTo = s.ReorderPoint
	if d.Mean > 0 {
		s.UpTo += p.Lot
	}
	position := at.OnHand + at.Incoming - at.Committed
	if short := s.UpTo - position; position <= s.ReorderPoint && short > 0 {
		s.Order = wholePacks(max(short, p.Minimum), p.Pack)
	}
	return s, nil
}

func wholePacks(units, pack int64) int64 {
	if pack <= 1 {
		return units
	}
	return (units + pack - 1) / pack * pack
}

// Cover is how many periods the free stock, on hand less committed, lasts at the expected
// demand. It reports false when there is no demand, for then it lasts for ever.
func (at Position) Cover(d Demand) (periods float64, ok bool) {
	if !(d.Mean > 0) {
		return 0, false
	}
	return float64(max(at.OnHand-at.Committed, 0)) / d.Mean, true
}
