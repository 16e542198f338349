package oms

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/storage"
)

// supplies are units that are expected, found by item and date while some are.
var supplies = shelf[inventory.Supply]{
	kind: "supply", none: purchasing.ErrNotFound,
	place: func(s *inventory.Supply) storage.Document {
		return storage.Document{ID: s.ID, Parent: s.Item, Rank: s.Due.UnixMicro(), Live: s.Qty > 0, Version: s.Version}
	},
}

// demands are units of order lines that wait for stock, found by item in the order in
// which they are served while some wait.
var demands = shelf[purchasing.Demand]{
	kind: "backorder", none: purchasing.ErrNotFound,
	place: func(d *purchasing.Demand) storage.Document {
		return storage.Document{ID: d.ID, Parent: d.Item, Rank: d.Rank(), Live: d.Qty > 0, Version: d.Version}
	},
}

// expected reads what is expected of items, by item and date.
func expected(ctx context.Context, tx storage.Tx, items ...string) ([]inventory.Supply, error) {
	return every(ctx, tx, supplies, storage.DocumentFilter{Parents: items, Live: true})
}

// waiting reads the queues of items, each in the order in which it is served.
func waiting(ctx context.Context, tx storage.Tx, items ...string) ([]purchasing.Demand, error) {
	return every(ctx, tx, demands, storage.DocumentFilter{Parents: items, Live: true})
}

// resupply records that supply is expected, comes later, or is expected no more: each with
// its Item, Location, Due and Qty, while who was promised it is kept here. Arrived are
// items of which free units came in: the demand that waits for them is served first. All
// demand for the items is then promised anew, and the promises that changed are told.
func (s *attempt) resupply(supply []inventory.Supply, arrived []string) ([]purchasing.PromiseChanged, error) {
	changed, err := s.expect(supply)
	if err != nil {
		return nil, err
	}
	items := slices.Clone(arrived)
	for i := range changed {
		items = append(items, changed[i].Item)
	}
	items = sorted(items)
	if len(items) == 0 {
		return nil, nil
	}
	queue, err := waiting(s, s.tx, items...)
	if err != nil {
		return nil, err
	}
	var told []purchasing.PromiseChanged
	for _, item := range items {
		of := slices.DeleteFunc(slices.Clone(changed), func(c inventory.Supply) bool { return c.Item != item })
		if !slices.ContainsFunc(queue, func(d purchasing.Demand) bool { return d.Item == item }) {
			if err := s.saveSupply(of); err != nil { // nobody waits: nothing is promised
				return nil, err
			}
			continue
		}
		var here int64
		if slices.Contains(arrived, item) {
			filled, err := s.fill(item)
			if err != nil {
				return nil, err
			}
			here = filled.left
		}
		more, err := s.rebind(item, of, here)
		if err != nil {
			return nil, err
		}
		told = append(told, more...)
	}
	return told, nil
}

// expect compares supply with what is stored and gives what has to be saved.
func (s *attempt) expect(supply []inventory.Supply) ([]inventory.Supply, error) {
	if len(supply) == 0 {
		return nil, nil
	}
	ids := make([]string, len(supply))
	for i := range supply {
		ids[i] = supply[i].ID
	}
	stored, err := supplies.find(s, s.tx, ids...)
	if err != nil {
		return nil, err
	}
	var changed []inventory.Supply
	for _, n := range supply {
		n.Promised, n.Version = 0, 0
		if i := slices.IndexFunc(stored, func(h inventory.Supply) bool { return h.ID == n.ID }); i >= 0 {
			n.Promised, n.Version = stored[i].Promised, stored[i].Version
			if n == stored[i] || n.Qty == 0 && stored[i].Qty == 0 {
				continue
			}
		} else if n.Qty == 0 {
			continue
		}
		if n.Promised > n.Qty { // until it is promised anew
			n.Promised = n.Qty
		}
		if err := n.Validate(); err != nil {
			return nil, err
		}
		changed = append(changed, n)
	}
	return changed, nil
}

func (s *attempt) saveSupply(changed []inventory.Supply) error {
	for i := range changed {
		changed[i].Version++
		if err := supplies.save(s, s.tx, &changed[i]); err != nil {
			return err
		}
	}
	return nil
}

// rebind promises all supply of an item anew to all who wait for it, supply with the
// changes that are still to be saved, and saves what differs. Here is units that are in
// stock and only have to be given out.
func (s *attempt) rebind(item string, changed []inventory.Supply, here int64) ([]purchasing.PromiseChanged, error) {
	queue, err := waiting(s, s.tx, item)
	if err != nil {
		return nil, err
	}
	supply, err := expected(s, s.tx, item)
	if err != nil {
		return nil, err
	}
	was, had := slices.Clone(queue), slices.Clone(supply)
	for _, c := range changed {
		if i := slices.IndexFunc(supply, func(h inventory.Supply) bool { return h.ID == c.ID }); i >= 0 {
			supply[i] = c
		} else {
			supply, had = append(supply, c), append(had, inventory.Supply{})
		}
	}
	purchasing.Rebind(supply, queue, here, s.now)
	for i := range supply {
		if supply[i] == had[i] {
			continue
		}
		if err := s.saveSupply(supply[i : i+1]); err != nil {
			return nil, err
		}
	}
	return s.saveDemand(was, queue)
}

