package oms

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// Stock are the commands and queries on the ledger of goods. They need no orders.
type Stock struct{ e *Engine }

// stockCommand is a command on the ledger: read what it needs, decide, apply. Its
// result is the posting, empty when nothing moved.
func stockCommand(ctx context.Context, e *Engine, opts []CallOption, name string, input any, need inventory.Need,
	decide func(inventory.Snapshot, inventory.Meta) (inventory.Changes, error),
) (inventory.Posting, error) {
	return do(ctx, e, opts, onStock(name, input, need, func(s *attempt) (inventory.Posting, error) {
		snap, err := s.stock()
		if err != nil {
			return inventory.Posting{}, err
		}
		changes, err := decide(snap, s.meta())
		return s.posted(changes, err)
	}))
}

// stockDecision is stockCommand for a decision that has to read more.
func stockDecision(ctx context.Context, e *Engine, opts []CallOption, name string, input any, need inventory.Need,
	decide func(*attempt, inventory.Snapshot) (inventory.Changes, error),
) (inventory.Posting, error) {
	return do(ctx, e, opts, onStock(name, input, need, func(s *attempt) (inventory.Posting, error) {
		snap, err := s.stock()
		if err != nil {
			return inventory.Posting{}, err
		}
		changes, err := decide(s, snap)
		return s.posted(changes, err)
	}))
}

// onStock is a command on the ledger that begins with what it needs.
func onStock(name string, input any, need inventory.Need, run func(*attempt) (inventory.Posting, error)) command[inventory.Posting] {
	return command[inventory.Posting]{
		name: name, input: input, id: postingName, load: loadPosting, reads: storage.Wanted{Stock: need}, run: run,
	}
}

func postingName(p inventory.Posting) string { return p.ID.String() }

// stock reads what a command on the ledger begins with.
func (s *attempt) stock() (inventory.Snapshot, error) {
	need := *s.reads
	need.Now = s.now
	return loadStock(s, s.tx, need)
}

// posted saves what a command on the ledger decided, and tells of it.
func (s *attempt) posted(changes inventory.Changes, err error) (inventory.Posting, error) {
	if err != nil || changes.Empty() {
		return inventory.Posting{}, err
	}
	if err := s.post(changes); err != nil {
		return inventory.Posting{}, err
	}
	p := changes.Posting
	posted := inventory.Posted{Posting: p.ID, Reason: p.Reason, Document: p.Document, Movements: p.Movements}
	text := slices.Grow(s.text[:0], 128*(1+len(p.Movements))) // about as many bytes as there will be
	s.announce("stock/"+p.Movements[0].Item, 0, posted.Kind(), appendPosted(text, &posted))
	return p, nil
}

// Receive brings units in from a supplier, without a purchase order. Orders that wait for
// them are served by FillBackorders, in the same transaction with Atomically.
func (g Stock) Receive(ctx context.Context, c inventory.Receipt, opts ...CallOption) (inventory.Posting, error) {
	c.Expires = moment(c.Expires)
	c.Into = cmp.Or(c.Into, inventory.Free) // a key takes the default for what it is
	need := inventory.Need{Items: []string{c.Item}, Locations: []string{c.Location}}
	return stockCommand(ctx, g.e, opts, "receive", c, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return inventory.Receive(snap, c, m)
	})
}

// Adjust corrects stock by a signed number of units, for a stated reason.
func (g Stock) Adjust(ctx context.Context, c inventory.Adjustment, opts ...CallOption) (inventory.Posting, error) {
	c.State = cmp.Or(c.State, inventory.Free)
	need := inventory.Need{Items: []string{c.Item}, Locations: []string{c.Location}}
	return stockCommand(ctx, g.e, opts, "adjust", c, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return inventory.Adjust(snap, c, m)
	})
}

// Transfer carries free units from one location to another at once.
func (g Stock) Transfer(ctx context.Context, c inventory.Shift, opts ...CallOption) (inventory.Posting, error) {
	need := inventory.Need{Items: []string{c.Item}, Locations: []string{c.From, c.To}}
	return stockCommand(ctx, g.e, opts, "transfer", c, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return inventory.Transfer(snap, c, m)
	})
}

