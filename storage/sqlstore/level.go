package sqlstore

import (
	"context"
	"iter"
	"slices"

	"github.com/orderkit/oms/inventory"
)

var levelsSQL = "SELECT " + levelsTable.selected("v.") + ", " + locationsTable.selected("l.") + `
	FROM {levels} v
	LEFT JOIN {locations} l ON l.tenant = v.tenant AND l.id = v.location
	WHERE v.tenant = ? AND v.item IN ({list})`

const leveledSQL = "UPDATE {items} SET leveled = 1 WHERE tenant = ? AND id = ?"

var levelCells = len(levelsTable.columns) - 1

// PutLevel saves a level at its version.
func (x stock) PutLevel(ctx context.Context, l inventory.Level) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	row := []any{x.tenant, l.Item, l.Location, nil, flag(l.Frozen), flag(l.Untracked), flag(l.Unstocked), l.Version}
	if l.Safety != nil {
		row[3] = *l.Safety
	}
	if err := levelsTable.check(row); err != nil {
		return err
	}
	if l.Version == 1 { // the item may have had none
		if err := x.flush(ctx); err != nil {
			return err
		}
		if _, err := x.exec(ctx, x.fixed(leveledSQL), []any{x.tenant, l.Item}); err != nil {
			return err
		}
	}
	x.buffer.replace(levelsTable, row, nil)
	return nil
}

func readLevel(c *cells) inventory.Level {
	l := inventory.Level{Item: c.text(), Location: c.text()}
	if c.row[c.at] != nil {
		safety := c.int()
		l.Safety = &safety
	} else {
		c.at++
	}
	l.Frozen, l.Untracked, l.Unstocked, l.Version = c.flag(), c.flag(), c.flag(), c.int()
	return l
}

// loadLevels reads the levels of the items that have some, and their locations.
func (x stock) loadLevels(ctx context.Context, s *inventory.Snapshot) error {
	items := make([]string, len(s.Levels))
	for i := range items {
		items[i] = s.Levels[i].Item
	}
	s.Levels = s.Levels[:0]
	for part := range slices.Chunk(distinct(items), maxList) {
		text, size := x.list(levelsSQL, len(part))
		args := padded(append(make([]any, 0, size+1), x.tenant), part, size)
		err := x.lookup(ctx, text, args, levelCells+locationCells, func(row []any) error {
			c := cells{row: row, at: 1}
			l := readLevel(&c)
			s.Levels = append(s.Levels, l)
			if row[c.at] != nil { // a level whose location was never defined
				addLocation(s, l.Location, &c)
			}
			return c.err
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(s.Levels, inventory.CompareLevels)
	return nil
}

// ListLevels yields levels by item and location.
func (x stock) ListLevels(ctx context.Context) iter.Seq2[inventory.Level, error] {
	s := x.listing(levelsTable, "{levels}", "item", "location")
	return rowsOf(ctx, x.tx, s, readLevel, func(l *inventory.Level) []any { return []any{l.Item, l.Location} })
}
