package oms_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// folded is the stock of an item as of a moment, by the plainest means there are.
func (s *shop) folded(item string, t time.Time) []inventory.Balance {
	s.t.Helper()
	tally := inventory.Tally{}
	for _, p := range must(s.Stock.Postings(s.ctx, inventory.PostingFilter{}))(s) {
		for _, m := range p.Movements {
			if m.Item == item && !p.At.After(t) {
				tally.Forward([]inventory.Movement{m})
			}
		}
	}
	return tally.Balances(item)
}

// turbulent makes random postings of tees over some hours, some of them committed late.
func (s *shop) turbulent(seed uint64, n int) {
	s.t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	for range n {
		late := time.Duration(0)
		if r.IntN(4) == 0 {
			late = time.Duration(r.IntN(50)) * time.Minute // of its moment, not of its commit
		}
		where := []string{"ber", "ham"}[r.IntN(2)]
		p := inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonFound, Document: "d", At: s.clock.read().Add(-late), Movements: []inventory.Movement{
			{Item: "tee", Lot: []string{"", "a"}[r.IntN(2)], From: inventory.Outside(inventory.Shrink), To: inventory.At(where, inventory.Free), Qty: 1 + r.Int64N(5)},
			{Item: "tee", From: inventory.At("ber", inventory.Free), To: inventory.At("ham", inventory.QC), Qty: 1},
		}}
		s.plant(func(ctx context.Context, tx storage.Tx) error {
			return tx.Stock().Apply(ctx, inventory.Changes{Posting: p})
		})
		s.clock.turn(time.Duration(r.IntN(4)) * time.Minute) // several at one moment
	}
}

func TestStockAsOfAnyMomentIsTheFoldOfItsMovements(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		start := s.clock.read()
		s.receive("tee", "ber", 200)
		pace := inventory.Pace{Every: 7}
		added := 0
		for round := range 4 {
			s.turbulent(uint64(round), 30)
			r := rand.New(rand.NewPCG(uint64(round), 2))
			for range 15 {
				at := start.Add(time.Duration(r.IntN(300)-10) * time.Minute)
				require.Equal(s.t, s.folded("tee", at), must(s.Stock.At(s.ctx, "tee", at))(s), "as of %s", at)
			}
			if round > 0 {
				added += must(s.Stock.Checkpoint(s.ctx, "tee", pace))(s)
				s.unchanged(func() error { return errOf(s.Stock.Checkpoint(s.ctx, "tee", pace)) })
			}
		}
		require.Greater(s.t, added, 5, "checkpoints")
		require.Equal(s.t, must(s.Stock.Balances(s.ctx, "tee"))(s), must(s.Stock.At(s.ctx, "tee", s.clock.read()))(s))
		all := must(collectAll(s.Stock.AtAll(s.ctx, start)))(s)
		require.Equal(s.t, slices.Concat(s.folded("mug", start), s.folded("tee", start)), all)
		s.refuses(inventory.ErrUnknownItem, func() error { return errOf(s.Stock.At(s.ctx, "sock", start)) })
		s.refuses(inventory.ErrQuantity, func() error { return errOf(s.Stock.Checkpoint(s.ctx, "tee", inventory.Pace{Every: -1})) })
	})
}

func collectAll[T any](seq func(func(T, error) bool)) ([]T, error) {
	var out []T
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func TestAMovementThatCommitsLaterThanAllSettlingIsFoundAndTakenIn(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		pace := inventory.Pace{Every: 5}
		s.receive("tee", "ber", 200)
		s.turbulent(1, 40)
		s.clock.turn(2 * time.Hour)
		require.Positive(s.t, must(s.Stock.Checkpoint(s.ctx, "tee", pace))(s))
		began := s.clock.read().Add(-4 * time.Hour) // before every checkpoint
		late := inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonFound, At: began, Movements: []inventory.Movement{
			{Item: "tee", From: inventory.Outside(inventory.Shrink), To: inventory.At("ber", inventory.Free), Qty: 3},
		}}
		s.plant(func(ctx context.Context, tx storage.Tx) error {
			return tx.Stock().Apply(ctx, inventory.Changes{Posting: late})
		})
		require.Contains(s.t, s.laws(), "a checkpoint is the sum of the movements up to its moment")
		s.turbulent(2, 40)
		s.clock.turn(2 * time.Hour)
		require.Positive(s.t, must(s.Stock.CheckpointAll(s.ctx, pace))(s))
		s.verify()
		for _, back := range []time.Duration{0, time.Hour, 3 * time.Hour, 5 * time.Hour} {
			at := s.clock.read().Add(-back)
			require.Equal(s.t, s.folded("tee", at), must(s.Stock.At(s.ctx, "tee", at))(s))
		}
	})
}

