package oms

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/transfer"
	"github.com/orderkit/oms/storage"
)

// Transfers are the commands and queries on goods that are on their way from one
// location to another. Stock.Transfer moves goods at once.
type Transfers struct{ e *Engine }

var transferShelf = shelf[transfer.Transfer]{
	kind: "transfer", none: transfer.ErrNotFound,
	place: func(t *transfer.Transfer) storage.Document {
		return storage.Document{ID: t.ID.String(), Parent: t.To, Rank: max(0, t.CreatedAt.UnixMicro()), Live: t.Open(), Version: t.Version}
	},
}

// haul is a transfer at work, and what a decision on it changes.
type haul struct {
	transfer.Transfer
	changes inventory.Changes
	events  []transfer.Event
}

// took adopts a decision.
func (w *haul) took(t transfer.Transfer, c inventory.Changes, events []transfer.Event, err error) error {
	w.Transfer, w.changes, w.events = t, c, events
	return err
}

// transferCommand is a command on one existing transfer: read it and the stock that it
// is about, decide, save.
func transferCommand(ctx context.Context, e *Engine, opts []CallOption, name string, id transfer.ID, input any, run func(*attempt, *haul, inventory.Snapshot) error) (transfer.Transfer, error) {
	return newTransfer(ctx, e, opts, name, []any{id, input}, func(s *attempt) (*haul, error) {
		t, err := transferShelf.get(s, s.tx, id.String())
		if err != nil {
			return nil, err
		}
		w := &haul{Transfer: t}
		snap, err := loadStock(s, s.tx, inventory.Need{Items: t.Items(), Locations: []string{t.From, t.To}, Owner: t.Owner(), Now: s.now})
		if err != nil {
			return nil, err
		}
		return w, run(s, w, snap)
	})
}

// newTransfer runs a command that makes or changes a transfer, and saves it with the
// stock that it moves and the supply that it is.
func newTransfer(ctx context.Context, e *Engine, opts []CallOption, name string, input any, run func(*attempt) (*haul, error)) (transfer.Transfer, error) {
	return do(ctx, e, opts, command[transfer.Transfer]{
		name: name, input: input,
		id: func(t transfer.Transfer) string { return t.ID.String() },
		load: func(s *attempt, id string) (transfer.Transfer, error) {
			return transferShelf.get(s, s.tx, id)
		},
		run: func(s *attempt) (transfer.Transfer, error) {
			w, err := run(s)
			if err != nil || len(w.events) == 0 {
				return w.result(), err
			}
			w.Version++
			if !w.changes.Empty() {
				if err := s.post(w.changes); err != nil {
					return transfer.Transfer{}, err
				}
			}
			if err := transferShelf.save(s, s.tx, &w.Transfer); err != nil {
				return transfer.Transfer{}, err
			}
			if _, err := s.resupply(w.Supply(), loose(w.changes)); err != nil {
				return transfer.Transfer{}, err
			}
			return w.Transfer, emit(s, w.Owner(), w.Version, w.events)
		},
	})
}

// loose are the items of which units became free: those who wait for them come first.
func loose(c inventory.Changes) []string {
	var items []string
	for _, m := range c.Posting.Movements {
		if m.To.State == inventory.Free {
			items = append(items, m.Item)
		}
	}
	return items
}

func (w *haul) result() transfer.Transfer {
	if w == nil {
		return transfer.Transfer{}
	}
	return w.Transfer
}

// Draft plans a transfer. Nothing moves, and nothing is held, until it is ready.
func (g Transfers) Draft(ctx context.Context, d transfer.Draft, opts ...CallOption) (transfer.Transfer, error) {
	d.Expected = moment(d.Expected)
	return newTransfer(ctx, g.e, opts, "draft transfer", d, func(s *attempt) (*haul, error) {
		snap, err := s.planned(d)
		if err != nil {
			return nil, err
		}
		w := &haul{}
		t, events, err := s.hauls.New(snap, transfer.ID{UUID: s.newID()}, d, s.now)
		return w, w.took(t, inventory.Changes{}, events, err)
	})
}

// planned reads what a plan speaks of.
func (s *attempt) planned(d transfer.Draft) (inventory.Snapshot, error) {
	need := inventory.Need{Locations: []string{d.From, d.To}, Now: s.now}
	for _, l := range d.Lines {
		need.Items = append(need.Items, l.Item)
	}
	return loadStock(s, s.tx, need.Distinct())
}

// Edit replaces the plan of a transfer that is still a draft.
func (g Transfers) Edit(ctx context.Context, id transfer.ID, d transfer.Draft, opts ...CallOption) (transfer.Transfer, error) {
	d.Expected = moment(d.Expected)
	return transferCommand(ctx, g.e, opts, "edit transfer", id, d, func(s *attempt, w *haul, _ inventory.Snapshot) error {
		snap, err := s.planned(d)
		if err != nil {
			return err
		}
		t, events, err := s.hauls.Edit(w.Transfer, snap, d, s.now)
		return w.took(t, inventory.Changes{}, events, err)
	})
}

// Ready commits the stock at the origin, all of it or none. No sale can take it from
// then on, and no command of Stock can move it: it belongs to the transfer.
func (g Transfers) Ready(ctx context.Context, id transfer.ID, opts ...CallOption) (transfer.Transfer, error) {
	return transferCommand(ctx, g.e, opts, "ready transfer", id, nil, func(s *attempt, w *haul, snap inventory.Snapshot) error {
		return w.took(s.hauls.Ready(w.Transfer, snap, s.meta()))
	})
}

