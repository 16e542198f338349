package storagetest

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

var pages = []rule{
	{
		name: "page/filters", run: pageFilters,
		text: "A page has the orders that match every field of the filter that is set, and no others: states, customer, channel, item, facets, holds, times. An order without a time is in no range of it.",
	},
	{
		name: "page/filters-follow", run: pageFiltersFollow,
		text: "A filter judges an order as it is stored now, not as it was in an earlier version.",
	},
	{
		name: "page/keyset", run: pageKeyset,
		text: "Paging sees each order exactly once, newest first, however small the pages, and orders added meanwhile do not shift it.",
	},
	{
		name: "page/default-limit", run: pageDefaultLimit,
		text: "Without a limit a page has order.MaxPage orders, and order.Pages goes on until there are no more.",
	},
	{
		name: "page/fulfillment", run: pageFulfillment,
		text: "Pages of fulfillment orders obey location, work states, keyset and limit, newest first; those of an order come oldest first.",
	},
	{
		name: "page/returns", run: pageReturns,
		text: "Pages of returns obey states, customer, keyset and limit, newest first; those of an order come oldest first.",
	},
}

// matches is what a filter says, in plain words.
func matches(o *order.Order, f order.Filter) bool {
	facets := o.Facets()
	return (len(f.States) == 0 || slices.Contains(f.States, o.State)) &&
		(f.Customer == "" || o.Customer == f.Customer) &&
		(f.Channel == "" || o.Channel == f.Channel) &&
		(f.Item == "" || slices.ContainsFunc(o.Lines, func(l order.Line) bool { return l.Item == f.Item })) &&
		(f.Payment == "" || facets.Payment == f.Payment) &&
		(f.Fulfillment == "" || facets.Fulfillment == f.Fulfillment) &&
		(f.Return == "" || facets.Return == f.Return) &&
		(!f.OnHold || len(o.Holds) > 0) &&
		(f.PlacedFrom.IsZero() || !o.PlacedAt.IsZero() && !o.PlacedAt.Before(f.PlacedFrom)) &&
		(f.PlacedTo.IsZero() || !o.PlacedAt.IsZero() && o.PlacedAt.Before(f.PlacedTo)) &&
		(f.PayBefore.IsZero() || !o.PayBy.IsZero() && o.PayBy.Before(f.PayBefore)) &&
		(f.After == order.ID{} || slices.Compare(o.ID.UUID[:], f.After.UUID[:]) < 0)
}

// expected is the page that a filter should give of all orders there are.
func expected(all []order.Order, f order.Filter) []order.Order {
	out := slices.DeleteFunc(slices.Clone(all), func(o order.Order) bool { return !matches(&o, f) })
	slices.SortFunc(out, func(a, b order.Order) int { return slices.Compare(b.ID.UUID[:], a.ID.UUID[:]) })
	if f.Limit == 0 {
		f.Limit = order.MaxPage
	}
	return out[:min(len(out), f.Limit)]
}

// pick returns one of several values.
func pick[T any](m *maker, of ...T) T { return of[m.rand.IntN(len(of))] }

// maybe returns one of several values, or more often the zero value.
func maybe[T any](m *maker, of ...T) T {
	var zero T
	if m.rand.IntN(3) > 0 {
		return zero
	}
	return pick(m, of...)
}

var (
	someStates    = []order.State{order.StateDraft, order.StatePlaced, order.StateOpen, order.StateClosed, "packing_at_dock"}
	someCustomers = []string{"c-1", "c-2", "c-22"}
	someItems     = []string{"tee", "mug", "cap", "te"}
)

// anyOrder is an order with a bit of everything that filters look at.
func (m *maker) anyOrder() order.Order {
	o := m.order(pick(m, []string{"tee"}, []string{"tee", "mug"}, []string{"cap", "tee", "tee"}, []string{"te"})...)
	return m.shuffle(o)
}

