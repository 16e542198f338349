package oms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// Proposal is what would make the books of stock agree: a repair for each item whose
// books do not. It is data: to be looked at, kept, thinned out, and applied by
// [Engine.ApplyRepair] if a person agrees.
type Proposal struct {
	Repairs []inventory.Repair `json:"repairs"`
}

// ErrRepair is a proposal that no longer fits what is stored.
var ErrRepair = errors.New("oms: the proposed repair is out of date")

// RepairError names the item whose books are others than the proposal was made for. It
// matches ErrRepair.
type RepairError struct {
	Item string
	Now  inventory.Repair // what would be proposed now
}

// Error says what to do.
func (e *RepairError) Error() string {
	return fmt.Sprintf("%v: the books of item %q have changed since; propose again and look again", ErrRepair, e.Item)
}

// Is matches ErrRepair.
func (e *RepairError) Is(target error) bool { return target == ErrRepair }

// Repair proposes what would make the books of stock agree, and changes nothing. An empty
// proposal says that they do. What each step is for stands beside it; the rules are those
// of [inventory.ProposeRepair]. Like Verify it reads the whole log.
func (e *Engine) Repair(ctx context.Context) (Proposal, error) {
	return reading(ctx, e, func(ctx context.Context, tx storage.Tx) (Proposal, error) {
		logs, err := e.logs(ctx, tx)
		if err != nil {
			return Proposal{}, err
		}
		held, err := e.heldBy(ctx, tx, func(string) bool { return true })
		if err != nil {
			return Proposal{}, err
		}
		rows := make(map[string][]inventory.Balance)
		for b, err := range tx.Stock().ListBalances(ctx) {
			if err != nil {
				return Proposal{}, err
			}
			rows[b.Item] = append(rows[b.Item], b)
		}
		items := make(map[string]bool)
		for item := range logs {
			items[item] = true
		}
		for item := range rows {
			items[item] = true
		}
		for item := range held {
			items[item] = true
		}
		var p Proposal
		for _, item := range slices.Sorted(maps.Keys(items)) {
			r, err := e.propose(ctx, tx, inventory.Books{Item: item, Log: logs[item], Balances: rows[item], Reservations: held[item]})
			if err != nil {
				return Proposal{}, err
			}
			if !r.Empty() {
				p.Repairs = append(p.Repairs, r)
			}
		}
		return p, nil
	})
}

// logs sums the log of every item.
func (e *Engine) logs(ctx context.Context, tx storage.Tx) (map[string]inventory.Tally, error) {
	sums := make(map[string]inventory.Tally)
	for p, err := range tx.Stock().ListPostings(ctx, inventory.PostingFilter{}) {
		if err != nil {
			return nil, err
		}
		for i := range p.Movements {
			item := p.Movements[i].Item
			if sums[item] == nil {
				sums[item] = inventory.Tally{}
			}
			sums[item].Forward(p.Movements[i : i+1])
		}
	}
	return sums, nil
}

// heldBy reads the reservations that hold units of some items, by item and key.
func (e *Engine) heldBy(ctx context.Context, tx storage.Tx, wanted func(item string) bool) (map[string][]inventory.Reservation, error) {
	held := make(map[string][]inventory.Reservation)
	for r, err := range tx.Stock().ListReservations(ctx, inventory.ReservationFilter{Open: true}) {
		if err != nil {
			return nil, err
		}
		if wanted(r.Item) {
			held[r.Item] = append(held[r.Item], r)
		}
	}
	return held, nil
}

// propose finds out which owners exist, and decides.
func (e *Engine) propose(ctx context.Context, tx storage.Tx, b inventory.Books) (inventory.Repair, error) {
	orphans := make(map[string]bool)
	for _, r := range b.Reservations {
		id, ours := strings.CutPrefix(r.Owner, ownerPrefix)
		if _, known := orphans[r.Owner]; !ours || known {
			continue
		}
		parsed, err := uuid.Parse(id)
		if err == nil {
			_, err = tx.Orders().Get(ctx, order.ID{UUID: parsed})
		}
		orphans[r.Owner] = err != nil
		if err != nil && !errors.Is(err, order.ErrNotFound) && parsed != uuid.Nil {
			return inventory.Repair{}, err
		}
	}
	b.Orphan = func(owner string) bool { return orphans[owner] }
	b.Bound = func(owner string) bool { return strings.HasPrefix(owner, ownerPrefix) && !orphans[owner] }
	return inventory.ProposeRepair(b), nil
}

