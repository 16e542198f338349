package returns

import (
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms/order"
)

// Request asks to send units of an order back.
type Request struct {
	ID    ID
	Ref   string
	Lines []Wanted
}

// Wanted is units of one order line.
type Wanted struct {
	Line   int
	Qty    int64
	Reason Reason
}

// Request opens a return of shipped units. A failed rule refuses it with *PolicyError;
// a rule that asks for a person leaves it requested, like one without any rule.
func (f *Flow) Request(o order.Order, q Request, p Policy, now time.Time) (Return, []order.LineDelta, []Event, error) {
	fail := func(err error) (Return, []order.LineDelta, []Event, error) { return Return{}, nil, nil, err }
	if len(q.Lines) == 0 {
		return fail(fmt.Errorf("%w: no lines named", ErrQuantity))
	}
	r := Return{ID: q.ID, Order: o.ID, Customer: o.Customer, Ref: q.Ref, State: f.machine.Initial(),
		Refunded: order.Zero(o.Currency), CreatedAt: now, UpdatedAt: now}
	var deltas []order.LineDelta
	asked := make(map[int]int64, len(q.Lines))
	for i, w := range q.Lines {
		l, ok := o.Line(w.Line)
		if !ok {
			return fail(fmt.Errorf("%w: order %s has no line %d", ErrUnknownLine, o.ID, w.Line))
		}
		if !w.Reason.valid() {
			return fail(fmt.Errorf("%w: return reason %q", ErrReason, w.Reason))
		}
		line := Line{No: i + 1, Line: w.Line, Item: l.Item, Stocked: l.Stocked, Qty: w.Qty, Reason: w.Reason}
		if w.Qty <= 0 || w.Qty > order.MaxQty {
			return fail(&LineError{Want: w.Qty, Err: ErrQuantity, Facts: line})
		}
		if asked[w.Line] += w.Qty; asked[w.Line] > l.Returnable() {
			return fail(&EligibilityError{Order: o.ID, Line: w.Line, Want: asked[w.Line], Eligible: l.Returnable()})
		}
		for _, rule := range p {
			r.Verdicts = append(r.Verdicts, rule(&o, l, now))
		}
		r.Lines = append(r.Lines, line)
		deltas = append(deltas, order.LineDelta{Line: w.Line, By: order.Counters{ReturnOpen: w.Qty}})
	}
	if slices.ContainsFunc(r.Verdicts, func(v Verdict) bool { return v.Result == Fail }) {
		return fail(&PolicyError{Verdicts: r.Verdicts})
	}
	return r, deltas, []Event{Requested{Return: r.ID, Ref: q.Ref, Units: r.units()}}, nil
}

// Blind is a return without an order: what came back, and what it is worth.
type Blind struct {
	ID       ID
	Customer string
	Ref      string
	Currency order.Currency
	Lines    []BlindLine
}

// BlindLine is units of an item.
type BlindLine struct {
	Item    string
	Service bool // nothing comes back into stock for it
	Qty     int64
	Reason  Reason
	Worth   order.Money // of all Qty units, not negative
}

// RequestBlind opens a return without an order.
func (f *Flow) RequestBlind(b Blind, now time.Time) (Return, []Event, error) {
	if len(b.Lines) == 0 || b.Currency.IsZero() {
		return Return{}, nil, fmt.Errorf("%w: a blind return needs a currency and at least one line", ErrQuantity)
	}
	r := Return{ID: b.ID, Customer: b.Customer, Ref: b.Ref, State: f.machine.Initial(), Refunded: order.Zero(b.Currency), CreatedAt: now, UpdatedAt: now}
	for i, w := range b.Lines {
		l := Line{No: i + 1, Item: w.Item, Stocked: !w.Service, Qty: w.Qty, Reason: w.Reason, Worth: w.Worth}
		switch {
		case w.Item == "" || w.Qty <= 0 || w.Qty > order.MaxQty:
			return Return{}, nil, &LineError{Want: w.Qty, Err: ErrQuantity, Facts: l}
		case !w.Reason.valid():
			return Return{}, nil, fmt.Errorf("%w: return reason %q", ErrReason, w.Reason)
		case w.Worth.Currency() != b.Currency || w.Worth.IsNegative():
			return Return{}, nil, fmt.Errorf("%w: line %d is worth %s; it must be a non-negative amount in %s", ErrWorth, l.No, w.Worth, b.Currency)
		}
		r.Lines = append(r.Lines, l)
	}
	return r, []Event{Requested{Return: r.ID, Ref: b.Ref, Units: r.units()}}, nil
}

