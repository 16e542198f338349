package sqlstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/orderkit/oms/inventory"
)

// stock is inventory.Repository in a transaction.
type stock struct{ *tx }

var itemSQL = "SELECT " + itemsTable.selected("") + " FROM {items} WHERE tenant = ? AND id = ?"

const itemPostedSQL = "SELECT posting FROM {stock_movements}{@stock_movements_log} WHERE tenant = ? AND item = ? LIMIT 1"

// PutItem adds an item or replaces its definition.
func (x stock) PutItem(ctx context.Context, i inventory.Item) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	if err := x.flush(ctx); err != nil {
		return err
	}
	row, err := x.itemRow(&i)
	if err != nil {
		return err
	}
	var other error
	err = x.lookup(ctx, x.fixed(itemSQL), []any{x.tenant, i.ID}, itemCells, func(row []any) error {
		c := cells{row: row, at: 1}
		had := readItem(&c)
		other = i.Replaces(&had)
		return c.err
	})
	if err == nil && other != nil {
		err = x.lookup(ctx, x.fixed(itemPostedSQL), []any{x.tenant, i.ID}, 1, func([]any) error { return other })
	}
	if err != nil {
		return err
	}
	return x.put(ctx, itemsTable, row)
}

// PutLocation adds a location or replaces its definition.
func (x stock) PutLocation(ctx context.Context, l inventory.Location) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	row := []any{x.tenant, l.ID, l.Name, int64(l.Priority), nil, nil, l.Country, flag(l.Inactive)}
	if l.At != nil {
		row[4], row[5] = l.At.Lat, l.At.Lng
	}
	return x.put(ctx, locationsTable, row)
}

func (x stock) put(ctx context.Context, t *table, row []any) error {
	if err := t.check(row); err != nil {
		return err
	}
	_, err := x.exec(ctx, x.upsert(t), row)
	return err
}

var loadSQL = "SELECT " + itemsTable.selected("i.") + ", b.location, " + balanceUnits("b.") + ", " + locationsTable.selected("l.") + `, i.leveled
	FROM {items} i
	LEFT JOIN {stock_balances} b ON b.tenant = i.tenant AND b.item = i.id
	LEFT JOIN {locations} l ON l.tenant = b.tenant AND l.id = b.location
	WHERE i.tenant = ? AND i.id IN ({list})`

var someLocationsSQL = "SELECT " + locationsTable.selected("") + " FROM {locations} WHERE tenant = ? AND id IN ({list})"

// balanceUnits lists the lot and the eight states of a balance.
func balanceUnits(alias string) string {
	return alias + strings.Join(balancesTable.columns[3:], ", "+alias)
}

// How many cells of a row of loadSQL belong to the item, the balance and the location.
var (
	itemCells     = len(itemsTable.columns) - 1
	balanceCells  = len(balancesTable.columns) - 2
	locationCells = len(locationsTable.columns) - 1
	loadCells     = itemCells + balanceCells + locationCells + 1 // and whether the item has levels
)

// maxList is the most values of a list in one query.
const maxList = 512

// Load reads what a command needs: one query for the definitions and balances of the
// items, and one for each of the rest that is needed.
func (x stock) Load(ctx context.Context, n inventory.Need) (inventory.Snapshot, error) {
	var s inventory.Snapshot
	if err := x.reading(ctx); err != nil {
		return s, err
	}
	for ids := range slices.Chunk(distinct(n.Items), maxList) {
		if err := x.loadItems(ctx, ids, &s); err != nil {
			return s, err
		}
	}
	for ids := range slices.Chunk(inventory.PartsOf(s.Items), maxList) {
		if err := x.loadItems(ctx, ids, &s); err != nil {
			return s, err
		}
	}
	slices.SortFunc(s.Items, func(a, b inventory.Item) int { return strings.Compare(a.ID, b.ID) })
	s.Items = slices.CompactFunc(s.Items, func(a, b inventory.Item) bool { return a.ID == b.ID })
	slices.SortFunc(s.Balances, func(a, b inventory.Balance) int { return a.Compare(b.Key) })
	if len(s.Levels) > 0 {
		if err := x.loadLevels(ctx, &s); err != nil {
			return s, err
		}
	}
	if err := x.loadLocations(ctx, n.Locations, &s); err != nil {
		return s, err
	}
	if n.Owner != "" {
		var err error
		if s.Reservations, err = x.reservations(ctx, x.ofOwner(n.Owner)); err != nil {
			return s, err
		}
	}
	return s, x.loadExpired(ctx, n, &s)
}

