package delivery

import (
	"cmp"
	"context"
	"slices"

	"github.com/orderkit/oms/storage"
)

const (
	maxPage  = 2000 // events that are read at a time
	maxPages = 16   // that are read under one lock
)

// span is all events of the log after one position up to the last of them. It is read
// in an Update that was committed, so that nothing can appear in it later.
type span struct {
	from   int64
	events []storage.Event
}

// after is the part of a span after a position, if the span reaches that far.
func (s *span) after(position int64) []storage.Event {
	if s == nil || position < s.from {
		return nil
	}
	i, _ := slices.BinarySearchFunc(s.events, position+1, func(e storage.Event, seq int64) int { return cmp.Compare(e.Seq, seq) })
	return s.events[i:]
}

// reader reads the log for several shards, which are most often at nearly the same
// position: what one has read the next ones find in memory.
type reader struct {
	log    storage.Events
	limit  int
	recent *span
}

// since reads on from a position, and tells whether there is no more.
func (r *reader) since(ctx context.Context, position int64) (page []storage.Event, end bool, err error) {
	if known := r.recent.after(position); len(known) > 0 {
		return known, false, nil
	}
	page, err = r.log.Since(ctx, position, r.limit)
	if err == nil && len(page) > 0 {
		r.recent = &span{from: position, events: page}
	}
	return page, len(page) < r.limit, err
}

// find reads up to batch events that are mine, and tells whether it came to the end of
// the log.
func (r *reader) find(ctx context.Context, t *turn, batch int, mine func(*storage.Event) bool) (end bool, err error) {
	for range maxPages {
		page, end, err := r.since(ctx, t.seen)
		if err != nil {
			return false, err
		}
		for i := range page {
			t.seen = page[i].Seq
			if mine(&page[i]) {
				t.events = append(t.events, page[i])
			}
			if len(t.events) == batch {
				return false, nil
			}
		}
		if end || len(t.events) > 0 {
			return end, nil
		}
	}
	return false, nil
}
