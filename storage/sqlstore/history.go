package sqlstore

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// placeOf is the key of a movement in the order of postings.
func placeOf(p *posted) []any { return []any{p.posting.ID.String(), p.n} }

// timed yields the rows of a listing of movements by their moments, up to one if it is
// not zero. Those without a moment come before all others, whatever the engine thinks of
// NULL: they are read apart. Both parts are read in the order of the index.
func (x stock) timed(ctx context.Context, s selection, after *inventory.Place, last bool, until time.Time) iter.Seq2[posted, error] {
	none, some := s.clone(), s.clone()
	none.and("at IS NULL")
	some.and("at IS NOT NULL")
	some.keys = []string{"at", "posting", "n"}
	if !until.IsZero() {
		some.and("at <= ?", until.UnixMicro())
	}
	none.turn(last)
	some.turn(last)
	skip := false // the part that lies before the place to go on from
	if after != nil && after.At.IsZero() {
		none = none.after([]any{after.Posting.String(), int64(after.N)})
		skip = last
	} else if after != nil {
		some = some.after([]any{after.At.UnixMicro(), after.Posting.String(), int64(after.N)})
		skip = !last
	}
	parts := []iter.Seq2[posted, error]{
		rowsOf(ctx, x.tx, none, readPosted, placeOf),
		rowsOf(ctx, x.tx, some, readPosted, func(p *posted) []any { return append([]any{moment(p.posting.At)}, placeOf(p)...) }),
	}
	if last {
		slices.Reverse(parts)
	}
	if skip {
		parts = parts[1:]
	}
	return func(yield func(posted, error) bool) {
		for _, part := range parts {
			for p, err := range part {
				if !yield(p, err) || err != nil {
					return
				}
			}
		}
	}
}

// turn sets the order of a listing.
func (s *selection) turn(last bool) {
	way := ""
	if last {
		way, s.back = " DESC", true
	}
	s.by = "ORDER BY " + strings.Join(s.keys, way+", ") + way
}

// ListMovements yields movements of an item by their Place.
func (x stock) ListMovements(ctx context.Context, f inventory.MovementFilter) iter.Seq2[inventory.Logged, error] {
	s := x.history(&f)
	return func(yield func(inventory.Logged, error) bool) {
		given := 0
		for p, err := range x.timed(ctx, s, f.After, f.Last, time.Time{}) {
			if err != nil {
				yield(inventory.Logged{}, err)
				return
			}
			l := inventory.Logged{
				Place:  inventory.Place{At: p.posting.At, Posting: p.posting.ID, N: int(p.n)},
				Reason: p.posting.Reason, Document: p.posting.Document, Actor: p.posting.Actor, Movement: p.movement,
			}
			if !yield(l, nil) {
				return
			}
			if given++; given == f.Limit {
				return
			}
		}
	}
}

// history is the listing of a filter.
func (x stock) history(f *inventory.MovementFilter) selection {
	s := x.listing(movementsTable, "{stock_movements}", "posting", "n")
	if f.Limit > 0 {
		s.limit = min(f.Limit, pageRows)
	}
	if f.Document != "" {
		s.from += "{@stock_movements_document}"
		s.and("document = ? AND document <> ''", f.Document) // the index leaves out those without
	} else {
		s.from += "{@stock_movements_log}"
	}
	s.and("item = ?", f.Item)
	var from, to []string
	var args []any
	if f.Location != "" {
		from, to, args = append(from, "from_location = ?"), append(to, "to_location = ?"), append(args, f.Location)
	}
	if f.State != 0 {
		from, to, args = append(from, "from_state = ?"), append(to, "to_state = ?"), append(args, f.State.String())
	}
	if len(args) > 0 {
		s.and("("+strings.Join(from, " AND ")+" OR "+strings.Join(to, " AND ")+")", append(args, args...)...)
	}
	if f.Lot != nil {
		s.and("lot = ?", *f.Lot)
	}
	if f.Reason != "" {
		s.and("reason = ?", string(f.Reason))
	}
	if !f.From.IsZero() {
		s.and("at >= ?", f.From.UnixMicro())
	}
	if !f.Before.IsZero() {
		s.and("(at IS NULL OR at < ?)", f.Before.UnixMicro())
	}
	return s
}

