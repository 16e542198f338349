package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

var (
	scanItemsSQL    = "SELECT " + itemsTable.selected("") + ", leveled FROM {items} WHERE tenant = ? AND id IN ({list})"
	allLocationsSQL = "SELECT " + locationsTable.selected("") + " FROM {locations} WHERE tenant = ?"
)

// A lot that is NULL is none: an empty text would take PostgreSQL as long to send as any other.
const (
	freeCells     = 4
	freeSQL       = "SELECT item, location, CASE WHEN lot = '' THEN NULL ELSE lot END, free FROM {stock_balances} WHERE tenant = ? AND free > 0 AND "
	scanFreeSQL   = freeSQL + "item IN ({list})"
	gatherFreeSQL = freeSQL + "(item = ? OR item IN ({list}))"
	scanPlacesSQL = scanFreeSQL + " AND location IN ({list})"
)

// fewPlaces is how many locations at most are left to the database to find, manyItems from
// how many items on their rows are gathered.
const (
	fewPlaces = 16
	manyItems = 32
)

// ScanFree reads how much there is of many items: a query for each of the definitions, the
// units and what has expired, and one for the levels if there are any.
func (x stock) ScanFree(ctx context.Context, n inventory.Need, visit func(inventory.FreeUnits)) (inventory.Snapshot, error) {
	var s inventory.Snapshot
	if err := x.reading(ctx); err != nil {
		return s, err
	}
	items, places := distinct(n.Items), distinct(n.Locations)
	for part := range slices.Chunk(items, maxList) {
		if err := x.scanItems(ctx, part, &s); err != nil {
			return s, err
		}
		if err := x.scanFree(ctx, part, places, visit); err != nil {
			return s, err
		}
	}
	slices.SortFunc(s.Items, func(a, b inventory.Item) int { return strings.Compare(a.ID, b.ID) })
	if len(s.Levels) > 0 {
		if err := x.loadLevels(ctx, &s); err != nil {
			return s, err
		}
		s.Locations = nil // those that levels speak of
	}
	if err := x.loadSoft(ctx, items, n.Now, &s); err != nil {
		return s, err
	}
	if len(places) > 0 {
		s.Expired = slices.DeleteFunc(s.Expired, func(r inventory.Reservation) bool {
			_, found := slices.BinarySearch(places, r.Location)
			return !found
		})
		return s, x.loadLocations(ctx, places, &s)
	}
	return s, x.lookup(ctx, x.fixed(allLocationsSQL), []any{x.tenant}, locationCells, func(row []any) error {
		c := cells{row: row, at: 1}
		id, _ := row[1].(string)
		addLocation(&s, id, &c)
		return c.err
	})
}

func (x stock) scanItems(ctx context.Context, ids []string, s *inventory.Snapshot) error {
	text, size := x.list(scanItemsSQL, len(ids))
	args := padded(append(make([]any, 0, size+1), x.tenant), ids, size)
	return x.lookup(ctx, text, args, itemCells+1, func(row []any) error {
		c := cells{row: row, at: 1}
		item := readItem(&c)
		s.Items = append(s.Items, item)
		if row[1+itemCells] != nil {
			s.Levels = append(s.Levels, inventory.Level{Item: item.ID}) // to be loaded
		}
		return c.err
	})
}

func (x stock) scanFree(ctx context.Context, ids, places []string, visit func(inventory.FreeUnits)) error {
	text, args := x.freeOf(ids, places)
	items, here := strung{all: ids}, strung{all: places, open: len(places) == 0}
	return x.query(ctx, ctx, text, args, freeCells, func(r Rows) error {
		var f inventory.FreeUnits
		var item, place, lot sql.RawBytes
		var asked bool
		into := []any{&item, &place, &lot, &f.Qty}
		for r.Next() {
			if err := r.Scan(into...); err != nil {
				if ended := r.Err(); ended != nil {
					return ended
				}
				return fmt.Errorf("%w: free units: %w", storage.ErrCorrupt, err)
			}
			if f.Item, asked = items.find(item); !asked {
				continue
			}
			if f.Location, asked = here.find(place); !asked {
				continue
			}
			if f.Lot != string(lot) {
				f.Lot = string(lot)
			}
			visit(f)
		}
		return r.Err()
	})
}

// strung is a sorted list that has the strings of texts which come as bytes, so that none is
// made for every row. Most texts are that of the row before, or the next in the list.
type strung struct {
	all  []string
	at   int
	open bool // takes in what it does not have
}

// find is the string of a text, and whether there is one.
func (s *strung) find(text []byte) (string, bool) {
	for i := s.at; i < min(s.at+2, len(s.all)); i++ {
		if s.all[i] == string(text) {
			s.at = i
			return s.all[i], true
		}
	}
	i, found := slices.BinarySearchFunc(s.all, text, func(one string, text []byte) int { return strings.Compare(one, string(text)) })
	if !found {
		if !s.open {
			return "", false
		}
		s.all = slices.Insert(s.all, i, string(text))
	}
	s.at = i
	return s.all[i], true
}

// freeOf asks for the free units of items: at the places that are named, or everywhere if
// they are none or many, since a search for each pair takes longer than to read all.
func (x stock) freeOf(ids, places []string) (text string, args []any) {
	if len(places) > 0 && len(places) <= fewPlaces {
		text, size, more := x.lists(scanPlacesSQL, len(ids), len(places))
		args := padded(append(make([]any, 0, size+more+2), x.tenant), ids, size)
		return text, padded(args, places, more)
	}
	source, args := scanFreeSQL, []any{x.tenant}
	if x.engine.gathers && len(ids) >= manyItems {
		source, args = gatherFreeSQL, []any{x.tenant, ids[0]}
	}
	text, size := x.list(source, len(ids))
	return text, padded(args, ids, size)
}
