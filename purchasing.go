package oms

import (
	"context"
	"fmt"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/storage"
)

// Purchasing are the commands and queries on suppliers and purchase orders.
type Purchasing struct{ e *Engine }

var suppliers = shelf[purchasing.Supplier]{
	kind: "supplier", none: purchasing.ErrUnknownSupplier,
	place: func(s *purchasing.Supplier) storage.Document {
		return storage.Document{ID: s.ID, Live: true, Version: s.Version}
	},
}

// purchases are purchase orders, found by state and time.
var purchases = shelf[purchasing.Order]{
	kind: "purchase_order", none: purchasing.ErrNotFound,
	place: func(o *purchasing.Order) storage.Document {
		return storage.Document{ID: o.ID.String(), Parent: string(o.State), Rank: o.CreatedAt.UnixMicro(), Live: o.EndedAt.IsZero(), Version: o.Version}
	},
}

// bought finds a purchase order by its supplier.
type bought struct {
	ID        string    `json:"id"`
	Supplier  string    `json:"supplier"`
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version"`
}

var purchasesOf = shelf[bought]{
	kind: "purchase_order_of", none: purchasing.ErrNotFound,
	place: func(b *bought) storage.Document {
		return storage.Document{ID: b.ID, Parent: b.Supplier, Rank: b.CreatedAt.UnixMicro(), Version: b.Version}
	},
}

func purchaseAggregate(id purchasing.ID) string { return "purchase/" + id.String() }

// purchaseCommand is a command on one purchase order; a new one is that of no id. It gets
// the order as it is and gives the next one with its events: none are no change.
func purchaseCommand(ctx context.Context, e *Engine, opts []CallOption, name string, id purchasing.ID, input any,
	run func(*attempt, purchasing.Order) (purchasing.Order, []purchasing.Event, error),
) (purchasing.Order, error) {
	return do(ctx, e, opts, command[purchasing.Order]{
		name: name, input: []any{id, input},
		id:   func(o purchasing.Order) string { return o.ID.String() },
		load: func(s *attempt, id string) (purchasing.Order, error) { return purchases.get(s, s.tx, id) },
		run: func(s *attempt) (purchasing.Order, error) {
			var was purchasing.Order
			if name != "draft purchase order" {
				var err error
				if was, err = purchases.get(s, s.tx, id.String()); err != nil {
					return was, err
				}
				if v := s.call.version; v != nil && *v != was.Version {
					return was, fmt.Errorf("%w: purchase order %s is at version %d, not %d", purchasing.ErrStale, id, was.Version, *v)
				}
			}
			n, events, err := run(s, was)
			if err != nil || len(events) == 0 {
				return was, err
			}
			return s.savePurchase(&was, n, events)
		},
	})
}

// savePurchase saves the next version of a purchase order with its events and what is now
// expected of it.
func (s *attempt) savePurchase(was *purchasing.Order, n purchasing.Order, events []purchasing.Event) (purchasing.Order, error) {
	n.Version = was.Version + 1
	if err := purchases.save(s, s.tx, &n); err != nil {
		return n, err
	}
	if n.Supplier != was.Supplier {
		if err := s.listUnder(&n); err != nil {
			return n, err
		}
	}
	if err := emit(s, purchaseAggregate(n.ID), n.Version, events); err != nil {
		return n, err
	}
	told, err := s.resupply(s.moved(was, &n), arrived(events))
	if err != nil {
		return n, err
	}
	if late := later(told); len(late) > 0 {
		return n, emit(s, purchaseAggregate(n.ID), n.Version, []purchasing.Event{purchasing.Late{Order: n.ID, Affected: late}})
	}
	return n, nil
}

// listUnder lets an order be found by its supplier.
func (s *attempt) listUnder(o *purchasing.Order) error {
	b := bought{ID: o.ID.String(), Supplier: o.Supplier, CreatedAt: o.CreatedAt, Version: 1}
	had, err := purchasesOf.find(s, s.tx, b.ID)
	if err != nil {
		return err
	}
	if len(had) > 0 {
		b.Version = had[0].Version + 1
	}
	return purchasesOf.save(s, s.tx, &b)
}

