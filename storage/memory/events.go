package memory

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/storage"
)

// event is a storage.Event; its place in the list is its Seq, less one.
type event struct {
	id                     uuid.UUID
	aggregate, kind, actor string
	version                int64
	at                     int64 // µs since 1970
	data                   string
}

func (e *event) event(i int) storage.Event {
	out := storage.Event{
		Seq: int64(i) + 1, ID: e.id, Aggregate: e.aggregate, Version: e.version, Kind: e.kind,
		At: time.UnixMicro(e.at).UTC(), Actor: e.actor,
	}
	if e.data != "" {
		out.Data = json.RawMessage(e.data)
	}
	return out
}

// place is an entry of the index of events by aggregate.
type place struct {
	aggregate string
	i         int
}

func (p *place) compare(o *place) int {
	if c := strings.Compare(p.aggregate, o.aggregate); c != 0 {
		return c
	}
	return cmp.Compare(p.i, o.i)
}

// eventLog is storage.Events in a transaction.
type eventLog struct{ *tx }

// Append adds events in order.
func (x eventLog) Append(ctx context.Context, added []storage.Event) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	for i := range added {
		e := &added[i]
		x.tables.trail.insert(x.tx, place{e.Aggregate, x.events.n}, struct{}{})
		x.events.add(event{
			id: e.ID, aggregate: e.Aggregate, kind: e.Kind, actor: e.Actor, version: e.Version,
			at: e.At.UnixMicro(), data: x.tenant.keep(e.Data),
		})
	}
	return nil
}

// textBlock is how many bytes of text lie together.
const textBlock = 4 << 10

// keep is a copy of a text that stays as long as the tenant does, made by its writer.
func (t *tenant) keep(text []byte) string {
	if len(text) > textBlock/8 {
		return string(text)
	}
	if t.texts.Cap()-t.texts.Len() < len(text) {
		t.texts.Reset()
		t.texts.Grow(textBlock)
	}
	at := t.texts.Len()
	t.texts.Write(text)
	return t.texts.String()[at:]
}

// Of yields the events of one aggregate, oldest first.
func (x eventLog) Of(ctx context.Context, aggregate string) iter.Seq2[storage.Event, error] {
	return each(ctx, x.tx, x.tables.trail, place{aggregate: aggregate}, func(p *place, _ *struct{}, give func(storage.Event) bool) bool {
		return p.aggregate == aggregate && give(x.events.at(p.i).event(p.i))
	})
}

// Since reads up to limit events after a position, oldest first.
func (x eventLog) Since(ctx context.Context, seq int64, limit int) ([]storage.Event, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	all := &x.events
	from := min(max(seq, 0), int64(all.n))
	out := make([]storage.Event, min(max(limit, 0), all.n-int(from)))
	for i := range out {
		out[i] = all.at(int(from) + i).event(int(from) + i)
	}
	return out, nil
}