// shuffle changes what filters look at.
func (m *maker) shuffle(o order.Order) order.Order {
	o.State, o.Customer, o.Channel = pick(m, someStates...), pick(m, someCustomers...), pick(m, "web", "shop", "")
	o.Holds = maybe(m, []order.Hold{{Owner: "o", Handle: "h", Reason: order.HoldReview, At: at(1)}})
	o.PlacedAt, o.PayBy = at(m.rand.IntN(6)), maybe(m, at(3), at(4))
	if o.State == order.StateDraft {
		o.PlacedAt = o.PayBy
	}
	total := order.Zero(o.Currency)
	for i := range o.Lines {
		total, _ = total.Add(o.Lines[i].Total)
		o.Lines[i].Counters = pick(m,
			order.Counters{Ordered: 1, Reserved: 1}, order.Counters{Ordered: 1, Backordered: 1}, order.Counters{Ordered: 1, Shipped: 1},
			order.Counters{Ordered: 1, Shipped: 1, Delivered: 1}, order.Counters{Ordered: 1, Shipped: 1, ReturnOpen: 1},
			order.Counters{Ordered: 1, Shipped: 1, Returned: 1, RefundedUnits: 1}, order.Counters{Ordered: 1, Cancelled: 1})
	}
	o.Payments = maybe(m,
		[]order.Operation{{ID: "a", Kind: order.Authorize, Status: order.Succeeded, Amount: total, At: at(1)}},
		[]order.Operation{{ID: "c", Kind: order.Capture, Status: order.Succeeded, Amount: total, At: at(1)}},
		[]order.Operation{{ID: "c", Kind: order.Capture, Status: order.Unknown, Amount: total, At: at(1)}},
		[]order.Operation{{ID: "c", Kind: order.Capture, Status: order.Succeeded, Amount: eur("0.01"), At: at(1)}})
	return o
}

// anyFilter sets some fields at random.
func (m *maker) anyFilter(all []order.Order) order.Filter {
	f := order.Filter{
		States: maybe(m, someStates[:1], someStates[1:3], someStates[2:], []order.State{"no_such_state"}), Customer: maybe(m, someCustomers...),
		Channel: maybe(m, "web", "shop"), Item: maybe(m, someItems...), OnHold: maybe(m, true),
		Payment:     maybe(m, order.PaymentNone, order.PaymentAuthorized, order.PaymentPaid, order.PaymentPartlyPaid, order.PaymentUnknown, order.PaymentFree),
		Fulfillment: maybe(m, order.FulfillmentNone, order.FulfillmentPartial, order.FulfillmentFull, order.FulfillmentDone),
		Return:      maybe(m, order.ReturnNone, order.ReturnOpen, order.ReturnPartial, order.ReturnFull),
		PlacedFrom:  maybe(m, at(1), at(4)), PlacedTo: maybe(m, at(3), at(5)), PayBefore: maybe(m, at(4), at(5)),
		Limit: maybe(m, 1, 3, 10),
	}
	if len(all) > 0 {
		f.After = maybe(m, pick(m, all...).ID, order.ID{UUID: uuid.Max})
	}
	return f
}

func pageFilters(c *check) {
	var all []order.Order
	for range 60 {
		all = append(all, c.anyOrder())
	}
	c.update(func(u unit) { u.save(all...) })
	c.view(func(u unit) {
		for _, f := range slices.Concat(eachFilter(all), anyFilters(&c.maker, all, 200)) {
			c.same(fmt.Sprintf("the page of %+v", f), expected(all, f), u.page(f))
		}
	})
}

func anyFilters(m *maker, all []order.Order, n int) []order.Filter {
	out := make([]order.Filter, n)
	for i := range out {
		out[i] = m.anyFilter(all)
	}
	return out
}