func distinct(ids []string) []string {
	sorted := slices.Clone(ids)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func (x stock) loadItems(ctx context.Context, ids []string, s *inventory.Snapshot) error {
	read := x.ofItems(ids)
	read.fn = func(row []any) error {
		c := cells{row: row, at: 1}
		id, _ := row[1].(string)
		if last := len(s.Items) - 1; last < 0 || s.Items[last].ID != id {
			s.Items = append(s.Items, readItem(&c))
			if row[loadCells] != nil {
				s.Levels = append(s.Levels, inventory.Level{Item: id}) // to be loaded
			}
		}
		if row[1+itemCells] == nil { // no balance
			return c.err
		}
		c.at = 1 + itemCells
		b := inventory.Balance{Key: inventory.Key{Item: id, Location: c.text()}}
		readUnits(&c, &b)
		s.Balances = append(s.Balances, b)
		x.isThere(b.Key)
		if row[c.at] != nil { // a balance whose location was never defined
			addLocation(s, b.Location, &c)
		}
		return c.err
	}
	return x.lookups(ctx, read)
}

// isThere notes a balance that the database has, where that makes its moves cheaper.
func (t *tx) isThere(k inventory.Key) {
	if t.readOnly || t.engine.sure == nil {
		return
	}
	if t.there == nil {
		t.there = make(map[inventory.Key]bool)
	}
	t.there[k] = true
}

// ofItems is the read of the definitions and balances of items, without what to do with
// its rows.
func (x stock) ofItems(ids []string) keyed {
	text, size := x.list(loadSQL, len(ids))
	args := padded(append(make([]any, 0, size+1), x.tenant), ids, size)
	return keyed{Statement{text, args}, loadCells, nil}
}

func (x stock) loadLocations(ctx context.Context, ids []string, s *inventory.Snapshot) error {
	var missing []string
	for _, id := range ids {
		if _, ok := s.Location(id); !ok {
			missing = append(missing, id)
		}
	}
	for part := range slices.Chunk(distinct(missing), maxList) {
		text, size := x.list(someLocationsSQL, len(part))
		args := padded(append(make([]any, 0, size+1), x.tenant), part, size)
		err := x.lookup(ctx, text, args, locationCells, func(row []any) error {
			c := cells{row: row, at: 1}
			id, _ := row[1].(string)
			addLocation(s, id, &c)
			return c.err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// addLocation reads a location that is not there yet, and puts it in its place.
func addLocation(s *inventory.Snapshot, id string, c *cells) {
	i, found := slices.BinarySearchFunc(s.Locations, id, func(l inventory.Location, id string) int { return strings.Compare(l.ID, id) })
	if !found {
		s.Locations = slices.Insert(s.Locations, i, readLocation(c))
	}
}

func (x stock) loadExpired(ctx context.Context, n inventory.Need, s *inventory.Snapshot) error {
	if n.Now.IsZero() {
		return nil
	}
	var items []string
	for i := range s.Balances {
		if b := &s.Balances[i]; b.Of(inventory.Soft) > 0 && (len(items) == 0 || items[len(items)-1] != b.Item) {
			items = append(items, b.Item)
		}
	}
	return x.loadSoft(ctx, items, n.Now, s)
}

// loadSoft reads what is held softly of items past a moment.
func (x stock) loadSoft(ctx context.Context, items []string, now time.Time, s *inventory.Snapshot) error {
	for part := range slices.Chunk(items, maxList) {
		text, size := x.list(expiredSQL, len(part))
		args := padded(append(make([]any, 0, size+2), x.tenant), part, size)
		args = append(args, now.UnixMicro())
		expired, err := x.reservations(ctx, keyed{Statement{text, args}, len(reservationsTable.columns) - 1, nil})
		if err != nil {
			return err
		}
		s.Expired = append(s.Expired, expired...)
	}
	slices.SortFunc(s.Expired, func(a, b inventory.Reservation) int { return a.Compare(b.ReservationKey) })
	return nil
}

func readLocation(c *cells) inventory.Location {
	l := inventory.Location{ID: c.text(), Name: c.text(), Priority: int(c.int())}
	lat, at := c.real()
	lng, _ := c.real()
	if at {
		l.At = &inventory.Point{Lat: lat, Lng: lng}
	}
	l.Country, l.Inactive = c.text(), c.flag()
	return l
}

// readUnits reads the lot and the units of a balance.
func readUnits(c *cells, b *inventory.Balance) {
	b.Lot = c.text()
	for s := inventory.Free; s <= inventory.Held; s++ {
		b.Set(s, c.int())
	}
}