// moved is the supply of the lines of which something else is expected than before.
func (s *attempt) moved(was, is *purchasing.Order) []inventory.Supply {
	had, has := s.buys.Supplies(was), s.buys.Supplies(is)
	var out []inventory.Supply
	for i := range has {
		if !s.buys.Incoming(is.State) && !s.buys.Incoming(was.State) || i < len(had) && had[i] == has[i] {
			continue
		}
		out = append(out, has[i])
	}
	return out
}

// arrived are the items of which free units came in.
func arrived(events []purchasing.Event) []string {
	var items []string
	for _, e := range events {
		if r, ok := e.(purchasing.Received); ok {
			for _, l := range r.Lines {
				if l.Accepted > 0 && l.Into == inventory.Free {
					items = append(items, l.Item)
				}
			}
		}
	}
	return items
}

// PutSupplier adds a supplier, or changes its terms. With IfVersion it is refused with
// purchasing.ErrStale unless the supplier is at that version; 0 is one that does not exist.
func (g Purchasing) PutSupplier(ctx context.Context, p purchasing.Supplier, opts ...CallOption) (purchasing.Supplier, error) {
	p.Version = 0
	return do(ctx, g.e, opts, command[purchasing.Supplier]{
		name: "put supplier", input: p,
		id:   func(p purchasing.Supplier) string { return p.ID },
		load: func(s *attempt, id string) (purchasing.Supplier, error) { return suppliers.get(s, s.tx, id) },
		run: func(s *attempt) (purchasing.Supplier, error) {
			if err := p.Validate(); err != nil {
				return p, err
			}
			had, err := suppliers.find(s, s.tx, p.ID)
			if err != nil {
				return p, err
			}
			n := p
			if len(had) > 0 {
				n.Version = had[0].Version
			}
			if v := s.call.version; v != nil && *v != n.Version {
				return p, fmt.Errorf("%w: supplier %q is at version %d, not %d", purchasing.ErrStale, p.ID, n.Version, *v)
			}
			if err := s.sellable(p.Items); err != nil {
				return p, err
			}
			n.Version++
			if err := suppliers.save(s, s.tx, &n); err != nil {
				return p, err
			}
			return n, emit(s, "supplier/"+n.ID, n.Version, []purchasing.Event{purchasing.SupplierAdded{Supplier: n}})
		},
	})
}

// sellable refuses terms of items that do not exist.
func (s *attempt) sellable(items []purchasing.SupplierItem) error {
	need := inventory.Need{Now: s.now}
	for _, i := range items {
		need.Items = append(need.Items, i.Item)
	}
	return s.stockable(need)
}

// stockable refuses items and locations that stock cannot be posted for.
func (s *attempt) stockable(need inventory.Need) error {
	if len(need.Items) == 0 {
		return nil
	}
	need = need.Distinct()
	snap, err := loadStock(s, s.tx, need)
	if err != nil {
		return err
	}
	for _, i := range need.Items {
		if err := snap.CheckItem(i); err != nil {
			return err
		}
	}
	for _, l := range need.Locations {
		if err := snap.CheckLocation(l); err != nil {
			return err
		}
	}
	return nil
}

// draftable reads the supplier of a draft and refuses items and locations that do not exist.
func (s *attempt) draftable(d *purchasing.Draft) (purchasing.Supplier, error) {
	p, err := suppliers.get(s, s.tx, d.Supplier)
	if err != nil {
		return p, err
	}
	need := inventory.Need{Now: s.now}
	for _, l := range d.Lines {
		need.Items, need.Locations = append(need.Items, l.Item), append(need.Locations, l.Location)
	}
	return p, s.stockable(need)
}

// Draft begins a purchase order. Nothing is expected of it before it is issued.
func (g Purchasing) Draft(ctx context.Context, d purchasing.Draft, opts ...CallOption) (purchasing.Order, error) {
	return purchaseCommand(ctx, g.e, opts, "draft purchase order", purchasing.ID{}, d, func(s *attempt, _ purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		p, err := s.draftable(&d)
		if err != nil {
			return purchasing.Order{}, nil, err
		}
		return purchasing.New(purchasing.ID{UUID: s.newID()}, d, p, s.now)
	})
}