// SumMovements sums the movements of an item in a span.
func (x stock) SumMovements(ctx context.Context, item string, s inventory.Span) (inventory.Flow, error) {
	var flow inventory.Flow
	places := []string{"at", "posting", "n"}
	part := x.listing(movementsTable, "", places...)
	part.and("item = ?", item)
	if s.After == (inventory.Place{}) {
		none := part.clone()
		none.and("at IS NULL")
		if s.Until.At.IsZero() {
			none.back, none.keys = true, []string{"posting", "n"}
			none = none.upTo([]any{s.Until.Posting.String(), int64(s.Until.N)})
		}
		if err := x.sum(ctx, &none, item, &flow); err != nil {
			return flow, err
		}
	} else {
		part = part.after([]any{s.After.At.UnixMicro(), s.After.Posting.String(), int64(s.After.N)})
	}
	part = part.upTo([]any{s.Until.At.UnixMicro(), s.Until.Posting.String(), int64(s.Until.N)})
	return flow, x.sum(ctx, &part, item, &flow)
}

// upTo narrows a listing to the rows before the one with these values, and that one.
func (s *selection) upTo(values []any) selection {
	page := s.clone()
	if s.tuples {
		page.and("("+strings.Join(s.keys, ", ")+") <= (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
		return page
	}
	condition, args := behind(s.keys, values, "<")
	equal := strings.Join(s.keys, " = ? AND ") + " = ?"
	page.and(s.keys[0]+" <= ? AND ("+condition+" OR "+equal+")", append(append([]any{values[0]}, args...), values...)...)
	return page
}

// sum adds the movements of a listing to a flow.
func (x stock) sum(ctx context.Context, s *selection, item string, flow *inventory.Flow) error {
	if err := x.reading(ctx); err != nil {
		return err
	}
	const ends = "lot, from_location, from_state, to_location, to_state"
	text := "SELECT " + ends + ", CAST(SUM(qty) AS " + x.engine.whole + "), COUNT(*) FROM {stock_movements}{@stock_movements_log} WHERE " +
		strings.Join(s.where, " AND ") + " GROUP BY " + ends
	return x.scan(ctx, x.fixed(text), s.args, 7, func(row []any) error {
		c := cells{row: row, at: 1}
		m := inventory.Movement{Item: item, Lot: c.text()}
		m.From.Location, m.From.State = c.text(), c.state()
		m.To.Location, m.To.State = c.text(), c.state()
		m.Qty = c.int()
		flow.Sum(m)
		flow.Count += c.int()
		return c.err
	})
}

var restateSQL = "UPDATE {stock_balances} SET " + strings.Join(balancesTable.columns[balancesTable.keys:], " = ?, ") + " = ? WHERE " +
	strings.Join(balancesTable.columns, " = ? AND ") + " = ?"

// Restate sets balance rows, unless one of them is not as it is said to be.
func (x stock) Restate(ctx context.Context, rows []inventory.Restated) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	for i := range rows {
		if err := rows[i].Check(); err != nil {
			return err
		}
	}
	if err := x.flush(ctx); err != nil {
		return err
	}
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b inventory.Restated) int { return a.Want.Compare(b.Want.Key) })
	for i := range rows {
		if err := x.restate(ctx, &rows[i]); err != nil {
			x.failed = err // the rows before it are changed: the transaction is over, or the savepoint
			return err
		}
	}
	return nil
}

func (x stock) restate(ctx context.Context, r *inventory.Restated) error {
	if r.Have == r.Want {
		return nil
	}
	unitsOf := func(args []any, b *inventory.Balance) []any {
		for s := inventory.Free; s <= inventory.Held; s++ {
			args = append(args, b.Of(s))
		}
		return args
	}
	key := []any{x.tenant, r.Want.Item, r.Want.Location, r.Want.Lot}
	n, err := x.exec(ctx, x.fixed(restateSQL), unitsOf(append(unitsOf(nil, &r.Want), key...), &r.Have))
	if err != nil || n == 1 {
		return err
	}
	if r.Have == (inventory.Balance{Key: r.Have.Key}) { // there may be no such row
		_, err = x.exec(ctx, x.insert(balancesTable, 1), unitsOf(key, &r.Want))
		if err == nil || x.engine.fault(err) != taken {
			return err
		}
	}
	return storage.Stale(fmt.Errorf("%w: item %q at %q", inventory.ErrStale, r.Want.Item, r.Want.Location))
}
