package oms_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// limited adds an item of which so many units may wait.
func (s *shop) limited(item string, limit int64) {
	s.t.Helper()
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: item, Backorder: true, BackorderLimit: limit}))
}

// room is how many more units of an item may be sold: from stock, and to wait.
func (s *shop) room(item string) (ats, backorder int64) {
	s.t.Helper()
	a := must(s.Stock.Availability(s.ctx, item, "", ""))(s)
	return a.ATS, a.Backorder
}

// queued is how many units of an item wait.
func (s *shop) queued(item string) (units int64) {
	s.t.Helper()
	for _, d := range must(s.Stock.Backorders(s.ctx, item))(s) {
		units += d.Qty
	}
	return units
}

// tooMuch places an order that has to be refused with these shortages.
func (s *shop) tooMuch(want []inventory.Shortage, lines ...order.DraftLine) {
	s.t.Helper()
	s.refuses(inventory.ErrShortage, func() error {
		err := errOf(s.Orders.Place(s.ctx, draft(lines...)))
		var e *inventory.ShortageError
		require.ErrorAs(s.t, err, &e)
		require.Equal(s.t, want, e.Short)
		return err
	})
}

func TestNoMoreUnitsMayWaitThanTheLimitSays(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.limited("jar", 5)
		s.receive("jar", "ber", 3)
		s.tooMuch([]inventory.Shortage{{Line: 1, Item: "jar", Want: 9, Have: 3, Limit: 5, Room: 5}}, line("jar", 9))
		first := s.place(line("jar", 4), line("tee", 1), line("jar", 3))
		require.Equal(s.t, "reserved 3 backordered 1", s.places(first.ID, 1))
		require.Equal(s.t, "backordered 3", s.places(first.ID, 3))
		ats, more := s.room("jar")
		require.Equal(s.t, []int64{0, 1}, []int64{ats, more})
		patient := line("jar", 2)
		patient.Backorder = true
		s.tooMuch([]inventory.Shortage{{Line: 1, Item: "jar", Want: 2, Limit: 5, Room: 1}}, patient)
		s.tooMuch([]inventory.Shortage{
			{Line: 1, Item: "mug", Want: 11, Have: 10}, {Line: 3, Item: "jar", Want: 1, Limit: 5}, {Line: 4, Item: "tee", Want: 16, Have: 15 - 1},
		}, line("mug", 11), line("jar", 1), line("jar", 1), line("tee", 16))
		s.place(line("jar", 1))
		s.tooMuch([]inventory.Shortage{{Line: 1, Item: "jar", Want: 1, Limit: 5}}, line("jar", 1))

		must(s.Orders.CancelUnits(s.ctx, first.ID, units(3, 2), order.CancelCustomer))(s)
		s.place(line("jar", 2)) // who leaves the queue makes room
		s.receive("jar", "ham", 4)
		must(s.Stock.FillBackorders(s.ctx, "jar"))(s)
		_, more = s.room("jar")
		require.EqualValues(s.t, 4, more, "and so does who is served")
		require.EqualValues(s.t, 1, s.queued("jar"))
	})
}

func TestAnOrderReachesTheLimitWhenItTakesItsStock(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.limited("jar", 5)
		d := draft(line("jar", 4))
		d.ReserveAt = order.OnConfirm
		first, second := must(s.Orders.Place(s.ctx, d))(s), must(s.Orders.Place(s.ctx, d))(s)
		require.Zero(s.t, s.queued("jar"), "neither is promised anything")
		must(s.Orders.Confirm(s.ctx, first.ID))(s)
		s.refuses(inventory.ErrShortage, func() error { return errOf(s.Orders.Confirm(s.ctx, second.ID)) })
		s.unchanged(func() error { return errOf(s.Orders.Allocate(s.ctx, first.ID)) }) // they wait already
		must(s.Orders.Cancel(s.ctx, first.ID, order.CancelCustomer))(s)
		must(s.Orders.Confirm(s.ctx, second.ID))(s)
		require.Equal(s.t, "backordered 4", s.places(second.ID, 1))
	})
}

