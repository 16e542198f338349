package oms

import (
	"context"
	"errors"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/count"
	"github.com/orderkit/oms/storage"
)

// Counts are the commands and queries on cycle counts: what is on the shelf, against
// what the books say.
type Counts struct{ e *Engine }

var countShelf = shelf[count.Count]{
	kind: "count", none: count.ErrNotFound,
	place: func(c *count.Count) storage.Document {
		return storage.Document{ID: c.ID.String(), Rank: max(0, c.CreatedAt.UnixMicro()), Live: c.Open(), Version: c.Version}
	},
}

// tally is a count at work, and what a decision on it changes.
type tally struct {
	count.Count
	changes inventory.Changes
	events  []count.Event
}

// took adopts a decision.
func (w *tally) took(c count.Count, changes inventory.Changes, events []count.Event, err error) error {
	w.Count, w.changes, w.events = c, changes, events
	return err
}

// countCommand is a command on one existing count.
func countCommand(ctx context.Context, e *Engine, opts []CallOption, name string, id count.ID, input any, run func(*attempt, *tally) error) (count.Count, error) {
	return newCount(ctx, e, opts, name, []any{id, input}, func(s *attempt) (*tally, error) {
		c, err := countShelf.get(s, s.tx, id.String())
		if err != nil {
			return nil, err
		}
		w := &tally{Count: c}
		return w, run(s, w)
	})
}

// newCount runs a command that makes or changes a count, and saves it with the stock
// that it corrects.
func newCount(ctx context.Context, e *Engine, opts []CallOption, name string, input any, run func(*attempt) (*tally, error)) (count.Count, error) {
	return do(ctx, e, opts, command[count.Count]{
		name: name, input: input,
		id:   func(c count.Count) string { return c.ID.String() },
		load: func(s *attempt, id string) (count.Count, error) { return countShelf.get(s, s.tx, id) },
		run: func(s *attempt) (count.Count, error) {
			w, err := run(s)
			if err != nil {
				return count.Count{}, err
			}
			w.Version++
			if !w.changes.Empty() {
				if err := s.post(w.changes); err != nil {
					return count.Count{}, err
				}
			}
			if err := countShelf.save(s, s.tx, &w.Count); err != nil {
				return count.Count{}, err
			}
			if _, err := s.resupply(nil, loose(w.changes)); err != nil {
				return count.Count{}, err
			}
			return w.Count, emit(s, w.Document(), w.Version, w.events)
		},
	})
}

// shelves reads the stock of the places of a count, and of some more.
func (s *attempt) shelves(c *count.Count, more []count.Place) (inventory.Snapshot, error) {
	need := inventory.Need{Items: c.Items(), Locations: c.Locations(), Now: s.now}
	for _, p := range more {
		need.Items, need.Locations = append(need.Items, p.Item), append(need.Locations, p.Location)
	}
	return loadStock(s, s.tx, need.Distinct())
}

// Open makes a list of what to count: the places that the plan names, or everything at its
// location. The latter reads every balance of the tenant once.
func (g Counts) Open(ctx context.Context, p count.Plan, opts ...CallOption) (count.Count, error) {
	return newCount(ctx, g.e, opts, "open count", p, func(s *attempt) (*tally, error) {
		snap, err := s.toCount(p)
		if err != nil {
			return nil, err
		}
		w := &tally{}
		c, events, err := s.counts.New(snap, count.ID{UUID: s.newID()}, p, s.now)
		return w, w.took(c, inventory.Changes{}, events, err)
	})
}

// toCount reads the stock that a new count is to list.
func (s *attempt) toCount(p count.Plan) (inventory.Snapshot, error) {
	if p.Location == "" {
		return s.shelves(&count.Count{}, p.Places)
	}
	items, err := s.itemsAt(p.Location)
	if err != nil {
		return inventory.Snapshot{}, err
	}
	return loadStock(s, s.tx, inventory.Need{Items: items, Locations: []string{p.Location}, Now: s.now})
}

// Add lists places where a counter found units that nobody had listed.
func (g Counts) Add(ctx context.Context, id count.ID, places []count.Place, opts ...CallOption) (count.Count, error) {
	return countCommand(ctx, g.e, opts, "add to count", id, places, func(s *attempt, w *tally) error {
		snap, err := s.shelves(&w.Count, places)
		if err != nil {
			return err
		}
		c, events, err := s.counts.Add(w.Count, snap, places, s.now)
		return w.took(c, inventory.Changes{}, events, err)
	})
}

// Record keeps what a counter found, beside what the books have at this moment. The
// counter is who gave the command: see [By]. It answers with nothing, so that a blind
// count stays one; Sheet shows what is left to count.
func (g Counts) Record(ctx context.Context, id count.ID, tallies []count.Tally, opts ...CallOption) error {
	_, err := countCommand(ctx, g.e, opts, "record count", id, tallies, func(s *attempt, w *tally) error {
		snap, err := s.shelves(&w.Count, nil)
		if err != nil {
			return err
		}
		c, events, err := s.counts.Record(w.Count, snap, tallies, s.meta())
		return w.took(c, inventory.Changes{}, events, err)
	})
	return err
}

// Submit ends the counting: every line is counted, and its counters agree.
func (g Counts) Submit(ctx context.Context, id count.ID, opts ...CallOption) (count.Count, error) {
	return countCommand(ctx, g.e, opts, "submit count", id, nil, func(s *attempt, w *tally) error {
		c, events, err := s.counts.Submit(w.Count, s.now)
		return w.took(c, inventory.Changes{}, events, err)
	})
}

