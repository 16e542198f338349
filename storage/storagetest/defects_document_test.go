package storagetest_test

import (
	"context"
	"slices"

	"github.com/orderkit/oms/storage"
)

// drawer is storage.Documents with other ways to do some things, where they are set.
type drawer struct {
	storage.Documents

	save   func(*storage.Document)
	filter func(*storage.DocumentFilter)
	list   func([]storage.Document) []storage.Document
	ignore error
}

func (d *drawer) Save(ctx context.Context, doc storage.Document) error {
	if d.save != nil {
		d.save(&doc)
	}
	err := d.Documents.Save(ctx, doc)
	if d.ignore != nil {
		return swallow(err, d.ignore)
	}
	return err
}

func (d *drawer) List(ctx context.Context, kind string, f storage.DocumentFilter) ([]storage.Document, error) {
	if d.filter != nil {
		d.filter(&f)
	}
	all, err := d.Documents.List(ctx, kind, f)
	if d.list != nil {
		all = d.list(all)
	}
	return all, err
}

func inDocuments(d drawer) func(storage.Store) storage.Store {
	return inTx(func(tx storage.Tx) storage.Tx {
		mine := d
		mine.Documents = tx.Documents()
		return twistedTx{Tx: tx, documents: &mine}
	})
}

var documentDefects = []defect{
	{"forgets what a document is found under", []string{"documents/round-trip"}, inDocuments(drawer{save: func(d *storage.Document) { d.Parent = "" }})},
	{"keeps documents live", []string{"documents/round-trip", "documents/list"}, inDocuments(drawer{save: func(d *storage.Document) { d.Live = true }})},
	{"lists documents that are not live", []string{"documents/list"}, inDocuments(drawer{filter: func(f *storage.DocumentFilter) { f.Live = false }})},
	{"takes the end of a range into it", []string{"documents/list"}, inDocuments(drawer{filter: func(f *storage.DocumentFilter) {
		if f.Before > 0 {
			f.Before++
		}
	}})},
	{"lists documents backwards", []string{"documents/list"}, inDocuments(drawer{list: func(all []storage.Document) []storage.Document {
		slices.Reverse(all)
		return all
	}})},
	{"ignores a stale document", []string{"documents/stale", "documents/one-winner"}, inDocuments(drawer{ignore: storage.ErrConflict, save: func(d *storage.Document) { d.Version = min(d.Version, 3) }})},
}
