package order

import (
	"context"
	"iter"
	"time"
)

// MaxPage is the largest number of orders in a page, and the default.
const MaxPage = 500

// Filter selects orders. The zero filter selects all; fields that are set must all
// match. Orders come newest first: by ID, which grows with time.
type Filter struct {
	States      []State
	Customer    string
	Channel     string
	Item        string // orders with a line of this item
	Payment     PaymentFacet
	Fulfillment FulfillmentFacet
	Return      ReturnFacet
	OnHold      bool
	PlacedFrom  time.Time // inclusive
	PlacedTo    time.Time // exclusive
	PayBefore   time.Time // with a payment deadline before this moment

	After ID  // only orders older than this one: the last of the page before
	Limit int // page size, 1 to MaxPage; 0 means MaxPage
}

// Repository reads and writes orders inside one transaction. Everything it returns
// belongs to the caller.
type Repository interface {
	// Get reads an order. None is ErrNotFound.
	Get(ctx context.Context, id ID) (Order, error)
	// ByNumber reads the order with a number. None is ErrNotFound.
	ByNumber(ctx context.Context, number string) (Order, error)
	// Save stores an order at o.Version. Version 1 adds it: an ID or Number that is
	// taken is ErrExists. A later version replaces the one before it: if that is not
	// the stored one, the error is ErrStale.
	Save(ctx context.Context, o Order) error
	// Page reads up to f.Limit orders.
	Page(ctx context.Context, f Filter) ([]Order, error)
}

// Pages yields the orders of every page that read returns. Nothing is held while the
// body runs. An error is yielded once, last.
func Pages(f Filter, read func(Filter) ([]Order, error)) iter.Seq2[Order, error] {
	return func(yield func(Order, error) bool) {
		f := f // each range starts anew
		limit := f.Limit
		if limit == 0 {
			limit = MaxPage
		}
		for {
			page, err := read(f)
			if err != nil {
				yield(Order{}, err)
				return
			}
			for _, o := range page {
				if !yield(o, nil) {
					return
				}
				f.After = o.ID
			}
			if len(page) < limit {
				return
			}
		}
	}
}
