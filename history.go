package oms

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

var checkpoints = shelf[inventory.Checkpoint]{
	kind: "stock_checkpoint", none: inventory.ErrNotFound,
	place: func(c *inventory.Checkpoint) storage.Document {
		return storage.Document{ID: fmt.Sprintf("%s@%d", c.Item, c.At.UnixMicro()), Parent: c.Item, Rank: max(0, c.At.UnixMicro()), Version: 1}
	},
}

// At reads the balances of an item as they were at a moment, by location and lot: every
// movement at or before it counts, and no later one. Rows without units are left out.
//
// It starts from the nearest of what is known (a checkpoint before or after the moment,
// or the balances now) and reads only the movements in between: see [Stock.Checkpoint].
//
// A movement is dated by the moment at which its command decided. Of two commands that
// ran at once the one that decided first may have been applied second; between these two
// moments a number may be below zero.
func (g Stock) At(ctx context.Context, item string, t time.Time) ([]inventory.Balance, error) {
	t = moment(t)
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Balance, error) {
		tally, known, err := g.asOf(ctx, tx, item, inventory.EndOf(t))
		if err == nil && !known {
			err = fmt.Errorf("%w: %q", inventory.ErrUnknownItem, item)
		}
		if err != nil {
			return nil, err
		}
		return tally.Balances(item), nil
	})
}

// AtAll yields the balances of every item as they were at a moment, as [Stock.At] does
// for one, by item, location and lot. Each item is read in a transaction of its own.
func (g Stock) AtAll(ctx context.Context, t time.Time) iter.Seq2[inventory.Balance, error] {
	return func(yield func(inventory.Balance, error) bool) {
		items, err := g.items(ctx)
		if err != nil {
			yield(inventory.Balance{}, err)
			return
		}
		for _, item := range items {
			rows, err := g.At(ctx, item, t)
			if err != nil {
				yield(inventory.Balance{}, err)
				return
			}
			for _, b := range rows {
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

// items are the ids of all items that keep stock.
func (g Stock) items(ctx context.Context) ([]string, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]string, error) {
		var ids []string
		for i, err := range tx.Stock().ListItems(ctx) {
			if err != nil {
				return nil, err
			}
			if !i.Untracked {
				ids = append(ids, i.ID)
			}
		}
		return ids, nil
	})
}

// asOf tallies an item up to a place of its log, and tells whether there is such an item.
func (g Stock) asOf(ctx context.Context, tx storage.Tx, item string, until inventory.Place) (inventory.Tally, bool, error) {
	whole := until.At // a checkpoint has all movements of its moment
	if until != inventory.EndOf(until.At) {
		whole = whole.Add(-time.Microsecond)
	}
	before, err := nearest(ctx, tx, item, whole, true)
	if err != nil {
		return nil, false, err
	}
	after, err := nearest(ctx, tx, item, whole, false)
	if err != nil {
		return nil, false, err
	}
	end := moment(g.e.cfg.now())
	if after != nil {
		end = after.At
	}
	if before != nil && (before.At.Equal(until.At) || until.At.Sub(before.At) < end.Sub(until.At)) {
		tally := before.Tally()
		flow, err := tx.Stock().SumMovements(ctx, item, inventory.Span{After: inventory.EndOf(before.At), Until: until})
		tally.Forward(flow.Moved)
		return tally, true, err
	}
	if after != nil {
		tally := after.Tally()
		flow, err := tx.Stock().SumMovements(ctx, item, inventory.Span{After: until, Until: inventory.EndOf(after.At)})
		tally.Back(flow.Moved)
		return tally, true, err
	}
	return fromNow(ctx, tx, item, until)
}

// fromNow tallies an item up to a place of its log, beginning with its balances.
func fromNow(ctx context.Context, tx storage.Tx, item string, until inventory.Place) (inventory.Tally, bool, error) {
	snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{item}})
	if err != nil {
		return nil, false, err
	}
	_, known := snap.Item(item)
	tally := inventory.TallyOf(snap.Balances)
	flow, err := tx.Stock().SumMovements(ctx, item, inventory.Span{After: until, Until: endOfTime})
	tally.Back(flow.Moved)
	return tally, known, err
}