// Edit replaces what a draft is made of.
func (g Purchasing) Edit(ctx context.Context, id purchasing.ID, d purchasing.Draft, opts ...CallOption) (purchasing.Order, error) {
	return purchaseCommand(ctx, g.e, opts, "edit purchase order", id, d, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		p, err := s.draftable(&d)
		if err != nil {
			return o, nil, err
		}
		return s.buys.Edit(o, d, p, s.now)
	})
}

// Issue sends a draft to its supplier. From now on its lines are expected: demand that
// waits is promised units of them.
func (g Purchasing) Issue(ctx context.Context, id purchasing.ID, opts ...CallOption) (purchasing.Order, error) {
	return purchaseCommand(ctx, g.e, opts, "issue purchase order", id, nil, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		return s.buys.Issue(o, s.now)
	})
}

// Acknowledge records that the supplier agreed, and the dates that it gave.
func (g Purchasing) Acknowledge(ctx context.Context, id purchasing.ID, dates []purchasing.LineDue, opts ...CallOption) (purchasing.Order, error) {
	return purchaseCommand(ctx, g.e, opts, "acknowledge purchase order", id, dates, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		return s.buys.Acknowledge(o, dates, s.now)
	})
}

// ChangeDue records when lines will come instead. Whoever was promised units of them is
// promised anew: an event purchase.late names the orders that have to wait longer, each
// with the old and the new day.
func (g Purchasing) ChangeDue(ctx context.Context, id purchasing.ID, dates []purchasing.LineDue, opts ...CallOption) (purchasing.Order, error) {
	return purchaseCommand(ctx, g.e, opts, "change due date", id, dates, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		return s.buys.ChangeDue(o, dates, s.now)
	})
}

// Receive books goods that arrived: it takes accepted units into stock, keeps rejected ones
// apart, and serves up to MaxFilled of the orders that wait for each item, by priority and
// then by time; Stock.FillBackorders serves more. The same receipt again changes nothing;
// another one under the same reference is *purchasing.ReceiptError.
func (g Purchasing) Receive(ctx context.Context, id purchasing.ID, r purchasing.Receipt, opts ...CallOption) (purchasing.Order, error) {
	return purchaseCommand(ctx, g.e, opts, "receive purchase order", id, r, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		n, in, events, err := s.buys.Receive(o, r, s.now)
		if err != nil || len(events) == 0 {
			return o, nil, err
		}
		if err := s.takeIn(&n, in); err != nil {
			return o, nil, err
		}
		return s.land(n, events)
	})
}

// takeIn posts what arrived: what is wanted, and, apart from it, what was rejected and is
// kept, so that later costs fall on the former alone.
func (s *attempt) takeIn(o *purchasing.Order, in []purchasing.Inbound) error {
	accepted, rejected := &intake{}, &intake{}
	need := inventory.Need{Now: s.now}
	for i := range in {
		to := accepted
		if in[i].To.State == inventory.Damaged {
			to = rejected
		}
		to.add(&in[i])
		need.Items, need.Locations = append(need.Items, in[i].Item), append(need.Locations, in[i].To.Location)
	}
	need = need.Distinct()
	for _, part := range []*intake{accepted, rejected} {
		if len(part.moves) == 0 {
			continue
		}
		snap, err := loadStock(s, s.tx, need)
		if err != nil {
			return err
		}
		changes, err := inventory.Move(snap, part.moves, inventory.ReasonReceipt, o.Name(), s.meta())
		if err != nil {
			return err
		}
		if changes, err = inventory.DateLots(snap, changes, part.expires); err != nil {
			return err
		}
		changes.Costs = part.costs
		if part == accepted {
			o.Receipts[len(o.Receipts)-1].Posting = changes.Posting.ID
		}
		if err := s.post(changes); err != nil {
			return err
		}
	}
	return nil
}

// intake is one posting of a receipt.
type intake struct {
	moves []inventory.Movement
	costs []inventory.UnitCost

	expires []time.Time // of the lot of each movement
}

