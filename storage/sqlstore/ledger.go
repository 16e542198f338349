package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
)

// Apply appends the posting, moves the balances by its deltas, and saves the
// reservations.
func (x stock) Apply(ctx context.Context, c inventory.Changes) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	p := &c.Posting
	posting, at := p.ID.String(), moment(p.At)
	movements := make([]any, 0, len(p.Movements)*len(movementsTable.columns))
	for n := range p.Movements {
		m := &p.Movements[n]
		movements = append(movements, x.tenant, posting, int64(n), string(p.Reason), p.Document, p.Actor, at,
			m.Item, m.Lot, m.From.Location, m.From.State.String(), m.To.Location, m.To.State.String(), m.Qty)
	}
	width := len(reservationsTable.columns)
	reservations := make([]any, 0, len(c.Reservations)*width)
	for i := range c.Reservations {
		reservations = x.appendReservation(reservations, &c.Reservations[i])
	}
	if err := errors.Join(movementsTable.check(movements), reservationsTable.check(reservations)); err != nil {
		return err
	}
	if len(movements) > 0 {
		deltas := c.Deltas()
		x.buffer.deltas = append(x.buffer.deltas, deltas...)
		x.buffer.count += len(deltas)
		x.buffer.insert(movementsTable, movements)
	}
	if !slices.ContainsFunc(c.Reservations, func(r inventory.Reservation) bool { return r.Version != 1 }) {
		x.buffer.insert(reservationsTable, reservations)
		return nil
	}
	for row := range slices.Chunk(reservations, width) {
		x.buffer.replace(reservationsTable, row, nil)
	}
	return nil
}

// posted is a movement as it is stored: with its posting, and its place in that.
type posted struct {
	n        int64
	posting  inventory.Posting // without movements
	movement inventory.Movement
}

func readPosted(c *cells) posted {
	var p posted
	p.posting.ID, p.n = c.uuid(), c.int()
	p.posting.Reason, p.posting.Document, p.posting.Actor, p.posting.At = inventory.Reason(c.text()), c.text(), c.text(), c.time()
	m := &p.movement
	m.Item, m.Lot = c.text(), c.text()
	m.From.Location, m.From.State = c.text(), c.state()
	m.To.Location, m.To.State = c.text(), c.state()
	m.Qty = c.int()
	return p
}

func (c *cells) state() inventory.State {
	name := c.text()
	s, err := inventory.ParseState(name)
	if err != nil {
		c.corrupt("a state", name)
	}
	return s
}

var postingSQL = "SELECT " + movementsTable.selected("") + " FROM {stock_movements} WHERE tenant = ? AND posting = ? ORDER BY n"

// Posting reads one posting by its id.
func (x stock) Posting(ctx context.Context, id uuid.UUID) (inventory.Posting, error) {
	found, err := collect(ctx, x.tx, x.fixed(postingSQL), []any{x.tenant, id.String()}, len(movementsTable.columns)-1, readPosted)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%w: posting %s", inventory.ErrNotFound, id)
	}
	if err != nil {
		return inventory.Posting{}, err
	}
	p := found[0].posting
	for i := range found {
		p.Movements = append(p.Movements, found[i].movement)
	}
	return p, nil
}

// ListPostings yields postings by ID.
func (x stock) ListPostings(ctx context.Context, f inventory.PostingFilter) iter.Seq2[inventory.Posting, error] {
	return func(yield func(inventory.Posting, error) bool) {
		var p inventory.Posting
		for m, err := range x.movements(ctx, f) {
			if err != nil {
				yield(inventory.Posting{}, err)
				return
			}
			if m.posting.ID != p.ID || p.Movements == nil {
				if p.Movements != nil && !yield(p, nil) {
					return
				}
				p = m.posting
			}
			p.Movements = append(p.Movements, m.movement)
		}
		if p.Movements != nil {
			yield(p, nil)
		}
	}
}

func (x stock) movements(ctx context.Context, f inventory.PostingFilter) iter.Seq2[posted, error] {
	s := x.listing(movementsTable, "{stock_movements}", "posting", "n")
	switch {
	case f.Document != "":
		s.from += "{@stock_movements_document}"
		s.and("document = ? AND document <> ''", f.Document) // the index leaves out those without
	case f.Item != "":
		s.from += "{@stock_movements_log}"
	}
	if f.After != uuid.Nil {
		s.and("posting > ?", f.After.String())
	}
	if f.Item != "" {
		s.and("item = ?", f.Item)
		return x.timed(ctx, s, nil, false, f.Until)
	}
	if !f.Until.IsZero() {
		s.and("(at IS NULL OR at <= ?)", f.Until.UnixMicro())
	}
	return rowsOf(ctx, x.tx, s, readPosted, placeOf)
}