func TestWhatIsSoldStaysSoldBeyondTheLimit(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.limited("jar", 2)
		s.receive("jar", "ber", 4)
		o, work := s.open(line("jar", 5))
		require.Equal(s.t, "reserved 4 backordered 1", s.places(o.ID, 1))
		must(s.Fulfillment.ShortPick(s.ctx, work[0].ID, units(1, 3)))(s)
		require.Equal(s.t, "reserved 1 backordered 4", s.places(o.ID, 1), "the picker did not find them")
		must(s.Orders.Reallocate(s.ctx, o.ID))(s)
		require.EqualValues(s.t, 4, s.queued("jar"))
		s.tooMuch([]inventory.Shortage{{Line: 1, Item: "jar", Want: 1, Limit: 2}}, line("jar", 1))

		s.limited("jar", 9)
		s.place(line("jar", 5))
		s.limited("jar", 1) // more wait than may from now on
		a := must(s.Stock.Availability(s.ctx, "jar", "", ""))(s)
		require.Contains(s.t, a.String(), "; 0 more may wait = +1 backorder limit -9 waiting +8 not below zero")
		s.tooMuch([]inventory.Shortage{{Line: 1, Item: "jar", Want: 1, Limit: 1}}, line("jar", 1))
		s.limited("jar", 0)
		s.place(line("jar", 500))
	})
}

func TestKitsAreBoundedByTheLimitsOfTheirComponents(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.limited("jar", 5)
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "set", Kit: []inventory.Component{{Item: "jar", Qty: 2}, {Item: "tee", Qty: 1}}}))
		s.receive("jar", "ham", 3)
		ats, more := s.room("set")
		require.Equal(s.t, []int64{1, 3}, []int64{ats, more})
		s.tooMuch([]inventory.Shortage{{Line: 1, Item: "jar", Kit: "set", Want: 10, Have: 3, Limit: 5, Room: 5}}, line("set", 5))
		s.place(line("set", 4))
		_, more = s.room("set")
		require.Zero(s.t, more)
		require.EqualValues(s.t, 5, s.queued("jar"))
	})
}

func TestOrdersOfOneTransactionSeeEachOtherWait(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.limited("jar", 5)
		s.do(s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			in := s.with(ctx, k)
			in.place(line("jar", 3))
			err := errOf(k.Orders.Place(ctx, draft(line("jar", 3))))
			require.ErrorIs(s.t, err, inventory.ErrShortage)
			in.place(line("jar", 2))
			require.EqualValues(s.t, 5, in.queued("jar"))
			return nil
		}))
		s.unchanged(func() error {
			return errOf(s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
				err := errOf(k.Orders.Place(ctx, draft(line("jar", 1))))
				require.ErrorIs(s.t, err, inventory.ErrShortage)
				return nil
			}))
		})
		plan := must(s.Orders.Plan(s.ctx, draft(line("jar", 1))))(s)
		require.EqualValues(s.t, 1, plan.Missing(), "what a plan leaves unassigned is backordered or refused")
	})
}

func TestARepeatWaitsOnce(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.limited("jar", 5)
		o := must(s.Orders.Place(s.ctx, draft(line("jar", 5)), oms.Key("k")))(s)
		s.unchanged(func() error {
			again, err := s.Orders.Place(s.ctx, draft(line("jar", 5)), oms.Key("k"))
			s.same(o, again)
			return err
		})
	})
}

// grouped is the shop over a store that lets Updates share a transaction, if it has one.
func (s *shop) grouped() *shop {
	s.t.Helper()
	if s.db == nil {
		return s
	}
	d := sqlstore.SQLite
	switch s.db.Driver().(type) {
	case *stdlib.Driver:
		d = sqlstore.Postgres
	case *mysql.MySQLDriver:
		d = sqlstore.MySQL
	}
	store := must(sqlstore.Open(s.db, d, sqlstore.GroupCommit()))(s)
	return s.with(s.ctx, oms.New(store, oms.WithClock(s.clock.read)))
}

func TestTheLimitHoldsHoweverManyOrderAtOnce(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		const buyers, limit = 32, 6
		for round, in := range []*shop{s, s.grouped(), s} {
			item, other := fmt.Sprint("a-jar-", round), fmt.Sprint("b-jar-", round)
			s.limited(item, limit)
			s.limited(other, limit)
			s.receive(item, "ber", 1)
			won, lost := race(buyers, func(i int) error {
				lines := []order.DraftLine{line(item, 1), line(other, 1)}
				if i%2 == 0 { // they meet the two items in either order
					lines[0], lines[1] = lines[1], lines[0]
				}
				return errOf(in.Orders.Place(s.ctx, draft(lines...)))
			})
			for _, err := range lost {
				require.ErrorIs(s.t, err, inventory.ErrShortage)
			}
			require.Equal(s.t, limit, won)
			require.EqualValues(s.t, limit-1, s.queued(item), "one was there")
			require.EqualValues(s.t, limit, s.queued(other))
		}
	})
}

