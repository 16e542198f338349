package oms_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// buy drafts and issues an order for units of one item that are due in some days.
func (s *shop) buy(item string, qty int64, days int, options ...func(*purchasing.Draft)) purchasing.Order {
	s.t.Helper()
	return must(s.Purchasing.Issue(s.ctx, s.draftPurchase(item, qty, days, options...).ID))(s)
}

func (s *shop) draftPurchase(item string, qty int64, days int, options ...func(*purchasing.Draft)) purchasing.Order {
	s.t.Helper()
	if _, err := s.Purchasing.Supplier(s.ctx, "acme"); err != nil {
		must(s.Purchasing.PutSupplier(s.ctx, purchasing.Supplier{ID: "acme", LeadTime: 7 * 24 * time.Hour}))(s)
	}
	d := purchasing.Draft{Supplier: "acme", Currency: "EUR", Lines: []purchasing.DraftLine{{
		Item: item, Location: "ber", Qty: qty, UnitCost: decimal.RequireFromString("4.00"), Due: s.day(days),
	}}}
	for _, o := range options {
		o(&d)
	}
	return must(s.Purchasing.Draft(s.ctx, d))(s)
}

// day is the moment some days from now.
func (s *shop) day(n int) time.Time { return s.clock.read().AddDate(0, 0, n) }

func arrives(ref string, line int, accepted int64) purchasing.Receipt {
	return purchasing.Receipt{Ref: ref, Lines: []purchasing.ReceiptLine{{Line: line, Accepted: accepted}}}
}

// queue reads who waits for an item: "2 of A due 2026-03-11".
func (s *shop) queue(item string) []string {
	s.t.Helper()
	var out []string
	for _, d := range must(s.Stock.Backorders(s.ctx, item))(s) {
		text := decimal.NewFromInt(d.Qty).String() + " promised " + decimal.NewFromInt(d.Promised()).String()
		if at, ok := d.Date(); ok {
			text += " for " + at.Format(time.DateOnly)
		}
		out = append(out, text)
	}
	return out
}

// coming reads what is expected of an item: "5 promised 3 on 2026-03-11".
func (s *shop) coming(item string) []string {
	s.t.Helper()
	var out []string
	for _, c := range must(s.Stock.Incoming(s.ctx, item))(s) {
		out = append(out, decimal.NewFromInt(c.Qty).String()+" promised "+decimal.NewFromInt(c.Promised).String()+" on "+c.Due.Format(time.DateOnly))
	}
	return out
}

func TestAPurchaseOrderIsReceivedInParts(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		o := s.draftPurchase("tee", 10, 10)
		require.Empty(s.t, s.coming("tee"), "a draft is not incoming")
		s.refuses(purchasing.ErrTransition, func() error { return errOf(s.Purchasing.Receive(s.ctx, o.ID, arrives("dn-1", 1, 1))) })
		must(s.Purchasing.Issue(s.ctx, o.ID))(s)
		require.Equal(s.t, []string{"10 promised 0 on 2026-03-11"}, s.coming("tee"))
		first := purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{
			{Line: 1, Accepted: 4}, {Line: 1, Accepted: 1, Into: inventory.QC, Lot: "l-2"}, {Line: 1, Rejected: 2, Reason: purchasing.RejectDamaged},
		}}
		o = must(s.Purchasing.Receive(s.ctx, o.ID, first))(s)
		require.Equal(s.t, purchasing.StatePartial, o.State)
		require.Equal(s.t, "free 14 qc 1 damaged 2", s.shelf("tee", "ber"))
		require.Equal(s.t, []string{"3 promised 0 on 2026-03-11"}, s.coming("tee"))
		s.unchanged(func() error { return errOf(s.Purchasing.Receive(s.ctx, o.ID, first)) })
		s.refuses(purchasing.ErrReceipt, func() error { return errOf(s.Purchasing.Receive(s.ctx, o.ID, arrives("dn-1", 1, 1))) })
		s.refuses(purchasing.ErrTolerance, func() error { return errOf(s.Purchasing.Receive(s.ctx, o.ID, arrives("dn-2", 1, 4))) })
		s.refuses(purchasing.ErrUnknownLine, func() error { return errOf(s.Purchasing.Receive(s.ctx, o.ID, arrives("dn-2", 2, 1))) })
		s.refuses(purchasing.ErrQuantity, func() error { return errOf(s.Purchasing.Receive(s.ctx, o.ID, arrives("dn-2", 1, 0))) })
		s.refuses(purchasing.ErrTransition, func() error { return errOf(s.Purchasing.Close(s.ctx, o.ID)) })
		o = must(s.Purchasing.Receive(s.ctx, o.ID, arrives("dn-2", 1, 3)))(s)
		require.Equal(s.t, purchasing.StateReceived, o.State)
		require.Empty(s.t, s.coming("tee"))
		o = must(s.Purchasing.Close(s.ctx, o.ID))(s)
		s.refuses(purchasing.ErrTransition, func() error { return errOf(s.Purchasing.Receive(s.ctx, o.ID, arrives("dn-3", 1, 1))) })
		require.Equal(s.t, []string{"purchase.drafted", "purchase.issued", "purchase.received", "purchase.received", "purchase.closed"},
			kinds(must(s.Purchasing.Timeline(s.ctx, o.ID))(s)))
		s.same(o, must(s.Purchasing.Get(s.ctx, o.ID))(s))
	})
}

