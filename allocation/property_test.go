package allocation_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/allocation"
)

// anyRequest draws small requests, so that ties, shortages and shared items are common.
func anyRequest(most int) *rapid.Generator[allocation.Request] {
	return rapid.Custom(func(t *rapid.T) allocation.Request {
		point := rapid.Custom(func(t *rapid.T) *allocation.Point {
			if rapid.IntRange(0, 4).Draw(t, "unknown") == 0 {
				return nil
			}
			return &allocation.Point{Lat: float64(rapid.IntRange(-1, 1).Draw(t, "lat")), Lng: float64(rapid.IntRange(0, 2).Draw(t, "lng"))}
		})
		qty := rapid.Int64Range(1, 6)
		if rapid.IntRange(0, 9).Draw(t, "huge") == 0 {
			qty = rapid.Int64Range(math.MaxInt64/8, math.MaxInt64/6)
		}
		r := allocation.Request{
			Items:        rapid.Permutation([]string{"a", "b", "c", "d"}).Draw(t, "items"),
			Destination:  point.Draw(t, "destination"),
			AllowPartial: rapid.Bool().Draw(t, "partial"),
		}
		for n := range rapid.IntRange(0, 5).Draw(t, "lines") {
			r.Demands = append(r.Demands, line(n+1, rapid.SampledFrom(r.Items).Draw(t, "item"), qty.Draw(t, "qty")))
		}
		ids := rapid.Permutation([]string{"l1", "l2", "l3", "l4", "l5", "l6"}).Draw(t, "ids")
		for _, id := range ids[:rapid.IntRange(0, most).Draw(t, "locations")] {
			c := allocation.Candidate{Location: id, Priority: rapid.IntRange(-1, 1).Draw(t, "priority"), At: point.Draw(t, "at")}
			for range r.Items {
				units := int64(0)
				if rapid.Bool().Draw(t, "stocked") {
					units = qty.Draw(t, "stock")
				}
				c.Available = append(c.Available, units)
			}
			r.Candidates = append(r.Candidates, c)
		}
		return r
	})
}

func TestEveryPlanOfEveryStrategyIsValidAndExplainsItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(6).Draw(t, "request")
		want, supply := make(map[string]int64), make(map[string]int64)
		for _, d := range r.Demands {
			want[d.Item] += d.Qty
		}
		var reachable int64
		for i, item := range r.Items {
			for _, c := range r.Candidates {
				supply[item] += min(c.Available[i], want[item]-supply[item])
			}
			reachable += want[item] - supply[item]
		}
		for _, s := range standard() {
			p, err := s.Plan(t.Context(), r)
			require.NoError(t, err)
			require.NoError(t, allocation.Validate(r, p))
			require.Equal(t, reachable, p.Missing(), "%s finds every unit there is", s.name)
			explained(t, r, p)
		}
	})
}

// explained checks that the explanation tells the truth about every candidate.
func explained(t *rapid.T, r allocation.Request, p allocation.Plan) {
	sent := make(map[string]int64)
	for _, a := range p.Assignments {
		sent[a.Location] += a.Qty
	}
	require.Len(t, p.Explanation.Considered, len(r.Candidates))
	text := p.Explain()
	seen := make(map[string]bool)
	for _, c := range p.Explanation.Considered {
		require.False(t, seen[c.Location])
		seen[c.Location] = true
		require.Contains(t, text, c.Location)
		require.Equal(t, sent[c.Location] > 0, c.Verdict == allocation.Chosen)
		switch c.Verdict {
		case allocation.Chosen:
			require.Equal(t, sent[c.Location], c.Units)
		case allocation.Withheld:
			require.Positive(t, c.Units)
			require.False(t, r.AllowPartial)
		default:
			require.Zero(t, c.Units)
			require.NotEmpty(t, c.Reason)
		}
	}
	for _, row := range strings.Split(text, "\n") {
		require.Equal(t, strings.TrimRight(row, " "), row)
	}
}

