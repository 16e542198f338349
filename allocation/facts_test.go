package allocation_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/allocation"
)

var monday = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// strictRequest asks for capabilities, capacities, whole lines and groups.
func strictRequest() *rapid.Generator[allocation.Request] {
	return rapid.Custom(func(t *rapid.T) allocation.Request {
		r := anyRequest(5).Draw(t, "request")
		maybe := func(name string) bool { return rapid.IntRange(0, 2).Draw(t, name) == 0 }
		for d := range r.Demands {
			if maybe("cold") {
				r.Demands[d].Needs = []string{"cold"}
			}
			if maybe("grouped") {
				r.Demands[d].Together = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "group")
			}
			r.Demands[d].NoSplit = maybe("whole")
		}
		for j := range r.Candidates {
			c := &r.Candidates[j]
			if !maybe("warm") {
				c.Has = []string{"cold"}
			}
			if maybe("limited") {
				limit := rapid.Int64Range(0, 8).Draw(t, "capacity")
				c.Capacity = &limit
			}
			if maybe("incoming") {
				c.Incoming = []allocation.Supply{{Item: "a", Qty: rapid.Int64Range(1, 9).Draw(t, "units"), At: monday.AddDate(0, 0, j)}}
			}
		}
		return r
	})
}

func TestEveryPlanRespectsWhatTheRequestAsksFor(t *testing.T) {
	t.Parallel()
	strategies := append(standard(),
		named{"fallback", allocation.Fallback(allocation.FewestShipments(), allocation.Priority())},
		named{"backorder", allocation.Backorder(allocation.Nearest())},
		named{"restrict", allocation.Restrict(allocation.FewestShipments(), "too far", func(c allocation.Candidate) bool { return c.Location != "l1" })})
	rapid.Check(t, func(t *rapid.T) {
		r := strictRequest().Draw(t, "request")
		for _, s := range strategies {
			p, err := s.Plan(t.Context(), r)
			require.NoError(t, err)
			require.NoError(t, allocation.Validate(r, p), s.name)
			require.Len(t, p.Explanation.Considered, len(r.Candidates), s.name)
			require.NoError(t, allocation.Record{Request: r, Plan: p}.Replay(t.Context(), s))
			respected(t, r, p)
		}
	})
}

// respected checks by hand what Validate promises to check.
func respected(t *rapid.T, r allocation.Request, p allocation.Plan) {
	sent, groups := make(map[string]int64), make(map[string]string)
	lines, got := make(map[int]string), make(map[int]int64)
	for _, a := range p.Assignments {
		sent[a.Location] += a.Qty
		got[a.Line] += a.Qty
		d := r.Demands[slices.IndexFunc(r.Demands, func(d allocation.Demand) bool { return d.Line == a.Line })]
		c := r.Candidates[slices.IndexFunc(r.Candidates, func(c allocation.Candidate) bool { return c.Location == a.Location })]
		require.Empty(t, c.Lacks(&d))
		if c.Capacity != nil {
			require.LessOrEqual(t, sent[a.Location], *c.Capacity)
		}
		if d.NoSplit {
			require.Contains(t, []string{"", a.Location}, lines[a.Line])
		}
		lines[a.Line] = a.Location
		if d.Together != "" {
			require.Contains(t, []string{"", a.Location}, groups[d.Together])
			groups[d.Together] = a.Location
		}
	}
	for _, d := range r.Demands {
		if groups[d.Together] != "" && d.Together != "" {
			require.Equal(t, d.Qty, got[d.Line])
		}
	}
}

