package oms

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/costing"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// Costs are the commands and queries on what goods are worth: stock value, cost of goods
// sold, later costs. They need an Engine made with WithCosting.
type Costs struct{ e *Engine }

// ErrNotCosting is a command on costs, or a costed item, given to an Engine that was made
// without WithCosting.
var ErrNotCosting = errors.New("oms: this Engine does not cost; make it with WithCosting")

// WithCosting keeps the books of what stock is worth, for the items that are costed. It
// makes each posting that brings units in or takes them out look for the books of its
// items: one query, and for costed items as many more as it takes. Every Engine over a
// store that has costed items must have it, or what it moves is missing in those books;
// Verify tells.
func WithCosting() Option { return func(c *config) { c.costing = true } }

// The documents that costs are kept in.
var (
	costHeads = shelf[costing.Head]{kind: "cost_head", none: costing.ErrUnknown, place: func(h *costing.Head) storage.Document {
		return storage.Document{ID: h.Item, Live: true, Version: h.Version}
	}}
	costLayers = shelf[costing.Layer]{kind: "cost_layer", none: costing.ErrUnknown, place: func(l *costing.Layer) storage.Document {
		return storage.Document{ID: l.ID, Parent: l.Item, Rank: l.Seq, Live: l.Left() > 0, Version: l.Version}
	}}
	costSales = shelf[costing.Sale]{kind: "cost_sale", none: costing.ErrUnknown, place: func(s *costing.Sale) storage.Document {
		return storage.Document{ID: costing.SaleID(s.Item, s.Document), Parent: s.Document, Version: s.Version}
	}}
	costEntries = shelf[costing.Entry]{kind: "cost_entry", none: costing.ErrUnknown, place: func(e *costing.Entry) storage.Document {
		return storage.Document{ID: e.ID, Parent: e.Item, Rank: max(e.At.UnixMicro(), 0), Version: 1}
	}}
)

// cost books what a posting brings in and takes out. Almost every posting does neither.
func (s *attempt) cost(c *inventory.Changes) error {
	needs := costing.Needs(c.Posting.Movements)
	if len(needs) == 0 {
		return nil
	}
	ids := make([]string, len(needs))
	for i := range needs {
		ids[i] = needs[i].Item
	}
	heads, err := costHeads.find(s, s.tx, ids...)
	if err != nil || len(heads) == 0 {
		return err
	}
	document := c.Posting.Document
	if s.origin != "" {
		document = s.origin
	}
	books, err := s.books(heads, needs, document)
	if err != nil {
		return err
	}
	changes, err := costing.Post(books, *c, document)
	if err != nil {
		return stale(err)
	}
	return s.saveCosts(changes)
}

// stale lets a decision on layers that do not fit their head be made again.
func stale(err error) error {
	if errors.Is(err, costing.ErrStale) {
		return storage.Stale(err)
	}
	return err
}

// books reads what the costing of a posting has to know of its costed items.
func (s *attempt) books(heads []costing.Head, needs []costing.Need, document string) ([]costing.Book, error) {
	books := make([]costing.Book, len(heads))
	var sales []string
	at := make(map[string]int, len(heads))
	for i, h := range heads {
		books[i].Head = h
		at[h.Item] = i
	}
	for _, n := range needs {
		i, ok := at[n.Item]
		if !ok {
			continue
		}
		if n.Sale && document != "" {
			sales = append(sales, costing.SaleID(n.Item, document))
		}
		if n.Out > 0 {
			var err error
			if books[i].Layers, err = s.layers(&heads[i], n.Out); err != nil {
				return nil, err
			}
		}
	}
	if len(sales) == 0 {
		return books, nil
	}
	found, err := costSales.find(s, s.tx, sales...)
	for _, f := range found {
		books[at[f.Item]].Sale = f
	}
	return books, err
}

// firstLayers is how many layers are read at first: most often the oldest one will do.
const firstLayers = 4

// layers reads the oldest layers of an item that have so many units left, or all.
func (s *attempt) layers(h *costing.Head, units int64) ([]costing.Layer, error) {
	var out []costing.Layer
	f := storage.DocumentFilter{Parents: []string{h.Item}, Live: true, Limit: firstLayers}
	for {
		page, err := costLayers.list(s, s.tx, f)
		if err != nil {
			return nil, err
		}
		for i := range page {
			units -= page[i].Left()
		}
		out = append(out, page...)
		if units <= 0 || len(page) < f.Limit {
			return out, nil
		}
		last := costLayers.place(&page[len(page)-1])
		f.After, f.Limit = &last, storage.MaxDocuments
	}
}

func (s *attempt) saveCosts(c costing.Changes) error {
	for i := range c.Heads {
		if err := costHeads.save(s, s.tx, &c.Heads[i]); err != nil {
			return err
		}
	}
	for i := range c.Layers {
		if err := costLayers.save(s, s.tx, &c.Layers[i]); err != nil {
			return err
		}
	}
	for i := range c.Sales {
		if err := costSales.save(s, s.tx, &c.Sales[i]); err != nil {
			return err
		}
	}
	for i := range c.Entries {
		e := &c.Entries[i]
		if err := costEntries.save(s, s.tx, e); err != nil {
			return err
		}
		if err := emit(s, "cost/"+e.Item, e.Seq, []costing.Event{costing.EventOf(*e)}); err != nil {
			return err
		}
	}
	return nil
}

