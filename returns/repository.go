package returns

import (
	"context"

	"github.com/orderkit/oms/order"
)

// MaxPage is the largest number of returns in a page, and the default.
const MaxPage = 500

// Filter selects returns. The zero filter selects all, newest first.
type Filter struct {
	States   []State
	Customer string
	After    ID  // only those older than this one: the last of the page before
	Limit    int // page size, 1 to MaxPage; 0 means MaxPage
}

// Repository reads and writes returns inside one transaction. Everything it returns
// belongs to the caller.
type Repository interface {
	// Get reads a return. None is ErrNotFound.
	Get(ctx context.Context, id ID) (Return, error)
	// OfOrder reads the returns of an order, oldest first.
	OfOrder(ctx context.Context, id order.ID) ([]Return, error)
	// Page reads up to f.Limit returns.
	Page(ctx context.Context, f Filter) ([]Return, error)
	// Save stores a return at r.Version. Version 1 adds it; a later one replaces the
	// one before it, else the error is ErrStale.
	Save(ctx context.Context, r Return) error
}
