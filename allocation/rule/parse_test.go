package rule_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/allocation/rule"
)

func TestASetSurvivesJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		set := anySet(t)
		set.Called = rapid.SampledFrom([]string{"", "web \"EU\""}).Draw(t, "name")
		set.Nodes = rapid.IntRange(0, 9).Draw(t, "nodes")
		text, err := json.Marshal(set)
		require.NoError(t, err)
		again, err := rule.Parse(text, nil)
		require.NoError(t, err)
		require.Equal(t, set, again)
	})
	every, err := json.Marshal(rule.Set{Rules: everyRule})
	require.NoError(t, err)
	for _, r := range everyRule {
		require.Contains(t, string(every), `"rule":"`+r.Name()+`"`)
		require.Contains(t, string(rule.Schema()), `"const": "`+r.Name()+`"`)
	}
}

func TestParseRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	of := func(r string) string { return `{"rules":[` + r + `]}` }
	deep := strings.Repeat(`{"rule":"weighted","percent":100,"of":`, 20) + `{"rule":"complete"}` + strings.Repeat(`}`, 20)
	tests := map[string]struct{ text, path, problem string }{
		"nothing":                  {``, "", "is not an object"},
		"a list":                   {`[]`, "", "is not an object"},
		"half a set":               {`{"rules":[`, "", "is not an object"},
		"something after it":       {`{} {}`, "", "comes after it"},
		"a field that is not":      {`{"rule":[]}`, "rule", "there is no such field: there are alternatives"},
		"another case":             {`{"Rules":[]}`, "Rules", "there is no such field"},
		"a field twice":            {`{"rules":[],"rules":[]}`, "rules", "is there twice"},
		"null":                     {`{"rules":null}`, "rules", "null is not a list"},
		"an objective":             {`{"objective":"cheap"}`, "objective", `"cheap" is neither "most_units" nor "least_cost"`},
		"nodes":                    {`{"nodes":-1}`, "nodes", "-1 steps"},
		"no rule":                  {of(`{}`), "rules[0]", `names no rule`},
		"a rule that is not":       {of(`{"rule":"complete"},{"rule":"nearest"}`), "rules[1].rule", `there is no rule "nearest": the rules are balance, complete`},
		"a rule by number":         {of(`{"rule":7}`), "rules[0].rule", "7 is not a text"},
		"a rule without its field": {of(`{"rule":"max_shipments"}`), "rules[0].most", "is missing"},
		"a field of another rule":  {of(`{"rule":"max_shipments","most":1,"km":2}`), "rules[0].km", "there is no such field: there are most, rule"},
		"a fraction":               {of(`{"rule":"max_shipments","most":1.5}`), "rules[0].most", "1.5 is not a whole number"},
		"a number as text":         {of(`{"rule":"max_shipments","most":"1"}`), "rules[0].most", `"1" is not a whole number`},
		"too large a number":       {of(`{"rule":"stay","cost":99999999999999999999}`), "rules[0].cost", "is not a whole number"},
		"a null number":            {of(`{"rule":"stay","cost":null}`), "rules[0].cost", "null is not a whole number"},
		"a number out of bounds":   {of(`{"rule":"max_distance","km":30000}`), "rules[0].km", "30000 is not between 0 and 20100"},
		"zero shipments":           {of(`{"rule":"max_shipments","most":0}`), "rules[0].most", "0 is not between 1 and"},
		"a place in no list":       {of(`{"rule":"only","where":{"groups":"shops"}}`), "rules[0].where.groups", `"shops" is not a list`},
		"a place by number":        {of(`{"rule":"only","where":{"groups":["a",1]}}`), "rules[0].where.groups[1]", "1 is not a text"},
		"everywhere":               {of(`{"rule":"exclude","where":{}}`), "rules[0].where", "selects every location"},
		"an order in no list":      {of(`{"rule":"ring_fence","where":{"groups":["a"]},"for":{}}`), "rules[0].for", "selects every order"},
		"rates without a row":      {of(`{"rule":"rates","table":[]}`), "rules[0].table", "has no rates"},
		"a row":                    {of(`{"rule":"rates","table":[{},{"cost":-3}]}`), "rules[0].table[1].cost", "-3 is not between"},
		"groups that are none":     {of(`{"rule":"ranked","groups":[],"cost":1}`), "rules[0].groups", "is empty"},
		"a shipment for nothing":   {of(`{"rule":"shipment"}`), "rules[0]", "costs nothing"},
		"soft without a rule":      {of(`{"rule":"soft","cost":1}`), "rules[0].of", "is missing"},
		"soft for nothing":         {of(`{"rule":"soft","cost":0,"of":{"rule":"same_country"}}`), "rules[0].cost", "0 is not between 1"},
		"a limit that is soft":     {of(`{"rule":"soft","cost":5,"of":{"rule":"max_shipments","most":1}}`), "rules[0].of", "max_shipments limits the plan"},
		"a rule inside that is bad": {
			of(`{"rule":"when","orders":{"channels":["b2b"]},"then":[{"rule":"soft","cost":1,"of":{"rule":"prefer","where":{},"cost":1}}]}`),
			"rules[0].then[0].of.where", "selects every location",
		},
		"when always":      {of(`{"rule":"when","orders":{"not":true},"then":[{"rule":"complete"}]}`), "rules[0].orders", "selects every order"},
		"when for nothing": {of(`{"rule":"when","orders":{"channels":["b2b"]},"then":[]}`), "rules[0].then", "has no rules"},
		"when without":     {of(`{"rule":"when","orders":{"channels":["b2b"]}}`), "rules[0].then", "is not a list"},
		"a weight":         {of(`{"rule":"weighted","percent":10001,"of":{"rule":"late","per_day":1}}`), "rules[0].percent", "10001 is not between"},
		"too deep":         {of(deep), "rules[0]" + strings.Repeat(".of", 9), "is the 9th rule within a rule"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := rule.Parse([]byte(test.text), nil)
			require.ErrorIs(t, err, rule.ErrInvalidSet)
			var bad *rule.SetError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, test.path, bad.Path)
			require.Contains(t, bad.Problem, test.problem)
			require.NoError(t, json.Unmarshal([]byte(`{"rules":[{"rule":"complete"}]}`), new(rule.Set)))
		})
	}
}

