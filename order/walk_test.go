package order_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// walk is one order on its random way through every command.
type walk struct {
	f      *order.Flow
	o      order.Order
	policy order.PaymentPolicy
	now    time.Time
	ids    int // operations and holds made so far
}

func TestEveryWalkKeepsTheLawsAndFindsItsEnd(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]order.FlowOption{"standard": nil, "with a host's state": reviewed()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				policy := rapid.SampledFrom([]order.PaymentPolicy{order.PayAnytime, order.PayAnytime, order.PayAnytime, order.PayAuthorized, order.PayCaptured}).Draw(t, "policy")
				w := &walk{f: flow(t, options...), policy: policy, now: noon}
				d := anyDraft().Draw(t, "draft")
				if rapid.Bool().Draw(t, "deadline") {
					d.PayBy = later
				}
				w.o = drafted(t, d)
				w.must(t, "place", w.place)
				t.Repeat(map[string]func(*rapid.T){
					"confirm": w.often(w.confirm), "confirm again": w.often(w.confirm), "expire": w.often(w.expire),
					"close": w.often(w.close), "reopen": w.often(w.reopen), "review": w.often(w.take(actionReview)), "clear": w.often(w.take(actionClear)),
					"cancel": seldom(w.often(w.cancel)), "hold": seldom(w.often(w.hold)), "cancel units": seldom(w.cancelUnits), "release": w.release,
					"pay": w.pay, "pay what is due": w.payDue, "settle": w.settle, "refund": w.refund, "credit": w.credit,
					"move units": w.moveUnits, "bring back": w.bringBack, "send a line": w.sendLine, "settle up": w.settleUp, "time passes": w.wait, "": w.check,
				})
				w.finish(t)
			})
		})
	}
}

// command is a decision: the next order, what happened, or why not.
type command func(order.Order) (order.Order, []order.Event, error)

// try runs a command and requires that it left its input alone, that a refusal or
// nothing at all changed nothing, and that the counters still add up.
func (w *walk) try(t require.TestingT, c command) error {
	before := w.o.Clone()
	n, events, err := c(w.o)
	require.Equal(t, before, w.o, "a command never changes the order that it was given")
	if err != nil || len(events) == 0 {
		require.Equal(t, before, n, "what changes nothing returns the order as it was")
	}
	if err != nil {
		require.Empty(t, events)
		return err
	}
	for i := range n.Lines {
		require.NoError(t, n.Lines[i].Check())
	}
	w.o = n
	return nil
}

// often runs a command whenever its turn comes. Whether it may be refused is not asked
// here: check compares every refusal with what was promised.
func (w *walk) often(c command) func(*rapid.T) { return func(t *rapid.T) { _ = w.try(t, c) } }

// seldom keeps an action that ends or stops most walks from doing so at once.
func seldom(action func(*rapid.T)) func(*rapid.T) {
	return func(t *rapid.T) {
		if rapid.IntRange(0, 19).Draw(t, "seldom") == 19 {
			action(t)
		}
	}
}

func (w *walk) wait(t *rapid.T) {
	w.now = w.now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "minutes")) * time.Minute)
}

func (w *walk) must(t require.TestingT, name string, c command) {
	require.NoError(t, w.try(t, c), "%s of %s", name, w.describe())
}

func (w *walk) describe() string {
	return fmt.Sprintf("%s order, books %+v, facets %+v, holds %v", w.o.State, w.o.Books(), w.o.Facets(), w.o.Holds)
}

func (w *walk) place(o order.Order) (order.Order, []order.Event, error)  { return w.f.Place(o, w.now) }
func (w *walk) close(o order.Order) (order.Order, []order.Event, error)  { return w.f.Close(o, w.now) }
func (w *walk) reopen(o order.Order) (order.Order, []order.Event, error) { return w.f.Reopen(o, w.now) }
func (w *walk) confirm(o order.Order) (order.Order, []order.Event, error) {
	return w.f.Confirm(o, w.policy, w.now)
}

