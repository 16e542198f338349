package memory

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// query is a page of rows, newest first.
type query[R any] struct {
	x     *tx
	rows  *table[uuid.UUID, R]
	match func(*R) bool
	after uuid.UUID // zero starts at the newest
	limit int

	// With an index, only the rows under one of the keys are looked at.
	index *index[link]
	keys  []string
}

// by narrows a query to the rows under some keys of an index.
func by[R any, K ~string](q *query[R], index *index[link], keys ...K) {
	q.index, q.keys = index, make([]string, len(keys))
	for i, k := range keys {
		q.keys[i] = string(k)
	}
	slices.Sort(q.keys)
	q.keys = slices.Compact(q.keys)
}

// run finds the ids: it walks from the newest row, or from the newest under each key,
// until there are enough.
func (q *query[R]) run() []uuid.UUID {
	if q.index == nil {
		return q.walk()
	}
	var found []uuid.UUID
	for _, key := range q.keys {
		found = append(found, q.under(key)...)
	}
	slices.SortFunc(found, func(a, b uuid.UUID) int { return compareIDs(&b, &a) })
	return found[:min(len(found), q.limit)]
}

func (q *query[R]) walk() []uuid.UUID {
	var found []uuid.UUID
	q.rows.down(q.x, q.start(), func(id *uuid.UUID, row *R) bool {
		if *id != q.after && q.match(row) {
			found = append(found, *id)
		}
		return len(found) < q.limit
	})
	return found
}

func (q *query[R]) under(key string) []uuid.UUID {
	var found []uuid.UUID
	q.index.down(q.x, link{key, q.start()}, func(l *link, _ *struct{}) bool {
		if l.key != key {
			return false
		}
		if l.id != q.after && q.match(q.rows.get(q.x, l.id)) {
			found = append(found, l.id)
		}
		return len(found) < q.limit
	})
	return found
}

func (q *query[R]) start() uuid.UUID {
	if q.after == uuid.Nil {
		return uuid.Max
	}
	return q.after
}

// pageSize reads the limit of a filter.
func pageSize(limit, most int) (int, error) {
	switch {
	case limit == 0:
		return most, nil
	case limit < 0 || limit > most:
		return 0, fmt.Errorf("memory: page of %d; ask for 1 to %d, or for 0 to get the most", limit, most)
	}
	return limit, nil
}
