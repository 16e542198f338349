package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/orderkit/oms/storage"
)

// events is storage.Events in a transaction.
//
// An event is stored without a position, so that no writer waits for another. Whoever
// reads on places first what was committed since: positions are given one transaction
// after the other, hence a reader who knows a position knows all before it, and an event
// that was committed late is merely placed late.
type events struct{ *tx }

// Append adds events. They are placed when somebody reads the log.
func (x events) Append(ctx context.Context, all []storage.Event) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	rows := make([]any, 0, len(all)*len(eventsTable.columns))
	for i := range all {
		e := &all[i]
		rows = append(rows, x.tenant, e.Aggregate, e.Version, e.ID.String(), int64(0), e.Kind, moment(e.At), e.Actor, string(e.Data))
	}
	return x.buffer.add(eventsTable, rows)
}

func readEvent(c *cells) storage.Event {
	e := storage.Event{Aggregate: c.text(), Version: c.int(), ID: c.uuid(), Seq: c.int(), Kind: c.text(), At: c.time(), Actor: c.text()}
	if data := c.text(); data != "" {
		e.Data = json.RawMessage(data)
	}
	return e
}

// Of yields the events of one aggregate by version, and those of one version by ID.
func (x events) Of(ctx context.Context, aggregate string) iter.Seq2[storage.Event, error] {
	s := x.listing(eventsTable, "{events}", "version", "id")
	s.and("aggregate = ?", aggregate)
	return rowsOf(ctx, x.tx, s, readEvent, func(e *storage.Event) []any { return []any{e.Version, e.ID.String()} })
}

var eventsSinceSQL = "SELECT " + eventsTable.selected("") + " FROM {events}{@events_seq} WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?"

// Since reads up to limit events after a position. If fewer have one, it places some
// more, unless this is a View.
func (x events) Since(ctx context.Context, seq int64, limit int) ([]storage.Event, error) {
	if limit <= 0 {
		return nil, x.usable(ctx)
	}
	page, err := x.placed(ctx, seq, limit)
	if err != nil || len(page) == limit || x.readOnly {
		return page, err
	}
	if some, err := x.place(ctx, limit-len(page)); err != nil || !some {
		return page, err
	}
	if len(page) > 0 {
		seq = page[len(page)-1].Seq
	}
	more, err := x.placed(ctx, seq, limit-len(page))
	return append(page, more...), err
}

func (x events) placed(ctx context.Context, seq int64, limit int) ([]storage.Event, error) {
	args := []any{x.tenant, max(seq, 0), int64(limit)} // at 0 are those without a position
	return collect(ctx, x.tx, x.fixed(eventsSinceSQL), args, len(eventsTable.columns)-1, readEvent)
}

// unplaced is the key of an event that has no position yet.
type unplaced struct {
	aggregate string
	version   int64
	id        string
}

const (
	unplacedSQL      = "SELECT aggregate, version, id FROM {events}{@events_seq} WHERE tenant = ? AND seq = 0 ORDER BY id LIMIT ?"
	unplacedOfSQL    = "SELECT aggregate, version, id FROM {events}{@events_seq} WHERE tenant = ? AND seq = 0 AND aggregate IN ({list}) ORDER BY id"
	lastPositionSQL  = "SELECT last FROM {feeds} WHERE tenant = ?"
	firstPositionSQL = "INSERT INTO {feeds} (tenant, last) VALUES (?, ?)"
	movePositionSQL  = "UPDATE {feeds} SET last = ? WHERE tenant = ?"
	placeEventSQL    = "UPDATE {events} SET seq = ? WHERE tenant = ? AND aggregate = ? AND version = ? AND id = ? AND seq = 0"
)

