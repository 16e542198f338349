package oms_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/count"
	"github.com/orderkit/oms/storage"
)

var teesInBerlin = count.Place{Item: "tee", Location: "ber"}

// counting opens a count of tees in Berlin.
func (s *shop) counting(p count.Plan) count.Count {
	s.t.Helper()
	if p.Places == nil {
		p.Places = []count.Place{teesInBerlin}
	}
	return must(s.Counts.Open(s.ctx, p))(s)
}

// found records line 1 and submits.
func (s *shop) found(id count.ID, qty int64) count.Count {
	s.t.Helper()
	s.do(s.Counts.Record(s.ctx, id, []count.Tally{{Line: 1, Qty: qty}}, oms.By("ann")))
	s.clock.turn(time.Minute)
	return must(s.Counts.Submit(s.ctx, id))(s)
}

func (s *shop) post(id count.ID, rebase bool) (count.Count, error) {
	return s.Counts.Post(s.ctx, id, count.Correction{Rebase: rebase}, oms.By("eve"))
}

func TestAWholeLocationIsCounted(t *testing.T) {
	t.Parallel()
	const many = 1200
	onStores(t, func(s *shop) {
		var come []inventory.Movement
		s.do(s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			for i := range many {
				item := inventory.Item{ID: fmt.Sprintf("part-%04d", i)}
				if err := k.Stock.AddItem(ctx, item); err != nil {
					return err
				}
				for _, lot := range []string{"", "b-1"}[:1+i%2] {
					come = append(come, inventory.Movement{Item: item.ID, Lot: lot, From: inventory.Outside(inventory.Supplier), To: inventory.At("ham", inventory.Free), Qty: 3})
				}
			}
			return nil
		}))
		for some := range slices.Chunk(come, 500) {
			must(s.Stock.Move(s.ctx, some, inventory.ReasonReceipt, "po-1"))(s)
		}
		s.do(errOf(s.Stock.Move(s.ctx, []inventory.Movement{{Item: "part-0000", From: inventory.At("ham", inventory.Free), To: inventory.At("ham", inventory.Damaged), Qty: 3}}, inventory.ReasonInspect, "")))
		must(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "part-0002", Location: "ham", Delta: -3, Reason: inventory.ReasonLost}))(s)

		c := must(s.Counts.Open(s.ctx, count.Plan{Reference: "year-end", Location: "ham"}, oms.Key("year-end")))(s)
		require.Equal(s.t, c, must(s.Counts.Open(s.ctx, count.Plan{Reference: "year-end", Location: "ham"}, oms.Key("year-end")))(s))
		require.Len(s.t, c.Lines, many+many/2, "with the tees, and without what is gone")
		shelf := must(s.Counts.Open(s.ctx, count.Plan{Location: "ham", Scope: count.Shelf}))(s)
		require.Len(s.t, shelf.Lines, many+many/2-1, "what is damaged stands elsewhere")
		var tallies []count.Tally
		for _, l := range c.Lines {
			require.Equal(s.t, "ham", l.Location)
			qty := int64(3)
			if l.Item == "tee" {
				qty = 4
			}
			tallies = append(tallies, count.Tally{Line: l.No, Qty: qty})
		}
		tallies[1].Qty = 5
		s.do(s.Counts.Record(s.ctx, c.ID, tallies, oms.By("ann")))
		must(s.Counts.Submit(s.ctx, c.ID))(s)
		must(s.post(c.ID, false))(s)
		posted := must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Document: c.Document()}))(s)
		require.Len(s.t, posted, 1)
		require.Len(s.t, posted[0].Movements, 2, "two more of a part, a tee less")
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: "attic"}))
		s.refuses(count.ErrQuantity, func() error { return errOf(s.Counts.Open(s.ctx, count.Plan{Location: "attic"})) })
		s.refuses(inventory.ErrUnknownLocation, func() error { return errOf(s.Counts.Open(s.ctx, count.Plan{Location: "moon"})) })
	})
}

