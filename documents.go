package oms

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/orderkit/oms/storage"
)

// shelf is how the engine keeps one kind of document: as JSON of T, found by what place
// says of it.
type shelf[T any] struct {
	kind  string
	none  error                     // what one that does not exist is refused with
	place func(*T) storage.Document // ID, Parent, Rank, Live and Version
}

// get reads the document of an id.
func (k shelf[T]) get(ctx context.Context, tx storage.Tx, id string) (T, error) {
	var none T
	found, err := tx.Documents().Find(ctx, k.kind, id)
	switch {
	case err != nil:
		return none, err
	case len(found) == 0:
		return none, fmt.Errorf("%w: %s", k.none, id)
	}
	return k.read(&found[0])
}

// find reads the documents of some ids. Those that do not exist are left out.
func (k shelf[T]) find(ctx context.Context, tx storage.Tx, ids ...string) ([]T, error) {
	found, err := tx.Documents().Find(ctx, k.kind, ids...)
	if err != nil {
		return nil, err
	}
	return k.readAll(found)
}

// list reads a page.
func (k shelf[T]) list(ctx context.Context, tx storage.Tx, f storage.DocumentFilter) ([]T, error) {
	found, err := tx.Documents().List(ctx, k.kind, f)
	if err != nil {
		return nil, err
	}
	return k.readAll(found)
}

// all yields the documents that a filter selects, page by page.
func (k shelf[T]) all(ctx context.Context, tx storage.Tx, f storage.DocumentFilter) iter.Seq2[T, error] {
	return k.pages(f, func(f storage.DocumentFilter) ([]T, error) { return k.list(ctx, tx, f) })
}

// pages yields what a filter selects of the pages that read gives. Nothing is held while
// the loop's body runs.
func (k shelf[T]) pages(f storage.DocumentFilter, read func(storage.DocumentFilter) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for f.Limit = storage.MaxDocuments; ; {
			page, err := read(f)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, doc := range page {
				if !yield(doc, nil) {
					return
				}
			}
			if len(page) < f.Limit {
				return
			}
			last := k.place(&page[len(page)-1])
			f.After = &last
		}
	}
}

// every reads all documents that a filter selects.
func every[T any](ctx context.Context, tx storage.Tx, from shelf[T], f storage.DocumentFilter) ([]T, error) {
	return collect(from.all(ctx, tx, f))
}

func (k shelf[T]) readAll(found []storage.Document) ([]T, error) {
	out := make([]T, len(found))
	for i := range found {
		var err error
		if out[i], err = k.read(&found[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (k shelf[T]) read(d *storage.Document) (T, error) {
	var doc T
	if err := json.Unmarshal(d.Body, &doc); err != nil {
		return doc, fmt.Errorf("%w: %s %q: %w", storage.ErrCorrupt, k.kind, d.ID, err)
	}
	return doc, nil
}

// save stores a document at its version.
func (k shelf[T]) save(ctx context.Context, tx storage.Tx, doc *T) error {
	body, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("oms: %s: %w", k.kind, err)
	}
	d := k.place(doc)
	d.Kind, d.Body = k.kind, body
	return tx.Documents().Save(ctx, d)
}
