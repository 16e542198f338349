package rule_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/allocation/rule"
)

// noon is when the requests of the tests are planned.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// anyRequest draws small requests in which everything that rules ask about occurs, most of it by halves.
func anyRequest(lines, places int) *rapid.Generator[allocation.Request] {
	return rapid.Custom(func(t *rapid.T) allocation.Request {
		maybe := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
		r := allocation.Request{
			Items: []string{"a", "b"}, AllowPartial: rapid.Bool().Draw(t, "partial"), Now: noon,
			Channel: rapid.SampledFrom([]string{"", "web", "b2b"}).Draw(t, "channel"),
			Country: rapid.SampledFrom([]string{"", "DE", "FR"}).Draw(t, "country"),
		}
		if !maybe("nowhere") {
			r.Destination = &allocation.Point{}
		}
		if maybe("dated") {
			r.NeedBy = noon.Add(48 * time.Hour)
		}
		for n := range rapid.IntRange(1, lines).Draw(t, "lines") {
			d := allocation.Demand{Line: n + 1, Item: rapid.SampledFrom(r.Items).Draw(t, "item"), Qty: rapid.Int64Range(1, 3).Draw(t, "qty"), Grams: 100}
			if maybe("hazmat") {
				d.Needs = []string{"hazmat"}
			}
			if maybe("grouped") {
				d.Together = "g"
			}
			d.NoSplit = maybe("whole")
			if maybe("priced") {
				d.Penalty = rapid.Int64Range(1, 30).Draw(t, "penalty")
			}
			r.Demands = append(r.Demands, d)
		}
		for _, id := range []string{"l1", "l2", "l3", "l4", "l5"}[:rapid.IntRange(0, places).Draw(t, "places")] {
			r.Candidates = append(r.Candidates, anyCandidate(t, id, maybe))
		}
		for _, d := range r.Demands {
			if len(r.Candidates) > 0 && maybe("previous") {
				r.Previous = append(r.Previous, allocation.Assignment{Line: d.Line, Item: d.Item, Location: r.Candidates[0].Location, Qty: 1})
			}
		}
		return r
	})
}

func anyCandidate(t *rapid.T, id string, maybe func(string) bool) allocation.Candidate {
	c := allocation.Candidate{
		Location: id, Priority: rapid.IntRange(0, 2).Draw(t, "priority"), Shipping: maybe("shipping"),
		Groups:  []string{rapid.SampledFrom([]string{"shops", "warehouses"}).Draw(t, "group")},
		Country: rapid.SampledFrom([]string{"DE", "FR"}).Draw(t, "at"), ShipmentCost: rapid.Int64Range(0, 9).Draw(t, "cost"),
	}
	if !maybe("lost") {
		c.At = &allocation.Point{Lng: float64(rapid.IntRange(0, 4).Draw(t, "lng"))}
	}
	if !maybe("plain") {
		c.Has = []string{"hazmat"}
	}
	if maybe("limited") {
		limit := rapid.Int64Range(0, 3).Draw(t, "capacity")
		c.Capacity = &limit
	}
	if maybe("arrives") {
		c.ArrivesAt = noon.Add(time.Duration(rapid.IntRange(12, 96).Draw(t, "hours")) * time.Hour)
	}
	for range 2 {
		c.Available = append(c.Available, rapid.Int64Range(0, 4).Draw(t, "stock"))
	}
	if maybe("unit costs") {
		c.UnitCosts = []int64{rapid.Int64Range(0, 5).Draw(t, "a"), rapid.Int64Range(0, 5).Draw(t, "b")}
	}
	if maybe("aged") {
		c.Since = []time.Time{noon.Add(-72 * time.Hour), {}}
	}
	return c
}

var shops = rule.Where{Groups: []string{"shops"}}

// everyRule has each rule at least once.
var everyRule = []rule.Rule{
	rule.Exclude{Where: shops, Items: []string{"a"}}, rule.Exclude{Where: rule.Where{Locations: []string{"l1"}}}, rule.Only{Where: shops},
	rule.MaxDistance{Km: 250}, rule.SameCountry{}, rule.SameRegion{}, rule.InTime{},
	rule.RingFence{Where: shops, For: rule.Orders{Channels: []string{"web"}}}, rule.RingFence{Where: shops, For: rule.Orders{Channels: []string{"b2b"}}, Units: 2},
	rule.KeepBack{Units: 1}, rule.MaxShipments{Most: 1}, rule.MaxShipments{Most: 2}, rule.Complete{}, rule.NoSplit{}, rule.Together{Items: []string{"a"}},
	rule.Shipment{Cost: 7, Unit: 1}, rule.Rates{Table: []rule.Rate{{Km: 300, Cost: 3, Kilo: 10}, {From: shops, Cost: 8, Unit: 1}}}, rule.Distance{Per100Km: 2},
	rule.Priority{Cost: 3}, rule.HighestStock{Cost: 2}, rule.Balance{Cost: 5}, rule.OldestFirst{PerDay: 1, MaxDays: 2}, rule.Prefer{Where: shops, Cost: 4},
	rule.Ranked{Groups: []string{"shops", "warehouses"}, Cost: 2}, rule.Late{PerDay: 3}, rule.Earliest{PerDay: 1}, rule.Stay{Cost: 2},
	rule.Soft{Rule: rule.Only{Where: shops}, Cost: 6}, rule.Weighted{Rule: rule.Distance{Per100Km: 10}, Percent: 35},
	rule.When{Orders: rule.Orders{Countries: []string{"DE"}}, Rules: []rule.Rule{rule.SameCountry{}, rule.Shipment{Cost: 2}}},
	rule.Soft{Rule: rule.Weighted{Rule: rule.InTime{}, Percent: 50}, Cost: 9},
}