// books reads all that is stored of some items.
func (e *Engine) books(ctx context.Context, tx storage.Tx, items []string) (map[string]inventory.Books, error) {
	held, err := e.heldBy(ctx, tx, func(item string) bool { return slices.Contains(items, item) })
	if err != nil {
		return nil, err
	}
	all := make(map[string]inventory.Books)
	for _, item := range items {
		snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{item}})
		if err != nil {
			return nil, err
		}
		flow, err := tx.Stock().SumMovements(ctx, item, inventory.Span{Until: endOfTime})
		if err != nil {
			return nil, err
		}
		log := inventory.Tally{}
		log.Forward(flow.Moved)
		all[item] = inventory.Books{Item: item, Log: log, Balances: snap.Balances, Reservations: held[item]}
	}
	return all, nil
}

// ApplyRepair does what a proposal says, whole or not at all, under a document that says
// who agreed and why. If the books of one of its items are others by now it is a
// *RepairError, and nothing is done. History is kept: what a repair moves is a posting of
// reason repair, and every item gets an event with all that was done to it.
func (e *Engine) ApplyRepair(ctx context.Context, p Proposal, document string, opts ...CallOption) ([]inventory.Posting, error) {
	return do(ctx, e, opts, command[[]inventory.Posting]{
		name: "apply repair", input: []any{p, document},
		id: func([]inventory.Posting) string { return document },
		load: func(s *attempt, document string) ([]inventory.Posting, error) {
			return collect(s.tx.Stock().ListPostings(s, inventory.PostingFilter{Document: document}))
		},
		run: func(s *attempt) ([]inventory.Posting, error) {
			if document == "" {
				return nil, fmt.Errorf("%w: a repair names the document that allows it", inventory.ErrID)
			}
			var items []string
			for i := range p.Repairs {
				items = append(items, p.Repairs[i].Item)
			}
			books, err := e.books(s, s.tx, items)
			if err != nil {
				return nil, err
			}
			var done []inventory.Posting
			for i := range p.Repairs {
				r := &p.Repairs[i]
				now, err := e.propose(s, s.tx, books[r.Item])
				if err != nil {
					return nil, err
				}
				if !sameRepair(r, &now) {
					return nil, &RepairError{Item: r.Item, Now: now}
				}
				posting, err := s.repair(&now, document)
				if err != nil {
					return nil, err
				}
				if len(posting.Movements) > 0 {
					done = append(done, posting)
				}
			}
			return done, nil
		},
	})
}

// sameRepair compares what two repairs do, as JSON has it: a proposal may have been kept
// as that.
func sameRepair(a, b *inventory.Repair) bool {
	x, err := json.Marshal(a)
	y, failed := json.Marshal(b)
	return err == nil && failed == nil && string(x) == string(y)
}

// repair makes one repair.
func (s *attempt) repair(r *inventory.Repair, document string) (inventory.Posting, error) {
	changes, err := r.Changes(document, s.meta())
	if err != nil {
		return inventory.Posting{}, err
	}
	first, then := r.Rows()
	if err := s.tx.Stock().Restate(s, first); err != nil {
		return inventory.Posting{}, err
	}
	if err := s.post(changes); err != nil {
		return inventory.Posting{}, err
	}
	if err := s.tx.Stock().Restate(s, then); err != nil {
		return inventory.Posting{}, err
	}
	did := inventory.Repaired{Document: document, Repair: *r}
	if len(r.Movements) > 0 {
		did.Posting = changes.Posting.ID
	}
	return changes.Posting, emit(s, "stock/"+r.Item, 0, []inventory.Event{did})
}
