package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/orderkit/oms/storage"
)

// contested is a row that an Update wanted to change when it lost to another one.
type contested struct {
	table *table
	key   []any
}

func (c *contested) compare(other *contested) int {
	if c.table != other.table {
		return cmp.Compare(c.table.place, other.table.place)
	}
	return compareKeys(c.key, other.key, c.table.keys)
}

// contest is what an Update has lost so far. Its next run holds those rows from the
// beginning, in the order in which every transaction locks rows: whoever wants one of them
// then waits, and the run decides on what nobody else changes. So an Update loses once for
// a row, however many want it, and in whichever process they are.
type contest []contested

// add notes what a run wanted when it lost. Units of balances alone are no contest: there
// writers wait for each other, and each finds enough or not.
func (c *contest) add(x *tx, err error) {
	if x == nil || !errors.Is(err, storage.ErrConflict) {
		return
	}
	wanted := slices.Concat(*c, x.undone, x.contest())
	if !slices.ContainsFunc(wanted, func(r contested) bool { return r.table.version > 0 }) {
		return
	}
	slices.SortFunc(wanted, func(a, b contested) int { return a.compare(&b) })
	*c = slices.CompactFunc(wanted, func(a, b contested) bool { return a.compare(&b) == 0 })
}

// contest lists the rows that buffered writes would change.
func (t *tx) contest() contest {
	var c contest
	for _, tab := range tables {
		for _, u := range t.buffer.updates[tab.place] {
			c = append(c, contested{tab, u.args[u.key : u.key+tab.keys]})
		}
	}
	for _, d := range t.buffer.deltas {
		c = append(c, contested{balancesTable, []any{t.tenant, d.Item, d.Location, d.Lot}})
	}
	return c
}

// hold locks rows for the transaction, which has read nothing yet.
func (t *tx) hold(ctx context.Context, rows contest) error {
	all := make([]keyed, len(rows))
	for i, r := range rows {
		all[i] = keyed{Statement{t.fixed(r.table.held(t.engine.lock)), r.key}, 1, func([]any) error { return nil }}
	}
	return t.lookups(ctx, all...)
}

// held is the statement that locks a row by its key.
func (t *table) held(lock string) string {
	return "SELECT tenant FROM {" + t.name + "} WHERE " + strings.Join(t.columns[:t.keys], " = ? AND ") + " = ?" + lock
}

// errTorn is the end of a run that decided not to write something, by what it read at
// several moments.
var errTorn = errors.New("sqlstore: read at several moments")

// holding runs fn in a transaction that holds rows. Where it reads what is committed at
// each moment, only what it writes stands, since that is guarded: any other end is errTorn.
func (s *Store) holding(ctx context.Context, t storage.Tenant, rows contest, fn func(context.Context, *tx) error) error {
	return s.transaction(ctx, t, false, func(ctx context.Context, x *tx) error {
		if err := x.hold(ctx, rows); err != nil {
			return err
		}
		err := fn(ctx, x)
		writes := err == nil && !x.undid && (x.wrote || x.buffer.count > 0)
		if s.texts.engine.restarts && !writes && !errors.Is(err, storage.ErrConflict) {
			return errTorn
		}
		return err
	})
}
