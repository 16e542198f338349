package storage

import (
	"context"
	"time"
)

// Cursor is how far a consumer of the log has come with one of its shards, and who is
// at work on that. An aggregate belongs to one shard, so each shard keeps the order of
// its aggregates, and different workers can have different shards.
type Cursor struct {
	Consumer string
	Shard    int   // 0 to Shards-1
	Shards   int   // how many the consumer has; alike in all of its cursors
	Position int64 // of the log: what is not after it is done, or a letter waits for it
	Letters  int   // of this shard
	Claims   int   // leases in a row that were taken and not given back
	Careful  int   // how many leases, from the next one on, are for a single event each

	Owner   string    // of the lease, for people to read
	Until   time.Time // when the lease, or a pause, ends; zero for none
	Version int64     // from 1, one more with every change: it tells a lease from a later one
}

// Letter is an event that could not be delivered. All that comes after it of the same
// aggregate waits behind it.
type Letter struct {
	Consumer  string
	Shard     int
	Aggregate string

	Seq      int64 // the aggregate goes on with its first event that is not before this position
	Attempts int   // at that event, all in vain
	Error    string
	At       time.Time // of the last attempt
	Due      time.Time // of the next one
	Dead     bool      // there is no next one until somebody says so
	Version  int64     // from 1, one more with every change
}

// Deliveries keeps how far the consumers of the log have come. Package storage/delivery
// is made of it.
type Deliveries interface {
	// Cursors reads the cursors of a consumer by shard. A consumer that is new has none.
	Cursors(ctx context.Context, consumer string) ([]Cursor, error)
	// SaveCursor stores a cursor at its version: 1 is new, a later one replaces the one
	// before. Another version than that is ErrConflict.
	SaveCursor(ctx context.Context, c Cursor) error
	// Letters reads the letters of a shard by aggregate, byte by byte.
	Letters(ctx context.Context, consumer string, shard int) ([]Letter, error)
	// SaveLetter stores a letter at its version, as SaveCursor does. There is one for
	// an aggregate.
	SaveLetter(ctx context.Context, l Letter) error
	// DropLetter removes a letter. One that does not exist is ErrConflict.
	DropLetter(ctx context.Context, consumer string, shard int, aggregate string) error
}
