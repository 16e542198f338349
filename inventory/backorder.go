package inventory

// checkBackorder refuses a limit of an item of which nothing waits.
func (i *Item) checkBackorder() error {
	switch {
	case i.BackorderLimit < 0 || i.BackorderLimit > MaxQty:
		return &QuantityError{Item: i.ID, Qty: i.BackorderLimit, Rule: "the backorder limit must be between 0, which is none, and MaxQty"}
	case i.BackorderLimit > 0 && !i.Backorder:
		return &ItemError{Item: i.ID, Field: "BackorderLimit", Rule: "is for an item that may wait; set Backorder too, or no limit"}
	case i.BackorderLimit > 0 && !i.Stocked():
		return &ItemError{Item: i.ID, Field: "BackorderLimit", Rule: "is for an item that stock is kept of; others never wait"}
	}
	return nil
}

// Backorderable is the one rule, for display and for placing alike, of how many more units
// of an item may wait for stock:
//
//	max(0, limit − units that wait)
//
// It is Unlimited without a limit, and zero if none may wait. Of a kit nothing waits but its
// components.
func (s *Snapshot) Backorderable(item string) int64 {
	def := s.item(item)
	switch {
	case def == nil || !def.Backorder || !def.Stocked():
		return 0
	case def.BackorderLimit == 0:
		return Unlimited
	}
	return max(0, def.BackorderLimit-s.Waiting[item])
}

// explainBackorder adds to an availability over all locations what may be sold beyond it.
func (s *Snapshot) explainBackorder(a *Availability, def *Item, ask Ask) {
	add := func(name string, qty int64) {
		if qty != 0 {
			a.BackorderTerms = append(a.BackorderTerms, Term{Name: name, Qty: qty})
		}
	}
	switch {
	case def.Untracked || a.ATS == Unlimited:
	case len(def.Kit) > 0:
		a.Backorder = s.backorderableKits(def, a.ATS, ask)
		add("kits of components that may wait", a.Backorder)
	case def.Backorder:
		a.Backorder = s.Backorderable(def.ID)
		if a.Backorder == Unlimited {
			add("no backorder limit", Unlimited)
			return
		}
		waiting := s.Waiting[def.ID]
		add("backorder limit", def.BackorderLimit)
		add("waiting", -waiting)
		add("not below zero", max(0, waiting-def.BackorderLimit))
	}
}

// backorderableKits is how many kits beyond those available may be sold: components that may
// wait come from anywhere, when they are there; the others leave together, as if they were
// the whole kit.
func (s *Snapshot) backorderableKits(kit *Item, ats int64, ask Ask) int64 {
	firm, all := &Item{ID: kit.ID}, int64(Unlimited)
	for _, c := range kit.Kit {
		more := s.Backorderable(c.Item)
		if def := s.item(c.Item); def == nil || !def.Backorder || !def.Stocked() {
			firm.Kit = append(firm.Kit, c)
			continue
		}
		if more = plus(more, s.available(c.Item, "", ask)); more != Unlimited {
			more /= c.Qty
		}
		all = min(all, more)
	}
	if len(firm.Kit) == len(kit.Kit) {
		return 0
	}
	if all = min(all, s.most(firm, s.availableKits(firm, "", ask))); all != Unlimited {
		all -= ats
	}
	return all
}