func (r *Return) units() []order.LineQty {
	var out []order.LineQty
	for _, l := range r.Lines {
		out = append(out, order.LineQty{Line: l.No, Qty: l.Qty})
	}
	return out
}

// Approve lets the goods come. Approving an approved return changes nothing.
func (f *Flow) Approve(r Return, now time.Time) (Return, []Event, error) {
	if f.Active(r.State) {
		return r, nil, nil
	}
	n := r.next(now)
	if err := f.fire(&n, ActionApprove); err != nil {
		return r, nil, err
	}
	return n, []Event{Approved{Return: r.ID}}, nil
}

// Decline refuses the goods; Cancel takes the request back. Neither touches stock.
func (f *Flow) Decline(r Return, why string, now time.Time) (Return, []order.LineDelta, []Event, error) {
	return f.drop(r, ActionDecline, Declined{Return: r.ID, Why: why}, now)
}

// Cancel ends a return of which nothing was received.
func (f *Flow) Cancel(r Return, now time.Time) (Return, []order.LineDelta, []Event, error) {
	return f.drop(r, ActionCancel, Cancelled{Return: r.ID}, now)
}

func (f *Flow) drop(r Return, a Action, e Event, now time.Time) (Return, []order.LineDelta, []Event, error) {
	n := r.next(now)
	if err := f.fire(&n, a); err != nil {
		return r, nil, nil, err
	}
	n.ClosedAt = now
	var deltas []order.LineDelta
	for _, l := range r.Lines {
		if l.Line > 0 && l.Open() > 0 {
			deltas = append(deltas, order.LineDelta{Line: l.Line, By: order.Counters{ReturnOpen: -l.Open()}})
		}
	}
	return n, deltas, []Event{e}, nil
}

// Receive records units that arrived at a location; units name lines of the return.
// All receipts of a return are at one location.
func (f *Flow) Receive(r Return, location string, units []order.LineQty, now time.Time) (Return, []order.LineDelta, []Event, error) {
	if location == "" {
		return r, nil, nil, fmt.Errorf("%w: name the location that receives return %s", ErrLocation, r.ID)
	}
	if r.Location != "" && r.Location != location {
		return r, nil, nil, fmt.Errorf("%w: return %s is received at %q, not %q", ErrLocation, r.ID, r.Location, location)
	}
	n := r.next(now)
	n.Location = location
	if err := f.fire(&n, ActionReceive); err != nil {
		return r, nil, nil, err
	}
	deltas, err := n.each(units, func(l *Line, q int64) order.Counters {
		l.Received += q
		return order.Counters{ReturnOpen: -q, Returned: q}
	})
	if err != nil {
		return r, nil, nil, err
	}
	return n, deltas, []Event{Received{Return: r.ID, Location: location, Units: units}}, nil
}

// Missing records units that will not come back.
func (f *Flow) Missing(r Return, units []order.LineQty, now time.Time) (Return, []order.LineDelta, []Event, error) {
	if err := f.active(&r, ActionReceive); err != nil {
		return r, nil, nil, err
	}
	n := r.next(now)
	deltas, err := n.each(units, func(l *Line, q int64) order.Counters {
		l.Missing += q
		return order.Counters{ReturnOpen: -q}
	})
	if err != nil {
		return r, nil, nil, err
	}
	return n, deltas, []Event{Missed{Return: r.ID, Units: units}}, nil
}

// each applies one kind of change to named lines, checking the law after each.
func (r *Return) each(units []order.LineQty, apply func(*Line, int64) order.Counters) ([]order.LineDelta, error) {
	if len(units) == 0 {
		return nil, fmt.Errorf("%w: no units named", ErrQuantity)
	}
	var deltas []order.LineDelta
	for _, u := range units {
		l, ok := r.Line(u.Line)
		if !ok {
			return nil, fmt.Errorf("%w: return %s has no line %d", ErrUnknownLine, r.ID, u.Line)
		}
		if u.Qty <= 0 || u.Qty > order.MaxQty {
			return nil, &LineError{Want: u.Qty, Err: ErrQuantity, Facts: *l}
		}
		before := *l
		by := apply(l, u.Qty)
		if l.Check() != nil {
			return nil, &LineError{Want: u.Qty, Err: ErrQuantity, Facts: before}
		}
		if l.Line > 0 && by != (order.Counters{}) {
			deltas = append(deltas, order.LineDelta{Line: l.Line, By: by})
		}
	}
	return deltas, nil
}

