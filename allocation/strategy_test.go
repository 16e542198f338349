package allocation_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/allocation"
)

type stock map[string]int64

// place is a candidate in a table; its priority is its position.
type place struct {
	id    string
	at    *allocation.Point
	stock stock
}

func request(partial bool, to *allocation.Point, places []place, demands ...allocation.Demand) allocation.Request {
	r := allocation.NewRequest(demands...)
	r.AllowPartial, r.Destination = partial, to
	for i, p := range places {
		r.Add(allocation.Candidate{Location: p.id, Priority: i + 1, At: p.at}, p.stock)
	}
	return r
}

func line(n int, item string, qty int64) allocation.Demand {
	return allocation.Demand{Line: n, Item: item, Qty: qty}
}

func sends(n int, item, location string, qty int64) allocation.Assignment {
	return allocation.Assignment{Line: n, Item: item, Location: location, Qty: qty}
}

func plan(t *testing.T, s allocation.Strategy, r allocation.Request) allocation.Plan {
	t.Helper()
	p, err := s.Plan(t.Context(), r)
	require.NoError(t, err)
	require.NoError(t, allocation.Validate(r, p))
	return p
}

func locations(e allocation.Explanation) (ids []string) {
	for _, c := range e.Considered {
		ids = append(ids, c.Location)
	}
	return ids
}

func TestPriority(t *testing.T) {
	t.Parallel()
	twoShelves := func(a, b int64) []place {
		return []place{{id: "L1", stock: stock{"V": a}}, {id: "L2", stock: stock{"V": b}}}
	}
	tests := map[string]struct {
		places  []place
		demands []allocation.Demand
		want    []allocation.Assignment
		short   []allocation.Shortage
	}{
		"the second location gives what is left of the demand, not what it has": {
			twoShelves(10, 15), []allocation.Demand{line(1, "V", 13)},
			[]allocation.Assignment{sends(1, "V", "L1", 10), sends(1, "V", "L2", 3)}, nil,
		},
		"the first location suffices: one shipment": {
			twoShelves(5, 5), []allocation.Demand{line(1, "V", 5)},
			[]allocation.Assignment{sends(1, "V", "L1", 5)}, nil,
		},
		"an empty location sends no empty shipment": {
			twoShelves(0, 5), []allocation.Demand{line(1, "V", 5)},
			[]allocation.Assignment{sends(1, "V", "L2", 5)}, nil,
		},
		"two lines of one item share its stock, the earlier one first": {
			twoShelves(3, 2), []allocation.Demand{line(1, "V", 2), line(2, "V", 2)},
			[]allocation.Assignment{sends(1, "V", "L1", 2), sends(2, "V", "L1", 1), sends(2, "V", "L2", 1)}, nil,
		},
		"two lines of one item never take the same unit": {
			twoShelves(2, 0), []allocation.Demand{line(2, "V", 2), line(1, "V", 1)},
			[]allocation.Assignment{sends(2, "V", "L1", 2)},
			[]allocation.Shortage{{Line: 1, Item: "V", Want: 1, Have: 0}},
		},
		"what nobody has is reported, the rest is assigned": {
			[]place{{id: "eu-2", stock: stock{"S1": 3}}, {id: "eu-1", stock: stock{"S1": 5}}},
			[]allocation.Demand{line(1, "S1", 5), line(2, "S2", 3)},
			[]allocation.Assignment{sends(1, "S1", "eu-2", 3), sends(1, "S1", "eu-1", 2)},
			[]allocation.Shortage{{Line: 2, Item: "S2", Want: 3, Have: 0}},
		},
		"item ids are exact": {
			[]place{{id: "eu-1", stock: stock{"SKU-1": 5}}}, []allocation.Demand{line(1, "sku-1", 15)},
			nil, []allocation.Shortage{{Line: 1, Item: "sku-1", Want: 15, Have: 0}},
		},
		"a whole network can be emptied": {
			[]place{{id: "ne", stock: stock{"A": 35, "B": 50}}, {id: "we", stock: stock{"A": 15}}, {id: "be", stock: stock{"A": 50, "B": 50}}},
			[]allocation.Demand{line(1, "A", 100), line(2, "B", 100)},
			[]allocation.Assignment{
				sends(1, "A", "ne", 35), sends(2, "B", "ne", 50), sends(1, "A", "we", 15),
				sends(1, "A", "be", 50), sends(2, "B", "be", 50),
			}, nil,
		},
		"a kit line demands several items": {
			twoShelves(1, 0), []allocation.Demand{line(1, "V", 1), line(1, "W", 1)},
			[]allocation.Assignment{sends(1, "V", "L1", 1)},
			[]allocation.Shortage{{Line: 1, Item: "W", Want: 1, Have: 0}},
		},
		"no candidates at all": {
			nil, []allocation.Demand{line(1, "V", 5)}, nil, []allocation.Shortage{{Line: 1, Item: "V", Want: 5, Have: 0}},
		},
		"stock may be as large as it gets": {
			twoShelves(math.MaxInt64-1, math.MaxInt64), []allocation.Demand{line(1, "V", math.MaxInt64)},
			[]allocation.Assignment{sends(1, "V", "L1", math.MaxInt64-1), sends(1, "V", "L2", 1)}, nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := plan(t, allocation.Priority(), request(true, nil, tt.places, tt.demands...))
			require.Equal(t, "priority", got.Strategy)
			require.Empty(t, cmpAssignments(tt.want, got.Assignments))
			require.Equal(t, tt.short, got.Unassigned)
			require.Equal(t, len(tt.short) == 0, got.Complete())
		})
	}
}