// endOfTime is behind every movement.
var endOfTime = inventory.EndOf(time.UnixMicro(1<<63 - 1).UTC())

// nearest reads the last checkpoint at or before a moment, or the first one after it.
func nearest(ctx context.Context, tx storage.Tx, item string, t time.Time, before bool) (*inventory.Checkpoint, error) {
	f := storage.DocumentFilter{Parents: []string{item}, Limit: 1, Last: before}
	us := t.UnixMicro()
	switch {
	case us < 0 && before:
		return nil, nil //nolint:nilnil // there is none
	case before:
		f.Before = us + 1
	default:
		f.From = max(0, us+1)
	}
	found, err := checkpoints.list(ctx, tx, f)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Checkpoint keeps the stock of an item as of some moments of its past, one for every so
// many movements since the last one, so that [Stock.At] has less to read. It tells how
// many it has added. Nothing depends on it, and a repeat adds nothing.
//
// Only movements that have settled go into a checkpoint: see [inventory.Pace]. Each run
// proves what it adds against the balances of now. If an earlier checkpoint has missed a
// movement that was committed late, all of the item are made again. Balances that are
// not the sum of the movements are *inventory.UnbalancedError, and nothing is added.
func (g Stock) Checkpoint(ctx context.Context, item string, p inventory.Pace, opts ...CallOption) (int, error) {
	return do(ctx, g.e, opts, command[int]{
		name: "checkpoint", input: []any{item, p},
		id:   func(n int) string { return fmt.Sprint(n) },
		load: func(*attempt, string) (int, error) { return 0, nil },
		run: func(s *attempt) (int, error) {
			p, err := p.Normal()
			if err != nil {
				return 0, err
			}
			added, err := checkpoint(s, item, p)
			if !errors.Is(err, inventory.ErrUnbalanced) {
				return added, err
			}
			if err := forget(s, item); err != nil { // one of them may have missed a late commit
				return 0, err
			}
			return checkpoint(s, item, p)
		},
	})
}

// CheckpointAll is [Stock.Checkpoint] for every item, each in a transaction of its own
// unless one is under way.
func (g Stock) CheckpointAll(ctx context.Context, p inventory.Pace, opts ...CallOption) (int, error) {
	items, err := g.items(ctx)
	sum := 0
	for _, item := range items {
		added, failed := g.Checkpoint(ctx, item, p, opts...)
		sum, err = sum+added, errors.Join(err, failed)
	}
	return sum, err
}

// checkpoint goes on from the last checkpoint of an item.
func checkpoint(s *attempt, item string, p inventory.Pace) (int, error) {
	settled := s.now.Add(-p.Settled)
	last, err := nearest(s, s.tx, item, settled, true)
	if err != nil {
		return 0, err
	}
	tally, f := inventory.Tally{}, inventory.MovementFilter{Item: item, Before: settled}
	if last != nil {
		tally = last.Tally()
		end := inventory.EndOf(last.At)
		f.After = &end
	}
	var made []inventory.Checkpoint
	var at time.Time
	n := 0
	for l, err := range s.tx.Stock().ListMovements(s, f) {
		if err != nil {
			return 0, err
		}
		if n >= p.Every && l.At.After(at) { // it has all movements of its moment
			made, n = append(made, inventory.NewCheckpoint(item, at, tally)), 0
		}
		tally.Forward([]inventory.Movement{l.Movement})
		at = l.At
		n++
	}
	if n >= p.Every {
		made = append(made, inventory.NewCheckpoint(item, at, tally))
	}
	if len(made) == 0 {
		return 0, nil
	}
	want, _, err := fromNow(s, s.tx, item, inventory.EndOf(settled.Add(-time.Microsecond)))
	if err != nil {
		return 0, err
	}
	if !want.Equal(tally) {
		return 0, &inventory.UnbalancedError{Item: item}
	}
	for i := range made {
		if err := checkpoints.save(s, s.tx, &made[i]); err != nil {
			return 0, err
		}
	}
	return len(made), nil
}

// forget drops the checkpoints of an item.
func forget(s *attempt, item string) error {
	for {
		found, err := s.tx.Documents().List(s, checkpoints.kind, storage.DocumentFilter{Parents: []string{item}})
		if err != nil || len(found) == 0 {
			return err
		}
		for i := range found {
			if err := s.tx.Documents().Drop(s, checkpoints.kind, found[i].ID); err != nil {
				return err
			}
		}
	}
}

// Moved is a movement in the history of an item.
type Moved struct {
	inventory.Logged

	// Balance is how many units were in the accounts that the filter selects (all at
	// locations, those of one location, lot or state) when the movement was made.
	Balance int64
}

// History reads a page of the movements of an item that a filter selects: with Last the
// newest first, and behind After, the place of the last one of the page before. A limit
// of zero is that of documents. With balances each movement says how many units
// there were after it.
func (g Stock) History(ctx context.Context, f inventory.MovementFilter, balances bool) ([]Moved, error) {
	switch {
	case f.Limit < 0 || f.Limit > storage.MaxDocuments:
		return nil, fmt.Errorf("%w: a page of %d movements; ask for 1 to %d", inventory.ErrQuantity, f.Limit, storage.MaxDocuments)
	case balances && f.State != 0 && !f.State.AtLocation():
		return nil, fmt.Errorf("%w: %s lies outside every location and has no balance", inventory.ErrState, f.State)
	}
	if f.Limit == 0 {
		f.Limit = storage.MaxDocuments
	}
	f.From, f.Before = moment(f.From), moment(f.Before)
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]Moved, error) {
		var page []Moved
		for l, err := range tx.Stock().ListMovements(ctx, f) {
			if err != nil {
				return nil, err
			}
			page = append(page, Moved{Logged: l})
		}
		if !balances || len(page) == 0 {
			return page, nil
		}
		return page, g.balances(ctx, tx, &f, page)
	})
}

