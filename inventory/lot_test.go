package inventory_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

var lotDay = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

const oneDay = 24 * time.Hour

// cellar keeps one item at one location, and what a decision said.
type cellar struct {
	t testing.TB
	inventory.Snapshot
	now time.Time
}

func newCellar(t testing.TB, p inventory.Picking) *cellar {
	return &cellar{t: t, now: lotDay, Snapshot: inventory.Snapshot{
		Items: []inventory.Item{{ID: "milk", Picking: p}}, Locations: []inventory.Location{{ID: "ber"}}}}
}

func (c *cellar) meta() inventory.Meta { return inventory.Meta{ID: uuid.New(), Now: c.now} }

func (c *cellar) keep(ch inventory.Changes, err error) inventory.Changes {
	c.t.Helper()
	require.NoError(c.t, err)
	for _, d := range ch.Posting.Deltas() {
		i, ok := slices.BinarySearchFunc(c.Balances, d.Key, func(b inventory.Balance, k inventory.Key) int { return b.Compare(k) })
		if !ok {
			c.Balances = slices.Insert(c.Balances, i, inventory.Balance{Key: d.Key})
		}
		require.NoError(c.t, c.Balances[i].Apply(d))
	}
	for _, l := range ch.Lots {
		i, ok := slices.BinarySearchFunc(c.Lots, l, inventory.Lot.Compare)
		if !ok {
			require.EqualValues(c.t, 1, l.Version)
			c.Lots = slices.Insert(c.Lots, i, l)
			continue
		}
		require.Equal(c.t, c.Lots[i].Version+1, l.Version)
		c.Lots[i] = l
	}
	return ch
}

func (c *cellar) receive(lot string, qty int64, expires time.Time) {
	c.t.Helper()
	c.keep(inventory.Receive(c.Snapshot, inventory.Receipt{Item: "milk", Lot: lot, Location: "ber", Qty: qty, Expires: expires, Ref: "po"}, c.meta()))
}

func (c *cellar) take(qty int64, life time.Duration) (map[string]int64, error) {
	ch, err := inventory.Reserve(c.Snapshot, []inventory.Hold{{Owner: uuid.NewString(), Item: "milk", Location: "ber", Qty: qty, Life: life}}, "", c.meta())
	if err != nil {
		return nil, err
	}
	c.keep(ch, nil)
	got := make(map[string]int64)
	for _, m := range ch.Posting.Movements {
		got[m.Lot] += m.Qty
	}
	return got, nil
}

func TestLotsAreTakenAsANaiveModelTakesThem(t *testing.T) {
	t.Parallel()
	type batch struct {
		id                string
		left              int64
		expires, received time.Time
		blocked           bool
	}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 7))
		picking := []inventory.Picking{inventory.ByLot, inventory.FEFO, inventory.FIFO}[seed%3]
		c := newCellar(t, picking)
		var model []batch
		for range 20 {
			c.now = c.now.Add(time.Duration(r.IntN(30)) * time.Hour)
			switch what := r.IntN(6); {
			case what < 2:
				b := batch{id: fmt.Sprintf("l%02d", r.IntN(90)), left: r.Int64N(9) + 1, received: c.now}
				if r.IntN(4) > 0 {
					b.expires = c.now.Add(time.Duration(r.IntN(10)+1) * oneDay)
				}
				if slices.ContainsFunc(model, func(o batch) bool { return o.id == b.id }) {
					continue
				}
				c.receive(b.id, b.left, b.expires)
				model = append(model, b)
			case what == 2 && len(model) > 0:
				b := &model[r.IntN(len(model))]
				if b.blocked {
					c.keep(inventory.UnblockLot(c.Snapshot, "milk", b.id))
				} else {
					c.keep(inventory.BlockLot(c.Snapshot, "milk", b.id, "smells"))
				}
				b.blocked = !b.blocked
			default:
				life := time.Duration(r.IntN(3)) * oneDay
				want := r.Int64N(12) + 1
				slices.SortFunc(model, func(a, b batch) int {
					first := 0
					if picking == inventory.FEFO {
						never := lotDay.AddDate(100, 0, 0)
						ends := func(x batch) time.Time { return map[bool]time.Time{true: never, false: x.expires}[x.expires.IsZero()] }
						first = ends(a).Compare(ends(b))
					} else if picking == inventory.FIFO {
						first = a.received.Compare(b.received)
					}
					return cmp.Or(first, cmp.Compare(a.id, b.id))
				})
				var have, now int64
				left, expected := want, make(map[string]int64)
				for i := range model {
					b := &model[i]
					if b.blocked {
						continue
					}
					if b.expires.IsZero() || c.now.Before(b.expires) {
						now += b.left
					}
					if !b.expires.IsZero() && !c.now.Add(life).Before(b.expires) {
						continue
					}
					have += b.left
					if n := min(left, b.left); n > 0 {
						expected[b.id], left = n, left-n
					}
				}
				require.Equal(t, now, c.Available("milk", "ber", "", c.now))
				got, err := c.take(want, life)
				if have < want {
					require.ErrorIs(t, err, inventory.ErrShortage)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, expected, got, "seed %d, %s", seed, picking)
				for i := range model {
					model[i].left -= expected[model[i].id]
				}
			}
		}
	}
}

