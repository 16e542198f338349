package sqlstore

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/orderkit/oms/storage"
)

// events is storage.Events in a transaction.
type events struct{ *tx }

// Append adds events in order. They get their positions when they are sent.
func (x events) Append(ctx context.Context, all []storage.Event) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	for i := range all {
		e := &all[i]
		x.buffer.events++
		x.buffer.insert(eventsTable, x.tenant, x.buffer.events, e.ID.String(), e.Aggregate, e.Version, e.Kind,
			moment(e.At), e.Actor, string(e.Data))
	}
	return nil
}

func readEvent(c *cells) storage.Event {
	e := storage.Event{Seq: c.int(), ID: c.uuid(), Aggregate: c.text(), Version: c.int(), Kind: c.text(), At: c.time(), Actor: c.text()}
	if data := c.text(); data != "" {
		e.Data = json.RawMessage(data)
	}
	return e
}

var (
	eventsOfSQL    = "SELECT " + eventsTable.selected("") + " FROM {events}{@events_aggregate} WHERE tenant = ? AND aggregate = ? AND seq > ? ORDER BY seq LIMIT ?"
	eventsSinceSQL = "SELECT " + eventsTable.selected("") + " FROM {events} WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?"
)

// Of yields the events of one aggregate, oldest first.
func (x events) Of(ctx context.Context, aggregate string) iter.Seq2[storage.Event, error] {
	return pages(func(after *storage.Event) ([]storage.Event, error) {
		var seq int64
		if after != nil {
			seq = after.Seq
		}
		return collect(ctx, x.tx, x.fixed(eventsOfSQL), []any{x.tenant, aggregate, seq, pageRows}, len(eventsTable.columns)-1, readEvent)
	})
}

// Since reads up to limit events after a position, oldest first.
func (x events) Since(ctx context.Context, seq int64, limit int) ([]storage.Event, error) {
	if limit <= 0 {
		return nil, x.usable(ctx)
	}
	return collect(ctx, x.tx, x.fixed(eventsSinceSQL), []any{x.tenant, seq, limit}, len(eventsTable.columns)-1, readEvent)
}
