package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/orderkit/oms/storage"
)

// documentKey is the key of a document.
type documentKey struct{ kind, id string }

func (k *documentKey) compare(o *documentKey) int {
	return cmp.Or(strings.Compare(k.kind, o.kind), strings.Compare(k.id, o.id))
}

// documentPlace is where a document stands among those of its kind.
type documentPlace struct {
	kind, parent string
	rank         int64
	id           string
}

func (p *documentPlace) compare(o *documentPlace) int {
	return cmp.Or(strings.Compare(p.kind, o.kind), strings.Compare(p.parent, o.parent), cmp.Compare(p.rank, o.rank), strings.Compare(p.id, o.id))
}

func placeOf(d *storage.Document) documentPlace { return documentPlace{d.Kind, d.Parent, d.Rank, d.ID} }

// documents is storage.Documents in a transaction.
type documents struct{ *tx }

// Find reads the documents of a kind with these ids.
func (x documents) Find(ctx context.Context, kind string, ids ...string) ([]storage.Document, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	var found []storage.Document
	for _, id := range distinct(ids) {
		if d := x.tables.documents.get(x.tx, documentKey{kind, id}); d != nil {
			found = append(found, cloneDocument(d))
		}
	}
	return found, nil
}

func cloneDocument(d *storage.Document) storage.Document {
	c := *d
	c.Body = slices.Clone(d.Body)
	return c
}

// List reads a page of documents by Parent, Rank, ID.
func (x documents) List(ctx context.Context, kind string, f storage.DocumentFilter) ([]storage.Document, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	limit, err := pageSize(f.Limit, storage.MaxDocuments)
	if err != nil {
		return nil, err
	}
	w := documentWalk{tx: x.tx, kind: kind, limit: limit, DocumentFilter: f, index: x.tables.ranked}
	if f.Live {
		w.index = x.tables.live
	}
	if f.Parents == nil {
		w.under("", true)
		return w.found, nil
	}
	parents := slices.Clone(distinct(f.Parents))
	if f.Last {
		slices.Reverse(parents)
	}
	for _, parent := range parents {
		w.under(parent, false)
	}
	return w.found, nil
}

// documentWalk collects a page.
type documentWalk struct {
	*tx
	storage.DocumentFilter

	kind  string
	limit int
	index *index[documentPlace]
	found []storage.Document
}

// behind tells whether a place comes after the last one of the page before.
func (w *documentWalk) behind(p *documentPlace) bool {
	if w.After == nil {
		return true
	}
	after := placeOf(w.After)
	after.kind = w.kind
	if w.Last {
		return p.compare(&after) < 0
	}
	return p.compare(&after) > 0
}

// under collects the documents under one parent, or under all of them.
func (w *documentWalk) under(parent string, all bool) {
	visit := func(p *documentPlace, _ *struct{}) bool {
		if len(w.found) == w.limit || p.kind != w.kind || !all && p.parent != parent {
			return false
		}
		if p.rank >= w.From && (w.Before == 0 || p.rank < w.Before) && w.behind(p) {
			w.found = append(w.found, cloneDocument(w.tables.documents.get(w.tx, documentKey{p.kind, p.id})))
		}
		return len(w.found) < w.limit
	}
	first := documentPlace{kind: w.kind, parent: parent, rank: w.From}
	if all {
		first.rank = 0
	}
	if !w.Last {
		if w.After != nil && (all || w.After.Parent == parent) {
			first = documentPlace{w.kind, w.After.Parent, w.After.Rank, w.After.ID}
		}
		w.index.up(w.tx, first, visit)
		return
	}
	last := documentPlace{kind: w.kind, parent: parent + "\x00"}
	switch {
	case w.After != nil && (all || w.After.Parent == parent):
		last = documentPlace{w.kind, w.After.Parent, w.After.Rank, w.After.ID}
	case all:
		last = documentPlace{kind: w.kind + "\x00"}
	case w.Before > 0:
		last = documentPlace{kind: w.kind, parent: parent, rank: w.Before}
	}
	w.index.down(w.tx, last, visit)
}

// Save stores a document at its version.
func (x documents) Save(ctx context.Context, d storage.Document) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	key := documentKey{d.Kind, d.ID}
	had := x.tables.documents.get(x.tx, key)
	var stored int64
	if had != nil {
		stored = had.Version
	}
	if stored != d.Version-1 {
		return fmt.Errorf("%w: %s %q is at version %d, not %d", storage.ErrConflict, d.Kind, d.ID, stored, d.Version-1)
	}
	if had != nil {
		x.unlist(had)
	}
	x.tables.documents.put(x.tx, key, cloneDocument(&d))
	x.tables.ranked.put(x.tx, placeOf(&d), struct{}{})
	if d.Live {
		x.tables.live.put(x.tx, placeOf(&d), struct{}{})
	}
	return nil
}

func (x documents) unlist(d *storage.Document) {
	x.tables.ranked.drop(x.tx, placeOf(d))
	if d.Live {
		x.tables.live.drop(x.tx, placeOf(d))
	}
}

// Drop removes a document.
func (x documents) Drop(ctx context.Context, kind, id string) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	key := documentKey{kind, id}
	d := x.tables.documents.get(x.tx, key)
	if d == nil {
		return fmt.Errorf("%w: there is no %s %q", storage.ErrConflict, kind, id)
	}
	x.unlist(d)
	x.tables.documents.drop(x.tx, key)
	return nil
}