func (w *walk) take(a order.Action) command {
	return func(o order.Order) (order.Order, []order.Event, error) { return w.f.Take(o, a, w.now) }
}

func (w *walk) cancel(o order.Order) (order.Order, []order.Event, error) {
	n, cuts, events, err := w.f.Cancel(o, order.CancelCustomer, w.now)
	return n, events, cutsMatch(o, n, cuts, err)
}

func (w *walk) expire(o order.Order) (order.Order, []order.Event, error) {
	n, cuts, events, err := w.f.Expire(o, w.now)
	return n, events, cutsMatch(o, n, cuts, err)
}

func (w *walk) hold(o order.Order) (order.Order, []order.Event, error) {
	w.ids++
	return w.f.Hold(o, order.Hold{Owner: "ann", Handle: fmt.Sprint(w.ids), Reason: order.HoldFraud, Line: w.ids % (len(o.Lines) + 1)}, w.now)
}

// cutsMatch refuses cuts that do not tell exactly which units went from where.
func cutsMatch(before, after order.Order, cuts []order.Cut, err error) error {
	if err != nil {
		return err
	}
	for i := range before.Lines {
		was, is := before.Lines[i].Counters, after.Lines[i].Counters
		for _, c := range cuts {
			if c.Line != i+1 {
				continue
			}
			is.Cancelled -= c.Qty
			*[]*int64{&is.Unreserved, &is.Backordered, &is.Reserved, &is.Picked}[c.From] += c.Qty
		}
		if was != is {
			return fmt.Errorf("cuts %v do not lead from %+v to %+v", cuts, before.Lines[i].Counters, after.Lines[i].Counters)
		}
	}
	return nil
}

// anyLine draws the number of a line.
func (w *walk) anyLine(t *rapid.T) int { return rapid.IntRange(1, len(w.o.Lines)).Draw(t, "line") }

func (w *walk) cancelUnits(t *rapid.T) {
	units := []order.LineQty{{Line: w.anyLine(t), Qty: rapid.Int64Range(0, 2).Draw(t, "qty")}, {Line: w.anyLine(t), Qty: 1}}
	err := w.try(t, func(o order.Order) (order.Order, []order.Event, error) {
		n, cuts, events, err := w.f.CancelUnits(o, units, order.CancelStaff, w.now)
		return n, events, cutsMatch(o, n, cuts, err)
	})
	if err != nil && w.f.Can(w.o.State, order.Cancellable) {
		require.ErrorIs(t, err, order.ErrQuantity)
	}
}

func (w *walk) release(t *rapid.T) {
	if len(w.o.Holds) > 0 {
		h := rapid.SampledFrom(w.o.Holds).Draw(t, "hold")
		w.must(t, "release", func(o order.Order) (order.Order, []order.Event, error) {
			return w.f.Release(o, h.Owner, h.Handle, w.now)
		})
	}
}

// minor is an amount in the order's currency.
func (w *walk) minor(t require.TestingT, units int64) order.Money {
	m, err := order.Minor(units, w.o.Currency)
	require.NoError(t, err)
	return m
}

func (w *walk) record(op order.Operation) command {
	w.ids++
	op.ID = fmt.Sprint(w.ids)
	return func(o order.Order) (order.Order, []order.Event, error) { return w.f.Pay(o, op, w.now) }
}

func (w *walk) pay(t *rapid.T) {
	op := order.Operation{
		Kind:   rapid.SampledFrom([]order.OperationKind{order.Authorize, order.Capture, order.Capture, order.Void, order.Refund, order.Chargeback}).Draw(t, "kind"),
		Status: rapid.SampledFrom([]order.OperationStatus{"", "", order.Requested, order.Failed, order.Unknown}).Draw(t, "status"),
		Amount: w.minor(t, rapid.Int64Range(0, 5_000).Draw(t, "amount")),
	}
	if n := len(w.o.Payments); n > 0 && rapid.Bool().Draw(t, "with a parent") {
		op.Parent = w.o.Payments[rapid.IntRange(0, n-1).Draw(t, "parent")].ID
	}
	if err := w.try(t, w.record(op)); err != nil {
		require.True(t, isAny(err, order.ErrPayment, order.ErrCap), err)
	}
}

