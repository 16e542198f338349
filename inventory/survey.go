package inventory

import (
	"fmt"
	"slices"
	"time"
)

// FreeUnits is what a balance has in [Free].
type FreeUnits struct {
	Key

	Qty int64
}

// surveyed is how many items at most are read whole at once.
const surveyed = 64

// Survey is [Snapshot.Available] of many items at many locations, without what belongs to an
// owner or a channel: [i][j] is that of items[i] at locations[j]. An empty location is the
// sum over all, and so is no location. An unknown item is ErrUnknownItem.
//
// Scan is [Repository.ScanFree], which most items need no more than. Kits, items with
// lots and items of which something is said at some location are read whole by load, some
// at a time, with all that a decision on them reads: that takes some ten times as long for
// each balance.
func Survey(items, locations []string, now time.Time,
	scan func(Need, func(FreeUnits)) (Snapshot, error), load func(items []string) (Snapshot, error),
) ([][]int64, error) {
	if len(locations) == 0 {
		locations = []string{""}
	}
	need := Need{Items: items, Now: now}
	if !slices.Contains(locations, "") {
		need.Locations = locations
	}
	t := newTally(need)
	snap, err := scan(need, t.add)
	if err != nil {
		return nil, err
	}
	t.expire(snap.Expired)
	rest, err := t.settle(&snap)
	if err != nil {
		return nil, err
	}
	out := t.asked(items, locations)
	for part := range slices.Chunk(rest, surveyed) {
		whole, err := load(part)
		if err != nil {
			return nil, err
		}
		for i, item := range items {
			if slices.Contains(part, item) {
				for j, l := range locations {
					out[i][j] = whole.Available(item, l, "", now)
				}
			}
		}
	}
	return out, nil
}

// tally counts units by item and location.
type tally struct {
	now    time.Time
	items  map[string]int // the row of each
	places map[string]int // the column of each location that was met
	names  []string       // of the columns
	rows   []tallied

	row, column int // of the units before: those of most others are the same, or one further
}

// tallied is what was met of one item.
type tallied struct {
	item    string
	units   []int64 // by column, as far as any was met
	lots    bool    // some units have one
	endless bool
}

func newTally(n Need) *tally {
	t := &tally{now: n.Now, items: make(map[string]int, len(n.Items)), places: make(map[string]int, len(n.Locations))}
	for _, l := range n.Locations {
		t.place(l)
	}
	t.rows = make([]tallied, 0, len(n.Items))
	width := len(t.names)
	cells := make([]int64, len(n.Items)*width)
	for _, id := range n.Items {
		if _, ok := t.items[id]; !ok {
			t.items[id] = len(t.rows)
			t.rows = append(t.rows, tallied{item: id, units: cells[:width:width]})
			cells = cells[width:]
		}
	}
	return t
}

// item is the row of an item.
func (t *tally) item(id string) int {
	for i := t.row; i < min(t.row+2, len(t.rows)); i++ {
		if t.rows[i].item == id {
			return i
		}
	}
	return t.items[id]
}

// place is the column of a location.
func (t *tally) place(location string) int {
	for j := t.column; j < min(t.column+2, len(t.names)); j++ {
		if t.names[j] == location {
			return j
		}
	}
	j, ok := t.places[location]
	if !ok {
		j = len(t.names)
		t.places[location] = j
		t.names = append(t.names, location)
	}
	return j
}

func (t *tally) add(u FreeUnits) {
	t.row, t.column = t.item(u.Item), t.place(u.Location)
	t.rows[t.row].add(t.column, len(t.names), u.Lot, u.Qty)
}

func (r *tallied) add(column, columns int, lot string, qty int64) {
	if column >= len(r.units) {
		r.units = append(r.units, make([]int64, columns-len(r.units))...)
	}
	r.units[column] += qty
	r.lots = r.lots || lot != ""
}

// expire counts what is held softly past the moment as free.
func (t *tally) expire(all []Reservation) {
	for i := range all {
		if r := &all[i]; r.Expired(t.now) {
			t.add(FreeUnits{Key{Item: r.Item, Lot: r.Lot, Location: r.Location}, r.Soft})
		}
	}
}

// settle makes of what was counted what is available to sell, and tells which items have
// more to them.
func (t *tally) settle(snap *Snapshot) (rest []string, err error) {
	open := make([]bool, len(t.names))
	for j, l := range t.names {
		def, ok := snap.Location(l)
		open[j] = ok && !def.Inactive
	}
	for i := range t.rows {
		r := &t.rows[i]
		def, ok := snap.Item(r.item)
		switch {
		case !ok:
			return nil, fmt.Errorf("%w: %q", ErrUnknownItem, r.item)
		case def.Untracked:
			r.endless = true
		case len(def.Kit) > 0 || r.lots || len(snap.levelsOf(r.item)) > 0:
			rest = append(rest, r.item)
		default:
			for j, n := range r.units { // as measure does, of units with nothing more to them
				r.units[j] = 0
				if open[j] {
					r.units[j] = max(0, n-def.Safety)
				}
			}
		}
	}
	return rest, nil
}

// asked is the table as it was asked for.
func (t *tally) asked(items, locations []string) [][]int64 {
	out := make([][]int64, len(items))
	same := slices.Equal(locations, t.names) && len(items) == len(t.rows)
	for i, item := range items {
		r := &t.rows[t.items[item]]
		if same && !r.endless {
			out[i] = r.units
			continue
		}
		out[i] = make([]int64, len(locations))
		for j, l := range locations {
			out[i][j] = t.of(r, l)
		}
	}
	return out
}

// of is what is available of an item at a location.
func (t *tally) of(r *tallied, location string) int64 {
	if r.endless {
		return Unlimited
	}
	if location == "" {
		var sum int64
		for _, n := range r.units {
			sum += n
		}
		return sum
	}
	if j, ok := t.places[location]; ok && j < len(r.units) {
		return r.units[j]
	}
	return 0
}
