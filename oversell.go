package oms

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// turnstile lets the sales of an item with a BackorderLimit that make units wait pass one
// after the other. A sale reads the turnstile, then the queue, and saves the turnstile one
// version later: whoever read it before that conflicts, runs again, and sees who is in the
// queue by then. So what waits is never kept a second time as a sum. Who leaves the queue,
// or joins it with units that are sold already, does not pass.
type turnstile struct {
	Item    string `json:"item"`
	Version int64  `json:"version"`
}

var turnstiles = shelf[turnstile]{
	kind: "backorder_turnstile", none: inventory.ErrUnknownItem,
	place: func(t *turnstile) storage.Document { return storage.Document{ID: t.Item, Version: t.Version} },
}

// pass saves the turnstiles that an order went through.
func (s *attempt) pass(all []turnstile) error {
	for i := range all {
		all[i].Version++
		if err := turnstiles.save(s, s.tx, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// bounded lists the lines of an order that would let more units of an item wait than its
// limit allows, of units that a plan leaves unassigned, and otherwise the turnstiles that
// the order passes. It reads the queue of an item, which its limit keeps short, and nothing
// for an order of which no unit of a limited item comes to wait.
func (s *attempt) bounded(ed *edit, snap *inventory.Snapshot, unassigned []allocation.Shortage) ([]turnstile, []inventory.Shortage, error) {
	more := map[string]int64{}
	for i := range unassigned {
		if item, _ := snap.Item(unassigned[i].Item); item.BackorderLimit > 0 {
			more[item.ID] += ed.joining(&unassigned[i])
		}
	}
	maps.DeleteFunc(more, func(_ string, units int64) bool { return units <= 0 })
	if len(more) == 0 {
		return nil, nil, nil
	}
	items := slices.Sorted(maps.Keys(more))
	passed, err := turnstiles.find(s, s.tx, items...) // before the queue
	if err != nil {
		return nil, nil, err
	}
	for _, item := range items {
		if !slices.ContainsFunc(passed, func(t turnstile) bool { return t.Item == item }) {
			passed = append(passed, turnstile{Item: item})
		}
	}
	if snap.Waiting, err = waitingUnits(s, s.tx, items); err != nil {
		return nil, nil, err
	}
	var beyond []inventory.Shortage
	for _, item := range items {
		if room := snap.Backorderable(item); more[item] > room {
			def, _ := snap.Item(item)
			beyond = append(beyond, ed.beyond(&def, room, unassigned)...)
		}
	}
	return passed, beyond, nil
}

// joining is how many unassigned units of a line do not wait yet.
func (ed *edit) joining(u *allocation.Shortage) int64 {
	l, _ := ed.Line(u.Line) // a validated plan names lines of the request
	if !l.Backorder {
		return 0 // refused anyway
	}
	return u.Missing() - ed.waited(u.Line-1)
}

// beyond lists the lines of an item of which more units would come to wait than there is
// room for, after the lines before them.
func (ed *edit) beyond(def *inventory.Item, room int64, unassigned []allocation.Shortage) []inventory.Shortage {
	var out []inventory.Shortage
	for i := range unassigned {
		u := &unassigned[i]
		if u.Item != def.ID {
			continue
		}
		units := ed.joining(u)
		may := min(units, room)
		room -= may
		if may < units {
			out = append(out, ed.lack(u.Line, inventory.Shortage{Item: def.ID, Want: u.Want, Have: u.Have, Limit: def.BackorderLimit, Room: may}))
		}
	}
	return out
}

// waitingUnits is how many units of each of some items wait for stock.
func waitingUnits(ctx context.Context, tx storage.Tx, items []string) (map[string]int64, error) {
	queue, err := waiting(ctx, tx, items...)
	if err != nil {
		return nil, err
	}
	units := make(map[string]int64, len(items))
	for i := range queue {
		units[queue[i].Item] += queue[i].Qty
	}
	return units, nil
}

// explain is Snapshot.Explain, with the queues that it takes.
func explain(ctx context.Context, tx storage.Tx, snap inventory.Snapshot, item, location, owner string, now time.Time) (inventory.Availability, error) {
	if location == "" {
		if err := loadWaiting(ctx, tx, &snap); err != nil {
			return inventory.Availability{}, err
		}
	}
	return snap.Explain(item, location, owner, now)
}

// loadWaiting adds to a snapshot what waits of those of its items that have a limit for it.
func loadWaiting(ctx context.Context, tx storage.Tx, snap *inventory.Snapshot) (err error) {
	var limited []string
	for i := range snap.Items {
		if item := &snap.Items[i]; item.BackorderLimit > 0 {
			limited = append(limited, item.ID)
		}
	}
	if len(limited) > 0 {
		snap.Waiting, err = waitingUnits(ctx, tx, limited)
	}
	return err
}
