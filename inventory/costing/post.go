package costing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// Need is what the costing of a posting has to know of one item.
type Need struct {
	Item string
	Out  int64 // layers that have so many units
	Sale bool  // what left under the document
}

// Needs lists what must be known to cost movements, by item. It is empty where no unit
// comes from outside or leaves: of most postings.
func Needs(movements []inventory.Movement) []Need {
	var out []Need
	for i := range movements {
		m := &movements[i]
		kind, in := kindOf(m, "")
		if kind == "" {
			continue
		}
		at, ok := slices.BinarySearchFunc(out, m.Item, func(n Need, item string) int { return strings.Compare(n.Item, item) })
		if !ok {
			out = slices.Insert(out, at, Need{Item: m.Item})
		}
		if !in {
			out[at].Out += m.Qty
		}
		out[at].Sale = out[at].Sale || kind == Shipped || kind == Returned
	}
	return out
}

// Book is the costing of one item as far as a decision needs it.
type Book struct {
	Head   Head
	Layers []Layer // those with units left, in order: all, or as many as Need.Out asks for
	Sale   Sale    // of the document; Version is 0 where nothing left under it yet
}

// Changes is the outcome of a decision: what to save, whole or not at all. Versions are as
// they will be after saving.
type Changes struct {
	Heads   []Head
	Layers  []Layer
	Sales   []Sale
	Entries []Entry
}

// desk is the workspace of one decision.
type desk struct {
	meta     Meta
	books    []Book  // copies
	gone     []Layer // that have no units left
	entries  []Entry
	reopened int
	consumed decimal.Decimal // by this posting
	consumes bool
}

// Meta is what entries record beside their amounts.
type Meta struct {
	Posting  uuid.UUID
	Document string
	Actor    string
	Now      time.Time
}

func newDesk(books []Book, m Meta) *desk {
	d := &desk{meta: m, books: slices.Clone(books)}
	for i := range d.books {
		b := &d.books[i]
		b.Layers = slices.Clone(b.Layers)
		b.Sale.Out = slices.Clone(b.Sale.Out)
	}
	slices.SortFunc(d.books, func(a, b Book) int { return strings.Compare(a.Head.Item, b.Head.Item) })
	return d
}

func (d *desk) book(item string) *Book {
	i, ok := slices.BinarySearchFunc(d.books, item, func(b Book, item string) int { return strings.Compare(b.Head.Item, item) })
	if !ok || d.books[i].Head.Method == inventory.NotCosted {
		return nil
	}
	return &d.books[i]
}

// Post decides what the movements of a posting cost. Books are those of its costed items;
// others cost nothing. Document is what units come back from, or leave under: the order.
func Post(books []Book, c inventory.Changes, document string) (Changes, error) {
	p := &c.Posting
	d := newDesk(books, Meta{Posting: p.ID, Document: document, Actor: p.Actor, Now: p.At})
	costs := make(map[int]decimal.Decimal, len(c.Costs))
	for _, u := range c.Costs {
		costs[u.Movement] = u.Cost
	}
	var made []int
	for i := range p.Movements {
		m := &p.Movements[i]
		b := d.book(m.Item)
		kind, in := kindOf(m, p.Reason)
		if b == nil || kind == "" {
			continue
		}
		var err error
		switch cost, stated := costs[i]; {
		case kind == Made:
			made = append(made, i)
		case in:
			err = d.in(b, kind, i, m.Qty, decimal.NullDecimal{Decimal: cost, Valid: stated})
		default:
			err = d.out(b, kind, m.Qty)
		}
		if err != nil {
			return Changes{}, err
		}
	}
	if err := d.made(p.Movements, made, costs); err != nil {
		return Changes{}, err
	}
	return d.done(), nil
}

// in costs units that come.
func (d *desk) in(b *Book, kind Kind, movement int, qty int64, stated decimal.NullDecimal) error {
	var value decimal.Decimal
	rest := qty
	if kind == Returned && d.meta.Document != "" {
		value, rest = d.back(b, qty)
	}
	if rest > 0 {
		unit, err := unitOf(b, kind, stated)
		if err != nil {
			return err
		}
		total := unit.Mul(decimal.NewFromInt(rest))
		if stated.Valid {
			b.Head.Last = stated
		}
		d.open(b, movement, rest, total)
		value = value.Add(total)
	}
	b.Head.add(qty, value)
	d.enter(b, kind, qty, value)
	return nil
}