func TestACountBooksWhatDiffersAndNothingElse(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		c := s.counting(count.Plan{Reference: "cc-1", Blind: true, Places: []count.Place{teesInBerlin, {Item: "mug", Location: "ber"}, {Item: "tee", Location: "ham"}}})
		s.do(s.Counts.Record(s.ctx, c.ID, []count.Tally{{Line: 1, Qty: 8}, {Line: 2, Qty: 10}}, oms.By("ann")))
		s.do(s.Counts.Record(s.ctx, c.ID, []count.Tally{{Line: 3, Qty: 6}}, oms.By("bob")))
		sheet := must(s.Counts.Sheet(s.ctx, c.ID))(s)
		require.Nil(s.t, sheet.Lines[0].Expected, "a blind count shows nothing")
		must(s.Counts.Submit(s.ctx, c.ID))(s)
		c = must(s.post(c.ID, false))(s)
		require.Equal(s.t, count.StatePosted, c.State)
		require.Equal(s.t, "free 8", s.shelf("tee", "ber"))
		require.Equal(s.t, "free 6", s.shelf("tee", "ham"))
		require.Equal(s.t, "free 10", s.shelf("mug", "ber"))
		posted := must(s.Stock.Postings(s.ctx, inventory.PostingFilter{Document: c.Document()}))(s)
		require.Len(s.t, posted, 1)
		require.Equal(s.t, inventory.ReasonCount, posted[0].Reason)
		require.Len(s.t, posted[0].Movements, 2)
		require.Equal(s.t, []string{"count.opened", "count.recorded", "count.recorded", "count.submitted", "stock.count_variance", "count.posted"},
			kinds(must(s.Counts.Timeline(s.ctx, c.ID))(s)))
		acc := must(s.Counts.Accuracy(s.ctx, count.Filter{}))(s)
		require.Equal(s.t, count.Accuracy{Counted: 24, Variance: 3}, acc)
		rate, ok := acc.Rate()
		require.True(s.t, ok)
		require.Equal(s.t, "0.875", rate.String())
		s.same(c, must(s.Counts.Get(s.ctx, c.ID))(s))
	})
}

func TestACountAgainstAChangedBalanceIsRefusedWithTheFacts(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		c := s.counting(count.Plan{})
		s.found(c.ID, 9)
		must(s.Stock.Reserve(s.ctx, hold("job", 3, time.Time{})))(s)
		must(s.Stock.Ship(s.ctx, "job"))(s)
		var stale *count.StaleCountError
		s.refuses(count.ErrStale, func() error {
			_, err := s.post(c.ID, false)
			require.ErrorAs(s.t, err, &stale)
			return err
		})
		require.Equal(s.t, &count.StaleCountError{Line: 1, Key: teesInBerlin.Key(), Expected: 10, Actual: 7}, stale)
		must(s.post(c.ID, true))(s)
		require.Equal(s.t, "free 6", s.shelf("tee", "ber"), "9 counted, 3 sold since")
	})
}

func TestARebaseNeverCorrectsTheSameErrorTwice(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		a, b := s.counting(count.Plan{}), s.counting(count.Plan{})
		s.found(a.ID, 9)
		s.found(b.ID, 9)
		must(s.post(a.ID, false))(s)
		for _, rebase := range []bool{false, true} {
			s.refuses(count.ErrStale, func() error { return errOf(s.post(b.ID, rebase)) })
		}
		must(s.Counts.Recount(s.ctx, b.ID, []int{1}))(s)
		b = s.found(b.ID, 9)
		b = must(s.post(b.ID, true))(s)
		require.Equal(s.t, uuid.Nil, b.Posting, "the books agree")
		require.Equal(s.t, "free 9", s.shelf("tee", "ber"))
	})
}

func TestReservedUnitsAreNotCountedAway(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		until := s.clock.read().Add(time.Hour)
		must(s.Stock.Reserve(s.ctx, hold("cart-1", 3, until)))(s)
		must(s.Stock.Reserve(s.ctx, hold("job-1", 4, time.Time{})))(s)
		c := s.counting(count.Plan{})
		s.found(c.ID, 6)
		s.refuses(count.ErrReserved, func() error {
			_, err := s.post(c.ID, false)
			var reserved *count.ReservedError
			require.ErrorAs(s.t, err, &reserved)
			require.Equal(s.t, &count.ReservedError{Line: 1, Key: teesInBerlin.Key(), Missing: 4, Free: 3,
				Holders: []count.Holder{{Owner: "cart-1", Qty: 3}, {Owner: "job-1", Qty: 4}}}, reserved)
			return err
		})
		s.clock.turn(time.Hour)
		must(s.post(c.ID, false))(s)
		require.Equal(s.t, "free 2 committed 4", s.shelf("tee", "ber"), "an expired hold is nobody's")
	})
}

func TestAVarianceBeyondTheToleranceNeedsApproval(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		c := s.counting(count.Plan{Tolerance: &count.Tolerance{Units: 1, Percent: decimal.New(20, 0)}})
		s.found(c.ID, 7)
		s.refuses(count.ErrApproval, func() error { return errOf(s.post(c.ID, false)) })
		s.refuses(count.ErrApproval, func() error { return errOf(s.Counts.Approve(s.ctx, c.ID, nil)) })
		must(s.Counts.Approve(s.ctx, c.ID, nil, oms.By("boss")))(s)
		c = must(s.post(c.ID, false))(s)
		require.Equal(s.t, "boss", c.Lines[0].Approved)
		d := s.counting(count.Plan{Tolerance: &count.Tolerance{Percent: decimal.New(20, 0)}})
		s.found(d.ID, 6)
		must(s.post(d.ID, false))(s)
	})
}

