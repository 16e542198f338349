package inventory

import (
	"fmt"
	"iter"
	"slices"
)

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

// isKit tells whether an item is known to be a kit.
func (s *Snapshot) isKit(item string) bool {
	def := s.item(item)
	return def != nil && len(def.Kit) > 0
}

// parts are what one unit of a hold takes: that unit, or of a kit each component that stock
// is kept of. The others are always there.
func (s *Snapshot) parts(h Hold) iter.Seq[Hold] {
	return func(yield func(Hold) bool) {
		kit := s.item(h.Item)
		if kit == nil || len(kit.Kit) == 0 {
			one := h
			one.Qty = 1
			yield(one)
			return
		}
		for _, c := range kit.Kit {
			if def := s.item(c.Item); def != nil && def.Untracked {
				continue
			}
			part := h
			part.Item, part.Qty = c.Item, c.Qty
			if !yield(part) {
				return
			}
		}
	}
}

// checkKit refuses a hold of a kit that its components cannot stand for.
func (s *Snapshot) checkKit(h Hold) error {
	switch {
	case h.Lot != "":
		return lotOfKit(h.Item)
	case h.Line == 0 && !h.Until.IsZero():
		return &ItemError{Item: h.Item, Field: "Kit", Rule: "a soft hold of a kit needs a Line of its own: " +
			"a later hold of a component on the same line would replace the kit's"}
	}
	for range s.parts(h) {
		return nil
	}
	return fmt.Errorf("%w: no component of %q keeps stock", ErrUntracked, h.Item)
}

func lotOfKit(kit string) error {
	return &ItemError{Item: kit, Field: "Kit", Rule: "a kit has no lot; name its components to name theirs"}
}

// takeKit reserves the components of a kit, so that the demand of the whole call is one sum
// over what really lies on the shelf.
func (l *ledger) takeKit(h Hold) {
	if most := l.uncapped(h.Item, h.Qty); most < h.Qty {
		l.short = append(l.short, Shortage{Line: h.Line, Item: h.Item, Location: h.Location, Want: h.Qty, Have: most})
		return
	}
	short := len(l.short)
	for part := range l.snap.parts(h) {
		sum, err := (&Component{Item: part.Item, Qty: part.Qty}).times(h.Item, h.Qty)
		if err != nil {
			l.fail(err)
			return
		}
		part.Qty = sum
		l.reserve(part)
	}
	for i := range l.short[short:] {
		l.short[short+i].Kit = h.Item
	}
	if l.kits == nil {
		l.kits = map[string]int64{}
	}
	l.kits[h.Item] += h.Qty
}
