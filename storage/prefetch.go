package storage

import (
	"context"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// Wanted is what a command is about to read. The zero value of a field wants nothing.
type Wanted struct {
	Key   string         // to Find among the Commands
	Order order.ID       // to Get from the Orders
	Stock inventory.Need // to Load from the Stock: its items, and what its owner has reserved
	All   bool           // in a View: nothing else is read after it, and may be refused with ErrDone
}

// Prefetcher is a Tx for which every read is a round trip, and which can make several in
// one. What was prefetched is what the next read of it would have found; the first write
// after it makes it void.
type Prefetcher interface {
	// Prefetch reads what is wanted, for the reads that are going to ask for it.
	Prefetch(ctx context.Context, w Wanted) error
}