func TestAReceiptServesTheQueueInOrder(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var waiting []order.Order
		for range 3 {
			o, _ := s.open(line("book", 2))
			waiting = append(waiting, o)
			s.clock.turn(time.Minute)
		}
		require.Equal(s.t, []string{"2 promised 0", "2 promised 0", "2 promised 0"}, s.queue("book"))
		po := s.buy("book", 5, 10)
		require.Equal(s.t, []string{"2 promised 2 for 2026-03-11", "2 promised 2 for 2026-03-11", "2 promised 1"}, s.queue("book"))
		require.Equal(s.t, []string{"5 promised 5 on 2026-03-11"}, s.coming("book"))
		must(s.Purchasing.Receive(s.ctx, po.ID, arrives("dn-1", 1, 3)))(s)
		require.Equal(s.t, "reserved 2", s.places(waiting[0].ID, 1))
		require.Equal(s.t, "reserved 1 backordered 1", s.places(waiting[1].ID, 1))
		require.Equal(s.t, "backordered 2", s.places(waiting[2].ID, 1))
		require.Len(s.t, s.work(waiting[0].ID), 1, "the work is open")
		require.Equal(s.t, []string{"1 promised 1 for 2026-03-11", "2 promised 1"}, s.queue("book"))
		s.verify()
		must(s.Orders.Cancel(s.ctx, waiting[1].ID, order.CancelCustomer))(s)
		require.Equal(s.t, "free 1 committed 2", s.shelf("book", "ber"), "only the reserved unit came free")
		require.Equal(s.t, []string{"2 promised 2 for 2026-03-11"}, s.queue("book"), "what was promised goes to the next")
		f := must(s.Stock.FillBackorders(s.ctx, "book", oms.Key("fill-1")))(s)
		require.Equal(s.t, oms.Filled{Orders: 1, Units: 1}, f)
		require.Equal(s.t, f, must(s.Stock.FillBackorders(s.ctx, "book", oms.Key("fill-1")))(s))
		require.Equal(s.t, "reserved 1 backordered 1", s.places(waiting[2].ID, 1))
	})
}

func TestLateSupplyNamesTheOrdersThatWait(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		po := s.buy("book", 5, 10)
		o, _ := s.open(line("book", 2))
		require.Equal(s.t, []string{"2 promised 2 for 2026-03-11"}, s.queue("book"))
		must(s.Purchasing.ChangeDue(s.ctx, po.ID, []purchasing.LineDue{{Line: 1, Due: s.day(20)}}))(s)
		require.Equal(s.t, []string{"2 promised 2 for 2026-03-21"}, s.queue("book"))
		told := must(s.Purchasing.Timeline(s.ctx, po.ID))(s)
		require.Equal(s.t, []string{"purchase.drafted", "purchase.issued", "purchase.due_changed", "purchase.late"}, kinds(told))
		require.Contains(s.t, string(told[3].Data), o.ID.String())
		require.Empty(s.t, must(s.Purchasing.Late(s.ctx, s.day(20)))(s))
		late := must(s.Purchasing.Late(s.ctx, s.day(21)))(s)
		require.Len(s.t, late, 1)
		require.Len(s.t, late[0].Affected, 1)
		require.Equal(s.t, o.ID.String(), late[0].Affected[0].Order)
		require.Equal(s.t, s.day(20), late[0].Affected[0].Was)
		require.True(s.t, late[0].Affected[0].Due.IsZero(), "nothing else is coming")
		must(s.Purchasing.Cancel(s.ctx, po.ID, "out of business"))(s)
		require.Equal(s.t, []string{"2 promised 0"}, s.queue("book"))
	})
}

func TestPurchaseOrdersAreFoundByStateAndSupplier(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var all []purchasing.ID
		for range 5 {
			all = append(all, s.draftPurchase("tee", 1, 1).ID)
			s.clock.turn(time.Second)
		}
		must(s.Purchasing.Issue(s.ctx, all[1]))(s)
		must(s.Purchasing.Cancel(s.ctx, all[3], ""))(s)
		find := func(f oms.PurchaseFilter) []purchasing.ID {
			f.Limit = 2
			var ids []purchasing.ID
			for {
				page := must(s.Purchasing.Page(s.ctx, f))(s)
				if len(page) == 0 {
					return ids
				}
				for _, o := range page {
					ids = append(ids, o.ID)
				}
				f.After = &page[len(page)-1]
			}
		}
		require.Equal(s.t, all, find(oms.PurchaseFilter{Supplier: "acme"}))
		require.Equal(s.t, []purchasing.ID{all[0], all[2], all[4]}, find(oms.PurchaseFilter{State: purchasing.StateDraft}))
		require.Equal(s.t, []purchasing.ID{all[1]}, find(oms.PurchaseFilter{State: purchasing.StateIssued, Supplier: "acme"}))
		require.Equal(s.t, []purchasing.ID{all[0], all[2], all[4], all[1]}, find(oms.PurchaseFilter{Open: true}))
		require.Len(s.t, find(oms.PurchaseFilter{}), 5)
		require.Len(s.t, must(s.Purchasing.Suppliers(s.ctx, "", storage.MaxDocuments))(s), 1)
		require.Empty(s.t, must(s.Purchasing.Suppliers(s.ctx, "acme", 1))(s))
	})
}
