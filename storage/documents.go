package storage

import (
	"context"
	"encoding/json"
)

// Document is what a tenant keeps beside orders and the ledger, whole in one row: a
// purchase order, a supplier, a transfer, a count. The store knows how to find it; what
// it says is up to who wrote it.
type Document struct {
	Kind    string // "purchase_order"
	ID      string // names it within its kind; 1 to 512 bytes
	Parent  string // what it is found under: an item, a location, a channel; may be empty
	Rank    int64  // its place among those of its kind under the same parent; not negative
	Live    bool   // there is still something to do about it
	Version int64  // from 1, one more with every change
	Body    json.RawMessage
}

// DocumentFilter selects documents of one kind. The zero filter selects all.
type DocumentFilter struct {
	Parents []string // under one of these; nil is no limit
	Live    bool     // only those that are live
	From    int64    // of this rank or a later one
	Before  int64    // of an earlier rank than this; zero is no limit
	Last    bool     // backwards, the last one first

	After *Document // those behind this one, the last of the page before; its Body does not matter
	Limit int       // 1 to MaxDocuments; zero is MaxDocuments
}

// MaxDocuments is the most documents of a page.
const MaxDocuments = 1000

// Documents keeps documents. Reading one costs the same however many others there are,
// and live ones are found without a look at those that are not.
type Documents interface {
	// Find reads the documents of a kind with these ids, by ID. Those that do not exist
	// are left out.
	Find(ctx context.Context, kind string, ids ...string) ([]Document, error)
	// List reads a page of documents of a kind by Parent, Rank, ID.
	List(ctx context.Context, kind string, f DocumentFilter) ([]Document, error)
	// Save stores a document at its version: 1 is new, a later one replaces the one
	// before. Another version than that is ErrConflict.
	Save(ctx context.Context, d Document) error
	// Drop removes a document. One that does not exist is ErrConflict.
	Drop(ctx context.Context, kind, id string) error
}
