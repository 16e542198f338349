package oms

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// sale is the order of a draft, with the stock of its items as it is now.
func (s *attempt) sale(id order.ID, d order.Draft) (*edit, inventory.Snapshot, error) {
	o, err := order.New(id, d, s.now)
	if err != nil {
		return nil, inventory.Snapshot{}, err
	}
	ed := &edit{Order: o}
	snap, err := s.stockFor(ed)
	if err != nil {
		return nil, snap, err
	}
	d, found, err := unpack(d, &snap)
	if err == nil && found { // priced anew, as what is in the kits
		ed.Order, err = order.New(id, d, s.now)
	}
	if err == nil {
		err = ed.settle(&snap)
	}
	return ed, snap, err
}

// unpack states what the kits of a draft consist of. What is beyond the cap that a channel
// has for a kit is refused.
func unpack(d order.Draft, snap *inventory.Snapshot) (order.Draft, bool, error) {
	found := false
	var short []inventory.Shortage
	asked := map[string]int64{}
	for i := range d.Lines {
		l := &d.Lines[i]
		item, ok := snap.Item(l.Item)
		if !ok || len(item.Kit) == 0 || len(l.Kit) > 0 || l.Service {
			continue
		}
		if !found {
			d.Lines, found = slices.Clone(d.Lines), true
			l = &d.Lines[i]
		}
		for _, c := range item.Kit {
			part, _ := snap.Item(c.Item) // the catalog refuses the line if it is not there
			l.Kit = append(l.Kit, order.Component{Item: c.Item, SKU: part.SKU, Title: part.Name, Qty: c.Qty, Share: c.Share})
		}
		asked[l.Item] += l.Qty
		if most := snap.Capped(l.Item, asked[l.Item]); most < asked[l.Item] {
			short = append(short, inventory.Shortage{Line: i + 1, Item: l.Item, Want: l.Qty, Have: max(0, most-asked[l.Item]+l.Qty)})
		}
	}
	if len(short) > 0 {
		return d, found, &inventory.ShortageError{Short: short}
	}
	return d, found, nil
}

// settle settles each line of a new order by its item's definition: an unknown item is
// refused, an untracked one takes no stock, and one that may be backordered may wait.
func (ed *edit) settle(snap *inventory.Snapshot) error {
	for i := range ed.Lines {
		l := &ed.Lines[i]
		if !l.Stocked {
			continue
		}
		item, ok := snap.Item(l.Item)
		if !ok {
			return &order.LineError{Order: ed.ID, Line: l.No, Err: fmt.Errorf(
				"%w: %q; add it with Stock.AddItem, or mark the line as a Service", inventory.ErrUnknownItem, l.Item)}
		}
		if len(item.Kit) > 0 {
			return &order.LineError{Order: ed.ID, Line: l.No, Err: fmt.Errorf(
				"%w: %q is a component of %q; name what it consists of", inventory.ErrKit, l.Item, l.Kit.Item)}
		}
		l.Stocked = !item.Untracked
		l.Backorder = l.Backorder || item.Backorder
	}
	return nil
}

// wish is what a line asks of the strategy. What a kit consists of comes from one location,
// all of it or nothing, if it is to be whole; but for what may wait, and then comes when it
// is there.
func wish(l *order.Line, qty int64, whole bool) allocation.Demand {
	d := allocation.Demand{Line: l.No, Item: l.Item, Qty: qty}
	if whole && l.Kit != nil && !l.Backorder {
		d.Together = "kit " + strconv.Itoa(l.Kit.Line)
	}
	return d
}

// short is what an unassigned demand lacks. Of demands that come together or not at all it
// is what is missing where the least is, told with the first of them.
func (ed *edit) short(rec *allocation.Record, u allocation.Shortage) []inventory.Shortage {
	lack := func(d *allocation.Demand, location string, have int64) inventory.Shortage {
		return ed.lack(d.Line, inventory.Shortage{Item: d.Item, Location: location, Want: d.Qty, Have: have})
	}
	group := together(rec.Request.Demands, u.Line)
	if group[0].Line != u.Line {
		return nil
	}
	if group[0].Together == "" {
		return []inventory.Shortage{lack(&group[0], "", u.Have)}
	}
	var least []inventory.Shortage
	var missing int64
	for i := range rec.Request.Candidates {
		c := &rec.Request.Candidates[i]
		var short []inventory.Shortage
		var sum int64
		for j := range group {
			d := &group[j]
			if have := left(rec, c, d.Item); have < d.Qty {
				short = append(short, lack(d, c.Location, have))
				sum += d.Qty - have
			}
		}
		if len(short) > 0 && (least == nil || sum < missing) {
			least, missing = short, sum
		}
	}
	if least == nil { // no location may serve it
		for j := range group {
			least = append(least, lack(&group[j], "", 0))
		}
	}
	return least
}

// lack is a shortage of a line, which may be of a kit.
func (ed *edit) lack(line int, s inventory.Shortage) inventory.Shortage {
	s.Line = line
	if l, _ := ed.Line(line); l.Kit != nil {
		s.Kit = l.Kit.Item
	}
	return s
}

// together are the demands that come with the one of a line, or not at all.
func together(all []allocation.Demand, line int) []allocation.Demand {
	i := slices.IndexFunc(all, func(d allocation.Demand) bool { return d.Line == line })
	if all[i].Together == "" {
		return all[i : i+1]
	}
	var out []allocation.Demand
	for _, d := range all {
		if d.Together == all[i].Together {
			out = append(out, d)
		}
	}
	return out
}

// left is what a plan leaves of an item at a location.
func left(rec *allocation.Record, c *allocation.Candidate, item string) int64 {
	i := slices.Index(rec.Request.Items, item)
	have := c.Available[i]
	if have == inventory.Unlimited {
		return have
	}
	for _, a := range rec.Plan.Assignments {
		if a.Location == c.Location && a.Item == item {
			have -= a.Qty
		}
	}
	return have
}