// beginCosting opens the books of an item as its definition asks, or refuses that.
func (s *attempt) beginCosting(i inventory.Item) error {
	if !s.costing {
		if i.Costing != inventory.NotCosted {
			return fmt.Errorf("%w: item %q is to be valued by %s", ErrNotCosting, i.ID, i.Costing)
		}
		return nil
	}
	return s.openCosts(costing.Opening{Item: i.ID, Method: i.Costing})
}

func (s *attempt) openCosts(o costing.Opening) error {
	var h costing.Head
	heads, err := costHeads.find(s, s.tx, o.Item)
	if err != nil {
		return err
	}
	var owned int64
	if len(heads) > 0 {
		h = heads[0]
	} else if o.Method != inventory.NotCosted {
		if owned, err = ownedUnits(s, s.tx, o.Item); err != nil {
			return err
		}
	}
	changes, err := costing.Open(h, o, owned, costing.Meta{Posting: s.newID(), Document: o.Ref, Actor: s.call.actor, Now: s.now})
	if err != nil {
		return err
	}
	return s.saveCosts(changes)
}

// ownedUnits counts by the log what the tenant has of an item.
func ownedUnits(ctx context.Context, tx storage.Tx, item string) (int64, error) {
	var sum int64
	for p, err := range tx.Stock().ListPostings(ctx, inventory.PostingFilter{Item: item}) {
		if err != nil {
			return 0, err
		}
		sum += costing.Owned(p.Movements)
	}
	return sum, nil
}

// Open makes an item costed of which there are units already, and says what they cost.
// An item without units may also be added with its method. Books that have an entry keep
// their method.
func (g Costs) Open(ctx context.Context, o costing.Opening, opts ...CallOption) error {
	_, err := do(ctx, g.e, opts, command[string]{
		name: "open costs", input: o,
		id: func(id string) string { return id }, load: func(_ *attempt, id string) (string, error) { return id, nil },
		run: func(s *attempt) (string, error) {
			if !s.costing {
				return "", ErrNotCosting
			}
			snap, err := s.tx.Stock().Load(s, inventory.Need{Items: []string{o.Item}})
			if err != nil {
				return "", err
			}
			item, ok := snap.Item(o.Item)
			if !ok {
				return "", fmt.Errorf("%w: %q; add it first", inventory.ErrUnknownItem, o.Item)
			}
			item.Costing = o.Method
			if err := item.Validate(); err != nil {
				return "", err
			}
			if err := s.openCosts(o); err != nil {
				return "", err
			}
			if err := s.tx.Stock().PutItem(s, item); err != nil {
				return "", err
			}
			return o.Item, emit(s, "stock/"+o.Item, 0, []inventory.Event{inventory.ItemAdded{Item: item}})
		},
	})
	return err
}

// Revalue spreads a later cost over the units of a receipt: freight, duty, a credit. What
// is in stock becomes worth more, and what was sold goes to variance. It gives the entry.
func (g Costs) Revalue(ctx context.Context, r costing.Revaluation, opts ...CallOption) (costing.Entry, error) {
	return do(ctx, g.e, opts, command[costing.Entry]{
		name: "revalue", input: r,
		id:   func(e costing.Entry) string { return e.ID },
		load: func(s *attempt, id string) (costing.Entry, error) { return costEntries.get(s, s.tx, id) },
		run:  func(s *attempt) (costing.Entry, error) { return s.revalue(r) },
	})
}

// revalue is Revalue inside another command, such as that which enters the bill.
func (s *attempt) revalue(r costing.Revaluation) (costing.Entry, error) {
	var none costing.Entry
	if !s.costing {
		return none, ErrNotCosting
	}
	head, err := costHeads.get(s, s.tx, r.Item)
	if err != nil {
		return none, err
	}
	roots, err := s.rootLayers(r)
	if err != nil {
		return none, err
	}
	layers, err := s.layers(&head, head.Qty+1) // all
	if err != nil {
		return none, err
	}
	changes, err := costing.Revalue(costing.Book{Head: head, Layers: layers}, roots, r, costing.Meta{Document: r.Ref, Actor: s.call.actor, Now: s.now})
	if err != nil {
		return none, err
	}
	return changes.Entries[0], s.saveCosts(changes)
}

// rootLayers reads the layers of an item that a receipt opened.
func (s *attempt) rootLayers(r costing.Revaluation) ([]costing.Layer, error) {
	p, err := s.tx.Stock().Posting(s, r.Posting)
	if err != nil {
		return nil, err
	}
	var ids []string
	for i := range p.Movements {
		if p.Movements[i].Item == r.Item {
			ids = append(ids, costing.LayerID(p.ID, i))
		}
	}
	return costLayers.find(s, s.tx, ids...)
}

