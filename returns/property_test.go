package returns_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// desk takes back the units of one order, by any number of returns.
type desk struct {
	f       *returns.Flow
	orders  *order.Flow
	o       order.Order
	returns []returns.Return
	paid    int64 // minor units given back
}

func newDesk(t *rapid.T) *desk {
	d := order.Draft{Currency: order.MustCurrency("EUR"), TaxIncluded: true}
	for range rapid.IntRange(1, 2).Draw(t, "lines") {
		price := decimal.New(rapid.Int64Range(1, 99_999).Draw(t, "price"), -4)
		d.Lines = append(d.Lines, order.DraftLine{Item: "tee", Qty: rapid.Int64Range(1, 5).Draw(t, "qty"), UnitPrice: price, TaxRate: decimal.New(19, -2)})
	}
	w := &desk{f: flow(t), orders: orders(t)}
	o, err := order.New(sale, d, noon)
	require.NoError(t, err)
	if o, _, err = w.orders.Place(o, noon); err == nil {
		o, _, err = w.orders.Confirm(o, order.PayAnytime, noon)
	}
	require.NoError(t, err)
	for i := range o.Lines {
		l := &o.Lines[i]
		q := rapid.Int64Range(0, l.Ordered).Draw(t, "shipped")
		o = counted(t, o, delta(l.No, order.Counters{Unreserved: -q, Shipped: q}))
	}
	w.o = o
	return w
}

func TestEveryWayBackKeepsTheLawsOfLinesOrderAndMoney(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newDesk(t)
		w.request(t)
		t.Repeat(map[string]func(*rapid.T){
			"request": w.request, "approve": w.approve, "receive": w.receive, "receive more": w.receive, "missing": w.missing,
			"inspect": w.inspect, "refund": w.refund, "decline or cancel": w.drop, "close": w.close, "": w.check,
		})
		w.finish(t)
	})
}

// take runs a decision on a random return and requires that it left its input alone;
// if it was refused, that it decided nothing, and otherwise that the order can follow.
func (w *desk) take(t *rapid.T, decide func(returns.Return) (returns.Return, []order.LineDelta, []returns.Event, error)) error {
	if len(w.returns) == 0 {
		return nil
	}
	i := rapid.IntRange(0, len(w.returns)-1).Draw(t, "return")
	r := w.returns[i]
	was := r.Clone()
	n, deltas, events, err := decide(r)
	require.Equal(t, was, r, "a decision never changes what it was given")
	if err != nil || len(events) == 0 {
		require.Equal(t, was, n)
		require.Empty(t, deltas)
		require.Empty(t, events)
		return err
	}
	o, err := w.o.Count(later, deltas...)
	require.NoError(t, err, "the order can follow every decision")
	w.o, w.returns[i] = o, n
	return nil
}

func (w *desk) request(t *rapid.T) {
	q := returns.Request{ID: returns.ID{UUID: uuid.UUID{15: byte(len(w.returns) + 1)}}}
	for range rapid.IntRange(1, 2).Draw(t, "wanted") {
		q.Lines = append(q.Lines, returns.Wanted{Line: rapid.IntRange(1, len(w.o.Lines)).Draw(t, "line"), Qty: rapid.Int64Range(1, 3).Draw(t, "qty"), Reason: returns.Unwanted})
	}
	want := map[int]int64{}
	eligible := true
	for _, x := range q.Lines {
		want[x.Line] += x.Qty
		l, _ := w.o.Line(x.Line)
		eligible = eligible && want[x.Line] <= l.Shipped-l.ReturnOpen-l.Returned
	}
	was := w.o.Clone()
	r, deltas, _, err := w.f.Request(w.o, q, nil, later)
	require.Equal(t, was, w.o)
	require.Equal(t, eligible, err == nil, "%v", err)
	if err == nil {
		w.o = counted(t, w.o, deltas...)
		w.returns = append(w.returns, r)
	}
}

func (w *desk) approve(t *rapid.T) {
	_ = w.take(t, func(r returns.Return) (returns.Return, []order.LineDelta, []returns.Event, error) {
		n, events, err := w.f.Approve(r, later)
		require.Equal(t, r.State == returns.StateRequested || w.f.Active(r.State), err == nil)
		return n, nil, events, err
	})
}

