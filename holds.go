package oms

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// Extend lets everything an owner holds softly end later, and gives what the owner holds
// then. Holds that would end later anyway stay as they are. Expired holds are
// *inventory.ExpiryError: reserve again.
func (g Stock) Extend(ctx context.Context, owner string, until time.Time, opts ...CallOption) ([]inventory.Reservation, error) {
	if err := notAnOrder(owner); err != nil {
		return nil, err
	}
	until = moment(until)
	return do(ctx, g.e, opts, command[[]inventory.Reservation]{
		name: "extend holds", input: []any{owner, until},
		id: func([]inventory.Reservation) string { return owner },
		load: func(s *attempt, owner string) ([]inventory.Reservation, error) {
			snap, err := s.tx.Stock().Load(s, inventory.Need{Owner: owner, Now: s.now})
			return snap.Reservations, err
		},
		run: func(s *attempt) ([]inventory.Reservation, error) {
			snap, err := s.tx.Stock().Load(s, inventory.Need{Owner: owner, Now: s.now})
			if err != nil {
				return nil, err
			}
			changes, err := inventory.Extend(snap, owner, until, s.meta())
			if err != nil || changes.Empty() {
				return snap.Reservations, err
			}
			if err := s.post(changes); err != nil {
				return nil, err
			}
			return replaced(snap.Reservations, changes.Reservations), s.extended(changes.Reservations)
		},
	})
}

// replaced are reservations with those that changed in their places.
func replaced(all, changed []inventory.Reservation) []inventory.Reservation {
	for _, c := range changed {
		for i := range all {
			if all[i].ReservationKey == c.ReservationKey {
				all[i] = c
			}
		}
	}
	return all
}

// extended tells of holds that end later, once for each item.
func (s *attempt) extended(changed []inventory.Reservation) error {
	told := make(map[string]bool)
	for i := range changed {
		r := &changed[i]
		if told[r.Item] {
			continue
		}
		told[r.Item] = true
		if err := emit(s, "stock/"+r.Item, 0, []inventory.Event{inventory.HoldExtended{Owner: r.Owner, Item: r.Item, Until: r.Until}}); err != nil {
			return err
		}
	}
	return nil
}

// CommitUnits turns some of the units that an owner holds softly into a promise without
// an expiry. The rest stays soft.
func (g Stock) CommitUnits(ctx context.Context, owner string, units []inventory.HeldUnits, opts ...CallOption) (inventory.Posting, error) {
	if err := notAnOrder(owner); err != nil {
		return inventory.Posting{}, err
	}
	need := inventory.Need{Owner: owner}
	return stockCommand(ctx, g.e, opts, "commit units", []any{owner, units}, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return inventory.CommitUnits(snap, owner, units, owner, m)
	})
}

// ReserveAvailable holds units for an owner like Reserve, but takes what there is, of kits
// whole ones: it gives the posting and how many units each hold took. Where nothing is
// available the posting is empty.
func (g Stock) ReserveAvailable(ctx context.Context, holds []inventory.Hold, opts ...CallOption) (inventory.Posting, []int64, error) {
	need, holds, err := held(holds)
	if err != nil {
		return inventory.Posting{}, nil, err
	}
	got, err := do(ctx, g.e, opts, command[taken]{
		name: "reserve available", input: holds, reads: storage.Wanted{Stock: need},
		id: taken.String, load: loadTaken,
		run: func(s *attempt) (taken, error) {
			snap, err := s.stock()
			if err != nil {
				return taken{}, err
			}
			if err := s.holdsOn(holds, &snap); err != nil {
				return taken{}, err
			}
			changes, units, err := inventory.ReserveAvailable(snap, holds, need.Owner, s.meta())
			if err != nil {
				return taken{}, err
			}
			p, err := s.posted(changes, nil)
			return taken{p, units}, err
		},
	})
	return got.posting, got.units, err
}

// taken is what holds got that take what there is. How many units each took is kept with the
// key of the call: the posting does not tell of kits, which may be other ones by then.
type taken struct {
	posting inventory.Posting
	units   []int64
}

// String is the id of the posting and the numbers, with spaces between.
func (t taken) String() string {
	out := []byte(postingName(t.posting))
	for _, n := range t.units {
		out = strconv.AppendInt(append(out, ' '), n, 10)
	}
	return string(out)
}

// loadTaken reads what was taken again by its String.
func loadTaken(s *attempt, name string) (t taken, err error) {
	fields := strings.Fields(name)
	t.units = make([]int64, len(fields)-1)
	for i, f := range fields[1:] {
		if t.units[i], err = strconv.ParseInt(f, 10, 64); err != nil {
			return taken{}, err
		}
	}
	t.posting, err = loadPosting(s, fields[0])
	return t, err
}
