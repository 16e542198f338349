package count_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/count"
)

var update = flag.Bool("update", false, "write golden files")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// store is a naive ledger of tees in Berlin and Hamburg: balances, a log, no guards.
type store struct {
	t        require.TestingT
	flow     *count.Flow
	balances map[inventory.Key]inventory.Balance
	log      []inventory.Posting
	now      time.Time
}

func newStore(t require.TestingT) *store {
	f, err := count.NewFlow()
	require.NoError(t, err)
	s := &store{t: t, flow: f, balances: map[inventory.Key]inventory.Balance{}, now: noon}
	s.move(inventory.ReasonReceipt, inventory.Movement{Item: "tee", From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: 10})
	return s
}

func (s *store) snapshot() inventory.Snapshot {
	return inventory.Snapshot{
		Items: []inventory.Item{{ID: "tee"}, {ID: "wrap", Untracked: true}}, Locations: []inventory.Location{{ID: "ber"}, {ID: "ham", Inactive: true}},
		Balances: slices.SortedFunc(maps.Values(s.balances), func(a, b inventory.Balance) int { return a.Compare(b.Key) }),
	}
}

func (s *store) meta(actor string) inventory.Meta {
	s.now = s.now.Add(time.Second)
	return inventory.Meta{ID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, s.now.UnixNano())), Actor: actor, Now: s.now}
}

func (s *store) apply(p inventory.Posting) {
	for _, d := range p.Deltas() {
		b := s.balances[d.Key]
		b.Key = d.Key
		require.NoError(s.t, b.Apply(d))
		s.balances[d.Key] = b
	}
	s.log = append(s.log, p)
}

func (s *store) move(reason inventory.Reason, m inventory.Movement) {
	meta := s.meta("")
	s.apply(inventory.Posting{ID: meta.ID, Reason: reason, At: meta.Now, Movements: []inventory.Movement{m}})
}

// sell takes units from the shelf to a customer.
func (s *store) sell(qty int64) {
	s.move(inventory.ReasonShip, inventory.Movement{Item: "tee", From: inventory.At("ber", inventory.Free), To: inventory.Outside(inventory.Customer), Qty: qty})
}

func (s *store) onHand(k inventory.Key) int64 {
	b := s.balances[k]
	return b.OnHand()
}

var tees = count.Place{Item: "tee", Location: "ber"}

func (s *store) open(p count.Plan) count.Count {
	if p.Places == nil {
		p.Places = []count.Place{tees}
	}
	c, _, err := s.flow.New(s.snapshot(), count.ID{UUID: uuid.New()}, p, s.meta("").Now)
	require.NoError(s.t, err)
	return c
}

func (s *store) record(c count.Count, by string, qty int64) count.Count {
	was := c.Clone()
	n, _, err := s.flow.Record(c, s.snapshot(), []count.Tally{{Line: 1, Qty: qty}}, s.meta(by))
	require.NoError(s.t, err)
	require.Equal(s.t, was, c)
	return n
}

func (s *store) submit(c count.Count) count.Count {
	n, _, err := s.flow.Submit(c, s.meta("").Now)
	require.NoError(s.t, err)
	return n
}

func (s *store) post(c count.Count, rebase bool) (count.Count, error) {
	was := c.Clone()
	n, changes, events, err := s.flow.Post(c, s.snapshot(), count.Correction{Rebase: rebase}, s.log, s.meta("eve"))
	require.Equal(s.t, was, c, "a decision never changes what it was given")
	if err != nil {
		require.Equal(s.t, c, n)
		require.True(s.t, changes.Empty())
		require.Empty(s.t, events)
		return n, err
	}
	if !changes.Empty() {
		s.apply(changes.Posting)
	}
	return n, nil
}

func TestTheFlowIsDrawn(t *testing.T) {
	t.Parallel()
	path, got := filepath.Join("testdata", "flow.mmd"), newStore(t).flow.Mermaid()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if the change is meant, run the test with -update and look at the diagram")
}

func TestCountersMustAgreeOnTheVarianceNotOnTheNumber(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	c := s.record(s.open(count.Plan{}), "ann", 9)
	s.sell(2)
	agreed := s.submit(s.record(c, "bob", 7))
	require.Equal(t, count.Accuracy{Counted: 7, Variance: 1}, agreed.Accuracy())
	c = s.record(c, "bob", 8)
	_, _, err := s.flow.Submit(c, noon)
	var differ *count.DisagreementError
	require.ErrorAs(t, err, &differ)
	require.Equal(t, 1, differ.Line)
	require.ErrorContains(t, err, `"ann" found 9 of 10; "bob" found 8 of 8; request a recount`)
	c = s.submit(s.record(c, "bob", 7))
	c, _, err = s.flow.Recount(c, []int{1, 1}, noon)
	require.NoError(t, err)
	require.Equal(t, count.StateCounting, c.State)
	_, _, err = s.flow.Submit(c, noon)
	require.ErrorIs(t, err, count.ErrUncounted)
	c = s.submit(s.record(c, "ann", 8))
	require.Len(t, c.Lines[0].Entries, 4, "what was found before is kept")
	c, err = s.post(c, false)
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, c.Posting)
}