// some draws units of a return.
func some(t *rapid.T, r returns.Return) []order.LineQty {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) order.LineQty {
		return order.LineQty{Line: rapid.IntRange(1, len(r.Lines)).Draw(t, "line"), Qty: rapid.SampledFrom([]int64{1, 1, 2, 0}).Draw(t, "qty")}
	}), 1, 2).Draw(t, "units")
}

// covered tells whether a count of each line covers the units.
func covered(r returns.Return, us []order.LineQty, of func(*returns.Line) int64) bool {
	sum := map[int]int64{}
	for _, u := range us {
		sum[u.Line] += u.Qty
		if l, _ := r.Line(u.Line); u.Qty <= 0 || sum[u.Line] > of(l) {
			return false
		}
	}
	return true
}

func (w *desk) receive(t *rapid.T) {
	_ = w.take(t, func(r returns.Return) (returns.Return, []order.LineDelta, []returns.Event, error) {
		us := some(t, r)
		n, deltas, events, err := w.f.Receive(r, "ber", us, later)
		require.Equal(t, w.f.Active(r.State) && covered(r, us, (*returns.Line).Open), err == nil)
		return n, deltas, events, err
	})
}

func (w *desk) missing(t *rapid.T) {
	_ = w.take(t, func(r returns.Return) (returns.Return, []order.LineDelta, []returns.Event, error) {
		us := some(t, r)
		n, deltas, events, err := w.f.Missing(r, us, later)
		require.Equal(t, w.f.Active(r.State) && covered(r, us, (*returns.Line).Open), err == nil)
		return n, deltas, events, err
	})
}

func (w *desk) inspect(t *rapid.T) {
	_ = w.take(t, func(r returns.Return) (returns.Return, []order.LineDelta, []returns.Event, error) {
		var decided []returns.Disposed
		us := some(t, r)
		as := rapid.SampledFrom([]returns.Disposition{returns.Restock, returns.Damage, returns.Scrap, returns.Reject}).Draw(t, "as")
		for _, u := range us {
			decided = append(decided, returns.Disposed{Line: u.Line, Qty: u.Qty, As: as})
		}
		n, deltas, events, err := w.f.Inspect(r, decided, later)
		require.Equal(t, w.f.Active(r.State) && covered(r, us, func(l *returns.Line) int64 {
			if as == returns.Reject { // what is refunded already cannot be rejected any more
				return min(l.Received-l.Inspected(), l.Qty-l.RefundedUnits-l.Rejected)
			}
			return l.Received - l.Inspected()
		}), err == nil)
		return n, deltas, events, err
	})
}

// refund pays units back as the Engine does: the return says which, the order what they
// are worth.
func (w *desk) refund(t *rapid.T) {
	_ = w.take(t, func(r returns.Return) (returns.Return, []order.LineDelta, []returns.Event, error) {
		us := some(t, r)
		n, lines, _, err := w.f.Refund(r, us, later)
		require.Equal(t, w.f.Active(r.State) && covered(r, us, func(l *returns.Line) int64 { return l.Qty - l.Rejected - l.RefundedUnits }), err == nil)
		if err != nil {
			return n, nil, nil, err
		}
		o, amount, _, err := w.orders.Credit(w.o, order.CreditNote{Return: r.ID.String(), Units: lines}, later)
		if err != nil { // a missing unit that was refunded may be announced again, but is not paid twice
			require.ErrorIs(t, err, order.ErrQuantity)
			return r, nil, nil, err
		}
		w.o, w.paid = o, w.paid+amount.MinorUnits()
		n, events, err := w.f.Paid(n, us, amount, later)
		return n, nil, events, err
	})
}

func (w *desk) drop(t *rapid.T) {
	if rapid.IntRange(0, 4).Draw(t, "seldom") < 4 {
		return
	}
	_ = w.take(t, func(r returns.Return) (returns.Return, []order.LineDelta, []returns.Event, error) {
		if rapid.Bool().Draw(t, "decline") {
			n, deltas, events, err := w.f.Decline(r, "worn", later)
			require.Equal(t, r.State == returns.StateRequested, err == nil)
			return n, deltas, events, err
		}
		return w.f.Cancel(r, later)
	})
}