func (w *walk) payDue(t *rapid.T) {
	b := w.o.Books()
	if due := b.Due.MinorUnits() - b.Pending.MinorUnits(); due > 0 && w.o.State != order.StateDraft {
		w.must(t, "capture", w.record(order.Operation{Kind: order.Capture, Amount: w.minor(t, due)}))
	}
}

func (w *walk) settle(t *rapid.T) {
	if len(w.o.Payments) == 0 {
		return
	}
	op := rapid.SampledFrom(w.o.Payments).Draw(t, "operation")
	outcome := rapid.SampledFrom([]order.OperationStatus{order.Succeeded, order.Failed, order.Unknown}).Draw(t, "outcome")
	err := w.try(t, func(o order.Order) (order.Order, []order.Event, error) {
		return w.f.Settle(o, op.ID, outcome, "", w.now)
	})
	require.Equal(t, op.Status == order.Requested || op.Status == order.Unknown || op.Status == outcome, err == nil)
}

// refund gives back what a shop owes, as far as the captures bear it now.
func (w *walk) refund(t *rapid.T) {
	if b := w.o.Books(); b.Due.IsNegative() {
		plan, err := w.o.PlanRefund(b.Due.Neg())
		if err != nil {
			require.ErrorIs(t, err, order.ErrCap)
			return
		}
		for _, op := range plan {
			w.must(t, "refund", w.record(op))
		}
	}
}

func (w *walk) credit(t *rapid.T) {
	note := order.CreditNote{Units: []order.LineQty{{Line: w.anyLine(t), Qty: rapid.Int64Range(1, 3).Draw(t, "qty")}}}
	if len(w.o.Charges) > 0 && rapid.Bool().Draw(t, "charge") {
		note.Charges = []order.ChargeCredit{{Index: rapid.IntRange(0, len(w.o.Charges)-1).Draw(t, "index"), Amount: w.minor(t, rapid.Int64Range(1, 500).Draw(t, "amount"))}}
	}
	if rapid.IntRange(0, 3).Draw(t, "keep a fee") == 3 {
		note.Fee = w.minor(t, rapid.Int64Range(1, 100).Draw(t, "fee"))
	}
	before := w.o.Books()
	var amount order.Money
	err := w.try(t, func(o order.Order) (n order.Order, events []order.Event, err error) {
		n, amount, events, err = w.f.Credit(o, note, w.now)
		return n, events, err
	})
	if err != nil {
		require.True(t, isAny(err, order.ErrQuantity, order.ErrCap), err)
		return
	}
	require.Equal(t, before.Owed.MinorUnits()-amount.MinorUnits(), w.o.Books().Owed.MinorUnits(), "a credit note lowers what is owed by its amount")
}

// moves are the steps that the Engine takes on a line for other packages.
var moves = []order.Counters{
	{Unreserved: -1, Reserved: 1}, {Unreserved: -1, Backordered: 1}, {Backordered: -1, Reserved: 1}, {Reserved: -1, Picked: 1}, {Picked: -1, Packed: 1},
	{Packed: -1, Shipped: 1}, {Packed: -1, Shipped: 1}, {Reserved: -1, Shipped: 1}, {Packed: -1, Reserved: 1}, {Delivered: 1},
	{ReturnOpen: 1}, {ReturnOpen: -1, Returned: 1}, {ReturnOpen: -1}, {Restocked: 1}, {WrittenOff: 1},
}

func (w *walk) moveUnits(t *rapid.T) {
	line, by := w.anyLine(t), rapid.SampledFrom(moves).Draw(t, "move")
	allowed := w.f.Can(w.o.State, order.HoldsStock)
	if by.Picked+by.Packed+by.Shipped > 0 {
		allowed = w.f.CanShip(w.o, line) == nil
	}
	if !allowed {
		return
	}
	n, err := w.o.Count(w.now, order.LineDelta{Line: line, By: by})
	if err != nil {
		require.ErrorIs(t, err, order.ErrInvariant)
		require.Equal(t, w.o, n)
		return
	}
	w.o = n
}

