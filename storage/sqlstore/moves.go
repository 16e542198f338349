package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// units has a number for each state of a balance row, in the order of the columns.
type units [len(inventory.Delta{}.By)]int64

// move is what several deltas of one balance row do, one after the other: how much they
// change it by in the end, and the lowest and highest that they come to on the way,
// seen from where they start. It can be made exactly if each of them could. A floor lies
// so much deeper than zero.
type move struct {
	inventory.Key
	by, low, high units
}

// merged sums the deltas of each row. The moves are in the order of their keys, which
// is that in which every transaction locks them.
func merged(deltas []inventory.Delta) []move {
	slices.SortStableFunc(deltas, func(a, b inventory.Delta) int { return a.Compare(b.Key) })
	out := make([]move, 0, len(deltas))
	for i := range deltas {
		d := &deltas[i]
		if d.By == (inventory.Delta{}).By {
			continue
		}
		if n := len(out); n == 0 || out[n-1].Key != d.Key {
			out = append(out, move{Key: d.Key})
		}
		m := &out[len(out)-1]
		for s, by := range d.By {
			m.by[s] += by
			low := m.by[s]
			if inventory.State(s+1) == inventory.Free {
				low -= d.Floor
			}
			m.low[s], m.high[s] = min(m.low[s], low), max(m.high[s], m.by[s])
		}
	}
	return out
}

// changes are the states that moves lower and raise, a bit for each.
type changes struct{ low, high uint8 }

func changesOf(moves []move) changes {
	var c changes
	for i := range moves {
		m := &moves[i]
		for s := range m.by {
			if m.low[s] < 0 {
				c.low |= 1 << s
			}
			if m.high[s] > 0 {
				c.high |= 1 << s
			}
		}
	}
	return c
}

// manyMoves is how many moves go at least into one statement where a statement does not
// cost a round trip: fewer are cheaper one by one, since there is nothing to join.
const manyMoves = 8

// planMoves makes statements that move balances: a row each, or many at once where the
// engine can.
func (t *tx) planMoves(all []write, moves []move) []write {
	_, piped := t.conn.(Pipeline)
	for len(moves) > 0 {
		n := 1
		if t.engine.joins && (!piped || len(moves) >= manyMoves) {
			n = chunk(len(moves), t.engine.rows)
		}
		w := write{rows: n, table: balancesTable, moves: moves[:n]}
		w.Text, w.Args = t.moveText(w.moves)
		all, moves = append(all, w), moves[n:]
	}
	return all
}

// movesText is the key of an UPDATE of n balances.
type movesText struct {
	changes

	n int
}

// moveText gives the statement that makes moves, unless a state would leave its bounds.
func (t *tx) moveText(moves []move) (string, []any) {
	key := movesText{changesOf(moves), len(moves)}
	text, ok := t.made.Load(key)
	if !ok && key.n == 1 {
		text = t.keep(key, moveSQL(key.changes))
	} else if !ok {
		text = t.keep(key, movesSQL(key.changes, key.n))
	}
	args := make([]any, 0, len(moves)*12)
	if key.n > 1 {
		for i := range moves {
			m := &moves[i]
			args = append(args, m.Item, m.Location, m.Lot)
			args = m.bounds(m.deltas(args, key.changes), key.changes)
		}
		return text.(string), append(args, t.tenant) //nolint:forcetypeassert // keep stores strings
	}
	m := &moves[0]
	args = append(m.deltas(args, key.changes), t.tenant, m.Item, m.Location, m.Lot)
	return text.(string), m.bounds(args, key.changes) //nolint:forcetypeassert // keep stores strings
}

func (m *move) deltas(args []any, c changes) []any {
	for s, by := range m.by {
		if (c.low|c.high)&(1<<s) != 0 {
			args = append(args, by)
		}
	}
	return args
}

func (m *move) bounds(args []any, c changes) []any {
	for s := range m.by {
		if c.low&(1<<s) != 0 {
			args = append(args, m.low[s])
		}
		if c.high&(1<<s) != 0 {
			args = append(args, m.high[s])
		}
	}
	return args
}

const balanceByKey = " WHERE tenant = ? AND item = ? AND location = ? AND lot = ?"

// moveSQL moves one balance, if that stays within its bounds.
func moveSQL(c changes) string {
	set, guards := moveParts(c)
	return "UPDATE {stock_balances} SET " + strings.Join(set, ", ") + balanceByKey + " AND " + strings.Join(guards, " AND ")
}

// sureMoveSQL moves one balance that is there, and fails as missed if that would leave
// its bounds: the remainder of a division by one, or by nothing.
func sureMoveSQL(c changes) string {
	set, guards := moveParts(c)
	return "UPDATE {stock_balances} SET " + strings.Join(set, ", ") + " + 1 % (" + strings.Join(guards, " AND ") + ")::int" + balanceByKey
}