func anySet(t *rapid.T) rule.Set {
	set := rule.Set{
		Objective:    rapid.SampledFrom([]rule.Objective{rule.MostUnits, rule.LeastCost}).Draw(t, "objective"),
		Alternatives: rapid.Bool().Draw(t, "alternatives"),
	}
	for range rapid.IntRange(0, 4).Draw(t, "rules") {
		set.Rules = append(set.Rules, rapid.SampledFrom(everyRule).Draw(t, "rule"))
	}
	return set
}

func TestNoPlanBreaksAHardRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, set := anyRequest(4, 5).Draw(t, "request"), anySet(t)
		plan, err := set.Plan(t.Context(), r)
		require.NoError(t, err)
		require.NoError(t, allocation.Validate(r, plan))
		require.NotNil(t, plan.Proof)
		require.LessOrEqual(t, plan.Proof.Bound.Cost, max(plan.Proof.Value.Cost, plan.Proof.Bound.Cost))
		for _, x := range set.Rules {
			obeys(t, r, plan, x)
		}
		explains(t, r, plan)
	})
}

// obeys checks the hard rules by hand, as a reader of their comments would.
func obeys(t *rapid.T, r allocation.Request, plan allocation.Plan, x rule.Rule) {
	from := make(map[string]bool)
	lines := make(map[int]map[string]bool)
	got := make(map[int]int64)
	for _, a := range plan.Assignments {
		from[a.Location] = true
		got[a.Line] += a.Qty
		if lines[a.Line] == nil {
			lines[a.Line] = make(map[string]bool)
		}
		lines[a.Line][a.Location] = true
	}
	for _, a := range plan.Assignments {
		c := r.Candidates[slices.IndexFunc(r.Candidates, func(c allocation.Candidate) bool { return c.Location == a.Location })]
		inShop := slices.Contains(c.Groups, "shops")
		var sent int64
		for _, b := range plan.Assignments {
			if b.Location == a.Location && b.Item == a.Item {
				sent += b.Qty
			}
		}
		left := c.Available[slices.Index(r.Items, a.Item)] - sent
		switch x := x.(type) {
		case rule.Exclude:
			require.False(t, inShop && slices.Contains(x.Items, a.Item) || slices.Contains(x.Where.Locations, a.Location))
		case rule.Only:
			require.True(t, inShop)
		case rule.MaxDistance:
			require.NotNil(t, c.At)
			require.NotNil(t, r.Destination)
			require.LessOrEqual(t, allocation.Distance(*c.At, *r.Destination), float64(x.Km*1000)+1)
		case rule.SameCountry:
			require.Equal(t, r.Country, c.Country)
		case rule.SameRegion:
			require.Fail(t, "no location has a region")
		case rule.InTime:
			require.True(t, r.NeedBy.IsZero() || !c.ArrivesAt.IsZero() && !c.ArrivesAt.After(r.NeedBy))
		case rule.RingFence:
			if inShop && !slices.Contains(x.For.Channels, r.Channel) {
				require.NotZero(t, x.Units)
				require.GreaterOrEqual(t, left, x.Units)
			}
		case rule.KeepBack:
			require.GreaterOrEqual(t, left, x.Units)
		case rule.MaxShipments:
			require.LessOrEqual(t, len(from), x.Most)
		case rule.Complete:
			require.True(t, plan.Complete())
		case rule.NoSplit:
			require.Len(t, lines[a.Line], 1)
		case rule.Together:
			if a.Item == "a" {
				for _, d := range r.Demands {
					if d.Item == "a" {
						require.Equal(t, map[string]bool{a.Location: true}, lines[d.Line])
						require.Equal(t, d.Qty, got[d.Line])
					}
				}
			}
		case rule.When:
			if r.Country == "DE" {
				require.Equal(t, r.Country, c.Country)
			}
		}
	}
}

// explains checks that the explanation is about every candidate, and that its costs add up to the plan's.
func explains(t *rapid.T, r allocation.Request, plan allocation.Plan) {
	require.Len(t, plan.Explanation.Considered, len(r.Candidates))
	var cost int64
	text := plan.Explain()
	for _, c := range plan.Explanation.Considered {
		require.Contains(t, text, c.Location)
		require.NotNil(t, c.Judgement)
		var sum int64
		for _, term := range c.Judgement.Terms {
			sum += term.Amount
		}
		require.Equal(t, sum, c.Judgement.Cost)
		if c.Verdict == allocation.Chosen {
			cost += sum
		}
		if c.Verdict == allocation.Refused {
			require.NotEmpty(t, c.Judgement.Refusals)
		}
		if other := c.Judgement.Instead; other != nil && plan.Proof.Optimal && plan.Proof.Objective == string(rule.MostUnits) {
			worse := other.Missing > 0 || other.Missing == 0 && (other.Shipments > 0 || other.Shipments == 0 && other.Cost+plan.Proof.Value.Penalty >= 0)
			require.True(t, worse, "a plan that is better than the best: %+v", other)
		}
	}
	require.Equal(t, plan.Proof.Value.Cost, cost)
}

func TestAPlanDependsOnTheRequestAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, set := anyRequest(4, 5).Draw(t, "request"), anySet(t)
		plan, err := set.Plan(t.Context(), r)
		require.NoError(t, err)
		shuffled := r
		if len(r.Candidates) > 0 {
			shuffled.Candidates = rapid.Permutation(r.Candidates).Draw(t, "order")
		}
		again, err := set.Plan(t.Context(), shuffled)
		require.NoError(t, err)
		require.Equal(t, plan, again)
		require.NoError(t, allocation.Record{Request: r, Plan: plan}.Replay(t.Context(), set))
	})
}