// Reserve holds units for an owner, all of them or none: softly until an expiry, or
// committed. A soft hold replaces the owner's earlier one for the same item and place.
func (g Stock) Reserve(ctx context.Context, holds []inventory.Hold, opts ...CallOption) (inventory.Posting, error) {
	need, holds, err := held(holds)
	if err != nil {
		return inventory.Posting{}, err
	}
	var input any
	if len(opts) > 0 { // there may be a key that stands for it
		input = holds
	}
	return do(ctx, g.e, opts, onStock("reserve", input, need, func(s *attempt) (inventory.Posting, error) {
		snap, err := s.stock()
		if err != nil {
			return inventory.Posting{}, err
		}
		if err := s.holdsOn(holds, &snap); err != nil {
			return inventory.Posting{}, err
		}
		changes, err := inventory.Reserve(snap, holds, s.reads.Owner, s.meta())
		return s.posted(changes, err)
	}))
}

// held is what holds of one owner have to read, and the holds as they are stored.
func held(holds []inventory.Hold) (inventory.Need, []inventory.Hold, error) {
	var need inventory.Need
	holds, ids := cloneHolds(holds)
	n := len(holds)
	need.Items, need.Locations = ids[:n:n], ids[n:]
	for i := range holds {
		h := &holds[i]
		h.Until = moment(h.Until)
		need.Items[i], need.Locations[i] = h.Item, h.Location
		if need.Owner == "" {
			need.Owner = h.Owner
		}
		if err := notAnOrder(h.Owner); err != nil {
			return need, nil, err
		}
		if h.Owner != need.Owner {
			return need, nil, &inventory.OwnerError{First: need.Owner, Other: h.Owner}
		}
	}
	return need.Distinct(), holds, nil
}

// cloneHolds is a copy of holds, and room for the ids of an item and a location of each.
func cloneHolds(holds []inventory.Hold) ([]inventory.Hold, []string) {
	if len(holds) != 1 {
		return slices.Clone(holds), make([]string, 2*len(holds))
	}
	one := new(struct { // most often: in one piece
		holds [1]inventory.Hold
		ids   [2]string
	})
	one.holds[0] = holds[0]
	return one.holds[:], one.ids[:]
}

// Commit turns what an owner holds softly into a promise without an expiry.
func (g Stock) Commit(ctx context.Context, owner string, opts ...CallOption) (inventory.Posting, error) {
	return g.ownerCommand(ctx, opts, "commit", owner, inventory.Commit)
}

// Release frees everything an owner holds.
func (g Stock) Release(ctx context.Context, owner string, opts ...CallOption) (inventory.Posting, error) {
	return g.ownerCommand(ctx, opts, "release", owner, inventory.Release)
}

// Ship sends everything an owner has committed to the customer.
func (g Stock) Ship(ctx context.Context, owner string, opts ...CallOption) (inventory.Posting, error) {
	return g.ownerCommand(ctx, opts, "ship stock", owner, inventory.Ship)
}

func (g Stock) ownerCommand(ctx context.Context, opts []CallOption, name, owner string,
	decide func(inventory.Snapshot, string, string, inventory.Meta) (inventory.Changes, error),
) (inventory.Posting, error) {
	if err := notAnOrder(owner); err != nil {
		return inventory.Posting{}, err
	}
	need := inventory.Need{Owner: owner}
	return stockCommand(ctx, g.e, opts, name, owner, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return decide(snap, owner, owner, m)
	})
}

// Return takes units back from a customer, into inspection unless said otherwise.
func (g Stock) Return(ctx context.Context, c inventory.GoodsBack, opts ...CallOption) (inventory.Posting, error) {
	c.Into = cmp.Or(c.Into, inventory.QC)
	need := inventory.Need{Items: []string{c.Item}, Locations: []string{c.Location}}
	return stockCommand(ctx, g.e, opts, "return stock", c, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return inventory.Return(snap, []inventory.GoodsBack{c}, c.Ref, m)
	})
}

