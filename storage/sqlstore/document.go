package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/orderkit/oms/storage"
)

// A document is an aggregate in one row: an id, a version, the columns that are
// searched for, and the rest as JSON.

// rowKey names the row of a document.
type rowKey struct {
	table *table
	id    string
}

// saveDocument stores a document at its version. Of one that was read in this
// transaction only the columns that differ are written: an index is left alone unless
// its columns are.
func (t *tx) saveDocument(of *table, row []any) error {
	if err := of.check(row); err != nil {
		return err
	}
	id, _ := row[1].(string)
	key := rowKey{of, id}
	had := t.known[key]
	if version, _ := row[of.version].(int64); had != nil && had[of.version] != version-1 {
		had = nil
	}
	t.buffer.replace(of, row, had)
	t.know(key, row)
	return nil
}

func (t *tx) know(key rowKey, row []any) {
	if t.known == nil {
		t.known = make(map[rowKey][]any)
	}
	t.known[key] = row
}

// documents reads all documents of a query.
func documents[T any](ctx context.Context, t *tx, of *table, text string, args []any, read func(*cells) T) ([]T, error) {
	if err := t.reading(ctx); err != nil {
		return nil, err
	}
	var found []T
	err := t.scan(ctx, text, args, len(of.columns)-1, func(row []any) error {
		c := cells{row: row, at: 1}
		found = append(found, read(&c))
		if !t.readOnly {
			id, _ := row[1].(string)
			t.know(rowKey{of, id}, append([]any(nil), row...))
		}
		return c.err
	})
	return found, err
}

// document reads the one of an id.
func document[T any](ctx context.Context, t *tx, of *table, query, id string, read func(*cells) T, none error) (T, error) {
	found, err := documents(ctx, t, of, t.fixed(query), []any{t.tenant, id}, read)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%w: %s", none, id)
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return found[0], nil
}

// fromMicros is a time as it was, of one that is stored in a body.
func fromMicros(n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return time.UnixMicro(*n).UTC()
}

// json reads a cell of JSON text.
func (c *cells) json(into any) {
	text := c.text()
	if c.err != nil {
		return
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		c.err = fmt.Errorf("%w: %w", storage.ErrCorrupt, err)
	}
}