func TestARecountVoidsAnApproval(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	c := s.submit(s.record(s.open(count.Plan{Tolerance: &count.Tolerance{}}), "ann", 9))
	_, err := s.post(c, false)
	var refused *count.ApprovalError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, &count.ApprovalError{Line: 1, Key: tees.Key(), Expected: 10, Variance: -1}, refused)
	c, events, err := s.flow.Approve(c, nil, s.meta("boss"))
	require.NoError(t, err)
	require.Equal(t, []count.Event{count.Approved{Count: c.ID, Lines: []int{1}, By: "boss"}}, events)
	c, _, err = s.flow.Recount(c, []int{1}, noon)
	require.NoError(t, err)
	_, err = s.post(s.submit(s.record(c, "ann", 9)), false)
	require.ErrorIs(t, err, count.ErrApproval)
}

func TestToleranceIsTheLargerOfUnitsAndPercent(t *testing.T) {
	t.Parallel()
	five := decimal.New(5, 0)
	for _, c := range []struct {
		t                  *count.Tolerance
		variance, expected int64
		want               bool
	}{
		{nil, 1000, 0, true},
		{&count.Tolerance{}, 0, 10, true},
		{&count.Tolerance{}, 1, 10, false},
		{&count.Tolerance{Units: 2}, -2, 10, true},
		{&count.Tolerance{Units: 2}, 3, 10, false},
		{&count.Tolerance{Percent: five}, -5, 100, true},
		{&count.Tolerance{Percent: five}, 6, 100, false},
		{&count.Tolerance{Units: 2, Percent: five}, 2, 10, true},
		{&count.Tolerance{Percent: five}, 1, 0, false},
		{&count.Tolerance{Percent: decimal.New(5, -1)}, inventory.MaxQty / 200, inventory.MaxQty, true},
	} {
		require.Equal(t, c.want, c.t.Allows(c.variance, c.expected), "%+v", c)
	}
}

func TestTheShelfIsWhatNobodyHasTakenOff(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for state, qty := range map[inventory.State]int64{inventory.Committed: 2, inventory.Picked: 3, inventory.Damaged: 1} {
		s.move(inventory.ReasonReserve, inventory.Movement{Item: "tee", From: inventory.At("ber", inventory.Free), To: inventory.At("ber", state), Qty: qty})
	}
	for scope, want := range map[count.Scope]int64{count.OnHand: 10, count.Shelf: 6, "": 10} {
		c := s.open(count.Plan{Scope: scope})
		require.Equal(t, &want, c.Sheet(s.snapshot()).Lines[0].Expected)
		c = s.record(c, "ann", want)
		require.Equal(t, want, c.Lines[0].Entries[0].Expected)
		require.True(t, c.Sheet(s.snapshot()).Lines[0].Counted)
	}
	c := s.submit(s.record(s.open(count.Plan{Scope: count.Shelf}), "ann", 1))
	_, err := s.post(c, false)
	var reserved *count.ReservedError
	require.ErrorAs(t, err, &reserved)
	require.Equal(t, &count.ReservedError{Line: 1, Key: tees.Key(), Missing: 5, Free: 4}, reserved)
	key := inventory.ReservationKey{Owner: "order/1", Item: "tee", Location: "ber"}
	reserved.Name([]inventory.Reservation{{ReservationKey: key, Committed: 2}, {ReservationKey: key, Picked: 3}, {ReservationKey: inventory.ReservationKey{Owner: "x", Item: "mug"}, Soft: 1}})
	require.ErrorContains(t, reserved, `5 units are missing and only 4 are free; "order/1" has 5; release some first`)
}