// unitOf is what a unit costs that comes without a history.
func unitOf(b *Book, kind Kind, stated decimal.NullDecimal) (decimal.Decimal, error) {
	if stated.Valid {
		return stated.Decimal, inventory.CheckUnitCost(b.Head.Item, stated.Decimal)
	}
	if kind == Received || kind == Opened {
		return decimal.Decimal{}, &inventory.CostError{Item: b.Head.Item, Rule: "its cost is missing; the item is costed, so say what one unit cost, if only 0"}
	}
	unit, ok := b.Head.Unit()
	if !ok {
		return unit, &inventory.CostError{Item: b.Head.Item, Rule: "no cost is known yet; receive a unit with its cost first, or state one"}
	}
	return unit, nil
}

// open adds a layer behind all others.
func (d *desk) open(b *Book, movement int, qty int64, total decimal.Decimal) {
	id := LayerID(d.meta.Posting, movement)
	b.Layers = append(b.Layers, Layer{ID: id, Item: b.Head.Item, Root: id, Posting: d.meta.Posting, Seq: b.Head.Seq + 1,
		Of: qty, Total: total, To: qty, At: d.meta.Now, changed: true})
	b.Head.Layers++
}

// back costs units that left under the document, and opens their layers again. It gives
// their cost, and how many there were too many.
func (d *desk) back(b *Book, qty int64) (decimal.Decimal, int64) {
	var value decimal.Decimal
	for qty > 0 && len(b.Sale.Out) > 0 {
		s := &b.Sale.Out[0]
		n := min(qty, s.To-s.From-s.Back)
		from := s.From + s.Back
		cost := Share(s.Total, from, from+n, s.Of)
		if b.Head.Method == inventory.CostAverage {
			cost = Share(s.Value, s.Back, s.Back+n, s.To-s.From)
		}
		d.reopen(b, s, from, from+n)
		value = value.Add(cost)
		b.Sale.Back, b.Sale.BackCost, b.Sale.changed = b.Sale.Back+n, b.Sale.BackCost.Add(cost), true
		qty -= n
		if s.Back += n; s.From+s.Back == s.To {
			b.Sale.Out = b.Sale.Out[1:]
		}
	}
	return value, qty
}

func (d *desk) reopen(b *Book, s *Slice, from, to int64) {
	d.reopened++
	l := Layer{ID: fmt.Sprintf("%s~%019d.%04d", s.Root, b.Head.Seq+1, d.reopened), Item: b.Head.Item, Root: s.Root, Posting: s.Posting, Seq: s.Seq,
		Of: s.Of, Total: s.Total, From: from, To: to, At: d.meta.Now, changed: true}
	at, _ := slices.BinarySearchFunc(b.Layers, &l, func(x Layer, l *Layer) int { return x.Compare(l) })
	b.Layers = slices.Insert(b.Layers, at, l)
	b.Head.Layers++
}

// out costs units that leave.
func (d *desk) out(b *Book, kind Kind, qty int64) error {
	taken, err := d.take(b, qty)
	if err != nil {
		return err
	}
	if b.Head.Qty < qty {
		return fmt.Errorf("%w: item %q has %d units, and %d are to leave", ErrStale, b.Head.Item, b.Head.Qty, qty)
	}
	var value decimal.Decimal
	if b.Head.Method == inventory.CostAverage {
		value = b.Head.average(qty)
		var at int64
		for i := range taken {
			n := taken[i].To - taken[i].From
			taken[i].Value = Share(value, at, at+n, qty)
			at += n
		}
	} else {
		for i := range taken {
			value = value.Add(taken[i].Value)
		}
	}
	b.Head.add(-qty, value.Neg())
	switch {
	case kind == Consumed:
		d.consumed, d.consumes = d.consumed.Add(value), true
	case kind == Shipped && d.meta.Document != "":
		s := &b.Sale
		s.Item, s.Document, s.changed = b.Head.Item, d.meta.Document, true
		s.Qty, s.Cost = s.Qty+qty, s.Cost.Add(value)
		s.Out = append(s.Out, taken...)
	}
	d.enter(b, kind, -qty, value.Neg())
	return nil
}