// saveDemand saves the demand that differs from what it was, and tells of the promises
// that changed.
func (s *attempt) saveDemand(was, is []purchasing.Demand) ([]purchasing.PromiseChanged, error) {
	var told []purchasing.PromiseChanged
	for i := range is {
		if is[i].Same(&was[i]) {
			continue
		}
		is[i].Version++
		if err := demands.save(s, s.tx, &is[i]); err != nil {
			return nil, err
		}
		if c, ok := purchasing.Change(&was[i], &is[i]); ok {
			told = append(told, c)
			if err := emit(s, "stock/"+c.Item, 0, []purchasing.Event{c}); err != nil {
				return nil, err
			}
		}
	}
	return told, nil
}

// later are the promises that are for a later day than they were, or are no more.
func later(all []purchasing.PromiseChanged) []purchasing.PromiseChanged {
	var out []purchasing.PromiseChanged
	for _, c := range all {
		if !c.Was.IsZero() && (c.Due.IsZero() || c.Due.After(c.Was)) {
			out = append(out, c)
		}
	}
	return out
}

func sorted(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Incoming reads what is expected of an item, by date: by purchase orders that are issued
// and by transfers on their way.
func (g Stock) Incoming(ctx context.Context, item string) ([]inventory.Supply, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Supply, error) {
		return expected(ctx, tx, item)
	})
}

// AvailableToPromise tells how many units of an item may be promised for each day to come,
// at a location or over all if it is empty: from stock, and from what purchase orders and
// transfers on their way bring that nobody was promised yet. Each number says what it is made
// of; the first is for now and that of Availability. See inventory.Earliest.
func (g Stock) AvailableToPromise(ctx context.Context, item, location string) ([]inventory.ATP, error) {
	now := moment(g.e.cfg.now())
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.ATP, error) {
		snap, err := loadStock(ctx, tx, inventory.Need{Items: []string{item}, Now: now})
		if err != nil || len(snap.Items) == 0 {
			return nil, cmp.Or(err, fmt.Errorf("%w: %q", inventory.ErrUnknownItem, item))
		}
		ids, places := make([]string, len(snap.Items)), make([]string, 0, len(snap.Locations))
		for i := range ids {
			ids[i] = snap.Items[i].ID
		}
		if snap.Supply, err = expected(ctx, tx, ids...); err != nil {
			return nil, err
		}
		if location == "" {
			if err := loadWaiting(ctx, tx, &snap); err != nil {
				return nil, err
			}
		}
		for i := range snap.Supply {
			places = append(places, snap.Supply[i].Location)
		}
		for i := range snap.Locations {
			places = append(places, snap.Locations[i].ID)
		}
		there, err := tx.Stock().Load(ctx, inventory.Need{Locations: sorted(places)})
		if err != nil {
			return nil, err
		}
		snap.Locations = there.Locations
		return snap.AvailableToPromise(item, location, now)
	})
}

// Backorders reads the demand that waits for an item, in the order in which it will be
// served, with what it is promised.
func (g Stock) Backorders(ctx context.Context, item string) ([]purchasing.Demand, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]purchasing.Demand, error) {
		return waiting(ctx, tx, item)
	})
}

// LateSupply is units of a purchase order or transfer that should have come.
type LateSupply struct {
	inventory.Supply

	// Affected are the orders that were promised units of it: Was is for when, Due is when
	// they could be served if nothing late came any more, zero if they could not.
	Affected []purchasing.PromiseChanged
}

// Late lists the supply of some items that was due before a moment and has not come, with
// the orders that wait for it. It changes nothing: promises change when somebody says when
// the goods will come.
func (g Stock) Late(ctx context.Context, before time.Time, items ...string) ([]LateSupply, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]LateSupply, error) {
		return lateSupply(ctx, tx, moment(before), sorted(slices.Clone(items)))
	})
}

func lateSupply(ctx context.Context, tx storage.Tx, before time.Time, items []string) ([]LateSupply, error) {
	if len(items) == 0 {
		return nil, nil
	}
	supply, err := expected(ctx, tx, items...)
	if err != nil {
		return nil, err
	}
	queue, err := waiting(ctx, tx, items...)
	if err != nil {
		return nil, err
	}
	var out []LateSupply
	for _, item := range items {
		var late, rest []inventory.Supply
		for _, s := range supply {
			switch {
			case s.Item != item:
			case s.Due.Before(before):
				late = append(late, s)
			default:
				rest = append(rest, s)
			}
		}
		if len(late) == 0 {
			continue
		}
		was := slices.DeleteFunc(slices.Clone(queue), func(d purchasing.Demand) bool { return d.Item != item })
		without := slices.Clone(was)
		purchasing.Rebind(rest, without, 0, before)
		for _, s := range late {
			out = append(out, LateSupply{Supply: s, Affected: affected(s.ID, was, without)})
		}
	}
	slices.SortFunc(out, func(a, b LateSupply) int { return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.ID, b.ID)) })
	return out, nil
}

// affected is how the demand that was promised units of a supply would do without it.
func affected(supply string, was, without []purchasing.Demand) []purchasing.PromiseChanged {
	var out []purchasing.PromiseChanged
	for i := range was {
		if slices.ContainsFunc(was[i].Promises, func(p purchasing.Promise) bool { return p.Supply == supply }) {
			c, _ := purchasing.Change(&was[i], &without[i])
			out = append(out, c)
		}
	}
	return out
}
