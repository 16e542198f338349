package inventory

import "fmt"

// Assembly makes an item out of the components of its bill at a location, or takes it
// apart into them again.
type Assembly struct {
	Item     string
	Lot      string // of what is made, or taken apart
	Location string
	Qty      int64 // of the item
	Ref      string
}

// Assemble decides that components become an item: each FREE → PRODUCTION, the item
// PRODUCTION → FREE, in one posting. Components are taken in the order of their lots; those
// that are frozen at the location stay there. Where some are missing nothing is made, and
// the error lists all that is.
func Assemble(s Snapshot, a Assembly, m Meta) (Changes, error) {
	l, bill, err := assembling(s, a, m, ReasonAssemble)
	if err != nil {
		return Changes{}, err
	}
	for _, c := range bill {
		l.consume(c, a.Location)
	}
	l.move(Movement{Item: a.Item, Lot: a.Lot, From: Outside(Production), To: At(a.Location, Free), Qty: a.Qty})
	return l.done()
}

// Disassemble decides the opposite of Assemble. Components come back without a lot. An
// item that is frozen at the location stays whole.
func Disassemble(s Snapshot, a Assembly, m Meta) (Changes, error) {
	l, bill, err := assembling(s, a, m, ReasonDisassemble)
	if err != nil {
		return Changes{}, err
	}
	if s.level(a.Item, a.Location).Frozen {
		return Changes{}, &ShortageError{Short: []Shortage{{Item: a.Item, Location: a.Location, Want: a.Qty}}}
	}
	l.move(Movement{Item: a.Item, Lot: a.Lot, From: At(a.Location, Free), To: Outside(Production), Qty: a.Qty})
	for _, c := range bill {
		l.move(Movement{Item: c.Item, From: Outside(Production), To: At(a.Location, Free), Qty: c.Qty})
	}
	return l.done()
}

// assembling checks an assembly and gives what it takes of each component.
func assembling(s Snapshot, a Assembly, m Meta, why Reason) (ledger, []Component, error) {
	if err := s.stocked(a.Item); err != nil {
		return ledger{}, nil, err
	}
	item, _ := s.Item(a.Item)
	if len(item.Bill) == 0 {
		return ledger{}, nil, &ItemError{Item: a.Item, Field: "Bill", Rule: "is empty; say what the item is made of"}
	}
	if err := checkQty(a.Item, a.Qty); err != nil {
		return ledger{}, nil, err
	}
	bill, err := times(a.Item, item.Bill, a.Qty)
	return newLedger(s, m, why, a.Ref), bill, err
}

// times is what qty of the whole take of each component.
func times(whole string, parts []Component, qty int64) ([]Component, error) {
	out := make([]Component, len(parts))
	for i, c := range parts {
		sum, err := c.times(whole, qty)
		if err != nil {
			return nil, err
		}
		out[i] = Component{Item: c.Item, Qty: sum}
	}
	return out, nil
}

// times is how many units of the component qty of the whole take.
func (c *Component) times(whole string, qty int64) (int64, error) {
	if qty > MaxQty/c.Qty {
		return 0, &QuantityError{Item: whole, Qty: qty, Rule: fmt.Sprintf("it takes %d of %q each, which are too many", c.Qty, c.Item)}
	}
	return c.Qty * qty, nil
}

// consume takes free units of a component into production, lot by lot.
func (l *ledger) consume(c Component, location string) {
	if l.snap.level(c.Item, location).Frozen {
		l.short = append(l.short, Shortage{Item: c.Item, Location: location, Want: c.Qty})
		return
	}
	h := Hold{Item: c.Item, Location: location, Qty: c.Qty}
	if l.free(h) < c.Qty {
		l.expire(c.Item, location)
	}
	left := c.Qty
	rows := l.lots(h)
	for i := range rows {
		if take := min(left, rows[i].Of(Free)); take > 0 {
			left -= take
			l.move(Movement{Item: c.Item, Lot: rows[i].Lot, From: At(location, Free), To: Outside(Production), Qty: take})
		}
	}
	switch left {
	case 0:
	case c.Qty: // nothing there: the movement says whether the item and the place are known
		l.move(Movement{Item: c.Item, From: At(location, Free), To: Outside(Production), Qty: c.Qty})
	default:
		l.short = append(l.short, Shortage{Item: c.Item, Location: location, Want: c.Qty, Have: c.Qty - left})
	}
}