// moveParts are what a move sets, and what has to hold for it.
func moveParts(c changes) (set, guards []string) {
	for s, column := range balancesTable.columns[balancesTable.keys:] {
		if (c.low|c.high)&(1<<s) != 0 {
			set = append(set, column+" = "+column+" + ?")
		}
		if c.low&(1<<s) != 0 {
			guards = append(guards, column+" + ? >= 0")
		}
		if c.high&(1<<s) != 0 {
			guards = append(guards, fmt.Sprintf("%s + ? <= %d", column, int64(inventory.MaxQty)))
		}
	}
	return set, guards
}

// sureMove is the key of a statement that makes sure of a move.
type sureMove struct{ changes }

// sureMove gives the statement that makes the one move, of a balance that is there, or
// fails.
func (t *tx) sureMove(moves []move) Statement {
	m, key := &moves[0], sureMove{changesOf(moves)}
	text, ok := t.made.Load(key)
	if !ok {
		text = t.keep(key, sureMoveSQL(key.changes))
	}
	args := m.bounds(m.deltas(make([]any, 0, 12), key.changes), key.changes)
	return Statement{text.(string), append(args, t.tenant, m.Item, m.Location, m.Lot)} //nolint:forcetypeassert // keep stores strings
}

// movesSQL moves n balances that are listed as a table of values.
func movesSQL(c changes, n int) string {
	names := []string{"item", "location", "lot"}
	var set, guards []string
	for s, column := range balancesTable.columns[balancesTable.keys:] {
		if (c.low|c.high)&(1<<s) != 0 {
			set = append(set, column+" = b."+column+" + m."+column)
			names = append(names, column)
		}
	}
	for s, column := range balancesTable.columns[balancesTable.keys:] {
		if c.low&(1<<s) != 0 {
			guards = append(guards, fmt.Sprintf(" AND b.%s + m.low%d >= 0", column, s))
			names = append(names, fmt.Sprint("low", s))
		}
		if c.high&(1<<s) != 0 {
			guards = append(guards, fmt.Sprintf(" AND b.%s + m.high%d <= %d", column, s, int64(inventory.MaxQty)))
			names = append(names, fmt.Sprint("high", s))
		}
	}
	typed := "(?::text, ?::text, ?::text" + strings.Repeat(", ?::bigint", len(names)-3) + ")"
	row := ", (?" + strings.Repeat(", ?", len(names)-1) + ")"
	return "UPDATE {stock_balances} b SET " + strings.Join(set, ", ") +
		" FROM (VALUES " + typed + strings.Repeat(row, n-1) + ") m (" + strings.Join(names, ", ") + ")" +
		" WHERE b.tenant = ? AND b.item = m.item AND b.location = m.location AND b.lot = m.lot" + strings.Join(guards, "")
}

// sendMoves makes several moves at once, and tries those alone that did not find their
// row as it should be.
func (t *tx) sendMoves(ctx context.Context, w *write) error {
	if err := t.toWrite(ctx); err != nil {
		return err
	}
	if err := t.openSavepoints(ctx); err != nil {
		return err
	}
	made := make(map[inventory.Key]bool, len(w.moves))
	err := t.lookup(ctx, w.Text+" RETURNING b.item, b.location, b.lot", w.Args, 3, func(row []any) error {
		c := cells{row: row, at: 1}
		made[inventory.Key{Item: c.text(), Location: c.text(), Lot: c.text()}] = true
		return c.err
	})
	for i := range w.moves {
		if m := &w.moves[i]; err == nil && !made[m.Key] {
			err = t.firstBalance(ctx, m)
		}
	}
	return err
}

// firstBalance adds a row that was not there to be moved. The first one only receives.
// A row that is there did not have the units, or the room.
func (t *tx) firstBalance(ctx context.Context, m *move) error {
	row := make([]any, 0, len(balancesTable.columns))
	row = append(row, t.tenant, m.Item, m.Location, m.Lot)
	for s, by := range m.by {
		if m.low[s] < 0 || m.high[s] > inventory.MaxQty {
			return t.staleBalance(m)
		}
		row = append(row, by)
	}
	_, err := t.exec(ctx, t.insert(balancesTable, 1), row)
	if err != nil && t.engine.fault(err) == taken {
		return t.staleBalance(m)
	}
	return err
}

func (t *tx) staleBalance(m *move) error {
	return storage.Stale(fmt.Errorf("%w: item %q at %q does not have the units, or the room, that was counted on", inventory.ErrStale, m.Item, m.Location))
}