func TestValidateFindsEveryBreach(t *testing.T) {
	t.Parallel()
	one := int64(1)
	breach := func(change func(r *allocation.Request, p *allocation.Plan)) error {
		r := allocation.NewRequest(line(1, "a", 2), line(2, "b", 1))
		r.AllowPartial = true
		r.Add(allocation.Candidate{Location: "x"}, stock{"a": 5, "b": 5})
		r.Add(allocation.Candidate{Location: "y", Incoming: []allocation.Supply{{Item: "a", Qty: 1, At: monday}}}, stock{"a": 5, "b": 5})
		p := allocation.Plan{Assignments: []allocation.Assignment{sends(1, "a", "x", 1), sends(1, "a", "y", 1), sends(2, "b", "x", 1)}}
		change(&r, &p)
		return allocation.Validate(r, p)
	}
	require.NoError(t, breach(func(*allocation.Request, *allocation.Plan) {}))
	promise := func(qty int64, location string) func(*allocation.Request, *allocation.Plan) {
		return func(_ *allocation.Request, p *allocation.Plan) {
			p.Assignments = p.Assignments[1:]
			p.Unassigned = []allocation.Shortage{{Line: 1, Item: "a", Want: 2, Have: 1}}
			p.Expected = []allocation.Promise{{Line: 1, Item: "a", Location: location, Qty: qty, At: monday}}
		}
	}
	require.NoError(t, breach(promise(1, "y")))
	for want, change := range map[string]func(r *allocation.Request, p *allocation.Plan){
		"the line needs cold, which the location has not": func(r *allocation.Request, _ *allocation.Plan) { r.Demands[0].Needs = []string{"cold"} },
		"the location may send only 0 more":               func(r *allocation.Request, _ *allocation.Plan) { r.Candidates[0].Capacity = &one },
		"which may not be split":                          func(r *allocation.Request, _ *allocation.Plan) { r.Demands[0].NoSplit = true },
		`others of group "g" come from another location`: func(r *allocation.Request, _ *allocation.Plan) {
			r.Demands[0].Together, r.Demands[1].Together = "g", "g"
		},
		"serve the group in full": func(r *allocation.Request, p *allocation.Plan) {
			r.Demands[0].Together = "g"
			p.Assignments = p.Assignments[1:]
			p.Unassigned = []allocation.Shortage{{Line: 1, Item: "a", Want: 2, Have: 1}}
		},
		"where 1 can be promised": promise(2, "y"),
		"where 0 can be promised": promise(1, "x"),
	} {
		err := breach(change)
		require.ErrorIs(t, err, allocation.ErrInvalidPlan)
		require.ErrorContains(t, err, want)
	}
}

// factChanges are the smallest changes of each thing that a request can say.
var factChanges = map[string]func(r *allocation.Request){
	"channel":  func(r *allocation.Request) { r.Channel += "x" },
	"customer": func(r *allocation.Request) { r.Customer += "x" },
	"country":  func(r *allocation.Request) { r.Country += "x" },
	"region":   func(r *allocation.Request) { r.Region += "x" },
	"now":      func(r *allocation.Request) { r.Now = r.Now.Add(1) },
	"the zone": func(r *allocation.Request) { r.Now = r.Now.Add(1).In(time.FixedZone("", 3600)) },
	"need by":  func(r *allocation.Request) { r.NeedBy = r.NeedBy.Add(1) },
	"previous": func(r *allocation.Request) { r.Previous = append(slices.Clone(r.Previous), sends(1, "a", "x", 1)) },
	"needs":    func(r *allocation.Request) { r.Demands[0].Needs = append(slices.Clone(r.Demands[0].Needs), "x") },
	"no split": func(r *allocation.Request) { r.Demands[0].NoSplit = !r.Demands[0].NoSplit },
	"together": func(r *allocation.Request) { r.Demands[0].Together += "x" },
	"grams":    func(r *allocation.Request) { r.Demands[0].Grams++ },
	"penalty":  func(r *allocation.Request) { r.Demands[0].Penalty++ },
	"has":      func(r *allocation.Request) { r.Candidates[0].Has = append(slices.Clone(r.Candidates[0].Has), "x") },
	"groups": func(r *allocation.Request) {
		r.Candidates[0].Groups = append(slices.Clone(r.Candidates[0].Groups), "x")
	},
	"capacity":      func(r *allocation.Request) { r.Candidates[0].Capacity = new(int64) },
	"its country":   func(r *allocation.Request) { r.Candidates[0].Country += "x" },
	"its region":    func(r *allocation.Request) { r.Candidates[0].Region += "x" },
	"arrives at":    func(r *allocation.Request) { r.Candidates[0].ArrivesAt = monday.Add(7) },
	"shipment cost": func(r *allocation.Request) { r.Candidates[0].ShipmentCost++ },
	"unit costs":    func(r *allocation.Request) { r.Candidates[0].UnitCosts = []int64{8} },
	"since":         func(r *allocation.Request) { r.Candidates[0].Since = []time.Time{monday.Add(9)} },
	"incoming": func(r *allocation.Request) {
		r.Candidates[0].Incoming = []allocation.Supply{{Item: "a", Qty: 2, At: monday}}
	},
	"shipping":            func(r *allocation.Request) { r.Candidates[0].Shipping = !r.Candidates[0].Shipping },
	"the same of another": func(r *allocation.Request) { r.Candidates[1].Shipping = !r.Candidates[1].Shipping },
}

