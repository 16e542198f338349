package oms

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orderkit/oms/inventory"
)

// stock proves the ledger: balances against movements, held states against reservations.
func (a *audit) stock() error {
	sums := make(map[inventory.Key]*inventory.Balance)
	at := func(k inventory.Key) *inventory.Balance {
		b, ok := sums[k]
		if !ok {
			b = &inventory.Balance{Key: k}
			sums[k] = b
		}
		return b
	}
	for p, err := range a.tx.Stock().ListPostings(a.ctx, inventory.PostingFilter{}) {
		if err != nil {
			return err
		}
		for _, m := range p.Movements {
			for _, end := range []struct {
				at inventory.Account
				by int64
			}{{m.From, -m.Qty}, {m.To, m.Qty}} {
				if end.at.State.AtLocation() {
					b := at(inventory.Key{Item: m.Item, Lot: m.Lot, Location: end.at.Location})
					b.Set(end.at.State, b.Of(end.at.State)+end.by)
				}
			}
		}
	}
	held := make(map[inventory.Key]*inventory.Balance)
	for r, err := range a.tx.Stock().ListReservations(a.ctx, inventory.ReservationFilter{Open: true}) {
		if err != nil {
			return err
		}
		if strings.HasPrefix(r.Owner, ownerPrefix) {
			a.owners[r.Owner] = true
		}
		reserve(held, &r)
	}
	return a.balances(sums, held)
}

// row names a balance row for a person.
func row(k inventory.Key) string {
	if k.Lot == "" {
		return fmt.Sprintf("item %q at %q", k.Item, k.Location)
	}
	return fmt.Sprintf("item %q lot %q at %q", k.Item, k.Lot, k.Location)
}

var heldStates = []inventory.State{inventory.Soft, inventory.Committed, inventory.Picked, inventory.Packed}

func (a *audit) balances(sums, held map[inventory.Key]*inventory.Balance) error {
	for b, err := range a.tx.Stock().ListBalances(a.ctx) {
		if err != nil {
			return err
		}
		a.balance(&b, sums, held)
	}
	a.homeless("units that moved have a balance", sums)
	a.homeless("units that are reserved have a balance", held)
	return nil
}

// reserve adds the units of a reservation to those that are held under its key.
func reserve(held map[inventory.Key]*inventory.Balance, r *inventory.Reservation) {
	k := r.Balance()
	if held[k] == nil {
		held[k] = &inventory.Balance{Key: k}
	}
	for _, s := range heldStates {
		held[k].Set(s, held[k].Of(s)+r.Of(s))
	}
}

// balance proves one row, and takes it out of what is left to be found. Without held the
// reservations are not looked at.
func (a *audit) balance(b *inventory.Balance, sums, held map[inventory.Key]*inventory.Balance) {
	subject := row(b.Key)
	want, reserved := &inventory.Balance{}, &inventory.Balance{}
	if sums[b.Key] != nil {
		want = sums[b.Key]
	}
	if held[b.Key] != nil {
		reserved = held[b.Key]
	}
	for _, s := range inventory.LocationStates() {
		a.check(s.String()+" is the sum of its movements", subject, want.Of(s), b.Of(s))
		if b.Of(s) < 0 {
			a.check(s.String()+" is never negative", subject, int64(0), b.Of(s))
		}
	}
	if held != nil {
		for _, s := range heldStates {
			a.check(s.String()+" is the sum of its reservations", subject, reserved.Of(s), b.Of(s))
		}
	}
	delete(sums, b.Key)
	delete(held, b.Key)
}

// homeless notes units that have no balance row to lie in.
func (a *audit) homeless(law string, left map[inventory.Key]*inventory.Balance) {
	for _, k := range slices.SortedFunc(maps.Keys(left), inventory.Key.Compare) {
		for _, s := range inventory.LocationStates() {
			a.check(law, fmt.Sprintf("%s of %s", s, row(k)), left[k].Of(s), int64(0))
		}
	}
}