func TestReceiptsOfALotAgreeOnWhenItExpires(t *testing.T) {
	t.Parallel()
	c := newCellar(t, inventory.FEFO)
	c.receive("a", 5, lotDay.Add(oneDay))
	c.receive("a", 1, time.Time{})
	c.receive("b", 1, time.Time{})
	for rule, r := range map[string]inventory.Receipt{
		"another end":        {Lot: "a", Expires: lotDay.Add(2 * oneDay)},
		"an end after all":   {Lot: "b", Expires: lotDay.Add(oneDay)},
		"no lot":             {Expires: lotDay.Add(oneDay)},
		"expired at birth":   {Lot: "c", Expires: lotDay},
		"expired before now": {Lot: "c", Expires: lotDay.Add(-oneDay)},
	} {
		r.Item, r.Location, r.Qty = "milk", "ber", 1
		_, err := inventory.Receive(c.Snapshot, r, c.meta())
		var refused *inventory.LotError
		require.ErrorAs(t, err, &refused, rule)
		require.ErrorIs(t, err, inventory.ErrLot)
		require.Equal(t, r.Lot, refused.Lot)
		require.NotEmpty(t, err.Error())
	}
	lot, ok := c.Lot("milk", "a")
	require.True(t, ok)
	require.Equal(t, inventory.Lot{Item: "milk", ID: "a", Expires: lotDay.Add(oneDay), Received: lotDay, Origin: "po", Version: 1}, lot)
	c.now = lotDay.Add(oneDay)
	_, err := inventory.Receive(c.Snapshot, inventory.Receipt{Item: "milk", Lot: "a", Location: "ber", Qty: 1}, c.meta())
	require.ErrorIs(t, err, inventory.ErrLot, "more of a lot that has expired meanwhile")
}

func TestAvailabilitySaysWhichLotsNobodyMayHave(t *testing.T) {
	t.Parallel()
	c := newCellar(t, inventory.FEFO)
	c.receive("a", 5, lotDay.Add(oneDay))
	c.receive("b", 3, time.Time{})
	c.receive("c", 2, lotDay.Add(9*oneDay))
	c.keep(inventory.BlockLot(c.Snapshot, "milk", "b", "glass"))
	require.Empty(t, c.keep(inventory.BlockLot(c.Snapshot, "milk", "b", "glass")).Lots, "again changes nothing")
	c.now = lotDay.Add(oneDay)
	a, err := c.Explain("milk", "ber", "", c.now)
	require.NoError(t, err)
	require.Equal(t, "milk: 2 available to sell of 10 on hand = +10 free@ber; -5 expired lots@ber; -3 blocked lots@ber", a.String())
	for lot, life := range map[string]time.Duration{"a": 0, "b": 0, "c": 8 * oneDay} {
		_, err := inventory.Reserve(c.Snapshot, []inventory.Hold{{Owner: "o", Item: "milk", Lot: lot, Location: "ber", Qty: 1, Life: life}}, "", c.meta())
		require.ErrorIs(t, err, inventory.ErrLot, lot)
	}
	for _, life := range []time.Duration{-1, inventory.MaxLife + 1} {
		_, err := c.take(1, life)
		require.ErrorIs(t, err, inventory.ErrLot)
	}
	_, err = c.take(2, 8*oneDay)
	require.ErrorIs(t, err, inventory.ErrShortage)
	got, err := c.take(2, 7*oneDay)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"c": 2}, got)
	c.keep(inventory.UnblockLot(c.Snapshot, "milk", "b"))
	require.EqualValues(t, 3, c.Available("milk", "ber", "", c.now))
	for _, bad := range []func() (inventory.Changes, error){
		func() (inventory.Changes, error) { return inventory.BlockLot(c.Snapshot, "milk", "a", "") },
		func() (inventory.Changes, error) { return inventory.BlockLot(c.Snapshot, "milk", "z", "why") },
		func() (inventory.Changes, error) { return inventory.BlockLot(c.Snapshot, "milk", "", "why") },
	} {
		_, err := bad()
		require.ErrorIs(t, err, inventory.ErrLot)
	}
	_, err = inventory.BlockLot(c.Snapshot, "tea", "a", "why")
	require.ErrorIs(t, err, inventory.ErrUnknownItem)
}