func TestTheFingerprintCoversEveryFact(t *testing.T) {
	t.Parallel()
	bare := allocation.NewRequest(line(1, "a", 1))
	bare.Add(allocation.Candidate{Location: "x"}, stock{"a": 1})
	bare.Add(allocation.Candidate{Location: "y"}, stock{"a": 1})
	full := bare
	full.Demands, full.Candidates = slices.Clone(bare.Demands), slices.Clone(bare.Candidates)
	limit := int64(3)
	full.Channel, full.Customer, full.Country, full.Region, full.Now, full.NeedBy = "web", "c", "DE", "BE", monday, monday
	full.Previous = []allocation.Assignment{sends(1, "a", "x", 1)}
	full.Demands[0].Needs, full.Demands[0].Together, full.Demands[0].Grams, full.Demands[0].Penalty = []string{"cold"}, "g", 5, 6
	full.Candidates[0] = allocation.Candidate{
		Location: "x", Available: []int64{1}, Has: []string{"cold", "dry"}, Groups: []string{"shops"}, Capacity: &limit, Country: "DE", Region: "BE", ArrivesAt: monday,
		ShipmentCost: 4, UnitCosts: []int64{5}, Since: []time.Time{monday}, Incoming: []allocation.Supply{{Item: "a", Qty: 1, At: monday}},
	}
	for _, base := range []allocation.Request{bare, full} {
		seen := map[string]string{base.Fingerprint(): "the request itself"}
		for name, change := range factChanges {
			r := base
			r.Demands, r.Candidates = slices.Clone(base.Demands), slices.Clone(base.Candidates)
			change(&r)
			print := r.Fingerprint()
			require.NotEmpty(t, print, name)
			require.Empty(t, seen[print], "%s", name)
			seen[print] = name

			text, err := json.Marshal(r)
			require.NoError(t, err)
			var again allocation.Request
			require.NoError(t, json.Unmarshal(text, &again))
			require.Equal(t, print, again.Fingerprint(), "%s does not survive JSON", name)
		}
	}
	slices.Reverse(full.Candidates[0].Has)
	swapped := full
	swapped.Candidates = []allocation.Candidate{full.Candidates[1], full.Candidates[0]}
	require.Equal(t, full.Fingerprint(), swapped.Fingerprint(), "the order of candidates and of capabilities does not count")
}

func TestFactsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	less := int64(-1)
	for want, change := range map[string]func(r *allocation.Request){
		"weighs -1 g":           func(r *allocation.Request) { r.Demands[0].Grams = -1 },
		"costs -1: a penalty":   func(r *allocation.Request) { r.Demands[0].Penalty = -1 },
		"needs a capability":    func(r *allocation.Request) { r.Demands[0].Needs = []string{""} },
		"a capacity of -1":      func(r *allocation.Request) { r.Candidates[0].Capacity = &less },
		"costs -1: a cost":      func(r *allocation.Request) { r.Candidates[0].ShipmentCost = -1 },
		"gives 2 unit costs":    func(r *allocation.Request) { r.Candidates[0].UnitCosts = []int64{1, 2} },
		"the age of 2 items":    func(r *allocation.Request) { r.Candidates[0].Since = make([]time.Time, 2) },
		"without a name":        func(r *allocation.Request) { r.Candidates[0].Groups = []string{""} },
		"incoming supply has":   func(r *allocation.Request) { r.Candidates[0].Incoming = []allocation.Supply{{Item: "a", Qty: 1}} },
		"the previous plan had": func(r *allocation.Request) { r.Previous = []allocation.Assignment{sends(2, "a", "x", 1)} },
	} {
		r := allocation.NewRequest(line(1, "a", 1))
		r.Add(allocation.Candidate{Location: "x"}, stock{"a": 1})
		change(&r)
		err := r.Validate()
		require.ErrorIs(t, err, allocation.ErrInvalidRequest)
		require.ErrorContains(t, err, want)
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	week := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	tests := map[string]struct {
		schedule allocation.Schedule
		now      time.Time
		want     time.Time
	}{
		"before the cut-off, arrives at the end of the day": {allocation.Schedule{CutOff: 12 * time.Hour}, monday, day(3)},
		"at the cut-off it is too late":                     {allocation.Schedule{CutOff: 10 * time.Hour}, monday, day(4)},
		"no cut-off: always the next day":                   {allocation.Schedule{}, monday, day(4)},
		"handling and transit":                              {allocation.Schedule{CutOff: 12 * time.Hour, Handling: 1, Transit: 2}, monday, day(6)},
		"Friday afternoon waits for Monday":                 {allocation.Schedule{Workdays: week, CutOff: 12 * time.Hour, Transit: 1}, day(6).Add(13 * time.Hour), day(11)},
		"a holiday":                                         {allocation.Schedule{Workdays: week, Holidays: []time.Time{day(9)}, CutOff: 12 * time.Hour}, day(7), day(11)},
		"handling skips the weekend":                        {allocation.Schedule{Workdays: week, CutOff: 12 * time.Hour, Handling: 1}, day(6), day(10)},
		"never":                                             {allocation.Schedule{Workdays: []time.Weekday{9}}, monday, time.Time{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, test.schedule.ArrivesAt(test.now))
		})
	}
}

func TestFallbackFillsWhatTheFirstLeaves(t *testing.T) {
	t.Parallel()
	shops := allocation.Restrict(allocation.Priority(), "no shop", func(c allocation.Candidate) bool { return slices.Contains(c.Groups, "shops") })
	r := allocation.NewRequest(line(1, "a", 5), line(2, "b", 1))
	r.Add(allocation.Candidate{Location: "house"}, stock{"a": 9, "b": 9})
	r.Add(allocation.Candidate{Location: "shop", Groups: []string{"shops"}}, stock{"a": 3})
	p := plan(t, allocation.Fallback(shops, allocation.Priority()), r)
	require.Equal(t, []allocation.Assignment{sends(1, "a", "shop", 3), sends(1, "a", "house", 2), sends(2, "b", "house", 1)}, p.Assignments)
	require.Equal(t, []allocation.Attempt{{Strategy: "priority", Missing: 3}, {Strategy: "priority"}}, p.Explanation.Tried)
	require.Equal(t, "house", p.Explanation.Considered[1].Location)
	require.Equal(t, allocation.Chosen, p.Explanation.Considered[1].Verdict)

	r.Demands[0].Qty = 50
	p = plan(t, allocation.Fallback(shops, allocation.Priority()), r)
	require.Empty(t, p.Assignments, "all or nothing")
	require.Equal(t, int64(38), p.Missing())
	require.Equal(t, allocation.Withheld, p.Explanation.Considered[0].Verdict)

	for _, s := range []allocation.Strategy{allocation.Fallback(), allocation.Fallback(nil), allocation.Restrict(nil, "", nil), allocation.Backorder(nil), allocation.Choose(nil), allocation.ByChannel(nil, nil)} {
		_, err := s.Plan(t.Context(), r)
		require.ErrorIs(t, err, allocation.ErrNoStrategy)
	}
}

