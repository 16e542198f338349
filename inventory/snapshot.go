package inventory

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Need says what a command has to read.
type Need struct {
	Items     []string  // their definitions, and their balances at every location
	Locations []string  // further locations that the command names
	Owner     string    // the reservations of this owner
	Now       time.Time // soft reservations of Items that are past this moment
}

// Distinct is the need with every item and location named once, sorted: the form that
// repositories read fastest.
func (n Need) Distinct() Need {
	n.Items, n.Locations = distinct(n.Items), distinct(n.Locations)
	return n
}

func distinct(ids []string) []string {
	if len(ids) < 2 {
		return ids
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Snapshot is what a command decides on: one consistent reading.
type Snapshot struct {
	Items        []Item        // sorted by ID
	Locations    []Location    // sorted by ID; those of Balances and those asked for
	Balances     []Balance     // sorted by Key
	Levels       []Level       // of Items, sorted by item and location; few items have any
	Lots         []Lot         // of those Items that have a balance or a soft unit with a lot, sorted by item and ID; the repository leaves them out
	Reservations []Reservation // of the owner asked for, sorted by key
	Expired      []Reservation // soft units of Items past Now, sorted by key

	// Channel is the one that the decision is for; availability is as it sees it. Nil is none.
	// Repositories leave it nil.
	Channel *Selling

	// Supply is what is expected of Items, where a question is about days to come.
	// Repositories leave it nil.
	Supply []Supply

	// Waiting is how many units of each item wait for stock, where a question is how many
	// more may. Only that of items with a BackorderLimit matters. Repositories leave it nil.
	Waiting map[string]int64
}

// Item finds a definition.
func (s *Snapshot) Item(id string) (Item, bool) {
	if i := s.item(id); i != nil {
		return *i, true
	}
	return Item{}, false
}

// item is Item without a copy, or nil.
func (s *Snapshot) item(id string) *Item {
	i, ok := seek(s.Items, func(x *Item) int { return strings.Compare(x.ID, id) })
	if !ok {
		return nil
	}
	return &s.Items[i]
}

// seek is a binary search that copies no rows: where the row is for which at gives zero,
// or would be, and whether it is there. Rows before it give less, rows after it more.
func seek[T any](rows []T, at func(*T) int) (int, bool) {
	from, to := 0, len(rows)
	for from < to {
		mid := int(uint(from+to) >> 1)
		switch c := at(&rows[mid]); {
		case c == 0:
			return mid, true
		case c < 0:
			from = mid + 1
		default:
			to = mid
		}
	}
	return from, false
}

// Location finds a definition.
func (s *Snapshot) Location(id string) (Location, bool) {
	if l := s.location(id); l != nil {
		return *l, true
	}
	return Location{}, false
}

// location is Location without a copy, or nil.
func (s *Snapshot) location(id string) *Location {
	i, ok := seek(s.Locations, func(x *Location) int { return strings.Compare(x.ID, id) })
	if !ok {
		return nil
	}
	return &s.Locations[i]
}

// stocked refuses an item that stock cannot be posted for.
func (s *Snapshot) stocked(id string) error {
	item := s.item(id)
	if item == nil {
		return fmt.Errorf("%w: %q; add it first", ErrUnknownItem, id)
	}
	switch {
	case item.Untracked:
		return fmt.Errorf("%w: %q keeps no stock", ErrUntracked, id)
	case !item.Stocked():
		return fmt.Errorf("%w: no stock is kept of %q; name its components", ErrKit, id)
	}
	return nil
}

func (s *Snapshot) known(location string) error {
	if s.location(location) == nil {
		return fmt.Errorf("%w: %q; add it first", ErrUnknownLocation, location)
	}
	return nil
}

// rows are the balances of an item at a location, one for each lot.
func (s *Snapshot) rows(item, location string) []Balance { return rowsOf(s.Balances, item, location) }

// rowsOf are the rows of an item at a location among sorted ones.
func rowsOf(sorted []Balance, item, location string) []Balance {
	first := Key{Item: item, Location: location}
	from, _ := seek(sorted, func(b *Balance) int { return b.compare(&first) })
	to := from
	for to < len(sorted) && sorted[to].Item == item && sorted[to].Location == location {
		to++
	}
	return sorted[from:to]
}

// Of are the balances of an item at every location, sorted by location and lot.
func (s *Snapshot) Of(item string) []Balance {
	first := Key{Item: item}
	from, _ := seek(s.Balances, func(b *Balance) int { return b.compare(&first) })
	to := from
	for to < len(s.Balances) && s.Balances[to].Item == item {
		to++
	}
	return s.Balances[from:to]
}

// Changes is the outcome of a stock decision: what to save, whole or not at all.
type Changes struct {
	Posting      Posting       // no movements: nothing happened
	Reservations []Reservation // new and changed ones, Version as it will be after saving
	Lots         []Lot         // likewise; they are kept beside the ledger
	Floors       []Floor       // of balance rows that it takes free units from, sorted by key
	Costs        []UnitCost    // of units that came in, where the command said so; the ledger does not keep them
}

// Empty tells that there is nothing to save.
func (c *Changes) Empty() bool {
	return len(c.Posting.Movements) == 0 && len(c.Reservations) == 0 && len(c.Lots) == 0
}

// Floor is the fewest free units that have to be left in a balance row: what the decision
// counted on to stay, safety stock for example. It binds the change that has it and no
// other, so that of two who count on the same units the second decides again.
type Floor struct {
	Key
	Free int64
}

// Deltas sums the movements per balance row, in key order, with the floors.
func (c *Changes) Deltas() []Delta {
	return c.AppendDeltas(make([]Delta, 0, len(c.Posting.Movements)))
}

// AppendDeltas appends what Deltas returns to a slice, whose room can so be used again.
func (c *Changes) AppendDeltas(to []Delta) []Delta {
	start := len(to)
	to = deltas(to, c.Posting.Movements)
	out := to[start:]
	for _, f := range c.Floors {
		if i, ok := slices.BinarySearchFunc(out, f.Key, func(d Delta, k Key) int { return d.Compare(k) }); ok {
			out[i].Floor = f.Free
		}
	}
	return to
}

// PostingFilter selects postings. The zero filter selects all.
type PostingFilter struct {
	Item     string
	Document string
	Until    time.Time // postings at or before this moment; zero is no limit
	After    uuid.UUID // postings with a later ID than this
}

// ReservationFilter selects reservations. The zero filter selects all.
type ReservationFilter struct {
	Owner string
	Item  string
	Open  bool // only those that hold units
}

// Definitions keeps what is said of items and places. Everything it returns belongs to
// the caller.
type Definitions interface {
	// PutItem adds an item or replaces its definition. Once the item has postings, some of
	// it cannot change: see [Item.Replaces].
	PutItem(ctx context.Context, i Item) error
	// PutLocation adds a location or replaces its definition.
	PutLocation(ctx context.Context, l Location) error
	// PutLevel saves what holds for an item at a location at its version: 1 is new, a later
	// one replaces the one before. Another version than that is ErrStale.
	PutLevel(ctx context.Context, l Level) error
	// ListItems yields definitions by ID.
	ListItems(ctx context.Context) iter.Seq2[Item, error]
	// ListLocations yields definitions by ID.
	ListLocations(ctx context.Context) iter.Seq2[Location, error]
	// ListLevels yields levels by item and location.
	ListLevels(ctx context.Context) iter.Seq2[Level, error]
}

// History is the log of what moved. Everything it returns belongs to the caller.
type History interface {
	// Posting reads one posting by its id. None is ErrNotFound.
	Posting(ctx context.Context, id uuid.UUID) (Posting, error)
	// ListPostings yields postings by ID, which grows with time. With a filter on an
	// item they come by At, then by ID, and have only the movements of that item.
	ListPostings(ctx context.Context, f PostingFilter) iter.Seq2[Posting, error]
	// ListMovements yields movements of an item by their Place.
	ListMovements(ctx context.Context, f MovementFilter) iter.Seq2[Logged, error]
	// SumMovements sums the movements of an item in a span.
	SumMovements(ctx context.Context, item string, s Span) (Flow, error)
}

// Repository reads and writes the ledger inside one transaction. Everything it
// returns belongs to the caller.
type Repository interface {
	Definitions
	History

	// Load reads what a command needs. Unknown ids are simply absent. With an item come
	// the components of its kit and of its bill, as if they had been asked for.
	Load(ctx context.Context, n Need) (Snapshot, error)
	// ScanFree reads many items for those who only want to know how much there is of them,
	// at the locations that are named, or everywhere if none is. It passes the free units of
	// each balance that has any to visit, in no certain order and in no memory of their own.
	// The snapshot has the items without their components, the locations that were named (or
	// all), the levels of the items, and their expired reservations at these locations. The
	// owner of the need does not matter.
	ScanFree(ctx context.Context, n Need, visit func(FreeUnits)) (Snapshot, error)
	// Apply appends the posting, moves the balances by its deltas, and saves the
	// reservations whose stored version is one less than theirs. If a balance would
	// leave its bounds or fall below its floor, or a version does not match, nothing is
	// applied and the error is ErrStale. A posting whose ID exists is refused.
	Apply(ctx context.Context, c Changes) error
	// ListBalances yields balance rows by Key.
	ListBalances(ctx context.Context) iter.Seq2[Balance, error]
	// ListReservations yields reservations by key.
	ListReservations(ctx context.Context, f ReservationFilter) iter.Seq2[Reservation, error]
	// Restate sets balance rows to what they should be. If one has not the units that
	// it is said to have nothing is changed and the error is ErrStale. Only repairs
	// call it: whatever else changes a balance is a posting.
	Restate(ctx context.Context, rows []Restated) error
}
