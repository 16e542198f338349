package oms_test

import (
	"context"
	"encoding/json"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// since proves what has changed since a mark: the laws that are broken, and the next one.
func (s *shop) since(m oms.Mark) ([]string, oms.Mark) {
	s.t.Helper()
	found, next, err := s.VerifySince(s.ctx, m)
	s.do(err)
	var laws []string
	for _, d := range found {
		laws = append(laws, d.Law)
	}
	return laws, next
}

func TestVerifySinceFindsWhatBrokeAfterTheMarkAndLeavesTheRestToVerify(t *testing.T) {
	t.Parallel()
	for _, st := range stores {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, st.open)
			s.furnish()
			busy(s)
			s.clock.turn(3 * time.Hour)
			laws, mark := s.since(oms.Mark{})
			require.Empty(t, laws)
			must(s.Stock.CheckpointAll(s.ctx, inventory.Pace{Every: 2}))(s)
			var kept oms.Mark
			s.do(json.Unmarshal(must(json.Marshal(mark))(s), &kept))

			s.tamper("book", "ber", func(b *inventory.Balance) { b.Set(inventory.QC, 5) }) // nobody touches it any more
			s.receive("tee", "ber", 2)
			o := s.place(line("mug", 1))
			laws, next := s.since(kept)
			require.Empty(t, laws, "what moved since is sound")
			require.Contains(t, s.laws(), "qc is the sum of its movements", "what was changed before it is found by the whole proof")

			s.tamper("mug", "ber", func(b *inventory.Balance) { b.Set(inventory.Free, 90) })
			laws, _ = s.since(kept)
			require.Equal(t, []string{"free is the sum of its movements"}, laws)
			s.hold("job", "tee", 2)
			s.change(o, func(o *order.Order) { o.Lines[0].Unreserved++; o.Lines[0].Ordered++; o.Lines[0].Shipped-- })
			laws, _ = s.since(next)
			require.Contains(t, laws, "the law of line counters")

			if st.name != "memory" {
				s.tamper("mug", "ber", func(b *inventory.Balance) { b.Set(inventory.Free, 9) })
				must(s.db.ExecContext(s.ctx, "DELETE FROM oms_stock_movements WHERE tenant = '' AND item = 'tee' AND at = (SELECT at FROM (SELECT MAX(at) AS at FROM oms_stock_movements WHERE tenant = '' AND item = 'tee') last)"))(s)
				laws, _ = s.since(kept)
				require.Contains(t, laws, "free is the sum of its movements", "a movement that is gone")
			}
		})
	}
}

// counting counts what a store gives out.
type counting struct {
	storage.Store

	postings, orders int
}

func (c *counting) View(ctx context.Context, t storage.Tenant, fn func(context.Context, storage.Tx) error) error {
	return c.Store.View(ctx, t, func(ctx context.Context, tx storage.Tx) error { return fn(ctx, countingTx{tx, c}) })
}

type countingTx struct {
	storage.Tx

	c *counting
}

func (x countingTx) Stock() inventory.Repository { return countingStock{x.Tx.Stock(), x.c} }
func (x countingTx) Orders() order.Repository    { return countingOrders{x.Tx.Orders(), x.c} }

type countingStock struct {
	inventory.Repository

	c *counting
}

func (x countingStock) ListPostings(ctx context.Context, f inventory.PostingFilter) iter.Seq2[inventory.Posting, error] {
	return func(yield func(inventory.Posting, error) bool) {
		x.Repository.ListPostings(ctx, f)(func(p inventory.Posting, err error) bool {
			x.c.postings++
			return yield(p, err)
		})
	}
}

func (x countingStock) SumMovements(ctx context.Context, item string, s inventory.Span) (inventory.Flow, error) {
	flow, err := x.Repository.SumMovements(ctx, item, s)
	x.c.postings += int(flow.Count)
	return flow, err
}

type countingOrders struct {
	order.Repository

	c *counting
}

func (x countingOrders) Get(ctx context.Context, id order.ID) (order.Order, error) {
	x.c.orders++
	return x.Repository.Get(ctx, id)
}

func TestVerifySinceReadsAsMuchAsHasChanged(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		for range 60 {
			s.receive("tee", "ber", 5)
			s.shipped(1)
			s.clock.turn(time.Minute)
		}
		s.clock.turn(2 * time.Hour)
		must(s.Stock.CheckpointAll(s.ctx, inventory.Pace{Every: 20}))(s)
		_, mark := s.since(oms.Mark{})
		s.receive("tee", "ber", 5)
		s.shipped(1)
		c := &counting{Store: s.store}
		found, next, err := oms.New(c, oms.WithClock(s.clock.read)).VerifySince(s.ctx, mark)
		s.do(err)
		require.Empty(s.t, found)
		require.NotEqual(s.t, mark, next)
		require.Equal(s.t, 1, c.orders)
		require.LessOrEqual(s.t, c.postings, 3+3+20, "of %d", s.logged())
	})
}