// Value is what is owned of an item as of a moment, and what it was worth then. It costs
// the same however long the history is.
func (g Costs) Value(ctx context.Context, item string, at time.Time) (costing.Valuation, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (costing.Valuation, error) {
		head, err := costHeads.get(ctx, tx, item)
		if err != nil {
			return costing.Valuation{}, err
		}
		return valuation(ctx, tx, &head, at)
	})
}

func valuation(ctx context.Context, tx storage.Tx, h *costing.Head, at time.Time) (costing.Valuation, error) {
	at = moment(at)
	v := costing.Valuation{Item: h.Item, Method: h.Method}
	if !h.At.After(at) {
		v.Qty, v.Value = h.Qty, h.Value
		return v, nil
	}
	last, err := costEntries.list(ctx, tx, storage.DocumentFilter{Parents: []string{h.Item}, Before: max(at.UnixMicro()+1, 1), Last: true, Limit: 1})
	if err == nil && len(last) > 0 {
		v.Qty, v.Value = last[0].QtyAfter, last[0].ValueAfter
	}
	return v, err
}

// Valuation yields the value of every costed item as of a moment, by item. It reads page
// by page, each on a snapshot of its own.
func (g Costs) Valuation(ctx context.Context, at time.Time) iter.Seq2[costing.Valuation, error] {
	return func(yield func(costing.Valuation, error) bool) {
		f := storage.DocumentFilter{Limit: storage.MaxDocuments}
		for {
			page, err := reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]costing.Valuation, error) {
				heads, err := costHeads.list(ctx, tx, f)
				out := make([]costing.Valuation, len(heads))
				for i := range heads {
					if out[i], err = valuation(ctx, tx, &heads[i], at); err != nil {
						return nil, err
					}
				}
				return out, err
			})
			if err != nil {
				yield(costing.Valuation{}, err)
				return
			}
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
			}
			if len(page) < f.Limit {
				return
			}
			f.After = &storage.Document{ID: page[len(page)-1].Item}
		}
	}
}

// EntryFilter selects entries. The zero filter selects all.
type EntryFilter struct {
	Items []string  // of these; nil is no limit
	From  time.Time // at or after this moment
	Until time.Time // before this moment; zero is no limit
}

// Entries yields the journal of stock value, by item and then in order. Lines of an entry
// gives its debits and credits.
func (g Costs) Entries(ctx context.Context, f EntryFilter) iter.Seq2[costing.Entry, error] {
	return costEntries.pages(f.documents(), func(f storage.DocumentFilter) ([]costing.Entry, error) {
		return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]costing.Entry, error) { return costEntries.list(ctx, tx, f) })
	})
}

func (f *EntryFilter) documents() storage.DocumentFilter {
	d := storage.DocumentFilter{Parents: f.Items}
	if !f.From.IsZero() {
		d.From = max(moment(f.From).UnixMicro(), 0)
	}
	if !f.Until.IsZero() {
		d.Before = max(moment(f.Until).UnixMicro(), 1)
	}
	return d
}

// OfDocument reads what left under a document, by item: what it cost, and what came back
// of it.
func (g Costs) OfDocument(ctx context.Context, document string) ([]costing.Sale, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]costing.Sale, error) {
		return every(ctx, tx, costSales, storage.DocumentFilter{Parents: []string{document}})
	})
}

// Margin is what an order earned with the costed goods that the buyer has.
type Margin struct {
	Revenue order.Money     // their price without tax
	Cost    decimal.Decimal // of goods sold less what came back, in the tenant's base currency
	Profit  decimal.Decimal // Revenue − Cost: true for an order in the base currency
	Sales   []costing.Sale
}

// Margin computes the margin of an order: of the units of its costed items that were
// shipped and not returned.
func (g Costs) Margin(ctx context.Context, id order.ID) (Margin, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (Margin, error) {
		o, err := tx.Orders().Get(ctx, id)
		if err != nil {
			return Margin{}, err
		}
		m := Margin{Revenue: order.Zero(o.Currency)}
		m.Sales, err = every(ctx, tx, costSales, storage.DocumentFilter{Parents: []string{o.Number}})
		if err != nil {
			return Margin{}, err
		}
		costed := make(map[string]bool, len(m.Sales))
		for i := range m.Sales {
			costed[m.Sales[i].Item] = true
			m.Cost = m.Cost.Add(m.Sales[i].Cost).Sub(m.Sales[i].BackCost)
		}
		for i := range o.Lines {
			l := &o.Lines[i]
			if !costed[l.Item] {
				continue
			}
			part, err := l.Net.Share(0, l.Shipped-l.Returned, l.Ordered)
			if err != nil {
				return Margin{}, err
			}
			if m.Revenue, err = m.Revenue.Add(part); err != nil {
				return Margin{}, err
			}
		}
		m.Profit = m.Revenue.Amount().Sub(m.Cost)
		return m, nil
	})
}

// Timeline reads everything that happened to the value of an item.
func (g Costs) Timeline(ctx context.Context, item string) ([]storage.Event, error) {
	return g.e.timeline(ctx, "cost/"+item)
}