// eachFilter sets every field alone.
func eachFilter(all []order.Order) []order.Filter {
	out := []order.Filter{
		{}, {OnHold: true}, {Limit: 1}, {Limit: order.MaxPage}, {After: all[10].ID}, {After: all[0].ID}, {After: order.ID{UUID: uuid.UUID{15: 1}}},
		{States: someStates}, {PlacedFrom: at(2)}, {PlacedTo: at(2)}, {PlacedFrom: at(2), PlacedTo: at(3)}, {PlacedFrom: at(2), PlacedTo: at(2)},
		{PayBefore: at(3)}, {PayBefore: at(4)}, {PayBefore: at(100)}, {Channel: "shop"},
	}
	for _, s := range someStates {
		out = append(out, order.Filter{States: []order.State{s}})
	}
	for _, customer := range someCustomers {
		out = append(out, order.Filter{Customer: customer})
	}
	for _, item := range someItems {
		out = append(out, order.Filter{Item: item})
	}
	for i := range all {
		facets := all[i].Facets()
		out = append(out, order.Filter{Payment: facets.Payment}, order.Filter{Fulfillment: facets.Fulfillment}, order.Filter{Return: facets.Return})
	}
	return out
}

func pageFiltersFollow(c *check) {
	var all []order.Order
	for range 12 {
		all = append(all, c.anyOrder())
	}
	c.update(func(u unit) { u.save(all...) })
	for range 3 {
		for i := range all {
			all[i] = next(all[i], func(o *order.Order) {
				o.Lines = o.Lines[:1]
				o.Lines[0].Item = pick(&c.maker, someItems...)
				*o = c.shuffle(*o)
			})
		}
		filters := anyFilters(&c.maker, all, 60)
		c.update(func(u unit) {
			u.save(all...)
			for _, f := range filters {
				c.same(fmt.Sprintf("the page of %+v before commit", f), expected(all, f), u.page(f))
			}
		})
		c.view(func(u unit) {
			for _, f := range filters {
				c.same(fmt.Sprintf("the page of %+v", f), expected(all, f), u.page(f))
			}
		})
	}
}

func pageKeyset(c *check) {
	var all []order.Order
	for i := range 20 {
		o := c.order()
		if i%5 == 0 { // ids need not come from one clock
			o.ID.UUID[0], o.ID.UUID[1] = byte(i*13), byte(0x7f+i)
		}
		all = append(all, o)
	}
	c.update(func(u unit) { u.save(all...) })
	want := expected(all, order.Filter{})
	for _, limit := range []int{1, 3, 7, 20, 21} {
		var got []order.Order
		f := order.Filter{Limit: limit}
		for {
			var page []order.Order
			c.view(func(u unit) { page = u.page(f) })
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			f.After = page[len(page)-1].ID
			require.LessOrEqual(c, len(got), len(want), "pages of %d repeat themselves", limit)
			newer := c.order()
			newer.ID.UUID[0] = 0xff // newer than all
			c.update(func(u unit) { u.save(newer) })
			all = append(all, newer)
		}
		c.same(fmt.Sprintf("all pages of %d", limit), want, got)
		want = expected(all, order.Filter{})
	}
}

func pageDefaultLimit(c *check) {
	all := make([]order.Order, order.MaxPage+1)
	for i := range all {
		all[i] = c.smallestOrder()
	}
	c.update(func(u unit) { u.save(all...) })
	c.view(func(u unit) {
		want := expected(all, order.Filter{Limit: len(all)})
		c.same("the first page", want[:order.MaxPage], u.page(order.Filter{}))
		c.same("all orders", want, every(u, u.orders(0)))
		c.same("the rest", want[order.MaxPage:], u.page(order.Filter{After: want[order.MaxPage-1].ID}))
	})
}

