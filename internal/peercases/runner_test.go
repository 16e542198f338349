package peercases_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/stretchr/testify/require"
)

// peerCase is one scenario of another system, restated as data.
type peerCase struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind"`
	Source string          `json:"source"`
	Given  json.RawMessage `json:"given"`
	When   json.RawMessage `json:"when"`
	Expect json.RawMessage `json:"expect"`
	Note   string          `json:"note"`

	file   string
	t      *testing.T // of the case's own subtest
	rule   rule       // set by differs
	about  []string   // the answers that the rule concerns
	reason reason     // set by notMapped
}

// mapper drives the library with the values of a case and tells what came out, in the words of the
// case. It never looks at what the case expects.
type mapper func(c *peerCase) facts

// mappers has one mapper for each kind that the library can answer.
type mappers map[string]mapper

// books are the files, each with the mappers of its kinds. Two files may use one word for two kinds.
var books = map[string]mappers{
	"totals":     totals,
	"inventory":  stock,
	"allocation": routing,
	"returns":    refunds,
	"lifecycle":  statuses,
}

// TestCases asks the library every question of the files. A case has to agree, or to differ by a rule
// of the table deliberate, or to be of a kind that the table notBuilt admits is not there.
func TestCases(t *testing.T) { //nolint:tparallel // the group waits for its cases, which are parallel
	t.Parallel()
	cases := load(t)
	var done tally
	t.Run("case", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.ID, func(t *testing.T) {
				t.Parallel()
				c.t = t
				verdict := "failed"
				defer func() { done.add(c, verdict) }()
				verdict = c.judge()
			})
		}
	})
	t.Log(done.summary())
}

// dir is where the files lie: beside the repository, or where OMS_CASES says.
func dir() string {
	if named := os.Getenv("OMS_CASES"); named != "" {
		return named
	}
	return filepath.Join("..", "..", "..", "shared", "cases")
}

// load reads every file. Without them the test is skipped, but never in CI.
func load(t *testing.T) []*peerCase {
	t.Helper()
	var all []*peerCase
	for _, name := range slices.Sorted(maps.Keys(books)) {
		path := filepath.Join(dir(), name+".json")
		text, err := os.ReadFile(path)
		if err != nil && os.Getenv("CI") != "true" {
			t.Skipf("no cases at %s: what other systems assert is not checked", path)
		}
		require.NoError(t, err, "with CI=true the cases must be there; OMS_CASES may name another folder")
		var cases []*peerCase
		require.NoError(t, json.Unmarshal(text, &cases), path)
		require.NotEmpty(t, cases, path)
		for _, c := range cases {
			c.file = name
		}
		all = append(all, cases...)
	}
	return all
}

// judge runs a case and returns the verdict that is counted.
func (c *peerCase) judge() string {
	c.t.Helper()
	ask, ok := books[c.file][c.Kind]
	if !ok {
		ask = func(c *peerCase) facts { return c.notMapped(reason(c.Kind)) }
	}
	got := ask(c)
	if c.reason != "" {
		require.Contains(c.t, notBuilt[c.reason], c.Kind,
			"not mapped, and the table notBuilt does not know it: %s", c.reason)
		return "not mapped"
	}
	var want map[string]any
	dec := json.NewDecoder(bytes.NewReader(c.Expect))
	dec.UseNumber()
	require.NoError(c.t, dec.Decode(&want))
	require.NotEmpty(c.t, want, "the case expects nothing")
	concerned, apart := false, false
	for member, w := range want {
		differences := compareMap("", map[string]any{member: w}, got)
		if slices.Contains(c.about, member) {
			concerned, apart = true, apart || len(differences) > 0
			continue
		}
		require.Empty(c.t, differences, "%s\ngiven %s\nwhen %s\nexpect %s", c.Note, c.Given, c.When, c.Expect)
	}
	if !concerned {
		return "agree"
	}
	require.Contains(c.t, deliberate, c.rule, "a rule without a reason")
	require.True(c.t, apart, "the library now agrees with this case: the rule %q no longer holds for it", c.rule)
	return "differ"
}