// sendLine ships everything of a line that is not cancelled, if nothing forbids it.
func (w *walk) sendLine(t *rapid.T) {
	l := w.o.Lines[w.anyLine(t)-1]
	if w.f.CanShip(w.o, l.No) != nil {
		return
	}
	n, err := w.o.Count(w.now, order.LineDelta{Line: l.No, By: order.Counters{Unreserved: -l.Unreserved, Backordered: -l.Backordered,
		Reserved: -l.Reserved, Picked: -l.Picked, Packed: -l.Packed, Shipped: l.Open()}})
	require.NoError(t, err)
	w.o = n
}

// bringBack moves a shipped unit on its way back, as far as it can go.
func (w *walk) bringBack(t *rapid.T) {
	line := w.anyLine(t)
	for _, by := range moves[rapid.IntRange(10, len(moves)-1).Draw(t, "from"):] {
		if n, err := w.o.Count(w.now, order.LineDelta{Line: line, By: by}); err == nil {
			w.o = n
			return
		}
	}
}

// settleUp evens out the money and tries to close.
func (w *walk) settleUp(t *rapid.T) {
	w.payDue(t)
	w.refund(t)
	_ = w.try(t, w.close)
}

// check requires every law that holds between two commands.
func (w *walk) check(t *rapid.T) {
	for i := range w.o.Lines {
		require.NoError(t, w.o.Lines[i].Check())
	}
	w.balanced(t)
	w.agree(t)
}

// balanced requires the identities of the books.
func (w *walk) balanced(t require.TestingT) {
	b := w.o.Books()
	var goods, charges int64
	for i := range w.o.Lines {
		l := &w.o.Lines[i]
		goods += l.Total.MinorUnits() - part(l.Total, l.Cancelled+l.RefundedUnits, l.Ordered)
	}
	for i := range w.o.Charges {
		c := &w.o.Charges[i]
		require.False(t, c.Credited.IsNegative())
		require.LessOrEqual(t, c.Credited.MinorUnits(), c.Total.MinorUnits())
		charges += c.Total.MinorUnits() - c.Credited.MinorUnits()
	}
	require.Equal(t, goods, b.Goods.MinorUnits()+b.GoodsTax.MinorUnits(), "what is kept for goods is what was not given back")
	require.Equal(t, charges, b.Charges.MinorUnits()+b.ChargesTax.MinorUnits())
	require.Equal(t, goods+charges, b.Owed.MinorUnits())
	require.Equal(t, b.Owed.MinorUnits(), b.Captured.MinorUnits()-b.Refunded.MinorUnits()+b.Due.MinorUnits(), "captured − refunded + due = owed")
	for _, m := range []order.Money{b.Goods, b.GoodsTax, b.Charges, b.ChargesTax, b.Captured, b.Refunded, b.Pending, b.Returning} {
		require.False(t, m.IsNegative(), "%+v", b)
		require.Equal(t, w.o.Currency, m.Currency())
	}
	require.LessOrEqual(t, b.Refunded.MinorUnits()+b.Returning.MinorUnits(), b.Captured.MinorUnits(), "never more is given back than came in")
	for _, op := range w.o.Payments {
		require.False(t, w.o.Capturable(op.ID).IsNegative() || w.o.Refundable(op.ID).IsNegative(), "no cap is overdrawn")
	}
}

// part is round(total × some ÷ of), computed the slow way.
func part(total order.Money, some, of int64) int64 {
	x := big.NewRat(total.MinorUnits(), 1)
	x.Mul(x, big.NewRat(some, of)).Add(x, big.NewRat(1, 2))
	return new(big.Int).Quo(x.Num(), x.Denom()).Int64()
}

