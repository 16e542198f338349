package oms

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// serialPlace is where units of an item and lot are, as the register has it: at a location,
// or away.
type serialPlace struct {
	inventory.Key

	away inventory.State
}

func (p serialPlace) String() string {
	where := fmt.Sprintf("at %q", p.Location)
	if p.Location == "" {
		where = p.away.String()
	}
	return fmt.Sprintf("item %q lot %q %s", p.Item, p.Lot, where)
}

func (p serialPlace) compare(o serialPlace) int {
	return cmp.Or(p.Compare(o.Key), cmp.Compare(p.away, o.away))
}

// serials proves that the register of serial numbers agrees with its steps and with the
// ledger.
func (a *audit) serials() error {
	heads, err := every(a.ctx, a.tx, serialItems, storage.DocumentFilter{})
	if err != nil || len(heads) == 0 {
		return err
	}
	policies := make(map[string]inventory.SerialPolicy, len(heads))
	for _, h := range heads {
		policies[h.Item] = h.Policy
	}
	if err := a.serialPolicies(policies); err != nil {
		return err
	}
	named, err := a.serialSteps(policies)
	if err != nil {
		return err
	}
	for _, h := range heads {
		for lot, qty := range h.Unnamed {
			named[serialPlace{inventory.Key{Item: h.Item, Lot: lot}, inventory.Customer}] += qty
		}
	}
	booked := make(map[serialPlace]int64)
	for b, err := range a.tx.Stock().ListBalances(a.ctx) {
		if err != nil {
			return err
		}
		if policies[b.Item] == inventory.SerialsAtReceipt {
			booked[serialPlace{Key: b.Key}] += b.OnHand()
		}
	}
	for _, item := range slices.Sorted(maps.Keys(policies)) {
		if policies[item] == inventory.NoSerials {
			continue
		}
		for m, err := range a.tx.Stock().ListMovements(a.ctx, inventory.MovementFilter{Item: item}) {
			if err != nil {
				return err
			}
			for account, qty := range map[inventory.Account]int64{m.To: m.Qty, m.From: -m.Qty} {
				if followed(policies[item], account.State) {
					booked[serialPlace{inventory.Key{Item: item, Lot: m.Lot}, account.State}] += qty
				}
			}
		}
	}
	places := maps.Clone(booked)
	maps.Copy(places, named)
	for _, p := range slices.SortedFunc(maps.Keys(places), serialPlace.compare) {
		a.check("units by serial number are as many as the ledger has", p.String(), booked[p], named[p])
	}
	return nil
}

// followed tells whether all units of an item that are away in a state have a number.
func followed(policy inventory.SerialPolicy, s inventory.State) bool {
	return s == inventory.Customer || s == inventory.InTransit && policy == inventory.SerialsAtReceipt
}

// serialPolicies proves that postings obey the policies that the items have.
func (a *audit) serialPolicies(policies map[string]inventory.SerialPolicy) error {
	for i, err := range a.tx.Stock().ListItems(a.ctx) {
		if err != nil {
			return err
		}
		have, want := string(policies[i.ID]), string(i.Serials)
		a.check("the policy that postings obey is that of the item", fmt.Sprintf("item %q", i.ID), cmp.Or(want, "none"), cmp.Or(have, "none"))
	}
	return nil
}

// serialSteps proves that every unit is where its last step took it, and counts the units
// by place.
func (a *audit) serialSteps(policies map[string]inventory.SerialPolicy) (map[serialPlace]int64, error) {
	type walked struct {
		last inventory.SerialStep
		n    int64
	}
	steps := make(map[string]walked)
	for st, err := range serialSteps.all(a.ctx, a.tx, storage.DocumentFilter{}) {
		if err != nil {
			return nil, err
		}
		w := steps[serialID(st.Item, st.Serial)]
		if w.n++; st.No > w.last.No {
			w.last = st
		}
		steps[serialID(st.Item, st.Serial)] = w
	}
	named := make(map[serialPlace]int64)
	for n, err := range serialShelf.all(a.ctx, a.tx, storage.DocumentFilter{}) {
		if err != nil {
			return nil, err
		}
		subject := fmt.Sprintf("item %q serial %q", n.Item, n.ID)
		w := steps[serialID(n.Item, n.ID)]
		delete(steps, serialID(n.Item, n.ID))
		a.check("every step of a unit is kept", subject, n.Steps, w.n)
		if w.n == n.Steps && (w.last.Lot != n.Lot || w.last.To.Location != n.Location || !n.OnHand() && w.last.To.State != n.Away) {
			a.note("a unit is where its last step took it", subject, fmt.Sprintf("lot %q %s", w.last.Lot, w.last.To), n)
		}
		p := serialPlace{Key: inventory.Key{Item: n.Item, Lot: n.Lot, Location: n.Location}, away: n.Away}
		if n.OnHand() && policies[n.Item] == inventory.SerialsAtReceipt || followed(policies[n.Item], n.Away) {
			named[p]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(steps)) {
		w := steps[id]
		a.note("a unit that took steps is in the register", fmt.Sprintf("item %q serial %q", w.last.Item, w.last.Serial), w.last.To, "none")
	}
	return named, nil
}