// cmpAssignments is empty if both are the same; nil and empty are.
func cmpAssignments(want, got []allocation.Assignment) string {
	if slices.Equal(want, got) {
		return ""
	}
	return fmt.Sprintf("want %v\ngot  %v", want, got)
}

func TestEqualPrioritiesFallBackToTheLocationID(t *testing.T) {
	t.Parallel()
	r := allocation.NewRequest(line(1, "V", 3))
	for _, id := range []string{"b", "c", "a"} {
		r.Add(allocation.Candidate{Location: id}, stock{"V": 2})
	}
	got := plan(t, allocation.Priority(), r)
	require.Equal(t, []string{"a", "b", "c"}, locations(got.Explanation))
	require.Equal(t, allocation.ByLocation, got.Explanation.Considered[1].TieBreak)
	require.Contains(t, got.Explain(), "level with a, location id decided")
}

func TestAllOrNothingAssignsNothingAndNamesEveryShortLine(t *testing.T) {
	t.Parallel()
	r := request(false, nil, []place{{id: "L1", stock: stock{"V": 4, "W": 9, "X": 1}}}, line(1, "V", 5), line(2, "W", 1), line(3, "X", 2))
	for _, s := range standard() {
		got := plan(t, s, r)
		require.Empty(t, got.Assignments, s.name)
		require.Equal(t, []allocation.Shortage{
			{Line: 1, Item: "V", Want: 5, Have: 4},
			{Line: 2, Item: "W", Want: 1, Have: 1},
			{Line: 3, Item: "X", Want: 2, Have: 1},
		}, got.Unassigned, s.name)
		require.Equal(t, int64(2), got.Missing())
		require.Equal(t, allocation.Withheld, got.Explanation.Considered[0].Verdict)
		require.Contains(t, got.Explain(), "nothing assigned, 2 units missing")
		require.Contains(t, got.Explain(), "6 units; the order cannot be filled in full")
		require.Contains(t, got.Explain(), "short: line 1, V: 4 of 5 found\nshort: line 3, X: 1 of 2 found\n")
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	km := func(n float64) *allocation.Point { return &allocation.Point{Lat: n / 111.19} }
	all := stock{"P": 5}
	origin := &allocation.Point{}
	tests := map[string]struct {
		to     *allocation.Point
		places []place
		order  []string
	}{
		"locations without a point go last and keep priority among themselves": {
			origin, []place{{"A", nil, all}, {"B", km(900), all}, {"D", km(50), all}, {"E", nil, all}}, []string{"D", "B", "A", "E"},
		},
		"the same distance falls back to priority": {
			origin, []place{{"z", km(7), all}, {"y", km(7), all}, {"x", km(6), all}}, []string{"x", "z", "y"},
		},
		"without a destination it walks by priority": {
			nil, []place{{"far", km(900), all}, {"near", km(1), all}}, []string{"far", "near"},
		},
		"a nearer location goes first though the farther one has a point at the antipode": {
			origin, []place{{"unknown", nil, all}, {"antipode", &allocation.Point{Lng: 180}, all}}, []string{"antipode", "unknown"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := plan(t, allocation.Nearest(), request(true, tt.to, tt.places, line(1, "P", 6)))
			require.Equal(t, tt.order, locations(got.Explanation))
			require.Equal(t, []allocation.Assignment{sends(1, "P", tt.order[0], 5), sends(1, "P", tt.order[1], 1)}, got.Assignments)
			for _, c := range got.Explanation.Considered {
				if tt.to == nil {
					require.Nil(t, c.DistanceMeters)
				}
			}
			if tt.to == nil {
				require.Contains(t, got.Explain(), "the destination is unknown: locations by priority")
			}
		})
	}
}

func TestFewestShipments(t *testing.T) {
	t.Parallel()
	near, far := &allocation.Point{Lat: 1}, &allocation.Point{Lat: 2}
	origin := &allocation.Point{}
	both, a, b := stock{"a": 2, "b": 2}, stock{"a": 2}, stock{"b": 2}
	tests := map[string]struct {
		to     *allocation.Point
		places []place
		chosen []string
		tie    allocation.Criterion
	}{
		"one location that has everything beats two preferred ones": {
			nil, []place{{"x", nil, a}, {"y", nil, b}, {"z", nil, both}}, []string{"z"}, "",
		},
		"distance decides between sets of one size": {
			origin, []place{{"x", far, both}, {"y", near, both}}, []string{"y"}, allocation.ByDistance,
		},
		"priority decides at the same distance": {
			origin, []place{{"y", near, both}, {"x", near, both}}, []string{"y"}, allocation.ByPriority,
		},
		"priority decides without a destination": {
			nil, []place{{"y", far, both}, {"x", near, both}}, []string{"y"}, allocation.ByPriority,
		},
		"a location without a point is farther than any other": {
			origin, []place{{"x", nil, both}, {"y", far, both}}, []string{"y"}, allocation.ByDistance,
		},
		"the total distance of a pair counts, not its first member": {
			origin, []place{{"x", near, a}, {"y", nil, b}, {"z", far, b}}, []string{"x", "z"}, allocation.ByDistance,
		},
		"of two pairs that begin with the same priority, the rest of it decides": {
			nil, []place{{"a", nil, a}, {"b", nil, stock{"a": 1, "b": 1}}, {"c", nil, stock{"a": 1, "b": 1}}, {"d", nil, b}}, []string{"b", "c"}, allocation.ByPriority,
		},
		"a location gives what it has once": {
			nil, []place{{"x", nil, stock{"a": 1, "b": 1}}, {"y", nil, stock{"a": 1}}, {"z", nil, stock{"b": 1}}}, []string{"x", "y", "z"}, "",
		},
		"what cannot be covered costs no shipments": {
			nil, []place{{"x", nil, stock{"a": 1}}, {"y", nil, stock{"a": 1}}, {"z", nil, stock{"c": 9}}}, []string{"x", "y"}, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request(true, tt.to, tt.places, line(1, "a", 2), line(2, "b", 2))
			if len(tt.places) == 4 {
				r.Candidates[1].Priority = r.Candidates[0].Priority
			}
			got := plan(t, allocation.FewestShipments(), r)
			var chosen []string
			for _, c := range got.Explanation.Considered {
				if c.Verdict == allocation.Chosen {
					chosen = append(chosen, c.Location)
				}
			}
			require.Equal(t, tt.chosen, chosen)
			require.Equal(t, tt.tie, got.Explanation.TieBreak)
			require.True(t, got.Explanation.Proven)
			require.Equal(t, len(tt.chosen), got.Explanation.AtLeast)
		})
	}
}