func TestTheQueueMovesWhileOrdersJoinIt(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		const limit = 4
		s.limited("jar", limit)
		old := []order.Order{s.place(line("jar", 2)), s.place(line("jar", 2))}
		_, lost := race(32, func(i int) error {
			if i < len(old) {
				return errOf(s.Orders.Cancel(s.ctx, old[i].ID, order.CancelCustomer))
			}
			return errOf(s.Orders.Place(s.ctx, draft(line("jar", 1))))
		})
		for _, err := range lost {
			require.ErrorIs(s.t, err, inventory.ErrShortage)
		}
		require.LessOrEqual(s.t, s.queued("jar"), int64(limit))
		for s.queued("jar") < limit { // whoever came too early
			s.place(line("jar", 1))
		}
		s.tooMuch([]inventory.Shortage{{Line: 1, Item: "jar", Want: 1, Limit: limit}}, line("jar", 1))
	})
}

// TestRandomSalesKeepTheLimit holds random commands against a shopkeeper's notes: how many
// are on the shelf, and how many wait.
func TestRandomSalesKeepTheLimit(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		seed := uint64(time.Now().UnixNano())
		defer func() {
			if s.t.Failed() {
				s.t.Logf("seed %d", seed)
			}
		}()
		r := rand.New(rand.NewPCG(seed, 11))
		limit := int64(6)
		s.limited("jar", limit)
		var shelf, waits int64
		var orders []order.ID
		for range 80 {
			s.clock.turn(time.Minute)
			q := 1 + r.Int64N(5)
			switch r.IntN(8) {
			case 0:
				s.receive("jar", []string{"ber", "ham"}[r.IntN(2)], q)
				must(s.Stock.FillBackorders(s.ctx, "jar"))(s)
				shelf += q
				given := min(shelf, waits)
				shelf, waits = shelf-given, waits-given
			case 1:
				limit = 1 + r.Int64N(9)
				s.limited("jar", limit)
			case 2, 3:
				if len(orders) == 0 {
					continue
				}
				i := r.IntN(len(orders))
				had := s.order(orders[i])
				must(s.Orders.Cancel(s.ctx, had.ID, order.CancelCustomer))(s)
				must(s.Stock.FillBackorders(s.ctx, "jar"))(s)
				for _, l := range had.Lines {
					waits -= l.Backordered
					shelf += l.Reserved
				}
				given := min(shelf, waits)
				shelf, waits = shelf-given, waits-given
				orders = append(orders[:i], orders[i+1:]...)
			default:
				more := 1 + r.Int64N(3)
				o, err := s.Orders.Place(s.ctx, draft(line("jar", q), line("jar", more)))
				joins := max(0, q+more-shelf)
				if joins > 0 && waits+joins > limit {
					require.ErrorIs(s.t, err, inventory.ErrShortage)
					break
				}
				s.do(err)
				orders = append(orders, o.ID)
				shelf, waits = max(0, shelf-q-more), waits+joins
			}
			ats, room := s.room("jar")
			require.Equal(s.t, []int64{shelf, max(0, limit-waits), waits}, []int64{ats, room, s.queued("jar")})
		}
	})
}

func TestOnlyItemsWithALimitPassATurnstile(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		turnstiles := func() []storage.Document {
			var found []storage.Document
			s.do(s.store.View(s.ctx, "", func(ctx context.Context, tx storage.Tx) (err error) {
				found, err = tx.Documents().List(ctx, "backorder_turnstile", storage.DocumentFilter{})
				return err
			}))
			return found
		}
		s.limited("jar", 5)
		s.receive("jar", "ber", 1)
		s.place(line("book", 2), line("jar", 1))
		require.Empty(s.t, turnstiles(), "no unit of a limited item waits")
		s.place(line("book", 2), line("jar", 1))
		s.place(line("jar", 1))
		found := turnstiles()
		require.Len(s.t, found, 1)
		require.Equal(s.t, "jar", found[0].ID)
		require.EqualValues(s.t, 2, found[0].Version)
	})
}