// balances fills in the balances of a page: one is looked up, and from each to the next
// only what lies between them is read.
func (g Stock) balances(ctx context.Context, tx storage.Tx, f *inventory.MovementFilter, page []Moved) error {
	tally, _, err := g.asOf(ctx, tx, f.Item, page[0].Place)
	if err != nil {
		return err
	}
	page[0].Balance = tally.Of(f)
	gaps := f.Document != "" || f.Reason != "" // movements that the page leaves out may have changed the balance
	for i := 1; i < len(page); i++ {
		switch {
		case gaps:
			span := inventory.Span{After: page[i-1].Place, Until: page[i].Place}
			if f.Last {
				span = inventory.Span{After: page[i].Place, Until: page[i-1].Place}
			}
			flow, err := tx.Stock().SumMovements(ctx, f.Item, span)
			if err != nil {
				return err
			}
			if f.Last {
				tally.Back(flow.Moved)
			} else {
				tally.Forward(flow.Moved)
			}
		case f.Last:
			tally.Back([]inventory.Movement{page[i-1].Movement})
		default:
			tally.Forward([]inventory.Movement{page[i].Movement})
		}
		page[i].Balance = tally.Of(f)
	}
	return nil
}

// Provenance tells where units came from, without serial numbers: it follows the item
// through its log by splitting quantities, first in, first out, and gives the selected
// units with the path of each, from receipt over moves, reservation and shipment to what
// came back. Asked with the document of a receipt, it tells where its units are now. The
// rules are those of [inventory.Trace]. It reads the whole log of the item up to the
// moment asked for, and holds the units that it follows in memory.
func (g Stock) Provenance(ctx context.Context, item string, w inventory.Whereabouts) ([]inventory.Interval, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Interval, error) {
		f := inventory.MovementFilter{Item: item}
		if !w.Until.IsZero() {
			f.Before = moment(w.Until).Add(time.Microsecond)
		}
		var trace inventory.Trace
		var posting []inventory.Logged
		for l, err := range tx.Stock().ListMovements(ctx, f) {
			if err != nil {
				return nil, err
			}
			if len(posting) > 0 && posting[0].Posting != l.Posting {
				trace.Add(posting)
				posting = nil
			}
			posting = append(posting, l)
		}
		trace.Add(posting)
		return trace.Units(w), nil
	})
}