func TestFewestShipmentsBreaksLastTiesByLocationID(t *testing.T) {
	t.Parallel()
	r := allocation.NewRequest(line(1, "a", 4))
	for _, id := range []string{"d", "b", "c", "a"} {
		r.Add(allocation.Candidate{Location: id}, stock{"a": 2})
	}
	got := plan(t, allocation.FewestShipments(), r)
	require.Equal(t, []allocation.Assignment{sends(1, "a", "a", 2), sends(1, "a", "b", 2)}, got.Assignments)
	require.Equal(t, allocation.ByLocation, got.Explanation.TieBreak)

	r.Candidates[0].Priority = 1
	got = plan(t, allocation.FewestShipments(), r)
	require.Equal(t, allocation.ByLocation, got.Explanation.TieBreak, "the closest contest counts, not the last one")
}

func TestFewestShipmentsNamesLocationsThatAreIndispensable(t *testing.T) {
	t.Parallel()
	r := request(true, nil, []place{{"only", nil, stock{"a": 1}}, {"one", nil, stock{"b": 1}}, {"other", nil, stock{"b": 1}}}, line(1, "a", 1), line(2, "b", 1))
	considered := plan(t, allocation.FewestShipments(), r).Explanation.Considered
	require.Equal(t, "no plan covers as much without it", considered[0].Reason)
	require.Empty(t, considered[1].Reason)
	require.Equal(t, "the chosen set covers as much without it", considered[2].Reason)
}