func TestAPlanThatCannotBeCountedIsRefused(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for name, c := range map[string]struct {
		want error
		plan count.Plan
	}{
		"no place":           {count.ErrQuantity, count.Plan{}},
		"too many places":    {count.ErrQuantity, count.Plan{Places: make([]count.Place, count.MaxLines+1)}},
		"a place twice":      {count.ErrDuplicate, count.Plan{Places: []count.Place{tees, tees}}},
		"unknown item":       {inventory.ErrUnknownItem, count.Plan{Places: []count.Place{{Item: "hat", Location: "ber"}}}},
		"untracked item":     {inventory.ErrUntracked, count.Plan{Places: []count.Place{{Item: "wrap", Location: "ber"}}}},
		"unknown location":   {inventory.ErrUnknownLocation, count.Plan{Places: []count.Place{{Item: "tee", Location: "rom"}}}},
		"a bad lot":          {inventory.ErrID, count.Plan{Places: []count.Place{{Item: "tee", Location: "ber", Lot: " "}}}},
		"a bad reference":    {inventory.ErrID, count.Plan{Reference: "\n", Places: []count.Place{tees}}},
		"unknown scope":      {count.ErrScope, count.Plan{Scope: "floor", Places: []count.Place{tees}}},
		"all of nowhere":     {inventory.ErrUnknownLocation, count.Plan{Location: "rom"}},
		"all of nothing":     {count.ErrQuantity, count.Plan{Location: "ham"}},
		"all and some":       {count.ErrScope, count.Plan{Location: "ber", Places: []count.Place{tees}}},
		"negative tolerance": {count.ErrScope, count.Plan{Tolerance: &count.Tolerance{Units: -1}, Places: []count.Place{tees}}},
	} {
		_, events, err := s.flow.New(s.snapshot(), count.ID{}, c.plan, noon)
		require.ErrorIs(t, err, c.want, name)
		require.Empty(t, events)
	}
	c := s.open(count.Plan{})
	_, _, err := s.flow.Record(c, s.snapshot(), nil, s.meta(""))
	require.ErrorIs(t, err, count.ErrQuantity)
	_, _, err = s.flow.Recount(s.record(c, "", 1), nil, noon)
	require.ErrorIs(t, err, count.ErrQuantity)
	_, _, err = s.flow.Approve(s.submit(s.record(c, "", 10)), nil, s.meta("boss"))
	require.ErrorIs(t, err, count.ErrQuantity)
}

func TestACountIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	c := s.submit(s.record(s.open(count.Plan{Blind: true, Tolerance: &count.Tolerance{Units: 3}}), "ann", 9))
	c, err := s.post(c, false)
	require.NoError(t, err)
	body, err := json.Marshal(c)
	require.NoError(t, err)
	var back count.Count
	require.NoError(t, json.Unmarshal(body, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.JSONEq(t, string(body), string(again))
	require.Equal(t, c.Lines, back.Lines)
	require.NotEqual(t, uuid.Nil, back.Posting)
	id, err := count.ParseID(c.ID.String())
	require.NoError(t, err)
	require.Equal(t, c.ID, id)
}

// In every life of a shelf whose books are wrong by some units, sold from and received to
// while it is counted, a posting leaves the books with exactly what lies there.
func TestAPostedCountMakesTheBooksAgreeWithTheShelf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStore(t)
		shelf := s.onHand(tees.Key()) + rapid.Int64Range(-4, 4).Draw(t, "error")
		trade := func() {
			for range rapid.IntRange(0, 3).Draw(t, "trades") {
				qty := rapid.Int64Range(1, 2).Draw(t, "qty")
				if rapid.Bool().Draw(t, "sold") && s.onHand(tees.Key()) > qty && shelf > qty {
					s.sell(qty)
					shelf -= qty
				} else {
					s.move(inventory.ReasonReceipt, inventory.Movement{Item: "tee", From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: qty})
					shelf += qty
				}
			}
		}
		c := s.open(count.Plan{Scope: rapid.SampledFrom([]count.Scope{count.OnHand, count.Shelf}).Draw(t, "scope")})
		trade()
		c = s.record(c, "ann", shelf)
		books := s.onHand(tees.Key())
		if rapid.Bool().Draw(t, "second counter") {
			trade()
			c = s.record(c, "bob", shelf)
			books = s.onHand(tees.Key())
		}
		c = s.submit(c)
		trade()
		rebase := rapid.Bool().Draw(t, "rebase")
		moved := s.onHand(tees.Key()) != books
		want := s.onHand(tees.Key())
		n, err := s.post(c, rebase)
		switch {
		case err == nil:
			require.True(t, rebase || !moved)
			require.Equal(t, count.StatePosted, n.State)
			want = shelf
		case !rebase && moved:
			var stale *count.StaleCountError
			require.ErrorAs(t, err, &stale)
			require.Equal(t, books, stale.Expected)
			require.Equal(t, want, stale.Actual)
		default:
			require.NoError(t, err)
		}
		require.Equal(t, want, s.onHand(tees.Key()))
	})
}
