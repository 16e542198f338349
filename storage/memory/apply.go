package memory

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// moved is a balance row as a posting leaves it.
type moved struct {
	inventory.Balance
	slot *slot[inventory.Key, inventory.Balance] // nil until a new row is put
}

// kept is the place of a reservation.
type kept struct {
	holder
	slot *slot[holder, units] // nil for a new one
}

// Apply appends the posting, moves the balances and saves the reservations. Everything
// is checked before the first write.
func (x stock) Apply(ctx context.Context, c inventory.Changes) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	if len(c.Posting.Movements) > 0 && x.tables.postings.get(x.tx, c.Posting.ID) != nil {
		return fmt.Errorf("%w: posting %s exists", storage.ErrConflict, c.Posting.ID)
	}
	deltas := c.AppendDeltas(x.tenant.deltas[:0])
	if cap(deltas) <= keptLog {
		x.tenant.deltas = deltas
	}
	rows, err := x.move(deltas)
	if err != nil {
		return storage.Stale(err)
	}
	places, err := x.held(c.Reservations, rows)
	if err != nil {
		return storage.Stale(err)
	}
	for i := range rows {
		if r := &rows[i]; r.slot != nil {
			r.slot.write(x.tx, r.Balance)
		} else {
			r.slot = x.tables.balances.insert(x.tx, r.Key, r.Balance)
		}
	}
	for i := range places {
		x.reserve(&places[i], &c.Reservations[i], rows)
	}
	if len(c.Posting.Movements) > 0 {
		x.post(&c.Posting, rows)
	}
	return nil
}

// again is room for n values, whatever they are, in the place of the last ones.
func again[T any](last *[]T, n int) []T {
	if n > keptLog {
		return make([]T, n)
	}
	*last = slices.Grow((*last)[:0], n)
	return (*last)[:n]
}

// move computes the balance rows that deltas lead to, in the order of their keys.
func (x stock) move(deltas []inventory.Delta) ([]moved, error) {
	rows := again(&x.tenant.rows, len(deltas))
	for i := range deltas {
		d, r := &deltas[i], &rows[i]
		r.Balance = inventory.Balance{Key: d.Key}
		if r.slot = x.tables.balances.find(x.tx, d.Key); r.slot != nil {
			if b := r.slot.at(x.seq); b != nil {
				r.Balance = *b
			}
		}
		if err := r.Apply(*d); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// held finds the places of reservations and checks their versions.
func (x stock) held(rs []inventory.Reservation, rows []moved) ([]kept, error) {
	all := again(&x.tenant.places, len(rs))
	for i := range rs {
		r, k := &rs[i], &all[i]
		k.holder = holder{r.Owner, r.Line, x.key(r.Balance(), rows)}
		var stored int64
		if k.slot = x.tables.reservations.find(x.tx, k.holder); k.slot != nil {
			stored = k.slot.at(x.seq).version
		}
		if stored != r.Version-1 {
			return nil, fmt.Errorf("%w: reservation %s is at version %d, not %d", inventory.ErrStale, r.ReservationKey, stored, r.Version-1)
		}
	}
	return all, distinctHolders(all)
}

// distinctHolders refuses to save one reservation twice at the same version.
func distinctHolders(all []kept) error {
	byKey := func(a, b kept) int { return a.compare(&b.holder) }
	if !slices.IsSortedFunc(all, byKey) {
		all = slices.Clone(all)
		slices.SortFunc(all, byKey)
	}
	for i := 1; i < len(all); i++ {
		if k := &all[i]; k.compare(&all[i-1].holder) == 0 {
			return fmt.Errorf("%w: reservation %s of owner %q is changed twice", inventory.ErrStale, k.of.Item, k.owner)
		}
	}
	return nil
}

// key finds the one copy of a key that balances, reservations and movements share.
// Rows are those that the posting moves.
func (x stock) key(k inventory.Key, rows []moved) *inventory.Key {
	i := sort.Search(len(rows), func(i int) bool { return compareKeys(&rows[i].Key, &k) >= 0 })
	if i < len(rows) && rows[i].Key == k {
		if rows[i].slot == nil {
			return &rows[i].Key // until it is put
		}
		return &rows[i].slot.key
	}
	if s := x.tables.balances.find(x.tx, k); s != nil {
		return &s.key
	}
	return &inventory.Key{Item: k.Item, Lot: k.Lot, Location: k.Location}
}

// reserve saves a reservation and keeps the index of soft units.
func (x stock) reserve(k *kept, r *inventory.Reservation, rows []moved) {
	s := k.slot
	if s == nil {
		k.of = x.key(*k.of, rows) // its row may be put by now
		s = x.tables.reservations.insert(x.tx, k.holder, keepUnits(r))
		if r.Soft > 0 {
			x.tables.soft.insert(x.tx, s.key.expires(r.Until.UnixMicro()), struct{}{})
		}
		return
	}
	if had := s.at(x.seq); had.soft > 0 {
		x.tables.soft.drop(x.tx, s.key.expires(had.until))
	}
	s.write(x.tx, keepUnits(r))
	if r.Soft > 0 {
		x.tables.soft.put(x.tx, s.key.expires(r.Until.UnixMicro()), struct{}{})
	}
}

// post appends a posting.
func (x stock) post(p *inventory.Posting, rows []moved) {
	x.tables.postings.put(x.tx, p.ID, x.postings.n)
	x.postings.add(posting{
		id: p.ID, reason: string(p.Reason), document: p.Document, actor: p.Actor, at: p.At.UnixMicro(),
		first: x.movements.n, n: len(p.Movements),
	})
	for i := range p.Movements {
		m := &p.Movements[i]
		k := movement{qty: m.Qty, fromState: m.From.State, toState: m.To.State}
		if m.From.Location != "" {
			k.from = x.key(inventory.Key{Item: m.Item, Lot: m.Lot, Location: m.From.Location}, rows)
		}
		switch {
		case m.To.Location == m.From.Location:
			k.to = k.from
		case m.To.Location != "":
			k.to = x.key(inventory.Key{Item: m.Item, Lot: m.Lot, Location: m.To.Location}, rows)
		}
		if k.from == nil && k.to == nil {
			k.from = &inventory.Key{Item: m.Item, Lot: m.Lot}
		}
		x.movements.add(k)
	}
}

// Restate sets balance rows, unless one of them is not as it is said to be.
func (x stock) Restate(ctx context.Context, rows []inventory.Restated) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		have := inventory.Balance{Key: r.Want.Key}
		if b := x.tables.balances.get(x.tx, r.Want.Key); b != nil {
			have = *b
		}
		if err := r.Check(); err != nil {
			return err
		}
		if have != r.Have {
			return storage.Stale(fmt.Errorf("%w: item %q at %q", inventory.ErrStale, r.Want.Item, r.Want.Location))
		}
	}
	for i := range rows {
		x.tables.balances.put(x.tx, rows[i].Want.Key, rows[i].Want)
	}
	return nil
}