// hard has many locations that each hold a few of many items, so that a search by size cannot end. A
// trap is built in: the rich location has most of ten items, and is superfluous next to two others.
func hard() allocation.Request {
	rng := rand.New(rand.NewPCG(1, 2))
	var r allocation.Request
	for i := range 70 {
		r.Items = append(r.Items, fmt.Sprintf("item-%02d", i))
		r.Demands = append(r.Demands, line(i+1, r.Items[i], 1))
	}
	add := func(id string, priority int, has func(i int) bool) {
		c := allocation.Candidate{Location: id, Priority: priority, Available: make([]int64, len(r.Items))}
		for i := range c.Available {
			if has(i) {
				c.Available[i] = 1
			}
		}
		r.Candidates = append(r.Candidates, c)
	}
	for j := range 120 {
		add(fmt.Sprintf("loc-%03d", j), j%7, func(i int) bool { return i < 60 && rng.IntN(10) == 0 })
	}
	add("rich", 0, func(i int) bool { return i > 60 && i < 69 })
	add("left", 1, func(i int) bool { return i >= 60 && i < 65 })
	add("right", 1, func(i int) bool { return i >= 65 })
	return r
}

func TestASearchThatRunsOutOfBudgetSaysSo(t *testing.T) {
	t.Parallel()
	r := hard()
	got := plan(t, allocation.FewestShipments(), r)
	require.True(t, got.Complete(), "the best found is as complete as any plan")
	require.False(t, got.Explanation.Proven)
	require.Contains(t, got.Explain(), "NOT proven, stopped early; at least ")
	require.Positive(t, got.Explanation.AtLeast)

	var used []string
	for k, c := range got.Explanation.Considered {
		if c.Verdict == allocation.Chosen {
			require.Len(t, used, k, "the chosen set comes first")
			used = append(used, c.Location)
		}
	}
	for _, spare := range used {
		rest := r
		rest.AllowPartial = true
		rest.Candidates = slices.DeleteFunc(slices.Clone(r.Candidates), func(c allocation.Candidate) bool {
			return c.Location == spare || !slices.Contains(used, c.Location)
		})
		require.False(t, plan(t, allocation.Priority(), rest).Complete(), "no location of the set can be spared")
	}
	var walked []string
	for _, a := range plan(t, allocation.Priority(), r).Assignments {
		walked = append(walked, a.Location)
	}
	require.Less(t, len(used), len(slices.Compact(walked)))

	slices.Reverse(r.Candidates)
	require.Equal(t, got, plan(t, allocation.FewestShipments(), r), "the budget counts work, not time")
}

