package oms

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// lotShelf keeps lots under their item.
var lotShelf = shelf[inventory.Lot]{
	kind: "lot", none: inventory.ErrLot,
	place: func(l *inventory.Lot) storage.Document {
		return storage.Document{ID: lotID(l.Item, l.ID), Parent: l.Item, Live: true, Version: l.Version}
	},
}

// lotID names a lot among those of all items. No id has a control character.
func lotID(item, lot string) string { return item + "\t" + lot }

// loadStock reads what a decision on stock needs. Lots are read only of items that have
// any: others cost nothing more.
func loadStock(ctx context.Context, tx storage.Tx, need inventory.Need) (inventory.Snapshot, error) {
	snap, err := tx.Stock().Load(ctx, need)
	if err != nil {
		return snap, err
	}
	var items []string
	for i := range snap.Balances { // sorted by item
		if b := &snap.Balances[i]; b.Lot != "" && (len(items) == 0 || items[len(items)-1] != b.Item) {
			items = append(items, b.Item)
		}
	}
	for i := range snap.Reservations { // what is held softly may be promised next
		if r := &snap.Reservations[i]; r.Lot != "" && r.Soft > 0 {
			items = append(items, r.Item)
		}
	}
	items = sorted(items)
	if len(items) > 0 {
		snap.Lots, err = lotsOf(ctx, tx, items...)
	}
	return snap, err
}

// lotsOf reads the lots of items, by item and ID.
func lotsOf(ctx context.Context, tx storage.Tx, items ...string) ([]inventory.Lot, error) {
	lots, err := every(ctx, tx, lotShelf, storage.DocumentFilter{Parents: items})
	slices.SortFunc(lots, inventory.Lot.Compare)
	return lots, err
}

// saveLots saves lots that came in or changed, and tells of them.
func (s *attempt) saveLots(lots []inventory.Lot) error {
	for i := range lots {
		l := &lots[i]
		if err := lotShelf.save(s, s.tx, l); err != nil {
			return err
		}
		if err := emit(s, "stock/"+l.Item, 0, []inventory.Event{inventory.LotSet{Lot: *l}}); err != nil {
			return err
		}
	}
	return nil
}

// BlockLot stops promising units of a lot, for a stated reason. Its units stay where they
// are, and what is held is kept: Recall lists it. Blocking it for that reason again changes
// nothing.
func (g Stock) BlockLot(ctx context.Context, item, lot, why string, opts ...CallOption) (inventory.Lot, error) {
	return g.changeLot(ctx, opts, "block lot", item, lot, why, func(snap inventory.Snapshot) (inventory.Changes, error) {
		return inventory.BlockLot(snap, item, lot, why)
	})
}

// UnblockLot lets units of a lot be promised again, unless it has expired.
func (g Stock) UnblockLot(ctx context.Context, item, lot string, opts ...CallOption) (inventory.Lot, error) {
	return g.changeLot(ctx, opts, "unblock lot", item, lot, "", func(snap inventory.Snapshot) (inventory.Changes, error) {
		return inventory.UnblockLot(snap, item, lot)
	})
}

func (g Stock) changeLot(ctx context.Context, opts []CallOption, name, item, lot, why string, decide func(inventory.Snapshot) (inventory.Changes, error)) (inventory.Lot, error) {
	return do(ctx, g.e, opts, command[inventory.Lot]{
		name: name, input: []string{item, lot, why},
		id:   func(l inventory.Lot) string { return lotID(l.Item, l.ID) },
		load: func(s *attempt, id string) (inventory.Lot, error) { return lotShelf.get(s, s.tx, id) },
		run: func(s *attempt) (inventory.Lot, error) {
			snap, err := loadStock(s, s.tx, inventory.Need{Items: []string{item}, Now: s.now})
			if err != nil {
				return inventory.Lot{}, err
			}
			changes, err := decide(snap)
			if err != nil {
				return inventory.Lot{}, err
			}
			if len(changes.Lots) == 0 {
				known, _ := snap.Lot(item, lot)
				known.Item, known.ID = item, lot
				return known, nil
			}
			return changes.Lots[0], s.saveLots(changes.Lots)
		},
	})
}

// Lots reads the lots of an item, by ID.
func (g Stock) Lots(ctx context.Context, item string) ([]inventory.Lot, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Lot, error) {
		return lotsOf(ctx, tx, item)
	})
}

// Recall is where the units of a lot are and went.
type Recall struct {
	inventory.Lot // without a Version if it came before lots were recorded

	Sent      []Handed                // to customers, by document
	Back      []Handed                // from customers, by document of the return
	Here      []inventory.Balance     // at locations, by state
	Held      []inventory.Reservation // that hold units which are still here, by owner
	InTransit int64                   // between locations
}

// Handed is units of a lot that went to a customer, or came back, with one document.
type Handed struct {
	Document string // of an order its number
	Qty      int64
	Last     time.Time // when the last of them did
}

// Recall tells who got units of a lot, what is still here and who holds it reserved. It
// reads every movement of the lot. A lot that no balance names is inventory.ErrLot.
func (g Stock) Recall(ctx context.Context, item, lot string) (Recall, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (Recall, error) {
		return recall(ctx, tx, item, lot)
	})
}

func recall(ctx context.Context, tx storage.Tx, item, lot string) (Recall, error) {
	r := Recall{Lot: inventory.Lot{Item: item, ID: lot}}
	snap, err := loadStock(ctx, tx, inventory.Need{Items: []string{item}})
	if err != nil {
		return r, err
	}
	for i := range snap.Balances {
		if b := &snap.Balances[i]; b.Lot == lot {
			r.Here = append(r.Here, *b)
		}
	}
	if lot == "" || len(r.Here) == 0 {
		return r, &inventory.LotError{Item: item, Lot: lot, Rule: "it is unknown; nothing of it ever came in"}
	}
	r.Here = slices.DeleteFunc(r.Here, func(b inventory.Balance) bool { return b.OnHand() == 0 })
	if known, ok := snap.Lot(item, lot); ok {
		r.Lot = known
	}
	if err := r.follow(ctx, tx); err != nil {
		return r, err
	}
	for held, err := range tx.Stock().ListReservations(ctx, inventory.ReservationFilter{Item: item, Open: true}) {
		if err != nil {
			return r, err
		}
		if held.Lot == lot {
			r.Held = append(r.Held, held)
		}
	}
	return r, nil
}

// follow reads the movements of the lot.
func (r *Recall) follow(ctx context.Context, tx storage.Tx) error {
	for m, err := range tx.Stock().ListMovements(ctx, inventory.MovementFilter{Item: r.Item, Lot: &r.ID}) {
		if err != nil {
			return err
		}
		switch {
		case m.To.State == inventory.Customer:
			r.Sent = handed(r.Sent, &m)
		case m.From.State == inventory.Customer:
			r.Back = handed(r.Back, &m)
		}
		if m.To.State == inventory.InTransit {
			r.InTransit += m.Qty
		}
		if m.From.State == inventory.InTransit {
			r.InTransit -= m.Qty
		}
	}
	return nil
}

func handed(to []Handed, m *inventory.Logged) []Handed {
	i, ok := slices.BinarySearchFunc(to, m.Document, func(h Handed, document string) int { return strings.Compare(h.Document, document) })
	if !ok {
		to = slices.Insert(to, i, Handed{Document: m.Document})
	}
	to[i].Qty, to[i].Last = to[i].Qty+m.Qty, m.At
	return to
}