// agree requires that what is promised is done, and what is not promised is refused or
// changes nothing.
func (w *walk) agree(t require.TestingT) {
	var unit command = func(o order.Order) (n order.Order, events []order.Event, err error) {
		for i := range o.Lines {
			if n, _, events, err = w.f.CancelUnits(o, []order.LineQty{{Line: i + 1, Qty: 1}}, order.CancelStaff, w.now); err == nil {
				return n, events, nil
			}
		}
		return n, events, err
	}
	var lift command = func(o order.Order) (order.Order, []order.Event, error) {
		if len(o.Holds) == 0 {
			return w.f.Release(o, "nobody", "1", w.now)
		}
		return w.f.Release(o, o.Holds[0].Owner, o.Holds[0].Handle, w.now)
	}
	commands := map[order.Action]command{
		order.ActionPlace: w.place, order.ActionConfirm: w.confirm, order.ActionExpire: w.expire, order.ActionCancel: w.cancel,
		order.ActionClose: w.close, order.ActionReopen: w.reopen, actionReview: w.take(actionReview), actionClear: w.take(actionClear),
		order.ActionCancelUnits: unit, order.ActionHold: w.hold, order.ActionRelease: lift,
	}
	for _, ps := range w.f.AllowedActions(w.o, w.policy, w.now) {
		require.Equal(t, ps.Allowed, len(ps.Reasons) == 0)
		if ps.Action == order.ActionShip {
			require.Equal(t, w.shippable(), ps.Allowed, "ship: %v", ps.Reasons)
		}
		c, ok := commands[ps.Action]
		if !ok {
			continue
		}
		at := &walk{f: w.f, o: w.o, policy: w.policy, now: w.now, ids: w.ids}
		var happened int
		err := at.try(t, func(o order.Order) (order.Order, []order.Event, error) {
			n, events, err := c(o)
			happened = len(events)
			return n, events, err
		})
		require.Equal(t, err == nil && happened > 0, ps.Allowed, "%s of %s: %v, %v", ps.Action, w.describe(), ps.Reasons, err)
	}
}

// shippable tells whether any line has units to ship that nothing stops.
func (w *walk) shippable() bool {
	return slices.ContainsFunc(w.o.Lines, func(l order.Line) bool {
		ready := l.Reserved+l.Picked+l.Packed > 0 || !l.Stocked && l.Open() > 0
		return ready && w.f.CanShip(w.o, l.No) == nil
	})
}

// finish shows that there is a way from here to an end, by commands alone.
func (w *walk) finish(t *rapid.T) {
	for _, op := range w.o.Payments {
		if op.Status == order.Requested || op.Status == order.Unknown {
			w.must(t, "settle", func(o order.Order) (order.Order, []order.Event, error) {
				return w.f.Settle(o, op.ID, order.Failed, "", w.now)
			})
		}
	}
	for len(w.o.Holds) > 0 {
		w.must(t, "release", func(o order.Order) (order.Order, []order.Event, error) {
			return w.f.Release(o, o.Holds[0].Owner, o.Holds[0].Handle, w.now)
		})
	}
	for i := range w.o.Lines {
		l := &w.o.Lines[i]
		n, err := w.o.Count(w.now, order.LineDelta{Line: l.No, By: order.Counters{Packed: -l.Packed, Reserved: l.Packed, ReturnOpen: -l.ReturnOpen}})
		require.NoError(t, err)
		w.o = n
	}
	if w.try(t, w.cancel) == nil && w.f.ClassOf(w.o.State) == order.ClassVoid {
		return
	}
	for i := range w.o.Lines {
		if open := w.o.Lines[i].Open(); open > 0 {
			w.must(t, "cancel the rest", func(o order.Order) (order.Order, []order.Event, error) {
				n, _, events, err := w.f.CancelUnits(o, []order.LineQty{{Line: i + 1, Qty: open}}, order.CancelStaff, w.now)
				return n, events, err
			})
		}
	}
	w.payDue(t)
	w.refund(t)
	w.must(t, "close", w.close)
	require.Contains(t, []order.Class{order.ClassDone, order.ClassVoid}, w.f.ClassOf(w.o.State))
	w.check(t)
}