// late is cancelled after the search has begun.
type late struct {
	context.Context
	asked *int
}

func (l late) Err() error {
	if *l.asked++; *l.asked > 2 {
		return context.Canceled
	}
	return nil
}

func TestCancellation(t *testing.T) {
	t.Parallel()
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, s := range standard() {
		_, err := s.Plan(done, usualOrder())
		require.ErrorIs(t, err, context.Canceled, "%s starts no work that nobody waits for", s.name)
	}
	_, err := allocation.FewestShipments().Plan(late{t.Context(), new(int)}, hard())
	require.ErrorIs(t, err, context.Canceled, "a running search looks at its context")
}

func TestFirstOf(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	nothing := allocation.Func(func(_ context.Context, r allocation.Request) (p allocation.Plan, _ error) {
		for _, d := range r.Demands {
			p.Unassigned = append(p.Unassigned, allocation.Shortage{Line: d.Line, Item: d.Item, Want: d.Qty})
		}
		return p, nil
	})
	failing := allocation.Func(func(context.Context, allocation.Request) (allocation.Plan, error) { return allocation.Plan{}, boom })
	lying := allocation.Func(func(context.Context, allocation.Request) (allocation.Plan, error) { return allocation.Plan{}, nil })
	enough := request(true, nil, []place{{id: "L1", stock: stock{"V": 5}}}, line(1, "V", 5))
	scarce := request(true, nil, []place{{id: "L1", stock: stock{"V": 4}}}, line(1, "V", 5))

	t.Run("the first complete plan wins and no later strategy is asked", func(t *testing.T) {
		t.Parallel()
		got := plan(t, allocation.FirstOf(nothing, allocation.Nearest(), failing), enough)
		require.Equal(t, "nearest", got.Strategy)
		require.Equal(t, []allocation.Attempt{{Strategy: "custom", Missing: 5}, {Strategy: "nearest"}}, got.Explanation.Tried)
		require.Contains(t, got.Explain(), "tried: custom, 5 units missing\n")
	})
	t.Run("without a complete plan the one that misses least wins, the earlier if level", func(t *testing.T) {
		t.Parallel()
		got := plan(t, allocation.FirstOf(nothing, allocation.Nearest(), allocation.Priority()), scarce)
		require.Equal(t, "nearest", got.Strategy)
		require.Len(t, got.Explanation.Tried, 3)
	})
	t.Run("it can be nested", func(t *testing.T) {
		t.Parallel()
		require.True(t, plan(t, allocation.FirstOf(allocation.FirstOf(nothing), allocation.Priority()), enough).Complete())
	})
	t.Run("an error is not hidden", func(t *testing.T) {
		t.Parallel()
		_, err := allocation.FirstOf(failing, allocation.Priority()).Plan(t.Context(), enough)
		require.ErrorIs(t, err, boom)
	})
	t.Run("a plan that does not hold is an error, not the most complete one", func(t *testing.T) {
		t.Parallel()
		_, err := allocation.FirstOf(lying, allocation.Priority()).Plan(t.Context(), enough)
		require.ErrorIs(t, err, allocation.ErrInvalidPlan)
	})
	t.Run("there must be something to ask", func(t *testing.T) {
		t.Parallel()
		for _, s := range []allocation.Strategy{
			allocation.FirstOf(), allocation.FirstOf(nil), allocation.FirstOf(allocation.Func(nil)), allocation.Func(nil),
		} {
			_, err := s.Plan(t.Context(), enough)
			require.ErrorIs(t, err, allocation.ErrNoStrategy)
		}
	})
	t.Run("the list is fixed when it is made", func(t *testing.T) {
		t.Parallel()
		list := []allocation.Strategy{allocation.Priority()}
		s := allocation.FirstOf(list...)
		list[0] = failing
		require.True(t, plan(t, s, enough).Complete())
	})
}