func pageFulfillment(c *check) {
	a, b := c.order(), c.order()
	var all []fulfillment.Order
	for i := range 24 {
		w := c.work(pick(&c.maker, a, b), pick(&c.maker, "ber", "ham"))
		w.Work = pick(&c.maker, fulfillment.WorkOpen, fulfillment.WorkDone, "at_3pl")
		w.Version = 1 + int64(i%2)
		all = append(all, w)
	}
	c.update(func(u unit) {
		u.save(a, b)
		for _, w := range all {
			if w.Version == 2 { // it was something else before
				first := w.Clone()
				first.Version, first.Location, first.Work = 1, "ber", fulfillment.WorkOpen
				u.saveWork(first)
			}
			u.saveWork(w)
		}
	})
	want := func(f fulfillment.Filter) []fulfillment.Order {
		out := slices.DeleteFunc(slices.Clone(all), func(w fulfillment.Order) bool {
			return f.Location != "" && w.Location != f.Location || len(f.Work) > 0 && !slices.Contains(f.Work, w.Work) ||
				f.After != (fulfillment.ID{}) && slices.Compare(w.ID.UUID[:], f.After.UUID[:]) >= 0
		})
		slices.Reverse(out)
		if f.Limit == 0 {
			f.Limit = fulfillment.MaxPage
		}
		return out[:min(len(out), f.Limit)]
	}
	c.view(func(u unit) {
		for range 80 {
			f := fulfillment.Filter{Location: maybe(&c.maker, "ber", "ham", "h"), After: maybe(&c.maker, all[5].ID, all[23].ID), Limit: maybe(&c.maker, 1, 3),
				Work: maybe(&c.maker, []fulfillment.WorkState{fulfillment.WorkOpen}, []fulfillment.WorkState{"at_3pl", fulfillment.WorkDone})}
			page, err := u.Fulfillments().Page(u.ctx, f)
			u.ok(err)
			c.same(fmt.Sprintf("the page of %+v", f), want(f), page)
		}
		of, err := u.Fulfillments().OfOrder(u.ctx, a.ID)
		u.ok(err)
		c.same("the work of an order", slices.DeleteFunc(slices.Clone(all), func(w fulfillment.Order) bool { return w.Order != a.ID }), of)
	})
}

func pageReturns(c *check) {
	a := c.order()
	var all []returns.Return
	for i := range 24 {
		r := pick(&c.maker, c.returned(a), c.blind())
		r.State, r.Customer = pick(&c.maker, returns.StateRequested, returns.StateClosed, "at_lab"), pick(&c.maker, someCustomers...)
		r.Version = 1 + int64(i%2)
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b returns.Return) int { return slices.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
	c.update(func(u unit) {
		u.save(a)
		for _, r := range all {
			if r.Version == 2 { // it was something else before
				first := r.Clone()
				first.Version, first.Customer, first.State = 1, "c-1", returns.StateRequested
				u.saveReturn(first)
			}
			u.saveReturn(r)
		}
	})
	want := func(f returns.Filter) []returns.Return {
		out := slices.DeleteFunc(slices.Clone(all), func(r returns.Return) bool {
			return f.Customer != "" && r.Customer != f.Customer || len(f.States) > 0 && !slices.Contains(f.States, r.State) ||
				f.After != (returns.ID{}) && slices.Compare(r.ID.UUID[:], f.After.UUID[:]) >= 0
		})
		slices.Reverse(out)
		if f.Limit == 0 {
			f.Limit = returns.MaxPage
		}
		return out[:min(len(out), f.Limit)]
	}
	c.view(func(u unit) {
		for range 80 {
			f := returns.Filter{Customer: maybe(&c.maker, someCustomers...), After: maybe(&c.maker, all[5].ID, all[23].ID), Limit: maybe(&c.maker, 1, 3),
				States: maybe(&c.maker, []returns.State{returns.StateRequested}, []returns.State{"at_lab", returns.StateClosed})}
			page, err := u.Returns().Page(u.ctx, f)
			u.ok(err)
			c.same(fmt.Sprintf("the page of %+v", f), want(f), page)
		}
		of, err := u.Returns().OfOrder(u.ctx, a.ID)
		u.ok(err)
		c.same("the returns of an order", slices.DeleteFunc(slices.Clone(all), func(r returns.Return) bool { return r.Order != a.ID }), of)
	})
}