func TestALotThatCameBeforeItsRecordIsGoodUntilItIsBlocked(t *testing.T) {
	t.Parallel()
	c := newCellar(t, inventory.FIFO)
	c.receive("old", 2, time.Time{})
	c.Lots = nil
	c.now = c.now.Add(time.Hour)
	c.receive("new", 2, time.Time{})
	got, err := c.take(1, 0)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"old": 1}, got, "it was received before all others")
	ch := c.keep(inventory.BlockLot(c.Snapshot, "milk", "old", "recalled"))
	require.Equal(t, []inventory.Lot{{Item: "milk", ID: "old", Blocked: "recalled", Version: 1}}, ch.Lots)
	require.EqualValues(t, 2, c.Available("milk", "ber", "", c.now))
}

func TestAFloorIsWhatAReservationCountsOnToStay(t *testing.T) {
	t.Parallel()
	c := newCellar(t, inventory.FEFO)
	c.receive("a", 5, lotDay.Add(5*oneDay))
	c.receive("b", 5, lotDay.Add(9*oneDay))
	reserve := func(holds ...inventory.Hold) []inventory.Floor {
		t.Helper()
		for i := range holds {
			h := &holds[i]
			h.Owner, h.Line, h.Item, h.Location = "o", i, "milk", "ber"
		}
		ch, err := inventory.Reserve(c.Snapshot, holds, "", c.meta())
		require.NoError(t, err)
		for _, d := range ch.Deltas() {
			b := inventory.Balance{Key: d.Key}
			if i := slices.IndexFunc(c.Balances, func(b inventory.Balance) bool { return b.Key == d.Key }); i >= 0 {
				b = c.Balances[i]
			}
			require.NoError(t, b.Apply(d), "what was read is enough")
		}
		return ch.Floors
	}
	floor := func(lot string, free int64) inventory.Floor {
		return inventory.Floor{Key: inventory.Key{Item: "milk", Lot: lot, Location: "ber"}, Free: free}
	}
	require.Empty(t, reserve(inventory.Hold{Qty: 10}), "nothing is kept back")
	c.Items[0].Safety = 4
	require.Equal(t, []inventory.Floor{floor("b", 4)}, reserve(inventory.Hold{Qty: 6}))
	require.Empty(t, reserve(inventory.Hold{Qty: 1}), "the other lot has more than is kept back")
	require.Empty(t, reserve(inventory.Hold{Qty: 4, Lot: "a"}))
	require.Equal(t, []inventory.Floor{floor("a", 1), floor("b", 3)}, reserve(inventory.Hold{Qty: 4, Lot: "a"}, inventory.Hold{Qty: 2, Lot: "b"}))
	require.Equal(t, []inventory.Floor{floor("b", 4)}, reserve(inventory.Hold{Qty: 1, Life: 6 * oneDay}), "what lasts has to be left of what lasts")
	seven := int64(7)
	c.Levels = []inventory.Level{{Item: "milk", Location: "ber", Safety: &seven}}
	require.Equal(t, []inventory.Floor{floor("a", 2)}, reserve(inventory.Hold{Qty: 3}))
	c.Levels[0].Safety, c.Levels[0].Untracked = nil, true
	require.Empty(t, reserve(inventory.Hold{Qty: 12}), "what is not tracked keeps nothing back")
}

func TestAChannelCannotSellThePoolOfABlockedLot(t *testing.T) {
	t.Parallel()
	c := newCellar(t, inventory.FEFO)
	c.receive("a", 5, lotDay.Add(9*oneDay))
	web := inventory.Channel{ID: "web"}
	pool := c.keep(inventory.RingFence(c.Snapshot, web, []inventory.Quota{{Item: "milk", Location: "ber", Qty: 3}}, c.meta())).Reservations
	c.Channel = &inventory.Selling{Channel: web, Pools: pool}
	require.EqualValues(t, 5, c.Available("milk", "ber", "", c.now))
	c.keep(inventory.BlockLot(c.Snapshot, "milk", "a", "glass"))
	require.Zero(t, c.Available("milk", "ber", "", c.now))
	_, err := inventory.Reserve(c.Snapshot, []inventory.Hold{{Owner: "o", Channel: "web", Item: "milk", Location: "ber", Qty: 1}}, "", c.meta())
	require.ErrorIs(t, err, inventory.ErrShortage)
}
