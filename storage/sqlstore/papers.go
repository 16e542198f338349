package sqlstore

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/orderkit/oms/storage"
)

// papers is storage.Documents in a transaction.
type papers struct{ *tx }

var someDocumentsSQL = "SELECT " + documentsTable.selected("") + " FROM {documents} WHERE tenant = ? AND kind = ? AND id IN ({list})"

func readDocument(c *cells) storage.Document {
	return storage.Document{
		Kind: c.text(), ID: c.text(), Parent: c.text(), Rank: c.int(), Live: c.flag(), Version: c.int(), Body: json.RawMessage(c.text()),
	}
}

// Find reads the documents of a kind with these ids.
func (x papers) Find(ctx context.Context, kind string, ids ...string) ([]storage.Document, error) {
	var found []storage.Document
	for part := range slices.Chunk(distinct(ids), maxList) {
		text, size := x.list(someDocumentsSQL, len(part))
		args := padded(append(make([]any, 0, size+2), x.tenant, kind), part, size)
		page, err := collect(ctx, x.tx, text, args, len(documentsTable.columns)-1, readDocument)
		if err != nil {
			return nil, err
		}
		found = append(found, page...)
	}
	slices.SortFunc(found, func(a, b storage.Document) int { return strings.Compare(a.ID, b.ID) })
	return found, x.usable(ctx)
}

// List reads a page of documents by Parent, Rank, ID.
func (x papers) List(ctx context.Context, kind string, f storage.DocumentFilter) ([]storage.Document, error) {
	limit, err := pageSize(f.Limit, storage.MaxDocuments)
	if err != nil {
		return nil, err
	}
	s := x.listing(documentsTable, "{documents}", "parent", "ord", "id")
	s.limit = limit
	s.and("kind = ?", kind)
	if f.Live {
		s.from += "{@documents_live}"
		s.and("live = 1")
	} else {
		s.from += "{@documents_parent}"
	}
	switch {
	case f.Parents == nil:
	case len(f.Parents) == 0:
		return nil, x.usable(ctx)
	default:
		in(&s, "parent", distinct(f.Parents))
	}
	if f.From > 0 {
		s.and("ord >= ?", f.From)
	}
	if f.Before > 0 {
		s.and("ord < ?", f.Before)
	}
	if f.Last {
		s.by = "ORDER BY parent DESC, ord DESC, id DESC"
		s.back = true
	}
	if f.After != nil {
		s = s.after([]any{f.After.Parent, f.After.Rank, f.After.ID})
	}
	text, args := s.build()
	return collect(ctx, x.tx, x.render(text), args, len(documentsTable.columns)-1, readDocument)
}

// Save stores a document at its version.
func (x papers) Save(ctx context.Context, d storage.Document) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	row := []any{x.tenant, d.Kind, d.ID, d.Parent, d.Rank, flag(d.Live), d.Version, string(d.Body)}
	if err := documentsTable.check(row); err != nil {
		return err
	}
	x.buffer.replace(documentsTable, row, nil)
	return nil
}

// Drop removes a document.
func (x papers) Drop(ctx context.Context, kind, id string) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	x.buffer.remove(documentsTable, []any{x.tenant, kind, id})
	return x.flush(ctx) // new rows are sent before others go, and one of them may have this id
}