func (p *intake) add(in *purchasing.Inbound) {
	p.costs = append(p.costs, inventory.UnitCost{Movement: len(p.moves), Cost: in.UnitCost})
	p.moves = append(p.moves, in.Movement)
	p.expires = append(p.expires, in.Expiry)
}

// land spreads the costs of an order over what has come.
func (s *attempt) land(o purchasing.Order, events []purchasing.Event) (purchasing.Order, []purchasing.Event, error) {
	n, shares, err := o.Land()
	if err != nil || len(shares) == 0 {
		return o, events, err
	}
	if err := s.revalued(&n, shares); err != nil {
		return o, nil, err
	}
	return n, append(events, purchasing.Landed{Order: o.ID, Shares: shares}), nil
}

// AddCost adds freight, duty or another landed cost, before or after goods came. Its shares
// change what the goods that came are worth.
func (g Purchasing) AddCost(ctx context.Context, id purchasing.ID, c purchasing.DraftCost, opts ...CallOption) (purchasing.Order, error) {
	return purchaseCommand(ctx, g.e, opts, "add landed cost", id, c, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		n, events, err := s.buys.AddCost(o, c, s.now)
		if err != nil {
			return o, nil, err
		}
		return s.land(n, events)
	})
}

// Close ends an order of which no more is missing than its tolerance allows.
func (g Purchasing) Close(ctx context.Context, id purchasing.ID, opts ...CallOption) (purchasing.Order, error) {
	return g.ending(ctx, opts, "close purchase order", id, nil, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		return s.buys.Close(o, s.now)
	})
}

// CloseShort ends an order of which goods were received, however much is missing.
func (g Purchasing) CloseShort(ctx context.Context, id purchasing.ID, why string, opts ...CallOption) (purchasing.Order, error) {
	return g.ending(ctx, opts, "close purchase order short", id, why, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		return s.buys.CloseShort(o, why, s.now)
	})
}

// Cancel ends an order of which nothing was received. Cancelling a cancelled order changes
// nothing.
func (g Purchasing) Cancel(ctx context.Context, id purchasing.ID, why string, opts ...CallOption) (purchasing.Order, error) {
	return g.ending(ctx, opts, "cancel purchase order", id, why, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		return s.buys.Cancel(o, why, s.now)
	})
}

// CancelUnits takes back units that are still expected; without any named, all of them.
func (g Purchasing) CancelUnits(ctx context.Context, id purchasing.ID, units []purchasing.LineUnits, why string, opts ...CallOption) (purchasing.Order, error) {
	return g.ending(ctx, opts, "cancel purchased units", id, []any{units, why}, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		return s.buys.CancelUnits(o, units, why, s.now)
	})
}

// ending is a command after which less is expected: the costs of the order then fall on
// what has come.
func (g Purchasing) ending(ctx context.Context, opts []CallOption, name string, id purchasing.ID, input any,
	decide func(*attempt, purchasing.Order) (purchasing.Order, []purchasing.Event, error),
) (purchasing.Order, error) {
	return purchaseCommand(ctx, g.e, opts, name, id, input, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		n, events, err := decide(s, o)
		if err != nil || len(events) == 0 {
			return o, nil, err
		}
		return s.land(n, events)
	})
}

// Take moves a purchase order along an edge that the host added to the flow.
func (g Purchasing) Take(ctx context.Context, id purchasing.ID, a purchasing.Action, opts ...CallOption) (purchasing.Order, error) {
	return purchaseCommand(ctx, g.e, opts, "take "+string(a), id, a, func(s *attempt, o purchasing.Order) (purchasing.Order, []purchasing.Event, error) {
		return s.buys.Take(o, a, s.now)
	})
}

// Actions lists what is possible for a purchase order now and, for the rest, why not.
func (g Purchasing) Actions(ctx context.Context, id purchasing.ID) ([]purchasing.Possibility, error) {
	o, err := g.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return g.e.cfg.buys.AllowedActions(o), nil
}

// Get reads a purchase order.
func (g Purchasing) Get(ctx context.Context, id purchasing.ID) (purchasing.Order, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (purchasing.Order, error) {
		return purchases.get(ctx, tx, id.String())
	})
}