// place gives positions to the oldest events without one, and tells whether there were
// any. Until the transaction ends nobody else places events of the tenant.
func (x events) place(ctx context.Context, most int) (bool, error) {
	first, err := x.unplaced(ctx, 1)
	if err != nil || len(first) == 0 {
		return false, err
	}
	last, err := x.lastPosition(ctx)
	if err != nil {
		return false, err
	}
	for most > 0 {
		some, err := x.unplaced(ctx, pageRows) // again: others have placed until now
		if err != nil {
			return false, err
		}
		for _, e := range inOrder(some) {
			last++
			n, err := x.exec(ctx, x.fixed(placeEventSQL), []any{last, x.tenant, e.aggregate, e.version, e.id})
			if err != nil {
				return false, err
			}
			if n != 1 { // a snapshot from before somebody else placed it
				return false, storage.Stale(fmt.Errorf("sqlstore: event %s was placed meanwhile", e.id))
			}
		}
		if most -= len(some); len(some) < pageRows {
			break
		}
	}
	_, err = x.exec(ctx, x.fixed(movePositionSQL), []any{last, x.tenant})
	return true, err
}

// lastPosition reads the last position that was given, and keeps others from giving any.
// A transaction that goes on to read what was there before they gave some has to run
// again: it would not see those.
func (x events) lastPosition(ctx context.Context) (int64, error) {
	before, found, err := x.readPosition(ctx, "")
	if err != nil || x.engine.lock == "" && found {
		return before, err
	}
	if err := x.toWrite(ctx); err != nil {
		return 0, err
	}
	last, found, err := x.readPosition(ctx, x.engine.lock)
	switch {
	case err != nil:
		return 0, err
	case !found:
		_, err = x.exec(ctx, x.fixed(firstPositionSQL), []any{x.tenant, int64(0)})
		if err != nil && x.engine.fault(err) == taken { // two are the first
			err = storage.Stale(err)
		}
		return 0, err
	case last != before && !x.engine.restarts:
		return 0, storage.Stale(fmt.Errorf("sqlstore: positions up to %d were given meanwhile", last))
	}
	return last, nil
}

func (x events) readPosition(ctx context.Context, lock string) (last int64, found bool, err error) {
	err = x.lookup(ctx, x.fixed(lastPositionSQL+lock), []any{x.tenant}, 1, func(row []any) error {
		c := cells{row: row, at: 1}
		last, found = c.int(), true
		return c.err
	})
	return last, found, err
}

// unplaced reads the oldest events without a position. An event of a later version may
// be older by its ID, if clocks differ; with some events of an aggregate come all those
// that it has to stand behind.
func (x events) unplaced(ctx context.Context, most int) ([]unplaced, error) {
	found, err := x.readUnplaced(ctx, x.fixed(unplacedSQL), []any{x.tenant, int64(most)})
	if err != nil || len(found) < most || most == 1 {
		return found, err
	}
	names := make([]string, len(found))
	for i := range found {
		names[i] = found[i].aggregate
	}
	names = distinct(names)
	text, size := x.list(unplacedOfSQL, len(names))
	return x.readUnplaced(ctx, text, padded([]any{x.tenant}, names, size))
}

func (x events) readUnplaced(ctx context.Context, text string, args []any) ([]unplaced, error) {
	var found []unplaced
	err := x.lookup(ctx, text, args, 3, func(row []any) error {
		c := cells{row: row, at: 1}
		found = append(found, unplaced{c.text(), c.int(), c.text()})
		return c.err
	})
	return found, err
}

// inOrder puts the events of each aggregate in the order of their versions, into the
// places that they have by ID.
func inOrder(byID []unplaced) []unplaced {
	places := make([]int, len(byID))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(byID[a].aggregate, byID[b].aggregate) })
	byVersion := slices.SortedFunc(slices.Values(byID), func(a, b unplaced) int {
		return cmp.Or(cmp.Compare(a.aggregate, b.aggregate), cmp.Compare(a.version, b.version), cmp.Compare(a.id, b.id))
	})
	out := make([]unplaced, len(byID))
	for i, e := range byVersion {
		out[places[i]] = e
	}
	return out
}
