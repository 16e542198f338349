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
		def, ok := s.Item(c.Item)
		var have int64
		switch {
		case !ok || !def.Stocked() && !def.Untracked: // a kit of kits is none
		case def.Untracked:
			have = Unlimited
		default:
			have = s.measure(def, location, ask).ats()
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

// parts replaces holds of kits by holds of their components, so that the demand of the
// whole call is one sum over what really lies on the shelf.
func (s *Snapshot) parts(holds []Hold) ([]Hold, error) {
	isKit := func(h Hold) bool { item, ok := s.Item(h.Item); return ok && len(item.Kit) > 0 }
	if !slices.ContainsFunc(holds, isKit) {
		return holds, nil
	}
	var out []Hold
	for _, h := range holds {
		kit, _ := s.Item(h.Item)
		if len(kit.Kit) == 0 {
			out = append(out, h)
			continue
		}
		if err := checkQty(h.Item, h.Qty); err != nil {
			return nil, err
		}
		if h.Lot != "" {
			return nil, &ItemError{Item: h.Item, Field: "Kit", Rule: "a kit has no lot; hold its components to name theirs"}
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
	return merged(out), nil
}

// merged adds up the holds that are for the same units, in the place of the first.
func merged(holds []Hold) []Hold {
	var out []Hold
	for _, h := range holds {
		at := slices.IndexFunc(out, func(o Hold) bool {
			return o.Owner == h.Owner && o.Line == h.Line && o.Item == h.Item && o.Lot == h.Lot && o.Location == h.Location && o.Until.Equal(h.Until)
		})
		if at >= 0 && out[at].Qty <= MaxQty-h.Qty {
			out[at].Qty += h.Qty
		} else {
			out = append(out, h)
		}
	}
	return out
}
