package transfer_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/transfer"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

var update = flag.Bool("update", false, "write golden files")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// tester is what a test and a run of a property have in common.
type tester interface {
	require.TestingT
	Helper()
}

// yard is a ledger with the locations "ber", "ham" and the inactive "old", and the items
// "tee", "mug" and the untracked "wrap".
type yard struct {
	t     tester
	flow  *transfer.Flow
	store storage.Store
	now   time.Time
}

func newYard(t tester, options ...transfer.FlowOption) *yard {
	t.Helper()
	f, err := transfer.NewFlow(options...)
	require.NoError(t, err)
	y := &yard{t: t, flow: f, store: memory.New(), now: noon}
	y.in(func(ctx context.Context, r inventory.Repository) error {
		for _, i := range []inventory.Item{{ID: "tee"}, {ID: "mug"}, {ID: "wrap", Untracked: true}} {
			require.NoError(t, r.PutItem(ctx, i))
		}
		for _, l := range []inventory.Location{{ID: "ber"}, {ID: "ham"}, {ID: "old", Inactive: true}} {
			require.NoError(t, r.PutLocation(ctx, l))
		}
		return nil
	})
	return y
}

func (y *yard) in(run func(context.Context, inventory.Repository) error) {
	y.t.Helper()
	require.NoError(y.t, y.store.Update(context.Background(), "", func(ctx context.Context, tx storage.Tx) error { return run(ctx, tx.Stock()) }))
}

func (y *yard) snapshot(owner string) inventory.Snapshot {
	y.t.Helper()
	var s inventory.Snapshot
	y.in(func(ctx context.Context, r inventory.Repository) error {
		var err error
		s, err = r.Load(ctx, inventory.Need{Items: []string{"mug", "tee", "wrap"}, Locations: []string{"ber", "ham", "old"}, Owner: owner, Now: y.now})
		return err
	})
	return s
}

func (y *yard) meta() inventory.Meta {
	return inventory.Meta{ID: uuid.Must(uuid.NewV7()), Actor: "ann", Now: y.now}
}

func (y *yard) apply(c inventory.Changes) {
	y.t.Helper()
	if !c.Empty() {
		y.in(func(ctx context.Context, r inventory.Repository) error { return r.Apply(ctx, c) })
	}
}

// stock brings units in.
func (y *yard) stock(item, lot, location string, qty int64) {
	y.t.Helper()
	c, err := inventory.Receive(y.snapshot(""), inventory.Receipt{Item: item, Lot: lot, Location: location, Qty: qty}, y.meta())
	require.NoError(y.t, err)
	y.apply(c)
}

// at is the number of units of an item and lot at a location in a state.
func (y *yard) at(item, lot, location string, s inventory.State) int64 {
	y.t.Helper()
	snap := y.snapshot("")
	for _, b := range snap.Of(item) {
		if b.Location == location && b.Lot == lot {
			return b.Of(s)
		}
	}
	return 0
}

// outside sums what moved into an account outside every location, less what left it.
func (y *yard) outside(item string, s inventory.State) int64 {
	y.t.Helper()
	var sum int64
	y.in(func(ctx context.Context, r inventory.Repository) error {
		for p, err := range r.ListPostings(ctx, inventory.PostingFilter{Item: item}) {
			require.NoError(y.t, err)
			for _, m := range p.Movements {
				if m.To.State == s {
					sum += m.Qty
				}
				if m.From.State == s {
					sum -= m.Qty
				}
			}
		}
		return nil
	})
	return sum
}

// draft plans a transfer from Berlin to Hamburg.
func (y *yard) draft(lines ...transfer.DraftLine) transfer.Transfer {
	y.t.Helper()
	t, _, err := y.flow.New(y.snapshot(""), newID(), transfer.Draft{Reference: "t-1", From: "ber", To: "ham", Lines: lines}, y.now)
	require.NoError(y.t, err)
	return t
}

func newID() transfer.ID { return transfer.ID{UUID: uuid.Must(uuid.NewV7())} }

// decision is a command of a flow, short of what every one of them needs.
type decision func(transfer.Transfer, inventory.Snapshot, inventory.Meta) (transfer.Transfer, inventory.Changes, []transfer.Event, error)

func (y *yard) ready(t transfer.Transfer, s inventory.Snapshot, m inventory.Meta) (transfer.Transfer, inventory.Changes, []transfer.Event, error) {
	return y.flow.Ready(t, s, m)
}

func (y *yard) ship(units ...transfer.Units) decision {
	return func(t transfer.Transfer, s inventory.Snapshot, m inventory.Meta) (transfer.Transfer, inventory.Changes, []transfer.Event, error) {
		return y.flow.Ship(t, s, transfer.Shipping{Ref: "truck", Units: units}, m)
	}
}

func (y *yard) withdraw(units ...transfer.Units) decision {
	return func(t transfer.Transfer, s inventory.Snapshot, m inventory.Meta) (transfer.Transfer, inventory.Changes, []transfer.Event, error) {
		return y.flow.Withdraw(t, s, units, m)
	}
}

func (y *yard) receive(ref string, arrivals ...transfer.Arrival) decision {
	return func(t transfer.Transfer, s inventory.Snapshot, m inventory.Meta) (transfer.Transfer, inventory.Changes, []transfer.Event, error) {
		return y.flow.Receive(t, s, transfer.Receiving{Ref: ref, Arrivals: arrivals}, m)
	}
}

func (y *yard) cancel(why string) decision {
	return func(t transfer.Transfer, s inventory.Snapshot, m inventory.Meta) (transfer.Transfer, inventory.Changes, []transfer.Event, error) {
		return y.flow.Cancel(t, s, why, m)
	}
}

func (y *yard) close(why string) decision {
	return func(t transfer.Transfer, s inventory.Snapshot, m inventory.Meta) (transfer.Transfer, inventory.Changes, []transfer.Event, error) {
		return y.flow.Close(t, s, why, m)
	}
}

// run runs a command that must work, and applies what it decided.
func (y *yard) run(t transfer.Transfer, decide decision) (transfer.Transfer, []transfer.Event) {
	y.t.Helper()
	n, events, err := y.try(t, decide)
	require.NoError(y.t, err)
	return n, events
}

// try runs a command. One that is refused must leave the transfer alone and decide
// nothing; none changes what it was given.
func (y *yard) try(t transfer.Transfer, decide decision) (transfer.Transfer, []transfer.Event, error) {
	y.t.Helper()
	was := t.Clone()
	y.now = y.now.Add(time.Minute)
	n, c, events, err := decide(t, y.snapshot(t.Owner()), y.meta())
	require.Equal(y.t, was, t, "a decision never changes what it was given")
	if err != nil {
		require.Equal(y.t, was, n)
		require.True(y.t, c.Empty())
		require.Empty(y.t, events)
		return n, nil, err
	}
	y.apply(c)
	for i := range n.Lines {
		require.NoError(y.t, n.Lines[i].Check())
	}
	return n, events, nil
}

// refused runs a command that must be refused.
func (y *yard) refused(want error, t transfer.Transfer, decide decision) error {
	y.t.Helper()
	_, _, err := y.try(t, decide)
	require.ErrorIs(y.t, err, want)
	return err
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if the change is meant, run the test with -update and look at the diagram")
}