func (w *desk) close(t *rapid.T) {
	_ = w.take(t, func(r returns.Return) (returns.Return, []order.LineDelta, []returns.Event, error) {
		n, events, err := w.f.Close(r, later)
		done := w.f.Active(r.State) || r.State == returns.StateClosed
		for i := range r.Lines {
			done = done && r.Lines[i].Open() == 0 && r.Lines[i].Received == r.Lines[i].Inspected()
		}
		require.Equal(t, done, err == nil)
		return n, nil, events, err
	})
}

// finish shows that there is a way from here to an end for every return.
func (w *desk) finish(t *rapid.T) {
	for i, r := range w.returns {
		var err error
		switch {
		case r.State == returns.StateRequested:
			r, _, _, err = w.f.Decline(r, "worn", later)
			require.NoError(t, err)
		case w.f.Active(r.State):
			for _, l := range w.returns[i].Lines {
				if open := l.Open(); open > 0 {
					r, _, _, err = w.f.Missing(r, []order.LineQty{{Line: l.No, Qty: open}}, later)
					require.NoError(t, err)
				}
				if left := l.Received - l.Inspected(); left > 0 {
					r, _, _, err = w.f.Inspect(r, []returns.Disposed{{Line: l.No, Qty: left, As: returns.Restock}}, later)
					require.NoError(t, err)
				}
			}
			r, _, err = w.f.Close(r, later)
			require.NoError(t, err)
		}
		require.False(t, r.ClosedAt.IsZero(), "every return ends: %+v", r)
	}
}

func (w *desk) check(t *rapid.T) {
	told := make([]order.Counters, len(w.o.Lines))
	for i := range w.returns {
		r := &w.returns[i]
		for j := range r.Lines {
			l := &r.Lines[j]
			require.NoError(t, l.Check())
			c := &told[l.Line-1]
			if r.ClosedAt.IsZero() {
				c.ReturnOpen += l.Open()
			}
			c.Returned += l.Received
			c.Restocked += l.Restocked
			c.WrittenOff += l.Damaged + l.Scrapped
			c.RefundedUnits += l.RefundedUnits
		}
	}
	var worth, refunded int64
	for i := range w.o.Lines {
		l := &w.o.Lines[i]
		require.NoError(t, l.Check())
		said := order.Counters{ReturnOpen: l.ReturnOpen, Returned: l.Returned, Restocked: l.Restocked, WrittenOff: l.WrittenOff, RefundedUnits: l.RefundedUnits}
		require.Equal(t, told[i], said, "the order says what its returns say")
		fresh := *l
		fresh.RefundedUnits = 0
		all, err := fresh.Credit(l.RefundedUnits)
		require.NoError(t, err)
		worth += all.Total.MinorUnits()
	}
	for i := range w.returns {
		refunded += w.returns[i].Refunded.MinorUnits()
	}
	require.Equal(t, worth, w.paid, "whatever the batches, the units are paid what they are worth together")
	require.Equal(t, refunded, w.paid, "and the returns say so")
}

func TestABlindReturnPaysExactlyItsWorthInAnyBatches(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		worth, err := order.Minor(rapid.Int64Range(0, 10_000).Draw(t, "worth"), order.MustCurrency("EUR"))
		require.NoError(t, err)
		qty := rapid.Int64Range(1, 12).Draw(t, "qty")
		f := flow(t)
		r, _, err := f.RequestBlind(returns.Blind{ID: rma, Currency: worth.Currency(), Lines: []returns.BlindLine{
			{Item: "tee", Qty: qty, Reason: returns.Unwanted, Worth: worth},
		}}, noon)
		require.NoError(t, err)
		r, _, err = f.Approve(r, noon)
		require.NoError(t, err)
		for left := qty; left > 0; {
			var batch []order.LineQty
			for range rapid.IntRange(1, 2).Draw(t, "entries") {
				if left > 0 {
					q := rapid.Int64Range(1, left).Draw(t, "units")
					batch, left = append(batch, order.LineQty{Line: 1, Qty: q}), left-q
				}
			}
			n, lines, part, err := f.Refund(r, batch, later)
			require.NoError(t, err)
			require.Empty(t, lines)
			r, _, err = f.Paid(n, batch, part, later)
			require.NoError(t, err)
		}
		require.Equal(t, worth, r.Refunded)
	})
}
