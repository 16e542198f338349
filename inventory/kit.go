package inventory

import "slices"

// PartsOf lists the components of kits and of bills that are not among the items
// themselves, sorted: what a repository reads beside them.
func PartsOf(items []Item) []string {
	var out []string
	for i := range items {
		for _, parts := range [][]Component{items[i].Kit, items[i].Bill} {
			for _, c := range parts {
				if !slices.ContainsFunc(items, func(x Item) bool { return x.ID == c.Item }) {
					out = append(out, c.Item)
				}
			}
		}
	}
	return distinct(out)
}

// kits is how many of a kit the components at a location make, and the scarcest of them.
// The kits of one order line leave from one location.
func (s *Snapshot) kits(kit *Item, location string, ask Ask) (int64, string) {
	least, scarcest := int64(Unlimited), ""
	for _, c := range kit.Kit {
		def := s.item(c.Item)
		var have int64
		switch {
		case def == nil || !def.Stocked() && !def.Untracked: // a kit of kits is none
		case def.Untracked:
			have = Unlimited
		default:
			m := s.measure(def, location, ask)
			have = m.ats()
		}
		if have != Unlimited {
			have /= c.Qty
		}
		if have < least || scarcest == "" {
			least, scarcest = have, c.Item
		}
	}
	return least, scarcest
}

// kitPlaces are the locations that have a balance or a level of a component of a kit.
func (s *Snapshot) kitPlaces(kit *Item) []string {
	var out []string
	for _, c := range kit.Kit {
		s.eachLocation(c.Item, func(location string) { out = append(out, location) })
	}
	return distinct(out)
}

// availableKits is Available of a kit.
func (s *Snapshot) availableKits(kit *Item, location string, ask Ask) int64 {
	if location != "" {
		n, _ := s.kits(kit, location, ask)
		return n
	}
	if !slices.ContainsFunc(kit.Kit, func(c Component) bool { def := s.item(c.Item); return def == nil || !def.Untracked }) {
		return Unlimited
	}
	var sum int64
	for _, place := range s.kitPlaces(kit) {
		n, _ := s.kits(kit, place, ask)
		sum = plus(sum, n)
	}
	return sum
}

// explainKits is Explain of a kit: at each location as many as its scarcest component
// makes.
func (s *Snapshot) explainKits(kit *Item, location string, ask Ask) Availability {
	a := Availability{Item: kit.ID, Location: location}
	places := []string{location}
	if location == "" {
		places = s.kitPlaces(kit)
	}
	for _, place := range places {
		n, scarcest := s.kits(kit, place, ask)
		a.ATS = plus(a.ATS, n)
		a.Terms = append(a.Terms, Term{Name: "kits by the scarcest component, " + scarcest, Location: place, Qty: n})
	}
	return a
}

// most is what the channel asked for shows at most of qty of an item. A kit is capped with
// each of its components, too.
func (s *Snapshot) most(def *Item, qty int64) int64 {
	if s.Channel == nil {
		return qty
	}
	for _, c := range def.Kit {
		if most := s.Channel.listing(c.Item).Cap; most != nil {
			qty = min(qty, *most/c.Qty)
		}
	}
	return s.Capped(def.ID, qty)
}

// CheckParts refuses an item whose kit or bill could never be put together: components
// are known, tracked in a bill, and never kits themselves; a kit has one at least that
// stock is kept of. The snapshot has them.
func (s *Snapshot) CheckParts(i Item) error {
	kept := len(i.Kit) == 0
	for _, parts := range []struct {
		field string
		of    []Component
	}{{"Kit", i.Kit}, {"Bill", i.Bill}} {
		for _, c := range parts.of {
			def, ok := s.Item(c.Item)
			switch {
			case !ok:
				return &ItemError{Item: i.ID, Field: parts.field, Rule: "component " + c.Item + " is unknown; add it first"}
			case len(def.Kit) > 0:
				return &ItemError{Item: i.ID, Field: parts.field, Rule: "component " + c.Item + " is a kit; name what it consists of"}
			case def.Untracked && parts.field == "Bill":
				return &ItemError{Item: i.ID, Field: parts.field, Rule: "component " + c.Item + " is untracked; nothing of it can be used up"}
			}
			kept = kept || def.Stocked()
		}
	}
	if !kept {
		return &ItemError{Item: i.ID, Field: "Kit", Rule: "no stock is kept of any component; an untracked item does the same"}
	}
	return nil
}

// parts replaces holds of kits by holds of their components, so that the demand of the
// whole call is one sum over what really lies on the shelf.
func (s *Snapshot) parts(holds []Hold) ([]Hold, error) {
	isKit := func(h Hold) bool { item := s.item(h.Item); return item != nil && len(item.Kit) > 0 }
	if !slices.ContainsFunc(holds, isKit) {
		return holds, nil
	}
	var out []Hold
	asked := map[string]int64{} // of each kit, for the cap of a channel
	for _, h := range holds {
		kit, _ := s.Item(h.Item)
		if len(kit.Kit) == 0 {
			out = append(out, h)
			continue
		}
		if err := checkQty(h.Item, h.Qty); err != nil {
			return nil, err
		}
		switch {
		case h.Lot != "":
			return nil, &ItemError{Item: h.Item, Field: "Kit", Rule: "a kit has no lot; hold its components to name theirs"}
		case h.Line == 0 && !h.Until.IsZero():
			return nil, &ItemError{Item: h.Item, Field: "Kit", Rule: "a soft hold of a kit needs a Line of its own: " +
				"a later hold of a component on the same line would replace the kit's"}
		}
		asked[h.Item] += h.Qty
		if most := s.Capped(h.Item, asked[h.Item]); most < asked[h.Item] {
			return nil, &ShortageError{Short: []Shortage{{Line: h.Line, Item: h.Item, Location: h.Location, Want: h.Qty, Have: max(0, most-asked[h.Item]+h.Qty)}}}
		}
		parts, err := times(h.Item, kit.Kit, h.Qty)
		if err != nil {
			return nil, err
		}
		for _, c := range parts {
			if def, ok := s.Item(c.Item); ok && def.Untracked {
				continue // always there, and no stock of it to hold
			}
			hold := h
			hold.Item, hold.Qty = c.Item, c.Qty
			out = append(out, hold)
		}
	}
	return out, nil
}