func TestHistoryHasTheBalanceAfterEachMovement(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.receive("tee", "ber", 50)
		s.turbulent(3, 25)
		o := s.shipped(2)
		s.clock.turn(3 * time.Hour)
		must(s.Stock.Checkpoint(s.ctx, "tee", inventory.Pace{Every: 9}))(s)
		none := ""
		log := must(s.Stock.History(s.ctx, inventory.MovementFilter{Item: "tee"}, false))(s)
		for _, f := range []inventory.MovementFilter{
			{}, {Location: "ber"}, {Location: "ham", State: inventory.QC}, {State: inventory.Free}, {Lot: &none},
			{Document: "d"}, {Document: o.Number}, {Reason: inventory.ReasonFound, Location: "ber"}, {From: log[9].At, Before: log[30].At},
		} {
			f.Item, f.Limit = "tee", 6
			for _, f.Last = range []bool{false, true} {
				f.After = nil
				for {
					page := must(s.Stock.History(s.ctx, f, true))(s)
					for _, m := range page {
						tally := inventory.Tally{}
						for _, l := range log {
							if l.Compare(m.Place) <= 0 {
								tally.Forward([]inventory.Movement{l.Movement})
							}
						}
						require.Equal(s.t, tally.Of(&f), m.Balance, "%+v after %v", f, m.Place)
					}
					if len(page) < f.Limit {
						break
					}
					f.After = &page[len(page)-1].Place
				}
			}
		}
		s.refuses(inventory.ErrState, func() error {
			return errOf(s.Stock.History(s.ctx, inventory.MovementFilter{Item: "tee", State: inventory.Customer}, true))
		})
		s.refuses(inventory.ErrQuantity, func() error {
			return errOf(s.Stock.History(s.ctx, inventory.MovementFilter{Item: "tee", Limit: storage.MaxDocuments + 1}, false))
		})
	})
}

func TestProvenanceHasAPathForEveryUnitThatThereIs(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.receive("tee", "ber", 50)
		s.turbulent(4, 30)
		o := s.shipped(3)
		r := s.back(o.ID, 2)
		must(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 2)))(s)
		tally := map[inventory.Key]int64{}
		for _, v := range must(s.Stock.Provenance(s.ctx, "tee", inventory.Whereabouts{}))(s) {
			if v.In.State.AtLocation() {
				tally[inventory.Key{Item: v.Item, Lot: v.Lot, Location: v.In.Location}] += v.Qty
			}
		}
		for _, b := range must(s.Stock.Balances(s.ctx, "tee"))(s) {
			require.Equal(s.t, b.OnHand(), tally[b.Key], "%v", b.Key)
			delete(tally, b.Key)
		}
		require.Empty(s.t, tally)

		var shipped int64
		for _, v := range must(s.Stock.Provenance(s.ctx, "tee", inventory.Whereabouts{Document: o.Number}))(s) {
			shipped += v.Qty
			require.Contains(s.t, []inventory.State{inventory.Supplier, inventory.Shrink}, v.Path[0].From.State)
		}
		require.EqualValues(s.t, 3, shipped, "one with the customer, two that came back")
		then := must(s.Stock.Provenance(s.ctx, "tee", inventory.Whereabouts{Location: "ham", Until: s.clock.read().Add(-1000 * time.Hour)}))(s)
		require.Empty(s.t, then)
	})
}
