package oms

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/count"
	"github.com/orderkit/oms/inventory/transfer"
	"github.com/orderkit/oms/storage"
)

// transfers proves that what transfers say is what the ledger says: the account of units
// in transit is the sum of theirs, what they have ready is reserved for them, and what
// is reserved for a transfer is one that exists; and that the supply that they are is
// what is on the road.
func (a *audit) transfers() error {
	road := make(map[inventory.Key]int64) // by the transfers
	expected := make(map[string]inventory.Supply)
	held := make(map[string]bool)
	for t, err := range transferShelf.all(a.ctx, a.tx, storage.DocumentFilter{}) {
		if err != nil {
			return err
		}
		held[t.Owner()] = true
		for k, qty := range t.InTransit() {
			road[k] += qty
		}
		for _, p := range t.Supply() {
			expected[p.ID] = p
		}
		if err := a.transfer(&t); err != nil {
			return err
		}
	}
	if err := a.road(road); err != nil {
		return err
	}
	if err := a.expectations(expected); err != nil {
		return err
	}
	for r, err := range a.tx.Stock().ListReservations(a.ctx, inventory.ReservationFilter{Open: true}) {
		if err != nil {
			return err
		}
		if strings.HasPrefix(r.Owner, transfer.OwnerPrefix) && !held[r.Owner] {
			a.note("what a transfer holds is held by one that exists", r.String(), "a transfer", "none")
		}
	}
	return nil
}

// transfer proves one transfer: the law of its lines, and its reservations.
func (a *audit) transfer(t *transfer.Transfer) error {
	subject := "transfer " + t.ID.String()
	snap, err := a.tx.Stock().Load(a.ctx, inventory.Need{Owner: t.Owner()})
	if err != nil {
		return err
	}
	reserved := make(map[inventory.ReservationKey]inventory.Reservation)
	for _, r := range snap.Reservations {
		reserved[r.ReservationKey] = r
	}
	for i := range t.Lines {
		l := &t.Lines[i]
		on := fmt.Sprintf("%s line %d", subject, l.No)
		if err := l.Check(); err != nil {
			a.note("the law of transfer lines", on, "counters that obey it", err)
		}
		for _, p := range l.Parts {
			key := inventory.ReservationKey{Owner: t.Owner(), Line: l.No, Item: l.Item, Lot: p.Lot, Location: t.From}
			r := reserved[key]
			delete(reserved, key)
			a.check("ready units have their reservations", on, p.Ready, r.Committed)
			a.check("shipped units left the origin", on, p.Shipped(), r.Shipped)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(reserved), inventory.ReservationKey.Compare) {
		r := reserved[key]
		a.check("reservations of a transfer are of its lines", r.String(), int64(0), r.Open())
	}
	return nil
}

// road proves the account of units in transit against the transfers.
func (a *audit) road(want map[inventory.Key]int64) error {
	have := make(map[inventory.Key]int64)
	for p, err := range a.tx.Stock().ListPostings(a.ctx, inventory.PostingFilter{}) {
		if err != nil {
			return err
		}
		for _, m := range p.Movements {
			k := inventory.Key{Item: m.Item, Lot: m.Lot}
			if m.To.State == inventory.InTransit {
				have[k] += m.Qty
			}
			if m.From.State == inventory.InTransit {
				have[k] -= m.Qty
			}
		}
	}
	for k := range want {
		have[k] += 0
	}
	for _, k := range slices.SortedFunc(maps.Keys(have), inventory.Key.Compare) {
		a.check("units in transit are those of the transfers", row(k), want[k], have[k])
	}
	return nil
}

// expectations proves the supply that transfers are.
func (a *audit) expectations(want map[string]inventory.Supply) error {
	for p, err := range supplies.all(a.ctx, a.tx, storage.DocumentFilter{}) {
		if err != nil {
			return err
		}
		w, ok := want[p.ID]
		if !ok && !strings.HasPrefix(p.Document, transfer.OwnerPrefix) {
			continue
		}
		a.check("the supply of a transfer is what is in transit", "supply "+p.ID, w.Qty, p.Qty)
		delete(want, p.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		a.check("the supply of a transfer is what is in transit", "supply "+id, want[id].Qty, int64(0))
	}
	return nil
}

// counts proves that each posted count corrected the books by what it says, and no other
// did.
func (a *audit) counts() error {
	for c, err := range countShelf.all(a.ctx, a.tx, storage.DocumentFilter{}) {
		if err != nil {
			return err
		}
		if err := a.posted(&c); err != nil {
			return err
		}
	}
	return nil
}

// posted proves the correction of one count.
func (a *audit) posted(c *count.Count) error {
	want := make(map[inventory.Key]int64)
	for i := range c.Lines {
		if v := c.Lines[i].Posted; v != 0 {
			want[c.Lines[i].Key()] = v
		}
	}
	subject := "count " + c.ID.String()
	if c.Posting == uuid.Nil {
		a.check("a count corrects the books by its posting", subject, 0, len(want))
		return nil
	}
	p, err := a.tx.Stock().Posting(a.ctx, c.Posting)
	if err != nil {
		return err
	}
	for _, d := range p.Deltas() {
		var by int64 // of all states: expired holds that stood in the way became free
		for _, q := range d.By {
			by += q
		}
		a.check("a count corrects the books by its variances", subject+" "+row(d.Key), want[d.Key], by)
		delete(want, d.Key)
	}
	a.check("a count corrects the books by its variances", subject, 0, len(want))
	return nil
}