// Move moves unreserved units of items between accounts, in one posting: quarantine,
// inspection, destruction.
func (g Stock) Move(ctx context.Context, movements []inventory.Movement, reason inventory.Reason, ref string, opts ...CallOption) (inventory.Posting, error) {
	if err := unowned(movements); err != nil {
		return inventory.Posting{}, err
	}
	ids, n := make([]string, 0, 3*len(movements)), len(movements)
	need := inventory.Need{Items: ids[:0:n], Locations: ids[n:n]}
	for _, m := range movements {
		need.Items = append(need.Items, m.Item)
		if l := m.From.Location; l != "" {
			need.Locations = append(need.Locations, l)
		}
		if l := m.To.Location; l != "" && l != m.From.Location {
			need.Locations = append(need.Locations, l)
		}
	}
	need = need.Distinct()
	var input any
	if len(opts) > 0 { // there may be a key that stands for it
		input = []any{movements, reason, ref}
	}
	return stockCommand(ctx, g.e, opts, "move stock", input, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return inventory.Move(snap, movements, reason, ref, m)
	})
}

// Sweep releases the expired holds of an item. Nothing depends on it: expired units
// are available anyway.
func (g Stock) Sweep(ctx context.Context, item string, opts ...CallOption) (inventory.Posting, error) {
	return stockCommand(ctx, g.e, opts, "sweep", item, inventory.Need{Items: []string{item}}, inventory.Sweep)
}

// Availability tells how many units of an item may be promised at a location (or over
// all, when it is empty) and what the number is made of. An owner sees its own soft
// holds as available. Over all locations it also tells how many more may be sold and wait,
// for which the queue of an item with a BackorderLimit is read.
func (g Stock) Availability(ctx context.Context, item, location, owner string) (inventory.Availability, error) {
	now := moment(g.e.cfg.now())
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (inventory.Availability, error) {
		snap, err := loadStock(ctx, tx, inventory.Need{Items: []string{item}, Owner: owner, Now: now})
		if err != nil {
			return inventory.Availability{}, err
		}
		return explain(ctx, tx, snap, item, location, owner, now)
	})
}

// AvailabilityOf tells how many units of many items may be promised at many locations, for
// a page of a shop or a feed: [i][j] is the ATS of Availability of items[i] at locations[j],
// over all of them where that is empty. No locations is over all, too. All numbers are of
// one moment. An unknown item is inventory.ErrUnknownItem. What may be sold beyond ATS, and wait,
// is told by Availability alone.
//
// Of most items only the free units are read. Kits, items with lots and items with levels
// are read whole, which takes some ten times as long.
func (g Stock) AvailabilityOf(ctx context.Context, items []string, locations ...string) ([][]int64, error) {
	now := moment(g.e.cfg.now())
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([][]int64, error) {
		return inventory.Survey(items, locations, now,
			func(n inventory.Need, visit func(inventory.FreeUnits)) (inventory.Snapshot, error) {
				return tx.Stock().ScanFree(ctx, n, visit)
			},
			func(items []string) (inventory.Snapshot, error) {
				return loadStock(ctx, tx, inventory.Need{Items: items, Now: now})
			})
	})
}

// Balances reads the balance rows of an item, by location and lot.
func (g Stock) Balances(ctx context.Context, item string) ([]inventory.Balance, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Balance, error) {
		snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{item}, Now: moment(g.e.cfg.now())})
		return snap.Balances, err
	})
}

// Reservations reads what an owner holds and held.
func (g Stock) Reservations(ctx context.Context, owner string) ([]inventory.Reservation, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Reservation, error) {
		snap, err := tx.Stock().Load(ctx, inventory.Need{Owner: owner, Now: moment(g.e.cfg.now())})
		return snap.Reservations, err
	})
}

// Postings reads the log of an item's movements, oldest first. An empty filter reads
// the whole log.
func (g Stock) Postings(ctx context.Context, f inventory.PostingFilter) ([]inventory.Posting, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Posting, error) {
		return collect(tx.Stock().ListPostings(ctx, f))
	})
}

func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