// take takes the oldest units.
func (d *desk) take(b *Book, qty int64) ([]Slice, error) {
	var taken []Slice
	for qty > 0 {
		if len(b.Layers) == 0 {
			return nil, fmt.Errorf("%w: item %q has %d units, and its layers %d less than that asks for", ErrStale, b.Head.Item, b.Head.Qty, qty)
		}
		l := &b.Layers[0]
		n := min(qty, l.Left())
		taken = append(taken, Slice{Root: l.Root, Posting: l.Posting, Seq: l.Seq, Of: l.Of, Total: l.Total, From: l.From, To: l.From + n,
			Value: Share(l.Total, l.From, l.From+n, l.Of)})
		l.From, l.changed = l.From+n, true
		qty -= n
		if l.Left() == 0 {
			d.gone = append(d.gone, *l)
			b.Layers = b.Layers[1:]
			b.Head.Layers--
		}
	}
	return taken, nil
}

// made gives what was made the cost of what the posting consumed: by the costs that are
// stated or known where several things were made, else by their number.
func (d *desk) made(movements []inventory.Movement, made []int, costs map[int]decimal.Decimal) error {
	weights := make([]decimal.Decimal, len(made))
	var sum decimal.Decimal
	var units int64
	for k, i := range made {
		m := &movements[i]
		unit, stated := costs[i]
		if !stated {
			unit, _ = d.book(m.Item).Head.Unit()
		}
		if !d.consumes { // nothing to pass on
			if err := d.in(d.book(m.Item), Made, i, m.Qty, decimal.NullDecimal{Decimal: unit, Valid: stated}); err != nil {
				return err
			}
		}
		weights[k] = unit.Mul(decimal.NewFromInt(m.Qty))
		sum = sum.Add(weights[k])
		units += m.Qty
	}
	if !d.consumes {
		return nil
	}
	var upTo, given decimal.Decimal
	for k, i := range made {
		m := &movements[i]
		if sum.IsZero() {
			weights[k] = decimal.NewFromInt(m.Qty)
		}
		upTo = upTo.Add(weights[k])
		whole := sum
		if sum.IsZero() {
			whole = decimal.NewFromInt(units)
		}
		value := d.consumed.Mul(upTo).DivRound(whole, inventory.CostPlaces).Sub(given)
		given = given.Add(value)
		b := d.book(m.Item)
		d.open(b, i, m.Qty, value)
		b.Head.add(m.Qty, value)
		b.Head.Last = decimal.NewNullDecimal(value.DivRound(decimal.NewFromInt(m.Qty), inventory.CostPlaces))
		d.enter(b, Made, m.Qty, value)
	}
	return nil
}

// enter writes an entry with the totals after it.
func (d *desk) enter(b *Book, kind Kind, qty int64, value decimal.Decimal) {
	h := &b.Head
	h.Seq++
	if d.meta.Now.After(h.At) {
		h.At = d.meta.Now
	}
	d.entries = append(d.entries, Entry{ID: EntryID(h.Item, h.Seq), Item: h.Item, Seq: h.Seq, At: h.At, Kind: kind, Posting: d.meta.Posting,
		Document: d.meta.Document, Actor: d.meta.Actor, Qty: qty, Value: value, QtyAfter: h.Qty, ValueAfter: h.Value})
}

// done lists what changed.
func (d *desk) done() Changes {
	c := Changes{Entries: d.entries}
	if len(d.entries) == 0 {
		return c
	}
	layer := func(l Layer) {
		if l.changed {
			l.Version, l.changed = l.Version+1, false
			c.Layers = append(c.Layers, l)
		}
	}
	for _, l := range d.gone {
		layer(l)
	}
	for i := range d.books {
		b := &d.books[i]
		if slices.ContainsFunc(d.entries, func(e Entry) bool { return e.Item == b.Head.Item }) {
			b.Head.Version++
			c.Heads = append(c.Heads, b.Head)
		}
		for _, l := range b.Layers {
			layer(l)
		}
		if b.Sale.changed {
			b.Sale.Version, b.Sale.changed = b.Sale.Version+1, false
			c.Sales = append(c.Sales, b.Sale)
		}
	}
	slices.SortFunc(c.Layers, func(a, b Layer) int { return cmp.Or(strings.Compare(a.Item, b.Item), a.Compare(&b)) })
	return c
}