func TestEachChannelAndCustomerHasItsStrategy(t *testing.T) {
	t.Parallel()
	mine := func(name string) allocation.Strategy {
		return allocation.Func(func(ctx context.Context, r allocation.Request) (allocation.Plan, error) {
			p, err := allocation.Priority().Plan(ctx, r)
			p.Strategy = name
			return p, err
		})
	}
	s := allocation.ByChannel(map[string]allocation.Strategy{"b2b": mine("b2b")},
		allocation.ByCustomer(map[string]allocation.Strategy{"vip": mine("vip")}, mine("others")))
	for want, r := range map[string]allocation.Request{
		"b2b": {Channel: "b2b", Customer: "vip"}, "vip": {Channel: "web", Customer: "vip"}, "others": {},
	} {
		p := plan(t, s, r)
		require.Equal(t, want, p.Strategy)
		require.Equal(t, r.Fingerprint(), p.Fingerprint)
	}
}

func TestBackordersArePromisedFromWhatComes(t *testing.T) {
	t.Parallel()
	r := allocation.NewRequest(line(1, "a", 5), line(2, "a", 4), line(3, "b", 1))
	r.AllowPartial = true
	r.Demands[2].Needs = []string{"cold"}
	r.Add(allocation.Candidate{Location: "x", Incoming: []allocation.Supply{
		{Item: "a", Qty: 3, At: monday.AddDate(0, 0, 7)}, {Item: "b", Qty: 9, At: monday},
	}}, stock{"a": 4})
	r.Add(allocation.Candidate{Location: "y", Incoming: []allocation.Supply{{Item: "a", Qty: 1, At: monday}}}, nil)
	p := plan(t, allocation.Backorder(allocation.Priority()), r)
	require.Equal(t, []allocation.Promise{
		{Line: 1, Item: "a", Location: "y", Qty: 1, At: monday},
		{Line: 2, Item: "a", Location: "x", Qty: 3, At: monday.AddDate(0, 0, 7)},
	}, p.Expected, "the fourth of line 2 is promised by nobody, and x is not cold")
	require.Contains(t, p.Explain(), "expected: line 2, 3 a at x on 2026-03-09")
}

func TestRedactionLeaksNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(6).Draw(t, "request")
		secret := func(location string) bool { return location == "l1" || location == "l2" }
		s := rapid.SampledFrom(standard()).Draw(t, "strategy")
		p, err := s.Plan(t.Context(), r)
		require.NoError(t, err)
		red := p.Redact(secret)
		text, err := json.Marshal(red)
		require.NoError(t, err)
		for _, name := range []string{"l1", "l2", p.Fingerprint} {
			require.NotContains(t, string(text)+red.Explain(), name)
		}
		require.Equal(t, p.Missing(), red.Missing())
		require.Len(t, red.Assignments, len(p.Assignments))

		// What a hidden location has beyond what it sends, where it is and how it ranks makes no difference.
		other := r
		other.Candidates = slices.Clone(r.Candidates)
		for j := range other.Candidates {
			if secret(other.Candidates[j].Location) {
				other.Candidates[j].ShipmentCost = 77
				other.Candidates[j].Groups = []string{"secret"}
			}
		}
		again, err := s.Plan(t.Context(), other)
		require.NoError(t, err)
		require.Equal(t, red, again.Redact(secret))
	})
}

func TestAChangedStrategyDoesNotReplay(t *testing.T) {
	t.Parallel()
	r := network()
	rec := allocation.Record{Request: r, Plan: plan(t, allocation.Nearest(), r)}
	text, err := json.Marshal(rec)
	require.NoError(t, err)
	var kept allocation.Record
	require.NoError(t, json.Unmarshal(text, &kept))
	require.NoError(t, kept.Replay(t.Context(), allocation.Nearest()))
	again, err := json.Marshal(kept)
	require.NoError(t, err)
	require.Equal(t, string(text), string(again))

	var differs *allocation.ReplayError
	err = kept.Replay(t.Context(), allocation.FewestShipments())
	require.ErrorAs(t, err, &differs)
	require.ErrorIs(t, err, allocation.ErrReplay)
	require.True(t, strings.Contains(differs.Recorded, "nearest") && strings.Contains(differs.Replayed, "fewest"))
	require.ErrorIs(t, kept.Replay(t.Context(), nil), allocation.ErrNoStrategy)
	kept.Request.Demands[0].Qty = 0
	require.ErrorIs(t, kept.Replay(t.Context(), allocation.Nearest()), allocation.ErrInvalidRequest)
}
