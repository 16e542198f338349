package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// Apply appends the posting, moves the balances and saves the reservations. Everything
// is checked before the first write.
func (x stock) Apply(ctx context.Context, c inventory.Changes) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	rows, err := x.move(c.Posting.Deltas())
	if err != nil {
		return storage.Stale(err)
	}
	holders, err := x.holders(c.Reservations, rows)
	if err != nil {
		return storage.Stale(err)
	}
	for _, r := range rows {
		x.tables.balances.put(x.tx, r.key, r.row)
	}
	for i := range c.Reservations {
		x.reserve(holders[i], keepUnits(&c.Reservations[i]))
	}
	if len(c.Posting.Movements) > 0 {
		x.post(&c.Posting, rows)
	}
	return nil
}

// move computes the balance rows that deltas lead to, in the order of their keys.
func (x stock) move(deltas []inventory.Delta) ([]stocked, error) {
	rows := make([]stocked, len(deltas))
	for i, d := range deltas {
		next := inventory.Balance{Key: d.Key}
		e, found := x.tables.balances.Get(stocked{key: &deltas[i].Key})
		if found {
			next = *e.row
		}
		if err := next.Apply(d); err != nil {
			return nil, err
		}
		if rows[i] = (stocked{e.key, &next}); !found {
			rows[i].key = &next.Key
		}
	}
	return rows, nil
}

// holders finds the keys of reservations and checks their versions.
func (x stock) holders(rs []inventory.Reservation, rows []stocked) ([]*holder, error) {
	fresh, keys := make([]holder, len(rs)), make([]*holder, len(rs))
	for i := range rs {
		r := &rs[i]
		fresh[i] = holder{owner: r.Owner, line: r.Line, of: x.key(r.Balance(), rows)}
		e, found := x.tables.reservations.Get(held{key: &fresh[i]})
		var stored int64
		if keys[i] = &fresh[i]; found {
			keys[i], stored = e.key, e.row.version
		}
		if stored != r.Version-1 {
			return nil, fmt.Errorf("%w: reservation %s is at version %d, not %d", inventory.ErrStale, r.ReservationKey, stored, r.Version-1)
		}
	}
	return keys, nil
}

// key finds the one copy of a key that balances, reservations and movements share.
func (x stock) key(k inventory.Key, rows []stocked) *inventory.Key {
	if i, ok := slices.BinarySearchFunc(rows, &k, func(r stocked, k *inventory.Key) int { return compareKeys(r.key, k) }); ok {
		return rows[i].key
	}
	if e, ok := x.tables.balances.Get(stocked{key: &k}); ok {
		return e.key
	}
	return &k
}

// reserve puts a reservation in and keeps the index of soft units.
func (x stock) reserve(h *holder, u *units) {
	had, _ := x.tables.reservations.own(x.tx).Set(held{h, u})
	if had.row != nil && had.row.soft > 0 {
		x.tables.soft.own(x.tx).Delete(expiry{had.row.until, h})
	}
	if u.soft > 0 {
		x.tables.soft.own(x.tx).Set(expiry{u.until, h})
	}
}

// post appends a posting. Rows are those that it stocked.
func (x stock) post(p *inventory.Posting, rows []stocked) {
	i := x.tables.postings.n
	x.tables.postingIDs.put(x.tx, p.ID, &i)
	x.tables.postings.add(posting{
		id: p.ID, reason: string(p.Reason), document: p.Document, actor: p.Actor, at: p.At.UnixMicro(),
		first: x.tables.movements.n, n: len(p.Movements),
	})
	for _, m := range p.Movements {
		kept := movement{
			from: x.end(&m, m.From, rows), to: x.end(&m, m.To, rows),
			qty: m.Qty, fromState: m.From.State, toState: m.To.State,
		}
		if kept.from == nil && kept.to == nil {
			kept.from = &inventory.Key{Item: m.Item, Lot: m.Lot}
		}
		x.tables.movements.add(kept)
	}
}

// end is the key of one end of a movement; nil outside every location.
func (x stock) end(m *inventory.Movement, a inventory.Account, rows []stocked) *inventory.Key {
	if a.Location == "" {
		return nil
	}
	return x.key(inventory.Key{Item: m.Item, Lot: m.Lot, Location: a.Location}, rows)
}