// Recount asks for lines to be counted again.
func (g Counts) Recount(ctx context.Context, id count.ID, lines []int, opts ...CallOption) (count.Count, error) {
	return countCommand(ctx, g.e, opts, "recount", id, lines, func(s *attempt, w *tally) error {
		c, events, err := s.counts.Recount(w.Count, lines, s.now)
		return w.took(c, inventory.Changes{}, events, err)
	})
}

// Approve stands for variances beyond the tolerance, of the lines that are named or of
// all. Whoever gives the command is asked for by name: see [By].
func (g Counts) Approve(ctx context.Context, id count.ID, lines []int, opts ...CallOption) (count.Count, error) {
	return countCommand(ctx, g.e, opts, "approve count", id, lines, func(s *attempt, w *tally) error {
		c, events, err := s.counts.Approve(w.Count, lines, s.meta())
		return w.took(c, inventory.Changes{}, events, err)
	})
}

// Post books the variances in one posting, for what differs only. Lines whose books
// changed since they were counted are refused with *count.StaleCountError, units that
// are reserved with *count.ReservedError, which names who has them. A rebase reads what
// moved the items since the count was opened.
func (g Counts) Post(ctx context.Context, id count.ID, how count.Correction, opts ...CallOption) (count.Count, error) {
	return countCommand(ctx, g.e, opts, "post count", id, how, func(s *attempt, w *tally) error {
		snap, err := s.shelves(&w.Count, nil)
		if err != nil {
			return err
		}
		var since []inventory.Posting
		if how.Rebase {
			if since, err = s.since(&w.Count); err != nil {
				return err
			}
		}
		err = w.took(s.counts.Post(w.Count, snap, how, since, s.meta()))
		if reserved, ok := errors.AsType[*count.ReservedError](err); ok {
			held, listing := collect(s.tx.Stock().ListReservations(s, inventory.ReservationFilter{Item: reserved.Key.Item, Open: true}))
			if listing != nil {
				return listing
			}
			reserved.Name(held)
		}
		return err
	})
}

// since reads the postings that moved the items of a count since it was opened: ids grow
// with time. One that a clock running behind hides there leaves a change unexplained,
// and so a rebase refused.
func (s *attempt) since(c *count.Count) ([]inventory.Posting, error) {
	var out []inventory.Posting
	for _, item := range c.Items() {
		for p, err := range s.tx.Stock().ListPostings(s, inventory.PostingFilter{Item: item, After: c.ID.UUID}) {
			if err != nil {
				return nil, err
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// Cancel gives a count up. It corrects nothing.
func (g Counts) Cancel(ctx context.Context, id count.ID, why string, opts ...CallOption) (count.Count, error) {
	return countCommand(ctx, g.e, opts, "cancel count", id, why, func(s *attempt, w *tally) error {
		c, events, err := s.counts.Cancel(w.Count, why, s.now)
		return w.took(c, inventory.Changes{}, events, err)
	})
}

// Get reads a count whole, with what the books had: it is not for the counters of a
// blind one.
func (g Counts) Get(ctx context.Context, id count.ID) (count.Count, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (count.Count, error) {
		return countShelf.get(ctx, tx, id.String())
	})
}

// Sheet is the list for the counters: without what the books have, if the count is blind.
func (g Counts) Sheet(ctx context.Context, id count.ID) (count.Sheet, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (count.Sheet, error) {
		c, err := countShelf.get(ctx, tx, id.String())
		if err != nil {
			return count.Sheet{}, err
		}
		snap, err := loadStock(ctx, tx, inventory.Need{Items: c.Items(), Now: moment(g.e.cfg.now())})
		return c.Sheet(snap), err
	})
}

// Actions lists what is possible for a count now and, for the rest, why not.
func (g Counts) Actions(ctx context.Context, id count.ID) ([]count.Possibility, error) {
	c, err := g.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return g.e.cfg.counts.AllowedActions(c), nil
}

// filtered is a filter as the store takes it.
func filtered(f count.Filter) storage.DocumentFilter {
	d := storage.DocumentFilter{Live: f.Open, Limit: f.Limit}
	if !f.From.IsZero() {
		d.From = max(0, moment(f.From).UnixMicro())
	}
	if !f.Until.IsZero() {
		d.Before = max(1, moment(f.Until).UnixMicro())
	}
	return d
}

// Page reads one page of counts, newest first.
func (g Counts) Page(ctx context.Context, f count.Filter) ([]count.Count, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]count.Count, error) {
		return newest(ctx, tx, countShelf, filtered(f), f.After.UUID)
	})
}

// Accuracy is the stock accuracy of the posted counts that a filter selects; its After
// and Limit do not matter.
func (g Counts) Accuracy(ctx context.Context, f count.Filter) (count.Accuracy, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (count.Accuracy, error) {
		var sum count.Accuracy
		f.Limit = 0
		all, err := every(ctx, tx, countShelf, filtered(f))
		for i := range all {
			if all[i].State == count.StatePosted {
				sum = sum.Plus(all[i].Accuracy())
			}
		}
		return sum, err
	})
}

// Timeline reads everything that happened to a count.
func (g Counts) Timeline(ctx context.Context, id count.ID) ([]storage.Event, error) {
	return g.e.timeline(ctx, "count/"+id.String())
}