func TestFuncIsCalledWithValidRequestsOnly(t *testing.T) {
	t.Parallel()
	called := false
	f := allocation.Func(func(context.Context, allocation.Request) (allocation.Plan, error) {
		called = true
		return allocation.Plan{}, nil
	})
	_, err := f.Plan(t.Context(), request(true, nil, nil, line(1, "V", 0)))
	require.ErrorIs(t, err, allocation.ErrInvalidRequest)
	require.False(t, called)
}

func TestFuncStampsTheRequestThatWasAsked(t *testing.T) {
	t.Parallel()
	r := request(true, nil, []place{{id: "L1", stock: stock{"V": 5}}, {id: "L2", stock: stock{"V": 5}}}, line(1, "V", 5))
	withoutFirst := allocation.Func(func(ctx context.Context, r allocation.Request) (allocation.Plan, error) {
		r.Candidates = r.Candidates[1:]
		return allocation.Priority().Plan(ctx, r)
	})
	got := plan(t, withoutFirst, r)
	require.Equal(t, r.Fingerprint(), got.Fingerprint)
	require.Equal(t, []allocation.Assignment{sends(1, "V", "L2", 5)}, got.Assignments)
}

func TestAnEmptyRequestHasAnEmptyPlan(t *testing.T) {
	t.Parallel()
	for _, s := range standard() {
		got := plan(t, s, allocation.Request{})
		require.True(t, got.Complete())
		require.Empty(t, got.Assignments)
		require.Contains(t, got.Explain(), "all 0 units from 0 locations")
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		a, b   allocation.Point
		meters float64
	}{
		"two cities":           {allocation.Point{Lat: -23.5329, Lng: -46.6395}, allocation.Point{Lat: -22.9129, Lng: -43.2003}, 358_124.5},
		"the same point":       {allocation.Point{Lat: 10, Lng: 20}, allocation.Point{Lat: 10, Lng: 20}, 0},
		"across the date line": {allocation.Point{Lng: 179.5}, allocation.Point{Lng: -179.5}, 111_194.9},
		"from pole to pole":    {allocation.Point{Lat: 90}, allocation.Point{Lat: -90}, 20_015_086.8},
		"antipodes":            {allocation.Point{Lat: 12.3, Lng: 45.6}, allocation.Point{Lat: -12.3, Lng: -134.4}, 20_015_086.8},
		"antipodes whose haversine is rounded above one": {
			allocation.Point{Lat: -45.994503010994165, Lng: 16.656647755339584}, allocation.Point{Lat: 45.994503010994165, Lng: 16.656647755339584 - 180}, 20_015_086.8,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.InDelta(t, tt.meters, allocation.Distance(tt.a, tt.b), 1)
			require.InDelta(t, tt.meters, allocation.Distance(tt.b, tt.a), 1)
		})
	}
}

func TestExplainPrintsShortDistancesInMeters(t *testing.T) {
	t.Parallel()
	r := request(true, &allocation.Point{}, []place{{id: "shop", at: &allocation.Point{Lat: 0.005}, stock: stock{"V": 1}}}, line(1, "V", 2))
	require.Equal(t, `nearest: 1 unit from 1 location, 1 missing
rule: locations by distance from the destination, then priority, then location id
  1. shop  chosen  priority 1  556 m  1 V (line 1)
short: line 1, V: 1 of 2 found
`, plan(t, allocation.Nearest(), r).Explain())
}