// festive is a rule of a host that JSON can name.
type festive struct {
	Cost int64 `json:"cost"`
}

func (festive) Name() string { return "festive" }

func (f festive) Apply(s *rule.Sheet) error {
	for j := range s.Request().Candidates {
		s.AddShipment(j, f.Cost)
	}
	return nil
}

func TestRulesOfTheHostAreReadByTheHost(t *testing.T) {
	t.Parallel()
	errHost := errors.New("which feast?")
	own := map[string]rule.Decoder{
		"festive": func(raw json.RawMessage) (rule.Rule, error) {
			var f struct{ Cost int64 }
			err := json.Unmarshal(raw, &f)
			if f.Cost == 0 {
				err = errHost
			}
			return festive{f.Cost}, err
		},
		"nothing": nil,
	}
	text := `{"rules":[{"rule":"soft","cost":3,"of":{"rule":"festive","cost":7}}]}`
	set, err := rule.Parse([]byte(text), own)
	require.NoError(t, err)
	require.Equal(t, []rule.Rule{rule.Soft{Rule: festive{7}, Cost: 3}}, set.Rules)
	again, err := json.Marshal(set)
	require.NoError(t, err)
	require.JSONEq(t, text, string(again))

	_, err = rule.Parse([]byte(text), nil)
	require.ErrorContains(t, err, `rules[0].of.rule: there is no rule "festive"`)
	_, err = rule.Parse([]byte(`{"rules":[{"rule":"festive"}]}`), own)
	require.ErrorContains(t, err, "rules[0]: festive: which feast?")
	_, err = rule.Parse([]byte(`{"rules":[{"rule":"nothing"}]}`), own)
	require.ErrorIs(t, err, rule.ErrInvalidSet)
}

func TestFunctionsAreNoJSON(t *testing.T) {
	t.Parallel()
	for _, r := range []rule.Rule{rule.Filter{Called: "f"}, rule.Soft{Rule: rule.Cost{Called: "c"}, Cost: 1}} {
		_, err := json.Marshal(rule.Set{Rules: []rule.Rule{r}})
		require.ErrorContains(t, err, "is a function")
	}
}

// What Parse accepts it writes and reads again, and every set it accepts can plan.
func FuzzParse(f *testing.F) {
	every, err := json.Marshal(rule.Set{Called: "all", Objective: rule.LeastCost, Rules: everyRule})
	require.NoError(f, err)
	f.Add(every)
	for _, r := range everyRule {
		one, err := json.Marshal(rule.Set{Rules: []rule.Rule{r}})
		require.NoError(f, err)
		f.Add(one)
	}
	f.Add([]byte(`{"rules":[{"rule":"weighted","percent":10000,"of":{"rule":"weighted","percent":10000,"of":{"rule":"shipment","cost":1000000000,"unit":1000000000}}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := rule.Parse(text, nil)
		if err != nil {
			require.ErrorIs(t, err, rule.ErrInvalidSet)
			return
		}
		written, err := json.Marshal(set)
		require.NoError(t, err)
		again, err := rule.Parse(written, nil)
		require.NoError(t, err)
		twice, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(written), string(twice))
		set.Nodes = min(set.Nodes, 1000)
		if _, err := set.Plan(t.Context(), network()); err != nil {
			require.True(t, errors.Is(err, rule.ErrAmount) || errors.Is(err, rule.ErrInvalidSet) || strings.Contains(err.Error(), "weights within weights"), "%v", err)
		}
	})
}