// Supplier reads a supplier.
func (g Purchasing) Supplier(ctx context.Context, id string) (purchasing.Supplier, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (purchasing.Supplier, error) {
		return suppliers.get(ctx, tx, id)
	})
}

// Suppliers reads a page of suppliers, by id, after that of the last one of the page before.
func (g Purchasing) Suppliers(ctx context.Context, after string, limit int) ([]purchasing.Supplier, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]purchasing.Supplier, error) {
		f := storage.DocumentFilter{Limit: limit}
		if after != "" {
			f.After = &storage.Document{ID: after}
		}
		return suppliers.list(ctx, tx, f)
	})
}

// PurchaseFilter selects purchase orders. The zero filter selects all.
type PurchaseFilter struct {
	State    purchasing.State
	Supplier string
	Open     bool              // only those that are neither closed nor cancelled
	After    *purchasing.Order // those behind this one, the last of the page before
	Limit    int               // 1 to storage.MaxDocuments; zero is the most
}

// Page reads a page of purchase orders, the oldest first: those of one supplier by time,
// others by state and then by time.
func (g Purchasing) Page(ctx context.Context, f PurchaseFilter) ([]purchasing.Order, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]purchasing.Order, error) {
		if f.Supplier != "" {
			return f.ofSupplier(ctx, tx)
		}
		df := storage.DocumentFilter{Live: f.Open, Limit: f.Limit}
		if f.State != "" {
			df.Parents = []string{string(f.State)}
		}
		if f.After != nil {
			after := purchases.place(f.After)
			df.After = &after
		}
		return purchases.list(ctx, tx, df)
	})
}

// ofSupplier reads on in the orders of a supplier until a page is full.
func (f *PurchaseFilter) ofSupplier(ctx context.Context, tx storage.Tx) ([]purchasing.Order, error) {
	df := storage.DocumentFilter{Parents: []string{f.Supplier}, Limit: f.Limit}
	if f.After != nil {
		after := purchasesOf.place(&bought{ID: f.After.ID.String(), Supplier: f.Supplier, CreatedAt: f.After.CreatedAt})
		df.After = &after
	}
	most := f.Limit
	if most == 0 {
		most = storage.MaxDocuments
	}
	var out []purchasing.Order
	for {
		page, err := purchasesOf.list(ctx, tx, df)
		if err != nil || len(page) == 0 {
			return out, err
		}
		ids := make([]string, len(page))
		for i := range page {
			ids[i] = page[i].ID
		}
		found, err := purchases.find(ctx, tx, ids...)
		if err != nil {
			return nil, err
		}
		byID := make(map[string]*purchasing.Order, len(found))
		for i := range found {
			byID[found[i].ID.String()] = &found[i]
		}
		for _, id := range ids {
			o := byID[id]
			if o == nil || f.State != "" && o.State != f.State || f.Open && !o.EndedAt.IsZero() {
				continue
			}
			if out = append(out, *o); len(out) == most {
				return out, nil
			}
		}
		last := purchasesOf.place(&page[len(page)-1])
		df.After = &last
	}
}

// Timeline reads everything that happened to a purchase order, oldest first.
func (g Purchasing) Timeline(ctx context.Context, id purchasing.ID) ([]storage.Event, error) {
	return g.e.timeline(ctx, purchaseAggregate(id))
}

// Late lists what should have come by a moment and has not, of every open purchase order,
// with the orders that wait for it; see Stock.Late.
func (g Purchasing) Late(ctx context.Context, before time.Time) ([]LateSupply, error) {
	before = moment(before)
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]LateSupply, error) {
		open, err := every(ctx, tx, purchases, storage.DocumentFilter{Live: true})
		if err != nil {
			return nil, err
		}
		var items []string
		for i := range open {
			for _, l := range open[i].Lines {
				if g.e.cfg.buys.Incoming(open[i].State) && l.Expected() > 0 && l.Due.Before(before) {
					items = append(items, l.Item)
				}
			}
		}
		return lateSupply(ctx, tx, before, sorted(items))
	})
}