func TestUnitsOfALotThatNobodyKnewAreAddedByALine(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		c := s.counting(count.Plan{})
		must(s.Counts.Add(s.ctx, c.ID, []count.Place{{Item: "tee", Lot: "l9", Location: "ber"}}))(s)
		s.do(s.Counts.Record(s.ctx, c.ID, []count.Tally{{Line: 2, Qty: 4}}))
		s.found(c.ID, 6)
		must(s.post(c.ID, false))(s)
		bs := must(s.Stock.Balances(s.ctx, "tee"))(s)
		require.Equal(s.t, int64(6), bs[0].Of(inventory.Free))
		require.Equal(s.t, "l9", bs[1].Lot)
		require.Equal(s.t, int64(4), bs[1].Of(inventory.Free))
	})
}

func TestRefusedAndRepeatedCountCommandsDoNothing(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		plan := count.Plan{Places: []count.Place{teesInBerlin}}
		c := must(s.Counts.Open(s.ctx, plan, oms.Key("open")))(s)
		s.unchanged(func() error { return errOf(s.Counts.Open(s.ctx, plan, oms.Key("open"))) })
		record := func(line int, qty int64) func() error {
			return func() error { return s.Counts.Record(s.ctx, c.ID, []count.Tally{{Line: line, Qty: qty}}) }
		}
		s.refuses(count.ErrTransition, func() error { return errOf(s.Counts.Submit(s.ctx, c.ID)) })
		s.refuses(count.ErrUnknownLine, record(2, 1))
		s.refuses(inventory.ErrQuantity, record(1, -1))
		s.refuses(inventory.ErrQuantity, record(1, inventory.MaxQty+1))
		s.refuses(count.ErrNotFound, func() error { return errOf(s.Counts.Submit(s.ctx, count.ID{UUID: uuid.Max})) })
		s.refuses(inventory.ErrUnknownItem, func() error {
			return errOf(s.Counts.Add(s.ctx, c.ID, []count.Place{{Item: "hat", Location: "ber"}}))
		})
		s.refuses(count.ErrDuplicate, func() error { return errOf(s.Counts.Add(s.ctx, c.ID, []count.Place{teesInBerlin})) })
		s.found(c.ID, 10)
		s.refuses(count.ErrTransition, record(1, 9))
		must(s.Counts.Post(s.ctx, c.ID, count.Correction{}, oms.Key("post")))(s)
		s.unchanged(func() error { return errOf(s.Counts.Post(s.ctx, c.ID, count.Correction{}, oms.Key("post"))) })
		s.refuses(count.ErrTransition, func() error { return errOf(s.Counts.Cancel(s.ctx, c.ID, "")) })
		can := must(s.Counts.Actions(s.ctx, c.ID))(s)
		for _, p := range can {
			require.False(s.t, p.Allowed, p.Action)
		}
	})
}

func TestASaleAndACountNeverLoseAUnit(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		c := s.counting(count.Plan{})
		s.found(c.ID, 8)
		_, lost := race(4, func(i int) error {
			if i == 0 {
				return errOf(s.post(c.ID, false))
			}
			return errOf(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "tee", Location: "ber", Delta: -3, Reason: inventory.ReasonLost}))
		})
		posted := must(s.Counts.Get(s.ctx, c.ID))(s).State == count.StatePosted
		gone := int64(4 - len(lost))
		if posted {
			gone = 2 + (gone-1)*3
		} else {
			gone *= 3
		}
		for _, err := range lost {
			require.True(s.t, errors.Is(err, count.ErrStale) || errors.Is(err, inventory.ErrShortage) || errors.Is(err, storage.ErrConflict), "%v", err)
		}
		bs := must(s.Stock.Balances(s.ctx, "tee"))(s)
		require.Equal(s.t, 10-gone, bs[0].OnHand())
	})
}

func TestCountsAreFoundNewestFirst(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		began := s.clock.read()
		var made []count.ID
		for range 4 {
			made = append(made, s.counting(count.Plan{}).ID)
			s.clock.turn(time.Minute)
		}
		must(s.Counts.Cancel(s.ctx, made[2], "enough"))(s)
		list := func(f count.Filter) []count.ID {
			var out []count.ID
			for _, c := range must(s.Counts.Page(s.ctx, f))(s) {
				out = append(out, c.ID)
			}
			return out
		}
		require.Equal(s.t, []count.ID{made[3], made[2], made[1], made[0]}, list(count.Filter{}))
		require.Equal(s.t, []count.ID{made[3], made[1], made[0]}, list(count.Filter{Open: true}))
		require.Equal(s.t, []count.ID{made[2], made[1]}, list(count.Filter{After: made[3], Limit: 2}))
		require.Equal(s.t, []count.ID{made[1], made[0]}, list(count.Filter{Until: began.Add(2 * time.Minute)}))
		require.Equal(s.t, []count.ID{made[3]}, list(count.Filter{From: began.Add(3 * time.Minute)}))
	})
}