func TestThePlanDoesNotDependOnTheOrderOfCandidatesOrColumns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(6).Draw(t, "request")
		other := r
		order := rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "columns")
		other.Items = nil
		for _, i := range order {
			other.Items = append(other.Items, r.Items[i])
		}
		other.Candidates = nil
		if len(r.Candidates) > 0 {
			other.Candidates = rapid.Permutation(r.Candidates).Draw(t, "candidates")
		}
		for j, c := range other.Candidates {
			other.Candidates[j].Available = nil
			for _, i := range order {
				other.Candidates[j].Available = append(other.Candidates[j].Available, c.Available[i])
			}
		}
		for _, s := range standard() {
			a, err := s.Plan(t.Context(), r)
			require.NoError(t, err)
			b, err := s.Plan(t.Context(), other)
			require.NoError(t, err)
			require.Equal(t, a, b, s.name)
		}
	})
}

// canonical is the input of a strategy, spelled out.
func canonical(r allocation.Request) string {
	var stock []string
	for _, c := range r.Candidates {
		row := make(map[string]int64)
		for _, d := range r.Demands {
			row[d.Item] = c.Available[slices.Index(r.Items, d.Item)]
		}
		at, _ := json.Marshal(c.At)
		stock = append(stock, fmt.Sprint(c.Location, c.Priority, string(at), row))
	}
	slices.Sort(stock)
	to, _ := json.Marshal(r.Destination)
	return fmt.Sprint(r.Demands, stock, string(to), r.AllowPartial)
}

func TestTheFingerprintIsEqualIfAndOnlyIfTheInputIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(3).Draw(t, "request")
		other := anyRequest(3).Draw(t, "other")
		require.Equal(t, canonical(r) == canonical(other), r.Fingerprint() == other.Fingerprint())
		for _, change := range changes(r) {
			require.Equal(t, canonical(r) == canonical(change), r.Fingerprint() == change.Fingerprint())
		}
	})
}

// changes are the smallest differences that two requests can have.
func changes(r allocation.Request) (all []allocation.Request) {
	with := func(change func(*allocation.Request)) {
		c := r
		c.Demands, c.Candidates = slices.Clone(r.Demands), slices.Clone(r.Candidates)
		change(&c)
		all = append(all, c)
	}
	with(func(r *allocation.Request) { r.AllowPartial = !r.AllowPartial })
	with(func(r *allocation.Request) { r.Destination = &allocation.Point{Lat: 0.5} })
	with(func(r *allocation.Request) { r.Destination = &allocation.Point{Lng: 0.5} })
	with(func(r *allocation.Request) { r.Destination = nil })
	with(func(r *allocation.Request) { slices.Reverse(r.Demands) })
	for d := range r.Demands {
		with(func(r *allocation.Request) { r.Demands[d].Qty++ })
		with(func(r *allocation.Request) { r.Demands[d].Line += 100 })
	}
	for j := range r.Candidates {
		with(func(r *allocation.Request) { r.Candidates = slices.Delete(r.Candidates, j, j+1) })
		with(func(r *allocation.Request) { r.Candidates[j].Priority += 10 })
		with(func(r *allocation.Request) { r.Candidates[j].Location += "x" })
		with(func(r *allocation.Request) { r.Candidates[j].At = nil })
		with(func(r *allocation.Request) { r.Candidates[j].At = &allocation.Point{Lng: 0.5} })
		for i := range r.Items {
			with(func(r *allocation.Request) {
				r.Candidates[j].Available = slices.Clone(r.Candidates[j].Available)
				r.Candidates[j].Available[i]++
			})
		}
	}
	return all
}

func TestAnyDamageToAPlanIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(6).Draw(t, "request")
		r.AllowPartial = true
		s := rapid.SampledFrom(standard()).Draw(t, "strategy")
		p, err := s.Plan(t.Context(), r)
		require.NoError(t, err)
		if len(p.Assignments) == 0 {
			return
		}
		k := rapid.IntRange(0, len(p.Assignments)-1).Draw(t, "assignment")
		damaged := p
		damaged.Assignments = slices.Clone(p.Assignments)
		a := &damaged.Assignments[k]
		switch rapid.IntRange(0, 4).Draw(t, "damage") {
		case 0:
			a.Qty++
		case 1:
			a.Qty--
		case 2:
			a.Location = "nowhere"
		case 3:
			a.Line += 100
		default:
			damaged.Assignments = slices.Delete(damaged.Assignments, k, k+1)
		}
		require.ErrorIs(t, allocation.Validate(r, damaged), allocation.ErrInvalidPlan)
	})
}

// score is what FewestShipments promises to minimize, in this order.
type score struct {
	missing    int64
	size       int
	distance   int64
	priorities []int
	ids        []string
}

func (a score) less(b score) bool {
	switch {
	case a.missing != b.missing:
		return a.missing < b.missing
	case a.size != b.size:
		return a.size < b.size
	case a.distance != b.distance:
		return a.distance < b.distance
	}
	if order := slices.Compare(a.priorities, b.priorities); order != 0 {
		return order < 0
	}
	return slices.Compare(a.ids, b.ids) < 0
}

// rate scores the set of candidates whose bits are set.
func rate(r allocation.Request, set int) (s score) {
	var members []allocation.Candidate
	for j, c := range r.Candidates {
		if set&(1<<j) != 0 {
			members = append(members, c)
		}
	}
	slices.SortFunc(members, func(a, b allocation.Candidate) int {
		if a.Priority != b.Priority {
			return a.Priority - b.Priority
		}
		return strings.Compare(a.Location, b.Location)
	})
	s.size = len(members)
	for _, c := range members {
		s.priorities, s.ids = append(s.priorities, c.Priority), append(s.ids, c.Location)
		switch {
		case r.Destination == nil:
		case c.At == nil:
			s.distance += 20_100_000_000
		default:
			s.distance += int64(math.Round(1000 * allocation.Distance(*r.Destination, *c.At)))
		}
	}
	for i, item := range r.Items {
		var want int64
		for _, d := range r.Demands {
			if d.Item == item {
				want += d.Qty
			}
		}
		for _, c := range members {
			want -= min(want, c.Available[i])
		}
		s.missing += want
	}
	return s
}

func TestFewestShipmentsEqualsTheEnumerationOfAllSets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(6).Draw(t, "request")
		r.AllowPartial = true
		best := rate(r, 0)
		for set := range 1 << len(r.Candidates) {
			if s := rate(r, set); s.less(best) {
				best = s
			}
		}
		p, err := allocation.FewestShipments().Plan(t.Context(), r)
		require.NoError(t, err)
		used := make(map[string]bool)
		for _, a := range p.Assignments {
			used[a.Location] = true
		}
		require.Len(t, used, best.size)
		for _, id := range best.ids {
			require.True(t, used[id], "the best set is %v, the plan uses %v", best.ids, used)
		}
		require.Equal(t, best.missing, p.Missing())
		require.True(t, p.Explanation.Proven)
		require.Equal(t, best.size, p.Explanation.AtLeast)
	})
}

func TestDistanceIsAMetricOnTheGlobe(t *testing.T) {
	t.Parallel()
	point := rapid.Custom(func(t *rapid.T) allocation.Point {
		return allocation.Point{Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"), Lng: rapid.Float64Range(-180, 180).Draw(t, "lng")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := point.Draw(t, "a"), point.Draw(t, "b"), point.Draw(t, "c")
		ab := allocation.Distance(a, b)
		require.InDelta(t, allocation.Distance(b, a), ab, 0.001)
		require.Zero(t, allocation.Distance(a, a))
		require.GreaterOrEqual(t, ab, 0.0)
		require.LessOrEqual(t, ab, math.Pi*6_371_000)
		require.LessOrEqual(t, allocation.Distance(a, c), ab+allocation.Distance(b, c)+1)
	})
}
