package inventory_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
)

// noon is the moment at which every test begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shelf is the least that a Repository can be: it reads snapshots and applies changes
// as the contract of inventory.Repository says.
type shelf struct {
	items        map[string]inventory.Item
	locations    map[string]inventory.Location
	levels       []inventory.Level // sorted
	balances     map[inventory.Key]inventory.Balance
	reservations map[inventory.ReservationKey]inventory.Reservation
	log          []inventory.Posting
	now          time.Time
}

// newShelf knows the items "tee" and "mug" (of which 2 are kept back at each location),
// the untracked "gift-wrap", and the locations "ams" and "ber" and the inactive "old".
func newShelf() *shelf {
	s := &shelf{
		items: map[string]inventory.Item{}, locations: map[string]inventory.Location{},
		balances: map[inventory.Key]inventory.Balance{}, reservations: map[inventory.ReservationKey]inventory.Reservation{}, now: noon,
	}
	for _, i := range []inventory.Item{{ID: "tee"}, {ID: "mug", Safety: 2}, {ID: "gift-wrap", Untracked: true}} {
		s.items[i.ID] = i
	}
	for _, l := range []inventory.Location{{ID: "ams"}, {ID: "ber"}, {ID: "old", Inactive: true}} {
		s.locations[l.ID] = l
	}
	return s
}

// snapshot reads everything that a command of an owner could need.
func (s *shelf) snapshot(owner string) inventory.Snapshot {
	out := inventory.Snapshot{
		Items:     slices.SortedFunc(maps.Values(s.items), func(a, b inventory.Item) int { return cmp.Compare(a.ID, b.ID) }),
		Locations: slices.SortedFunc(maps.Values(s.locations), func(a, b inventory.Location) int { return cmp.Compare(a.ID, b.ID) }),
		Levels:    s.levels,
		Balances:  slices.SortedFunc(maps.Values(s.balances), func(a, b inventory.Balance) int { return a.Compare(b.Key) }),
	}
	for _, r := range s.held() {
		if r.Owner == owner {
			out.Reservations = append(out.Reservations, r)
		}
		if r.Expired(s.now) {
			out.Expired = append(out.Expired, r)
		}
	}
	return out
}

// held are all reservations, sorted by key.
func (s *shelf) held() []inventory.Reservation {
	return slices.SortedFunc(maps.Values(s.reservations), func(a, b inventory.Reservation) int { return a.Compare(b.ReservationKey) })
}

func (s *shelf) meta() inventory.Meta {
	return inventory.Meta{ID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, len(s.log))), Actor: "ann", Now: s.now}
}

// apply saves changes whole or not at all.
func (s *shelf) apply(c inventory.Changes) error {
	balances := maps.Clone(s.balances)
	for _, d := range c.Posting.Deltas() {
		b := balances[d.Key]
		b.Key = d.Key
		if err := b.Apply(d); err != nil {
			return err
		}
		balances[d.Key] = b
	}
	for _, r := range c.Reservations {
		if had := s.reservations[r.ReservationKey].Version; had != r.Version-1 {
			return fmt.Errorf("%w: %s is at version %d, not %d", inventory.ErrStale, r.ReservationKey, had, r.Version-1)
		}
	}
	s.balances = balances
	for _, r := range c.Reservations {
		s.reservations[r.ReservationKey] = r
	}
	if len(c.Posting.Movements) > 0 {
		s.log = append(s.log, c.Posting)
	}
	return nil
}

// of is the number of units of an item in a state at a location, over all lots.
func (s *shelf) of(item, location string, state inventory.State) int64 {
	var sum int64
	for k, b := range s.balances {
		if k.Item == item && k.Location == location {
			sum += b.Of(state)
		}
	}
	return sum
}

// ok applies what a decision came to and requires that there was one.
func (s *shelf) ok(t require.TestingT, c inventory.Changes, err error) inventory.Changes {
	if t, ok := t.(interface{ Helper() }); ok {
		t.Helper()
	}
	require.NoError(t, err)
	require.NoError(t, s.apply(c))
	return c
}

// stock receives free units.
func (s *shelf) stock(t require.TestingT, item, lot, location string, qty int64) {
	c, err := inventory.Receive(s.snapshot(""), inventory.Receipt{Item: item, Lot: lot, Location: location, Qty: qty}, s.meta())
	s.ok(t, c, err)
}

// reserve decides holds of one owner.
func (s *shelf) reserve(holds ...inventory.Hold) (inventory.Changes, error) {
	return inventory.Reserve(s.snapshot(holds[0].Owner), holds, "doc", s.meta())
}

// hold reserves and requires success.
func (s *shelf) hold(t require.TestingT, holds ...inventory.Hold) inventory.Changes {
	c, err := s.reserve(holds...)
	return s.ok(t, c, err)
}

// balanced requires the laws of the ledger.
func (s *shelf) balanced(t require.TestingT) {
	sums := map[inventory.Key]map[inventory.State]int64{}
	add := func(m inventory.Movement, a inventory.Account, qty int64) {
		if k := (inventory.Key{Item: m.Item, Lot: m.Lot, Location: a.Location}); a.State.AtLocation() {
			if sums[k] == nil {
				sums[k] = map[inventory.State]int64{}
			}
			sums[k][a.State] += qty
		}
	}
	for _, p := range s.log {
		for _, m := range p.Movements {
			require.NoError(t, m.Validate(), "every movement is double entry")
			add(m, m.From, -m.Qty)
			add(m, m.To, m.Qty)
		}
	}
	reserved := map[inventory.Key]map[inventory.State]int64{}
	for _, r := range s.reservations {
		k := r.Balance()
		if reserved[k] == nil {
			reserved[k] = map[inventory.State]int64{}
		}
		for _, st := range []inventory.State{inventory.Soft, inventory.Committed, inventory.Picked, inventory.Packed} {
			require.GreaterOrEqual(t, r.Of(st), int64(0), "no counter of a reservation is below zero")
			reserved[k][st] += r.Of(st)
		}
		require.Equal(t, r.Soft > 0, !r.Until.IsZero(), "soft units, and only those, have an end")
	}
	for k, b := range s.balances {
		for _, st := range inventory.LocationStates() {
			require.GreaterOrEqual(t, b.Of(st), int64(0), "no balance is below zero")
			require.Equal(t, sums[k][st], b.Of(st), "the balance %s of %v is the sum of its movements", st, k)
			if st >= inventory.Soft && st <= inventory.Packed {
				require.Equal(t, reserved[k][st], b.Of(st), "the balance %s of %v is the sum of its reservations", st, k)
			}
		}
	}
}

// refused requires that a refusal decided nothing.
func refused(t *testing.T, c inventory.Changes, err error, sentinel error) {
	t.Helper()
	require.ErrorIs(t, err, sentinel)
	require.Equal(t, inventory.Changes{}, c, "a refused command changes nothing")
}

// level says what holds for an item at a location.
func (s *shelf) level(l inventory.Level) {
	i, ok := slices.BinarySearchFunc(s.levels, l, inventory.CompareLevels)
	if s.levels = slices.Clone(s.levels); ok {
		s.levels[i] = l
	} else {
		s.levels = slices.Insert(s.levels, i, l)
	}
}