// differs says that the library gives the named answers to a case like this one otherwise on purpose. All
// others have to agree.
func (c *peerCase) differs(by rule, about ...string) { c.rule, c.about = by, about }

// notMapped says that the library has nothing to ask this with.
func (c *peerCase) notMapped(why reason) facts {
	c.reason = why
	return nil
}

// given and when read the two halves of a case. A member that the mapper does not know could change
// the question, so it fails the case.
func given[T any](c *peerCase) T { return read[T](c, "given", c.Given) }

func when[T any](c *peerCase) T { return read[T](c, "when", c.When) }

func read[T any](c *peerCase, part string, raw json.RawMessage) T {
	c.t.Helper()
	var v T
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	require.NoError(c.t, dec.Decode(&v), "%s of a %s: the mapper does not know this form: %s", part, c.Kind, raw)
	return v
}

// has tells whether the second half of a case has a member.
func has(raw json.RawMessage, member string) bool {
	var all map[string]json.RawMessage
	return json.Unmarshal(raw, &all) == nil && all[member] != nil
}

// names reads one word of the second half of a case.
func (c *peerCase) names(member string) string {
	c.t.Helper()
	var all map[string]json.RawMessage
	require.NoError(c.t, json.Unmarshal(c.When, &all))
	var word string
	require.NoError(c.t, json.Unmarshal(all[member], &word), "the mapper needs to know the %s", member)
	return word
}

// unknown fails a case that uses a word the mapper has no meaning for.
func (c *peerCase) unknown(what, word string) {
	c.t.Helper()
	require.FailNow(c.t, "the mapper does not know this "+what, "%s %q", c.Kind, word)
}

// tally counts verdicts by kind. Cases run in parallel.
type tally struct {
	mu    sync.Mutex
	kinds map[string]*count
	words []string // of refusals, without a sentinel of their own
}

// count is what became of the cases of a kind.
type count struct {
	agree, differ, notMapped, failed int

	why map[string]int // a rule or reason, how often
}

func (d *tally) add(c *peerCase, verdict string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kinds == nil {
		d.kinds = map[string]*count{}
	}
	name := c.file + " " + c.Kind
	n := d.kinds[name]
	if n == nil {
		n = &count{why: map[string]int{}}
		d.kinds[name] = n
	}
	switch verdict {
	case "agree":
		n.agree++
	case "differ":
		n.differ++
		n.why["differs: "+string(c.rule)]++
	case "not mapped":
		n.notMapped++
		n.why["excluded: "+string(c.reason)]++
	default:
		n.failed++
	}
	if word, ok := looseWord(c.Expect); ok && verdict == "agree" {
		d.words = append(d.words, word)
	}
}

// summary is a table with a row for each kind: how many cases are mapped, how many of those agree or
// differ on purpose, how many are excluded, and why.
func (d *tally) summary() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(name string, n *count, why string) {
		mapped := n.agree + n.differ + n.failed
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", name, mapped+n.notMapped, mapped, n.agree, n.differ, n.failed, n.notMapped, why)
	}
	fmt.Fprintln(w, "\nkind\tcases\tmapped\tagree\tdiffer\tfailed\texcluded\twhy")
	var all count
	for _, name := range slices.Sorted(maps.Keys(d.kinds)) {
		n := d.kinds[name]
		all.agree, all.differ, all.notMapped, all.failed = all.agree+n.agree, all.differ+n.differ, all.notMapped+n.notMapped, all.failed+n.failed
		var why []string
		for _, x := range slices.Sorted(maps.Keys(n.why)) {
			why = append(why, fmt.Sprintf("%d %s", n.why[x], x))
		}
		row(name, n, strings.Join(why, "; "))
	}
	row("all", &all, "")
	_ = w.Flush() // a strings.Builder takes everything
	if len(d.words) > 0 {
		slices.Sort(d.words)
		fmt.Fprintf(&b, "refused as expected, under words that no sentinel stands for: %s", strings.Join(slices.Compact(d.words), ", "))
	}
	return b.String()
}