// Disposed is what an inspection decides for some units of a line of the return.
type Disposed struct {
	Line int         `json:"line"`
	Qty  int64       `json:"qty"`
	As   Disposition `json:"as"`
	To   string      `json:"to,omitempty"` // location to restock at; empty means where it was received
}

// Inspect decides what becomes of received units.
func (f *Flow) Inspect(r Return, decided []Disposed, now time.Time) (Return, []order.LineDelta, []Event, error) {
	if err := f.active(&r, ActionInspect); err != nil {
		return r, nil, nil, err
	}
	n := r.next(now)
	var deltas []order.LineDelta
	if len(decided) == 0 {
		return r, nil, nil, fmt.Errorf("%w: no units named", ErrQuantity)
	}
	for _, d := range decided {
		if d.As != Restock && d.To != "" {
			return r, nil, nil, fmt.Errorf("%w: only restocked units may go to another location", ErrReason)
		}
		apply := map[Disposition]func(*Line, int64) order.Counters{
			Restock: func(l *Line, q int64) order.Counters { l.Restocked += q; return order.Counters{Restocked: q} },
			Damage:  func(l *Line, q int64) order.Counters { l.Damaged += q; return order.Counters{WrittenOff: q} },
			Scrap:   func(l *Line, q int64) order.Counters { l.Scrapped += q; return order.Counters{WrittenOff: q} },
			Reject:  func(l *Line, q int64) order.Counters { l.Rejected += q; return order.Counters{} },
		}[d.As]
		if apply == nil {
			return r, nil, nil, fmt.Errorf("%w: disposition %q; give restock, damaged, scrap or reject", ErrReason, d.As)
		}
		ds, err := n.each([]order.LineQty{{Line: d.Line, Qty: d.Qty}}, apply)
		if err != nil {
			return r, nil, nil, err
		}
		deltas = append(deltas, ds...)
	}
	return n, deltas, []Event{Inspected{Return: r.ID, Decided: decided}}, nil
}

// Refund records that units of the return are paid back and returns the order lines
// they belong to, for [order.Flow.Credit]. In a blind return, which no order can value,
// worth is what they come to, by cumulative difference over each line's Worth. Units
// that were rejected, or refunded before, are refused. Without units only the state is
// checked: charges may be given back alone.
func (f *Flow) Refund(r Return, units []order.LineQty, now time.Time) (next Return, lines []order.LineQty, worth order.Money, err error) {
	if err := f.active(&r, ActionRefund); err != nil {
		return r, nil, order.Money{}, err
	}
	n := r.next(now)
	worth = order.Zero(r.Refunded.Currency())
	if len(units) == 0 {
		return n, nil, worth, nil
	}
	var failed error
	_, err = n.each(units, func(l *Line, q int64) order.Counters {
		if l.Line > 0 {
			lines = append(lines, order.LineQty{Line: l.Line, Qty: q})
		} else if part, err := l.Worth.Share(l.RefundedUnits, min(l.RefundedUnits+q, l.Qty), l.Qty); err != nil {
			failed = err
		} else if worth, err = worth.Add(part); err != nil {
			failed = err
		}
		l.RefundedUnits += q
		return order.Counters{}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return r, nil, order.Money{}, err
	}
	return n, lines, worth, nil
}

// Paid adds what was paid back to the return.
func (f *Flow) Paid(r Return, units []order.LineQty, amount order.Money, now time.Time) (Return, []Event, error) {
	n := r.next(now)
	sum, err := r.Refunded.Add(amount)
	if err != nil {
		return r, nil, err
	}
	n.Refunded = sum
	return n, []Event{Refunded{Return: r.ID, Units: units, Amount: amount}}, nil
}

// Close puts a return to rest: every unit is received or missing, and inspected.
func (f *Flow) Close(r Return, now time.Time) (Return, []Event, error) {
	if r.State == StateClosed {
		return r, nil, nil
	}
	n := r.next(now)
	if err := f.fire(&n, ActionClose); err != nil {
		return r, nil, err
	}
	n.ClosedAt = now
	return n, []Event{Closed{Return: r.ID}}, nil
}
