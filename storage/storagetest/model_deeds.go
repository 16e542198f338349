package storagetest

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// deed draws a step that has to succeed, or none.
func (c *check) deed(m *model) step {
	return pick(&c.maker,
		placeOrder, placeOrder, changeOrder, changeOrder, readOrders, openWork, changeWork, packShipment, askReturn, changeReturn,
		defineStock, moveStock, moveStock, moveStock, moveStock, readStock, logEvents, rememberKey, trySavepoint)(c, m)
}

// misdeed draws a step that has to be refused, or none.
func (c *check) misdeed(m *model) step {
	return pick(&c.maker, takeOrder, staleOrder, staleWork, staleReturn, staleStock, staleStock, untrack, takeKey)(c, m)
}

// some is a value of a map, or none of an empty one.
func some[K comparable, V any](c *check, of map[K]V, compare func(a, b V) int) (V, bool) {
	all := values(of, compare)
	if len(all) == 0 {
		var none V
		return none, false
	}
	return pick(&c.maker, all...), true
}

func (c *check) someOrder(m *model) (order.Order, bool) {
	return some(c, m.orders, func(a, b order.Order) int { return slices.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
}

func (c *check) someWork(m *model) (fulfillment.Order, bool) {
	return some(c, m.works, func(a, b fulfillment.Order) int { return slices.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
}

func (c *check) someReturn(m *model) (returns.Return, bool) {
	return some(c, m.returns, func(a, b returns.Return) int { return slices.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
}

func saveOrder(what string, o order.Order, want error) step {
	return step{what: fmt.Sprintf("%s %s v%d", what, o.Number, o.Version), want: want, run: func(u unit) error {
		return u.Orders().Save(u.ctx, o)
	}}
}

func placeOrder(c *check, m *model) step {
	o := pick(&c.maker, c.anyOrder(), c.fullOrder(), c.smallestOrder())
	m.orders[o.ID] = o
	return saveOrder("place", o, nil)
}

func changeOrder(c *check, m *model) step {
	o, ok := c.someOrder(m)
	if !ok {
		return step{}
	}
	o = next(o, func(o *order.Order) {
		if c.rand.IntN(2) == 0 {
			*o = c.shuffle(*o)
		} else {
			o.Tags, o.Metadata = maybe(&c.maker, []string{"a"}, []string{"a", "b"}), maybe(&c.maker, map[string]string{"k": fmt.Sprint(c.made)})
		}
	})
	m.orders[o.ID] = o
	return saveOrder("change", o, nil)
}

func takeOrder(c *check, m *model) step {
	had, ok := c.someOrder(m)
	if !ok {
		return step{}
	}
	o := c.anyOrder()
	if c.rand.IntN(2) == 0 {
		o.ID = had.ID
	} else {
		o.Number = had.Number
	}
	return saveOrder("take", o, order.ErrExists)
}

func staleOrder(c *check, m *model) step {
	o, ok := c.someOrder(m)
	if !ok {
		return step{}
	}
	o = next(o, func(o *order.Order) { o.Note = "stale" })
	if o.Version += pick[int64](&c.maker, -1, 1, 7); o.Version == 1 {
		o.Version = 5
	}
	return saveOrder("stale", o, order.ErrStale)
}

func readOrders(c *check, m *model) step {
	all := m.allOrders()
	f := c.anyFilter(all)
	want := expected(all, f)
	return step{what: fmt.Sprintf("page %+v", f), run: func(u unit) error {
		c.same(fmt.Sprintf("the page of %+v", f), want, u.page(f))
		_, err := u.Orders().Get(u.ctx, order.ID{UUID: uuid.Max})
		require.ErrorIs(c, err, order.ErrNotFound)
		if len(all) > 0 {
			o, err := u.Orders().ByNumber(u.ctx, all[0].Number)
			u.ok(err)
			c.same("the order of number "+o.Number, all[0], o)
		}
		return nil
	}}
}

func openWork(c *check, m *model) step {
	o, ok := c.someOrder(m)
	if !ok {
		return step{}
	}
	w := pick(&c.maker, c.work(o, "ber"), c.fullWork(o))
	m.works[w.ID] = w
	return saveWork("open", w, nil)
}

func saveWork(what string, w fulfillment.Order, want error) step {
	return step{what: fmt.Sprintf("%s work %s v%d", what, w.ID, w.Version), want: want, run: func(u unit) error {
		return u.Fulfillments().Save(u.ctx, w)
	}}
}

func changeWork(c *check, m *model) step {
	w, ok := c.someWork(m)
	if !ok {
		return step{}
	}
	w = w.Clone()
	w.Version++
	w.Work, w.Location = pick(&c.maker, fulfillment.WorkInProgress, fulfillment.WorkDone), pick(&c.maker, "ber", "ham")
	w.Lines[0].Picked++
	m.works[w.ID] = w
	return saveWork("change", w, nil)
}

func staleWork(c *check, m *model) step {
	w, ok := c.someWork(m)
	if !ok {
		return step{}
	}
	w.Version += pick[int64](&c.maker, 0, 2)
	return saveWork("stale", w, fulfillment.ErrStale)
}

func packShipment(c *check, m *model) step {
	w, ok := c.someWork(m)
	if !ok {
		return step{}
	}
	s := pick(&c.maker, c.shipment(w), c.fullShipment(w))
	for _, had := range m.world().Shipments {
		if had.Fulfillment == w.ID && had.Version < 3 { // change it rather than pack another
			s = had.Clone()
			s.Version++
			s.State, s.DeliveredAt = fulfillment.ShipmentDelivered, at(int(s.Version))
			break
		}
	}
	m.shipments[s.ID] = s
	return step{what: fmt.Sprintf("shipment %s v%d", s.ID, s.Version), run: func(u unit) error {
		return u.Fulfillments().SaveShipment(u.ctx, s)
	}}
}

func askReturn(c *check, m *model) step {
	r := c.blind()
	if o, ok := c.someOrder(m); ok {
		r = pick(&c.maker, r, c.returned(o), c.fullReturn(o))
	}
	m.returns[r.ID] = r
	return saveReturn("ask", r, nil)
}

func saveReturn(what string, r returns.Return, want error) step {
	return step{what: fmt.Sprintf("%s return %s v%d", what, r.ID, r.Version), want: want, run: func(u unit) error {
		return u.Returns().Save(u.ctx, r)
	}}
}

func changeReturn(c *check, m *model) step {
	r, ok := c.someReturn(m)
	if !ok {
		return step{}
	}
	r = r.Clone()
	r.Version++
	r.State, r.Customer = pick(&c.maker, returns.StateApproved, returns.StateClosed), pick(&c.maker, someCustomers...)
	r.Lines[0].Received++
	m.returns[r.ID] = r
	return saveReturn("change", r, nil)
}

func staleReturn(c *check, m *model) step {
	r, ok := c.someReturn(m)
	if !ok {
		return step{}
	}
	r.Version += pick[int64](&c.maker, 0, 2)
	return saveReturn("stale", r, returns.ErrStale)
}

func (m *model) posted(item string) bool {
	return slices.ContainsFunc(m.postings, func(p inventory.Posting) bool {
		return slices.ContainsFunc(p.Movements, func(mv inventory.Movement) bool { return mv.Item == item })
	})
}

func defineStock(c *check, m *model) step {
	i := inventory.Item{ID: pick(&c.maker, "tee", "mug", "cap"), SKU: fmt.Sprint("sku-", c.made), Safety: c.rand.Int64N(2)}
	i.Untracked = !m.posted(i.ID) && c.rand.IntN(4) == 0
	l := inventory.Location{ID: pick(&c.maker, "ber", "ham"), Name: fmt.Sprint("name-", c.made), Inactive: maybe(&c.maker, true), At: maybe(&c.maker, &inventory.Point{Lat: 1})}
	m.items[i.ID], m.locations[l.ID] = i, l
	return step{what: fmt.Sprintf("define %s (untracked: %t) and %s", i.ID, i.Untracked, l.ID), run: func(u unit) error {
		if err := u.Stock().PutItem(u.ctx, i); err != nil {
			return err
		}
		return u.Stock().PutLocation(u.ctx, l)
	}}
}

func untrack(_ *check, m *model) step {
	for _, i := range m.world().Items {
		if m.posted(i.ID) {
			i.Untracked = true
			return step{what: "untrack " + i.ID, want: inventory.ErrUntracked, run: func(u unit) error { return u.Stock().PutItem(u.ctx, i) }}
		}
	}
	return step{}
}

func moveStock(c *check, m *model) step {
	n := c.need()
	snap := m.snapshot(n)
	change, what := c.decision(snap, n)
	if change.Empty() || !m.apply(change) {
		return step{}
	}
	return step{what: fmt.Sprintf("%s %+v", what, change.Posting.Movements), run: func(u unit) error {
		got := u.load(n)
		got.Balances = withUnits(got.Balances)
		c.same(fmt.Sprintf("Load of %+v", n), snap, got)
		return u.Stock().Apply(u.ctx, change)
	}}
}

func readStock(c *check, m *model) step {
	n := c.need()
	snap := m.snapshot(n)
	item, owner, open := pick(&c.maker, n.Items...), maybe(&c.maker, owners...), c.rand.IntN(2) == 0
	postings := 0
	for _, p := range m.postings {
		if slices.ContainsFunc(p.Movements, func(mv inventory.Movement) bool { return mv.Item == item }) {
			postings++
		}
	}
	held := slices.DeleteFunc(m.allReservations(), func(r inventory.Reservation) bool {
		return r.Item != item || owner != "" && r.Owner != owner || open && r.Open() == 0
	})
	return step{what: fmt.Sprintf("load %+v", n), run: func(u unit) error {
		got := u.load(n)
		got.Balances = withUnits(got.Balances)
		c.same(fmt.Sprintf("Load of %+v", n), snap, got)
		c.count(postings, len(every(u, u.Stock().ListPostings(u.ctx, inventory.PostingFilter{Item: item}))), "postings of %s", item)
		f := inventory.ReservationFilter{Item: item, Owner: owner, Open: open}
		c.same(fmt.Sprintf("the reservations of %+v", f), held, every(u, u.Stock().ListReservations(u.ctx, f)))
		return nil
	}}
}

// staleStock tries a change of the past again. Now and then it still fits.
func staleStock(c *check, m *model) step {
	if len(m.past) == 0 {
		return step{}
	}
	change := pick(&c.maker, m.past...)
	change.Posting.ID = c.uuid()
	var want error
	if !m.apply(change) {
		want = inventory.ErrStale
	}
	return step{what: fmt.Sprintf("repeat %+v %+v", change.Posting.Movements, change.Reservations), want: want, run: func(u unit) error {
		return u.Stock().Apply(u.ctx, change)
	}}
}

func logEvents(c *check, m *model) step {
	batch := make([]storage.Event, 1+c.rand.IntN(3))
	for i := range batch {
		batch[i] = c.event(fmt.Sprint("order/", c.rand.IntN(3)), "kind")
	}
	aggregate := batch[0].Aggregate
	m.events = append(m.events, batch...)
	of := slices.DeleteFunc(slices.Clone(m.events), func(e storage.Event) bool { return e.Aggregate != aggregate })
	return step{what: fmt.Sprintf("append %d events", len(batch)), run: func(u unit) error {
		u.append(batch...)
		c.same("the events of "+aggregate, of, noSeq(every(u, u.Events().Of(u.ctx, aggregate))))
		return nil
	}}
}

func rememberKey(c *check, m *model) step {
	k := command(pick(&c.maker, commandKeys...))
	k.Result = fmt.Sprint(c.made)
	had, taken := m.commands[k.Key]
	if taken {
		k = had
	}
	m.commands[k.Key] = k
	return step{what: "key " + k.Key, run: func(u unit) error {
		found, ok, err := u.Commands().Find(u.ctx, k.Key)
		u.ok(err)
		require.Equal(c, taken, ok, "key %s is found", k.Key)
		if taken {
			c.same("key "+k.Key, k, found)
			return nil
		}
		return u.Commands().Put(u.ctx, k)
	}}
}

func takeKey(c *check, m *model) step {
	for _, k := range m.world().Commands {
		k.Result = "must not be kept"
		return step{what: "take " + k.Key, want: storage.ErrConflict, run: func(u unit) error { return u.Commands().Put(u.ctx, k) }}
	}
	return step{}
}

// trySavepoint runs a script in a savepoint, which may end with an error.
func trySavepoint(c *check, m *model) step {
	if c.depth > 2 {
		return step{}
	}
	c.depth++
	defer func() { c.depth-- }()
	inner := m.clone()
	steps := c.script(&inner, 1+c.rand.IntN(3), false)
	end := maybe(&c.maker, errPlain)
	if end == nil {
		*m = inner
	}
	what := ids(steps, func(st step) string { return st.what })
	return step{what: fmt.Sprintf("savepoint that ends with %v %q", end, what), run: func(u unit) error {
		err := u.savepoint(end, func(u unit) {
			for _, st := range steps {
				u.ok(st.run(u))
			}
		})
		require.ErrorIs(c, err, end)
		return nil
	}}
}