// Ship sends ready units on their way, all of them unless it names some. Until they are
// received they are at no location.
func (g Transfers) Ship(ctx context.Context, id transfer.ID, c transfer.Shipping, opts ...CallOption) (transfer.Transfer, error) {
	return transferCommand(ctx, g.e, opts, "ship transfer", id, c, func(s *attempt, w *haul, snap inventory.Snapshot) error {
		c.Expected = moment(c.Expected)
		return w.took(s.hauls.Ship(w.Transfer, snap, c, s.meta()))
	})
}

// Receive books what became of units on their way: accepted or rejected at the
// destination, or back at the origin. A receipt with a name is booked once, however
// often it is sent.
func (g Transfers) Receive(ctx context.Context, id transfer.ID, c transfer.Receiving, opts ...CallOption) (transfer.Transfer, error) {
	return transferCommand(ctx, g.e, opts, "receive transfer", id, c, func(s *attempt, w *haul, snap inventory.Snapshot) error {
		return w.took(s.hauls.Receive(w.Transfer, snap, c, s.meta()))
	})
}

// Withdraw frees ready units that will not be shipped, all of them unless it names some.
// Before anything was shipped it is Cancel that ends a transfer.
func (g Transfers) Withdraw(ctx context.Context, id transfer.ID, units []transfer.Units, opts ...CallOption) (transfer.Transfer, error) {
	return transferCommand(ctx, g.e, opts, "withdraw transfer", id, units, func(s *attempt, w *haul, snap inventory.Snapshot) error {
		return w.took(s.hauls.Withdraw(w.Transfer, snap, units, s.meta()))
	})
}

// Cancel ends a transfer of which nothing was shipped, and frees what it holds.
func (g Transfers) Cancel(ctx context.Context, id transfer.ID, why string, opts ...CallOption) (transfer.Transfer, error) {
	return transferCommand(ctx, g.e, opts, "cancel transfer", id, why, func(s *attempt, w *haul, snap inventory.Snapshot) error {
		return w.took(s.hauls.Cancel(w.Transfer, snap, why, s.meta()))
	})
}

// Close ends a transfer of which units will never arrive, and books those as lost.
func (g Transfers) Close(ctx context.Context, id transfer.ID, why string, opts ...CallOption) (transfer.Transfer, error) {
	return transferCommand(ctx, g.e, opts, "close transfer", id, why, func(s *attempt, w *haul, snap inventory.Snapshot) error {
		return w.took(s.hauls.Close(w.Transfer, snap, why, s.meta()))
	})
}

// Take moves a transfer along an edge that the host added to the flow.
func (g Transfers) Take(ctx context.Context, id transfer.ID, a transfer.Action, opts ...CallOption) (transfer.Transfer, error) {
	return transferCommand(ctx, g.e, opts, "take "+string(a), id, a, func(s *attempt, w *haul, _ inventory.Snapshot) error {
		t, events, err := s.hauls.Take(w.Transfer, a, s.now)
		return w.took(t, inventory.Changes{}, events, err)
	})
}

// Get reads a transfer.
func (g Transfers) Get(ctx context.Context, id transfer.ID) (transfer.Transfer, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (transfer.Transfer, error) {
		return transferShelf.get(ctx, tx, id.String())
	})
}

// Actions lists what is possible for a transfer now and, for the rest, why not.
func (g Transfers) Actions(ctx context.Context, id transfer.ID) ([]transfer.Possibility, error) {
	t, err := g.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return g.e.cfg.hauls.AllowedActions(t), nil
}

// Page reads one page of transfers by destination in descending order, those to the
// same one newest first.
func (g Transfers) Page(ctx context.Context, f transfer.Filter) ([]transfer.Transfer, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]transfer.Transfer, error) {
		return newest(ctx, tx, transferShelf, storage.DocumentFilter{Parents: f.To, Live: f.Open, Limit: f.Limit}, f.After.UUID)
	})
}

// Timeline reads everything that happened to a transfer.
func (g Transfers) Timeline(ctx context.Context, id transfer.ID) ([]storage.Event, error) {
	return g.e.timeline(ctx, transfer.OwnerPrefix+id.String())
}

// newest reads a page of documents, those under the same parent newest first. The one
// that the page before ended with is found by its id.
func newest[T any](ctx context.Context, tx storage.Tx, k shelf[T], f storage.DocumentFilter, after uuid.UUID) ([]T, error) {
	f.Last = true
	if after != uuid.Nil {
		last, err := k.get(ctx, tx, after.String())
		if err != nil {
			return nil, err
		}
		d := k.place(&last)
		f.After = &d
	}
	return k.list(ctx, tx, f)
}

// TransferAll carries free units of several items between locations at once, in one
// posting, all or nothing.
func (g Stock) TransferAll(ctx context.Context, shifts []inventory.Shift, ref string, opts ...CallOption) (inventory.Posting, error) {
	var need inventory.Need
	for _, c := range shifts {
		need.Items = append(need.Items, c.Item)
		need.Locations = append(need.Locations, c.From, c.To)
	}
	need = need.Distinct()
	return stockCommand(ctx, g.e, opts, "transfer all", []any{shifts, ref}, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return inventory.TransferAll(snap, shifts, ref, m)
	})
}

// unowned refuses a free-hand movement of units that are on their way by a transfer.
func unowned(movements []inventory.Movement) error {
	for _, m := range movements {
		if m.From.State == inventory.InTransit || m.To.State == inventory.InTransit {
			return fmt.Errorf("%w: units in transit belong to a transfer; use its commands", inventory.ErrState)
		}
	}
	return nil
}
